"""Flow 1: orders that are put on hold in Acumatica after they were sent, and released again.

Only a hold of ours is ever taken back. A step whose answer was lost is asked about before anything else is decided.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from acumatica_shipstation.clients import Accounts
from acumatica_shipstation.order_effects import hold_effect, release_effect
from acumatica_shipstation.sent import HOLD_OVER
from acumatica_shipstation.settings import AcumaticaShipStation
from connector.asking import NOT_THERE, ask_as_sent
from connector.effect import Draft, Effect
from connector.instants import local_day
from connector.intent import Intent, Stage
from connector.outcome import Done, Held, Outcome, Refused
from connector.pair import Work
from vendors.acumatica.shapes import SalesOrder
from vendors.shipstation.shapes import ON_HOLD


def happened(work: Work[Accounts], effect: Effect, key: str) -> bool | Outcome:
    """Whether a write is known to have happened, whatever the record says; else how the asking goes on."""
    intent = work.ledger.lookup(effect.name, key)
    if intent is None or intent.stage in NOT_THERE:
        return False
    if intent.stage is Stage.DONE:
        return True
    asked = ask_as_sent(work, effect, intent)
    return asked.stage is Stage.DONE if isinstance(asked, Intent) else asked


def hold(work: Work[Accounts], document: AcumaticaShipStation, order: SalesOrder, order_id: int) -> Outcome:
    """Holds at ShipStation what was put on hold in Acumatica."""
    done = Done({"order_id": order_id}, f"ShipStation order {order_id} is on hold, as order {order.key} is")
    holding = is_holding(work, order_id)
    if not isinstance(holding, bool):
        return holding
    if holding:
        released = happened(work, release_effect(work.clients.shipstation, order_id), _key(work, order_id))
        if not isinstance(released, bool):
            return released
        if not released:
            return _still(work, order, order_id, done)
        work.link(holding=False)
    there = work.clients.shipstation.order(order_id)
    if there is None or not there.is_open:
        status = there.status if there is not None else "gone"
        return Held(
            f"order {order.key} is {order.status} in Acumatica since it was sent, but ShipStation order {order_id} is "
            f"{status} and can no longer be stopped. Release it in Acumatica, or get the parcel back; a release ends "
            "this by itself."
        )
    if there.status == ON_HOLD:
        return Done({"order_id": order_id}, f"the warehouse has put ShipStation order {order_id} on hold itself")
    until = local_day(work.now, document.systems.acumatica.zone) + timedelta(days=document.settings.orders.hold_days)
    count = _count(work)
    draft = Draft({"order_id": order_id, "until": until.isoformat()}, {"order_id": order_id, "count": count})
    effect = hold_effect(work.clients.shipstation, order_id)
    ended = work.once(effect, _key(work, order_id), draft, absent_at=work.now)
    if isinstance(ended, Done):
        work.link(holding=True, holds=count + 1)
        return done
    if isinstance(ended, Refused):
        return Held(
            f"order {order.key} is {order.status} in Acumatica since it was sent, and ShipStation does not hold its "
            f"order {order_id}: {ended.why}. Stop it there by hand; a release in Acumatica ends this by itself."
        )
    return ended


def _still(work: Work[Accounts], order: SalesOrder, order_id: int, done: Done) -> Outcome:
    """People may take our hold back, and it ends by itself: flow states brings that before a person."""
    there = work.clients.shipstation.order(order_id)
    if there is None or there.status == ON_HOLD:
        return done
    return Done(
        {"order_id": order_id},
        f"ShipStation order {order_id} was put on hold, as order {order.key} is, and is {there.status} there by now",
    )


def release(work: Work[Accounts], order: SalesOrder, order_id: int) -> Outcome:
    """Takes back the hold that we made, if there is one; one that the warehouse made is the warehouse's."""
    holding = is_holding(work, order_id)
    if not isinstance(holding, bool):
        return holding
    if not holding:
        return Done({"order_id": order_id})
    draft = Draft({"order_id": order_id, "count": _count(work)})
    ended = work.once(release_effect(work.clients.shipstation, order_id), _key(work, order_id), draft)
    if isinstance(ended, Done):
        work.link(holding=False)
        work.provide(HOLD_OVER, work.record.source_key)
        return ended
    if isinstance(ended, Refused):
        return Held(
            f"order {order.key} was released in Acumatica, but ShipStation order {order_id} stays on hold: "
            f"{ended.why}. Release it there; then close this record. A closed record passes nothing on any more, not "
            "even a cancellation."
        )
    return ended


def is_holding(work: Work[Accounts], order_id: int) -> bool | Outcome:
    """Whether a hold of ours is on the order. The record may lag behind its intent by a crash."""
    if _links(work).get("holding"):
        return True
    begun = happened(work, hold_effect(work.clients.shipstation, order_id), _key(work, order_id))
    if begun is True:
        work.link(holding=True, holds=_count(work) + 1)
    return begun


def _links(work: Work[Accounts]) -> dict[str, Any]:
    return {**work.record.links, **work.links}


def _count(work: Work[Accounts]) -> int:
    """How many holds were made before: each has a key of its own."""
    return int(_links(work).get("holds") or 0)


def _key(work: Work[Accounts], order_id: int) -> str:
    return f"{order_id}:{_count(work)}"
