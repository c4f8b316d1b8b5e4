"""Orders of V1: the upsert by orderKey, alone and by the hundred, and the calls that change a state."""

from __future__ import annotations

import uuid
from typing import Any

from local.simulators.base import Reply, json_reply
from local.simulators.checks import Finding
from local.simulators.shipstation import customers, masters, notifications, order_bodies, pacific, products
from local.simulators.shipstation.asked import Asked
from local.simulators.shipstation.order_views import order_view, stored_content, stored_items
from local.simulators.shipstation.problems import message, model_state
from local.simulators.shipstation.records import OPEN, Order
from local.simulators.shipstation.world import World

MOST = 100
Body = dict[str, Any]


class Refused(Exception):
    """One order is not taken; says why."""


def create_one(world: World, asked: Asked) -> Reply:
    """POST /orders/createorder: one JSON object."""
    found = judge(world, asked, asked.body, "apiOrder")
    if found:
        raise model_state({f"apiOrder.{each.path}": [each.message] for each in found})
    try:
        order, news = save(world, asked.body, str(uuid.uuid5(uuid.NAMESPACE_OID, f"batch-{world.number('batch')}")))
    except Refused as refusal:
        raise message(400, str(refusal)) from refusal
    notifications.orders_arrived(world, news)
    status = world.switches.created_status if order.writes == 1 else 200
    return json_reply(status, {**order_view(order), **({"customerId": None} if order.writes == 1 else {})})


def create_many(world: World, asked: Asked) -> Reply:
    """POST /orders/createorders: 1 to 100, each with a result of its own; the whole call fails only when it does not
    bind."""
    bodies = asked.body
    if not isinstance(bodies, list):
        text = "Cannot deserialize the current JSON object (e.g. {\"name\":\"value\"}) into type 'List`1'. Path ''."
        raise model_state({"apiOrders": [text]})
    if not 1 <= len(bodies) <= MOST:
        raise model_state({"apiOrders": [f"{len(bodies)} orders were sent; 1 to {MOST} are taken."]})
    found = [judge(world, asked, body, f"apiOrders[{row}]") for row, body in enumerate(bodies)]
    batch = str(uuid.uuid5(uuid.NAMESPACE_OID, f"batch-{world.number('batch')}"))
    rows: list[Body] = []
    arrived: list[Order] = []
    for body, faults in zip(bodies, found, strict=True):
        row, news = _result(world, body, faults, batch)
        rows.append(row)
        arrived.extend(news)
    notifications.orders_arrived(world, arrived)
    shown = rows[:-1] if world.loses_last_row else rows
    shown = shown[::-1] if world.switches.reordered_results else shown
    return json_reply(200, {"hasErrors": not all(row["success"] for row in shown), "results": shown})


def _result(world: World, body: Body, faults: list[Finding], batch: str) -> tuple[Body, list[Order]]:
    order: Order | None = None
    news: list[Order] = []
    error = "; ".join(each.message for each in faults) or None
    if error is None:
        try:
            order, news = save(world, body, batch)
        except Refused as refusal:
            error = str(refusal)
    row = {
        "orderId": order.id if order else None,
        "orderNumber": body.get("orderNumber") or "",
        "orderKey": order.key if order else body.get("orderKey"),
        "success": order is not None,
        "errorMessage": error,
    }
    return row, news


def judge(world: World, asked: Asked, body: Any, root: str) -> list[Finding]:
    """The rules that an order breaks. What does not bind refuses the whole request; what is unknown is written down."""
    found = list(order_bodies.ORDER(body, ""))
    world.strict_violations.extend(
        f"POST {asked.request.path}: {each.message}" for each in found if each.kind == "unknown"
    )
    unbound = {f"{root}.{each.path}".rstrip("."): [each.message] for each in found if each.kind == "type"}
    if unbound:
        raise model_state(unbound)
    return [each for each in found if each.kind == "rule"]


def _known(world: World, body: Body) -> Order | None:
    """The order that this body writes over: by orderId (also of a split order, whose key is not ours), else by key."""
    by_id = world.orders.get(body["orderId"]) if "orderId" in body else None
    if "orderId" in body and by_id is None:
        raise Refused(f"Order {body['orderId']} was not found; orderId is not allowed on a new order.")
    key = body.get("orderKey")
    by_key = world.orders.get(world.keys[key]) if key in world.keys else None
    if by_id is not None and key is not None and by_id.key != key:
        raise Refused("The orderKey of an order cannot be changed.")
    return by_id or by_key


