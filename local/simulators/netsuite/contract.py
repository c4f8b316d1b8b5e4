"""Which properties each record has, and of which kind: the contract that requests are checked against.

Kinds: text, text45, external, date, number, integer, boolean, address, `ref.<table>` (a reference to a record of that
table; bare `ref` is accepted unlooked), `enum.A/B/C`, `detail` (inventory detail). A trailing `!` means read-only.
Property names are matched whatever their letter case, as NetSuite does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType

Fields = dict[str, str]

_COMMON = (
    "id:text! externalId:external links:links! refName:text! createdDate:text! lastModifiedDate:text! memo:text "
    "tranId:text45 transactionNumber:text! tranDate:date customForm:ref subsidiary:ref.subsidiary "
    "location:ref.location department:ref class:ref currency:ref exchangeRate:number"
)
_ORDER_LINE = (
    "line:integer item:ref.item quantity:number rate:number amount:number description:text location:ref.location "
    "isClosed:boolean isOpen:boolean! units:text quantityReceived:number! quantityBilled:number! "
    "quantityFulfilled:number! quantityCommitted:number! quantityOnShipments:number! expectedReceiptDate:date "
    "uniqueKey:integer! lineUniqueKey:text! inventoryDetail:detail department:ref class:ref customer:ref.customer "
    "inventorylocation:ref.location price:ref"
)
_MOVED_LINE = (
    "orderLine:integer line:integer item:ref.item itemReceive:boolean quantity:number location:ref.location "
    "quantityRemaining:number! onHand:number! itemName:text! displayName:text! itemUpc:text! description:text "
    "units:text inventoryDetail:detail department:ref class:ref orderDoc:ref! kitMemberOf:integer! "
    "serialNumbers:text binNumbers:text"
)
_EXPENSE_LINE = (
    "line:integer account:ref.account category:ref amount:number memo:text department:ref class:ref "
    "location:ref.location customer:ref.customer isBillable:boolean orderDoc:text orderLine:text"
)
_ORDER = "entity:ref.{entity} status:status! orderStatus:enum.{states} otherRefNum:text total:number! subtotal:number!"


def _read(text: str) -> Fields:
    """`"name:kind name:kind"` as a dictionary."""
    return dict(part.split(":") for part in text.split())


@dataclass(frozen=True)
class Sublist:
    """A sublist: its properties, the property that identifies a line (empty: lines are always appended)."""

    fields: Fields
    key: str = ""
    required: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """One record type: SuiteQL's name, words for people, the permission that it needs, body and sublists."""

    name: str
    kind: str  # transaction.type, or the SuiteQL table of a master record
    words: str
    prefix: str
    permission: str
    body: Fields
    lists: dict[str, Sublist] = field(default_factory=dict)
    posting: bool = False
    transaction: bool = True
    order: bool = False

    def property_named(self, name: str) -> str | None:
        """The schema's spelling of a property or a sublist, or None."""
        wanted = name.lower()
        return next((known for known in (*self.body, *self.lists) if known.lower() == wanted), None)


def _carrier(suffix: str, extra: str) -> Sublist:
    names = "packageTrackingNumber{0}:text packageWeight{0}:number packageCartonNumber{0}:text "
    sizes = "packageHeight{0}:integer packageLength{0}:integer packageWidth{0}:integer reference1{0}:text "
    return Sublist(_read((names + sizes + extra).format(suffix)))


_PACKAGES = {
    "package": Sublist(
        _read(
            "packageTrackingNumber:text packageWeight:number packageCartonNumber:text packageDescr:text "
            "packageTrackingNumberReturn:text"
        )
    ),
    "packageUps": _carrier("Ups", "packageDescr{0}:text"),
    "packageFedex": _carrier("FedEx", ""),
    "packageUsps": _carrier("Usps", "packageDescr{0}:text"),
}

