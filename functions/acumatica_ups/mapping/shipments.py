"""An Acumatica shipment in UPS's words: service, parties, parcels, references; and the facts that must stay the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from acumatica_ups.settings import AcumaticaUps, Service
from connector.outcome import Held, Missing
from connector.record import short_hash
from vendors.acumatica.shapes import Address as ErpAddress
from vendors.acumatica.shapes import Package, Shipment
from vendors.ups.codec.places import country_of
from vendors.ups.drafts import (
    Address,
    Customs,
    Money,
    Parcel,
    Party,
    Payer,
    PayerKind,
    Reference,
    ShipDraft,
    Signature,
)

Note = Callable[[str], None]

ISLANDS = frozenset({"US", "PR"})
"""UPS carries between these with the domestic services, though it treats them as two countries."""


@dataclass(frozen=True)
class Lane:
    """From which country to which, in UPS's codes."""

    origin: str
    destination: str


def lane_of(shipment: Shipment, document: AcumaticaUps) -> Lane:
    """The shipment's lane."""
    place = document.tables.warehouses.get(shipment.warehouse or "")
    shipper = document.systems.ups.shipper
    origin = country_of(place.country, place.state) if place else country_of(shipper.country, shipper.state)
    return Lane(origin, country_of(shipment.ship_to.country, shipment.ship_to.state))


def service_code(row: Service, lane: Lane) -> str | None:
    """UPS's code for the lane: that of the country, else domestic or international."""
    if lane.destination in row.countries:
        return row.countries[lane.destination]
    if lane.origin == lane.destination or {lane.origin, lane.destination} <= ISLANDS:
        return row.domestic
    return row.international


def ship_to(shipment: Shipment, residential: bool | None) -> Party:
    """The recipient. The company is the name and the person the attention, where there are both."""
    contact = shipment.contact
    company, person = contact.business_name.strip(), contact.attention.strip()
    known = shipment.residential if residential is None else residential
    return Party(
        company or person,
        ups_address(shipment.ship_to, known),
        attention=person if company else "",
        phone=contact.phone,
        email=contact.email,
    )


def ups_address(address: ErpAddress, residential: bool | None) -> Address:
    """A ship-to address."""
    lines = tuple(line for line in (address.line_1, address.line_2) if line.strip())
    return Address(lines, address.city, address.state, address.postal_code, address.country, residential)


def ship_from(shipment: Shipment, document: AcumaticaUps) -> Party | None:
    """The warehouse's own place, where the connection names one."""
    place = document.tables.warehouses.get(shipment.warehouse or "")
    if place is None:
        return None
    address = Address(place.address, place.city, place.state, place.postal_code, place.country)
    return Party(place.name, address, phone=place.phone)


def parcels_of(shipment: Shipment, document: AcumaticaUps, note: Note) -> tuple[Parcel, ...] | Held:
    """One parcel per package, in the order of the rows. A missing weight is left to the builder, which names it."""
    if shipment.packages:
        return tuple(_parcel(package, document) for package in shipment.packages)
    rules = document.settings.labels
    if rules.box is None:
        return Held(
            f"shipment {shipment.number} has no packages: add them in Acumatica, or set settings.labels.box so that "
            "one is written"
        )
    note(f"the shipment has no packages: one of its whole weight is sent and written with box {rules.box}")
    weight = shipment.package_weight or shipment.shipped_weight or Decimal(0)
    packaging = document.tables.boxes.get(rules.box, "02")
    return (Parcel(weight, document.systems.acumatica.weight_unit, packaging=packaging),)


def _parcel(package: Package, document: AcumaticaUps) -> Parcel:
    rules = document.settings.labels
    sides = tuple(side for side in (package.length, package.width, package.height) if side is not None)
    value = package.declared_value
    return Parcel(
        package.weight if package.weight is not None else Decimal(0),
        package.uom or document.systems.acumatica.weight_unit,
        sides=sides if any(sides) else (),
        side_unit=rules.linear_unit,
        packaging=document.tables.boxes.get(package.box_id or "", "02"),
        declared_value=Money(value, rules.currency) if value and rules.declare_value else None,
    )


