"""Flow 1: sales orders, Acumatica -> ShipBob.

A poll finds changed orders and asks ShipBob in one call for fifty references at a time whether it holds them already;
the work reads the order once, maps it and sends it through the Ledger under the deterministic `reference_id`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from acumatica_shipbob.clients import Accounts, document_of, known_items, remember_item, shipping_methods
from acumatica_shipbob.mapping.orders import (
    CANCELLED,
    KnownItem,
    lines_for_shipbob,
    not_released,
    order_differences,
    order_draft,
    order_identity,
    reference_of,
)
from acumatica_shipbob.settings import AcumaticaShipBob
from connector.absence import gone
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.faults import Executed, FaultKind, VendorFault
from connector.instants import instant_text
from connector.intent import Intent, Stage
from connector.outcome import Done, Held, Later, Outcome, Refused, Same
from connector.pair import Flow, Polling, Work, absent_at, absent_fact
from connector.record import Record, Status
from connector.records import Seen
from connector.transport import Reply
from vendors.acumatica.changes import Changed
from vendors.acumatica.shapes import SalesOrder
from vendors.shipbob.client import ShipBob
from vendors.shipbob.shapes import parse_cancellation, parse_order, preferred

SETTLE = timedelta(minutes=2)
"""ShipBob shows a new order within about a minute (facts, section 5)."""

CHECK = 50
"""References per duplicate check; a comma list in one call."""

ORDER, CANCEL = "shipbob.order", "shipbob.cancel"


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
    news = polling.news([_seen(row) for row in changed])
    known = polling.store.load_many([f"{polling.connection.name}/orders/{row.source_key}" for row in news])
    heard = {record.source_key: record for record in known.values()}
    headers = {_seen(row).source_key: row for row in changed}
    wanted = [row for row in news if _wanted(headers[row.source_key], heard.get(row.source_key), document)]
    for start in range(0, len(wanted), CHECK):
        yield _checked(polling, document, wanted[start : start + CHECK], heard)


def _has_will_call(accounts: Accounts) -> bool:
    return accounts.acumatica.system.contract >= "22.200.001"


def _seen(row: Changed) -> Seen:
    order_type, number = row.row.required_text("OrderType"), row.row.required_text("OrderNbr")
    return Seen(
        f"{order_type}/{number}",
        instant_text(row.modified),
        references=(("order", number),),
        text=f"Sales order {order_type} {number} changed in Acumatica: {row.row.text('Status')}.",
    )


FINISHED = frozenset({"Completed", "Invoiced"})


def _wanted(row: Changed, record: Record | None, document: AcumaticaShipBob) -> bool:
    """Whether the order is read. A finished one that orders what it did when it was sent changed by our shipment."""
    if record is None:
        return _looks_released(row, document)
    if record.status is not Status.DONE or row.row.text("Status") not in FINISHED:
        return True
    return [_plain(row.row.number("OrderedQty")), _plain(row.row.number("OrderTotal"))] != record.links.get("ordered")


def _plain(number: Decimal | None) -> str:
    return "" if number is None else f"{number.normalize():f}"


def _looks_released(row: Changed, document: AcumaticaShipBob) -> bool:
    """By the header alone; the work decides with the whole order."""
    rules = document.settings.orders
    return (
        row.row.text("OrderType") in rules.order_types
        and row.row.text("Status") in rules.statuses
        and not row.row.flag("Hold")
        and not (rules.skip_will_call and row.row.flag("WillCall"))
    )


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
    order = work.clients.acumatica.sales_order(order_type, number)
    if order is None:
        return gone(work, f"Acumatica no longer holds order {work.record.source_key}")
    work.saw(instant_text(order.last_modified))
    work.refer("order", order.number)
    work.refer("customer order", order.customer_order or "")
    reference = reference_of(document, order_type, number)
    work.refer("reference", reference)
    sent = work.ledger.lookup(ORDER, reference)
    if sent is not None and sent.stage is Stage.DONE:
        return _after_sending(work, document, order, sent)
    if order.status in CANCELLED and (sent is None or sent.stage in (Stage.PLANNED, Stage.REFUSED)):
        return Same(f"the order is {order.status} in Acumatica and was not sent")
    reason = not_released(order, document)
    if reason and (sent is None or sent.stage in (Stage.PLANNED, Stage.REFUSED)):
        return Same(f"not for ShipBob (yet): {reason}")
    wait = timedelta(minutes=document.settings.orders.hold_minutes)
    if work.now < order.last_modified + wait:
        why = "the configured time after the order's last change is not over"
        return Later(order.last_modified + wait, why, planned=True)
    return _send(work, document, order, reference)


def _send(work: Work[Accounts], document: AcumaticaShipBob, order: SalesOrder, reference: str) -> Outcome:
    if "," in reference:
        return Held(f"order {order.key} has a comma in its number; ShipBob cannot be asked for such a reference")
    items = _items(work, order, document)
    draft = order_draft(order, document, items, shipping_methods(work.clients), work.note)
    if isinstance(draft, Held):
        return draft
    ended = work.once(order_effect(work.clients.shipbob), reference, draft, absent_at=absent_at(work.record))
    if isinstance(ended, Done):
        work.link(**_sent(order, document, items, draft, ended.reference))
        work.refer("shipbob order", str(ended.reference["order_id"]))
        work.provide("sent order", order.key)
        return Done(ended.reference, f"ShipBob order {ended.reference['order_id']} holds order {order.key}")
    return ended


def _items(work: Work[Accounts], order: SalesOrder, document: AcumaticaShipBob) -> dict[str, KnownItem]:
    """What both sides call the order's SKUs. Those that were never met are looked for, all in one call to ShipBob."""
    skus = [line.inventory_id for line in lines_for_shipbob(order, document, work.note)]
    items = known_items(work.services, work.connection.name, skus)
    unknown = [sku for sku in dict.fromkeys(skus) if sku not in items]
    if not unknown:
        return items
    found = work.clients.shipbob.by_skus(unknown)
    for sku in unknown:
        candidates = preferred(found.get(sku, ()))
        item = work.clients.acumatica.stock_item(sku) if len(candidates) == 1 else None
        if item is not None:
            items[sku] = remember_item(work.services, work.connection.name, item, candidates[0])
    return items


