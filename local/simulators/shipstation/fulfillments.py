"""Fulfillments of V1: shipped without a label of ShipStation, by hand, by API or by a provider."""

from __future__ import annotations

from typing import Any

from local.simulators.base import Reply, json_reply
from local.simulators.shipstation import masters, notifications, pacific, pages
from local.simulators.shipstation.asked import Asked
from local.simulators.shipstation.orders import order_of
from local.simulators.shipstation.problems import message
from local.simulators.shipstation.records import Fulfillment, Order
from local.simulators.shipstation.world import World

_SORTS = {
    "ShipDate": lambda each: (each.ship_date, each.id),
    "CreateDate": lambda each: (pacific.wall(each.created), each.id),
}


def add(
    world: World,
    order: Order,
    carrier: str | None,
    tracking_number: str,
    *,
    ship_date: str = "",
    provider: str | None = None,
    batch: str = "",
) -> Fulfillment:
    """An order is shipped without a label; its carrier is a text for people."""
    number, now = world.number("fulfillment"), world.now()
    day = ship_date[:10] or pacific.today(now).isoformat()
    shown = masters.DISPLAY.get(carrier or "", carrier)
    made = Fulfillment(number, order.id, now, day, tracking_number, shown, provider, batch)
    world.put(world.fulfillments, number, made)
    world.change(order, status="shipped", hold_until=None, externally_fulfilled=True)
    return made


def mark_as_shipped(world: World, asked: Asked) -> Reply:
    """POST /orders/markasshipped: makes a fulfillment, no shipment, and no SHIP_NOTIFY."""
    order = order_of(world, asked.body["orderId"])
    if order.status not in ("awaiting_payment", "awaiting_shipment", "on_hold"):
        raise message(400, f"Order {order.number} is {order.status} and cannot be marked as shipped.")
    body = asked.body
    made = add(
        world, order, body["carrierCode"], body.get("trackingNumber") or "", ship_date=body.get("shipDate") or ""
    )
    if world.switches.mark_as_shipped_notifies:
        notifications.provider_acted(world, "FULFILLMENT_SHIPPED", made, order)
    return json_reply(200, {"orderId": order.id, "orderNumber": order.number})


def list_fulfillments(world: World, asked: Asked) -> Reply:
    """GET /fulfillments: no filter by store, no items, and no orderKey to be seen."""
    rows = [each for each in world.fulfillments.values() if _shown(world, asked, each)]

    def view(fulfillment: Fulfillment) -> dict[str, Any]:
        return _view(world, fulfillment)

    return pages.answer(world, asked, "fulfillments", rows, _SORTS, lambda each: each.id, view)


def _shown(world: World, asked: Asked, fulfillment: Fulfillment) -> bool:
    order = world.orders[fulfillment.order_id]
    exact = {
        "fulfillmentId": fulfillment.id,
        "orderId": order.id,
        "orderNumber": order.number,
        "trackingNumber": fulfillment.tracking_number,
        "batchId": fulfillment.batch,
    }
    name = order.content["shipTo"]["name"] or ""
    day = pacific.read_wall(fulfillment.ship_date)
    return (
        pages.equal(asked, exact)
        and asked.query.get("recipientName", "").lower() in name.lower()
        and pages.within(asked, "createDate", fulfillment.created, inclusive=(True, True))
        and day is not None
        and pages.between(day[0], asked.query.get("shipDateStart"), asked.query.get("shipDateEnd"), (True, True))
    )


def _view(world: World, fulfillment: Fulfillment) -> dict[str, Any]:
    order = world.orders[fulfillment.order_id]
    return {
        "fulfillmentId": fulfillment.id,
        "orderId": order.id,
        "orderNumber": order.number,
        "userId": masters.USER_ID,
        "customerEmail": order.content["customerEmail"],
        "trackingNumber": fulfillment.tracking_number,
        "createDate": pacific.long_text(fulfillment.created),
        "shipDate": f"{fulfillment.ship_date}T00:00:00.0000000",  # looks like a moment, is a date
        "voidDate": pacific.long_text(fulfillment.voided) if fulfillment.voided else None,
        "deliveryDate": None,
        "carrierCode": fulfillment.carrier,
        "fulfillmentProviderCode": fulfillment.provider,
        "fulfillmentServiceCode": None,
        "fulfillmentFee": 0,
        "voidRequested": fulfillment.voided is not None,
        "voided": fulfillment.voided is not None,
        "marketplaceNotified": True,
        "notifyErrorMessage": None,
        "shipTo": dict(order.content["shipTo"]),
    }
