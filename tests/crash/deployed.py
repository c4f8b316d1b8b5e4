"""The deployed bundle under real SIGKILLs: orders, items, shipments, stock and charges; counted at the simulators."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from acumatica_shipbob.flows import PAIR
from local.demo import books, closing, place
from local.demo.internet import Internet, Ticker
from local.demo.opening import open_connection
from local.demo.people import Operator
from local.demo.place import Gateway, Place, Vendors, clock, deployed
from local.demo.table import differences
from local.demo.watch import View, Watch
from local.sample.company import NEW_AT_THE_WAREHOUSE, PREVIEW, WEST, open_company, receive
from local.sample.connection import sample_connection
from local.simulators.acumatica.seed import line, order
from local.simulators.acumatica.simulator import AcumaticaSimulator
from local.simulators.shipbob.simulator import ShipBobSimulator
from tests.crash.sigkill import Killer, available

QUICK = {"VisibilityTimeoutSeconds": "20", "WorkTimeoutSeconds": "20"}
"""A killed run comes back after twenty seconds."""

WAVE, BETWEEN_ORDERS = 3, 30.0
"""So many orders every so many seconds: a killed batch counts a receive for each message in it, so it stays small."""

KEPT_FOR_INVOICES = 1
"""Kills that are left for the end of the day."""

DEADLINE = 1500.0
CALM = 8.0
"""Seconds for which both sides must agree with nothing on its way: longer than every poll of the sample connection."""

Tell = Callable[[str], None]


@dataclass
class Killed:
    """What a run under SIGKILLs ended with."""

    kills: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    failure: str = ""

    @property
    def good(self) -> bool:
        """Nothing lost, nothing doubled, nobody needed."""
        return not (self.differences or self.touched or self.failure)


def run(kills: int = 24, tell: Tell = print) -> Killed:
    """Builds, deploys, kills, waits, counts."""
    if not available():
        return Killed(failure="this needs /proc, as Linux has it: elsewhere nobody can say whose a connection is")
    killer, ended, began = Killer(wanted=kills), Killed(), time.monotonic()
    with contextlib.ExitStack() as stack:
        both = stack.enter_context(_vendors(killer))
        stack.enter_context(patch.dict(place.PARAMETERS, QUICK))
        where = stack.enter_context(deployed(lambda name: contextlib.nullcontext()))
        operator = Operator(where.run_file)
        stack.callback(operator.close)
        document = sample_connection(both.acumatica_url, both.shipbob_url, clock() - timedelta(minutes=30))
        open_connection(operator, where, both, document)
        killer.group = where.cloud.process.pid
        tell(f"deployed; killing {kills} workers in the middle of their writes")
        _play(Day(both, killer), where, ended, document, tell)
    ended.kills = killer.killed
    ended.seconds = time.monotonic() - began
    if len(killer.killed) < kills and not ended.failure:
        ended.failure = f"only {len(killer.killed)} of {kills} kills found a victim"
    return ended


@contextlib.contextmanager
def _vendors(killer: Killer) -> Iterator[Vendors]:
    """Both vendors with the sample company, behind servers whose clients may die."""
    acumatica = AcumaticaSimulator(clock, advance=time.sleep)
    shipbob = ShipBobSimulator(clock, advance=time.sleep, calls_per_minute=place.CALLS_PER_MINUTE)
    acumatica.command("switch", {"operation_polls": 1})
    open_company(acumatica, shipbob)
    gateway = Gateway(shipbob)
    with killer.serve(acumatica) as erp, killer.serve(gateway) as warehouse:
        yield Vendors(acumatica, gateway, f"{erp.url}{acumatica.base_path}", warehouse.url)


@dataclass
class Day:
    """What people do while workers die: three orders every half minute, each shipped when it has arrived, until there
    were kills enough; then stock is counted and invoices are closed."""

    both: Vendors
    killer: Killer
    done: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    shipped: set[str] = field(default_factory=set)
    _last: float = 0.0

    def step(self, now: float) -> None:
        """Does what is due."""
        if not self._enough() and now - self._last >= BETWEEN_ORDERS:
            self._last = now
            self._order()
        self._ship()
        scenes: tuple[tuple[str, Callable[[], bool], Callable[[], None]], ...] = (
            ("new items", lambda: True, self._release_item),
            *((f"arrival of {sku}", self._knows(sku), self._receives(sku)) for sku in NEW_AT_THE_WAREHOUSE),
            ("count", lambda: self._confirmed() >= WAVE, self._count),
            ("invoices", lambda: self._enough() and self._confirmed() == len(self.numbers), self._bill),
        )
        for name, ready, act in scenes:
            if name not in self.done and ready():
                self.done.append(name)
                act()

    @property
    def over(self) -> bool:
        """Whether everything was done that is to be done."""
        return len(self.done) == 3 + len(NEW_AT_THE_WAREHOUSE)

    def _enough(self) -> bool:
        return len(self.killer.killed) >= self.killer.wanted - KEPT_FOR_INVOICES

    def _release_item(self) -> None:
        self.both.acumatica.command("edit", {"entity": "StockItem", "key": PREVIEW, "fields": {"ItemClass": "GOODS"}})

    def _order(self) -> None:
        for place_in_wave in range(WAVE):
            lines = [line("0041", 1 + place_in_wave % 3), line("Insert Card - A", 2)]
            fields = order("HOLLOWAY", *lines)
            self.numbers.append(str(self.both.acumatica.command("sales_order", fields)["key"]))

    def _knows(self, sku: str) -> Callable[[], bool]:
        """Whether ShipBob has heard of an item: then its first pallet arrives, before anybody compares."""
        return lambda: any(
            variant["sku"] == sku
            for product in self.both.shipbob.holdings()["products"].values()
            for variant in product["variants"]
        )

    def _receives(self, sku: str) -> Callable[[], None]:
        return lambda: receive(self.both.shipbob, sku)

    def _ship(self) -> None:
        orders = self.both.shipbob.holdings()["orders"].values()
        for reference in [it["reference_id"] for it in orders if it["status"] == "Processing"]:
            if reference not in self.shipped:
                self.shipped.add(reference)
                self.both.shipbob.command("fulfil", {"reference_id": reference})

    def _confirmed(self) -> int:
        shipments = self.both.acumatica.holdings()["Shipment"].values()
        return sum(1 for found in shipments if found["Status"] in books.CONFIRMED)

    def _count(self) -> None:
        self.both.shipbob.command("adjust_stock", {"sku": "0041", "location_id": WEST, "quantity": -4})

    def _bill(self) -> None:
        today = clock().date().isoformat()
        self.both.shipbob.command("bill_day", {"date": today, "storage": True})
        self.both.shipbob.command("close_invoice", {"date": today})
        self.both.acumatica.command("update_in", {})


def _play(day: Day, where: Place, ended: Killed, document: dict[str, Any], tell: Tell) -> None:
    internet, ticker, watch, view = Internet(day.both), Ticker(where, [PAIR.name]), Watch(where), View()
    began, looked, calm, told = time.monotonic(), 0.0, 0.0, 0
    while (now := time.monotonic()) - began < DEADLINE:
        internet.run()
        ticker.run(now)
        if now - looked >= 1.0:
            looked = now
            day.step(now)
            view = watch.look()
            quiet = day.over and not view.moving() and not watch.queued() and not _differences(day.both, document)
            calm = (calm or now) if quiet else 0.0
            if calm and now - calm >= CALM:
                break
        if len(day.killer.killed) > told:
            told = len(day.killer.killed)
            tell(f"{now - began:5.0f} s, kill {told}: {day.killer.killed[-1]}")
        time.sleep(0.05)
    else:
        ended.failure = f"not quiet after {DEADLINE:.0f} s; done: {', '.join(day.done)}; {view.moving()} records moving"
    ticker.close()
    ended.differences = [*_differences(day.both, document), *_doubles(day)]
    ended.touched = [f"{it.stream} {it.key} is {it.status}: {it.why}" for it in view.all_stuck()]
    if watch.dead_letters():
        ended.touched.append(f"{watch.dead_letters()} dead letters")
    held = day.both.acumatica.holdings()
    ended.counts = {
        "orders": len(day.both.shipbob.holdings()["orders"]), "shipments": len(held["Shipment"]),
        "adjustments": len(held["InventoryAdjustment"]), "bills": len(held["Bill"]),
        **{f"{stream} {status}": count for (stream, status), count in sorted(view.counts.items())},
    }  # fmt: skip


def _differences(both: Vendors, document: dict[str, Any]) -> list[str]:
    """The closing table of the demo, which imports nothing of the connector."""
    held = closing.holdings(both.acumatica_url), closing.holdings(both.shipbob_url)
    return differences(closing.SIDES, closing.compare(*held, books.rules_of(document)))


def _doubles(day: Day) -> list[str]:
    """Everything that must be there once and is there twice, and what is not there at all."""
    acumatica, shipbob = day.both.acumatica.holdings(), day.both.shipbob.holdings()
    packages = [
        package["TrackingNbr"] for shipment in acumatica["Shipment"].values() for package in shipment["Packages"]
    ]
    labels = [found["tracking"]["tracking_number"] for found in shipbob["shipments"].values() if found["tracking"]]
    found = {
        "order": ([it["reference_id"] for it in shipbob["orders"].values()], [f"ACU-SO-{it}" for it in day.numbers]),
        "package": (packages, labels),
        "bill": (
            [it["VendorRef"] for it in acumatica["Bill"].values()],
            [f"SHIPBOB-INV-{it['invoice_id']}" for it in shipbob["invoices"].values()],
        ),
    }
    return [
        f"{what} {key}: {Counter(have)[key]} times instead of {Counter(want)[key]}"
        for what, (have, want) in found.items()
        for key in sorted({*have, *want})
        if Counter(have)[key] != Counter(want)[key]
    ]


def show(ended: Killed) -> None:
    """For people."""
    for text in ended.kills:
        print(f"  killed while it sent {text}")
    print(f"Now there are {ended.counts}")
    for text in [*ended.differences, *ended.touched, *([ended.failure] if ended.failure else [])]:
        print(f"  WRONG: {text}")
    print(
        f"{len(ended.kills)} SIGKILLs in {ended.seconds:.0f} s: {len(ended.differences)} differences, "
        f"{len(ended.touched)} touched by a person"
    )
