"""Warehouse receiving orders (WRO) over the API."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from local.simulators.base import Reply
from local.simulators.checks import Finding
from local.simulators.shipbob import catalogue, pages
from local.simulators.shipbob.formats import read_moment, stamp, stamp_or_none
from local.simulators.shipbob.gateway import Asked
from local.simulators.shipbob.places import center_view
from local.simulators.shipbob.problems import Rejection, answer, refuse, validation_problem
from local.simulators.shipbob.records import Box, BoxItem, ReceivingOrder
from local.simulators.shipbob.webhooks import announce
from local.simulators.shipbob.world import World

MOST_BOXES = 50
MOST_SKUS = 10_000
_STATUS_IDS = {
    "Awaiting": 1,
    "Processing": 2,
    "Completed": 3,
    "Cancelled": 4,
    "Incomplete": 5,
    "Arrived": 6,
    "PartiallyArrived": 7,
    "PartiallyArrivedAtHub": 8,
    "ArrivedAtHub": 9,
    "ProcessingAtHub": 10,
    "InternalTransfer": 11,
}


def _quantities(world: World, wro: ReceivingOrder) -> list[dict[str, Any]]:
    """Order level: received shows only once the count was published, so it can be 0 while stowed is not."""
    rows: dict[int, dict[str, Any]] = {}
    for box in wro.boxes:
        for item in box.items:
            sku = None if wro.sku_withheld else world.sku_of(item.inventory_id)
            empty = {
                "inventory_id": item.inventory_id,
                "sku": sku,
                "expected_quantity": 0,
                "received_quantity": 0,
                "stowed_quantity": 0,
            }
            row = rows.setdefault(item.inventory_id, empty)
            row["expected_quantity"] += item.quantity
            row["received_quantity"] += item.received if wro.counted else 0
            row["stowed_quantity"] += item.stowed
    return list(rows.values())


def wro_view(world: World, wro: ReceivingOrder, version: str) -> dict[str, Any]:
    """One WRO."""
    return {
        "id": wro.id,
        "status": wro.status,
        "package_type": wro.package_type,
        "box_packaging_type": wro.box_packaging_type,
        "purchase_order_number": wro.purchase_order_number,
        "expected_arrival_date": stamp(wro.expected_arrival, 0),
        "insert_date": stamp(wro.inserted, 7),
        "last_updated_date": stamp(wro.updated, 7),
        "external_sync_timestamp": stamp_or_none(wro.synced, 7),
        "box_labels_uri": f"/{version}/receiving/{wro.id}/labels",
        "fulfillment_center": center_view(world.locations[wro.location_id]),
        "inventory_quantities": _quantities(world, wro),
        "status_history": [
            {"id": _STATUS_IDS[status], "status": status, "timestamp": stamp(at, 0)} for status, at in wro.history
        ],
    }


def box_view(box: Box) -> dict[str, Any]:
    """One box with its items."""
    items = [
        {
            "inventory_id": item.inventory_id,
            "quantity": item.quantity,
            "received_quantity": item.received,
            "stowed_quantity": item.stowed,
            "lot_number": item.lot_number,
            "lot_date": stamp_or_none(item.lot_date, 0),
        }
        for item in box.items
    ]
    return {
        "box_id": box.id,
        "box_number": box.number,
        "box_status": box.status,
        "tracking_number": box.tracking_number,
        "arrived_date": stamp_or_none(box.arrived, 0),
        "received_date": stamp_or_none(box.received, 0),
        "counting_started_date": stamp_or_none(box.counting_started, 0),
        "box_items": items,
    }


def announce_wro(world: World, topic: str, wro: ReceivingOrder) -> None:
    """A `wro.*` message: the bare WRO."""
    announce(world, topic, wro_view(world, wro, "2026-01"))


def _item(world: World, asked: Asked, item: dict[str, Any], path: str) -> BoxItem:
    number = item.get("inventory_id")
    if number is None and item.get("sku"):
        variant = catalogue.by_sku(world, item["sku"], asked.channel_id)
        number = variant.inventory_id if variant else None
    if number is None or number not in world.items:
        raise refuse(
            validation_problem, 400, f"{path}.inventory_id", f"Inventory {number or item.get('sku')} does not exist."
        )
    date = read_moment(item["lot_date"]) if item.get("lot_date") else None
    return BoxItem(number, item["quantity"], 0, 0, item.get("lot_number"), date)


def _packing_faults(body: dict[str, Any], boxes: list[list[BoxItem]]) -> Iterator[Finding]:
    packing = body["box_packaging_type"]
    if body["package_type"] == "Package" and len(boxes) > MOST_BOXES:
        yield Finding("boxes", f"A Package shipment may hold at most {MOST_BOXES} boxes.", "rule")
    if packing == "EverythingInOneBox" and len(boxes) != 1:
        yield Finding("boxes", "EverythingInOneBox means exactly one box.", "rule")
    for index, items in enumerate(boxes):
        if packing == "OneSkuPerBox" and len({item.inventory_id for item in items}) > 1:
            yield Finding(f"boxes[{index}].box_items", "OneSkuPerBox means one SKU in each box.", "rule")
    if len({item.inventory_id for items in boxes for item in items}) > MOST_SKUS:
        yield Finding("boxes", "WRO_UNIQUE_SKU_LIMIT_EXCEEDED", "rule")


def _head_faults(world: World, body: dict[str, Any]) -> Iterator[Finding]:
    if read_moment(body["expected_arrival_date"]) <= world.now():
        yield Finding("expected_arrival_date", "Arrival date must be in the future", "rule")
    place = world.locations.get(body["fulfillment_center"]["id"])
    if place is None or not place.is_receiving_enabled or not place.access_granted:
        yield Finding(
            "fulfillment_center.id", f"Fulfillment center {body['fulfillment_center']['id']} can not receive.", "rule"
        )
    number = body.get("purchase_order_number")
    if number and not re.fullmatch(r"[A-Za-z0-9-]+", number) and world.switches.strict:
        message = f"purchase_order_number {number!r} makes trouble downstream: use letters, digits and dash"
        world.strict_violations.append(message)
        yield Finding("purchase_order_number", message, "rule")


def create(world: World, asked: Asked) -> Reply:
    """POST /receiving -> 201. A second WRO with the same purchase order number is not refused."""
    body = asked.body
    boxes = [
        [_item(world, asked, item, f"boxes[{index}].box_items[{place}]") for place, item in enumerate(box["box_items"])]
        for index, box in enumerate(body["boxes"])
    ]
    faults = [*_head_faults(world, body), *_packing_faults(body, boxes)]
    if faults:
        raise Rejection(validation_problem(400, faults))
    wanted, now = body["fulfillment_center"]["id"], world.now()
    made = tuple(
        Box(world.number("box"), index + 1, "Awaiting", body["boxes"][index]["tracking_number"], tuple(items))
        for index, items in enumerate(boxes)
    )
    wro = ReceivingOrder(
        id=world.number("receiving"),
        status="Awaiting",
        location_id=world.locations[wanted].hub_id or wanted,
        package_type=body["package_type"],
        box_packaging_type=body["box_packaging_type"],
        purchase_order_number=body.get("purchase_order_number"),
        expected_arrival=read_moment(body["expected_arrival_date"]),
        inserted=now,
        updated=now,
        boxes=made,
        history=(("Awaiting", now),),
    )
    world.receiving[wro.id] = wro
    announce_wro(world, "wro.created", wro)
    return answer(wro_view(world, wro, asked.version), 201)


def find(world: World, asked: Asked) -> ReceivingOrder:
    """The WRO of the path, else 404."""
    wro = world.receiving.get(asked.ids["receiving"])
    if wro is None:
        raise refuse(validation_problem, 404, "id", f"Receiving order {asked.ids['receiving']} was not found.")
    return wro


def get(world: World, asked: Asked) -> Reply:
    """GET /receiving/{id}."""
    return answer(wro_view(world, find(world, asked), asked.version))


def boxes(world: World, asked: Asked) -> Reply:
    """GET /receiving/{id}/boxes."""
    return answer([box_view(box) for box in find(world, asked).boxes])


def labels(world: World, asked: Asked) -> Reply:
    """GET /receiving/{id}/labels: a PDF as a base64 JSON string."""
    return answer(
        base64.b64encode(b"%PDF-1.4\n% labels of WRO " + str(find(world, asked).id).encode() + b"\n%%EOF\n").decode()
    )


def distributions(world: World, asked: Asked) -> Reply:
    """GET /receiving/{id}/distributions: only for the Inventory Placement Program."""
    raise refuse(validation_problem, 404, "id", f"Receiving order {find(world, asked).id} has no distributions.")


def _matches(wro: ReceivingOrder, query: dict[str, Any]) -> bool:
    tests = [
        "IDs" not in query or wro.id in query["IDs"],
        "Statuses" not in query or wro.status in query["Statuses"],
        "FulfillmentCenterIds" not in query or wro.location_id in query["FulfillmentCenterIds"],
        "PurchaseOrderNumbers" not in query or wro.purchase_order_number in query["PurchaseOrderNumbers"],
        "ExternalSync" not in query or (wro.synced is not None) == query["ExternalSync"],
        "InsertStartDate" not in query or wro.inserted >= query["InsertStartDate"],
        "InsertEndDate" not in query or wro.inserted <= query["InsertEndDate"],
        "CompletedStartDate" not in query
        or (wro.completed is not None and wro.completed >= query["CompletedStartDate"]),
        "CompletedEndDate" not in query or (wro.completed is not None and wro.completed <= query["CompletedEndDate"]),
    ]
    return all(tests)


def list_all(world: World, asked: Asked) -> Reply:
    """GET /receiving: newest first; there is no filter by update time."""
    found = [
        wro_view(world, wro, asked.version) for wro in reversed(world.receiving.values()) if _matches(wro, asked.query)
    ]
    return pages.numbered(found, asked.query, pages.receiving_headers)


def cancel(world: World, asked: Asked) -> Reply:
    """POST /receiving/{id}:cancel: 422 once anything has arrived."""
    wro = find(world, asked)
    if wro.status != "Awaiting":
        raise refuse(
            validation_problem, 422, "status", f"Receiving order {wro.id} is {wro.status} and can not be cancelled."
        )
    now = world.now()
    gone = tuple(replace(box, status="Cancelled") for box in wro.boxes)
    wro = replace(wro, status="Cancelled", boxes=gone, updated=now, history=(*wro.history, ("Cancelled", now)))
    world.receiving[wro.id] = wro
    announce_wro(world, "wro.updated", wro)
    return answer(wro_view(world, wro, asked.version))


def set_external_sync(world: World, asked: Asked) -> Reply:
    """POST /receiving:setExternalSync: the answer as it really is (the specification shows a WRO)."""
    results: list[dict[str, Any]] = []
    skipped = world.lost(asked.body["ids"])
    for number in asked.body["ids"]:
        wro = world.receiving.get(number)
        good = wro is not None and number not in skipped
        if wro is not None and good:
            world.receiving[number] = replace(wro, synced=world.now() if asked.body["is_external_sync"] else None)
        reason = "" if good else "Receiving order not found" if wro is None else "The update failed"
        results.append({"id": number, "action": "ExternalSync", "is_success": good, "reason": reason})
    return answer({"results": results})
