"""Flow 1 after an order was sent: what changed since, what was cancelled, what stands still."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from acumatica_shipbob.clients import Accounts
from acumatica_shipbob.flight import note_open
from acumatica_shipbob.mapping.order_changes import changes_since
from acumatica_shipbob.settings import AcumaticaShipBob
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.faults import Executed, FaultKind, VendorFault
from connector.intent import Intent, Stage
from connector.outcome import Done, Held, Outcome, Refused
from connector.pair import Work
from connector.transport import Reply
from vendors.acumatica.selling import CANCELLED, STOPPED, plain
from vendors.acumatica.shapes import SalesOrder
from vendors.shipbob.client import ShipBob
from vendors.shipbob.shapes import parse_cancellation

CANCEL = "shipbob.cancel"

SETTLED = frozenset({"Completed", "Cancelled", "CleanSweeped"})
"""Statuses of ShipBob shipments of which nothing is still to leave."""

CLOSED_MEANS = "A closed record passes nothing on any more, not even a cancellation."


def after_sending(work: Work[Accounts], document: AcumaticaShipBob, order: SalesOrder, sent: Intent) -> Outcome:
    """What became of an order that ShipBob holds. Its parcels find their lines whatever is said here."""
    order_id = int(sent.reference["order_id"])
    if "lines" not in work.record.links:
        link_sent(work, order, sent.identity, sent.reference)
    if order.status in CANCELLED:
        return _cancel(work, order, order_id)
    cancelled = work.ledger.lookup(CANCEL, str(order_id))
    if cancelled is not None and cancelled.stage is Stage.DONE:
        return Held(
            f"order {order.key} was cancelled at ShipBob (order {order_id}) when it was cancelled in Acumatica, and is "
            f"{order.status} again: nothing of it will leave, and ShipBob takes no second order under its reference. "
            "Copy it to a new order in Acumatica, cancel this one, then close this record."
        )
    changed = changes_since(order, sent.identity, document)
    if changed:
        return Held(
            f"order {order.key} changed in Acumatica after it was sent as ShipBob order {order_id}: "
            f"{'; '.join(changed)}. ShipBob cannot edit orders: correct it in ShipBob's dashboard, or cancel it there "
            f"and enter a new order; then close this record with a reason. {CLOSED_MEANS}"
        )
    stopped = order.status in STOPPED or order.hold or order.credit_hold
    if stopped and order.status not in document.settings.orders.statuses:
        return Held(
            f"order {order.key} is {order.status} in Acumatica since it was sent as ShipBob order {order_id}, which "
            "ships it all the same. Release it, or stop it in ShipBob's dashboard; a release ends this by itself."
        )
    return Done(sent.reference, f"ShipBob order {order_id} holds order {order.key}")


def link_sent(work: Work[Accounts], order: SalesOrder, identity: Mapping[str, Any], reference: Reference) -> None:
    """What the way back needs, so that it never has to guess which line a parcel belongs to."""
    work.link(
        shipbob_order_id=reference["order_id"],
        customer=order.customer_id,
        lines=identity["sent"],
        order_type=order.order_type,
        order_number=order.number,
        ordered=[plain(order.ordered_quantity), plain(order.total)],
    )
    skus = [row[1] for row in identity["sent"]]
    note_open(work.services, work.connection.name, reference["order_id"], order.key, skus)
    work.refer("shipbob order", str(reference["order_id"]))
    work.provide("sent order", order.key)


def deleted(work: Work[Accounts], sent: Intent) -> Held | None:
    """The ending of a sent order that Acumatica no longer shows; None when nothing of it will leave any more."""
    order = work.clients.shipbob.order(int(sent.reference["order_id"]))
    if order is None or order.is_cancelled:
        return None
    if order.shipments and all(shipment.status in SETTLED for shipment in order.shipments):
        return None
    return Held(
        f"order {work.record.source_key} was deleted (or archived) in Acumatica after it was sent: ShipBob order "
        f"{order.order_id} will be shipped. Cancel it at ShipBob or enter the order again; then close this record."
    )


def _cancel(work: Work[Accounts], order: SalesOrder, order_id: int) -> Outcome:
    """Cancels at ShipBob what was cancelled in Acumatica; what is already on its way is said so on the record."""
    ended = work.once(cancel_effect(work.clients.shipbob), str(order_id), Draft({"order_id": order_id}))
    if isinstance(ended, Done):
        return Done(ended.reference, f"ShipBob order {order_id} is cancelled, as order {order.key} is")
    if isinstance(ended, Refused):
        return Held(
            f"order {order.key} was cancelled in Acumatica, too late for ShipBob order {order_id}: {ended.why}. "
            "It will be shipped; expect a return, or ask ShipBob support to stop it. Then close this record."
        )
    return ended


def cancel_effect(shipbob: ShipBob) -> Effect:
    """Cancels an order. Safe to repeat; HTTP 200 does not mean cancelled, the answer's status does."""

    def find(key: str) -> Found | None:
        order = shipbob.order(int(key))
        return Found({"order_id": order.order_id}) if order is not None and order.is_cancelled else None

    def make(key: str, draft: Draft) -> Reply:
        return shipbob.cancel_order(int(key))

    def read(reply: Reply) -> Reference:
        answer = parse_cancellation(reply.json())
        if not answer.succeeded:
            reasons = sorted(
                {shipment.reason for shipment in answer.shipments if shipment.reason and not shipment.succeeded}
            )
            text = f"{answer.status}: {', '.join(reasons) or 'no reason given'}"
            raise VendorFault("ShipBob", FaultKind.INVALID, text, Executed.NO, reply.status)
        return {"order_id": answer.order_id or 0}

    return Effect(CANCEL, "ShipBob", Repeat.FINDABLE, timedelta(seconds=30), find, make, read)
