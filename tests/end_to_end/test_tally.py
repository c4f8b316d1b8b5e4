"""The closing table of labels finds every kind of difference, and owes nothing to the code that it judges."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.demo import tally
from local.demo.table import differences
from tests.end_to_end.test_closing import imports_of
from tests.support.ups_stage import UpsStage, parcel

Holdings = dict[str, Any]


@pytest.fixture(scope="module")
def world() -> tuple[Holdings, Holdings]:
    """Two shipments with three parcels, all of them delivered."""
    stage = UpsStage(ups={"track_alert": "v1"})
    stage.shipment(parcel(4.5))
    stage.shipment(parcel(2), parcel(7))
    stage.run(minutes=12, webhooks=True)
    for number in stage.alive():
        stage.ups.command("progress", {"tracking_number": number})
    stage.run(minutes=30, webhooks=True)
    return stage.acumatica.holdings(), stage.ups.holdings()


def found(acumatica: Holdings, ups: Holdings) -> list[str]:
    return differences(tally.SIDES, tally.compare(acumatica, ups))


def test_both_sides_agree_when_every_parcel_has_arrived(world: tuple[Holdings, Holdings]) -> None:
    assert found(*world) == []
    lines = {line.title: (line.erp, line.other) for line in tally.compare(*world)}
    assert lines["Packages and labels"] == ("3", "3")
    assert lines["Shipments and purchases"] == ("2", "2")


def package(acumatica: Holdings, number: str = "SH000001") -> dict[str, Any]:
    first: dict[str, Any] = acumatica["Shipment"][number]["Packages"][0]
    return first


def buy_twice(acumatica: Holdings, ups: Holdings) -> None:
    again = {**ups["labels"][0], "tracking_number": "1ZSECOND", "shipment_id": "1ZSECOND"}
    ups["labels"].append(again)


def lose_a_label(acumatica: Holdings, ups: Holdings) -> None:
    del package(acumatica)["TrackingNbr"]


def make_a_number_up(acumatica: Holdings, ups: Holdings) -> None:
    package(acumatica)["TrackingNbr"] = "1ZNOBODY"


def swap_two_labels(acumatica: Holdings, ups: Holdings) -> None:
    one, other = package(acumatica), package(acumatica, "SH000002")
    one["TrackingNbr"], other["TrackingNbr"] = other["TrackingNbr"], one["TrackingNbr"]


def turn_two_packages_around(acumatica: Holdings, ups: Holdings) -> None:
    one, other = acumatica["Shipment"]["SH000002"]["Packages"]
    one["TrackingNbr"], other["TrackingNbr"] = other["TrackingNbr"], one["TrackingNbr"]


def void_a_label(acumatica: Holdings, ups: Holdings) -> None:
    ups["labels"][0]["voided"] = True


def buy_nothing(acumatica: Holdings, ups: Holdings) -> None:
    acumatica["Shipment"]["SH000009"] = {**acumatica["Shipment"]["SH000001"], "Packages": []}


def drop_a_file(acumatica: Holdings, ups: Holdings) -> None:
    package(acumatica)["files"] = []


def miss_a_delivery(acumatica: Holdings, ups: Holdings) -> None:
    acumatica["SalesOrder"]["SO000001"]["note"] = ""


def leave_a_parcel_in_the_van(acumatica: Holdings, ups: Holdings) -> None:
    ups["labels"][0]["status"] = "021"


def ask_strangely(acumatica: Holdings, ups: Holdings) -> None:
    ups["strict_violations"].append("an unknown member")


PLANTS: dict[Callable[[Holdings, Holdings], None], str] = {
    buy_twice: "shipment SH000001 was bought 2 times",
    lose_a_label: "a package of SH000001 has no label",
    make_a_number_up: "1ZNOBODY, which UPS never sold",
    swap_two_labels: "was bought for another shipment",
    turn_two_packages_around: "weighs",
    void_a_label: "is voided",
    buy_nothing: "shipment SH000009 was bought 0 times",
    drop_a_file: "is 0 times on its package of SH000001",
    miss_a_delivery: "is 0 times on the sales orders",
    leave_a_parcel_in_the_van: "is still on its way (status 021)",
    ask_strangely: "UPS refused a strange request",
}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_difference_is_listed(
    world: tuple[Holdings, Holdings], plant: Callable[[Holdings, Holdings], None]
) -> None:
    acumatica, ups = copy.deepcopy(world)
    plant(acumatica, ups)
    assert any(PLANTS[plant] in text for text in found(acumatica, ups)), found(acumatica, ups)


def test_calls_are_counted_by_what_they_ask_for() -> None:
    paths = [
        "/security/v1/oauth/token", "/api/addressvalidation/v2/3", "/api/shipments/v2409/ship",
        "/api/shipments/v2409/void/cancel/1Z", "/api/labels/v1/recovery", "/api/track/v1/reference/details/SH1",
        "/api/track/v1/details/1Z", "/api/track/v1/details/1Z", "/api/track/v1/subscription/standard/package",
    ]  # fmt: skip
    assert tally.calls_by_kind(paths) == {
        "token": 1, "address": 1, "ship": 1, "void": 1, "recovery": 1, "track by reference": 1, "track": 2,
        "subscribe": 1,
    }  # fmt: skip


def test_the_table_knows_nothing_of_the_connector() -> None:
    names = imports_of(Path(tally.__file__))
    assert {name for name in names if name.startswith("local.")} <= {"local.demo.books", "local.demo.books.Holdings",
                                                                     "local.demo.books.Row", "local.demo.table",
                                                                     "local.demo.table.Line"}  # fmt: skip
    assert not {name.split(".")[0] for name in names} & {"connector", "vendors", "acumatica_ups", "cli"}
