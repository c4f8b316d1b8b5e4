"""Totals of a sales document, and the batch it lands in."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from local.simulators.dynamics_gp.amounts import ZERO, money, value_of
from local.simulators.dynamics_gp.values import NO_DATE
from local.simulators.dynamics_gp.world import World

SALES_BATCHES = "Sales Entry"
INVENTORY_BATCHES = "IV_Trxent"


def _less(base: Decimal, choice: Mapping[str, Any] | None) -> Decimal:
    """A discount of an amount or of a percentage."""
    if not choice:
        return ZERO
    if "Amount" in choice:
        return Decimal(choice["Amount"]["Value"])
    return base * Decimal(choice["Percent"]["Value"]) / 100 if "Percent" in choice else ZERO


def total(world: World, fields: dict[str, Any]) -> None:
    """Sets LineTotalAmount and TotalAmount, and the amounts that were left out to zero."""
    currency = world.switches.currency
    lines = sum(
        (value_of(line["TotalAmount"]) - _less(value_of(line["TotalAmount"]), line.get("Discount")))
        for line in fields.get("Lines", ())
    )
    lines = Decimal(lines)
    for name in ("FreightAmount", "MiscellaneousAmount", "TaxAmount", "DiscountAmount"):
        fields.setdefault(name, money(ZERO, currency))
    added = sum(value_of(fields[name]) for name in ("FreightAmount", "MiscellaneousAmount", "TaxAmount"))
    taken = value_of(fields["DiscountAmount"]) + _less(lines, fields.get("TradeDiscount"))
    fields["LineTotalAmount"] = money(lines, currency)
    fields["TotalAmount"] = money(lines + added - taken, currency)


def batch_key(world: World, given: Mapping[str, Any], source: str) -> dict[str, Any]:
    """The batch: the one named, or a new one named after the hour (`20060710H17`)."""
    name = given.get("Id") or f"{world.wire_now():%Y%m%dH%H}"
    return {"Source": source, "Id": name, "CreatedDateTime": NO_DATE}
