"""Shipments over the API: read, timeline, cancel, mark as uploaded, change the address, lines or service."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from local.simulators.base import Reply
from local.simulators.shipbob.formats import stamp
from local.simulators.shipbob.gateway import Asked
from local.simulators.shipbob.order_views import shipment_view
from local.simulators.shipbob.problems import Rejection, answer, code_message, empty, field_map, refuse
from local.simulators.shipbob.records import Shipment, Units
from local.simulators.shipbob.webhooks import announce_shipment
from local.simulators.shipbob.world import World

_TOO_LATE = {"Picked", "Packed", "Labeled"}


def is_cancellable(shipment: Shipment) -> str | None:
    """None when the shipment can still be cancelled, else the reason in words."""
    if shipment.status in ("Cancelled", "CleanSweeped"):
        return "Shipment is already cancelled"
    if shipment.status in ("Completed", "LabeledCreated") or _TOO_LATE & {detail.name for detail in shipment.details}:
        return "Shipment can not be cancelled: it was already picked, packed or shipped"
    return None


def cancel_shipment(world: World, shipment_id: int, *, announce: bool) -> None:
    """Cancels; the units are no longer claimed. The webhook does not fire for what people cancel by hand."""
    shipment = world.shipments[shipment_id]
    world.put_shipment(replace(shipment, status="Cancelled", details=(), updated=world.now()))
    if announce:
        announce_shipment(world, "order.shipment.cancelled", shipment_id)


def find_shipment(world: World, asked: Asked) -> Shipment:
    """The shipment of the path, of that order if one is named, in the header's channel; else 404."""
    shipment = world.shipments.get(asked.ids["shipment"])
    if shipment is None or asked.ids.get("order", shipment.order_id) != shipment.order_id:
        raise Rejection(empty(404))
    order = world.orders[shipment.order_id]
    if order.visible_from > world.now() or not asked.sees(order.channel_id):
        raise Rejection(empty(404))
    return shipment


def get_shipment(world: World, asked: Asked) -> Reply:
    """GET /shipment/{id} and /order/{id}/shipment/{id}."""
    return answer(shipment_view(world, find_shipment(world, asked), asked.version))


def list_shipments(world: World, asked: Asked) -> Reply:
    """GET /order/{id}/shipment: all of them, cancelled ones too."""
    order = world.orders.get(asked.ids["order"])
    if order is None or order.visible_from > world.now() or not asked.sees(order.channel_id):
        raise Rejection(empty(404))
    return answer([shipment_view(world, world.shipments[number], asked.version) for number in order.shipment_ids])


def timeline(world: World, asked: Asked) -> Reply:
    """GET .../timeline and .../logs."""
    shipment = find_shipment(world, asked)
    rows = [
        {
            "log_type_id": log.type_id,
            "log_type_name": log.name,
            "log_type_text": log.text,
            "metadata": {},
            "timestamp": stamp(log.at, shipment.id + index),
        }
        for index, log in enumerate(shipment.logs)
    ]
    return answer(rows)


def _own(world: World, asked: Asked, shipment: Shipment) -> None:
    if world.orders[shipment.order_id].channel_id != asked.channel_id:
        raise Rejection(empty(403))


def cancel_one(world: World, asked: Asked) -> Reply:
    """POST /shipment/{id}:cancel -> the shipment; 422 when it is too late."""
    shipment = find_shipment(world, asked)
    _own(world, asked, shipment)
    reason = is_cancellable(shipment)
    if reason is not None:
        raise refuse(field_map, 422, "", reason)
    cancel_shipment(world, shipment.id, announce=True)
    return answer(shipment_view(world, world.shipments[shipment.id], asked.version))


def _mine(world: World, asked: Asked, number: int) -> Shipment | None:
    shipment = world.shipments.get(number)
    own = shipment is not None and world.orders[shipment.order_id].channel_id == asked.channel_id
    return shipment if own else None


def batch_cancel(world: World, asked: Asked) -> Reply:
    """POST /shipment:batchCancel: one result per id; 200 whatever they say."""
    results: list[dict[str, Any]] = []
    skipped = world.lost(asked.body["shipment_ids"])
    for number in asked.body["shipment_ids"]:
        shipment = _mine(world, asked, number)
        reason = "Shipment not found" if shipment is None else is_cancellable(shipment)
        if number in skipped:
            reason = "An unexpected error occurred"
        if reason is None:
            cancel_shipment(world, number, announce=True)
        results.append({"shipment_id": number, "action": "Cancel", "is_success": reason is None, "reason": reason})
    return answer({"results": results})


def tracking_upload(world: World, asked: Asked) -> Reply:
    """POST /shipment:batchUpdateTrackingUpload: the camelCase result list that the vendor answers."""
    results: list[dict[str, Any]] = []
    skipped = world.lost(asked.body["shipment_ids"])
    for number in asked.body["shipment_ids"]:
        shipment = _mine(world, asked, number)
        error = None
        if shipment is None:
            error = {"code": "NOT_FOUND", "message": f"Shipment {number} was not found"}
        elif number in skipped:
            error = {"code": "DATABASE_UPDATE_ERROR", "message": "The update failed"}
        else:
            world.put_shipment(replace(shipment, uploaded=asked.body["is_tracking_uploaded"]))
        results.append({"shipmentId": number, "isSuccess": error is None, "error": error})
    good = sum(result["isSuccess"] for result in results)
    return answer(
        {"results": results, "summary": {"total": len(results), "successful": good, "failed": len(results) - good}}
    )


