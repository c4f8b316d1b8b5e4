"""Packages in Shipping's form. (Package: weight in 5 characters, sides in 3, whole units.)"""

from __future__ import annotations

import re
from typing import Any

from vendors.ups.codec.measures import plain, sides_form, weight_form
from vendors.ups.codec.sheet import Sheet
from vendors.ups.codec.text import LINE, printable, shortened
from vendors.ups.drafts import Parcel, ShipDraft, Signature
from vendors.ups.requests.parties import Route
from vendors.ups.requests.references import at_package_level
from vendors.ups.settings import UpsSystem

MOST = 200
_PACKAGE_LEVEL = {Signature.SIGNATURE: "2", Signature.ADULT: "3"}
"""Other numbers than at the shipment's level, where they are 1 and 2."""


def package_forms(draft: ShipDraft, system: UpsSystem, route: Route, sheet: Sheet) -> list[dict[str, Any]]:
    """One form per parcel, in the draft's order: the answer is matched to it by position."""
    if not 1 <= len(draft.parcels) <= MOST:
        sheet.problem("packages", f"there are {len(draft.parcels)}, UPS takes 1 to {MOST} in a shipment")
    return [
        _package(parcel, f"package {number}", draft, system, route, sheet)
        for number, parcel in enumerate(draft.parcels, start=1)
    ]


def _package(
    parcel: Parcel, name: str, draft: ShipDraft, system: UpsSystem, route: Route, sheet: Sheet
) -> dict[str, Any]:
    form: dict[str, Any] = {}
    text = printable(parcel.description or draft.description, f"{name} description", sheet)
    if text:
        form["Description"] = shortened(text, LINE, f"{name} description", sheet)
    form["Packaging"] = {"Code": _packaging(parcel.packaging, name, sheet)}
    form |= sides(parcel, name, system, sheet)
    weight = weight_form(parcel.weight, parcel.weight_unit, system.weight_unit, f"{name} weight", sheet)
    form["PackageWeight"] = {"UnitOfMeasurement": {"Code": system.weight_unit}, "Weight": weight}
    if parcel.additional_handling:
        form["AdditionalHandlingIndicator"] = "Y"
    options = _options(parcel, name, draft, route, sheet)
    return form | ({"PackageServiceOptions": options} if options else {})


def sides(parcel: Parcel, name: str, system: UpsSystem, sheet: Sheet) -> dict[str, Any]:
    """`Dimensions`, or nothing where the parcel has none."""
    if not parcel.sides:
        return {}
    found = sides_form(parcel.sides, parcel.side_unit, system.dimension_unit, f"{name} sides", sheet)
    if found is None:
        return {}
    length, width, height = found
    unit = {"Code": system.dimension_unit}
    return {"Dimensions": {"UnitOfMeasurement": unit, "Length": length, "Width": width, "Height": height}}


def _packaging(code: str, name: str, sheet: Sheet) -> str:
    if not re.fullmatch(r"[0-9][0-9a-z]", code, re.ASCII):
        sheet.problem(f"{name} packaging", "must be a UPS code of two characters such as 02; map the box")
    return code


def _options(parcel: Parcel, name: str, draft: ShipDraft, route: Route, sheet: Sheet) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if draft.signature is not Signature.NONE and at_package_level(route):
        options["DeliveryConfirmation"] = {"DCISType": _PACKAGE_LEVEL[draft.signature]}
    if parcel.declared_value is not None:
        money = parcel.declared_value
        if not re.fullmatch(r"[A-Z]{3}", money.currency, re.ASCII) or not money.amount.is_finite() or money.amount <= 0:
            sheet.problem(f"{name} declared value", "must be more than zero with a currency of three letters")
        options["DeclaredValue"] = {"CurrencyCode": money.currency, "MonetaryValue": plain(money.amount)}
    return options
