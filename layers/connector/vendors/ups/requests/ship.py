"""The body that buys a label. (Shipping v2409: every scalar is a string, indicators count by presence.)"""

from __future__ import annotations

import re
from typing import Any

from vendors.ups.codec.sheet import Sheet
from vendors.ups.codec.text import printable, shortened
from vendors.ups.drafts import Built, Lacking, ShipDraft, Signature, outcome
from vendors.ups.requests.customs import goods_value, international_forms, needs_papers
from vendors.ups.requests.packages import package_forms
from vendors.ups.requests.parties import Route, country, party_form, shipper_party
from vendors.ups.requests.payments import charges
from vendors.ups.requests.references import at_package_level, reference_forms
from vendors.ups.settings import UpsSystem
from vendors.ups.times import day_form

EARLY_SERVICE = "14"
"""UPS Next Day Air Early requires a contact within the US too."""

MOST_CONTEXT = 512
MOST_DESCRIPTION = 50
_SHIPMENT_LEVEL = {Signature.SIGNATURE: "1", Signature.ADULT: "2"}
_STOCK_FORMATS = frozenset({"ZPL", "EPL", "SPL"})


def ship_request(draft: ShipDraft, system: UpsSystem) -> Built | Lacking:
    """The body for `Ups.ship`, or everything that is missing, by name."""
    sheet = Sheet()
    route = route_of(draft, system)
    packages = package_forms(draft, system, route, sheet)
    shipment = _parties(draft, system, route, sheet)
    shipment |= _description(draft, route, sheet)
    shipment["PaymentInformation"] = {"ShipmentCharge": charges(draft, system, sheet)}
    if system.negotiated_rates:
        # Inside Shipment: anywhere else it is ignored, and only published rates come back.
        shipment["ShipmentRatingOptions"] = {"NegotiatedRatesIndicator": "Y"}
    shipment |= _references(draft, route, packages, sheet)
    shipment["Service"] = {"Code": _service(draft.service, sheet)}
    shipment |= goods_value(draft, route, sheet)
    shipment |= {"ShipmentDate": day_form(draft.ship_date)} if draft.ship_date is not None else {}
    shipment |= _options(draft, system, route, sheet)
    shipment |= {"DocumentsOnlyIndicator": "Y"} if draft.documents_only and route.crosses_a_border else {}
    shipment["Package"] = packages
    body = {
        "ShipmentRequest": {
            "Request": _request(draft, system, sheet),
            "Shipment": shipment,
            # Inside ShipmentRequest: beside it UPS ignores it silently and answers a GIF.
            "LabelSpecification": label_specification(system.label_format, system.label_height),
        }
    }
    return outcome(body, sheet.problems, sheet.notes)


def route_of(draft: ShipDraft, system: UpsSystem) -> Route:
    """From where the parcels leave to where they go."""
    origin = country(draft.ship_from) if draft.ship_from is not None else system.shipper.country
    destination = country(draft.ship_to)
    return Route(origin, destination, contact=origin != destination or draft.service == EARLY_SERVICE)


def packages_in(body: dict[str, Any]) -> int:
    """How many packages a body of `ship_request` asks for: what the answer must hold."""
    return len(body["ShipmentRequest"]["Shipment"]["Package"])


def label_specification(form: str, height: str) -> dict[str, Any]:
    """The label's format; stock 4 inches wide where the format is made for a stock."""
    specification: dict[str, Any] = {"LabelImageFormat": {"Code": form}}
    if form in _STOCK_FORMATS:
        specification["LabelStockSize"] = {"Height": height, "Width": "4"}
    return specification


def _request(draft: ShipDraft, system: UpsSystem, sheet: Sheet) -> dict[str, Any]:
    if not 1 <= len(draft.job) <= MOST_CONTEXT:
        sheet.problem("job", f"needs 1 to {MOST_CONTEXT} characters")
    return {
        "RequestOption": "validate" if draft.check_city else "nonvalidate",
        "SubVersion": system.ship_subversion,
        "TransactionReference": {"CustomerContext": draft.job},
    }


def _parties(draft: ShipDraft, system: UpsSystem, route: Route, sheet: Sheet) -> dict[str, Any]:
    shipper = party_form(shipper_party(system), "shipper", route, sheet)
    shipper["ShipperNumber"] = system.account_number
    ship_to = party_form(draft.ship_to, "ship-to", route, sheet)
    if draft.ship_to.address.residential:
        ship_to["Address"]["ResidentialAddressIndicator"] = "Y"
    parties = {"Shipper": shipper, "ShipTo": ship_to}
    if draft.ship_from is not None:
        ship_from = party_form(draft.ship_from, "ship-from", Route(route.origin, route.origin), sheet)
        ship_from.pop("EMailAddress", None)  # the one party without that member
        parties["ShipFrom"] = ship_from
    return parties


def _description(draft: ShipDraft, route: Route, sheet: Sheet) -> dict[str, Any]:
    text = printable(draft.description, "description of goods", sheet)
    if text:
        return {"Description": shortened(text, MOST_DESCRIPTION, "description of goods", sheet)}
    if needs_papers(draft, route):
        sheet.problem("description of goods", "is missing; UPS requires it for goods that cross a border")
    return {}


def _references(draft: ShipDraft, route: Route, packages: list[dict[str, Any]], sheet: Sheet) -> dict[str, Any]:
    """At every package or once at the shipment, never both."""
    forms = reference_forms(draft.references, sheet)
    if not forms:
        return {}
    if not at_package_level(route):
        return {"ReferenceNumber": forms}
    for package in packages:
        package["ReferenceNumber"] = [dict(form) for form in forms]
    return {}


def _service(code: str, sheet: Sheet) -> str:
    if not re.fullmatch(r"[0-9A-Z]{2}", code, re.ASCII):
        sheet.problem("service", "must be a UPS code of two characters; map the ship via" if code else "is missing")
    return code


def _options(draft: ShipDraft, system: UpsSystem, route: Route, sheet: Sheet) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if draft.saturday_delivery:
        options["SaturdayDeliveryIndicator"] = "Y"
    if draft.signature is not Signature.NONE and not at_package_level(route):
        options["DeliveryConfirmation"] = {"DCISType": _SHIPMENT_LEVEL[draft.signature]}
    options |= international_forms(draft, system, route, sheet)
    return {"ShipmentServiceOptions": options} if options else {}
