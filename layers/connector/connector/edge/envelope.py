"""A proven delivery becomes one message on the events queue, when it arrives or when it leaves the quarantine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from connector.edge.sender import Delivery, Identity, Sender
from connector.instants import instant_text
from connector.ports import Message
from connector.services import Services

LARGEST_MESSAGE = 180 * 1024  # bytes as sent; beyond it the body goes to the bucket (SQS takes 256 KB a batch)

LONGEST_EVENT_ID = 400  # characters; it becomes a sort key, which may have 1,024 bytes
LONGEST_TOPIC = 200
LONGEST_HEADER = 200


class NotStored(Exception):
    """The queue named no message id: nothing is known to be stored."""


@dataclass(frozen=True)
class Event:
    """A proven event. `text` is the body, `headers` only the harmless ones."""

    pair: str
    connection: str
    sender: str
    identity: Identity
    headers: Mapping[str, str]
    text: str
    received_at: datetime
    correlation: str

    def __repr__(self) -> str:
        return f"Event({self.connection}/{self.sender}, {self.correlation})"


def read_json(body: bytes) -> tuple[str, Mapping[str, Any]] | None:
    """The body as text and as JSON object, or None when it is no UTF-8, no JSON or no object.

    A byte order mark is dropped: senders on .NET may write one, and no JSON parser after us takes it.
    """
    try:
        text = body.decode("utf-8-sig")
        document = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return (text, document) if isinstance(document, dict) else None


def event_of(
    pair: str, connection: str, sender: Sender, delivery: Delivery, received_at: datetime, correlation: str
) -> Event | None:
    """The event in a proven delivery, or None when its body is not a JSON object in UTF-8."""
    read = read_json(delivery.body)
    if read is None:
        return None
    text, document = read
    named = sender.identify(delivery, document)
    return Event(
        pair=pair,
        connection=connection,
        sender=sender.name,
        identity=Identity(_event_id(named.event_id, delivery.body), clean(named.topic, LONGEST_TOPIC)),
        headers={
            name: clean(delivery.headers[name], LONGEST_HEADER) for name in sender.headers if name in delivery.headers
        },
        text=text,
        received_at=received_at,
        correlation=correlation,
    )


def store(services: Services, event: Event) -> str:
    """Sends the event durably and answers the message id. Raises QueueRefused, NotStored or the bucket's error.

    SQS drops a repetition of the same event within five minutes and answers the first one's id; later repetitions are
    dropped by the worker.
    """
    fingerprint = _fingerprint(event)
    message = Message(
        body=_message_body(services, event, fingerprint),
        group=f"{event.connection}#{event.sender}#{fingerprint}",
        deduplication=fingerprint,
    )
    identifiers = services.queues.send("events", [message])
    if len(identifiers) != 1 or not identifiers[0]:
        raise NotStored("the events queue answered without a message id")
    return identifiers[0]


def clean(text: str, longest: int) -> str:
    """Text that every store and log takes: no lone surrogates, no control characters, not too long."""
    encodable = text.encode("utf-8", "replace").decode()
    return "".join(letter for letter in encodable[:longest] if letter.isprintable())


def _message_body(services: Services, event: Event, fingerprint: str) -> str:
    fields: dict[str, Any] = {
        "kind": "event",
        "pair": event.pair,
        "connection": event.connection,
        "sender": event.sender,
        "event_id": event.identity.event_id,
        "topic": event.identity.topic,
        "received_at": instant_text(event.received_at),
        "headers": dict(event.headers),
        "correlation": event.correlation,
    }
    # ASCII escapes: SQS refuses a few code points that JSON allows (U+FFFE and others).
    body = json.dumps({**fields, "body": event.text}, separators=(",", ":"))
    if len(body) <= LARGEST_MESSAGE:
        return body
    content = event.text.encode()
    # The content's own hash, so that two bodies under one event id never overwrite each other.
    key = f"webhooks/{event.connection}/{event.sender}/{fingerprint}-{hashlib.sha256(content).hexdigest()[:16]}.json"
    services.bodies.put(key, content, "application/json")
    return json.dumps({**fields, "body_key": key}, separators=(",", ":"))


def _fingerprint(event: Event) -> str:
    """What `connector.record.short_hash` makes of these; importing that would cost every cold start 8 ms."""
    return hashlib.sha256("\x1f".join((event.connection, event.sender, event.identity.event_id)).encode()).hexdigest()


def _event_id(named: str, body: bytes) -> str:
    """The sender's id. Where it gives none, or none that fits, the same bytes are the same event."""
    if named and clean(named, LONGEST_EVENT_ID) == named:
        return named
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
