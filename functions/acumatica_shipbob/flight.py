"""Goods that have left ShipBob's shelf and are in no Acumatica shipment yet: open orders, read anew for a few items.

ShipBob's on-hand falls when units are picked, hours before the parcel leaves, and picking touches no update stamp: no
poll hears of it. So every order that was sent is remembered until all of it came back, and a stock look that finds a
difference reads the open orders of its items as they are at that moment.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from acumatica_shipbob.books import Look
from acumatica_shipbob.clients import document_of
from acumatica_shipbob.mapping.orders import reference_of
from acumatica_shipbob.mapping.shipments import SentLine, allocate, warehouses_of
from acumatica_shipbob.shipment_case import sent_lines, taken_of
from connector.intent import Stage, intent_from_item
from connector.ports import Item, pages
from connector.record import Record, from_json, to_json
from connector.services import Services
from vendors.acumatica.selling import silent
from vendors.acumatica.shipping import CONFIRM
from vendors.shipbob.shapes import Order, Shipment

MOST = 1_000
"""Open orders that are read for one look, fifty a call; items with more are not compared at that time."""

_OFF_SHELF = frozenset({"Completed", "LabeledCreated"})
_PICKED = frozenset({"picked", "packed", "labeled"})


def note_open(services: Services, connection: str, order_id: object, key: str, skus: Collection[str]) -> None:
    """Remembers an order that ShipBob holds, until everything of it came back."""
    item: Item = {"pk": f"open/{connection}", "sk": str(order_id), "order": key, "data": to_json(sorted(set(skus)))}
    services.tables.put("state", item)


def note_over(services: Services, connection: str, order_id: object) -> None:
    """Forgets an order of which nothing is outstanding any more."""
    services.tables.delete("state", f"open/{connection}", str(order_id))


def off_shelf(shipment: Shipment) -> bool:
    """Whether its units are no longer in ShipBob's on-hand."""
    return shipment.status in _OFF_SHELF or any(detail.name.casefold() in _PICKED for detail in shipment.details)


@dataclass(frozen=True)
class Flight:
    """Base units by SKU that left a warehouse's shelf and are in no shipment yet, and SKUs of which nobody can say."""

    units: Mapping[str, Decimal]
    unknown: frozenset[str] = frozenset()


def in_flight(work: Look, warehouse: str, skus: Collection[str], written: Collection[str]) -> Flight:
    """The same for these SKUs, as it is now. `written`: stamps of parcels that count as shipments already."""
    wanted = set(skus)
    key = f"open/{work.connection.name}"
    rows = pages(lambda start: work.services.tables.query("state", key, start=start))
    mine = {str(row["order"]): str(row["sk"]) for row in rows if wanted & set(from_json(str(row["data"])))}
    if len(mine) > MOST:
        work.note(f"{len(mine)} open orders hold what differs, more than {MOST}: not compared before some have left")
        return Flight({}, frozenset(wanted))
    document = document_of(work.connection)
    references = {reference_of(document, *order.split("/", 1)): order for order in mine}
    orders = work.clients.shipbob.find_by_references(list(references)) if references else ()
    sources, shipped = work.others("orders", list(mine)), work.others("shipments", list(mine.values()))
    units: dict[str, Decimal] = {}
    unknown: set[str] = set()
    for order in orders:
        source = sources.get(references[order.reference_id or ""])
        if source is None or "lines" not in source.links:
            continue
        _add(work, order, sent_lines(source), shipped.get(str(order.order_id)), (warehouse, written), units, unknown)
    return Flight(units, frozenset(unknown))


def _add(
    work: Look,
    order: Order,
    sent: Sequence[SentLine],
    shipped: Record | None,
    place: tuple[str, Collection[str]],
    units: dict[str, Decimal],
    unknown: set[str],
) -> None:
    """Adds an order's units that are off the shelf, line by line as flow 3 will write them."""
    warehouse, written = place
    links = shipped.links if shipped is not None else {}
    posted: Mapping[str, Any] = links.get("posted") or {}
    stamps = {*written, *(links.get("parcels") or {})}
    lines = {line.line_number: line for line in sent}
    taken = taken_of(posted, sent)
    for shipment in sorted(order.shipments, key=lambda found: found.shipment_id):
        if str(shipment.shipment_id) in posted or not off_shelf(shipment):
            continue
        near = warehouses_of(shipment, document_of(work.connection))
        parcels = allocate(shipment, sent, taken, near, silent)  # the parcel is not written here
        if not isinstance(parcels, tuple):
            unknown.update(line.sku for line in sent)
            continue
        doubtful = shipped is not None and _being_confirmed(work, shipped, shipment)
        for parcel in parcels:
            for number, quantity in parcel.lines.items():
                part = quantity * lines[number].factor
                taken[number] = taken.get(number, Decimal(0)) + part
                if doubtful:
                    unknown.add(lines[number].sku)
                elif parcel.warehouse == warehouse and f"sb:{shipment.shipment_id}:{warehouse}" not in stamps:
                    units[lines[number].sku] = units.get(lines[number].sku, Decimal(0)) + part


def _being_confirmed(work: Look, shipped: Record, shipment: Shipment) -> bool:
    """Whether its confirmation was sent and the record does not show the end: the process died, or Acumatica works.

    Meanwhile Acumatica may count it as confirmed, or as posted already; counted as in flight it would be there twice.
    """
    found = work.services.tables.query("records", shipped.id, prefix=f"intent#{CONFIRM}#sb:{shipment.shipment_id}:")
    return any(intent_from_item(item).stage not in (Stage.PLANNED, Stage.REFUSED) for item in found.items)
