"""What the way back needs to know of an order that was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from acumatica_shipstation.clients import Accounts
from connector.effect import Reference
from connector.pair import Work
from connector.record import Record

CANCELLATION, HOLD_OVER = "cancellation", "release"
"""Kinds of what a record of flow states waits for: `<order>|<ShipStation order>` cancelled, `<order>` released."""


@dataclass(frozen=True)
class SentLine:
    """An order line as it was sent. `pieces` in base units; `factor` base units per `unit` of the line."""

    line_number: int
    sku: str
    pieces: int
    factor: Decimal
    warehouse: str
    unit: str


def link_sent(work: Work[Accounts], identity: Mapping[str, Any], reference: Reference) -> None:
    """Notes what was sent, so that nobody has to guess which line a parcel belongs to."""
    order_type, number = work.record.source_key.split("/", 1)
    work.link(
        order_id=reference["order_id"],
        order_key=reference["order_key"],
        order_type=order_type,
        order_number=number,
        lines=identity["sent"],
    )
    work.refer("shipstation order", str(reference["order_id"]))
    note_order(work, int(reference["order_id"]))
    work.provide("sent order", work.record.source_key)


def note_order(work: Work[Accounts], order_id: int) -> None:
    """Remembers whose order a ShipStation order is: fulfilments and split orders name nothing else."""
    item: dict[str, str | int | bool] = {
        "pk": f"ss-order/{work.connection.name}", "sk": str(order_id), "order": work.record.source_key,
    }  # fmt: skip
    work.services.tables.put("state", item)


def order_of(work: Work[Accounts], order_id: int | None) -> str | None:
    """The source key of the sales order that was sent as this ShipStation order; None for one that is not known."""
    if order_id is None:
        return None
    item = work.services.tables.get("state", f"ss-order/{work.connection.name}", str(order_id))
    return str(item["order"]) if item is not None else None


def note_merged(work: Work[Accounts], order_id: int, merged: Sequence[int]) -> None:
    """Remembers which of ShipStation's orders were folded into one there: their lines have the same keys."""
    item: dict[str, str | int | bool] = {
        "pk": f"ss-merged/{work.connection.name}", "sk": str(order_id), "orders": ",".join(map(str, merged)),
    }  # fmt: skip
    work.services.tables.put("state", item)
    for each in merged:
        back: dict[str, str | int | bool] = {
            "pk": f"ss-survivor/{work.connection.name}", "sk": str(each), "order": order_id,
        }  # fmt: skip
        work.services.tables.put("state", back)


def survivor_of(work: Work[Accounts], order_id: int) -> int | None:
    """ShipStation's order into which this one was merged, as far as it was heard of."""
    item = work.services.tables.get("state", f"ss-survivor/{work.connection.name}", str(order_id))
    return int(item["order"]) if item is not None else None


def merged_into(work: Work[Accounts], order_id: int | None) -> tuple[int, ...]:
    """ShipStation's orders that were folded into this one, as far as it was heard of."""
    item = work.services.tables.get("state", f"ss-merged/{work.connection.name}", str(order_id))
    return tuple(int(each) for each in str(item["orders"]).split(",")) if item is not None else ()


def sent_lines(source: Record) -> tuple[SentLine, ...]:
    """The lines of a sent order, by the record of the order."""
    lines = [
        SentLine(int(row[0]), str(row[1]), int(row[2]), Decimal(str(row[3])), str(row[4]), str(row[5]))
        for row in source.links["lines"]
    ]
    return tuple(sorted(lines, key=lambda line: line.line_number))
