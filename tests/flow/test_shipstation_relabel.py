"""A label is replaced. No webhook tells of the void, so the new label is mostly heard of before it."""

from __future__ import annotations

import pytest

from acumatica_shipstation.parcels import change_parcel, known_parcels
from local.simulators.acumatica.seed import line
from local.simulators.base import Fault
from tests.support.shipstation_stage import ShipStationStage

OLD, NEW = "1Z0000000000000777", "1Z0000000000000888"


def shipped(**settings: object) -> ShipStationStage:
    stage = ShipStationStage(shipstation={"labels": False}, **settings)
    stage.sales_order(line("0041", 5))
    stage.run(minutes=3)
    stage.act("buy_label", order="SO000001", tracking_number=OLD)
    stage.run(minutes=10)
    assert stage.packages() == [("SH000001", OLD)]
    return stage


def test_a_label_that_is_heard_of_before_the_void_that_makes_room_for_it() -> None:
    stage = shipped(voids={"reopen": True})
    stage.act("void_label", shipment=OLD)
    stage.act("buy_label", order="SO000001", tracking_number=NEW)
    stage.run(minutes=20)
    assert stage.packages() == [("SH000001", NEW)]
    assert set(stage.states("shipments").values()) == {"done"}
    assert stage.erp_shipments()["SH000001"]["Status"] == "Confirmed"
    assert stage.world.alerts.sent == []


def test_a_second_label_waits_for_a_person_and_continues_when_the_first_is_voided() -> None:
    stage = shipped(voids={"reopen": True})
    stage.act("buy_label", order="SO000001", tracking_number=NEW)
    stage.run(minutes=10)
    assert sorted(stage.states("shipments").values()) == ["done", "held"]
    assert stage.packages() == [("SH000001", OLD)]
    stage.act("void_label", shipment=OLD)
    stage.run(minutes=15)
    assert stage.packages() == [("SH000001", NEW)]
    assert set(stage.states("shipments").values()) == {"done"}


def test_a_worker_that_was_overtaken_by_the_end_of_a_void_does_not_stop_the_next_label() -> None:
    """It notes that the void is being written, after another worker has written it; nobody takes that back."""
    stage = shipped(voids={"reopen": True})
    stage.act("void_label", shipment=OLD)
    stage.run(minutes=15)
    (key,) = known_parcels(stage.world.services, "demo", "SO/SO000001")
    change_parcel(stage.world.services, "demo", "SO/SO000001", key, withdrawing=True)
    stage.act("buy_label", order="SO000001", tracking_number=NEW)
    stage.run(minutes=20)
    assert stage.packages() == [("SH000001", NEW)]
    assert set(stage.states("shipments").values()) == {"done"}


def test_units_that_do_not_fit_are_held_once_and_not_tried_for_ever() -> None:
    stage = shipped(voids={"reopen": True})
    stage.act("buy_label", order="SO000001", tracking_number=NEW, items=[{"sku": "0041", "quantity": 9}])
    stage.run(minutes=10)
    stage.act("void_label", shipment=OLD)
    stage.run(minutes=15)
    before = len(stage.calls())
    stage.run(minutes=60)
    polls = 12 * 5 + 60
    assert len(stage.calls()) - before < polls
    assert sorted(stage.states("shipments").values()) == ["done", "held"]


@pytest.mark.parametrize("reopen", [True, False])
def test_a_void_alone(reopen: bool) -> None:
    stage = shipped(voids={"reopen": reopen})
    stage.act("void_label", shipment=OLD)
    stage.run(minutes=15)
    (state,) = stage.states("shipments").values()
    assert state == ("done" if reopen else "held")
    assert (stage.packages() == [("SH000001", "")]) is reopen


@pytest.mark.parametrize("fault", [Fault.ERROR_500_AFTER, Fault.DROP_AFTER, Fault.DROP_BEFORE])
@pytest.mark.parametrize("skip", [0, 1, 2, 3])
def test_two_parcels_of_one_order_are_written_one_after_the_other(fault: Fault, skip: int) -> None:
    """Acumatica puts all that is open into a shipment until it is filled: one made in between found nothing left."""
    stage = ShipStationStage(shipstation={"labels": False})
    stage.sales_order(line("0041", 5), line("KIT-DESK", 2))
    stage.run(minutes=3)
    stage.acumatica.dial.plan(fault, r"PUT .*/Shipment$", skip=skip)
    stage.act("buy_label", order="SO000001", tracking_number=OLD, items=[{"sku": "0041", "quantity": 4}])
    rest = [{"sku": "0041", "quantity": 1}, {"sku": "KIT-DESK", "quantity": 2}]
    stage.act("buy_label", order="SO000001", tracking_number=NEW, items=rest)
    stage.run(minutes=30)
    assert sorted(number for _, number in stage.packages()) == [OLD, NEW]
    assert {it["Status"] for it in stage.erp_shipments().values()} == {"Confirmed"}
    assert stage.erp("SalesOrder")["SO000001"]["Status"] == "Completed"
