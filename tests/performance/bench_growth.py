"""Growth: the work follows what changed, not how large the catalogue is.

    python -m tests.performance.bench_growth

Ten changed items in catalogues of 100, 1,000 and 10,000 that both sides hold: vendor calls and AWS requests of the item
flow must be the same. The stock comparison is another matter: it looks at the whole catalogue by nature, in pages, and
is held to the number of pages.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import replace

from acumatica_shipbob.clients import item_key
from connector.instants import instant_text
from connector.record import Record, Status, record_item, to_json
from local.simulators.acumatica import seed
from tests.performance.bench_calls import only
from tests.performance.metering import Meter, metered
from tests.performance.result import Result, result
from tests.support.stage import NAME, Stage

CATALOGUES = (100, 1_000, 10_000)
CHANGED = 10
LEVELS_A_PAGE = 50  # rows of ShipBob's stock list that come at once, although 250 are asked for (seen live)
KEYS_A_BATCH = 100  # keys a BatchGetItem
ROUND = 1.02
PATIENCE = 15  # minutes


def _sku(number: int) -> str:
    return f"GROW-{number:05d}"


def stage_with(size: int, units: int = 0) -> tuple[Stage, Meter]:
    """Both sides hold `size` items (and `units` of each), entered and synced before the connection begins."""
    stage = Stage(start="2026-03-02T15:00:00Z", seeded=False)
    seed.seed_company(stage.acumatica)
    for number in range(size):
        sku = _sku(number)
        stage.acumatica.command("stock_item", seed.item(sku, sku))
        _remember(stage, sku, stage.shipbob.command("seed_product", {"sku": sku, "name": sku, "weight": 7.2}))
        if units:
            place = {"sku": sku, "quantity": units}
            stage.acumatica.command("stock", {**place, "warehouse": "3PL-WEST", "location": "R1"})
            stage.shipbob.command("seed_stock", {**place, "location_id": 8})
    stage.clock.advance(hours=1)
    meter = metered(stage)
    stage.apply(only("items", seconds=300, start="2026-03-02T15:00:00Z"))
    stage.run(minutes=11)
    meter.reset()
    return stage, meter


def _remember(stage: Stage, sku: str, product: dict[str, object]) -> None:
    """What an earlier sync left behind: the item as both sides call it, and its finished record."""
    now = instant_text(stage.clock())
    known = {
        "base_uom": "EA", "conversions": {}, "variant_id": product["variant_id"],
        "inventory_id": product["inventory_id"], "name": sku, "at": now,
    }
    stage.world.tables.put("state", {"pk": item_key(NAME), "sk": sku, "data": to_json(known)})
    record = Record(
        NAME, "acumatica_shipbob", "items", sku, Status.DONE, now, 1, 1, "poll", "seed", "live", now, now, now,
        version=1,
    )
    stage.world.tables.put("records", record_item(record))


def changed() -> Iterator[Result]:
    """Ten items get another description."""
    first: tuple[int, int] | None = None
    for size in CATALOGUES:
        spent = _change(size, CHANGED)
        first = first or spent
        ending = f"for {CHANGED} changed items in a catalogue of {size:,}"
        yield result(f"growth: vendor calls {ending}", spent[0], first[0] * ROUND)
        yield result(f"growth: AWS requests {ending}", spent[1], first[1] * ROUND)


def _change(size: int, changed: int) -> tuple[int, int]:
    """Changes so many items of a catalogue; answers the vendor calls and AWS requests of all that follows."""
    stage, meter = stage_with(size)
    for number in range(changed):
        fields = {"Description": f"Changed {number}"}
        stage.acumatica.command("edit", {"entity": "StockItem", "key": _sku(number), "fields": fields})
    stage.run(minutes=max(10, changed // 10))  # ShipBob's limit alone makes five hundred take eight minutes
    records = stage.records("items")
    if any(records[_sku(n)].handled < 2 or records[_sku(n)].status is not Status.DONE for n in range(changed)):
        raise AssertionError(f"{changed} changed items of {size} did not arrive")
    return sum(meter.calls.values()), meter.requests["DynamoDB"] + meter.requests["SQS"]


def linear() -> Iterator[Result]:
    """Ten, fifty and five hundred changed items: the cost of one must not rise with their number.

    Fifty are more than ShipBob allows at once, so most of them wait; waiting may double the AWS requests, no more.
    """
    first: tuple[float, float] | None = None
    for changed in (CHANGED, 5 * CHANGED, 50 * CHANGED):
        calls, requests = _change(CATALOGUES[1], changed)
        one = calls / changed, requests / changed
        first = first or one
        yield result(f"growth: vendor calls per changed item, {changed} changed at once", one[0], first[0] * 1.1)
        yield result(f"growth: AWS requests per changed item, {changed} changed at once", one[1], first[1] * 2)


def compared() -> Iterator[Result]:
    """One comparison of a warehouse's stock: in pages, never item by item."""
    for size in CATALOGUES:
        stage, meter = stage_with(size, units=5)
        ended = _compare(stage, meter)
        ending = f"of one stock comparison in a catalogue of {size:,}"
        pages = math.ceil(size / LEVELS_A_PAGE) + 1
        yield _ended(result(f"growth: ShipBob calls {ending}", meter.vendor("ShipBob"), pages), ended)
        yield _ended(result(f"growth: Acumatica calls {ending}", meter.vendor("Acumatica"), 3), ended)
        bound = 50 + 2 * math.ceil(size / KEYS_A_BATCH) + pages
        yield _ended(result(f"growth: DynamoDB requests {ending}", meter.requests["DynamoDB"], bound), ended)


def silent() -> Iterator[Result]:
    """A hundred items that ShipBob lists with zero and Acumatica's bulk inquiry does not list at all."""
    stage, meter = stage_with(100)
    ended = _compare(stage, meter)
    name = "growth: Acumatica calls of one stock comparison with 100 items without stock"
    yield _ended(result(name, meter.vendor("Acumatica"), 3), ended)


def _ended(counted: Result, ended: bool) -> Result:
    """Few calls are no merit of work that never comes to its end."""
    if ended:
        return counted
    return replace(counted, name=f"{counted.name} (not finished after {PATIENCE} minutes)", ok=False)


def _compare(stage: Stage, meter: Meter) -> bool:
    """One comparison; False when it has not ended after PATIENCE minutes."""
    stage.apply(only("stock", seconds=7 * 86_400, start="2026-03-02T15:00:00Z"))
    meter.reset()
    for _ in range(PATIENCE):
        stage.run(minutes=1)
        if stage.states("stock") == {"3PL-WEST": "done"}:
            return True
    return False


def results() -> Iterator[Result]:
    """All of them."""
    for bench in (changed, linear, compared, silent):
        yield from bench()


if __name__ == "__main__":
    found = list(results())
    print("\n".join(entry.text() for entry in found))
    sys.exit(0 if all(entry.ok for entry in found) else 1)
