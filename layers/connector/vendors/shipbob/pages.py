"""ShipBob's many ways of paging, each as one walk over complete pages.

Shared rules (developer site and live answers): a page may hold fewer rows than asked although more follow; `next` may
be a token, an absolute URL, or a path without version and with other letter case, so only the cursor is taken out of
it and the original path asked again; a cursor that went into the wrong place answers the first page for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from connector.faults import FaultKind, VendorFault
from connector.transport import Reply
from vendors.json_fields import Document
from vendors.shipbob.faults import VENDOR

Fetch = Callable[[tuple[tuple[str, str], ...]], Reply]
"""Sends the original request once more with these paging parameters (values not yet encoded)."""

MOST_PAGES = 10_000
_CURSOR = re.compile(r"[?&]cursor=([^&#]*)", re.IGNORECASE)


@dataclass
class _Guard:
    """Stops a walk that goes in circles."""

    purpose: str
    key: str
    cursors: set[str] = field(default_factory=set)
    firsts: set[object] = field(default_factory=set)
    pages: int = 0

    def page(self, rows: tuple[Document, ...]) -> None:
        """Notes a page. Raises VendorFault when it begins like an earlier one, or when there is no end."""
        self.pages += 1
        first = rows[0].get(self.key) if rows else None
        if first is not None and first in self.firsts:
            raise self.fault(f"the page that begins with {self.key} {first} came twice")
        if self.pages >= MOST_PAGES:
            raise self.fault(f"there is no end after {self.pages} pages")
        self.firsts.add(first)

    def cursor(self, cursor: str) -> None:
        """Notes a cursor. Raises VendorFault when it came before."""
        if cursor in self.cursors:
            raise self.fault("the same cursor came twice")
        self.cursors.add(cursor)

    def fault(self, why: str) -> VendorFault:
        """A list that cannot be read to its end is no list: nothing of it may be taken for complete."""
        text = f"{self.purpose}: the list cannot be read to its end, {why}. Reading stopped; it is tried again later"
        return VendorFault(VENDOR, FaultKind.UNAVAILABLE, text, alarm=True)


def numbered_pages(fetch: Fetch, purpose: str, limit: int, key: str = "id") -> Iterator[tuple[Document, ...]]:
    """`Page` and `Limit` with a bare array: /order, /shipping-method, /receiving.

    Ends at an empty page. It saves that last call when the answer's own page count says that this was the last page
    and the page is not full: both must agree.
    """
    guard = _Guard(purpose, key)
    page = 0
    while True:
        page += 1
        reply = fetch((("Page", str(page)), ("Limit", str(limit))))
        rows = _rows(_readable(reply, guard), guard)
        guard.page(rows)
        if not rows:
            return
        yield rows
        if len(rows) < limit and _total_pages(reply) in range(1, page + 1):
            return


def cursor_pages(
    fetch: Fetch, purpose: str, *, key: str, parameter: str = "cursor", member: str = "items"
) -> Iterator[tuple[Document, ...]]:
    """An envelope whose `next` leads on: everything else. Also where the cursor is a page number (/return).

    `parameter` is the query parameter that takes the cursor; `member` holds the rows.
    """
    guard = _Guard(purpose, key)
    paging: tuple[tuple[str, str], ...] = ()
    while True:
        body = _readable(fetch(paging), guard)
        if not isinstance(body, Mapping):
            raise guard.fault("the answer is not an object")
        if member not in body:  # an answer of another kind must not pass for an empty list
            raise guard.fault(f"the answer has no {member}")
        rows = _rows([] if body[member] is None else body[member], guard)
        guard.page(rows)
        if rows:
            yield rows
        cursor = cursor_of(body.get("next"), guard)
        if cursor is None:
            return
        guard.cursor(cursor)
        paging = ((parameter, cursor),)


def cursor_page(
    fetch: Fetch, purpose: str, cursor: str | None, *, key: str, parameter: str = "cursor", member: str = "items"
) -> tuple[tuple[Document, ...], str | None]:
    """One page of such an envelope from `cursor` on, and the next cursor; the caller may go on much later."""
    guard = _Guard(purpose, key)
    body = _readable(fetch(((parameter, cursor),) if cursor is not None else ()), guard)
    if not isinstance(body, Mapping) or member not in body:
        raise guard.fault(f"the answer has no {member}")
    rows = _rows([] if body[member] is None else body[member], guard)
    following = cursor_of(body.get("next"), guard)
    if following is not None and following == cursor:
        raise guard.fault("its `next` leads to the same page")
    return rows, following


def cursor_of(following: object, guard: _Guard) -> str | None:
    """The cursor in `next`, percent-decoded once where it stood in an address; None at the end of the list."""
    if following is None or following == "":
        return None
    if isinstance(following, int) and not isinstance(following, bool):
        return str(following)
    if not isinstance(following, str):
        raise guard.fault("its `next` is neither a text nor a number")
    match = _CURSOR.search(following)
    if match is not None:
        return unquote(match.group(1)) or None
    if following.startswith(("/", "http://", "https://")):
        # Sent back as a cursor, a whole path answers 500.
        raise guard.fault("its `next` is an address without a cursor")
    return following


def _rows(value: object, guard: _Guard) -> tuple[Document, ...]:
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        raise guard.fault("the rows are not a list of objects")
    return tuple(value)


def _readable(reply: Reply, guard: _Guard) -> Any:
    try:
        return reply.json()
    except ValueError as error:
        raise guard.fault(f"page {guard.pages + 1} is not JSON") from error


def _total_pages(reply: Reply) -> int:
    value = reply.headers.get("total-pages", "").strip()
    return int(value) if value.isascii() and value.isdigit() else 0
