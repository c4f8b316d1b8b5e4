"""Deliveries that no present secret proves: kept sealed, never processed, until a person has them verified again.

A sender may rotate its secret before we hear of it, and some never repeat what we refused. So the raw request waits
14 days in the encrypted events table (pk `quarantine/<connection>/<sender>`). Anybody can fill it, hence the bounds:
so many an hour and so large each; what exceeds them is refused without a copy and the log line says so.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.edge.envelope import event_of, store
from connector.edge.secret import documents_of
from connector.edge.sender import Delivery, Documents, Ruling, Sender
from connector.faults import ConfigurationFault
from connector.instants import epoch_seconds, instant_text, parse_instant
from connector.ports import Item, pages
from connector.services import Services

KEPT = timedelta(days=14)
HOURLY_CEILING = 500  # per connection and sender
LARGEST_BODY = 64 * 1024  # bytes
LARGEST_HEADERS = 32 * 1024  # characters as JSON; API Gateway passes at most 10 KB


class Quarantine:
    """The writing side, one per process. Remembers which hours are full, so that a flood costs no more calls."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._full: dict[str, str] = {}

    def keep(self, connection: str, sender: str, delivery: Delivery, why: str, correlation: str) -> bool:
        """Keeps the delivery; False when this hour's ceiling is reached."""
        now = self._services.clock()
        place = f"{connection}/{sender}"
        hour = instant_text(now)[:13]
        if self._full.get(place) == hour:
            return False
        counted = self._services.tables.add(
            "events", f"quarantine-count/{place}", hour, "count", 1, ceiling=HOURLY_CEILING,
            expires_at=epoch_seconds(now + timedelta(hours=2)),
        )
        if counted is None:
            self._full[place] = hour
            return False
        self._services.tables.put("events", _item(place, delivery, why, correlation, now))
        return True


@dataclass(frozen=True)
class Reverified:
    """What `reverify` found. `enqueued` left the quarantine; the others stay until they expire.

    unproven: still no present secret proves them. unreadable: proven, but no JSON object. without_body: too large to
    have been kept whole; let a poll or the sender's own list of deliveries find them. discarded: how many of these
    three were deleted at once, because a person said so.
    """

    enqueued: int = 0
    unproven: int = 0
    unreadable: int = 0
    without_body: int = 0
    discarded: int = 0


def reverify(
    services: Services, connection: str, sender: str, senders: Mapping[str, Sender], *, discard: bool = False
) -> Reverified:
    """Judges what is kept by the secrets of now and the clock of then; sends what is proven as if it had just arrived.

    May be run as often as wanted: an event that was stored before is dropped as a repetition. Raises
    ConfigurationFault for an unknown connection or sender and for a broken secret, QueueRefused when the queue does
    not take an event (run it again later; nothing is lost).
    """
    known = senders.get(sender)
    stored = services.tables.get("connections", connection, "document")
    if stored is None:
        raise ConfigurationFault(connection, "does not exist; see `ml-connector connections list`")
    if known is None:
        raise ConfigurationFault(connection, f"has no sender {sender!r}; its pair knows {sorted(senders) or 'none'}")
    name = f"{connection}/{known.secret_name}"
    documents = documents_of(services.secrets.read(name))
    counts = dict.fromkeys(("enqueued", "unproven", "unreadable", "without_body", "discarded"), 0)
    pk = f"quarantine/{connection}/{sender}"
    for item in pages(lambda start: services.tables.query("events", pk, start=start)):
        ending = _again(services, str(stored["pair"]), connection, known, documents, item)
        counts[ending] += 1
        if discard and ending != "enqueued":
            services.tables.delete("events", pk, str(item["sk"]))
            counts["discarded"] += 1
    services.log.info("quarantine verified again", connection=connection, sender=sender, **counts)
    return Reverified(**counts)


def _again(services: Services, pair: str, connection: str, sender: Sender, documents: Documents, item: Item) -> str:
    kept = json.loads(str(item["data"]))
    if kept["body"] is None:
        return "without_body"
    delivery = Delivery(
        kept["headers"], base64.b64decode(kept["body"]), kept["token"], frozenset(kept["doubled"]),
        f"{connection}/{sender.name}",
    )
    arrived = parse_instant(str(item["received_at"]))
    verdict = sender.verify(delivery, documents, arrived)
    if verdict.ruling is Ruling.MISCONFIGURED:
        problem = f"secret {connection}/{sender.secret_name}: {verdict.why}"
        raise ConfigurationFault(connection, f"{problem}; correct it with `ml-connector secrets set`")
    if verdict.ruling is not Ruling.PROVEN:
        return "unproven"
    event = event_of(pair, connection, sender, delivery, arrived, kept["correlation"])
    if event is None:
        return "unreadable"
    message_id = store(services, event)
    services.tables.delete("events", str(item["pk"]), str(item["sk"]))
    services.log.info(
        "webhook left the quarantine", pair=pair, connection=connection, sender=sender.name, topic=event.identity.topic,
        message_id=message_id, correlation=event.correlation,
    )
    return "enqueued"


def _item(place: str, delivery: Delivery, why: str, correlation: str, now: datetime) -> Item:
    kept: dict[str, object] = {
        "why": why, "correlation": correlation, "bytes": len(delivery.body), "token": delivery.token,
        "headers": {}, "doubled": [], "body": None,
    }
    fits = len(delivery.body) <= LARGEST_BODY and len(json.dumps(dict(delivery.headers))) <= LARGEST_HEADERS
    if fits:
        kept |= {
            "headers": dict(delivery.headers),
            "doubled": sorted(delivery.doubled),
            "body": base64.b64encode(delivery.body).decode(),
        }
    at = instant_text(now)
    return {
        "pk": f"quarantine/{place}",
        "sk": f"{at}#{secrets.token_hex(4)}",
        "status": "quarantined",
        "received_at": at,
        "expires_at": epoch_seconds(now + KEPT),
        "data": json.dumps(kept),
    }
