"""Acts of people inside the ERP that have no API, and the simulator's own settings. JSON in, JSON out.

Documents (plain fields of the contract, not wrapped; numbers may be chosen):
    put {entity, fields}      sales_order, stock_item, customer, vendor, warehouse, ship_via, bill, shipment, adjustment
    edit_order {order_nbr, fields}       edit {entity, key, fields}       delete, archive {entity, key}
    cancel_order, put_on_hold, release_hold, credit_hold, reject_order {order_nbr [, order_type]}
    create_shipment {order_nbr, warehouse}, confirm_shipment, correct_shipment {shipment_nbr}
    update_in {[shipment_nbr]}           without a number: every confirmed shipment, as the hourly schedule does
    release {entity, key}                an adjustment or a bill
Tables:
    account, subaccount {id, active}, reason_code {id, usage}, box {id, ...}, non_stock_item {id, require_shipment}
    attribute {entity, view, field, type}, period {period, closed}, order_type {id, behaviour}
    stock {sku, warehouse, location, quantity}, carrier_plug_in {id}
Settings:
    switch {name: value, ...}, seats {seats}
    configure_push {url, header_name, header_value, queries}, stop_push {}, resend_pushes {}
    expire_tokens {[refresh_tokens]}, close_sessions {}, unlock_user {name}
    deny, grant {entity}, collide {entity, times}
    application {guid, secret, redirect_uris, flows, refresh}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from local.simulators.acumatica import bills, order_status, saving, shipping, stock
from local.simulators.acumatica.contract import FORMS, NEWEST, Entity
from local.simulators.acumatica.documents import ZERO, Record, normal
from local.simulators.acumatica.errors import Fault
from local.simulators.acumatica.grants import Application
from local.simulators.acumatica.holdings import key_of
from local.simulators.acumatica.push import STANDARD_QUERIES, Destination, PushQuery
from local.simulators.acumatica.world import World

if TYPE_CHECKING:
    from local.simulators.acumatica.simulator import AcumaticaSimulator

Arguments = dict[str, Any]
Command = Callable[["AcumaticaSimulator", Arguments], Any]

ENTITIES = {
    "sales_order": "SalesOrder", "stock_item": "StockItem", "customer": "Customer", "vendor": "Vendor",
    "warehouse": "Warehouse", "ship_via": "ShipVia", "bill": "Bill", "shipment": "Shipment",
    "adjustment": "InventoryAdjustment",
}  # fmt: skip


def run_command(simulator: AcumaticaSimulator, name: str, arguments: Arguments) -> Any:
    """Runs one command; a refusal of the form's rules is a ValueError with its text."""
    if name in ENTITIES:
        return run_command(simulator, "put", {"entity": ENTITIES[name], "fields": arguments})
    if name not in COMMANDS:
        raise KeyError(f"no command {name!r}")
    try:
        return COMMANDS[name](simulator, arguments)
    except Fault as fault:
        inner = fault.body.get("innerException", fault.body) if isinstance(fault.body, dict) else {}
        raise ValueError(inner.get("exceptionMessage") or str(fault)) from fault
    except saving.Rejected as rejected:
        raise ValueError(str(rejected)) from rejected


def wrap_plain(world: World, entity: Entity, plain: Mapping[str, Any]) -> dict[str, Any]:
    """Plain fields as a request body; raises KeyError for a name that the contract does not know."""
    body: dict[str, Any] = {}
    for name, value in plain.items():
        if name in ("id", "delete"):
            body[name] = value
        elif name == "note" or name in entity.fields:
            body[name] = {"value": value}
        elif name == "custom":
            body[name] = _wrap_custom(world, entity, value)
        elif name in entity.linked:
            body[name] = wrap_plain(world, NEWEST[entity.linked[name]], value)
        elif name in entity.details:
            body[name] = [wrap_plain(world, NEWEST[entity.details[name]], row) for row in value]
        else:
            raise KeyError(f"{entity.name} has no field {name!r}")
    return body


def _wrap_custom(world: World, entity: Entity, views: Mapping[str, Any]) -> dict[str, Any]:
    kinds = world.reference.attributes[entity.name]
    return {
        view: {name: {"type": kinds[view][name], "value": value} for name, value in fields.items()}
        for view, fields in views.items()
    }


def _put(simulator: AcumaticaSimulator, arguments: Arguments) -> Any:
    entity = NEWEST[arguments["entity"]]
    body = wrap_plain(simulator.world, entity, arguments["fields"])
    saved = simulator.transact(lambda: saving.save(simulator.world, entity.name, body, trusted=True), by_person=True)
    return {"id": saved.record.id, "key": key_of(saved.record), "created": saved.created}


