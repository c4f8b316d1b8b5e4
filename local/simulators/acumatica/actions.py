"""Actions and long-running operations: 202 with a status address, polled in the same session, 204 at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from local.simulators.acumatica import bills, order_status, shipping, stock
from local.simulators.acumatica.documents import Record
from local.simulators.acumatica.errors import Fault, bad_request, business_error, no_entity
from local.simulators.acumatica.saving import target_of
from local.simulators.acumatica.wire import BadValue, parse_date
from local.simulators.acumatica.world import World

Parameters = Mapping[str, Any]
Run = Callable[[World, Record, Parameters], object]


@dataclass(frozen=True)
class Action:
    """`long` ones answer 202. `idle` says that there is nothing to do, which answers 204 at once."""

    run: Run
    long: bool = False
    parameters: frozenset[str] = frozenset()
    idle: Callable[[Record], bool] = lambda record: False


def _create_shipment(world: World, order: Record, parameters: Parameters) -> None:
    day: date = world.today()
    if parameters.get("ShipmentDate") is not None:
        try:
            day = parse_date(str(parameters["ShipmentDate"]), world.switches.tenant_offset_minutes)
        except BadValue as error:
            raise business_error(f"ShipmentDate: {error}.") from error
    used = {line.text("WarehouseID") for line in order.rows("Details") if order_status.is_shippable(line)}
    warehouse = str(parameters.get("WarehouseID") or (next(iter(used)) if len(used) == 1 else ""))
    if world.store.find("Warehouse", warehouse) is None:
        raise business_error(f"'Warehouse' {warehouse!r} cannot be found in the system: name one warehouse per call.")
    if world.reference.order_types.get(order.text("OrderType")) != "sales":
        raise business_error(f"An order of the type {order.text('OrderType')} cannot be shipped.")
    shipping.make(world, order, warehouse, day)


def _create_receipt(world: World, order: Record, parameters: Parameters) -> None:
    raise business_error(f"Order {' '.join(order.key())} cannot be received: it is not a return.")


def _invoice_order(world: World, order: Record, parameters: Parameters) -> None:
    if order.text("Status") != "Completed":
        raise business_error(
            f"Order {' '.join(order.key())} has the status {order.text('Status')} and cannot be invoiced."
        )
    copy = world.store.working_copy(order)
    copy.values["Status"] = "Invoiced"
    world.commit(copy)


def _nothing(world: World, record: Record, parameters: Parameters) -> None:
    """Prices and discounts are not modelled."""


def _hold(world: World, record: Record, parameters: Parameters) -> None:
    if record.text("Status") in order_status.CLOSED | order_status.CONFIRMED | bills.RELEASED - {"Open"} | {"Released"}:
        raise business_error(f"A document with the status {record.text('Status')} cannot be put on hold.")
    _set_hold(world, record, True)


def _unhold(world: World, record: Record, parameters: Parameters) -> None:
    if record.text("Status") != "On Hold":
        raise business_error(f"A document with the status {record.text('Status')} is not on hold.")
    _set_hold(world, record, False)


def _set_hold(world: World, record: Record, value: bool) -> None:
    if record.entity == "SalesOrder":
        order_status.set_flags(world, record, Hold=value)
    elif record.entity == "Bill" and not value:
        bills.take_off_hold(world, record)
    else:
        copy = world.store.working_copy(record)
        open_status = "Open" if record.entity == "Shipment" else "Balanced"
        copy.values |= {"Hold": value, "Status": "On Hold" if value else open_status}
        world.commit(copy)


def _posted(record: Record) -> bool:
    return any(row.text("InventoryRefNbr") for row in record.rows("Orders"))


_SHIP = frozenset({"ShipmentDate", "WarehouseID"})

ACTIONS: Mapping[tuple[str, str], Action] = {
    ("SalesOrder", "SalesOrderCreateShipment"): Action(_create_shipment, True, _SHIP),
    ("SalesOrder", "SalesOrderCreateReceipt"): Action(_create_receipt, True, _SHIP),
    ("SalesOrder", "PrepareSalesInvoice"): Action(_invoice_order, True),
    ("SalesOrder", "CancelSalesOrder"): Action(lambda world, record, _: order_status.cancel(world, record)),
    ("SalesOrder", "ReopenSalesOrder"): Action(lambda world, record, _: order_status.reopen(world, record)),
    ("SalesOrder", "OpenSalesOrder"): Action(
        lambda world, record, _: order_status.set_flags(world, record, Approved=True)
    ),
    ("SalesOrder", "ReleaseFromCreditHoldSalesOrder"): Action(
        lambda world, record, _: order_status.set_flags(world, record, CreditHold=False)
    ),
    ("SalesOrder", "AutoRecalculateDiscounts"): Action(_nothing),
    ("SalesOrder", "RecalculatePricesDiscounts"): Action(_nothing),
    ("SalesOrder", "putOnHold"): Action(_hold),
    ("SalesOrder", "releaseFromHold"): Action(_unhold),
    ("Shipment", "ConfirmShipment"): Action(lambda world, record, _: shipping.confirm(world, record), True),
    ("Shipment", "CorrectShipment"): Action(lambda world, record, _: shipping.correct(world, record), True),
    ("Shipment", "UpdateIN"): Action(lambda world, record, _: shipping.update_in(world, record), True, idle=_posted),
    ("Shipment", "PrepareInvoice"): Action(lambda world, record, _: shipping.prepare_invoice(world, record), True),
    ("Shipment", "putOnHold"): Action(_hold),
    ("Shipment", "releaseFromHold"): Action(_unhold),
    ("InventoryAdjustment", "ReleaseAdjustment"): Action(lambda world, record, _: stock.release(world, record), True),
    ("InventoryAdjustment", "putOnHold"): Action(_hold),
    ("InventoryAdjustment", "releaseFromHold"): Action(_unhold),
    ("Bill", "ReleaseBill"): Action(lambda world, record, _: bills.release(world, record), True),
    ("Bill", "ReverseBill"): Action(lambda world, record, _: bills.reverse(world, record), True),
    ("Bill", "putOnHold"): Action(_hold),
    ("Bill", "releaseFromHold"): Action(_unhold),
    ("StockItem", "UpdateStandardCostStockItem"): Action(_nothing),
}


def read_parameters(world: World, name: str, action: Action, body: Mapping[str, Any]) -> Parameters:
    """The unwrapped parameters; unknown ones are dropped and noted. Raises a 400 Fault when not wrapped."""
    given = body.get("parameters") or {}
    if not isinstance(given, dict):
        raise bad_request("'parameters' must be an object.")
    found: dict[str, Any] = {}
    for key, raw in given.items():
        if key not in action.parameters:
            world.unknown_fields.append(f"{name}/parameters/{key}")
        elif not isinstance(raw, dict):
            raise bad_request(f"The parameter '{key}' must be an object with a 'value'.")
        else:
            found[key] = raw.get("value")
    return found


@dataclass
class Operation:
    """One long-running operation. It ends after so many polls, or when its time is up, whoever looks."""

    id: str
    path: str
    session: str
    run: Callable[[], None]
    polls_left: int
    ends_at: datetime
    finished: bool = False
    fault: Fault | None = None


class Operations:
    """The operations of the tenant by their status id."""

    def __init__(self) -> None:
        self.by_id: dict[str, Operation] = {}
        self.running: dict[str, Operation] = {}  # by session

    def start(self, world: World, path: str, session: str, run: Callable[[], None]) -> Operation:
        """Accepts an operation."""
        switches = world.switches
        ends = world.clock() + timedelta(seconds=switches.operation_seconds)
        operation = Operation(world.new_id(), path, session, run, switches.operation_polls, ends)
        self.by_id[operation.id] = self.running[session] = operation
        return operation

    def settle(self, now: datetime) -> None:
        """Ends the operations whose time is up."""
        for operation in list(self.running.values()):
            if operation.ends_at <= now:
                self.finish(operation)

    def finish(self, operation: Operation) -> None:
        """Runs an operation to its end, well or badly."""
        self.running.pop(operation.session, None)
        operation.finished = True
        try:
            operation.run()
        except Fault as fault:
            operation.fault = fault

    def poll(self, operation_id: str, path: str, session: str) -> int:
        """One status request: 202 while it runs, 204 when it ended well; raises the operation's Fault, or 404 for an
        address of another session or action."""
        operation = self.by_id.get(operation_id)
        if operation is None or operation.session != session or operation.path != path:
            raise Fault(404)
        if not operation.finished:
            if operation.polls_left > 0:
                operation.polls_left -= 1
                return 202
            self.finish(operation)
        if operation.fault is not None:
            raise operation.fault
        return 204


def subject(world: World, entity: str, body: Any) -> Record:
    """The record an action is called on: by id or keys. Raises 400 without one, NoEntity when it is not there."""
    given = body.get("entity") if isinstance(body, dict) else None
    if not isinstance(given, dict):
        raise bad_request("'entity' with the keys or the id of a record is missing.")
    found = target_of(world, entity, given, None)
    if found is None:
        raise no_entity()
    return found
