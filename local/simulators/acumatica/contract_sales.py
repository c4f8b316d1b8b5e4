"""Sales orders and shipments with everything nested in them.

Field names of the Default contract, in the notation that `contract.py` explains.
"""

FIELDS: dict[str, str] = {
    "SalesOrder": """
        @Document Approved:b ContactID ControlTotal:n CreditHold:b CurrencyID CustomerID CustomerOrder(40) Date:t
          Description(256) DestinationWarehouseID ExternalRef(40) Hold:b IsTaxValid:b LastModified:t LocationID
          OrderedQty:n OrderNbr(15) OrderTotal:n OrderType Project RequestedOn:t Status TaxTotal:n VATExemptTotal:n
          VATTaxableTotal:n ExternalOrderOriginal:b ExternalRefundRef NoteID:g UsrExternalOrderOriginal:b
          ExternalOrderOrigin ExternalOrderSource CreatedDate:t
        @currencyinfo BaseCurrencyID CurrencyRate:n CurrencyRateTypeID EffectiveDate:t ReciprocalRate:n
        @Billing_Address BillToAddressOverride:b BillToAddressValidated:b
        @Billing_Contact BillToContactOverride:b
        @CurrentDocument CashAccount DisableAutomaticDiscountUpdate:b PaymentMethod(10) PreferredWarehouseID ShipVia(15)
          DisableAutomaticTaxCalculation:b WillCall:b PaymentRef(40) TaxCalcMode Branch MaxRiskScore:n
        @Shipping_Address ShipToAddressOverride:b ShipToAddressValidated:b
        @Shipping_Contact ShipToContactOverride:b
        > BillToAddress=Address BillToContact=DocContact Commissions=Commissions FinancialSettings=FinancialSettings
          ShippingSettings=ShippingSettings ShipToAddress=Address ShipToContact=DocContact Totals=Totals
        * Details=SalesOrderDetail DiscountDetails=SalesOrdersDiscountDetails Payments=SalesOrderPayment
          Relations=RelationDetail Shipments=SalesOrderShipment TaxDetails=TaxDetail OrderRisks=OrderRisks
    """,
    "SalesOrderDetail": """
        Account AlternateID(50) Amount:n AutoCreateIssue:b AverageCost:n Branch CalculateDiscountsOnImport:b
          Commissionable:b Completed:b CostCode CustomerOrderNbr(40) DiscountAmount:n DiscountCode(10)
          DiscountedUnitPrice:n DiscountPercent:n ExtendedPrice:n FreeItem:b InventoryID LastModifiedDate
          LineDescription(256) LineNbr:i LineType Location ManualDiscount:b MarkForPO:b OpenQty:n Operation OrderQty:n
          OvershipThreshold:n POSource ProjectTask QtyOnShipments:n ReasonCode(20) RequestedOn:t SalespersonID
          SchedOrderDate:t ShipOn:t ShippingRule ShipToLocation Subitem TaxCategory(15) TaxZone(10) UnbilledAmount:n
          UndershipThreshold:n UnitCost:n UnitPrice:n UOM WarehouseID InvoiceLineNbr:i InvoiceNbr(15) InvoiceType
          PurchaseWarehouse VendorID AssociatedOrderLineNbr:i GiftMessage ManualPrice:b LotSerialNbr NoteID:g
          ExternalRef
        * Allocations=SalesOrderDetailAllocation PurchasingDetails=PurchasingDetail
    """,
    "SalesOrderDetailAllocation": """
        Allocated:b AllocWarehouseID Completed:b CustomerOrderNbr ExpirationDate:t InventoryID LineNbr:i LocationID
          LotSerialNbr OrderNbr OrderType Qty:n QtyOnShipments:n QtyReceived:n RelatedDocument SchedOrderDate:t ShipOn:t
          SplitLineNbr:i Subitem UOM
    """,
    "PurchasingDetail": """
        POOrderLineNbr:i POOrderNbr POOrderType Selected:b
    """,
    "SalesOrdersDiscountDetails": """
        Description(256) DiscountableAmount:n DiscountableQty:n DiscountAmount:n DiscountCode(10) DiscountPercent:n
          ExternalDiscountCode(15) FreeItem FreeItemQty:n ManualDiscount:b SequenceID(10) SkipDiscount:b Type
    """,
    "SalesOrderPayment": """
        ApplicationDate:t AppliedToOrder:n Authorize:b Balance:n CardAccountNbr Capture:b CashAccount Currency
          Description(256) DocType Hold:b LastModifiedDateTime:t OrigTransactionNbr(50) PaymentAmount:n
          PaymentMethod(10) PaymentRef(40) ProcessingCenterID(10) ReferenceNbr(15) Refund:b SaveCard:b Status
          TransferredtoInvoice:n ValidateCCRefundOrigTransaction:b ExternalRef NoteID:g
        * CreditCardTransactionInfo=SalesOrderCreditCardTransactionDetail
    """,
    "SalesOrderCreditCardTransactionDetail": """
        AuthNbr ExtProfileId NeedValidation:b TranDate:t TranNbr TranType CardType
    """,
    "SalesOrderShipment": """
        InventoryDocType InventoryRefNbr InvoiceNbr(15) InvoiceType ShipmentDate:t ShipmentNbr ShipmentType ShippedQty:n
          ShippedVolume:n ShippedWeight:n Status InventoryNoteID:g LastModifiedDateTime:t OrderNoteID:g ShippingNoteID:g
    """,
    "ShippingSettings": """
        CancelByDate:t Canceled:b FOBPoint(15) GroundCollect:b Insurance:b PreferredWarehouseID Priority:i
          ResidentialDelivery:b SaturdayDelivery:b ScheduledShipmentDate:t ShippingRule ShippingTerms(10)
          ShippingZone(15) ShipSeparately:b ShipVia(15) UseCustomersAccount:b FreightCost:n FreightCostIsuptodate:b
          FreightTaxCategory(15) OrderVolume:n OrderWeight:n PackageWeight:n PremiumFreight:n FreightPrice:n
          OverrideFreightPrice:b
        > ShopForRates=ShopForRates
    """,
    "ShopForRates": """
        IsManualPackage:b OrderWeight:n PackageWeight:n
    """,
    "FinancialSettings": """
        BillSeparately:b Branch CashDiscountDate:t CustomerTaxZone(10) DueDate:t EntityUsageType InvoiceDate:t
          InvoiceNbr(15) OriginalOrderNbr(15) OriginalOrderType OverrideTaxZone:b Owner PostPeriod Terms(10)
    """,
    "Totals": """
        DiscountTotal:n LineTotalAmount:n MiscTotalAmount:n TaxTotal:n UnbilledAmount:n UnbilledQty:n UnpaidBalance:n
          Freight:n FreightCost:n FreightCostIsuptodate:b FreightTaxCategory(15) OrderVolume:n OrderWeight:n
          PackageWeight:n PremiumFreight:n OverrideFreightAmount:b
    """,
    "TaxDetail": """
        CustomerTaxZone(10) IncludeInVATExemptTotal:b LineNbr:i OrderNbr(15) OrderType PendingVAT:b RecordID:i
          ReverseVAT:b StatisticalVAT:b TaxableAmount:n TaxAmount:n TaxID(60) TaxRate:n TaxType
    """,
    "Commissions": """
        DefaultSalesperson
        * SalesPersons=SalesPersonDetail
    """,
    "SalesPersonDetail": """
        CommissionableAmount:n CommissionAmount:n CommissionPercent:n SalespersonID
    """,
    "RelationDetail": """
        Account AddToCc:b ContactDisplayName ContactID:i Document:g DocumentTargetNoteIDDescription Email Name Primary:b
          RelationID:i Role Type DocumentDate:t
    """,
    "OrderRisks": """
        Message Recommendation Score:n
    """,
    "Address": """
        AddressLine1 AddressLine2 City Country PostalCode State Validated:b BuildingName BuildingNumber Department
          DistrictName Floor PostBox Room StreetName SubDepartment TownLocationName UnitNumber
        + BuildingName BuildingNumber Department DistrictName Floor PostBox Room StreetName SubDepartment
          TownLocationName UnitNumber
    """,
    "DocContact": """
        Attention BusinessName Email Phone1
    """,
    "Shipment": """
        CreateNewShipmentForEveryOrder:b
        @currencyinfo BaseCurrencyID CurrencyRate:n CurrencyRateTypeID EffectiveDate:t ReciprocalRate:n
        @Document ControlQty:n CreatedDateTime:t CustomerID Description(256) Hold:b LastModifiedDateTime:t LocationID
          Operation Owner PackageCount:i PackageWeight:n Picked:b ShipmentDate:t ShipmentNbr(15) ShippedQty:n
          ShippedVolume:n ShippedWeight:n Status ToWarehouseID Type WarehouseID WorkgroupID NoteID:g
        @CurrentDocument CurrencyViewState:b FOBPoint(15) OverrideFreightPrice:b FreightCost:n FreightCurrencyID
          GroundCollect:b Insurance:b ResidentialDelivery:b SaturdayDelivery:b ShippingTerms(10) ShippingZoneID(15)
          ShipVia(15) UseCustomersAccount:b FreightPrice:n UnlimitedPackages:b
        > ShippingSettings=ShipToSettings
        * Details=ShipmentDetail Orders=ShipmentOrderDetail Packages=ShipmentPackage
    """,
    "ShipmentDetail": """
        Description(256) ExpirationDate:t FreeItem:b InventoryID LineNbr:i LocationID LotSerialNbr(100) OpenQty:n
          OrderedQty:n OrderLineNbr:i OrderNbr(15) OrderType OriginalQty:n ReasonCode(20) ShippedQty:n Subitem UOM
          WarehouseID
        * Allocations=ShipmentDetailAllocation
    """,
    "ShipmentDetailAllocation": """
        Description ExpirationDate:t InventoryID LocationID LotSerialNbr OrderNbr OrderType Qty:n Subitem UOM
          SplitLineNbr:i
    """,
    "ShipmentOrderDetail": """
        InventoryDocType InventoryRefNbr(15) InvoiceNbr(15) InvoiceType OrderNbr(15) OrderType ShipmentNbr(15)
          ShipmentType ShippedQty:n ShippedVolume:n ShippedWeight:n OrderNoteID:g
    """,
    "ShipmentPackage": """
        BoxID(15) CODAmount:n Confirmed:b CustomRefNbr1(30) CustomRefNbr2(30) DeclaredValue:n Description(30)
          TrackingNbr(60) Type UOM Weight:n Length:n Width:n Height:n LineNbr:i NoteID:g
        * PackageContents=ShipmentPackageDetail
    """,
    "ShipmentPackageDetail": """
        InventoryID LotSerialNbr Quantity:n ShipmentSplitLineNbr:i Subitem UOM OrigOrderNbr OrigOrderType
    """,
    "ShipToSettings": """
        ShipToAddressOverride:b ShipToContactOverride:b Validated:b
        > ShipToAddress=Address ShipToContact=DocContact
    """,
}
