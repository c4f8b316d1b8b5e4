"""The closing table of Dynamics GP and ShipBob: documents, parcels, returned goods, stock at the site that both know.

Like closing.py it reads plain holdings and owes nothing to the connector.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from local.demo.books import Holdings, Row
from local.demo.table import Line

SIDES = ("Dynamics GP", "ShipBob")
PLACES = {"Restock": "OnHandQuantity", "Quarantine": "ReturnedQuantity", "Dispose": "DamagedQuantity"}
"""What ShipBob did with returned goods, and where a GP return puts them."""

MOST_REFUSED = 3
"""Workers that call at the same moment may each be refused once before the first can tell the others."""

Units = Counter[str]


@dataclass(frozen=True)
class Rules:
    """What the table must know of the connection file: SKU to item, the site both know, its centre at ShipBob."""

    items: Mapping[str, str]
    site: str
    centre: int


def rules_of(document: Mapping[str, Any]) -> Rules:
    """Read from the file as plain JSON."""
    tables = document["tables"]
    (centre, site), *_ = tables["sites"].items()
    return Rules({sku: row["item"] for sku, row in tables["items"].items()}, site, int(centre))


def compare(gp: Holdings, shipbob: Holdings, rules: Rules, directory: Mapping[str, int]) -> list[Line]:
    """The whole table. `directory`: refused sign-ins and locked accounts of the company's domain."""
    sections = (_orders, _parcels, _fulfilled, _returns, _transfers, _stock, _manners)
    return [*(section(gp, shipbob, rules) for section in sections), _sign_ins(directory)]


def holds(gp: Holdings, type_: str) -> dict[str, Row]:
    """GP's documents of a type by PO number."""
    return {row["po_number"]: row for row in gp["sales"] if row["type"] == type_}


def units_of(lines: list[Row], name: str) -> Units:
    """A quantity of a document's lines, by item."""
    found: Units = Counter()
    for line in lines:
        found[line["ItemKey"]["Id"]] += int(Decimal(line[name]["Value"]))
    return +found


def left(shipbob: Holdings) -> list[Row]:
    """The parcels that have left ShipBob."""
    return [row for row in shipbob["shipments"].values() if row["status"] == "Completed"]


def words(units: Units) -> str:
    """Quantities in words."""
    return ", ".join(f"{count} {name}" for name, count in sorted(units.items())) or "nothing"


def _ordered(order: Row, rules: Rules) -> Units:
    found: Units = Counter()
    for product in order["products"]:
        found[rules.items[product["sku"]]] += int(product["quantity"])
    return found


def _orders(gp: Holdings, shipbob: Holdings, rules: Rules) -> Line:
    wanted = {f"SB-{number}": order for number, order in shipbob["orders"].items()}
    rows = [row for row in gp["sales"] if row["type"] == "Order"]
    count = Counter(row["po_number"] for row in rows)
    found = [f"{name} is {count[name]} times in GP" for name in sorted(wanted) if count[name] != 1]
    found += [f"GP order {row['number']} was never placed" for row in rows if row["po_number"] not in wanted]
    for name, row in holds(gp, "Order").items():
        if name in wanted:
            found += _order(wanted[name], row, rules)
    return Line("Orders", str(len(rows)), str(len(wanted)), tuple(found))


def _order(order: Row, row: Row, rules: Rules) -> Iterator[str]:
    there = units_of(row["fields"]["Lines"], "Quantity")
    if there != _ordered(order, rules):
        yield f"{row['number']} has {words(there)}, {words(_ordered(order, rules))} were ordered"
    asked = {rules.items[each["sku"]]: Decimal(str(each["unit_price"])) for each in order["products"]}
    for line in row["fields"]["Lines"]:
        item, price = line["ItemKey"]["Id"], Decimal(line["UnitPrice"]["Value"])
        if item in asked and price != asked[item]:
            yield f"{item} costs {price} on {row['number']} and was sold for {asked[item]}"
    code, other = row["fields"]["ShipToAddress"].get("PostalCode"), order["recipient"]["address"]["zip_code"]
    if code != other:
        yield f"postal code {code} on {row['number']}, {other} at ShipBob"


def _parcels(gp: Holdings, shipbob: Holdings, rules: Rules) -> Line:
    orders = holds(gp, "Order")
    found, shown = [], 0
    for parcel in left(shipbob):
        number = parcel["tracking"]["tracking_number"]
        order = orders.get(f"SB-{parcel['order_id']}")
        times = list(order["tracking_numbers"]).count(number) if order else 0
        shown += times
        if times != 1:
            found.append(f"parcel {number} is {times} times on the order of SB-{parcel['order_id']}")
    known = {parcel["tracking"]["tracking_number"] for parcel in left(shipbob)}
    for order in orders.values():
        found += [f"{order['number']} has {each}, which never left" for each in set(order["tracking_numbers"]) - known]
    return Line("Parcels traced", str(shown), str(len(left(shipbob))), tuple(found))


