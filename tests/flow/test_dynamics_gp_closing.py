"""The closing table of the demo's act with Dynamics GP: silent when both sides agree, and it sees every difference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from local.demo import docket
from tests.support.gp_stage import CORD, ITEMS, SHIRT, GpStage, document, line

SITES: dict[str, Any] = {"sites": {"8": "WAREHOUSE"}}
QUIET = {"refused": 1, "locked": 0}


def table(stage: GpStage, directory: dict[str, int] | None = None) -> dict[str, tuple[str, ...]]:
    """Lines of the table that differ, with their differences."""
    rules = docket.rules_of(document(tables=SITES))
    lines = docket.compare(stage.gp.holdings(), stage.shipbob.holdings(), rules, directory or QUIET)
    return {each.title: each.differences for each in lines if each.differences}


@pytest.fixture
def stage() -> GpStage:
    """Two orders that left, goods on their way, a return that was posted: both sides agree."""
    made = GpStage(tables=SITES, stock={"inbound": "receiving_order"})
    numbers = [made.order(line(SHIRT, 2, 19.99), line(CORD, 1, 9.95)), made.order(line(CORD, 3, 9.95))]
    made.run(minutes=3)
    for number in numbers:
        made.ship(number)
    row = {"item": ITEMS[CORD]["item"], "quantity": 5, "site": "NORTH", "to_site": "WAREHOUSE"}
    made.user("enter_inventory", kind="transfer", lines=[row])
    made.run(minutes=20)
    shipment = made.shipbob.holdings()["orders"][str(numbers[1])]["shipment_ids"][0]
    number = made.shipbob.command("announce_stray_return", {"shipment_id": shipment})
    done = [{"sku": CORD, "action": "Restock", "quantity": 2}, {"sku": CORD, "action": "Dispose", "quantity": 1}]
    made.shipbob.command("process_return", {"return_id": number, "step": "complete", "actions": done})
    made.run(minutes=20)
    made.user("post", type="Return", number=f"SBR{number}")
    invoice = made.user("transfer", number=f"SB{numbers[0]}")
    made.user("post", type="Invoice", number=invoice)
    return made


def test_both_sides_agree(stage: GpStage) -> None:
    assert table(stage) == {}


def _order(stage: GpStage) -> str:
    return str(next(row["number"] for row in stage.sales().values() if row["state"] == "Work"))


def _off(stage: GpStage) -> None:
    number = _order(stage)
    stage.user("edit", number=number, remove_tracking=stage.sales()[number]["tracking_numbers"])


SPOILED: dict[str, tuple[str, Callable[[GpStage], Any]]] = {
    "a second order": ("Orders", lambda stage: stage.user(
        "new_order", customer="AARONFIT0001", lines=[{"item": ITEMS[CORD]["item"], "quantity": 1}],
        po_number=stage.sales()[_order(stage)]["po_number"])),
    "an order nobody placed": ("Orders", lambda stage: stage.user(
        "new_order", customer="AARONFIT0001", lines=[{"item": ITEMS[CORD]["item"], "quantity": 1}])),
    "another price": ("Orders", lambda stage: stage.user(
        "edit", number=_order(stage), lines=[{"line": 16384, "unit_price": "1.00"}])),
    "an order that GP never got": ("Orders", lambda stage: stage.order(line(CORD, 1, 9.95))),
    "a parcel without a trace": ("Parcels traced", _off),
    "a parcel that never left": ("Parcels traced", lambda stage: stage.user(
        "edit", number=_order(stage), add_tracking=["1ZNOBODY"])),
    "units that never left": ("Units that left", lambda stage: stage.user(
        "fulfill", number=_order(stage), quantity=1)),
    "stock that nobody moved": ("Stock at the shared site", lambda stage: stage.user(
        "move_stock", item=ITEMS[CORD]["item"], site="WAREHOUSE", on_hand=1)),
    "goods that nobody announced": ("Transfers announced", lambda stage: stage.user(
        "enter_inventory", kind="transfer",
        lines=[{"item": ITEMS[CORD]["item"], "quantity": 1, "site": "NORTH", "to_site": "WAREHOUSE"}])),
}  # fmt: skip


@pytest.mark.parametrize(("title", "act"), SPOILED.values(), ids=SPOILED.keys())
def test_a_difference_is_seen(stage: GpStage, title: str, act: Callable[[GpStage], Any]) -> None:
    act(stage)
    assert title in table(stage)


def test_a_return_that_gp_never_got_is_seen(stage: GpStage) -> None:
    shipment = next(iter(stage.shipbob.holdings()["shipments"].values()))["id"]
    number = stage.shipbob.command("announce_stray_return", {"shipment_id": shipment})
    stage.shipbob.command("process_return", {"return_id": number, "step": "complete"})
    assert table(stage)["Returns"] == (f"return SBR-{number} is 0 times in GP",)


@pytest.mark.parametrize("directory", [{"refused": 9, "locked": 0}, {"refused": 5, "locked": 1}])
def test_sign_ins_that_are_repeated_are_seen(stage: GpStage, directory: dict[str, int]) -> None:
    assert list(table(stage, directory)) == ["Sign-ins refused, accounts locked"]