def save(world: World, body: Body, batch: str) -> tuple[Order, list[Order]]:
    """Creates or replaces one order; answers it, and again when it is news for ORDER_NOTIFY."""
    _carrier(body)
    before = _known(world, body)
    if before is None:
        return _create(world, body, batch)
    if before.status not in OPEN:
        if world.switches.locked_orders == "refused":
            raise Refused(f"Order {before.number} is {before.status} and cannot be updated.")
        return before, []
    content = stored_content(world, body)
    status = body["orderStatus"]
    after = world.change(
        before,
        number=body["orderNumber"],
        status=status,
        content=content,
        items=stored_items(world, body.get("items")),
        hold_until=before.hold_until if status == "on_hold" else None,
        batch=batch if before.status == "awaiting_payment" else before.batch,
        externally_fulfilled=status == "shipped",
        writes=before.writes + 1,
    )
    paid = before.status == "awaiting_payment" and after.status not in ("awaiting_payment", "cancelled")
    return after, [after] if paid else []


def _create(world: World, body: Body, batch: str) -> tuple[Order, list[Order]]:
    number, now = world.number("order"), world.now()
    key = body.get("orderKey") or str(uuid.uuid5(uuid.NAMESPACE_OID, f"order-{number}"))
    order = Order(
        id=number,
        key=key,
        number=body["orderNumber"],
        status=body["orderStatus"],
        store_id=_store(world, body),
        created=now,
        modified=now,
        content=stored_content(world, body),
        items=stored_items(world, body.get("items")),
        batch=batch,
        customer_id=customers.profile_of(world, body),
        externally_fulfilled=body["orderStatus"] == "shipped",
        writes=1,
    )
    world.keys[key] = number
    if world.switches.api_orders_make_products:
        products.made_by_order(world, order)
    world.put_order(order)
    return order, [] if order.status == "awaiting_payment" else [order]


def _store(world: World, body: Body) -> int:
    """The store that the body names; without one the account's first manual store takes the order."""
    wanted = (body.get("advancedOptions") or {}).get("storeId")
    manual = [each.id for each in world.stores.values() if each.active and each.marketplace_id == 0]
    if wanted is None:
        return manual[0]
    if wanted not in world.stores or not world.stores[wanted].active:
        raise Refused(f"Invalid storeId: {wanted}")
    return int(wanted)


def _carrier(body: Body) -> None:
    carrier, service = body.get("carrierCode"), body.get("serviceCode")
    if (carrier or service) and service not in masters.SERVICES.get(carrier or "", {}):
        raise Refused("Invalid serviceCode")


def order_of(world: World, number: Any) -> Order:
    """The order with this id; 404 where there is none."""
    order = world.orders.get(int(number))
    if order is None:
        raise message(404, f"Order {number} was not found.")
    return order


def get_one(world: World, asked: Asked) -> Reply:
    """GET /orders/{orderId}; a deleted order is still there, cancelled."""
    return json_reply(200, order_view(order_of(world, asked.names["orderId"])))


def delete(world: World, asked: Asked) -> Reply:
    """DELETE /orders/{orderId}: soft; a shipped order stays as it is."""
    order = order_of(world, asked.names["orderId"])
    if order.status == "shipped":
        raise message(400, f"Order {order.number} is shipped and cannot be deleted.")
    if not order.deleted:
        world.change(order, status="cancelled", deleted=True, hold_until=None)
    return json_reply(200, {"success": True, "message": "The requested order has been deleted."})


def hold(world: World, asked: Asked) -> Reply:
    """POST /orders/holduntil."""
    order = order_of(world, asked.body["orderId"])
    until = asked.body["holdUntilDate"]
    read = pacific.read_wall(until)
    if read is None or read[0].date() <= pacific.today(world.now()):
        raise model_state({"request.holdUntilDate": [f"'{until}' is not a date after today."]})
    if order.status not in ("awaiting_shipment", "on_hold"):
        raise message(400, f"Order {order.number} is {order.status} and cannot be held.")
    world.change(order, status="on_hold", hold_until=until)
    return json_reply(200, {"success": True, "message": "Order held successfully."})


def restore(world: World, asked: Asked) -> Reply:
    """POST /orders/restorefromhold."""
    order = order_of(world, asked.body["orderId"])
    if order.status != "on_hold":
        raise message(400, f"Order {order.number} is {order.status}, not on hold.")
    world.change(order, status="awaiting_shipment", hold_until=None)
    return json_reply(200, {"success": True, "message": "The requested order has been restored"})


def add_tag(world: World, asked: Asked) -> Reply:
    """POST /orders/addtag."""
    order = _tagged(world, asked)
    tags = [*(order.content["tagIds"] or []), asked.body["tagId"]]
    world.change(order, content={**order.content, "tagIds": sorted(set(tags))})
    return json_reply(200, {"success": True, "message": "Tag added successfully."})


def remove_tag(world: World, asked: Asked) -> Reply:
    """POST /orders/removetag."""
    order = _tagged(world, asked)
    tags = [each for each in order.content["tagIds"] or [] if each != asked.body["tagId"]]
    world.change(order, content={**order.content, "tagIds": tags or None})
    return json_reply(200, {"success": True, "message": "Tag removed successfully."})


def _tagged(world: World, asked: Asked) -> Order:
    if asked.body["tagId"] not in world.tags:
        raise message(400, f"Tag {asked.body['tagId']} was not found.")
    return order_of(world, asked.body["orderId"])
