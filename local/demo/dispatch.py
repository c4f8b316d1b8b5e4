"""The closing table of Acumatica and ShipStation: orders, parcels, withdrawn labels, files, status.

Like closing.py it reads plain holdings and owes nothing to the connector.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from local.demo import books
from local.demo.books import Holdings, Row, Rules, Units
from local.demo.table import Line

SIDES = ("Acumatica", "ShipStation")
HELD = ("On Hold", "Credit Hold")


@dataclass(frozen=True)
class Parcel:
    """What left the warehouse under one tracking number. `key`: of the order it belongs to; `label`: with a label."""

    number: str
    key: str
    units: Units
    label: bool


def rules_of(document: Mapping[str, Any]) -> Rules:
    """Reads a connection file."""
    settings = document["settings"]
    return Rules(
        prefix=settings["orders"]["key_prefix"],
        order_types=tuple(settings["orders"]["order_types"]),
        item_classes=(),
        warehouses=dict.fromkeys(document["tables"]["warehouses"], 0),
        vendor="",
    )


def compare(acumatica: Holdings, shipstation: Holdings, rules: Rules) -> list[Line]:
    """The whole table."""
    sections = (_orders, _parcels, _withdrawn, _files, _finished, _shown, _manners)
    return [section(acumatica, shipstation, rules) for section in sections]


# ---- reading ShipStation's side ------------------------------------------------------------------------------


def roots(shipstation: Holdings) -> dict[int, str]:
    """The key of the order that each order is a part of: a split one has a key of its own and names its parent."""
    orders = {order["orderId"]: order for order in shipstation["orders"]}

    def root(order: Row) -> str:
        parent = orders.get(order["advancedOptions"]["parentId"])
        return root(parent) if parent is not None else str(order["orderKey"])

    return {number: root(order) for number, order in orders.items()}


def ordered(shipstation: Holdings) -> dict[str, Units]:
    """Units by SKU of each order, its parts together."""
    whole, found = roots(shipstation), dict[str, Units]()
    for order in shipstation["orders"]:
        units = found.setdefault(whole[order["orderId"]], Counter())
        for item in order["items"]:
            if not item["adjustment"]:
                units[item["sku"]] += item["quantity"]
    return found


def parcels(shipstation: Holdings) -> list[Parcel]:
    """Everything that left and was not taken back: labels that are neither voided nor returns, and orders that were
    marked as shipped, whole."""
    whole, orders = roots(shipstation), {order["orderId"]: order for order in shipstation["orders"]}
    found = [
        Parcel(shipment["trackingNumbers"][0], whole[shipment["orderId"]], _units(shipment["items"]), label=True)
        for shipment in shipstation["shipments"]
        if not shipment["voided"] and not shipment["isReturnLabel"] and shipment["orderId"] in whole
    ]
    return found + [
        Parcel(row["trackingNumber"], whole[row["orderId"]], _units(orders[row["orderId"]]["items"]), label=False)
        for row in shipstation["fulfillments"]
        if not row["voided"]
    ]


def _units(rows: list[Row]) -> Units:
    units: Units = Counter()
    for row in rows:
        units[row["sku"]] += row["quantity"]
    return units


def _on(acumatica: Holdings) -> dict[str, list[Row]]:
    """The Acumatica shipments that show each tracking number."""
    found: dict[str, list[Row]] = {}
    for number, shipment in books.packages(acumatica):
        found.setdefault(number, []).append(shipment)
    return found


# ---- the lines -----------------------------------------------------------------------------------------------


def _orders(acumatica: Holdings, shipstation: Holdings, rules: Rules) -> Line:
    """Every released order once, with its quantities and its address; the others as they are in Acumatica."""
    wanted, units = books.orders_to_ship(acumatica, rules), ordered(shipstation)
    own = [order for order in shipstation["orders"] if order["advancedOptions"]["parentId"] is None]
    count = Counter(str(order["orderKey"]) for order in own)
    states = {books.reference_of(order, rules): order["Status"] for order in acumatica["SalesOrder"].values()}
    found = [f"{key} is missing at ShipStation" for key in sorted(set(wanted) - set(count))]
    numbers = Counter(str(order["orderNumber"]) for order in own)
    found += [f"order {number} is {times} times at ShipStation" for number, times in numbers.items() if times > 1]
    for order in own:
        key = str(order["orderKey"])
        if key in wanted:
            found += _order(acumatica, wanted[key], order, units[key], rules)
        else:
            found += _not_wanted(key, states.get(key, "unknown"), order["orderStatus"])
    there = sum(1 for order in own if order["orderStatus"] not in ("cancelled", "on_hold"))
    return Line("Orders released and sent", str(len(wanted)), str(there), tuple(found))


def _order(acumatica: Holdings, order: Row, held: Row, units: Units, rules: Rules) -> Iterator[str]:
    key, goods = held["orderKey"], books.goods_for_the_warehouse(acumatica, order, rules)
    if goods != units:
        yield f"{key}: {books.words(goods)} ordered, {books.words(units)} at ShipStation"
    code, other = order["ShipToAddress"].get("PostalCode"), held["shipTo"]["postalCode"]
    if code != other:
        yield f"{key}: postal code {code} in Acumatica, {other} at ShipStation"
    if held["orderStatus"] in ("cancelled", "on_hold"):
        yield f"{key} is {held['orderStatus']} at ShipStation and {order['Status']} in Acumatica"


def _not_wanted(key: str, status: str, there: str) -> Iterator[str]:
    """An order that Acumatica does not want shipped (any more)."""
    stopped = "on_hold" if status in HELD else "cancelled"
    if status not in (*HELD, *books.CANCELLED):
        yield f"{key} is at ShipStation, and Acumatica has not released it ({status})"
    elif there != stopped:
        yield f"{key} is {status} in Acumatica and {there} at ShipStation"


def _parcels(acumatica: Holdings, shipstation: Holdings, rules: Rules) -> Line:
    """Each parcel on exactly one Acumatica shipment, with its quantities, confirmed."""
    on, gone = _on(acumatica), parcels(shipstation)
    found: list[str] = []
    for parcel in gone:
        found += _parcel(acumatica, parcel, on.get(parcel.number, []))
    known = {parcel.number for parcel in gone}
    found += [
        f"Acumatica shipment {each['ShipmentNbr']} has tracking {number}, with which nothing left"
        for number, shipments in sorted(on.items())
        if number not in known
        for each in shipments
    ]
    return Line("Parcels that left", f"{len(acumatica['Shipment'])} shipments", f"{len(gone)} parcels", tuple(found))


def _parcel(acumatica: Holdings, parcel: Parcel, shipments: list[Row]) -> Iterator[str]:
    name = f"parcel {parcel.number} of {parcel.key}"
    if len(shipments) != 1:
        yield f"{name} is on {len(shipments)} Acumatica shipments"
        return
    (shipment,) = shipments
    units = books.shipment_units(acumatica, shipment)
    if units != parcel.units:
        yield f"{name} holds {books.words(parcel.units)}; Acumatica says {books.words(units)}"
    if shipment["Status"] not in books.CONFIRMED:
        yield f"{name} is on {shipment['ShipmentNbr']}, which is {shipment['Status']}"
    if any(not parcel.key.endswith(f"-{row['OrderType']}-{row['OrderNbr']}") for row in shipment["Details"]):
        yield f"{name} is on {shipment['ShipmentNbr']}, which is for another order"


def _withdrawn(acumatica: Holdings, shipstation: Holdings, rules: Rules) -> Line:
    """A label that was voided is on no package any more."""
    on = _on(acumatica)
    voided = [shipment["trackingNumbers"][0] for shipment in shipstation["shipments"] if shipment["voided"]]
    found = [f"label {number} was voided and is still on a package" for number in voided if number in on]
    return Line("Labels taken back", str(len(voided) - len(found)), str(len(voided)), tuple(found))


def _files(acumatica: Holdings, shipstation: Holdings, rules: Rules) -> Line:
    """The file of each label hangs in Acumatica, once."""
    names: Counter[str] = Counter()
    for shipment in acumatica["Shipment"].values():
        for owner in (*shipment.get("Packages", ()), shipment):
            names.update(file["name"] for file in owner.get("files", ()))
    labels = [parcel.number for parcel in parcels(shipstation) if parcel.label]
    times = {number: sum(count for name, count in names.items() if number in name) for number in labels}
    found = [f"the label of {number} hangs {count} times in Acumatica" for number, count in times.items() if count != 1]
    return Line("Label files", str(sum(times.values())), str(len(labels)), tuple(found))


def _finished(acumatica: Holdings, shipstation: Holdings, rules: Rules) -> Line:
    """An order of which everything has left is Completed."""
    wanted, gone = books.orders_to_ship(acumatica, rules), dict[str, Units]()
    for parcel in parcels(shipstation):
        gone.setdefault(parcel.key, Counter()).update(parcel.units)
    whole = {
        key
        for key, units in ordered(shipstation).items()
        if gone.get(key) == units and not (key in wanted and _elsewhere(acumatica, wanted[key], rules))
    }
    found = [
        f"{key} has left whole and is {order['Status']} in Acumatica"
        for key, order in sorted(wanted.items())
        if key in whole and order["Status"] != "Completed"
    ]
    completed = {key for key, order in wanted.items() if order["Status"] == "Completed"}
    found += [f"{key} is Completed in Acumatica and has not left whole" for key in sorted(completed - whole)]
    return Line("Orders shipped and Completed", str(len(completed)), str(len(whole & set(wanted))), tuple(found))


def _elsewhere(acumatica: Holdings, order: Row, rules: Rules) -> bool:
    """Whether something of an order comes from a warehouse that is not ShipStation's."""
    everywhere = replace(rules, warehouses=dict.fromkeys((line.get("WarehouseID") for line in order["Details"]), 0))
    ours = books.goods_for_the_warehouse(acumatica, order, rules)
    return books.goods_for_the_warehouse(acumatica, order, everywhere) != ours


def _shown(acumatica: Holdings, shipstation: Holdings, rules: Rules) -> Line:
    """The tracking number of each parcel can be seen on its sales order, once."""
    wanted, gone, shown, found = books.orders_to_ship(acumatica, rules), parcels(shipstation), 0, []
    for parcel in gone:
        note = str(wanted[parcel.key].get("note") or "") if parcel.key in wanted else ""
        times = note.count(parcel.number)
        shown += times
        if times != 1:
            found.append(f"{parcel.key} shows tracking {parcel.number} {times} times")
    return Line("Tracking shown on sales orders", str(shown), str(len(gone)), tuple(found))


def _manners(acumatica: Holdings, shipstation: Holdings, rules: Rules) -> Line:
    """What no vendor should have seen."""
    found = [f"Acumatica was sent a field that it does not know: {name}" for name in acumatica["unknown_fields"]]
    found += [f"a carrier plug-in bought a label: {label}" for label in acumatica["labels_bought_by_plugin"]]
    found += [f"ShipStation passed over something: {text}" for text in shipstation["strict_violations"]]
    return Line("Requests no vendor knows", "0", "0", tuple(found))
