"""Checks of the pair NetSuite - ShipBob: everything that the file names exists on its side."""

from __future__ import annotations

from cli.doctor import netsuite, shipbob
from cli.doctor.coverage import NAMED, SKUS, check_coverage
from cli.doctor.finding import Examination
from netsuite_shipbob.items import usable
from netsuite_shipbob.neighbours import sharing
from netsuite_shipbob.settings import NetSuiteShipBob
from vendors.netsuite.client import NetSuite
from vendors.shipbob.client import ShipBob

SCOPES = frozenset(
    {
        "channels_read", "inventory_read", "locations_read", "orders_read", "products_read", "receiving_read",
        "receiving_write", "returns_read", "tracking_read", "webhooks_read", "webhooks_write",
    }
)  # fmt: skip


def examine(examined: Examination, *, quick: bool) -> None:
    """Both sides, then what joins them. `quick` leaves the comparison of the SKUs out."""
    document, accounts = examined.connection.document, examined.accounts
    if not isinstance(document, NetSuiteShipBob):
        raise TypeError(f"connection {examined.name} is not one of netsuite_shipbob")
    locations = netsuite.check_account(examined, accounts.netsuite)
    scopes = SCOPES | ({"orders_write"} if document.settings.orders.enabled else set())
    account = shipbob.check_account(examined, accounts.shipbob, scopes)
    if locations is not None:
        _check_locations(examined, document, locations)
        _check_numbers(examined, document, accounts.netsuite)
    if account:
        _check_centres(examined, document, accounts.shipbob)
        shipbob.check_webhooks(examined, accounts.shipbob, document.pair)
        if locations is not None and not quick:
            _check_catalogue(examined, accounts.netsuite, accounts.shipbob)
    billing = document.settings.charges.enabled and (account or document.systems.shipbob.billing_token)
    if billing and shipbob.check_billing(examined, accounts.billing):
        _check_fees(examined, document, accounts.billing)
    _say_who_shares(examined, document)
    _say_what_is_off(examined, document)


def _check_catalogue(examined: Examination, erp: NetSuite, warehouse: ShipBob) -> None:
    """Returns and shipments with a SKU that NetSuite does not stock wait for it."""
    skus = examined.attempt(
        SKUS, lambda: {v.sku for p in warehouse.products() for v in p.variants if v.sku and not v.is_bundle}
    )
    found = examined.attempt(SKUS, lambda: usable(erp.items_by_sku(sorted(skus)))) if skus is not None else None
    if skus is not None and found is not None:
        fix = "create the items in NetSuite, or give both the same name; what holds another one is held until then"
        check_coverage(examined, skus, found, "SKUs of ShipBob are stocked items in NetSuite", fix)


def _check_locations(examined: Examination, document: NetSuiteShipBob, locations: dict[str, str]) -> None:
    quarantine = document.settings.returns.quarantine_location
    named = {**dict.fromkeys(document.tables.locations, "tables.locations")}
    named |= {quarantine: "settings.returns.quarantine_location"} if quarantine else {}
    for identifier, key in named.items():
        check = f"location {identifier}"
        if identifier in locations:
            examined.good(check, f"is {locations[identifier]}")
        else:
            examined.bad(check, "does not exist, is inactive, or the role may not see it", f"correct {key}")


def _check_numbers(examined: Examination, document: NetSuiteShipBob, client: NetSuite) -> None:
    rules = document.settings
    if rules.charges.enabled:
        netsuite.check_listed(examined, client, "vendor", [rules.charges.vendor], "settings.charges.vendor")
    accounts = [rules.charges.rounding_account, rules.charges.tax_account, rules.adjustments.account]
    accounts += [fee.account for fee in document.tables.fees.values()]
    keys = "tables.fees, settings.charges or settings.adjustments"
    netsuite.check_listed(examined, client, "account", [each for each in accounts if each], keys)
    subsidiaries = [each for each in (rules.charges.subsidiary, rules.adjustments.subsidiary) if each]
    keys = "settings.charges.subsidiary or settings.adjustments.subsidiary"
    netsuite.check_listed(examined, client, "subsidiary", subsidiaries, keys)
    if rules.shipments.ship_method:
        key = "settings.shipments.ship_method"
        netsuite.check_listed(examined, client, "shipitem", [rules.shipments.ship_method], key)


def _check_centres(examined: Examination, document: NetSuiteShipBob, client: ShipBob) -> None:
    listed = examined.attempt("fulfilment centres", client.locations)
    by_id = {location.location_id: location for location in listed or ()}
    for name, place in document.tables.locations.items() if listed is not None else ():
        check, found = f"fulfilment centre {place.location_id}", by_id.get(place.location_id)
        if found is None or not found.access_granted:
            examined.bad(check, f"is not one of this account (location {name})", "correct tables.locations")
        else:
            examined.good(check, f"{found.name} is location {name}")


def _check_fees(examined: Examination, document: NetSuiteShipBob, client: ShipBob) -> None:
    known = examined.attempt("fee types", client.transaction_fees)
    unmapped = sorted(set(known or ()) - set(document.tables.fees))
    if unmapped:
        more = f" and {len(unmapped) - NAMED} more" if len(unmapped) > NAMED else ""
        examined.note(
            "fee types", f"{len(unmapped)} without account: {', '.join(unmapped[:NAMED])}{more}",
            "add those that you are charged to tables.fees; an invoice with another one is held",
        )
    elif known is not None:
        examined.good("fee types", "every fee type of ShipBob has an account")


def _say_who_shares(examined: Examination, document: NetSuiteShipBob) -> None:
    """Connections of one ShipBob account share its call limit only where they name the account."""
    for other in sharing(examined.services, document):
        if not document.systems.shipbob.account or not other.systems.shipbob.account:
            examined.warn(
                f"connection {other.connection}", "uses the same NetSuite account and maybe the same ShipBob account",
                "name the ShipBob account in systems.shipbob.account of both files: the same one where they share it, "
                "so that they share its call limit too, else two",
            )


def _say_what_is_off(examined: Examination, document: NetSuiteShipBob) -> None:
    rules = document.settings
    if rules.counts.mode == "off":
        examined.note("counts", "off: what ShipBob counts differently is shown by `ml-connector reconcile` alone")
    if not rules.orders.enabled:
        examined.note("orders", "off: sales orders reach ShipBob another way")
