"""Flow 2: what left ShipStation -> Acumatica. Three polls and the webhooks name parcels; each is written once.

A label is a record under its shipmentId; an order that was marked as shipped (no label) under F and its fulfillmentId.
One Acumatica shipment per sales order and warehouse is created, filled and confirmed. Voids are `voids`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from acumatica_shipstation.clients import Accounts, document_of
from acumatica_shipstation.labels import tell_labels
from acumatica_shipstation.mapping.orders import source_key_of
from acumatica_shipstation.mapping.parcels import (
    LETTER,
    Parcel,
    kept,
    of_fulfillment,
    of_shipment,
    parcel_of,
    revision_of,
    ship_via,
)
from acumatica_shipstation.parcels import LABELS
from acumatica_shipstation.posting import post
from acumatica_shipstation.resolve import belongs
from acumatica_shipstation.settings import AcumaticaShipStation
from acumatica_shipstation.voids import void
from connector.absence import gone
from connector.connection import Connection
from connector.instants import parse_instant
from connector.outcome import Done, Held, Missing, Outcome, Same
from connector.pair import Flow, Polling, Work
from connector.record import record_id
from connector.records import RecordStore, Seen
from connector.services import Services
from vendors.acumatica.plugins import via_refusal
from vendors.shipstation.shapes import Fulfillment, Shipment

STREAM = LABELS

FRESH = timedelta(minutes=30)
"""A body that was stored this recently counts: the polls bring a newer one when a label is voided."""

_SPLIT = re.compile(r"-\d{1,3}\Z", re.ASCII)


# ---- hearing of parcels -------------------------------------------------------------------------------------


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Labels that were made."""
    window = polling.window
    for rows in polling.clients.shipstation.shipments_created(window.since, window.until):
        yield polling.news(sightings(polling.services, polling.connection, rows))


