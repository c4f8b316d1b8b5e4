"""Webhooks of ShipStation: each names a batch, whose list is read anew on our own address. The polls know its records.

The notification is a hint that anybody could forge: only the batch's name is taken from it.
"""

from __future__ import annotations

from datetime import timedelta

from acumatica_shipstation.clients import Accounts, document_of
from acumatica_shipstation.shipments import STREAM, fulfillment_sightings, sightings
from acumatica_shipstation.states import state_sightings
from connector.instants import parse_instant
from connector.message import enqueue
from connector.outcome import Done, Outcome, Same
from connector.pair import Flow, Work
from connector.records import Origin, Seen

BEFORE = timedelta(days=1)
"""How long before its notification a thing of a batch may have been made."""

AROUND = timedelta(hours=1)
"""Fulfilments cannot be listed by batch: those of this long before the notification are read."""


def work(work: Work[Accounts]) -> Outcome:
    """Reads what one notification is about."""
    resource, _, batch = work.record.source_key.partition(":")
    at = parse_instant(str(work.record.links["at"]))
    shipstation, store = work.clients.shipstation, document_of(work.connection).systems.shipstation.store_id
    heard = 0
    if resource == "shipments":
        for labels in shipstation.shipments_of_batch(batch, None, at - BEFORE):
            heard += _hear(work, STREAM, sightings(work.services, work.connection, labels))
    elif resource == "fulfillments":
        for rows in shipstation.fulfillments_created(at - AROUND, work.now):
            heard += _hear(work, STREAM, fulfillment_sightings(work.services, work.connection, rows))
    else:
        for orders in shipstation.orders_of_batch(batch, at - BEFORE):
            mine = [order for order in orders if order.store_id == store]
            heard += _hear(work, "states", state_sightings(work.connection, mine))
    if not heard:
        return Same("nothing of ours is new in it")
    return Done({"heard": heard}, f"{heard} records were heard of")


def _hear(work: Work[Accounts], stream: str, rows: list[Seen]) -> int:
    record = work.record
    origin = Origin(work.connection.name, record.pair, stream, "webhook", record.correlation, record.lane)
    known = work.store.unchanged(origin, rows)
    news = work.store.see(origin, [row for row in rows if row.source_key not in known])
    enqueue(work.services, news)
    return len(news)


FLOW: Flow[Accounts] = Flow("notices", work)
