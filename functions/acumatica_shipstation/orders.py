"""Flow 1: sales orders, Acumatica -> ShipStation, a hundred a call.

A poll finds changed orders. The work reads one, maps it and plans it; the collector asks ShipStation once which of a
hundred keys it holds, and sends the others in one call. What happens to an order afterwards is `after_sending`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial

from acumatica_shipstation.after_sending import after_sending, deleted
from acumatica_shipstation.clients import Accounts, document_of
from acumatica_shipstation.known_items import items_of
from acumatica_shipstation.mapping.orders import key_of, not_released, number_of, open_lines, order_draft
from acumatica_shipstation.order_effects import ORDER, found_order, order_effect
from acumatica_shipstation.sent import link_sent
from acumatica_shipstation.settings import AcumaticaShipStation
from connector.asking import NOT_THERE, ask_as_sent
from connector.collector import collect
from connector.edits import Editable
from connector.effect import Draft, Found
from connector.instants import instant_text, parse_instant
from connector.intent import Intent, Stage, fingerprint
from connector.ledger import Written
from connector.outcome import Done, Held, Outcome, Same
from connector.pair import Collector, Flow, Polling, Work
from connector.records import Seen
from connector.transport import Reply
from vendors.acumatica.ordering import order_sighting, too_early, vanished, with_recipient
from vendors.acumatica.selling import CANCELLED, looks_released, plain
from vendors.acumatica.shapes import SalesOrder
from vendors.shipstation.client import ORDERS_PER_CALL


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Orders that changed: new ones that look released, and every one that was heard of before."""
    window = polling.window
    if window.since >= window.until:
        return
    will_call = ("WillCall",) if polling.clients.acumatica.system.contract >= "22.200.001" else ()
    fields = ("Status", "Hold", *will_call)
    changed = polling.clients.acumatica.list_changed("SalesOrder", window.since, window.until, fields)
    rules = document_of(polling.connection).settings.orders
    for row in changed:
        polling.reached(row.modified)
    news = polling.news([order_sighting(row) for row in changed])
    known = polling.store.load_many([f"{polling.connection.name}/orders/{row.source_key}" for row in news])
    heard = {record.source_key for record in known.values()}
    released = {order_sighting(row).source_key for row in changed if looks_released(row, rules)}
    wanted = [row for row in news if row.source_key in heard | released]
    for start in range(0, len(wanted), ORDERS_PER_CALL):
        yield wanted[start : start + ORDERS_PER_CALL]


# ---- the work -----------------------------------------------------------------------------------------------


def work(work: Work[Accounts]) -> Outcome:
    """Plans one order, changes, holds or cancels it, or says why nothing is to be done."""
    document = document_of(work.connection)
    order_type, number = work.record.source_key.split("/", 1)
    key = key_of(document, order_type, number, int(work.record.links.get("again") or 0))
    sent = work.ledger.lookup(ORDER, key)
    order = work.clients.acumatica.sales_order(order_type, number)
    if order is None:
        return vanished(work, sent, partial(_ask, work), partial(deleted, work))
    order = with_recipient(work, work.clients.acumatica, work.edited(order))
    work.saw(instant_text(order.last_modified))
    work.refer("order", order.number)
    work.refer("customer order", order.customer_order or "")
    work.refer("order key", key)
    if sent is not None and sent.stage is Stage.DONE:
        ended = after_sending(work, document, order, sent)
        return ended if ended is not None else _again(work, document, order)
    why = _not_now(order, document)
    if why and sent is not None and sent.stage not in NOT_THERE:
        return _ask_only(work, document, order, sent, why)
    if why:
        return Same(why)
    early = too_early(work, order, sent, document.start, document.settings.orders.hold_minutes)
    return early or _send(work, document, order, key, sent)


