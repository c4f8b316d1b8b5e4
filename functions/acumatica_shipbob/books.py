"""What Acumatica's books say of a warehouse: on hand, and what is on its way through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from acumatica_shipbob.clients import Accounts
from acumatica_shipbob.mapping.orders import KnownItem
from connector.faults import FaultKind, VendorFault
from connector.instants import instant_text
from connector.pair import Survey, Work
from connector.ports import pages
from connector.record import Record, Status, from_json, to_json
from connector.sweep import by_status
from vendors.shipbob.shapes import parse_order

Look = Work[Accounts] | Survey[Accounts]
"""Who looks: the stock flow, or a reconciliation."""

ASKED_PER_LOOK = 20
"""Items asked for one by one in a look, because the bulk inquiry does not show them; others have their turn later."""

SILENT_FOR = timedelta(days=1)
"""How long an item of which the ERP says nothing is not asked for again."""

_NO_BULK = frozenset({FaultKind.UNSUPPORTED_QUERY, FaultKind.FORBIDDEN, FaultKind.CONFIGURATION, FaultKind.INVALID})


def on_hand(work: Work[Accounts], warehouse: str, shelf: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """QtyOnHand by SKU, as far as the ERP says: absence is unknown, never zero (facts: acumatica 12.6).

    One bulk inquiry; items that lie at ShipBob and are not in it are asked for one by one, a few in each look.
    """
    acumatica = work.clients.acumatica
    try:
        books = {row.inventory_id: row.on_hand for row in acumatica.storage_details(warehouse)}
    except VendorFault as fault:
        if fault.kind not in _NO_BULK:
            raise
        work.note(
            f"Acumatica refuses the bulk stock inquiry ({fault.kind}): items are asked for {ASKED_PER_LOOK} at a time"
        )
        books = {}
    wanted = [sku for sku, units in shelf.items() if units and sku not in books]
    if wanted:
        books.update(_one_by_one(work, warehouse, wanted))
    silent = sorted(sku for sku in wanted if sku not in books)
    if silent:
        work.note(
            f"Acumatica says nothing of {len(silent)} items in {warehouse}, not compared: {', '.join(silent[:20])}"
        )
    return books


def _one_by_one(work: Work[Accounts], warehouse: str, wanted: Sequence[str]) -> dict[str, Decimal]:
    """Asks for the items that were not asked for longest, and leaves those alone of which the ERP just said nothing."""
    tables, key = work.services.tables, f"books/{work.connection.name}/{warehouse}"
    item = tables.get("state", key, "-")
    asked: dict[str, list[Any]] = from_json(str(item["data"])) if item is not None else {}
    recent = instant_text(work.now - SILENT_FOR)
    due = [sku for sku in wanted if not (sku in asked and asked[sku][1] and str(asked[sku][0]) > recent)]
    due.sort(key=lambda sku: (str(asked[sku][0]) if sku in asked else "", sku))
    found: dict[str, Decimal] = {}
    for sku in due[:ASKED_PER_LOOK]:
        row = work.clients.acumatica.inventory_summary(sku, warehouse)
        if row is not None:
            found[sku] = row.on_hand
        asked[sku] = [instant_text(work.now), row is None]
    still = set(wanted)
    tables.put("state", {"pk": key, "sk": "-", "data": to_json({sku: asked[sku] for sku in asked if sku in still})})
    return found


def shipped_not_confirmed(work: Look, warehouse: str) -> dict[str, Decimal]:
    """Units of this warehouse that left ShipBob and are not confirmed in Acumatica yet: flow 3 will take them."""
    waiting = [
        record
        for status in (Status.QUEUED, Status.WAITING, Status.HELD, Status.REFUSED, Status.UNKNOWN)
        for record in by_status(work.services, work.connection.name, status)
        if record.stream == "shipments"
    ]
    units: dict[str, Decimal] = {}
    for record in waiting:
        for sku, quantity in _open_units(work, record, warehouse).items():
            units[sku] = units.get(sku, Decimal(0)) + quantity
    return units


def _open_units(work: Look, record: Record, warehouse: str) -> dict[str, Decimal]:
    order = parse_order(record.body) if record.body is not None else work.clients.shipbob.order(int(record.source_key))
    key = str(record.links.get("order") or "")
    source = work.other("orders", key) if key else None
    lines = source.links.get("lines", ()) if source is not None else ()
    mine = {str(row[1]) for row in lines if str(row[4]) == warehouse}
    posted = record.links.get("posted") or {}
    units: dict[str, Decimal] = {}
    for shipment in order.shipments if order else ():
        if shipment.is_shipped() and str(shipment.shipment_id) not in posted:
            for sku, quantity in shipment.quantities_by_sku().items():
                if sku in mine or source is None:
                    units[sku] = units.get(sku, Decimal(0)) + quantity
    return units


@dataclass(frozen=True)
class Underway:
    """Base units by SKU on Acumatica shipments whose stock is not posted yet; SKUs whose units cannot be told; stamps
    of those shipments that are ours."""

    units: Mapping[str, Decimal]
    unknown: frozenset[str]
    stamps: frozenset[str]


def not_posted(work: Look, warehouse: str, items: Mapping[str, KnownItem]) -> Underway:
    """Ours by memory, confirmed or not yet; others by list, once they are confirmed. Receipts count the other way."""
    acumatica, tables = work.clients.acumatica, work.services.tables
    key = f"confirmed/{work.connection.name}"
    remembered = pages(lambda start: tables.query("state", key, start=start))
    ours = {str(item["sk"]): str(item.get("stamp", "")) for item in remembered if item["warehouse"] == warehouse}
    listed = {
        row.required_text("ShipmentNbr")
        for row in acumatica.find("Shipment", "Status", "Confirmed", ("WarehouseID",))
        if row.text("WarehouseID") == warehouse
    }
    units: dict[str, Decimal] = {}
    unknown: set[str] = set()
    for number in sorted({*ours, *listed}):
        shipment = acumatica.shipment(number)
        if shipment is None or all(order.inventory_reference for order in shipment.orders):
            tables.delete("state", key, number)
            ours.pop(number, None)
            continue
        sign = -1 if shipment.operation == "Receipt" else 1
        for line in shipment.lines:
            factor = _factor(items.get(line.inventory_id), line.uom)
            if factor is None:
                work.note(
                    f"{line.inventory_id}: no conversion from {line.uom} on shipment {number}; it is not compared"
                )
                unknown.add(line.inventory_id)
                continue
            quantity = line.shipped_quantity * factor * sign
            units[line.inventory_id] = units.get(line.inventory_id, Decimal(0)) + quantity
    return Underway(units, frozenset(unknown), frozenset(ours.values()))


def _factor(item: KnownItem | None, uom: str) -> Decimal | None:
    """Base units per unit; None where nobody says, because one to one would be a silent wrong number."""
    if item is None:
        return None
    return Decimal(1) if uom == item.base_uom else item.conversions.get(uom)
