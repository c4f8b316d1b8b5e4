"""The pair NetSuite - ShipBob: its flows, and which webhook rings for which of them.

purchase_orders  NetSuite purchase orders  -> ShipBob receiving orders   purchase_orders.py, receiving.py
receipts         ShipBob receiving         -> NetSuite item receipts     receipts.py, stowed.py
shipments        ShipBob shipments         -> NetSuite fulfilments       shipments.py, fulfilment.py
deliveries       a second look for flow 3: tracking changes that touch no order's last update
returns          ShipBob returns           -> return authorizations      returns.py, return_booking.py
charges          ShipBob invoices          -> vendor bills, credits      charges.py
counts           ShipBob count differences -> inventory adjustments      counts.py (off unless configured)
orders           NetSuite sales orders     -> ShipBob orders             orders.py (off unless configured)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from connector.connection import Connection
from connector.outcome import Missing
from connector.pair import Chore, Doorbell, Pair, RawEvent
from connector.record import record_id
from connector.records import RecordStore, Seen
from connector.services import Services
from netsuite_shipbob import charges, counts, orders, purchase_orders, receipts, returns, shipments
from netsuite_shipbob.clients import Accounts, document_of, open_accounts
from netsuite_shipbob.housekeeping import watch_certificate, watch_expected, watch_webhooks
from netsuite_shipbob.items import look_again
from netsuite_shipbob.neighbours import owner_of_shipment
from netsuite_shipbob.settings import NetSuiteShipBob
from netsuite_shipbob.stowed import ORDER_CHANGE
from netsuite_shipbob.surveys import SURVEYS
from netsuite_shipbob.words import DEEDS, tell

NAME = "netsuite_shipbob"
WRO_IDS = ("wro_id", "receiving_order_id", "warehouse_receiving_order_id")


def shipbob_doorbells(connection: Connection, event: RawEvent) -> Sequence[Doorbell]:
    """A ShipBob webhook is a doorbell: ids are taken from it, the resource is read anew (facts, section 17.4)."""
    body = event.body
    for envelope in ("data", "payload"):
        if isinstance(body.get(envelope), Mapping):
            body = body[envelope]
    kind, _, _ = event.topic.partition(".")
    if kind == "wro":
        # Of a box only the order that it belongs to counts; its own id would be taken for another order's.
        names = WRO_IDS if event.topic.startswith("wro.box.") else ("id", *WRO_IDS)
        return _bell("receipts", event, next((body[name] for name in names if body.get(name) is not None), None))
    if kind == "order":
        order_id = body.get("order_id") or (body.get("id") if "shipments" in body or "order_number" in body else None)
        if order_id is None:
            raise ValueError(f"topic {event.topic} names no order")
        return _bell("shipments", event, order_id)
    if kind == "return":
        return _bell("returns", event, body.get("id"))
    return ()


def _bell(stream: str, event: RawEvent, identifier: Any) -> Sequence[Doorbell]:
    if identifier is None:
        return ()  # the poll finds it
    if not str(identifier).isdigit():
        raise ValueError(f"topic {event.topic} names no {stream}")
    text = f"ShipBob reported {event.topic} for {identifier}."
    return [Doorbell(stream, Seen(str(identifier), text=text))]


def available(services: Services, connection: Connection, missing: Missing) -> bool:
    """Whether something that a record waits for exists by now. Items and orders are looked for by `look_again`."""
    document = document_of(connection)
    tables: Mapping[str, Mapping[str, Any]] = {
        "fees": document.tables.fees, "ship_methods": document.tables.ship_methods,
        "units_of_measure": document.tables.units_of_measure,
    }  # fmt: skip
    if missing.kind in tables:
        return missing.value in tables[missing.kind]
    if missing.kind == "centres":
        centre = int(missing.value) if missing.value.isdigit() else None
        return document.location_of(centre) is not None or bool(owner_of_shipment(services, document, centre))
    if missing.kind == ORDER_CHANGE:
        order_id, _, stamp = missing.value.partition("@")
        record = RecordStore(services).load(record_id(connection.name, "purchase_orders", order_id))
        return record is not None and str((record.body or {}).get("modified", "")) > stamp
    return False


PAIR: Pair[Accounts] = Pair(
    NAME,
    NetSuiteShipBob,
    (
        purchase_orders.FLOW,
        receipts.FLOW,
        shipments.FLOW,
        shipments.DELIVERIES,
        returns.FLOW,
        charges.FLOW,
        counts.FLOW,
        orders.FLOW,
    ),
    open_accounts,
    {"shipbob": shipbob_doorbells},
    available,
    {
        "look_again": Chore(timedelta(minutes=10), look_again),
        "watch_webhooks": Chore(timedelta(hours=1), watch_webhooks),
        "watch_certificate": Chore(timedelta(hours=12), watch_certificate),
        "watch_expected": Chore(timedelta(days=1), watch_expected),
    },
    deeds=DEEDS,
    tell=tell,
    surveys=SURVEYS,
)
