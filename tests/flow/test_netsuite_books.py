"""Flows returns, charges, counts and orders: what NetSuite's books then say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connector.connection import InvalidConnection
from local.simulators import base
from local.simulators.base import Fault
from local.simulators.shipbob.simulator import DEFAULT_PAT
from tests.flow.test_netsuite_tracking import sent, stocked
from tests.support.netsuite_stage import ADJUSTMENTS, CENTRE, DAMAGED, PLACE, ROUNDING, NetSuiteStage, document

RULES = {"account": ADJUSTMENTS, "subsidiary": "1"}


def returned(stage: NetSuiteStage, *actions: tuple[str, int], shipped: bool = True) -> int:
    """Two TEE left and come back; what the warehouse does with them. The return's id."""
    _, number = sent(stage, ("TEE", 3), ("CAP", 1))
    stage.shipbob.command("fulfil", {"order_id": number})
    if shipped:
        stage.run(minutes=20)
    shipment = next(key for key, each in stage.shipbob.holdings()["shipments"].items() if each["order_id"] == number)
    came = int(stage.shipbob.command("announce_stray_return", {"shipment_id": shipment}))
    taken = [{"sku": "TEE", "action": action, "quantity": units} for action, units in actions]
    stage.shipbob.command("process_return", {"return_id": came, "step": "complete", "actions": taken})
    stage.run(minutes=40)
    return came


def lines(transaction: dict[str, Any]) -> dict[str, Any]:
    return {str(line["sku"]): line["quantity"] for line in transaction["item"]}


def why(stage: NetSuiteStage, stream: str, status: str = "held") -> str:
    found = [record for record in stage.records(stream).values() if record.status.value == status]
    assert len(found) == 1, [(record.id, record.status, record.why) for record in stage.records(stream).values()]
    return found[0].why


# ---- returns


@pytest.mark.parametrize("proposes", ["all", "none"])
def test_restocked_units_are_authorized_and_received(proposes: str) -> None:
    stage = stocked()
    stage.netsuite.command("set", {"returns_propose": proposes})
    came = returned(stage, ("Restock", 2))
    (authorization,) = stage.ours("returnAuthorization")
    assert (authorization["externalId"], lines(authorization)) == (f"SB-RA-{came}", {"TEE": 2})
    (receipt,) = stage.ours("itemReceipt")
    assert (receipt["externalId"], lines(receipt)) == (f"SB-IR-RET-{came}-1", {"TEE": 2})
    assert stage.on_hand("TEE") == 99
    assert stage.ours("inventoryAdjustment") == []
    assert stage.violations() == []


def test_each_disposition_has_its_own_way() -> None:
    stage = stocked(returns={"quarantine_location": DAMAGED})
    came = returned(stage, ("Restock", 1), ("Quarantine", 1), ("Dispose", 1))
    (authorization,) = stage.ours("returnAuthorization")
    assert lines(authorization) == {"TEE": 3}
    assert [(each["externalId"], lines(each)) for each in stage.ours("itemReceipt")] == [
        (f"SB-IR-RET-{came}-1", {"TEE": 1}), (f"SB-IR-RET-{came}-2", {"TEE": 1}),
    ]  # fmt: skip
    assert (stage.on_hand("TEE"), stage.on_hand("TEE", DAMAGED)) == (98, 1)
    assert any("disposed" in note for note in stage.records("returns")[str(came)].notes)


def test_quarantined_units_without_a_place_are_not_received() -> None:
    stage = stocked()
    returned(stage, ("Quarantine", 2))
    assert stage.ours("itemReceipt") == []
    assert len(stage.ours("returnAuthorization")) == 1


def test_the_order_is_found_without_a_fulfilment_of_ours() -> None:
    stage = stocked(shipments={"mode": "so_custom_fields", "tracking_field": "custbody_track"})
    stage.netsuite.command("seed_custom_field", {"name": "custbody_track", "record": ["salesOrder"]})
    _, number = sent(stage, ("TEE", 3))
    stage.netsuite.command("fulfil", {"tran_id": stage.held_transactions("salesOrder")[0]["tranId"]})
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    shipment = next(iter(stage.shipbob.holdings()["shipments"]))
    came = stage.shipbob.command("announce_stray_return", {"shipment_id": shipment})
    actions = [{"sku": "TEE", "action": "Restock", "quantity": 1}]
    stage.shipbob.command("process_return", {"return_id": came, "step": "complete", "actions": actions})
    stage.run(minutes=40)
    assert [lines(each) for each in stage.ours("returnAuthorization")] == [{"TEE": 1}]


def test_adjustment_where_configured_and_never_both() -> None:
    stage = stocked(returns={"mode": "adjustment"}, adjustments=RULES)
    came = returned(stage, ("Restock", 2), ("Dispose", 1))
    assert [each["externalId"] for each in stage.ours("inventoryAdjustment")] == [f"SB-IA-RET-{came}-1"]
    assert stage.ours("returnAuthorization") == []
    assert stage.on_hand("TEE") == 99


