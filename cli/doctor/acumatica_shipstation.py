"""Checks of the pair Acumatica - ShipStation: everything that the file names exists on its side."""

from __future__ import annotations

from acumatica_shipstation.settings import AcumaticaShipStation
from cli.doctor import acumatica, shipstation
from cli.doctor.finding import Examination
from connector.ports import pages
from vendors.acumatica.client import Acumatica

SKUS = "SKUs without a product record"
CUSTOMERS = "customers"


def examine(examined: Examination, *, quick: bool) -> None:
    """Both sides, then what joins them. `quick` leaves the comparison of the customers out."""
    document, accounts = examined.connection.document, examined.accounts
    if not isinstance(document, AcumaticaShipStation):
        raise TypeError(f"connection {examined.name} is not one of acumatica_shipstation")
    if acumatica.check_site(examined, accounts.acumatica):
        _check_erp(examined, document, accounts.acumatica)
    if shipstation.check_account(examined, accounts.shipstation):
        shipstation.check_webhooks(examined, accounts.shipstation, document.pair)
        if not quick:
            _check_customers(examined)
    if document.systems.shipstation.labels:
        shipstation.check_labels(examined, accounts.labels)
    _check_skus(examined)


def _check_erp(examined: Examination, document: AcumaticaShipStation, client: Acumatica) -> None:
    shipments = document.settings.shipments
    vias = {carrier.ship_via for carrier in document.tables.carriers.values()}
    acumatica.check_ship_vias(
        examined, client, vias, vias, shipments.plug_in_ship_vias, absent="tables.carriers",
        plugged="map the carrier to a Ship Via without plug-in in tables.carriers",
        setting="settings.shipments.plug_in_ship_vias",
    )
    acumatica.check_on_file(examined, client, "ShippingBox", [shipments.box], "CS207600", "settings.shipments.box")
    acumatica.check_warehouses(examined, client, document.tables.warehouses)
    if shipments.order_field is not None:
        acumatica.check_custom_field(examined, client, "SalesOrder", f"Document.{shipments.order_field}")


def _check_skus(examined: Examination) -> None:
    """What flow items found; no API creates product records."""
    tables, place = examined.services.tables, f"unknown-sku/{examined.name}"
    unknown = [str(item["sk"]) for item in pages(lambda start: tables.query("state", place, start=start))]
    if not unknown:
        examined.good(SKUS, "none that flow items has met")
        return
    shown = ", ".join(unknown[:20]) + (f" and {len(unknown) - 20} more" if len(unknown) > 20 else "")
    examined.note(
        SKUS, f"{len(unknown)}: {shown}. Orders carry their name, weight and code whole",
        "to have records, import a CSV with the column SKU in ShipStation (Products > Import)",
    )


def _check_customers(examined: Examination) -> None:
    """Customers of sent orders and ShipStation's profiles. They are read-only: ShipStation makes them of orders."""
    client = examined.accounts.shipstation
    found = examined.attempt(CUSTOMERS, lambda: list(client.customers()))
    if found is not None:
        known = {name for customer in found for name in customer.usernames}
        text = f"ShipStation has {len(found)} profiles under {len(known)} user names; no API makes one"
        examined.note(CUSTOMERS, text)
