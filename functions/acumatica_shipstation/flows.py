"""The pair Acumatica - ShipStation: its flows, and which webhook rings for which of them.

orders     Acumatica sales orders  -> ShipStation orders, a hundred a call   orders.py, after_sending.py, updates.py
items      Acumatica stock items   -> ShipStation product records            items.py
shipments  labels                  -> Acumatica shipments                    shipments.py, posting.py, voids.py
voids, fulfillments: two more polls for flow shipments
labels     label files of V2       -> files at the shipment                  labels.py
states     what people do to them  -> notes, or a person                     states.py
notices    webhooks of ShipStation -> the records of the polls               notices.py
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from acumatica_shipstation import items, labels, notices, orders, shipments, states
from acumatica_shipstation.clients import Accounts, document_of, open_accounts
from acumatica_shipstation.mapping.parcels import carrier_row
from acumatica_shipstation.parcels import FREED, any_freed, known_parcel, known_parcels
from acumatica_shipstation.posting import NEW_LABEL
from acumatica_shipstation.sent import CANCELLATION, HOLD_OVER
from acumatica_shipstation.settings import AcumaticaShipStation
from acumatica_shipstation.surveys import SURVEYS
from acumatica_shipstation.words import DEEDS, tell
from connector.connection import Connection
from connector.outcome import Missing
from connector.pair import Chore, Doorbell, Pair, RawEvent
from connector.record import record_id
from connector.records import RecordStore, Seen
from connector.services import Services
from connector.wire import process_wire
from vendors.acumatica.pushes import column, order_and_item_bells
from vendors.shipstation.keys import keep_keys, read_keys
from vendors.shipstation.notices import Notice, parse_notice
from vendors.shipstation.open import keys_transport
from vendors.shipstation.subscriptions import restore

NAME = "acumatica_shipstation"


def acumatica_doorbells(connection: Connection, event: RawEvent) -> Sequence[Doorbell]:
    """Push notification: flat, blank-padded rows of a generic inquiry. Only keys are taken from them."""
    return order_and_item_bells(event.body, document_of(connection).settings.orders.order_types, column)


def shipstation_doorbells(connection: Connection, event: RawEvent) -> Sequence[Doorbell]:
    """A notification names a batch; its address is checked and never followed. One without is left to the polls.

    Raises ValueError for an address that must not be believed: the event is kept as unreadable.
    """
    system = document_of(connection).systems.shipstation
    notice = parse_notice(event.body, system.base_url)
    if notice.store_id not in (None, system.store_id):
        return ()
    key = _notice_key(notice, event)
    if key is None:
        return ()
    text = f"ShipStation reported {notice.resource_type}."
    return [Doorbell("notices", Seen(key, facts={"at": event.received_at}, text=text))]


def _notice_key(notice: Notice, event: RawEvent) -> str | None:
    if notice.batch:
        return f"{notice.resource}:{notice.batch}"
    if notice.resource == "fulfillments":  # they cannot be listed by batch anyway: the time says which are meant
        return f"{notice.resource}:{hashlib.sha256(event.event_id.encode()).hexdigest()[:16]}"
    return None


def available(services: Services, connection: Connection, missing: Missing) -> bool:
    """Whether something that a record waits for exists by now."""
    document = document_of(connection)
    if missing.kind == "carriers":
        return carrier_row(missing.value, document) is not None
    if missing.kind in ("warehouses", "services"):
        return missing.value in getattr(document.tables, missing.kind)
    if missing.kind == NEW_LABEL:
        order, _, key = missing.value.partition("|")
        known = known_parcel(services, connection.name, order, key)
        return known is not None and bool(known.replaced_by)
    if missing.kind == FREED:
        return any_freed(known_parcels(services, connection.name, missing.value))
    if missing.kind in (CANCELLATION, HOLD_OVER):
        return _over(services, connection, missing)
    key, _, seen = missing.value.rpartition("@")
    name = missing.value if missing.kind == "sent order" else key
    record = RecordStore(services).load(record_id(connection.name, "orders", name)) if name else None
    if missing.kind == "sent order":
        return record is not None and "lines" in record.links
    return missing.kind == "order change" and record is not None and record.revision > seen


def _over(services: Services, connection: Connection, missing: Missing) -> bool:
    """Whether what a record of flow states waits for has been passed on: a cancellation, a release."""
    order, _, order_id = missing.value.partition("|")
    record = RecordStore(services).load(record_id(connection.name, "orders", order))
    if record is None:
        return False
    if missing.kind == CANCELLATION:
        return str(record.links.get("cancelled")) == order_id
    return not record.links.get("holding")


def keep_alive(services: Services, connection: Connection, accounts: Accounts) -> None:
    """Uses both accounts twice a day, so that no refresh token dies of idleness and a replaced key is noticed."""
    accounts.acumatica.check_endpoint()
    accounts.acumatica.exists("Warehouse", next(iter(accounts.document.tables.warehouses), "MAIN"))
    for store in accounts.shipstation.stores():
        if store.is_acumatica and store.active:
            services.log.error("ShipStation's own Acumatica channel is active: orders arrive twice", store=store.name)
            services.log.metric("ForeignChannel", 1)


def watch_webhooks(services: Services, connection: Connection, accounts: Accounts) -> None:
    """Puts subscriptions right that are switched off or gone; nothing else tells of it, and nothing is replayed."""
    for created in restore(services, accounts.shipstation, connection.name, NAME):
        services.log.warning("a webhook subscription was created anew", topic=created.group)
        services.log.metric("WebhookRestored", 1)


def refresh_keys(services: Services, connection: Connection, accounts: Accounts) -> None:
    """Reads the keys that webhooks are signed with. The edge never fetches anything itself."""
    transport = keys_transport(services, connection.name, process_wire(services))
    if keep_keys(services, connection.name, read_keys(transport, accounts.document.systems.shipstation.keys_url)):
        services.log.info("the keys of webhooks were read anew")


PAIR: Pair[Accounts] = Pair(
    NAME,
    AcumaticaShipStation,
    (
        orders.FLOW,
        items.FLOW,
        shipments.FLOW,
        shipments.VOIDS,
        shipments.FULFILLMENTS,
        labels.FLOW,
        states.FLOW,
        notices.FLOW,
    ),
    open_accounts,
    {"acumatica": acumatica_doorbells, "shipstation": shipstation_doorbells},
    available,
    {
        "keep_alive": Chore(timedelta(hours=12), keep_alive),
        "watch_webhooks": Chore(timedelta(hours=6), watch_webhooks),
        "refresh_keys": Chore(timedelta(hours=1), refresh_keys),
    },
    deeds=DEEDS,
    tell=tell,
    surveys=SURVEYS,
)
