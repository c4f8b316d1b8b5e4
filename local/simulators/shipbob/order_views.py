"""Orders and shipments as the API shows them (OrderViewModel and ShipmentViewModel of 2025-07 to 2026-01)."""

from __future__ import annotations

from typing import Any

from local.simulators.shipbob.formats import stamp, stamp_or_none
from local.simulators.shipbob.records import Detail, Order, OrderLine, Shipment, Units
from local.simulators.shipbob.world import World


def order_status(world: World, order: Order) -> str:
    """The status of an order follows from its shipments."""
    if order.status_text is not None:
        return order.status_text
    if order.in_review:
        return "ImportReview"
    states = [world.shipments[number].status for number in order.shipment_ids]
    alive = [state for state in states if state not in ("Cancelled", "CleanSweeped")]
    if order.cancelled or (states and not alive):
        return "Cancelled"
    gone = [state for state in alive if state in ("Completed", "LabeledCreated")]
    if alive and len(gone) == len(alive):
        return "Fulfilled"
    if gone:
        return "PartiallyFulfilled"
    return "Exception" if "Exception" in alive else "Processing"


def _line(line: OrderLine) -> dict[str, Any]:
    return {
        "id": line.product_id,
        "reference_id": line.reference_id,
        "sku": line.sku,
        "quantity": line.quantity,
        "quantity_unit_of_measure_code": line.unit_code,
        "unit_price": line.unit_price,
        "gtin": line.gtin,
        "upc": line.upc,
        "external_line_id": line.external_line_id,
    }


def order_view(world: World, order: Order, version: str) -> dict[str, Any]:
    """The whole order with its shipments."""
    document = order.document
    channel = world.channels[order.channel_id]
    return {
        "id": order.id,
        "created_date": stamp(order.created, order.id),
        "purchase_date": document.get("purchase_date"),
        "reference_id": order.reference_id,
        "order_number": document.get("order_number") or order.reference_id,
        "status": order_status(world, order),
        "type": document["type"],
        "channel": {"id": channel.id, "name": channel.name},
        "shipping_method": document["shipping_method"],
        "gift_message": document.get("gift_message"),
        "recipient": document["recipient"],
        "products": [_line(line) for line in order.lines],
        "tags": document.get("tags") or [],
        "financials": document.get("financials"),
        "shipping_terms": document.get("shipping_terms"),
        "retailer_program_data": document.get("retailer_program_data"),
        "shipments": [shipment_view(world, world.shipments[number], version) for number in order.shipment_ids],
    }


def _detail(detail: Detail) -> dict[str, Any]:
    return {
        "id": detail.id,
        "name": detail.name,
        "description": detail.description,
        "inventory_id": detail.inventory_id,
        "exception_fulfillment_center_id": detail.location_id,
        "extra_information": {"validation_messages": list(detail.messages)} if detail.messages else None,
    }


def _inventory_item(world: World, units: Units, committed: bool) -> dict[str, Any]:
    variant = world.variants[world.items[units.inventory_id]]
    return {
        "id": units.inventory_id,
        "name": variant.name,
        "quantity": units.quantity,
        "quantity_committed": units.quantity if committed else 0,
        "lot": units.lot,
        "expiration_date": None,
        "serial_numbers": [],
        "is_dangerous_goods": False,
    }


def _products(world: World, shipment: Shipment) -> list[dict[str, Any]]:
    """Shipment products have no quantity of their own: it is the sum over their inventory items."""
    committed = shipment.status not in ("Exception", "Cancelled", "CleanSweeped")
    views: dict[int, dict[str, Any]] = {}
    for units in shipment.units:
        variant = world.variants[units.variant_id]
        view = views.setdefault(
            variant.id,
            {
                "id": variant.product_id,
                "reference_id": variant.sku,
                "sku": variant.sku,
                "name": variant.name,
                "inventory_items": [],
            },
        )
        view["inventory_items"].append(_inventory_item(world, units, committed))
    return list(views.values())


def _arrival_status(shipment: Shipment) -> str:
    if shipment.fulfilled is not None:
        return "FulfilledOnTime"
    return "AwaitingInventoryAllocation" if shipment.status == "Exception" else "PendingOnTime"


def shipment_view(world: World, shipment: Shipment, version: str) -> dict[str, Any]:
    """One shipment. `Completed` means that it left ShipBob; delivery shows as detail 203 and `delivery_date`."""
    seed, order = shipment.id, world.orders[shipment.order_id]
    tracking = shipment.tracking
    view: dict[str, Any] = {
        "id": shipment.id,
        "order_id": shipment.order_id,
        "reference_id": order.reference_id,
        "status": shipment.status,
        "status_details": [_detail(detail) for detail in shipment.details],
        "created_date": stamp(shipment.created, seed + 7),
        "last_update_at": stamp_or_none(shipment.updated, seed + 3),
        "last_tracking_update_at": stamp_or_none(shipment.tracking_updated, seed + 3),
        "actual_fulfillment_date": stamp_or_none(shipment.fulfilled, seed),
        "estimated_fulfillment_date": stamp(shipment.created.replace(hour=23, minute=59, second=59, microsecond=0), 0),
        "estimated_fulfillment_date_status": _arrival_status(shipment),
        "delivery_date": stamp_or_none(shipment.delivered, 0),
        "location": {"id": shipment.location_id, "name": world.locations[shipment.location_id].name},
        "ship_option": shipment.ship_option,
        "package_material_type": "Box",
        "require_signature": False,
        "gift_message": order.document.get("gift_message"),
        "is_tracking_uploaded": shipment.uploaded,
        "insurance_value": None,
        "invoice_amount": shipment.invoice_amount,
        "invoice_currency_code": None if shipment.invoice_amount is None else "USD",
        "measurements": {"total_weight_oz": shipment.weight_ounces, "length_in": 10, "width_in": 8, "depth_in": 4},
        "parent_cartons": [],
        "tracking": None,
        "recipient": {**shipment.recipient, "full_name": shipment.recipient["name"]},
        "products": _products(world, shipment),
    }
    if tracking is not None:
        view["tracking"] = {
            "carrier": tracking.carrier,
            "carrier_service": tracking.service,
            "tracking_number": tracking.number,
            "tracking_url": tracking.url,
            "bol": None,
            "pro_number": None,
            "scac": None,
            "shipping_date": None,
        }
    if version == "2025-07":
        view["store_order_id"] = None
    return view
