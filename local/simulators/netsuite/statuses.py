"""Status letters: what an order shows after receipts, fulfilments and bills, and the words for each letter."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType

from local.simulators.netsuite.records import ZERO, Line, Record, as_quantity
from local.simulators.netsuite.world import World

WORDS = MappingProxyType(
    {
        "purchaseOrder": {
            "P": "Planned",
            "A": "Pending Supervisor Approval",
            "B": "Pending Receipt",
            "C": "Rejected by Supervisor",
            "D": "Partially Received",
            "E": "Pending Billing/Partially Received",
            "F": "Pending Bill",
            "G": "Fully Billed",
            "H": "Closed",
        },
        "salesOrder": {
            "A": "Pending Approval",
            "B": "Pending Fulfillment",
            "C": "Cancelled",
            "D": "Partially Fulfilled",
            "E": "Pending Billing/Partially Fulfilled",
            "F": "Pending Billing",
            "G": "Billed",
            "H": "Closed",
        },
        "returnAuthorization": {
            "A": "Pending Approval",
            "B": "Pending Receipt",
            "C": "Cancelled",
            "D": "Partially Received",
            "E": "Pending Refund/Partially Received",
            "F": "Pending Refund",
            "G": "Refunded",
            "H": "Closed",
        },
        "itemFulfillment": {"A": "Picked", "B": "Packed", "C": "Shipped"},
        "vendorBill": {
            "A": "Open",
            "B": "Paid In Full",
            "C": "Cancelled",
            "D": "Pending Approval",
            "E": "Rejected",
            "F": "Payment In-Transit",
        },
        "vendorCredit": {"A": "Open", "B": "Fully Applied"},
    }
)
OPEN = frozenset("BDE")
_FIXED = frozenset("PACH")
CHILDREN = MappingProxyType(
    {
        "purchaseOrder": "itemReceipt",
        "salesOrder": "itemFulfillment",
        "returnAuthorization": "itemReceipt",
    }
)


def moved(world: World, order: Record, line: Line, *, shipped: bool = True) -> Decimal:
    """How much of an order line was received or fulfilled; `shipped` false counts picked goods too."""
    total = ZERO
    for child in world.children(order.id, CHILDREN[order.type]):
        if shipped and child.type == "itemFulfillment" and child.text("shipStatus") != "C":
            continue
        for row in child.lines():
            if row["orderLine"] == line["line"]:
                total += as_quantity(row["quantity"])
    return total


def is_goods(world: World, line: Line) -> bool:
    """Whether an order line can be received or fulfilled by itself: goods and kits, no services, no kit members."""
    return "kitMemberOf" not in line and world.masters.items[int(line["item"])].moved


def open_quantity(world: World, order: Record, line: Line) -> Decimal:
    """What is left to receive or fulfil."""
    if line.get("isClosed"):
        return ZERO
    return max(as_quantity(line["quantity"]) - moved(world, order, line, shipped=False), ZERO)


def letter(world: World, record: Record) -> str:
    """The status letter of any transaction; empty for those that have none."""
    if record.form.order:
        return _order(world, record)
    if record.type == "itemFulfillment":
        return record.text("shipStatus")
    if record.type == "vendorBill":
        if record.values.get("paid"):
            return "B"
        return {"1": "D", "3": "E"}.get(record.text("approvalStatus"), "A")
    return "A" if record.type == "vendorCredit" else ""


def _order(world: World, order: Record) -> str:
    held = order.text("orderStatus")
    if held in _FIXED:
        return held
    lines = [line for line in order.lines() if is_goods(world, line)]
    if order.lines() and all(line.get("isClosed") for line in lines):
        return "H"
    done = [(moved(world, order, line), as_quantity(line["quantity"]), line) for line in lines]
    billed = sum((as_quantity(line.get("billed")) for line in order.lines()), ZERO)
    received = sum((quantity for quantity, _, _ in done), ZERO)
    complete = all(quantity >= ordered or line.get("isClosed") for quantity, ordered, line in done)
    if received == ZERO and not billed:
        return "B"
    if complete:
        return "G" if billed >= received else "F"
    return "E" if received > billed else "D"


def label(world: World, record: Record) -> str:
    """`Purchase Order : Pending Receipt`."""
    found = letter(world, record)
    words = WORDS.get(record.type, {}).get(found, "")
    return f"{record.form.words} : {words}" if words else ""
