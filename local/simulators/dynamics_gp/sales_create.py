"""CreateSalesOrder and its sisters: checks everything, then saves a document in Work and allocates stock."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from local.simulators.dynamics_gp import sales_rules as rules
from local.simulators.dynamics_gp.moves import Moves
from local.simulators.dynamics_gp.problems import Invalid, Problem, already_exists
from local.simulators.dynamics_gp.records import WORK, DocumentType, SalesDocument
from local.simulators.dynamics_gp.sales_kinds import Kind
from local.simulators.dynamics_gp.sales_lines import Desk, item_of, price, settle
from local.simulators.dynamics_gp.sales_totals import SALES_BATCHES, batch_key, total
from local.simulators.dynamics_gp.world import World

STEP = 16384
_OWN = ("Key", "Type", "TransactionState", "CreatedDate", "ModifiedDate", "LastModifiedDate", "IsVoided", "Extensions")
_EMPTY_KEYS = ("WarehouseKey", "ShippingMethodKey", "PriceLevelKey")


def supplied(given: dict[str, Any]) -> dict[str, Any]:
    """What the caller really supplied: empty keys mean "not supplied", elements that GP keeps itself are dropped."""
    return {
        name: value
        for name, value in given.items()
        if name not in _OWN and not (name in _EMPTY_KEYS and not value.get("Id"))
    }


def create(world: World, kind: Kind, given: dict[str, Any], options: dict[str, int]) -> SalesDocument:
    """Saves a new document; raises Invalid or a fault and then nothing has changed."""
    header = supplied(given)
    found = list(rules.header(world, kind, header, creating=True))
    if found:
        raise Invalid(*found)
    document_type = world.document_types.get((kind.type, header["DocumentTypeKey"]["Id"]))
    assert document_type is not None  # noqa: S101 - rule S2
    number = _number(world, kind, document_type, given.get("Key", {}).get("Id", ""))
    _defaults(world, header)
    desk = Desk(world, kind, document_type, options, Moves(world))
    header["Lines"] = _lines(desk, header, number)
    _trackings(kind, header, number)
    total(world, header)
    now = world.wire_now()
    document = SalesDocument(kind.type, number, WORK, header, created=now, modified=now)
    desk.moves.book()
    world.sales.put((kind.type, number), document)
    return document


def _number(world: World, kind: Kind, document_type: DocumentType, wanted: str) -> str:
    """The caller's number, or the next of the document id; a number is never used twice, a voided one neither."""
    if wanted and not document_type.may_override_numbers:  # S19
        raise Invalid(rules.problem(kind, "Key", f"Numbers of {document_type.id} cannot be overridden."))
    if wanted:
        if world.sales.get((kind.type, wanted)) is not None or (kind.type, wanted) in world.voided_numbers:
            raise already_exists("SalesDocumentKey")  # S31
        return wanted
    while True:
        number = f"{document_type.prefix}{world.number(f'{kind.type}/{document_type.id}', 1001)}"
        if world.sales.get((kind.type, number)) is None:
            return number


def _defaults(world: World, header: dict[str, Any]) -> None:
    """What GP fills in: date, customer's name, site and shipping method, currency, batch."""
    customer = world.customers.get(header["CustomerKey"]["Id"])
    assert customer is not None  # noqa: S101 - rule S3
    header.setdefault("Date", world.today())
    if not header.get("CustomerName"):
        header["CustomerName"] = customer.name
    header.setdefault("WarehouseKey", {"Id": customer.site or world.switches.default_site})
    if customer.shipping_method:
        header.setdefault("ShippingMethodKey", {"Id": customer.shipping_method})
    header.setdefault("CurrencyKey", {"ISOCode": world.switches.currency})
    header["BatchKey"] = batch_key(world, header["BatchKey"], SALES_BATCHES)
    header["MasterNumber"] = world.number("master")


def _lines(desk: Desk, header: dict[str, Any], number: str) -> list[dict[str, Any]]:
    found: list[Problem] = []
    lines: list[dict[str, Any]] = []
    for given in header.get("Lines", ()):
        sequence = given.get("Key", {}).get("LineSequenceNumber") or STEP * (len(lines) + 1)
        if any(line["Key"]["LineSequenceNumber"] == sequence for line in lines):  # S20
            found.append(rules.problem(desk.kind, "Lines", f"The line {sequence} is repeated."))
            continue
        line, faults = new_line(desk, header, given, number, sequence)
        found.extend(faults)
        lines.append(line)
    if found:
        raise Invalid(*found)
    for line in lines:
        finish_line(desk, line)
    return lines


def new_line(
    desk: Desk, header: dict[str, Any], given: dict[str, Any], number: str, sequence: int
) -> tuple[dict[str, Any], list[Problem]]:
    """A line with its defaults, and what is wrong with it."""
    line = deepcopy(supplied(given))
    line.pop("DeleteOnUpdate", None)
    if line.pop("QuantityAllocated", None) is not None:
        desk.world.ignored.append(f"{number}: QuantityAllocated is read-only")
    line["Key"] = {"SalesDocumentKey": {"Id": number}, "LineSequenceNumber": sequence}
    line.setdefault("WarehouseKey", dict(header["WarehouseKey"]))
    item = item_of(desk.world, line)
    faults = list(rules.line(desk.world, desk.kind, line, item))
    if item is not None:
        line["UofM"] = line.get("UofM") or item.unit
        line["ItemDescription"] = line.get("ItemDescription") or item.description
    return line, faults


def finish_line(desk: Desk, line: dict[str, Any]) -> None:
    """Allocates and prices a line that broke no rule."""
    item = item_of(desk.world, line)
    assert item is not None  # noqa: S101 - rule S9
    settle(desk, item, line)
    price(desk, item, line)


def _trackings(kind: Kind, header: dict[str, Any], number: str) -> None:
    """Tracking numbers of a new document: each once."""
    ids = [each.get("Key", {}).get("Id", "") for each in header.get("TrackingNumbers", ())]
    if "" in ids or len(set(ids)) != len(ids):  # S21
        raise Invalid(rules.problem(kind, "TrackingNumbers", "A tracking number is empty or repeated."))
    if ids:
        header["TrackingNumbers"] = [{"Key": {"SalesDocumentKey": {"Id": number}, "Id": each}} for each in ids]
