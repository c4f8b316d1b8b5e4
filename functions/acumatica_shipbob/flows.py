"""The pair Acumatica - ShipBob: five flows, and which webhook rings for which of them.

orders      Acumatica sales orders     -> ShipBob orders        orders.py
items       Acumatica stock items      -> ShipBob products      items.py
shipments   ShipBob shipments          -> Acumatica shipments   shipments.py
deliveries  a second look for flow 3: tracking changes that touch no order's last update
stock       ShipBob on-hand            -> Acumatica adjustments stock.py
charges     ShipBob invoices           -> Acumatica bills       charges.py
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from acumatica_shipbob import charges, items, orders, shipments, stock
from acumatica_shipbob.clients import Accounts, document_of, known_items, open_accounts
from acumatica_shipbob.mapping.orders import order_key_of
from acumatica_shipbob.settings import AcumaticaShipBob
from acumatica_shipbob.surveys import SURVEYS
from acumatica_shipbob.words import DEEDS, tell
from connector.connection import Connection
from connector.outcome import Missing
from connector.pair import Chore, Doorbell, Pair, RawEvent
from connector.record import record_id
from connector.records import RecordStore, Seen
from connector.services import Services
from vendors.acumatica.pushes import order_and_item_bells, padded
from vendors.shipbob.subscriptions import watch_subscriptions

NAME = "acumatica_shipbob"


def acumatica_doorbells(connection: Connection, event: RawEvent) -> Sequence[Doorbell]:
    """Push notification: flat, blank-padded rows of a generic inquiry. Only keys are taken from them."""
    return order_and_item_bells(event.body, document_of(connection).settings.orders.order_types, padded)


def shipbob_doorbells(connection: Connection, event: RawEvent) -> Sequence[Doorbell]:
    """A ShipBob webhook is a doorbell: ids are taken from it, the resource is read anew (facts, section 17.4)."""
    body = event.body
    for envelope in ("data", "payload"):
        if isinstance(body.get(envelope), Mapping):
            body = body[envelope]
    if not event.topic.startswith("order."):
        return ()
    order_id = body.get("order_id") or (body.get("id") if "shipments" in body or "order_number" in body else None)
    if order_id is None or not str(order_id).isdigit():
        raise ValueError(f"topic {event.topic} names no order")
    if order_key_of(document_of(connection), body.get("reference_id")) is None and body.get("reference_id"):
        return ()
    text = f"ShipBob reported {event.topic} for order {order_id}."
    return [Doorbell("shipments", Seen(str(order_id), text=text))]


def available(services: Services, connection: Connection, missing: Missing) -> bool:
    """Whether something that a record waits for exists by now."""
    document = document_of(connection)
    tables: Mapping[str, Mapping[str, Any]] = {
        "warehouses": document.tables.warehouses,
        "ship_methods": document.tables.ship_methods,
        "carriers": document.tables.carriers,
        "fees": document.tables.fees,
    }
    if missing.kind in tables:
        table = tables[missing.kind]
        return missing.value in table or (missing.kind == "carriers" and "*" in table)
    if missing.kind == "item":
        return missing.value in known_items(services, connection.name, [missing.value])
    if missing.kind == "sent order":
        record = RecordStore(services).load(record_id(connection.name, "orders", missing.value))
        return record is not None and "lines" in record.links
    if missing.kind == "order change":
        key, _, seen = missing.value.rpartition("@")
        record = RecordStore(services).load(record_id(connection.name, "orders", key))
        return record is not None and record.revision > seen
    return False


def keep_alive(services: Services, connection: Connection, accounts: Accounts) -> None:
    """Uses both accounts once a day, so that no refresh token dies of idleness (ShipBob: 30 days)."""
    accounts.acumatica.check_endpoint()
    accounts.acumatica.exists("Warehouse", next(iter(accounts.document.tables.warehouses), "MAIN"))
    accounts.shipbob.channels()


def watch_webhooks(services: Services, connection: Connection, accounts: Accounts) -> None:
    """Puts subscriptions right that ShipBob has disabled; nothing else tells of it, and nothing is replayed."""
    watch_subscriptions(services, accounts.shipbob, connection.name, NAME)


PAIR: Pair[Accounts] = Pair(
    NAME,
    AcumaticaShipBob,
    (orders.FLOW, items.FLOW, shipments.FLOW, shipments.DELIVERIES, stock.FLOW, charges.FLOW),
    open_accounts,
    {"acumatica": acumatica_doorbells, "shipbob": shipbob_doorbells},
    available,
    {
        "keep_alive": Chore(timedelta(hours=12), keep_alive),
        "watch_webhooks": Chore(timedelta(hours=1), watch_webhooks),
    },
    deeds=DEEDS,
    tell=tell,
    surveys=SURVEYS,
)
