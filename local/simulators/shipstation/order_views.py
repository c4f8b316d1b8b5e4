"""How V1 shows an order, and how a written order becomes a stored one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.simulators.shipstation import pacific
from local.simulators.shipstation.order_bodies import ADDRESS_NAMES, ADVANCED_NAMES
from local.simulators.shipstation.records import Order
from local.simulators.shipstation.validation import words
from local.simulators.shipstation.world import World

_PLAIN = words(
    "orderNumber orderDate paymentDate shipByDate customerUsername customerEmail amountPaid taxAmount shippingAmount "
    "customerNotes internalNotes giftMessage paymentMethod requestedShippingService carrierCode serviceCode "
    "packageCode confirmation shipDate weight dimensions tagIds"
)
_MOMENTS = ("orderDate", "paymentDate", "shipByDate")
_ITEM = words(
    "lineItemKey sku name imageUrl weight quantity unitPrice taxAmount shippingAmount warehouseLocation "
    "fulfillmentSku upc"
)
_FLAGS = ("nonMachinable", "saturdayDelivery", "containsAlcohol")


def stored_content(world: World, body: Mapping[str, Any]) -> dict[str, Any]:
    """Every writable member of an order as it is shown afterwards; what was left out is null."""
    content = {name: body.get(name) for name in _PLAIN}
    content.update({name: _moment(body.get(name)) for name in _MOMENTS})
    if content["shipDate"]:
        content["shipDate"] = content["shipDate"][:10]
    for name in ("amountPaid", "taxAmount", "shippingAmount"):
        content[name] = body.get(name) or 0
    content["gift"] = body.get("gift", False)
    content["weight"] = _without_stray(body.get("weight")) or {"value": 0, "units": "ounces"}
    content["billTo"] = {**_address(body["billTo"]), "residential": None, "addressVerified": None}
    content["shipTo"] = _ship_to(world, body["shipTo"])
    insurance = body.get("insuranceOptions") or {}
    content["insuranceOptions"] = {
        "provider": insurance.get("provider"),
        "insureShipment": insurance.get("insureShipment", False),
        "insuredValue": insurance.get("insuredValue", 0),
    }
    abroad = body.get("internationalOptions") or {}
    content["internationalOptions"] = {name: abroad.get(name) for name in ("contents", "customsItems", "nonDelivery")}
    advanced = body.get("advancedOptions") or {}
    content["advancedOptions"] = {
        name: advanced.get(name, False if name in _FLAGS else None) for name in ADVANCED_NAMES if name != "storeId"
    }
    return content


def _moment(text: str | None) -> str | None:
    """Seven digits, no offset, whatever was sent."""
    read = pacific.read_wall(text) if text else None
    return f"{read[0]:%Y-%m-%dT%H:%M:%S.%f}0" if read else None


def _without_stray(weight: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return {"value": weight.get("value"), "units": weight.get("units")} if weight else None


def _address(address: Mapping[str, Any]) -> dict[str, Any]:
    return {name: address.get(name) for name in ADDRESS_NAMES}


def _ship_to(world: World, address: Mapping[str, Any]) -> dict[str, Any]:
    """ShipStation validates the address and has an opinion of its own about `residential`."""
    residential = address.get("residential")
    if address.get("company") and world.switches.residential_by_itself:
        residential = False
    whole = all(address.get(name) for name in ("street1", "city", "postalCode", "country"))
    verdict = "Address validated successfully" if whole else "Address validation warning"
    return {**_address(address), "residential": residential, "addressVerified": verdict}


def stored_items(world: World, items: list[dict[str, Any]] | None) -> tuple[dict[str, Any], ...]:
    """The lines with ids of their own: a replaced order has new lines. A foreign productId is not kept."""
    found = []
    for each in items or []:
        product = world.product_of(each.get("sku"))
        item = {name: each.get(name) for name in _ITEM}
        item.update(
            orderItemId=world.number("item"),
            name=each.get("name", ""),
            quantity=each.get("quantity", 0),
            weight=_without_stray(each.get("weight")),
            options=each.get("options") or [],
            productId=product.id if product else None,
            adjustment=each.get("adjustment", False),
            created=world.now(),
        )
        found.append(item)
    return tuple(found)


def total_of(order: Order) -> float:
    """Lines plus tax and shipping of the order; taxes of the lines are not added."""
    lines = sum((item["quantity"] or 0) * (item["unitPrice"] or 0) for item in order.items)
    return float(round(lines + order.content["taxAmount"] + order.content["shippingAmount"], 2))


def order_view(order: Order) -> dict[str, Any]:
    """One order as V1 shows it."""
    advanced = {
        **order.content["advancedOptions"],
        "mergedOrSplit": order.merged_or_split,
        "mergedIds": list(order.merged_ids),
        "parentId": order.parent_id,
        "storeId": order.store_id,
    }
    return {
        "orderId": order.id,
        "orderKey": order.key,
        "createDate": pacific.long_text(order.created),
        "modifyDate": pacific.long_text(order.modified),
        "orderStatus": order.status,
        "customerId": order.customer_id,
        **order.content,
        "orderNumber": order.number,
        "items": [_item_view(order, item) for item in order.items],
        "orderTotal": total_of(order),
        "holdUntilDate": order.hold_until,
        "advancedOptions": advanced,
        "userId": None,
        "externallyFulfilled": order.externally_fulfilled,
        "externallyFulfilledBy": None,
        "externallyFulfilledById": None,
        "externallyFulfilledByName": None,
        "labelMessages": None,
    }


def _item_view(order: Order, item: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in item.items() if name != "created"}
    return {
        **shown,
        "createDate": pacific.short_text(item["created"]),
        "modifyDate": pacific.short_text(order.modified),
    }