_FORMS = (
    Form(
        "purchaseOrder",
        "PurchOrd",
        "Purchase Order",
        "PO",
        "TRAN_PURCHORD",
        _read(
            f"{_COMMON} {_ORDER.format(entity='vendor', states='P/A/B/C/D/E/F/G/H/Y')} approvalStatus:enum.1/2/3/11 "
            "linkedTrackingNumbers:text! trackingNumbers:text shipDate:date dueDate:date shipTo:ref shipMethod:ref "
            "incoTerm:ref employee:ref terms:ref"
        ),
        {
            "item": Sublist(_read(_ORDER_LINE), "line", ("item",)),
            "expense": Sublist(
                _read("account:ref.account amount:number category:ref memo:text line:integer isClosed:boolean"), "line"
            ),
        },
        order=True,
    ),
    Form(
        "salesOrder",
        "SalesOrd",
        "Sales Order",
        "SO",
        "TRAN_SALESORD",
        _read(
            f"{_COMMON} {_ORDER.format(entity='customer', states='A/B')} linkedTrackingNumbers:text! shipDate:date "
            "actualShipDate:date! shipComplete:boolean shipMethod:ref.shipitem shippingCost:number "
            "shippingAddress:address billingAddress:address email:text source:text!"
        ),
        {"item": Sublist(_read(_ORDER_LINE), "line", ("item",))},
        order=True,
    ),
    Form(
        "itemFulfillment",
        "ItemShip",
        "Item Fulfillment",
        "IF",
        "TRAN_ITEMSHIP",
        _read(
            f"{_COMMON} createdFrom:ref! entity:ref! orderId:integer! orderType:text! shipStatus:enum.A/B/C "
            "status:status! shipMethod:ref.shipitem shipCarrier:text shippedDate:date packedDate:date pickedDate:date "
            "shippingCost:number handlingCost:number postingPeriod:ref inventoryLocation:ref.location "
            "shippingAddress:address"
        ),
        {"item": Sublist(_read(_MOVED_LINE), "line"), **_PACKAGES},
        posting=True,
    ),
    Form(
        "itemReceipt",
        "ItemRcpt",
        "Item Receipt",
        "IR",
        "TRAN_ITEMRCPT",
        _read(
            f"{_COMMON} createdFrom:ref! entity:ref! orderId:integer! orderType:text! inboundShipment:ref "
            "itemFulfillment:ref landedCostMethod:enum.WEIGHT/QUANTITY/VALUE landedCostPerLine:boolean "
            "postingPeriod:ref"
        ),
        {
            "item": Sublist(
                _read(
                    f"{_MOVED_LINE} rate:number unitCostOverride:number isDropShipment:boolean vendorName:text "
                    "generateAccruals:boolean"
                ),
                "line",
            ),
            "expense": Sublist(
                _read("account:ref.account amount:number line:integer markReceived:boolean memo:text orderLine:text"),
                "line",
            ),
        },
        posting=True,
    ),
    Form(
        "returnAuthorization",
        "RtnAuth",
        "Return Authorization",
        "RMA",
        "TRAN_RTNAUTH",
        _read(f"{_COMMON} {_ORDER.format(entity='customer', states='A/B')} createdFrom:ref"),
        {"item": Sublist({**_read(_ORDER_LINE), "orderLine": "integer"}, "line", ("item",))},
        order=True,
    ),
    Form(
        "vendorBill",
        "VendBill",
        "Bill",
        "BILL",
        "TRAN_VENDBILL",
        _read(
            f"{_COMMON} entity:ref.vendor account:ref.account approvalStatus:enum.1/2/3/11 status:status! dueDate:date "
            "terms:ref postingPeriod:ref paymentHold:boolean userTotal:number total:number!"
        ),
        {
            "expense": Sublist(_read(_EXPENSE_LINE), "line", ("amount",)),
            "item": Sublist({**_read(_ORDER_LINE), "orderLine": "integer", "orderDoc": "ref"}, "line", ("item",)),
        },
        posting=True,
    ),
    Form(
        "vendorCredit",
        "VendCred",
        "Bill Credit",
        "VC",
        "TRAN_VENDCRED",
        _read(
            f"{_COMMON} entity:ref.vendor account:ref.account postingPeriod:ref userTotal:number total:number! "
            "status:status! unApplied:number! applied:number!"
        ),
        {
            "expense": Sublist(_read(_EXPENSE_LINE), "line", ("amount",)),
            "item": Sublist(_read(_ORDER_LINE), "line", ("item",)),
        },
        posting=True,
    ),
    Form(
        "inventoryAdjustment",
        "InvAdjst",
        "Inventory Adjustment",
        "INVADJ",
        "TRAN_INVADJST",
        _read(
            f"{_COMMON} account:ref.account adjLocation:ref.location customer:ref.customer "
            "estimatedTotalValue:number! postingPeriod:ref"
        ),
        {
            "inventory": Sublist(
                _read(
                    "line:integer item:ref.item location:ref.location adjustQtyBy:number newQuantity:number "
                    "quantityOnHand:number! unitCost:number memo:text units:text description:text department:ref "
                    "class:ref inventoryDetail:detail serialNumbers:text binNumbers:text expirationDate:date"
                ),
                "line",
                ("item", "adjustQtyBy"),
            )
        },
        posting=True,
    ),
)


