"""On hand at ShipBob against Acumatica's books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from acumatica_shipbob.books import not_posted, shipped_not_confirmed
from acumatica_shipbob.clients import Accounts, all_items, document_of
from acumatica_shipbob.counts import read_counts
from acumatica_shipbob.flight import in_flight
from acumatica_shipbob.items import CREATE
from acumatica_shipbob.mapping.stock import differences
from acumatica_shipbob.surveys.sides import ERP, WAREHOUSE
from connector.cursor import read_cursors
from connector.instants import instant_text
from connector.intent import intent_from_item, intent_key
from connector.pair import Survey
from connector.reconcile import Entry, Sides
from vendors.acumatica.selling import plain


def stock(survey: Survey[Accounts]) -> Sides:
    """On hand for each warehouse and SKU as both sides show it now; Acumatica's without what posts itself later."""
    document = document_of(survey.connection)
    items = all_items(survey.services, survey.connection.name)
    names = sorted(document.tables.warehouses)
    books = {name: survey.once(f"books {name}", partial(_books, survey, name)) for name in names}
    counts = survey.once("counts", lambda: read_counts(survey.clients, {}))
    records = survey.others("stock", names)
    left, right = [], []
    for name in names:
        here = counts[str(document.tables.warehouses[name].location_id)]
        shelf = {
            sku: Decimal(here.get(str(item.inventory_id), 0))
            for sku, item in items.items()
            if item.inventory_id is not None and sku in books[name]
        }
        flying = survey.once(f"in flight {name}", partial(_flying, survey, name, shelf, books[name]))
        record = survey.record_id("stock", name)
        pending = (records[name].links.get("pending") or {}) if name in records else {}
        expecting = {
            sku: Decimal(books[name][sku]) - Decimal(flying["units"].get(sku, "0"))
            for sku in shelf
            if sku not in flying["unknown"]
        }
        fresh = _made_since(survey, [sku for sku, expected in expecting.items() if expected != shelf[sku]])
        for sku, expected in expecting.items():
            units = shelf[sku]
            because = "the stock flow looks at it a second time before it is posted" if sku in pending else ""
            if sku in fresh:
                because = "ShipBob has the item since a moment ago, and the stock flow has not looked since"
            key, told = f"{name}/{sku}", f"{sku} in {name}"
            left.append(Entry(key, {"on hand": plain(units)}, told, record, because))
            right.append(Entry(key, {"on hand": plain(expected)}, told, record))
    limits = (
        "Acumatica's figure is its on-hand without shipments whose stock is not posted yet and parcels that are not "
        "entered yet. Only items that its storage list shows are compared. Both change while they are read."
    )
    return Sides("stock", (WAREHOUSE, ERP), left, right, limits)


def _made_since(survey: Survey[Accounts], skus: Sequence[str]) -> set[str]:
    """Those that were made at ShipBob after the stock flow's last look: it could not compare them yet.

    Only for a day: a flow that does not look for so long is no explanation.
    """
    tables, name = survey.services.tables, survey.connection.name
    looked = read_cursors(tables, name, ["stock"])["stock"].succeeded_at
    since = max(looked, instant_text(survey.services.clock() - timedelta(days=1)))
    keys = {(survey.record_id("items", sku), intent_key(CREATE, sku)): sku for sku in skus}
    found = tables.get_many("records", list(keys))
    return {keys[key] for key, item in found.items() if intent_from_item(item).sent_at > since}


def _books(survey: Survey[Accounts], warehouse: str) -> dict[str, str]:
    rows = survey.clients.acumatica.storage_details(warehouse)
    return {row.inventory_id: str(row.on_hand) for row in rows}


def _flying(
    survey: Survey[Accounts], warehouse: str, shelf: Mapping[str, Decimal], books: Mapping[str, str]
) -> dict[str, Any]:
    """Units by SKU that explain themselves, and SKUs whose units in flight nobody can tell; like the stock flow."""
    items = all_items(survey.services, survey.connection.name)
    underway = not_posted(survey, warehouse, items)
    shipped: Mapping[str, Decimal] = shipped_not_confirmed(survey, warehouse)
    unknown = set(underway.unknown)
    on_hand = {sku: Decimal(units) for sku, units in books.items()}
    differing = differences(shelf, on_hand, underway.units, shipped, 0)
    if differing:
        flight = in_flight(survey, warehouse, set(differing), underway.stamps)
        shipped = {**shipped, **dict.fromkeys(differing, Decimal(0)), **flight.units}
        unknown |= flight.unknown
    units = {
        sku: str(underway.units.get(sku, Decimal(0)) + shipped.get(sku, Decimal(0)))
        for sku in {*underway.units, *shipped}
    }
    return {"units": units, "unknown": sorted(unknown)}
