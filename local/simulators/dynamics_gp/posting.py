"""Transferring and posting: what GP users alone can do. No operation of the web service does either."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from local.simulators.dynamics_gp import inventory, sales
from local.simulators.dynamics_gp.amounts import ZERO, quantity, value_of
from local.simulators.dynamics_gp.moves import Moves
from local.simulators.dynamics_gp.people import backordered, document_of, save
from local.simulators.dynamics_gp.problems import Invalid, SoapFault
from local.simulators.dynamics_gp.records import (
    ADJUSTMENT,
    FULFILLMENT,
    HISTORY,
    INVOICE,
    ORDER,
    RETURN,
    TRANSFER,
    VARIANCE,
    WORK,
    InventoryDocument,
    SalesDocument,
)
from local.simulators.dynamics_gp.sales_kinds import RETURN_PLACES
from local.simulators.dynamics_gp.sales_lines import item_of
from local.simulators.dynamics_gp.sales_totals import total
from local.simulators.dynamics_gp.world import World


def transfer(world: World, arguments: dict[str, Any]) -> str:
    """Transfers an order to an invoice or fulfilment order: `number`, `to` (default Invoice), `document_type`,
    optional `quantities` {line: quantity}. What is transferred completely goes to history, or is deleted.

    Answers the number of the new document.
    """
    order = document_of(world, {**arguments, "type": ORDER})
    target = arguments.get("to", INVOICE)
    made_type = world.document_types.get((target, arguments.get("document_type", _default_type(target))))
    if made_type is None or target not in (INVOICE, FULFILLMENT):
        raise ValueError(f"an order cannot be transferred to {target}")
    fields = deepcopy(dict(order.fields))
    asked = {int(line): Decimal(str(each)) for line, each in (arguments.get("quantities") or {}).items()}
    lines = [made for line in fields["Lines"] if (made := _transfer_line(line, asked, target)) is not None]
    if not lines:
        raise ValueError(f"nothing of {order.number} is left to transfer")
    number = f"{made_type.prefix}{world.number(f'{target}/{made_type.id}', 1001)}"
    for line in lines:
        line["Key"]["SalesDocumentKey"] = {"Id": number}
    made = {**deepcopy(fields), "Lines": lines, "DocumentTypeKey": {"Type": target, "Id": made_type.id}}
    made["OriginalSalesDocumentKey"] = {"Id": order.number}
    made.pop("ShippingProcessStatus", None)
    total(world, made)
    now = world.wire_now()
    world.sales.put((target, number), SalesDocument(target, number, WORK, made, now, now, source=order.number))
    left = save(world, order, fields, transferred=True)
    if not backordered(left) and all(value_of(line["QuantityToInvoice"]) == ZERO for line in left.lines):
        sales.finish(world, left)
    return number


def _default_type(target: str) -> str:
    return {INVOICE: "STDINV", FULFILLMENT: "FULORD"}.get(target, "")


def _transfer_line(line: dict[str, Any], asked: dict[int, Decimal], target: str) -> dict[str, Any] | None:
    """Takes a quantity off the order's line (changed in place) and answers the line of the new document."""
    decimals = line["Quantity"]["DecimalDigits"]
    left = value_of(line["QuantityToInvoice"])
    taken = asked.get(line["Key"]["LineSequenceNumber"], ZERO) if asked else left
    if taken > left:
        raise ValueError(f"only {left} is left to transfer")
    if taken == ZERO:
        return None
    made = {name: value for name, value in deepcopy(line).items() if name != "QuantityToInvoice"}
    made["Quantity"] = made["BillingQuantity"] = quantity(taken, decimals)
    made["QuantityToBackorder"] = made["QuantityCanceled"] = quantity(ZERO, decimals)
    price = value_of(line["UnitPrice"])
    made["TotalAmount"] = {**line["TotalAmount"], "Value": (price * taken).quantize(Decimal("0.01"))}
    line["QuantityToInvoice"] = quantity(left - taken, decimals)
    for name in ("QuantityAllocated", "QuantityFulfilled"):
        moved = min(taken, value_of(line[name]))
        made[name] = quantity(moved, decimals)
        line[name] = quantity(value_of(line[name]) - moved, decimals)
    return made


def post(world: World, arguments: dict[str, Any]) -> None:
    """Posts an invoice or a return: `type`, `number`. Stock moves; the document goes to history, or is deleted."""
    document = document_of(world, arguments)
    if document.type not in (INVOICE, RETURN):
        raise ValueError(f"a {document.type} is not posted: it is transferred to an invoice")
    moves = Moves(world)
    for line in document.lines:
        item = item_of(world, line)
        if item is None or item.kind != "Sales Item":
            continue
        factor, site = (item.factor(line["UofM"]) or ZERO), line["WarehouseKey"]["Id"]
        if document.type == RETURN:
            split = line["ReturnQuantity"]
            moves.add(
                item.number,
                site,
                **{place: value_of(split.get(name)) * factor for name, place in RETURN_PLACES.items()},
            )
        else:
            _post_invoice_line(moves, item.number, site, line, factor)
    moves.book()
    sales.finish(world, replace(document, fields={**document.fields, "PostedDate": world.today()}))


def _post_invoice_line(moves: Moves, item: str, site: str, line: dict[str, Any], factor: Decimal) -> None:
    if value_of(line["QuantityFulfilled"]) != value_of(line["BillingQuantity"]):
        raise ValueError(f"{item} is not fulfilled: fulfil it before posting")
    allocated, sold = value_of(line["QuantityAllocated"]), value_of(line["QuantityFulfilled"])
    moves.add(item, site, allocated=-allocated * factor, on_hand=-sold * factor)


