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
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.instants import parse_instant
from connector.outcome import Done, Held, Later, Missing, Outcome, Refused, Same
from connector.pair import Flow, Polling, Work, absent_at, absent_fact
from connector.records import Origin, Seen
from connector.transport import Reply
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.items import AT_SHIPBOB, inventory_ids
from netsuite_shipbob.mapping.purchase_orders import (
    Wanted,
    arrival_of,
    changes_of,
    receiving_differences,
    receiving_draft,
    receiving_number,
    revision_of,
    wanted_of,
)
from netsuite_shipbob.mapping.receipts import deltas
from netsuite_shipbob.places import note_receiving
from netsuite_shipbob.reading import place_of
from netsuite_shipbob.settings import NetSuiteShipBob
from netsuite_shipbob.writing import begun_draft, is_unclear
from vendors.netsuite.queries import PURCHASE_STATUSES
from vendors.netsuite.shapes import PURCHASE_ORDER, Order, order_document, order_from_document
from vendors.shipbob.client import ShipBob
from vendors.shipbob.shapes import ReceivingOrder, parse_receiving_order
from vendors.shipbob.shapes.receiving import AWAITING, CANCELLED, COMPLETED

CREATE, CANCEL = "shipbob.receiving", "shipbob.receiving_cancel"
SETTLE = timedelta(seconds=90)
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
    memory, netsuite = polling.memory, polling.clients.netsuite
    for orders, place in netsuite.changed(PURCHASE_ORDER, PURCHASE_STATUSES, place_of(polling)):
        memory["stamp"] = max(str(memory.get("stamp", "")), place.stamp)
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
        return gone(work, f"NetSuite no longer holds purchase order {work.record.source_key}")
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
        ended = _one(work, order, place, wanted.get(place), len(places) == 1)
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


def _one(work: Work[Accounts], order: Order, place: str, wanted: Wanted | None, alone: bool) -> Outcome:
    entry = work.links["receiving"].get(place)
    if entry is None or entry.get("cancelled"):
        if wanted is None:
            return Same("nothing is expected")
        round_number = int(entry["round"]) + 1 if entry else 1
        alone = bool(entry["alone"]) if entry else alone
        return _create(work, order, wanted, round_number, alone)
    changes = changes_of(entry, wanted, order)
    if not changes:
        return Same("unchanged")
    return _changed(work, order, place, wanted, entry, changes)


def _create(work: Work[Accounts], order: Order, wanted: Wanted, round_number: int, alone: bool) -> Outcome:
    document = document_of(work.connection)
    inventory = inventory_ids(work, wanted.units)
    lacking = tuple(Missing(AT_SHIPBOB, sku) for sku in wanted.units if sku not in inventory)
    if lacking:
        names = ", ".join(missing.value for missing in lacking)
        return Held(
            f"purchase order {order.number}: ShipBob has no product (or several) with the SKU {names}. It continues "
            "when there is one.",
            lacking,
        )
    number = receiving_number(order.number, order.order_id, wanted.location, alone, round_number)
    arrival = arrival_of(order, wanted, document, work.now, work.note)
    # Before the write: whoever sees goods arrive under this number must find the purchase order by it.
    note_receiving(work.services, work.connection.name, number, order.order_id, wanted.location)
    effect = create_effect(work.clients.shipbob, receiving_differences)
    draft = receiving_draft(wanted, number, inventory, arrival, document)
    begun = begun_draft(work, CREATE, number) or draft
    ended = work.once(effect, number, begun, absent_at=absent_at(work.record) if round_number == 1 else None)
    if not isinstance(ended, Done):
        return ended
    work.refer("receiving order", str(ended.reference["id"]))
    work.links["receiving"][wanted.location] = {
        "id": ended.reference["id"], "number": number, "round": round_number, "alone": alone,
        "location": wanted.location, "lines": begun.identity["lines"],
    }  # fmt: skip
    # What was begun before a change in NetSuite is made as it was begun, and then changed.
    return ended if begun is draft else _one(work, order, wanted.location, wanted, alone)