def _sent(
    order: SalesOrder, document: AcumaticaShipBob, items: dict[str, KnownItem], draft: Draft, reference: Reference
) -> dict[str, Any]:
    """What the way back needs, so that it never has to guess which line a parcel belongs to."""
    factors = {line.line_number: line for line in order.lines}
    lines = []
    for product in draft.body["products"]:
        line = factors[product["external_line_id"]]
        item = items[line.inventory_id]
        factor = Decimal(1) if line.uom == item.base_uom else item.conversions[line.uom]
        warehouse = line.warehouse or order.preferred_warehouse or ""
        lines.append([line.line_number, line.inventory_id, product["quantity"], str(factor), warehouse])
    return {
        "shipbob_order_id": reference["order_id"],
        "customer": order.customer_id,
        "lines": lines,
        "order_type": order.order_type,
        "order_number": order.number,
        "ordered": [_plain(order.ordered_quantity), _plain(order.total)],
    }


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


# ---- after it was sent --------------------------------------------------------------------------------------


def _after_sending(work: Work[Accounts], document: AcumaticaShipBob, order: SalesOrder, sent: Intent) -> Outcome:
    order_id = int(sent.reference["order_id"])
    if order.status in CANCELLED:
        return _cancel(work, order, order_id)
    changed = _changes(order, sent)
    if not changed:
        if "lines" not in work.record.links:
            items = _items(work, order, document)
            work.link(**_sent(order, document, items, Draft(sent.draft), sent.reference))
            work.provide("sent order", order.key)
        return Done(sent.reference, f"ShipBob order {order_id} holds order {order.key}")
    return Held(
        f"order {order.key} changed in Acumatica after it was sent as ShipBob order {order_id}: {'; '.join(changed)}. "
        "ShipBob cannot edit orders: correct it in ShipBob's dashboard (or cancel it there and send a new order), "
        "then close this record with a reason."
    )


def _changes(order: SalesOrder, sent: Intent) -> list[str]:
    """What a warehouse would have to know, in words. Our own shipments and notes change none of it."""
    before, now = sent.identity, order_identity(order, str(sent.identity["shipping_method"]))
    was = {(number, sku): quantity for number, sku, quantity in before["lines"]}
    is_now = {(number, sku): quantity for number, sku, quantity in now["lines"]}
    changes = [
        f"line {key[0]} ({key[1]}) is {is_now.get(key, 'gone')} instead of {was.get(key, 'not there')}"
        for key in sorted({*was, *is_now})
        if was.get(key) != is_now.get(key)
    ]
    if before["recipient"] != now["recipient"]:
        changes.append("the ship-to address or contact is another one")
    return changes


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


FLOW: Flow[Accounts] = Flow(
    "orders", work, poll, every=timedelta(minutes=1), overlap=timedelta(minutes=10), source_clock=True
)
