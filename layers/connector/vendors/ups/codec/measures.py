"""Weights and dimensions as UPS takes them: strings, in the shipper country's units, rounded up and noted."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_UP, Decimal

from vendors.ups.codec.sheet import Sheet

GRAMS = {
    "LBS": Decimal("453.59237"), "LB": Decimal("453.59237"), "OZ": Decimal("28.349523125"),
    "OZS": Decimal("28.349523125"), "KG": Decimal(1000), "KGS": Decimal(1000), "G": Decimal(1),
}  # fmt: skip
"""Exact by definition. UPS's own codes and the ERP's."""

CENTIMETRES = {"IN": Decimal("2.54"), "CM": Decimal(1), "MM": Decimal("0.1"), "FT": Decimal("30.48"), "M": Decimal(100)}

HEAVIEST = {"LBS": Decimal(150), "KGS": Decimal(70)}
LONGEST = {"IN": 108, "CM": 270}
LONGEST_WITH_GIRTH = {"IN": 165, "CM": 330}
"""Length + 2 (width + height); UPS publishes both numbers, which do not convert into each other."""

NAMES = {"LBS": "Pounds", "KGS": "Kilograms", "IN": "Inches", "CM": "Centimeters"}
"""What Rating requires beside each unit's code."""


def plain(number: Decimal) -> str:
    """Digits without exponent and without closing zeros: `7.5`, `18`."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def weight_form(weight: Decimal, unit: str, wanted: str, name: str, sheet: Sheet) -> str:
    """A package's weight in `wanted` (LBS, KGS), rounded up to a tenth: more than zero, at most UPS's limit."""
    form = any_weight_form(weight, unit, wanted, name, sheet)
    if Decimal(form) > HEAVIEST[wanted]:
        sheet.problem(name, f"{form} {wanted} is more than the {HEAVIEST[wanted]} that one package may weigh")
    return form


def any_weight_form(weight: Decimal, unit: str, wanted: str, name: str, sheet: Sheet) -> str:
    """The same without the limit of a package: for goods and totals. Five characters."""
    if not weight.is_finite() or weight <= 0:
        sheet.problem(name, "is missing or not more than zero")
        return "0"
    if unit.upper() not in GRAMS:
        sheet.problem(name, f"unit {unit!r} is unknown; use LBS, OZ, KGS or G")
        return "0"
    converted = _converted(weight, GRAMS[unit.upper()], GRAMS[wanted])
    if GRAMS[unit.upper()] != GRAMS[wanted]:
        sheet.note(name, f"converted from {unit.upper()} to {wanted}")
    rounded = converted.quantize(Decimal("0.1"), rounding=ROUND_UP)
    if rounded != converted:
        sheet.note(name, f"rounded up to {plain(rounded)} {wanted}")
    if len(plain(rounded)) > 5:
        sheet.problem(name, f"{plain(rounded)} {wanted} has more than the 5 characters that UPS takes")
    return plain(rounded)


def _converted(value: Decimal, unit: Decimal, wanted: Decimal) -> Decimal:
    if unit == wanted:
        return value
    # Nine digits after the point: below every scale's precision, and 16 oz stay one pound instead of a bit more.
    return (value * unit / wanted).quantize(Decimal("0.000000001"))


def sides_form(
    sides: Sequence[Decimal], unit: str, wanted: str, name: str, sheet: Sheet
) -> tuple[str, str, str] | None:
    """Length, width, height in whole `wanted` (IN, CM), rounded up, longest first. None with a problem noted."""
    if len(sides) != 3 or any(not side.is_finite() or side <= 0 for side in sides):
        sheet.problem(name, "need three sides of more than zero")
        return None
    if unit.upper() not in CENTIMETRES:
        sheet.problem(name, f"unit {unit!r} is unknown; use IN, CM, MM, FT or M")
        return None
    exact = [_converted(side, CENTIMETRES[unit.upper()], CENTIMETRES[wanted]) for side in sides]
    if unit.upper() != wanted:
        sheet.note(name, f"converted from {unit.upper()} to {wanted}")
    whole = sorted((side.to_integral_value(rounding=ROUND_UP) for side in exact), reverse=True)
    if sorted(exact, reverse=True) != whole:
        sheet.note(name, f"rounded up to whole {wanted}")
    length, width, height = (int(side) for side in whole)
    if length > LONGEST[wanted] or length + 2 * (width + height) > LONGEST_WITH_GIRTH[wanted]:
        sheet.problem(
            name,
            f"{length} x {width} x {height} {wanted} is larger than UPS carries ({LONGEST[wanted]} long, length and "
            f"girth {LONGEST_WITH_GIRTH[wanted]})",
        )
        return None
    return str(length), str(width), str(height)
