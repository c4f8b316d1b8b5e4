"""The closing table of parcels finds every kind of difference, and owes nothing to the code that it judges."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.demo import dispatch
from local.demo.companies.shipstation import ShipStationCompany
from local.demo.parcels import ParcelAct
from local.demo.table import differences
from local.demo.watch import Seen, View, view_of
from local.sample.connection import sample_shipstation_connection
from local.simulators.acumatica.seed import line
from tests.end_to_end.test_closing import imports_of
from tests.support.shipstation_stage import ACUMATICA_URL, SHIPSTATION_URL, ShipStationStage, document
from tests.support.stage import NAME

Holdings = dict[str, Any]
RULES = dispatch.rules_of(document(orders={"key_prefix": "ACU", "order_types": ["SO"]}))


@pytest.fixture(scope="module")
def world() -> tuple[Holdings, Holdings]:
    """One order in two parcels, one marked as shipped, one on hold, one cancelled, one whose label was replaced."""
    stage = ShipStationStage(voids={"reopen": True})
    split, marked, held, cancelled, replaced = (
        stage.sales_order(line("0041", quantity)) for quantity in (5, 1, 2, 3, 4)
    )
    stage.run(minutes=8)
    child = stage.act("split_order", order=split, items=[{"sku": "0041", "quantity": 2}])
    for name in (split, child, replaced):
        stage.act("buy_label", order=name)
    stage.act("mark_as_shipped", order=marked, carrier="ups", tracking_number="1ZOWNVAN0000000001")
    stage.acumatica.command("edit_order", {"order_nbr": held, "fields": {"Hold": True}})
    stage.acumatica.command("cancel_order", {"order_nbr": cancelled})
    stage.run(minutes=20)
    label = next(it for it in stage.shipstation.holdings()["shipments"] if it["orderNumber"] == replaced)
    stage.act("void_label", shipment=label["shipmentId"])
    stage.act("buy_label", order=replaced)
    stage.run(minutes=30)
    return stage.acumatica.holdings(), stage.shipstation.holdings()


def found(acumatica: Holdings, shipstation: Holdings) -> list[str]:
    return differences(dispatch.SIDES, dispatch.compare(acumatica, shipstation, RULES))


def test_both_sides_agree_when_everything_was_done(world: tuple[Holdings, Holdings]) -> None:
    assert found(*world) == []
    lines = {line.title: (line.erp, line.other) for line in dispatch.compare(*world, RULES)}
    assert lines["Orders released and sent"] == ("3", "3")
    assert lines["Parcels that left"] == ("4 shipments", "4 parcels")
    assert lines["Labels taken back"] == ("1", "1")
    assert lines["Label files"] == ("3", "3")
    assert lines["Orders shipped and Completed"] == ("3", "3")


def shipment(acumatica: Holdings) -> dict[str, Any]:
    first: dict[str, Any] = next(iter(acumatica["Shipment"].values()))
    return first


def send_twice(acumatica: Holdings, shipstation: Holdings) -> None:
    again = {**shipstation["orders"][0], "orderId": 1, "orderKey": "ACU-SO-SO000001-R1"}
    shipstation["orders"].append(again)


def lose_an_order(acumatica: Holdings, shipstation: Holdings) -> None:
    order = next(it for it in shipstation["orders"] if it["orderNumber"] == "SO000002")
    order["orderKey"] = "SOMEBODY-ELSE"


def send_too_much(acumatica: Holdings, shipstation: Holdings) -> None:
    shipstation["orders"][1]["items"][0]["quantity"] += 1


def move_house(acumatica: Holdings, shipstation: Holdings) -> None:
    shipstation["orders"][0]["shipTo"]["postalCode"] = "00000"


def ignore_a_hold(acumatica: Holdings, shipstation: Holdings) -> None:
    next(it for it in shipstation["orders"] if it["orderStatus"] == "on_hold")["orderStatus"] = "awaiting_shipment"


def ignore_a_cancellation(acumatica: Holdings, shipstation: Holdings) -> None:
    next(it for it in shipstation["orders"] if it["orderStatus"] == "cancelled")["orderStatus"] = "awaiting_shipment"


def stop_what_is_wanted(acumatica: Holdings, shipstation: Holdings) -> None:
    shipstation["orders"][0]["orderStatus"] = "cancelled"


def lose_a_number(acumatica: Holdings, shipstation: Holdings) -> None:
    del shipment(acumatica)["Packages"][0]["TrackingNbr"]


def make_a_number_up(acumatica: Holdings, shipstation: Holdings) -> None:
    shipment(acumatica)["Packages"][0]["TrackingNbr"] = "NOBODY-KNOWS"


def write_twice(acumatica: Holdings, shipstation: Holdings) -> None:
    acumatica["Shipment"]["SH999999"] = {**shipment(acumatica), "ShipmentNbr": "SH999999"}


def ship_too_much(acumatica: Holdings, shipstation: Holdings) -> None:
    shipment(acumatica)["Details"][0]["ShippedQty"] += 1


def forget_to_confirm(acumatica: Holdings, shipstation: Holdings) -> None:
    shipment(acumatica)["Status"] = "Open"


def keep_a_void_label(acumatica: Holdings, shipstation: Holdings) -> None:
    shipstation["shipments"][0]["voided"] = True


def lose_a_file(acumatica: Holdings, shipstation: Holdings) -> None:
    for each in acumatica["Shipment"].values():
        for owner in (*each.get("Packages", ()), each):
            owner["files"] = []


def leave_an_order_open(acumatica: Holdings, shipstation: Holdings) -> None:
    acumatica["SalesOrder"]["SO000001"]["Status"] = "Shipping"


def hide_a_number(acumatica: Holdings, shipstation: Holdings) -> None:
    acumatica["SalesOrder"]["SO000001"]["note"] = ""


def ask_strangely(acumatica: Holdings, shipstation: Holdings) -> None:
    shipstation["strict_violations"].append("GET /shipments: query 'modifyDateStart' is unknown")


CASES: tuple[tuple[Callable[[Holdings, Holdings], None], str], ...] = (
    (send_twice, "is 2 times at ShipStation"),
    (lose_an_order, "is missing at ShipStation"),
    (send_too_much, "ordered"),
    (move_house, "postal code"),
    (ignore_a_hold, "On Hold in Acumatica"),
    (ignore_a_cancellation, "Canceled in Acumatica"),
    (stop_what_is_wanted, "cancelled at ShipStation"),
    (lose_a_number, "is on 0 Acumatica shipments"),
    (make_a_number_up, "with which nothing left"),
    (write_twice, "is on 2 Acumatica shipments"),
    (ship_too_much, "Acumatica says"),
    (forget_to_confirm, "which is Open"),
    (keep_a_void_label, "is still on a package"),
    (lose_a_file, "hangs 0 times"),
    (leave_an_order_open, "has left whole and is Shipping"),
    (hide_a_number, "shows tracking"),
    (ask_strangely, "passed over"),
)


@pytest.mark.parametrize(("change", "words"), CASES, ids=lambda it: getattr(it, "__name__", None))
def test_a_difference_is_found(
    world: tuple[Holdings, Holdings], change: Callable[[Holdings, Holdings], None], words: str
) -> None:
    acumatica, shipstation = copy.deepcopy(world[0]), copy.deepcopy(world[1])
    change(acumatica, shipstation)
    assert any(words in text for text in found(acumatica, shipstation)), found(acumatica, shipstation)


def test_it_imports_nothing_of_the_connector() -> None:
    assert not imports_of(Path(dispatch.__file__)) & {"connector", "vendors", "acumatica_shipstation", "cli"}


class _Teller:
    """What the act says."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def __call__(self, text: str) -> None:
        self.said.append(text)


