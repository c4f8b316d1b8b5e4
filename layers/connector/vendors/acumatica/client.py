"""Acumatica as the flows use it: documents in, drafts out, every call named after the vendor's page.

Reads answer shapes, or None where the ERP holds no such record; writes answer the raw Reply, because the Ledger stores
it before anybody parses it. Everything raises VendorFault. An answer that cannot be used is a VendorFault too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from connector.effect import Pending
from connector.faults import FaultKind, VendorFault
from connector.transport import Reply, Transport
from vendors.acumatica import probe, shapes, stock
from vendors.acumatica.calls import EVERYTHING, Ask, Calls
from vendors.acumatica.changes import Changed, list_all, list_window
from vendors.acumatica.contract import KEYS, answer_fields, change_stamp
from vendors.acumatica.operations import Operations
from vendors.acumatica.rows import Row
from vendors.acumatica.settings import AcumaticaSystem
from vendors.acumatica.times import filter_literal, stated_time
from vendors.acumatica.urls import equals

T = TypeVar("T")

PAGE = 200
ORDER_PARTS = ("Details", "ShipToAddress", "ShipToContact", "ShippingSettings", "Shipments")
SHIPMENT_PARTS = (
    "Details", "Packages", "Packages/PackageContents", "Orders", "ShippingSettings", "ShippingSettings/ShipToAddress",
    "ShippingSettings/ShipToContact",
)
BRIEF = Ask(
    ("Details", "Packages"),
    ("ShipmentNbr", "Type", "Status", "Description", "ShipVia", "FreightCost", "CreatedDateTime",
     "Details/OrderLineNbr", "Details/ShippedQty", "Packages/TrackingNbr", "Packages/CustomRefNbr1"),
)
BRIEF_PER_CALL = 30
"""Shipment numbers in a filter: the query stays below the 2,048 characters that IIS takes unless told otherwise."""
ITEM_FIELDS = (
    "InventoryID", "Description", "ItemStatus", "ItemClass", "ItemType", "IsAKit", "BaseUOM", "SalesUOM",
    "DimensionWeight", "WeightUOM", "DefaultPrice", "DefaultWarehouseID", "LotSerialClass", "LastModified",
)
ITEM_PARTS = ("CrossReferences", "UOMConversions", "Attributes")
NONSTOCK_FIELDS = (
    "InventoryID", "Description", "ItemStatus", "ItemClass", "ItemType", "IsKit", "BaseUnit", "SalesUnit", "Weight",
    "WeightUOM", "DefaultPrice", "RequireShipment", "LastModifiedDateTime",
)
CONTACT_PARTS = ("MainContact", "MainContact/Address", "ShippingContact", "ShippingContact/Address")


def _keep_nothing(until: datetime | None) -> None:
    """For clients without session slots (ping, tests)."""


def _close_nothing() -> None:
    """For clients without session slots (ping, tests)."""


class Acumatica:
    """One tenant. `extend` and `release` are the account gate's (see `open.py`)."""

    def __init__(
        self,
        transport: Transport,
        system: AcumaticaSystem,
        extend: Callable[[datetime | None], None] = _keep_nothing,
        release: Callable[[], None] = _close_nothing,
    ) -> None:
        self.system = system
        self.transport = transport
        self._calls = Calls(transport, system)
        self._operations = Operations(transport, system, extend)
        self._release = release

    def ready(self) -> None:
        """Takes the session; raises VendorFault(BUDGET) while somebody else has it or no call is left."""
        self.transport.ready()

    def close(self) -> None:
        """Gives the session slot back, unless a long operation still runs in it."""
        self._release()

    # ---- the site ----------------------------------------------------------------------------------------------

    def endpoints(self) -> probe.Site:
        """The build and the endpoints that the site serves."""
        return probe.read_site(self._calls)

    def check_endpoint(self) -> probe.Site:
        """The same, after making sure that the pinned endpoint is among them. Raises VendorFault(CONFIGURATION)."""
        return probe.check_endpoint(self._calls)

    def missing_custom_fields(self, entity: str, names: Sequence[str]) -> Sequence[str]:
        """Which of these custom fields (`Document.AttributeX`, `Details/Transactions.UsrY`) the form does not have."""
        return probe.missing_custom_fields(self._calls, entity, names)

    def on_file(self, entity: str, key: str) -> bool | None:
        """Whether an account, subaccount or shipping box exists; None when the site does not say. For `doctor`."""
        return probe.on_file(self._calls, entity, key)

    def stated_time(self) -> datetime | None:
        """A time as the site writes it, with its own offset; None where no sales order shows one."""
        ask = Ask(select=("OrderType", "OrderNbr", "LastModified"))
        rows = self._calls.rows("SalesOrder", "OrderType ne ''", ask, top=1)
        text = rows[0].text("LastModified") if rows else None
        return stated_time(text) if text else None

    # ---- reading -----------------------------------------------------------------------------------------------

    def list_changed(
        self, entity: str, since: datetime, until: datetime, select: Sequence[str] = (), *, page_size: int = PAGE
    ) -> Sequence[Changed]:
        """Records of an entity whose change stamp lies in [since, until], each once, oldest first, complete.

        The key fields and the stamp are always selected; ask for plain header fields only. Decide on status in code:
        a status in the filter would hide records that just left it. Raises VendorFault(UNSUPPORTED_QUERY) where the
        site cannot list the entity, ValueError where it has no stamp.
        """
        stamp = change_stamp(entity, self.system.contract)
        ask = Ask(select=[*KEYS[entity], stamp, *select])

        def page(start: datetime, end: datetime, skip: int, top: int) -> Sequence[Row]:
            condition = f"{stamp} ge {filter_literal(start)} and {stamp} le {filter_literal(end, up=True)}"
            return self._calls.rows(entity, condition, ask, top=top, skip=skip)

        return list_window(page, stamp, since, until, page_size)

    def find(
        self, entity: str, field: str, value: str, select: Sequence[str] = (), *, page_size: int = PAGE
    ) -> Sequence[Row]:
        """All records whose header field equals a text exactly, in no order.

        One field only: two fields of different data views can silently answer nothing. Raises
        VendorFault(UNSUPPORTED_QUERY) when the list cannot be proven complete.
        """
        ask = Ask(select=[*KEYS[entity], field, *select])

        def page(skip: int, top: int) -> Sequence[Row]:
            return self._calls.rows(entity, equals(field, value), ask, top=top, skip=skip)

        rows = list_all(page, page_size, f"{entity} with {field} {value}")
        return [row for row in rows if row.text(field) == value.rstrip()]

    def read_status(self, entity: str, *keys: str) -> str | None:
        """A document's status: the last look at a long operation, which shows whether it did what it was asked for."""
        ask = Ask(select=(*KEYS[entity], "Status"))
        row = self._calls.read(entity, keys, ask, purpose=f"read back {entity}")
        return row.text("Status") if row is not None else None

    def get(self, entity: str, keys: Sequence[str], ask: Ask = EVERYTHING) -> Row | None:
        """Any record by its keys in the form's order; None when there is none."""
        return self._calls.read(entity, keys, ask)

    def sales_order(self, order_type: str, number: str, custom: Sequence[str] = ()) -> shapes.SalesOrder | None:
        """A sales order with lines, ship-to and shipments (form SO301000)."""
        return self._get("SalesOrder", (order_type, number), Ask(ORDER_PARTS, custom=custom), shapes.parse_sales_order)

    def shipments_of_order(self, order_type: str, number: str) -> Sequence[shapes.OrderShipment] | None:
        """The shipments of an order as the order lists them: the way to find what SalesOrderCreateShipment made.

        None when there is no such order.
        """
        # Vendor's own pattern after creating a shipment: keyed read of the order, $expand=Shipments.
        row = self.get("SalesOrder", (order_type, number), Ask(["Shipments"], ["OrderType", "OrderNbr", "Shipments"]))
        if row is None:
            return None
        return self._calls.understood(
            row.path, lambda: tuple(shapes.parse_order_shipment(shipment) for shipment in row.rows("Shipments"))
        )

    def shipment(self, number: str, custom: Sequence[str] = (), *, files: bool = False) -> shapes.Shipment | None:
        """A shipment with lines, packages and orders (form SO302000); `files` adds the names of attached files."""
        parts = (*SHIPMENT_PARTS, "files", "Packages/files") if files else SHIPMENT_PARTS
        return self._get("Shipment", (number,), Ask(parts, custom=custom), shapes.parse_shipment)

    def shipments_in_brief(self, numbers: Sequence[str]) -> Sequence[shapes.ShipmentBrief]:
        """Those of these shipments (at most BRIEF_PER_CALL) that the site shows in a list, with lines and packages.

        No proof of absence: some sites cannot list shipments, or answer nothing. A row without lines or packages is
        left out as well, because it may have been cut down; read those by `shipment_in_brief`.
        """
        condition = " or ".join(equals("ShipmentNbr", number) for number in numbers)
        try:
            rows = self._calls.rows("Shipment", condition, BRIEF, top=len(numbers))
        except VendorFault as fault:
            if fault.kind is not FaultKind.UNSUPPORTED_QUERY:
                raise
            return ()
        found = [self._calls.understood(row.path, partial(shapes.parse_shipment_brief, row)) for row in rows]
        return [each for each in found if each.lines and each.packages and each.number in numbers]

    def shipment_in_brief(self, number: str) -> shapes.ShipmentBrief | None:
        """The same of one shipment, by its key; None when there is none."""
        return self._get("Shipment", (number,), BRIEF, shapes.parse_shipment_brief)

    def stock_item(self, inventory_id: str, custom: Sequence[str] = ()) -> shapes.StockItem | None:
        """A stock item with barcodes, unit conversions and attributes (form IN202500). Whole items are very large."""
        later = ("CountryOfOrigin", "TariffCode") if self.system.contract >= "22.200.001" else ()
        ask = Ask(ITEM_PARTS, [*ITEM_FIELDS, *later, *ITEM_PARTS], custom)
        return self._get("StockItem", (inventory_id,), ask, shapes.parse_stock_item)

    def nonstock_item(self, inventory_id: str, custom: Sequence[str] = ()) -> shapes.StockItem | None:
        """A non-stock item in the same shape, `stock` False (form IN202000)."""
        parts = ("CrossReferences", "Attributes")
        ask = Ask(parts, [*NONSTOCK_FIELDS, *parts], custom)
        return self._get("NonStockItem", (inventory_id,), ask, shapes.parse_nonstock_item)

    def customer(self, customer_id: str) -> shapes.Customer | None:
        """A customer with main and shipping contact (form AR303000)."""
        return self._get("Customer", (customer_id,), Ask(CONTACT_PARTS), shapes.parse_customer)

    def vendor(self, vendor_id: str) -> shapes.Vendor | None:
        """A vendor (form AP303000)."""
        fields = ("VendorID", "VendorName", "Status", "Terms", "CurrencyID")
        return self._get("Vendor", (vendor_id,), Ask(select=fields), shapes.parse_vendor)

    def exists(self, entity: str, *keys: str) -> bool:
        """Whether a record exists: a ship-via code, a warehouse, a customer."""
        return self.get(entity, keys, Ask(select=KEYS[entity])) is not None

    # ---- stock and ledgers -------------------------------------------------------------------------------------

    def storage_details(self, warehouse: str) -> Sequence[shapes.StorageRow]:
        """Stock of every item of a warehouse in one call (form IN408050). Empty is no proof of zero stock."""
        return stock.storage_details(self._calls, warehouse)

    def inventory_summary(self, inventory_id: str, warehouse: str) -> shapes.StorageRow | None:
        """Stock of one item in one warehouse (form IN401000); None means that the ERP says nothing, not zero."""
        return stock.inventory_summary(self._calls, inventory_id, warehouse)

    def stock_levels(self, warehouse: str, inventory_ids: Sequence[str]) -> Mapping[str, shapes.StorageRow]:
        """Stock of these items: one bulk call, and one call an item for those that it does not show."""
        return stock.stock_levels(self._calls, warehouse, inventory_ids)

    def find_adjustment(self, external_reference: str) -> shapes.Adjustment | None:
        """The inventory adjustment that carries our reference. Raises VendorFault(INVALID) when several do."""
        return stock.find_adjustment(self._calls, external_reference)

    def find_bill(self, vendor: str, vendor_reference: str, bill_type: str = "Bill") -> shapes.Bill | None:
        """The vendor's bill that carries this reference. Raises VendorFault(INVALID) when several do."""
        return stock.find_bill(self._calls, vendor, vendor_reference, bill_type)

    def bill(self, bill_type: str, number: str) -> shapes.Bill | None:
        """A bill with its lines (form AP301000)."""
        return self._get("Bill", (bill_type, number), Ask(["Details"]), shapes.parse_bill)

    def adjustment(self, number: str) -> shapes.Adjustment | None:
        """An inventory adjustment with its lines (form IN303000)."""
        return self._get("InventoryAdjustment", (number,), Ask(["Details"]), shapes.parse_adjustment)

    # ---- writing: raw replies for the Ledger -------------------------------------------------------------------

    def put(
        self, entity: str, body: Mapping[str, Any], *, create_only: bool = False, update_only: bool = False,
        expand: Sequence[str] = (), select: Sequence[str] = (), custom: Sequence[str] = (),
    ) -> Reply:
        """Creates or updates a record from plain values (see `codec.wrap`). Raises ValueError for a wrong body.

        create_only: DUPLICATE when it exists; update_only: NOT_FOUND when it does not. A PUT of a numbered document
        without its number inserts a new one every time: search by our reference first. A detail row without `id`
        is inserted. Without `select` the answer holds the header fields of the entity's shape and what `expand` names
        (the vendor does not say what else a PUT returns); read it with `read_reply`.
        """
        if create_only and update_only:
            raise ValueError("a write is create-only or update-only, not both")
        headers = {"If-None-Match": "*"} if create_only else {"If-Match": "*"} if update_only else {}
        fields = select or answer_fields(entity, expand, self.system.contract)
        return self._calls.put(entity, body, Ask(expand, fields, custom), headers)

    def action(
        self, entity: str, name: str, keys: Mapping[str, Any], parameters: Mapping[str, Any] | None = None
    ) -> Reply:
        """Executes an action on the record with these keys (`{"ShipmentNbr": "SH1"}` or `{"id": ...}`)."""
        return self._calls.act(entity, name, keys, parameters or {})

    def operation(self, reply: Reply) -> Pending | None:
        """What an action's reply means: None = done, Pending = it runs; the session stays with this holder."""
        return self._operations.begun(reply)

    def check_operation(self, operation: str) -> Pending | None:
        """Asks for a running operation: None = done well. Raises VendorFault when it failed."""
        return self._operations.check(operation)

    def attach(self, upload_link: str, filename: str, content: bytes, comment: str = "") -> Reply:
        """Attaches a file to the record or row whose `upload_link` this is. The same name overwrites."""
        return self._calls.upload(upload_link, filename, content, comment)

    def read_reply(self, entity: str, reply: Reply, parse: Callable[[Row], T]) -> T:
        """Parses a stored write answer. Raises ValueError, which the Ledger takes for "unreadable"."""
        return parse(probe.row_of(entity, reply, self.system))

    def _get(self, entity: str, keys: Sequence[str], ask: Ask, parse: Callable[[Row], T]) -> T | None:
        row = self.get(entity, keys, ask)
        return None if row is None else self._calls.understood(row.path, lambda: parse(row))