def _changed(
    work: Work[Accounts],
    order: Order,
    place: str,
    wanted: Wanted | None,
    entry: Mapping[str, Any],
    changes: Sequence[str],
) -> Outcome:
    """The purchase order is not what the receiving order was made of any more."""
    cancel = cancel_effect(work.clients.shipbob)
    if is_unclear(work, CANCEL, str(entry["id"])):  # whether it happened must be clear before anything else is done
        settled = work.once(cancel, str(entry["id"]), Draft({"id": entry["id"]}))
        if not isinstance(settled, Done | Refused):
            return settled
    receiving = work.clients.shipbob.receiving.get(int(entry["id"]))
    what = f"purchase order {order.number}: {'; '.join(changes)}. ShipBob's receiving order {entry['id']}"
    if receiving is not None and receiving.is_over and wanted is None:
        return Same(f"receiving order {entry['id']} is {receiving.status}; nothing more is expected of it")
    awaited = receiving is not None and receiving.status == AWAITING and not any(r.stowed for r in receiving.quantities)
    cancelled = receiving is None or receiving.status == CANCELLED
    if receiving is not None and receiving.status == COMPLETED:
        return _raised(work, order, place, wanted, entry, receiving)
    if not cancelled:
        if document_of(work.connection).settings.purchase_orders.on_change == "review" or not awaited:
            state = receiving.status if receiving is not None else "gone"
            return Held(
                f"{what} is {state} and cannot follow by itself. Correct it at ShipBob (or the purchase order), then "
                "replay; or close this record: receipts are booked against the purchase order as it is."
            )
        ended = work.once(cancel, str(entry["id"]), Draft({"id": entry["id"]}))
        if isinstance(ended, Refused):
            return Held(f"{what} could not be cancelled any more ({ended.why}). Settle it with ShipBob, then replay.")
        if not isinstance(ended, Done):
            return ended
    work.note(f"receiving order {entry['number']} ({entry['id']}) was cancelled: {'; '.join(changes)}")
    work.links["receiving"][place] = {**entry, "cancelled": True}
    return _one(work, order, place, wanted, bool(entry["alone"]))


def _raised(
    work: Work[Accounts],
    order: Order,
    place: str,
    wanted: Wanted | None,
    entry: Mapping[str, Any],
    receiving: ReceivingOrder,
) -> Outcome:
    """Its goods have arrived, and the purchase order changed afterwards: what it still has open is expected anew."""
    receipts = work.other("receipts", str(receiving.receiving_id))
    posted = receipts.links.get("posted", {}) if receipts is not None else {}
    if deltas(receiving, posted):
        why = f"receiving order {receiving.receiving_id} is complete and not all of it is received in NetSuite yet"
        return Later(work.now + timedelta(minutes=15), why, planned=True)
    work.note(f"receiving order {entry['number']} ({entry['id']}) is complete; what is open now is expected anew")
    work.links["receiving"][place] = {**entry, "cancelled": True}
    return _one(work, order, place, wanted, bool(entry["alone"]))


# ---- the writes ----------------------------------------------------------------------------------------------------


def create_effect(shipbob: ShipBob, differences: Any) -> Effect:
    """Creates a receiving order under its number, by which ShipBob can be asked for it. Cancelled ones do not count."""
    live: dict[str, ReceivingOrder] = {}

    def find(key: str) -> Found | None:
        found = [order for order in shipbob.receiving.find_by_purchase_orders([key]) if order.status != CANCELLED]
        if not found:
            return None
        live[key] = found[0]
        return Found({"id": found[0].receiving_id}, {"count": len(found)})

    def differ(found: Found, draft: Draft) -> Sequence[str]:
        count = int(found.body["count"])
        if count > 1:
            return [f"there are {count} with this number: split by ShipBob, or entered by hand"]
        return list(differences(live[str(draft.identity["number"])], draft))

    def read(reply: Reply) -> Reference:
        return {"id": parse_receiving_order(reply.json()).receiving_id}

    return Effect(
        CREATE, "ShipBob", Repeat.FINDABLE, SETTLE, find, lambda key, draft: shipbob.receiving.create(draft.body), read,
        differ,
    )  # fmt: skip


def cancel_effect(shipbob: ShipBob) -> Effect:
    """Cancels a receiving order; its status tells whether it happened."""

    def find(key: str) -> Found | None:
        order = shipbob.receiving.get(int(key))
        return Found({"id": int(key)}) if order is None or order.status == CANCELLED else None

    def read(reply: Reply) -> Reference:
        order = parse_receiving_order(reply.json())
        if order.status != CANCELLED:
            raise ValueError("the answer does not say that it is cancelled")
        return {"id": order.receiving_id}

    return Effect(
        CANCEL, "ShipBob", Repeat.FINDABLE, SETTLE, find, lambda key, draft: shipbob.receiving.cancel(int(key)), read
    )


FLOW: Flow[Accounts] = Flow("purchase_orders", work, poll, every=timedelta(days=1), open_ended=True)
