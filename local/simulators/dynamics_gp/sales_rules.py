"""What GP checks before it saves a sales document. Numbered rules; each has a test that sees it refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from local.simulators.dynamics_gp.amounts import ZERO, amount_faults, places, value_of
from local.simulators.dynamics_gp.problems import Problem
from local.simulators.dynamics_gp.records import Item
from local.simulators.dynamics_gp.sales_kinds import RETURN_PLACES, Kind
from local.simulators.dynamics_gp.world import World

_MONEY = ("FreightAmount", "MiscellaneousAmount", "TaxAmount", "DiscountAmount")
_LINE_QUANTITIES = ("QuantityToBackorder", "QuantityToInvoice", "BillingQuantity", "QuantityCanceled")


def problem(kind: Kind, element: str, text: str) -> Problem:
    """A row of a validation result for one element of the document."""
    return Problem(kind.root, (element,), text, f"{kind.root}.{element}")


def header(world: World, kind: Kind, given: Mapping[str, Any], *, creating: bool) -> Iterator[Problem]:
    """Rules of the header; on an update only what is given is judged."""
    if creating:
        for element in ("DocumentTypeKey", "CustomerKey", "BatchKey"):  # S1
            if element not in given:
                yield problem(kind, element, f"{element} is required.")
    yield from _known(world, kind, given)
    date = given.get("Date")
    if date is not None and (date.hour, date.minute, date.second, date.microsecond) != (0, 0, 0, 0):  # S7
        yield problem(kind, "Date", "Date must be a date at midnight.")
    currency = given.get("CurrencyKey", {}).get("ISOCode") or world.switches.currency
    if currency != world.switches.currency:  # S6
        yield problem(kind, "CurrencyKey", f"CurrencyKey {currency} is not set up.")
    for element in _MONEY:
        yield from _money(world, kind, given, element)


def _known(world: World, kind: Kind, given: Mapping[str, Any]) -> Iterator[Problem]:
    """S2 to S5: keys of the header must exist, and the customer must be active."""
    type_key = given.get("DocumentTypeKey")
    if type_key is not None and (
        type_key["Type"] != kind.type or world.document_types.get((kind.type, type_key.get("Id", ""))) is None
    ):  # S2
        yield problem(kind, "DocumentTypeKey", f"DocumentTypeKey {type_key.get('Id', '')} does not exist.")
    if "CustomerKey" in given:
        customer = world.customers.get(given["CustomerKey"].get("Id", ""))
        if customer is None:  # S3
            yield problem(kind, "CustomerKey", "CustomerKey does not exist.")
        elif not customer.active:  # S4
            yield problem(kind, "CustomerKey", f"Customer {customer.id} is inactive.")
    yield from site(world, kind, given)
    yield from shipping_method(world, kind, given)


def site(world: World, kind: Kind, given: Mapping[str, Any]) -> Iterator[Problem]:
    """S5: the site of a header or a line must exist."""
    if "WarehouseKey" in given and world.sites.get(given["WarehouseKey"].get("Id", "")) is None:
        yield problem(kind, "WarehouseKey", f"WarehouseKey {given['WarehouseKey'].get('Id', '')} does not exist.")


def shipping_method(world: World, kind: Kind, given: Mapping[str, Any]) -> Iterator[Problem]:
    """S5: the same for the shipping method."""
    name = given.get("ShippingMethodKey", {}).get("Id", "")
    if name and world.shipping_methods.get(name) is None:
        yield problem(kind, "ShippingMethodKey", f"ShippingMethodKey {name} does not exist.")


def _money(world: World, kind: Kind, given: Mapping[str, Any], element: str) -> Iterator[Problem]:
    """S8: an amount is of the document's currency, not negative, and has the decimals it says."""
    amount = given.get(element)
    if amount is None:
        return
    for text in amount_faults(amount, element):
        yield problem(kind, element, text)
    if amount.get("Currency", world.switches.currency) != world.switches.currency:
        yield problem(kind, element, f"{element} is not in the currency of the document.")
    if amount["Value"] < ZERO:
        yield problem(kind, element, f"{element} cannot be negative.")


def line(world: World, kind: Kind, given: Mapping[str, Any], item: Item | None) -> Iterator[Problem]:
    """Rules of one line as it will be stored; `item` is its item card."""
    if item is None:  # S9
        yield problem(kind, "ItemKey", f"ItemKey {given.get('ItemKey', {}).get('Id', '')} does not exist.")
        return
    if item.discontinued:  # S10
        yield problem(kind, "ItemKey", f"Item {item.number} is discontinued.")
    if "Quantity" not in given:  # S11
        yield problem(kind, "Quantity", "Quantity is required.")
        return
    yield from _quantities(kind, given, item)
    if item.factor(given.get("UofM", item.unit)) is None:  # S14
        yield problem(kind, "UofM", f"UofM {given['UofM']} is not in the schedule of item {item.number}.")
    yield from site(world, kind, given)
    yield from shipping_method(world, kind, given)
    yield from _money(world, kind, given, "UnitPrice")
    yield from _money(world, kind, given, "TotalAmount")
    if "ReturnQuantity" in given:
        yield from _return_split(kind, given)


def _quantities(kind: Kind, given: Mapping[str, Any], item: Item) -> Iterator[Problem]:
    amount = given["Quantity"]
    for text in amount_faults(amount, "Quantity"):  # S12
        yield problem(kind, "Quantity", text)
    if amount["Value"] <= ZERO:
        yield problem(kind, "Quantity", "Quantity must be greater than zero.")
    if places(amount["Value"]) > item.decimals:  # S13
        yield problem(kind, "Quantity", f"Item {item.number} is sold with {item.decimals} decimals.")
    parts = [given[name]["Value"] for name in _LINE_QUANTITIES if name in given]
    if any(part < ZERO for part in parts) or sum(parts) > amount["Value"]:  # S15
        yield problem(kind, "Quantity", "The quantities of the line do not add up to Quantity.")


def _return_split(kind: Kind, given: Mapping[str, Any]) -> Iterator[Problem]:
    """S16: the split of a return must add up to its quantity."""
    parts = [value_of(given["ReturnQuantity"].get(name)) for name in RETURN_PLACES]
    if any(part < ZERO for part in parts) or sum(parts, ZERO) != given["Quantity"]["Value"]:
        yield problem(kind, "ReturnQuantity", "ReturnQuantity does not add up to Quantity.")
