"""What both sides hold of a window, listed for the reconciliation: receipts, on-hand, shipments, returns, charges.

Month-end: `ml-connector reconcile` compares these lists and names each difference with what repairs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from connector.outcome import Held
from connector.pair import Survey
from connector.reconcile import Entry, Sides
from connector.record import Status
from connector.sweep import by_status
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.mapping.charges import external_id
from netsuite_shipbob.mapping.returns import came_back
from netsuite_shipbob.mapping.shipments import order_name
from vendors.netsuite.books import stock_at, totals_of_ours, tracking_of_ours, units_of_ours
from vendors.netsuite.rows import Row
from vendors.netsuite.shapes import ADJUSTMENT, BILL, CREDIT, FULFILMENT, RECEIPT
from vendors.netsuite.times import company_day
from vendors.shipbob.receiving import OPEN_STATUSES
from vendors.shipbob.shapes.receiving import COMPLETED

WAREHOUSE, ERP = "ShipBob", "NetSuite"
REACH = timedelta(days=180)
UNSETTLED = (Status.QUEUED, Status.WAITING, Status.HELD, Status.REFUSED, Status.UNKNOWN)
MOVING = frozenset({"receipts", "shipments", "returns", "counts"})
ON_THE_TABLE = frozenset({"picked", "packed", "labeled"})
FLIGHT = timedelta(days=14)
"""How long a parcel may lie between the shelf and the carrier."""

Units = dict[str, str]


def _day(survey: Survey[Accounts], moment: datetime) -> date:
    return company_day(moment, document_of(survey.connection).systems.netsuite.zone)


def _units_text(units: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{sku} {count.normalize():f}" for sku, count in sorted(units.items()) if count)


def _ours(survey: Survey[Accounts], prefix: str, kinds: Iterable[str], first: date) -> dict[str, Any]:
    """Units by SKU of our transactions: external id -> [number, {sku: units}]."""
    found: dict[str, Any] = {}
    for kind in kinds:
        for row in units_of_ours(survey.clients.netsuite, prefix, kind, first.isoformat()):
            entry = found.setdefault(row.needed("external_id").upper(), [row.text("number"), {}])
            sku = row.needed("sku")
            entry[1][sku] = str(Decimal(entry[1].get(sku, "0")) + row.quantity("quantity"))
    return found


def _by_source(ours: Mapping[str, Any]) -> dict[str, tuple[list[str], dict[str, Decimal]]]:
    """The same by the number behind the prefix: SB-IR-WRO-901001-2 belongs to 901001."""
    found: dict[str, tuple[list[str], dict[str, Decimal]]] = {}
    for external, (number, units) in ours.items():
        source = external.split("-")[3]
        numbers, total = found.setdefault(source, ([], {}))
        numbers.append(str(number or external))
        for sku, count in units.items():
            total[sku] = total.get(sku, Decimal(0)) + Decimal(count)
    return found


# ---- receipts ------------------------------------------------------------------------------------------------------


def receipts(survey: Survey[Accounts]) -> Sides:
    """What ShipBob has stowed of each receiving order against what NetSuite has received of it, by SKU."""
    listed: list[dict[str, Any]] = survey.once("receiving orders", partial(_receiving, survey))
    days = [date.fromisoformat(str(row["day"])) for row in listed]
    first = min([*days, _day(survey, survey.window.since)])
    ours: dict[str, Any] = survey.once(
        "our receipts",
        lambda: _ours(survey, "SB-IR-WRO-", [RECEIPT], first) | _ours(survey, "SB-IA-WRO-", [ADJUSTMENT], first),
    )
    left = [
        Entry(
            str(row["id"]),
            {"units": _units_text({sku: Decimal(units) for sku, units in row["units"].items()})},
            f"receiving order {row['id']} ({row['number'] or 'no number'})",
            survey.record_id("receipts", str(row["id"])),
        )
        for row in listed
    ]
    known = {entry.key for entry in left}
    right = [
        Entry(
            source,
            {"units": _units_text(units)},
            f"NetSuite {', '.join(numbers)}",
            survey.record_id("receipts", source),
        )
        for source, (numbers, units) in _by_source(ours).items()
        if source in known
    ]
    return Sides(
        "receipts", (WAREHOUSE, ERP), left, right,
        "Receiving orders that are open, or were completed in the window; receipts made by people do not count.",
    )  # fmt: skip


def _receiving(survey: Survey[Accounts]) -> list[dict[str, Any]]:
    receiving, start = survey.clients.shipbob.receiving, survey.connection.document.start
    since = max(start, survey.window.since - REACH)
    rows: dict[int, dict[str, Any]] = {}
    for pages in (
        receiving.list(statuses=OPEN_STATUSES, created_since=since),
        receiving.list(statuses=(COMPLETED,), completed_since=survey.window.since),
    ):
        for wro in (order for page in pages for order in page):
            stowed = {row.sku or f"inventory {row.inventory_id}": row.stowed for row in wro.quantities if row.stowed}
            if stowed and (wro.created_at is None or wro.created_at >= start):
                day = _day(survey, wro.created_at or survey.window.since).isoformat()
                rows[wro.receiving_id] = {
                    "id": wro.receiving_id, "number": wro.purchase_order_number, "day": day, "units": stowed,
                }  # fmt: skip
    return list(rows.values())


# ---- on-hand -------------------------------------------------------------------------------------------------------


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


# ---- shipments -----------------------------------------------------------------------------------------------------


def shipments(survey: Survey[Accounts]) -> Sides:
    """ShipBob shipments that left against NetSuite's fulfilments of ours: there at all, tracking numbers."""
    document = document_of(survey.connection)
    if document.settings.shipments.mode == "so_custom_fields":
        return Sides("shipments", (WAREHOUSE, ERP), (), (), "Nothing is fulfilled in the mode so_custom_fields.")
    left_rows: list[dict[str, Any]] = survey.once("shipments that left", partial(_left, survey))
    first = _day(survey, survey.window.since) - timedelta(days=7)
    rows: dict[str, list[str]] = survey.once("our fulfilments", lambda: _tracked(survey, first))
    left = [
        Entry(
            str(row["id"]), {"tracking": str(row["tracking"])}, f"ShipBob shipment {row['id']} of {row['name']}",
            survey.record_id("shipments", str(row["order_id"])),
        )
        for row in left_rows
    ]  # fmt: skip
    record_of = {str(row["id"]): str(row["order_id"]) for row in left_rows}
    right = [
        Entry(key, {"tracking": ", ".join(sorted(numbers))}, f"fulfilment SB-IF-{key}",
              survey.record_id("shipments", record_of[key]))
        for key, numbers in rows.items()
        if key in record_of
    ]  # fmt: skip
    return Sides(
        "shipments", (WAREHOUSE, ERP), left, right,
        "What ShipBob shipped in the window is the list; fulfilments made by people do not count.",
    )  # fmt: skip


