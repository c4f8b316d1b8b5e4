"""What the members of a Ship request mean together: accounts, lanes, levels of reference numbers, weights, customs.

Runs after the shape is right. Each rule names the place and, where the vendor's material does, the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from local.simulators.checks import Finding, rule
from local.simulators.ups import lanes, parties
from local.simulators.ups.gateway import Client
from local.simulators.ups.labels import STOCK_FORMATS
from local.simulators.ups.validation import strings
from local.simulators.ups.world import World

ROOT = "ShipmentRequest"
BASE = f"{ROOT}.Shipment"
_PAYERS = ("BillShipper", "BillReceiver", "BillThirdParty", "ConsigneeBilledIndicator")
_POUND_COUNTRIES = ("US", "PR", "VI")
_MAXIMA = {"LBS": Decimal(150), "KGS": Decimal(70)}


def judge(world: World, client: Client, body: dict[str, Any], city_check: bool) -> list[Finding]:
    """Every fault of a well-shaped request. `city_check`: the query asks for it; RequestOption validate does too."""
    request, shipment = body[ROOT], body[ROOT]["Shipment"]
    origin, destination = countries(shipment)
    check_city = city_check or request["Request"]["RequestOption"] == "validate"
    return [
        *_accounts(client, shipment),
        *_parties(world, shipment, check_city),
        *_service(shipment, origin, destination),
        *_references(shipment, origin, destination),
        *_packages(shipment),
        *_delivery_confirmation(shipment, origin, destination),
        *_customs(shipment, origin, destination),
        *_date(world.now(), shipment),
        *_label(world, request.get("LabelSpecification")),
    ]


def countries(shipment: dict[str, Any]) -> tuple[str, str]:
    """Origin (ShipFrom where given, else the shipper) and destination of a shipment."""
    start = shipment.get("ShipFrom") or shipment["Shipper"]
    return start["Address"]["CountryCode"], shipment["ShipTo"]["Address"]["CountryCode"]


def _accounts(client: Client, shipment: dict[str, Any]) -> Iterator[Finding]:
    number = shipment["Shipper"]["ShipperNumber"]
    if number not in client.accounts:
        text = f"Missing or invalid shipper number: {number} does not belong to this user"
        yield rule(f"{BASE}.Shipper.ShipperNumber", text, "120100")
    charges = shipment["PaymentInformation"]["ShipmentCharge"]
    path = f"{BASE}.PaymentInformation.ShipmentCharge"
    kinds = [charge["Type"] for charge in charges]
    if kinds.count("01") != 1 or len(set(kinds)) != len(kinds):
        yield rule(path, "Exactly one charge of type 01, and each type at most once", "120412")
    for index, charge in enumerate(charges):
        given = [name for name in _PAYERS if name in charge]
        if len(given) != 1:
            yield rule(f"{path}[{index}]", f"Exactly one payer per charge, not {given}", "120412")
        if "BillShipper" in charge and charge["BillShipper"]["AccountNumber"] != number:
            text = "The payer's account number must be the shipper's account number"
            yield rule(f"{path}[{index}].BillShipper.AccountNumber", text, "120415")


def _parties(world: World, shipment: dict[str, Any], check_city: bool) -> Iterator[Finding]:
    origin, destination = countries(shipment)
    for name in ("Shipper", "ShipTo", "ShipFrom"):
        party = shipment.get(name)
        if party is None:
            continue
        address = parties.address_of(party)
        found = list(parties.postal_faults(address, f"{BASE}.{name}.Address"))
        yield from found
        if check_city and not found:
            yield from parties.city_faults(world, address, f"{BASE}.{name}.Address")
        yield from parties.phone_faults(party, f"{BASE}.{name}")
    early = shipment["Service"]["Code"] == "14"
    if origin != destination:
        yield from parties.reachable(shipment["Shipper"], f"{BASE}.Shipper")
    if origin != destination or early:
        yield from parties.reachable(shipment["ShipTo"], f"{BASE}.ShipTo")


def _service(shipment: dict[str, Any], origin: str, destination: str) -> Iterator[Finding]:
    code = shipment["Service"]["Code"]
    if code not in lanes.SERVICES:
        yield rule(f"{BASE}.Service.Code", f"Missing or invalid service code: {code}", "120500")
    elif code not in lanes.services_between(origin, destination):
        text = f"The requested service {code} is not available from {origin} to {destination}"
        yield rule(f"{BASE}.Service.Code", text, "120124")


def _references(shipment: dict[str, Any], origin: str, destination: str) -> Iterator[Finding]:
    """US/US and PR/PR: on the packages only. Every other pair: on the shipment only. One barcode in all."""
    upper = shipment.get("ReferenceNumber", [])
    lower = [each for package in shipment["Package"] for each in package.get("ReferenceNumber", [])]
    if lanes.package_level(origin, destination):
        if upper:
            text = "Shipment/ReferenceNumber is not allowed for this shipment"
            yield rule(f"{BASE}.ReferenceNumber", text, "120541")
    elif lower:
        text = "Shipment/Package/ReferenceNumber is not allowed for this shipment"
        yield rule(f"{BASE}.Package.ReferenceNumber", text, "120542")
    barred = [each for each in [*upper, *lower] if "BarCodeIndicator" in each]
    if len(barred) > 1:
        yield rule(f"{BASE}.ReferenceNumber", "Only one reference number may be a bar code", "120501")
    for each in barred:
        if not re.fullmatch(r"[0-9A-Za-z]{1,14}|[0-9]{1,24}", each["Value"]):
            text = "A bar code holds 14 letters and digits, or 24 digits, without blanks"
            yield rule(f"{BASE}.ReferenceNumber", text, "120501")


def _packages(shipment: dict[str, Any]) -> Iterator[Finding]:
    country = shipment["Shipper"]["Address"]["CountryCode"]
    for index, package in enumerate(shipment["Package"]):
        path = f"{BASE}.Package[{index}]"
        weight = package.get("PackageWeight")
        if weight is None:
            if package["Packaging"]["Code"] != "01":
                yield rule(f"{path}.PackageWeight", "Missing or invalid package weight", "120602")
        else:
            yield from _weight(weight, country, f"{path}.PackageWeight")
        if "Dimensions" in package:
            yield from _dimensions(package["Dimensions"], f"{path}.Dimensions")


def _weight(weight: dict[str, Any], country: str, path: str) -> Iterator[Finding]:
    unit = weight["UnitOfMeasurement"]["Code"]
    if country != "CA" and (unit == "LBS") != (country in _POUND_COUNTRIES):
        yield rule(f"{path}.UnitOfMeasurement.Code", f"{unit} is not valid for a shipper in {country}", "120601")
    if Decimal(weight["Weight"]) > _MAXIMA[unit]:
        yield rule(f"{path}.Weight", f"The maximum weight is {_MAXIMA[unit]} {unit} per package", "120602")


def _dimensions(dimensions: dict[str, Any], path: str) -> Iterator[Finding]:
    centimetres = dimensions["UnitOfMeasurement"]["Code"] == "CM"
    sides = sorted((int(dimensions[name]) for name in ("Length", "Width", "Height")), reverse=True)
    longest, girth = (270, 330) if centimetres else (108, 165)
    if sides[0] > longest or sides[0] + 2 * (sides[1] + sides[2]) > girth:
        yield rule(path, f"At most {longest} long, and {girth} for length plus girth", "120609")


def _delivery_confirmation(shipment: dict[str, Any], origin: str, destination: str) -> Iterator[Finding]:
    """On the package inside the US and PR, on the shipment elsewhere (after an appendix that is not published)."""
    on_package = lanes.package_level(origin, destination)
    if on_package and "DeliveryConfirmation" in shipment.get("ShipmentServiceOptions", {}):
        path = f"{BASE}.ShipmentServiceOptions.DeliveryConfirmation"
        yield rule(path, "Delivery confirmation belongs to the package on this lane")
    for index, package in enumerate(shipment["Package"]):
        if not on_package and "DeliveryConfirmation" in package.get("PackageServiceOptions", {}):
            path = f"{BASE}.Package[{index}].PackageServiceOptions.DeliveryConfirmation"
            yield rule(path, "Delivery confirmation belongs to the shipment on this lane")


def _customs(shipment: dict[str, Any], origin: str, destination: str) -> Iterator[Finding]:
    """Descriptions, the invoice total US to CA and PR, and Mexico's merchandise description."""
    packages = shipment["Package"]
    letters = all(package["Packaging"]["Code"] == "01" for package in packages)
    paper = letters or "DocumentsOnlyIndicator" in shipment
    if lanes.dutiable(origin, destination) and not paper and "Description" not in shipment:
        yield rule(f"{BASE}.Description", "Missing or invalid description of goods for an international shipment")
    if origin == "US" and destination in ("CA", "PR"):
        if "InvoiceLineTotal" not in shipment and not paper:
            yield rule(f"{BASE}.InvoiceLineTotal", f"Missing InvoiceLineTotal: needed from US to {destination}")
    elif "InvoiceLineTotal" in shipment:
        yield rule(f"{BASE}.InvoiceLineTotal", "InvoiceLineTotal is only for shipments from US to CA and PR")
    if destination == "MX" and origin != "MX":
        for index, package in enumerate(packages):
            if "Description" not in package:
                text = "Mexico needs a description of the merchandise on every package"
                yield rule(f"{BASE}.Package[{index}].Description", text, "121984")


