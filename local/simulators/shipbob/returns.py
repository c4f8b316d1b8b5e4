"""Returns over the API."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from local.simulators.base import Reply
from local.simulators.shipbob import pages
from local.simulators.shipbob.formats import read_moment, stamp, stamp_or_none
from local.simulators.shipbob.gateway import Asked
from local.simulators.shipbob.problems import Rejection, answer, empty, problem, refuse, returns_error
from local.simulators.shipbob.records import ReturnItem, ReturnOrder
from local.simulators.shipbob.webhooks import announce
from local.simulators.shipbob.world import World

AWAITING = "Awaiting Arrival"


def _reached(order: ReturnOrder, status: str) -> datetime | None:
    return next((at for name, at in reversed(order.history) if name == status), None)


def _action(item: ReturnItem, version: str) -> dict[str, Any]:
    default = item.requested_action == "Default"
    spaced = version != "2025-07"
    kind = ("Inventory Default" if spaced else "InventoryDefault") if default else "Override"
    return {"action": "Quarantine" if default else item.requested_action, "action_type": kind, "instructions": None}


def _item(world: World, item: ReturnItem, version: str) -> dict[str, Any]:
    variant = world.variant_of(item.inventory_id)
    lot = None
    if item.lot_number or item.lot_date:
        lot = {"number": item.lot_number, "expiration": stamp_or_none(item.lot_date, 0), "minimumShelfLife": None}
    taken = [
        {"action": action, "action_reason": reason, "quantity_processed": units, "image_url": None}
        for action, units, reason in item.taken
    ]
    return {
        "id": item.inventory_id,
        "sku": variant.sku if variant else None,
        "name": variant.name if variant else None,
        "quantity": item.quantity,
        "barcodes": [barcode["value"] for barcode in (variant.barcodes if variant else ()) if barcode.get("value")],
        "bundle_parent_sku": None,
        "lot_information": lot,
        "action_requested": _action(item, version),
        "action_taken": taken,
    }


def _common(world: World, order: ReturnOrder) -> dict[str, Any]:
    channel = world.channels.get(order.channel_id or 0)
    shipment = world.shipments.get(order.original_shipment_id or 0)
    sold = world.orders[shipment.order_id] if shipment else None
    fee = [] if order.fee is None else [{"amount": order.fee, "transaction_type": "Return Fee"}]
    return {
        "id": order.id,
        "reference_id": order.reference_id,
        "customer_name": "Example Merchant LLC",
        "status": order.status,
        "return_type": order.return_type,
        "channel": None if channel is None else {"id": channel.id, "name": channel.name},
        "fulfillment_center": {"id": order.location_id, "name": world.locations[order.location_id].name},
        "original_shipment_id": order.original_shipment_id,
        "store_order_id": sold.document.get("order_number") if sold else None,
        "tracking_number": order.tracking_number,
        "insert_date": stamp(order.inserted, order.id),
        "completed_date": stamp_or_none(_reached(order, "Completed"), 0),
        "transactions": fee,
    }


def return_view(world: World, order: ReturnOrder, version: str) -> dict[str, Any]:
    """The body of reads and webhooks; `status` is "Awaiting Arrival" with a space."""
    shipment = world.shipments.get(order.original_shipment_id or 0)
    number = shipment.tracking.number if shipment and shipment.tracking else None
    return {
        **_common(world, order),
        "shipment_tracking_number": number,
        "awaiting_arrival_date": stamp_or_none(_reached(order, AWAITING), 0),
        "arrived_date": stamp_or_none(_reached(order, "Arrived"), 0),
        "processing_date": stamp_or_none(_reached(order, "Processing"), 0),
        "cancelled_date": stamp_or_none(_reached(order, "Cancelled"), 0),
        "status_history": [{"status": status, "timestamp": stamp(at, 0)} for status, at in order.history],
        "inventory": [_item(world, item, version) for item in order.items],
        "invoice": {"amount": order.fee, "currency_code": None if order.fee is None else "USD"},
    }


def first_view(world: World, order: ReturnOrder, version: str) -> dict[str, Any]:
    """The older body of POST and PUT: `invoice_amount`, and items without SKU, barcodes and lot."""
    apart = {"sku", "barcodes", "lot_information"}
    items = [
        {name: value for name, value in _item(world, item, version).items() if name not in apart}
        for item in order.items
    ]
    view = {**_common(world, order), "inventory": items, "invoice_amount": order.fee}
    if version == "2025-07":
        view["status"] = order.status.replace(" ", "")
    return view


def announce_return(world: World, topic: str, order: ReturnOrder) -> None:
    """A `return.*` message: the bare return."""
    announce(world, topic, return_view(world, order, "2026-01"))


def _items(world: World, body: dict[str, Any]) -> tuple[ReturnItem, ...]:
    items = []
    for index, item in enumerate(body["inventory"]):
        if item["id"] not in world.items:
            raise refuse(returns_error, 422, f"inventory[{index}].id", f"Inventory {item['id']} does not exist.")
        date = read_moment(item["lot_date"]) if item.get("lot_date") else None
        items.append(
            ReturnItem(item["id"], item["quantity"], item["requested_action"], (), item.get("lot_number"), date)
        )
    return tuple(items)


def _check_links(world: World, body: dict[str, Any]) -> None:
    place = world.locations.get(body["fulfillment_center"]["id"])
    if place is None or not place.access_granted:
        raise refuse(returns_error, 422, "fulfillment_center.id", "The fulfillment center does not exist.")
    shipment = body.get("original_shipment_id")
    if shipment is not None and shipment not in world.shipments:
        raise refuse(returns_error, 422, "original_shipment_id", f"Shipment {shipment} does not exist.")


def create(world: World, asked: Asked) -> Reply:
    """POST /return -> 201 with the older body."""
    body, now = asked.body, world.now()
    _check_links(world, body)
    order = ReturnOrder(
        id=world.number("return"),
        reference_id=body["reference_id"],
        status=AWAITING,
        return_type="Regular",
        channel_id=asked.channel_id,
        location_id=body["fulfillment_center"]["id"],
        inserted=now,
        items=_items(world, body),
        history=((AWAITING, now),),
        original_shipment_id=body.get("original_shipment_id"),
        tracking_number=body.get("tracking_number"),
        fee=None,
    )
    world.returns[order.id] = order
    announce_return(world, "return.created", order)
    return answer(first_view(world, order, asked.version), 201)


def _find(world: World, asked: Asked) -> ReturnOrder:
    order = world.returns.get(asked.ids["return"])
    if order is None or not asked.sees(order.channel_id):
        raise Rejection(problem(404, [])) if asked.request.method == "GET" else Rejection(empty(404))
    return order


def _own(world: World, asked: Asked) -> ReturnOrder:
    order = world.returns.get(asked.ids["return"])
    if order is None:
        raise Rejection(empty(404))
    if order.channel_id != asked.channel_id:
        raise Rejection(empty(403))
    return order


def update(world: World, asked: Asked) -> Reply:
    """PUT /return/{id}: the whole body again, only while awaiting arrival (422 afterwards)."""
    order, body = _own(world, asked), asked.body
    if order.status != AWAITING:
        raise refuse(
            returns_error,
            422,
            "status",
            f"Return {order.id} is {order.status}; only a return that awaits arrival can change.",
        )
    _check_links(world, body)
    order = replace(
        order,
        reference_id=body["reference_id"],
        location_id=body["fulfillment_center"]["id"],
        items=_items(world, body),
        original_shipment_id=body.get("original_shipment_id"),
        tracking_number=body.get("tracking_number"),
    )
    world.returns[order.id] = order
    announce_return(world, "return.updated", order)
    return answer(first_view(world, order, asked.version))


def cancel(world: World, asked: Asked) -> Reply:
    """POST /return/{id}:cancel -> 200 without a body; 400 once it has arrived (the only documented refusal)."""
    order = _own(world, asked)
    if order.status != AWAITING:
        raise refuse(
            problem,
            400,
            "status",
            f"Return {order.id} is {order.status}; only a return that awaits arrival can be cancelled.",
        )
    order = replace(order, status="Cancelled", history=(*order.history, ("Cancelled", world.now())))
    world.returns[order.id] = order
    announce_return(world, "return.updated", order)
    return empty(200)


def get(world: World, asked: Asked) -> Reply:
    """GET /return/{id}."""
    return answer(return_view(world, _find(world, asked), asked.version))


def _matches(world: World, order: ReturnOrder, query: dict[str, Any]) -> bool:
    completed = _reached(order, "Completed")
    sold = world.shipments.get(order.original_shipment_id or 0)
    store = world.orders[sold.order_id].document.get("order_number") if sold else None
    tests = [
        "Ids" not in query or order.id in query["Ids"],
        "ReferenceIds" not in query or order.reference_id in query["ReferenceIds"],
        "Status" not in query or order.status.replace(" ", "") in query["Status"],
        "FulfillmentCenterIds" not in query or order.location_id in query["FulfillmentCenterIds"],
        "TrackingNumbers" not in query or order.tracking_number in query["TrackingNumbers"],
        "OriginalShipmentIds" not in query or order.original_shipment_id in query["OriginalShipmentIds"],
        "InventoryIds" not in query or any(item.inventory_id in query["InventoryIds"] for item in order.items),
        "StartDate" not in query or order.inserted >= query["StartDate"],
        "EndDate" not in query or order.inserted <= query["EndDate"],
        "CompletedStartDate" not in query or (completed is not None and completed >= query["CompletedStartDate"]),
        "CompletedEndDate" not in query or (completed is not None and completed <= query["CompletedEndDate"]),
        "ReturnTypes" not in query or order.return_type in query["ReturnTypes"],
        "ReturnActions" not in query or any(item.requested_action in query["ReturnActions"] for item in order.items),
        "StoreOrderIds" not in query or store in query["StoreOrderIds"],
    ]
    return all(tests)


def list_all(world: World, asked: Asked) -> Reply:
    """GET /return: newest first unless SortOrder=Asc; the cursor is a page number."""
    found = [
        order
        for order in world.returns.values()
        if asked.sees(order.channel_id) and _matches(world, order, asked.query)
    ]
    if asked.query.get("SortOrder", "Desc") == "Desc":
        found.reverse()
    return pages.page_cursor([return_view(world, order, asked.version) for order in found], asked.query)
