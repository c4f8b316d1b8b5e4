"""Checks of the pair Dynamics GP - ShipBob: everything that the file names exists on its side."""

from __future__ import annotations

from cli.doctor import dynamics_gp, shipbob
from cli.doctor.coverage import NAMED, SKUS, check_coverage
from cli.doctor.finding import Examination
from dynamicsgp_shipbob.clients import Accounts
from dynamicsgp_shipbob.settings import DynamicsGpShipBob
from vendors.dynamics_gp.client import DynamicsGp
from vendors.dynamics_gp.open import SBA_REFUSES
from vendors.dynamics_gp.sba import open_sba
from vendors.dynamics_gp.settings import Kind
from vendors.shipbob.client import ShipBob

SCOPES = frozenset(
    {
        "channels_read", "inventory_read", "locations_read", "orders_read", "products_read", "receiving_read",
        "returns_read", "webhooks_read", "webhooks_write",
    }
)  # fmt: skip


def examine(examined: Examination, *, quick: bool) -> None:
    """Both sides, then what joins them. `quick` leaves items and customers out."""
    document, accounts = examined.connection.document, examined.accounts
    if not isinstance(document, DynamicsGpShipBob) or not isinstance(accounts, Accounts):
        raise TypeError(f"connection {examined.name} is not one of dynamicsgp_shipbob")
    _check_sba(examined, document)
    if document.systems.dynamics_gp.kind is Kind.SBA:
        examined.bad("Dynamics GP address", SBA_REFUSES, "apply the file with it and run the doctor again")
    elif dynamics_gp.check_server(examined, accounts.dynamics_gp):
        _check_company(examined, document, accounts.dynamics_gp, quick=quick)
    if shipbob.check_account(examined, accounts.shipbob, SCOPES):
        _check_warehouse(examined, document, accounts.shipbob)
        if not quick:
            _check_catalogue(examined, document, accounts.shipbob)
        shipbob.check_webhooks(examined, accounts.shipbob, document.pair)


def _check_sba(examined: Examination, document: DynamicsGpShipBob) -> None:
    sba = open_sba(examined.services, examined.name, document.systems.dynamics_gp, lane="live", holder="doctor")
    if sba is None:
        return
    found = examined.attempt("SBA", sba.help)
    if found is not None:
        examined.note("SBA", "answers; no flow of this pair uses it, because it offers no sales documents")


def _check_company(examined: Examination, document: DynamicsGpShipBob, client: DynamicsGp, *, quick: bool) -> None:
    tables, orders = document.tables, document.settings.orders
    sites = [*tables.sites.values(), *([orders.default_site] if orders.default_site else [])]
    there = examined.attempt("GP sites", client.sites, {})
    if there is not None:
        dynamics_gp.check_listed(examined, "GP sites", sites, there, "tables.sites")
    methods = [*tables.methods.values(), *tables.carriers.values()]
    known = examined.attempt("GP shipping methods", client.shipping_methods, {})
    if known is not None:
        dynamics_gp.check_listed(examined, "GP shipping methods", methods, known, "tables.methods or carriers")
    dynamics_gp.check_rights(examined, client)
    dynamics_gp.check_prices(examined, client, "CreateSalesOrder", sent=orders.prices == "shipbob")
    if document.settings.returns.document == "sales_return":
        dynamics_gp.check_prices(examined, client, "CreateSalesReturn", sent=True)
    if orders.default_site is None:
        examined.note("default site", "empty: an order waits until ShipBob has chosen a fulfilment centre")
    if not quick:
        _check_masters(examined, document, client)


def _check_masters(examined: Examination, document: DynamicsGpShipBob, client: DynamicsGp) -> None:
    customers = sorted({channel.customer for channel in document.tables.channels.values()})
    lost = []
    for name in customers:
        found = examined.attempt(f"GP customer {name}", lambda name=name: [client.has_customer(name)])  # type: ignore[misc]
        if found == [False]:
            lost.append(name)
    if lost:
        examined.bad("GP customers", f"GP has no {', '.join(lost)}", "create them in GP, or correct tables.channels")
    else:
        examined.good("GP customers", f"all {len(customers)} exist in GP")
    _check_items(examined, document, client)


def _check_items(examined: Examination, document: DynamicsGpShipBob, client: DynamicsGp) -> None:
    lost = []
    items = sorted({row.item for row in document.tables.items.values()})
    for item in items:
        found = examined.attempt(f"GP item {item}", lambda item=item: [client.item(item)])  # type: ignore[misc]
        if found == [None]:
            lost.append(item)
    if lost:
        shown = ", ".join(lost[:NAMED]) + (f" and {len(lost) - NAMED} more" if len(lost) > NAMED else "")
        examined.bad("GP items", f"GP has no inventoried item {shown}", "create them in GP, or correct tables.items")
    else:
        examined.good("GP items", f"all {len(items)} exist in GP")


def _check_catalogue(examined: Examination, document: DynamicsGpShipBob, client: ShipBob) -> None:
    """An order with a SKU that no row names waits for it."""
    skus = examined.attempt(SKUS, lambda: {v.sku for p in client.products() for v in p.variants if v.sku})
    if skus is not None:
        fix = "add those that are sold for GP to tables.items; an order with another one is held until then"
        check_coverage(examined, skus, document.tables.items, "SKUs of ShipBob are mapped to GP items", fix)


def _check_warehouse(examined: Examination, document: DynamicsGpShipBob, client: ShipBob) -> None:
    locations = examined.attempt("ShipBob fulfilment centres", client.locations)
    if locations is not None:
        known = {str(location.location_id) for location in locations}
        lost = sorted(name for name in document.tables.sites if name not in known)
        if lost:
            examined.bad(
                "ShipBob fulfilment centres", f"ShipBob has no centre {', '.join(lost)}", "correct tables.sites"
            )
        else:
            examined.good("ShipBob fulfilment centres", f"all {len(document.tables.sites)} exist at ShipBob")
    channels = examined.attempt("ShipBob channels", client.channels)
    if channels is not None:
        mapped = {name.partition("|")[0] for name in document.tables.channels}
        ignored = {str(name) for name in document.settings.orders.ignore_channels}
        left = sorted(str(one.channel_id) for one in channels if str(one.channel_id) not in mapped | ignored)
        if left:
            examined.warn(
                "ShipBob channels", f"{', '.join(left)} belong to nobody: their orders will be held",
                "add them to tables.channels, or to settings.orders.ignore_channels",
            )
        else:
            examined.good("ShipBob channels", f"all {len(channels)} are mapped or ignored")
    skus = list(document.tables.items)
    found = examined.attempt("ShipBob products", lambda: client.by_skus(skus)) if skus else None
    if found is not None:
        absent = sorted(sku for sku, variants in found.items() if not variants)
        if absent:
            examined.warn(
                "ShipBob products", f"ShipBob has no product with the SKU {', '.join(absent[:NAMED])}",
                "correct tables.items; their stock cannot be compared",
            )
        else:
            examined.good("ShipBob products", f"all {len(skus)} SKUs exist at ShipBob")
