"""Flow 2: shipments, ShipBob -> the unposted GP order: tracking numbers, fulfilled quantities, ship dates, sites.

GP has no shipment and no way to post: a GP user transfers and posts the order. Whether it is ready for that is shown in
our own state. An order that is in history or gone is never entered again; a person is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connector.absence import gone
from connector.effect import Draft
from connector.instants import instant_text, parse_instant
from connector.outcome import Done, Held, Later, Missing, Outcome, Refused, Same
from connector.pair import Flow, Work
from connector.record import Record, Status, short_hash, to_json
from dynamicsgp_shipbob.clients import Accounts, document_of
from dynamicsgp_shipbob.drafts import Drafting, save_drafts
from dynamicsgp_shipbob.entering import ENTITIES
from dynamicsgp_shipbob.mapping.orders import names_of
from dynamicsgp_shipbob.mapping.shipments import (
    CLOSED_MEANS,
    SentLine,
    Target,
    has_left,
    not_left,
    plan,
    ready_to_post,
    sent_lines,
    target_of,
)
from dynamicsgp_shipbob.orders import newest, ours, unseen
from dynamicsgp_shipbob.settings import DynamicsGpShipBob
from dynamicsgp_shipbob.sightings import is_entered, poll, poll_tracking, revision_of
from dynamicsgp_shipbob.updating import update_effect
from vendors.dynamics_gp.keys import folded, folded_all
from vendors.dynamics_gp.shapes.sales import Document
from vendors.shipbob.numberless import forget_waiting, is_numberless, wait_for_number
from vendors.shipbob.shapes import Order

ROUNDS = 3
"""Updates in one piece of work: a changed site lets GP allocate, and then the line can be fulfilled."""

HOURLY = timedelta(hours=1)

OVER = frozenset({"Fulfilled", "Cancelled"})


# ---- the work -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One ShipBob order with the GP order that it was entered as."""

    document: DynamicsGpShipBob
    order: Order
    source: Record
    sent: tuple[SentLine, ...]
    target: Target

    @property
    def number(self) -> str:
        """The GP number."""
        return str(self.source.links["number"])


def work(work: Work[Accounts]) -> Outcome:
    """Brings the GP order up to what ShipBob's shipments say."""
    document = document_of(work.connection)
    work.clients.dynamics_gp.ready()
    order = newest(work)
    if order is None:
        return gone(work, f"ShipBob no longer holds order {work.record.source_key}")
    revision = revision_of(order)
    work.saw(revision)
    if work.record.links.get("shown") == revision and work.record.cause != "replay":
        return Same(f"GP order {work.record.links.get('number', '')} shows it already: nothing of it has changed since")
    source = work.other("orders", str(order.order_id))
    if not (ours(order, document) or is_entered(source)):
        return Same("the order was made before the connection's start, or in a channel that is ignored")
    if source is None or not source.links.get("number"):
        return _not_entered(order, source)
    _refer(work, order, str(source.links["number"]))
    sent = sent_lines(source.links)
    case = Case(document, order, source, sent, target_of(order, sent, document))
    if case.target.unmapped:
        missing = tuple(Missing("sites", name) for name in case.target.unmapped)
        why = f"ShipBob order {order.order_id} is shipped from centre {', '.join(case.target.unmapped)}"
        return Held(f"{why}, which is not in table sites; it continues when it is", missing)
    ended = _idle(work, case) or _bring_up(work, case)
    nameless = [one for one in order.shipments if is_numberless(one, document.settings.shipments.ship_on)]
    if nameless and isinstance(ended, (Done, Same)):
        work.link(shown="", ready_to_post=False)
        advice = f"Enter what left on GP order {case.number} by hand. {CLOSED_MEANS}."
        return wait_for_number(work, order.order_id, nameless, advice)
    forget_waiting(work)
    return ended


def _not_entered(order: Order, source: Record | None) -> Outcome:
    if source is not None and source.status in (Status.DONE, Status.CLOSED):
        return Same(f"the order was not entered in GP: {source.why}")
    why = f"ShipBob order {order.order_id} is not in GP yet; its shipments continue when it is"
    return Held(why, (Missing("sent order", str(order.order_id)),))


def _refer(work: Work[Accounts], order: Order, number: str) -> None:
    work.refer("gp order", number)
    work.refer("order", order.order_number or "")
    for shipment in order.shipments:
        work.refer("shipbob shipment", str(shipment.shipment_id))
        work.refer("tracking", shipment.tracking_number or "")


