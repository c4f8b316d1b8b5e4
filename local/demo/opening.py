"""Connecting the two accounts, as an operator does it: the file, the credentials, the webhooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from local.demo.people import Operator
from local.demo.place import Carrier, Place, Vendors
from local.simulators.acumatica.simulator import AcumaticaSimulator
from local.simulators.shipbob.simulator import DEFAULT_PAT
from local.simulators.ups import DEFAULT_CLIENT

PUSH_HEADER = "X-MLC-Token"
PUSH_SECRET = "5f0c1e77b8a14d0f9a6e1d2c3b4a59687766554433221100ffeeddccbbaa9988"
PUSH_QUERIES = [
    {
        "name": "MLC Sales Orders",
        "entity": "SalesOrder",
        "columns": {"OrderType": "OrderType", "OrderNbr": "OrderNbr", "Status": "Status"},
    },
    {
        "name": "MLC Stock Items",
        "entity": "StockItem",
        "columns": {"InventoryID": "InventoryID", "ItemStatus": "ItemStatus", "ItemClass": "ItemClass"},
    },
]
"""The generic inquiries that Acumatica watches. Without the change stamp, else our own notes would ring the bell."""

SHIPMENT_QUERIES = [
    {"name": "MLC Shipments", "entity": "Shipment", "columns": {"ShipmentNbr": "ShipmentNbr", "Status": "Status"}},
]


def open_connection(operator: Operator, place: Place, both: Vendors, document: Mapping[str, Any]) -> None:
    """Stores the credentials, applies the file, subscribes to webhooks. Raises CommandFailed."""
    store_credentials(operator, str(document["connection"]), both)
    open_lines(operator, place, both.acumatica, document, PUSH_QUERIES)


def open_ups_connection(operator: Operator, place: Place, carrier: Carrier, document: Mapping[str, Any]) -> None:
    """The same for Acumatica and UPS; UPS hears of the address with each subscription. Raises CommandFailed."""
    store_ups_credentials(operator, str(document["connection"]), carrier)
    open_lines(operator, place, carrier.acumatica, document, SHIPMENT_QUERIES)


def open_lines(
    operator: Operator, place: Place, erp: AcumaticaSimulator, document: Mapping[str, Any],
    queries: Sequence[Mapping[str, Any]],
) -> None:
    """Applies the file, subscribes to webhooks, lets Acumatica push what the inquiries find. Raises CommandFailed."""
    name, pair = str(document["connection"]), str(document["pair"])
    operator.apply(document).result()
    operator.command(("webhooks", "register", name))
    push = {
        "url": f"{place.stack.api_url}/{pair}/{name}/acumatica",
        "header_name": PUSH_HEADER, "header_value": PUSH_SECRET, "queries": queries,
    }  # fmt: skip
    erp.command("configure_push", push)


def store_credentials(operator: Operator, name: str, both: Vendors) -> None:
    """The credentials of both simulated accounts, and the secret of Acumatica's push notifications."""
    store_accounts(operator, name, both.acumatica, shipbob={"token": DEFAULT_PAT})


def store_ups_credentials(operator: Operator, name: str, carrier: Carrier) -> None:
    """The same for Acumatica and UPS."""
    members = {"client_id": DEFAULT_CLIENT.id, "client_secret": DEFAULT_CLIENT.secret}
    store_accounts(operator, name, carrier.acumatica, ups=members)


def store_accounts(
    operator: Operator, name: str, erp: AcumaticaSimulator, **systems: Mapping[str, str]
) -> None:
    """The credentials of a simulated Acumatica, of its push notifications, and of the other systems by name."""
    credentials = {
        "client_id": erp.client_id, "client_secret": erp.client_secret,
        "username": erp.username, "password": erp.password,
    }  # fmt: skip
    stored = [
        operator.store_secret(name, "acumatica", credentials),
        *(operator.store_secret(name, system, members) for system, members in systems.items()),
        operator.store_secret(name, "acumatica_webhook", {"header_name": PUSH_HEADER, "secrets": [PUSH_SECRET]}),
    ]
    for future in stored:
        future.result()
