"""Flow 2: what ShipBob stows -> item receipts in NetSuite.

ShipBob reports cumulative units; what is posted is the difference to what was posted before. One posting of a
receiving order has the external id SB-IR-WRO-<id>-<n> (receipt) or SB-IA-WRO-<id>-<n> (adjustment), numbered in their
order: one that may have happened is settled with its own draft before the next one is thought of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from connector.absence import gone
from connector.effect import Draft, Effect, Repeat
from connector.instants import parse_instant
from connector.outcome import Done, Held, Outcome, Refused, Same
from connector.pair import Flow, Polling, Work
from connector.records import Seen
from netsuite_shipbob.clients import Accounts
from netsuite_shipbob.mapping.receipts import deltas, revision_of
from netsuite_shipbob.reading import since_of, too_old
from netsuite_shipbob.stowed import listed, post, settle_begun
from netsuite_shipbob.writing import is_begun, lost_to_people
from vendors.shipbob.receiving import OPEN_STATUSES
from vendors.shipbob.shapes import ReceivingOrder, parse_receiving_order, parse_sync_results
from vendors.shipbob.shapes.receiving import CANCELLED, COMPLETED

MARK = "shipbob.receiving_mark"
FRESH = timedelta(minutes=2)
REACH = timedelta(days=180)
"""How old a receiving order may be that is still listed while it is open."""



# ---- hearing of receipts -------------------------------------------------------------------------------------------


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Receiving orders that are open (ShipBob has no filter by change), and those completed lately."""
    receiving, window = polling.clients.shipbob.receiving, since_of(polling)
    since = min(window, max(polling.connection.document.start, polling.services.clock() - REACH))
    open_ones = receiving.list(statuses=(*OPEN_STATUSES, CANCELLED), created_since=since)
    completed = receiving.list(statuses=(COMPLETED,), completed_since=window)
    for pages in (open_ones, completed):
        for orders in pages:
            yield polling.news([seen(order) for order in orders if any(row.stowed for row in order.quantities)])


def seen(wro: ReceivingOrder) -> Seen:
    """A sighting of a receiving order."""
    names = [("receiving order", str(wro.receiving_id)), ("purchase order", wro.purchase_order_number or "")]
    text = f"ShipBob's receiving order {wro.receiving_id} is {wro.status}."
    return Seen(str(wro.receiving_id), revision_of(wro), dict(wro.document), tuple(names), text=text)


# ---- the work ------------------------------------------------------------------------------------------------------


def work(work: Work[Accounts]) -> Outcome:
    """Posts what was stowed since the last posting."""
    wro = _newest(work)
    if wro is None:
        return gone(work, f"ShipBob no longer holds receiving order {work.record.source_key}")
    work.saw(revision_of(wro))
    work.refer("purchase order", wro.purchase_order_number or "")
    if too_old(work, wro.created_at):
        return Same("it was made before this connection's start")
    work.link(postings=list(work.record.links.get("postings", [])), posted=dict(work.record.links.get("posted", {})))
    open_one = settle_begun(work, wro)
    if open_one is not None:
        return open_one
    units = deltas(wro, work.links["posted"])
    fallen = {key: -units[key] for key in units if units[key] < 0}
    if fallen:
        return Held(
            f"ShipBob took back {listed(fallen)} of receiving order {wro.receiving_id} after NetSuite had received "
            "it. Nothing was reversed: ask ShipBob, correct the receipt in NetSuite by hand, then close this record."
        )
    if units:
        ended = post(work, wro, units)
        if not isinstance(ended, Done):
            return ended
    return _finish(work, wro)


def _newest(work: Work[Accounts]) -> ReceivingOrder | None:
    record = work.record
    if record.cause == "poll" and record.body is not None and work.now - parse_instant(record.body_at) < FRESH:
        return parse_receiving_order(record.body)
    return work.clients.shipbob.receiving.get(int(record.source_key))


def _finish(work: Work[Accounts], wro: ReceivingOrder) -> Outcome:
    ids = [str(posting["id"]) for posting in work.links["postings"]]
    if not ids:
        return Same(f"nothing of receiving order {wro.receiving_id} ({wro.status}) is stowed")
    lost = lost_to_people(work, [str(posting["key"]) for posting in work.links["postings"]])
    if lost is not None:
        return lost
    # A mark whose answer was lost is set by now, and its write still needs an ending.
    if wro.status == COMPLETED and (wro.synced_at is None or is_begun(work, MARK, str(wro.receiving_id))):
        marked = work.once(_mark_effect(work), str(wro.receiving_id), Draft({"id": wro.receiving_id}))
        if isinstance(marked, Held | Refused):
            work.note(f"the mark at ShipBob could not be set ({marked.why}); nothing depends on it")
        elif not isinstance(marked, Done):
            return marked  # it is set when ShipBob can be reached again
    return Done({"receipts": ", ".join(ids)}, f"NetSuite {', '.join(ids)} holds what was stowed by now ({wro.status})")


def _mark_effect(work: Work[Accounts]) -> Effect:
    """Marks a receiving order as posted at ShipBob, for people there. Safe to repeat."""
    receiving = work.clients.shipbob.receiving

    def read(reply: Any) -> dict[str, Any]:
        results = parse_sync_results(reply.json())
        return {"marked": all(result.succeeded for result in results)}

    return Effect(
        MARK, "ShipBob", Repeat.UPSERT, timedelta(0), lambda key: None,
        lambda key, draft: receiving.set_external_sync([int(key)]), read,
    )  # fmt: skip


FLOW: Flow[Accounts] = Flow(
    "receipts", work, poll, every=timedelta(minutes=15), overlap=timedelta(days=2), open_ended=True
)
