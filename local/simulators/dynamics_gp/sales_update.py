"""UpdateSalesOrder and its sisters: only what is supplied changes, lines by number, tracking numbers by themselves."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

from local.simulators.dynamics_gp import sales_rules as rules
from local.simulators.dynamics_gp.amounts import ZERO, value_of
from local.simulators.dynamics_gp.moves import Moves
from local.simulators.dynamics_gp.problems import Invalid
from local.simulators.dynamics_gp.records import WORK, SalesDocument
from local.simulators.dynamics_gp.sales_create import STEP, finish_line, new_line, supplied
from local.simulators.dynamics_gp.sales_kinds import Kind
from local.simulators.dynamics_gp.sales_lines import Desk, check_fulfilled, item_of, price, release, settle
from local.simulators.dynamics_gp.sales_totals import SALES_BATCHES, batch_key, total
from local.simulators.dynamics_gp.world import World

_MERGED = ("ShipToAddress", "UserDefined")
_SETTLES = ("Quantity", "QuantityToBackorder", "QuantityToInvoice", "BillingQuantity", "QuantityCanceled")


def check_open(kind: Kind, document: SalesDocument) -> None:
    """S22: history cannot be changed; S23: nor a document that a GP user has open."""
    if document.state != WORK:
        raise Invalid(rules.problem(kind, "Key", f"{kind.root} {document.number} is in history and cannot be changed."))
    if document.opened_by:
        text = f"{kind.root} {document.number} is being edited by {document.opened_by}."
        raise Invalid(rules.problem(kind, "Key", text))


def update(
    world: World, kind: Kind, document: SalesDocument, given: dict[str, Any], options: dict[str, int]
) -> SalesDocument:
    """Changes a document in Work; raises Invalid and then nothing has changed."""
    check_open(kind, document)
    changes = supplied(given)
    found = list(rules.header(world, kind, changes, creating=False))
    if found:
        raise Invalid(*found)
    fields = deepcopy(dict(document.fields))
    _header(world, fields, changes)
    document_type = world.document_types.get((kind.type, fields["DocumentTypeKey"]["Id"]))
    assert document_type is not None  # noqa: S101 - rule S2
    desk = Desk(world, kind, document_type, options, Moves(world), document.transferred)
    for line in given.get("Lines", ()):
        _line(desk, fields, line, document.number)
    for tracking in given.get("TrackingNumbers", ()):
        _tracking(world, kind, fields, tracking, document.number)
    total(world, fields)
    desk.moves.book()
    changed = replace(document, fields=fields, modified=world.wire_now())
    world.sales.put((kind.type, document.number), changed)
    return changed


def _header(world: World, fields: dict[str, Any], changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        if name in ("Lines", "TrackingNumbers", "DocumentTypeKey"):
            continue
        if name in _MERGED:
            fields[name] = {**fields.get(name, {}), **value}
        elif name == "BatchKey":
            fields[name] = batch_key(world, value, SALES_BATCHES) if value.get("Id") else fields[name]
        else:
            fields[name] = value


def _line(desk: Desk, fields: dict[str, Any], given: dict[str, Any], number: str) -> None:
    """One line of the request: changes the line of its number, deletes it, or is a new one."""
    lines: list[dict[str, Any]] = fields.setdefault("Lines", [])
    sequence = given.get("Key", {}).get("LineSequenceNumber", 0)
    place = next((at for at, each in enumerate(lines) if each["Key"]["LineSequenceNumber"] == sequence), None)
    if place is None:
        highest = max((each["Key"]["LineSequenceNumber"] for each in lines), default=0)
        line, faults = new_line(desk, fields, given, number, sequence or highest + STEP)
        if faults:
            raise Invalid(*faults)
        finish_line(desk, line)
        lines.append(line)
    elif given.get("DeleteOnUpdate"):
        _delete_line(desk, lines, place)
    else:
        lines[place] = _changed_line(desk, lines[place], given)


def _delete_line(desk: Desk, lines: list[dict[str, Any]], place: int) -> None:
    line = lines.pop(place)
    if value_of(line.get("QuantityFulfilled")) > ZERO:  # S24
        raise Invalid(rules.problem(desk.kind, "Lines", "A line that is fulfilled cannot be deleted."))
    item = item_of(desk.world, line)
    if item is not None:
        release(desk, item, line)


def _changed_line(desk: Desk, old: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    changes = {name: value for name, value in supplied(given).items() if name not in ("Key", "DeleteOnUpdate")}
    if changes.pop("QuantityAllocated", None) is not None:
        desk.world.ignored.append("QuantityAllocated is read-only")
    if changes.get("ItemKey", old["ItemKey"])["Id"] != old["ItemKey"]["Id"]:  # S25
        raise Invalid(rules.problem(desk.kind, "ItemKey", "The item of a line cannot be changed."))
    line = {**deepcopy(old), **deepcopy(changes)}
    item = item_of(desk.world, line)
    _check_site(desk, old, line)
    settles = _settles(old, changes)
    if "Quantity" in changes and settles and "QuantityToBackorder" not in changes:
        line.pop("QuantityToBackorder", None)
        line.pop(desk.kind.billed or "", None)
    faults = list(rules.line(desk.world, desk.kind, line, item))
    if faults or item is None:
        raise Invalid(*faults)
    if settles and desk.transferred:  # S30
        raise Invalid(rules.problem(desk.kind, "Lines", "Quantities of a partly transferred document stay."))
    if settles:
        release(desk, item, old)
        settle(desk, item, line)
    if settles or "UnitPrice" in changes or "TotalAmount" in changes:
        price(desk, item, line)
    if desk.kind.billed is not None:
        check_fulfilled(desk.kind, line)
    return line


def _settles(old: dict[str, Any], changes: dict[str, Any]) -> bool:
    """Whether the stock must be looked at again: another quantity, unit or site."""
    numbers = any(name in changes and value_of(changes[name]) != value_of(old.get(name)) for name in _SETTLES)
    site = changes.get("WarehouseKey", old["WarehouseKey"])["Id"] != old["WarehouseKey"]["Id"]
    return numbers or site or changes.get("UofM", old["UofM"]) != old["UofM"]


def _check_site(desk: Desk, old: dict[str, Any], line: dict[str, Any]) -> None:
    """S26: the site of a line with allocated stock cannot be changed."""
    if line["WarehouseKey"]["Id"] != old["WarehouseKey"]["Id"] and value_of(old.get("QuantityAllocated")) > ZERO:
        text = "The site cannot be changed while quantities are allocated."
        raise Invalid(rules.problem(desk.kind, "WarehouseKey", text))


def _tracking(world: World, kind: Kind, fields: dict[str, Any], given: dict[str, Any], number: str) -> None:
    """Adds a tracking number, or removes it with DeleteOnUpdate."""
    name = given.get("Key", {}).get("Id", "")
    kept: list[dict[str, Any]] = fields.setdefault("TrackingNumbers", [])
    there = [each for each in kept if each["Key"]["Id"] == name]
    if given.get("DeleteOnUpdate"):
        fields["TrackingNumbers"] = [each for each in kept if each not in there]
        return
    if not name or (there and not world.switches.readd_tracking):  # S27
        raise Invalid(rules.problem(kind, "TrackingNumbers", f"Tracking number {name!r} is empty or already there."))
    if not there:
        kept.append({"Key": {"SalesDocumentKey": {"Id": number}, "Id": name}})
