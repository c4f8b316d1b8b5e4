"""Quantities and money: small builders and the rules their numbers obey."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

ZERO = Decimal(0)
CENT = Decimal("0.01")


def quantity(value: Decimal, decimals: int = 0) -> dict[str, Any]:
    """A Quantity with as many decimals as the item has."""
    return {"Value": value.quantize(Decimal(1).scaleb(-decimals)), "DecimalDigits": decimals}


def money(value: Decimal, currency: str) -> dict[str, Any]:
    """A MoneyAmount in a currency of two decimals."""
    return {"Currency": currency, "Value": value.quantize(CENT, ROUND_HALF_UP), "DecimalDigits": 2}


def value_of(amount: Mapping[str, Any] | None) -> Decimal:
    """The number of a Quantity or MoneyAmount, zero when it is absent."""
    return Decimal(amount["Value"]) if amount else ZERO


def places(value: Decimal) -> int:
    """How many decimals a number really needs."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def amount_faults(amount: Mapping[str, Any], name: str) -> list[str]:
    """What is wrong with an amount: digits out of 0..5, or more decimals than it says."""
    digits = amount["DecimalDigits"]
    if not 0 <= digits <= 5:
        return [f"{name}.DecimalDigits must be between 0 and 5."]
    if places(amount["Value"]) > digits:
        return [f"{name} {amount['Value']} has more than {digits} decimals."]
    return []
