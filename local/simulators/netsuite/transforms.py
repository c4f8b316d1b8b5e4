"""Transforms: an order becomes a receipt, a fulfilment or a return, pre-filled with every open line.

A request that names only some lines receives or fulfils ALL the others in full: that is the trap. Lines are named by
`orderLine`; `itemReceive` false takes one off.
"""

from __future__ import annotations

from local.simulators.base import Reply
from local.simulators.netsuite import statuses, writing
from local.simulators.netsuite.asked import Asked, saved
from local.simulators.netsuite.contract import FORMS, TRANSFORMS, Form
from local.simulators.netsuite.problems import NO_LINES, invalid, nonexistent, user_error
from local.simulators.netsuite.records import Line, Record, as_quantity
from local.simulators.netsuite.values import Body
from local.simulators.netsuite.world import World


def _uninitialised(target: Form, source: Record) -> Exception:
    return user_error(f"You can not initialize {target.name.lower()}: invalid reference {source.id}.")


def _proposed(world: World, source: Record, target: Form) -> list[Line]:
    """The lines that NetSuite fills in."""
    proposes_all = world.switches.returns_propose == "all"
    found: list[Line] = []
    for line in source.lines():
        if not statuses.is_goods(world, line):
            continue
        if target.name == "returnAuthorization":
            quantity = as_quantity(line["quantity"]) if proposes_all else as_quantity(0)
        else:
            quantity = statuses.open_quantity(world, source, line)
        if quantity <= 0:
            continue
        row: Line = {"line": line["line"], "orderLine": line["line"], "item": line["item"], "quantity": quantity}
        for name in ("location", "rate"):
            if line.get(name) is not None:
                row[name] = line[name]
        if "location" not in row and source.values.get("location"):
            row["location"] = source.values["location"]
        found.append(row)
    return found


def _merge(source: Record, proposed: list[Line], rows: list[Line], *, returns: bool, replace: bool) -> list[Line]:
    """The request's lines over the proposed ones."""
    merged = {row["orderLine"]: dict(row) for row in proposed}
    named: set[int] = set()
    for index, row in enumerate(rows):
        path = f"item.items[{index}]"
        key = row.get("orderLine", row.get("line"))
        if key is None:
            raise invalid("A line of a transform is named by orderLine.", f"{path}.orderLine")
        if key in named:
            raise invalid(f"Line {key} is named twice.", f"{path}.orderLine")
        named.add(key)
        if key not in merged:
            line = source.line(key)
            if row.get("itemReceive") is False and line is not None:
                continue
            if line is None or not returns:
                raise user_error(f"Line {key} of the order has nothing to process.", f"{path}.orderLine")
            merged[key] = {"line": key, "orderLine": key, "item": line["item"], "location": line.get("location")}
        given = {name: value for name, value in row.items() if name not in ("line", "orderLine")}
        if given.get("item", merged[key]["item"]) != merged[key]["item"]:
            raise user_error("The item of a line can not be changed.", f"{path}.item")
        merged[key] |= given
    kept = [row for key, row in merged.items() if not replace or key in named]
    return [
        {name: value for name, value in row.items() if name != "itemReceive"}
        for row in kept
        if row.get("itemReceive", True)
    ]


def _packages(world: World, source: Record, record: Record, body: Body) -> None:
    """Packages go to the generic list, unless the ship method is an integrated carrier's: then that list holds them."""
    method = body.values.get("shipMethod") or source.values.get("shipMethod")
    carrier = world.masters.integrated_carriers.get(int(method)) if method else None
    if carrier is None:
        for name in ("package", "packageUps", "packageFedex", "packageUsps"):
            if name in body.lists and name != "package":
                raise user_error(f"{name} needs a ship method of that carrier.", name)
        return
    if "package" in body.lists:
        world.warnings.append(f"itemFulfillment {record.id}: package ignored, the ship method belongs to {carrier}")
        body.lists.pop("package")
    record.lists.setdefault(carrier, [{"line": 1}])


def transform(world: World, form: Form, key: str, target_name: str, asked: Asked) -> Reply:
    """POST /record/v1/{source}/{id}/!transform/{target}."""
    target = FORMS[target_name]
    body = writing.read_body(world, target, asked)
    source = writing.find(world, form, key)
    if source.id in world.masters.workflow_locks:
        raise user_error("This record has been locked by a user defined workflow.")
    letter = statuses.letter(world, source)
    returns = target.name == "returnAuthorization"
    # Nothing comes back of an order of which nothing has left.
    if (letter not in statuses.OPEN and not returns) or letter in ("A", "P", "C") or (returns and letter == "B"):
        if letter in ("F", "G", "H"):
            raise user_error(NO_LINES)
        raise _uninitialised(target, source)
    record = world.new_record(target.name, source.id)
    _inherit(source, record, target)
    replaced = writing.replaced_lists(target, asked)
    rows = body.lists.pop("item", [])
    proposed = _proposed(world, source, target)
    record.lists["item"] = _merge(source, proposed, rows, returns=returns, replace="item" in replaced)
    if not record.lists["item"]:
        raise user_error(NO_LINES)
    if target.name == "itemFulfillment":
        _packages(world, source, record, body)
    if not world.switches.transform_keeps_external_id:
        body.values.pop("externalId", None)
    writing.apply(record, body, replaced)
    if world.switches.sticky_ship_status and target.name == "itemFulfillment":
        record.values["shipStatus"] = "A"
    writing.store(world, record)
    _bill_at_once(world, source, record)
    return saved(asked, target.name, record.id, body.dropped)


def _bill_at_once(world: World, source: Record, record: Record) -> None:
    """What an account without the advanced features does beside: it bills what it receives or ships."""
    switches = world.switches
    receives = record.type == "itemReceipt" and source.type == "purchaseOrder" and not switches.advanced_receiving
    ships = record.type == "itemFulfillment" and not switches.advanced_shipping
    if not receives and not ships:
        return
    order = world.records[source.id].copy()
    moved = {line["orderLine"]: as_quantity(line["quantity"]) for line in record.lines()}
    for line in order.lines():
        line["billed"] = as_quantity(line.get("billed")) + moved.get(line["line"], as_quantity(0))
    writing.store(world, order)
    if receives:
        bill = world.new_record("vendorBill", source.id)
        _inherit(source, bill, FORMS["vendorBill"])
        keys = ("line", "orderLine", "item", "quantity", "rate", "location")
        bill.lists["item"] = [{name: row[name] for name in keys if name in row} for row in record.lines()]
        writing.store(world, bill)


def _inherit(source: Record, record: Record, target: Form) -> None:
    names = ("entity", "subsidiary", "currency", "shipMethod", "shippingAddress")
    for name in names:
        if source.values.get(name) is not None and target.property_named(name):
            record.values[name] = source.values[name]


def permission_of(source: str, target: str) -> str:
    """The permission that a transform needs; 404 for a transform that does not exist or is not simulated."""
    found = TRANSFORMS.get((source, target))
    if found is None:
        raise nonexistent(f"Transform of {source} to {target} is not available.")
    return found
