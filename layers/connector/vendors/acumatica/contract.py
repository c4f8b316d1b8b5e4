"""The part of the Default contract that this connector writes or polls, as data.

Acumatica ignores a misspelt field name in a request without a word, so every body is checked against this table
before it leaves. Source: the vendor's published endpoint metadata for Default 20.200.001 to 25.200.001.

A row lists fields as `Name`, `Name:kind`, `Name(length)`; kinds: b boolean, i whole number, n decimal, d day,
t instant; text otherwise. `Name=Entity` is a linked entity, `Name=Entity[]` a collection of rows. `@22` after a field
means: from 22.200.001 on. A length is given where the ERP's column has one; drop-down labels have none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

_WRITTEN: Mapping[str, str] = {
    "SalesOrder": """OrderType(2) OrderNbr(15) CustomerID LocationID CustomerOrder(40) ExternalRef(40) Description(256)
        Date:d RequestedOn:d Hold:b ShipVia(15) PreferredWarehouseID CurrencyID(5) WillCall:b@22
        ShipToAddressOverride:b ShipToContactOverride:b ShipToAddress=Address ShipToContact=DocContact
        Details=SalesOrderDetail[]""",
    "SalesOrderDetail": """LineNbr:i InventoryID LineDescription(256) OrderQty:n UOM(6) UnitPrice:n ManualPrice:b@22
        DiscountAmount:n WarehouseID ShipOn:d RequestedOn:d AlternateID(50) ExternalRef@22 ReasonCode(20) FreeItem:b
        Branch""",
    "Address": "AddressLine1 AddressLine2 City State PostalCode Country",
    "DocContact": "Attention BusinessName Email Phone1",
    "Shipment": """ShipmentNbr(15) Type Operation CustomerID LocationID WarehouseID ShipmentDate:d ShipVia(15)
        FreightCost:n FreightPrice:n@22 OverrideFreightPrice:b Hold:b Description(256) CreateNewShipmentForEveryOrder:b
        ResidentialDelivery:b SaturdayDelivery:b Insurance:b ShippingSettings=ShipToSettings Details=ShipmentDetail[]
        Packages=ShipmentPackage[]""",
    "ShipToSettings": """ShipToAddressOverride:b ShipToContactOverride:b ShipToAddress=Address
        ShipToContact=DocContact""",
    "ShipmentDetail": """LineNbr:i OrderType(2) OrderNbr(15) OrderLineNbr:i InventoryID ShippedQty:n UOM(6) WarehouseID
        LocationID LotSerialNbr(100) ExpirationDate:d ReasonCode(20) Description(256)
        Allocations=ShipmentDetailAllocation[]""",
    "ShipmentDetailAllocation": "SplitLineNbr:i@22 InventoryID LocationID LotSerialNbr ExpirationDate:d Qty:n UOM",
    "ShipmentPackage": """LineNbr:i@22 BoxID(15) Type Description(30) Weight:n Length:n@22 Width:n@22 Height:n@22
        DeclaredValue:n CODAmount:n Confirmed:b TrackingNbr(60) CustomRefNbr1(30) CustomRefNbr2(30)
        PackageContents=ShipmentPackageDetail[]""",
    "ShipmentPackageDetail": """InventoryID Quantity:n UOM LotSerialNbr ShipmentSplitLineNbr:i OrigOrderType@22
        OrigOrderNbr@22""",
    "Bill": """Type ReferenceNbr(15) Vendor LocationID VendorRef(40) Date:d DueDate:d PostPeriod(6) Terms(10)
        CurrencyID(5) BranchID CashAccount Description(512) Amount:n Hold:b Project Details=BillDetail[]""",
    "BillDetail": """InventoryID Account Subaccount Branch TransactionDescription(256) Qty:n UOM(6) UnitCost:n
        ExtendedCost:n TaxCategory(15) Project ProjectTask CostCode POOrderType(2) POOrderNbr(15) POLine:i
        CalculateDiscountsOnImport:b NonBillable:b""",
    "InventoryAdjustment": """ReferenceNbr(15) Date:d Description(256) ExternalRef(40) Hold:b
        Details=InventoryAdjustmentDetail[]""",
    "InventoryAdjustmentDetail": """BranchID InventoryID WarehouseID LocationID Qty:n UOM(6) ReasonCode(20)
        LotSerialNbr(100) ExpirationDate:d ExtendedCost:n Description(256) Project@22 ProjectTask@22 CostCode@22""",
    "StorageDetailsInquiry": "WarehouseID",
    "InventorySummaryInquiry": "InventoryID WarehouseID LocationID",
}

KEYS: Mapping[str, tuple[str, ...]] = {
    "SalesOrder": ("OrderType", "OrderNbr"),
    "Shipment": ("ShipmentNbr",),
    "StockItem": ("InventoryID",),
    "NonStockItem": ("InventoryID",),
    "Customer": ("CustomerID",),
    "Vendor": ("VendorID",),
    "Bill": ("Type", "ReferenceNbr"),
    "InventoryAdjustment": ("ReferenceNbr",),
    "InventoryReceipt": ("ReferenceNbr",),
    "InventoryIssue": ("ReferenceNbr",),
    "SalesInvoice": ("Type", "ReferenceNbr"),
    "Warehouse": ("WarehouseID",),
    "ShipVia": ("CarrierID",),
}
"""Key fields in the order of the form, which is their order in a URL."""

ACTIONS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "SalesOrder": {
        "SalesOrderCreateShipment": {"ShipmentDate": "d", "WarehouseID": ""},
        "CancelSalesOrder": {},
        "ReopenSalesOrder": {},
        "OpenSalesOrder": {},
    },
    "Shipment": {"ConfirmShipment": {}, "CorrectShipment": {}, "UpdateIN": {}, "PrepareInvoice": {}},
    "Bill": {"ReleaseBill": {}, "ReverseBill": {}},
    "InventoryAdjustment": {"ReleaseAdjustment": {}},
}
"""The contract's actions with their parameters (name to kind). A workflow action that is not here is called by its
internal name and takes custom parameters only."""

_ANSWERS: Mapping[str, str] = {
    "SalesOrder": """Status Hold CustomerID CustomerOrder ExternalRef Description Date ShipVia CurrencyID OrderTotal
        OrderedQty LastModified""",
    "Shipment": """Type Operation Status Hold CustomerID LocationID WarehouseID ShipmentDate ShipVia FreightCost
        ShippedQty ShippedWeight PackageWeight Description LastModifiedDateTime""",
    "Bill": "Status Vendor VendorRef Date Amount CurrencyID",
    "InventoryAdjustment": "Status ExternalRef Date",
}


def answer_fields(entity: str, expanded: Sequence[str], version: str) -> tuple[str, ...]:
    """What the answer of a write shall hold: keys, the header fields of the entity's shape, whole expanded parts."""
    header = _ANSWERS.get(entity)
    price = ("FreightPrice",) if entity == "Shipment" and version >= "22.200.001" else ()
    return (*KEYS[entity], *header.split(), *price, *expanded) if header is not None else ()


