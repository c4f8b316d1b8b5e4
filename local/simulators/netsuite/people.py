"""What people do in NetSuite's own pages: orders entered, edited, approved, closed, received and billed by hand."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from local.simulators.base import Request
from local.simulators.netsuite import rules, statuses, transforms, writing
from local.simulators.netsuite.asked import Asked
from local.simulators.netsuite.contract import FORMS
from local.simulators.netsuite.problems import Rejection
from local.simulators.netsuite.records import Line, Record, as_quantity
from local.simulators.netsuite.world import World


def find_transaction(world: World, arguments: dict[str, Any]) -> Record:
    """The transaction given as `id`, or by its number `tran_id`."""
    if "id" in arguments:
        return world.records[int(arguments["id"])]
    wanted = arguments["tran_id"]
    found = next((each for each in world.records.values() if each.text("tranId") == wanted), None)
    if found is None:
        raise KeyError(f"no transaction {wanted!r}")
    return found


def _order_line(world: World, given: dict[str, Any], number: int, default_location: Any) -> Line:
    item = world.item_by_sku(given["sku"])
    line: Line = {"line": number, "item": str(item.id), "quantity": Decimal(str(given["quantity"]))}
    line["rate"] = Decimal(str(given.get("rate", item.cost)))
    location = given.get("location", default_location)
    if location is not None:
        line["location"] = str(location)
    for name, known in (("expected", "expectedReceiptDate"), ("closed", "isClosed"), ("description", "description"),
                        ("units", "units")):  # fmt: skip
        if name in given:
            line[known] = given[name]
    return line


def _order(world: World, kind: str, arguments: dict[str, Any], entity: Any) -> Record:
    """An order with line ids 1, 4, 7 ...: stable, but not a sequence."""
    record = world.new_record(kind)
    record.by_hand = True
    record.values["entity"] = str(entity)
    names = {"tran_id": "tranId", "memo": "memo", "date": "tranDate", "status": "orderStatus", "currency": "currency"}
    names |= {"ship_method": "shipMethod", "other_ref": "otherRefNum", "external_id": "externalId", "email": "email"}
    for name, known in {**names, "subsidiary": "subsidiary", "address": "shippingAddress"}.items():
        if name in arguments:
            record.values[known] = arguments[name] if name == "address" else str(arguments[name])
    record.values |= arguments.get("custom", {})
    record.lists["item"] = [
        _order_line(world, line, 1 + 3 * index, arguments.get("location"))
        for index, line in enumerate(arguments["lines"])
    ]
    return record


def _save(world: World, record: Record) -> str:
    try:
        writing.store(world, record)
    except Rejection as rejection:
        raise ValueError(f"NetSuite refuses: {rejection.reply.body.decode()}") from rejection
    return str(record.id)


def enter_purchase_order(world: World, arguments: dict[str, Any]) -> dict[str, str]:
    """A buyer enters an order: `vendor`, `lines` [{sku, quantity, rate?, location?, expected?}], optional `location`,
    `tran_id`, `status` (B), `subsidiary`, `memo`, `date`, `custom`. Answers its id and number.
    """
    record = _order(world, "purchaseOrder", {"status": "B", **arguments}, arguments["vendor"])
    return {"id": _save(world, record), "tran_id": record.text("tranId")}


def enter_sales_order(world: World, arguments: dict[str, Any]) -> dict[str, str]:
    """A clerk enters an order: `customer`, `lines`, optional `status` (B), `address`, `other_ref`, `external_id` ..."""
    record = _order(world, "salesOrder", {"status": "B", **arguments}, arguments["customer"])
    return {"id": _save(world, record), "tran_id": record.text("tranId")}


def edit_order(world: World, arguments: dict[str, Any]) -> str:
    """A person edits an order (`id` or `tran_id`): `quantities` {line: quantity}, `close` [lines], `reopen` [lines],
    `add` [{sku, quantity, ...}], `new_tran_id`, `memo`, `locations` {line: location}.
    """
    record = find_transaction(world, arguments).copy()
    for number, quantity in (arguments.get("quantities") or {}).items():
        _line(record, number)["quantity"] = Decimal(str(quantity))
    for number, location in (arguments.get("locations") or {}).items():
        _line(record, number)["location"] = str(location)
    for name, closed in (("close", True), ("reopen", False)):
        for number in arguments.get(name) or []:
            _line(record, number)["isClosed"] = closed
    for given in arguments.get("add") or []:
        number = 3 + max(int(line["line"]) for line in record.lines())
        record.lists["item"].append(_order_line(world, given, number, arguments.get("location")))
    for name, known in (("new_tran_id", "tranId"), ("memo", "memo"), ("other_ref", "otherRefNum")):
        if name in arguments:
            record.values[known] = str(arguments[name])
    return _save(world, record)


def _line(record: Record, number: Any) -> Line:
    found = record.line(int(number))
    if found is None:
        raise KeyError(f"{record.text('tranId')} has no line {number}")
    return found


def set_status(world: World, arguments: dict[str, Any]) -> str:
    """Approves (`status` B), rejects or cancels (C) or closes (H) an order; also A, pending again."""
    record = find_transaction(world, arguments).copy()
    record.values["orderStatus"] = arguments["status"]
    return _save(world, record)


def touch(world: World, arguments: dict[str, Any]) -> str:
    """Saves a transaction without a change: only its modified date moves."""
    return _save(world, find_transaction(world, arguments).copy())


def _made_by_hand(world: World, arguments: dict[str, Any], target: str, more: dict[str, Any]) -> str:
    """A transform without external id: `quantities` {line: quantity}, all open lines without it."""
    source = find_transaction(world, arguments)
    wanted = {int(line): quantity for line, quantity in (arguments.get("quantities") or {}).items()}
    rows = [
        {"orderLine": line["line"], "itemReceive": True, "quantity": wanted[line["line"]]}
        if line["line"] in wanted
        else {"orderLine": line["line"], "itemReceive": False}
        for line in source.lines()
        if statuses.is_goods(world, line) and statuses.open_quantity(world, source, line) > 0
    ]
    if not wanted:
        rows = []
    return _transformed(world, source, target, {"item": {"items": rows}, **more})


def _transformed(
    world: World, source: Record, target: str, document: dict[str, Any], query: dict[str, str] | None = None
) -> str:
    """What somebody makes out of an order in the pages; its id."""
    content = _json(document)
    request = Request("POST", "/", "", {"Content-Type": "application/json"}, content)
    try:
        reply = transforms.transform(world, source.form, str(source.id), target, Asked(request, "", query or {}))
    except Rejection as rejection:
        raise ValueError(f"NetSuite refuses: {rejection.reply.body.decode()}") from rejection
    made = reply.headers["Location"].rsplit("/", 1)[-1]
    world.records[int(made)].by_hand = True
    return made


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, default=str).encode()


def receive(world: World, arguments: dict[str, Any]) -> str:
    """Somebody receives a purchase order or a return by hand: `id` or `tran_id`, `quantities` {line: quantity}."""
    more = {"tranDate": arguments["date"]} if "date" in arguments else {}
    return _made_by_hand(world, arguments, "itemReceipt", more)


def fulfil(world: World, arguments: dict[str, Any]) -> str:
    """Somebody fulfils a sales order by hand: `quantities`, `status` (C), `tracking` number."""
    more: dict[str, Any] = {"shipStatus": {"id": arguments.get("status", "C")}}
    if "tracking" in arguments:
        more["package"] = {"items": [{"packageTrackingNumber": arguments["tracking"]}]}
    return _made_by_hand(world, arguments, "itemFulfillment", more)


def authorize_return(world: World, arguments: dict[str, Any]) -> str:
    """Somebody authorizes a return of a sales order by hand: `id` or `tran_id`, `quantities` {line: quantity}, `status`
    (B)."""
    source = find_transaction(world, arguments)
    rows = [{"orderLine": int(line), "quantity": units} for line, units in arguments["quantities"].items()]
    document = {"item": {"items": rows}, "orderStatus": {"id": arguments.get("status", "B")}}
    return _transformed(world, source, "returnAuthorization", document, {"replace": "item"})


def bill_order(world: World, arguments: dict[str, Any]) -> str:
    """Invoices or bills what was fulfilled or received of an order: every line in full."""
    record = find_transaction(world, arguments).copy()
    for line in record.lines():
        line["billed"] = statuses.moved(world, record, line) or as_quantity(line["quantity"])
    return _save(world, record)


def change_transaction(world: World, arguments: dict[str, Any]) -> str:
    """A person edits any transaction: `values` {property: value} over the schema's names."""
    record = find_transaction(world, arguments).copy()
    for name, value in arguments["values"].items():
        known = record.form.property_named(name) or name
        if value is None:
            record.values.pop(known, None)
        else:
            record.values[known] = value
    return _save(world, record)


