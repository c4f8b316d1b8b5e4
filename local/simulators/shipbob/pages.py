"""Paging, exactly as each endpoint does it (vendor facts, section 7).

Bare arrays by page number; page-number cursors with absolute URLs; cursors of base64 JSON whose `next` is a path
without version and with other letter case; plain tokens. A page may hold fewer rows than asked although more follow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from local.simulators.base import Reply
from local.simulators.shipbob.formats import cursor_text, plain, read_cursor
from local.simulators.shipbob.problems import Family, Rejection, answer, refuse
from local.simulators.shipbob.world import World

Row = TypeVar("Row")


def numbered(
    rows: Sequence[Any], query: dict[str, Any], headers_of: Callable[[int, int, int, int], dict[str, str]]
) -> Reply:
    """A bare array by `Page` and `Limit`. `headers_of(page, limit, pages, total)` names the headers."""
    page, limit = max(1, query.get("Page", 1)), query.get("Limit", 50)
    pages = -(-len(rows) // limit)
    return answer(list(rows[(page - 1) * limit : page * limit]), 200, headers_of(page, limit, pages, len(rows)))


def order_headers(page: int, limit: int, pages: int, total: int) -> dict[str, str]:
    """Headers of GET /order: seen live, not in the specification."""
    headers = {"total-pages": str(pages), "total-count": str(total)}
    if page < pages:
        headers["next-page"] = f"/order?page={page + 1}&limit={limit}"
    return headers


def receiving_headers(page: int, limit: int, pages: int, total: int) -> dict[str, str]:
    """Headers of GET /receiving."""
    headers = {"Page-Number": str(page), "Page-Size": str(limit), "Total-Pages": str(pages), "Total-Count": str(total)}
    if page < pages:
        headers["Next-Page"] = f"/Receiving?Page={page + 1}&Limit={limit}"
    return headers


def no_headers(page: int, limit: int, pages: int, total: int) -> dict[str, str]:
    """Lists without paging headers."""
    return {}


def page_cursor(rows: Sequence[Any], query: dict[str, Any]) -> Reply:
    """GET /return: the cursor is a page number, the links are absolute URLs (on a path that must not be followed)."""
    page, limit = query.get("Cursor", 1), query.get("Limit", 50)
    pages = max(1, -(-len(rows) // limit))

    def link(number: int) -> str | None:
        wanted = urlencode({"Cursor": number, "Limit": limit})
        return f"https://api.shipbob.com/Return?{wanted}" if 1 <= number <= pages else None

    document = {
        "first": link(1),
        "items": list(rows[(page - 1) * limit : page * limit]),
        "last": link(pages),
        "next": link(page + 1),
        "prev": link(page - 1),
    }
    headers = {
        name: value for name, value in receiving_headers(page, limit, pages, len(rows)).items() if name != "Next-Page"
    }
    return answer(document, 200, headers)


@dataclass(frozen=True)
class Position:
    """What a cursor says: the key of the last row that was given, and the filters that the list was begun with."""

    after: str | None
    filters: dict[str, Any]


def _cursor_name(query: dict[str, Any]) -> str | None:
    return next((query[name] for name in ("cursor", "Cursor") if name in query), None)


def position(world: World, query: dict[str, Any], family: Family, overrides: bool = False) -> Position:
    """Where to go on. Filters beside a cursor must be those it was made with, unless the cursor overrides them."""
    paging = {"cursor", "Cursor", "PageSize", "RecordsPerPage"}
    filters = {name: plain(value) for name, value in query.items() if name not in paging}
    text = _cursor_name(query)
    if text is None:
        return Position(None, filters)
    if text.startswith("/") or "cursor=" in text.lower():
        # Seen live: the whole `next` path sent as a cursor brings the endpoint down.
        raise Rejection(Reply(500, {"Content-Type": "text/plain"}, b"An unexpected error occurred."))
    try:
        document = read_cursor(text)
        after, begun = str(document["after"]), dict(document["filters"])
    except (ValueError, KeyError, TypeError) as error:
        raise refuse(family, 400, "cursor", "The cursor is not valid.") from error
    differs = [name for name, value in filters.items() if begun.get(name) != value]
    if differs and not overrides and world.switches.strict:
        message = f"the cursor was made with other filters: {', '.join(differs)}"
        world.strict_violations.append(message)
        raise refuse(family, 400, "cursor", message)
    return Position(after, begun)


def cut(rows: Sequence[Row], key: Callable[[Row], Any], where: Position, size: int) -> tuple[list[Row], str | None]:
    """The rows after the position and the cursor for the rest (None at the end)."""
    start = 0
    if where.after is not None:
        start = next((index + 1 for index, row in enumerate(rows) if str(key(row)) == where.after), len(rows))
    page = list(rows[start : start + size])
    if start + size >= len(rows) or not page:
        return page, None
    return page, cursor_text({"after": str(key(page[-1])), "filters": where.filters})


def link(world: World, path: str, cursor: str | None) -> str | None:
    """`next` of product and inventory lists: a path without version, with capitals; an absolute URL; or a token."""
    if cursor is None or world.switches.next_style == "token":
        return cursor
    relative = f"/{path}?cursor={quote(cursor, safe='')}"
    return f"https://api.shipbob.com{relative}" if world.switches.next_style == "url" else relative


def page_size(world: World, query: dict[str, Any], default: int = 50) -> int:
    """Rows on a product or inventory page: never more than the switch says (seen live: 50 of 250)."""
    return int(min(query.get("PageSize", default), world.switches.largest_cursor_page))


def envelope(items: Sequence[Any], following: str | None) -> Reply:
    """`{first, items, last, next, prev}`."""
    return answer({"first": None, "items": list(items), "last": None, "next": following, "prev": None})
