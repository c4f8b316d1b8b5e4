"""Where planned writes wait to be sent together: a row for each, the message that makes a worker look, the lease.

State table: pk `outbox/<connection>/<stream>/<lane>`, sk the source key; pk `collect/...`, sk `bell` and `lease`.
"""

from __future__ import annotations

import json
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.instants import instant_text, parse_instant
from connector.intent import Intent
from connector.ports import AbsentOrBelow, Equals, Item, Message
from connector.record import Record
from connector.services import Services

KIND = "collect"
"""The kind of the message that makes a worker look into an outbox."""

GRACE = timedelta(minutes=1)
"""How long after its time a lost message is missed; then whoever comes next sends another one."""


@dataclass(frozen=True)
class Entry:
    """One planned write that waits in an outbox."""

    source_key: str
    record: str
    effect: str
    key: str
    seen: int
    at: datetime


@dataclass(frozen=True)
class Outbox:
    """What waits to be sent together, per connection, stream and lane: a backfill never stands before live work."""

    services: Services
    connection: str
    stream: str
    lane: str

    @property
    def name(self) -> str:
        """`connection/stream/lane`."""
        return f"{self.connection}/{self.stream}/{self.lane}"

    def put(self, record: Record, seen: int, intent: Intent) -> None:
        """Adds a record's planned write, or replaces what it had here."""
        item: Item = {
            "pk": f"outbox/{self.name}",
            "sk": record.source_key,
            "record": record.id,
            "effect": intent.effect,
            "key": intent.key,
            "seen": seen,
            "at": instant_text(self.services.clock()),
        }
        self.services.tables.put("state", item)

    def read(self, most: int) -> list[Entry]:
        """The first rows, by source key."""
        found = self.services.tables.query("state", f"outbox/{self.name}", limit=most)
        return [
            Entry(
                str(item["sk"]), str(item["record"]), str(item["effect"]), str(item["key"]), int(item["seen"]),
                parse_instant(str(item["at"])),
            )
            for item in found.items
        ]  # fmt: skip

    def remove(self, entry: Entry) -> None:
        """Takes a row out, unless the record was heard of anew and has put another one in its place."""
        same = Equals({"seen": entry.seen})
        self.services.tables.delete("state", f"outbox/{self.name}", entry.source_key, same)

    # ---- the message that makes somebody look

    def ring(self, after: timedelta) -> None:
        """Makes a worker look in so much time; nothing while such a message is on its way already."""
        now = self.services.clock()
        item: Item = {**self._bell, "until": instant_text(now + after + GRACE)}
        if self.services.tables.put("state", item, AbsentOrBelow("until", instant_text(now))):
            self._send(after)

    def ring_again(self, after: timedelta, *, many: bool) -> None:
        """The same by the one who has just looked. `many`: many came lately, so that more are to be waited for."""
        self.services.tables.put("state", {**self._bell, "until": instant_text(self.services.clock() + after + GRACE)})
        self._send(after, many=many)

    def hush(self) -> None:
        """Says that no message is on its way."""
        self.services.tables.delete("state", str(self._bell["pk"]), str(self._bell["sk"]))

    @property
    def _bell(self) -> Item:
        return {"pk": f"collect/{self.name}", "sk": "bell"}

    def _send(self, after: timedelta, *, many: bool = False) -> None:
        body = {
            "kind": KIND, "connection": self.connection, "stream": self.stream, "lane": self.lane, "many": many,
            "correlation": secrets.token_hex(8),
        }  # fmt: skip
        seconds = max(1, min(900, math.ceil(after.total_seconds())))
        self.services.queues.send("delay", [Message(json.dumps(body, separators=(",", ":")), delay=seconds)])

    # ---- the lease

    def take(self, lease: timedelta) -> bool:
        """Takes the outbox for this process; False while another one has it."""
        now = self.services.clock()
        item: Item = {"pk": f"collect/{self.name}", "sk": "lease", "until": instant_text(now + lease)}
        return self.services.tables.put("state", item, AbsentOrBelow("until", instant_text(now)))

    def give_back(self) -> None:
        """Ends the lease."""
        self.services.tables.delete("state", f"collect/{self.name}", "lease")
