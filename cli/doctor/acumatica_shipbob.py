"""Checks of the pair Acumatica - ShipBob: everything that the file names exists on its side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from acumatica_shipbob.settings import AcumaticaShipBob
from cli.doctor import acumatica, shipbob
from cli.doctor.coverage import NAMED, SKUS, check_coverage
from cli.doctor.finding import Examination
from vendors.acumatica.calls import Ask
from vendors.acumatica.client import Acumatica
from vendors.acumatica.items import ACTIVE
from vendors.shipbob.client import ShipBob

SCOPES = frozenset(
    {
        "channels_read", "inventory_read", "locations_read", "orders_read", "orders_write", "products_read",
        "products_write", "tracking_read", "webhooks_read", "webhooks_write",
    }
)  # fmt: skip
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def examine(examined: Examination, *, quick: bool) -> None:
    """Both sides, then what joins them. `quick` leaves the catalogues out."""
    document, accounts = examined.connection.document, examined.accounts
    if not isinstance(document, AcumaticaShipBob):
        raise TypeError(f"connection {examined.name} is not one of acumatica_shipbob")
    site = acumatica.check_site(examined, accounts.acumatica)
    account = shipbob.check_account(examined, accounts.shipbob, SCOPES)
    if site:
        _check_erp(examined, document, accounts.acumatica)
    if account:
        _check_warehouse_side(examined, document, accounts.shipbob)
        shipbob.check_webhooks(examined, accounts.shipbob, document.pair)
    if document.settings.charges.enabled:
        _check_charges(examined, document, accounts, site=site, account=account)
    if site and account and not quick:
        _check_catalogue(examined, document, accounts.acumatica, accounts.shipbob)


# ---- the ERP --------------------------------------------------------------------------------------------------


def _check_erp(examined: Examination, document: AcumaticaShipBob, client: Acumatica) -> None:
    for warehouse, place in document.tables.warehouses.items():
        _check_warehouse(examined, client, warehouse, place.location_bin)
    _check_ship_vias(examined, document, client)
    shipments = document.settings.shipments
    acumatica.check_on_file(examined, client, "ShippingBox", [shipments.box], "CS207600", "settings.shipments.box")
    if shipments.order_field is not None:
        acumatica.check_custom_field(examined, client, "SalesOrder", f"Document.{shipments.order_field}")
    if document.settings.stock.mode == "report_only":
        examined.note("stock", "report_only: differences are shown and nothing is posted")
    else:
        code = document.settings.stock.reason_code
        text = f"reason code {code} cannot be read through the API"
        examined.note("stock", text, "look on form CS211000: it must exist with the usage Adjustment")


def _check_warehouse(examined: Examination, client: Acumatica, name: str, location_bin: str | None) -> None:
    check = f"warehouse {name}"
    found = examined.attempt(check, lambda: [client.get("Warehouse", (name,), Ask(("Locations",)))])
    if found is None:
        return
    row = found[0]
    if row is None:
        examined.bad(check, "does not exist in Acumatica", "correct the key in tables.warehouses (form IN204000)")
    elif row.flag("Active") is False:
        examined.bad(check, "is not active in Acumatica", "activate it on form IN204000")
    elif location_bin and location_bin not in {location.text("LocationID") for location in row.rows("Locations")}:
        examined.bad(check, f"has no location {location_bin}", "correct location_bin in tables.warehouses")
    else:
        examined.good(check, "exists in Acumatica")


def _check_ship_vias(examined: Examination, document: AcumaticaShipBob, client: Acumatica) -> None:
    """The codes exist, and those that are written are not bound to a carrier plug-in: it would buy a second label."""
    written = {carrier.ship_via for carrier in document.tables.carriers.values()}
    acumatica.check_ship_vias(
        examined, client, written | {code for code in document.tables.ship_methods if code}, written,
        document.settings.shipments.plug_in_ship_vias, absent="tables.carriers or tables.ship_methods",
        plugged="map the carrier to a Ship Via without plug-in in tables.carriers",
        setting="settings.shipments.plug_in_ship_vias",
    )


# ---- ShipBob --------------------------------------------------------------------------------------------------


def _check_warehouse_side(examined: Examination, document: AcumaticaShipBob, client: ShipBob) -> None:
    locations = examined.attempt("fulfilment centres", client.locations)
    by_id = {location.location_id: location for location in locations or ()}
    for warehouse, place in document.tables.warehouses.items() if locations is not None else ():
        check, location = f"fulfilment centre {place.location_id}", by_id.get(place.location_id)
        if location is None or not location.access_granted:
            examined.bad(
                check, f"is not one of this account (warehouse {warehouse})", "correct location_id in tables.warehouses"
            )
        else:
            examined.good(check, f"{location.name} is warehouse {warehouse}")
    methods = examined.attempt("shipping methods", client.shipping_methods)
    if methods is None:
        return
    active = {method.name for method in methods if method.is_active}
    for name in sorted(set(document.tables.ship_methods.values())):
        check = f"shipping method {name}"
        if name in active:
            examined.good(check, "exists and is active")
        else:
            fix = f"correct tables.ship_methods; the account has {', '.join(sorted(active)) or 'none'}"
            examined.bad(check, "does not exist at ShipBob or is not active: it would ship as Standard", fix)


# ---- money ----------------------------------------------------------------------------------------------------


def _check_charges(
    examined: Examination, document: AcumaticaShipBob, accounts: Any, *, site: bool, account: bool
) -> None:
    charges, fees = document.settings.charges, document.tables.fees
    if site:
        client: Acumatica = accounts.acumatica
        acumatica.check_vendor(examined, client, charges.vendor, charges.currency)
        named = [charges.rounding_account, charges.tax_account, *(fee.account for fee in fees.values())]
        keys = [key for key in named if key]
        acumatica.check_on_file(examined, client, "Account", keys, "GL202500", "tables.fees or settings.charges")
        parts = [charges.rounding_subaccount, *(fee.subaccount for fee in fees.values())]
        keys = [key for key in parts if key]
        acumatica.check_on_file(examined, client, "Subaccount", keys, "GL203000", "tables.fees or settings.charges")
    if not (account or document.systems.shipbob.billing_token) or not shipbob.check_billing(examined, accounts.billing):
        return
    known = examined.attempt("fee types", accounts.billing.transaction_fees)
    unmapped = sorted(set(known or ()) - set(fees))
    if unmapped:
        more = f" and {len(unmapped) - NAMED} more" if len(unmapped) > NAMED else ""
        examined.note(
            "fee types", f"{len(unmapped)} without account: {', '.join(unmapped[:NAMED])}{more}",
            "add those that you are charged to tables.fees; an invoice with another one is held",
        )
    elif known is not None:
        examined.good("fee types", "every fee type of ShipBob has an account")


# ---- the catalogues -------------------------------------------------------------------------------------------


def _check_catalogue(
    examined: Examination, document: AcumaticaShipBob, erp: Acumatica, warehouse: ShipBob
) -> None:
    """Which part of the active stock items ShipBob knows by SKU."""
    end = examined.services.clock() + timedelta(days=1)  # the site's clock may be ahead of ours
    listed = examined.attempt(SKUS, lambda: erp.list_changed("StockItem", BEGINNING, end, ("ItemStatus", "ItemClass")))
    known = examined.attempt(SKUS, lambda: {v.sku for p in warehouse.products() for v in p.variants if v.sku})
    if listed is None or known is None:
        return
    classes = document.settings.items.item_classes
    wanted = {
        changed.row.required_text("InventoryID")
        for changed in listed
        if changed.row.text("ItemStatus") in ACTIVE and (not classes or changed.row.text("ItemClass") in classes)
    }
    check_coverage(
        examined, wanted, known, "active stock items are at ShipBob",
        "the flow items creates what changes after `start`; save the others once in Acumatica, or add them at ShipBob",
    )
