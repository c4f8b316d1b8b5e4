"""The Default contract as the simulator knows it: field names, types, form views and lengths per entity.

Notation of the field texts, one entity per text: `Name` is a string, `Name:b` boolean, `:i` integer, `:n` decimal,
`:t` date or time, `:g` GUID; `(40)` is the length; `@View` says on which data view of the form the following
fields live; `>` starts linked entities, `*` detail collections (`Name=Entity`, without entity: not modelled),
`+` the fields that only 25.200.001 has. Source: Acumatica's published endpoint metadata (system contract 4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from local.simulators.acumatica import contract_ledgers, contract_masters, contract_sales

SERVED_VERSIONS = ("24.200.001", "25.200.001")
LISTED_VERSIONS = ("20.200.001", "22.200.001", "23.200.001", "24.200.001", "25.200.001", "26.200.001")

KIND = {"b": "boolean", "i": "integer", "n": "decimal", "g": "guid"}
INSTANTS = {"LastModified", "LastModifiedDateTime", "CreatedDate", "CreatedDateTime", "LastModifiedDateofWarehouseQty"}


@dataclass(frozen=True)
class Field:
    """One wrapped field. `kind` is string, boolean, integer, decimal, date, instant or guid."""

    name: str
    kind: str
    view: str = ""
    length: int | None = None


@dataclass(frozen=True)
class Entity:
    """One entity of the contract: its wrapped fields, linked entities and detail collections by name."""

    name: str
    fields: Mapping[str, Field]
    linked: Mapping[str, str]
    details: Mapping[str, str]


@dataclass(frozen=True)
class Form:
    """What is known of a top-level entity's form. `modified` names the fields that carry the change stamp."""

    screen: str
    graph: str
    view: str
    title: str
    keys: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    created: str | None = None
    row_views: Mapping[str, str] = field(default_factory=dict)
    numbering: str | None = None  # the key that the ERP numbers itself
    inquiry: bool = False


FORMS: Mapping[str, Form] = {
    "SalesOrder": Form(
        "SO301000",
        "PX.Objects.SO.SOOrderEntry",
        "Document",
        "Sales Order",
        ("OrderType", "OrderNbr"),
        ("LastModified",),
        "CreatedDate",
        {"Details": "Transactions"},
        "OrderNbr",
    ),
    "Shipment": Form(
        "SO302000",
        "PX.Objects.SO.SOShipmentEntry",
        "Document",
        "Shipment",
        ("ShipmentNbr",),
        ("LastModifiedDateTime",),
        "CreatedDateTime",
        {"Details": "Transactions", "Packages": "Packages"},
        "ShipmentNbr",
    ),
    "StockItem": Form(
        "IN202500",
        "PX.Objects.IN.InventoryItemMaint",
        "Item",
        "Stock Item",
        ("InventoryID",),
        ("LastModified", "LastModifiedDateTime"),
    ),
    "Customer": Form(
        "AR303000",
        "PX.Objects.AR.CustomerMaint",
        "BAccount",
        "Customer",
        ("CustomerID",),
        ("LastModifiedDateTime",),
        "CreatedDateTime",
    ),
    "Vendor": Form(
        "AP303000",
        "PX.Objects.AP.VendorMaint",
        "BAccount",
        "Vendor",
        ("VendorID",),
        ("LastModifiedDateTime",),
        "CreatedDateTime",
    ),
    "InventoryAdjustment": Form(
        "IN303000",
        "PX.Objects.IN.INAdjustmentEntry",
        "adjustment",
        "Inventory Adjustment",
        ("ReferenceNbr",),
        ("LastModifiedDateTime",),
        None,
        {"Details": "transactions"},
        "ReferenceNbr",
    ),
    "Bill": Form(
        "AP301000",
        "PX.Objects.AP.APInvoiceEntry",
        "Document",
        "Bill",
        ("Type", "ReferenceNbr"),
        ("LastModifiedDateTime",),
        None,
        {"Details": "Transactions"},
        "ReferenceNbr",
    ),
    "Warehouse": Form(
        "IN204000", "PX.Objects.IN.INSiteMaint", "site", "Warehouse", ("WarehouseID",), ("LastModifiedDateTime",)
    ),
    "ShipVia": Form("CS207500", "PX.Objects.CS.CarrierMaint", "Carrier", "Ship Via", ("CarrierID",)),
    "StorageDetailsInquiry": Form(
        "IN408050", "PX.Objects.IN.StorageDetails", "Filter", "Storage Details", inquiry=True
    ),
    "InventorySummaryInquiry": Form(
        "IN401000", "PX.Objects.IN.InventorySummaryEnq", "Filter", "Inventory Summary", inquiry=True
    ),
}

