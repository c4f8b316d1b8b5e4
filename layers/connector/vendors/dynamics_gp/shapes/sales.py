"""Sales documents: orders, invoices, fulfilment orders and returns share their header."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from vendors.dynamics_gp.xml import Node

WORK, HISTORY = "Work", "History"


@dataclass(frozen=True)
class Line:
    """One line. Quantities in the line's unit of measure; `split` holds a return's quantities by kind."""

    sequence: int
    item: str
    unit: str
    site: str
    quantity: Decimal
    unit_price: Decimal | None
    total: Decimal | None
    allocated: Decimal
    fulfilled: Decimal
    cancelled: Decimal
    shipped_on: date | None
    split: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True)
class Document:
    """One sales document. `state`: Work (unposted) or History; GP may delete a finished one instead."""

    number: str
    kind: str
    state: str
    is_voided: bool
    purchase_order: str
    type_id: str
    customer: str
    site: str
    batch: str
    currency: str
    shipping_method: str
    total: Decimal | None
    line_total: Decimal | None
    modified: datetime | None
    shipped_on: date | None
    tracking: tuple[str, ...]
    lines: tuple[Line, ...]
    texts: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_open(self) -> bool:
        """Whether it may still be changed."""
        return self.state == WORK and not self.is_voided


@dataclass(frozen=True)
class Summary:
    """A row of a list: no lines."""

    number: str
    kind: str
    state: str
    purchase_order: str
    customer: str
    modified: datetime | None
    total: Decimal | None
    line_total: Decimal | None


def parse_document(node: Node, kind: str) -> Document:
    """A document as `Get...ByKey` shows it. Raises ValueError without a number, or for a line without a quantity."""
    return Document(
        number=node.needed("Key", "Id"),
        kind=node.text("Type") or kind,
        state=node.text("TransactionState") or WORK,
        is_voided=node.flag("IsVoided"),
        purchase_order=node.text("CustomerPONumber"),
        type_id=node.text("DocumentTypeKey", "Id"),
        customer=node.text("CustomerKey", "Id"),
        site=node.text("WarehouseKey", "Id"),
        batch=node.text("BatchKey", "Id"),
        currency=node.text("CurrencyKey", "ISOCode"),
        shipping_method=node.text("ShippingMethodKey", "Id"),
        total=node.number("TotalAmount", "Value"),
        line_total=node.number("LineTotalAmount", "Value"),
        modified=node.stamp("ModifiedDate"),
        shipped_on=node.day("ActualShipDate"),
        tracking=tuple(row.needed("Key", "Id") for row in node.each("TrackingNumbers", "SalesTrackingNumber")),
        lines=tuple(_line(line) for line in _lines(node)),
        texts=tuple(node.text("UserDefined", f"Text0{number}") for number in range(1, 6)),
    )


def _lines(node: Node) -> list[Node]:
    lines = node.find("Lines")
    return list(lines.children()) if lines is not None else []


def _line(node: Node) -> Line:
    if node.number("Quantity", "Value") is None:
        raise ValueError("a line of a sales document has no quantity")
    return Line(
        sequence=int(node.needed("Key", "LineSequenceNumber")),
        item=node.needed("ItemKey", "Id"),
        unit=node.text("UofM"),
        site=node.text("WarehouseKey", "Id"),
        quantity=node.quantity("Quantity"),
        unit_price=node.number("UnitPrice", "Value"),
        total=node.number("TotalAmount", "Value"),
        allocated=node.quantity("QuantityAllocated"),
        fulfilled=node.quantity("QuantityFulfilled"),
        cancelled=node.quantity("QuantityCanceled"),
        shipped_on=node.day("ActualShipDate"),
        split=_split(node),
    )


SPLIT = ("OnHandQuantity", "ReturnedQuantity", "InUseQuantity", "InServiceQuantity", "DamagedQuantity")


def _split(node: Node) -> tuple[tuple[str, Decimal], ...]:
    if node.find("ReturnQuantity") is None:
        return ()
    return tuple((name, node.quantity("ReturnQuantity", name)) for name in SPLIT)


def parse_summary(node: Node) -> Summary:
    """A row of a list of sales documents. Raises ValueError without a number."""
    return Summary(
        number=node.needed("Key", "Id"),
        kind=node.text("Type") or node.text("DocumentTypeKey", "Type"),
        state=node.text("TransactionState") or WORK,
        purchase_order=node.text("CustomerPONumber"),
        customer=node.text("CustomerKey", "Id"),
        modified=node.stamp("ModifiedDate"),
        total=node.number("TotalAmount", "Value"),
        line_total=node.number("LineTotalAmount", "Value"),
    )
