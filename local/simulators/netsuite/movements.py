"""Which stock a transaction moves: item receipts add, shipped fulfilments take, adjustments do as they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from local.simulators.netsuite.records import Item, Record, as_quantity

Place = tuple[int, int]  # item, location


def _parts(item: Item, quantity: Decimal, items: Mapping[int, Item]) -> Iterator[tuple[int, Decimal]]:
    """The stocked items behind a line: the members of a kit, else the item itself."""
    if item.type == "Kit":
        for member, count in item.members:
            yield from _parts(items[member], quantity * count, items)
    elif item.stocked:
        yield item.id, quantity


def of(record: Record, items: Mapping[int, Item]) -> Iterator[tuple[Place, Decimal]]:
    """Item, location and signed quantity of everything that the transaction moves."""
    if record.type == "inventoryAdjustment":
        for line in record.lines("inventory"):
            yield (int(line["item"]), int(line["location"])), as_quantity(line["adjustQtyBy"])
        return
    if record.type not in ("itemReceipt", "itemFulfillment"):
        return
    if record.type == "itemFulfillment" and record.text("shipStatus") != "C":
        return
    sign = 1 if record.type == "itemReceipt" else -1
    for line in record.lines():
        for item, quantity in _parts(items[int(line["item"])], as_quantity(line["quantity"]), items):
            yield (item, int(line["location"])), sign * quantity
