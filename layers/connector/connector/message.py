"""The messages on the queues: pointers of less than 1 KB, and what it takes to send them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.instants import instant_text, parse_instant
from connector.ports import Message
from connector.record import Record, short_hash
from connector.services import Services

LONGEST_HOP = 900  # seconds; SQS delays no message longer
BULK_LANES = frozenset({"bulk", "nightly"})


@dataclass(frozen=True)
class Pointer:
    """Says that a record is due. `due_at` is only on messages of the delay queue."""

    record: str
    cause: str
    correlation: str
    lane: str
    due_at: str = ""


def pointer_of(record: Record, cause: str | None = None) -> Pointer:
    """The pointer to a record as it stands."""
    return Pointer(record.id, cause or record.cause, record.correlation, record.lane)


def pointer_body(pointer: Pointer) -> str:
    """The message body."""
    fields: dict[str, Any] = {
        "kind": "record",
        "record": pointer.record,
        "cause": pointer.cause,
        "correlation": pointer.correlation,
        "lane": pointer.lane,
    }
    if pointer.due_at:
        fields["due_at"] = pointer.due_at
    return json.dumps(fields, separators=(",", ":"))


def pointer_from(fields: dict[str, Any]) -> Pointer:
    """Reads a message body. Raises KeyError."""
    return Pointer(
        fields["record"],
        fields["cause"],
        fields["correlation"],
        fields.get("lane", "live"),
        fields.get("due_at", ""),
    )


def queue_for(lane: str) -> str:
    """The queue of a lane."""
    return "bulk" if lane in BULK_LANES else "live"


def enqueue(services: Services, records: Sequence[Record], salt: str = "") -> None:
    """Sends pointers to the records' queues. The same state of a record is deduplicated by SQS for five minutes.

    `salt` makes a repetition on purpose (sweep, replay) distinct. Raises QueueRefused.
    """
    for queue in ("live", "bulk"):
        messages = [
            Message(
                pointer_body(pointer_of(record)),
                group=short_hash(record.id),
                deduplication=short_hash(record.id, str(record.seen), record.due_at, salt),
            )
            for record in records
            if queue_for(record.lane) == queue
        ]
        if messages:
            services.queues.send(queue, messages)


def park(services: Services, pointer: Pointer, until: datetime) -> None:
    """Sends the pointer through the delay queue, in hops of at most 15 minutes, until `until`."""
    waiting = Pointer(pointer.record, pointer.cause, pointer.correlation, pointer.lane, instant_text(until))
    # Rounded up: a message that arrives a moment too early would go round and round.
    seconds = max(1, min(LONGEST_HOP, math.ceil((until - services.clock()).total_seconds())))
    services.queues.send("delay", [Message(pointer_body(waiting), delay=seconds)])


def hop(services: Services, pointer: Pointer) -> None:
    """What a message of the delay queue does when it arrives: another hop, or back into its own queue."""
    due = parse_instant(pointer.due_at)
    if due > services.clock():
        park(services, pointer, due)
        return
    message = Message(
        pointer_body(Pointer(pointer.record, pointer.cause, pointer.correlation, pointer.lane)),
        group=short_hash(pointer.record),
        deduplication=short_hash(pointer.record, "due", pointer.due_at),
    )
    services.queues.send(queue_for(pointer.lane), [message])
