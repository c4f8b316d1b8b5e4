"""Sales documents (orders, returns, invoices, fulfilment orders), their lines, summaries and criteria.

How to read the table: `schema.py`.
"""

SALES = """
abstract SalesDocument < BusinessObject
    Key:SalesDocumentKey Type:SalesDocumentType? Date:dateTime? FreightAmount:MoneyAmount
    MiscellaneousAmount:MoneyAmount TaxAmount:MoneyAmount TradeDiscount:MoneyPercentChoice
    DiscountAmount:MoneyAmount CustomerName:string CustomerPONumber:string UPSZone:string MasterNumber:int?
    Reference:string CommissionAmount:MoneyAmount ExchangeRate:decimal? ExchangeDate:dateTime?
    RequestedShipDate:dateTime? Comment:string TaxExemptNumber1:string TaxExemptNumber2:string
    TaxRegistrationNumber:string FreightTaxBasis:SalesTaxBasis? MiscellaneousTaxBasis:SalesTaxBasis?
    FreightTaxAmount:MoneyAmount MiscellaneousTaxAmount:MoneyAmount Note:string
    TransactionState:SalesTransactionState? TaxScheduleKey:TaxScheduleKey FreightTaxScheduleKey:TaxScheduleKey
    MiscellaneousTaxScheduleKey:TaxScheduleKey LineTotalAmount:MoneyAmount TotalAmount:MoneyAmount
    CreatedBy:string CreatedDate:dateTime? ModifiedDate:dateTime? LastModifiedDate:dateTime?
    CommissionBasedOn:CommissionBasedOn? CommissionSaleAmount:MoneyAmount ActualShipDate:dateTime?
    FulfillDate:dateTime? QuoteDate:dateTime? AuditTrailCode:string IsIntrastatDocument:boolean?
    IsVoided:boolean? ShipCompleteOnly:boolean? FrontOfficeIntegrationId:string IntegrationSource:int?
    IntegrationId:string InvoiceDate:dateTime? BackorderDate:dateTime? ReturnDate:dateTime?
    OriginalSalesDocumentKey:SalesDocumentKey OriginalSalesDocumentType:string
    DocumentTypeKey:SalesDocumentTypeKey ShippingMethodKey:ShippingMethodKey WarehouseKey:WarehouseKey
    CustomerKey:CustomerKey SalesTerritoryKey:SalesTerritoryKey SalespersonKey:SalespersonKey BatchKey:BatchKey
    BillToAddressKey:CustomerAddressKey ShipToAddressKey:CustomerAddressKey PaymentTermsKey:PaymentTermsKey
    CurrencyKey:CurrencyKey CommentKey:CommentKey PriceLevelKey:PriceLevelKey ShipToAddress:BusinessAddress
    UserDefined:SalesUserDefined Commissions:- ProcessHolds:- Taxes:- FreightTaxes:- MiscellaneousTaxes:-
    TrackingNumbers:SalesTrackingNumber[]
SalesDocumentCriteria < SalesDocumentCriteriaBase
    Type:ListRestrictionOfNullableOfSalesDocumentType
abstract SalesDocumentCriteriaBase < Criteria
    TransactionState:ListRestrictionOfNullableOfSalesTransactionState DocumentId:LikeRestrictionOfString
    Date:BetweenRestrictionOfNullableOfDateTime CustomerId:LikeRestrictionOfString
    CustomerName:LikeRestrictionOfString CustomerPONumber:LikeRestrictionOfString
    BatchId:LikeRestrictionOfString DocumentTypeId:LikeRestrictionOfString SalespersonId:LikeRestrictionOfString
    MasterNumber:BetweenRestrictionOfNullableOfInt32 ModifiedDate:BetweenRestrictionOfNullableOfDateTime
    LastModifiedDate:BetweenRestrictionOfNullableOfDateTime CreatedDate:BetweenRestrictionOfNullableOfDateTime
    Scope:SalesDocumentScope!
SalesDocumentSummary < SalesDocumentSummaryBase
    Type:SalesDocumentType?
abstract SalesDocumentSummaryBase
    DocumentTypeKey:SalesDocumentTypeKey Key:SalesDocumentKey MasterNumber:int? CustomerKey:CustomerKey
    CustomerPONumber:string CustomerName:string SalespersonKey:SalespersonKey Date:dateTime?
    CurrencyKey:CurrencyKey LineTotalAmount:MoneyAmount TradeDiscountAmount:MoneyAmount
    FreightAmount:MoneyAmount MiscellaneousAmount:MoneyAmount TaxAmount:MoneyAmount TotalAmount:MoneyAmount
    CreatedDate:dateTime? ModifiedDate:dateTime? LastModifiedDate:dateTime?
    TransactionState:SalesTransactionState? BatchKey:BatchKey
SalesDocumentTypeKey < ReferenceKey
    Type:SalesDocumentType! Id:string
SalesFulfillmentOrder < SalesDocument
    PaymentAmount:MoneyAmount DepositAmount:MoneyAmount Terms:- GeneralLedgerPostingDate:dateTime?
    PostedDate:dateTime? PostedBy:string IsDirectDebit:boolean? ShippingProcessStatus:ShippingProcessStatus?
    WorkflowPriority:WorkflowPriority? Lines:SalesFulfillmentOrderLine[] Payments:- Distributions:- Workflows:-
SalesInvoice < SalesDocument
    PaymentAmount:MoneyAmount DepositAmount:MoneyAmount Terms:- GeneralLedgerPostingDate:dateTime?
    PostedDate:dateTime? PostedBy:string IsDirectDebit:boolean? WorkflowPriority:WorkflowPriority?
    Lines:SalesInvoiceLine[] Payments:- Distributions:- Workflows:-
SalesFulfillmentOrderLine, SalesInvoiceLine < SalesLine
    QuantityToBackorder:Quantity QuantityCanceled:Quantity QuantityFulfilled:Quantity BillingQuantity:Quantity
    ActualShipDate:dateTime? QuantityAllocated:Quantity FulfillDate:dateTime? Components:- Serials:- Lots:-
    Bins:-
abstract SalesLine < BusinessObject
    Key:SalesLineKey UnitPrice:MoneyAmount TotalAmount:MoneyAmount Quantity:Quantity Discount:MoneyPercentChoice
    UnitCost:MoneyAmount ItemDescription:string IsNonInventory:boolean? IsDropShip:boolean?
    RequestedShipDate:dateTime? Comment:string UofM:string DeleteOnUpdate:boolean? ExtendedCost:MoneyAmount
    ItemTaxScheduleKey:TaxScheduleKey TaxBasis:SalesTaxBasis? TaxAmount:MoneyAmount
    TaxScheduleKey:TaxScheduleKey CostOfSalesGLAccountKey:GLAccountNumberKey
    DamagedGLAccountKey:GLAccountNumberKey InServiceGLAccountKey:GLAccountNumberKey
    InUseGLAccountKey:GLAccountNumberKey InventoryGLAccountKey:GLAccountNumberKey
    DiscountGLAccountKey:GLAccountNumberKey ReturnsGLAccountKey:GLAccountNumberKey
    SalesGLAccountKey:GLAccountNumberKey FrontOfficeIntegrationId:string IntegrationSource:int?
    IntegrationId:string WarehouseKey:WarehouseKey ItemKey:ItemKey ShippingMethodKey:ShippingMethodKey
    SalesTerritoryKey:SalesTerritoryKey SalespersonKey:SalespersonKey CommentKey:CommentKey
    PriceLevelKey:PriceLevelKey ShipToAddressKey:CustomerAddressKey ShipToAddress:BusinessAddress Taxes:-
SalesLineKey < TransactionKey
    SalesDocumentKey:SalesDocumentKey LineSequenceNumber:int!
SalesOrder < SalesDocument
    PaymentAmount:MoneyAmount DepositAmount:MoneyAmount ShippingProcessStatus:ShippingProcessStatus?
    IsRepeating:boolean? DocumentFrequency:Frequency? TimesToRepeat:int? DaysToIncrement:int?
    WorkflowPriority:WorkflowPriority? Lines:SalesOrderLine[] Payments:- Workflows:-
SalesFulfillmentOrderCriteria, SalesInvoiceCriteria, SalesOrderCriteria, SalesReturnCriteria <
SalesDocumentCriteriaBase
SalesOrderLine < SalesLine
    QuantityToBackorder:Quantity QuantityToInvoice:Quantity QuantityCanceled:Quantity QuantityFulfilled:Quantity
    QuantityAllocated:Quantity FulfillDate:dateTime? ActualShipDate:dateTime? Components:- Serials:- Lots:-
    Bins:-
SalesFulfillmentOrderSummary, SalesInvoiceSummary, SalesOrderSummary, SalesReturnSummary <
SalesDocumentSummaryBase
SalesReturn < SalesDocument
    PaymentAmount:MoneyAmount TermsDiscountReturnedAmount:MoneyAmount GeneralLedgerPostingDate:dateTime?
    PostedDate:dateTime? PostedBy:string Lines:SalesReturnLine[] Payments:- Distributions:-
SalesReturnLine < SalesLine
    ReturnQuantity:SalesReturnQuantities Components:- Serials:- Lots:- Bins:-
SalesReturnQuantities
    OnHandQuantity:Quantity ReturnedQuantity:Quantity InUseQuantity:Quantity InServiceQuantity:Quantity
    DamagedQuantity:Quantity
SalesTrackingNumber < BusinessObject
    Key:SalesTrackingNumberKey DeleteOnUpdate:boolean?
SalesTrackingNumberKey < TransactionKey
    SalesDocumentKey:SalesDocumentKey Id:string
SalesUserDefined
    Date01:dateTime? Date02:dateTime? List01:string List02:string List03:string Text01:string Text02:string
    Text03:string Text04:string Text05:string
"""