def _idle(work: Work[Accounts], case: Case) -> Outcome | None:
    """Ends the work without a look at GP where nothing has left and no site moved; None where there is something."""
    if case.order.is_cancelled or case.target.tracking or case.target.problems or _stale(work, case):
        return None
    sites: Mapping[str, str] = work.record.links.get("sites") or case.source.links.get("sites") or {}
    for sequence, wanted in case.target.lines.items():
        if wanted.sites and folded(sites.get(str(sequence), "")) not in folded_all(wanted.sites):
            return None
    return Same(f"nothing of ShipBob order {case.order.order_id} has left yet")


def _stale(work: Work[Accounts], case: Case) -> list[str]:
    """Tracking numbers that we wrote and that no shipment of the order carries any more."""
    written: Sequence[str] = work.record.links.get("tracking") or ()
    return [number for number in written if number not in case.target.tracking]


def _bring_up(work: Work[Accounts], case: Case) -> Outcome:
    """Writes until GP shows the target, or says what stands in the way."""
    gp, kind = work.clients.dynamics_gp, str(case.source.links.get("kind", "Order"))
    fulfil = case.document.settings.shipments.fulfil
    work.link(ready_to_post=False)  # until this look says so again
    taken_back = len(work.record.links.get("tracking") or ()) > len(case.target.tracking)
    for round_ in range(ROUNDS + 1):
        held = gp.document(ENTITIES[kind], case.number)
        if held is None or not held.is_open or kind != "Order":
            return _finished(work, case, held)
        if case.order.is_cancelled and not case.target.tracking:
            return Held(
                f"ShipBob order {case.order.order_id} was cancelled and GP order {held.number} is still open. "
                "Void it in GP, then replay or close this record."
            )
        planned = plan(held, case.target, _stale(work, case), fulfil=fulfil)
        if planned.body is None:
            blocked = planned.blocked + (_undone(held, case.target) if taken_back and fulfil else [])
            return _ending(work, case, held, planned.waiting, blocked)
        if round_ == ROUNDS:
            break
        effect = update_effect(gp, held.number, planned.body)
        # The order was read a moment ago and does not show it: that is the duplicate check.
        ended = work.once(effect, _key(work, planned.body), Draft(planned.body), absent_at=work.now)
        if isinstance(ended, Refused):
            return Refused(
                f"What left of ShipBob order {case.order.order_id} was not written to GP order {held.number}: "
                f"{ended.why}. Put right in GP what it names (or the row of the connection file), then replay this "
                "record"
            )
        if not isinstance(ended, Done):
            return ended
        work.link(tracking=list(case.target.tracking))
    return Held(
        f"GP order {case.number} does not show what was written to it (tracking numbers, fulfilled quantities, "
        "sites). Look at it in GP: a policy, a cut text or a person may have changed it. Then replay."
    )


def _undone(held: Document, target: Target) -> list[str]:
    """What is to be done about units that were written as fulfilled and whose label was taken back since."""
    lines = "; ".join(not_left(held, target))
    return [f"a label was taken back at ShipBob, {lines}: take that back in GP, then replay"] if lines else []


def _key(work: Work[Accounts], body: Mapping[str, Any]) -> str:
    """The update by its content; a person's replay makes it a new one: what was undone in GP is written again."""
    again = f":{work.record.seen}" if work.record.cause == "replay" else ""
    return f"{body['Key']['Id']}:{short_hash(to_json(body))[:16]}{again}"


