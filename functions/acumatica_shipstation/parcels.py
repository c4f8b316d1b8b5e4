"""What is remembered of every parcel of a sales order: which lines it took, where it is in Acumatica, if it is void.

A row is written before the parcel is, so that no other parcel of the order takes the same units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from acumatica_shipstation.mapping.parcels import Parcel
from acumatica_shipstation.sent import SentLine
from connector.instants import instant_text
from connector.ports import AbsentOrBelow, Equals, Item, pages
from connector.record import from_json, to_json
from connector.services import Services

LABELS = "shipments"
"""The stream whose records are labels, by their key."""

FREED = "free units"
"""The kind of what a parcel waits for that finds its units taken by others; its value is the order."""


TURN = timedelta(minutes=30)
"""How long a parcel that was begun keeps the others of its order waiting if nothing is heard of it."""


@dataclass(frozen=True)
class Known:
    """A parcel of one sales order. `lines`: line -> pieces; `numbers`: warehouse -> Acumatica shipment."""

    key: str
    lines: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    tracking: str = ""
    carrier: str = ""
    service: str = ""
    day: str = ""
    voided: bool = False
    withdrawing: bool = False  # its void is being written to Acumatica, which takes several steps
    reopened: bool = False  # its Acumatica shipment is open again and waits for another label
    replaced_by: str = ""

    @property
    def counts(self) -> bool:
        """Whether the units it took are taken."""
        return not self.voided and not self.replaced_by


_FIELDS = (
    "lines", "numbers", "tracking", "carrier", "service", "day", "voided", "withdrawing", "reopened", "replaced_by",
)  # fmt: skip


def known_parcels(services: Services, connection: str, order: str) -> dict[str, Known]:
    """Every parcel of an order (`SO/SO005432`), by key."""
    found = pages(lambda start: services.tables.query("state", _place(connection, order), start=start))
    return {str(item["sk"]): _known(item) for item in found}


def known_parcel(services: Services, connection: str, order: str, key: str) -> Known | None:
    """One of them."""
    item = services.tables.get("state", _place(connection, order), key)
    return _known(item) if item is not None else None


def put_parcel(services: Services, connection: str, order: str, known: Known) -> None:
    """Remembers a parcel as it stands."""
    services.tables.put("state", _item(connection, order, known))


def change_parcel(services: Services, connection: str, order: str, key: str, **changes: Any) -> Known:
    """Changes a remembered parcel on top of what other workers have written meanwhile. Raises LookupError."""
    while True:
        item = services.tables.get("state", _place(connection, order), key)
        if item is None:
            raise LookupError(f"parcel {key} of {order} is not remembered")
        known = replace(_known(item), **changes)
        if services.tables.put("state", _item(connection, order, known), Equals({"data": item["data"]})):
            return known


def take_turn(services: Services, connection: str, order: str, key: str) -> bool:
    """Lets one parcel of an order be written at a time; False while another one is.

    Acumatica puts everything that is open into a new shipment until it is filled with what the parcel holds: a second
    shipment that is made in between finds nothing left.
    """
    now = services.clock()
    item: Item = {
        "pk": f"turn/{connection}/{order}", "sk": "-", "holder": key, "until": instant_text(now + TURN),
    }  # fmt: skip
    return services.tables.put("state", item, AbsentOrBelow("until", instant_text(now))) or services.tables.put(
        "state", item, Equals({"holder": key})
    )


def end_turn(services: Services, connection: str, order: str, key: str) -> None:
    """Lets the next parcel of the order be written."""
    services.tables.delete("state", f"turn/{connection}/{order}", "-", Equals({"holder": key}))


def _item(connection: str, order: str, known: Known) -> Item:
    data: dict[str, Any] = {name: getattr(known, name) for name in _FIELDS}
    return {"pk": _place(connection, order), "sk": known.key, "data": to_json(data)}


def drop_parcel(services: Services, connection: str, order: str, key: str) -> None:
    """Forgets a parcel that was never written."""
    services.tables.delete("state", _place(connection, order), key)


def known_of(parcel: Parcel, taken: Mapping[int, int]) -> Known:
    """A parcel that is about to be written."""
    return Known(
        parcel.key,
        {str(line): pieces for line, pieces in taken.items()},
        {},
        parcel.tracking,
        parcel.carrier,
        parcel.service,
        parcel.day.isoformat() if parcel.day else "",
    )


def left_of(lines: tuple[SentLine, ...], others: Mapping[str, Known], own: str) -> dict[int, int]:
    """Pieces of each line that no other parcel took."""
    left = {line.line_number: line.pieces for line in lines}
    for key, known in others.items():
        if key == own or not known.counts:
            continue
        for line, pieces in known.lines.items():
            left[int(line)] = left.get(int(line), 0) - pieces
    return {line: max(pieces, 0) for line, pieces in left.items()}


def any_freed(known: Mapping[str, Known]) -> bool:
    """Whether the units of a voided label are there to be taken."""
    return any(each.voided and not each.replaced_by for each in known.values())


def _place(connection: str, order: str) -> str:
    return f"parcels/{connection}/{order}"


def _known(item: Item) -> Known:
    data = from_json(str(item["data"]))
    return Known(str(item["sk"]), **{name: data[name] for name in _FIELDS})
