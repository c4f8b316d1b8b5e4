"""Countries, postal codes and phones in UPS's forms."""

from __future__ import annotations

import re

from vendors.ups.codec.sheet import Sheet

EUROPEAN_UNION = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip
"""One customs area: no customs papers between two of these."""

NORTH_AMERICAN_PHONES = frozenset({"US", "PR", "CA", "VI"})
"""Phones of ten digits (UPS, ShipTo/Phone)."""

STATE_NEEDED = frozenset({"US", "CA", "VN"})
OWN_COUNTRIES = frozenset({"PR", "VI"})
"""States of the ERP's US addresses that are countries of their own at UPS."""

_CANADA = re.compile(r"[A-Z]\d[A-Z]\d[A-Z]\d", re.ASCII)
_EXTENSION = re.compile(r"^(.*?)[\s,;]*(?:ext(?:ension)?\.?|x|#)\s*(\d{1,10})\s*$", re.IGNORECASE | re.DOTALL)


def country_of(country: str, state: str) -> str:
    """UPS's country code: two capital letters; Puerto Rico and the Virgin Islands are no states of the US."""
    code, region = country.strip().upper(), state.strip().upper()
    return region if code == "US" and region in OWN_COUNTRIES else code


def postal_form(text: str, country: str, name: str, sheet: Sheet) -> str:
    """The postal code as UPS takes it: US and PR 5 or 9 digits, CA `A1A1A1`, elsewhere at most 9 characters."""
    value = " ".join(text.upper().split())
    if country in ("US", "PR", "VI"):
        return _american(value, name, sheet)
    if country == "CA":
        compact = re.sub(r"[\s-]", "", value)
        if not _CANADA.fullmatch(compact):
            sheet.problem(name, "a Canadian postal code has the form A1A 1A1" if value else "is missing")
        return compact
    compact = value if len(value) <= 9 else re.sub(r"[\s-]", "", value)
    if len(compact) > 9:
        sheet.problem(name, f"has {len(compact)} characters, UPS takes 9")
    return compact


def _american(value: str, name: str, sheet: Sheet) -> str:
    digits = re.sub(r"[\s-]", "", value)
    # A code that lost its leading zero is not padded: it could as well have lost its last digit.
    if not re.fullmatch(r"\d{5}(\d{4})?", digits, re.ASCII):
        sheet.problem(name, "must have 5 or 9 digits" if value else "is missing")
    return digits


def phone_form(text: str, country: str) -> tuple[str, str] | None:
    """Digits and extension, or None when this is no phone number that UPS takes.

    US, PR, CA, VI: ten digits (a leading 1 is dropped), extension of at most four. Elsewhere up to 15 digits, country
    code first; the marks of writing are taken away, and the (0) that is dialled without the country code.
    """
    match = _EXTENSION.match(text.strip())
    main, extension = (match.group(1), match.group(2)) if match else (text.strip(), "")
    if re.search(r"[^\d\s()+./\\\-\u2010-\u2015\u00a0]", main, re.ASCII) or len(extension) > 4:
        return None
    if main.startswith(("+", "00")):
        main = main.replace("(0)", "")
    digits = re.sub(r"\D", "", main, flags=re.ASCII)
    if country in NORTH_AMERICAN_PHONES:
        digits = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
        return (digits, extension) if len(digits) == 10 else None
    digits = digits[2:] if digits.startswith("00") else digits
    return (digits, extension) if 5 <= len(digits) <= 15 else None


def within_one_customs_area(origin: str, destination: str) -> bool:
    """Whether goods cross no customs border: same country, within the EU, or between the US and Puerto Rico."""
    if origin == destination:
        return True
    pair = {origin, destination}
    return pair == {"US", "PR"} or pair <= EUROPEAN_UNION