def _left(survey: Survey[Accounts]) -> list[dict[str, Any]]:
    document, rows = document_of(survey.connection), []
    rules = document.settings.shipments
    for orders in survey.clients.shipbob.orders_updated(survey.window.since):
        for order in orders:
            name = order_name(order.reference_id, order.order_number, document)
            if name is None or (rules.channels and order.channel_id not in rules.channels):
                continue
            for shipment in order.shipments:
                changed = shipment.last_update_at or shipment.labeled_at
                late = changed is not None and changed > survey.window.until
                if shipment.status in rules.ship_on and shipment.tracking_number and not late:
                    rows.append({
                        "id": shipment.shipment_id, "order_id": order.order_id, "name": name,
                        "tracking": shipment.tracking_number,
                    })  # fmt: skip
    return rows


def _tracked(survey: Survey[Accounts], first: date) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    rows: Iterable[Row] = tracking_of_ours(survey.clients.netsuite, "SB-IF-", FULFILMENT, first.isoformat())
    for row in rows:
        found.setdefault(row.needed("external_id").split("-")[2], set()).add(row.needed("tracking_number"))
    return {key: sorted(numbers) for key, numbers in found.items()}


# ---- returns -------------------------------------------------------------------------------------------------------


def returns(survey: Survey[Accounts]) -> Sides:
    """What ShipBob restocked of returns against what NetSuite received or adjusted for them, by SKU."""
    document = document_of(survey.connection)
    if document.settings.returns.mode == "off":
        return Sides("returns", (WAREHOUSE, ERP), (), (), "Returns are switched off for this connection.")
    listed: list[dict[str, Any]] = survey.once("returns", partial(_returned, survey))
    first = _day(survey, survey.window.since) - timedelta(days=1)
    ours: dict[str, Any] = survey.once(
        "our return receipts",
        lambda: _ours(survey, "SB-IR-RET-", [RECEIPT], first) | _ours(survey, "SB-IA-RET-", [ADJUSTMENT], first),
    )
    left = [
        Entry(str(row["id"]), {"units": str(row["units"])}, f"return {row['id']}",
              survey.record_id("returns", str(row["id"])))
        for row in listed
    ]  # fmt: skip
    known = {entry.key for entry in left}
    right = [
        Entry(source, {"units": _units_text(units)}, f"NetSuite {', '.join(numbers)}",
              survey.record_id("returns", source))
        for source, (numbers, units) in _by_source(ours).items()
        if source in known
    ]  # fmt: skip
    limits = "Completed returns; what was disposed of comes back nowhere."
    return Sides("returns", (WAREHOUSE, ERP), left, right, limits)


