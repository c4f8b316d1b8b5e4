"""Companies, customers, sites, shipping methods and batches.

How to read the table: `schema.py`.
"""

MASTERS = """
Batch < BusinessObject
    Key:BatchKey NumberOfTransactions:int? Frequency:PostingFrequency? RecurringLastPostedDate:dateTime?
    NumberOfPostings:int? Comment:string Total:MoneyAmount CurrencyKey:CurrencyKey
    ControlNumberOfTransactions:int? ControlTotal:MoneyAmount GeneralLedgerPostedDate:dateTime?
    BankAccountKey:BankAccountKey WorkflowPriority:WorkflowPriority? Workflows:-
BatchCriteria < Criteria
    Id:LikeRestrictionOfString Source:LikeRestrictionOfString
Company < BusinessObject
    Key:CompanyKey Name:string DefaultAddressKey:- DefaultAddress:- UserDefined1:string UserDefined2:string
    TaxExempt1:string TaxExempt2:string TaxRegistration:string ModifiedDate:dateTime? ModifiedBy:string
    CreatedDate:dateTime? SalesTaxScheduleKey:TaxScheduleKey PurchasesTaxScheduleKey:TaxScheduleKey
    WithholdingVendorKey:VendorKey WitholdingFileOrReconciliationNumber:string WitholdingTaxRate:int?
    ReceivablesProcessesTaxDetailKey:TaxDetailKey PayablesProcessesTaxDetailKey:TaxDetailKey BusinessType:string
    SICNumber:string DUNSNumber:string Vets100Number:string AccountSegmentSeparator:string
    IsValueAddedTaxReturnEnabled:boolean? Options:CompanyOptions? IsWorkflowEnabled:boolean?
CompanyCriteria < Criteria
    Id:BetweenRestrictionOfNullableOfInt32 Name:LikeRestrictionOfString
    CreatedDate:BetweenRestrictionOfNullableOfDateTime ModifiedDate:BetweenRestrictionOfNullableOfDateTime
Customer < BusinessObject
    Key:CustomerKey IsOnHold:boolean? IsActive:boolean? ShipCompleteOnly:boolean? Name:string Shortname:string
    StatementName:string ClassKey:CustomerClassKey Priority:int? DefaultAddressKey:CustomerAddressKey
    ShipToAddressKey:CustomerAddressKey BillToAddressKey:CustomerAddressKey
    StatementToAddressKey:CustomerAddressKey Comment1:string Comment2:string TradeDiscountPercent:Percent
    PaymentTermsKey:PaymentTermsKey DiscountGracePeriod:int? DueDateGracePeriod:int? PriceLevelKey:PriceLevelKey
    Notes:string BalanceType:BalanceType? FinanceCharge:MoneyPercentChoice MinimumPayment:MoneyPercentChoice
    CreditLimit:- MaximumWriteoff:- AllowRevaluation:boolean? PostResultsTo:ReceivablesPostResultsTo!
    OrderFullfillmentShortageDefault:OrderFullfillmentShortage? IncludeInDemandPlanning:boolean?
    PaymentCardAccount:- BankName:string BankBranch:string UserLanguageKey:- TaxExemptNumbers:string[]
    TaxRegistrationNumber:string CurrencyKey:CurrencyKey RateTypeKey:RateTypeKey StatementCycle:StatementCycle?
    HistoryOptions:- SendEmailStatements:boolean? BankAccountKey:BankAccountKey
    DefaultCashAccountType:ReceivablesCashAccountType? CashGLAccountKey:GLAccountNumberKey
    AccountsReceivableGLAccountKey:GLAccountNumberKey SalesGLAccountKey:GLAccountNumberKey
    CostOfGoodsSoldGLAccountKey:GLAccountNumberKey InventoryGLAccountKey:GLAccountNumberKey
    PaymentTermsDiscountTakenGLAccountKey:GLAccountNumberKey
    PaymentTermsDiscountAvailableGLAccountKey:GLAccountNumberKey FinanceChargesGLAccountKey:GLAccountNumberKey
    WriteoffGLAccountKey:GLAccountNumberKey SalesOrderReturnsGLAccountKey:GLAccountNumberKey
    OverpaymentWriteoffGLAccountKey:GLAccountNumberKey StatementRecipients:- CreatedDate:dateTime!
    ModifiedDate:dateTime! LastModifiedDate:dateTime! CorporateAccountKey:CustomerKey UserDefined1:string
    UserDefined2:string Addresses:-
CustomerCriteria < Criteria
    Id:BetweenRestrictionOfString Name:LikeRestrictionOfString IsActive:RestrictionOfNullableOfBoolean
    IsOnHold:RestrictionOfNullableOfBoolean SalespersonId:LikeRestrictionOfString
    ClassId:LikeRestrictionOfString CorporateAccountId:LikeRestrictionOfString State:LikeRestrictionOfString
    PhoneNumber:LikeRestrictionOfString CreatedDate:BetweenRestrictionOfNullableOfDateTime
    ModifiedDate:BetweenRestrictionOfNullableOfDateTime LastModifiedDate:BetweenRestrictionOfNullableOfDateTime
    Scope:CustomerScope!
CustomerSummary
    Key:CustomerKey Name:string IsActive:boolean! IsOnHold:boolean! CustomerClassKey:CustomerClassKey
    CorporateAccountKey:CustomerKey SalespersonKey:SalespersonKey State:string PhoneNumbers:PhoneNumber[]
    CreatedDate:dateTime! ModifiedDate:dateTime! LastModifiedDate:dateTime!
ShippingMethod < BusinessObject
    Key:ShippingMethodKey Description:string PhoneNumber:PhoneNumber Contact:string CarrierAccount:string
    Carrier:string Type:ShippingMethodType? ModifiedBy:string CreatedDate:dateTime? ModifiedDate:dateTime?
ShippingMethodCriteria < Criteria
    Id:LikeRestrictionOfString CreatedDate:BetweenRestrictionOfNullableOfDateTime
    ModifiedDate:BetweenRestrictionOfNullableOfDateTime
Warehouse < BusinessObject
    Key:WarehouseKey Description:string Address:InternationalAddress SalesTaxScheduleKey:TaxScheduleKey
    PurchaseTaxScheduleKey:TaxScheduleKey IncludeInPlanning:boolean? Bins:-
WarehouseCriteria < Criteria
    WarehouseId:LikeRestrictionOfString Description:LikeRestrictionOfString AddressLine1:LikeRestrictionOfString
    City:LikeRestrictionOfString State:LikeRestrictionOfString PostalCode:LikeRestrictionOfString
    CountryRegion:LikeRestrictionOfString
WarehouseSummary
    Key:WarehouseKey Description:string AddressLine1:string City:string State:string PostalCode:string
    CountryRegion:string
"""
