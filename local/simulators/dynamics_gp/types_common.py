"""Keys, amounts, restrictions, addresses, policies and validation results: what every operation shares.

How to read the table: `schema.py`.
"""

COMMON = """
Address < AddressBase
    CountryRegion:string Phone1:PhoneNumber Phone2:PhoneNumber Phone3:PhoneNumber Fax:PhoneNumber
abstract AddressBase < BusinessObject
    Line1:string Line2:string Line3:string City:string State:string PostalCode:string
BatchKey < ReferenceKey
    Source:string Id:string CreatedDateTime:dateTime!
Behavior
    Key:BehaviorKey Name:string Description:string Internal:boolean? Options:BehaviorOption[]
    SelectedOption:BehaviorOption
BehaviorKey < Key
    PolicyKey:PolicyKey Id:guid!
BehaviorOption
    Key:BehaviorOptionKey Name:string Description:string Parameters:Parameter[]
BehaviorOptionKey < Key
    BehaviorKey:BehaviorKey Id:int!
BetweenRestrictionOfNullableOfDateTime < ListRestrictionOfNullableOfDateTime
    From:dateTime? To:dateTime? GreaterThan:dateTime? LessThan:dateTime?
BetweenRestrictionOfNullableOfInt32 < ListRestrictionOfNullableOfInt32
    From:int? To:int? GreaterThan:int? LessThan:int?
BetweenRestrictionOfString < ListRestrictionOfString
    From:string To:string GreaterThan:string LessThan:string
BusinessAddress < InternationalAddress
    Name:string ContactPerson:string
abstract BusinessObject
    Extensions:-
abstract Amount, Criteria, Restriction
CurrencyKey < ReferenceKey
    ISOCode:string
CustomerAddressKey < ReferenceKey
    CustomerKey:CustomerKey Id:string
GLAccountNumberKey < ReferenceKey
    Id:string IsEncrypted:boolean!
abstract GreatPlainsKey < Key
    CompanyKey:CompanyKey
InternationalAddress < Address
    CountryRegionCodeKey:CountryRegionCodeKey
BankAccountKey, BuyerKey, CommentKey, CountryRegionCodeKey, CustomerClassKey, CustomerKey, ItemClassKey,
ItemKey, LandedCostGroupKey, LotCategoryKey, PaymentTermsKey, PlannerKey, PriceLevelKey, RateTypeKey,
SalesTerritoryKey, SalespersonKey, ShippingMethodKey, TaxDetailKey, TaxScheduleKey, UofMScheduleKey, VendorKey,
WarehouseKey < ReferenceKey
    Id:string
KitComponentKey < ReferenceKey
    KitKey:ItemKey ItemKey:ItemKey UofM:string
LikeRestrictionOfString < BetweenRestrictionOfString
    Like:string
ListRestrictionOfNullableOfDateTime < RestrictionOfNullableOfDateTime
    Items:dateTime[]
ListRestrictionOfNullableOfInt32 < RestrictionOfNullableOfInt32
    Items:int[]
ListRestrictionOfNullableOfInventoriedItemType < RestrictionOfNullableOfInventoriedItemType
    Items:InventoriedItemType[]
ListRestrictionOfNullableOfInventoryTransactionState < RestrictionOfNullableOfInventoryTransactionState
    Items:InventoryTransactionState[]
ListRestrictionOfNullableOfItemType < RestrictionOfNullableOfItemType
    Items:ItemType[]
ListRestrictionOfNullableOfSalesDocumentType < RestrictionOfNullableOfSalesDocumentType
    Items:SalesDocumentType[]
ListRestrictionOfNullableOfSalesTransactionState < RestrictionOfNullableOfSalesTransactionState
    Items:SalesTransactionState[]
ListRestrictionOfString < RestrictionOfString
    Items:string[]
MoneyAmount < Amount
    Currency:string Value:decimal! DecimalDigits:int!
MoneyPercentChoice
    Percent:Percent Amount:MoneyAmount
Parameter
    Key:ParameterKey Name:string Value:string Description:string
ParameterKey < Key
    BehaviorOptionKey:BehaviorOptionKey Id:int!
Percent
    Value:decimal! DecimalDigits:int!
PhoneNumber
    Value:string CountryCode:string Extension:string
Policy
    Key:PolicyKey Behaviors:Behavior[] Name:string RootBusinessObjectName:string
PolicyKey < Key
    Id:guid!
Quantity < Amount
    Value:decimal! DecimalDigits:int!
RestrictionOfNullableOfBoolean
    EqualValue:boolean? NotEqualValue:boolean?
RestrictionOfNullableOfDateTime
    EqualValue:dateTime? NotEqualValue:dateTime?
RestrictionOfNullableOfInt32
    EqualValue:int? NotEqualValue:int?
RestrictionOfNullableOfInventoriedItemType
    EqualValue:InventoriedItemType? NotEqualValue:InventoriedItemType?
RestrictionOfNullableOfInventoryTransactionState
    EqualValue:InventoryTransactionState? NotEqualValue:InventoryTransactionState?
RestrictionOfNullableOfItemType
    EqualValue:ItemType? NotEqualValue:ItemType?
RestrictionOfNullableOfSalesDocumentType
    EqualValue:SalesDocumentType? NotEqualValue:SalesDocumentType?
RestrictionOfNullableOfSalesTransactionState
    EqualValue:SalesTransactionState? NotEqualValue:SalesTransactionState?
RestrictionOfString < Restriction
    EqualValue:string NotEqualValue:string
InventoryKey, SalesDocumentKey < TransactionKey
    Id:string
abstract ReferenceKey, TransactionKey < GreatPlainsKey
ValidationError, ValidationWarning < ValidationItem
abstract ValidationItem
    ObjectType:string PropertyNames:string[] Message:string Id:string
ValidationResult
    Errors:ValidationError[] Warnings:ValidationWarning[]
"""
