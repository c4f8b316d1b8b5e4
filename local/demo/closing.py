"""The closing table: what both sides hold at the end, and every difference between them in words.

Read from the control doors of the simulators alone (`/_control/holdings`), with nothing imported from the connector.
    python -m local.demo.closing ACUMATICA_URL SHIPBOB_URL CONNECTION_FILE
"""

from __future__ import annotations

import json
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from local.demo import books, ledgers
from local.demo.books import Holdings, Row, Rules
from local.demo.table import Line, differences

SIDES = ("Acumatica", "ShipBob")


def holdings(address: str) -> dict[str, Any]:
    """Everything a simulator holds. `address`: http://127.0.0.1:PORT, whatever path follows."""
    scheme, _, rest = address.partition("://")
    with urllib.request.urlopen(f"{scheme}://{rest.split('/')[0]}/_control/holdings", timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def compare(acumatica: Holdings, shipbob: Holdings, rules: Rules) -> list[Line]:
    """The whole table."""
    sections = (_orders, _items, _shipments, _finished, _progress, ledgers.stock, ledgers.charges, ledgers.manners)
    return [section(acumatica, shipbob, rules) for section in sections]


# ---- orders and items ---------------------------------------------------------------------------------------


def _orders(acumatica: Holdings, shipbob: Holdings, rules: Rules) -> Line:
    wanted, held = books.orders_to_ship(acumatica, rules), list(shipbob["orders"].values())
    count = Counter(order["reference_id"] for order in held)
    found = [f"{reference} is {times} times at ShipBob" for reference, times in sorted(count.items()) if times > 1]
    found += [f"{reference} is missing at ShipBob" for reference in sorted(set(wanted) - set(count))]
    cancelled = {
        books.reference_of(order, rules)
        for order in acumatica["SalesOrder"].values()
        if order["Status"] in books.CANCELLED
    }
    for order in held:
        reference = order["reference_id"]
        if reference in wanted:
            found += _order(acumatica, wanted[reference], order, rules)
        elif reference not in cancelled:
            found.append(f"{reference} is at ShipBob although Acumatica has not released it")
        elif order["status"] != "Cancelled":
            found.append(f"{reference} is cancelled in Acumatica and {order['status']} at ShipBob")
    there = sum(1 for order in held if order["status"] != "Cancelled")
    return Line("Orders released and sent", str(len(wanted)), str(there), tuple(found))


def _order(acumatica: Holdings, order: Row, held: Row, rules: Rules) -> Iterator[str]:
    wanted, there = books.goods_for_the_warehouse(acumatica, order, rules), books.products_of(held)
    if wanted != there:
        yield f"{held['reference_id']}: {books.words(wanted)} ordered, {books.words(there)} at ShipBob"
    code, other = order["ShipToAddress"].get("PostalCode"), held["recipient"]["address"].get("zip_code")
    if code != other:
        yield f"{held['reference_id']}: postal code {code} in Acumatica, {other} at ShipBob"
    if held["status"] == "Cancelled":
        yield f"{held['reference_id']} is cancelled at ShipBob and {order['Status']} in Acumatica"


def _items(acumatica: Holdings, shipbob: Holdings, rules: Rules) -> Line:
    wanted = {
        sku: item["Description"]
        for sku, item in acumatica["StockItem"].items()
        if item["ItemStatus"] == "Active" and (not rules.item_classes or item["ItemClass"] in rules.item_classes)
    }
    variants = [variant for product in shipbob["products"].values() for variant in product["variants"]]
    count = Counter(variant["sku"] for variant in variants)
    names = {variant["sku"]: variant["name"] for variant in variants}
    found = [f"{sku} is {count[sku]} times at ShipBob" for sku in sorted(wanted) if count[sku] != 1]
    found += [
        f"{sku} is called {names[sku]!r} at ShipBob, {name!r} in Acumatica"
        for sku, name in sorted(wanted.items())
        if sku in names and names[sku] != name
    ]
    return Line("Items", str(len(wanted)), str(sum(1 for sku in wanted if count[sku])), tuple(found))


# ---- shipments ----------------------------------------------------------------------------------------------


def _shipments(acumatica: Holdings, shipbob: Holdings, rules: Rules) -> Line:
    by_tracking: dict[str, list[Row]] = {}
    for number, shipment in books.packages(acumatica):
        by_tracking.setdefault(number, []).append(shipment)
    gone = books.left(shipbob)
    found: list[str] = []
    for shipment in gone:
        found += _shipment(acumatica, shipment, by_tracking.get(books.tracking_of(shipment), []))
    known = {books.tracking_of(shipment) for shipment in gone}
    found += [
        f"Acumatica shipment {each['ShipmentNbr']} has tracking {number}, with which nothing left ShipBob"
        for number, shipments in sorted(by_tracking.items())
        if number not in known
        for each in shipments
    ]
    bare = [it for it in acumatica["Shipment"].values() if it["WarehouseID"] in rules.warehouses]
    found += [
        f"Acumatica shipment {it['ShipmentNbr']} from {it['WarehouseID']} has no tracking"
        for it in bare
        if not any(package.get("TrackingNbr") for package in it.get("Packages", ()))
    ]
    return Line("Shipments that left", f"{len(bare)} in Acumatica", f"{len(gone)} parcels", tuple(found))


def _shipment(acumatica: Holdings, shipment: Row, parts: Sequence[Row]) -> Iterator[str]:
    """One parcel: on one Acumatica shipment per warehouse, with its quantities, confirmed."""
    name = f"ShipBob shipment {shipment['id']} ({shipment['reference_id']}, {books.tracking_of(shipment)})"
    if not parts:
        yield f"{name} is on no Acumatica shipment"
        return
    houses = Counter(part["WarehouseID"] for part in parts)
    if max(houses.values()) > 1:
        yield f"{name} is on {', '.join(part['ShipmentNbr'] for part in parts)}: more than once per warehouse"
    units: books.Units = Counter()
    for part in parts:
        units += books.shipment_units(acumatica, part)
        orders = {f"{row['OrderType']}-{row['OrderNbr']}" for row in part["Details"]}
        if any(not str(shipment["reference_id"]).endswith(f"-{order}") for order in orders):
            yield f"{name} is on {part['ShipmentNbr']}, which is for {', '.join(sorted(orders))}"
        if part["Status"] not in books.CONFIRMED:
            yield f"{name} is on {part['ShipmentNbr']}, which is {part['Status']}"
    if units != books.shipped_products(shipment):
        held = books.words(books.shipped_products(shipment))
        yield f"{name} holds {held}; Acumatica says {books.words(units)}"


def _finished(acumatica: Holdings, shipbob: Holdings, rules: Rules) -> Line:
    wanted = books.orders_to_ship(acumatica, rules)
    open_orders = {
        it["reference_id"]
        for it in shipbob["shipments"].values()
        if it["status"] not in ("Completed", *books.NOT_SHIPPED_ANY_MORE)
    }
    gone = {it["reference_id"] for it in books.left(shipbob)}
    found = [
        f"{reference} has left ShipBob whole and is {order['Status']} in Acumatica"
        for reference, order in sorted(wanted.items())
        if reference in gone - open_orders and order["Status"] != "Completed"
    ]
    waiting = {reference for reference in wanted if reference not in gone or reference in open_orders}
    found += [f"{reference} has not left ShipBob" for reference in sorted(waiting)]
    completed = sum(1 for order in wanted.values() if order["Status"] == "Completed")
    return Line("Orders shipped and Completed", str(completed), str(len(gone - open_orders)), tuple(found))


def _progress(acumatica: Holdings, shipbob: Holdings, rules: Rules) -> Line:
    wanted = books.orders_to_ship(acumatica, rules)
    gone = [it for it in books.left(shipbob) if it["reference_id"] in wanted]
    found, shown = [], 0
    for shipment in gone:
        note, number = str(wanted[shipment["reference_id"]].get("note") or ""), books.tracking_of(shipment)
        lines = [line for line in note.splitlines() if number in line]
        shown += len(lines)
        if len(lines) != 1:
            found.append(f"{shipment['reference_id']} shows tracking {number} {len(lines)} times")
        elif shipment["delivery_date"] and "delivered" not in lines[0]:
            found.append(f"{shipment['reference_id']} does not show that {number} was delivered")
    return Line("Tracking shown on the sales order", str(shown), str(len(gone)), tuple(found))


def main(arguments: Sequence[str]) -> int:
    """Prints the table of two running simulators; 1 when something differs."""
    acumatica, shipbob, file = arguments
    rules = books.rules_of(json.loads(Path(file).read_text("utf-8")))
    lines = compare(holdings(acumatica), holdings(shipbob), rules)
    for line in lines:
        print(f"{line.title:44}{line.erp:>16}{line.other:>16}{len(line.differences):>6}")
    found = differences(SIDES, lines)
    print(*found, f"{len(found)} differences", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
