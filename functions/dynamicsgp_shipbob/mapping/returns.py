"""ShipBob return -> GP sales return, or positive adjustment. Source: ShipBob "Returns, get one"; GP "SalesReturn".

What counts is what the warehouse did (`action_taken`), never what was announced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from connector.effect import Draft
from connector.outcome import Held, Missing
from dynamicsgp_shipbob.mapping.amounts import LINE_STEP, NO_DATE, fits, money, plain, quantity
from dynamicsgp_shipbob.mapping.orders import alike, channel_of
from dynamicsgp_shipbob.settings import Channel, DynamicsGpShipBob, ItemRow
from vendors.dynamics_gp.keys import folded, same
from vendors.dynamics_gp.limits import LIMITS
from vendors.dynamics_gp.shapes.sales import Document
from vendors.dynamics_gp.times import company_day
from vendors.shipbob.shapes import Return

Note = Callable[[str], None]

PLACES = {
    "on_hand": "OnHandQuantity",
    "returned": "ReturnedQuantity",
    "in_use": "InUseQuantity",
    "in_service": "InServiceQuantity",
    "damaged": "DamagedQuantity",
}
"""Setting -> quantity type of a line of a GP return."""


@dataclass(frozen=True)
class Taken:
    """Units of one SKU by GP quantity type."""

    sku: str
    units: Mapping[str, int]

    @property
    def total(self) -> int:
        """All units."""
        return sum(self.units.values())


@dataclass(frozen=True)
class Sold:
    """What the GP order of the return says: customer, currency, and by SKU the prices with the units they are for."""

    customer: str
    currency: str
    prices: Mapping[str, tuple[tuple[Decimal, Decimal], ...]]

    def price_of(self, sku: str, units: Decimal, note: Note) -> Decimal | None:
        """Price of a unit of measure of so many units; None where the order states none that GP can hold."""
        worth = [price * units / each for price, each in self.prices.get(sku, ())]
        if not worth:
            return None
        if len(set(worth)) > 1:
            shown = ", ".join(plain(price) for price in worth)
            note(f"{sku} was sold at several prices ({shown}): the first was taken; correct it in GP if need be")
        return worth[0] if fits(worth[0]) else None


def with_document(document: DynamicsGpShipBob, kind: Literal["sales_return", "adjustment"]) -> DynamicsGpShipBob:
    """The connection's document with another kind of document for returns."""
    rules = document.settings.returns.model_copy(update={"document": kind})
    return document.model_copy(update={"settings": document.settings.model_copy(update={"returns": rules})})


def number_of(document: DynamicsGpShipBob, return_id: object) -> str:
    """The deterministic number of the GP document."""
    rules = document.settings.returns
    prefix = rules.return_prefix if rules.document == "sales_return" else rules.adjustment_prefix
    return f"{prefix}{return_id}"


def purchase_order_of(document: DynamicsGpShipBob, return_id: object) -> str:
    """The PO number of the GP return."""
    return f"{document.settings.returns.return_prefix}-{return_id}"


def taken_of(found: Return, document: DynamicsGpShipBob, note: Note) -> tuple[tuple[Taken, ...], tuple[Missing, ...]]:
    """What was done with the goods, by SKU; and actions whose meaning is not configured."""
    table = document.settings.returns.dispositions
    known = {action.casefold(): place for action, place in table.items()}
    sums: dict[str, dict[str, int]] = {}
    missing: list[Missing] = []
    for item in found.items:
        sku = item.sku or str(item.inventory_id)
        for action in item.actions:
            place = known.get(action.action.casefold())
            if place is None:
                missing.append(Missing("dispositions", action.action))
                continue
            units = sums.setdefault(sku, {})
            units[place] = units.get(place, 0) + action.quantity
        done = sum(action.quantity for action in item.actions)
        if item.announced is not None and item.announced != done:
            note(f"{item.announced} of {sku} were announced, {done} were processed")
    rows = tuple(Taken(sku, units) for sku, units in sums.items() if sum(units.values()) > 0)
    return rows, tuple(dict.fromkeys(missing))


