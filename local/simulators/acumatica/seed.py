"""A small company to begin with, and documents of every kind that a connector meets. All values are invented.

`seed_company` makes the tables, items, customers and stock; `seed_orders` makes the orders and answers their numbers by
kind. The single makers answer command arguments, so that a demo or test can vary them: `{**order("NORTHWIND"), ...}`.
"""

from __future__ import annotations

from typing import Any

from local.simulators.acumatica.simulator import AcumaticaSimulator

Fields = dict[str, Any]

ADDRESSES: dict[str, tuple[Fields, Fields]] = {
    "US": (
        {
            "AddressLine1": "2210 Harbor View Rd", "AddressLine2": "Unit 5", "City": "Tacoma", "State": "WA",
            "PostalCode": "98407", "Country": "US",
        },
        {
            "Attention": "Marta Quill", "BusinessName": "Quill & Daughters", "Email": "marta@quill.example",
            "Phone1": "+1 253 555 0141",
        },
    ),
    "CA": (
        {
            "AddressLine1": "88 Rue des Érables", "City": "Québec", "State": "QC", "PostalCode": "G1R 4S9",
            "Country": "CA",
        },
        {"Attention": "Zoë Lévesque", "Email": "zoe@levesque.example", "Phone1": "+1 418 555 0177"},
    ),
    "GB": (
        {"AddressLine1": "14 Tanner's Yard", "City": "Leeds", "PostalCode": "LS1 4AP", "Country": "GB"},
        {"BusinessName": "Yard Supplies Ltd", "Email": "goods-in@yard.example", "Phone1": "+44 113 496 0123"},
    ),
}  # fmt: skip


def item(sku: str, description: str, **fields: Any) -> Fields:
    """Arguments of `stock_item`."""
    usual = {"ItemClass": "GOODS", "BaseUOM": "EA", "DefaultWarehouseID": "3PL-WEST", "WeightUOM": "LB"}
    numbers = {"DimensionWeight": 0.45, "DefaultPrice": 12.5, "AverageCost": 4.2}
    return {"InventoryID": sku, "Description": description, **usual, **numbers, **fields}


def customer(name: str, country: str, title: str, **fields: Any) -> Fields:
    """Arguments of `customer` with one main contact."""
    address, contact = ADDRESSES[country]
    person = {key: value for key, value in contact.items() if key != "BusinessName"}
    return {
        "CustomerID": name, "CustomerName": title,
        "MainContact": {**person, "CompanyName": title, "Address": dict(address)}, **fields,
    }  # fmt: skip


def line(sku: str, quantity: float, **fields: Any) -> Fields:
    """One line of a sales order."""
    return {"InventoryID": sku, "OrderQty": quantity, **fields}


def order(customer_id: str, *lines: Fields, country: str | None = None, **fields: Any) -> Fields:
    """Arguments of `sales_order`; with a country the order carries a ship-to of its own."""
    own: Fields = {}
    if country is not None:
        address, contact = ADDRESSES[country]
        own = {
            "ShipToAddressOverride": True, "ShipToAddress": dict(address),
            "ShipToContactOverride": True, "ShipToContact": dict(contact),
        }  # fmt: skip
    return {"OrderType": "SO", "CustomerID": customer_id, "ShipVia": "GROUND", "Details": list(lines), **own, **fields}


def seed_company(simulator: AcumaticaSimulator) -> None:
    """Tables, warehouses, ship-via codes, items, customers, vendors and opening stock."""
    run = simulator.command
    for account in ("20000", "54000", "54100", "54200"):
        run("account", {"id": account})
    run("account", {"id": "59999", "active": False})
    run("subaccount", {"id": "000000"})
    for code, usage in (("INADJUST", "Adjustment"), ("INSALES", "Issue"), ("INRECEIPT", "Receipt")):
        run("reason_code", {"id": code, "usage": usage})
    run("box", {"id": "DEFAULT", "Description": "Carton", "Length": 12, "Width": 9, "Height": 6})
    run("box", {"id": "LARGE", "Description": "Large carton", "Length": 24, "Width": 18, "Height": 12})
    for name in ("3PL-WEST", "3PL-EAST", "MAIN"):
        locations = [{"LocationID": "R1"}, {"LocationID": "DAMAGED", "SalesAllowed": False}]
        run(
            "warehouse",
            {"WarehouseID": name, "Description": name.title(), "ShippingLocationID": "R1", "Locations": locations},
        )
    for code, text in (
        ("GROUND", "Ground, no plug-in"),
        ("EXPRESS", "Express, no plug-in"),
        ("UPSPLUGIN", "UPS with plug-in"),
    ):
        run("ship_via", {"CarrierID": code, "Description": text, "CommonCarrier": True})
    run("carrier_plug_in", {"id": "UPSPLUGIN"})
    run("non_stock_item", {"id": "GIFTWRAP", "require_shipment": False})
    run("non_stock_item", {"id": "ASSEMBLED-SET", "require_shipment": True})
    _seed_items(simulator)
    run("customer", customer("QUILL", "US", "Quill & Daughters", ShipVia="GROUND"))
    run("customer", customer("LEVESQUE", "CA", "Maison Lévesque"))
    run("customer", customer("YARD", "GB", "Yard Supplies Ltd"))
    run("vendor", {"VendorID": "FULFILLER", "VendorName": "The Fulfilment Company"})
    run("vendor", {"VendorID": "PARCELS", "VendorName": "Parcels and Sons"})
    run("attribute", {"entity": "SalesOrder", "field": "AttributeTRACKINGNBR"})
    run("attribute", {"entity": "SalesOrder", "field": "AttributeDELIVEREDON", "type": "CustomDateTimeField"})


