"""Numbers as GP wants them: a value and its digits behind the point, at most five."""

from __future__ import annotations

from decimal import Decimal

from vendors.dynamics_gp.limits import MOST_DIGITS

LINE_STEP = 16_384
"""GP counts the lines of a document in steps of this."""

NO_DATE = "1900-01-01T00:00:00"


def digits_of(value: Decimal) -> int:
    """Digits behind the point that the value needs."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def fits(value: Decimal) -> bool:
    """Whether GP can hold the value exactly."""
    return digits_of(value) <= MOST_DIGITS


def quantity(value: Decimal) -> dict[str, str]:
    """A quantity in GP's form."""
    digits = digits_of(value)
    return {"Value": format(round(value, digits), "f"), "DecimalDigits": str(digits)}


def money(value: Decimal, currency: str) -> dict[str, str]:
    """An amount in GP's form, with two digits at least."""
    digits = max(2, digits_of(value))
    return {"Currency": currency, "Value": format(round(value, digits), "f"), "DecimalDigits": str(digits)}


def plain(value: Decimal) -> str:
    """A number for people: no needless zeros."""
    return format(value.normalize(), "f")
