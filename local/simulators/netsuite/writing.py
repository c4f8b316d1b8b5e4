"""Writes of the record service: create, update, upsert by external id, delete."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from local.simulators.base import Reply
from local.simulators.netsuite import lines, rules, statuses
from local.simulators.netsuite.asked import Asked, saved
from local.simulators.netsuite.contract import FORMS, Form
from local.simulators.netsuite.problems import Rejection, error, invalid, no_transaction, user_error
from local.simulators.netsuite.records import Record, as_quantity
from local.simulators.netsuite.values import Body, Reader
from local.simulators.netsuite.world import World

WRITE_QUERY = ("replace",)


def read_body(world: World, form: Form, asked: Asked) -> Body:
    """The request's body, understood and checked."""
    mode = asked.name_validation(world)
    return Reader(world, form, mode).read(asked.document())


def replaced_lists(form: Form, asked: Asked) -> set[str]:
    """The sublists that `?replace=a,b` makes complete."""
    given = [name for name in asked.query.get("replace", "").split(",") if name]
    known = {name: form.property_named(name) for name in given}
    for name, found in known.items():
        if found is None or found not in form.lists:
            raise Rejection(
                error(400, "INVALID_PARAMETER", f"'{name}' is no sublist.", {"o:errorQueryParam": "replace"})
            )
    return {found for found in known.values() if found is not None}


def apply(record: Record, body: Body, replaced: set[str]) -> None:
    """Body values and lines into a record."""
    for name, value in body.values.items():
        if value is None:
            record.values.pop(name, None)
        else:
            record.values[name] = value
    for name, rows in body.lists.items():
        lines.merge(record, name, rows, replace=name in replaced)


def _finish(world: World, record: Record) -> None:
    """Defaults that depend on the rest, the totals, and the rules."""
    switches = world.switches
    defaults: dict[str, dict[str, Any]] = {
        "vendorBill": {"approvalStatus": switches.bill_approval},
        "itemFulfillment": {"shipStatus": switches.ship_status},
        "returnAuthorization": {"orderStatus": switches.return_status},
        "salesOrder": {"orderStatus": "A"},
        "purchaseOrder": {"orderStatus": "B"},
    }
    for name, value in defaults.get(record.type, {}).items():
        record.values.setdefault(name, value)
    if record.type == "itemFulfillment" and record.text("shipStatus") == "C":
        record.values.setdefault("shippedDate", record.text("tranDate"))
    rules.check(world, record)
    if record.form.order:
        kits = {item.id: item.members for item in world.masters.items.values() if item.members}
        lines.expand_kits(record, kits)
        record.values["total"] = rules.total_of(record)


def store(world: World, record: Record) -> None:
    """Checks and stores; an order's status date moves with what is made out of it."""
    _finish(world, record)
    _check_open(world, record)
    world.put(record)
    source = world.records.get(record.source) if record.source is not None else None
    if source is not None:
        world.put(source.copy())


def _check_open(world: World, record: Record) -> None:
    """Receipts and fulfilments must not exceed what is open on their order."""
    source = world.records.get(record.source) if record.source is not None else None
    if source is None or record.type not in ("itemReceipt", "itemFulfillment"):
        return
    for index, row in enumerate(record.lines()):
        line = source.line(row["orderLine"])
        if line is None:
            raise invalid("The line does not exist on the order.", f"item.items[{index}].orderLine")
        before = world.records.get(record.id)
        own = Decimal(0)
        if before is not None:
            own = sum((as_quantity(old["quantity"]) for old in before.lines() if old["orderLine"] == line["line"]), own)
        left = statuses.open_quantity(world, source, line) + own
        over = world.switches.overage and record.type == "itemReceipt"
        if as_quantity(row["quantity"]) > left and not over:
            raise user_error(
                f"Quantity {row['quantity']} is more than the remaining quantity {left} of line {line['line']}.",
                f"item.items[{index}].quantity",
            )


def _conflict(world: World, record: Record) -> None:
    if world.switches.conflicts > 0:
        world.switches.conflicts -= 1
        raise user_error("Record has been changed.")
    if record.id in world.masters.workflow_locks:
        raise user_error("This record has been locked by a user defined workflow.")


def create(world: World, form: Form, asked: Asked) -> Reply:
    """POST /record/v1/{type}."""
    _creatable(world, form)
    body = read_body(world, form, asked)
    record = world.new_record(form.name)
    apply(record, body, set())
    store(world, record)
    return saved(asked, form.name, record.id, body.dropped)


def _creatable(world: World, form: Form) -> None:
    """Fulfilments and receipts only come out of a transform; master records are made by people here."""
    if not form.transaction or form.name in ("itemFulfillment", "itemReceipt"):
        if not form.transaction:
            world.violation(f"create {form.name}: not simulated, people make master records here")
        raise user_error(f"A {form.words} can not be created by itself.")


def find(world: World, form: Form, key: str) -> Record:
    """The transaction of a path: an internal id, or `eid:`. A missing one is 400 USER_ERROR, not 404."""
    if key.lower().startswith("eid:"):
        found = world.by_external_id(key[4:])
    else:
        found = world.find(int(key)) if key.isdigit() else None
    if found is None or found.type != form.name:
        raise no_transaction()
    return found


def update(world: World, form: Form, key: str, asked: Asked) -> Reply:
    """PATCH /record/v1/{type}/{id or eid}."""
    body = read_body(world, form, asked)
    old = find(world, form, key)
    _conflict(world, old)
    rules.check_period(world, old)
    record = old.copy()
    if "externalId" in body.values and world.switches.later_external_id == "refused":
        raise user_error("You may not change the external id.", "externalId")
    if world.switches.later_external_id == "dropped":
        body.values.pop("externalId", None)
    apply(record, body, replaced_lists(form, asked))
    store(world, record)
    return saved(asked, form.name, record.id, body.dropped)


def upsert(world: World, form: Form, key: str, asked: Asked) -> Reply:
    """PUT /record/v1/{type}/eid:{externalId}: creates, or updates with lines ADDED unless `replace` says otherwise."""
    if not key.lower().startswith("eid:"):
        raise Rejection(error(400, "INVALID_REQUEST", "PUT needs an external id: eid:..."))
    external_id, body = key[4:], read_body(world, form, asked)
    if body.values.get("externalId", external_id).lower() != external_id.lower():
        raise invalid("The external id of the body differs from that of the URL.", "externalId")
    old = world.by_external_id(external_id)
    if old is not None and old.type != form.name:
        raise user_error("This transaction already exists.", "externalId")
    if old is None:
        _creatable(world, form)
        record = world.new_record(form.name)
        Reader(world, form, "Error").read({"externalId": external_id})
        record.values["externalId"] = external_id
    else:
        _conflict(world, old)
        record = old.copy()
    body.values.pop("externalId", None)
    apply(record, body, replaced_lists(form, asked))
    store(world, record)
    return saved(asked, form.name, record.id, body.dropped)


def delete(world: World, form: Form, key: str, asked: Asked) -> Reply:
    """DELETE /record/v1/{type}/{id}: refused while something was made out of it."""
    record = find(world, form, key)
    if any(world.children(record.id, kind) for kind in FORMS):
        raise user_error("This transaction cannot be deleted because it is linked to by one or more transactions.")
    rules.check_period(world, record)
    source = world.records.get(record.source) if record.source is not None else None
    world.remove(record.id)
    if source is not None:
        world.put(source.copy())
    return Reply(204)
