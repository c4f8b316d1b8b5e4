"""The write of flow 1: a sales order under our number, looked for by number and PO number before and after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.transport import Reply
from dynamicsgp_shipbob.creating import create
from dynamicsgp_shipbob.mapping.orders import OrderNames, other_order
from dynamicsgp_shipbob.settings import DynamicsGpShipBob
from vendors.dynamics_gp.client import DynamicsGp
from vendors.dynamics_gp.shapes.sales import Document

ORDER = "gp.order"

SETTLE = timedelta(seconds=15)
"""GP's own database shows a saved document at once; a call that is still running may save it this much later."""

ENTITIES = {"Order": "SalesOrder", "Invoice": "SalesInvoice", "Fulfillment Order": "SalesFulfillmentOrder"}


def order_effect(gp: DynamicsGp, names: OrderNames, document: DynamicsGpShipBob) -> Effect:
    """Creates a sales order. GP refuses a number twice, and can be asked for it in work and history."""
    ours = document.settings.orders.numbers == "ours"

    def find(key: str) -> Found | None:
        held = gp.order(names.number) if ours else None
        if held is not None and not held.is_voided:
            return _found(held)
        # A voided number is never given out again: a person may have entered the order under another one.
        other = _by_purchase_order(gp, names, without=held.number if held is not None else "")
        return other if other is not None or held is None else _found(held)

    def make(key: str, draft: Draft) -> Reply:
        return create(gp, "SalesOrder", draft.body, lambda: find(key))

    def read(reply: Reply) -> Reference:
        gp.done("CreateSalesOrder", reply)
        return {"number": names.number if ours else "", "kind": "Order"}

    def differences(found: Found, draft: Draft) -> Sequence[str]:
        return list(found.body["problems"]) or other_order(found.body["document"], draft.identity)

    return Effect(ORDER, "Dynamics GP", Repeat.FINDABLE, SETTLE, find, make, read, differences)


def _by_purchase_order(gp: DynamicsGp, names: OrderNames, without: str = "") -> Found | None:
    """The order, or the invoice that it was transferred to, by our PO number, in work and history.

    A document of another kind (back order, quote, return) is no order of ours, but it tells that somebody has dealt
    with it: a person looks before a second one is entered.
    """
    listed = gp.documents_by_purchase_order(names.purchase_order)
    rows = [row for row in listed if row.kind in ENTITIES and row.number != without]
    orders = [row for row in rows if row.kind == "Order"] or rows
    others = [row for row in listed if row.kind not in ENTITIES]
    if not orders and others:
        told = ", ".join(f"{row.kind} {row.number}" for row in others)
        problem = f"{told} carries the PO number {names.purchase_order}, and no order does"
        return Found({"number": others[0].number, "kind": others[0].kind}, {"problems": [problem]})
    if not orders:
        return None
    if len(orders) > 1:
        numbers = ", ".join(f"{row.kind} {row.number}" for row in orders)
        problem = f"several documents carry the PO number {names.purchase_order}: {numbers}"
        return Found({"number": orders[0].number, "kind": orders[0].kind}, {"problems": [problem]})
    row = orders[0]
    held = gp.document(ENTITIES[row.kind], row.number)
    if held is None:
        problem = f"GP lists {row.kind} {row.number} with our PO number and does not show it"
        return Found({"number": row.number, "kind": row.kind}, {"problems": [problem]})
    return _found(held)


def _found(held: Document) -> Found:
    kind = held.kind if held.kind in ENTITIES else "Order"
    return Found({"number": held.number, "kind": kind}, {"problems": [], "document": held})
