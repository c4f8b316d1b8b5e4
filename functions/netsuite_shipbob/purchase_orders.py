"""Flow 1: NetSuite purchase orders -> ShipBob receiving orders.

Once a day (or as often as configured) everything that changed is read by SuiteQL with its lines. One receiving order
is made for each mapped location of a purchase order. Changed or closed afterwards: replaced or cancelled while ShipBob
still awaits it, otherwise a person decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from connector.absence import gone
from connector.instants import parse_instant
from connector.outcome import Done, Held, Outcome, Refused, Same
from connector.pair import Flow, Polling, Work, absent_fact
from connector.records import Origin, Seen
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.mapping.purchase_orders import (
    receiving_number,
    revision_of,
    wanted_of,
)
from netsuite_shipbob.reading import changes
from netsuite_shipbob.receiving import keep_expected
from netsuite_shipbob.settings import NetSuiteShipBob
from vendors.netsuite.queries import PURCHASE_STATUSES
from vendors.netsuite.shapes import PURCHASE_ORDER, Order, order_document, order_from_document

FRESH = timedelta(minutes=2)
"""A body that a poll stored this recently is the newest state."""

FIRST = timedelta(minutes=30)
"""The same for an order that ShipBob does not expect yet: hundreds of a day wait for ShipBob's call window, and reading
each again would cost a call each. A change meanwhile is found by the next reading, like every change."""


# ---- hearing of purchase orders ------------------------------------------------------------------------------------


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Purchase orders that changed since the last reading, with their lines.

    The place is a stamp of NetSuite's own wall clock and is never converted; it looks back far enough for the hour that
    comes twice in autumn. What is known in this revision is left out.
    """
    for orders in changes(polling, PURCHASE_ORDER, PURCHASE_STATUSES):
        yield _news(polling, orders)


def _news(polling: Polling[Accounts], orders: Sequence[Order]) -> list[Seen]:
    document = document_of(polling.connection)
    known = polling.store.load_many([_id(polling.origin, order.order_id) for order in orders])
    # What goes elsewhere, or was over before we ever saw it, is nobody's business here.
    relevant = [
        order for order in orders if _id(polling.origin, order.order_id) in known or _concerns(order, document)
    ]
    fresh = {seen.source_key for seen in polling.news([_seen(order, {}) for order in relevant])}
    news = [order for order in relevant if order.order_id in fresh]
    numbers: dict[str, list[str]] = {}
    for order in news:
        wanted = wanted_of(order, document, lambda note: None)
        places = list(wanted) if isinstance(wanted, dict) else []
        numbers[order.order_id] = [_first_number(order, place, len(places) == 1) for place in places]
    every = [number for found in numbers.values() for number in found]
    present = polling.clients.shipbob.receiving.find_by_purchase_orders(every) if every else ()
    taken = {found.purchase_order_number for found in present}
    absent = absent_fact(polling.services.clock())
    return [_seen(order, {} if taken & set(numbers[order.order_id]) else absent) for order in news]


def _concerns(order: Order, document: NetSuiteShipBob) -> bool:
    return order.is_open and any(line.location_id in document.tables.locations for line in order.lines)


def _id(origin: Origin, order_id: str) -> str:
    return origin.record(Seen(order_id))


def _seen(order: Order, facts: Mapping[str, Any]) -> Seen:
    text = f"Found purchase order {order.number}, status {order.letter}, changed {order.modified}."
    references = (("purchase order", order.number),)
    return Seen(order.order_id, revision_of(order), order_document(order), references, facts, text)


def _first_number(order: Order, location: str, alone: bool) -> str:
    return receiving_number(order.number, order.order_id, location, alone, 1)


# ---- the work ------------------------------------------------------------------------------------------------------


def work(work: Work[Accounts]) -> Outcome:
    """Makes ShipBob expect what the purchase order has open, once for each location."""
    document = document_of(work.connection)
    order = _newest(work)
    if order is None:
        return _deleted(work)
    work.saw(revision_of(order))
    work.refer("purchase order", order.number)
    work.link(modified=order.modified, number=order.number)
    wanted = wanted_of(order, document, work.note)
    if isinstance(wanted, Held):
        return wanted
    work.link(receiving=dict(work.record.links.get("receiving", {})))
    places = sorted({*wanted, *work.links["receiving"]})
    if not places:
        return Same(f"purchase order {order.number} (status {order.letter}) has nothing open that goes to ShipBob")
    stuck: list[Held | Refused] = []
    for place in places:
        ended = keep_expected(work, order, place, wanted.get(place), len(places) == 1)
        if isinstance(ended, Held | Refused):
            stuck.append(ended)
        elif not isinstance(ended, Done | Same):
            return ended
    return _together(stuck) or _done(work, order)


def _newest(work: Work[Accounts]) -> Order | None:
    record = work.record
    life = FRESH if record.links.get("receiving") else FIRST
    if record.cause == "poll" and record.body is not None and work.now - parse_instant(record.body_at) < life:
        return order_from_document(record.body)
    return work.clients.netsuite.order(PURCHASE_ORDER, record.source_key)


def _deleted(work: Work[Accounts]) -> Outcome:
    """An order that NetSuite shows no more leaves no change behind; what ShipBob still expects of it is told."""
    ended = gone(work, f"NetSuite no longer holds purchase order {work.record.source_key}")
    entries = work.record.links.get("receiving", {}).values()
    live = [f"{entry['id']} ({entry['number']})" for entry in entries if not entry.get("cancelled")]
    if not isinstance(ended, Same) or not live:
        return ended
    return Held(
        f"NetSuite shows purchase order {work.record.links.get('number')} no more: it was deleted, or the role may not "
        f"see it any longer. ShipBob's receiving order {', '.join(live)} still stands for it. Cancel that at ShipBob "
        "if it is still awaited, then close this record; or give the role the order, then replay."
    )


def _together(stuck: Sequence[Held | Refused]) -> Held | Refused | None:
    if len(stuck) < 2:
        return stuck[0] if stuck else None
    why = " ".join(dict.fromkeys(ended.why for ended in stuck))
    missing = [ended.missing if isinstance(ended, Held) else () for ended in stuck]
    return Held(why, tuple(key for keys in missing for key in keys)) if all(missing) else Held(why)


def _done(work: Work[Accounts], order: Order) -> Outcome:
    entries = work.links["receiving"].values()
    live = {str(entry["number"]): entry["id"] for entry in entries if not entry.get("cancelled")}
    if not live:
        return Same(f"purchase order {order.number} (status {order.letter}) expects nothing at ShipBob any more")
    names = ", ".join(f"{identifier} ({number})" for number, identifier in live.items())
    return Done({"receiving": names}, f"ShipBob expects purchase order {order.number} as receiving order {names}")


FLOW: Flow[Accounts] = Flow("purchase_orders", work, poll, every=timedelta(days=1), open_ended=True)
