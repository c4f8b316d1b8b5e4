"""Flow 4: returns, ShipBob -> GP sales returns split by what was done with the goods (or positive adjustments).

Both stay unposted: posting in GP makes the stock and the credit. A return is entered when ShipBob has completed it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal

from connector.absence import gone
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.instants import instant_text, parse_instant
from connector.outcome import Done, Held, Outcome, Same
from connector.pair import Flow, Polling, Work
from connector.record import short_hash, to_json
from connector.records import Seen
from connector.transport import Reply
from dynamicsgp_shipbob.clients import Accounts, document_of
from dynamicsgp_shipbob.creating import begun, create, named
from dynamicsgp_shipbob.entering import SETTLE
from dynamicsgp_shipbob.mapping.orders import changed_by_gp
from dynamicsgp_shipbob.mapping.returns import (
    Sold,
    number_of,
    other_return,
    purchase_order_of,
    return_draft,
    taken_of,
    with_document,
)
from dynamicsgp_shipbob.mapping.shipments import sent_lines
from dynamicsgp_shipbob.orders import FRESH, unseen
from dynamicsgp_shipbob.settings import DynamicsGpShipBob
from vendors.dynamics_gp.client import DynamicsGp
from vendors.dynamics_gp.keys import folded
from vendors.dynamics_gp.shapes.inventory import ADJUSTMENT as ADJUSTMENTS
from vendors.shipbob.shapes import Return, parse_return

COMPLETED = "Completed"
RETURN, ADJUSTMENT = "gp.return", "gp.adjustment"
KINDS: Mapping[Literal["sales_return", "adjustment"], str] = {"sales_return": RETURN, "adjustment": ADJUSTMENT}


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Returns that ShipBob completed."""
    document = document_of(polling.connection)
    since = max(polling.window.since, document.start)
    for found in polling.clients.shipbob.returns.list(completed_since=since, statuses=(COMPLETED,)):
        yield polling.news([seen(one) for one in found if _ours(one, document)])


def _ours(found: Return, document: DynamicsGpShipBob) -> bool:
    return found.channel_id not in document.settings.orders.ignore_channels


def revision_of(found: Return) -> str:
    """What of a return matters here, as a hash."""
    items = [
        [item.sku, item.inventory_id, [[action.action, action.quantity] for action in item.actions]]
        for item in found.items
    ]
    return short_hash(to_json([found.status, items]))


def seen(found: Return) -> Seen:
    """A sighting of a return."""
    names = (("return", found.reference_id or ""), ("order", found.store_order_id or ""))
    text = f"ShipBob return {found.return_id} is {found.status}."
    topics = ("return.completed",) if found.status == COMPLETED else ()
    return Seen(str(found.return_id), revision_of(found), dict(found.document), names, text=text, topics=topics)


def work(work: Work[Accounts]) -> Outcome:
    """Enters one completed return in GP."""
    document = document_of(work.connection)
    work.clients.dynamics_gp.ready()
    found = _newest(work)
    if found is None:
        return gone(work, f"ShipBob no longer holds return {work.record.source_key}")
    work.saw(revision_of(found))
    document = _as_begun(work, document, found)
    number = number_of(document, found.return_id)
    work.refer("return", found.reference_id or "")
    work.refer("gp return", number)
    why = _not_now(work, document, found)
    if why:
        return Same(why)
    taken, unknown = taken_of(found, document, work.note)
    if unknown:
        names = ", ".join(missing.value for missing in unknown)
        why = f"ShipBob did {names} with goods of return {found.return_id}"
        return Held(f"{why}, which is not in settings.returns.dispositions; it continues when it is", unknown)
    if not taken:
        return Same(f"nothing of ShipBob return {found.return_id} was processed")
    draft = return_draft(found, taken, sold_of(work, found), document, work.note)
    if isinstance(draft, Held):
        return draft
    if not draft.body["Lines"]:
        return Same(f"nothing of ShipBob return {found.return_id} is sellable, so no adjustment is entered")
    if document.settings.returns.document == "adjustment":
        return _adjust(work, number, draft)
    return _enter(work, document, found, number, draft)


def _as_begun(work: Work[Accounts], document: DynamicsGpShipBob, found: Return) -> DynamicsGpShipBob:
    """The settings with the kind of document that the return was begun as: it must not be entered as both."""
    for kind, effect in KINDS.items():
        as_kind = with_document(document, kind)
        if not begun(work.ledger.lookup(effect, number_of(as_kind, found.return_id))):
            continue
        if kind != document.settings.returns.document:
            work.note(f"it was entered as {kind} before settings.returns.document was changed, and stays so")
        return as_kind
    return document


def _newest(work: Work[Accounts]) -> Return | None:
    record = work.record
    if record.cause == "poll" and record.body is not None and work.now - parse_instant(record.body_at) < FRESH:
        return parse_return(record.body)
    return work.clients.shipbob.returns.get(int(record.source_key))


def _not_now(work: Work[Accounts], document: DynamicsGpShipBob, found: Return) -> str:
    if not _ours(found, document):
        return f"returns of channel {found.channel_id} do not belong into GP (settings.orders.ignore_channels)"
    if found.status != COMPLETED:
        return f"ShipBob return {found.return_id} is {found.status}; it is entered when it is completed"
    ended = found.completed_at or found.created_at
    if ended is not None and ended < document.start and work.record.cause != "replay":
        return f"it was completed before the connection's start, {instant_text(document.start)}; a replay enters it"
    return ""


