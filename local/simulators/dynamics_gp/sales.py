"""The sales operations by name: get, list, create, update, void, delete."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from local.simulators.dynamics_gp.criteria import select
from local.simulators.dynamics_gp.moves import Moves
from local.simulators.dynamics_gp.problems import Invalid, not_found, system
from local.simulators.dynamics_gp.records import HISTORY, WORK, SalesDocument
from local.simulators.dynamics_gp.sales_create import create
from local.simulators.dynamics_gp.sales_kinds import Kind
from local.simulators.dynamics_gp.sales_lines import Desk, item_of, release
from local.simulators.dynamics_gp.sales_rules import problem
from local.simulators.dynamics_gp.sales_update import check_open, update
from local.simulators.dynamics_gp.world import World

_SUMMARY = (
    "DocumentTypeKey",
    "MasterNumber",
    "CustomerKey",
    "CustomerPONumber",
    "CustomerName",
    "Date",
    "CurrencyKey",
    "LineTotalAmount",
    "FreightAmount",
    "MiscellaneousAmount",
    "TaxAmount",
    "TotalAmount",
    "BatchKey",
)


def find(world: World, kind: Kind, number: str) -> SalesDocument:
    """The document of a number, or the fault "Business object not found."."""
    document = world.sales.get((kind.type, number))
    if document is None:
        raise not_found()
    return document


def get(world: World, kind: Kind, key: dict[str, Any]) -> dict[str, Any]:
    """The whole document; one that holds a control character ends in the general system fault."""
    document = find(world, kind, key.get("Id", ""))
    if document.poisoned:
        raise system()
    return {
        **document.fields,
        "Key": {"Id": document.number},
        "Type": document.type,
        "TransactionState": document.state,
        "IsVoided": document.voided,
        **_moments(document),
    }


def _moments(document: SalesDocument) -> dict[str, Any]:
    return {
        "CreatedDate": document.created.replace(hour=0, minute=0, second=0, microsecond=0),
        "ModifiedDate": document.modified,
        "LastModifiedDate": document.modified,
    }


def summary(document: SalesDocument) -> dict[str, Any]:
    """A row of a list: no lines, no tracking numbers."""
    return {
        **{name: document.fields[name] for name in _SUMMARY if name in document.fields},
        "Key": {"Id": document.number},
        "TransactionState": document.state,
        **_moments(document),
    }


def _field(*path: str) -> Any:
    def read(document: SalesDocument) -> Any:
        value: Any = document.fields
        for name in path:
            value = (value or {}).get(name)
        return value

    return read


_CRITERIA = {
    "TransactionState": lambda document: document.state,
    "DocumentId": lambda document: document.number,
    "Date": _field("Date"),
    "CustomerId": _field("CustomerKey", "Id"),
    "CustomerName": _field("CustomerName"),
    "CustomerPONumber": _field("CustomerPONumber"),
    "BatchId": _field("BatchKey", "Id"),
    "DocumentTypeId": _field("DocumentTypeKey", "Id"),
    "SalespersonId": _field("SalespersonKey", "Id"),
    "MasterNumber": _field("MasterNumber"),
    "ModifiedDate": lambda document: document.modified,
    "LastModifiedDate": lambda document: document.modified,
    "CreatedDate": lambda document: document.created,
    "Type": lambda document: document.type,
}


def list_of(world: World, criteria: dict[str, Any], kind: Kind | None) -> list[dict[str, Any]]:
    """Summaries of one type, or of all types with their `Type`."""
    rows = [document for document in world.sales.values() if kind is None or document.type == kind.type]
    found = select(rows, criteria, _CRITERIA)
    return [summary(each) if kind else {**summary(each), "Type": each.type} for each in found]


def save_new(world: World, kind: Kind, given: dict[str, Any], options: dict[str, int]) -> None:
    """Create: answers nothing, not even the number."""
    create(world, kind, given, options)


def save_changes(world: World, kind: Kind, given: dict[str, Any], options: dict[str, int]) -> None:
    """Update: the key must be there; answers nothing."""
    update(world, kind, find(world, kind, given.get("Key", {}).get("Id", "")), given, options)


def _released(world: World, kind: Kind, document: SalesDocument) -> Moves:
    """The movements that give back everything the document holds."""
    moves = Moves(world)
    document_type = world.document_types.get((kind.type, document.fields["DocumentTypeKey"]["Id"]))
    assert document_type is not None  # noqa: S101 - rule S2
    desk = Desk(world, kind, document_type, {}, moves)
    for line in document.lines:
        item = item_of(world, line)
        if item is not None:
            release(desk, item, line)
    return moves


def void(world: World, kind: Kind, key: dict[str, Any]) -> None:
    """Voids a document in Work: it moves to history (or disappears) and its number is never used again."""
    document = find(world, kind, key.get("Id", ""))
    check_open(kind, document)
    document_type = world.document_types.get((kind.type, document.fields["DocumentTypeKey"]["Id"]))
    if document_type is None or not document_type.may_void:  # S28
        raise Invalid(problem(kind, "Key", f"Documents of this document id cannot be voided: {document.number}."))
    _released(world, kind, document).book()
    world.voided_numbers.add((kind.type, document.number))
    finish(world, replace(document, voided=True))


def delete(world: World, kind: Kind, key: dict[str, Any]) -> None:
    """Deletes a document in Work that was neither printed nor partly transferred."""
    document = find(world, kind, key.get("Id", ""))
    check_open(kind, document)
    if document.printed or document.transferred:  # S29
        text = f"{document.number} was printed or partly transferred: void it instead."
        raise Invalid(problem(kind, "Key", text))
    _released(world, kind, document).book()
    world.sales.put((kind.type, document.number), None)


def finish(world: World, document: SalesDocument) -> None:
    """Moves a document to history, or deletes it where the company keeps none."""
    done = replace(document, state=HISTORY, modified=world.wire_now(), opened_by="")
    world.sales.put((document.type, document.number), done if world.switches.keep_history else None)


def in_work(world: World, type_: str, number: str) -> SalesDocument:
    """A document that a GP user acts on; raises ValueError with words when it is not in Work."""
    document = world.sales.get((type_, number))
    if document is None or document.state != WORK:
        raise ValueError(f"{type_} {number} is not in Work")
    return document
