"""Flow 4: on-hand per fulfilment centre, ShipBob -> Acumatica adjustments of the guarded difference per warehouse.

Acumatica's stock falls by itself when shipments are posted, so only what no shipment explains may be posted. A
difference counts when two looks, some minutes apart and with a complete shipment poll between them, show the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from acumatica_shipbob.clients import Accounts, document_of, item_key, known_items
from acumatica_shipbob.mapping.orders import KnownItem
from acumatica_shipbob.mapping.stock import adjustment_draft, differences, report, stable
from acumatica_shipbob.settings import StockSettings, Warehouse
from connector.cursor import read_cursors
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.instants import day_text, instant_text, local_day, parse_instant
from connector.outcome import Done, Later, Outcome, Same
from connector.pair import Flow, Polling, Work
from connector.ports import pages
from connector.record import Record, Status, short_hash
from connector.records import Seen
from connector.sweep import by_status
from connector.transport import Reply
from vendors.acumatica.client import Acumatica
from vendors.acumatica.effects import action_effect
from vendors.acumatica.shapes import Shipment as ErpShipment
from vendors.acumatica.shapes import parse_adjustment
from vendors.shipbob.shapes import Levels, parse_order

ADJUST, RELEASE = "acumatica.adjustment", "acumatica.adjustment_release"
MOST_LOOKS = 6


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """One sighting per mapped warehouse: new when a count changed, and once a day to compare the books too."""
    document = document_of(polling.connection)
    levels = polling.clients.shipbob.levels()
    day = day_text(polling.services.clock())
    rows = []
    for name, warehouse in sorted(document.tables.warehouses.items()):
        counts = [
            f"{row.inventory_id}={row.on_hand}" for row in levels.rows if row.location_id == warehouse.location_id
        ]
        revision = short_hash(day, *sorted(counts))
        rows.append(
            Seen(name, revision, references=(("warehouse", name),), text=f"ShipBob's stock for {name} was read.")
        )
    yield polling.news(rows)


def work(work: Work[Accounts]) -> Outcome:
    """Compares one warehouse; posts what stays different."""
    document = document_of(work.connection)
    name = work.record.source_key
    warehouse = document.tables.warehouses.get(name)
    if warehouse is None:
        return Same(f"warehouse {name} is no longer mapped")
    rules = document.settings.stock
    items = _all_items(work)
    deltas = _look(work, name, warehouse, items, rules)
    if not deltas:
        work.link(pending={}, pending_at="", looks=0)
        return Done(
            {"warehouse": name, "differences": 0}, f"Acumatica and ShipBob agree on {len(items)} items in {name}"
        )
    before = work.record.links.get("pending") or {}
    same = stable(deltas, before)
    if not before or not same or not _caught_up(work):
        return _look_again(work, name, deltas, rules, first=not before or not same)
    return _post(work, name, warehouse, same, items, rules)


def _look_again(
    work: Work[Accounts], name: str, deltas: dict[str, Decimal], rules: StockSettings, first: bool
) -> Outcome:
    looks = int(work.record.links.get("looks") or 0) + 1
    if looks > MOST_LOOKS:
        work.link(pending={}, pending_at="", looks=0)
        for line in report(deltas):
            work.note(f"still moving, not posted: {line}")
        return Done(
            {"warehouse": name, "differences": len(deltas)}, f"stock of {name} kept moving; compared again next time"
        )
    work.link(looks=looks)
    if first:
        work.link(pending=deltas, pending_at=instant_text(work.now))
    wait = timedelta(minutes=rules.second_look_minutes)
    return Later(
        work.now + wait, f"{len(deltas)} differences in {name} are looked at a second time before they are posted"
    )


def _caught_up(work: Work[Accounts]) -> bool:
    """Whether a complete shipment poll has run since the first look: then every earlier shipment is known."""
    cursor = read_cursors(work.services.tables, work.connection.name, ["shipments"])["shipments"]
    return bool(cursor.succeeded_at) and cursor.succeeded_at > str(work.record.links.get("pending_at") or "~")


def _all_items(work: Work[Accounts]) -> dict[str, KnownItem]:
    """Every item that both sides are known to hold."""
    key = item_key(work.connection.name)
    read = work.services.tables.query
    skus = [str(item["sk"]) for item in pages(lambda start: read("state", key, start=start))]
    return known_items(work.services, work.connection.name, skus)


def _look(
    work: Work[Accounts], name: str, warehouse: Warehouse, items: dict[str, KnownItem], rules: StockSettings
) -> dict[str, Decimal]:
    """The unexplained differences as they are now. In flight is read before both counts, so that it errs to more."""
    shipped = _shipped(work, name)
    confirmed, unknown = _confirmed(work, name, items)
    counted = _shelf(work.clients.shipbob.levels(), warehouse.location_id, items)
    shelf = {sku: units for sku, units in counted.items() if sku not in unknown}
    rows = work.clients.acumatica.stock_levels(name, sorted(shelf))
    books = {sku: row.on_hand for sku, row in rows.items()}
    silent = sorted(sku for sku, units in shelf.items() if units and sku not in books)
    if silent:
        work.note(f"Acumatica says nothing of {', '.join(silent[:20])} in {name}: not compared")
    return differences(shelf, books, confirmed, shipped, rules.threshold)


def _shelf(levels: Levels, location: int, items: dict[str, KnownItem]) -> dict[str, Decimal]:
    shelf = {}
    for sku, item in items.items():
        count = levels.on_hand(item.inventory_id, location) if item.inventory_id is not None else None
        if count is not None:
            shelf[sku] = Decimal(count)
    return shelf


def _shipped(work: Work[Accounts], name: str) -> dict[str, Decimal]:
    """Units of this warehouse that left ShipBob and are not confirmed in Acumatica yet."""
    waiting = [
        record
        for status in (Status.QUEUED, Status.WAITING, Status.HELD, Status.REFUSED, Status.UNKNOWN)
        for record in by_status(work.services, work.connection.name, status)
        if record.stream == "shipments"
    ]
    units: dict[str, Decimal] = {}
    for record in waiting:
        for sku, quantity in _open_units(work, record, name).items():
            units[sku] = units.get(sku, Decimal(0)) + quantity
    return units


def _open_units(work: Work[Accounts], record: Record, name: str) -> dict[str, Decimal]:
    order = parse_order(record.body) if record.body is not None else work.clients.shipbob.order(int(record.source_key))
    key = str(record.links.get("order") or "")
    source = work.other("orders", key) if key else None
    mine = {str(row[1]) for row in source.links.get("lines", ()) if str(row[4]) == name} if source else set()
    posted = record.links.get("posted") or {}
    units: dict[str, Decimal] = {}
    for shipment in order.shipments if order else ():
        if shipment.is_shipped() and str(shipment.shipment_id) not in posted:
            for sku, quantity in shipment.quantities_by_sku().items():
                if sku in mine or source is None:
                    units[sku] = units.get(sku, Decimal(0)) + quantity
    return units


def _confirmed(work: Work[Accounts], name: str, items: dict[str, KnownItem]) -> tuple[dict[str, Decimal], set[str]]:
    """Units on confirmed shipments of this warehouse whose stock is not posted yet: ours by memory, others by list.

    The second answer names items whose units cannot be told.
    """
    acumatica, tables = work.clients.acumatica, work.services.tables
    key = f"confirmed/{work.connection.name}"
    ours = {
        str(item["sk"])
        for item in pages(lambda start: tables.query("state", key, start=start))
        if item["warehouse"] == name
    }
    listed = {
        row.required_text("ShipmentNbr")
        for row in acumatica.find("Shipment", "Status", "Confirmed", ("WarehouseID",))
        if row.text("WarehouseID") == name
    }
    units: dict[str, Decimal] = {}
    unknown: set[str] = set()
    for number in sorted(ours | listed):
        shipment = acumatica.shipment(number)
        if shipment is None or not _unposted(shipment):
            tables.delete("state", key, number)
            continue
        for line in shipment.lines:
            factor = _factor(items.get(line.inventory_id), line.uom)
            if factor is None:
                work.note(
                    f"{line.inventory_id}: no conversion from {line.uom} on shipment {number}; it is not compared"
                )
                unknown.add(line.inventory_id)
                continue
            units[line.inventory_id] = units.get(line.inventory_id, Decimal(0)) + line.shipped_quantity * factor
    return units, unknown


def _unposted(shipment: ErpShipment) -> bool:
    return any(not order.inventory_reference for order in shipment.orders) and shipment.status != "Open"


def _factor(item: KnownItem | None, uom: str) -> Decimal | None:
    """Base units per unit; None where nobody says, because one to one would be a silent wrong number."""
    if item is None:
        return None
    return Decimal(1) if uom == item.base_uom else item.conversions.get(uom)


# ---- posting ------------------------------------------------------------------------------------------------


def _post(
    work: Work[Accounts],
    name: str,
    warehouse: Warehouse,
    deltas: dict[str, Decimal],
    items: dict[str, KnownItem],
    rules: StockSettings,
) -> Outcome:
    for line in report(deltas):
        work.note(line)
    if rules.mode == "report_only":
        work.link(pending={}, pending_at="", looks=0)
        return Done(
            {"warehouse": name, "differences": len(deltas)}, f"{len(deltas)} differences in {name}, reported only"
        )
    first = parse_instant(str(work.record.links["pending_at"]))
    reference = f"sb:{name}:{first:%Y%m%d%H%M%S}"
    document = document_of(work.connection)
    day = local_day(work.now, document.systems.acumatica.zone)
    draft = adjustment_draft(name, warehouse.location_bin, deltas, items, reference, day, rules)
    acumatica = work.clients.acumatica
    made = work.once(adjustment_effect(acumatica), reference, draft)
    if not isinstance(made, Done):
        return made
    number = str(made.reference["number"])
    work.refer("adjustment", number)
    if rules.release:
        released = work.once(
            release_effect(acumatica, number), number, Draft({"ReferenceNbr": number}), absent_at=work.now
        )
        if not isinstance(released, Done):
            return released
    work.link(pending={}, pending_at="", looks=0, adjustment=number)
    return Done(
        {"adjustment": number, "lines": len(deltas)}, f"adjustment {number} posted {len(deltas)} differences in {name}"
    )


def adjustment_effect(acumatica: Acumatica) -> Effect:
    """Creates the adjustment under its ExternalRef, by which Acumatica can be asked for it."""

    def find(key: str) -> Found | None:
        held = acumatica.find_adjustment(key)
        return Found({"number": held.number}) if held is not None else None

    def make(key: str, draft: Draft) -> Reply:
        return acumatica.put("InventoryAdjustment", draft.body, create_only=True, expand=("Details",))

    def read(reply: Reply) -> Reference:
        return {"number": acumatica.read_reply("InventoryAdjustment", reply, parse_adjustment).number}

    return Effect(ADJUST, "Acumatica", Repeat.FINDABLE, timedelta(seconds=60), find, make, read)


def release_effect(acumatica: Acumatica, number: str) -> Effect:
    """Releases the adjustment, which changes the stock."""

    def achieved() -> Reference | None:
        held = acumatica.adjustment(number)
        return {"number": number} if held is not None and held.status == "Released" else None

    keys: dict[str, Any] = {"ReferenceNbr": number}
    return action_effect(acumatica, RELEASE, "InventoryAdjustment", "ReleaseAdjustment", keys, achieved)


FLOW: Flow[Accounts] = Flow("stock", work, poll, every=timedelta(minutes=30))