def test_a_return_of_an_unknown_order_is_held_or_adjusted() -> None:
    for how in ("hold", "adjust"):
        stage = stocked(returns={"not_found": how}, adjustments=RULES)
        number = stage.order_at_shipbob("SO-ELSEWHERE", ("TEE", 3))
        stage.shipbob.command("fulfil", {"order_id": number})
        shipment = next(iter(stage.shipbob.holdings()["shipments"]))
        came = stage.shipbob.command("announce_stray_return", {"shipment_id": shipment})
        actions = [{"sku": "TEE", "action": "Restock", "quantity": 2}]
        stage.shipbob.command("process_return", {"return_id": came, "step": "complete", "actions": actions})
        stage.run(minutes=40)
        if how == "hold":
            assert "its sales order is not found" in why(stage, "returns")
            assert stage.on_hand("TEE") == 100
        else:
            assert stage.on_hand("TEE") == 102


@pytest.mark.parametrize("match", [r"!transform/returnAuthorization", r"!transform/itemReceipt", r"suiteql"])
@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.ERROR_500_AFTER, Fault.THROTTLED])
def test_a_lost_answer_books_a_return_once(match: str, fault: Fault) -> None:
    stage = stocked()
    _, number = sent(stage, ("TEE", 3))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    stage.netsuite.dial.plan(fault, f"POST .*{match}")
    shipment = next(iter(stage.shipbob.holdings()["shipments"]))
    came = stage.shipbob.command("announce_stray_return", {"shipment_id": shipment})
    actions = [{"sku": "TEE", "action": "Restock", "quantity": 2}]
    stage.shipbob.command("process_return", {"return_id": came, "step": "complete", "actions": actions})
    stage.run(minutes=100)
    assert [lines(each) for each in stage.ours("itemReceipt")] == [{"TEE": 2}]
    assert len(stage.ours("returnAuthorization")) == 1


# ---- charges


def billed(stage: NetSuiteStage, **how: Any) -> None:
    _, number = sent(stage, ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.shipbob.command("bill_day", how.pop("day", {}))
    stage.shipbob.command("close_invoice", {"date": "2026-03-02", **how})
    stage.run(minutes=20)


def test_an_invoice_is_one_bill() -> None:
    stage = stocked()
    billed(stage)
    invoices = {str(each["invoice_id"]): each for each in stage.shipbob.holdings()["invoices"].values()}
    bills = {each["externalId"]: each for each in stage.ours("vendorBill")}
    assert set(bills) == {f"SB-VB-{key}" for key in invoices}
    for key, invoice in invoices.items():
        bill = bills[f"SB-VB-{key}"]
        assert sum(line["amount"] for line in bill["expense"]) == pytest.approx(invoice["amount"])
        assert bill["tranId"] == f"SHIPBOB-INV-{key}"
        assert bill["status"] == "D", "it waits for approval"
    assert stage.violations() == []
    stage.run(minutes=60 * 13)
    assert len(stage.ours("vendorBill")) == len(invoices)


def test_a_payment_is_no_bill_and_a_difference_is_shown() -> None:
    stage = stocked()
    billed(stage, payment=True, difference={"type": "Shipping", "amount": "0.03"})
    invoices = stage.shipbob.holdings()["invoices"].values()
    assert len(stage.ours("vendorBill")) == sum(1 for each in invoices if each["invoice_type"] != "Payment")
    rounding = [line for bill in stage.ours("vendorBill") for line in bill["expense"] if line["account"] == ROUNDING]
    assert [line["amount"] for line in rounding] == [0.03]


def test_an_unknown_fee_waits_for_its_account_and_a_credit_is_a_credit() -> None:
    stage = stocked()
    billed(stage, day={"unknown_fee": "Hand carving", "credit": "2.00"})
    held = [record for record in stage.records("charges").values() if record.status.value == "held"]
    assert held
    assert any("Hand carving" in record.why or "Credit" in record.why for record in held)
    fees = {record_missing.value for record in held for record_missing in record.missing}
    known = {"Shipping": {"account": "311"}, "Warehousing Fee": {"account": "312"}}
    stage.apply(document(tables={"fees": {**known, **{fee: {"account": "311"} for fee in fees}}}))
    stage.run(minutes=20)
    assert {record.status.value for record in stage.records("charges").values()} == {"done"}
    credits = stage.ours("vendorCredit")
    assert [each["externalId"][:6] for each in credits] == ["SB-VC-"]
    assert [sum(line["amount"] for line in each["expense"]) for each in credits] == [2]


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.ERROR_500_AFTER, Fault.DROP_BEFORE])
def test_a_lost_answer_makes_one_bill(fault: Fault) -> None:
    stage = stocked()
    stage.netsuite.dial.plan(fault, r"POST .*/vendorBill$")
    billed(stage)
    stage.run(minutes=30)
    assert len(stage.ours("vendorBill")) == len(stage.shipbob.holdings()["invoices"])


# ---- counts


