"""Flow voids of Acumatica - UPS: what is not wanted is voided once, another label is bought by a word only."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.records import RecordStore
from connector.review import replay
from local.simulators.base import Fault
from tests.support.ups_stage import UpsStage, document, parcel

VOID = "DELETE /api/shipments"


def labelled(*packages: dict[str, Any], **changes: Any) -> tuple[UpsStage, str]:
    """A stage with one labelled shipment."""
    stage = UpsStage(**changes)
    number = stage.shipment(*(packages or (parcel(4.5), parcel(7))))
    stage.run(minutes=3)
    assert stage.packages(number) == stage.alive()
    return stage, number


def wish(stage: UpsStage, number: str, *, new_label: bool = False) -> None:
    """What `label void` does."""
    record = stage.label_record(number)
    sold = next(iter(reversed(stage.labels())))["shipment_id"]
    asked = {"shipment_id": sold, "new_label": new_label, "by": "an operator", "reason": "test"}
    store = RecordStore(stage.process)
    changed = store.change(record, lambda current: replace(current, links={**current.links, "wish": asked}), "asked")
    replay(stage.process, store, changed, "test", "an operator")


def note(stage: UpsStage) -> str:
    """The order's note."""
    return str(stage.erp("SalesOrder")["SO000001"]["note"])


def test_a_deleted_shipment_is_voided_when_the_deletion_is_pushed() -> None:
    stage, number = labelled()
    stage.listen()
    stage.acumatica.command("delete", {"entity": "Shipment", "key": number})
    stage.run(minutes=5, webhooks=True)
    assert stage.alive() == []
    assert "label voided" in note(stage)
    assert len(stage.ups_calls("/void/")) == 1


def test_a_deletion_that_nobody_pushed_is_found_within_a_day() -> None:
    stage, number = labelled(schedule={"labels": {"every_seconds": 900}, "tracking": {"every_seconds": 900}})
    stage.acumatica.command("delete", {"entity": "Shipment", "key": number})
    stage.run(minutes=60 * 25)
    assert stage.alive() == []


def test_a_shipment_on_hold_is_voided_and_its_numbers_removed() -> None:
    stage, number = labelled()
    stage.edit(number, Hold=True)
    stage.run(minutes=3)
    assert stage.alive() == []
    assert stage.packages(number) == ["", ""]
    assert stage.label_record(number).status.value == "done"


def test_the_numbers_are_marked_instead_where_configured() -> None:
    stage, number = labelled(voids={"tracking": "mark"})
    before = stage.packages(number)
    stage.edit(number, Hold=True)
    stage.run(minutes=3)
    assert stage.packages(number) == before
    rows = stage.erp("Shipment")[number]["Packages"]
    assert [row["CustomRefNbr2"] for row in rows] == [f"VOID {each}" for each in before]


def test_after_a_void_a_new_label_needs_a_word() -> None:
    stage, number = labelled()
    stage.edit(number, Hold=True)
    stage.run(minutes=3)
    stage.edit(number, Hold=False)
    stage.run(minutes=30)
    record = stage.label_record(number)
    assert (record.status.value, "--new-label" in record.why, len(stage.labels())) == ("held", True, 2)
    wish(stage, number, new_label=True)
    stage.run(minutes=3)
    assert len(stage.labels()) == 4
    assert stage.packages(number) == stage.alive()
    wish(stage, number)
    stage.run(minutes=3)
    assert stage.alive() == []
    stage.run(minutes=600)
    assert len(stage.labels()) == 4


def test_by_setting_the_new_label_is_bought_when_the_shipment_is_open_again() -> None:
    stage, number = labelled(voids={"new_label": "open"})
    stage.edit(number, Hold=True)
    stage.run(minutes=3)
    stage.edit(number, Hold=False)
    stage.run(minutes=3)
    assert len(stage.labels()) == 4
    assert stage.packages(number) == stage.alive()
    jobs = [label["customer_context"] for label in stage.labels()]
    assert jobs == [f"demo/{number}:0"] * 2 + [f"demo/{number}:1"] * 2