def _seed_items(simulator: AcumaticaSimulator) -> None:
    case = [{"FromUOM": "CASE", "ToUOM": "EA", "MultiplyOrDivide": "Multiply", "ConversionFactor": 24}]
    barcode = [{"AlternateType": "Barcode", "AlternateID": "4006381333931", "UOM": "EA"}]
    items = (
        item(
            "0041",
            "Field notebook, ruled",
            CrossReferences=barcode,
            UOMConversions=case,
            CountryOfOrigin="DE",
            TariffCode="482010",
        ),
        item("Insert Card - A", "Insert card, variant A", DimensionWeight=0.01),
        item("KIT-DESK", "Desk set: notebook, pen, card", IsAKit=True, DimensionWeight=1.2),
        item("PEN-BLK", "Pen, black", DefaultWarehouseID="3PL-EAST", WeightUOM="KG", DimensionWeight=0.02),
        item("OLD-MUG", "Mug, discontinued", ItemStatus="Inactive"),
    )
    for fields in items:
        simulator.command("stock_item", fields)
    for sku, warehouse, quantity in (
        ("0041", "3PL-WEST", 500), ("0041", "3PL-EAST", 40), ("Insert Card - A", "3PL-WEST", 1000),
        ("KIT-DESK", "3PL-WEST", 25), ("PEN-BLK", "3PL-EAST", 300), ("OLD-MUG", "MAIN", 7),
    ):  # fmt: skip
        simulator.command("stock", {"sku": sku, "warehouse": warehouse, "location": "R1", "quantity": quantity})


ORDERS: dict[str, Fields] = {
    "plain": order("QUILL", line("0041", 2), line("Insert Card - A", 2, UnitPrice=0), CustomerOrder="PO-7781"),
    "own_address": order("QUILL", line("0041", 1), country="GB", note="Leave with the neighbour"),
    "canadian": order("LEVESQUE", line("KIT-DESK", 1), ShipVia="EXPRESS"),
    "british": order("YARD", line("0041", 6), line("PEN-BLK", 6, WarehouseID="3PL-WEST")),
    "two_warehouses": order("QUILL", line("0041", 3), line("PEN-BLK", 3)),
    "case": order("QUILL", line("0041", 2, UOM="CASE")),
    "drop_ship": order("QUILL", line("0041", 1), line("PEN-BLK", 1, MarkForPO=True, POSource="Drop-Ship")),
    "charge": order("QUILL", line("0041", 1), line("GIFTWRAP", 1, UnitPrice=4)),
    "will_call": order("QUILL", line("0041", 1), WillCall=True),
    "on_hold": order("QUILL", line("0041", 1), Hold=True),
    "quote": order("QUILL", line("0041", 10), OrderType="QT"),
    "plug_in": order("QUILL", line("0041", 1), ShipVia="UPSPLUGIN"),
}
"""One order of every kind, by what is special about it."""


def seed_orders(simulator: AcumaticaSimulator) -> dict[str, str]:
    """Makes one order of every kind and a cancelled one; answers their numbers by kind."""
    numbers = {kind: str(simulator.command("sales_order", fields)["key"]) for kind, fields in ORDERS.items()}
    numbers["cancelled"] = str(simulator.command("sales_order", ORDERS["plain"])["key"])
    simulator.command("cancel_order", {"order_nbr": numbers["cancelled"]})
    return numbers
