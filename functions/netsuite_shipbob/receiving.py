"""Flow 1, the writes: a receiving order for each location, made once, replaced or cancelled while it is awaited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.outcome import Done, Held, Later, Missing, Outcome, Refused, Same
from connector.pair import Work, absent_at
from connector.record import Record
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
)
from netsuite_shipbob.mapping.receipts import deltas
from netsuite_shipbob.places import Expected, claim_number
from netsuite_shipbob.writing import begun_draft, is_unclear
from vendors.netsuite.shapes import Order
from vendors.shipbob.client import ShipBob
from vendors.shipbob.shapes import ReceivingOrder, parse_receiving_order
from vendors.shipbob.shapes.receiving import AWAITING, CANCELLED, COMPLETED

CREATE, CANCEL = "shipbob.receiving", "shipbob.receiving_cancel"
SETTLE = timedelta(seconds=90)
WATCH = "watch"
"""The cause of a look that the daily chore asks for."""


def keep_expected(work: Work[Accounts], order: Order, place: str, wanted: Wanted | None, alone: bool) -> Outcome:
    """Makes ShipBob expect at one location what the purchase order has open there, and nothing else."""
    entry = work.links["receiving"].get(place)
    if entry is None or entry.get("cancelled"):
        if wanted is None:
            return Same("nothing is expected")
        round_number = int(entry["round"]) + 1 if entry else 1
        alone = bool(entry["alone"]) if entry else alone
        return _create(work, order, wanted, round_number, alone)
    changes = changes_of(entry, wanted, order)
    # A cancellation may have reached ShipBob although the change that it was for was taken back since.
    if not changes and begun_draft(work, CANCEL, str(entry["id"])) is None:
        return _still_there(work, order, place, wanted, entry)
    return _changed(work, order, place, wanted, entry, changes)


def expected_ids(record: Record) -> set[int]:
    """The receiving orders that a purchase order's record stands on."""
    entries = record.links.get("receiving", {}).values()
    return {int(entry["id"]) for entry in entries if not entry.get("cancelled")}


def _still_there(
    work: Work[Accounts], order: Order, place: str, wanted: Wanted | None, entry: Mapping[str, Any]
) -> Outcome:
    """An unchanged purchase order. Its receiving order is looked at only where somebody has reason to: a call each."""
    if work.record.cause not in (WATCH, "replay"):
        return Same("unchanged")
    receiving = work.clients.shipbob.receiving.get(int(entry["id"]))
    if receiving is not None and receiving.status != CANCELLED:
        return Same("unchanged")
    what = f"ShipBob's receiving order {entry['id']} ({entry['number']}) of purchase order {order.number}"
    if work.record.cause == WATCH:
        return Held(
            f"{what} was cancelled at ShipBob, and NetSuite still has goods open there. If they are coming, replay "
            "this record: they are expected anew, under a new number. If not, close the purchase order in NetSuite, or "
            "close this record."
        )
    work.note(f"{what} was cancelled at ShipBob; what is open is expected anew")
    work.links["receiving"][place] = {**entry, "cancelled": True}
    return keep_expected(work, order, place, wanted, bool(entry["alone"]))


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
    proposed = receiving_number(order.number, order.order_id, wanted.location, alone, round_number)
    arrival = arrival_of(order, wanted, document, work.now, work.note)
    # Before the write: whoever sees goods arrive under this number must find the purchase order by it.
    place = Expected(order.order_id, wanted.location)
    number = claim_number(work.services, document, proposed, place, round_number)
    # The poll has looked for the first number that was proposed, and for no other.
    asked = absent_at(work.record) if round_number == 1 and number == proposed else None
    effect = create_effect(work.clients.shipbob, receiving_differences)
    draft = receiving_draft(wanted, number, inventory, arrival, document)
    begun = begun_draft(work, CREATE, number) or draft
    ended = work.once(effect, number, begun, absent_at=asked)
    if not isinstance(ended, Done):
        return ended
    work.refer("receiving order", str(ended.reference["id"]))
    work.links["receiving"][wanted.location] = {
        "id": ended.reference["id"], "number": number, "round": round_number, "alone": alone,
        "location": wanted.location, "lines": begun.identity["lines"],
    }  # fmt: skip
    # What was begun before a change in NetSuite is made as it was begun, and then changed.
    return ended if begun is draft else keep_expected(work, order, wanted.location, wanted, alone)


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
    if not changes and not cancelled:
        return Same("unchanged")
    if receiving is not None and receiving.status == COMPLETED:
        return _raised(work, order, place, wanted, entry, receiving)
    if not cancelled and order.is_open and not {str(line.line_id) for line in order.lines} & set(entry["lines"]):
        return Held(
            f"purchase order {order.number} is open, and NetSuite shows none of the lines any more that ShipBob's "
            f"receiving order {entry['id']} was made of: they were removed, or the role may no longer see location "
            f"{place}. Nothing was changed at ShipBob. Give the role the location and replay; or cancel the receiving "
            "order at ShipBob, then replay."
        )
    if not cancelled:
        held = _for_a_person(work, what, receiving, awaited)
        if held is not None:
            return held
        ended = work.once(cancel, str(entry["id"]), Draft({"id": entry["id"]}))
        if isinstance(ended, Refused):
            return Held(f"{what} could not be cancelled any more ({ended.why}). Settle it with ShipBob, then replay.")
        if not isinstance(ended, Done):
            return ended
    because = "; ".join(changes) or "a change that was taken back since"
    work.note(f"receiving order {entry['number']} ({entry['id']}) was cancelled: {because}")
    work.links["receiving"][place] = {**entry, "cancelled": True}
    return keep_expected(work, order, place, wanted, bool(entry["alone"]))


def _for_a_person(work: Work[Accounts], what: str, receiving: ReceivingOrder | None, awaited: bool) -> Held | None:
    """Why a receiving order is not replaced by itself; None where it is."""
    close = "Or close this record: receipts are booked against the purchase order as it is."
    if not awaited:
        state = receiving.status if receiving is not None else "gone"
        return Held(
            f"{what} is {state} and cannot follow by itself. Correct it at ShipBob (or the purchase order), or wait "
            f"until ShipBob has completed it; then replay. {close}"
        )
    if document_of(work.connection).settings.purchase_orders.on_change == "review":
        return Held(
            f"{what} is still awaited, and a person decides (purchase_orders.on_change is review). Cancel it at "
            f"ShipBob and replay: it is made anew as the purchase order is now. {close}"
        )
    return None


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
    return keep_expected(work, order, place, wanted, bool(entry["alone"]))


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
