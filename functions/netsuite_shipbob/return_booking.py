"""Flow 4, the writes: a return authorization with its receipts, or adjustments; never both for a unit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from connector.effect import Draft
from connector.outcome import Done, Held, Later, Missing, Outcome, Same
from connector.pair import Work
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.items import AT_NETSUITE, netsuite_items
from netsuite_shipbob.mapping.receipts import adjustment_draft
from netsuite_shipbob.mapping.returns import (
    Came,
    authorization_draft,
    correction_body,
    lines_by_sku,
    return_receipt_draft,
)
from netsuite_shipbob.return_plan import AUTHORIZE, Plan, decided, keep, kept, listed, order_of
from netsuite_shipbob.writing import (
    Target,
    begun_draft,
    change_effect,
    create_effect,
    is_unclear,
    lost_to_people,
    transform_once,
)
from vendors.netsuite.shapes import ADJUSTMENT, RECEIPT, RETURN, SALES_ORDER, Order
from vendors.netsuite.times import company_day
from vendors.shipbob.shapes import Return

CORRECT, RECEIVE, ADJUST = "netsuite.return_lines", "netsuite.return_receipt", "netsuite.return_adjustment"


def adjusts(work: Work[Accounts], found: Return) -> bool:
    """Whether the return goes the way of an adjustment. What was begun one way is never begun the other way too."""
    if begun_draft(work, AUTHORIZE, _key("RA", found)) is not None or _begun_there(work, found) is not None:
        return False
    begun = any(begun_draft(work, ADJUST, _key("IA-RET", found, part)) is not None for part in (1, 2))
    return begun or document_of(work.connection).settings.returns.mode == "adjustment"


def _key(kind: str, found: Return, part: int | None = None) -> str:
    return f"SB-{kind}-{found.return_id}" + (f"-{part}" if part else "")


def _day(work: Work[Accounts], found: Return) -> date:
    return company_day(found.completed_at or work.now, document_of(work.connection).systems.netsuite.zone)


def _booked(work: Work[Accounts], mark: str, made: Mapping[str, str], text: str) -> Done | Held:
    """Ends a return. `made`: what was written, in words, by external id."""
    names = ", ".join(made.values())
    work.link(booked=mark, ids=names)
    return lost_to_people(work, list(made)) or Done({"return": names}, f"{text}: {names}")


def changed_after(found: Return, names: object) -> Held:
    """ShipBob changed a return after it was booked: a person corrects what may be credited by now."""
    return Held(
        f"ShipBob changed return {found.return_id} after it was booked in NetSuite ({names}). Correct it there by "
        "hand, then close this record."
    )


# ---- return authorization and receipt ------------------------------------------------------------------------------


def authorize(work: Work[Accounts], found: Return, came: Came, location: str) -> Outcome:
    """Books a return as a return authorization of its sales order, with the receipts of what is stock again.

    Units that another authorization of ours stands for already are received against that one.
    """
    plan = _plan(work, found, came)
    if plan is None:
        return _without_order(work, found, came, location)
    if not isinstance(plan, Plan):
        return plan
    made: dict[str, str] = {}
    if plan.own.all:
        authorization = _authorization(work, found, plan, location)
        if not isinstance(authorization, Order):
            return authorization
        made[_key("RA", found)] = f"authorization {authorization.number}"
        receipts = _receive(work, found, authorization, plan.own, location)
        if not isinstance(receipts, dict):
            return receipts
        made |= receipts
    for identifier, units in sorted(plan.there.items()):
        receipts = _receive_there(work, found, identifier, units, location)
        if not isinstance(receipts, dict):
            return receipts
        made |= receipts
    booked = _booked(work, plan.mark, made, f"NetSuite holds ShipBob's return {found.return_id}")
    return booked if plan.mark == came.mark else changed_after(found, ", ".join(made.values()))


def _plan(work: Work[Accounts], found: Return, came: Came) -> Plan | Outcome | None:
    """What is written: as decided where it was begun or booked, else anew. None: its sales order is not known."""
    begun, booked = begun_draft(work, AUTHORIZE, _key("RA", found)), bool(work.record.links.get("booked"))
    before = kept(work) if begun is not None or booked else _begun_there(work, found)
    if before is not None:
        return before
    if begun is not None:  # by a version that kept no plan
        lines = {int(line): int(units) for line, units in begun.identity["lines"].items()}
        return Plan(str(begun.identity["order"]), lines, came, {}, came.mark)
    order = order_of(work, found)
    if not isinstance(order, Order):
        return order
    plan = decided(work, found, came, order)
    return (keep(work, plan) or plan) if isinstance(plan, Plan) else plan


def _begun_there(work: Work[Accounts], found: Return) -> Plan | None:
    """The kept plan, where units were received (or may have been) against the authorization of another return."""
    plan = kept(work)
    keys = (f"{_key('IR-RET', found, part)}-{other}" for other in (plan.there if plan else ()) for part in (1, 2))
    return plan if any(begun_draft(work, RECEIVE, key) is not None for key in keys) else None


def _authorization(work: Work[Accounts], found: Return, plan: Plan, location: str) -> Order | Outcome:
    key = _key("RA", found)
    draft = begun_draft(work, AUTHORIZE, key)
    if draft is None:
        draft = authorization_draft(plan.order_id, plan.lines, location, _day(work, found), found.return_id)
    overtaken = _overtaken(work, found, plan)
    if overtaken is not None:
        return overtaken
    target = Target("returnAuthorization", RETURN)
    ended = transform_once(work, AUTHORIZE, ("salesOrder", str(draft.identity["order"])), target, key, draft)
    if not isinstance(ended, Done):
        return ended
    identifier = str(ended.reference["id"])
    work.refer("return authorization", identifier)
    return _correct(work, identifier, plan.own)


def _overtaken(work: Work[Accounts], found: Return, plan: Plan) -> Outcome | None:
    """An authorization whose answer was lost, and that NetSuite does not show, is about to be sent again: whether
    somebody has authorized its units meanwhile. None: it may go on."""
    key = _key("RA", found)
    intent = work.ledger.lookup(AUTHORIZE, key)
    if intent is None or not (is_unclear(work, AUTHORIZE, key) and intent.absences):
        return None
    if work.clients.netsuite.known([key]):
        return None
    order = work.clients.netsuite.order(SALES_ORDER, plan.order_id)
    if order is None:
        return None  # the transform is refused, in NetSuite's own words
    again = decided(work, found, plan.own, order)
    if not isinstance(again, Plan):
        return again
    if again.own.all == plan.own.all:
        return None
    return Held(
        f"return {found.return_id} of {order.number}: its authorization was not written, and meanwhile others stand "
        f"for a part of {listed(plan.own.all)}. Book it by hand in NetSuite, then close this record."
    )


def _correct(work: Work[Accounts], identifier: str, came: Came) -> Order | Outcome:
    """What the transform proposed besides our lines is taken out again: the record is ours."""
    netsuite = work.clients.netsuite
    authorization = netsuite.order(RETURN, identifier)
    if authorization is None:
        return Later(work.now + timedelta(minutes=1), f"return authorization {identifier} does not show yet")
    if any(line.done for line in authorization.lines):
        return authorization  # received already, by us or by people: its lines are what they are
    body = correction_body(authorization, came.all)
    if body is None:
        return authorization
    effect = change_effect(netsuite, CORRECT, "returnAuthorization", identifier, replace="item")
    ended = work.once(effect, identifier, Draft(body))
    if not isinstance(ended, Done):
        return ended
    return netsuite.order(RETURN, identifier) or authorization


def _receive_there(
    work: Work[Accounts], found: Return, identifier: str, came: Came, location: str
) -> dict[str, str] | Outcome:
    """Receives units against an authorization that another return has made."""
    authorization = work.clients.netsuite.order(RETURN, identifier)
    if authorization is None:
        return Held(
            f"return {found.return_id}: return authorization {identifier}, which stands for a part of it, is no more "
            "in NetSuite. Book the return by hand, then close this record."
        )
    work.note(f"covered by return authorization {authorization.number} already: {listed(came.all)}")
    receipts = _receive(work, found, authorization, came, location, f"-{identifier}")
    if not isinstance(receipts, dict):
        return receipts
    return {authorization.external_id: f"authorization {authorization.number} of before", **receipts}


def _receive(
    work: Work[Accounts], found: Return, authorization: Order, came: Came, location: str, behind: str = ""
) -> dict[str, str] | Outcome:
    """Restocked units to the centre's location, quarantined ones to their own: one receipt each, by external id.

    `behind` ends the external ids of receipts against the authorization of another return.
    """
    quarantine = document_of(work.connection).settings.returns.quarantine_location
    made: dict[str, str] = {}
    for part, units, place in ((1, came.restocked, location), (2, came.quarantined, quarantine)):
        if not units:
            continue
        if place is None:
            work.note(f"quarantined, not received: {listed(units)} (settings.returns.quarantine_location is empty)")
            continue
        key = _key("IR-RET", found, part) + behind
        draft = begun_draft(work, RECEIVE, key)
        if draft is None:
            if made:  # the first receipt has changed what is open
                authorization = work.clients.netsuite.order(RETURN, authorization.order_id) or authorization
            lines = lines_by_sku(authorization, units, lambda line: line.open)
            if isinstance(lines, str):
                return Held(f"return {found.return_id}: {lines}. Correct the authorization in NetSuite, then replay.")
            draft = return_receipt_draft(authorization, lines, place, _day(work, found), found.return_id)
        source = ("returnAuthorization", str(draft.identity["authorization"]))
        ended = transform_once(work, RECEIVE, source, Target("itemReceipt", RECEIPT), key, draft)
        if not isinstance(ended, Done):
            return ended
        work.refer("receipt", str(ended.reference["id"]))
        made[key] = f"receipt {ended.reference['id']}"
    return made


def _without_order(work: Work[Accounts], found: Return, came: Came, location: str) -> Outcome:
    if document_of(work.connection).settings.returns.not_found == "adjust":
        return adjust(work, found, came, location)
    return Held(
        f"return {found.return_id} ({found.reference_id}): its sales order is not found in NetSuite. Book it by hand "
        "and close this record; or set returns.not_found to adjust and replay."
    )


# ---- adjustment ----------------------------------------------------------------------------------------------------


def adjust(work: Work[Accounts], found: Return, came: Came, location: str) -> Outcome:
    """Stock alone: restocked units (and quarantined ones, where they have a location)."""
    document = document_of(work.connection)
    quarantine = document.settings.returns.quarantine_location
    parts = [(1, came.restocked, location), (2, came.quarantined, quarantine)]
    made: dict[str, str] = {}
    for part, units, place in parts:
        if not units or place is None:
            continue
        key = _key("IA-RET", found, part)
        draft = begun_draft(work, ADJUST, key)
        if draft is None:
            items = netsuite_items(work, units)
            unknown = tuple(Missing(AT_NETSUITE, sku) for sku in units if sku not in items)
            if unknown:
                names = ", ".join(missing.value for missing in unknown)
                return Held(f"NetSuite has no stocked item named {names}. It continues when there is one.", unknown)
            rows = [(items[sku], count) for sku, count in sorted(units.items())]
            memo = f"ShipBob return {found.return_id}"
            draft = adjustment_draft(rows, place, _day(work, found), memo, document, {})
        effect = create_effect(work.clients.netsuite, ADJUST, "inventoryAdjustment", ADJUSTMENT)
        ended = work.once(effect, key, draft)
        if not isinstance(ended, Done):
            return ended
        made[key] = f"adjustment {ended.reference['id']}"
    if not made:
        return Same(f"nothing of return {found.return_id} went back into stock")
    return _booked(work, came.mark, made, f"NetSuite holds what return {found.return_id} restocked")
