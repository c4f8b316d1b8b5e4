"""Items, customers, vendors, warehouses, ship-via codes.

Field names of the Default contract, in the notation that `contract.py` explains.
"""

FIELDS: dict[str, str] = {
    "StockItem": """
        @ItemSettings ABCCode AutoIncrementalValue BaseUOM COGSAccount COGSSubaccount Content CurrentStdCost:n
          DefaultIssueLocationID DefaultPrice:n DefaultReceiptLocationID DefaultSubitem DefaultWarehouseID
          DeferralAccount DeferralSubaccount DimensionVolume:n DimensionWeight:n DiscountAccount DiscountSubaccount
          ImageUrl(255) InventoryAccount InventorySubaccount IsAKit:b ItemClass ItemType LandedCostVarianceAccount
          LandedCostVarianceSubaccount LastStdCost:n LotSerialClass(10) Markup:n MinMarkup:n MSRP:n PackagingOption
          PackSeparately:b PendingStdCost:n POAccrualAccount POAccrualSubaccount PostingClass(10) PriceClass(10)
          PriceManager PriceWorkgroup PurchasePriceVarianceAccount PurchasePriceVarianceSubaccount PurchaseUOM
          ReasonCodeSubaccount SalesAccount SalesSubaccount SalesUOM StandardCostRevaluationAccount
          StandardCostRevaluationSubaccount StandardCostVarianceAccount StandardCostVarianceSubaccount
          SubjectToCommission:b TaxCategory(15) UseOnEntry:b ValuationMethod VolumeUOM WeightUOM CountryOfOrigin
          TariffCode(30) Availability CustomURL ExportToExternal:b MetaDescription MetaKeywords PageTitle SearchKeywords
          TemplateItemID Visibility NotAvailable
        @itemcosts AverageCost:n LastCost:n MaxCost:n MinCost:n
        @Item Description(256) InventoryID(30) ItemStatus LastModified:t ProductManager ProductWorkgroup NoteID:g
          LastModifiedDateTime:t
        @CurySettings_InventoryItem CurySpecificMSRP:n CurySpecificPrice:n
        * Attributes=AttributeValue Boxes=BoxStockItem Categories=CategoryStockItem
          CrossReferences=InventoryItemCrossReference ReplenishmentParameters=ReplenishmentParameterStockItem
          UOMConversions=InventoryItemUOMConversion VendorDetails=StockItemVendorDetail
          WarehouseDetails=StockItemWarehouseDetail FileURLs=InventoryFileUrls
    """,
    "AttributeValue": """
        AttributeID AttributeDescription RefNoteID:g Required:b Value ValueDescription IsActive:b
    """,
    "BoxStockItem": """
        BoxID(15) Description(255) MaxQty:n MaxVolume:n MaxWeight:n Qty:n UOM
    """,
    "CategoryStockItem": """
        CategoryID:i
    """,
    "InventoryItemCrossReference": """
        AlternateID AlternateType Description Subitem VendorOrCustomer UOM
    """,
    "ReplenishmentParameterStockItem": """
        DemandForecastModel ForecastPeriodType LaunchDate:t MaxQty:n MaxShelfLifeInDays:i Method PeriodsToAnalyze:i
          ReorderPoint:n ReplenishmentClass(10) ReplenishmentWarehouse SafetyStock:n Seasonality(10) ServiceLevel:n
          Source TerminationDate:t TransferERQ:n
    """,
    "InventoryItemUOMConversion": """
        ConversionFactor:n FromUOM MultiplyOrDivide ToUOM
    """,
    "StockItemVendorDetail": """
        Active:b AddLeadTimeDays:i CurrencyID Default:b EOQ:n LastVendorPrice:n LeadTimeDays:i Location LotSize:n
          MaxOrderQty:n MinOrderFrequencyInDays:i MinOrderQty:n Override:b PurchaseUnit RecordID:i Subitem VendorID
          VendorName Warehouse
    """,
    "StockItemWarehouseDetail": """
        DailyDemandForecast:n DailyDemandForecastErrorSTDEV:n DefaultIssueLocationID DefaultReceiptLocationID
          InventoryAccount InventorySubaccount IsDefault:b LastForecastDate:t Override:b OverridePreferredVendor:b
          OverrideReplenishmentSettings:b OverrideStdCost:b PreferredVendor PriceOverride:b ProductManager
          ProductWorkgroup QtyOnHand:n ReplenishmentSource ReplenishmentWarehouse Seasonality(10) ServiceLevel:n Status
          WarehouseID
    """,
    "InventoryFileUrls": """
        FileType FileURL NoteID:g
    """,
    "Customer": """
        @CurrentCustomer AccountRef(50) ApplyOverdueCharges:b AutoApplyPayments:b BillingAddressOverride:b
          BillingContactOverride:b CreatedDateTime:t CurrencyID CurrencyRateType EnableCurrencyOverride:b
          EnableRateOverride:b EnableWriteOffs:b LastModifiedDateTime:t MultiCurrencyStatements:b ParentRecord
          PrintDunningLetters:b PrintInvoices:b PrintStatements:b SendDunningLettersbyEmail:b SendInvoicesbyEmail:b
          SendStatementsbyEmail:b StatementCycleID(10) StatementType Terms(10) WriteOffLimit:n RestrictVisibilityTo
          CreditLimit:n IsGuestCustomer:b
        @BAccount CustomerClass(10) CustomerID(30) CustomerName(255) Status BAccountID:i NoteID:g CustomerCategory
          PrimaryContactID:i
        @DefLocation FOBPoint(15) LeadTimedays:i LocationName(60) OrderPriority:i PriceClassID(10) ResidentialDelivery:b
          SaturdayDelivery:b ShippingAddressOverride:b ShippingBranch ShippingContactOverride:b ShippingRule
          ShippingTerms(10) ShippingZoneID(15) ShipVia(15) TaxRegistrationID(50) TaxZone(10) WarehouseID EntityUsageType
          TaxExemptionNumber(30)
        @DefContact Email
        > BillingContact=Contact CreditVerificationRules=CreditVerificationRules MainContact=Contact
          PrimaryContact=Contact ShippingContact=Contact
        * Attributes=AttributeValue Contacts=CustomerContact PaymentInstructions=BusinessAccountPaymentInstructionDetail
          Salespersons=CustomerSalesPerson
    """,
    "Contact": """
        ConvertedBy QualificationDate:t FullName
        @Contact Active:b Attention BusinessAccount ContactClass(10) ContactID:i DisplayName Duplicate DuplicateFound:b
          FirstName(50) JobTitle(255) LastModifiedDateTime:t LastName(100) MiddleName Owner OwnerEmployeeName Status
          Title Type Workgroup WorkgroupDescription NoteID:g
        @ContactCurrent2 OverrideAccountAddress:b SourceCampaign(15)
        @AddressCurrent AddressValidated:b
        @ContactCurrent CompanyName(255) ContactMethod DateOfBirth:t DoNotCall:b DoNotEmail:b DoNotFax:b DoNotMail:b
          Email(255) Fax(50) FaxType Gender Image LanguageOrLocale(10) MaritalStatus NoMarketing:b NoMassMail:b
          ParentAccount Phone1(50) Phone1Type Phone2(50) Phone2Type Phone3(50) Phone3Type Reason Source
          SpouseOrPartnerName(255) Synchronize:b WebSite(255) ExtRefNbr(40)
        @ContactActivityStatistics LastIncomingActivity:t LastOutgoingActivity:t
        > Address=Address UserInfo=
        * Attributes=AttributeValue Relations=RelationDetail Activities= Campaigns= Cases= Duplicates= MarketingLists=
          Notifications= Opportunities= RoleAssignments=
    """,
    "CustomerContact": """
        ContactID:i LastModifiedDateTime:t
        > Contact=Contact
    """,
    "CreditVerificationRules": """
        CreditDaysPastDue:i CreditLimit:n CreditVerification FirstDueDate:t OpenOrdersBalance:n RemainingCreditLimit:n
          UnreleasedBalance:n
    """,
    "BusinessAccountPaymentInstructionDetail": """
        Description LocationID:i PaymentInstructionsID PaymentMethod Value
    """,
    "CustomerSalesPerson": """
        Commission:n Default:b LocationID LocationName Name SalespersonID
    """,
    "Vendor": """
        @CurrentVendor AccountRef(50) CurrencyID CurrencyRateType EnableCurrencyOverride:b EnableRateOverride:b F1099Box
          F1099Vendor:b FATCA:b ForeignEntity:b LandedCostVendor:b ParentAccount Terms(10) VendorIsTaxAgency:b
        @DefLocation APAccount APSubaccount CashAccount FOBPoint(15) LeadTimedays:i LocationName(60) MaxReceipt:n
          MinReceipt:n PaymentBy PaymentLeadTimedays:i PaymentMethod(10) PaySeparately:b PrintOrders:b ReceiptAction
          ReceivingBranch RemittanceAddressOverride:b RemittanceContactOverride:b SendOrdersbyEmail:b
          ShippingContactOverride:b ShippingAddressOverride:b ShippingTerms(10) ShipVia(15) TaxCalculationMode
          TaxRegistrationID(50) TaxZone(10) ThresholdReceipt:n Warehouse
        @BAccount CreatedDateTime:t LastModifiedDateTime:t Status VendorClass(10) VendorID(30) VendorName LegalName(255)
        > MainContact=Contact PrimaryContact=Contact RemittanceContact=Contact ShippingContact=Contact
        * Attributes=AttributeValue Contacts=CustomerContact PaymentInstructions=BusinessAccountPaymentInstructionDetail
    """,
    "Warehouse": """
        @site Active:b Description(60) WarehouseID(30) LastModifiedDateTime:t
        @siteaccounts COGSExpenseAccount COGSExpenseSubaccount DiscountAccount DiscountSubaccount DropShipLocationID
          FreightChargeAccount FreightChargeSubaccount InventoryAccount InventorySubaccount LandedCostVarianceAccount
          LandedCostVarianceSubaccount MiscChargeAccount MiscChargeSubaccount OverrideInventoryAccountSubaccount:b
          POAccrualAccount POAccrualSubaccount PurchasePriceVarianceAccount PurchasePriceVarianceSubaccount
          ReasonCodeSubaccount ReceivingLocationID RMALocationID SalesAccount SalesSubaccount ShippingLocationID
          StandardCostRevaluationAccount StandardCostRevaluationSubaccount StandardCostVarianceAccount
          StandardCostVarianceSubaccount NonStockPickingLocationID UseItemDefaultLocationForPicking:b
        * Locations=WarehouseLocation
    """,
    "WarehouseLocation": """
        Active:b AssemblyAllowed:b Description(60) LocationID(30) PickPriority:i ReceiptsAllowed:b SalesAllowed:b
          TransfersAllowed:b
    """,
    "ShipVia": """
        @CarrierCurrent CalculationMethod Calendar(10) CommonCarrier:b FreightExpenseAccount FreightExpenseSubaccount
          FreightSalesAccount FreightSalesSubaccount TaxCategory(15)
        @Carrier CarrierID(15) Description(60)
        * FreightRates=ShipViaFreightRate Packages=ShippingBox
    """,
    "ShipViaFreightRate": """
        LineNbr:i Rate:n Volume:n Weight:n ZoneID(15)
    """,
    "ShippingBox": """
        CarriersPackage
        @Records ActiveByDefault:b BoxID(15) BoxWeight:n Description(255) Height:n Length:n MaxVolume:n MaxWeight:n
          VolumeUOM WeightUOM Width:n LinearUOM
    """,
}