def _master(name: str, table: str, words: str, permission: str, more: str = "") -> Form:
    body = _read(f"id:text! externalId:text links:links! refName:text! isInactive:boolean {more}")
    return Form(name, table, words, "", permission, body, transaction=False)


_ITEM = "itemId:text displayName:text upcCode:text itemType:text lastModifiedDate:text! createdDate:text!"
ITEM_TYPES = MappingProxyType(
    {
        "inventoryItem": "InvtPart",
        "lotNumberedInventoryItem": "InvtPart",
        "serializedInventoryItem": "InvtPart",
        "assemblyItem": "Assembly",
        "kitItem": "Kit",
        "nonInventorySaleItem": "NonInvtPart",
        "serviceSaleItem": "Service",
    }
)
_MASTERS = (
    *(_master(name, "item", "Item", "LIST_ITEM", _ITEM) for name in ITEM_TYPES),
    _master("vendor", "vendor", "Vendor", "LIST_VENDOR", "entityId:text companyName:text subsidiary:ref.subsidiary"),
    _master("customer", "customer", "Customer", "LIST_CUSTJOB", "entityId:text companyName:text email:text"),
    _master("location", "location", "Location", "LIST_LOCATION", "name:text subsidiary:ref.subsidiary"),
    _master("subsidiary", "subsidiary", "Subsidiary", "LIST_SUBSIDIARY", "name:text"),
    _master("account", "account", "Account", "LIST_ACCOUNT", "acctNumber:text acctName:text acctType:text"),
    _master("shipItem", "shipitem", "Shipping Item", "LIST_SHIPITEM", "itemId:text"),
)
FORMS = MappingProxyType({form.name: form for form in (*_FORMS, *_MASTERS)})
KINDS = MappingProxyType({form.kind: form for form in _FORMS})
TRANSFORMS = MappingProxyType(
    {
        ("salesOrder", "itemFulfillment"): "TRAN_SALESORDFULFILL",
        ("salesOrder", "returnAuthorization"): "TRAN_RTNAUTH",
        ("purchaseOrder", "itemReceipt"): "TRAN_PURCHORDRECEIVE",
        ("returnAuthorization", "itemReceipt"): "TRAN_RTNAUTHRECEIVE",
    }
)
"""Transforms that are simulated, with the permission that each needs beside the target's own."""


def form_named(name: str) -> Form | None:
    """The form of a record type, whatever the letter case."""
    wanted = name.lower()
    return next((form for known, form in FORMS.items() if known.lower() == wanted), None)
