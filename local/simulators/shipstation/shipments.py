"""Shipments of V1: labels. Bought by people or by API, listed without their items unless asked, and voided."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from local.simulators.base import Reply, json_reply
from local.simulators.shipstation import masters, notifications, pacific, pages
from local.simulators.shipstation.asked import Asked
from local.simulators.shipstation.orders import order_of
from local.simulators.shipstation.problems import message
from local.simulators.shipstation.records import Order, Shipment
from local.simulators.shipstation.validation import words
from local.simulators.shipstation.world import World
from local.simulators.ups.labels import label as label_image

PRICE, EXTRA = Decimal("7.43"), Decimal("2.10")
_ITEM = words(
    "orderItemId lineItemKey sku name imageUrl weight quantity unitPrice warehouseLocation options productId "
    "fulfillmentSku"
)
_SORTS = {
    "ShipDate": lambda shipment: (shipment.ship_date, shipment.id),
    "CreateDate": lambda shipment: (pacific.wall(shipment.created), shipment.id),
}
_INCLUSIVE = (True, True)


def image_of(shipment: Shipment, image_format: str) -> bytes:
    """The label as a file: PDF, PNG or ZPL, every package of it."""
    first, *others = shipment.tracking_numbers
    return label_image(image_format.upper(), first, [f"label {shipment.id}", *others], sample=False)


def buy(
    world: World,
    order: Order | None,
    carrier: str,
    service: str,
    *,
    items: Sequence[Mapping[str, Any]] | None = None,
    boxes: int = 1,
    batch: str = "",
    tracking_number: str = "",
    cost: Decimal | None = None,
    is_return: bool = False,
    ship_date: str = "",
) -> Shipment:
    """A label is bought: money, and the order is shipped. Announcing it is the caller's business (one per batch)."""
    number, now = world.number("shipment"), world.now()
    numbers = tuple(f"1Z{number:013d}{box:03d}" for box in range(1, boxes + 1))
    shipment = Shipment(
        id=number,
        order_id=order.id if order else None,
        created=now,
        ship_date=ship_date or pacific.today(now).isoformat(),
        tracking_numbers=(tracking_number, *numbers[1:]) if tracking_number else numbers,
        carrier=carrier,
        service=service,
        package="package",
        cost=PRICE + EXTRA * (boxes - 1) if cost is None else cost,
        insurance=Decimal(0),
        items=_packed(order, items),
        store_id=order.store_id if order else None,
        batch=batch,
        batch_number=f"{number % 900000 + 100000}" if batch else None,
        ship_to=order.content["shipTo"] if order else None,
        weight=_weighed(order),
        confirmation=order.content["confirmation"] if order else None,
        warehouse_id=order.content["advancedOptions"]["warehouseId"] if order else None,
        is_return=is_return,
    )
    world.put(world.shipments, number, shipment)
    if order is not None and not is_return:
        world.change(order, status="shipped", hold_until=None)
    return shipment


def _weighed(order: Order | None) -> Mapping[str, Any]:
    """What the scale of the packing table says: the order's own weight, or a pound for an order without one."""
    known = order.content["weight"] if order else {}
    return known if known.get("value") else {"value": 16, "units": "ounces"}


def _packed(order: Order | None, wanted: Sequence[Mapping[str, Any]] | None) -> tuple[Mapping[str, Any], ...]:
    """The lines in the package: all of the order, or those named by lineItemKey or sku with a quantity."""
    if order is None:
        return ()
    lines = [{name: item[name] for name in _ITEM} for item in order.items if not item["adjustment"]]
    if wanted is None:
        return tuple(lines)
    found = []
    for each in wanted:
        name = "lineItemKey" if "lineItemKey" in each else "sku"
        line = next((line for line in lines if line[name] == each[name]), None)
        if line is None:
            raise ValueError(f"order {order.number} has no line with {name} {each[name]!r}")
        found.append({**line, "quantity": each["quantity"]})
    return tuple(found)


def create_for_order(world: World, asked: Asked) -> Reply:
    """POST /orders/createlabelfororder: buys a label, or shows one without buying (`testLabel`)."""
    body = asked.body
    order = order_of(world, body["orderId"])
    if order.status not in ("awaiting_shipment", "on_hold"):
        raise message(400, f"Order {order.number} is {order.status}: no label can be made for it.")
    if body["serviceCode"] not in masters.SERVICES.get(body["carrierCode"], {}):
        raise message(400, "Invalid serviceCode")
    if body["testLabel"]:
        image = label_image("PDF", "TEST", [order.number], sample=True)
        return json_reply(200, {**_bought(0, 0.0, "TEST"), "labelData": base64.b64encode(image).decode()})
    batch = str(world.number("label batch") + 190671331)
    day = body["shipDate"][:10]
    shipment = buy(world, order, body["carrierCode"], body["serviceCode"], batch=batch, ship_date=day)
    notifications.labels_made(world, [shipment])
    image = image_of(shipment, "pdf")
    answer = _bought(shipment.id, float(shipment.cost), shipment.tracking_numbers[0])
    return json_reply(200, {**answer, "labelData": base64.b64encode(image).decode()})


