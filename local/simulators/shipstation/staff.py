"""What people do in ShipStation's screens: no API, and no webhook for most of it. Each names its arguments.

`order` is an orderId, an orderKey or an orderNumber (the newest order with it).
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

from local.simulators.shipstation import fulfillments, notifications, products, shipments
from local.simulators.shipstation.masters import ACUMATICA_MARKETPLACE
from local.simulators.shipstation.order_views import stored_content, stored_items
from local.simulators.shipstation.records import Fulfillment, Order, Shipment, Store
from local.simulators.shipstation.world import World

Arguments = dict[str, Any]


def find_order(world: World, name: Any) -> Order:
    """An order by id, key or number; ValueError when there is none."""
    if isinstance(name, int) and name in world.orders:
        return world.orders[name]
    if name in world.keys:
        return world.orders[world.keys[name]]
    named = [each for each in world.orders.values() if each.number == name]
    if not named:
        raise ValueError(f"no order {name!r}")
    return max(named, key=lambda each: each.id)


def find_shipment(world: World, name: Any) -> Shipment:
    """A label by shipmentId or tracking number; ValueError when there is none."""
    for each in world.shipments.values():
        if name == each.id or name in each.tracking_numbers:
            return each
    raise ValueError(f"no shipment {name!r}")


def _batch(world: World) -> str:
    return str(world.number("label batch") + 190671331)


def _bought(world: World, arguments: Arguments, batch: str) -> Shipment:
    cost = arguments.get("cost")
    return shipments.buy(
        world,
        find_order(world, arguments["order"]) if arguments.get("order") is not None else None,
        arguments.get("carrier", "ups"),
        arguments.get("service", "ups_ground"),
        items=arguments.get("items"),
        boxes=int(arguments.get("boxes", 1)),
        batch=batch,
        tracking_number=str(arguments.get("tracking_number", "")),
        cost=None if cost is None else Decimal(str(cost)),
    )


def buy_label(world: World, arguments: Arguments) -> dict[str, Any]:
    """A packer buys a label: `order` (left out: a label without an order), `carrier`, `service`, `items` [{lineItemKey
    or sku, quantity}], `boxes`, `tracking_number`, `cost`."""
    made = _bought(world, arguments, _batch(world))
    notifications.labels_made(world, [made])
    return {"shipmentId": made.id, "trackingNumbers": list(made.tracking_numbers)}


def buy_batch(world: World, arguments: Arguments) -> list[dict[str, Any]]:
    """A batch of labels: `labels`, each with the arguments of buy_label. One notification for all."""
    batch = _batch(world)
    made = [_bought(world, each, batch) for each in arguments["labels"]]
    notifications.labels_made(world, made)
    return [{"shipmentId": each.id, "trackingNumbers": list(each.tracking_numbers)} for each in made]


def return_label(world: World, arguments: Arguments) -> int:
    """A return label for `order`: isReturnLabel is set, and nothing is announced."""
    order = find_order(world, arguments["order"])
    return shipments.buy(world, order, "ups", "ups_ground", batch=_batch(world), is_return=True).id


def void_label(world: World, arguments: Arguments) -> bool:
    """Voids the label `shipment` (id or tracking number); nothing is announced."""
    return shipments.void(world, find_shipment(world, arguments["shipment"]))[0]


def refuse_void(world: World, arguments: Arguments) -> None:
    """The carrier will not take the label `shipment` back; `text` says why."""
    shipment = find_shipment(world, arguments["shipment"])
    text = str(arguments.get("text", "The carrier refused to void the label"))
    world.put(world.shipments, shipment.id, replace(shipment, void_refusal=text))


def mark_as_shipped(world: World, arguments: Arguments) -> int:
    """`order` is shipped without a label: `carrier`, `tracking_number` (may be empty), `ship_date`."""
    order = find_order(world, arguments["order"])
    made = fulfillments.add(
        world,
        order,
        arguments.get("carrier"),
        str(arguments.get("tracking_number", "")),
        ship_date=arguments.get("ship_date", ""),
    )
    if world.switches.mark_as_shipped_notifies:
        notifications.provider_acted(world, "FULFILLMENT_SHIPPED", made, order)
    return made.id


def send_to_provider(world: World, arguments: Arguments) -> None:
    """`order` goes to a fulfillment provider: pending_fulfillment."""
    world.change(find_order(world, arguments["order"]), status="pending_fulfillment")


def provider_ships(world: World, arguments: Arguments) -> int:
    """The provider shipped `order`: `carrier`, `tracking_number`; FULFILLMENT_SHIPPED."""
    order = find_order(world, arguments["order"])
    made: Fulfillment = fulfillments.add(
        world,
        order,
        arguments.get("carrier", "UPS"),
        str(arguments.get("tracking_number", "")),
        provider=arguments.get("provider", "acme_fulfillment"),
        batch=_batch(world),
    )
    notifications.provider_acted(world, "FULFILLMENT_SHIPPED", made, order)
    return made.id


def provider_rejects(world: World, arguments: Arguments) -> None:
    """The provider refuses `order`: rejected_fulfillment and FULFILLMENT_REJECTED."""
    order = world.change(find_order(world, arguments["order"]), status="rejected_fulfillment")
    notifications.provider_acted(world, "FULFILLMENT_REJECTED", None, order)


def void_fulfillment(world: World, arguments: Arguments) -> None:
    """Takes the `fulfillment` (its id) back."""
    made = world.fulfillments[arguments["fulfillment"]]
    world.put(world.fulfillments, made.id, replace(made, voided=world.now()))
    if world.switches.void_reopens_orders:
        world.change(world.orders[made.order_id], status="awaiting_shipment")


def edit_order(world: World, arguments: Arguments) -> None:
    """Staff change members of `order` (`members`: serviceCode, weight, internalNotes, tagIds, shipTo, ...)."""
    order = find_order(world, arguments["order"])
    content = dict(order.content)
    for name, value in arguments["members"].items():
        if name not in content:
            raise ValueError(f"an order has no member {name!r} that people edit")
        content[name] = {**content[name], **value} if isinstance(content[name], dict) else value
    world.change(order, content=content)


def edit_item(world: World, arguments: Arguments) -> None:
    """Staff change a line of `order`: `line` (lineItemKey or sku) and `members`; quantity 0 removes it."""
    order = find_order(world, arguments["order"])
    wanted, members = arguments["line"], arguments["members"]
    items = [
        {**item, **members} if wanted in (item["lineItemKey"], item["sku"]) else dict(item) for item in order.items
    ]
    world.change(order, items=tuple(item for item in items if item["quantity"]))


def split_order(world: World, arguments: Arguments) -> int:
    """`items` [{lineItemKey or sku, quantity}] of `order` become a child: own id and key, number with a suffix."""
    order = find_order(world, arguments["order"])
    moved, left = [], [dict(item) for item in order.items]
    for each in arguments["items"]:
        name = "lineItemKey" if "lineItemKey" in each else "sku"
        line = next(item for item in left if item[name] == each[name])
        line["quantity"] -= each["quantity"]
        moved.append({**line, "quantity": each["quantity"], "orderItemId": world.number("item")})
    number = world.number("order")
    children = sum(1 for each in world.orders.values() if each.parent_id == order.id)
    child = replace(
        order,
        id=number,
        key=str(uuid.uuid5(uuid.NAMESPACE_OID, f"split-{number}")),
        number=f"{order.number}-{children + 1}",
        created=world.now(),
        modified=world.now(),
        items=tuple(moved),
        parent_id=order.id,
        merged_or_split=True,
        writes=0,
    )
    world.keys[child.key] = number
    world.put_order(child)
    world.change(order, items=tuple(item for item in left if item["quantity"]), merged_or_split=True)
    return number


def merge_orders(world: World, arguments: Arguments) -> int:
    """`others` are folded into `order`: it gets their lines and mergedIds; they are gone from the screens."""
    order = find_order(world, arguments["order"])
    others = [find_order(world, each) for each in arguments["others"]]
    items = [*order.items, *(item for other in others for item in other.items)]
    for other in others:
        world.change(other, status="cancelled", deleted=True, merged_or_split=True)
    ids = (*order.merged_ids, *(other.id for other in others))
    return world.change(order, items=tuple(items), merged_ids=ids, merged_or_split=True).id


def set_status(world: World, arguments: Arguments) -> None:
    """People hold, release, cancel or re-open `order`: `status`, for a hold `until` (yyyy-MM-dd)."""
    order = find_order(world, arguments["order"])
    cancelled = arguments["status"] == "cancelled"
    world.change(order, status=arguments["status"], hold_until=arguments.get("until"), deleted=cancelled)


def poison(world: World, arguments: Arguments) -> None:
    """`order` breaks every list page that would show it (`poisoned` false heals it)."""
    order = find_order(world, arguments["order"])
    world.put_order(replace(order, poisoned=bool(arguments.get("poisoned", True))))


def seed_product(world: World, arguments: Arguments) -> int:
    """People make a product record: `sku`, `name` and any other member."""
    return products.make(world, arguments).id


def activate_acumatica_channel(world: World, arguments: Arguments) -> int:
    """The merchant connects ShipStation's own Acumatica channel (`active` false: disconnects it)."""
    active = bool(arguments.get("active", True))
    known = next((each for each in world.stores.values() if each.marketplace_id == ACUMATICA_MARKETPLACE), None)
    store = known or Store(30115, "Acumatica", ACUMATICA_MARKETPLACE, "Acumatica", world.now())
    world.stores[store.id] = replace(store, active=active)
    return store.id


def channel_import(world: World, arguments: Arguments) -> int:
    """That channel (or any `store`) brings an order of its own: `order`, a body as for createorder."""
    body = arguments["order"]
    number, now = world.number("order"), world.now()
    batch = str(uuid.uuid5(uuid.NAMESPACE_OID, f"import-{number}"))
    order = Order(
        id=number,
        key=f"channel-{number}",
        number=body["orderNumber"],
        status=body.get("orderStatus", "awaiting_shipment"),
        store_id=int(arguments["store"]),
        created=now,
        modified=now,
        content=stored_content(world, body),
        items=stored_items(world, body.get("items")),
        batch=batch,
    )
    world.keys[order.key] = number
    world.put_order(order)
    products.made_by_order(world, order)
    notifications.orders_arrived(world, [order])
    return number


def deactivate_webhook(world: World, arguments: Arguments) -> None:
    """A `webhook` (its id) is switched off in the screens, or on again (`active` true)."""
    found = world.subscriptions[arguments["webhook"]]
    world.subscriptions[found.id] = replace(found, active=bool(arguments.get("active", False)))


def rotate_webhook_key(world: World, arguments: Arguments) -> str:
    """Webhooks are signed with another key from now on; answers its id."""
    return world.keys_of_webhooks.rotate()