def test_the_act_plays_to_its_end_on_the_stage() -> None:
    """The same scenes as in the demo, with the kernel in memory instead of deployed functions."""
    stage = ShipStationStage()
    for sku in ("0041", "KIT-DESK"):
        stage.act("seed_product", sku=sku, name="old name", weightOz=1)
    raw = sample_shipstation_connection(ACUMATICA_URL, SHIPSTATION_URL, stage.clock() - timedelta(minutes=30))
    raw["connection"] = NAME
    stage.act("set", calls_per_minute=900, sign_webhooks=True)
    stage.apply(raw)
    for event in ("SHIP_NOTIFY", "ORDER_NOTIFY"):
        stage.hook(event)
    company = ShipStationCompany(stage.acumatica, stage.shipstation, ACUMATICA_URL, SHIPSTATION_URL)
    tell = _Teller()
    act = ParcelAct(company, raw, tell)
    for _ in range(200):
        act.step(0.0, _view(stage))
        stage.run(minutes=0.1, webhooks=True)
        lines = dispatch.compare(stage.acumatica.holdings(), stage.shipstation.holdings(), dispatch.rules_of(raw))
        if act.plot.over() and not _view(stage).moving() and not differences(dispatch.SIDES, lines):
            break
    assert act.plot.open_ends() == []
    assert differences(dispatch.SIDES, lines) == []
    assert {it.status for it in _view(stage).records} == {"done"}
    assert len(tell.said) == 5
    stage.run(minutes=2, webhooks=True)
    assert stage.shipstation.holdings()["deliveries_accepted"] >= 2  # signed; the first may come before the keys
    assert act.facts()["write_calls"] <= 3  # a dozen orders, and a call whose answer was lost
    act.plant_a_difference()
    lines = dispatch.compare(stage.acumatica.holdings(), stage.shipstation.holdings(), dispatch.rules_of(raw))
    kinds = [text.split(": ")[0] for text in differences(dispatch.SIDES, lines)]
    assert kinds == ["Acumatica and ShipStation, Parcels that left"] * 2


def _view(stage: ShipStationStage) -> View:
    return view_of([Seen(it.stream, it.source_key, it.status.value, it.why) for it in stage.all_records()])
