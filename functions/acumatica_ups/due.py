"""Lists of what is due when, in the state table: parcels to ask for, numbers to subscribe, shipments to look at.

The sort key begins with the instant, so that what is due is found without reading the rest. An entry is a hint: whoever
finds it looks at the record, and an entry too many costs one look.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from connector.instants import instant_text
from connector.ports import Tables

PARCELS, SUBSCRIPTIONS, SHIPMENTS = "parcels", "subscriptions", "shipments"
PAGE = 200


@dataclass(frozen=True)
class Entry:
    """One entry: `at` is the instant text under which it stands."""

    at: str
    key: str


@dataclass(frozen=True)
class DueList:
    """The due list of one kind of one connection."""

    tables: Tables
    connection: str
    kind: str

    @property
    def pk(self) -> str:
        """The list's partition."""
        return f"due/{self.connection}/{self.kind}"

    def put(self, at: datetime, key: str) -> str:
        """Adds an entry; answers its instant text. The same entry again changes nothing."""
        text = instant_text(at)
        self.tables.put("state", {"pk": self.pk, "sk": f"{text}#{key}"})
        return text

    def remove(self, entry: Entry) -> None:
        """Removes an entry; one that is gone already is no error."""
        if entry.at:
            self.tables.delete("state", self.pk, f"{entry.at}#{entry.key}")

    def due(self, now: datetime) -> Iterator[Entry]:
        """The entries until now, oldest first."""
        end, start = instant_text(now), None
        while True:
            page = self.tables.query("state", self.pk, limit=PAGE, start=start)
            for item in page.items:
                at, _, key = str(item["sk"]).partition("#")
                if at > end:
                    return
                yield Entry(at, key)
            if page.next is None:
                return
            start = page.next