def _record(simulator: AcumaticaSimulator, arguments: Arguments, entity: str | None = None) -> Record:
    """The record that arguments name: `key` (a text or a list), or order_nbr / shipment_nbr."""
    entity = entity or str(arguments["entity"])
    if entity == "SalesOrder" and "order_nbr" in arguments:
        key = [str(arguments.get("order_type", "SO")), str(arguments["order_nbr"])]
    elif entity == "Shipment" and "shipment_nbr" in arguments:
        key = [str(arguments["shipment_nbr"])]
    else:
        given = arguments["key"]
        key = [str(part) for part in given] if isinstance(given, list) else [str(given)]
        if len(key) < len(FORMS[entity].keys):
            key = [{"SalesOrder": "SO", "Bill": "Bill"}[entity], *key]
    found = simulator.world.store.find(entity, *key)
    if found is None:
        raise ValueError(f"no {entity} {' '.join(key)}")
    return found


def _on(entity: str, act: Callable[[World, Record], Any]) -> Command:
    """A command that does something to one record of an entity."""

    def run(simulator: AcumaticaSimulator, arguments: Arguments) -> Any:
        record = _record(simulator, arguments, entity)
        simulator.transact(lambda: act(simulator.world, record), by_person=True)
        return {"key": key_of(record)}

    return run


def _edit(simulator: AcumaticaSimulator, arguments: Arguments) -> Any:
    entity = str(arguments.get("entity", "SalesOrder"))
    record = _record(simulator, arguments, entity)
    return _put(simulator, {"entity": entity, "fields": {"id": record.id, **arguments["fields"]}})


def _delete(simulator: AcumaticaSimulator, arguments: Arguments) -> Any:
    record = _record(simulator, arguments)
    simulator.transact(lambda: saving.delete(simulator.world, record), by_person=True)
    return {"key": key_of(record)}


def _archive(simulator: AcumaticaSimulator, arguments: Arguments) -> Any:
    copy = simulator.world.store.working_copy(_record(simulator, arguments))
    copy.archived = bool(arguments.get("archived", True))
    simulator.transact(lambda: simulator.world.commit(copy, touch=False), by_person=True)
    return {"key": key_of(copy)}


def _create_shipment(simulator: AcumaticaSimulator, arguments: Arguments) -> Any:
    order, world = _record(simulator, arguments, "SalesOrder"), simulator.world
    made = simulator.transact(
        lambda: shipping.make(world, order, str(arguments["warehouse"]), world.today()), by_person=True
    )
    return {"key": made.text("ShipmentNbr")}


def _update_in(simulator: AcumaticaSimulator, arguments: Arguments) -> Any:
    if "shipment_nbr" in arguments:
        due = [_record(simulator, arguments, "Shipment")]
    else:
        due = [record for record in simulator.world.store.all("Shipment") if record.text("Status") == "Confirmed"]
    for record in due:
        simulator.transact(lambda record=record: shipping.update_in(simulator.world, record), by_person=True)  # type: ignore[misc]
    return {"posted": [record.text("ShipmentNbr") for record in due]}


def _release(simulator: AcumaticaSimulator, arguments: Arguments) -> Any:
    record = _record(simulator, arguments)
    act: Callable[[World, Record], object] = {"InventoryAdjustment": stock.release, "Bill": bills.release}[
        record.entity
    ]
    simulator.transact(lambda: act(simulator.world, record), by_person=True)
    return {"key": key_of(record)}


def _stock(simulator: AcumaticaSimulator, arguments: Arguments) -> Any:
    """Sets on-hand to a count, as an opening balance."""
    world = simulator.world
    if (
        world.store.find("StockItem", arguments["sku"]) is None
        or world.store.find("Warehouse", arguments["warehouse"]) is None
    ):
        raise ValueError(f"no item {arguments['sku']!r} or no warehouse {arguments['warehouse']!r}")
    place = (str(arguments["sku"]), str(arguments["warehouse"]), str(arguments.get("location", "MAIN")))
    wanted = Decimal(str(arguments["quantity"]))
    now = world.store.on_hand.get(normal(*place[:2]), {}).get(normal(place[2])[0], ZERO)
    simulator.transact(lambda: world.move_stock(*place, wanted - now), by_person=True)
    return {"quantity": float(wanted)}


def _table(name: str, value: Callable[[Arguments], Any], *, upper: bool = False) -> Command:
    """A command that sets one entry of a reference table."""

    def run(simulator: AcumaticaSimulator, arguments: Arguments) -> Any:
        key = str(arguments["id"]).upper() if upper else str(arguments["id"])
        getattr(simulator.world.reference, name)[key] = value(arguments)
        return {"key": key}

    return run


def _attribute(simulator: AcumaticaSimulator, arguments: Arguments) -> Any:
    """Defines a user-defined field, such as SalesOrder Document.AttributeTRACKINGNBR."""
    views = simulator.world.reference.attributes.setdefault(str(arguments["entity"]), {})
    kind = str(arguments.get("type", "CustomStringField"))
    views.setdefault(str(arguments.get("view", FORMS[str(arguments["entity"])].view)), {})[str(arguments["field"])] = (
        kind
    )
    return {"field": arguments["field"], "type": kind}


