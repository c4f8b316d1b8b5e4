"""Chores of the pair: webhook subscriptions that ShipBob gave up, the certificate that NetSuite stops taking, purchase
orders that people deleted while ShipBob awaits them, and receiving orders that people cancelled at ShipBob."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from connector.alerting import alert_once
from connector.connection import Connection
from connector.credentials import Credentials
from connector.instants import instant_text
from connector.message import enqueue
from connector.record import Status, record_id
from connector.records import RecordStore
from connector.services import Services
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.places import awaited_orders
from netsuite_shipbob.receiving import WATCH, expected_ids
from vendors.netsuite.certificates import expires_at
from vendors.netsuite.open import SYSTEM
from vendors.shipbob.shapes import ReceivingOrder
from vendors.shipbob.shapes.receiving import AWAITING, CANCELLED
from vendors.shipbob.subscriptions import watch_subscriptions

NAME = "netsuite_shipbob"
REACH = timedelta(days=180)
"""How old a receiving order may be that is still awaited."""

ALERT_DAYS = (60, 30, 14, 3)
"""Days before the end at which a person is told; NetSuite itself mails two months, one month and 14 days before."""


def watch_webhooks(services: Services, connection: Connection, accounts: Accounts) -> None:
    """Puts subscriptions right that ShipBob has disabled; nothing else tells of it, and nothing is replayed."""
    watch_subscriptions(services, accounts.shipbob, connection.name, NAME)


def watch_expected(services: Services, connection: Connection, accounts: Accounts) -> None:
    """Looks for what no list of changes tells: a purchase order that was deleted while ShipBob awaits it, a receiving
    order that people cancelled at ShipBob. The purchase order's record is worked on again, and says what to do."""
    since = max(connection.document.start, services.clock() - REACH)
    pages = accounts.shipbob.receiving.list(statuses=(AWAITING, CANCELLED), created_since=since)
    orders = [order for page in pages for order in page if order.purchase_order_number]
    awaited = _purchase_orders(services, connection, [order for order in orders if order.status == AWAITING])
    deleted = awaited - accounts.netsuite.existing(sorted(awaited))
    _look_again(services, connection, deleted, "NetSuite does not show it any more, and ShipBob awaits it.")
    cancelled = [order for order in orders if order.status == CANCELLED]
    store, numbers = RecordStore(services), {order.receiving_id for order in cancelled}
    named = sorted(_purchase_orders(services, connection, cancelled) - deleted)
    records = store.load_many([record_id(connection.name, "purchase_orders", order_id) for order_id in named])
    stopped = {record.source_key for record in records.values() if not numbers.isdisjoint(expected_ids(record))}
    _look_again(services, connection, stopped, "What was expected for it is cancelled at ShipBob.")


def _purchase_orders(services: Services, connection: Connection, orders: Sequence[ReceivingOrder]) -> set[str]:
    return awaited_orders(services, document_of(connection), [str(each.purchase_order_number) for each in orders])


def _look_again(services: Services, connection: Connection, order_ids: Collection[str], text: str) -> None:
    store = RecordStore(services)
    for order_id in sorted(order_ids):
        record = store.load(record_id(connection.name, "purchase_orders", order_id))
        if record is not None and record.status is Status.DONE:
            enqueue(services, [store.touch(record, WATCH, f"watch-{order_id}", text)])


def watch_certificate(services: Services, connection: Connection, accounts: Accounts) -> None:
    """Measures how long the certificate is still good for, and tells a person in time. It lasts two years at most."""
    secret = Credentials(services, connection.name, SYSTEM).read("client_id")
    certificate = secret.get("certificate", "")
    if not certificate:
        return  # only its id is in the secret: NetSuite's own mails are the warning
    try:
        end = expires_at(certificate)
    except ValueError:
        services.log.error("the certificate in the secret cannot be read", connection=connection.name)
        return
    days = (end - services.clock()).total_seconds() / 86_400
    services.log.metric("CertificateDaysLeft", days)
    due = [limit for limit in ALERT_DAYS if days <= limit]
    if not due:
        return
    services.log.metric("CertificateExpiring", 1)
    name = connection.name
    alert_once(
        services,
        f"certificate/{name}/{instant_text(end)}/{min(due)}",
        f"{name}/netsuite: the certificate ends in {max(0, int(days))} days",
        f"NetSuite stops taking the certificate of connection {name} at {instant_text(end)}; nothing can be read or "
        f"written after that.\nMake a new one with `ml-connector netsuite certificate {name}`, upload it, and store it "
        "as the command says. The old one stays valid meanwhile.",
    )
