"""Attacks on flow 5: invoices that change, come in parts, or were booked by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connector.cursor import read_cursors
from connector.message import enqueue
from connector.record import Record
from connector.records import RecordStore
from tests.flow.test_charges import DAILY, bills, booked, close_week, invoices, stage_with
from tests.support.stage import Stage, document

FEES = {"Shipping": {"account": "54000"}, "Credit": {"account": "54000"}, "Correction": {"account": "54100"}}


def only(stage: Stage) -> Record:
    (record,) = stage.records("charges").values()
    return record


def replay(stage: Stage) -> None:
    enqueue(stage.process, [RecordStore(stage.process).touch(only(stage), "replay", "test", "A person replayed it.")])
    stage.settle()


def _hide_rows(stage: Stage, hidden: bool, invoice_id: int) -> None:
    world = stage.shipbob.world
    for row in list(world.transactions.values()):
        world.transactions[row.id] = replace(row, invoice_id=None if hidden else invoice_id)


def test_rows_that_appear_after_their_invoice_are_waited_for() -> None:
    stage = stage_with()
    stage.shipbob.command("bill_day", {})
    (made,) = stage.shipbob.command("close_invoice", {"date": "2026-03-02"})
    _hide_rows(stage, True, int(made["invoice_id"]))
    stage.run(minutes=20)
    assert bills(stage) == {}
    assert only(stage).status.value == "waiting"
    _hide_rows(stage, False, int(made["invoice_id"]))
    stage.run(minutes=60 * 7)
    (bill,) = bills(stage).values()
    assert {account for account, _ in booked(bill)} == {"54000"}


def test_rows_that_never_appear_end_with_a_person() -> None:
    stage = stage_with(charges={"tolerance": "1000"})
    stage.shipbob.command("bill_day", {})
    (made,) = stage.shipbob.command("close_invoice", {"date": "2026-03-02"})
    _hide_rows(stage, True, int(made["invoice_id"]))
    stage.run(minutes=60 * 24 * 4)
    assert bills(stage) == {}
    assert only(stage).status.value == "held"


def test_an_amount_corrected_after_it_was_billed_is_said_with_both_amounts_and_the_bill() -> None:
    stage = stage_with()
    stage.shipbob.command("bill_day", {})
    close_week(stage)
    ((key, invoice),) = invoices(stage).items()
    (bill,) = stage.erp("Bill").values()
    world = stage.shipbob.world
    world.invoices[int(key)] = replace(world.invoices[int(key)], amount=Decimal("99.00"))
    stage.run(minutes=20)
    assert len(stage.erp("Bill")) == 1
    record = only(stage)
    assert record.status.value == "held"
    for word in ("99.00", str(invoice["amount"]), bill["ReferenceNbr"]):
        assert word in record.why


@pytest.mark.parametrize("amount", ["120.00", "-120.00"])
def test_a_payment_of_any_sign_is_never_a_bill(amount: str) -> None:
    stage = stage_with()
    world = stage.shipbob.world
    stage.shipbob.command("add_charge", {"fee": "Payment", "amount": amount, "invoice_type": "Payment"})
    close_week(stage)
    assert world.invoices
    assert bills(stage) == {}
    assert only(stage).status.value == "done"


def test_a_credit_with_charges_in_it_becomes_one_debit_adjustment_of_the_balance() -> None:
    stage = stage_with(tables={"fees": FEES})
    for fee, amount in (("Credit", "-10.00"), ("Correction", "3.00")):
        stage.shipbob.command("add_charge", {"fee": fee, "amount": amount, "invoice_type": "Credits"})
    close_week(stage)
    (bill,) = bills(stage).values()
    assert (bill["Type"], bill["Amount"]) == ("Debit Adj.", 7.0)
    assert booked(bill) == [("54000", 10.0), ("54100", -3.0)]


@pytest.mark.parametrize(("difference", "booked_at_all"), [("1.00", True), ("1.01", False), ("-1.00", True)])
def test_the_tolerance_counts_to_the_cent(difference: str, booked_at_all: bool) -> None:
    stage = stage_with()
    stage.shipbob.command("bill_day", {})
    close_week(stage, difference={"type": "Shipping", "amount": difference})
    if booked_at_all:
        (bill,) = bills(stage).values()
        assert round(sum(cost for _, cost in booked(bill)), 2) == round(bill["Amount"], 2)
    else:
        assert bills(stage) == {}


def _by_hand(stage: Stage, **fields: Any) -> None:
    stage.shipbob.command("bill_day", {})
    (made,) = stage.shipbob.command("close_invoice", {"date": "2026-03-02"})
    amount = float(made["amount"]) + fields.pop("more", 0)
    rows = [{"Account": "54200", "Qty": 1, "UnitCost": amount, "ExtendedCost": amount}]
    reference = f"SHIPBOB-INV-{made['invoice_id']}"
    bill = {"Type": "Bill", "Vendor": "FULFILLER", "VendorRef": reference, "Amount": amount, "Details": rows, **fields}
    stage.acumatica.command("bill", bill)
    stage.run(minutes=20)


def test_a_bill_that_somebody_entered_by_hand_is_taken_for_ours() -> None:
    stage = stage_with()
    _by_hand(stage)
    assert len(stage.erp("Bill")) == 1
    assert only(stage).status.value == "done"


def test_a_bill_by_hand_of_another_amount_is_held_with_both() -> None:
    stage = stage_with()
    _by_hand(stage, more=5)
    assert len(stage.erp("Bill")) == 1
    assert only(stage).status.value == "held"
    assert "its amount is" in only(stage).why


def test_a_closed_period_is_said_and_mended_by_a_replay() -> None:
    stage = stage_with()
    stage.acumatica.command("period", {"period": "032026"})
    stage.shipbob.command("bill_day", {})
    close_week(stage)
    assert bills(stage) == {}
    assert (only(stage).status.value, "closed" in only(stage).why) == ("refused", True)
    stage.acumatica.command("period", {"period": "032026", "closed": False})
    replay(stage)
    assert len(bills(stage)) == 1


def test_a_connection_that_starts_later_reads_no_invoices_and_stumbles_over_nothing() -> None:
    stage = Stage(schedule=DAILY, start="2026-05-01T00:00:00Z")
    stage.shipbob.command("add_charge", {"fee": "Shipping", "amount": "9.00", "invoice_type": "Shipping"})
    close_week(stage)
    cursor = read_cursors(stage.world.tables, "demo", ["charges"])["charges"]
    assert (cursor.why, cursor.failures) == ("", 0)
    assert stage.records("charges") == {}


def test_a_bill_says_its_currency() -> None:
    from acumatica_shipbob.mapping.charges import bill_draft
    from acumatica_shipbob.settings import AcumaticaShipBob
    from connector.connection import parse_document
    from connector.effect import Draft
    from vendors.shipbob.charges import InvoiceSplit
    from vendors.shipbob.shapes import parse_invoice

    raw = {
        "invoice_id": 1,
        "invoice_date": "2026-03-02",
        "invoice_type": "Shipping",
        "amount": 1,
        "currency_code": "CAD",
    }
    settings = parse_document(document(charges={"currency": "CAD"}), AcumaticaShipBob)
    draft = bill_draft(parse_invoice(raw), InvoiceSplit((), Decimal(1), (), ()), settings, print)
    assert isinstance(draft, Draft)
    assert draft.body["CurrencyID"] == "CAD"
