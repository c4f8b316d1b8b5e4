"""What both sides hold of a window, listed for the reconciliation: orders, labels with their tracking numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from acumatica_shipstation.clients import Accounts, document_of
from acumatica_shipstation.mapping.orders import key_of, source_key_of
from acumatica_shipstation.mapping.parcels import kept, of_shipment
from acumatica_shipstation.shipments import sightings
from connector.pair import Survey, Window
from connector.parts import in_parts
from connector.reconcile import Entry, Sides
from connector.record import Record
from vendors.acumatica.calls import Ask
from vendors.acumatica.comparing import shipments as read_shipments
from vendors.acumatica.comparing import stamped
from vendors.acumatica.selling import CANCELLED, STOPPED, plain
from vendors.acumatica.shapes import ShipmentBrief
from vendors.acumatica.shipping import CONFIRMED
from vendors.shipstation.shapes import Order, Shipment, parse_shipment

ERP, SHIPPING = "Acumatica", "ShipStation"
HEADER = ("Status", "Hold", "OrderedQty")

Row = Mapping[str, Any]


# ---- orders ---------------------------------------------------------------------------------------------------


def orders(survey: Survey[Accounts]) -> Sides:
    """Sales orders against ShipStation orders: there at all, cancelled or not, how many units."""
    rules = document_of(survey.connection).settings.orders
    erp: dict[str, Row] = {row["key"]: row for row in in_parts(survey, "changed orders", partial(_changed, survey))}
    held: list[Row] = list(survey.once("modified orders", partial(_modified, survey)))
    records = survey.others("orders", [*erp, *(str(row["key"]) for row in held)])
    wanted = {key for key, row in erp.items() if _expected(row, records.get(key), rules.statuses)}
    lacking = sorted(wanted - {str(row["key"]) for row in held})
    if lacking:
        held += survey.once("orders by number", partial(_by_number, survey, lacking, records))
    for key in sorted({str(row["key"]) for row in held} - set(erp)):
        found = survey.once(f"order {key}", partial(_one_order, survey, key))
        if found is not None:
            erp[key] = found
    right = _whole(held)
    keys = wanted | {str(row["key"]) for row in right}
    divided = {str(row["key"]) for row in right if row["divided"]}
    return Sides(
        "orders", (ERP, SHIPPING),
        [_erp_order(survey, erp[key], records.get(key), key in divided) for key in sorted(keys & set(erp))],
        [_held_order(survey, row) for row in right],
        "Units are compared while Acumatica's quantity is what was sent, and not of orders that were split or merged.",
    )


def _changed(survey: Survey[Accounts], window: Window) -> list[Row]:
    types = document_of(survey.connection).settings.orders.order_types
    rows = survey.clients.acumatica.list_changed("SalesOrder", window.since, window.until, HEADER)
    return [found for row in rows if (found := _header(row.row))["type"] in types]


def _header(row: Any) -> Row:
    order_type, number = row.required_text("OrderType"), row.required_text("OrderNbr")
    return {
        "key": f"{order_type}/{number}", "type": order_type, "status": row.text("Status") or "",
        "hold": bool(row.flag("Hold")), "ordered": plain(row.number("OrderedQty")),
    }


def _one_order(survey: Survey[Accounts], key: str) -> Row | None:
    row = survey.clients.acumatica.get("SalesOrder", key.split("/", 1), Ask(select=("OrderType", "OrderNbr", *HEADER)))
    return _header(row) if row is not None else None


def _modified(survey: Survey[Accounts]) -> list[Row]:
    window, found = survey.window, []
    for rows in survey.clients.shipstation.orders_modified(window.since, window.until):
        found += [_held(survey, order) for order in rows]
    return [row for row in found if row["key"] is not None]


def _by_number(survey: Survey[Accounts], keys: Sequence[str], records: Mapping[str, Record]) -> list[Row]:
    """Orders that were not modified in the window, asked for under the keys that they were sent with."""
    wanted = {}
    for key in keys:
        order_type, number = key.split("/", 1)
        again = int(records[key].links.get("again") or 0) if key in records else 0
        wanted[key_of(document_of(survey.connection), order_type, number, again)] = number
    found = [_held(survey, order) for order in survey.clients.shipstation.present(wanted, None).values()]
    return [row for row in found if row["key"] is not None]


def _held(survey: Survey[Accounts], order: Order) -> dict[str, Any]:
    """`key` None: not ours. An order in another store is somebody else's, whatever its key says."""
    document = document_of(survey.connection)
    ours = order.store_id in (None, document.systems.shipstation.store_id)
    return {
        "key": source_key_of(document, order.order_key) if ours else None,
        "order_id": order.order_id,
        "state": "cancelled" if order.status == "cancelled" else "live",
        "units": sum(item.quantity for item in order.items if not item.adjustment),
        "divided": order.parent_id is not None or bool(order.merged_ids),
        "child": order.parent_id is not None,
    }


