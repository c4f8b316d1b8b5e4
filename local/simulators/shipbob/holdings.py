"""Everything the simulated account holds, as plain JSON: what closing tables are read from. No secret is in it."""

from __future__ import annotations

from typing import Any

from local.simulators.shipbob import billing, receiving, returns
from local.simulators.shipbob.formats import plain
from local.simulators.shipbob.order_views import order_view, shipment_view
from local.simulators.shipbob.product_views import product_view
from local.simulators.shipbob.world import World

_VERSION = "2026-01"


def _stock(world: World) -> tuple[dict[str, dict[str, int]], list[dict[str, Any]]]:
    by_sku: dict[str, dict[str, int]] = {}
    rows: list[dict[str, Any]] = []
    for (place, item), units in sorted(world.on_hand.items()):
        sku = world.sku_of(item)
        at = by_sku.setdefault(str(place), {})
        at[sku] = at.get(sku, 0) + units
        committed = world.committed.get((place, item), 0)
        rows.append({"location_id": place, "inventory_id": item, "sku": sku, "on_hand": units, "committed": committed})
    return by_sku, rows


def _orders(world: World) -> dict[int, dict[str, Any]]:
    found = {}
    for order in world.orders.values():
        view = order_view(world, order, _VERSION)
        view["shipment_ids"] = [shipment["id"] for shipment in view.pop("shipments")]
        found[order.id] = {**view, "channel_id": order.channel_id}
    return found


def holdings(world: World) -> dict[str, Any]:
    """Orders and shipments by id, products, stock per location by SKU, receiving, returns, billing, subscriptions."""
    by_sku, rows = _stock(world)
    subscriptions = {
        each.id: {
            "url": each.url,
            "topics": each.topics,
            "enabled": each.enabled,
            "description": each.description,
            "owner": each.owner,
        }
        for each in world.subscriptions.values()
    }
    document = {
        "channels": [
            {"id": each.id, "name": each.name, "application_name": each.application_name}
            for each in world.channels.values()
        ],
        "locations": {
            each.id: {"name": each.name, "access_granted": each.access_granted} for each in world.locations.values()
        },
        "shipping_methods": list(world.methods),
        "orders": _orders(world),
        "shipments": {each.id: shipment_view(world, each, _VERSION) for each in world.shipments.values()},
        "products": {
            each.id: {**product_view(world, each), "channel_id": each.channel_id} for each in world.products.values()
        },
        "stock": by_sku,
        "stock_rows": rows,
        "receiving": {each.id: receiving.wro_view(world, each, _VERSION) for each in world.receiving.values()},
        "returns": {each.id: returns.return_view(world, each, _VERSION) for each in world.returns.values()},
        "transactions": {each.id: billing.row_view(world, each) for each in world.transactions.values()},
        "invoices": {each.id: billing.invoice_view(each) for each in world.invoices.values()},
        "inventory_events": [
            {
                "id": each.id,
                "category": each.category,
                "location_id": each.location_id,
                "sku": world.sku_of(each.inventory_id),
                "quantity": each.quantity,
            }
            for each in world.events.values()
        ],
        "subscriptions": subscriptions,
        "deliveries_waiting": len(world.outbox),
        "deliveries_given_up": len(world.dead_deliveries),
        "strict_violations": list(world.strict_violations),
    }
    result: dict[str, Any] = plain(document)
    return result
