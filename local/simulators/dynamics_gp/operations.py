"""The modelled operations: what each takes and answers. Every write answers an empty element: no number comes back."""

from __future__ import annotations

from dataclasses import dataclass

from local.simulators.dynamics_gp.schema import GP, Field

ACTION = f"{GP}/"
"""SOAPAction is this prefix and the operation's name, in quotation marks."""

_READS = """
GetWSEnabledCompanyForUserList -> Company[]
GetCompanyByKey key:CompanyKey -> Company
GetCompanyList criteria:CompanyCriteria -> Company[]
GetPolicyByOperation operation:string -> Policy
GetPolicyByKey key:PolicyKey -> Policy
GetSalesOrderByKey key:SalesDocumentKey -> SalesOrder
GetSalesOrderList criteria:SalesOrderCriteria -> SalesOrderSummary[]
GetSalesReturnByKey key:SalesDocumentKey -> SalesReturn
GetSalesReturnList criteria:SalesReturnCriteria -> SalesReturnSummary[]
GetSalesInvoiceByKey key:SalesDocumentKey -> SalesInvoice
GetSalesInvoiceList criteria:SalesInvoiceCriteria -> SalesInvoiceSummary[]
GetSalesFulfillmentOrderByKey key:SalesDocumentKey -> SalesFulfillmentOrder
GetSalesFulfillmentOrderList criteria:SalesFulfillmentOrderCriteria -> SalesFulfillmentOrderSummary[]
GetSalesDocumentList criteria:SalesDocumentCriteria -> SalesDocumentSummary[]
GetInventoryAdjustmentByKey key:InventoryKey -> InventoryAdjustment
GetInventoryAdjustmentList criteria:InventoryAdjustmentCriteria -> InventoryAdjustmentSummary[]
GetInventoryVarianceByKey key:InventoryKey -> InventoryVariance
GetInventoryVarianceList criteria:InventoryVarianceCriteria -> InventoryVarianceSummary[]
GetInventoryTransferByKey key:InventoryKey -> InventoryTransfer
GetInventoryTransferList criteria:InventoryTransferCriteria -> InventoryTransferSummary[]
GetInventoriedItemByKey key:ItemKey -> InventoriedItem
GetInventoriedItemList criteria:InventoriedItemCriteria -> InventoriedItemSummary[]
GetItemByKey key:ItemKey -> Item
GetItemList criteria:ItemCriteria -> ItemSummary[]
GetCustomerByKey key:CustomerKey -> Customer
GetCustomerList criteria:CustomerCriteria -> CustomerSummary[]
GetWarehouseByKey key:WarehouseKey -> Warehouse
GetWarehouseList criteria:WarehouseCriteria -> WarehouseSummary[]
GetItemWarehouseByKey key:ItemWarehouseKey -> ItemWarehouse
GetItemWarehouseList criteria:ItemWarehouseCriteria -> ItemWarehouseSummary[]
GetShippingMethodByKey key:ShippingMethodKey -> ShippingMethod
GetShippingMethodList criteria:ShippingMethodCriteria -> ShippingMethod[]
GetBatchByKey key:BatchKey -> Batch
GetBatchList criteria:BatchCriteria -> Batch[]
GetLoggedValidationResultByKey logId:guid -> ValidationResult
"""
_WRITES = """
CreateSalesOrder salesOrder:SalesOrder
UpdateSalesOrder salesOrder:SalesOrder
VoidSalesOrder key:SalesDocumentKey
DeleteSalesOrder key:SalesDocumentKey
CreateSalesReturn salesReturn:SalesReturn
UpdateSalesReturn salesReturn:SalesReturn
VoidSalesReturn key:SalesDocumentKey
DeleteSalesReturn key:SalesDocumentKey
CreateSalesInvoice salesInvoice:SalesInvoice
UpdateSalesInvoice salesInvoice:SalesInvoice
VoidSalesInvoice key:SalesDocumentKey
DeleteSalesInvoice key:SalesDocumentKey
CreateSalesFulfillmentOrder salesFulfillmentOrder:SalesFulfillmentOrder
UpdateSalesFulfillmentOrder salesFulfillmentOrder:SalesFulfillmentOrder
DeleteSalesFulfillmentOrder key:SalesDocumentKey
CreateInventoryAdjustment inventoryAdjustment:InventoryAdjustment
CreateInventoryVariance inventoryVariance:InventoryVariance
CreateInventoryTransfer inventoryTransfer:InventoryTransfer
"""


@dataclass(frozen=True)
class Operation:
    """One operation. `subject` is the first element of the request (None: context alone); writes also take a policy.

    `result` is the type of the answer (`many`: an array of it) or None for a write.
    """

    name: str
    request: tuple[Field, ...]
    subject: Field | None
    result: str | None
    many: bool

    @property
    def writes(self) -> bool:
        """Whether the operation changes something."""
        return self.result is None


_CONTEXT = Field("context", "Context", "required", False, GP)
_POLICY = Field("policy", "Policy", "required", False, GP)


def _operation(line: str) -> Operation:
    asked, _, answer = line.partition(" -> ")
    name, _, subject = asked.partition(" ")
    first: Field | None = None
    if subject:
        element, _, kind = subject.partition(":")
        first = Field(element, kind, "required", False, GP)
    request = (*((first,) if first else ()), _CONTEXT, *(() if answer else (_POLICY,)))
    return Operation(name, request, first, answer.removesuffix("[]") or None, answer.endswith("[]"))


OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (_operation(line) for line in (_READS + _WRITES).splitlines() if line.strip())
}
