"""What differs between the modelled sales document types: names on the wire and the quantities of a line."""

from __future__ import annotations

from dataclasses import dataclass

from local.simulators.dynamics_gp.records import FULFILLMENT, INVOICE, ORDER, RETURN


@dataclass(frozen=True)
class Kind:
    """One type. `root` is its name in operations and types; `billed` the line's quantity that will be invoiced."""

    type: str
    root: str
    billed: str | None
    may_void: bool = True

    @property
    def subject(self) -> str:
        """The request element of creates and updates (`salesOrder`)."""
        return self.root[0].lower() + self.root[1:]


KINDS: dict[str, Kind] = {
    ORDER: Kind(ORDER, "SalesOrder", "QuantityToInvoice"),
    RETURN: Kind(RETURN, "SalesReturn", None),
    INVOICE: Kind(INVOICE, "SalesInvoice", "BillingQuantity"),
    FULFILLMENT: Kind(FULFILLMENT, "SalesFulfillmentOrder", "BillingQuantity", may_void=False),
}
ROOTS: dict[str, Kind] = {kind.root: kind for kind in KINDS.values()}
RETURN_PLACES = {
    "OnHandQuantity": "on_hand",
    "ReturnedQuantity": "returned",
    "InUseQuantity": "in_use",
    "InServiceQuantity": "in_service",
    "DamagedQuantity": "damaged",
}
"""Elements of a return's split, and the place of the stock that each one means."""
