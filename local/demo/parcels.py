"""The act of Acumatica and ShipStation: orders by the dozen in one call, parcels and withdrawn labels back.

People sell and pack; whatever else happens was done by the deployed functions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from local.demo import closing, dispatch
from local.demo.act import Scene, Scenes, Tell
from local.demo.companies.shipstation import MORNING, ShipStationCompany
from local.demo.internet import answers
from local.demo.table import Line
from local.demo.watch import View
from local.sample.connection import SHIPSTATION_NAME
from local.simulators.acumatica.seed import line, order
from local.simulators.base import Fault

AFTERNOON = tuple(order("YARD", line("0041", number)) for number in (1, 2, 3))


class ParcelAct:
    """Orders out by the dozen; parcels, withdrawn labels and label files back."""

    name, title = "shipstation", "Orders and parcels, read from the stores of Acumatica and ShipStation"
    pair, connection, sides = "acumatica_shipstation", SHIPSTATION_NAME, dispatch.SIDES

    def __init__(self, company: ShipStationCompany, document: Mapping[str, Any], tell: Tell) -> None:
        self.company, self._tell = company, tell
        self._rules = dispatch.rules_of(document)
        self._view = View()
        self._numbers: list[str] = []
        self.plot = Scenes(*self._scenes())

    def step(self, now: float, view: View) -> None:
        """Plays the next scene when its moment has come."""
        self._view = view
        self.plot.play()

    def compared(self) -> list[Line]:
        """The closing table, read over the control doors."""
        company = self.company
        return dispatch.compare(
            closing.holdings(company.acumatica_url), closing.holdings(company.shipstation_url), self._rules
        )

    def facts(self) -> Mapping[str, Any]:
        """What was sent and shipped, and what it cost in calls."""
        calls = Counter(f"{call.method} {call.path}" for call in self.company.shipstation.calls)
        held = self.company.shipstation.holdings()
        return {
            "orders": len(held["orders"]),
            "write_calls": sum(calls[f"POST /orders/{name}"] for name in ("createorders", "createorder")),
            "labels": len(held["shipments"]),
            "calls": sum(calls.values()),
            "webhooks": self.company.answers,
        }

    def notes(self) -> Sequence[str]:
        """The same in sentences."""
        facts = self.facts()
        return [
            f"{facts['orders']} orders stand at ShipStation, written in {facts['write_calls']} calls; "
            f"{facts['labels']} labels were bought there. Calls to ShipStation in all: {facts['calls']}.",
            f"Webhooks from ShipStation: {answers(facts['webhooks']['shipstation'])}; "
            f"from Acumatica: {answers(facts['webhooks']['acumatica'])}.",
        ]

    def plant_a_difference(self) -> None:
        """Somebody cuts a tracking number out of Acumatica, behind everybody's back."""
        shipments = self.company.acumatica.holdings()["Shipment"]
        number, shipment = next((key, it) for key, it in sorted(shipments.items()) if it.get("Packages"))
        fields = {"Packages": [{"id": shipment["Packages"][0]["id"], "TrackingNbr": "NOBODY-KNOWS"}]}
        self.company.acumatica.command("edit", {"entity": "Shipment", "key": number, "fields": fields})
        self._tell(f"A difference is planted: the package of {number} gets another tracking number.")

    # ---- the scenes, one after the other -------------------------------------------------------------------

    def _scenes(self) -> list[Scene]:
        return [
            Scene("morning", lambda: True, self._sell_the_morning),
            Scene("line breaks", self._all_there, self._break_the_line),
            Scene("customers change their minds", self._all_there, self._change_minds),
            Scene("packing", self._stopped, self._pack),
            Scene("a wrong label", self._all_written, self._buy_another),
        ]

    def _orders(self) -> dict[str, dict[str, Any]]:
        return {order["orderNumber"]: order for order in self.company.shipstation.holdings()["orders"]}

    def _all_there(self) -> bool:
        return set(self._numbers) <= set(self._orders()) and not self._view.moving()

    def _stopped(self) -> bool:
        orders, (held, cancelled) = self._orders(), self._numbers[-2:]
        states = (orders[held]["orderStatus"], orders[cancelled]["orderStatus"])
        return states == ("on_hold", "cancelled") and not self._view.moving()

    def _all_written(self) -> bool:
        shipments = self.company.acumatica.holdings()["Shipment"].values()
        shown = {package.get("TrackingNbr") for it in shipments for package in it.get("Packages", ())}
        gone = {parcel.number for parcel in dispatch.parcels(self.company.shipstation.holdings())}
        return gone <= shown and not self._view.moving()

    def _sell_the_morning(self) -> None:
        made = [self.company.sell(fields) for fields in MORNING]
        self._numbers = made[: len(MORNING) - 3]
        self._tell(f"{len(made)} orders are typed in; {len(self._numbers)} of them are for the warehouse.")

    def _break_the_line(self) -> None:
        self.company.shipstation.dial.plan(Fault.DROP_AFTER, r"POST /orders/createorders?$")
        self._numbers += [self.company.sell(fields) for fields in AFTERNOON]
        self._tell(f"ShipStation takes {len(AFTERNOON)} more orders in one call, and its answer is lost.")

    def _change_minds(self) -> None:
        held, cancelled = self._numbers[-2:]
        run = self.company.acumatica.command
        run("edit_order", {"order_nbr": held, "fields": {"Hold": True}})
        run("cancel_order", {"order_nbr": cancelled})
        self._tell(f"Order {held} is put on hold and {cancelled} is cancelled, both in Acumatica.")

    def _pack(self) -> None:
        act = self.company.shipstation.command
        first, second, third, *others = self._numbers[:-2]
        child = act("split_order", {"order": second, "items": [{"sku": "0041", "quantity": 1}]})
        act("buy_batch", {"labels": [{"order": number} for number in (second, child, third, *others)]})
        act("mark_as_shipped", {"order": first, "carrier": "ups", "tracking_number": "1ZOWNVAN0000000001"})
        self._tell(
            f"The packers print a batch of {len(others) + 3} labels. {second} leaves in two parcels; {first} goes by "
            "the company's own van and is marked as shipped."
        )

    def _buy_another(self) -> None:
        act = self.company.shipstation.command
        number = self._numbers[2]
        labels = self.company.shipstation.holdings()["shipments"]
        wrong = next(label["shipmentId"] for label in labels if label["orderNumber"] == number)
        act("void_label", {"shipment": wrong})
        act("buy_label", {"order": number, "carrier": "stamps_com", "service": "usps_priority_mail"})
        self._tell(f"The label of {number} is voided, of which ShipStation tells nobody, and another one is bought.")
