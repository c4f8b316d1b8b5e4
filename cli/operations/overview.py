"""What there is to say about connections without asking a vendor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cli.operations.documents import plain_document
from cli.pairs import PAIRS, connection_named
from cli.systems import SYSTEMS
from connector.connection import Connection
from connector.cursor import read_cursors
from connector.pair import Pair
from connector.ports import Item, pages
from connector.record import OPEN
from connector.services import Services
from connector.tokens import reconnect_shown


def all_connections(services: Services) -> list[dict[str, Any]]:
    """One row per stored connection of every pair, by name."""
    rows: list[dict[str, Any]] = []
    for pair in PAIRS:
        rows += [
            _row({**item, "connection": item["pk"]}) for item in indexed(services, "connections", "by_pair", pair)
        ]
    return sorted(rows, key=lambda row: str(row["connection"]))


def indexed(services: Services, table: str, index: str, value: str) -> Iterator[Item]:
    """Every item of an index."""
    return pages(lambda start: services.tables.query_index(table, index, value, start=start))


def _row(item: dict[str, Any]) -> dict[str, Any]:
    names = ("connection", "pair", "state", "revision", "applied_at", "applied_by")
    return {name: item.get(name, "") for name in names}


def overview_of(services: Services, name: str) -> dict[str, Any]:
    """Everything about one connection. Raises ConfigurationFault."""
    pair, connection = connection_named(services, name)
    item = services.tables.get("connections", name, "document") or {}
    document = plain_document(connection.document)
    return {
        **_row({**item, "connection": name}),
        "polls": polls_of(services, pair, connection),
        "open_records": open_records(services, name),
        "reconnect_needed": reconnects(services, connection),
        "tables": document.pop("tables", {}),
        "document": document,
    }


def polls_of(services: Services, pair: Pair[Any], connection: Connection) -> list[dict[str, Any]]:
    """Where the polls of the flows stand."""
    polled = {flow.name: flow for flow in pair.flows}
    cursors = read_cursors(services.tables, connection.name, [name for name, flow in polled.items() if flow.poll])
    rows = []
    for name in polled:
        cursor = cursors.get(name)
        rows.append(
            {
                "flow": name,
                "enabled": connection.enabled(name),
                "position": cursor.position if cursor else "",
                "next_at": cursor.next_at if cursor else "",
                "succeeded_at": cursor.succeeded_at if cursor else "",
                "failures": cursor.failures if cursor else 0,
                "why": cursor.why if cursor else "",
            }
        )
    return rows


def open_records(services: Services, name: str) -> dict[str, int]:
    """Number of records per open status."""
    return {
        status.value: sum(1 for _ in indexed(services, "records", "by_status", f"{name}#{status.value}"))
        for status in sorted(OPEN)
    }


def reconnects(services: Services, connection: Connection) -> dict[str, str]:
    """Systems whose sign-in a vendor has refused: since when, and why."""
    systems = getattr(connection.document, "systems", None)
    found = {}
    for system in SYSTEMS:
        mark = reconnect_shown(services, connection.name, system) if hasattr(systems, system) else None
        if mark is not None:
            found[system] = ": ".join(mark)
    return found
