"""The small bodies: label recovery, Track Alert, Time in Transit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from vendors.ups.codec.numbers import is_subscribable, tidy_number
from vendors.ups.codec.places import country_of
from vendors.ups.drafts import Address
from vendors.ups.requests.references import reference_problem
from vendors.ups.requests.ship import label_specification
from vendors.ups.settings import UpsSystem

SUBSCRIPTIONS_PER_CALL = 100
ALERT_LOCALE = "en_US"
"""The only one that Track Alert takes."""

RecoveryFormat = Literal["GIF", "ZPL", "PDF", "EPL", "SPL"]


def recovery_by_number(tracking_number: str, system: UpsSystem, form: RecoveryFormat | None = None) -> dict[str, Any]:
    """Label Recovery by 1Z. PDF can be had here alone, and then only the first label of a shipment has an image."""
    return _recovery({"TrackingNumber": tidy_number(tracking_number)}, system, form)


def recovery_by_reference(reference: str, system: UpsSystem, form: RecoveryFormat | None = None) -> dict[str, Any]:
    """Label Recovery by our reference and the shipper number. Raises ValueError for a value that cannot be searched."""
    problem = reference_problem(reference)
    if problem is not None:
        raise ValueError(f"the reference {problem}")
    values = {"ReferenceNumber": {"Value": reference}, "ShipperNumber": system.account_number}
    return _recovery({"ReferenceValues": values}, system, form)


def _recovery(key: dict[str, Any], system: UpsSystem, form: RecoveryFormat | None) -> dict[str, Any]:
    specification = label_specification(form or system.label_format, system.label_height)
    return {"LabelRecoveryRequest": {"LabelSpecification": specification, **key}}


@dataclass(frozen=True)
class Destination:
    """Track Alert v1: where UPS pushes to, and the secret it sends back in the header `credential`."""

    url: str
    credential: str = field(repr=False)
    credential_type: str = "Bearer"


def subscription_batches(numbers: Iterable[str]) -> tuple[list[list[str]], list[str]]:
    """Tidied numbers, each once, in batches of 100; and those that UPS could not take, whose presence costs nothing."""
    unique = list(dict.fromkeys(tidy_number(number) for number in numbers))
    good = [number for number in unique if is_subscribable(number)]
    bad = [number for number in unique if not is_subscribable(number)]
    return [good[at : at + SUBSCRIPTIONS_PER_CALL] for at in range(0, len(good), SUBSCRIPTIONS_PER_CALL)], bad


def subscription(numbers: Sequence[str], system: UpsSystem, destination: Destination | None) -> dict[str, Any]:
    """One Track Alert subscription. Raises ValueError when the destination does not suit the version.

    v1 needs a destination, v2 has none: URL and credentials are kept in UPS's portal.
    """
    body: dict[str, Any] = {
        "locale": ALERT_LOCALE,
        "countryCode": system.shipper.country,
        "trackingNumberList": list(numbers),
    }
    if system.track_alert == "off":
        raise ValueError("Track Alert is off in this connection")
    if system.track_alert == "v2":
        if destination is not None:
            raise ValueError("Track Alert v2 keeps the destination in UPS's portal")
        return body
    if destination is None or not destination.url or not destination.credential:
        raise ValueError("Track Alert v1 needs the callback address and its credential")
    where = {"url": destination.url, "credentialType": destination.credential_type}
    return body | {"destination": where | {"credential": destination.credential}}


def transit_request(
    origin: Address, destination: Address, *, ship_date: date, weight: Decimal, packages: int, system: UpsSystem
) -> dict[str, Any]:
    """Time in Transit: flat, camelCase, and unlike everywhere else with real numbers. `weight`: of all packages."""
    body = {
        **_place("origin", origin),
        **_place("destination", destination),
        "shipDate": ship_date.isoformat(),
        "weight": weight,
        "weightUnitOfMeasure": system.weight_unit,
        "billType": "03",
        "numberOfPackages": packages,
    }
    if destination.residential is not None:
        body["residentialIndicator"] = "01" if destination.residential else "02"
    return body


def _place(side: str, address: Address) -> dict[str, str]:
    parts = {
        f"{side}CountryCode": country_of(address.country, address.state),
        f"{side}StateProvince": address.state.strip().upper(),
        f"{side}CityName": " ".join(address.city.split())[:50],
        f"{side}PostalCode": re.sub(r"[\s-]", "", address.postal_code.upper())[:10],
    }
    return {key: value for key, value in parts.items() if value}
