"""Orders: create, read, cancel, estimate, and the shipping methods."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from local.simulators.base import Reply
from local.simulators.shipbob import catalogue, pages
from local.simulators.shipbob.formats import plain, read_json
from local.simulators.shipbob.gateway import Asked
from local.simulators.shipbob.order_bodies import create_order as order_check
from local.simulators.shipbob.order_views import order_status, order_view
from local.simulators.shipbob.problems import Rejection, answer, empty, field_map, refuse
from local.simulators.shipbob.records import Order, OrderLine, Shipment, ShippingMethod, Variant
from local.simulators.shipbob.shipments import cancel_shipment, is_cancellable
from local.simulators.shipbob.world import World

CHECK = order_check("2026-01")


def _resolve(world: World, channel_id: int, line: dict[str, Any], path: str) -> Variant:
    """The variant of a line. An unknown SKU with a name makes a stockless product; without one it is refused."""
    if "id" in line:
        found = catalogue.by_product_or_variant(world, line["id"])
        if found is None:
            raise refuse(field_map, 422, f"{path}.id", f"Product {line['id']} does not exist or has several variants.")
        return found
    known = catalogue.by_sku(world, line["reference_id"], channel_id)
    if known is not None:
        return known
    if not (line.get("name") or "").strip():
        raise refuse(
            field_map,
            422,
            f"{path}.name",
            f"The Name field is required: no product has the reference id {line['reference_id']}.",
        )
    return catalogue.make_stockless(world, line["reference_id"], line["name"], channel_id)


def _order_line(variant: Variant, line: dict[str, Any]) -> OrderLine:
    price = line.get("unit_price")
    return OrderLine(
        variant_id=variant.id,
        product_id=variant.product_id,
        reference_id=line.get("reference_id") or variant.sku,
        sku=variant.sku,
        quantity=line["quantity"],
        unit_price=None if price is None else Decimal(price),
        gtin=line.get("gtin"),
        upc=line.get("upc"),
        external_line_id=line.get("external_line_id"),
        unit_code=line.get("quantity_unit_of_measure_code"),
    )


def _learn_method(world: World, name: str) -> None:
    """An unknown shipping method is taken without a word and defaults to Standard."""
    if name not in world.methods:
        world.methods[name] = ShippingMethod(world.number("method"), name, 1, "Standard")


def create_order(world: World, asked: Asked) -> Reply:
    """POST /order -> 201."""
    order = place(world, asked.channel_id, asked.body)
    return answer(order_view(world, order, asked.version), 201)


def place(world: World, channel_id: int, body: dict[str, Any], imported: bool = False) -> Order:
    """A new order in a channel. The reference_id is unique there; the body of the refusal is the vendor's own."""
    key = (channel_id, body["reference_id"])
    if key in world.references:
        raise refuse(field_map, 422, "", "Cannot insert order with existing ReferenceId")
    forced = body.get("location_id")
    if forced is not None and (forced not in world.locations or not world.locations[forced].access_granted):
        raise refuse(field_map, 422, "location_id", f"Location {forced} does not exist.")
    # Every line is judged before anything is made, so that a refused order leaves no product behind.
    for index, line in enumerate(body["products"]):
        unknown = "id" not in line and catalogue.by_sku(world, line["reference_id"], channel_id) is None
        if not unknown or not (line.get("name") or "").strip():
            _resolve(world, channel_id, line, f"products[{index}]")
    lines = tuple(
        _order_line(_resolve(world, channel_id, line, f"products[{index}]"), line)
        for index, line in enumerate(body["products"])
    )
    _learn_method(world, body["shipping_method"])
    now, number = world.now(), world.number("order")
    visible = now + timedelta(seconds=world.switches.visibility_lag_seconds)
    review = world.switches.import_review
    order = Order(number, *key, now, visible, body, lines, in_review=review, imported=imported)
    world.orders[number] = order
    world.references[key] = number
    world.waiting_orders.append(number)
    return order


def find_order(world: World, asked: Asked) -> Order:
    """The order of the path, if it is visible and in the channel that the header names; else 404."""
    order = world.orders.get(asked.ids["order"])
    if order is None or order.visible_from > world.now() or not asked.sees(order.channel_id):
        raise Rejection(empty(404))
    return order


def get_order(world: World, asked: Asked) -> Reply:
    """GET /order/{id}."""
    return answer(order_view(world, find_order(world, asked), asked.version))


