"""What left ShipStation, label or not, in one form; which order lines are in it; which Ship Via it went by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from acumatica_shipstation.sent import SentLine
from acumatica_shipstation.settings import AcumaticaShipStation, Carrier
from connector.outcome import Held, Missing
from connector.record import short_hash, to_json
from vendors.shipstation.shapes import Fulfillment, OrderItem, Shipment, parse_fulfillment, parse_shipment

LETTER = "F"
"""Begins the source key of a fulfilment; a shipment's is its number alone."""

PERSONAL = frozenset({"shipTo", "customerEmail", "labelData", "formData", "userId"})
"""Members that are not kept with the record."""

HUNDREDTH = Decimal("0.01")
"""Acumatica keeps quantities to two decimals unless a company chose more: what is finer would be rounded there."""


@dataclass(frozen=True)
class Parcel:
    """A label or a fulfilment. `items` None: not told. `key` is the record's source key."""

    key: str
    order_id: int | None
    order_key: str | None
    order_number: str
    tracking: str
    carrier: str
    service: str
    day: date | None
    voided: bool
    weight_oz: Decimal | None
    items: tuple[OrderItem, ...] | None

    @property
    def is_label(self) -> bool:
        """Whether ShipStation made a label; otherwise somebody marked the order as shipped."""
        return not self.key.startswith(LETTER)

    @property
    def shipment_id(self) -> int:
        """The shipment's number, of a label."""
        return int(self.key)

    @property
    def what(self) -> str:
        """The parcel for people."""
        return f"ShipStation {'shipment' if self.is_label else 'fulfilment'} {self.key.removeprefix(LETTER)}"

    @property
    def mark(self) -> str:
        """Begins CustomRefNbr1 of its packages; the full stop keeps 12 apart from 123."""
        return f"ss:{self.key}."


def of_shipment(shipment: Shipment) -> Parcel:
    """A label."""
    return Parcel(
        str(shipment.shipment_id),
        shipment.order_id,
        shipment.order_key,
        shipment.order_number,
        shipment.tracking_number or "",
        shipment.carrier_code,
        shipment.service_code,
        shipment.ship_date,
        shipment.voided,
        shipment.weight_oz,
        shipment.items,
    )


def of_fulfillment(found: Fulfillment) -> Parcel:
    """An order that was marked as shipped, or shipped by a provider."""
    return Parcel(
        f"{LETTER}{found.fulfillment_id}",
        found.order_id,
        None,
        found.order_number,
        found.tracking_number or "",
        found.carrier,
        "",
        found.ship_date,
        found.voided,
        None,
        None,
    )


def parcel_of(body: Mapping[str, Any]) -> Parcel:
    """A stored body. Raises ValueError."""
    return of_fulfillment(parse_fulfillment(body)) if "fulfillmentId" in body else of_shipment(parse_shipment(body))


def kept(document: Mapping[str, Any]) -> dict[str, Any]:
    """What of an answer is stored with the record."""
    return {name: value for name, value in document.items() if name not in PERSONAL}


def revision_of(parcel: Parcel) -> str:
    """What of a parcel's state matters here, as a hash: a change of anything else wakes nobody."""
    items = [[item.line_item_key, item.sku, item.quantity] for item in parcel.items or ()]
    day = parcel.day.isoformat() if parcel.day else ""
    return short_hash(to_json([parcel.tracking, parcel.carrier, parcel.voided, day, items, parcel.items is None]))


def ship_via(parcel: Parcel, document: AcumaticaShipStation) -> str | Missing:
    """The Ship Via of the carrier: by carrier and service, by carrier, by the name before "_", by "*"."""
    name = f"{parcel.carrier}|{parcel.service}" if parcel.service else parcel.carrier
    found = carrier_row(name, document)
    return found.ship_via if found else Missing("carriers", name or "*")


def carrier_row(name: str, document: AcumaticaShipStation) -> Carrier | None:
    """The row of table carriers for `carrier|service` or `carrier`."""
    carrier, table = name.partition("|")[0], document.tables.carriers
    return next((table[each] for each in (name, carrier, carrier.partition("_")[0], "*") if each in table), None)


