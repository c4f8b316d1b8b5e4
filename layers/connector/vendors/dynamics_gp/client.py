"""The client of one Dynamics GP company over SOAP: sales documents, inventory, stock, lists, policies.

Reads answer parsed shapes. Writes answer the raw `Reply`, because the Ledger stores it before anybody parses it; GP's
answer to a write is empty, so nothing is learned from it but that it was done. Every call raises `VendorFault`. Bodies
are plain JSON in the names of GP's schema (see `templates.py`). Above each call stands the page of Microsoft's Web
Service Reference and the limit that matters. Document numbers are ours: GP tells no number back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connector.faults import FaultKind, VendorFault
from connector.transport import Reply, Transport
from vendors.dynamics_gp.calls import Calls, read_done, readable
from vendors.dynamics_gp.envelope import text_part
from vendors.dynamics_gp.faults import tidy
from vendors.dynamics_gp.keys import folded, same
from vendors.dynamics_gp.policies import Policies
from vendors.dynamics_gp.settings import DynamicsGpSystem
from vendors.dynamics_gp.shapes.inventory import (
    InventoryDocument,
    InventorySummary,
    Item,
    parse_inventory_document,
    parse_inventory_summary,
    parse_item,
)
from vendors.dynamics_gp.shapes.masters import (
    Behaviour,
    Company,
    Problem,
    calculates_prices,
    parse_behaviours,
    parse_company,
    parse_problems,
)
from vendors.dynamics_gp.shapes.sales import Document, Summary, parse_document, parse_summary
from vendors.dynamics_gp.templates import (
    ADJUSTMENT,
    EVERYTHING,
    FULFILLMENT,
    INVENTORY_CRITERIA,
    INVOICE,
    ORDER,
    RETURN,
    SALES_CRITERIA,
)
from vendors.dynamics_gp.times import stamp_text
from vendors.dynamics_gp.xml import Node, Template, build

if TYPE_CHECKING:
    from vendors.dynamics_gp.xml import Element

DOCUMENTS: Mapping[str, Template] = {
    "SalesOrder": ORDER,
    "SalesInvoice": INVOICE,
    "SalesFulfillmentOrder": FULFILLMENT,
    "SalesReturn": RETURN,
    "InventoryAdjustment": ADJUSTMENT,
}
KINDS = {"SalesOrder": "Order", "SalesInvoice": "Invoice", "SalesFulfillmentOrder": "Fulfillment Order",
         "SalesReturn": "Return"}  # fmt: skip
MOST_ROWS = 1_000
SHORTEST_WINDOW = timedelta(minutes=1)
LONGEST_REASONS = 600
_IN_USE = re.compile(r"\b(being edited|in use|locked|opened? by|another user)\b", re.IGNORECASE)


@dataclass(frozen=True)
class DynamicsGp:
    """One company. `release` gives back what its budget holds for the piece of work."""

    transport: Transport
    system: DynamicsGpSystem
    policies: Policies
    release: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Ends the piece of work."""
        self.release()

    def ready(self) -> None:
        """Raises VendorFault(BUDGET) if no call could go out now, ConfigurationFault while the sign-in is refused."""
        self.transport.ready()

    @property
    def calls(self) -> Calls:
        """For calls that have no method here."""
        return Calls(self.transport, self.system)

    # ---- the account

    def companies(self) -> tuple[Company, ...]:
        """GetWSEnabledCompanyForUserList: the companies that the account may see; also the connection test."""
        purpose = "list companies"
        found = self.calls.ask("GetWSEnabledCompanyForUserList", purpose=purpose)
        return readable(purpose, lambda: tuple(parse_company(row) for row in found.children("Company")))

    def behaviours(self, operation: str) -> tuple[Behaviour, ...]:
        """GetPolicyByOperation: the rules that GP applies to a write."""
        return readable("read policy", lambda: parse_behaviours(self.policies.read(operation)))

    def calculates_prices(self, operation: str) -> bool | None:
        """Whether GP replaces the unit prices that a write sends; None when its policy does not say."""
        return calculates_prices(self.policies.read(operation))

    def prepare(self, operation: str) -> None:
        """Reads the policy that a write takes with it, so that nothing stands between its note and its call."""
        self.policies.part(operation)

    # ---- sales documents

    def document(self, entity: str, number: str) -> Document | None:
        """GetSales...ByKey: work and history. None when GP holds none; a finished one may have been deleted."""
        operation, purpose = f"Get{entity}ByKey", f"read {KINDS[entity].lower()}"
        return self.calls.by_key(operation, number, purpose, lambda found: parse_document(found, KINDS[entity]))

    def order(self, number: str) -> Document | None:
        """GetSalesOrderByKey. A control character stored in GP makes this fail for the one order for good."""
        return self.document("SalesOrder", number)

    def documents_by_purchase_order(self, purchase_order: str) -> tuple[Summary, ...]:
        """GetSalesDocumentList: documents of every kind, work and history, by the customer's PO number (indexed)."""
        purpose = "find documents by purchase order number"
        criteria = {"CustomerPONumber": {"EqualValue": purchase_order}, "Scope": "Return All"}
        rows = self._list("GetSalesDocumentList", criteria, SALES_CRITERIA, purpose)
        found = readable(purpose, lambda: tuple(parse_summary(row) for row in rows))
        # A server that ignored the criterion would answer everything: only exact hits count.
        return tuple(row for row in found if same(row.purchase_order, purchase_order))

    def documents_like(self, beginning: str, since: datetime) -> tuple[Summary, ...]:
        """GetSalesDocumentList: documents of every kind whose PO number begins so, changed since then (UTC).

        `Like` takes T-SQL wildcards: the beginning must be letters, digits and dashes. Raises ValueError.
        """
        if not re.fullmatch(r"[A-Za-z0-9-]+", beginning, re.ASCII):
            raise ValueError(f"{beginning!r} cannot be asked for with Like")
        purpose = "list documents by purchase order number"
        criteria = {
            "CustomerPONumber": {"Like": f"{beginning}%"},
            "ModifiedDate": {"From": stamp_text(since)},
            "Scope": "Return All",
        }
        rows = self._list("GetSalesDocumentList", criteria, SALES_CRITERIA, purpose)
        found = readable(purpose, lambda: tuple(parse_summary(row) for row in rows))
        return tuple(row for row in found if folded(row.purchase_order).startswith(folded(beginning)))

    def create(self, entity: str, body: Mapping[str, Any]) -> Reply:
        """Create...: an empty answer. A number that is taken is VendorFault(DUPLICATE). Read with `done`."""
        return self._write(f"Create{entity}", entity, body)

    def update_order(self, body: Mapping[str, Any]) -> Reply:
        """UpdateSalesOrder: the key and what changes; lines and tracking numbers that are not named stay."""
        return self._write("UpdateSalesOrder", "SalesOrder", body)

    def done(self, operation: str, reply: Reply) -> None:
        """Makes sure of a write's answer. Raises ValueError."""
        read_done(reply, operation)

    # ---- inventory

    def inventory_document(self, kind: str, number: str) -> InventoryDocument | None:
        """GetInventory...ByKey. None when GP holds none."""
        operation, purpose = f"Get{kind}ByKey", "read inventory document"
        # Once posted GP may show it under another key.
        return self.calls.by_key(
            operation, number, purpose, lambda found: parse_inventory_document(found, kind), verbatim=False
        )

    def inventory_posted(self, kind: str, since: datetime, until: datetime) -> Iterator[InventorySummary]:
        """GetInventory...List: posted documents by ModifiedDate (UTC, date and time). No paging: a window with very
        many rows is asked for in halves, so that no answer is cut by a bound that nobody knows of."""
        purpose = "list posted inventory documents"
        between = {"From": stamp_text(since), "To": stamp_text(until)}
        criteria = {"ModifiedDate": between, "TransactionState": {"EqualValue": "History"}}
        rows = self._list(f"Get{kind}List", criteria, INVENTORY_CRITERIA, purpose)
        if len(rows) >= MOST_ROWS and until - since > SHORTEST_WINDOW:
            middle = since + (until - since) / 2
            yield from self.inventory_posted(kind, since, middle)
            yield from self.inventory_posted(kind, middle, until)
            return
        yield from readable(purpose, lambda: tuple(parse_inventory_summary(row, kind) for row in rows))

    def item(self, number: str) -> Item | None:
        """GetInventoriedItemByKey: an item with its stock at every site. None when GP holds none."""
        return self.calls.by_key("GetInventoriedItemByKey", number, "read item", parse_item)

    # ---- lists that mapping tables are checked against

    def sites(self) -> tuple[str, ...]:
        """GetWarehouseList: every site."""
        return self._keys("GetWarehouseList", "list sites")

    def shipping_methods(self) -> tuple[str, ...]:
        """GetShippingMethodList: every shipping method."""
        return self._keys("GetShippingMethodList", "list shipping methods")

    def has_customer(self, number: str) -> bool:
        """GetCustomerByKey: whether the customer exists."""
        return self.calls.by_key("GetCustomerByKey", number, "read customer", lambda found: True) is not None

    # ---- inside

    def reasons(self, log_id: str) -> tuple[Problem, ...]:
        """GetLoggedValidationResultByKey: why a document was refused. The list can be fetched once."""
        purpose = "read validation result"
        found = self.calls.ask("GetLoggedValidationResultByKey", text_part("logId", log_id), purpose=purpose)
        return readable(purpose, lambda: parse_problems(found))

    def _write(self, operation: str, entity: str, body: Mapping[str, Any]) -> Reply:
        part = build(entity[0].lower() + entity[1:], body, DOCUMENTS[entity], terse=self.system.terse)
        policy = self.policies.part(operation)
        try:
            return self.calls.write(operation, part, policy=policy, purpose=operation)
        except VendorFault as fault:
            if fault.kind is not FaultKind.INVALID or not fault.code:
                raise
            raise self._explained(fault) from fault

    def _explained(self, fault: VendorFault) -> VendorFault:
        """The fault with GP's own reasons, which it shows once. One that says "exists already" is a duplicate."""
        try:
            problems = self.reasons(fault.code)
        except VendorFault as trouble:
            return replace(fault, message=f"{fault.message}; its reasons could not be read ({trouble.message})")
        said = "; ".join(dict.fromkeys(tidy(str(problem)) for problem in problems))[:LONGEST_REASONS]
        kind = fault.kind
        if any("already exists" in problem.message.casefold() for problem in problems):
            kind = FaultKind.DUPLICATE
        elif any(_IN_USE.search(problem.message) for problem in problems):
            kind = FaultKind.CONFLICT  # somebody has the document open: it is tried again
        return replace(fault, kind=kind, message=f"{fault.message}: {said or 'it names no reason'}")

    def _list(self, operation: str, criteria: Mapping[str, Any], shape: Template, purpose: str) -> list[Node]:
        part: Element = build("criteria", criteria, shape)
        return list(self.calls.ask(operation, part, purpose=purpose, patient=True).children())

    def _keys(self, operation: str, purpose: str) -> tuple[str, ...]:
        rows = self._list(operation, {}, EVERYTHING, purpose)
        return readable(purpose, lambda: tuple(row.needed("Key", "Id") for row in rows))