def _finished(work: Work[Accounts], case: Case, held: Document | None) -> Outcome:
    """The ending for an order that can no longer be changed. It is never entered again."""
    if held is not None:
        present = folded_all(held.tracking)
        lacking = [number for number in case.target.tracking if folded(number) not in present]
        if case.order.is_cancelled and held.is_voided:
            return Done({"number": held.number}, f"GP order {held.number} is voided, as ShipBob's order is cancelled")
        if case.order.is_cancelled and not case.target.tracking:
            return _cancelled_late(case, f"is finished in GP ({held.kind} in {held.state})")
        if not lacking and not held.is_voided:
            return Done({"number": held.number}, f"{held.kind} {held.number} is finished in GP and shows all tracking")
    if held is None and case.order.is_cancelled and not case.target.tracking:
        names = names_of(case.document, case.order.order_id)
        rows = work.clients.dynamics_gp.documents_by_purchase_order(names.purchase_order)
        became = ", ".join(f"{row.kind} {row.number}" for row in rows if row.kind in ENTITIES)
        if became:
            return _cancelled_late(case, f"has become {became}")
        return Done({"number": case.number}, f"order {case.number} is gone from GP, as ShipBob's order is cancelled")
    if held is None:
        state = "is no longer in GP: transferred with history switched off, deleted, or hidden from the account"
    else:
        state = "was voided in GP" if held.is_voided else f"is finished in GP ({held.kind} in {held.state})"
    numbers = ", ".join(case.target.tracking) or "none"
    text = (
        f"Order {case.number} {state}, so nothing was written to it and nothing is entered again. Tracking numbers: "
        f"{numbers}. Enter them by hand where they are wanted. {CLOSED_MEANS}."
    )
    return unseen(work, text) if held is None else Held(text)


def _cancelled_late(case: Case, state: str) -> Outcome:
    """Nothing left, and GP has made something of the order that may be billed."""
    return Held(
        f"ShipBob order {case.order.order_id} was cancelled before anything left, and GP order {case.number} {state}. "
        "Void or credit what GP made of it, then close this record."
    )


def _ending(
    work: Work[Accounts], case: Case, held: Document, waiting: Sequence[str], blocked: Sequence[str]
) -> Outcome:
    target, order = case.target, case.order
    ready = ready_to_post(held, target) and not blocked
    work.link(
        tracking=list(target.tracking),
        sites={str(line.sequence): line.site for line in held.lines},
        ready_to_post=ready,
    )
    if not waiting:
        work.link(unallocated_since="")
    if blocked:
        text = f"GP order {held.number}: {'; '.join(blocked)}"
        return Held(text if CLOSED_MEANS in text else f"{text}. Put it right in GP, then replay. {CLOSED_MEANS}.")
    if waiting:
        return _wait(work, held, waiting, case.document.settings.shipments.allocation_wait_hours)
    work.link(number=held.number)
    drafts = save_drafts(Drafting(work, case.document, order, case.source, case.sent))
    if not isinstance(drafts, Done):
        return drafts
    if not target.tracking:
        return Same(f"nothing of ShipBob order {order.order_id} has left yet; the sites of GP order {held.number} fit")
    work.link(shown=revision_of(order))
    if ready:
        work.refer("ready to post", held.number)
        return Done({"number": held.number}, f"GP order {held.number} shows every shipment and is ready to post")
    if order.status in OVER and case.document.settings.shipments.fulfil and not _more_leaves(case):
        state = "; ".join(not_left(held, target)) or "it is not fulfilled"
        return Held(
            f"ShipBob order {order.order_id} is {order.status} and GP order {held.number} does not agree ({state}): "
            "nothing more will come. Cancel or back-order the rest in GP, then close this record."
        )
    rest = "more is to come" if order.status not in OVER or _more_leaves(case) else "fulfilling it is left to people"
    return Done({"number": held.number}, f"GP order {held.number} shows what has left; {rest}")


def _more_leaves(case: Case) -> bool:
    """Whether a shipment is still to leave."""
    return any(
        shipment.status not in ("Cancelled", "CleanSweeped") and not has_left(shipment, case.document)
        for shipment in case.order.shipments
    )


def _wait(work: Work[Accounts], held: Document, waiting: Sequence[str], hours: int) -> Outcome:
    """Looks again every hour until somebody has allocated the lines in GP; then a person is asked."""
    text = f"GP order {held.number}: {'; '.join(waiting)}. GP fulfils only what is allocated"
    since = str(work.record.links.get("unallocated_since") or instant_text(work.now))
    work.link(unallocated_since=since)
    if work.now - parse_instant(since) < timedelta(hours=hours):
        return Later(work.now + HOURLY, text, planned=True)
    return Held(f"{text}: allocate them in GP, then replay.")


FLOW: Flow[Accounts] = Flow("shipments", work, poll, every=timedelta(minutes=10), open_ended=True)
TRACKING: Flow[Accounts] = Flow(
    "tracking", work, poll_tracking, every=timedelta(hours=1), overlap=timedelta(hours=1), feeds="shipments",
    open_ended=True,
)
