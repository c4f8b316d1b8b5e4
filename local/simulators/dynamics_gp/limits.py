"""The lengths at which GP cuts strings without a word: no fault, no log, nothing in the answer.

Source: the Web Service Reference where it gives a length, else the eConnect node reference beneath it. The document
number is cut at 17, what the reference says, although the table's column holds 21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from local.simulators.dynamics_gp.schema import fields, is_simple, lineage
from local.simulators.dynamics_gp.writing import KIND

_KEYS = {
    "SalesDocumentKey": 17,
    "SalesDocumentTypeKey": 15,
    "CustomerKey": 15,
    "SalesTrackingNumberKey": 40,
    "ItemKey": 30,
    "WarehouseKey": 10,
    "ShippingMethodKey": 15,
    "PriceLevelKey": 10,
    "TaxScheduleKey": 15,
    "CountryRegionCodeKey": 6,
    "CustomerAddressKey": 15,
    "InventoryKey": 17,
    "BatchKey": 15,
}
_USER_TEXTS = (*(f"Text0{number}" for number in range(1, 6)), *(f"List0{number}" for number in range(1, 4)))

LIMITS: dict[tuple[str, str], int] = {
    **{(key, "Id"): longest for key, longest in _KEYS.items()},
    ("BatchKey", "Source"): 15,
    ("SalesDocument", "CustomerPONumber"): 20,
    ("SalesDocument", "CustomerName"): 64,
    ("SalesDocument", "UPSZone"): 3,
    ("SalesLine", "ItemDescription"): 100,
    ("SalesLine", "UofM"): 8,
    ("InventoryLine", "UofM"): 8,
    **{("SalesUserDefined", name): 20 for name in _USER_TEXTS},
    ("BusinessAddress", "Name"): 64,
    ("BusinessAddress", "ContactPerson"): 60,
    **{("AddressBase", f"Line{number}"): 60 for number in (1, 2, 3)},
    ("AddressBase", "City"): 35,
    ("AddressBase", "State"): 29,
    ("AddressBase", "PostalCode"): 10,
    ("Address", "CountryRegion"): 60,
    ("PhoneNumber", "Value"): 21,
    ("Item", "Description"): 100,
    ("Item", "ShortDescription"): 15,
    ("Customer", "Name"): 64,
    ("Customer", "Shortname"): 15,
    ("Context", "TenantName"): 100,
}


def limit(kind: str, element: str) -> int | None:
    """The length at which GP cuts this element of this type, its bases' limits included."""
    return next((LIMITS[each, element] for each in lineage(kind) if (each, element) in LIMITS), None)


def cut(kind: str, value: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The value as GP stores it (every string cut and without trailing blanks) and what was cut, in words."""
    lost: list[str] = []
    return _cut(kind, value, lost, ""), lost


def _cut(kind: str, value: dict[str, Any], lost: list[str], path: str) -> dict[str, Any]:
    actual = value.get(KIND, kind)
    stored: dict[str, Any] = {KIND: actual} if KIND in value else {}
    for field in fields(actual):
        if field.name not in value:
            continue
        given, here = value[field.name], f"{path}{actual}.{field.name}"
        if field.many and not is_simple(field.type):
            stored[field.name] = [_cut(field.type, each, lost, f"{here}/") for each in given]
        elif not is_simple(field.type):
            stored[field.name] = _cut(field.type, given, lost, f"{here}/")
        else:
            stored[field.name] = _text(actual, field.name, given, here, lost)
    return stored


def _text(kind: str, element: str, given: Any, here: str, lost: list[str]) -> Any:
    if not isinstance(given, str):
        return given
    longest = limit(kind, element)
    if longest is not None and len(given) > longest:
        lost.append(f"{here}: {len(given)} characters cut to {longest}")
        given = given[:longest]
    return given.rstrip(" ")


def all_limits() -> Iterator[tuple[str, int]]:
    """`Type.Element` with its length, for the test that compares them with the reference."""
    for (kind, element), longest in LIMITS.items():
        yield f"{kind}.{element}", longest
