"""Inventory documents: created in Work, posted by a GP user alone. There is no update, no delete and no void."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any

from local.simulators.dynamics_gp.amounts import ZERO, amount_faults, places
from local.simulators.dynamics_gp.criteria import select
from local.simulators.dynamics_gp.moves import Moves
from local.simulators.dynamics_gp.problems import Invalid, Problem, already_exists, not_found
from local.simulators.dynamics_gp.records import TRANSFER, WORK, InventoryDocument
from local.simulators.dynamics_gp.sales_create import STEP
from local.simulators.dynamics_gp.sales_totals import INVENTORY_BATCHES, batch_key
from local.simulators.dynamics_gp.world import World

PLACES = {
    "On Hand": "on_hand",
    "Returned": "returned",
    "In Use": "in_use",
    "In Service": "in_service",
    "Damaged": "damaged",
}


def problem(kind: str, element: str, text: str) -> Problem:
    """A row of a validation result."""
    return Problem(kind, (element,), text, f"{kind}.{element}")


def create(world: World, kind: str, given: dict[str, Any]) -> InventoryDocument:
    """Saves a document in Work. Stock on hand does not move before it is posted."""
    found = list(_header_faults(kind, given))
    if found:
        raise Invalid(*found)
    number = given.get("Key", {}).get("Id", "")
    if number and _taken(world, kind, number):
        raise already_exists("InventoryKey")  # I11
    while not number or _taken(world, kind, number):
        number = f"{world.number('inventory'):017d}"
    moves = Moves(world)
    lines = _lines(world, kind, given, number, moves)
    fields = {
        "BatchKey": batch_key(world, given["BatchKey"], INVENTORY_BATCHES),
        "Date": given.get("Date") or world.today(),
        "Lines": lines,
    }
    now = world.wire_now()
    document = InventoryDocument(kind, number, WORK, fields, created=now, modified=now, created_as=number)
    moves.book()
    world.inventory.put((kind, number), document)
    return document


def _taken(world: World, kind: str, number: str) -> bool:
    return any(number in (each.number, each.created_as) for each in world.inventory.values() if each.kind == kind)


def _header_faults(kind: str, given: Mapping[str, Any]) -> Iterator[Problem]:
    if "BatchKey" not in given:  # I1
        yield problem(kind, "BatchKey", "BatchKey is required.")
    if not given.get("Lines"):  # I2
        yield problem(kind, "Lines", "A document needs at least one line.")
    date = given.get("Date")
    if date is not None and (date.hour, date.minute, date.second, date.microsecond) != (0, 0, 0, 0):  # I3
        yield problem(kind, "Date", "Date must be a date at midnight.")


def _lines(world: World, kind: str, given: Mapping[str, Any], number: str, moves: Moves) -> list[dict[str, Any]]:
    found: list[Problem] = []
    lines: list[dict[str, Any]] = []
    for at, each in enumerate(given["Lines"], start=1):
        line = deepcopy(each)
        sequence = line.get("Key", {}).get("SequenceNumber") or Decimal(STEP * at)
        if any(other["Key"]["SequenceNumber"] == sequence for other in lines):  # I4
            found.append(problem(kind, "Lines", f"The line {sequence} is repeated."))
        line["Key"] = {"InventoryKey": {"Id": number}, "SequenceNumber": sequence}
        found.extend(_line_faults(world, kind, line))
        lines.append(line)
    if found:
        raise Invalid(*found)
    for line in lines:
        _reserve(world, kind, line, moves)
    return lines


def _line_faults(world: World, kind: str, line: dict[str, Any]) -> Iterator[Problem]:
    item = world.items.get(line.get("ItemKey", {}).get("Id", ""))
    if item is None or item.kind != "Sales Item":  # I5
        yield problem(kind, "ItemKey", f"ItemKey {line.get('ItemKey', {}).get('Id', '')} does not exist.")
        return
    if "Quantity" not in line:  # I6
        yield problem(kind, "Quantity", "Quantity is required.")
        return
    for text in amount_faults(line["Quantity"], "Quantity"):  # I7
        yield problem(kind, "Quantity", text)
    value = line["Quantity"]["Value"]
    if value == ZERO or (kind == TRANSFER and value < ZERO) or places(value) > item.decimals:  # I8
        yield problem(kind, "Quantity", f"Quantity {value} is not possible for item {item.number}.")
    if kind == TRANSFER:
        line.setdefault("QuantityTypeFrom", "On Hand")
        line.setdefault("QuantityTypeTo", "On Hand")
        sites = ["WarehouseFromKey", "WarehouseToKey"]
    else:
        line.setdefault("UofM", item.unit)
        sites = ["WarehouseKey"]
        if item.factor(line["UofM"]) is None:  # I9
            yield problem(kind, "UofM", f"UofM {line['UofM']} is not in the schedule of item {item.number}.")
    for element in sites:  # I10
        line.setdefault(element, {"Id": item.site})
        if world.sites.get(line[element].get("Id", "")) is None:
            yield problem(kind, element, f"{element} {line[element].get('Id', '')} does not exist.")


def signed(world: World, line: Mapping[str, Any]) -> Decimal:
    """The change of a line in base units."""
    item = world.items.get(line["ItemKey"]["Id"])
    factor = (item.factor(line.get("UofM", item.unit)) if item else None) or Decimal(1)
    return Decimal(line["Quantity"]["Value"]) * factor


def _reserve(world: World, kind: str, line: Mapping[str, Any], moves: Moves) -> None:
    """A saved decrease (believed) and a saved transfer (documented) already allocate what they will take."""
    change, item = signed(world, line), line["ItemKey"]["Id"]
    if kind == TRANSFER and line["QuantityTypeFrom"] == "On Hand":
        moves.add(item, line["WarehouseFromKey"]["Id"], allocated=change)
    elif kind != TRANSFER and change < ZERO and world.switches.decreases_allocate:
        moves.add(item, line["WarehouseKey"]["Id"], allocated=-change)


def post(world: World, kind: str, line: Mapping[str, Any], moves: Moves) -> None:
    """What posting does to the stock: takes back the reservation and moves what is on hand."""
    change, item = signed(world, line), line["ItemKey"]["Id"]
    if kind != TRANSFER:
        site = line["WarehouseKey"]["Id"]
        if change < ZERO and world.switches.decreases_allocate:
            moves.add(item, site, allocated=change)
        moves.add(item, site, on_hand=change)
        return
    source, target = line["WarehouseFromKey"]["Id"], line["WarehouseToKey"]["Id"]
    if line["QuantityTypeFrom"] == "On Hand":
        moves.add(item, source, allocated=-change)
    moves.add(item, source, **{PLACES[line["QuantityTypeFrom"]]: -change})
    moves.add(item, target, **{PLACES[line["QuantityTypeTo"]]: change})


def get(world: World, kind: str, key: Mapping[str, Any]) -> dict[str, Any]:
    """The whole document."""
    document = world.inventory.get((kind, key.get("Id", "")))
    if document is None:
        raise not_found()
    return {**document.fields, **_common(document)}


def _common(document: InventoryDocument) -> dict[str, Any]:
    return {
        "Key": {"Id": document.number},
        "ModifiedDate": document.modified,
        "CreatedDate": document.created.replace(hour=0, minute=0, second=0, microsecond=0),
        "TransactionState": document.state,
    }


_CRITERIA = {
    "CreatedDate": lambda document: document.created,
    "ModifiedDate": lambda document: document.modified,
    "Date": lambda document: document.fields["Date"],
    "BatchId": lambda document: document.fields["BatchKey"]["Id"],
    "InventoryId": lambda document: document.number,
    "TransactionState": lambda document: document.state,
}


def list_of(world: World, kind: str, criteria: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Summaries without lines."""
    rows = [document for document in world.inventory.values() if document.kind == kind]
    found = select(rows, criteria, _CRITERIA)
    return [{**_common(each), "BatchKey": each.fields["BatchKey"], "Date": each.fields["Date"]} for each in found]
