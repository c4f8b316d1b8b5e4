"""What happens: people at both vendors and at the connector act when their moment has come, each of them once.

Nothing here talks to the connector but the operator's commands. Whatever arrives at the other side got there by itself.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from local.demo.act import Scene, Tell
from local.demo.internet import Internet, post
from local.demo.people import Operator
from local.demo.place import Vendors, clock
from local.demo.warehouse import Warehouse
from local.demo.watch import View
from local.sample.company import NEW_AT_THE_WAREHOUSE, PREVIEW, WEST, receive
from local.sample.connection import NAME
from local.sample.orders import ORDERS
from local.simulators.base import Fault


@dataclass
class Story:
    """The whole story. `step` is called about once a second."""

    vendors: Vendors
    operator: Operator
    internet: Internet
    document: dict[str, Any]
    tell: Tell
    view: View = field(default_factory=View)
    numbers: dict[str, str] = field(default_factory=dict)  # kind of order -> its number
    answers: dict[str, int] = field(default_factory=dict)  # what the API answered to strange webhooks
    _played: set[str] = field(default_factory=set)
    _running: list[Future[Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.warehouse = Warehouse(self.vendors.shipbob, self.numbers)

    # ---- the beginning -------------------------------------------------------------------------------------

    def begin(self) -> None:
        """The first orders are typed in; one is cancelled before anybody has seen it."""
        self._type_in(1)
        self._erp("cancel_order", order_nbr=self.numbers["cancelled before"])

    def _type_in(self, wave: int) -> None:
        for sample in ORDERS:
            if sample.wave == wave:
                key = str(self._erp("sales_order", **sample.fields)["key"])
                self.numbers[sample.kind] = key.rpartition("/")[2]

    def _erp(self, name: str, **arguments: Any) -> Any:
        return self.vendors.acumatica.command(name, arguments)

    def _staff(self, name: str, **arguments: Any) -> Any:
        return self.vendors.shipbob.command(name, arguments)

    # ---- one step ------------------------------------------------------------------------------------------

    def step(self, now: float, view: View) -> None:
        """Lets everybody act whose moment has come. Raises CommandFailed when an operator's command did not work."""
        self.view = view
        self.warehouse.look()
        self.warehouse.work(now)
        for scene in self._scenes():
            if scene.name not in self._played and scene.ready():
                self._played.add(scene.name)
                scene.act()
        still = [future for future in self._running if not future.done()]
        for future in set(self._running) - set(still):
            future.result()
        self._running = still

    # ---- the end -------------------------------------------------------------------------------------------

    def over(self) -> bool:
        """Whether everything has happened that was to happen."""
        return self.warehouse.idle() and len(self._played) == len(self._scenes()) and not self._running

    def open_ends(self) -> list[str]:
        """What has not happened yet, for the case that it never does."""
        scenes = [f"scene {it.name}" for it in self._scenes() if it.name not in self._played]
        return [*self.warehouse.open_ends(), *scenes]

    # ---- the scenes ----------------------------------------------------------------------------------------

    def _scenes(self) -> tuple[Scene, ...]:
        there = self.warehouse
        sent = len(there.orders)
        return (
            Scene("dropped answer", lambda: sent >= 3, self._drop_an_answer),
            Scene("full window", lambda: sent >= 9, self._fill_the_window),
            Scene("hold released", lambda: sent >= 12, self._release_a_hold),
            Scene("more orders", lambda: sent >= 15, self._second_wave),
            Scene("cancelled after", lambda: "Processing" in there.statuses("cancelled after"), self._cancel),
            Scene("own warehouse", lambda: bool(there.statuses("own warehouse line")), self._ship_from_our_own),
            Scene("unknown SKU", lambda: self._held("orders", PREVIEW) >= 2, self._release_the_item),
            *(Scene(f"stock of {sku}", self._known(sku), self._receive(sku)) for sku in NEW_AT_THE_WAREHOUSE),
            Scene("forged webhook", lambda: bool(self.internet.delivered), self._forge),
            Scene("repeated webhook", lambda: len(self.internet.delivered) >= 2, self._repeat),
            Scene("stock counted", lambda: there.left() >= 8, self._count_stock),
            Scene("first posting", lambda: there.left() >= 25, lambda: self._post_shipments("The hourly job")),
            Scene("carrier", lambda: self._held("shipments", "UniUni") >= 2, self._map_the_carrier),
            Scene("plug-in", lambda: self._trapped() and self._was("carrier"), self._no_plug_in),
            Scene("invoices", there.everything_left, self._invoice),
            Scene("unknown fee", lambda: self._billed() and self._was("plug-in"), self._map_fee),
            Scene("last posting", lambda: self._was("invoices"), lambda: self._post_shipments("The evening's job")),
        )

    def _held(self, stream: str, word: str) -> int:
        return sum(1 for record in self.view.stuck(stream) if word in record.why)

    def _trapped(self) -> bool:
        return self._held("shipments", "plug-in") >= 1

    def _billed(self) -> bool:
        return self._held("charges", "Oversize") >= 1

    def _was(self, scene: str) -> bool:
        """Whether a scene was played and its commands have ended."""
        return scene in self._played and not self._running

    def _drop_an_answer(self) -> None:
        self.vendors.shipbob.dial.plan(Fault.DROP_AFTER, r"POST .*/order$")
        self.tell("The line breaks while ShipBob answers: one order is taken, and nobody here hears of it.")

    def _fill_the_window(self) -> None:
        self.vendors.gateway.crowd(2)
        self.tell("ShipBob's call window is full: it declines the next order creations (429).")

    def _release_a_hold(self) -> None:
        number = self.numbers["released later"]
        self._erp("release_hold", order_nbr=number)
        self.tell(f"Sales takes order {number} off hold.")

    def _second_wave(self) -> None:
        self._type_in(2)
        self._erp("edit_order", order_nbr=self.numbers["everyday 1"], fields={"Description": "ask for a review"})
        self.tell("Sales types in four more orders; Acumatica pushes a notification for each.")

    def _cancel(self) -> None:
        number = self.numbers["cancelled after"]
        self._erp("cancel_order", order_nbr=number)
        self.tell(f"The customer cancels order {number}, which is at ShipBob already.")

    def _ship_from_our_own(self) -> None:
        number = self.numbers["own warehouse line"]
        made = self._erp("create_shipment", order_nbr=number, warehouse="MAIN")
        self._erp("confirm_shipment", shipment_nbr=made["key"])
        self.tell(f"Our own warehouse ships its line of order {number}, as shipment {made['key']}.")

    def _release_the_item(self) -> None:
        self._erp("edit", entity="StockItem", key=PREVIEW, fields={"ItemClass": "GOODS"})
        self.tell(f"Two orders wait for {PREVIEW}, which ShipBob has never heard of: its item class is set free.")

    def _known(self, sku: str) -> Callable[[], bool]:
        def known() -> bool:
            products = self.vendors.shipbob.holdings()["products"].values()
            return any(variant["sku"] == sku for product in products for variant in product["variants"])

        return known

    def _receive(self, sku: str) -> Callable[[], None]:
        def arrive() -> None:
            receive(self.vendors.shipbob, sku)
            self.tell(f"ShipBob knows {sku} now and puts the first pallet on the shelf.")

        return arrive

    def _forge(self) -> None:
        url, headers, body = self.internet.delivered[0]
        self.answers["forged"] = post(url, {**headers, "webhook-id": "msg_forged"}, body)
        self.tell(f"Somebody posts a forged webhook and is answered {self.answers['forged']}.")

    def _repeat(self) -> None:
        self.answers["repeated"] = post(*self.internet.delivered[1])
        self.tell(f"ShipBob repeats a webhook; it is answered {self.answers['repeated']} and moves nothing.")

    def _count_stock(self) -> None:
        self._staff("adjust_stock", sku="Insert Card - A", location_id=WEST, quantity=-4)
        held = self.vendors.acumatica.holdings()["stock"]["KIT-DESK"]["3PL-EAST"]
        place = {"sku": "KIT-DESK", "warehouse": "3PL-EAST", "location": "R1"}
        self._erp("stock", **place, quantity=held + 5)
        self.tell("ShipBob counts 4 insert cards too few; Acumatica believes in 5 desk sets that nobody has.")

    def _post_shipments(self, who: str) -> None:
        posted = self._erp("update_in")["posted"]
        self.tell(f"{who} in Acumatica posts {len(posted)} confirmed shipments to inventory.")

    def _changed(self, table: str, key: str, row: Mapping[str, Any]) -> None:
        document = copy.deepcopy(self.document)
        document["tables"][table][key] = dict(row)
        self.document = document
        self._running.append(self.operator.apply(document))

    def _map_the_carrier(self) -> None:
        self._changed("carriers", "UniUni", {"ship_via": "GROUND"})
        self.tell("Shipments wait because carrier UniUni is not mapped: the operator adds it and applies the file.")

    def _no_plug_in(self) -> None:
        self._changed("carriers", "UPS", {"ship_via": "GROUND"})
        applied = self._running.pop()
        keys = [record.key for record in self.view.stuck("shipments") if "plug-in" in record.why]

        def replay() -> None:
            applied.result()
            for key in keys:
                self.operator.command(("records", "replay", f"{NAME}/shipments/{key}"))

        self._running.append(self.operator.after(replay))
        self.tell("UPS was mapped to a Ship Via that buys labels by itself: the operator corrects that and replays.")

    def _invoice(self) -> None:
        today = clock().date().isoformat()
        self._staff("add_charge", fee="WRO Receiving Fee", amount="35.00", invoice_type="Inbound Fee",
                        reference_id="901001", reference_type="WRO", location_id=WEST, date=today)  # fmt: skip
        self._staff("bill_day", date=today, storage=True, credit="7.50", unknown_fee="Oversize Handling")
        made = self._staff("close_invoice", date=today, difference={"type": "Shipping", "amount": "0.03"},
                               payment=True)  # fmt: skip
        self.tell(f"Everything has left. ShipBob closes {len(made)} invoices, one of them three cents off.")

    def _map_fee(self) -> None:
        self._changed("fees", "Oversize Handling", {"account": "54100"})
        self.tell("An invoice waits because nobody knows the fee Oversize Handling: the operator gives it an account.")