def sold_of(work: Work[Accounts], found: Return) -> Sold | None:
    """Customer and prices of the order that came back, if it was entered in GP by this connection."""
    if found.original_shipment_id is None:
        return None
    shipment = work.clients.shipbob.shipment(found.original_shipment_id)
    source = work.other("orders", str(shipment.order_id)) if shipment is not None else None
    if source is None or not source.links.get("number"):
        return None
    prices: dict[str, tuple[tuple[Decimal, Decimal], ...]] = {}
    for line in sent_lines(source.links):
        if line.price is not None:
            prices[line.sku] = (*prices.get(line.sku, ()), (line.price, line.units))
    return Sold(str(source.links["customer"]), str(source.links["currency"]), prices)


def _enter(work: Work[Accounts], document: DynamicsGpShipBob, found: Return, number: str, draft: Draft) -> Outcome:
    purchase_order = purchase_order_of(document, found.return_id)
    ended = work.once(return_effect(work.clients.dynamics_gp, number, purchase_order), number, draft)
    if not isinstance(ended, Done):
        return named(ended, f"ShipBob return {found.return_id} was not entered in GP", draft.body)
    name = str(ended.reference["number"])
    work.link(number=name)
    if work.record.links.get("verified") and work.record.cause != "replay":
        return Done({"number": name}, f"GP return {name} holds ShipBob return {found.return_id}")
    held = work.clients.dynamics_gp.document("SalesReturn", name)
    if held is None:
        return unseen(
            work,
            f"GP took return {name} and does not show it. It may have been posted with history switched off, or "
            "deleted. Nothing is entered a second time: look in GP, then close this record.",
        )
    sent = work.ledger.lookup(RETURN, number)
    differences = changed_by_gp(held, sent.draft if sent is not None else draft.body)
    for text in differences.prices:
        work.note(f"GP replaced a price: {text}")
    problems = [*other_return(held, draft.identity), *differences.others]
    problems += differences.prices if document.settings.orders.price_difference == "review" else ()
    if held.is_voided:
        return Held(
            f"GP return {name} was voided, and a voided number can never be used again. Enter the return by hand where "
            "it is wanted, then close this record."
        )
    if problems and held.is_open:
        return Held(
            f"GP holds return {name} otherwise than it was sent: {'; '.join(dict.fromkeys(problems))}. Correct it in "
            "GP and replay, or close this record to accept it."
        )
    work.link(verified=True)
    state = "unposted" if held.is_open else "posted"
    return Done({"number": name}, f"GP return {name} holds ShipBob return {found.return_id}, {state}")


def _adjust(work: Work[Accounts], number: str, draft: Draft) -> Outcome:
    # An adjustment that may have been sent is a person's: whoever dies before the call must not have noted it.
    work.clients.dynamics_gp.prepare("CreateInventoryAdjustment")
    ended = work.once(adjustment_effect(work.clients.dynamics_gp, number), number, draft)
    if not isinstance(ended, Done):
        return named(ended, f"GP adjustment {number} of ShipBob's return was not entered", draft.body)
    work.link(number=number)
    return Done(ended.reference, f"GP adjustment {number} holds what was restocked, unposted")


# ---- the writes ---------------------------------------------------------------------------------------------------


def return_effect(gp: DynamicsGp, number: str, purchase_order: str) -> Effect:
    """Creates a sales return. GP refuses a number twice, and can be asked for it in work and history."""

    def find(key: str) -> Found | None:
        held = gp.document("SalesReturn", number)
        if held is None:
            rows = [row for row in gp.documents_by_purchase_order(purchase_order) if row.kind == "Return"]
            held = gp.document("SalesReturn", rows[0].number) if rows else None
        return Found({"number": held.number}, {"document": held}) if held is not None else None

    def make(key: str, draft: Draft) -> Reply:
        return create(gp, "SalesReturn", draft.body, lambda: find(key))

    def read(reply: Reply) -> Reference:
        gp.done("CreateSalesReturn", reply)
        return {"number": number}

    def differences(found: Found, draft: Draft) -> Sequence[str]:
        return other_return(found.body["document"], draft.identity)

    return Effect(RETURN, "Dynamics GP", Repeat.FINDABLE, SETTLE, find, make, read, differences)


def adjustment_effect(gp: DynamicsGp, number: str) -> Effect:
    """Creates an adjustment. Once posted, GP may show it under another key: absence is no proof, a person decides."""

    def find(key: str) -> Found | None:
        held = gp.inventory_document(ADJUSTMENTS, number)
        if held is None:
            return None
        rows: Mapping[str, Any] = {"lines": [[row.item, str(row.quantity)] for row in held.movements]}
        return Found({"number": held.number}, rows)

    def make(key: str, draft: Draft) -> Reply:
        return gp.create("InventoryAdjustment", draft.body)

    def read(reply: Reply) -> Reference:
        gp.done("CreateInventoryAdjustment", reply)
        return {"number": number}

    def differences(found: Found, draft: Draft) -> Sequence[str]:
        theirs = sorted([folded(str(item)), Decimal(value)] for item, value in found.body["lines"])
        ours = sorted([folded(str(item)), Decimal(value)] for item, value in draft.identity["lines"])
        return [] if theirs == ours else [f"adjustment {number} holds other lines"]

    return Effect(ADJUSTMENT, "Dynamics GP", Repeat.BLIND, SETTLE, find, make, read, differences)


FLOW: Flow[Accounts] = Flow(
    "returns", work, poll, every=timedelta(minutes=15), overlap=timedelta(hours=1), open_ended=True
)
