"""Items with their quantities per site, and inventory adjustments, variances and transfers.

How to read the table: `schema.py`.
"""

INVENTORY = """
abstract InventoriedItem < Item
InventoriedItemCriteria < ItemCriteriaBase
    Type:ListRestrictionOfNullableOfInventoriedItemType IsDiscontinued:RestrictionOfNullableOfBoolean
InventoriedItemSummary < ItemSummaryBase
    Type:InventoriedItemType! IsDiscontinued:boolean!
InventoryAdjustment < InventoryBase
    Lines:InventoryAdjustmentLine[]
InventoryAdjustmentCriteria, InventoryTransferCriteria, InventoryVarianceCriteria < InventoryCriteria
InventoryAdjustmentLine, InventoryVarianceLine < InventoryLine
InventoryAdjustmentSummary, InventoryTransferSummary, InventoryVarianceSummary < InventorySummary
abstract InventoryBase < BusinessObject
    Key:InventoryKey BatchKey:BatchKey Date:dateTime? ModifiedDate:dateTime? CreatedDate:dateTime?
    AuditTrailCode:string GLPostingDate:dateTime? TransactionState:InventoryTransactionState?
InventoryCriteria < Criteria
    CreatedDate:BetweenRestrictionOfNullableOfDateTime ModifiedDate:BetweenRestrictionOfNullableOfDateTime
    Date:BetweenRestrictionOfNullableOfDateTime BatchId:LikeRestrictionOfString
    InventoryId:LikeRestrictionOfString TransactionState:ListRestrictionOfNullableOfInventoryTransactionState
abstract InventoryLine < InventoryLineBase
    UofM:string WarehouseKey:WarehouseKey InventoryGLAccount:GLAccountNumberKey
    InventoryOffsetGLAccount:GLAccountNumberKey Bins:- Lots:- Serials:-
abstract InventoryLineBase < BusinessObject
    Key:InventoryLineKey ItemKey:ItemKey Quantity:Quantity UnitCost:MoneyAmount
InventoryLineKey < TransactionKey
    InventoryKey:InventoryKey SequenceNumber:decimal!
abstract InventorySummary
    Key:InventoryKey BatchKey:BatchKey Date:dateTime? ModifiedDate:dateTime? CreatedDate:dateTime?
    TransactionState:InventoryTransactionState?
InventoryTransfer < InventoryBase
    Lines:InventoryTransferLine[]
InventoryTransferLine < InventoryLineBase
    WarehouseFromKey:WarehouseKey WarehouseToKey:WarehouseKey QuantityTypeFrom:QuantityType?
    QuantityTypeTo:QuantityType? InventoryFromGLAccount:GLAccountNumberKey
    InventoryToGLAccount:GLAccountNumberKey Bins:- Lots:- Serials:-
InventoryVariance < InventoryBase
    Lines:InventoryVarianceLine[]
abstract Item < BusinessObject
    Key:ItemKey Description:string ShortDescription:string GenericDescription:string ClassKey:ItemClassKey
    Type:ItemType? SalesTaxBasis:SalesTaxBasis? SalesTaxScheduleKey:TaxScheduleKey
    UofMScheduleKey:UofMScheduleKey ShippingWeight:decimal? QuantityDecimalPlaces:QuantityDecimalPlaces?
    CurrencyDecimalPlaces:CurrencyDecimalPlaces? PurchaseTaxBasis:PurchasingTaxBasis?
    PurchaseTaxScheduleKey:TaxScheduleKey StandardCost:MoneyAmount CurrentCost:MoneyAmount
    SubstituteItem1Key:ItemKey SubstituteItem2Key:ItemKey IncludeInDemandPlanning:boolean?
    AllowBackOrder:boolean? WarrantyDays:short? ABCCode:ABCCode? UserCategoryList1:string
    UserCategoryList2:string UserCategoryList3:string UserCategoryList4:string UserCategoryList5:string
    UserCategoryList6:string KeepCalendarYearHistory:boolean? KeepFiscalYearHistory:boolean?
    KeepTransactionHistory:boolean? KeepDistributionHistory:boolean? InventoryGLAccountKey:GLAccountNumberKey
    InventoryOffsetGLAccountKey:GLAccountNumberKey CostofGoodsSoldGLAccountKey:GLAccountNumberKey
    SalesGLAccountKey:GLAccountNumberKey MarkdownGLAccountKey:GLAccountNumberKey
    SalesReturnGLAccountKey:GLAccountNumberKey InUseGLAccountKey:GLAccountNumberKey
    InServiceGLAccountKey:GLAccountNumberKey DamagedGLAccountKey:GLAccountNumberKey
    VarianceGLAccountKey:GLAccountNumberKey DropShipGLAccountKey:GLAccountNumberKey
    PurchasePriceVarianceGLAccountKey:GLAccountNumberKey
    UnrealizedPurchasePriceVarianceGLAccountKey:GLAccountNumberKey
    InventoryReturnGLAccountKey:GLAccountNumberKey AssemblyVarianceGLAccountKey:GLAccountNumberKey
    PurchaseUofM:string DefaultWarehouseKey:WarehouseKey PriceMethod:PriceMethod?
    FunctionalCurrencyDecimalPlaces:CurrencyDecimalPlaces? ModifiedDate:dateTime? LastModifiedDate:dateTime?
    CreatedDate:dateTime? IsDiscontinued:boolean? DefaultPriceLevelKey:PriceLevelKey DefaultSellingUofM:string
    InternetAddresses:-
ItemCriteria < ItemCriteriaBase
    Type:ListRestrictionOfNullableOfItemType IsDiscontinued:RestrictionOfNullableOfBoolean
abstract ItemCriteriaBase < Criteria
    ItemId:LikeRestrictionOfString Description:LikeRestrictionOfString ShortDescription:LikeRestrictionOfString
    GenericDescription:LikeRestrictionOfString ItemClassId:LikeRestrictionOfString
    CreatedDate:BetweenRestrictionOfNullableOfDateTime ModifiedDate:BetweenRestrictionOfNullableOfDateTime
    LastModifiedDate:BetweenRestrictionOfNullableOfDateTime
ItemSummary < ItemSummaryBase
    Type:ItemType! IsDiscontinued:boolean!
abstract ItemSummaryBase
    Key:ItemKey Description:string ShortDescription:string GenericDescription:string ClassKey:ItemClassKey
    CreatedDate:dateTime? ModifiedDate:dateTime? LastModifiedDate:dateTime?
ItemWarehouse < BusinessObject
    Key:ItemWarehouseKey Bin:string PrimaryVendorKey:VendorKey LandedCostGroupKey:LandedCostGroupKey
    RequisitionedQuantity:Quantity BuyerKey:BuyerKey PlannerKey:PlannerKey Planning:-
ItemWarehouseCriteria < Criteria
    ItemId:LikeRestrictionOfString WarehouseId:LikeRestrictionOfString BuyerId:LikeRestrictionOfString
    PlannerId:LikeRestrictionOfString
ItemWarehouseKey < ReferenceKey
    ItemKey:ItemKey WarehouseKey:WarehouseKey
ItemWarehouseSummary
    Key:ItemWarehouseKey PrimaryVendorKey:VendorKey BuyerKey:BuyerKey PlannerKey:PlannerKey
Kit < InventoriedItem
    CostOfGoodsSoldAccountSource:CostOfGoodsSoldAccountSource? Components:KitComponent[]
KitComponent < BusinessObject
    Key:KitComponentKey Quantity:Quantity Description:string Type:ItemType? UofMScheduleKey:UofMScheduleKey
SalesItem < InventoriedItem
    ValuationMethod:ValuationMethod? TrackingOption:TrackingOption? LotCategoryKey:LotCategoryKey
    MinimumShelfLifeDays1:short? MinimumShelfLifeDays2:short? RevalueInventory:boolean?
    TolerancePercentage:Percent Quantities:SalesItemWarehouse[]
SalesItemWarehouse < BusinessObject
    Key:ItemWarehouseKey InUseQuantity:Quantity InServiceQuantity:Quantity ReturnedQuantity:Quantity
    DamagedQuantity:Quantity OnHandQuantity:Quantity AllocatedQuantity:Quantity OnOrderQuantity:Quantity
    BackOrderedQuantity:Quantity Bins:-
Service < Item
"""