def payer_of(shipment: Shipment, document: AcumaticaUps) -> Payer | Held:
    """Who pays: the shipper, or the customer's own account where the connection knows it."""
    row = document.tables.payers.get(shipment.customer_id or "")
    if row is not None:
        return Payer(PayerKind(row.kind), row.account, row.postal_code, row.country)
    if shipment.use_customers_account:
        customer = shipment.customer_id or ""
        return Held(
            f"shipment {shipment.number} shall be paid by the account of customer {customer}, which table payers does "
            "not hold",
            (Missing("payers", customer),),
        )
    return Payer()


def references_of(shipment: Shipment, note: Note) -> tuple[Reference, ...]:
    """TN is the shipment, by which the label is found again; PO the order. Always in this order."""
    orders = list(dict.fromkeys(order.order_number for order in shipment.orders))
    if len(orders) > 1:
        note(f"the label names order {orders[0]}; the shipment holds {len(orders)} orders")
    return (Reference(shipment.number, "TN"), *(Reference(order, "PO") for order in orders[:1]))


@dataclass(frozen=True)
class Choice:
    """What was decided about a shipment before its draft is made."""

    service: str
    row: Service
    residential: bool | None
    payer: Payer
    parcels: tuple[Parcel, ...]
    customs: Customs | None = None
    goods_value: Money | None = None
    description: str = ""


def ship_draft(shipment: Shipment, document: AcumaticaUps, choice: Choice, job: str, note: Note) -> ShipDraft:
    """The shipment as the builders of `vendors.ups.requests` take it."""
    return ShipDraft(
        job=job,
        ship_to=ship_to(shipment, choice.residential),
        service=choice.service,
        parcels=choice.parcels,
        references=references_of(shipment, note),
        description=choice.description,
        ship_from=ship_from(shipment, document),
        payer=choice.payer,
        saturday_delivery=choice.row.saturday or shipment.saturday,
        signature=Signature(choice.row.signature),
        goods_value=choice.goods_value,
        customs=choice.customs,
    )


def label_identity(shipment: Shipment) -> dict[str, Any]:
    """What a label was bought for. Our own saves (tracking numbers, freight, notes) change none of it.

    The address is a hash, so that it stands in one place of the intent only.
    """
    address, contact = shipment.ship_to, shipment.contact
    where = (
        address.line_1, address.line_2, address.city, address.state, address.postal_code, address.country,
        contact.business_name, contact.attention,
    )  # fmt: skip
    return {
        "ship_via": shipment.ship_via,
        "ship_to": short_hash(*(" ".join(part.split()) for part in where)),
        "packages": [[package.id, _plain(package.weight), package.box_id] for package in shipment.packages],
    }


def _plain(number: Decimal | None) -> str:
    return "" if number is None else f"{number.normalize():f}"


def changes_since(identity: Mapping[str, Any], shipment: Shipment) -> list[str]:
    """What differs from what the label was bought for, in words."""
    now = label_identity(shipment)
    changed = []
    if identity["ship_via"] != now["ship_via"]:
        changed.append(f"Ship Via is {now['ship_via']} instead of {identity['ship_via']}")
    if identity["ship_to"] != now["ship_to"]:
        changed.append("the ship-to address or contact is another one")
    if not identity["packages"]:
        return changed  # the one package was written by us
    before = {row[0]: row[1:] for row in identity["packages"]}
    after = {row[0]: row[1:] for row in now["packages"]}
    added = len([key for key in after if key not in before])
    if added:
        changed.append(f"{added} packages were added")
    for number, (key, facts) in enumerate(before.items(), start=1):
        if key in after and after[key] != facts:
            changed.append(f"package {number} has weight {after[key][0]} in {after[key][1]} instead of "
                           f"{facts[0]} in {facts[1]}")
    return changed


def lost_packages(identity: Mapping[str, Any], shipment: Shipment) -> list[int]:
    """Places (from 0) of the labelled packages whose rows were deleted."""
    present = {package.id for package in shipment.packages}
    return [place for place, row in enumerate(identity["packages"]) if row[0] not in present]
