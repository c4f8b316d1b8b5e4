"""Billing (section 16): rows before invoices, the weekly job, odd names, sums that do not fit, the cursor's place."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.simulators.shipbob_bench import Bench, document


def shipped(count: int = 1) -> Bench:
    bench = Bench(calls_per_minute=10_000)
    for index in range(count):
        bench.command("fulfil", order_id=bench.order(f"R-{index}")["id"])
    return bench


def rows(bench: Bench, body: dict[str, Any] | None = None, query: str = "") -> dict[str, Any]:
    reply = bench.call("POST", "/transactions:query", body or {}, query=query)
    assert reply.status == 200, reply.body
    answered: dict[str, Any] = document(reply)
    return answered


def test_invoice_amount_is_null_until_the_billing_tick() -> None:
    bench = shipped()
    path = f"/shipment/{next(iter(bench.simulator.holdings()['shipments']))}"
    assert bench.get(path)["invoice_amount"] is None
    bench.command("bill_day")
    shipment = bench.get(path)
    assert (shipment["invoice_amount"], shipment["invoice_currency_code"]) == (6.46, "USD")


def test_invoice_amount_may_stay_away_for_good() -> None:
    bench = shipped()
    bench.command("set", invoice_amount_absent=True)
    bench.command("bill_day")
    assert next(iter(bench.simulator.holdings()["shipments"].values()))["invoice_amount"] is None


def test_rows_are_not_invoiced_first_and_then_they_are() -> None:
    bench = shipped()
    bench.command("bill_day")
    row = rows(bench)["items"][0]
    assert (row["invoiced_status"], row["invoice_id"], row["invoice_date"], row["invoice_type"]) == (
        False,
        None,
        None,
        None,
    )
    assert (row["transaction_fee"], row["reference_type"], row["amount"], row["charge_date"]) == (
        "Shipping",
        "Shipment",
        6.46,
        "2026-03-02",
    )
    assert len(row["transaction_id"]) == 26
    assert row["additional_details"]["TrackingId"].startswith("94001")
    invoice = bench.command("close_invoice")[0]
    assert (invoice["invoice_type"], invoice["invoice_date"], invoice["amount"]) == ("Shipping", "2026-03-02", 6.46)
    again = rows(bench)["items"][0]
    assert (again["transaction_id"], again["invoiced_status"], again["invoice_id"]) == (
        row["transaction_id"],
        True,
        invoice["invoice_id"],
    )
    assert rows(bench, {"invoiced_status": False})["items"] == []


def test_a_week_makes_one_invoice_per_type_with_payment_and_credits_negative() -> None:
    bench = shipped()
    bench.command("bill_day", storage=True, credit="2.50", unknown_fee="Moon Dust Surcharge")
    bench.command("close_invoice", payment=True)
    found = {row["invoice_type"]: row["amount"] for row in bench.get("/invoices")["items"]}
    assert found["Credits"] == -2.5
    assert set(found) == {"Shipping", "WarehouseStorage", "Credits", "AdditionalFee", "Payment"}
    charges = sum((Decimal(str(amount)) for kind, amount in found.items() if kind != "Payment"), Decimal(0))
    assert Decimal(str(found["Payment"])) == -charges
    assert "Moon Dust Surcharge" in bench.get("/transaction-fees")["fee_list"]
    storage = rows(bench, {"transaction_fees": ["Warehousing Fee"]})["items"][0]
    assert storage["reference_type"] == "FC"
    assert storage["reference_id"].startswith("8-2035000")


def test_undocumented_type_names_occur() -> None:
    bench = Bench()
    bench.command(
        "add_charge", fee="WRO Receiving Fee", amount="35.00", invoice_type="Inbound Fee", reference_type="WRO"
    )
    bench.command("add_charge", fee="Return Fee", amount="3.00", invoice_type="Return", reference_type="Return")
    made = bench.command("close_invoice", undocumented_names=True)
    assert [invoice["invoice_type"] for invoice in made] == ["WarehouseInboundFee", "ReturnsFee"]


def test_an_invoice_may_differ_from_the_sum_of_its_rows() -> None:
    bench = shipped(2)
    bench.command("bill_day")
    made = bench.command("close_invoice", difference={"type": "Shipping", "amount": "0.03"})[0]
    listed = bench.get(f"/invoices/{made['invoice_id']}/transactions")["items"]
    total = sum((Decimal(str(row["amount"])) for row in listed), Decimal(0))
    assert Decimal(str(made["amount"])) - total == Decimal("0.03")


def test_canadian_sites_charge_tax_beside_the_amount() -> None:
    bench = Bench()
    bench.command("seed_location", id=40, name="Brampton (ON)", address={"country": "CA", "state": "ON"})
    bench.command("add_charge", fee="Pick Fee", amount="10.00", location_id=40)
    row = rows(bench)["items"][0]
    assert (row["amount"], row["taxes"]) == (10.0, [{"tax_type": "HST", "tax_rate": 0.13, "tax_amount": 1.3}])
    assert bench.command("close_invoice")[0]["amount"] == 11.3


def test_a_correction_adds_rows_to_the_same_shipment() -> None:
    bench = shipped()
    bench.command("bill_day")
    number = next(iter(bench.simulator.holdings()["shipments"]))
    bench.command(
        "add_charge",
        fee="Shipping",
        amount="-1.00",
        type="Refund",
        invoice_type="Shipping",
        reference_id=number,
        reference_type="Shipment",
    )
    found = rows(bench, {"reference_ids": [number], "transaction_types": ["Refund", "Charge"]})["items"]
    assert sorted(row["amount"] for row in found) == [-1.0, 6.46]
    bench.command("bill_day")
    assert len(rows(bench)["items"]) == 2, "a shipment is billed once"


def test_the_default_windows_are_seven_days_of_rows_and_a_month_of_invoices() -> None:
    bench = Bench()
    for day in ("2026-02-22", "2026-02-23", "2026-03-02"):
        bench.command("add_charge", fee="Pick Fee", amount="1.00", date=day)
    assert [row["charge_date"] for row in rows(bench)["items"]] == ["2026-03-02", "2026-02-23"]
    assert len(rows(bench, {"from_date": "2026-02-01T00:00:00Z"})["items"]) == 3
    bench.command("close_invoice", date="2026-01-26")
    assert bench.get("/invoices")["items"] == []
    assert len(bench.get("/invoices", query="FromDate=2026-01-01T00:00:00Z")["items"]) == 1


def test_the_cursor_belongs_in_the_query_string_and_overrides_the_filters() -> None:
    bench = shipped(5)
    bench.command("bill_day")
    first = rows(bench, {"page_size": 2, "sort_order": "Ascending"})
    query = f"Cursor={first['next'].replace('=', '%3D').replace('+', '%2B')}"
    second = rows(bench, {"page_size": 2, "sort_order": "Ascending"}, query)
    other = rows(bench, {"transaction_types": ["Refund"]}, query)
    assert [row["transaction_id"] for row in other["items"]] == [row["transaction_id"] for row in second["items"]]
    ids = [row["transaction_id"] for row in first["items"] + second["items"]]
    assert len(set(ids)) == 4


def test_a_cursor_in_the_body_is_refused_when_strict_and_ignored_in_reality() -> None:
    bench = shipped(3)
    bench.command("bill_day")
    first = rows(bench, {"page_size": 1})
    body = {"page_size": 1, "cursor": first["next"]}
    assert bench.call("POST", "/transactions:query", body).status == 400
    bench.command("set", strict=False)
    assert rows(bench, body)["items"] == first["items"], "the same page for ever"


@pytest.mark.parametrize(
    "body",
    [
        {"start_date": "2026-01-01T00:00:00Z"},
        {"limit": 10},
        {"page_size": 0},
        {"page_size": 1001},
        {"page_size": "10"},
        {"sort_order": "Desc"},
        {"from_date": "2026-01-01"},
        {"from_date": "2026-03-02T00:00:00Z", "to_date": "2026-03-01T00:00:00Z"},
        {"reference_types": ["Default"]},
        {"transaction_types": ["charge"]},
        {"invoice_ids": [1]},
        {"reference_ids": [1]},
        {"invoiced_status": "false"},
    ],
)
def test_wrong_searches_are_refused(body: dict[str, Any]) -> None:
    assert Bench().call("POST", "/transactions:query", body).status == 400


@pytest.mark.parametrize(
    "query",
    [
        "InvoiceTypes=Payment",
        "InvoiceTypes=WarehouseInboundFee",
        "StartDate=2026-01-01T00:00:00Z",
        "FromDate=2026-01-01",
        "PageSize=1001",
        "SortOrder=Desc",
        "Page=1",
        "Cursor=x",
    ],
)
def test_wrong_invoice_filters_are_refused(query: str) -> None:
    assert Bench().call("GET", "/invoices", query=query).status == 400


def test_the_invoice_filter_knows_fewer_types_than_the_data() -> None:
    bench = shipped()
    bench.command("bill_day", storage=True)
    bench.command("close_invoice", payment=True)
    found = bench.get("/invoices", query="InvoiceTypes=Shipping&InvoiceTypes=WarehouseStorage")["items"]
    assert {row["invoice_type"] for row in found} == {"Shipping", "WarehouseStorage"}


def test_invoices_are_paged_by_a_token() -> None:
    bench = shipped()
    bench.command("bill_day", storage=True, credit="1")
    bench.command("close_invoice")
    seen: list[int] = []
    query: dict[str, Any] = {"PageSize": 1}
    while True:
        page = bench.get("/invoices", query=query)
        seen += [row["invoice_id"] for row in page["items"]]
        if page["next"] is None:
            break
        query = {"PageSize": 1, "Cursor": page["next"]}
    assert len(seen) == len(set(seen)) == 3


def test_an_unknown_invoice_is_404_and_billing_needs_its_scope() -> None:
    assert Bench().call("GET", "/invoices/1/transactions").status == 404
    assert Bench(pats={"p": {"orders_read"}}).call("GET", "/transaction-fees", token="p").status == 403


def test_money_stays_exact_over_many_rows() -> None:
    bench = Bench()
    for _ in range(30):
        bench.command("add_charge", fee="Pick Fee", amount="0.10")
    assert bench.command("close_invoice")[0]["amount"] == 3.0