def _bought(number: int, cost: float, tracking_number: str) -> dict[str, Any]:
    return {
        "shipmentId": number,
        "shipmentCost": cost,
        "insuranceCost": 0,
        "trackingNumber": tracking_number,
        "labelData": None,
        "formData": None,
    }


def list_shipments(world: World, asked: Asked) -> Reply:
    """GET /shipments: labels only, no modify date, and no items unless `includeShipmentItems`."""
    rows = [shipment for shipment in world.shipments.values() if _shown(world, asked, shipment)]
    items = bool(asked.query.get("includeShipmentItems"))

    def view(shipment: Shipment) -> dict[str, Any]:
        return shipment_view(world, shipment, items)

    def usual(shipment: Shipment) -> Any:
        return pacific.wall(shipment.created), shipment.id

    return pages.answer(world, asked, "shipments", rows, _SORTS, usual, view)


def _shown(world: World, asked: Asked, shipment: Shipment) -> bool:
    order = world.orders.get(shipment.order_id or 0)
    address = shipment.ship_to or {}
    exact = {
        "orderId": shipment.order_id,
        "orderNumber": order.number if order else None,
        "carrierCode": shipment.carrier,
        "serviceCode": shipment.service,
        "trackingNumber": shipment.tracking_numbers[0],
        "storeId": shipment.store_id,
        "batchId": shipment.batch,
        "recipientCountryCode": address.get("country"),
    }
    day = pacific.read_wall(shipment.ship_date)
    return (
        pages.equal(asked, exact)
        and asked.query.get("recipientName", "").lower() in (address.get("name") or "").lower()
        and pages.within(asked, "createDate", shipment.created, inclusive=_INCLUSIVE)
        and pages.within(asked, "voidDate", shipment.voided, inclusive=_INCLUSIVE)
        and day is not None
        and pages.between(day[0], asked.query.get("shipDateStart"), asked.query.get("shipDateEnd"), _INCLUSIVE)
    )


def shipment_view(world: World, shipment: Shipment, with_items: bool) -> dict[str, Any]:
    """One shipment as V1 shows it; `shipmentItems` null means unknown, never nothing."""
    order = world.orders.get(shipment.order_id or 0)
    billing = dict.fromkeys(("billToParty", "billToAccount", "billToPostalCode", "billToCountryCode"))
    return {
        "shipmentId": shipment.id,
        "orderId": shipment.order_id,
        "orderKey": order.key if order else None,
        "userId": masters.USER_ID,
        "customerEmail": order.content["customerEmail"] if order else None,
        "orderNumber": order.number if order else None,
        "createDate": pacific.long_text(shipment.created),
        "shipDate": shipment.ship_date,
        "shipmentCost": float(shipment.cost),
        "insuranceCost": float(shipment.insurance),
        "trackingNumber": shipment.tracking_numbers[0],
        "isReturnLabel": shipment.is_return,
        "batchNumber": shipment.batch_number,
        "carrierCode": shipment.carrier,
        "serviceCode": shipment.service,
        "packageCode": shipment.package,
        "confirmation": shipment.confirmation,
        "warehouseId": shipment.warehouse_id,
        "voided": shipment.voided is not None,
        "voidDate": pacific.long_text(shipment.voided) if shipment.voided else None,
        "marketplaceNotified": shipment.store_id is not None,
        "notifyErrorMessage": None,
        "shipTo": dict(shipment.ship_to) if shipment.ship_to else None,
        "weight": {**shipment.weight, "WeightUnits": 1} if shipment.weight else None,  # the stray member is real
        "dimensions": None,
        "insuranceOptions": {"provider": None, "insureShipment": False, "insuredValue": 0},
        "advancedOptions": {**billing, "storeId": shipment.store_id},
        "shipmentItems": [dict(item) for item in shipment.items] if with_items else None,
        "labelData": None,
        "formData": None,
    }


def void(world: World, shipment: Shipment) -> tuple[bool, str, str]:
    """Takes a label back: approved or not, the text, and the reason that V2 names. Nothing is announced."""
    if shipment.voided is not None:
        return False, "The label has already been voided", "label_already_voided"
    if shipment.void_refusal:
        return False, shipment.void_refusal, "contact_carrier"
    if world.now() - shipment.created > timedelta(days=world.switches.void_days):
        return False, "The label is too old to be voided", "label_not_found_within_void_period"
    world.put(world.shipments, shipment.id, replace(shipment, voided=world.now()))
    order = world.orders.get(shipment.order_id or 0)
    alive = any(
        each.order_id == shipment.order_id and each.voided is None and not each.is_return
        for each in world.shipments.values()
    )
    if order and order.status == "shipped" and not alive and world.switches.void_reopens_orders:
        world.change(order, status="awaiting_shipment")
    return True, "Label voided successfully", ""


def void_label(world: World, asked: Asked) -> Reply:
    """POST /shipments/voidlabel: a refusal is a 200 too."""
    shipment = world.shipments.get(asked.body["shipmentId"])
    if shipment is None:
        raise message(404, f"Shipment {asked.body['shipmentId']} was not found.")
    approved, text, _ = void(world, shipment)
    return json_reply(200, {"approved": approved, "message": text})