def approve_bill(world: World, arguments: dict[str, Any]) -> str:
    """Approves (`approval` 2, the default) or rejects (3) a bill; `paid` pays it."""
    record = find_transaction(world, arguments).copy()
    record.values["approvalStatus"] = str(arguments.get("approval", "2"))
    record.values["paid"] = bool(arguments.get("paid"))
    return _save(world, record)


def adjust(world: World, arguments: dict[str, Any]) -> str:
    """A person counts: `sku`, `location`, `quantity` (signed), `account`, optional `subsidiary`, `memo`."""
    record = world.new_record("inventoryAdjustment")
    record.by_hand = True
    for name in ("account", "subsidiary", "memo"):
        if name in arguments:
            record.values[name] = str(arguments[name])
    item = world.item_by_sku(arguments["sku"])
    line: Line = {"line": 1, "item": str(item.id), "location": str(arguments["location"])}
    record.lists["inventory"] = [{**line, "adjustQtyBy": Decimal(str(arguments["quantity"]))}]
    return _save(world, record)


def delete(world: World, arguments: dict[str, Any]) -> None:
    """A person deletes a transaction; what it moved is moved back."""
    record = find_transaction(world, arguments)
    if any(world.children(record.id, name) for name in FORMS):
        raise ValueError(f"{record.text('tranId')} has other transactions behind it")
    rules.check_period(world, record)
    source = world.records.get(record.source) if record.source is not None else None
    world.remove(record.id)
    if source is not None:
        world.put(source.copy())


COMMANDS = {
    "enter_purchase_order": enter_purchase_order,
    "enter_sales_order": enter_sales_order,
    "edit_order": edit_order,
    "set_status": set_status,
    "touch": touch,
    "receive": receive,
    "fulfil": fulfil,
    "authorize_return": authorize_return,
    "bill_order": bill_order,
    "change_transaction": change_transaction,
    "approve_bill": approve_bill,
    "adjust": adjust,
    "delete": delete,
}
