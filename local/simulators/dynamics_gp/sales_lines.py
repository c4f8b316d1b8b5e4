"""One line of a sales document: defaults, price, what is allocated, back ordered or canceled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from local.simulators.dynamics_gp import policies
from local.simulators.dynamics_gp.amounts import ZERO, money, quantity, value_of
from local.simulators.dynamics_gp.moves import Moves
from local.simulators.dynamics_gp.problems import Invalid, Problem
from local.simulators.dynamics_gp.records import DocumentType, Item
from local.simulators.dynamics_gp.sales_kinds import Kind
from local.simulators.dynamics_gp.sales_rules import problem
from local.simulators.dynamics_gp.values import NO_DATE
from local.simulators.dynamics_gp.world import World


@dataclass(frozen=True)
class Desk:
    """What lines of one document are written under: its type, document id, options of the policy, planned stock."""

    world: World
    kind: Kind
    document_type: DocumentType
    options: Mapping[str, int]
    moves: Moves
    transferred: bool = False  # quantities have left the document


def item_of(world: World, line: Mapping[str, Any]) -> Item | None:
    """The item card of a line."""
    return world.items.get(line.get("ItemKey", {}).get("Id", ""))


def price(desk: Desk, item: Item, line: dict[str, Any]) -> None:
    """The unit price: GP's own unless the administrator let callers set it; then the total."""
    currency = desk.world.switches.currency
    if desk.options.get(policies.UNIT_PRICE, 1) == 1:
        own = item.price * (item.factor(line["UofM"]) or ZERO)
        if "UnitPrice" in line and value_of(line["UnitPrice"]) != own:
            desk.world.ignored.append(f"UnitPrice {value_of(line['UnitPrice'])} of {item.number} ignored: {own}")
        line["UnitPrice"] = money(own, currency)
    else:
        line["UnitPrice"] = money(value_of(line.get("UnitPrice")), currency)
    total = value_of(line["UnitPrice"]) * value_of(line["Quantity"])
    if desk.options.get(policies.TOTAL_AMOUNT, 1) == 1 or "TotalAmount" not in line:
        line["TotalAmount"] = money(total, currency)


def _shortage(desk: Desk, item: Item, wanted: Decimal, free: Decimal) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """(allocated, back ordered, canceled, dropped from the quantity) when `wanted` is more than is free."""
    option = desk.options.get(policies.SHORTAGE, policies.OVERRIDE)
    short = wanted - free
    outcomes = {
        policies.SELL_BALANCE: (free, ZERO, ZERO, short),
        policies.OVERRIDE: (wanted, ZERO, ZERO, ZERO),
        policies.BACK_ORDER_ALL: (ZERO, wanted, ZERO, ZERO),
        policies.BACK_ORDER_BALANCE: (free, short, ZERO, ZERO),
        policies.CANCEL_ALL: (ZERO, ZERO, wanted, ZERO),
        policies.CANCEL_BALANCE: (free, ZERO, short, ZERO),
    }
    found = outcomes[option]
    if found[1] > ZERO and not item.back_orders:  # S17
        text = f"Error Number = 4776  Error Description = Item {item.number} does not allow back orders"
        raise Invalid(problem(desk.kind, "Quantity", text))
    return found


def settle(desk: Desk, item: Item, line: dict[str, Any]) -> None:
    """Divides the line's quantity: to invoice, back ordered, canceled; allocates stock as the document id says."""
    if desk.kind.billed is None:
        _settle_return(item, line)
        return
    factor, site = (item.factor(line["UofM"]) or ZERO), line["WarehouseKey"]["Id"]
    back_ordered, canceled = value_of(line.get("QuantityToBackorder")), value_of(line.get("QuantityCanceled"))
    wanted = value_of(line["Quantity"]) - back_ordered - canceled
    allocated, dropped = ZERO, ZERO
    if desk.document_type.allocates:
        free = max(ZERO, desk.moves.held(item.number, site).available / factor)
        free = free.quantize(Decimal(1).scaleb(-item.decimals), ROUND_DOWN)
        allocated = wanted
        if item.kind == "Sales Item" and wanted > free:
            allocated, more, less, dropped = _shortage(desk, item, wanted, free)
            back_ordered, canceled = back_ordered + more, canceled + less
    line["Quantity"] = quantity(value_of(line["Quantity"]) - dropped, item.decimals)
    fulfilled = value_of(line.get("QuantityFulfilled"))
    if not desk.document_type.separate_fulfillment:
        fulfilled = allocated
    _divide(desk, item, line, back_ordered, canceled, allocated, fulfilled)
    if item.kind == "Sales Item":
        desk.moves.add(item.number, site, allocated=allocated * factor, back_ordered=back_ordered * factor)


def _divide(
    desk: Desk,
    item: Item,
    line: dict[str, Any],
    back_ordered: Decimal,
    canceled: Decimal,
    allocated: Decimal,
    fulfilled: Decimal,
) -> None:
    assert desk.kind.billed is not None  # noqa: S101 - settle() left for returns
    billed = value_of(line["Quantity"]) - back_ordered - canceled
    numbers = {
        "QuantityToBackorder": back_ordered,
        desk.kind.billed: billed,
        "QuantityCanceled": canceled,
        "QuantityFulfilled": fulfilled,
        "QuantityAllocated": allocated,
    }
    line.update({name: quantity(number, item.decimals) for name, number in numbers.items()})
    line.setdefault("FulfillDate", NO_DATE)
    line.setdefault("ActualShipDate", NO_DATE)
    check_fulfilled(desk.kind, line)


def check_fulfilled(kind: Kind, line: Mapping[str, Any]) -> None:
    """S18: no more can be fulfilled than is allocated."""
    fulfilled, allocated = value_of(line["QuantityFulfilled"]), value_of(line["QuantityAllocated"])
    if not ZERO <= fulfilled <= allocated:
        text = f"QuantityFulfilled {fulfilled} is more than the allocated quantity {allocated}."
        raise Invalid(Problem(f"{kind.root}Line", ("QuantityFulfilled",), text, f"{kind.root}Line.QuantityFulfilled"))


def _settle_return(item: Item, line: dict[str, Any]) -> None:
    """A return without a split goes to the place Returned, not On Hand."""
    line["Quantity"] = quantity(value_of(line["Quantity"]), item.decimals)
    line.setdefault("ReturnQuantity", {"ReturnedQuantity": line["Quantity"]})


def release(desk: Desk, item: Item, line: Mapping[str, Any]) -> None:
    """Gives back what the line holds of the stock."""
    if desk.kind.billed is None or item.kind != "Sales Item":
        return
    factor = (item.factor(line["UofM"]) or ZERO)
    desk.moves.add(
        item.number,
        line["WarehouseKey"]["Id"],
        allocated=-value_of(line["QuantityAllocated"]) * factor,
        back_ordered=-value_of(line["QuantityToBackorder"]) * factor,
    )