def _changeable(world: World, asked: Asked) -> Shipment:
    shipment = world.shipments.get(asked.ids["shipment"])
    if shipment is None:
        raise refuse(code_message, 404 if asked.request.method == "GET" else 400, "", "The shipment was not found.")
    _own(world, asked, shipment)
    if asked.request.method != "GET" and is_cancellable(shipment) is not None:
        raise refuse(code_message, 400, "", "The shipment can no longer be changed.")
    return shipment


def update_address(world: World, asked: Asked) -> Reply:
    """PUT /shipment/{id}:updateAddress; a hold for an invalid address is lifted when the new one is complete."""
    shipment, body = _changeable(world, asked), asked.body
    old = shipment.recipient
    address = {
        "address1": body["street_address1"],
        "address2": body.get("street_address2"),
        "city": body["city"],
        "company_name": body.get("company_name"),
        "country": body.get("country_code") or old["address"]["country"],
        "state": body.get("state"),
        "zip_code": body.get("zip_code"),
    }
    recipient = {
        "name": body.get("recipient_name") or old["name"],
        "email": body.get("email") or old.get("email"),
        "phone_number": body.get("phone_number") or old.get("phone_number"),
        "address": address,
    }
    held = shipment.status == "OnHold" and [detail.name for detail in shipment.details] == ["InvalidAddress"]
    complete = address["country"] not in ("US", "CA") or (address["state"] and address["zip_code"])
    if held and complete:
        shipment = replace(shipment, status="Processing", details=())
    world.put_shipment(replace(shipment, recipient=recipient, updated=world.now()))
    announce_shipment(world, "order.shipment.address.updated", shipment.id)
    return answer({"id": shipment.id, "is_success": True, "error": None})


def get_line_items(world: World, asked: Asked) -> Reply:
    """GET /shipment/{id}:getLineItems."""
    rows = []
    for units in _changeable(world, asked).units:
        variant = world.variants[world.items[units.inventory_id]]
        rows.append(
            {
                "inventory_id": units.inventory_id,
                "quantity": units.quantity,
                "committed_quantity": units.quantity,
                "is_hazmat": False,
                "is_lot": units.lot is not None,
                "lot": {"lot_date": None, "lot_number": units.lot, "selection_method": "ShipbobChooses"},
                "product_variant": {"id": variant.id, "name": variant.name, "sku": variant.sku},
                "serial_numbers": [],
            }
        )
    return answer(rows)


def update_line_items(world: World, asked: Asked) -> Reply:
    """POST /shipment/{id}:updateLineItems: the list given is the whole list."""
    shipment = _changeable(world, asked)
    before = {units.inventory_id: units for units in shipment.units}
    after: dict[int, Units] = {}
    for index, item in enumerate(asked.body["items"]):
        variant = world.variant_of(item["inventory_id"])
        if variant is None:
            raise refuse(code_message, 400, f"items[{index}].inventory_id", "The inventory does not exist.")
        owner = before.get(item["inventory_id"])
        after[item["inventory_id"]] = Units(
            owner.variant_id if owner else variant.id, item["inventory_id"], item["quantity"], item.get("lot_number")
        )
    changes = []
    for number in sorted({*before, *after}):
        old, new = before.get(number), after.get(number)
        if old != new:
            action = "Added" if old is None else "Removed" if new is None else "Updated"
            values = {
                "previous_value": str(old.quantity) if old else None,
                "new_value": str(new.quantity) if new else None,
            }
            changes.append({"action": action, "inventory_id": number, **values})
    world.put_shipment(
        replace(shipment, units=tuple(units for units in after.values() if units.quantity), updated=world.now())
    )
    for change in changes:
        announce_shipment(world, f"order.shipment.line_item.{str(change['action']).lower()}", shipment.id)
    return answer({"id": shipment.id, "is_success": True, "error": None, "shipment_line_items": changes})


def update_service(world: World, asked: Asked) -> Reply:
    """PUT /shipment:bulkUpdateShippingService."""
    body = asked.body
    method = next((each for each in world.methods.values() if each.id == body["requested_shipping_service_id"]), None)
    if method is None:
        raise refuse(code_message, 400, "requested_shipping_service_id", "The shipping service does not exist.")
    results: list[dict[str, Any]] = []
    for number in body["shipment_ids"]:
        shipment = _mine(world, asked, number)
        good = shipment is not None and is_cancellable(shipment) is None
        if shipment is not None and good:
            world.put_shipment(replace(shipment, ship_option=method.name, updated=world.now()))
            announce_shipment(world, "order.shipment.shipping_service.updated", number)
        error = (
            None
            if good
            else {
                "code": "NOT_FOUND" if shipment is None else "CONFLICT",
                "message": "The shipment can not be changed.",
            }
        )
        results.append({"id": number, "is_success": good, "error": error})
    good_ones = sum(result["is_success"] for result in results)
    summary = {"total": len(results), "successful": good_ones, "failed": len(results) - good_ones}
    return answer({"results": results, "summary": summary})
