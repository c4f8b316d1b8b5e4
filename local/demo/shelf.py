"""The closing table of NetSuite and ShipBob: the inventory ledger against the shelf, and what led to it.

Like closing.py it reads plain holdings and owes nothing to the connector.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from local.demo.books import Holdings, Row
from local.demo.table import Line

SIDES = ("NetSuite", "ShipBob")
Centres = Mapping[str, int]
Quantities = dict[str, Decimal]


def compare(netsuite: Holdings, shipbob: Holdings, centres: Centres) -> list[Line]:
    """The whole table. `centres`: NetSuite location -> ShipBob fulfilment centre, as the connection file maps them."""
    sections = (_expected, _received, _shipped, _returned, _on_hand, _billed, _manners)
    return [section(netsuite, shipbob, centres) for section in sections]


def _number(quantity: Any) -> Decimal:
    return Decimal(str(quantity or 0))


def _sum(rows: Iterable[tuple[str, Any]]) -> Quantities:
    totals: Quantities = {}
    for key, quantity in rows:
        totals[key] = totals.get(key, Decimal(0)) + _number(quantity)
    return {key: total for key, total in totals.items() if total}


def _against(left: Quantities, right: Quantities, what: str) -> tuple[str, ...]:
    return tuple(
        f"{key}: {left.get(key, Decimal(0)):f} in NetSuite, {right.get(key, Decimal(0)):f} at ShipBob ({what})"
        for key in sorted({*left, *right})
        if left.get(key) != right.get(key)
    )


def _total(found: Quantities) -> str:
    return f"{sum(found.values(), Decimal(0)):f}"


def _of(netsuite: Holdings, kind: str) -> list[Row]:
    return list(netsuite["transactions"][kind])


def _expected(netsuite: Holdings, shipbob: Holdings, centres: Centres) -> Line:
    """What is ordered is expected, once, at the right centre; what was closed or cancelled is not."""
    ordered = _sum(
        (f"{order['tranId']} {line['sku']}", line["quantity"])
        for order in _of(netsuite, "purchaseOrder")
        for line in order["item"]
        if line.get("location") in centres and not line.get("isClosed")
    )
    live = [it for it in shipbob["receiving"].values() if it["status"] != "Cancelled"]
    # A receiving order that was made anew has a number of its own behind the purchase order's.
    expected = _sum(
        (f"{_order_of(netsuite, it)} {row['sku']}", row["expected_quantity"])
        for it in live
        for row in it["inventory_quantities"]
    )
    return Line("Units ordered and expected", _total(ordered), _total(expected), _against(ordered, expected, "ordered"))


def _order_of(netsuite: Holdings, receiving: Row) -> str:
    """The purchase order that a receiving order's number begins with."""
    number = str(receiving["purchase_order_number"])
    names = [str(order["tranId"]) for order in _of(netsuite, "purchaseOrder")]
    return max((name for name in names if number.startswith(name)), key=len, default=number)


def _received(netsuite: Holdings, shipbob: Holdings, centres: Centres) -> Line:
    """What was stowed was received against its purchase order, no unit twice."""
    received = _sum(
        (f"{receipt['source_number']} {line['sku']}", line["quantity"])
        for receipt in _of(netsuite, "itemReceipt")
        for line in receipt["item"]
        if str(receipt["source_number"]).startswith("PO")
    )
    stowed = _sum(
        (f"{_order_of(netsuite, it)} {row['sku']}", row["stowed_quantity"])
        for it in shipbob["receiving"].values()
        for row in it["inventory_quantities"]
    )
    return Line("Units stowed and received", _total(received), _total(stowed), _against(received, stowed, "stowed"))


