"""Flow 1: sales orders, Acumatica -> ShipBob.

A poll finds changed orders and asks ShipBob in one call for fifty references at a time whether it holds them already;
the work reads the order once, maps it and sends it through the Ledger under the deterministic `reference_id`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from acumatica_shipbob.after_sending import after_sending, deleted, link_sent
from acumatica_shipbob.clients import Accounts, document_of, known_items, remember_item, seen_again, shipping_methods
from acumatica_shipbob.mapping.orders import (
    KnownItem,
    lines_for_shipbob,
    not_released,
    order_differences,
    order_draft,
    reference_of,
)
from acumatica_shipbob.settings import AcumaticaShipBob
from connector.asking import NOT_THERE, ask_as_sent
from connector.edits import Editable
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.instants import instant_text
from connector.intent import Intent, Stage, fingerprint
from connector.outcome import Done, Held, Outcome, Same
from connector.pair import Flow, Polling, Work, absent_at, absent_fact
from connector.record import Record, Status
from connector.records import Seen
from connector.transport import Reply
from vendors.acumatica.changes import Changed
from vendors.acumatica.ordering import order_sighting, too_early, vanished, with_recipient
from vendors.acumatica.selling import CANCELLED, FINISHED, looks_released, plain
from vendors.acumatica.shapes import SalesOrder
from vendors.shipbob.client import ShipBob
from vendors.shipbob.shapes import parse_order, preferred

SETTLE = timedelta(minutes=2)
"""ShipBob shows a new order within about a minute (facts, section 5)."""

SEEN_WITHIN = timedelta(days=1)
"""How long a SKU counts as known at ShipBob without a look."""

CHECK = 50
"""References per duplicate check; a comma list in one call."""

ORDER = "shipbob.order"


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Orders that changed: new ones that look released, and every one that was heard of before."""
    window = polling.window
    if window.since >= window.until:
        return
    fields = ("Status", "Hold", "OrderedQty", "OrderTotal", *(("WillCall",) if _has_will_call(polling.clients) else ()))
    changed = polling.clients.acumatica.list_changed("SalesOrder", window.since, window.until, fields)
    for row in changed:
        polling.reached(row.modified)
    document = document_of(polling.connection)
    news = polling.news([order_sighting(row) for row in changed])
    known = polling.store.load_many([f"{polling.connection.name}/orders/{row.source_key}" for row in news])
    heard = {record.source_key: record for record in known.values()}
    headers = {order_sighting(row).source_key: row for row in changed}
    complete = _complete(polling, heard.values())
    wanted = [row for row in news if _wanted(headers[row.source_key], heard.get(row.source_key), document, complete)]
    for start in range(0, len(wanted), CHECK):
        yield _checked(polling, document, wanted[start : start + CHECK], heard)


def _has_will_call(accounts: Accounts) -> bool:
    return accounts.acumatica.system.contract >= "22.200.001"


def _complete(polling: Polling[Accounts], heard: Iterable[Record]) -> set[str]:
    """Source keys of the orders whose every unit came back from ShipBob as a shipment."""
    name = polling.connection.name
    sent = {str(record.links["shipbob_order_id"]): record for record in heard if "shipbob_order_id" in record.links}
    found = polling.store.load_many([f"{name}/shipments/{order_id}" for order_id in sent])
    return {sent[record.source_key].source_key for record in found.values() if record.links.get("complete")}


def _wanted(row: Changed, record: Record | None, document: AcumaticaShipBob, complete: set[str]) -> bool:
    """Whether the order is read. A finished one that orders what it did when it was sent changed by our shipments, if
    all of them are there; else somebody has closed it while ShipBob still has to ship."""
    if record is None:
        return looks_released(row, document.settings.orders)
    if record.status is not Status.DONE or row.row.text("Status") not in FINISHED:
        return True
    if record.source_key not in complete:
        return "shipbob_order_id" in record.links
    return [plain(row.row.number("OrderedQty")), plain(row.row.number("OrderTotal"))] != record.links.get("ordered")


def _checked(
    polling: Polling[Accounts], document: AcumaticaShipBob, rows: Sequence[Seen], heard: Mapping[str, Record]
) -> list[Seen]:
    """The rows, with the time of the duplicate check on those that ShipBob does not hold yet."""
    references = {
        reference_of(document, *row.source_key.split("/", 1)): row for row in rows if row.source_key not in heard
    }
    if not references:
        return list(rows)
    held = {order.reference_id for order in polling.clients.shipbob.find_by_references(list(references))}
    fact = absent_fact(polling.services.clock())
    absent = {row.source_key for reference, row in references.items() if reference not in held}
    return [replace(row, facts=fact) if row.source_key in absent else row for row in rows]


# ---- the work -----------------------------------------------------------------------------------------------


