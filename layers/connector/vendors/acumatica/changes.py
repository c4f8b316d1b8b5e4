"""Listing what changed in a window of time, so that nothing is lost however the site orders its rows.

The vendor promises no order, no row count and no next link, and a row that leaves the window while we read moves all
later rows forward, past the page border. Three guards:

1. Every page begins with the last row of the page before it. If it does not, rows moved while we read.
2. No row comes twice. If one does, the order is not the same in every answer, and another row was skipped for it.
3. After either sign, pages are not trusted any more: the window is halved until the rows of each part fit on one page.
   One page that is not full is complete without any order at all, so this ends in certainty.

Usually one call answers a poll; a large window costs the fewest pages when the order is stable. A list without a
window (`list_all`) cannot be halved: it is read again, and refused when it never stands still.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from connector.faults import FaultKind, VendorFault
from vendors.acumatica.faults import VENDOR
from vendors.acumatica.rows import Row

FINEST = timedelta(milliseconds=2)
"""A window this short is not halved: filter literals have milliseconds."""

TRIES = 5
"""How often a shortest window is read anew before we say that it cannot be listed."""

ReadWindow = Callable[[datetime, datetime, int, int], Sequence[Row]]
"""Rows changed in [since, until], skipping `skip`, at most `top`."""

ReadPage = Callable[[int, int], Sequence[Row]]
"""Rows of a list, skipping `skip`, at most `top`."""


@dataclass(frozen=True)
class Changed:
    """One changed record: its GUID, its change stamp and the selected fields."""

    id: str
    modified: datetime
    row: Row


@dataclass(frozen=True)
class Window:
    """A closed window of change stamps."""

    since: datetime
    until: datetime

    def halves(self) -> tuple[Window, Window]:
        """Two windows that share the middle, so that nothing falls between them."""
        middle = self.since + (self.until - self.since) / 2
        return Window(self.since, middle), Window(middle, self.until)


def list_window(read: ReadWindow, stamp: str, since: datetime, until: datetime, page_size: int) -> Sequence[Changed]:
    """Every record whose `stamp` lies in [since, until], once, in its newest state, ordered by stamp and id.

    Raises ValueError for a senseless window, VendorFault(UNSUPPORTED_QUERY) when more rows than a page carry the
    same stamp and the site shows them in a different order each time.
    """
    if since >= until or page_size < 2:
        raise ValueError(f"cannot list from {since.isoformat()} until {until.isoformat()} in pages of {page_size}")
    newest: dict[str, Changed] = {}
    open_windows = [Window(since, until)]
    trusted = True
    while open_windows:
        window = open_windows.pop()
        page = partial(read, window.since, window.until)
        rows, complete = _read_pages(page, page_size, follow=trusted)
        for row in rows:
            _remember(newest, row, stamp)
        if complete:
            continue
        trusted = False
        if window.until - window.since > FINEST:
            open_windows += reversed(window.halves())
        else:
            for row in list_all(page, page_size, f"records changed at {window.since.isoformat()}"):
                _remember(newest, row, stamp)
    return sorted(newest.values(), key=lambda changed: (changed.modified, changed.id))


def _remember(newest: dict[str, Changed], row: Row, stamp: str) -> None:
    changed = Changed(row.id, row.required_instant(stamp), row)
    known = newest.get(changed.id)
    if known is None or known.modified <= changed.modified:
        newest[changed.id] = changed


def _read_pages(read: ReadPage, page_size: int, *, follow: bool) -> tuple[list[Row], bool]:
    """The rows of a list and whether they are surely all of them. `follow`: read on after a full page."""
    rows = list(read(0, page_size))
    seen = {row.id for row in rows}
    length = len(rows)
    while length >= page_size:
        if not follow:
            return rows, False
        page = read(len(rows) - 1, page_size)
        if not page or page[0].id != rows[-1].id or any(row.id in seen for row in page[1:]):
            return [*rows, *page], False
        rows += page[1:]
        seen |= {row.id for row in page[1:]}
        length = len(page)
    return rows, True


def list_all(read: ReadPage, page_size: int, what: str) -> list[Row]:
    """Every row of a list that has no window. Raises VendorFault(UNSUPPORTED_QUERY) rather than answer a part of it."""
    for _ in range(TRIES):
        rows, complete = _read_pages(read, page_size, follow=True)
        if complete:
            return rows
    raise VendorFault(
        VENDOR,
        FaultKind.UNSUPPORTED_QUERY,
        f"there are more than {page_size} {what} and the site lists them differently each time, so it cannot be "
        "proven that none is missing; raise page_size",
    )
