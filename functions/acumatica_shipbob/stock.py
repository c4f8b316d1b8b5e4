"""Flow 4: on-hand per fulfilment centre, ShipBob -> Acumatica adjustments of the guarded difference per warehouse.

Acumatica's stock falls by itself when shipments are posted, so only what no shipment explains may be posted. A
difference counts when two looks, some minutes apart and with a complete shipment poll between them, show the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from acumatica_shipbob.adjusting import begun_posting, reference_of, state_of, thrown_away, unfinished, write
from acumatica_shipbob.books import not_posted, on_hand, shipped_not_confirmed
from acumatica_shipbob.clients import Accounts, all_items, document_of
from acumatica_shipbob.counts import read_counts, store_counts, stored_counts
from acumatica_shipbob.flight import Flight, in_flight
from acumatica_shipbob.mapping.orders import KnownItem
from acumatica_shipbob.mapping.stock import adjustment_draft, differences, report, stable
from acumatica_shipbob.settings import StockSettings, Warehouse
from connector.cursor import read_cursors
from connector.effect import Draft
from connector.instants import day_text, instant_text, local_day, parse_instant
from connector.outcome import Done, Later, Outcome, Same
from connector.pair import Flow, Polling, Work
from connector.ports import pages
from connector.record import record_id, short_hash
from connector.records import Seen

MOST_LOOKS = 6
FRESH = timedelta(minutes=15)
"""Counts that the poll stored this recently need not be read again for the first look."""


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """One sighting per mapped warehouse: new when a count or the known items changed, while something is unsettled, and
    once a day because the books may have changed alone."""
    document, services = document_of(polling.connection), polling.services
    counts = read_counts(polling.clients, polling.progress)
    now, unsettled = services.clock(), _unsettled(polling, sorted(document.tables.warehouses))
    items = str(len(all_items(services, polling.connection.name)))
    rows = []
    for name, warehouse in sorted(document.tables.warehouses.items()):
        here = counts[str(warehouse.location_id)]
        moment = instant_text(now) if name in unsettled else day_text(now)
        revision = short_hash(moment, items, *sorted(f"{item}={units}" for item, units in here.items()))
        text = f"ShipBob's stock for {name} was read."
        rows.append(Seen(name, revision, references=(("warehouse", name),), text=text))
    kept = []
    for row in polling.news(rows):
        here = counts[str(document.tables.warehouses[row.source_key].location_id)]
        key = store_counts(services, polling.connection.name, row.source_key, here)
        kept.append(replace(row, body={"counts": key}))
    yield kept


def _unsettled(polling: Polling[Accounts], names: Sequence[str]) -> set[str]:
    """Warehouses whose last look was explained by something in flight, or that have shipments not posted yet."""
    connection, tables = polling.connection.name, polling.services.tables
    known = polling.store.load_many([record_id(connection, "stock", name) for name in names])
    waiting = pages(lambda start: tables.query("state", f"confirmed/{connection}", start=start))
    looked = {record.source_key for record in known.values() if record.links.get("unsettled")}
    return looked | {str(item["warehouse"]) for item in waiting}


def work(work: Work[Accounts]) -> Outcome:
    """Compares one warehouse; posts what stays different."""
    document = document_of(work.connection)
    name = work.record.source_key
    warehouse = document.tables.warehouses.get(name)
    if warehouse is None:
        return Same(f"warehouse {name} is no longer mapped")
    rules = document.settings.stock
    standing = unfinished(work, name) or thrown_away(work, name)
    if standing is not None:
        return standing
    begun = begun_posting(work, name)
    finished = write(work, name, begun.key, Draft(begun.draft, begun.identity), rules) if begun is not None else None
    if finished is not None and not isinstance(finished, Done):
        return finished
    work.clients.acumatica.ready()
    items = all_items(work.services, work.connection.name)
    # What was finished just now explains what was pending; what is different still is a new difference.
    before = {} if finished else state_of(work).get("pending") or {}
    deltas = _look(work, name, warehouse, items, rules, only=frozenset(before))
    if not deltas:
        work.link(pending={}, pending_at="", looks=0)
        agreed = f"Acumatica and ShipBob agree on {len(items)} items in {name}"
        return finished or Done({"warehouse": name, "differences": 0}, agreed)
    same = stable(deltas, before)
    if not before or not same or not _caught_up(work):
        return _look_again(work, name, deltas, rules, first=not before or not same)
    return _post(work, name, warehouse, same, items, rules)


def _look_again(
    work: Work[Accounts], name: str, deltas: dict[str, Decimal], rules: StockSettings, first: bool
) -> Outcome:
    looks = int(work.record.links.get("looks") or 0) + 1
    if looks > MOST_LOOKS:
        work.link(pending={}, pending_at="", looks=0, unsettled=True)
        for line in report(deltas):
            work.note(f"still moving, not posted: {line}")
        return Done(
            {"warehouse": name, "differences": len(deltas)}, f"stock of {name} kept moving; compared again next time"
        )
    work.link(looks=looks)
    if first:
        work.link(pending=deltas, pending_at=instant_text(work.now))
    why = f"{len(deltas)} differences in {name} are looked at a second time before they are posted"
    return Later(work.now + timedelta(minutes=rules.second_look_minutes), why, planned=True)


def _caught_up(work: Work[Accounts]) -> bool:
    """Whether a complete shipment poll has run since the first look: then every earlier shipment is known."""
    cursor = read_cursors(work.services.tables, work.connection.name, ["shipments"])["shipments"]
    return bool(cursor.succeeded_at) and cursor.succeeded_at > str(work.record.links.get("pending_at") or "~")


def _look(
    work: Work[Accounts],
    name: str,
    warehouse: Warehouse,
    items: Mapping[str, KnownItem],
    rules: StockSettings,
    only: frozenset[str],
) -> dict[str, Decimal]:
    """The unexplained differences as they are now; `only` these SKUs in a second look.

    In flight is read before both counts, so that it errs to more; for the few items of a second look from the open
    orders themselves.
    """
    underway = not_posted(work, name, items)
    flight = in_flight(work, name, only, underway.stamps) if only else Flight(shipped_not_confirmed(work, name))
    shipped, confirmed, unknown = flight.units, underway.units, underway.unknown | flight.unknown
    asked = {sku: item for sku, item in items.items() if sku not in unknown and (not only or sku in only)}
    shelf = _second_shelf(work, warehouse, asked) if only else _first_shelf(work, warehouse, asked)
    books = on_hand(work, name, shelf)
    # What is in flight explains a difference only until it has landed: the next poll must compare again.
    work.link(unsettled=bool(shipped or confirmed))
    return differences(shelf, books, confirmed, shipped, rules.threshold)


def _first_shelf(work: Work[Accounts], warehouse: Warehouse, items: Mapping[str, KnownItem]) -> dict[str, Decimal]:
    """Every item's count as the poll read it; an item without a row has none there, because the reading is complete."""
    body = work.record.body or {}
    if body.get("counts") and work.now - parse_instant(work.record.body_at) < FRESH:
        counts = stored_counts(work.services, str(body["counts"]))
    else:
        progress = dict(work.record.links.get("reading") or {})
        work.link(reading=progress)
        counts = read_counts(work.clients, progress)[str(warehouse.location_id)]
    known = {sku: item.inventory_id for sku, item in items.items() if item.inventory_id is not None}
    return {sku: Decimal(counts.get(str(inventory_id), 0)) for sku, inventory_id in known.items()}


def _second_shelf(work: Work[Accounts], warehouse: Warehouse, items: Mapping[str, KnownItem]) -> dict[str, Decimal]:
    """The few items' counts as they are now; one that ShipBob does not list any more is not told."""
    ids = {sku: item.inventory_id for sku, item in items.items() if item.inventory_id is not None}
    levels = work.clients.shipbob.levels(inventory_ids=list(ids.values()))
    counted = {sku: levels.on_hand(inventory_id, warehouse.location_id) for sku, inventory_id in ids.items()}
    return {sku: Decimal(units) for sku, units in counted.items() if units is not None}


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
    reference = reference_of(name, str(work.record.links["pending_at"]))
    document = document_of(work.connection)
    day = local_day(work.now, document.systems.acumatica.zone)
    draft = adjustment_draft(name, warehouse.location_bin, deltas, items, reference, day, rules)
    return write(work, name, reference, draft, rules)


FLOW: Flow[Accounts] = Flow("stock", work, poll, every=timedelta(minutes=30), lane="nightly")
