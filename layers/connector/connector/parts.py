"""Reading a long list of a reconciliation in parts, so that one that is interrupted gets on.

A list is read by several calls, and the nightly lane lets live work pass between any two of them. What the list had
read by then is lost. On a busy account it would begin anew for ever; so a list in which nothing was finished is read
in parts half as long the next time, and every finished part is remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

from connector.faults import FaultKind, VendorFault
from connector.pair import Survey, Window

MOST = 64
"""Parts of a window, at most: of two days they are 45 minutes long."""


def in_parts(survey: Survey[Any], name: str, read: Callable[[Window], list[Any]]) -> list[Any]:
    """The rows that `read` lists of the survey's window; JSON values. A row at a border may come twice.

    Raises VendorFault.
    """
    remembered, key = len(survey.memory), f"parts of {name}"
    parts, rows = int(survey.memory.get(key, 1)), []
    try:
        for number, part in enumerate(_split(survey.window, parts), start=1):
            rows += survey.once(f"{name} {number}/{parts}", partial(read, part))
    except VendorFault as fault:
        if fault.kind is FaultKind.BUDGET and len(survey.memory) == remembered:
            survey.memory[key] = min(MOST, 2 * parts)
        raise
    return rows


def _split(window: Window, parts: int) -> Iterator[Window]:
    """Parts of equal length that share their borders, so that nothing falls between them."""
    length = (window.until - window.since) / parts
    borders = [window.since + length * number for number in range(parts)] + [window.until]
    return (Window(since, until) for since, until in pairwise(borders))
