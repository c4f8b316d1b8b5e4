"""Orders, ShipBob -> Dynamics GP: what GP holds after each story."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.base import Fault
from tests.support.gp_stage import CHANNEL, CORD, CUSTOMER, ITEMS, RECIPIENT, SHIRT, GpStage, document, line

CREATE = "#CreateSalesOrder"


def test_an_order_is_entered_once_with_everything_on_it() -> None:
    stage = GpStage()
    order_id = stage.order(line(SHIRT, 2, 19.99), line(CORD, 1, 9.95))
    stage.run(minutes=3)
    assert stage.state("orders", order_id) == ("done", f"GP order SB{order_id} holds ShipBob order {order_id}")
    held = stage.sales()[f"SB{order_id}"]
    assert (held["customer"], held["po_number"], held["batch"], held["state"]) == (
        CUSTOMER, f"SB-{order_id}", "SHIPBOB", "Work",
    )  # fmt: skip
    rows = [
        (row["ItemKey"]["Id"], float(row["Quantity"]["Value"]), float(row["UnitPrice"]["Value"]))
        for row in held["fields"]["Lines"]
    ]
    assert rows == [("PHON-ATT-53BL", 2, 19.99), ("ACCS-CRD-12WH", 1, 9.95)]
    address = held["fields"]["ShipToAddress"]
    assert (address["Name"], address["ContactPerson"], address["Line1"], address["Phone1"]["Value"]) == (
        "Wayne Enterprises", "Jane Example", "100 Nowhere Blvd", "5555555555",
    )  # fmt: skip
    assert held["fields"]["Date"].startswith("2026-03-02")
    assert stage.operations("Create") == ["CreateSalesOrder"]
    stage.run(minutes=30)
    assert len(stage.sales()) == 1
    assert stage.operations("Create") == ["CreateSalesOrder"]
    assert stage.gp.holdings()["cut"] == []
    assert stage.violations() == []


@pytest.mark.parametrize(
    ("table", "key", "row"),
    [
        ("channels", str(CHANNEL), {"customer": CUSTOMER}),
        ("items", SHIRT, ITEMS[SHIRT]),
        ("methods", "Standard", "GROUND"),
        ("sites", "8", "WAREHOUSE"),
    ],
)
def test_a_missing_mapping_holds_the_order_and_its_row_frees_it(table: str, key: str, row: Any) -> None:
    whole = document()["tables"]
    stage = GpStage(tables={table: {name: value for name, value in whole[table].items() if name != key}})
    order_id = stage.order(line(SHIRT, 2, 19.99))
    stage.run(minutes=3)
    status, why = stage.state("orders", order_id)
    assert (status, stage.sales()) == ("held", {})
    assert f"{table} {key}" in why
    stage.apply(document(tables={table: {**whole[table], key: row}}))
    stage.run(minutes=3)
    assert stage.state("orders", order_id)[0] == "done"
    assert list(stage.sales()) == [f"SB{order_id}"]


def test_prices_that_gp_replaces_are_shown_and_the_policy_is_named() -> None:
    stage = GpStage(calculate_prices=True)
    order_id = stage.order(line(CORD, 2, 7.5))
    stage.run(minutes=3)
    status, why = stage.state("orders", order_id)
    assert status == "held"
    assert "costs 9.95, sent 7.50" in why
    assert "Calculate Unit Price" in why
    assert len(stage.sales()) == 1
    stage.replay("orders", str(order_id))
    stage.run(minutes=2)
    assert stage.operations("Create") == ["CreateSalesOrder"]


def test_a_replaced_price_may_be_a_note() -> None:
    stage = GpStage(calculate_prices=True, orders={"price_difference": "note"})
    order_id = stage.order(line(CORD, 2, 7.5))
    stage.run(minutes=3)
    assert stage.state("orders", order_id)[0] == "done"
    assert any("costs 9.95, sent 7.50" in note for note in stage.record("orders", order_id).notes)


def test_what_a_channel_says_stands_on_the_order() -> None:
    rows = {str(CHANNEL): {"customer": "NOBODY"}, f"{CHANNEL}|DTC": {"customer": CUSTOMER, "document_type": "WEBORD"}}
    stage = GpStage(tables={"channels": rows}, orders={"freight": "rest"})
    stage.user("add_document_type", type="Order", id="WEBORD")
    order_id = stage.order(line(CORD, 2, 7.5), financials={"total_price": 20.95})
    stage.run(minutes=3)
    held = stage.sales()[f"SB{order_id}"]
    assert (held["customer"], held["document_type"]) == (CUSTOMER, "WEBORD")
    assert float(held["fields"]["FreightAmount"]["Value"]) == 5.95


def test_a_channel_that_is_ignored_enters_nothing() -> None:
    stage = GpStage(orders={"ignore_channels": [CHANNEL]})
    stage.subscribe()
    order_id = stage.order(line(CORD, 2, 7.5))
    stage.ship(order_id)
    stage.run(minutes=15, webhooks=True)
    assert stage.sales() == {}
    assert {record.status.value for record in stage.all_records() if record.stream != "stock"} <= {"done"}


def test_an_order_without_a_centre_waits_for_it() -> None:
    stage = GpStage(orders={"default_site": None})
    order_id = stage.order(line(CORD, 1, 7.5))
    stage.run(minutes=15)
    assert stage.state("orders", order_id)[0] == "done"
    assert stage.lines(f"SB{order_id}")[0]["WarehouseKey"]["Id"] == "WAREHOUSE"


def test_prices_may_be_left_to_gp() -> None:
    stage = GpStage(calculate_prices=True, orders={"prices": "gp"})
    order_id = stage.order(line(CORD, 2, 7.5))
    stage.run(minutes=3)
    assert stage.state("orders", order_id)[0] == "done"
    assert float(stage.lines(f"SB{order_id}")[0]["UnitPrice"]["Value"]) == 9.95


def test_a_text_that_gp_would_cut_holds_the_order() -> None:
    long = {**RECIPIENT, "address": {**RECIPIENT["address"], "zip_code": "07093-12345-9"}}
    stage = GpStage()
    order_id = stage.order(line(CORD, 1, 9.95), recipient=long)
    stage.run(minutes=3)
    status, why = stage.state("orders", order_id)
    assert (status, stage.sales()) == ("held", {})
    assert "postal code has 13 characters, GP keeps 10" in why
    assert "07093-12345-9" not in why
    stage.apply(document(orders={"default_site": "WAREHOUSE", "shorten": ["postal code"]}))
    stage.replay("orders", str(order_id))
    stage.run(minutes=2)
    assert stage.state("orders", order_id)[0] == "done"
    assert "postal code was shortened from 13 to 10 characters" in stage.record("orders", order_id).notes
    assert stage.gp.holdings()["cut"] == []


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.TIMEOUT_AFTER, Fault.ERROR_500_AFTER, Fault.GARBAGE_AFTER])
def test_a_lost_answer_never_makes_two(fault: Fault) -> None:
    stage = GpStage()
    stage.gp.dial.plan(fault, CREATE)
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=5)
    assert stage.state("orders", order_id)[0] == "done"
    assert list(stage.sales()) == [f"SB{order_id}"]
    assert stage.operations("Create") == ["CreateSalesOrder"]


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.TIMEOUT_BEFORE, Fault.ERROR_500_BEFORE])
def test_what_never_arrived_is_sent_again_after_gp_was_asked_twice(fault: Fault) -> None:
    stage = GpStage()
    stage.gp.dial.plan(fault, CREATE)
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=5)
    assert stage.state("orders", order_id)[0] == "done"
    assert list(stage.sales()) == [f"SB{order_id}"]
    assert len(stage.operations("Create")) == 2


def test_gps_own_reasons_are_shown_in_review() -> None:
    stage = GpStage(tables={"channels": {str(CHANNEL): {"customer": "NOBODY"}}})
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=3)
    status, why = stage.state("orders", order_id)
    assert (status, stage.sales()) == ("refused", {})
    assert f"ShipBob order {order_id} was not entered" in why
    assert "then replay this record" in why
    assert "CustomerKey" in why
    assert "GetLoggedValidationResultByKey" in stage.operations()
    stage.user("add_customer", id="NOBODY", name="Nobody Ltd")
    stage.replay("orders", str(order_id))
    stage.run(minutes=2)
    assert stage.state("orders", order_id)[0] == "done"


def test_an_order_that_somebody_entered_by_its_po_number_is_adopted_or_shown() -> None:
    stage = GpStage(orders={"numbers": "gp"})
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=3)
    (number,) = stage.sales()
    assert stage.record("orders", order_id).links["number"] == number
    assert not number.startswith("SB")
    assert stage.sales()[number]["po_number"] == f"SB-{order_id}"
    assert stage.state("orders", order_id)[0] == "done"


def test_gps_own_numbers_survive_a_lost_answer() -> None:
    stage = GpStage(orders={"numbers": "gp"})
    stage.gp.dial.plan(Fault.DROP_AFTER, CREATE)
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=5)
    assert stage.state("orders", order_id)[0] == "done"
    assert len(stage.sales()) == 1
    assert stage.operations("Create") == ["CreateSalesOrder"]


def test_an_order_that_is_cancelled_before_it_was_entered_is_not_entered() -> None:
    stage = GpStage(tables={"methods": {}})
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=3)
    assert stage.state("orders", order_id)[0] == "held"
    stage.cancel(order_id)
    stage.apply(document())
    stage.run(minutes=3)
    status, _ = stage.state("orders", order_id)
    assert (status, stage.sales()) == ("done", {})


def test_units_of_measure_are_converted_exactly_or_the_order_is_held() -> None:
    stage = GpStage(tables={"items": {**ITEMS, CORD: {"item": "ACCS-CRD-12WH", "unit": "Each", "units": 3}}})
    whole, broken = stage.order(line(CORD, 6, 1.5)), stage.order(line(CORD, 4, 1.5))
    stage.run(minutes=3)
    (row,) = stage.lines(f"SB{whole}")
    assert (float(row["Quantity"]["Value"]), float(row["UnitPrice"]["Value"])) == (2, 4.5)
    assert stage.state("orders", broken)[0] == "held"
    assert "no exact number" in stage.state("orders", broken)[1]


def test_an_order_before_the_start_is_left_alone() -> None:
    stage = GpStage()
    stage.apply({**document(), "start": "2026-03-03T00:00:00Z"})
    stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=3)
    assert stage.records("orders") == {}
    assert stage.sales() == {}


@pytest.mark.parametrize("keep", [True, False])
def test_a_number_that_a_voided_order_had_goes_to_a_person_and_asking_ends(keep: bool) -> None:
    stage = GpStage()
    first = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=3)
    number = f"SB{first + 1}"
    stage.gp.command("set", {"keep_history": keep})
    stage.user("new_order", customer=CUSTOMER, number=number, lines=[{"item": "ACCS-CRD-12WH", "quantity": 1}])
    stage.user("void", number=number)
    second = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=10)
    status, why = stage.state("orders", second)
    assert status in ("held", "refused")
    assert "voided" in why
    calls = len(stage.gp.calls)
    stage.run(minutes=60)
    assert [name for name in stage.operations()[calls:] if "Sales" in name] == []
    by_hand = stage.user(
        "new_order", customer=CUSTOMER, po_number=f"SB-{second}", lines=[{"item": "ACCS-CRD-12WH", "quantity": 1}]
    )
    stage.replay("orders", str(second))
    stage.run(minutes=3)
    assert stage.record("orders", second).links["number"] == by_hand


def test_a_refused_sign_in_stops_every_call_until_the_secret_is_set_again() -> None:
    stage = GpStage()
    stage.gp.dial.plan(Fault.TOKEN_EXPIRED, "POST", times=99)
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=60)
    assert stage.state("orders", order_id)[0] == "held"
    assert len(stage.gp.calls) == 1
    assert len(stage.world.alerts.sent) == 1
    stage.gp.dial.clear()
    stage._secrets()
    stage.run(minutes=15)
    assert stage.state("orders", order_id)[0] == "done"
    assert list(stage.sales()) == [f"SB{order_id}"]
