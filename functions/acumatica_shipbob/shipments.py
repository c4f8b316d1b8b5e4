"""Flow 3: shipments, ShipBob -> Acumatica.

A webhook or the catch-up poll names a ShipBob order. For each of its shipments that left: one Acumatica shipment per
warehouse is created, filled (quantities, packages, tracking, carrier) and confirmed. How far the parcels are is folded
into one text on the sales order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from acumatica_shipbob.clients import Accounts, document_of
from acumatica_shipbob.flight import note_open, note_over
from acumatica_shipbob.mapping.orders import order_key_of
from acumatica_shipbob.order_text import show
from acumatica_shipbob.posted import review_posted
from acumatica_shipbob.posting import post
from acumatica_shipbob.settings import AcumaticaShipBob
from acumatica_shipbob.shipment_case import Case, earlier, sent_lines
from connector.absence import gone
from connector.instants import parse_instant
from connector.outcome import Done, Held, Missing, Outcome, Refused, Same
from connector.pair import Flow, Polling, Work
from connector.record import Record, short_hash, to_json
from connector.records import Seen
from vendors.acumatica.selling import CANCELLED, FINISHED
from vendors.acumatica.shipping import ErpOrder
from vendors.shipbob.numberless import forget_waiting, is_numberless, wait_for_number
from vendors.shipbob.progress import merge_all
from vendors.shipbob.shapes import Order, Shipment, parse_order
from vendors.shipbob.telling import order_topics

FRESH = timedelta(minutes=2)
"""A body that a poll stored this recently is the newest state."""


# ---- hearing of shipments -----------------------------------------------------------------------------------


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Our orders that ShipBob updated."""
    document = document_of(polling.connection)
    for orders in polling.clients.shipbob.orders_updated(polling.window.since):
        yield _ours(polling, document, orders)


