"""The warehouse works on the orders that have reached it: each order's acts one after the other, each in its time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.sample.orders import ORDERS, Act, SampleOrder
from local.simulators.shipbob.simulator import ShipBobSimulator

FINISHED = ("Completed", "Cancelled", "CleanSweeped")


@dataclass
class Progress:
    """How far the warehouse is with one order, and what it said when it could not go on."""

    done: int = 0
    at: float = 0.0
    said: str = ""


@dataclass
class Warehouse:
    """ShipBob's staff and the carriers. `numbers`: kind of order -> its number in Acumatica."""

    shipbob: ShipBobSimulator
    numbers: Mapping[str, str]
    orders: Mapping[str, Any] = field(default_factory=dict)  # by reference
    _shipments: Mapping[str, Any] = field(default_factory=dict)
    _progress: dict[str, Progress] = field(default_factory=dict)

    def look(self) -> None:
        """Reads what has arrived."""
        held = self.shipbob.holdings()
        self.orders = {order["reference_id"]: order for order in held["orders"].values()}
        self._shipments = held["shipments"]

    def work(self, now: float) -> None:
        """Does for every order what is due."""
        for sample in ORDERS:
            self._work_on(sample, now)

    def _work_on(self, sample: SampleOrder, now: float) -> None:
        progress = self._progress.setdefault(sample.kind, Progress())
        reference = self._reference(sample.kind)
        if progress.done >= len(sample.acts) or reference not in self.orders:
            return
        progress.at = progress.at or now
        act = sample.acts[progress.done]
        if now - progress.at < act.after:
            return
        try:
            self.shipbob.command(act.command, {"reference_id": reference, **act.arguments})
        except ValueError as error:  # not yet: no stock, on hold, nothing allocated; the warehouse looks again
            progress.said = str(error)
            return
        progress.done, progress.at, progress.said = progress.done + 1, now, ""

    def _reference(self, kind: str) -> str:
        return f"ACU-SO-{self.numbers.get(kind, '')}"

    def statuses(self, kind: str) -> list[str]:
        """The statuses of an order's shipments; empty while it has not arrived."""
        order = self.orders.get(self._reference(kind))
        return [self._shipments[str(number)]["status"] for number in order["shipment_ids"]] if order else []

    def left(self) -> int:
        """How many parcels have left."""
        return sum(1 for shipment in self._shipments.values() if shipment["status"] == "Completed")

    def everything_left(self) -> bool:
        """Whether every order that is to be shipped has left whole."""
        shipping = [it for it in ORDERS if any(act.command == "fulfil" for act in it.acts)]
        return all(self.statuses(it.kind) and self._progress[it.kind].done for it in shipping) and all(
            status in FINISHED for it in shipping for status in self.statuses(it.kind)
        )

    def idle(self) -> bool:
        """Whether every act has been done."""
        return all(self._progress[it.kind].done == len(it.acts) for it in ORDERS if it.acts)

    def open_ends(self) -> list[str]:
        """The orders that still wait for an act, and what the warehouse says about it."""
        found = []
        for sample in ORDERS:
            progress = self._progress.get(sample.kind, Progress())
            rest: tuple[Act, ...] = sample.acts[progress.done :]
            if rest:
                number = self.numbers.get(sample.kind, "(not typed in)")
                found.append(f"order {number} ({sample.kind}): {rest[0].command} is still to come; {progress.said}")
        return found
