"""Letter case and blanks: GP's keys are the same however they are spelled, ShipBob's SKUs are not."""

from __future__ import annotations

from typing import Any

import pytest

from dynamicsgp_shipbob.settings import DynamicsGpShipBob
from tests.flow.test_dynamics_gp_shipments import entered, fulfilled, tracking
from tests.flow.test_dynamics_gp_stock import ITEM, receivings, stage_with_stock
from tests.support.gp_stage import CORD, CUSTOMER, ITEMS, SHIRT, GpStage, document, line
from vendors.dynamics_gp.keys import folded, same

OTHERWISE: dict[str, Any] = {
    "channels": {"433100": {"customer": f" {CUSTOMER.lower()}"}},
    "sites": {"8": "Warehouse ", "10": "north"},
    "items": {SHIRT: {"item": "phon-att-53bl  ", "unit": "EACH"}, CORD: {"item": f"{ITEM.lower()} ", "unit": "each "}},
    "methods": {"Standard": "ground", "": "Ground "},
}


@pytest.mark.parametrize(("one", "other", "equal"), [
    ("ACCS-1", "accs-1 ", True), ("ACCS-1   ", "ACCS-1", True), ("ACCS-1", "ACCS- 1", False), ("", "  ", True),
])  # fmt: skip
def test_keys_are_compared_as_the_database_does(one: str, other: str, equal: bool) -> None:
    assert same(one, other) is equal
    assert (folded(one) == folded(other)) is equal


def test_blanks_around_gps_keys_are_cut_and_skus_are_left_alone() -> None:
    tables = {**OTHERWISE, "items": {f"{CORD} ": {"item": f" {ITEM} ", "unit": " Each"}}}
    found = DynamicsGpShipBob.model_validate(document(tables=tables)).tables
    assert found.items[f"{CORD} "].item == ITEM
    assert found.sites["8"] == "Warehouse"
    with pytest.raises(ValueError, match="at least 1 character"):
        DynamicsGpShipBob.model_validate(document(tables={**OTHERWISE, "sites": {"8": "   "}}))


def test_an_order_whose_keys_are_spelled_otherwise_is_entered_shipped_and_agrees() -> None:
    stage = GpStage(tables={**OTHERWISE, "sites": {"8": "Warehouse "}})
    order_id = entered(stage, line(SHIRT, 2, 19.99), line(CORD, 1, 9.95))
    stage.ship(order_id)
    stage.run(minutes=15)
    assert stage.state("shipments", order_id)[0] == "done", stage.state("shipments", order_id)
    assert fulfilled(stage, order_id) == [2, 1]
    assert len(tracking(stage, order_id)) == 1
    assert stage.states("stock") == {"phon-att-53bl": "done", ITEM.lower(): "done"}
    assert stage.violations() == []


def test_an_order_that_a_person_entered_with_a_po_number_in_small_letters_is_found() -> None:
    stage = GpStage(tables={"methods": {}})
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=3)
    by_hand = stage.user(
        "new_order", customer=CUSTOMER, po_number=f"sb-{order_id}", lines=[{"item": ITEM, "quantity": 1}]
    )
    stage.apply(document())
    stage.run(minutes=5)
    assert list(stage.sales()) == [by_hand]
    assert stage.record("orders", order_id).links["number"] == by_hand


def test_an_sku_in_other_letters_is_no_match_and_the_reason_shows_the_row_that_looks_alike() -> None:
    stage = GpStage(tables={"items": {CORD.lower(): ITEMS[CORD]}})
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=3)
    status, why = stage.state("orders", order_id)
    assert status == "held"
    assert f"the table has '{CORD.lower()}'; letter case and blanks count in SKUs" in why
    stage.apply(document())
    stage.run(minutes=3)
    assert stage.state("orders", order_id)[0] == "done"


def test_two_spellings_of_one_item_are_one_item_with_one_stock() -> None:
    both = {**ITEMS, SHIRT: {"item": ITEM.lower(), "unit": "Each"}}
    stage = stage_with_stock(tables={"items": both})
    stage.run(minutes=15)
    found = stage.states("stock")
    assert {name for name in found if same(name, ITEM)} == {ITEM}
    status, why = stage.state("stock", ITEM)
    assert status == "held", why  # both SKUs together have 200 at ShipBob, the item 100 in GP
    assert "200 sellable" in why


def test_two_spellings_of_one_site_are_one_site_with_one_stock() -> None:
    stage = GpStage(tables={"sites": {"8": "WAREHOUSE", "10": "warehouse"}})
    stage.run(minutes=15)
    assert set(stage.states("stock").values()) == {"done"}, stage.states("stock")


def test_a_transfer_to_a_site_spelled_otherwise_is_announced_once() -> None:
    stage = stage_with_stock(stock={"inbound": "receiving_order"}, tables={"sites": {"8": "Warehouse"}})
    stage.run(minutes=5)
    lines = [{"item": name, "quantity": 3, "site": "NORTH", "to_site": "WAREHOUSE"} for name in (ITEM, ITEM.lower())]
    stage.user("move_stock", item=ITEM, site="NORTH", on_hand=10)
    stage.user("enter_inventory", kind="transfer", lines=lines)
    stage.run(minutes=15)
    (made,) = receivings(stage)
    assert [row["expected_quantity"] for row in made["inventory_quantities"]] == [6]


def test_a_stock_record_of_a_spelling_that_the_table_no_longer_has_ends() -> None:
    stage = stage_with_stock()
    stage.run(minutes=5)
    stage.user("enter_inventory", kind="adjustment", lines=[{"item": ITEM, "quantity": 4, "site": "WAREHOUSE"}])
    stage.run(minutes=20)
    assert stage.state("stock", ITEM)[0] == "held"
    changed = {**ITEMS, CORD: {"item": ITEM.lower(), "unit": "Each"}}
    stage.apply(document(tables={"sites": {"8": "WAREHOUSE"}, "items": changed}))
    stage.replay("stock", ITEM)
    stage.run(minutes=3)
    status, why = stage.state("stock", ITEM)
    assert status == "done"
    assert "compared under that name" in why


def test_a_server_in_which_letter_case_counts_refuses_and_the_order_says_so() -> None:
    stage = GpStage(tables=OTHERWISE)
    stage.gp.command("set", {"binary_sort_order": True})
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=5)
    status, why = stage.state("orders", order_id)
    assert status == "refused", why
    assert stage.sales() == {}
