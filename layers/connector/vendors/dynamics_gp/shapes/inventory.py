"""Inventory documents (adjustments, variances, transfers) and the stock of an item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from vendors.dynamics_gp.xml import Node

ADJUSTMENT, VARIANCE, TRANSFER = "InventoryAdjustment", "InventoryVariance", "InventoryTransfer"
KINDS = (ADJUSTMENT, VARIANCE, TRANSFER)


@dataclass(frozen=True)
class Movement:
    """A line of an inventory document: a signed quantity at a site, or a transfer between two sites."""

    item: str
    quantity: Decimal
    unit: str
    site: str
    to_site: str = ""
    kind_from: str = "On Hand"
    kind_to: str = "On Hand"


@dataclass(frozen=True)
class InventoryDocument:
    """One adjustment, variance or transfer. `state` Work: entered; History: posted."""

    kind: str
    number: str
    state: str
    batch: str
    modified: datetime | None
    movements: tuple[Movement, ...]


@dataclass(frozen=True)
class InventorySummary:
    """A row of a list: no lines. The number goes back to GP verbatim: history keys may look different."""

    kind: str
    number: str
    state: str
    modified: datetime | None


@dataclass(frozen=True)
class SiteStock:
    """An item at a site, in base units. Available is what is on hand and not allocated."""

    site: str
    on_hand: Decimal
    allocated: Decimal

    @property
    def available(self) -> Decimal:
        """May be below zero where GP sells what it does not have."""
        return self.on_hand - self.allocated


@dataclass(frozen=True)
class Item:
    """An inventoried item. `sites` is None for kinds without stock of their own (kits)."""

    number: str
    kind: str
    description: str
    sites: Mapping[str, SiteStock] | None


def parse_inventory_document(node: Node, kind: str) -> InventoryDocument:
    """A document as `Get...ByKey` shows it. Raises ValueError."""
    lines = node.find("Lines")
    return InventoryDocument(
        kind=kind,
        number=node.needed("Key", "Id"),
        state=node.text("TransactionState"),
        batch=node.text("BatchKey", "Id"),
        modified=node.stamp("ModifiedDate"),
        movements=tuple(_movement(line, kind) for line in (lines.children() if lines is not None else ())),
    )


def _movement(node: Node, kind: str) -> Movement:
    item, quantity = node.needed("ItemKey", "Id"), node.number("Quantity", "Value")
    if quantity is None:
        raise ValueError("a line of an inventory document has no quantity")
    if kind != TRANSFER:
        return Movement(item, quantity, node.text("UofM"), node.text("WarehouseKey", "Id"))
    return Movement(
        item,
        quantity,
        "",
        node.text("WarehouseFromKey", "Id"),
        node.text("WarehouseToKey", "Id"),
        node.text("QuantityTypeFrom") or "On Hand",
        node.text("QuantityTypeTo") or "On Hand",
    )


def parse_inventory_summary(node: Node, kind: str) -> InventorySummary:
    """A row of a list. Raises ValueError without a number."""
    return InventorySummary(kind, node.needed("Key", "Id"), node.text("TransactionState"), node.stamp("ModifiedDate"))


def parse_item(node: Node) -> Item:
    """An item with its stock. Raises ValueError when a figure is missing: a missing figure must never become 0."""
    number = node.needed("Key", "Id")
    kind = node.type or node.text("Type")
    sites: dict[str, SiteStock] | None = None
    if kind in ("SalesItem", "Sales Item"):
        sites = {}
        for row in node.each("Quantities", "SalesItemWarehouse"):
            site = row.needed("Key", "WarehouseKey", "Id")
            on_hand, allocated = row.number("OnHandQuantity", "Value"), row.number("AllocatedQuantity", "Value")
            if on_hand is None or allocated is None:
                raise ValueError(f"item {number} shows no on-hand or no allocated quantity at site {site}")
            sites[site] = SiteStock(site, on_hand, allocated)
    return Item(number, kind, node.text("Description"), sites)