_STAMPS: Mapping[str, tuple[str, str]] = {
    "SalesOrder": ("LastModified", ""),  # the only entity without LastModifiedDateTime in any version
    "StockItem": ("LastModified", ""),  # LastModifiedDateTime exists from 24.200.001 only
    "Shipment": ("LastModifiedDateTime", ""),
    "NonStockItem": ("LastModifiedDateTime", ""),
    "Customer": ("LastModifiedDateTime", ""),
    "Vendor": ("LastModifiedDateTime", ""),
    "Bill": ("LastModifiedDateTime", ""),
    "InventoryReceipt": ("LastModifiedDateTime", ""),
    "InventoryAdjustment": ("LastModifiedDateTime", "23.200.001"),
    "InventoryIssue": ("LastModifiedDateTime", "23.200.001"),
    "SalesInvoice": ("LastModifiedDateTime", "23.200.001"),
    "Warehouse": ("LastModifiedDateTime", "23.200.001"),
}


@dataclass(frozen=True)
class FieldRule:
    """What is known of one field: `kind` is text, boolean, integer, decimal, day or instant; or an entity's name."""

    kind: str
    length: int | None = None
    since: str = ""
    entity: str = ""
    collection: bool = False


_KINDS = {"": "text", "b": "boolean", "i": "integer", "n": "decimal", "d": "day", "t": "instant"}


def kind_of(letter: str) -> str:
    """The kind that a table letter stands for."""
    return _KINDS[letter]


@cache
def written_fields(entity: str) -> Mapping[str, FieldRule]:
    """The fields of an entity that may be written. Raises ValueError for an entity this connector never writes."""
    if entity not in _WRITTEN:
        raise ValueError(f"{entity} is not an entity that this connector writes; add it to acumatica/contract.py first")
    return dict(_rule(token) for token in _WRITTEN[entity].split())


def change_stamp(entity: str, version: str) -> str:
    """The field that says when a record last changed. Raises ValueError where the contract has none."""
    name, since = _STAMPS.get(entity, ("", ""))
    if not name or version < since:
        raise ValueError(f"{entity} has no change stamp in Default/{version}: it cannot be polled, list it otherwise")
    return name


def _rule(token: str) -> tuple[str, FieldRule]:
    body, _, release = token.partition("@")
    since = f"{release}.200.001" if release else ""
    if "=" in body:
        name, _, entity = body.partition("=")
        rows = entity.endswith("[]")
        return name, FieldRule("entity", since=since, entity=entity.removesuffix("[]"), collection=rows)
    body, _, letter = body.partition(":")
    name, _, length = body.partition("(")
    return name, FieldRule(kind_of(letter), int(length.removesuffix(")")) if length else None, since)
