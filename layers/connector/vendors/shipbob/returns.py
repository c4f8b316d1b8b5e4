"""Returns. Writes need the channel header; reads go without it, to see all channels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.transport import Reply
from vendors.shipbob.calls import Calls, chunks, listed, one, parsed, without_commas
from vendors.shipbob.pages import cursor_pages
from vendors.shipbob.shapes import Return, parse_return, plain_return_status
from vendors.shipbob.times import time_text

REFERENCES_PER_CALL = 50
PAGE = 100  # ShipBob publishes no maximum for this list


@dataclass(frozen=True)
class Returns:
    """The returns of an account."""

    calls: Calls
    channel_id: Callable[[], int]

    def list(
        self,
        *,
        created_since: datetime | None = None,
        completed_since: datetime | None = None,
        statuses: Sequence[str] = (),
    ) -> Iterator[tuple[Return, ...]]:
        """Returns, oldest first, in pages. Returns, get all: the cursor is a page number.

        Filter values of statuses have no space; both spellings are accepted here.
        """
        query = [("StartDate", one(time_text(created_since)))] if created_since is not None else []
        query += [("CompletedStartDate", one(time_text(completed_since)))] if completed_since is not None else []
        query += [("Status", listed(plain_return_status(status) for status in statuses))] if statuses else []
        return self._pages(query, "list returns")

    def find_by_references(self, references: Sequence[str]) -> tuple[Return, ...]:
        """Returns with these reference ids, compared exactly. Returns, get all: ReferenceIds, comma list."""
        wanted = without_commas(references, "reference id")
        return tuple(
            found
            for part in chunks(wanted, REFERENCES_PER_CALL)
            for rows in self._pages([("ReferenceIds", listed(part))], "find returns")
            for found in rows
            if found.reference_id in wanted
        )

    def _pages(self, query: Sequence[tuple[str, str]], purpose: str) -> Iterator[tuple[Return, ...]]:
        # Oldest first, so that returns which arrive meanwhile come at the end instead of shifting the pages.
        fetch = self.calls.pages("return", purpose, [*query, ("Limit", one(PAGE)), ("SortOrder", "Asc")])
        for rows in cursor_pages(fetch, purpose, key="id", parameter="Cursor"):
            yield parsed(rows, purpose, parse_return)

    def get(self, return_id: int) -> Return | None:
        """Returns, get one. None when there is none."""
        return self.calls.optional(f"return/{return_id}", "read return", parse_return)

    def create(self, body: Mapping[str, Any]) -> Reply:
        """Returns, create: 201. `reference_id` 1-50, each inventory id once. Parse with `parse_return`."""
        return self.calls.write("POST", "return", "create return", body, self.channel_id())

    def update(self, return_id: int, body: Mapping[str, Any]) -> Reply:
        """Returns, update (PUT): the whole body, only while it awaits arrival (else 422). Parse with `parse_return`.

        2025-07 requires the channel header; 2026-01 does not declare it any more, and sending it does no harm.
        """
        return self.calls.write("PUT", f"return/{return_id}", "update return", body, self.channel_id())

    def cancel(self, return_id: int) -> Reply:
        """Returns, cancel: 200 with an empty body, only while it awaits arrival."""
        return self.calls.write("POST", f"return/{return_id}:cancel", "cancel return")