_TOKEN = re.compile(r"(?P<name>\w+)(?::(?P<kind>[bintg]))?(?:\((?P<length>\d+)\))?$")


def _field(token: str, view: str) -> Field:
    match = _TOKEN.match(token)
    if match is None:
        raise ValueError(f"contract token {token!r} is not readable")
    name = match["name"]
    kind = "string" if match["kind"] is None else KIND.get(match["kind"], "instant" if name in INSTANTS else "date")
    return Field(name, kind, view, int(match["length"]) if match["length"] else None)


def parse(name: str, text: str) -> tuple[Entity, frozenset[str]]:
    """Reads one field text; also returns the names that only 25.200.001 has."""
    fields: dict[str, Field] = {}
    groups: dict[str, list[str]] = {">": [], "*": [], "+": []}
    view, mode = "", ""
    for token in text.split():
        if token.startswith("@"):
            view, mode = token[1:], ""
        elif token in groups:
            mode = token
        elif mode:
            groups[mode].append(token)
        else:
            fields[token.split(":")[0].split("(")[0]] = _field(token, view)
    pairs = {mark: dict(item.split("=") for item in groups[mark]) for mark in (">", "*")}
    return Entity(name, fields, pairs[">"], pairs["*"]), frozenset(groups["+"])


def _contract(version: str) -> dict[str, Entity]:
    entities = {}
    for texts in (contract_sales.FIELDS, contract_masters.FIELDS, contract_ledgers.FIELDS):
        for name, text in texts.items():
            entity, newest = parse(name, text)
            kept = {key: value for key, value in entity.fields.items() if version == "25.200.001" or key not in newest}
            entities[name] = Entity(name, kept, entity.linked, entity.details)
    return entities


CONTRACTS: Mapping[str, Mapping[str, Entity]] = {version: _contract(version) for version in SERVED_VERSIONS}
NEWEST = CONTRACTS["25.200.001"]

DETAIL_KEYS: Mapping[str, str] = {
    "SalesOrderDetail": "LineNbr",
    "ShipmentDetail": "LineNbr",
    "ShipmentPackage": "LineNbr",
    "AttributeValue": "AttributeID",
    "WarehouseLocation": "LocationID",
}
"""Which field of a detail row is its key; the rows of every other collection are matched by `id` alone."""

READ_ONLY: Mapping[str, frozenset[str]] = {
    name: frozenset(text.split())
    for name, text in {
        "SalesOrder": "Status Approved CreditHold OrderedQty OrderTotal TaxTotal LastModified CreatedDate NoteID "
        "VATExemptTotal VATTaxableTotal BaseCurrencyID MaxRiskScore Shipments Totals OrderRisks",
        "SalesOrderDetail": "OpenQty QtyOnShipments Amount LineType AverageCost UnbilledAmount NoteID LastModifiedDate",
        "Shipment": "Status ShippedQty ShippedVolume ShippedWeight PackageCount PackageWeight CreatedDateTime "
        "LastModifiedDateTime NoteID BaseCurrencyID Orders",
        "ShipmentDetail": "OrderedQty OpenQty OriginalQty WarehouseID",
        "ShipmentPackage": "UOM NoteID",
        "StockItem": "LastModified LastModifiedDateTime NoteID AverageCost LastCost MinCost MaxCost WarehouseDetails",
        "Customer": "LastModifiedDateTime CreatedDateTime NoteID BAccountID",
        "Vendor": "LastModifiedDateTime CreatedDateTime",
        "InventoryAdjustment": "Status TotalQty TotalCost LastModifiedDateTime",
        "Bill": "Status Balance TaxTotal LastModifiedDateTime Applications",
        "BillDetail": "Amount Description",
        "Warehouse": "LastModifiedDateTime",
    }.items()
}
"""Fields that the form computes: a write to them is taken without a word and has no effect."""

PADDED: Mapping[str, int] = {"LocationID": 2, "InventoryID": 4, "WarehouseID": 3}
"""Segmented keys that come back with trailing blanks, and how many (the vendor's samples show such blanks)."""