def work(work: Work[Accounts]) -> Outcome:
    """Sends one order, cancels it, or says why nothing is to be done."""
    document = document_of(work.connection)
    order_type, number = work.record.source_key.split("/", 1)
    work.clients.shipbob.ready()
    reference = reference_of(document, order_type, number)
    sent = work.ledger.lookup(ORDER, reference)
    order = work.clients.acumatica.sales_order(order_type, number)
    if order is None:
        return vanished(work, sent, partial(_ask, work), partial(deleted, work))
    order = with_recipient(work, work.clients.acumatica, work.edited(order))
    work.saw(instant_text(order.last_modified))
    work.refer("order", order.number)
    work.refer("customer order", order.customer_order or "")
    work.refer("reference", reference)
    if sent is not None and sent.stage is Stage.DONE:
        return after_sending(work, document, order, sent)
    why = _not_now(order, document)
    if why and sent is not None and sent.stage not in NOT_THERE:
        return _ask_only(work, document, order, sent, why)
    if why:
        return Same(why)
    early = too_early(work, order, sent, document.start, document.settings.orders.hold_minutes)
    return early or _send(work, document, order, reference, sent)


def _not_now(order: SalesOrder, document: AcumaticaShipBob) -> str:
    """Why the order is not sent (any more); empty when it shall be."""
    if order.status in CANCELLED:
        return f"the order is {order.status} in Acumatica and was not sent"
    reason = not_released(order, document)
    return f"not for ShipBob (yet): {reason}" if reason else ""


def _send(
    work: Work[Accounts], document: AcumaticaShipBob, order: SalesOrder, reference: str, sent: Intent | None
) -> Outcome:
    if "," in reference:
        return Held(f"order {order.key} has a comma in its number; ShipBob cannot be asked for such a reference")
    items = _items(work, order, document)
    draft = order_draft(order, document, items, shipping_methods(work.clients), work.note)
    unclear = sent if sent is not None and sent.stage not in NOT_THERE else None
    if unclear is not None and (isinstance(draft, Held) or fingerprint(draft) != unclear.fingerprint):
        return _ask_only(work, document, order, unclear, "")
    if isinstance(draft, Held):
        return draft
    ended = work.once(order_effect(work.clients.shipbob), reference, draft, absent_at=absent_at(work.record))
    if isinstance(ended, Done):
        link_sent(work, order, draft.identity, ended.reference)
        return Done(ended.reference, f"ShipBob order {ended.reference['order_id']} holds order {order.key}")
    return ended


def _ask_only(work: Work[Accounts], document: AcumaticaShipBob, order: SalesOrder, sent: Intent, why: str) -> Outcome:
    """What follows for an order that has overtaken its own, unclear creation.

    `why`: the order's ending if ShipBob turns out not to hold it; empty when it shall then be sent as it is now.
    """
    asked = _ask(work, sent)
    if not isinstance(asked, Intent):
        return asked
    if asked.stage is Stage.DONE:
        return after_sending(work, document, order, asked)
    return Same(why) if why else _send(work, document, order, sent.key, asked)


def _ask(work: Work[Accounts], sent: Intent) -> Intent | Outcome:
    """What became of an unclear creation. The order has changed since, or shall not be shipped."""
    return ask_as_sent(work, order_effect(work.clients.shipbob), sent)


def _items(work: Work[Accounts], order: SalesOrder, document: AcumaticaShipBob) -> dict[str, KnownItem]:
    """What both sides call the order's SKUs. Those that were never met are looked for, all in one call to ShipBob, and
    those not seen for a day: it would make a product without stock of a SKU that was renamed or merged there.
    """
    skus = [line.inventory_id for line in lines_for_shipbob(order, document, work.note)]
    items = known_items(work.services, work.connection.name, skus)
    unknown = [sku for sku in dict.fromkeys(skus) if sku not in items]
    before = instant_text(work.now - SEEN_WITHIN)
    stale = [sku for sku, item in items.items() if item.checked_at < before]
    if not unknown and not stale:
        return items
    found = work.clients.shipbob.by_skus([*unknown, *stale])
    for sku in stale:
        again = seen_again(work.services, work.connection.name, items.pop(sku), preferred(found.get(sku, ())))
        items.update({sku: again} if again is not None else {})
    for sku in unknown:
        candidates = preferred(found.get(sku, ()))
        item = work.clients.acumatica.stock_item(sku) if len(candidates) == 1 else None
        if item is not None:
            items[sku] = remember_item(work.services, work.connection.name, item, candidates[0])
    return items


def order_effect(shipbob: ShipBob) -> Effect:
    """Creates an order. ShipBob refuses a second one with the same reference_id (422), and can be asked for it."""

    def find(key: str) -> Found | None:
        orders = shipbob.find_by_references([key])
        return Found({"order_id": orders[0].order_id}, orders[0].document) if orders else None

    def make(key: str, draft: Draft) -> Reply:
        return shipbob.create_order(draft.body)

    def read(reply: Reply) -> Reference:
        return {"order_id": parse_order(reply.json()).order_id}

    return Effect(ORDER, "ShipBob", Repeat.FINDABLE, SETTLE, find, make, read, order_differences)


FLOW: Flow[Accounts] = Flow(
    "orders", work, poll, every=timedelta(minutes=1), overlap=timedelta(minutes=10), source_clock=True,
    editable=Editable(SalesOrder, ("id", "order_type", "number", "last_modified", "shipments")),
)
