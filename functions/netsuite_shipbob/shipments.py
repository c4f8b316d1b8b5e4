"""Flow 3: tracking, ShipBob -> NetSuite.

A webhook or the catch-up poll names a ShipBob order. For each of its shipments that left: one item fulfilment of the
sales order with its packages, once. A new label or a later status changes the fulfilment that we own, and nothing else.
In the mode so_custom_fields nothing is fulfilled: fields of the sales order show carrier, tracking and status.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from connector.absence import gone
from connector.instants import parse_instant
from connector.outcome import Done, Held, Later, Missing, Outcome, Refused, Same
from connector.pair import Flow, Polling, Work
from connector.record import short_hash, to_json
from connector.records import Seen
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.fulfilment import Case, fulfil, review, show_on_order
from netsuite_shipbob.items import ORDER
from netsuite_shipbob.mapping.shipments import order_name
from netsuite_shipbob.neighbours import owner_of_shipment
from netsuite_shipbob.places import sales_orders
from netsuite_shipbob.reading import too_old
from netsuite_shipbob.settings import NetSuiteShipBob
from vendors.netsuite.shapes import FULFILMENT
from vendors.netsuite.shapes import Order as ErpOrder
from vendors.shipbob.numberless import forget_waiting, is_numberless, wait_for_number
from vendors.shipbob.progress import facts_of, merge_all
from vendors.shipbob.shapes import Order, Shipment, parse_order
from vendors.shipbob.telling import order_topics

FRESH = timedelta(minutes=2)
"""A body that a poll stored this recently is the newest state."""

APPROVAL_EVERY = timedelta(minutes=30)


# ---- hearing of shipments ------------------------------------------------------------------------------------------


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Orders that ShipBob updated."""
    document = document_of(polling.connection)
    for orders in polling.clients.shipbob.orders_updated(polling.window.since):
        yield _news(polling, document, orders)


