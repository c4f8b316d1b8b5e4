"""What the states and lines of a sales order mean for somebody who ships it. Form SO301000, facts of the user guide."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from decimal import Decimal
from typing import Annotated, Any, Protocol

from pydantic import Field

from vendors.acumatica.changes import Changed
from vendors.acumatica.shapes import OrderLine, SalesOrder

CANCELLED = frozenset({"Canceled", "Cancelled", "Rejected", "Expired"})
"""Statuses after which nothing may be shipped."""

STOPPED = frozenset(
    {"On Hold", "Credit Hold", "Risk Hold", "Pending Approval", "Pending Processing", "Awaiting Payment"}
)
"""Statuses in which somebody wants the order to wait, and in which no shipment of it can be made."""

STATE_NEEDED = frozenset({"US", "CA", "AU"})
"""Countries whose addresses need state and postal code."""

Note = Callable[[str], None]
"""Takes a sentence for the record's history."""

FINISHED = frozenset({"Completed", "Invoiced"})
"""Statuses of an order of which nothing is open."""

GOODS = frozenset({"Goods for Inventory", ""})
"""Line types that are shipped. Labels are the ERP's; an empty one is a line of an older contract."""


# ---- settings that every pair has which sends orders ----------------------------------------------------------

OrderTypes = Annotated[tuple[str, ...], Field(description="Acumatica order types that are sent.")]
ORDER_TYPES = ("SO", "SA")

Statuses = Annotated[
    tuple[str, ...],
    Field(
        description="Acumatica order statuses that count as released. Shipping covers orders that are partly shipped."
    ),
]
STATUSES = ("Open", "Back Order", "Shipping")

HoldMinutes = Annotated[
    int, Field(ge=0, le=10_080, description="Minutes to wait after the order's last change before it is sent.")
]
SkipWillCall = Annotated[bool, Field(description="Orders that the customer collects are not sent.")]


class ReleaseRules(Protocol):
    """The settings that say which orders count as released. Acumatica has no such state."""

    @property
    def order_types(self) -> tuple[str, ...]: ...
    @property
    def statuses(self) -> tuple[str, ...]: ...
    @property
    def skip_will_call(self) -> bool: ...


def looks_released(row: Changed, rules: ReleaseRules) -> bool:
    """By the header alone; the work decides with the whole order."""
    return (
        row.row.text("OrderType") in rules.order_types
        and row.row.text("Status") in rules.statuses
        and not row.row.flag("Hold")
        and not (rules.skip_will_call and row.row.flag("WillCall"))
    )


def not_released(order: SalesOrder, rules: ReleaseRules) -> str:
    """Why the header keeps the order from being sent (yet); empty when it does not."""
    if order.order_type not in rules.order_types:
        return f"order type {order.order_type} is not sent"
    if order.status not in rules.statuses:
        return f"its status is {order.status}"
    if order.hold or order.credit_hold:
        return "it is on hold"
    if rules.skip_will_call and order.will_call:
        return "the customer collects it"
    return ""


def not_goods(line: OrderLine) -> str:
    """Why nobody but a vendor ships this line; empty when a warehouse does."""
    if line.drop_ship:
        return "a vendor ships it to the customer"
    return "" if line.line_type in GOODS else f"it is of type {line.line_type}"


def not_shipped(line: OrderLine, order: SalesOrder, warehouses: Container[str], shipper: str) -> str:
    """Why the shipper of these warehouses never ships this line, open or not; empty when it does."""
    reason = not_goods(line)
    if reason:
        return reason
    warehouse = place_of(line, order)
    return "" if warehouse in warehouses else f"warehouse {warehouse or '(none)'} is not mapped to {shipper}"


def lines_to_send(order: SalesOrder, warehouses: Container[str], shipper: str, note: Note) -> list[OrderLine]:
    """The lines that the shipper shall ship; every other one is noted with its reason."""
    chosen = []
    for line in order.lines:
        closed = "nothing is open on it" if line.completed or line.remaining_quantity <= 0 else ""
        reason = closed or not_shipped(line, order, warehouses, shipper)
        if reason:
            note(f"line {line.line_number} ({line.inventory_id}) is not sent: {reason}")
        else:
            chosen.append(line)
    return chosen


def silent(text: str) -> None:
    """Takes a note that is not wanted: only the question is asked."""


def address_problems(order: SalesOrder) -> list[str]:
    """What every shipper wants of a recipient and this order lacks. Names fields, never their contents."""
    address = order.ship_to
    wanted = [
        ("name (Attention or Business Name)", order.contact.name),
        ("address line 1", address.line_1),
        ("city", address.city),
        ("country", address.country),
    ]
    if address.country in STATE_NEEDED:
        wanted += [("state", address.state), ("postal code", address.postal_code)]
    problems = [f"the ship-to {name} is empty" for name, text in wanted if not text]
    if address.country and len(address.country) != 2:
        problems.append("the ship-to country is not a two-letter ISO code")
    return problems


def wanted_lines(order: SalesOrder, warehouses: Container[str]) -> list[list[Any]]:
    """`[line, SKU, quantity, unit, warehouse]` of the lines that the shipper of these warehouses ships, in order."""
    return sorted(
        [line.line_number, line.inventory_id, wanted_quantity(line), line.uom, place_of(line, order)]
        for line in order.lines
        if not not_shipped(line, order, warehouses, "")
    )


def wanted_quantity(line: OrderLine) -> str:
    """How many a line wants in its own unit: what was ordered, or less where its rest was given up in Acumatica."""
    shipped = line.quantity_on_shipments
    given_up = line.completed and shipped is not None and shipped < line.order_quantity
    quantity = shipped if given_up and shipped is not None else line.order_quantity
    return plain(quantity)


def place_of(line: OrderLine, order: SalesOrder) -> str:
    """The warehouse of a line, else the order's preferred one."""
    return line.warehouse or order.preferred_warehouse or ""


def plain(number: Decimal | None) -> str:
    """A quantity or amount as text, the same for 5 and 5.00."""
    return "" if number is None else f"{number.normalize():f}"


def line_changes(order: SalesOrder, before: Sequence[Sequence[Any]], after: Sequence[Sequence[Any]]) -> list[str]:
    """What became different between two lists of `[line, SKU, quantity, unit, warehouse]`, in words."""
    was, now = {(row[0], row[1]): row for row in before}, {(row[0], row[1]): row for row in after}
    places = {(line.line_number, line.inventory_id): place_of(line, order) for line in order.lines}
    changes = []
    for key in sorted({*was, *now}):
        what = f"line {key[0]} ({key[1]})"
        if key not in now:
            place = places.get(key)
            where = "gone" if place is None else f"in warehouse {place or '(none)'}, or of a kind that is not sent, now"
            changes.append(f"{what} is {where} instead of {was[key][2]} {was[key][3]}")
        elif key not in was:
            changes.append(f"{what} is {now[key][2]} {now[key][3]} instead of not there")
        else:
            changes += [
                f"{what} is {word}{new} instead of {old}"
                for word, old, new in zip(("", "in ", "in warehouse "), was[key][2:], now[key][2:], strict=True)
                if old != new
            ]
    return changes
