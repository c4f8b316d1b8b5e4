"""The pair Dynamics GP - ShipBob: the flows, and which webhook rings for which of them.

orders      ShipBob orders     -> GP sales orders                               orders.py
shipments   ShipBob shipments  -> tracking, fulfilled quantity, date on them    shipments.py, drafts.py
tracking    a second look for flow 2: tracking changes that touch no order's last update
movements   what GP posts      -> flow 3 looks, receiving orders at ShipBob     movements.py
stock       GP and ShipBob     -> variances, for ShipBob takes no stock figures stock.py
returns     ShipBob returns    -> GP sales returns or adjustments               returns.py
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from connector.connection import Connection
from connector.outcome import Missing
from connector.pair import Chore, Doorbell, Pair, RawEvent
from connector.record import Status, record_id
from connector.records import RecordStore, Seen
from connector.services import Services
from dynamicsgp_shipbob import movements, orders, returns, shipments, stock
from dynamicsgp_shipbob.clients import Accounts, document_of, open_accounts
from dynamicsgp_shipbob.mapping.stock import single_skus
from dynamicsgp_shipbob.settings import DynamicsGpShipBob
from dynamicsgp_shipbob.surveys import SURVEYS
from dynamicsgp_shipbob.words import DEEDS, tell
from vendors.shipbob.subscriptions import watch_subscriptions

NAME = "dynamicsgp_shipbob"


def shipbob_doorbells(connection: Connection, event: RawEvent) -> Sequence[Doorbell]:
    """A ShipBob webhook is a doorbell: ids are taken from it, the resource is read anew."""
    body = event.body
    for envelope in ("data", "payload"):
        if isinstance(body.get(envelope), Mapping):
            body = body[envelope]
    if event.topic.startswith("return."):
        found = _number(body.get("id"), event.topic)
        return [Doorbell("returns", Seen(found, text=f"ShipBob reported {event.topic} for return {found}."))]
    if not event.topic.startswith("order."):
        return ()
    order_id = body.get("order_id") or (body.get("id") if "shipments" in body or "order_number" in body else None)
    found = _number(order_id, event.topic)
    return [Doorbell("shipments", Seen(found, text=f"ShipBob reported {event.topic} for order {found}."))]


def _number(value: Any, topic: str) -> str:
    if not str(value).isdigit():
        raise ValueError(f"topic {topic} names nothing that can be looked up")
    return str(value)


def available(services: Services, connection: Connection, missing: Missing) -> bool:
    """Whether a row of a mapping table, or an order, that a record waits for is there by now.

    An order that ended without being entered is waited for no longer either.
    """
    document = document_of(connection)
    tables: Mapping[str, Any] = document.tables.__dict__
    if missing.kind == "gp item":
        return bool(single_skus(document, missing.value))
    if missing.kind == "dispositions":
        return missing.value.casefold() in {action.casefold() for action in document.settings.returns.dispositions}
    if missing.kind == "channels":  # the row of an order type is not needed where the whole channel has one
        return missing.value in document.tables.channels or missing.value.partition("|")[0] in document.tables.channels
    if missing.kind in tables:
        return missing.value in tables[missing.kind]
    if missing.kind == "sent order":
        record = RecordStore(services).load(record_id(connection.name, "orders", missing.value))
        if record is None:
            return False
        return bool(record.links.get("number")) or record.status in (Status.DONE, Status.CLOSED)
    return False


def keep_alive(services: Services, connection: Connection, accounts: Accounts) -> None:
    """Uses ShipBob's account once a day, so that no refresh token dies of idleness (30 days)."""
    accounts.shipbob.channels()


def watch_webhooks(services: Services, connection: Connection, accounts: Accounts) -> None:
    """Puts subscriptions right that ShipBob has disabled; nothing else tells of it, and nothing is replayed."""
    watch_subscriptions(services, accounts.shipbob, connection.name, NAME)


PAIR: Pair[Accounts] = Pair(
    NAME,
    DynamicsGpShipBob,
    (orders.FLOW, shipments.FLOW, shipments.TRACKING, movements.FLOW, stock.FLOW, returns.FLOW),
    open_accounts,
    {"shipbob": shipbob_doorbells},
    available,
    {
        "keep_alive": Chore(timedelta(hours=12), keep_alive),
        "watch_webhooks": Chore(timedelta(hours=1), watch_webhooks),
    },
    deeds=DEEDS,
    tell=tell,
    surveys=SURVEYS,
)
