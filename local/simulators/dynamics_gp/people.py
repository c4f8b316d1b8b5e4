"""What a GP user does with sales documents in the GP client: allocate, fulfil, edit, open, print, void, delete."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from typing import Any

from local.simulators.dynamics_gp import policies, sales
from local.simulators.dynamics_gp.amounts import ZERO, money, quantity, value_of
from local.simulators.dynamics_gp.moves import Moves
from local.simulators.dynamics_gp.problems import Invalid, SoapFault
from local.simulators.dynamics_gp.records import ORDER, SalesDocument
from local.simulators.dynamics_gp.sales_create import create
from local.simulators.dynamics_gp.sales_kinds import KINDS
from local.simulators.dynamics_gp.sales_lines import item_of
from local.simulators.dynamics_gp.sales_update import update
from local.simulators.dynamics_gp.world import World

_BY_HAND = {policies.UNIT_PRICE: 0, policies.TOTAL_AMOUNT: 1, policies.SHORTAGE: policies.OVERRIDE}


def document_of(world: World, arguments: dict[str, Any]) -> SalesDocument:
    """The document in Work that `number` and `type` (default Order) name."""
    return sales.in_work(world, arguments.get("type", ORDER), arguments["number"])


def save(world: World, document: SalesDocument, fields: dict[str, Any], **changes: Any) -> SalesDocument:
    """Puts a changed document in its place, with a new ModifiedDate."""
    changed = replace(document, fields=fields, modified=world.wire_now(), **changes)
    world.sales.put((document.type, document.number), changed)
    return changed


def chosen_lines(fields: dict[str, Any], arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines that the act means: the one whose number is `line`, or all."""
    wanted = arguments.get("line")
    found = [line for line in fields["Lines"] if wanted in (None, line["Key"]["LineSequenceNumber"])]
    if not found:
        raise ValueError(f"no line {wanted}")
    return found


def allocate(world: World, arguments: dict[str, Any]) -> None:
    """Allocates `quantity` (default: what is to be invoiced) on `line` (default: all lines). Zero takes it back."""
    document = document_of(world, arguments)
    fields, moves = deepcopy(dict(document.fields)), Moves(world)
    billed = KINDS[document.type].billed
    if billed is None:
        raise ValueError("a return allocates nothing")
    for line in chosen_lines(fields, arguments):
        item = item_of(world, line)
        if item is None or item.kind != "Sales Item":
            continue
        wanted = Decimal(str(arguments.get("quantity", value_of(line[billed]))))
        change = wanted - value_of(line["QuantityAllocated"])
        site, factor = line["WarehouseKey"]["Id"], (item.factor(line["UofM"]) or ZERO)
        if change * factor > moves.held(item.number, site).available or wanted > value_of(line["Quantity"]):
            raise ValueError(f"{wanted} of {item.number} cannot be allocated at {site}")
        moves.add(item.number, site, allocated=change * factor)
        line["QuantityAllocated"] = quantity(wanted, item.decimals)
        fulfilled = min(wanted, value_of(line["QuantityFulfilled"]))
        line["QuantityFulfilled"] = quantity(fulfilled, item.decimals)
    moves.book()
    save(world, document, fields)


def fulfill(world: World, arguments: dict[str, Any]) -> None:
    """Fulfils `quantity` (default: what is allocated) on `line` (default: all lines)."""
    document = document_of(world, arguments)
    fields = deepcopy(dict(document.fields))
    for line in chosen_lines(fields, arguments):
        wanted = Decimal(str(arguments.get("quantity", value_of(line["QuantityAllocated"]))))
        if wanted > value_of(line["QuantityAllocated"]):
            raise ValueError("no more can be fulfilled than is allocated")
        line["QuantityFulfilled"] = quantity(wanted, line["Quantity"]["DecimalDigits"])
    save(world, document, fields)


