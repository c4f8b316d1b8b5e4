"""What came back to ShipBob -> lines of a return authorization and of its receipts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from connector.effect import Draft
from connector.outcome import Held
from connector.record import short_hash, to_json
from netsuite_shipbob.writing import ref
from vendors.netsuite.shapes import Line, Order
from vendors.shipbob.shapes import Return

CANCELLED, CLOSED = "C", "H"
"""Status letters of a return authorization that nothing more is received against."""


@dataclass(frozen=True)
class Came:
    """Units of a return by SKU and by what the warehouse did with them."""

    restocked: Mapping[str, int]
    quarantined: Mapping[str, int]
    disposed: Mapping[str, int]

    @property
    def all(self) -> dict[str, int]:
        """Everything that came back, by SKU."""
        total: dict[str, int] = {}
        for part in (self.restocked, self.quarantined, self.disposed):
            for sku, units in part.items():
                total[sku] = total.get(sku, 0) + units
        return total


    @property
    def mark(self) -> str:
        """Tells two of them apart."""
        return short_hash(to_json([self.restocked, self.quarantined, self.disposed]))


def revision_of(found: Return) -> str:
    """What of a return matters here."""
    actions = [[item.inventory_id, action.action, action.quantity] for item in found.items for action in item.actions]
    return short_hash(to_json([found.status, sorted(actions)]))


def came_back(found: Return, sku_of: Callable[[int], str | None]) -> Came | Held:
    """What was done with each unit. The announced quantity is a promise and counts for nothing."""
    sums: dict[str, dict[str, int]] = {"restock": {}, "quarantine": {}, "dispose": {}}
    for item in found.items:
        if not item.actions:
            continue
        sku = item.sku or sku_of(item.inventory_id)
        if not sku:
            return Held(
                f"return {found.return_id}: ShipBob does not say which SKU inventory {item.inventory_id} is; ask "
                "ShipBob, then replay"
            )
        for action in item.actions:
            known = sums.get(action.action.casefold())
            if known is None:
                what = f"{action.action!r} with {action.quantity} of {sku}"
                return Held(
                    f"return {found.return_id}: ShipBob did {what}, which is not known here. Book it by hand in "
                    "NetSuite, then close this record."
                )
            known[sku] = known.get(sku, 0) + action.quantity
    return Came(*({sku: units for sku, units in part.items() if units} for part in sums.values()))


def lines_by_sku(order: Order, units: Mapping[str, int], room: Callable[[Line], Decimal | int]) -> dict[int, int] | str:
    """Distributes units over the lines of an order that have room; why it cannot be done, in words."""
    found: dict[int, int] = {}
    for sku, wanted in units.items():
        rest = wanted
        for line in order.lines:
            part = min(rest, int(room(line))) if line.sku == sku and line.is_goods else 0
            if part > 0:
                found[line.line_id] = part
                rest -= part
        if rest:
            return f"{rest} of {sku} more than {order.number} can take"
    return found


def covered(authorizations: Iterable[Order]) -> dict[str, int]:
    """Units by SKU that return authorizations of one order stand for. What is closed stands for what was received."""
    total: dict[str, int] = {}
    for authorization in authorizations:
        for line in (each for each in authorization.lines if each.is_goods and authorization.letter != CANCELLED):
            ended = line.closed or authorization.letter == CLOSED
            units = line.done if ended else max(line.ordered, line.done)
            total[line.sku] = total.get(line.sku, 0) + int(units)
    return total


def awaited(authorization: Order) -> dict[str, int]:
    """Units by SKU that an authorization still waits for, or will when it is approved."""
    total: dict[str, int] = {}
    for line in authorization.open_goods() if authorization.letter not in (CANCELLED, CLOSED) else ():
        total[line.sku] = total.get(line.sku, 0) + int(line.open)
    return total


def room_of(order: Order, taken: Mapping[str, int]) -> dict[int, int]:
    """Units by line that left with an order and that no authorization stands for.

    NetSuite's queries show an authorization's items and not in every account which line of the order each is of: lines
    of one SKU are taken to be authorized from the first one on, which is how ours are made.
    """
    rest, room = dict(taken), {}
    for line in (each for each in order.lines if each.is_goods):
        part = min(int(line.done), rest.get(line.sku, 0))
        rest[line.sku] = rest.get(line.sku, 0) - part
        room[line.line_id] = int(line.done) - part
    return room


@dataclass(frozen=True)
class Shared:
    """Units of a return: `own` are authorized anew, `there` are covered by other authorizations of ours (by their ids),
    `nowhere` (by SKU) by neither."""

    own: Came
    there: Mapping[str, Came]
    nowhere: Mapping[str, int]


def shared_out(came: Came, free: Mapping[str, int], awaiting: Mapping[str, Mapping[str, int]]) -> Shared:
    """Which units are authorized anew, as far as there are free ones, and which another authorization awaits."""
    left, rooms = dict(free), {key: dict(units) for key, units in awaiting.items()}
    own: tuple[dict[str, int], ...] = ({}, {}, {})
    there: dict[str, tuple[dict[str, int], ...]] = {key: ({}, {}, {}) for key in rooms}
    nowhere: dict[str, int] = {}
    for kind, part in enumerate((came.restocked, came.quarantined, came.disposed)):
        for sku, units in sorted(part.items()):
            rest = units
            for room, taken in ((left, own[kind]), *((rooms[key], there[key][kind]) for key in rooms)):
                count = min(rest, room.get(sku, 0))
                if count > 0:
                    taken[sku] = count
                    room[sku] -= count
                    rest -= count
            if rest:
                nowhere[sku] = nowhere.get(sku, 0) + rest
    used = {key: Came(*parts) for key, parts in there.items() if any(parts)}
    return Shared(Came(*own), used, nowhere)


def authorization_draft(order_id: str, lines: Mapping[int, int], location: str, day: date, number: int) -> Draft:
    """A return authorization by transform, approved, so that it can be received."""
    rows = [
        {"orderLine": line, "quantity": units, "location": ref(location)} for line, units in sorted(lines.items())
    ]
    body = {
        "orderStatus": {"id": "B"}, "tranDate": day.isoformat(), "memo": f"ShipBob return {number}",
        "item": {"items": rows},
    }  # fmt: skip
    return Draft(body, {"order": order_id, "lines": {str(key): units for key, units in sorted(lines.items())}})


def correction_body(authorization: Order, units: Mapping[str, int]) -> dict[str, Any] | None:
    """The lines that the authorization shall have, where the transform proposed others; None where they are right."""
    wanted: list[dict[str, Any]] = []
    left = dict(units)
    right = True
    for line in authorization.lines:
        part = min(left.get(line.sku, 0), int(line.ordered)) if line.is_goods else 0
        right = right and part == line.ordered
        if part > 0:
            left[line.sku] -= part
            wanted.append({"line": line.line_id, "quantity": part})
    return None if right and not any(left.values()) else {"item": {"items": wanted}}


def return_receipt_draft(
    authorization: Order, lines: Mapping[int, int], location: str, day: date, number: int
) -> Draft:
    """A receipt of an authorization by transform; every other open line is named and not received."""
    rows: list[dict[str, Any]] = []
    for line in authorization.open_goods():
        units = lines.get(line.line_id, 0)
        row = {"orderLine": line.line_id, "itemReceive": bool(units)}
        rows.append({**row, "quantity": units, "location": ref(location)} if units else row)
    body = {"tranDate": day.isoformat(), "memo": f"ShipBob return {number}", "item": {"items": rows}}
    named = {str(key): units for key, units in sorted(lines.items())}
    return Draft(body, {"authorization": authorization.order_id, "lines": named, "location": location})