def _date(now: datetime, shipment: dict[str, Any]) -> Iterator[Finding]:
    given = shipment.get("ShipmentDate")
    # A day of grace at the start: the shipper's day may not be over when the day of UTC is.
    days = {(now + timedelta(days=offset)).strftime("%Y%m%d") for offset in range(-1, 8)}
    if given is not None and given not in days:
        yield rule(f"{BASE}.ShipmentDate", f"Invalid shipment date {given}: today or the seven days that follow")


def _label(world: World, label: dict[str, Any] | None) -> Iterator[Finding]:
    if label is None:
        return
    code = label["LabelImageFormat"]["Code"]
    path = f"{ROOT}.LabelSpecification"
    if code == "PNG" and not world.switches.png_labels:
        yield rule(f"{path}.LabelImageFormat.Code", "Missing or invalid label image format")
    if code in STOCK_FORMATS and "LabelStockSize" not in label:
        yield rule(f"{path}.LabelStockSize", f"Missing label stock size: needed for {code}")


def unprintable(body: Any) -> bool:
    """Whether a text holds control characters: UPS answers 200 with an empty body to that (seen in a recording)."""
    return any(re.search(r"[\x00-\x1f\x7f]", each) for each in strings(body))


def beyond_latin_1(body: Any) -> list[str]:
    """Texts for a label that the default character set of printers cannot hold. The `Request` part is not printed."""
    holders = [each for each in body.values() if isinstance(each, dict)] if isinstance(body, dict) else []
    printed = [member for each in holders for name, member in each.items() if name != "Request"]
    return [each for each in strings(printed) if any(ord(character) > 255 for character in each)]