def return_draft(
    found: Return, taken: tuple[Taken, ...], sold: Sold | None, document: DynamicsGpShipBob, note: Note
) -> Draft | Held:
    """The return as GP wants it, or what is missing for it."""
    number = number_of(document, found.return_id)
    if len(number) > LIMITS["sales document number"]:
        return Held(
            f"the number {number} of ShipBob return {found.return_id} has more than {LIMITS['sales document number']} "
            "characters. Enter it by hand, then close this record"
        )
    channel = channel_of(document, found.channel_id, None)
    missing = [channel] if isinstance(channel, Missing) and sold is None else []
    missing += [Missing("items", row.sku) for row in taken if row.sku not in document.tables.items]
    site = document.tables.sites.get(str(found.location_id or ""))
    if site is None:
        missing.append(Missing("sites", str(found.location_id or "")))
    if missing or site is None:
        words = ", ".join(f"{key.kind} {key.value or '(empty)'}{alike(key, document)}" for key in missing)
        why = f"ShipBob return {found.return_id} waits for a mapping: {words}. Add the rows to the connection file"
        return Held(f"{why} and apply it; the return continues by itself.", tuple(dict.fromkeys(missing)))
    rows = [(row, document.tables.items[row.sku]) for row in taken]
    odd = [f"{row.total} units of {row.sku} are no exact number of {one.unit}" for row, one in rows if _odd(row, one)]
    if odd:
        return Held(
            f"ShipBob return {found.return_id} cannot be entered in GP: {'; '.join(odd)}. Enter it by hand, then close "
            "this record; or correct units in table items, then replay"
        )
    ended = found.completed_at or found.created_at
    day = company_day(ended, document.systems.dynamics_gp.zone) if ended is not None else None
    if document.settings.returns.document == "adjustment":
        return _adjustment(number, rows, site, day, document, note)
    customer = sold.customer if sold is not None else channel.customer if isinstance(channel, Channel) else ""
    lines = [_line(index, row, item, site, sold, note) for index, (row, item) in enumerate(rows, start=1)]
    rules = document.settings.returns
    body: dict[str, Any] = {
        "Key": {"Id": number},
        "Date": day,
        "CustomerPONumber": purchase_order_of(document, found.return_id),
        "Note": _note_text(found),
        "DocumentTypeKey": {"Type": "Return", "Id": rules.document_type},
        "WarehouseKey": {"Id": site},
        "CustomerKey": {"Id": customer},
        "BatchKey": {"Id": rules.batch, "CreatedDateTime": NO_DATE},
        "CurrencyKey": {"ISOCode": sold.currency if sold is not None else document.settings.orders.currency},
        "Lines": lines,
    }
    splits = [[line["ItemKey"]["Id"], _split_text(line["ReturnQuantity"])] for line in lines]
    return Draft(body, {"customer": customer, "lines": splits})


def _odd(row: Taken, item: ItemRow) -> bool:
    parts = [(units, Decimal(units) / item.units) for units in row.units.values()]
    return any(not fits(part) or part * item.units != units for units, part in parts)


def _line(index: int, row: Taken, item: ItemRow, site: str, sold: Sold | None, note: Note) -> dict[str, Any]:
    split = {PLACES[place]: quantity(Decimal(units) / item.units) for place, units in row.units.items() if units}
    made: dict[str, Any] = {
        "Key": {"LineSequenceNumber": str(LINE_STEP * index)},
        "Quantity": quantity(Decimal(row.total) / item.units),
        "UofM": item.unit,
        "WarehouseKey": {"Id": site},
        "ItemKey": {"Id": item.item},
        "ReturnQuantity": split,
    }
    price = sold.price_of(row.sku, item.units, note) if sold is not None else None
    if sold is None or price is None:
        note(f"no price of {row.sku} is known from its order: GP's price list decides")
        return made
    return {**made, "UnitPrice": money(price, sold.currency)}


def _adjustment(
    number: str,
    rows: list[tuple[Taken, ItemRow]],
    site: str,
    day: str | None,
    document: DynamicsGpShipBob,
    note: Note,
) -> Draft | Held:
    """Sellable units alone; everything else is noted, because an adjustment knows on-hand stock only."""
    lines: list[dict[str, Any]] = []
    for row, item in rows:
        units = row.units.get("on_hand", 0)
        if row.total > units:
            note(f"{row.total - units} of {row.sku} are not sellable and not in the adjustment")
        if units:
            lines.append(
                {
                    "Key": {"InventoryKey": {"Id": number}, "SequenceNumber": str(LINE_STEP * (len(lines) + 1))},
                    "ItemKey": {"Id": item.item},
                    "Quantity": quantity(Decimal(units) / item.units),
                    "UofM": item.unit,
                    "WarehouseKey": {"Id": site},
                }
            )
    batch = {"Id": document.settings.returns.batch, "CreatedDateTime": NO_DATE}
    body = {"Key": {"Id": number}, "BatchKey": batch, "Date": day, "Lines": lines}
    return Draft(body, {"lines": [[line["ItemKey"]["Id"], line["Quantity"]["Value"]] for line in lines]})


def _note_text(found: Return) -> str:
    parts = [f"ShipBob return {found.return_id}"]
    parts += [f"reference {found.reference_id}"] if found.reference_id else []
    parts += [f"shipment {found.original_shipment_id}"] if found.original_shipment_id else []
    parts += [f"store order {found.store_order_id}"] if found.store_order_id else []
    return ", ".join(parts)


def _split_text(split: Mapping[str, Mapping[str, str]]) -> str:
    parts = [f"{plain(Decimal(split[name]['Value']))} {name}" for name in PLACES.values() if name in split]
    return ", ".join(parts)


def other_return(held: Document, identity: Mapping[str, Any]) -> list[str]:
    """Why what GP holds under our number is not this return; empty when it is."""
    if held.is_voided:
        return [f"return {held.number} was voided in GP, and a voided number can never be used again"]
    problems = []
    if held.customer and not same(held.customer, str(identity["customer"])):
        problems.append(f"its customer is {held.customer}, not {identity['customer']}")
    theirs = sorted([folded(line.item), _held_split(line.split)] for line in held.lines)
    ours = sorted([folded(str(item)), split] for item, split in identity["lines"])
    if theirs != ours:
        problems.append("it holds " + ("; ".join(f"{item}: {split}" for item, split in theirs) or "nothing"))
    return problems


def _held_split(split: tuple[tuple[str, Decimal], ...]) -> str:
    return ", ".join(f"{plain(value)} {name}" for name, value in split if value)
