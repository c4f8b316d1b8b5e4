"""The second act: a company that packs its own parcels buys their labels at UPS and hears how they arrive.

People pack, the line breaks, vans drive; whatever else happens was done by the deployed functions.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.demo import closing, tally
from local.demo.internet import Ticker, post
from local.demo.picture import Picture
from local.demo.place import Carrier, Place, clock
from local.demo.report import Labels
from local.demo.run import LOOK_SECONDS, QUIET_SECONDS, StoryStuck, look_for_errors
from local.demo.tally import LabelLine
from local.demo.watch import View, Watch
from local.sample.connection import UPS_NAME
from local.simulators.acumatica.seed import line, order
from local.simulators.base import Fault

PAIR = "acumatica_ups"
DEADLINE = 120.0
"""Seconds that the act may take. It takes about twenty; a slow machine needs more."""

AGAIN_SECONDS = 3.0
WAREHOUSE = "MAIN"
FIRST: tuple[tuple[str, str, Sequence[float]], ...] = (
    ("QUILL", "GROUND", (4.5,)),
    ("QUILL", "EXPRESS", (2, 7.5)),
    ("LEVESQUE", "GROUND", (3,)),
)
"""Shipments of the morning: customer, Ship Via, weight of each package in pounds. One goes to Canada."""


@dataclass(frozen=True)
class Scene:
    """One thing that happens. `ready` is asked again and again, `act` runs once."""

    ready: Callable[[], bool]
    act: Callable[[], None]


@dataclass
class LabelAct:
    """The act, from the first parcel to the last door."""

    picture: Picture
    place: Place
    carrier: Carrier
    ticker: Ticker
    tell: Callable[[str], None]
    _view: View = field(default_factory=View)
    _erp_holds: Mapping[str, Any] = field(default_factory=dict)
    _ups_holds: Mapping[str, Any] = field(default_factory=dict)
    _scenes_left: list[Scene] = field(default_factory=list)
    _pushes: dict[str, dict[int, int]] = field(default_factory=lambda: {"ups": {}, "acumatica": {}})
    _chore_at: float = 0.0

    def play(self) -> View:
        """Runs to the end. Raises StoryStuck."""
        watch = Watch(self.place, UPS_NAME, "AcumaticaUps")
        self._scenes_left = self._scenes()
        began = time.monotonic()
        looked, calm_since = 0.0, 0.0
        while (now := time.monotonic()) - began < DEADLINE:
            self.ticker.run(now)
            self._deliver()
            if now - looked >= LOOK_SECONDS:
                looked, self._view = now, watch.look()
                self._look_at_the_stores()
                self._step()
                sentences = watch.sentences(clock())
                self.picture.show(self._view, sentences)
                look_for_errors(sentences)
                calm_since = (calm_since or now) if self._calm(watch) else 0.0
                if calm_since and now - calm_since >= QUIET_SECONDS:
                    return self._view
            time.sleep(0.05)
        raise StoryStuck("\n  ".join(["Not every parcel arrived in time:", *self._reasons(watch)]))

    def result(self) -> Labels:
        """What both sides hold now, and what it cost in calls."""
        lines = self._compared()
        calls = [call.path for call in self.carrier.ups.calls]
        shipments = len(self.carrier.acumatica.holdings()["Shipment"])
        per_shipment = round(len(calls) / shipments, 1) if shipments else 0.0
        labels = len(self.carrier.ups.holdings()["labels"])
        return Labels(lines, shipments, labels, tally.calls_by_kind(calls), per_shipment, self._pushes)

    def plant_a_difference(self) -> None:
        """Somebody types another tracking number over one that UPS sold, behind everybody's back."""
        number, package = tally.packages_of(self.carrier.acumatica.holdings())[0]
        fields = {"Packages": [{"id": package["id"], "TrackingNbr": "1ZNOBODY"}]}
        self.carrier.acumatica.command("edit", {"entity": "Shipment", "key": number, "fields": fields})
        self.tell(f"A difference is planted: a package of {number} gets another tracking number.")

    def _compared(self) -> list[LabelLine]:
        """The table as it would be now, read over the control doors."""
        return tally.compare(closing.holdings(self.carrier.acumatica_url), closing.holdings(self.carrier.ups_url))

    def _calm(self, watch: Watch) -> bool:
        at_rest = not (self._scenes_left or self._view.moving() or self._view.all_stuck() or watch.queued())
        return at_rest and not tally.differences(self._compared())

    def _reasons(self, watch: Watch) -> list[str]:
        return [
            f"{len(self._scenes_left)} scenes were not played",
            *tally.differences(self._compared()),
            *(f"{it.stream} {it.key} is {it.status}: {it.why}" for it in self._view.all_stuck()),
            f"{self._view.moving()} records are on their way, {watch.queued()} messages are queued, "
            f"{watch.dead_letters()} crashed five times",
        ]

    # ---- the line ------------------------------------------------------------------------------------------

    def _deliver(self) -> None:
        """Every push that Acumatica and UPS want to make now."""
        self.carrier.acumatica.deliver_pushes(lambda url, headers, body: self._post("acumatica", url, headers, body))
        for delivery in self.carrier.ups.take_deliveries():
            status = self._post("ups", delivery.url, delivery.headers, delivery.body)
            self.carrier.ups.report_delivery(delivery, 200 <= status < 300)

    def _post(self, sender: str, url: str, headers: Mapping[str, str], body: bytes) -> int:
        status = post(url, headers, body)
        self._pushes[sender][status] = self._pushes[sender].get(status, 0) + 1
        return status

    # ---- the scenes, one after the other -------------------------------------------------------------------

    def _scenes(self) -> list[Scene]:
        return [
            Scene(lambda: True, self._pack_the_morning),
            Scene(self._all_labelled, self._break_the_line_to_ups),
            Scene(self._all_labelled, self._break_the_line_to_acumatica),
            Scene(self._all_labelled, self._let_time_pass),
            Scene(self._all_subscribed, self._drive),
            Scene(lambda: self._told() and not self._view.moving(), self._ring),
        ]

    def _step(self) -> None:
        if self._scenes_left and self._scenes_left[0].ready():
            self._scenes_left.pop(0).act()

    def _look_at_the_stores(self) -> None:
        self._erp_holds, self._ups_holds = self.carrier.acumatica.holdings(), self.carrier.ups.holdings()

    def _all_labelled(self) -> bool:
        packages = tally.packages_of(self._erp_holds)
        return all(package.get("TrackingNbr") for _, package in packages) and not self._view.moving()

    def _all_subscribed(self) -> bool:
        if len(self._ups_holds["subscriptions"]) >= len(self._ups_holds["labels"]):
            return True
        if time.monotonic() - self._chore_at >= AGAIN_SECONDS:
            self._chore_at = time.monotonic()
            self.ticker.chore(PAIR, UPS_NAME, "subscribe")
        return False

    def _told(self) -> bool:
        return not self._ups_holds["deliveries_waiting"]

    def _pack(self, customer: str, ship_via: str, weights: Sequence[float]) -> str:
        """A new order, and its shipment with a package for each weight; the shipment's number."""
        run = self.carrier.acumatica.command
        made = run("sales_order", order(customer, line("0041", 2, WarehouseID=WAREHOUSE), ShipVia=ship_via))
        number = str(run("create_shipment", {"order_nbr": made["key"], "warehouse": WAREHOUSE})["key"])
        packages = [{"BoxID": "DEFAULT", "Weight": weight} for weight in weights]
        run("edit", {"entity": "Shipment", "key": number, "fields": {"Packages": packages}})
        return number

    def _pack_the_morning(self) -> None:
        numbers = [self._pack(*each) for each in FIRST]
        self.tell(f"The warehouse packs shipments {', '.join(numbers)} for UPS; one goes to Canada with customs data.")

    def _break_the_line_to_ups(self) -> None:
        self.carrier.ups.dial.plan(Fault.DROP_AFTER, r"POST /api/shipments/.*/ship$")
        number = self._pack("QUILL", "GROUND", (4.5, 7))
        self.tell(f"UPS sells two labels for shipment {number}, the line breaks, and nobody here hears of it.")

    def _break_the_line_to_acumatica(self) -> None:
        self.carrier.acumatica.dial.plan(Fault.DROP_AFTER, r"PUT .*/Shipment$")
        number = self._pack("QUILL", "EXPRESS", (1.5,))
        self.tell(f"Acumatica takes the tracking number of shipment {number}, and its answer is lost.")

    def _let_time_pass(self) -> None:
        self.tell("The labels are printed. Five minutes pass at once: UPS is asked to push the scans of each parcel.")

    def _travel(self, to: str) -> None:
        for label in self._ups_holds["labels"]:
            self.carrier.ups.command("progress", {"tracking_number": label["tracking_number"], "to": to})

    def _drive(self) -> None:
        self._travel("out_for_delivery")
        self.tell("UPS collects the parcels and drives through the night; every scan is pushed.")

    def _ring(self) -> None:
        self._travel("delivered")
        self.tell("The parcels are at their doors. UPS is asked once for each signature.")
