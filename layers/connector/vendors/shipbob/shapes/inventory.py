"""Stock per fulfilment centre, and its movements. ShipBob offers no way to write stock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from vendors.json_fields import Document
from vendors.shipbob.shapes.fields import as_document, children, moment, needed, text, whole


@dataclass(frozen=True)
class LocationLevel:
    """One item at one fulfilment centre, in units. For ledgers use `on_hand`, for availability `fulfillable`."""

    inventory_id: int
    sku: str | None
    name: str | None
    location_id: int
    location_name: str | None
    on_hand: int
    fulfillable: int | None
    committed: int | None
    awaiting: int | None
    internal_transfer: int | None


@dataclass(frozen=True)
class Levels:
    """One complete reading: every page was read, or there would be no `Levels`.

    `items` holds every inventory id that ShipBob listed, with its rows by location. `whole_account` is true when
    nothing was filtered, so that an item that is not listed has no stock; else its stock is simply not known.
    """

    items: Mapping[int, Mapping[int, LocationLevel]]
    whole_account: bool
    read_at: datetime

    @property
    def rows(self) -> tuple[LocationLevel, ...]:
        """Every row."""
        return tuple(level for by_location in self.items.values() for level in by_location.values())

    def on_hand(self, inventory_id: int, location_id: int) -> int | None:
        """Units at one location; 0 when the item is listed without that location; None when this reading cannot say."""
        by_location = self.items.get(inventory_id)
        if by_location is None:
            return 0 if self.whole_account else None
        level = by_location.get(location_id)
        return 0 if level is None else level.on_hand


@dataclass(frozen=True)
class Movement:
    """One change of stock. `event_id` is its identity; `quantity_change` is signed."""

    event_id: int
    category: str
    occurred_at: datetime
    inventory_id: int
    order_id: int | None
    changes: tuple[tuple[int, int], ...]  # (fulfilment centre id, signed units)
    sku: str | None
    references: tuple[tuple[str, str], ...]


def parse_levels(value: object) -> tuple[int, tuple[LocationLevel, ...]]:
    """One row of the list: its inventory id and its rows by location.

    Raises ValueError when an id or an on-hand figure is missing: a missing figure must never become 0.
    """
    document = as_document(value, "inventory level")
    inventory_id = needed(whole(document, "inventory_id", "inventory level"), "inventory_id", "inventory level")
    what = f"inventory level {inventory_id}"
    sku, name = text(document, "sku", what), text(document, "name", what)
    levels = tuple(
        LocationLevel(
            inventory_id=inventory_id,
            sku=sku,
            name=name,
            location_id=needed(whole(item, "location_id", what), "location_id", what),
            location_name=text(item, "name", what),
            on_hand=needed(whole(item, "on_hand_quantity", what), "on_hand_quantity", what),
            fulfillable=whole(item, "fulfillable_quantity", what),
            committed=whole(item, "committed_quantity", what),
            awaiting=whole(item, "awaiting_quantity", what),
            internal_transfer=whole(item, "internal_transfer_quantity", what),
        )
        for item in children(document, "locations", what)
    )
    return inventory_id, levels


def parse_sku(value: object) -> str | None:
    """The SKU of an inventory item; None where ShipBob has none. Raises ValueError for anything else."""
    return text(as_document(value, "inventory item"), "sku", "inventory item")


def parse_movement(value: object) -> Movement:
    """One event of the inventory history. Raises ValueError when identity, item, time or a quantity is missing."""
    document = as_document(value, "inventory event")
    key = "inventory_audit_event_id"
    event_id = needed(whole(document, key, "inventory event"), key, "inventory event")
    what = f"inventory event {event_id}"
    sides = [side for side in (document.get("decrement"), document.get("increment")) if side is not None]
    details = [as_document(side, what) for side in sides]
    return Movement(
        event_id=event_id,
        category=needed(text(document, "event_category", what), "event_category", what),
        occurred_at=needed(moment(document, "event_datetime", what), "event_datetime", what),
        inventory_id=needed(whole(document, "inventory_id", what), "inventory_id", what),
        order_id=whole(document, "shipbob_order_id", what),
        changes=tuple(_change(side, what) for side in details),
        sku=next((sku for side in details if (sku := text(side, "sku", what)) is not None), None),
        references=tuple(
            (text(item, "key", what) or "", text(item, "value", what) or "")
            for item in children(document, "additional_reference", what)
        ),
    )


def _change(document: Document, what: str) -> tuple[int, int]:
    facility = needed(whole(document, "facility_id", what), "facility_id", what)
    return facility, needed(whole(document, "quantity_change", what), "quantity_change", what)