def poll_deliveries(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Orders whose tracking changed: deliveries do not always touch an order's last update."""
    document = document_of(polling.connection)
    for orders in polling.clients.shipbob.orders_tracked(polling.window.since):
        yield _news(polling, document, orders)


def _news(polling: Polling[Accounts], document: NetSuiteShipBob, orders: Sequence[Order]) -> list[Seen]:
    return polling.news([seen(order, document) for order in orders if _name(order, document) and order.shipments])


def _name(order: Order, document: NetSuiteShipBob) -> str | None:
    channels = document.settings.shipments.channels
    if channels and order.channel_id not in channels:
        return None
    return order_name(order.reference_id, order.order_number, document)


def revision_of(order: Order) -> str:
    """What of an order's state matters here, as a hash: an update of anything else wakes nobody."""
    facts = [[each.shipment_id, each.status, _facts(each)] for each in order.shipments]
    return short_hash(to_json([order.status, facts]))


def _facts(shipment: Shipment) -> dict[str, object]:
    return {key: value for key, value in facts_of(shipment).items() if key != "stamp"}


def seen(order: Order, document: NetSuiteShipBob) -> Seen:
    """A sighting of an order."""
    name = _name(order, document) or ""
    text = f"ShipBob order {order.order_id} ({name}) is {order.status}."
    topics = order_topics(document.pair, order.shipments)
    return Seen(
        str(order.order_id), revision_of(order), dict(order.document), (("order", name),), text=text, topics=topics
    )


# ---- the work ------------------------------------------------------------------------------------------------------


def work(work: Work[Accounts]) -> Outcome:
    """Writes what left ShipBob to NetSuite, once, and how far it is."""
    document = document_of(work.connection)
    order = _newest(work)
    if order is None:
        return gone(work, f"ShipBob no longer holds order {work.record.source_key}")
    name = _name(order, document)
    if name is None:
        return Same(f"ShipBob order {order.order_id} is not of an order in NetSuite")
    if too_old(work, order.created_at):
        return Same("it was made before this connection's start")
    work.saw(revision_of(order))
    _refer(work, order, name)
    work.link(progress=merge_all(work.record.links.get("progress", {}), order.shipments))
    work.link(posted=dict(work.record.links.get("posted", {})))
    on_order = document.settings.shipments.mode == "so_custom_fields"
    ended = _on_order(work, order, name) if on_order else _fulfilments(work, order, name)
    return (_without_number(work, order, name) or ended) if isinstance(ended, Done | Same) else ended


def _without_number(work: Work[Accounts], order: Order, name: str) -> Outcome | None:
    """What left, is written nowhere, and has no number to write; None when there is no such shipment."""
    document = document_of(work.connection)
    left = [
        each for each in order.shipments
        if is_numberless(each, document.settings.shipments.ship_on)
        and str(each.shipment_id) not in work.links["posted"] and not _of_another(work, document, each)
    ]  # fmt: skip
    if not left:
        forget_waiting(work)
        return None
    if not (work.links.get("so_id") or work.record.links.get("so_id")):
        found = _erp_order(work, order, name)
        if not isinstance(found, ErpOrder):  # an order that NetSuite does not have is no reason to ask for its number
            return found
    advice = f"Fulfil what left of sales order {name} in NetSuite by hand, then close this record."
    return wait_for_number(work, order.order_id, left, advice)


def _newest(work: Work[Accounts]) -> Order | None:
    record = work.record
    if record.cause == "poll" and record.body is not None and work.now - parse_instant(record.body_at) < FRESH:
        return parse_order(record.body)
    return work.clients.shipbob.order(int(record.source_key))


def _refer(work: Work[Accounts], order: Order, name: str) -> None:
    work.refer("order", name)
    for shipment in order.shipments:
        work.refer("shipbob shipment", str(shipment.shipment_id))
        work.refer("tracking", shipment.tracking_number or "")


def _left(shipment: Shipment, document: NetSuiteShipBob) -> bool:
    return shipment.status in document.settings.shipments.ship_on and shipment.tracking_number is not None


def _fulfilments(work: Work[Accounts], order: Order, name: str) -> Outcome:
    """Every shipment, oldest first. One that a person must look at keeps the others not waiting."""
    document = document_of(work.connection)
    stuck: list[Held | Refused] = []
    case: Case | None = None
    for shipment in sorted(order.shipments, key=lambda each: each.shipment_id):
        if str(shipment.shipment_id) in work.links["posted"]:
            ended: Outcome | None = review(work, shipment)
        elif not _left(shipment, document) or _of_another(work, document, shipment):
            continue
        else:
            if case is None or case.outdated:
                found = _erp_order(work, order, name)
                if not isinstance(found, ErpOrder):
                    return found
                work.link(so_id=found.order_id)
                case = Case(document, found)
            ended = _stopped(work, case, shipment) or fulfil(work, case, shipment)
        if isinstance(ended, Held | Refused):
            stuck.append(ended)
        elif ended is not None and not isinstance(ended, Done | Same):
            return ended
    return _together(stuck) or _ending(work, order)


def _of_another(work: Work[Accounts], document: NetSuiteShipBob, shipment: Shipment) -> bool:
    """Whether another connection of the same accounts writes a shipment, because it left one of its centres."""
    owner = owner_of_shipment(work.services, document, shipment.location_id)
    if owner:
        work.note(f"shipment {shipment.shipment_id} left centre {shipment.location_id}: connection {owner} writes it")
    return bool(owner)


def _erp_order(work: Work[Accounts], order: Order, name: str) -> ErpOrder | Outcome:
    """The sales order of a ShipBob order: exactly one, or it waits."""
    rules = document_of(work.connection).settings.shipments
    found = sales_orders(work, order, name)
    if len(found) > 1:
        numbers = ", ".join(order.number for order in found)
        return Held(
            f"{name} is the {rules.order_key} of {len(found)} sales orders ({numbers}): fulfil the right one by hand, "
            "then close this record."
        )
    if found:
        return found[0]
    if rules.unknown_order == "ignore":
        return Same(f"NetSuite has no sales order whose {rules.order_key} is {name}")
    return Held(
        f"NetSuite has no sales order whose {rules.order_key} is {name} (or its role may not see it). It continues "
        f"when there is one. If the order has another {rules.order_key} by now, give it {name} again until this is "
        "written; or fulfil it by hand, then close this record.",
        (Missing(ORDER, name),),
    )


def _stopped(work: Work[Accounts], case: Case, shipment: Shipment) -> Outcome | None:
    """Why the order cannot be fulfilled now; None when it can, or when this shipment may be written already."""
    order = case.order
    if order.is_open or case.begun(work, shipment):
        return None
    what = f"ShipBob shipment {shipment.shipment_id} of {order.number} has left"
    if order.letter == "A":
        why = f"{what}, but the sales order is not approved in NetSuite yet"
        return Later(work.now + APPROVAL_EVERY, why, planned=True)
    made = [known for known in work.clients.netsuite.children(order.order_id, FULFILMENT) if not known.external_id]
    others = f"; fulfilled by others: {', '.join(known.number for known in made)}" if made else ""
    return Held(
        f"{what}, but the sales order has status {order.letter} and nothing open{others}. Nothing was written beside "
        "it. Correct NetSuite (delete the other fulfilment or reopen the order) and replay, or close this record."
    )


def _together(stuck: Sequence[Held | Refused]) -> Held | Refused | None:
    if len(stuck) < 2:
        return stuck[0] if stuck else None
    return Held(" ".join(dict.fromkeys(ended.why for ended in stuck)))


def _ending(work: Work[Accounts], order: Order) -> Outcome:
    posted = work.links["posted"]
    if not posted:
        progress = work.links["progress"]
        trouble = [f"shipment {key}: {facts['beside']}" for key, facts in progress.items() if facts["beside"]]
        said = f" ({'; '.join(trouble)})" if trouble else ""
        if any(_left(shipment, document_of(work.connection)) for shipment in order.shipments):
            return Same(f"what left as ShipBob order {order.order_id} is written by another connection")
        return Same(f"nothing of ShipBob order {order.order_id} has left yet{said}")
    numbers = ", ".join(str(entry["id"]) for entry in posted.values())
    text = f"NetSuite fulfilment {numbers} holds what left as ShipBob order {order.order_id}"
    return Done({"fulfilments": numbers}, text)


def _on_order(work: Work[Accounts], order: Order, name: str) -> Outcome:
    """Mode so_custom_fields: the sales order is read only to know its internal id."""
    known = str(work.record.links.get("so_id") or "")
    if not known:
        found = _erp_order(work, order, name)
        if not isinstance(found, ErpOrder):
            return found
        known = found.order_id
    work.link(so_id=known)
    return show_on_order(work, known, order)


FLOW: Flow[Accounts] = Flow("shipments", work, poll, every=timedelta(minutes=15), open_ended=True)
DELIVERIES: Flow[Accounts] = Flow(
    "deliveries",
    work,
    poll_deliveries,
    every=timedelta(hours=1),
    overlap=timedelta(hours=1),
    feeds="shipments",
    open_ended=True,
)
