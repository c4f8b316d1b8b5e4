"""The query service: SuiteQL over a SQLite replica of the account, paged as NetSuite pages."""

from __future__ import annotations

import re
import sqlite3
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from local.simulators.base import Reply
from local.simulators.netsuite import columns, dialect
from local.simulators.netsuite.asked import Asked, resource
from local.simulators.netsuite.columns import MARK
from local.simulators.netsuite.problems import Rejection, error, invalid, query_error, search_error
from local.simulators.netsuite.replica import Replica
from local.simulators.netsuite.world import World

MOST_ROWS = 100_000
_NOT_EXPOSED = {("transaction", "subsidiary"), ("transactionline", "quantityfulfilled")}


def _text(value: Any, preference: str) -> str:
    """A cell of a result: always a string; a date that nobody wrapped comes in the preference's form."""
    if isinstance(value, float):
        exact = Decimal(repr(value)).quantize(Decimal("0.0000000001"))
        whole = exact == exact.to_integral_value(ROUND_FLOOR)
        return f"{exact:.0f}" if whole else f"{exact.normalize():f}"
    text = str(value)
    if text.startswith(MARK):
        read = datetime.strptime(text[1:11], "%Y-%m-%d")  # noqa: DTZ007
        forms = {"M/D/YYYY": f"{read.month}/{read.day}/{read.year}", "DD/MM/YYYY": f"{read:%d/%m/%Y}"}
        return forms[preference]
    return text


def _page(asked: Asked) -> tuple[int, int]:
    values = {}
    for name, default in (("limit", "1000"), ("offset", "0")):
        given = asked.query.get(name, default)
        if not given.isdigit():
            raise query_error(f"Invalid value '{given}'.", name)
        values[name] = int(given)
    limit, offset = values["limit"], values["offset"]
    if not 1 <= limit <= 1000:
        raise query_error("limit must be between 1 and 1000.", "limit")
    if offset % limit:
        raise query_error("offset must be a multiple of limit.", "offset")
    if offset >= MOST_ROWS or offset // limit >= 1000:
        raise query_error("The requested page is out of reach: at most 1000 pages and 100000 rows.", "offset")
    return limit, offset


def _missing(world: World, query: str, problem: str) -> Rejection:
    """SQLite's complaint in NetSuite's words."""
    names = dialect.aliases(query)
    column = re.fullmatch(r"no such column: (?:(\w+)\.)?\"?(\w+)\"?.*", problem)
    if column:
        alias, name = (column[1] or "").lower(), column[2].split("__")[0]
        table = names.get(alias, "")
        if table:
            why = " Reason: NOT_EXPOSED" if (table, name.lower()) in _NOT_EXPOSED else ""
            return search_error(f"Search error occurred: Field '{name}' for record '{table}' was not found.{why}")
        known = ", ".join(f"{each}={table}" for each, table in names.items())
        return search_error(
            f"Search error occurred: Unknown identifier '{name}'. Available identifiers are: {{{known}}}"
        )
    table_gone = re.fullmatch(r"no such table: (\w+)", problem)
    if table_gone:
        return search_error(f"Search error occurred: Record '{table_gone[1]}' was not found.")
    return search_error(f"Search error occurred: Invalid or unsupported search ({problem}).")


def _permitted(world: World, query: str) -> None:
    for table in dialect.aliases(query).values():
        permission = columns.PERMISSIONS.get(table)
        if (permission and not world.may(permission)) or (table not in columns.COLUMNS and table != "("):
            raise search_error(f"Search error occurred: Record '{table}' was not found.")


def _read(world: World, asked: Asked) -> tuple[str, list[str]]:
    if asked.request.method != "POST":
        raise Rejection(error(405, "METHOD_NOT_ALLOWED", f"Method {asked.request.method} is not allowed."))
    if (asked.request.header("Prefer") or "").strip().lower() != "transient":
        text = "The header Prefer: transient is required."
        raise Rejection(error(400, "INVALID_HEADER", text, {"o:errorHeader": "Prefer"}))
    asked.only(world, ("limit", "offset"))
    document = asked.document()
    if not isinstance(document, dict) or not isinstance(document.get("q"), str) or not document["q"].strip():
        raise invalid("Invalid content in the request body.", "q")
    strangers = set(document) - {"q", *(("params",) if world.switches.bound_parameters else ())}
    if strangers:
        raise invalid(f"Unknown property '{sorted(strangers)[0]}'.", sorted(strangers)[0])
    bound = document.get("params", [])
    if not isinstance(bound, list) or not all(isinstance(each, str) for each in bound):
        raise invalid("params is a list of strings.", "params")
    return document["q"], bound


def answer(world: World, asked: Asked) -> Reply:
    """POST /query/v1/suiteql."""
    query, bound = _read(world, asked)
    limit, offset = _page(asked)
    if not world.may("REPO_ANALYTICS"):
        raise search_error("Search error occurred: Record 'transaction' was not found.")
    sql = dialect.translate(query)
    _permitted(world, query)
    replica = world.replica if isinstance(world.replica, Replica) else Replica(world)
    world.replica = replica
    try:
        cursor = replica.connection().execute(sql, bound)
        found = cursor.fetchall()
    except sqlite3.Error as problem:
        raise _missing(world, query, str(problem)) from problem
    names = [
        each[0].lower() if "(" not in each[0] else f"expr{index + 1}"
        for index, each in enumerate(cursor.description or ())
    ]
    rows = [_row(names, row, world.switches.date_preference) for row in found[offset : offset + limit]]
    total = min(len(found), MOST_ROWS)
    cut = world.cuts_pages and len(rows) > 1
    if cut:
        rows.pop()
    path = f"{asked.root}/query/v1/suiteql?limit={limit}&offset={offset}"
    document = {
        "links": [{"rel": "self", "href": path}],
        "count": len(rows),
        "hasMore": cut or offset + limit < total,
        "items": rows,
        "offset": offset,
        "totalResults": total,
    }
    reply = resource(document, "collection")
    return Reply(reply.status, {**reply.headers, "Preference-Applied": "transient"}, reply.body)


def _row(names: list[str], row: tuple[Any, ...], preference: str) -> dict[str, Any]:
    """One row: strings only, NULL left out, `links` in each."""
    shown: dict[str, Any] = {"links": []}
    for name, value in zip(names, row, strict=True):
        if value is not None and value != "" and "__" not in name:
            shown[name] = _text(value, preference)
    return shown
