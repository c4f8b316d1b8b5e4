"""Everything that the simulated ShipStation holds, as plain JSON: what closing tables are read from. No secret."""

from __future__ import annotations

from typing import Any

from local.simulators.shipstation import order_views
from local.simulators.shipstation.records import Order, Shipment
from local.simulators.shipstation.validation import words
from local.simulators.shipstation.world import World


def _order(order: Order) -> dict[str, Any]:
    """As V1 shows it (without the moments), with what only ShipStation knows: how often it was written by API."""
    view = order_views.order_view(order)
    kept = words(
        "orderId orderKey orderNumber orderStatus customerUsername shipTo carrierCode serviceCode "
        "requestedShippingService holdUntilDate orderTotal amountPaid internalNotes customerNotes tagIds weight "
        "advancedOptions"
    )
    lines = ("lineItemKey", "sku", "name", "quantity", "unitPrice", "adjustment")
    return {
        **{name: view[name] for name in kept},
        "items": [{name: item[name] for name in lines} for item in view["items"]],
        "storeId": order.store_id,
        "created": order.created.isoformat(),
        "modified": order.modified.isoformat(),
        "deleted": order.deleted,
        "writes": order.writes,
    }


def _shipment(world: World, shipment: Shipment) -> dict[str, Any]:
    order = world.orders.get(shipment.order_id or 0)
    return {
        "shipmentId": shipment.id,
        "orderId": shipment.order_id,
        "orderKey": order.key if order else None,
        "orderNumber": order.number if order else None,
        "trackingNumbers": list(shipment.tracking_numbers),
        "carrierCode": shipment.carrier,
        "serviceCode": shipment.service,
        "shipDate": shipment.ship_date,
        "cost": f"{shipment.cost:.2f}",
        "isReturnLabel": shipment.is_return,
        "voided": shipment.voided is not None,
        "items": [{name: item[name] for name in ("lineItemKey", "sku", "quantity")} for item in shipment.items],
    }


def holdings(world: World) -> dict[str, Any]:
    """Orders, shipments, fulfillments, products, customers, stores, webhooks, deliveries, violations."""
    return {
        "orders": [_order(each) for each in world.orders.values()],
        "shipments": [_shipment(world, each) for each in world.shipments.values()],
        "fulfillments": [
            {
                "fulfillmentId": each.id,
                "orderId": each.order_id,
                "orderKey": world.orders[each.order_id].key,
                "trackingNumber": each.tracking_number,
                "carrier": each.carrier,
                "shipDate": each.ship_date,
                "voided": each.voided is not None,
            }
            for each in world.fulfillments.values()
        ],
        "products": [{"productId": each.id, **each.content} for each in world.products.values()],
        "customers": [
            {"customerId": each.id, "username": each.username, "name": each.name} for each in world.customers.values()
        ],
        "stores": [
            {"storeId": each.id, "name": each.name, "marketplaceId": each.marketplace_id, "active": each.active}
            for each in world.stores.values()
        ],
        "webhooks": [
            {"id": each.id, "event": each.event, "url": each.url, "storeId": each.store_id, "active": each.active}
            for each in world.subscriptions.values()
        ],
        "deliveries_waiting": len(world.outbox),
        "deliveries_lost": len(world.lost),
        "deliveries_accepted": world.delivered,
        "strict_violations": list(world.strict_violations),
    }
