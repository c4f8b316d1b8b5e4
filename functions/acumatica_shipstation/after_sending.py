"""Flow 1 after an order was sent: changed, held, released, cancelled, wanted again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from acumatica_shipstation.clients import Accounts
from acumatica_shipstation.order_effects import (
    CANCEL,
    cancel_effect,
    hold_effect,
    release_effect,
)
from acumatica_shipstation.sent import link_sent
from acumatica_shipstation.settings import AcumaticaShipStation
from acumatica_shipstation.updates import update
from connector.effect import Draft
from connector.instants import local_day
from connector.intent import Intent, Stage
from connector.outcome import Done, Held, Outcome, Refused
from connector.pair import Work
from vendors.acumatica.selling import CANCELLED, STOPPED
from vendors.acumatica.shapes import SalesOrder
from vendors.shipstation.shapes import SHIPPED

CLOSED_MEANS = "A closed record passes nothing on any more, not even a cancellation."


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
    cancelled = work.ledger.lookup(CANCEL, str(order_id))
    if cancelled is not None and cancelled.stage is Stage.DONE:
        stopped = order.status not in document.settings.orders.statuses or order.hold or order.credit_hold
        done = Done(cancelled.reference, f"ShipStation order {order_id} is cancelled, and {order.key} is not released")
        return done if stopped else None
    stopped = (order.status in STOPPED or order.hold or order.credit_hold) and (
        order.status not in document.settings.orders.statuses
    )
    if stopped:
        return _hold(work, document, order, order_id)
    if _links(work).get("holding"):
        released = _release(work, order, order_id)
        if not isinstance(released, Done):
            return released
    return update(work, document, order, sent)


def _links(work: Work[Accounts]) -> dict[str, Any]:
    return {**work.record.links, **work.links}


# ---- cancelled ----------------------------------------------------------------------------------------------


def _cancel(work: Work[Accounts], order: SalesOrder, order_id: int) -> Outcome:
    """Cancels at ShipStation what was cancelled in Acumatica, unless it has left."""
    known = work.ledger.lookup(CANCEL, str(order_id))
    if known is None or known.stage is not Stage.DONE:
        there = work.clients.shipstation.order(order_id)
        if there is not None and there.status == SHIPPED:
            return _too_late(order, order_id, "it is shipped")
    draft = Draft({"order_id": order_id})
    ended = work.once(cancel_effect(work.clients.shipstation, order_id), str(order_id), draft)
    if isinstance(ended, Done):
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


# ---- on hold ------------------------------------------------------------------------------------------------


def _hold(work: Work[Accounts], document: AcumaticaShipStation, order: SalesOrder, order_id: int) -> Outcome:
    """Holds at ShipStation what was put on hold in Acumatica."""
    done = Done({"order_id": order_id}, f"ShipStation order {order_id} is on hold, as order {order.key} is")
    links = _links(work)
    if links.get("holding"):
        return done
    there = work.clients.shipstation.order(order_id)
    if there is None or not there.is_open:
        status = there.status if there is not None else "gone"
        return Held(
            f"order {order.key} is {order.status} in Acumatica since it was sent, but ShipStation order {order_id} is "
            f"{status} and can no longer be stopped. Release it in Acumatica, or get the parcel back; a release ends "
            "this by itself."
        )
    until = local_day(work.now, document.systems.acumatica.zone) + timedelta(days=document.settings.orders.hold_days)
    count = int(links.get("holds") or 0)
    draft = Draft({"order_id": order_id, "until": until.isoformat()}, {"order_id": order_id, "count": count})
    ended = work.once(hold_effect(work.clients.shipstation, order_id), f"{order_id}:{count}", draft)
    if isinstance(ended, Done):
        work.link(holding=True, holds=count + 1)
        return done
    if isinstance(ended, Refused):
        return Held(
            f"order {order.key} is {order.status} in Acumatica since it was sent, and ShipStation does not hold its "
            f"order {order_id}: {ended.why}. Stop it there by hand; a release in Acumatica ends this by itself."
        )
    return ended


def _release(work: Work[Accounts], order: SalesOrder, order_id: int) -> Outcome:
    """Takes back the hold that we made; one that the warehouse made is the warehouse's."""
    count = int(_links(work).get("holds") or 0)
    draft = Draft({"order_id": order_id, "count": count})
    ended = work.once(release_effect(work.clients.shipstation, order_id), f"{order_id}:{count}", draft)
    if isinstance(ended, Done):
        work.link(holding=False)
        return ended
    if isinstance(ended, Refused):
        return Held(
            f"order {order.key} was released in Acumatica, but ShipStation order {order_id} stays on hold: "
            f"{ended.why}. Release it there; then close this record. {CLOSED_MEANS}"
        )
    return ended
