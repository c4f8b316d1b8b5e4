"""Flow 5, invoices to bills: one bill per invoice, never for a payment, nothing hidden."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.acumatica.seed import line
from local.simulators.base import Fault
from tests.flow.test_shipments import sent, shipped
from tests.support.stage import Stage, document

DAILY = {"shipments": {"every_seconds": 300}, "charges": {"every_seconds": 600}}


def stage_with(**changes: Any) -> Stage:
    stage = Stage(schedule=DAILY, **changes)
    stage.subscribe()
    number = sent(stage, line("0041", 2))
    shipped(stage, number)
    stage.run(minutes=3, webhooks=True)
    return stage


def bills(stage: Stage) -> dict[str, dict[str, Any]]:
    return {bill["VendorRef"]: bill for bill in stage.erp("Bill").values()}


def invoices(stage: Stage) -> dict[str, Any]:
    return {str(key): invoice for key, invoice in stage.shipbob.holdings()["invoices"].items()}


def booked(bill: dict[str, Any]) -> list[tuple[str, float]]:
    return sorted((row["Account"], round(row["ExtendedCost"], 2)) for row in bill["Details"])


def close_week(stage: Stage, **how: Any) -> None:
    stage.shipbob.command("close_invoice", {"date": "2026-03-02", **how})
    stage.run(minutes=15, webhooks=True)


def test_each_invoice_becomes_one_bill_with_its_fees_on_their_accounts() -> None:
    stage = stage_with()
    stage.shipbob.command("bill_day", {"storage": True})
    close_week(stage)
    found, made = invoices(stage), bills(stage)
    assert {f"SHIPBOB-INV-{key}" for key in found} == set(made)
    for key, invoice in found.items():
        bill = made[f"SHIPBOB-INV-{key}"]
        assert bill["Type"] == "Bill"
        assert round(bill["Amount"], 2) == round(float(invoice["amount"]), 2)
        assert round(sum(cost for _, cost in booked(bill)), 2) == round(bill["Amount"], 2)
        assert bill["Status"] == "On Hold"
    accounts = {account for bill in made.values() for account, _ in booked(bill)}
    assert accounts == {"54000", "54100"}
    stage.run(minutes=60)
    assert len(stage.erp("Bill")) == len(found)


def test_a_payment_is_never_a_bill_and_a_credit_is_a_debit_adjustment() -> None:
    stage = stage_with(tables={"fees": {
        "Shipping": {"account": "54000"}, "Warehousing Fee": {"account": "54100"}, "Credit": {"account": "54000"},
    }})  # fmt: skip
    stage.shipbob.command("bill_day", {"credit": "3.10"})
    fees = {row["transaction_fee"] for row in stage.shipbob.holdings()["transactions"].values()}
    stage.apply(document(schedule=DAILY, tables={"fees": {fee: {"account": "54000"} for fee in fees}}))
    close_week(stage, payment=True)
    types = {key: invoice["invoice_type"] for key, invoice in invoices(stage).items()}
    made = bills(stage)
    assert "Payment" in types.values()
    for key, kind in types.items():
        reference = f"SHIPBOB-INV-{key}"
        if kind == "Payment":
            assert reference not in made
        elif float(invoices(stage)[key]["amount"]) < 0:
            assert (made[reference]["Type"], made[reference]["Amount"]) == ("Debit Adj.", 3.10)
        else:
            assert made[reference]["Type"] == "Bill"


def test_an_unknown_fee_is_held_by_name_and_booked_when_it_is_mapped() -> None:
    stage = stage_with()
    stage.shipbob.command("bill_day", {"unknown_fee": "Moon Handling Fee"})
    close_week(stage)
    held = [record for record in stage.records("charges").values() if record.status.value == "held"]
    assert len(held) == 1
    assert "Moon Handling Fee" in held[0].why
    before = set(bills(stage))
    fees = {
        "Shipping": {"account": "54000"},
        "Warehousing Fee": {"account": "54100"},
        "Moon Handling Fee": {"account": "54200"},
    }
    stage.apply(document(schedule=DAILY, tables={"fees": fees}))
    stage.run(minutes=3)
    assert set(bills(stage)) - before == {f"SHIPBOB-INV-{held[0].source_key}"}


def test_a_small_difference_goes_to_the_rounding_account_and_is_noted() -> None:
    stage = stage_with()
    stage.shipbob.command("bill_day", {})
    close_week(stage, difference={"type": "Shipping", "amount": "0.03"})
    (bill,) = bills(stage).values()
    assert ("54200", 0.03) in booked(bill)
    assert any("54200" in note for record in stage.records("charges").values() for note in record.notes)


def test_a_large_difference_is_held_with_the_numbers() -> None:
    stage = stage_with()
    stage.shipbob.command("bill_day", {})
    close_week(stage, difference={"type": "Shipping", "amount": "25.00"})
    assert bills(stage) == {}
    (record,) = stage.records("charges").values()
    assert record.status.value == "held"
    assert "25.00" in record.why


def test_bills_can_be_released_at_once() -> None:
    stage = stage_with(charges={"hold": False, "release": True})
    stage.shipbob.command("bill_day", {})
    close_week(stage)
    assert {bill["Status"] for bill in bills(stage).values()} == {"Open"}


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.GARBAGE_AFTER, Fault.ERROR_500_AFTER, Fault.DROP_BEFORE])
def test_a_lost_answer_never_doubles_a_bill(fault: Fault) -> None:
    stage = stage_with()
    stage.shipbob.command("bill_day", {})
    stage.acumatica.dial.plan(fault, r"PUT .*/Bill$")
    close_week(stage)
    stage.run(minutes=15)
    assert len(stage.erp("Bill")) == len(invoices(stage)) == 1


def test_without_the_billing_scope_the_poll_says_so_and_everything_else_goes_on() -> None:
    from local.simulators.shipbob.gateway import SCOPES
    from local.simulators.shipbob.simulator import DEFAULT_PAT

    stage = Stage(schedule=DAILY)
    stage.shipbob.gate.admit(DEFAULT_PAT, "user/SMA", 433700, [scope for scope in SCOPES if scope != "billing_read"])
    number = sent(stage, line("0041", 1))
    from connector.cursor import read_cursors

    cursor = read_cursors(stage.world.tables, "demo", ["charges"])["charges"]
    assert "billing_read" in cursor.why
    assert stage.states("orders")[f"SO/{number}"] == "done"