def _period(simulator: AcumaticaSimulator, arguments: Arguments) -> Any:
    closed = simulator.world.reference.closed_periods
    (closed.add if arguments.get("closed", True) else closed.discard)(str(arguments["period"]))
    return sorted(closed)


def _ship_via_plug_in(simulator: AcumaticaSimulator, arguments: Arguments) -> Any:
    """Binds a ship-via code to a carrier plug-in: from then on confirmation buys labels."""
    simulator.world.reference.plug_in_ship_vias.add(str(arguments["id"]).upper())
    return {"key": arguments["id"]}


def _rights(simulator: AcumaticaSimulator, arguments: Arguments, *, denied: bool) -> Any:
    forms = simulator.world.reference.denied_forms
    (forms.add if denied else forms.discard)(FORMS[str(arguments["entity"])].screen)
    return sorted(forms)


def _configure_push(simulator: AcumaticaSimulator, arguments: Arguments) -> Any:
    queries = (
        tuple(PushQuery(it["name"], it["entity"], it["columns"]) for it in arguments.get("queries", []))
        or STANDARD_QUERIES
    )
    name = arguments.get("header_name")
    if name and str(name).lower() in ("accept", "content-type"):
        raise ValueError("the header of a push destination must not be Accept or Content-Type")
    simulator.push.destinations.append(
        Destination(arguments["url"], name, str(arguments.get("header_value", "")), queries)
    )
    return {"destinations": len(simulator.push.destinations)}


def _application(simulator: AcumaticaSimulator, arguments: Arguments) -> Any:
    client_id = f"{arguments['guid']}@{simulator.tenant}"
    found = Application(client_id, arguments["secret"], set(arguments.get("redirect_uris", [])))
    found.flows = set(arguments.get("flows", found.flows))
    found.refresh = arguments.get("refresh", found.refresh)
    simulator.identity.applications[client_id] = found
    return {"client_id": client_id}


def _unlock(simulator: AcumaticaSimulator, arguments: Arguments) -> Any:
    user = simulator.identity.users[str(arguments["name"]).lower()]
    user.locked, user.failures = False, 0
    return {"name": user.name}


def _switch(simulator: AcumaticaSimulator, arguments: Arguments) -> Any:
    simulator.switches.turn(arguments)
    return arguments


def _collide(simulator: AcumaticaSimulator, arguments: Arguments) -> Any:
    """The next updates of an entity meet somebody else's update."""
    simulator.world.reference.conflicts[str(arguments["entity"])] = int(arguments.get("times", 1))
    return arguments


COMMANDS: Mapping[str, Command] = {
    "put": _put,
    "edit": _edit,
    "edit_order": _edit,
    "delete": _delete,
    "archive": _archive,
    "cancel_order": _on("SalesOrder", order_status.cancel),
    "put_on_hold": _on("SalesOrder", lambda world, order: order_status.set_flags(world, order, Hold=True)),
    "release_hold": _on("SalesOrder", lambda world, order: order_status.set_flags(world, order, Hold=False)),
    "credit_hold": _on("SalesOrder", lambda world, order: order_status.set_flags(world, order, CreditHold=True)),
    "reject_order": _on("SalesOrder", order_status.reject),
    "create_shipment": _create_shipment,
    "confirm_shipment": _on("Shipment", shipping.confirm),
    "correct_shipment": _on("Shipment", shipping.correct),
    "update_in": _update_in,
    "release": _release,
    "stock": _stock,
    "account": _table("accounts", lambda arguments: bool(arguments.get("active", True))),
    "subaccount": _table("subaccounts", lambda arguments: bool(arguments.get("active", True))),
    "reason_code": _table("reason_codes", lambda arguments: str(arguments.get("usage", "Adjustment")), upper=True),
    "box": _table("boxes", lambda arguments: {k: v for k, v in arguments.items() if k != "id"}, upper=True),
    "non_stock_item": _table(
        "non_stock_items", lambda arguments: {"RequireShipment": bool(arguments.get("require_shipment"))}, upper=True
    ),
    "order_type": _table("order_types", lambda arguments: str(arguments.get("behaviour", "sales"))),
    "carrier_plug_in": _ship_via_plug_in,
    "attribute": _attribute,
    "period": _period,
    "switch": _switch,
    "seats": lambda simulator, arguments: _switch(simulator, {"seats": arguments["seats"]}),
    "configure_push": _configure_push,
    "stop_push": lambda simulator, arguments: simulator.push.destinations.clear(),
    "resend_pushes": lambda simulator, arguments: simulator.push.resend(),
    "expire_tokens": lambda simulator, arguments: simulator.identity.expire_all(
        refresh_tokens=bool(arguments.get("refresh_tokens"))
    ),
    "close_sessions": lambda simulator, arguments: simulator.sessions.open.clear(),
    "unlock_user": _unlock,
    "application": _application,
    "deny": lambda simulator, arguments: _rights(simulator, arguments, denied=True),
    "grant": lambda simulator, arguments: _rights(simulator, arguments, denied=False),
    "collide": _collide,
}
