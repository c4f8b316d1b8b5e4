"""ShipBob's shipments against Acumatica's: there at all, once, confirmed, with the same numbers and units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial

from acumatica_shipbob.clients import Accounts, document_of
from acumatica_shipbob.mapping.orders import order_key_of
from acumatica_shipbob.shipment_case import sent_lines
from acumatica_shipbob.surveys.sides import ERP, WAREHOUSE, Row, ours
from connector.pair import Survey
from connector.reconcile import Entry, Sides
from connector.record import Record
from vendors.acumatica.comparing import shipments as read_shipments
from vendors.acumatica.comparing import stamped
from vendors.acumatica.selling import plain
from vendors.acumatica.shapes import ShipmentBrief
from vendors.acumatica.shipping import CONFIRMED
from vendors.shipbob.shapes import Shipment


def shipments(survey: Survey[Accounts]) -> Sides:
    """ShipBob shipments that left against Acumatica shipments: there at all, tracking, units, confirmed."""
    left: list[Row] = list(survey.once("updated orders", lambda: _left(survey)))
    named = stamped(survey, survey.clients.acumatica, "sb:")
    for key in sorted(set(named) - {str(row["shipment_id"]) for row in left}):
        left.append(survey.once(f"shipbob shipment {key}", partial(_elsewhere, survey, key)))
    records = survey.others("shipments", [str(row["order_id"]) for row in left])
    orders_of = survey.others("orders", [str(row["order"]) for row in left])
    known: dict[str, list[str]] = {
        key: list(posted["numbers"])
        for record in records.values()
        for key, posted in (record.links.get("posted") or {}).items()
    }
    numbers = {
        key: list(dict.fromkeys([*known.get(key, ()), *named.get(key, ())]))
        for key in (str(row["shipment_id"]) for row in left)
    }
    read = read_shipments(
        survey, survey.clients.acumatica, [number for each in numbers.values() for number in each], _erp_shipment
    )
    right: list[Entry] = []
    for row in left:
        found = [read[number] for number in numbers[str(row["shipment_id"])] if number in read]
        right += _erp_entries(survey, row, found, orders_of)
    return Sides(
        "shipments", (WAREHOUSE, ERP),
        [_shipbob_entry(survey, row, orders_of) for row in left if row["tracking"] is not None], right,
        "What ShipBob shipped is the list; each Acumatica shipment of it is read. A label that ShipBob changed after "
        "the confirmation shows as another tracking number.",
    )


def _left(survey: Survey[Accounts]) -> list[Row]:
    document, window = document_of(survey.connection), survey.window
    rows: list[Row] = []
    for orders in survey.clients.shipbob.orders_updated(window.since):
        for order in orders:
            key = order_key_of(document, order.reference_id)
            if key is None or not ours(survey, order):
                continue
            for shipment in order.shipments:
                changed = shipment.last_update_at or shipment.labeled_at
                if changed is not None and changed > window.until:
                    continue
                if _has_left(survey, shipment):
                    rows.append(_row(shipment, order.order_id, key))
    return rows


def _has_left(survey: Survey[Accounts], shipment: Shipment) -> bool:
    rules = document_of(survey.connection).settings.shipments
    return shipment.status in rules.ship_on and shipment.tracking_number is not None


def _row(shipment: Shipment, order_id: int | None, order: str) -> Row:
    products = [[product.sku or product.reference_id or "", product.quantity] for product in shipment.products]
    return {
        "shipment_id": shipment.shipment_id, "order_id": order_id, "order": order,
        "tracking": shipment.tracking_number, "products": products,
    }


def _elsewhere(survey: Survey[Accounts], key: str) -> Row:
    """A ShipBob shipment that only Acumatica's list names: read by its id. `tracking` is None if it has not left."""
    shipment = survey.clients.shipbob.shipment(int(key)) if key.isdigit() else None
    if shipment is None or not _has_left(survey, shipment):
        order_id = shipment.order_id if shipment is not None else None
        return {"shipment_id": key, "order_id": order_id, "order": "", "tracking": None, "products": []}
    order = order_key_of(document_of(survey.connection), shipment.reference_id) or ""
    return _row(shipment, shipment.order_id, order)


def _erp_shipment(shipment: ShipmentBrief) -> Row:
    return {
        "number": shipment.number,
        "stamp": shipment.description.rpartition(" ")[2],
        "status": shipment.status,
        "tracking": sorted({package.tracking_number for package in shipment.packages if package.tracking_number}),
        "lines": [[number, str(quantity)] for number, quantity in shipment.lines],
    }


def _shipbob_entry(survey: Survey[Accounts], row: Row, orders_of: Mapping[str, Record]) -> Entry:
    facts = {"tracking": str(row["tracking"])}
    if document_of(survey.connection).settings.shipments.confirm:
        facts["state"] = "confirmed"
    if _countable(row, orders_of) and all(quantity is not None for _, quantity in row["products"]):
        facts["units"] = str(sum(int(quantity) for _, quantity in row["products"]))
    key, record = str(row["shipment_id"]), survey.record_id("shipments", str(row["order_id"]))
    return Entry(key, facts, f"ShipBob shipment {key} of order {row['order']}", record)


def _countable(row: Row, orders_of: Mapping[str, Record]) -> bool:
    """Whether units can be counted the same way on both sides: of some bundles ShipBob does not say the parts."""
    record = orders_of.get(str(row["order"]))
    return record is not None and "lines" in record.links and all(line.pieces for line in sent_lines(record))


def _erp_entries(
    survey: Survey[Accounts], row: Row, found: Sequence[Row], orders_of: Mapping[str, Record]
) -> list[Entry]:
    """One entry for all warehouses of a ShipBob shipment; another one where a stamp stands on two shipments."""
    entries = []
    rounds: list[list[Row]] = []
    for each in found:
        target = next((group for group in rounds if each["stamp"] not in [one["stamp"] for one in group]), None)
        if target is None:
            rounds.append([each])
        else:
            target.append(each)
    for group in rounds:
        numbers = ", ".join(str(each["number"]) for each in group)
        tracking = sorted({number for each in group for number in each["tracking"]})
        facts = {"tracking": ", ".join(tracking)}
        states = {"confirmed" if each["status"] in CONFIRMED else str(each["status"]) for each in group}
        facts["state"] = ", ".join(sorted(states))
        if _countable(row, orders_of):
            facts["units"] = plain(_units(group, orders_of[str(row["order"])]))
        entries.append(Entry(str(row["shipment_id"]), facts, f"Acumatica shipment {numbers}",
                             survey.record_id("shipments", str(row["order_id"]))))
    return entries


def _units(group: Sequence[Row], record: Record) -> Decimal:
    """ShipBob's units of what the Acumatica shipments hold: quantity, base units a unit, parts a bundle."""
    lines = {line.line_number: line for line in sent_lines(record)}
    total = Decimal(0)
    for each in group:
        for number, quantity in each["lines"]:
            line = lines.get(int(number or 0))
            total += Decimal(quantity) * (line.factor * line.pieces if line is not None else Decimal(1))
    return total