def poll_voids(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Labels that were voided: no webhook tells of it, and the label's own date does not change."""
    window = polling.window
    for rows in polling.clients.shipstation.shipments_voided(window.since, window.until):
        yield polling.news(sightings(polling.services, polling.connection, rows))


def poll_fulfillments(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Orders that left without a label of ShipStation's."""
    window = polling.window
    for rows in polling.clients.shipstation.fulfillments_created(window.since, window.until):
        yield polling.news(fulfillment_sightings(polling.services, polling.connection, rows))


def sightings(services: Services, connection: Connection, rows: Iterable[Shipment]) -> list[Seen]:
    """Those labels that may be of our orders. Return labels and labels without an order are nobody's."""
    document = document_of(connection)
    outward = [row for row in rows if not row.return_label and row.order_id is not None]
    known = _known(services, connection, [row.order_id for row in outward])
    ours = document.systems.shipstation.store_id
    mine = [
        row
        for row in outward
        if row.order_id in known
        or row.store_id == ours
        or (row.store_id is None and source_key_of(document, row.order_key))
    ]
    return [_seen(of_shipment(row), kept(row.document)) for row in mine]


def fulfillment_sightings(services: Services, connection: Connection, rows: Iterable[Fulfillment]) -> list[Seen]:
    """Those fulfilments that may be of our orders: they name neither key nor store, so the number has to tell."""
    found = [row for row in rows if row.order_id is not None]
    known = _known(services, connection, [row.order_id for row in found])
    numbers = _numbers(services, connection, [row.order_number for row in found if row.order_id not in known])
    mine = [row for row in found if row.order_id in known or row.order_number in numbers]
    return [_seen(of_fulfillment(row), kept(row.document)) for row in mine]


def _known(services: Services, connection: Connection, order_ids: Sequence[int | None]) -> set[int]:
    """Those of ShipStation's orders that we have sent."""
    keys = [(f"ss-order/{connection.name}", str(order_id)) for order_id in dict.fromkeys(order_ids)]
    return {int(sk) for _, sk in services.tables.get_many("state", keys)}


def _numbers(services: Services, connection: Connection, numbers: Sequence[str]) -> set[str]:
    """Those numbers that are one of our orders', or such a one with the ending of a split."""
    types = document_of(connection).settings.orders.order_types
    names = {
        record_id(connection.name, "orders", f"{kind}/{base}"): number
        for number in numbers
        for base in (number, _SPLIT.sub("", number))
        for kind in types
        if base
    }
    return {names[found] for found in RecordStore(services).load_many(list(names))}


def _seen(parcel: Parcel, body: dict[str, object]) -> Seen:
    state = "voided" if parcel.voided else "there"
    return Seen(
        parcel.key,
        revision_of(parcel),
        body,
        (("tracking", parcel.tracking), ("order", parcel.order_number), ("shipment", parcel.key.removeprefix(LETTER))),
        text=f"{parcel.what} of order {parcel.order_number} is {state}.",
    )


# ---- the work -----------------------------------------------------------------------------------------------


def work(work: Work[Accounts]) -> Outcome:
    """Writes one parcel to Acumatica, or takes a voided one back."""
    document = document_of(work.connection)
    work.clients.acumatica.ready()
    parcel = _newest(work)
    if parcel is None:
        return gone(work, f"ShipStation no longer holds {work.record.source_key}")
    work.saw(revision_of(parcel))
    work.refer("tracking", parcel.tracking)
    work.refer("order", parcel.order_number)
    if parcel.voided:
        return void(work, document, parcel)
    if work.record.links.get("written"):
        tell_labels(work, document, parcel)
        return Done({"shipments": _numbers_of(work)}, f"Acumatica shipment {_numbers_of(work)} holds {parcel.what}")
    if not parcel.is_label and not document.settings.shipments.marked_as_shipped:
        return Held(
            f"order {parcel.order_number} was marked as shipped without a label ({parcel.what}), which is left to "
            "people by this connection. Write the shipment by hand in Acumatica, then close this record."
        )
    return _write(work, document, parcel)


def _newest(work: Work[Accounts]) -> Parcel | None:
    """The parcel as it is now. There is no reading by number: its order's parcels are listed."""
    record = work.record
    if record.body is None:
        return None
    parcel = parcel_of(record.body)
    asked = record.cause in ("replay", "resume")
    if parcel.order_id is None or (not asked and work.now - parse_instant(record.body_at) < FRESH):
        return parcel
    shipstation = work.clients.shipstation
    if parcel.is_label:
        there = [of_shipment(row) for row in shipstation.shipments_of_order(parcel.order_id)]
    else:
        there = [of_fulfillment(row) for row in shipstation.fulfillments_of_order(parcel.order_id)]
    return next((each for each in there if each.key == parcel.key), None)


def _write(work: Work[Accounts], document: AcumaticaShipStation, parcel: Parcel) -> Outcome:
    found = belongs(work, document, parcel)
    if not isinstance(found, tuple):
        return found
    parcel, sources, taken = found
    if not taken:
        return Same(f"everything of order {parcel.order_number} had left before {parcel.what}")
    via = ship_via(parcel, document)
    if isinstance(via, Missing):
        return Held(_no_ship_via(parcel), (via,))
    refusal = via_refusal(work, work.clients.acumatica, via, document.settings.shipments.plug_in_ship_vias)
    if refusal:
        return Held(refusal)
    work.link(orders=sorted(taken))
    written: dict[str, dict[str, str]] = {}
    for source in sources:
        if source.key not in taken:
            continue
        ended = post(work, document, parcel, source, taken[source.key], via, first=not written)
        if not isinstance(ended, Done):
            return ended
        written[source.key] = dict(ended.reference["numbers"])
    work.link(written=written)
    tell_labels(work, document, parcel)
    return Done({"shipments": _numbers_of(work)}, f"Acumatica shipment {_numbers_of(work)} holds {parcel.what}")


def _no_ship_via(parcel: Parcel) -> str:
    if not parcel.carrier:
        return f'{parcel.what} names no carrier: only the key "*" of table carriers gives it a Ship Via'
    every = f', or "{parcel.carrier}" for all of its services' if parcel.service else ""
    return f"carrier {parcel.carrier!r} of {parcel.what} has no Ship Via in table carriers{every}"


def _numbers_of(work: Work[Accounts]) -> str:
    written = {**work.record.links, **work.links}.get("written") or {}
    return ", ".join(sorted({number for places in written.values() for number in places.values()}))


FLOW: Flow[Accounts] = Flow(STREAM, work, poll, every=timedelta(minutes=5), lag=timedelta(seconds=5))
VOIDS: Flow[Accounts] = Flow(
    "voids", work, poll_voids, every=timedelta(minutes=5), lag=timedelta(seconds=5), feeds=STREAM
)
FULFILLMENTS: Flow[Accounts] = Flow(
    "fulfillments", work, poll_fulfillments, every=timedelta(minutes=5), lag=timedelta(seconds=5), feeds=STREAM
)
