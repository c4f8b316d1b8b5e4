"""The body that asks for prices. (Rating v2409 differs from Shipping in names and limits: facts of both pages.)"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from vendors.ups.codec.measures import NAMES, plain
from vendors.ups.codec.sheet import Sheet
from vendors.ups.drafts import Built, Lacking, ShipDraft, outcome
from vendors.ups.requests.customs import goods_value, value_form
from vendors.ups.requests.packages import package_forms
from vendors.ups.requests.parties import Route, party_form, shipper_party
from vendors.ups.requests.payments import charges
from vendors.ups.requests.ship import route_of
from vendors.ups.settings import UpsSystem
from vendors.ups.times import day_form

NON_DOCUMENTS = "03"
DOCUMENTS = "02"
_NOT_IN_RATING = ("Phone", "EMailAddress", "TaxIdentificationNumber")


def rate_request(draft: ShipDraft, system: UpsSystem, pickup: date | None = None) -> Built | Lacking:
    """The body for `Ups.rates`, or what is missing. `pickup`: ask for delivery times of parcels given on that day.

    `draft.service` names the service whose price is asked for; without one all of them answer (Shop). What only a
    label needs (phone, references, customs papers) is not asked for.
    """
    sheet = Sheet()
    # A price needs no contact: without one a quote would be held for a missing phone.
    route = route_of(draft, system)
    bare = Route(route.origin, route.destination)
    shipment: dict[str, Any] = _parties(draft, system, bare, sheet)
    shipment["PaymentDetails"] = {"ShipmentCharge": charges(draft, system, sheet)}
    shipment |= {"Service": {"Code": draft.service}} if draft.service else {}
    shipment["Package"] = [_package(form) for form in package_forms(draft, system, bare, sheet)]
    if system.negotiated_rates:
        shipment["ShipmentRatingOptions"] = {"NegotiatedRatesIndicator": "Y"}
    if draft.saturday_delivery:
        shipment["ShipmentServiceOptions"] = {"SaturdayDeliveryIndicator": "Y"}
    shipment |= _times(draft, system, bare, pickup, sheet)
    request: dict[str, Any] = {"SubVersion": system.rate_subversion}
    request |= {"TransactionReference": {"CustomerContext": draft.job}} if draft.job else {}
    body = {"RateRequest": {"Request": request, "PickupType": {"Code": system.pickup_type}, "Shipment": shipment}}
    return outcome(body, sheet.problems, sheet.notes)


def _parties(draft: ShipDraft, system: UpsSystem, route: Route, sheet: Sheet) -> dict[str, Any]:
    shipper = _bare(party_form(shipper_party(system), "shipper", route, sheet))
    shipper["ShipperNumber"] = system.account_number
    ship_to = _bare(party_form(draft.ship_to, "ship-to", route, sheet))
    if draft.ship_to.address.residential:
        ship_to["Address"]["ResidentialAddressIndicator"] = "Y"
    parties = {"Shipper": shipper, "ShipTo": ship_to}
    if draft.ship_from is not None:
        parties["ShipFrom"] = _bare(party_form(draft.ship_from, "ship-from", route, sheet))
    return parties


def _bare(party: dict[str, Any]) -> dict[str, Any]:
    form = {key: value for key, value in party.items() if key not in _NOT_IN_RATING}
    if len(form["Address"].get("StateProvinceCode", "XX")) != 2:
        form["Address"].pop("StateProvinceCode")  # two letters here, up to five in Shipping
    return form


def _package(form: dict[str, Any]) -> dict[str, Any]:
    """Shipping's package with Rating's names; its units need their description."""
    package = {key: value for key, value in form.items() if key not in ("Packaging", "Description")}
    package["PackagingType"] = {"Code": form["Packaging"]["Code"]}
    for key in ("Dimensions", "PackageWeight"):
        if key in package:
            package[key] = package[key] | {"UnitOfMeasurement": _unit(package[key]["UnitOfMeasurement"]["Code"])}
    return package


def _unit(code: str) -> dict[str, str]:
    return {"Code": code, "Description": NAMES[code]}


def _times(draft: ShipDraft, system: UpsSystem, route: Route, pickup: date | None, sheet: Sheet) -> dict[str, Any]:
    """What a quote with delivery times needs on top; across a border also total weight and value (else 111549)."""
    if pickup is None:
        return goods_value(draft, route, sheet) if draft.goods_value is not None else {}
    bill = DOCUMENTS if draft.documents_only else NON_DOCUMENTS
    found: dict[str, Any] = {"DeliveryTimeInformation": {"PackageBillType": bill, "Pickup": {"Date": day_form(pickup)}}}
    if not route.crosses_a_border:
        return found
    scratch = Sheet()  # the weights' own notes are on the sheet already
    weights = [Decimal(form["PackageWeight"]["Weight"]) for form in package_forms(draft, system, route, scratch)]
    total = plain(sum(weights, Decimal(0)))
    found["ShipmentTotalWeight"] = {"UnitOfMeasurement": _unit(system.weight_unit), "Weight": total}
    if draft.goods_value is None:
        sheet.problem("goods value", "is missing; UPS needs it for delivery times across a border")
        return found
    return found | value_form(draft.goods_value, sheet)
