"""Judges who sends to whom in a Ship or Rating request: postal forms, states, phones, attention names, cities."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from local.simulators.checks import Finding, rule
from local.simulators.ups import geography
from local.simulators.ups.records import Address
from local.simulators.ups.world import World

_TEN_DIGITS = ("US", "PR", "CA", "VI")


def address_of(party: dict[str, Any]) -> Address:
    """The party of a request as a record."""
    written = party["Address"]
    return Address(
        party.get("Name", ""),
        party.get("AttentionName", ""),
        tuple(written.get("AddressLine", ())),
        written.get("City", ""),
        written.get("StateProvinceCode", ""),
        written.get("PostalCode", ""),
        written["CountryCode"],
        "ResidentialAddressIndicator" in written,
    )


def postal_faults(address: Address, path: str) -> Iterator[Finding]:
    """State and postal code as the country wants them. US and PR and CA need a postal code, Puerto Rico is no state."""
    if address.country in geography.STATES_WANTED and not address.state:
        yield rule(f"{path}.StateProvinceCode", f"Missing or invalid {path}.StateProvinceCode")
    if address.country == "US" and address.state == "PR":
        yield rule(f"{path}.StateProvinceCode", f"Invalid {path}.StateProvinceCode: PR is a country code of its own")
    if not address.postal_code:
        if address.country in ("US", "PR", "CA"):
            yield rule(f"{path}.PostalCode", f"Missing or invalid {path}.PostalCode")
        return
    wrong = geography.postal_fault(address.country, address.postal_code)
    if wrong:
        yield rule(f"{path}.PostalCode", f"Missing or invalid {path}.PostalCode: {wrong}")
    elif not geography.state_fits(address.country, address.state, address.postal_code):
        text = f"The postal code {address.postal_code} is invalid for {address.state} {address.country}."
        yield rule(f"{path}.PostalCode", text, "111285")


def city_faults(world: World, address: Address, path: str) -> Iterator[Finding]:
    """The city against the postal code, where this simulator knows the code."""
    code = address.postal_code[:5] if address.country in ("US", "PR") else address.postal_code
    known = world.cities.get((address.country, code))
    if known is not None and known != address.city.strip().upper():
        text = f"The city {address.city} does not match the postal code {address.postal_code}"
        yield rule(f"{path}.City", text, "120802")


def phone_faults(party: dict[str, Any], path: str) -> Iterator[Finding]:
    """US, PR, CA and VI: ten digits, whatever stands between them."""
    phone, country = party.get("Phone"), party["Address"]["CountryCode"]
    if phone and country in _TEN_DIGITS and len(re.sub(r"\D", "", phone["Number"])) != 10:
        yield rule(f"{path}.Phone.Number", f"Invalid {path}.Phone.Number: ten digits in {country}")


def reachable(party: dict[str, Any], path: str) -> Iterator[Finding]:
    """An attention name and a phone: wanted across borders, and at the destination of Next Day Air Early."""
    for name in ("AttentionName", "Phone"):
        if name not in party:
            yield rule(f"{path}.{name}", f"Missing or invalid {path}.{name}: needed for this shipment")
