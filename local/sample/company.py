"""Both sides on the day before: goods, customers, stock. All values are invented; their shapes are real.

The warehouse calls goods a little differently, has not heard of two of them, and runs two fulfilment centres, one of
them in Canada, where fees are taxed.
"""

from __future__ import annotations

from typing import Any

from local.simulators.acumatica import seed
from local.simulators.acumatica.simulator import AcumaticaSimulator
from local.simulators.shipbob.simulator import ShipBobSimulator

Fields = dict[str, Any]

WEST, EAST = 8, 133
"""The fulfilment centres of the warehouses 3PL-WEST and 3PL-EAST."""

PLACES = {"3PL-WEST": WEST, "3PL-EAST": EAST}
EAST_CENTRE: Fields = {
    "id": EAST, "name": "Brampton (ON)", "abbreviation": "YYZ-1", "timezone": "Eastern Standard Time",
    "address": {
        "address1": "40 Chancellor Dr", "address2": "", "city": "Brampton", "state": "ON", "country": "CA",
        "zip_code": "L6S 5T2",
    },
}  # fmt: skip

STOCK: dict[str, dict[str, int]] = {
    "0041": {"3PL-WEST": 500, "3PL-EAST": 200},
    "Insert Card - A": {"3PL-WEST": 1000, "3PL-EAST": 300},
    "KIT-DESK": {"3PL-WEST": 60, "3PL-EAST": 10},
    "PEN-BLK": {"3PL-WEST": 120, "3PL-EAST": 300},
    "INK & NIB": {"3PL-WEST": 80},
    "TOTE-NAT": {"3PL-WEST": 150},
    "LIMITED-26": {"3PL-WEST": 40},
}
"""Units that both sides begin with, by SKU and Acumatica warehouse."""

NEW_AT_THE_WAREHOUSE = ("INK & NIB", "TOTE-NAT", "LIMITED-26")
"""Goods that ShipBob learns of by the connector; its stock of them arrives when it knows them."""

PREVIEW = "LIMITED-26"
"""An item of a class that is not sent, until a person at Acumatica changes that."""

KNOWN_AT_THE_WAREHOUSE: tuple[Fields, ...] = (
    {"sku": "0041", "name": "Notebook ruled", "weight": 7},
    {"sku": "Insert Card - A", "name": "Insert card, variant A", "weight": 0.16},
    {"sku": "KIT-DESK", "name": "Desk set: notebook, pen, card", "weight": 19.2},
    {"sku": "PEN-BLK", "name": "Pen, black", "weight": 0.71},
    {"sku": "SHIRT-9", "name": "T-shirt of another shop", "weight": 5},
)

# Customer, country of the usual address or an own one, name, contact, street, city, state, postal code.
BUYERS: tuple[tuple[str, str, str, str, str, str, str, str], ...] = (
    ("HOLLOWAY", "US", "Holloway Books", "Juniper Holloway", "417 Larkspur Ave", "Peoria", "IL", "61602"),
    ("ANGSTROM", "US", "Ångström Instruments", "Åsa Ångström", "9 Lakeshore Dr NE", "Duluth", "MN", "55804"),
    ("PENA", "US", "Papelería Peña", "José Peña", "1200 E 6th St, Apt 3", "Austin", "TX", "78702-3207"),
    ("OBRIEN", "US", "O'Brien & Sons", "Siobhán O'Brien", "55 Granite St", "Quincy", "MA", "02169"),
    ("TREMBLAY", "CA", "Atelier Tremblay", "Noëlle Tremblay", "311 King St W", "Kingston", "ON", "K7L 2X1"),
    ("WREN", "GB", "Wren Stationers", "Imogen Wren", "2 St Mary's Passage", "Cambridge", "", "CB2 3PQ"),
)


def open_company(acumatica: AcumaticaSimulator, shipbob: ShipBobSimulator) -> None:
    """Fills both simulators with everything but orders."""
    seed.seed_company(acumatica)
    _goods_and_accounts(acumatica)
    for buyer in BUYERS:
        acumatica.command("customer", _customer(*buyer))
    _warehouse(shipbob)
    for sku, units in STOCK.items():
        for warehouse, quantity in units.items():
            acumatica.command(
                "stock", {"sku": sku, "warehouse": warehouse, "location": "R1", "quantity": quantity}
            )
    for sku in (product["sku"] for product in KNOWN_AT_THE_WAREHOUSE):
        receive(shipbob, str(sku))


def receive(shipbob: ShipBobSimulator, sku: str) -> None:
    """The warehouse puts its opening stock of a SKU on the shelves."""
    for warehouse, quantity in STOCK.get(sku, {}).items():
        shipbob.command("seed_stock", {"sku": sku, "location_id": PLACES[warehouse], "quantity": quantity})


def _goods_and_accounts(acumatica: AcumaticaSimulator) -> None:
    acumatica.command("account", {"id": "54300"})
    ink = [{"AlternateType": "Barcode", "AlternateID": "5012345678900", "UOM": "EA"}]
    for fields in (
        seed.item("INK & NIB", "Bottle of ink with nib, 50 ml", CrossReferences=ink, DimensionWeight=0.4),
        seed.item("TOTE-NAT", "Tote bag, natural cotton", WeightUOM="OZ", DimensionWeight=6.5),
        seed.item(PREVIEW, "Notebook, limited edition 2026", ItemClass="PREVIEW"),
    ):
        acumatica.command("stock_item", fields)
    acumatica.command("stock", {"sku": "0041", "warehouse": "MAIN", "location": "R1", "quantity": 30})


def _customer(
    name: str, country: str, title: str, person: str, street: str, city: str, state: str, postal_code: str
) -> Fields:
    phone = {"US": "+1 309 555 0119", "CA": "+1 613 555 0164", "GB": "+44 1223 496 055"}[country]
    address = {"AddressLine1": street, "City": city, "PostalCode": postal_code, "Country": country}
    contact = {"Attention": person, "Email": f"{name.lower()}@buyer.example", "Phone1": phone, "CompanyName": title}
    state_of = {"State": state} if state else {}
    return {
        "CustomerID": name, "CustomerName": title, "MainContact": {**contact, "Address": {**address, **state_of}},
    }  # fmt: skip


def _warehouse(shipbob: ShipBobSimulator) -> None:
    shipbob.command("seed_location", EAST_CENTRE)
    shipbob.command("seed_shipping_method", {"name": "2-Day", "service_level": "Expedited"})
    for product in KNOWN_AT_THE_WAREHOUSE:
        shipbob.command("seed_product", product)
