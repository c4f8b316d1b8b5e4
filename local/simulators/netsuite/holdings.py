"""Everything that the simulated account holds, as plain JSON: what closing tables are read from. No secret is in it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from local.simulators.netsuite import reading, statuses
from local.simulators.netsuite.contract import KINDS
from local.simulators.netsuite.records import Line, Record, plain
from local.simulators.netsuite.world import World


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return value


def _line(world: World, record: Record, line: Line) -> dict[str, Any]:
    shown = {name: _plain(value) for name, value in line.items()}
    if "item" in line:
        shown["sku"] = world.masters.items[int(line["item"])].sku
    if record.form.order and "item" in line:
        shown["moved"] = plain(statuses.moved(world, record, line))
    return shown


def transaction(world: World, record: Record) -> dict[str, Any]:
    """One transaction with its lines. `by_hand`: a person made it. `source`: the order that it came from."""
    source = world.records.get(record.source) if record.source is not None else None
    return {
        "id": str(record.id),
        "type": record.type,
        "status": statuses.letter(world, record),
        "source": str(record.source) if record.source is not None else None,
        "source_number": source.text("tranId") if source else None,
        "by_hand": record.by_hand,
        "created": record.created.isoformat(),
        "modified": record.modified.isoformat(),
        "tracking_numbers": reading.tracking_numbers(world, record),
        **{name: _plain(value) for name, value in record.values.items()},
        **{name: [_line(world, record, line) for line in lines] for name, lines in record.lists.items()},
    }


def holdings(world: World) -> dict[str, Any]:
    """Transactions by record type, on-hand by SKU and location, and what the simulator noted."""
    by_type: dict[str, list[dict[str, Any]]] = {form.name: [] for form in KINDS.values()}
    for record in world.records.values():
        by_type[record.type].append(transaction(world, record))
    on_hand: dict[str, dict[str, Any]] = {}
    for (item, location), quantity in sorted(world.on_hand.items()):
        on_hand.setdefault(world.masters.items[item].sku, {})[str(location)] = plain(quantity)
    return {
        "transactions": by_type,
        "on_hand": on_hand,
        "items": {item.sku: {"id": str(item.id), "type": item.type} for item in world.masters.items.values()},
        "tokens_issued": world.counters.tokens,
        "tokens_refused": world.counters.refused_tokens,
        "highest_in_flight": world.counters.highest_in_flight,
        "closed_periods": sorted(world.masters.closed_periods),
        "strict_violations": list(world.strict_violations),
        "warnings": list(world.warnings),
    }