def new_order(world: World, arguments: dict[str, Any]) -> str:
    """A person types an order: `customer`, `lines` [{item, quantity}], optional `po_number`, `document_type`, `number`.

    Answers its number.
    """
    given = {
        "Key": {"Id": arguments.get("number", "")},
        "DocumentTypeKey": {"Type": ORDER, "Id": arguments.get("document_type", "STDORD")},
        "CustomerKey": {"Id": arguments["customer"]},
        "BatchKey": {"Id": arguments.get("batch", "MANUAL")},
        "CustomerPONumber": arguments.get("po_number", ""),
        "Lines": [
            {"ItemKey": {"Id": line["item"]}, "Quantity": _quantity(line["quantity"])} for line in arguments["lines"]
        ],
    }
    try:
        return create(world, KINDS[ORDER], given, {}).number
    except (Invalid, SoapFault) as refused:
        raise ValueError(str(refused)) from refused


def _quantity(value: Any) -> dict[str, Any]:
    number = Decimal(str(value))
    return {"Value": number, "DecimalDigits": 5}


def edit(world: World, arguments: dict[str, Any]) -> None:
    """Edits a document in Work. `lines`: [{line, quantity, unit_price, site, canceled, remove}]; `po_number`, `batch`,
    `comment`, `add_tracking`, `remove_tracking`."""
    document = document_of(world, arguments)
    given: dict[str, Any] = {"Lines": [_line_change(world, each) for each in arguments.get("lines", ())]}
    for name, element in (("po_number", "CustomerPONumber"), ("comment", "Comment")):
        if name in arguments:
            given[element] = arguments[name]
    if "batch" in arguments:
        given["BatchKey"] = {"Id": arguments["batch"]}
    given["TrackingNumbers"] = [
        *({"Key": {"Id": each}} for each in arguments.get("add_tracking", ())),
        *({"Key": {"Id": each}, "DeleteOnUpdate": True} for each in arguments.get("remove_tracking", ())),
    ]
    try:
        update(world, KINDS[document.type], document, given, _BY_HAND)
    except Invalid as refused:
        raise ValueError(str(refused)) from refused


def _line_change(world: World, wanted: dict[str, Any]) -> dict[str, Any]:
    line: dict[str, Any] = {"Key": {"LineSequenceNumber": int(wanted["line"])}}
    if wanted.get("remove"):
        return {**line, "DeleteOnUpdate": True}
    if "quantity" in wanted:
        line["Quantity"] = _quantity(wanted["quantity"])
    if "canceled" in wanted:
        line["QuantityCanceled"] = _quantity(wanted["canceled"])
    if "unit_price" in wanted:
        line["UnitPrice"] = money(Decimal(str(wanted["unit_price"])), world.switches.currency)
    if "site" in wanted:
        line["WarehouseKey"] = {"Id": wanted["site"]}
    return line


def open_document(world: World, arguments: dict[str, Any]) -> None:
    """A GP user (`user`) opens a document: nobody else can change it."""
    document = document_of(world, arguments)
    world.sales.put((document.type, document.number), replace(document, opened_by=arguments.get("user", "sa")))


def close_document(world: World, arguments: dict[str, Any]) -> None:
    """The GP user closes it again."""
    document = document_of(world, arguments)
    world.sales.put((document.type, document.number), replace(document, opened_by=""))


def print_document(world: World, arguments: dict[str, Any]) -> None:
    """A printed document can be voided, not deleted."""
    document = document_of(world, arguments)
    save(world, document, dict(document.fields), printed=True)


def void(world: World, arguments: dict[str, Any]) -> None:
    """A GP user voids a document."""
    _by_hand(world, arguments, sales.void)


def delete(world: World, arguments: dict[str, Any]) -> None:
    """A GP user deletes a document."""
    _by_hand(world, arguments, sales.delete)


def _by_hand(world: World, arguments: dict[str, Any], act: Any) -> None:
    document = document_of(world, arguments)
    try:
        act(world, KINDS[document.type], {"Id": document.number})
    except (Invalid, SoapFault) as refused:
        raise ValueError(str(refused)) from refused


def poison(world: World, arguments: dict[str, Any]) -> None:
    """A control character gets into a document: reading it ends in the system fault (`poisoned` false: gone)."""
    key = (arguments.get("type", ORDER), arguments["number"])
    document = world.sales.get(key)
    if document is None:
        raise ValueError(f"no document {key}")
    world.sales.put(key, replace(document, poisoned=bool(arguments.get("poisoned", True))))


def backordered(document: SalesDocument) -> bool:
    """Whether any line still waits for stock."""
    return any(value_of(line.get("QuantityToBackorder")) > ZERO for line in document.lines)
