"""What the tenant holds, as plain JSON: the only thing that closing tables and tests read."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from local.simulators.acumatica import stock
from local.simulators.acumatica.contract import FORMS
from local.simulators.acumatica.documents import Record
from local.simulators.acumatica.wire import plain

if TYPE_CHECKING:
    from local.simulators.acumatica.simulator import AcumaticaSimulator


def plain_record(record: Record) -> dict[str, Any]:
    """A record without wrappers: fields that have a value, linked parts, rows, custom fields, note, files."""
    found: dict[str, Any] = {name: plain(value) for name, value in sorted(record.values.items()) if value is not None}
    found |= {name: plain_record(linked) for name, linked in sorted(record.linked.items())}
    found |= {name: [plain_record(row) for row in rows] for name, rows in sorted(record.details.items())}
    if record.custom:
        found["custom"] = {
            view: {name: item.value for name, item in sorted(fields.items())}
            for view, fields in sorted(record.custom.items())
        }
    if record.note:
        found["note"] = record.note
    if record.files:
        found["files"] = [
            {
                "name": file.name,
                "size": len(file.content),
                "sha256": hashlib.sha256(file.content).hexdigest(),
                "comment": file.comment,
            }
            for file in record.files
        ]
    if record.archived:
        found["archived"] = True
    return {"id": record.id, **found}


def key_of(record: Record) -> str:
    """`SO005432` where the entity has one key or the type is the usual one, else `QT/QT000001`."""
    key = [part for part in record.key() if part]
    usual = {"SalesOrder": "SO", "Bill": "Bill"}.get(record.entity)
    return key[-1] if usual is None or key[0] == usual else "/".join(key)


def holdings_of(simulator: AcumaticaSimulator) -> dict[str, Any]:
    """All of it. `stock` is on-hand by item and warehouse; `running_operations` have not had their effect yet."""
    world = simulator.world
    found: dict[str, Any] = {}
    for entity, form in FORMS.items():
        if form.inquiry:
            continue
        records = sorted(world.store.all(entity), key=key_of)
        found[entity] = {key_of(record): plain_record(record) for record in records}
    found["stock"] = {
        item.text("InventoryID"): {
            row.text("WarehouseID"): float(row.number("QtyOnHand")) for row in stock.warehouse_rows(world, item)
        }
        for item in sorted(world.store.all("StockItem"), key=key_of)
    }
    found["labels_bought_by_plugin"] = list(world.labels_bought)
    found["running_operations"] = len(simulator.operations.running)
    found["open_sessions"] = len(simulator.sessions.open)
    found["unknown_fields"] = list(world.unknown_fields)
    found["ignored_fields"] = list(world.ignored_fields)
    found["pushes_waiting"] = len(simulator.push.queue)
    found["pushes_failed"] = len(simulator.push.failed)
    return found