# ---- which lines --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """A sales order that a parcel may belong to. `left`: pieces of each line that no other parcel took."""

    key: str
    customer: str
    lines: tuple[SentLine, ...]
    left: Mapping[int, int]


def allocate(parcel: Parcel, items: Sequence[OrderItem], sources: Sequence[Source]) -> dict[str, dict[int, int]] | Held:
    """Pieces by order and line. An item goes to the line that it was made of, else to a line with its SKU.

    Merged orders bring lines of several orders under the same line keys: never more than a line has left.
    """
    left = {(source.key, line): pieces for source in sources for line, pieces in source.left.items()}
    taken: dict[str, dict[int, int]] = {}
    for item in items:
        if item.adjustment or item.quantity <= 0:
            continue
        rest = item.quantity
        for source, line in _candidates(item, sources):
            part = min(rest, left[(source.key, line.line_number)])
            if part > 0:
                left[(source.key, line.line_number)] -= part
                mine = taken.setdefault(source.key, {})
                mine[line.line_number] = mine.get(line.line_number, 0) + part
                rest -= part
        if rest:
            return Held(_too_much(parcel, item, rest, sources))
    return taken


def rest_of(
    items: Sequence[OrderItem], labelled: Sequence[OrderItem], sources: Sequence[Source]
) -> tuple[OrderItem, ...]:
    """What of an order's lines no label holds and nothing else took: marking as shipped ships all the rest.

    Labels count whether they are written or not, because the polls may hear of them in any order.
    """
    gone: dict[tuple[str | None, str], int] = {}
    for item in labelled:
        gone[(item.line_item_key, item.sku)] = gone.get((item.line_item_key, item.sku), 0) + item.quantity
    left = {(source.key, line): pieces for source in sources for line, pieces in source.left.items()}
    found = []
    for item in items:
        name = (item.line_item_key, item.sku)
        in_labels = min(item.quantity, gone.get(name, 0))
        gone[name] = gone.get(name, 0) - in_labels
        wanted = units = item.quantity - in_labels
        places = [(source.key, line.line_number) for source, line in _candidates(item, sources)]
        for place in places:
            part = min(wanted, left[place])
            left[place] -= part
            wanted -= part
        found.append(replace(item, quantity=units - wanted if places else units))
    return tuple(found)


def _candidates(item: OrderItem, sources: Sequence[Source]) -> list[tuple[Source, SentLine]]:
    lines = [(source, line) for source in sources for line in source.lines if line.sku == item.sku]
    return sorted(lines, key=lambda found: str(found[1].line_number) != item.line_item_key)


def _too_much(parcel: Parcel, item: OrderItem, rest: int, sources: Sequence[Source]) -> str:
    known = any(line.sku == item.sku for source in sources for line in source.lines)
    what = f"{parcel.what} holds {rest} of {item.sku or 'an item without SKU'}"
    if known:
        return (
            f"{what} more than the order has open. Nothing of it was written; compare both sides, then replay or close."
        )
    return (
        f"{what}, which the order does not have: a substitute, or a line that was added at ShipStation. Write this "
        "shipment by hand in Acumatica, then close this record."
    )


def by_warehouse(
    parcel: Parcel, source: Source, taken: Mapping[int, int]
) -> dict[str, dict[int, Decimal]] | Held:
    """Quantities in the lines' own units, grouped by warehouse: Acumatica wants one shipment for each."""
    grouped: dict[str, dict[int, Decimal]] = {}
    lines = {line.line_number: line for line in source.lines}
    for number, pieces in sorted(taken.items()):
        line = lines[number]
        quantity = Decimal(pieces) / line.factor
        if quantity % HUNDREDTH:
            return Held(
                f"{parcel.what} holds {pieces} pieces of line {number} ({line.sku}), which Acumatica would round as a "
                f"part of {line.unit} ({line.factor:f} pieces). Change the line's unit or write the shipment by hand "
                "in Acumatica, then close this record."
            )
        grouped.setdefault(line.warehouse, {})[number] = quantity
    return grouped


def without_items(parcel: Parcel, items: tuple[OrderItem, ...]) -> Parcel:
    """The parcel with the lines of its order, where it does not tell its own."""
    return replace(parcel, items=items)
