"""The act of Acumatica and UPS: a company that packs its own parcels buys their labels and hears how they arrive.

People pack, the line breaks, vans drive; whatever else happens was done by the deployed functions.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from local.demo import closing, tally
from local.demo.act import Scene, Scenes, Tell
from local.demo.companies.ups import MORNING, UpsCompany
from local.demo.internet import Ticker, answers
from local.demo.table import Line
from local.demo.watch import View
from local.sample.connection import UPS_NAME
from local.simulators.base import Fault

AGAIN_SECONDS = 3.0


class LabelAct:
    """One label per package, bought once; parcels followed to the door."""

    name, title = "ups", "Labels, read from the stores of UPS and Acumatica"
    pair, connection, sides = "acumatica_ups", UPS_NAME, tally.SIDES

    def __init__(self, company: UpsCompany, ticker: Ticker, tell: Tell) -> None:
        self.company, self._carrier, self._ticker, self._tell = company, company.carrier, ticker, tell
        self._view = View()
        self._erp_holds: Mapping[str, Any] = {}
        self._ups_holds: Mapping[str, Any] = {}
        self.plot = Scenes(*self._scenes())
        self._chore_at = 0.0

    def step(self, now: float, view: View) -> None:
        """Plays the next scene when its moment has come."""
        self._view = view
        self._erp_holds, self._ups_holds = self._carrier.acumatica.holdings(), self._carrier.ups.holdings()
        self.plot.play()

    def compared(self) -> list[Line]:
        """The closing table, read over the control doors."""
        return tally.compare(closing.holdings(self._carrier.acumatica_url), closing.holdings(self._carrier.ups_url))

    def facts(self) -> Mapping[str, Any]:
        """What was shipped, and what it cost in calls."""
        calls = [call.path for call in self._carrier.ups.calls]
        shipments = len(self._carrier.acumatica.holdings()["Shipment"])
        return {
            "shipments": shipments,
            "labels": len(self._carrier.ups.holdings()["labels"]),
            "calls": tally.calls_by_kind(calls),
            "calls_per_shipment": round(len(calls) / shipments, 1) if shipments else 0.0,
            "pushes": self.company.pushes,
        }

    def notes(self) -> Sequence[str]:
        """The same in sentences."""
        facts = self.facts()
        kinds = ", ".join(f"{kind} {number}" for kind, number in facts["calls"].items())
        return [
            f"{facts['shipments']} shipments, {facts['labels']} labels. Calls to UPS per shipment, from the token to "
            f"the signature: {facts['calls_per_shipment']} ({kinds}).",
            f"Track Alert pushes from UPS: {answers(self.company.pushes['ups'])}; "
            f"notifications from Acumatica: {answers(self.company.pushes['acumatica'])}.",
        ]

    def plant_a_difference(self) -> None:
        """Somebody types another tracking number over one that UPS sold, behind everybody's back."""
        number, package = tally.packages_of(self._carrier.acumatica.holdings())[0]
        fields = {"Packages": [{"id": package["id"], "TrackingNbr": "1ZNOBODY"}]}
        self._carrier.acumatica.command("edit", {"entity": "Shipment", "key": number, "fields": fields})
        self._tell(f"A difference is planted: a package of {number} gets another tracking number.")

    # ---- the scenes, one after the other -------------------------------------------------------------------

    def _scenes(self) -> list[Scene]:
        return [
            Scene("morning", lambda: True, self._pack_the_morning),
            Scene("line to UPS breaks", self._all_labelled, self._break_the_line_to_ups),
            Scene("line to Acumatica breaks", self._all_labelled, self._break_the_line_to_acumatica),
            Scene("time passes", self._all_labelled, self._let_time_pass),
            Scene("on the road", self._all_subscribed, self._drive),
            Scene("at the door", lambda: self._told() and not self._view.moving(), self._ring),
        ]

    def _all_labelled(self) -> bool:
        packages = tally.packages_of(self._erp_holds)
        return all(package.get("TrackingNbr") for _, package in packages) and not self._view.moving()

    def _all_subscribed(self) -> bool:
        if len(self._ups_holds["subscriptions"]) >= len(self._ups_holds["labels"]):
            return True
        if time.monotonic() - self._chore_at >= AGAIN_SECONDS:
            self._chore_at = time.monotonic()
            self._ticker.chore(self.pair, UPS_NAME, "subscribe")
        return False

    def _told(self) -> bool:
        return not self._ups_holds["deliveries_waiting"]

    def _pack_the_morning(self) -> None:
        numbers = [self.company.pack(*each) for each in MORNING]
        self._tell(f"The warehouse packs shipments {', '.join(numbers)} for UPS; one goes to Canada with customs data.")

    def _break_the_line_to_ups(self) -> None:
        self._carrier.ups.dial.plan(Fault.DROP_AFTER, r"POST /api/shipments/.*/ship$")
        number = self.company.pack("QUILL", "GROUND", (4.5, 7))
        self._tell(f"UPS sells two labels for shipment {number}, the line breaks, and nobody here hears of it.")

    def _break_the_line_to_acumatica(self) -> None:
        self._carrier.acumatica.dial.plan(Fault.DROP_AFTER, r"PUT .*/Shipment$")
        number = self.company.pack("QUILL", "EXPRESS", (1.5,))
        self._tell(f"Acumatica takes the tracking number of shipment {number}, and its answer is lost.")

    def _let_time_pass(self) -> None:
        self._tell("The labels are printed. Five minutes pass at once: UPS is asked to push the scans of each parcel.")

    def _travel(self, to: str) -> None:
        for label in self._ups_holds["labels"]:
            self._carrier.ups.command("progress", {"tracking_number": label["tracking_number"], "to": to})

    def _drive(self) -> None:
        self._travel("out_for_delivery")
        self._tell("UPS collects the parcels and drives through the night; every scan is pushed.")

    def _ring(self) -> None:
        self._travel("delivered")
        self._tell("The parcels are at their doors. UPS is asked once for each signature.")