def _latest(moments: list[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _within(moment: datetime | None, start: datetime | None, end: datetime | None) -> bool:
    """A moment that is null fits no window that was asked for: new orders have no update time."""
    if start is None and end is None:
        return True
    return moment is not None and (start is None or moment >= start) and (end is None or moment <= end)


def _matches(order: Order, shipments: list[Shipment], query: dict[str, Any]) -> bool:
    updated = _latest([shipment.updated for shipment in shipments])
    tracked = _latest([shipment.tracking_updated for shipment in shipments])
    tests = [
        "IDs" not in query or order.id in query["IDs"],
        "ReferenceIds" not in query or order.reference_id in query["ReferenceIds"],
        _within(order.created, query.get("StartDate"), query.get("EndDate")),
        _within(updated, query.get("LastUpdateStartDate"), query.get("LastUpdateEndDate")),
        _within(tracked, query.get("LastTrackingUpdateStartDate"), query.get("LastTrackingUpdateEndDate")),
        "HasTracking" not in query or any(each.tracking is not None for each in shipments) == query["HasTracking"],
        "IsTrackingUploaded" not in query or any(each.uploaded == query["IsTrackingUploaded"] for each in shipments),
    ]
    return all(tests)


def _candidates(world: World, query: dict[str, Any]) -> list[Order]:
    """The orders worth looking at, by insertion: a question for one reference must not read thousands of orders."""
    if "ReferenceIds" not in query:
        return list(world.orders.values())
    keys = [(channel, reference) for channel in world.channels for reference in query["ReferenceIds"]]
    return [
        world.orders[number] for number in sorted({world.references[key] for key in keys if key in world.references})
    ]


def list_orders(world: World, asked: Asked) -> Reply:
    """GET /order: all filters must match; by insertion, newest first unless SortOrder=Oldest."""
    query = asked.query
    if world.switches.tracking_poll_fails and "HasTracking" in query and "IsTrackingUploaded" in query:
        text = b"An unexpected database error occurred. Please try again later"
        return Reply(500, {"Content-Type": "text/plain"}, text)
    now = world.now()
    found = [
        order
        for order in _candidates(world, query)
        if asked.sees(order.channel_id)
        and order.visible_from <= now
        and _matches(order, [world.shipments[number] for number in order.shipment_ids], query)
    ]
    if query.get("SortOrder", "Newest") == "Newest":
        found.reverse()
    headers = pages.order_headers if world.switches.order_page_headers else pages.no_headers
    page, limit = query.get("Page", 1), query.get("Limit", 50)
    views = {id(order): order_view(world, order, asked.version) for order in found[(page - 1) * limit : page * limit]}
    return pages.numbered([views.get(id(order)) for order in found], query, headers)


def own_order(world: World, asked: Asked, order_id: int) -> Order:
    """An order that the caller may change: 404 when unknown, 403 when another application's channel holds it."""
    order = world.orders.get(order_id)
    if order is None:
        raise Rejection(empty(404))
    if order.channel_id != asked.channel_id:
        raise Rejection(empty(403))
    return order


def _cancel_outcome(outcomes: list[bool], already: bool) -> str:
    if already or (outcomes and not any(outcomes)):
        return "Failure"
    return "Success" if all(outcomes) else "PartialSuccess"


def cancel_order(world: World, asked: Asked) -> Reply:
    """POST /order/{id}:cancel: 200 even when it failed; what was picked, packed or shipped stays."""
    order = own_order(world, asked, asked.ids["order"])
    already = order_status(world, order) == "Cancelled"
    results: list[dict[str, Any]] = []
    for number in order.shipment_ids:
        reason = is_cancellable(world.shipments[number])
        if reason is None:
            cancel_shipment(world, number, announce=True)
        results.append({"shipment_id": number, "action": "Cancel", "is_success": reason is None, "reason": reason})
    outcome = _cancel_outcome([result["is_success"] for result in results], already)
    if outcome == "Success":
        world.orders[order.id] = replace(world.orders[order.id], cancelled=True)
    document = {
        "order_id": order.id,
        "status": outcome,
        "canceled_shipment_results": results,
        "order": order_view(world, world.orders[order.id], asked.version),
    }
    return answer(document)


def store_order_json(world: World, asked: Asked) -> Reply:
    """GET /order/{id}/store-order-json: the source of orders that a store sent; those of the API have none."""
    order = find_order(world, asked)
    return answer(json.dumps(plain(order.document))) if order.imported else empty(204)


def import_order(world: World, arguments: dict[str, Any]) -> dict[str, Any]:
    """Command: a store sends an `order` (the body of POST /order) into `channel_id`, default the first channel."""
    channel_id = int(arguments.get("channel_id") or next(iter(world.channels)))
    if channel_id not in world.channels:
        raise ValueError(f"no channel {channel_id}; known: {', '.join(map(str, world.channels))}")
    # Through JSON once more, so that amounts are exact decimals as in a request.
    body = read_json(json.dumps(arguments["order"]).encode())
    faults = list(CHECK(body, ""))
    if faults:
        raise ValueError("; ".join(f"{fault.path}: {fault.message}" for fault in faults))
    try:
        order = place(world, channel_id, body, imported=True)
    except Rejection as rejection:
        raise ValueError(rejection.reply.body.decode()) from rejection
    return {"order_id": order.id, "channel_id": channel_id}


def list_methods(world: World, asked: Asked) -> Reply:
    """GET /shipping-method."""
    rows = [
        {
            "id": method.id,
            "name": method.name,
            "active": True,
            "default": method.default,
            "service_level": {"id": method.level_id, "name": method.level_name},
        }
        for method in world.methods.values()
    ]
    return pages.numbered(rows, asked.query, pages.no_headers)


def estimate(world: World, asked: Asked) -> Reply:
    """POST /order:estimate: a price per shipping method from the weight of the goods."""
    weight = Decimal(0)
    for index, line in enumerate(asked.body["products"]):
        variant = catalogue.by_product_or_variant(world, line["id"]) if line.get("id") else None
        variant = variant or catalogue.by_sku(world, line.get("reference_id") or "", asked.channel_id)
        if variant is None:
            raise refuse(field_map, 422, f"products[{index}]", "The product does not exist.")
        weight += variant.weight * line["quantity"]
    names = asked.body.get("shipping_methods") or list(world.methods)
    place = next(
        (place for place in world.locations.values() if place.access_granted and place.is_shipping_enabled), None
    )
    rows = [
        {
            "shipping_method": name,
            "estimated_price": Decimal("5.20") + Decimal("0.07") * weight + index,
            "estimated_currency_code": "USD",
            "total_weight_oz": weight,
            "fulfillment_center": None if place is None else {"id": place.id, "name": place.name},
        }
        for index, name in enumerate(names)
    ]
    return answer({"estimates": rows})