def _fulfilled(gp: Holdings, shipbob: Holdings, rules: Rules) -> Line:
    """On the order, or on the invoice that a GP user made of it."""
    found, total, gone = [], 0, 0
    for name, order in holds(gp, "Order").items():
        documents = [order, *(row for row in gp["sales"] if row["source"] == order["number"])]
        there: Units = Counter()
        for document in documents:
            there += units_of(document["fields"]["Lines"], "QuantityFulfilled")
        shipped: Units = Counter()
        for parcel in left(shipbob):
            if f"SB-{parcel['order_id']}" == name:
                for product in parcel["products"]:
                    units = sum(int(each["quantity"]) for each in product["inventory_items"])
                    shipped[rules.items[product["sku"]]] += units
        total, gone = total + there.total(), gone + shipped.total()
        if there != shipped:
            found.append(f"{order['number']} says that {words(there)} left, ShipBob shipped {words(shipped)}")
    return Line("Units that left", str(total), str(gone), tuple(found))


def _returns(gp: Holdings, shipbob: Holdings, rules: Rules) -> Line:
    wanted = {f"SBR-{number}": row for number, row in shipbob["returns"].items() if row["status"] == "Completed"}
    rows = [row for row in gp["sales"] if row["type"] == "Return"]
    count = Counter(row["po_number"] for row in rows)
    found = [f"return {name} is {count[name]} times in GP" for name in sorted(wanted) if count[name] != 1]
    found += [f"GP return {row['number']} is nobody's" for row in rows if row["po_number"] not in wanted]
    for name, row in holds(gp, "Return").items():
        there: Units = Counter()
        for line in row["fields"]["Lines"]:
            for place in PLACES.values():
                if place in line["ReturnQuantity"]:
                    there[f"{line['ItemKey']['Id']} {place}"] += int(Decimal(line["ReturnQuantity"][place]["Value"]))
        taken: Units = Counter()
        for item in wanted.get(name, {}).get("inventory", ()):
            for action in item["action_taken"]:
                taken[f"{rules.items[item['sku']]} {PLACES[action['action']]}"] += int(action["quantity_processed"])
        if +there != +taken:
            found.append(f"{row['number']} has {words(+there)}; ShipBob did {words(+taken)}")
    return Line("Returns", str(len(rows)), str(len(wanted)), tuple(found))


def _transfers(gp: Holdings, shipbob: Holdings, rules: Rules) -> Line:
    """What GP users sent to the site is announced at ShipBob, once."""
    sent = {
        f"GP-{row['number']}-{rules.site}": row
        for row in gp["inventory"]
        if row["kind"] == "InventoryTransfer" and row["state"] == "History"
        and any(line["WarehouseToKey"]["Id"] == rules.site for line in row["lines"])
    }  # fmt: skip
    count = Counter(row["purchase_order_number"] for row in shipbob["receiving"].values())
    found = [f"transfer {name} is announced {count[name]} times" for name in sorted(sent) if count[name] != 1]
    found += [f"receiving order {name} is nobody's" for name in sorted(set(count) - set(sent))]
    for row in shipbob["receiving"].values():
        wanted = units_of(sent.get(row["purchase_order_number"], {}).get("lines", []), "Quantity").total()
        expected = sum(int(each["expected_quantity"]) for each in row["inventory_quantities"])
        if wanted != expected:
            found.append(f"{row['purchase_order_number']}: {wanted} units sent, {expected} announced")
    return Line("Transfers announced", str(len(sent)), str(count.total()), tuple(found))


def _stock(gp: Holdings, shipbob: Holdings, rules: Rules) -> Line:
    """Available in GP; on the shelf at ShipBob or on its way there."""
    awaited: Units = Counter()
    for order in shipbob["receiving"].values():
        if order["status"] not in ("Completed", "Cancelled"):
            for each in order["inventory_quantities"]:
                awaited[each["sku"]] += int(each["expected_quantity"]) - int(each["stowed_quantity"] or 0)
    held = {row["item"]: Decimal(row["available"]) for row in gp["stock"] if row["site"] == rules.site}
    shelf = shipbob["stock"][str(rules.centre)]
    found = []
    for sku, item in rules.items.items():
        there = int(shelf[sku]) + awaited[sku]
        if held[item] != there:
            found.append(f"{held[item]} of {item} available, {there} of {sku} at ShipBob or on their way")
    total = sum(int(shelf[sku]) + awaited[sku] for sku in rules.items)
    return Line("Stock at the shared site", f"{sum(held[item] for item in rules.items.values()):f}", str(total),
                tuple(found))  # fmt: skip


def _manners(gp: Holdings, shipbob: Holdings, rules: Rules) -> Line:
    """What no vendor should have seen, and what GP would have done without a word."""
    found = [f"GP refused a strange request: {text}" for text in gp["strict_violations"]]
    found += [f"GP cut a text: {text}" for text in gp["cut"]]
    found += [f"GP ignored a wish: {text}" for text in gp["ignored"]]
    return Line("Texts cut, wishes ignored, odd requests", str(len(found)), "0", tuple(found))


def _sign_ins(directory: Mapping[str, int]) -> Line:
    """A refused sign-in opens the circuit: an account that locks would stop everybody who uses it."""
    refused, locked = directory["refused"], directory["locked"]
    found = [f"{locked} accounts are locked"] if locked else []
    found += [f"{refused} sign-ins were refused: they are repeated"] if refused > MOST_REFUSED else []
    return Line("Sign-ins refused, accounts locked", f"{refused}, {locked}", "-", tuple(found))
