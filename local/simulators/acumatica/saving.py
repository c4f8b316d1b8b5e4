"""PUT and PATCH: which record is meant, conditions, the form's rules, numbering, commit. DELETE as well."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.simulators.acumatica import bills, masters, order_status, orders, shipments, shipping, stock
from local.simulators.acumatica.contract import FORMS, NEWEST, Entity
from local.simulators.acumatica.documents import Record
from local.simulators.acumatica.errors import Fault, Problems, bad_request, business_error, no_entity, server_error
from local.simulators.acumatica.world import World
from local.simulators.acumatica.writing import Draft, apply, wrapped

FINISH: Mapping[str, Callable[[Draft], None]] = {
    "SalesOrder": orders.finish,
    "Shipment": shipments.finish,
    "InventoryAdjustment": stock.finish,
    "Bill": bills.finish,
    "StockItem": masters.finish_item,
    "Customer": masters.finish_customer,
    "Vendor": masters.finish_vendor,
    "Warehouse": masters.finish_warehouse,
    "ShipVia": masters.finish_ship_via,
}
PREFIXES = {"Shipment": "SH", "InventoryAdjustment": "", "Bill": ""}


class Rejected(Exception):
    """A write that the document's own checks refused; the caller renders the 422."""

    def __init__(self, record: Record, sent: set[str], problems: Problems) -> None:
        super().__init__("; ".join(problems.found.values()))
        self.record, self.sent, self.problems = record, sent, problems


@dataclass(frozen=True)
class Conditions:
    """How a write is addressed besides its body: a filter's hits, and the two conditional headers."""

    matches: list[Record] | None = None  # hits of `$filter`; None: no filter given
    must_exist: bool = False  # If-Match: *
    must_be_new: bool = False  # If-None-Match: *
    patch: bool = False


@dataclass(frozen=True)
class Saved:
    """The stored record and the names of the top-level fields that came with the request."""

    record: Record
    sent: set[str]
    created: bool


def target_of(world: World, entity: str, body: Mapping[str, Any], matches: list[Record] | None) -> Record | None:
    """The record that a body means: by `id`, else by all keys, else by filter; None: an insert."""
    if body.get("id") is not None:
        found = world.store.records[entity].get(str(body["id"]).lower())
        if found is None:
            raise no_entity()
        return found
    keys = FORMS[entity].keys
    if all(key in body for key in keys):
        values = [str(wrapped(body[key], key) or "") for key in keys]
        if all(values):
            return world.store.find(entity, *values)
    if matches is not None and len(matches) > 1:
        raise server_error(f"The filter matches {len(matches)} records of {entity}: it must match one.")
    return matches[0] if matches else None


def save(
    world: World,
    entity: str,
    body: Any,
    conditions: Conditions | None = None,
    *,
    contract: Mapping[str, Entity] = NEWEST,
    trusted: bool = False,
) -> Saved:
    """Inserts or updates one record. Raises Fault or Rejected; the caller rolls back then."""
    asked = conditions or Conditions()
    if not isinstance(body, dict):
        raise bad_request("The body must be one JSON object.")
    stored = target_of(world, entity, body, asked.matches)
    if stored is None and asked.patch:
        raise Fault(404)
    if (stored is None and asked.must_exist) or (stored is not None and asked.must_be_new):
        raise Fault(412, {"message": "Precondition failed."})
    if (
        stored is None
        and entity == "Shipment"
        and str((body.get("CreateNewShipmentForEveryOrder") or {}).get("value")).lower() == "true"
    ):
        return _one_shipment_per_order(world, body, contract)
    if stored is not None:
        _refuse_update(world, stored, trusted=trusted)
    record = world.store.working_copy(stored) if stored else Record(entity, world.new_id())
    draft = Draft(world, record, stored, contract, trusted, set(body))
    apply(draft, record, body, entity)
    FINISH[entity](draft)
    if draft.problems.found:
        verb = "Inserting" if stored is None else "Updating"
        draft.problems.add(
            record.id,
            None,
            f"{verb} '{FORMS[entity].title}' record raised at least one error. Please review the errors.",
        )
        raise Rejected(record, draft.sent, draft.problems)
    if stored is None:
        _number(world, record)
    if record != stored:
        _commit(world, record, stored)
    return Saved(record, draft.sent, stored is None)


