"""The writes to ShipStation's orders, and how each is asked for after a lost answer.

A save is an upsert by orderKey, but it replaces the whole order, so it is never simply repeated: between two sends
somebody in the warehouse may have edited the order, and the second one would take that back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from acumatica_shipstation.mapping.order_changes import differences, not_taken
from acumatica_shipstation.mapping.orders import number_of
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply
from vendors.shipstation.client import ShipStation
from vendors.shipstation.faults import VENDOR, plain_words
from vendors.shipstation.shapes import CANCELLED, ON_HOLD, Order, is_bulk, parse_order, parse_results

ORDER, UPDATE, CANCEL, HOLD, RELEASE = (
    "shipstation.order",
    "shipstation.order_update",
    "shipstation.cancel",
    "shipstation.hold",
    "shipstation.release",
)
SETTLE = timedelta(seconds=60)


def order_effect(shipstation: ShipStation, key: str) -> Effect:
    """Creates an order. There is no filter for keys: it is looked for by its number and compared."""

    def find(_: str) -> Found | None:
        order = shipstation.order_by_key(number_of(key), key)
        return found_order(order) if order is not None else None

    def read(reply: Reply) -> Reference:
        document = reply.json()
        return _from_bulk(document, key, reply) if is_bulk(document) else _reference(parse_order(document), key)

    return Effect(
        ORDER, VENDOR, Repeat.FINDABLE, SETTLE, find, lambda _, draft: shipstation.save_order(draft.body), read,
        order_differences,
    )  # fmt: skip


def found_order(order: Order) -> Found:
    """An order that ShipStation holds."""
    return Found({"order_id": order.order_id, "order_key": order.order_key}, order.document)


def _reference(order: Order, key: str) -> Reference:
    if order.order_key != key:
        raise ValueError("the answer is about another order")
    return {"order_id": order.order_id, "order_key": key}


def _from_bulk(document: Any, key: str, reply: Reply) -> Reference:
    """The row of this order. Raises VendorFault where it was refused, ValueError where it has no row."""
    row = parse_results(document).get(key)
    if row is None:
        raise ValueError(f"the bulk answer has no row for {key}")
    if not row.success:
        text = f"create order: {plain_words(row.error)}"
        raise VendorFault(VENDOR, FaultKind.INVALID, text, Executed.NO, reply.status)
    if row.order_id is None:
        raise ValueError(f"the bulk answer has no orderId for {key}")
    return {"order_id": row.order_id, "order_key": key}


def order_differences(found: Found, draft: Draft) -> Sequence[str]:
    """What keeps an order that is there already from counting as ours."""
    order = parse_order(found.body)
    cancelled = ["it is cancelled there"] if order.status == CANCELLED else []
    ours = (draft.body.get("advancedOptions") or {}).get("storeId")
    elsewhere = order.store_id is not None and order.store_id != ours
    store = [f"it lies in store {order.store_id} there, of another connection or person"] if elsewhere else []
    return [*cancelled, *store, *differences(order, draft.body)]


def update_effect(shipstation: ShipStation, order_id: int, wanted: Mapping[str, Any]) -> Effect:
    """Changes an open order. `wanted`: the body that was (or will be) sent; by its traces in the order it is found."""

    def find(_: str) -> Found | None:
        order = shipstation.order(order_id)
        return found_order(order) if order is not None and not not_taken(order, wanted) else None

    def make(_: str, draft: Draft) -> Reply:
        return shipstation.save_order(draft.body)

    def read(reply: Reply) -> Reference:
        order = parse_order(reply.json())
        left = not_taken(order, wanted)
        if order.order_id != order_id:
            raise ValueError("the answer is about another order")
        if left:
            # A locked order may be answered with 200, unchanged.
            text = f"the change was not taken, the order is {order.status}: {'; '.join(left)}"
            raise VendorFault(VENDOR, FaultKind.INVALID, text, Executed.NO, reply.status)
        return {"order_id": order_id, "order_key": order.order_key}

    return Effect(UPDATE, VENDOR, Repeat.FINDABLE, SETTLE, find, make, read)


def cancel_effect(shipstation: ShipStation, order_id: int) -> Effect:
    """Cancels an order that has not left. Soft: it stays readable, and its key is used up."""

    def achieved() -> Reference | None:
        order = shipstation.order(order_id)
        return {"order_id": order_id} if order is None or order.status == CANCELLED else None

    return _step(CANCEL, achieved, lambda draft: shipstation.delete_order(order_id), {"order_id": order_id})


def hold_effect(shipstation: ShipStation, order_id: int) -> Effect:
    """Puts an order on hold. There is no hold without an end."""

    def achieved() -> Reference | None:
        order = shipstation.order(order_id)
        return {"order_id": order_id} if order is not None and order.status == ON_HOLD else None

    def make(draft: Draft) -> Reply:
        return shipstation.hold_until(order_id, date.fromisoformat(draft.body["until"]))

    return _step(HOLD, achieved, make, {"order_id": order_id})


def release_effect(shipstation: ShipStation, order_id: int) -> Effect:
    """Takes our hold back."""

    def achieved() -> Reference | None:
        order = shipstation.order(order_id)
        return {"order_id": order_id} if order is None or order.status != ON_HOLD else None

    return _step(RELEASE, achieved, lambda draft: shipstation.restore_from_hold(order_id), {"order_id": order_id})


def _step(
    name: str, achieved: Callable[[], Reference | None], make: Callable[[Draft], Reply], reference: Reference
) -> Effect:
    """A write that is settled by the order's status; its answer says `success`."""

    def find(_: str) -> Found | None:
        found = achieved()
        return Found(found) if found is not None else None

    def read(reply: Reply) -> Reference:
        document = reply.json() if reply.body.strip() else {"success": True}
        if not isinstance(document, Mapping) or document.get("success") is not True:
            said = document.get("message") if isinstance(document, Mapping) else None
            text = f"{name}: {plain_words(str(said or ''))}"
            raise VendorFault(VENDOR, FaultKind.INVALID, text, Executed.NO, reply.status)
        return reference

    return Effect(name, VENDOR, Repeat.FINDABLE, SETTLE, find, lambda _, draft: make(draft), read)
