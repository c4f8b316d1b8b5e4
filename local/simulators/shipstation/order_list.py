"""GET /orders: every documented filter, compared as the documentation says."""

from __future__ import annotations

from typing import Any

from local.simulators.base import Reply
from local.simulators.shipstation import pacific, pages
from local.simulators.shipstation.asked import Asked
from local.simulators.shipstation.order_views import order_view
from local.simulators.shipstation.records import Order
from local.simulators.shipstation.world import World

_SORTS = {
    "OrderDate": lambda order: (order.content["orderDate"], order.id),
    "ModifyDate": lambda order: (pacific.wall(order.modified), order.id),
    "CreateDate": lambda order: (pacific.wall(order.created), order.id),
}


def list_orders(world: World, asked: Asked) -> Reply:
    """There is no orderKey filter, and orderNumber is a search for the beginning."""
    rows = [order for order in world.orders.values() if _shown(world, asked, order)]
    return pages.answer(world, asked, "orders", rows, _SORTS, lambda order: order.id, order_view)


def _shown(world: World, asked: Asked, order: Order) -> bool:
    query = asked.query
    return (
        (world.switches.deleted_orders_listed or not order.deleted)
        and str(order.number).lower().startswith(query.get("orderNumber", "").lower())
        and pages.equal(asked, {"orderStatus": order.status, "storeId": order.store_id, "importBatch": order.batch})
        and _has(query.get("customerName"), [order.content["shipTo"]["name"], order.content["billTo"]["name"]])
        and (
            "itemKeyword" not in query
            or _has(query["itemKeyword"], [it for row in order.items for it in _searched(row)])
        )
        and pages.within(asked, "createDate", order.created)
        and pages.within(asked, "modifyDate", order.modified)
        and _dated(asked, "orderDate", order.content["orderDate"], (False, True))
        and _dated(asked, "paymentDate", order.content["paymentDate"], (False, False))
    )


def _has(wanted: str | None, texts: list[str | None]) -> bool:
    return not wanted or any(wanted.lower() in (text or "").lower() for text in texts)


def _searched(item: Any) -> list[str | None]:
    return [item["sku"], item["name"], *(str(option.get("value")) for option in item["options"] or [])]


def _dated(asked: Asked, name: str, text: str | None, inclusive: tuple[bool, bool]) -> bool:
    start, end = asked.query.get(f"{name}Start"), asked.query.get(f"{name}End")
    if start is None and end is None:
        return True
    read = pacific.read_wall(text) if text else None
    return read is not None and pages.between(read[0], start, end, inclusive)