def convert_fulfillment(world: World, arguments: dict[str, Any]) -> str:
    """A GP user confirms the shipment of a fulfilment order: it becomes an invoice. Answers the invoice's number."""
    document = document_of(world, {**arguments, "type": FULFILLMENT})
    made_type = world.document_types.get((INVOICE, arguments.get("document_type", "STDINV")))
    if made_type is None:
        raise ValueError("no such invoice document id")
    number = f"{made_type.prefix}{world.number(f'{INVOICE}/{made_type.id}', 1001)}"
    fields = deepcopy(dict(document.fields))
    fields["DocumentTypeKey"] = {"Type": INVOICE, "Id": made_type.id}
    for line in fields["Lines"]:
        line["Key"]["SalesDocumentKey"] = {"Id": number}
    fields.pop("ShippingProcessStatus", None)
    now = world.wire_now()
    world.sales.put((INVOICE, number), SalesDocument(INVOICE, number, WORK, fields, now, now, source=document.source))
    world.sales.put((FULFILLMENT, document.number), None)
    return number


def enter_inventory(world: World, arguments: dict[str, Any]) -> str:
    """A GP user enters an inventory document: `kind` (adjustment, variance, transfer), `lines` [{item, quantity, site}]
    (a transfer: `site`, `to_site`, `from_type`, `to_type`), `batch`, and `post` (default true). With `seconds_ago` it
    was posted so long ago. Answers its number."""
    kind = {"adjustment": ADJUSTMENT, "variance": VARIANCE, "transfer": TRANSFER}[arguments["kind"]]
    given = {
        "BatchKey": {"Id": arguments.get("batch", "MANUAL")},
        "Lines": [_inventory_line(kind, each) for each in arguments["lines"]],
    }
    try:
        made = inventory.create(world, kind, given)
    except (Invalid, SoapFault) as refused:
        raise ValueError(str(refused)) from refused
    if not arguments.get("post", True):
        return made.number
    ago = timedelta(seconds=float(arguments.get("seconds_ago", 0)))
    return _post_inventory(world, made, ago).number


def _inventory_line(kind: str, wanted: dict[str, Any]) -> dict[str, Any]:
    line: dict[str, Any] = {
        "ItemKey": {"Id": wanted["item"]},
        "Quantity": {"Value": Decimal(str(wanted["quantity"])), "DecimalDigits": 5},
    }
    if kind != TRANSFER:
        return {**line, "WarehouseKey": {"Id": wanted["site"]}}
    return {
        **line,
        "WarehouseFromKey": {"Id": wanted["site"]},
        "WarehouseToKey": {"Id": wanted.get("to_site", wanted["site"])},
        "QuantityTypeFrom": wanted.get("from_type", "On Hand"),
        "QuantityTypeTo": wanted.get("to_type", "On Hand"),
    }


def _post_inventory(world: World, document: InventoryDocument, ago: timedelta = timedelta(0)) -> InventoryDocument:
    """Work to history: stock moves, ModifiedDate is now, the item cards' ModifiedDate stays as it was."""
    moves = Moves(world)
    for line in document.fields["Lines"]:
        inventory.post(world, document.kind, line, moves)
    moves.book()
    code = f"IV{document.kind.removeprefix('Inventory')[:3].upper()}{world.number('audit trail'):08d}"
    number = document.number
    if world.switches.history_keys_differ:
        number = f"ADJ{world.number('history'):014d}"
        world.inventory.put((document.kind, document.number), None)
    fields = {**document.fields, "AuditTrailCode": code, "GLPostingDate": world.today()}
    posted = replace(document, number=number, state=HISTORY, fields=fields, modified=world.wire_now() - ago)
    world.inventory.put((document.kind, number), posted)
    return posted


def post_inventory(world: World, arguments: dict[str, Any]) -> str:
    """Posts one inventory document: `kind` as in enter_inventory, `number`. Answers the number it has in history."""
    kind = {"adjustment": ADJUSTMENT, "variance": VARIANCE, "transfer": TRANSFER}[arguments["kind"]]
    document = world.inventory.get((kind, arguments["number"]))
    if document is None or document.state != WORK:
        raise ValueError(f"{kind} {arguments['number']} is not in Work")
    return _post_inventory(world, document).number


def post_batch(world: World, arguments: dict[str, Any]) -> dict[str, list[str]]:
    """Posts everything in the batch `batch` that can be posted: invoices, returns, inventory documents."""
    name = arguments["batch"]
    posted: dict[str, list[str]] = {"sales": [], "inventory": []}
    for document in list(world.sales.values()):
        if document.state == WORK and document.fields["BatchKey"]["Id"] == name and document.type in (INVOICE, RETURN):
            post(world, {"type": document.type, "number": document.number})
            posted["sales"].append(document.number)
    for entry in list(world.inventory.values()):
        if entry.state == WORK and entry.fields["BatchKey"]["Id"] == name:
            posted["inventory"].append(_post_inventory(world, entry).number)
    return posted


def move_stock(world: World, arguments: dict[str, Any]) -> None:
    """Stock that changes without an inventory document (a purchase receipt, an assembly): `item`, `site`, and any of
    `on_hand`, `allocated`, `damaged`, `on_order` ... as changes."""
    changes = {name: Decimal(str(each)) for name, each in arguments.items() if name not in ("item", "site")}
    if world.items.get(arguments["item"]) is None or world.sites.get(arguments["site"]) is None:
        raise ValueError("no such item or site")
    world.move(arguments["item"], arguments["site"], **changes)
