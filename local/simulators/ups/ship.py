"""Ship: every accepted POST buys labels. There is no idempotency key, and nothing is ever de-duplicated."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from local.simulators.base import Reply, json_reply
from local.simulators.ups import answers, geography, labels, lanes, parties, pricing, scans, ship_rules
from local.simulators.ups.gateway import Asked
from local.simulators.ups.numbers import make_number
from local.simulators.ups.problems import Rejection, empty_success, ship_refusal
from local.simulators.ups.records import Address, Label, Reference, Shipment
from local.simulators.ups.world import World


def create(world: World, asked: Asked) -> Reply:
    """POST /shipments/{version}/ship."""
    body = asked.body
    if ship_rules.unprintable(body):
        raise Rejection(empty_success())
    found = ship_rules.judge(world, asked.client, body, asked.query.get("additionaladdressvalidation") == "city")
    if found:
        raise Rejection(ship_refusal(world, found))
    request = body["ShipmentRequest"]
    shipment = buy(world, asked.client.id, request)
    return json_reply(200, {"ShipmentResponse": answer(world, request, shipment)})


def buy(world: World, client_id: str, request: dict[str, Any]) -> Shipment:
    """Puts a shipment and its labels into the World; from here on money is owed."""
    written = request["Shipment"]
    account, service = written["Shipper"]["ShipperNumber"], written["Service"]["Code"]
    numbers = tuple(make_number(account, service, world.serial()) for _ in written["Package"])
    origin = parties.address_of(written.get("ShipFrom") or written["Shipper"])
    now = world.now()
    local = now + timedelta(minutes=geography.offset_minutes(origin.country, origin.state, now))
    shipment = Shipment(
        id=numbers[0],
        account=account,
        client_id=client_id,
        service=service,
        created=now,
        ship_date=written.get("ShipmentDate", local.strftime("%Y%m%d")),
        shipper=parties.address_of(written["Shipper"]),
        origin=origin,
        destination=parties.address_of(written["ShipTo"]),
        references=_references(written, "shipment"),
        labels=numbers,
        context=answers.context_of(request["Request"]),
        description=written.get("Description", ""),
        forms="InternationalForms" in written.get("ShipmentServiceOptions", {}),
    )
    world.shipments[shipment.id] = shipment
    _print(world, request, shipment)
    return shipment


def _references(holder: dict[str, Any], level: str) -> tuple[Reference, ...]:
    return tuple(Reference(each.get("Code", ""), each["Value"], level) for each in holder.get("ReferenceNumber", ()))


def _print(world: World, request: dict[str, Any], shipment: Shipment) -> None:
    """One label per package, in the format that was asked for; without LabelSpecification it is a GIF."""
    written = request["Shipment"]
    image_format = request.get("LabelSpecification", {"LabelImageFormat": {"Code": "GIF"}})["LabelImageFormat"]["Code"]
    found = pricing.prices(world, written, shipment.service, shipment.origin.country)
    for index, (number, package, price) in enumerate(zip(shipment.labels, written["Package"], found, strict=True)):
        own = _references(package, "package")
        lines = label_lines(shipment.destination, (*own, *shipment.references))
        image = labels.label(image_format, number, lines, world.switches.cie)
        world.labels[number] = Label(
            tracking_number=number,
            shipment_id=shipment.id,
            number=index + 1,
            references=own,
            published=price.published,
            negotiated=price.negotiated,
            currency=price.currency,
            image_format=image_format,
            image=image,
            weight=price.weight,
            unit=price.unit,
        )
        scans.add(world, number, "label_created", shipment.origin)


def label_lines(destination: Address, references: tuple[Reference, ...]) -> list[str]:
    """What a person reads on a label: where it goes, and the first two reference numbers."""
    place = f"{destination.city} {destination.state} {destination.postal_code} {destination.country}"
    return [destination.name, *destination.lines, place, *(f"{each.code} {each.value}" for each in references[:2])]


def answer(world: World, request: dict[str, Any], shipment: Shipment) -> dict[str, Any]:
    """The ShipmentResponse of a shipment that was just bought."""
    written = request["Shipment"]
    found = pricing.prices(world, written, shipment.service, shipment.origin.country)
    alerts = [pricing.ALERT_NOT_NEGOTIATED] if pricing.not_negotiated(world, written) else []
    results: dict[str, Any] = {"ShipmentCharges": pricing.totals(found)}
    own = pricing.negotiated_total(found)
    if own is not None:
        results["NegotiatedRateCharges"] = own
    if "SubVersion" in request["Request"] and shipment.destination.residential:
        surcharge = {"Code": "270", **pricing.money(5 * found[0].published / 100, found[0].currency)}
        results["ShipmentCharges"]["ItemizedCharges"] = answers.one_or_many(world, [surcharge])
    results["BillingWeight"] = pricing.billing_weight(found)
    results["ShipmentIdentificationNumber"] = shipment.id
    results["PackageResults"] = answers.one_or_many(world, _package_results(world, shipment))
    if shipment.forms:
        results["Form"] = _form(shipment)
    return {"Response": answers.response(world, shipment.context, alerts), "ShipmentResults": results}


def _package_results(world: World, shipment: Shipment) -> list[dict[str, Any]]:
    abroad = not lanes.package_level(shipment.origin.country, shipment.destination.country)
    found = []
    for number in shipment.labels:
        label = world.labels[number]
        image: dict[str, Any] = {
            "ImageFormat": {"Code": label.image_format, "Description": label.image_format},
            "GraphicImage": labels.encoded(label.image),
        }
        if label.image_format in ("GIF", "PNG"):
            image["HTMLImage"] = labels.encoded(labels.page(number))
        if abroad and label.number == 1:
            image["InternationalSignatureGraphicImage"] = labels.encoded(labels.gif(f"{number} SIGN", 700, 400))
        base = pricing.money(label.published, label.currency)
        nothing = pricing.money(0 * label.published, label.currency)
        found.append(
            {
                "TrackingNumber": number,
                "BaseServiceCharge": base,
                "ServiceOptionsCharges": nothing,
                "ShippingLabel": image,
            }
        )
    if world.loses_last_row:
        found = found[:-1]
    return found[::-1] if world.switches.reversed_packages else found


def _form(shipment: Shipment) -> dict[str, Any]:
    image = {"ImageFormat": {"Code": "PDF", "Description": "PDF"}}
    invoice = labels.encoded(labels.pdf(f"Commercial invoice {shipment.id}"))
    description = "All Requested International Forms"
    return {"Code": "01", "Description": description, "Image": {**image, "GraphicImage": invoice}}
