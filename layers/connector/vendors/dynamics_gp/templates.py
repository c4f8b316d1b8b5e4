"""Our own templates of what is sent: which elements, in the order of GP's schema (base types first).

Elements that the schema wants without a value stand with a `?`. Elements that we never send and that the schema does
not want are left out. tests/unit/test_dynamics_gp_messages.py validates what comes out against the schema itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vendors.dynamics_gp.xml import Listed, template

ID = template("Id")
MONEY = template("Currency Value DecimalDigits")
QUANTITY = template("Value DecimalDigits")
TYPE = template("Type Id")
BATCH = template("Source Id CreatedDateTime")
CURRENCY = template("ISOCode")
PHONE = template("Value CountryCode Extension")
ADDRESS = template(
    "Line1 Line2 Line3 City State PostalCode CountryRegion Phone1 Phone2 Phone3 Fax CountryRegionCodeKey "
    "Name ContactPerson",
    Phone1=PHONE, CountryRegionCodeKey=ID,
)  # fmt: skip
TEXTS = template("Date01? Date02? List01 List02 List03 Text01 Text02 Text03 Text04 Text05")
TRACKING = template(
    "Key DeleteOnUpdate?", Key=template("SalesDocumentKey Id", SalesDocumentKey=ID)
)
LINE_KEY = template("SalesDocumentKey LineSequenceNumber", SalesDocumentKey=ID)

_HEADER = (
    "Key Type? Date? FreightAmount MiscellaneousAmount TaxAmount CustomerName CustomerPONumber MasterNumber? "
    "Reference ExchangeRate? ExchangeDate? RequestedShipDate? Comment FreightTaxBasis? MiscellaneousTaxBasis? Note "
    "TransactionState? CreatedDate? ModifiedDate? LastModifiedDate? CommissionBasedOn? ActualShipDate? FulfillDate? "
    "QuoteDate? IsIntrastatDocument? IsVoided? ShipCompleteOnly? IntegrationSource? InvoiceDate? BackorderDate? "
    "ReturnDate? DocumentTypeKey ShippingMethodKey WarehouseKey CustomerKey BatchKey CurrencyKey PriceLevelKey "
    "ShipToAddress UserDefined TrackingNumbers "
)
_LINE = (
    "Key UnitPrice TotalAmount Quantity UnitCost ItemDescription IsNonInventory? IsDropShip? RequestedShipDate? UofM "
    "DeleteOnUpdate? TaxBasis? IntegrationSource? WarehouseKey ItemKey ShippingMethodKey PriceLevelKey "
)
_KEYS = {"WarehouseKey": ID, "ShippingMethodKey": ID, "PriceLevelKey": ID}
_HEADER_PARTS: Mapping[str, Any] = {
    "Key": ID, "FreightAmount": MONEY, "MiscellaneousAmount": MONEY, "TaxAmount": MONEY, "DocumentTypeKey": TYPE,
    "CustomerKey": ID, "BatchKey": BATCH, "CurrencyKey": CURRENCY, "ShipToAddress": ADDRESS, "UserDefined": TEXTS,
    "TrackingNumbers": Listed("SalesTrackingNumber", TRACKING), **_KEYS,
}  # fmt: skip
_LINE_PARTS: Mapping[str, Any] = {
    "Key": LINE_KEY, "UnitPrice": MONEY, "TotalAmount": MONEY, "Quantity": QUANTITY, "UnitCost": MONEY, "ItemKey": ID,
    **_KEYS,
}  # fmt: skip
_FILLED = {"QuantityFulfilled": QUANTITY, "QuantityCanceled": QUANTITY, "QuantityToBackorder": QUANTITY}

ORDER_LINE = template(
    _LINE + "QuantityToBackorder QuantityToInvoice QuantityCanceled QuantityFulfilled FulfillDate? ActualShipDate?",
    **_LINE_PARTS, **_FILLED, QuantityToInvoice=QUANTITY,
)  # fmt: skip
ORDER = template(
    _HEADER + "ShippingProcessStatus? IsRepeating? DocumentFrequency? TimesToRepeat? DaysToIncrement? "
    "WorkflowPriority? Lines",
    **_HEADER_PARTS, Lines=Listed("SalesOrderLine", ORDER_LINE),
)  # fmt: skip

_BILLED_LINE = template(
    _LINE + "QuantityToBackorder QuantityCanceled QuantityFulfilled BillingQuantity ActualShipDate? FulfillDate?",
    **_LINE_PARTS, **_FILLED, BillingQuantity=QUANTITY,
)  # fmt: skip
INVOICE = template(
    _HEADER + "GeneralLedgerPostingDate? PostedDate? IsDirectDebit? WorkflowPriority? Lines",
    **_HEADER_PARTS, Lines=Listed("SalesInvoiceLine", _BILLED_LINE),
)  # fmt: skip
FULFILLMENT = template(
    _HEADER + "GeneralLedgerPostingDate? PostedDate? IsDirectDebit? ShippingProcessStatus? WorkflowPriority? Lines",
    **_HEADER_PARTS, Lines=Listed("SalesFulfillmentOrderLine", _BILLED_LINE),
)  # fmt: skip

SPLIT = template(
    "OnHandQuantity ReturnedQuantity InUseQuantity InServiceQuantity DamagedQuantity",
    OnHandQuantity=QUANTITY, ReturnedQuantity=QUANTITY, InUseQuantity=QUANTITY, InServiceQuantity=QUANTITY,
    DamagedQuantity=QUANTITY,
)  # fmt: skip
RETURN_LINE = template(_LINE + "ReturnQuantity", **_LINE_PARTS, ReturnQuantity=SPLIT)
RETURN = template(
    _HEADER + "GeneralLedgerPostingDate? PostedDate? Lines",
    **_HEADER_PARTS, Lines=Listed("SalesReturnLine", RETURN_LINE),
)  # fmt: skip

ADJUSTMENT_LINE = template(
    "Key ItemKey Quantity UnitCost UofM WarehouseKey",
    Key=template("InventoryKey SequenceNumber", InventoryKey=ID), ItemKey=ID, Quantity=QUANTITY, UnitCost=MONEY,
    WarehouseKey=ID,
)  # fmt: skip
ADJUSTMENT = template(
    "Key BatchKey Date? ModifiedDate? CreatedDate? GLPostingDate? TransactionState? Lines",
    Key=ID, BatchKey=BATCH, Lines=Listed("InventoryAdjustmentLine", ADJUSTMENT_LINE),
)  # fmt: skip

EQUAL_TEXT = template("EqualValue Like")
EQUAL_CHOICE = template("EqualValue? NotEqualValue?")
BETWEEN = template("EqualValue? NotEqualValue? From? To? GreaterThan? LessThan?")
SALES_CRITERIA = template(
    "TransactionState DocumentId CustomerPONumber ModifiedDate Scope Type",
    TransactionState=EQUAL_CHOICE, DocumentId=EQUAL_TEXT, CustomerPONumber=EQUAL_TEXT, ModifiedDate=BETWEEN,
    Type=EQUAL_CHOICE,
)  # fmt: skip
INVENTORY_CRITERIA = template(
    "ModifiedDate InventoryId TransactionState",
    ModifiedDate=BETWEEN, InventoryId=EQUAL_TEXT, TransactionState=EQUAL_CHOICE,
)  # fmt: skip
EVERYTHING = template("")
