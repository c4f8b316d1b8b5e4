"""Reading a V1 list to its end. `pages` cannot be trusted, a page may hold a record that the server chokes on.

General page, "Pagination": page from 1, pageSize up to 500. The vendor's own examples say `pages: 0` beside two rows:
a list ends with a page that is not full, and what was read is compared with `total`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connector.faults import FaultKind, VendorFault
from connector.log import Log
from vendors.shipstation.calls import Calls, Query, readable, unreadable

LARGEST_PAGE = 500
MOST_PAGES = 400
SMALLER = 5
"""By what a page is divided that the server cannot answer: 500, 100, 20, 4, 1."""

Rows = tuple[Mapping[str, Any], ...]


def listed(
    calls: Calls, path: str, member: str, purpose: str, query: Query, key: str, log: Log, size: int = LARGEST_PAGE
) -> Iterator[Rows]:
    """Every row once, in pages. `key`: the member that names a row.

    Raises VendorFault(UNAVAILABLE) when fewer rows came than the list says it has: nothing may move on from there.
    """
    seen: set[Any] = set()
    skipped = 0
    for number in range(1, MOST_PAGES + 1):
        rows, total, lost = _page(calls, path, member, purpose, query, number, size, log)
        skipped += lost
        fresh = tuple(row for row in rows if row.get(key) not in seen)
        seen.update(row.get(key) for row in fresh)
        if fresh:
            yield fresh
        if len(rows) + lost < size:
            if len(seen) + skipped < total:
                raise unreadable(purpose, ValueError(f"{len(seen)} rows of {total}"))
            return
    raise unreadable(purpose, ValueError(f"more than {MOST_PAGES} pages"))


def _page(
    calls: Calls, path: str, member: str, purpose: str, query: Query, number: int, size: int, log: Log
) -> tuple[Rows, int, int]:
    """One page: its rows, the list's total, and how many rows the server could not show."""
    try:
        reply = calls.get(path, purpose, [*query, ("page", number), ("pageSize", size)])
    except VendorFault as fault:
        if fault.kind is not FaultKind.UNAVAILABLE or fault.status != 500:
            raise
        if size == 1:
            log.error("a record at ShipStation cannot be read and is skipped; correct it there", purpose=purpose,
                      position=number)
            log.metric("PoisonRecord", 1)
            return (), 0, 1
        return _parts(calls, path, member, purpose, query, number, size, log, fault)
    return rows_of(readable(reply, purpose, lambda document: document), member, purpose)


def _parts(
    calls: Calls, path: str, member: str, purpose: str, query: Query, number: int, size: int, log: Log,
    fault: VendorFault,
) -> tuple[Rows, int, int]:
    """The same rows in smaller pages. When none of them can be read it is an outage, not one bad record."""
    smaller = max(1, size // SMALLER)
    count = size // smaller
    rows: list[Mapping[str, Any]] = []
    total = lost = 0
    for part in range(count):
        found, stated, skipped = _page(calls, path, member, purpose, query, (number - 1) * count + part + 1, smaller,
                                       log)
        rows += found
        total, lost = max(total, stated), lost + skipped
        if skipped and not rows and lost > 1:
            raise fault
        if len(found) + skipped < smaller:
            break
    return tuple(rows), total, lost


def rows_of(document: Any, member: str, purpose: str) -> tuple[Rows, int, int]:
    """The rows of an answer, the total that it states, and none skipped. Raises VendorFault(UNAVAILABLE)."""
    if not isinstance(document, Mapping) or member not in document:
        raise unreadable(purpose, ValueError(f"the answer has no {member}"))
    rows = document[member] or []
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise unreadable(purpose, ValueError(f"{member} is not a list of objects"))
    total = document.get("total")
    return tuple(rows), total if isinstance(total, int) and not isinstance(total, bool) else 0, 0


