"""Flow 1 after an order was sent: changed, held, released, cancelled, wanted again."""

from __future__ import annotations

from acumatica_shipstation.clients import Accounts
from acumatica_shipstation.divided import cancel_parts, parts_that_are_not_held
from acumatica_shipstation.holds import happened, hold, release
from acumatica_shipstation.order_effects import CANCEL, cancel_effect
from acumatica_shipstation.parcels import known_parcels
from acumatica_shipstation.sent import CANCELLATION, link_sent
from acumatica_shipstation.settings import AcumaticaShipStation
from acumatica_shipstation.updates import update
from connector.effect import Draft
from connector.intent import Intent, Stage
from connector.outcome import Done, Held, Outcome, Refused
from connector.pair import Work
from vendors.acumatica.selling import CANCELLED, FINISHED, STOPPED
from vendors.acumatica.shapes import SalesOrder
from vendors.shipstation.shapes import SHIPPED


def after_sending(
    work: Work[Accounts], document: AcumaticaShipStation, order: SalesOrder, sent: Intent
) -> Outcome | None:
    """What became of an order that ShipStation holds; None when it was cancelled there and is wanted again."""
    order_id = int(sent.reference["order_id"])
    if "lines" not in work.record.links:
        work.link(customer=order.customer_id)
        link_sent(work, sent.identity, sent.reference)
    if order.status in CANCELLED:
        return _cancel(work, order, order_id)
    cancelled = happened(work, cancel_effect(work.clients.shipstation, order_id), str(order_id))
    if not isinstance(cancelled, bool):
        return cancelled
    wanted = order.status in document.settings.orders.statuses
    if cancelled:
        text = f"ShipStation order {order_id} is cancelled, and {order.key} is not released"
        return None if wanted and not order.hold and not order.credit_hold else Done({"order_id": order_id}, text)
    if (order.status in STOPPED or order.hold or order.credit_hold) and not wanted:
        held = hold(work, document, order, order_id)
        return (parts_that_are_not_held(work, order, order_id) or held) if isinstance(held, Done) else held
    elsewhere = _leaves_elsewhere(work, document, order, order_id)
    if elsewhere is not None:
        return elsewhere
    released = release(work, order, order_id)
    return update(work, document, order, sent) if isinstance(released, Done) else released


def _leaves_elsewhere(
    work: Work[Accounts], document: AcumaticaShipStation, order: SalesOrder, order_id: int
) -> Held | None:
    """The ending of an order that was shipped or is collected elsewhere, while ShipStation would ship it once more."""
    if order.status in FINISHED and not known_parcels(work.services, work.connection.name, work.record.source_key):
        why = f"is {order.status} in Acumatica without a parcel of ShipStation's"
    elif document.settings.orders.skip_will_call and order.will_call:
        why = "is collected by the customer, says Acumatica now"
    else:
        return None
    there = work.clients.shipstation.order(order_id)
    if there is None or not there.is_open:
        return None
    return Held(
        f"order {order.key} {why}, but ShipStation order {order_id} is still {there.status}: its goods would leave a "
        "second time. Cancel it there, or take the change back in Acumatica; then replay."
    )


# ---- cancelled ----------------------------------------------------------------------------------------------


def _cancel(work: Work[Accounts], order: SalesOrder, order_id: int) -> Outcome:
    """Cancels at ShipStation what was cancelled in Acumatica, unless it has left."""
    known = work.ledger.lookup(CANCEL, str(order_id))
    late: list[str] = []
    if known is None or known.stage is not Stage.DONE or work.record.links.get("late_parts"):
        there = work.clients.shipstation.order(order_id)
        parts = cancel_parts(work, order, there) if there is not None else []
        if not isinstance(parts, list):
            return parts
        late = parts
        if there is not None and there.status == SHIPPED:
            return _too_late(order, order_id, "; ".join(["it is shipped", *late]))
    draft = Draft({"order_id": order_id})
    ended = work.once(cancel_effect(work.clients.shipstation, order_id), str(order_id), draft)
    if isinstance(ended, Done) and late:
        work.link(late_parts=True)
        return _too_late(order, order_id, "; ".join(late))
    if isinstance(ended, Done):
        work.link(cancelled=order_id, late_parts=False)
        work.provide(CANCELLATION, f"{work.record.source_key}|{order_id}")
        return Done(ended.reference, f"ShipStation order {order_id} is cancelled, as order {order.key} is")
    return _too_late(order, order_id, ended.why) if isinstance(ended, Refused) else ended


def _too_late(order: SalesOrder, order_id: int, why: str) -> Held:
    return Held(
        f"order {order.key} was cancelled in Acumatica, too late for ShipStation order {order_id}: {why}. Void its "
        "label and cancel it there if the parcel is still in the house, or expect a return. Replay then, or close this "
        "record."
    )


def deleted(work: Work[Accounts], sent: Intent) -> Held | None:
    """The ending of a sent order that Acumatica no longer shows; None when nothing of it will leave any more."""
    order = work.clients.shipstation.order(int(sent.reference["order_id"]))
    if order is None or not order.is_open:
        return None
    return Held(
        f"order {work.record.source_key} was deleted (or archived) in Acumatica after it was sent: ShipStation order "
        f"{order.order_id} will be shipped. Cancel it at ShipStation or enter the order again; then close this record."
    )