def _whole(held: Sequence[Row]) -> list[Row]:
    """The orders as they were sent: parts of a split count with the whole, cancelled ones only where none lives."""
    living = {row["key"] for row in held if row["state"] == "live" and not row["child"]}
    return [row for row in held if not row["child"] and (row["state"] == "live" or row["key"] not in living)]


def _expected(row: Row, record: Record | None, statuses: Sequence[str]) -> bool:
    """Whether ShipStation should hold the order: it was sent, or it looks released."""
    if record is not None and record.links.get("order_id"):
        return True
    return row["status"] in statuses and not row["hold"]


def _erp_order(survey: Survey[Accounts], row: Row, record: Record | None, divided: bool) -> Entry:
    facts = {"state": "cancelled" if row["status"] in CANCELLED else "live"}
    links = record.links if record is not None else {}
    if "lines" in links and not divided and links.get("ordered") == row["ordered"]:
        facts["units"] = str(sum(int(line[2]) for line in links["lines"]))
    because = f"it is {row['status']} in Acumatica" if row["status"] in STOPPED and not links.get("order_id") else ""
    return Entry(row["key"], facts, f"sales order {row['key']}", survey.record_id("orders", row["key"]), because)


def _held_order(survey: Survey[Accounts], row: Row) -> Entry:
    facts = {"state": str(row["state"]), "units": str(row["units"])}
    return Entry(
        str(row["key"]), facts, f"ShipStation order {row['order_id']}", survey.record_id("orders", str(row["key"]))
    )


# ---- labels ---------------------------------------------------------------------------------------------------


def shipments(survey: Survey[Accounts]) -> Sides:
    """Labels that were made and not voided against Acumatica shipments: there once, tracking, confirmed."""
    labels: list[Row] = [row for row in survey.once("labels", partial(_labels, survey)) if not row["voided"]]
    named = stamped(survey, survey.clients.acumatica, "ss:")
    records = survey.others("shipments", [str(row["key"]) for row in labels])
    numbers = {
        key: list(dict.fromkeys([*_written(records.get(key)), *named.get(key, ())]))
        for key in (str(row["key"]) for row in labels)
    }
    read = read_shipments(
        survey, survey.clients.acumatica, [number for each in numbers.values() for number in each], _shipment
    )
    right: list[Entry] = []
    for row in labels:
        key = str(row["key"])
        found = [read[number] for number in numbers[key] if number in read]
        right += _entries(survey, key, str(row["mark"]), found)
    confirm = document_of(survey.connection).settings.shipments.confirm
    left = [
        Entry(
            str(row["key"]), {"tracking": str(row["tracking"]), **({"state": "confirmed"} if confirm else {})},
            f"{row['what']} of order {row['order']}", survey.record_id("shipments", str(row["key"])),
        )
        for row in labels
    ]
    return Sides("shipments", (SHIPPING, ERP), left, right, "Orders that were marked as shipped have no label.")


def _labels(survey: Survey[Accounts]) -> list[Row]:
    window, found = survey.window, []
    for rows in survey.clients.shipstation.shipments_created(window.since, window.until):
        mine = {seen.source_key for seen in sightings(survey.services, survey.connection, rows)}
        found += [_label(row) for row in rows if str(row.shipment_id) in mine]
    return found


def _label(row: Shipment) -> Row:
    parcel = of_shipment(parse_shipment(kept(row.document)))
    return {
        "key": parcel.key, "tracking": parcel.tracking, "voided": parcel.voided, "what": parcel.what,
        "order": parcel.order_number, "mark": parcel.mark,
    }


def _written(record: Record | None) -> list[str]:
    places = (record.links.get("written") or {}).values() if record is not None else ()
    return sorted({str(number) for place in places for number in place.values()})


def _shipment(shipment: ShipmentBrief) -> Row:
    packages = [[package.reference or "", package.tracking_number or ""] for package in shipment.packages]
    stamp = shipment.description.rpartition(" ")[2]
    return {"number": shipment.number, "stamp": stamp, "status": shipment.status, "packages": packages}


def _entries(survey: Survey[Accounts], key: str, mark: str, found: Sequence[Row]) -> list[Entry]:
    """One entry for all orders and warehouses of a label; another one where a stamp stands on two shipments."""
    rounds: list[list[Row]] = []
    for each in found:
        place = next((group for group in rounds if each["stamp"] not in [one["stamp"] for one in group]), None)
        if place is None:
            rounds.append([each])
        else:
            place.append(each)
    entries = []
    for group in rounds:
        rows = [row for each in group for row in each["packages"]]
        own = [row for row in rows if str(row[0]).startswith(mark)] or rows
        states = {"confirmed" if each["status"] in CONFIRMED else str(each["status"]) for each in group}
        facts = {
            "tracking": ", ".join(sorted({str(row[1]) for row in own if row[1]})), "state": ", ".join(sorted(states)),
        }
        numbers = ", ".join(str(each["number"]) for each in group)
        entries.append(Entry(key, facts, f"Acumatica shipment {numbers}", survey.record_id("shipments", key)))
    return entries


SURVEYS = {"orders": orders, "shipments": shipments}