def poll_deliveries(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Our orders whose tracking changed: deliveries do not always touch an order's last update."""
    document = document_of(polling.connection)
    for orders in polling.clients.shipbob.orders_tracked(polling.window.since):
        yield _ours(polling, document, orders)


def _ours(polling: Polling[Accounts], document: AcumaticaShipBob, orders: Sequence[Order]) -> list[Seen]:
    rows = [seen(order, document) for order in orders if order_key_of(document, order.reference_id)]
    return polling.news([row for row in rows if row is not None])


def revision_of(order: Order) -> str:
    """What of an order's state matters here, as a hash: an update of anything else wakes nobody."""
    facts = [[shipment.shipment_id, shipment.status, facts_text(shipment)] for shipment in order.shipments]
    return short_hash(to_json([order.status, facts]))


def facts_text(shipment: Shipment) -> str:
    """The facts of a shipment that the order's text or the ERP shipment is made of."""
    merged = merge_all({}, [shipment])[str(shipment.shipment_id)]
    return to_json({key: value for key, value in merged.items() if key != "stamp"})


def seen(order: Order, document: AcumaticaShipBob) -> Seen | None:
    """A sighting of one of our orders."""
    key = order_key_of(document, order.reference_id)
    if key is None:
        return None
    return Seen(
        str(order.order_id),
        revision_of(order),
        dict(order.document),
        (("order", key.split("/", 1)[1]),),
        text=f"ShipBob order {order.order_id} ({order.reference_id}) is {order.status}.",
        topics=order_topics(document.pair, order.shipments),
    )


# ---- the work -----------------------------------------------------------------------------------------------


def work(work: Work[Accounts]) -> Outcome:
    """Writes what left ShipBob to Acumatica, and how far it is to the sales order."""
    document = document_of(work.connection)
    work.clients.acumatica.ready()
    order = _newest(work)
    if order is None:
        return gone(work, f"ShipBob no longer holds order {work.record.source_key}")
    key = order_key_of(document, order.reference_id)
    if key is None:
        return Same(f"ShipBob order {order.order_id} was not sent by this connection")
    work.saw(revision_of(order))
    _refer(work, order, key)
    source = work.other("orders", key)
    stranger = _stranger(work, order, source)
    if stranger:
        return Same(stranger)
    if source is None or "lines" not in source.links:
        return Held(f"order {key} is not known as sent; it continues when it is", (Missing("sent order", key),))
    progress = merge_all(work.record.links.get("progress", {}), order.shipments)
    case = Case(document, order, _pair_of(key), str(source.links["customer"]), sent_lines(source), progress)
    work.link(progress=progress, order=key)
    work.link(posted=dict(work.record.links.get("posted", {})), parcels=dict(work.record.links.get("parcels", {})))
    return _post_all(work, case)


def _stranger(work: Work[Accounts], order: Order, source: Record | None) -> str:
    """Why an order with one of our references is not ours: references are unique within a channel only, and polls see
    every channel. Empty when it is the one that we sent, or when that is not known yet."""
    ours = source.links.get("shipbob_order_id") if source is not None else None
    if ours == order.order_id:
        return ""
    if ours is None and order.channel_id in (None, work.clients.shipbob.channel_id()):
        return ""
    return (
        f"ShipBob order {order.order_id} of channel {order.channel_id} carries the reference {order.reference_id}, but "
        f"was not sent by this connection{f', whose order is {ours}' if ours else ''}"
    )


def _pair_of(key: str) -> tuple[str, str]:
    order_type, number = key.split("/", 1)
    return order_type, number


def _newest(work: Work[Accounts]) -> Order | None:
    record = work.record
    if record.cause == "poll" and record.body is not None and work.now - parse_instant(record.body_at) < FRESH:
        return parse_order(record.body)
    return work.clients.shipbob.order(int(record.source_key))


def _refer(work: Work[Accounts], order: Order, key: str) -> None:
    work.refer("order", key.split("/", 1)[1])
    for shipment in order.shipments:
        work.refer("shipbob shipment", str(shipment.shipment_id))
        work.refer("tracking", shipment.tracking_number or "")


def _post_all(work: Work[Accounts], case: Case) -> Outcome:
    """Every shipment that left and is not posted, oldest first; then the order's text, if not written on the way.

    One that a person must look at keeps neither the others nor the order's text waiting.
    """
    erp = ErpOrder(work, work.clients.acumatica, case.erp_order, case.document.settings.shipments.order_field)
    stuck: list[Held | Refused] = []
    for shipment in sorted(case.order.shipments, key=lambda found: found.shipment_id):
        ended = _one(work, case, erp, shipment)
        if isinstance(ended, Held | Refused):
            stuck.append(ended)
        elif ended is not None and not isinstance(ended, Done):
            return ended
    shown = show(work, case, erp)
    if not isinstance(shown, Done | Same):
        return shown
    ended = _together(stuck) or _ending(work, case, erp)
    return (_without_number(work, case) or ended) if isinstance(ended, Done | Same) else ended


def _without_number(work: Work[Accounts], case: Case) -> Outcome | None:
    """What left and has no number to write; None when there is no such shipment."""
    ship_on, posted = case.document.settings.shipments.ship_on, work.links["posted"]
    left = [
        each for each in case.order.shipments
        if is_numberless(each, ship_on) and str(each.shipment_id) not in posted
    ]  # fmt: skip
    if not left:
        forget_waiting(work)
        return None
    order = "/".join(case.erp_order)
    advice = f"Enter the shipment of sales order {order} in Acumatica by hand, then close this record."
    return wait_for_number(work, case.order.order_id, left, advice)


def _one(work: Work[Accounts], case: Case, erp: ErpOrder, shipment: Shipment) -> Outcome | None:
    """What is to be done for one ShipBob shipment; None when nothing is."""
    if str(shipment.shipment_id) in work.links["posted"]:
        return review_posted(work, shipment)
    return post(work, case, erp, shipment) if _left(shipment, case.document) else None


def _together(stuck: Sequence[Held | Refused]) -> Held | Refused | None:
    """One ending for all that are stuck; a person who replays it meets each of them."""
    if len(stuck) < 2:
        return stuck[0] if stuck else None
    why = " ".join(dict.fromkeys(ended.why for ended in stuck))
    if all(isinstance(ended, Held) and ended.missing for ended in stuck):
        return Held(why, tuple(key for ended in stuck if isinstance(ended, Held) for key in ended.missing))
    return Held(why)


def _ending(work: Work[Accounts], case: Case, erp: ErpOrder) -> Outcome:
    posted, taken = work.links["posted"], earlier(work, case)
    work.link(complete=all(taken.get(line.line_number, Decimal(0)) >= line.sent for line in case.sent))
    _remember(work, case, over=work.links["complete"] or _over(case, posted))
    if not work.links["complete"] and _over(case, posted):
        status = erp.get().status
        if status not in CANCELLED and status not in FINISHED:
            return Held(
                f"ShipBob order {case.order.order_id} is {case.order.status} and not everything of sales order "
                f"{'/'.join(case.erp_order)} has left: {_beside(case)}. Nothing more will come. Enter the rest as a "
                "new order in Acumatica and cancel or complete this one there; then close this record."
            )
    if not posted:
        trouble = [f"shipment {key}: {facts['beside']}" for key, facts in case.progress.items() if facts["beside"]]
        said = f" ({'; '.join(trouble)})" if trouble else ""
        return Same(f"nothing of ShipBob order {case.order.order_id} has left yet{said}")
    numbers = ", ".join(sorted({number for parts in posted.values() for number in parts["numbers"]}))
    return Done(
        {"shipments": numbers}, f"Acumatica shipment {numbers} holds what left as ShipBob order {case.order.order_id}"
    )


def _remember(work: Work[Accounts], case: Case, over: bool) -> None:
    """Keeps the list of open orders, by which the stock flow knows what is in flight."""
    if over == bool(work.record.links.get("over")):
        return
    services, name, order_id = work.services, work.connection.name, case.order.order_id
    if over:
        note_over(services, name, order_id)
    else:
        note_open(services, name, order_id, "/".join(case.erp_order), [line.sku for line in case.sent])
    work.link(over=over)


OVER = frozenset({"Cancelled", "CleanSweeped"})


def _over(case: Case, posted: Mapping[str, Any]) -> bool:
    """Whether ShipBob has closed the order and no parcel of it is still to be written."""
    open_ones = [
        shipment
        for shipment in case.order.shipments
        if shipment.status not in OVER and str(shipment.shipment_id) not in posted
    ]
    return not open_ones and (case.order.is_cancelled or case.order.status == "Fulfilled")


def _beside(case: Case) -> str:
    over = [str(shipment.shipment_id) for shipment in case.order.shipments if shipment.status in OVER]
    return f"shipment {', '.join(over)} was cancelled at ShipBob" if over else "it was cancelled at ShipBob"


def _left(shipment: Shipment, document: AcumaticaShipBob) -> bool:
    return shipment.status in document.settings.shipments.ship_on and shipment.tracking_number is not None


FLOW: Flow[Accounts] = Flow("shipments", work, poll, every=timedelta(minutes=15), open_ended=True)
DELIVERIES: Flow[Accounts] = Flow(
    "deliveries", work, poll_deliveries, every=timedelta(hours=1), overlap=timedelta(hours=1), feeds="shipments",
    open_ended=True,
)
