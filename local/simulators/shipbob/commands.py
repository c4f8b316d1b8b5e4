"""The vendor-side acts that have no API, by name. Each takes the World and JSON arguments; its docstring names them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.simulators.shipbob import accounting, docks, inbound, orders, return_desk, staff, warehouse
from local.simulators.shipbob.world import World

Command = Callable[[World, dict[str, Any]], Any]
COMMANDS: dict[str, Command] = {
    "seed_location": docks.seed_location,
    "seed_product": docks.seed_product,
    "seed_stock": docks.seed_stock,
    "seed_shipping_method": docks.seed_shipping_method,
    "adjust_stock": docks.adjust_stock,
    "forget_stock": docks.forget_stock,
    "receive": inbound.receive,
    "split_receiving": inbound.split_receiving,
    "withhold_sku": inbound.withhold_sku,
    "process_return": return_desk.process_return,
    "announce_stray_return": return_desk.announce_stray_return,
    "import_order": orders.import_order,
    "fulfil": warehouse.fulfil,
    "ship": warehouse.ship,
    "pick": staff.pick,
    "move": staff.move,
    "hold": staff.hold,
    "release": staff.release,
    "exception": staff.exception,
    "cancel_shipment": staff.cancel,
    "relabel": staff.relabel,
    "set_order_status": staff.set_order_status,
    "bill_day": accounting.bill_day,
    "add_charge": accounting.add_charge,
    "close_invoice": accounting.close_invoice,
}
