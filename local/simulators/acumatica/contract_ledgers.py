"""Inventory adjustments, bills and the stock inquiries.

Field names of the Default contract, in the notation that `contract.py` explains.
"""

FIELDS: dict[str, str] = {
    "InventoryAdjustment": """
        @adjustment Date:t Description(256) ExternalRef(40) Hold:b ReferenceNbr(15) Status TotalCost:n TotalQty:n
          LastModifiedDateTime:t
        * Details=InventoryAdjustmentDetail
    """,
    "InventoryAdjustmentDetail": """
        BranchID Description(256) ExpirationDate:t ExtendedCost:n InventoryID LocationID LotSerialNbr(100) Qty:n
          ReasonCode(20) ReceiptNbr(15) Subitem UOM WarehouseID CostCode CostLayerType Project ProjectTask
          SpecialOrderNbr(255)
    """,
    "Bill": """
        @Document Amount:n Balance:n CurrencyID Date:t Description(512) DueDate:t Hold:b LocationID PostPeriod Project
          ReferenceNbr(15) Status TaxTotal:n Terms(10) Type Vendor VendorRef(40) IsTaxValid:b LastModifiedDateTime:t
        @CurrentDocument ApprovedForPayment:b BranchID CashAccount
        * Applications=BillApplicationDetail Details=BillDetail TaxDetails=BillTaxDetail
    """,
    "BillDetail": """
        Account Amount:n Branch CalculateDiscountsOnImport:b CostCode Description ExtendedCost:n InventoryID
          NonBillable:b POLine:i POOrderNbr(15) POOrderType POReceiptLine:i POReceiptType POReceiptNbr(15) Project
          ProjectTask Qty:n Subaccount TaxCategory(15) TransactionDescription(256) UnitCost:n UOM LCLineNbr:i LCNbr(15)
          LCType
    """,
    "BillTaxDetail": """
        TaxableAmount:n TaxAmount:n TaxID(60) TaxRate:n
    """,
    "BillApplicationDetail": """
        AmountPaid:n Balance:n DocType ReferenceNbr Status
    """,
    "StorageDetailsInquiry": """
        @Filter WarehouseID
        * StorageDetails=StorageDetail
    """,
    "StorageDetail": """
        InventoryID QtyAvailable:n QtyAvailableforIssue:n QtyHardAvailable:n WarehouseID
          LastModifiedDateofWarehouseQty:t QtyOnHand:n
    """,
    "InventorySummaryInquiry": """
        @Filter ExpandByLotSerialNbr:b InventoryID LocationID Subitem(30) WarehouseID
        * Results=InventorySummaryRow
    """,
    "InventorySummaryRow": """
        BaseUOM EstimatedTotalCost:n EstimatedUnitCost:n ExpirationDate:t LocationID LotSerialNbr(100) QtyAvailable:n
          QtyAvailableForShipment:n QtyNotAvailable:n QtyOnHand:n Subitem WarehouseID
    """,
}
