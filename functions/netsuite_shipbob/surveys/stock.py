"""On-hand at ShipBob against NetSuite's books."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from connector.pair import Survey
from connector.reconcile import Entry, Sides
from connector.record import Status
from connector.sweep import by_status
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.surveys.sides import ERP, WAREHOUSE
from vendors.netsuite.books import stock_at

UNSETTLED = (Status.QUEUED, Status.WAITING, Status.HELD, Status.REFUSED, Status.UNKNOWN)
MOVING = frozenset({"receipts", "shipments", "returns", "counts"})
ON_THE_TABLE = frozenset({"picked", "packed", "labeled"})
FLIGHT = timedelta(days=14)
"""How long a parcel may lie between the shelf and the carrier."""

Units = dict[str, str]


def stock(survey: Survey[Accounts]) -> Sides:
    """On-hand by location and SKU as both sides show it now."""
    document = document_of(survey.connection)
    moving = _moving(survey)
    flying: dict[str, dict[str, int]] = survey.once("parcels on the table", partial(_flying, survey))
    left, right = [], []
    for location, centre in sorted(document.tables.locations.items()):
        shelf: dict[str, int] = survey.once(f"shelf {location}", partial(_shelf, survey, centre.location_id))
        books: Units = survey.once(f"books {location}", partial(_books, survey, location))
        above = flying.get(str(centre.location_id), {})
        for sku in sorted({*shelf, *books}):
            held = Decimal(books.get(sku, "0"))
            # Picked units have left the shelf and are fulfilled in NetSuite when the parcel leaves.
            there = Decimal(shelf.get(sku, 0) + above.get(sku, 0))
            if not there and not held:
                continue
            record, because = moving.get(sku, ("", "")) if there != held else ("", "")
            key, name = f"{location}/{sku}", f"{sku} at location {location}"
            if there != held and not record:
                # A missing receipt shows here too: adjusted as well as entered, its units would be counted twice.
                name += " (what the other lists name is settled first; then, where ShipBob counts right, what stays "
                name += f"is adjusted in NetSuite: {there - held:+f} by now)"
            left.append(Entry(key, {"on hand": f"{there.normalize():f}"}, name, record, because))
            right.append(Entry(key, {"on hand": f"{held.normalize():f}"}, name, record))
    return Sides(
        "stock", (WAREHOUSE, ERP), left, right,
        "ShipBob's on-hand with the units that lie picked on the table. Both sides change while they are read. A "
        "difference that stays: count differences are booked where counts.mode is adjust, else by hand.",
    )  # fmt: skip


def _shelf(survey: Survey[Accounts], centre_id: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for level in survey.clients.shipbob.levels(location_id=centre_id).rows:
        if level.location_id == centre_id and level.sku:
            found[level.sku] = found.get(level.sku, 0) + level.on_hand
    return found


def _books(survey: Survey[Accounts], location: str) -> Units:
    return {sku: str(units) for sku, units in stock_at(survey.clients.netsuite, location).items()}


def _flying(survey: Survey[Accounts]) -> dict[str, dict[str, int]]:
    """Units by centre and SKU that were picked and have not left."""
    found: dict[str, dict[str, int]] = {}
    for orders in survey.clients.shipbob.orders_updated(survey.now - FLIGHT):
        for shipment in (each for order in orders for each in order.shipments):
            names = {detail.name.casefold() for detail in shipment.details}
            if not shipment.is_shipped() and names & ON_THE_TABLE:
                here = found.setdefault(str(shipment.location_id), {})
                for sku, units in shipment.quantities_by_sku().items():
                    here[sku] = here.get(sku, 0) + units
    return found


def _moving(survey: Survey[Accounts]) -> dict[str, tuple[str, str]]:
    """SKUs whose goods are in a record that is not settled: the record, and why."""
    found: dict[str, tuple[str, str]] = {}
    for status in UNSETTLED:
        for record in by_status(survey.services, survey.connection.name, status):
            if record.stream in MOVING and record.body is not None:
                because = f"{record.stream} {record.source_key} is {record.status.value}: {record.why or 'in work'}"
                found.update(dict.fromkeys(_skus_in(record.body), (record.id, because)))
    return found


def _skus_in(value: Any) -> set[str]:
    if isinstance(value, Mapping):
        own = {str(value["sku"])} if isinstance(value.get("sku"), str) else set()
        return own.union(*(_skus_in(each) for each in value.values()))
    if isinstance(value, list | tuple):
        return set().union(*(_skus_in(each) for each in value))
    return set()
