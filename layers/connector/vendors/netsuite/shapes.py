"""What NetSuite holds, as frozen dataclasses: orders with their item lines, items, what exists under an external id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from vendors.netsuite.rows import Row

PURCHASE_ORDER, SALES_ORDER, RETURN = "PurchOrd", "SalesOrd", "RtnAuth"
FULFILMENT, RECEIPT, ADJUSTMENT, BILL, CREDIT = "ItemShip", "ItemRcpt", "InvAdjst", "VendBill", "VendCred"

OPEN_LETTERS = ("B", "D", "E")
"""Pending, partly, partly with billing pending: what can still be received or fulfilled, for all three order types."""

STOCKED = frozenset({"InvtPart", "Assembly"})
"""Item types that have stock."""

GOODS = STOCKED | {"Kit", "NonInvtPart"}
"""Item types that a receipt or fulfilment has lines for. Queries also return services, discounts and the like."""


@dataclass(frozen=True)
class Line:
    """One item line of an order. Quantities are positive for every type; `line_id` is a transform's `orderLine`."""

    line_id: int
    item_id: str
    sku: str
    item_type: str
    ordered: Decimal
    done: Decimal  # received or fulfilled
    location_id: str
    closed: bool
    expected: date | None
    is_member: bool = False  # part of a kit, which has a line of its own
    kit_line: int = 0  # that line, where the account tells
    unit_id: str = ""  # unit of measure (internal id); empty where the account or item has none

    @property
    def open(self) -> Decimal:
        """What may still be received or fulfilled; never negative."""
        return Decimal(0) if self.closed else max(Decimal(0), self.ordered - self.done)

    @property
    def is_goods(self) -> bool:
        """Whether a receipt or fulfilment has a line for it."""
        return self.item_type in GOODS and not self.is_member

    @property
    def is_stocked(self) -> bool:
        """Whether the item has stock."""
        return self.item_type in STOCKED and not self.is_member


@dataclass(frozen=True)
class Order:
    """A purchase order, sales order or return authorization. `letter` is its status; `modified` a stamp of SuiteQL."""

    order_id: str
    number: str
    letter: str
    modified: str
    entity_id: str
    external_id: str
    other_reference: str
    lines: tuple[Line, ...]

    @property
    def is_open(self) -> bool:
        """Whether something of it may still be received or fulfilled."""
        return self.letter in OPEN_LETTERS

    def open_goods(self) -> tuple[Line, ...]:
        """Every line that a transform would process unless it is told not to."""
        return tuple(line for line in self.lines if line.is_goods and line.open > 0)

    def pieces_of(self, kit: Line) -> Decimal | None:
        """Units of members in one kit; None where NetSuite does not tell which lines are its members."""
        members = [line.ordered for line in self.lines if line.kit_line == kit.line_id]
        return sum(members, Decimal(0)) / kit.ordered if members and kit.ordered else None


@dataclass(frozen=True)
class Known:
    """Something that exists under an external id. `memo`: only where it was listed by its order."""

    transaction_id: str
    type: str
    number: str
    external_id: str
    memo: str = ""


@dataclass(frozen=True)
class Item:
    """One item. `sku` is its name ("Item Name/Number")."""

    item_id: str
    sku: str
    item_type: str

    @property
    def is_stocked(self) -> bool:
        """Whether the item has stock."""
        return self.item_type in STOCKED


def status_letter(key: str) -> str:
    """`PurchOrd:B` is B. Raises ValueError for anything else, because a wrong letter would receive a closed order."""
    _, colon, letter = key.partition(":")
    if not colon or len(letter) != 1:
        raise ValueError(f"NetSuite order: {key!r} is no status key")
    return letter


def order_header(row: Row) -> Order:
    """An order without its lines. Raises ValueError."""
    return Order(
        order_id=row.needed("transaction_id"),
        number=row.needed("number"),
        letter=status_letter(row.needed("status_key")),
        modified=row.needed("last_modified"),
        entity_id=row.text("entity_id"),
        external_id=row.text("external_id"),
        other_reference=row.text("other_reference"),
        lines=(),
    )


def order_line(row: Row) -> Line:
    """A line. Sales quantities are negative in SuiteQL. Raises ValueError."""
    expected = row.text("expected_date")
    # A subtotal or a discount has no quantity; a line of goods without one must not be taken for zero.
    counted = row.text("item_type") in GOODS or bool(row.text("quantity"))
    return Line(
        line_id=int(row.needed("line_id")),
        item_id=row.needed("item_id"),
        sku=row.text("sku"),
        item_type=row.text("item_type"),
        ordered=abs(row.quantity("quantity")) if counted else Decimal(0),
        done=abs(row.quantity("quantity_done")),
        location_id=row.text("location_id"),
        closed=row.flag("line_closed"),
        expected=date.fromisoformat(expected) if expected else None,
        is_member=row.flag("kit_component") or bool(row.text("kit_of")),
        kit_line=int(row.text("kit_of") or 0),
        unit_id=row.text("unit_id"),
    )


def orders_of(rows: Iterable[Row]) -> tuple[Order, ...]:
    """Orders of rows that each hold a header and one line. Raises ValueError."""
    found: dict[str, Order] = {}
    for row in rows:
        header = found.get(row.needed("transaction_id")) or order_header(row)
        found[header.order_id] = replace(header, lines=(*header.lines, order_line(row)))
    return tuple(found.values())


def with_lines(headers: Sequence[Order], rows: Iterable[Row]) -> tuple[Order, ...]:
    """Headers with the lines that were read for them. Raises ValueError."""
    lines: dict[str, list[Line]] = {header.order_id: [] for header in headers}
    for row in rows:
        lines[row.needed("transaction_id")].append(order_line(row))
    return tuple(replace(header, lines=tuple(lines[header.order_id])) for header in headers)


def known_of(row: Row) -> Known:
    """A hit of an external id. Raises ValueError."""
    return Known(
        row.needed("transaction_id"), row.needed("type"), row.text("number"), row.needed("external_id").upper()
    )


def item_of(row: Row) -> Item:
    """An item. Raises ValueError."""
    return Item(row.needed("item_id"), row.needed("sku"), row.text("item_type"))


def order_document(order: Order) -> dict[str, Any]:
    """The order as plain JSON, for a record's body."""
    lines = [
        [line.line_id, line.item_id, line.sku, line.item_type, str(line.ordered), str(line.done), line.location_id,
         line.closed, line.expected.isoformat() if line.expected else "", line.is_member, line.kit_line,
         line.unit_id]
        for line in order.lines
    ]  # fmt: skip
    head = ("order_id", "number", "letter", "modified", "entity_id", "external_id", "other_reference")
    return {**{name: getattr(order, name) for name in head}, "lines": lines}


def order_from_document(document: Mapping[str, Any]) -> Order:
    """The inverse of `order_document`."""
    lines = tuple(
        Line(
            int(row[0]), str(row[1]), str(row[2]), str(row[3]), Decimal(str(row[4])), Decimal(str(row[5])), str(row[6]),
            bool(row[7]), date.fromisoformat(str(row[8])) if row[8] else None, bool(row[9]), int(row[10]),
            str(row[11]) if len(row) > 11 else "",  # a body that an older version stored has none
        )
        for row in document["lines"]
    )  # fmt: skip
    head = ("order_id", "number", "letter", "modified", "entity_id", "external_id", "other_reference")
    return Order(**{name: str(document[name]) for name in head}, lines=lines)