def test_count_differences_are_booked_only_where_configured() -> None:
    for mode, on_hand in (("off", 100), ("adjust", 97)):
        stage = stocked(counts={"mode": mode}, adjustments=RULES)
        stage.run(minutes=2)
        stage.shipbob.command("adjust_stock", {"sku": "TEE", "location_id": CENTRE, "quantity": -3})
        stage.run(minutes=130)
        assert stage.on_hand("TEE") == on_hand, mode
        assert len(stage.ours("inventoryAdjustment")) == (1 if mode == "adjust" else 0)


# ---- sales orders


ADDRESS = {
    "addressee": "Dana Reed", "addr1": "1 Main St", "city": "Albany", "state": "NY", "zip": "12207", "country": "US",
}  # fmt: skip


def selling(**changes: Any) -> NetSuiteStage:
    shipments = {"order_name": "reference_id", "order_prefix": "NS-", **changes.pop("shipments", {})}
    tables = {"ship_methods": {"": "Standard"}}
    return stocked(orders={"enabled": True}, shipments=shipments, tables=tables, **changes)


def test_sales_orders_are_not_sent_by_default() -> None:
    stage = stocked()
    stage.sales_order(("TEE", 2), address=ADDRESS)
    stage.run(minutes=40)
    assert stage.shipbob.holdings()["orders"] == {}


def test_a_sales_order_goes_out_once_and_comes_back_as_a_fulfilment() -> None:
    stage = selling()
    order = stage.sales_order(("TEE", 2), ("SETUP", 1), address=ADDRESS)
    stage.run(minutes=20)
    (at_shipbob,) = stage.shipbob.holdings()["orders"].values()
    assert at_shipbob["reference_id"] == f"NS-{order['tran_id']}"
    assert [(row["sku"], row["quantity"]) for row in at_shipbob["products"]] == [("TEE", 2)]
    stage.shipbob.command("fulfil", {"reference_id": f"NS-{order['tran_id']}"})
    stage.run(minutes=40)
    assert [lines(each) for each in stage.ours("itemFulfillment")] == [{"TEE": 2}]
    assert len(stage.shipbob.holdings()["orders"]) == 1
    assert stage.violations() == []


def test_a_ship_to_that_lacks_something_is_held_in_words() -> None:
    stage = selling()
    stage.sales_order(("TEE", 2), address={**ADDRESS, "zip": "", "state": ""})
    stage.run(minutes=20)
    assert "the ship-to has no state; the ship-to has no postal code" in why(stage, "orders")


def test_a_changed_sales_order_is_held() -> None:
    stage = selling()
    order = stage.sales_order(("TEE", 2), address=ADDRESS)
    stage.run(minutes=20)
    stage.netsuite.command("edit_order", {"id": order["id"], "quantities": {"1": 5}})
    stage.run(minutes=20)
    assert "line 1 (TEE) is 5, it was 2" in why(stage, "orders")


def test_a_lost_answer_sends_a_sales_order_once() -> None:
    stage = selling()
    stage.shipbob.dial.plan(Fault.DROP_AFTER, r"POST .*/order$")
    stage.sales_order(("TEE", 2), address=ADDRESS)
    stage.run(minutes=40)
    assert len(stage.shipbob.holdings()["orders"]) == 1


def test_settings_that_contradict_each_other_are_refused() -> None:
    for changes, words in (
        ({"orders": {"enabled": True}}, "order_prefix"),
        ({"counts": {"mode": "adjust"}}, "adjustments.account is needed for counts.mode"),
        ({"shipments": {"mode": "so_custom_fields"}}, "tracking_field"),
        ({"tables": {"locations": {"6": {"location_id": 8}, "7": {"location_id": 8}}}}, "share location_id 8"),
    ):
        with pytest.raises(InvalidConnection, match=words):
            NetSuiteStage(**changes)  # type: ignore[arg-type]


# ---- housekeeping and webhooks


def test_the_certificates_end_is_measured_and_told_once_for_each_limit() -> None:
    stage = NetSuiteStage()
    stage.run(minutes=2)
    assert stage.world.metrics()["CertificateDaysLeft"][0] == pytest.approx(729, abs=1)
    assert stage.world.alerts.sent == []
    stage.clock.advance(86_400 * 700)
    stage.tick()
    stage.settle()
    told = [alert for alert in stage.world.alerts.sent if "certificate" in str(alert)]
    assert len(told) == 1
    assert "ml-connector netsuite certificate demo" in str(told[0])


def test_wro_webhooks_ring_for_the_order_not_for_the_box() -> None:
    stage = NetSuiteStage()
    stage.subscribe()
    headers = {"Authorization": f"Bearer {DEFAULT_PAT}"}
    listed = json.loads(stage.shipbob.handle(base.Request("GET", "/2026-07/webhook", "", headers)).body)["items"]
    assert len(listed) == 8
    order = stage.purchase_order(("TEE", 3), location=PLACE)
    stage.run(minutes=3)
    stage.stow(order["tran_id"])
    assert set(stage.push_webhooks()) <= {200, 202}
    stage.settle()
    assert list(stage.records("receipts")) == ["901001"]