def _refuse_update(world: World, stored: Record, *, trusted: bool) -> None:
    if trusted:
        return
    title = FORMS[stored.entity].title
    if world.reference.conflicts.get(stored.entity, 0) > 0:
        world.reference.conflicts[stored.entity] -= 1
        raise server_error(
            f"Another process has updated the '{title}' record. Your changes will be lost.",
            "PX.Data.PXLockViolationException",
        )
    if stored.archived:
        raise business_error(f"The {title} record is archived and cannot be changed.")


def _number(world: World, record: Record) -> None:
    """Gives the next number where the form numbers by itself; a rejected document never takes one."""
    key = FORMS[record.entity].numbering
    if key is None or record.text(key):
        return
    prefix = PREFIXES.get(record.entity, record.text("OrderType"))
    while not record.text(key) or world.store.find(record.entity, *record.key()) is not None:
        record.values[key] = world.store.next_number(record.entity + prefix, prefix)


def _commit(world: World, record: Record, stored: Record | None) -> None:
    if record.entity == "Shipment":
        shipping.commit(world, record)
        return
    touch = True
    if record.entity == "SalesOrder" and stored is not None and not world.switches.touch_header_on_line_change:
        touch = record.values != stored.values or record.linked != stored.linked or record.note != stored.note
    world.commit(record, touch=touch)


def _one_shipment_per_order(world: World, body: Mapping[str, Any], contract: Mapping[str, Entity]) -> Saved:
    """CreateNewShipmentForEveryOrder: the rows are split by order; the answer shows the first shipment."""
    groups: dict[tuple[str, str], list[Any]] = {}
    for row in body.get("Details") or []:
        key = (str(wrapped(row.get("OrderType", {}), "OrderType")), str(wrapped(row.get("OrderNbr", {}), "OrderNbr")))
        groups.setdefault(key, []).append(row)
    rest = {name: value for name, value in body.items() if name not in ("CreateNewShipmentForEveryOrder", "Details")}
    saved = [save(world, "Shipment", {**rest, "Details": rows}, contract=contract) for rows in groups.values()]
    if not saved:
        raise bad_request("Details must name the orders.")
    return saved[0]


def delete(world: World, record: Record) -> None:
    """DELETE of a record that nothing depends on; raises a Fault otherwise."""
    status = record.text("Status")
    blocked = {
        "SalesOrder": bool(record.rows("Shipments")) or status in order_status.CLOSED,
        "Shipment": status in order_status.CONFIRMED,
        "InventoryAdjustment": status == "Released",
        "Bill": status in bills.RELEASED,
    }.get(record.entity, _is_used(world, record))
    if blocked:
        raise business_error(
            f"The {FORMS[record.entity].title} {' '.join(record.key())} cannot be deleted: it is in use."
        )
    links = list(record.rows("Orders")) if record.entity == "Shipment" else []
    world.delete(record)
    for link in links:
        order_status.refresh(world, link.text("OrderType"), link.text("OrderNbr"))


def _is_used(world: World, record: Record) -> bool:
    name = record.key()[0]
    if record.entity == "StockItem":
        return any(
            line.text("InventoryID") == name
            for order in world.store.all("SalesOrder")
            for line in order.rows("Details")
        )
    fields = {
        "Customer": ("SalesOrder", "CustomerID"),
        "Vendor": ("Bill", "Vendor"),
        "ShipVia": ("Shipment", "ShipVia"),
    }
    owner, key = fields.get(record.entity, ("Shipment", "WarehouseID"))
    return any(document.text(key) == name for document in world.store.all(owner))