def test_a_changed_shipment_is_held_with_the_difference_and_replaced_by_a_word() -> None:
    stage, number = labelled()
    row = stage.erp("Shipment")[number]["Packages"][0]
    stage.edit(number, Packages=[{"id": row["id"], "Weight": 12}])
    stage.run(minutes=3)
    assert "package 1 has weight 12" in stage.label_record(number).why
    assert len(stage.labels()) == 2
    wish(stage, number, new_label=True)
    stage.run(minutes=5)
    assert [label["weight"] for label in stage.labels() if not label["voided"]] == ["12", "7"]
    assert stage.packages(number) == stage.alive()
    assert stage.label_record(number).status.value == "done"


def test_a_new_address_is_a_change_too() -> None:
    stage, number = labelled()
    stage.edit(number, ShippingSettings={"ShipToAddressOverride": True, "ShipToAddress": {"AddressLine2": "Unit 6"}})
    stage.run(minutes=3)
    assert "ship-to address or contact is another one" in stage.label_record(number).why


def test_a_deleted_package_is_voided_alone() -> None:
    stage, number = labelled()
    first, second = stage.erp("Shipment")[number]["Packages"]
    stage.edit(number, Packages=[{"id": second["id"], "delete": True}])
    stage.run(minutes=3)
    assert stage.alive() == [first["TrackingNbr"]]
    assert stage.label_record(number).status.value == "done"
    stage.run(minutes=60)
    assert len(stage.ups_calls("/void/")) == 1


def test_too_late_says_so_and_leaves_everything() -> None:
    stage, number = labelled()
    stage.clock.advance(timedelta(days=29))
    wish(stage, number)
    stage.run(minutes=3)
    record = stage.label_record(number)
    assert record.status.value == "held"
    assert "within the time in which it may be voided" in record.why
    assert stage.packages(number) == stage.alive()


def test_already_voided_at_ups_is_done() -> None:
    stage, number = labelled()
    for each in stage.alive():
        label = stage.ups.world.labels[each]
        stage.ups.world.labels[each] = replace(label, voided=stage.clock())
    wish(stage, number)
    stage.run(minutes=3)
    assert stage.label_record(number).status.value == "done"
    assert stage.packages(number) == ["", ""]


@pytest.mark.parametrize("switches", [{"void_singular": True}, {"void_polluted": True}])
def test_oddly_written_answers_to_a_void_are_understood(switches: dict[str, Any]) -> None:
    stage, number = labelled()
    stage.ups.command("set", switches)
    _, second = stage.erp("Shipment")[number]["Packages"]
    stage.edit(number, Packages=[{"id": second["id"], "delete": True}])
    stage.run(minutes=3)
    assert len(stage.alive()) == 1
    wish(stage, number)
    stage.run(minutes=3)
    assert stage.alive() == []


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.ERROR_503_AFTER, Fault.GARBAGE_AFTER,
                                   Fault.THROTTLED, Fault.TOKEN_EXPIRED, Fault.ERROR_500_BEFORE])  # fmt: skip
def test_a_void_whose_answer_is_lost_is_repeated_until_it_is_sure(fault: Fault) -> None:
    stage, number = labelled()
    stage.ups.dial.plan(fault, VOID)
    wish(stage, number)
    stage.run(minutes=60)
    assert stage.alive() == []
    assert stage.label_record(number).status.value == "done"
    assert stage.packages(number) == ["", ""]


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.ERROR_503_AFTER, Fault.GARBAGE_AFTER])
def test_the_second_label_is_bought_once_as_well(fault: Fault) -> None:
    stage, number = labelled()
    stage.ups.dial.plan(fault, "POST /api/shipments")
    wish(stage, number, new_label=True)
    stage.run(minutes=60)
    assert len(stage.labels()) == 4
    assert stage.packages(number) == stage.alive()


def test_voiding_may_be_switched_off() -> None:
    stage, number = labelled(voids={"when": []})
    stage.edit(number, Hold=True)
    stage.run(minutes=10)
    assert len(stage.alive()) == 2
    stage.listen()
    stage.acumatica.command("delete", {"entity": "Shipment", "key": number})
    stage.run(minutes=5, webhooks=True)
    assert "its label" in stage.label_record(number).why
    assert len(stage.alive()) == 2
    stage.apply(document())