def _shipped(netsuite: Holdings, shipbob: Holdings, centres: Centres) -> Line:
    """Every parcel is one fulfilment with its tracking number and its units."""
    made = Counter(number for it in _of(netsuite, "itemFulfillment") for number in it["tracking_numbers"])
    found = [f"tracking number {number} is on {count} fulfilments" for number, count in made.items() if count != 1]
    written = _sum(
        (f"{number} {line['sku']}", line["quantity"])
        for it in _of(netsuite, "itemFulfillment")
        for number in it["tracking_numbers"]
        for line in it["item"]
    )
    left = _sum(
        (f"{shipment['tracking']['tracking_number']} {unit['sku']}", unit["quantity"])
        for shipment in shipbob["shipments"].values()
        if shipment["tracking"]
        for unit in units_of(shipment)
    )
    return Line("Units in parcels", _total(written), _total(left), (*found, *_against(written, left, "shipped")))


def units_of(shipment: Row) -> Iterable[Row]:
    """What a ShipBob shipment holds, by SKU."""
    return [
        {"sku": product["sku"], "quantity": sum(item["quantity"] for item in product["inventory_items"])}
        for product in shipment["products"]
    ]


def _returned(netsuite: Holdings, shipbob: Holdings, centres: Centres) -> Line:
    """What was put back on the shelf was received against a return authorization."""
    received = _sum(
        (str(line["sku"]), line["quantity"])
        for receipt in _of(netsuite, "itemReceipt")
        for line in receipt["item"]
        if str(receipt["source_number"]).startswith("RMA")
    )
    restocked = _sum(
        (str(item["sku"]), action["quantity_processed"])
        for it in shipbob["returns"].values()
        for item in it["inventory"]
        for action in item["action_taken"]
        if action["action"] == "Restock"
    )
    return Line("Units returned to the shelf", _total(received), _total(restocked),
                _against(received, restocked, "restocked"))  # fmt: skip


def _on_hand(netsuite: Holdings, shipbob: Holdings, centres: Centres) -> Line:
    """The ledger equals the shelf, at every location that is ShipBob's."""
    books = _sum(
        (f"{location} {sku}", quantity)
        for sku, places in netsuite["on_hand"].items()
        for location, quantity in places.items()
        if location in centres
    )
    shelf = _sum(
        (f"{location} {sku}", quantity)
        for location, centre in centres.items()
        for sku, quantity in shipbob["stock"].get(str(centre), {}).items()
    )
    return Line("Units on the shelf", _total(books), _total(shelf), _against(books, shelf, "on hand"))


def _billed(netsuite: Holdings, shipbob: Holdings, centres: Centres) -> Line:
    """One bill per invoice, to the cent; a payment is none."""
    bills = [(str(it["tranId"]), it["total"]) for it in _of(netsuite, "vendorBill")]
    bills += [(str(it["tranId"]), -_number(it["total"])) for it in _of(netsuite, "vendorCredit")]
    booked = _sum((_digits(name), amount) for name, amount in bills)
    found = [f"invoice {name} was billed {count} times"
             for name, count in Counter(_digits(name) for name, _ in bills).items() if count > 1]  # fmt: skip
    invoices = _sum(
        (str(it["invoice_id"]), it["amount"])
        for it in shipbob["invoices"].values()
        if it["invoice_type"] != "Payment"
    )
    return Line("Invoices in dollars", _total(booked), _total(invoices),
                (*found, *_against(booked, invoices, "invoice")))  # fmt: skip


def _digits(name: str) -> str:
    return "".join(character for character in name if character.isdigit())


def _manners(netsuite: Holdings, shipbob: Holdings, centres: Centres) -> Line:
    """What no vendor should have seen."""
    found = [f"NetSuite would have dropped without a word: {text}" for text in netsuite["warnings"]]
    found += [f"NetSuite refused a strange request: {text}" for text in netsuite["strict_violations"]]
    found += [f"ShipBob refused a strange request: {text}" for text in shipbob["strict_violations"]]
    ours = [it["externalId"] for it in _of(netsuite, "inventoryAdjustment") if "externalId" in it]
    found += [f"{name} was adjusted, which nothing in this act asks for" for name in ours]
    return Line("Requests no vendor knows", "0", "0", tuple(found))