def _returned(survey: Survey[Accounts]) -> list[dict[str, Any]]:
    rows = []
    quarantine = document_of(survey.connection).settings.returns.quarantine_location
    since = max(survey.window.since, survey.connection.document.start)
    for found in (each for page in survey.clients.shipbob.returns.list(completed_since=since) for each in page):
        came = came_back(found, survey.clients.shipbob.inventory_sku)
        late = found.completed_at is not None and found.completed_at > survey.window.until
        if late or isinstance(came, Held):
            continue
        units = {sku: Decimal(count) for sku, count in came.restocked.items()}
        for sku, count in came.quarantined.items() if quarantine else ():
            units[sku] = units.get(sku, Decimal(0)) + count
        if units:
            rows.append({"id": found.return_id, "units": _units_text(units)})
    return rows


# ---- charges -------------------------------------------------------------------------------------------------------


def charges(survey: Survey[Accounts]) -> Sides:
    """ShipBob's invoices against the vendor bills and credits: there at all, amount."""
    if not document_of(survey.connection).settings.charges.enabled:
        return Sides("charges", (WAREHOUSE, ERP), (), (), "Invoices are switched off for this connection.")
    first, last = _day(survey, survey.window.since), _day(survey, survey.window.until)
    listed: list[list[str]] = survey.once("invoices", partial(_invoices, survey, first, last))
    bills: list[list[str]] = survey.once("bills", partial(_bills, survey, first))
    left = [
        Entry(key, {"amount": amount}, f"ShipBob invoice {number}", survey.record_id("charges", number))
        for key, number, amount in listed
    ]
    known = {entry.key for entry in left}
    right = [
        Entry(key, {"amount": amount}, f"NetSuite {name}", survey.record_id("charges", key.split("-", 2)[2]))
        for key, name, amount in bills
        if key in known
    ]
    limits = "Invoices by invoice date; payments and zero amounts are no bills."
    return Sides("charges", (WAREHOUSE, ERP), left, right, limits)


def _invoices(survey: Survey[Accounts], first: date, last: date) -> list[list[str]]:
    return [
        [external_id(invoice), str(invoice.invoice_id), f"{invoice.amount:.2f}"]
        for invoice in survey.clients.billing.invoices(first, last)
        if not invoice.is_payment and invoice.amount != 0
    ]


def _bills(survey: Survey[Accounts], first: date) -> list[list[str]]:
    found = []
    for prefix, kind, sign in (("SB-VB-", BILL, 1), ("SB-VC-", CREDIT, -1)):
        for row in totals_of_ours(survey.clients.netsuite, prefix, kind, first.isoformat()):
            amount = f"{sign * abs(row.quantity('total')):.2f}"
            found.append([row.needed("external_id").upper(), row.text("number"), amount])
    return found


SURVEYS = {"receipts": receipts, "stock": stock, "shipments": shipments, "returns": returns, "charges": charges}
