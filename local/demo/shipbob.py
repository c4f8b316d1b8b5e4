"""The act of Acumatica and ShipBob: the story of forty orders, and the table that closes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from local.demo import books, closing
from local.demo.act import Tell
from local.demo.companies.shipbob import ShipBobCompany
from local.demo.internet import answers
from local.demo.people import Operator
from local.demo.story import Story
from local.demo.table import Line
from local.demo.watch import View
from local.sample.connection import NAME


class ShipBobAct:
    """Orders out; shipments, stock and charges back."""

    name, title = "shipbob", "What Acumatica and ShipBob now hold, read from their own stores"
    pair, connection, sides = "acumatica_shipbob", NAME, closing.SIDES

    def __init__(self, company: ShipBobCompany, operator: Operator, document: dict[str, Any], tell: Tell) -> None:
        self.company, self._tell = company, tell
        self.plot = Story(company.vendors, operator, company.internet, document, tell)
        self.plot.begin()

    def step(self, now: float, view: View) -> None:
        """Lets everybody act whose moment has come."""
        self.plot.step(now, view)

    def compared(self) -> list[Line]:
        """The closing table, read over the control doors."""
        both = self.company.vendors
        rules = books.rules_of(self.plot.document)
        return closing.compare(closing.holdings(both.acumatica_url), closing.holdings(both.shipbob_url), rules)

    def notes(self) -> Sequence[str]:
        """What went over the line."""
        traffic, both = self.company.internet.traffic, self.company.vendors
        return [
            f"Webhooks from ShipBob: {answers(traffic.shipbob)}; from Acumatica: {answers(traffic.acumatica)}.",
            f"Calls to ShipBob: {len(both.shipbob.calls)}, to Acumatica: {len(both.acumatica.calls)}.",
        ]

    def facts(self) -> Mapping[str, Any]:
        """The same as numbers."""
        traffic, both = self.company.internet.traffic, self.company.vendors
        return {
            "webhooks": {
                "shipbob": dict(sorted(traffic.shipbob.items())),
                "acumatica": dict(sorted(traffic.acumatica.items())),
                **self.plot.answers,
            },
            "calls": {"shipbob": len(both.shipbob.calls), "acumatica": len(both.acumatica.calls)},
        }

    def plant_a_difference(self) -> None:
        """The warehouse gives a parcel another tracking number, behind everybody's back."""
        shipbob = self.company.vendors.shipbob
        number = next(number for number, it in shipbob.holdings()["shipments"].items() if it["tracking"])
        shipbob.command("relabel", {"shipment_id": int(number)})
        self._tell(f"A difference is planted: ShipBob shipment {number} gets another tracking number.")