def _again(work: Work[Accounts], document: AcumaticaShipStation, order: SalesOrder) -> Outcome:
    """An order that was cancelled at ShipStation and is wanted again: its key is used up, the next one is taken."""
    again = int(work.record.links.get("again") or 0) + 1
    work.link(again=again, order_id=None)
    key = key_of(document, order.order_type, order.number, again)
    work.refer("order key", key)
    work.note(f"the order was cancelled at ShipStation and is sent again as {key}")
    return _send(work, document, order, key, work.ledger.lookup(ORDER, key))


def _not_now(order: SalesOrder, document: AcumaticaShipStation) -> str:
    """Why the order is not sent (any more); empty when it shall be."""
    if order.status in CANCELLED:
        return f"the order is {order.status} in Acumatica and was not sent"
    reason = not_released(order, document)
    return f"not for ShipStation (yet): {reason}" if reason else ""


def _send(
    work: Work[Accounts], document: AcumaticaShipStation, order: SalesOrder, key: str, sent: Intent | None
) -> Outcome:
    lines = open_lines(order, document, work.note)
    items = items_of(work, document, [line.inventory_id for line in lines])
    quantities = {line.line_number: line.remaining_quantity for line in lines}
    draft = order_draft(order, document, items, key, quantities, work.note)
    unclear = sent if sent is not None and sent.stage not in NOT_THERE else None
    if unclear is not None and (isinstance(draft, Held) or fingerprint(draft) != unclear.fingerprint):
        return _ask_only(work, document, order, unclear, "")
    if isinstance(draft, Held):
        return draft
    work.link(customer=order.customer_id, ordered=plain(order.ordered_quantity))
    effect = order_effect(work.clients.shipstation, key)
    return _finish(work, draft, collect(work, COLLECTOR, effect, key, draft))


def _ask_only(
    work: Work[Accounts], document: AcumaticaShipStation, order: SalesOrder, sent: Intent, why: str
) -> Outcome:
    """What follows for an order that has overtaken its own, unclear creation.

    `why`: the order's ending if ShipStation turns out not to hold it; empty when it shall then be sent as it is now.
    """
    asked = _ask(work, sent)
    if not isinstance(asked, Intent):
        return asked
    if asked.stage is Stage.DONE:
        work.link(customer=order.customer_id)
        return after_sending(work, document, order, asked) or _again(work, document, order)
    return Same(why) if why else _send(work, document, order, sent.key, asked)


def _ask(work: Work[Accounts], sent: Intent) -> Intent | Outcome:
    """What became of an unclear creation. The order has changed since, or shall not be shipped."""
    return ask_as_sent(work, order_effect(work.clients.shipstation, sent.key), sent)


# ---- sent together ------------------------------------------------------------------------------------------


def _held(accounts: Accounts, drafts: Mapping[str, Draft]) -> Mapping[str, Found]:
    """Which of these orders ShipStation holds: one call where their numbers begin alike."""
    created = [str(draft.identity.get("created") or "") for draft in drafts.values()]
    since = parse_instant(min(created)) if all(created) else None
    present = accounts.shipstation.present({key: number_of(key) for key in drafts}, since)
    return {key: found_order(order) for key, order in present.items()}


def _send_all(accounts: Accounts, drafts: Mapping[str, Draft]) -> Reply:
    return accounts.shipstation.create_orders([draft.body for draft in drafts.values()])


def _finish(work: Work[Accounts], draft: Draft, written: Written) -> Outcome:
    if not isinstance(written, Done):
        return written
    link_sent(work, draft.identity, written.reference)
    text = f"ShipStation order {written.reference['order_id']} holds order {work.record.source_key}"
    return Done(written.reference, text)


COLLECTOR: Collector[Accounts] = Collector(
    ORDERS_PER_CALL,
    lambda accounts, key: order_effect(accounts.shipstation, key),
    _held,
    _send_all,
    _finish,
    lambda accounts: accounts.shipstation.ready(),
)

FLOW: Flow[Accounts] = Flow(
    "orders", work, poll, every=timedelta(minutes=1), overlap=timedelta(minutes=10), source_clock=True,
    collector=COLLECTOR, editable=Editable(SalesOrder, ("id", "order_type", "number", "last_modified", "shipments")),
)  # fmt: skip
