"""Filters, order and pages of V1's lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from local.simulators.base import Reply, json_reply
from local.simulators.shipstation.asked import Asked
from local.simulators.shipstation.pacific import wall
from local.simulators.shipstation.problems import Rejection, exception
from local.simulators.shipstation.world import World

SIZE = 100
Row = TypeVar("Row")


def within(asked: Asked, name: str, moment: datetime | None, *, inclusive: tuple[bool, bool] = (False, False)) -> bool:
    """Whether a moment lies between `<name>Start` and `<name>End`, both compared as Pacific wall clocks.

    `inclusive` says it of the start and of the end. Orders are documented as "after"/"before" (only orderDateEnd is
    "less than or equal"), shipments as "on or after"/"on or before".
    """
    start, end = asked.query.get(f"{name}Start"), asked.query.get(f"{name}End")
    if start is None and end is None:
        return True
    if moment is None:
        return False
    return between(wall(moment), start, end, inclusive)


def between(local: datetime, start: datetime | None, end: datetime | None, inclusive: tuple[bool, bool]) -> bool:
    """The same for a wall clock that is at hand."""
    if start is not None and not (local > start or (inclusive[0] and local == start)):
        return False
    return end is None or local < end or (inclusive[1] and local == end)


def equal(asked: Asked, pairs: Mapping[str, Any]) -> bool:
    """Whether the filters that are given equal these values (letter case does not count)."""
    return all(
        name not in asked.query or str(asked.query[name]).lower() == str("" if value is None else value).lower()
        for name, value in pairs.items()
    )


def answer(
    world: World,
    asked: Asked,
    name: str,
    rows: Sequence[Row],
    sorts: Mapping[str, Callable[[Row], Any]],
    usual: Callable[[Row], Any],
    view: Callable[[Row], dict[str, Any]],
) -> Reply:
    """One page of the rows. `pages` is mostly 0, as in the vendor's examples: only whole pages count."""
    key = sorts.get(asked.query.get("sortBy", ""), usual)
    ordered = sorted(rows, key=key, reverse=asked.query.get("sortDir") == "DESC")
    page, size = asked.query.get("page", 1), asked.query.get("pageSize", SIZE)
    shown = ordered[(page - 1) * size : page * size]
    if any(getattr(row, "poisoned", False) for row in shown):
        raise Rejection(exception())
    if world.loses_last_row:
        shown = shown[:-1]
    pages = -(-len(ordered) // size) if world.switches.useful_pages else len(ordered) // size
    return json_reply(200, {name: [view(row) for row in shown], "total": len(ordered), "page": page, "pages": pages})
