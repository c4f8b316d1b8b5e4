"""Attempts to make the pair NetSuite - ShipBob book or ship something twice, or say a wrong number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from connector import review
from connector.records import RecordStore
from local.simulators.base import Fault
from tests.flow.test_netsuite_reconcile import reconcile
from tests.support.netsuite_stage import CENTRE, OTHER_PLACE, PLACE, NetSuiteStage, document

RECEIVE = r"POST .*!transform/itemReceipt"
FULFIL = r"POST .*!transform/itemFulfillment"
ADDRESS = {"addressee": "Dana Reed", "addr1": "1 Main St", "city": "Albany", "state": "NY", "zip": "12207",
           "country": "US"}  # fmt: skip


@pytest.fixture
def stage() -> NetSuiteStage:
    return NetSuiteStage()


def selling() -> NetSuiteStage:
    """Sales orders are sent to ShipBob."""
    return stocked(
        orders={"enabled": True}, shipments={"order_name": "reference_id", "order_prefix": "NS-"},
        tables={"ship_methods": {"": "Standard"}},
    )  # fmt: skip


def stocked(**changes: Any) -> NetSuiteStage:
    stage = NetSuiteStage(**changes)
    stage.netsuite.command("seed_stock", {"sku": "TEE", "location": PLACE, "quantity": 200})
    stage.shipbob.command("seed_stock", {"sku": "TEE", "location_id": CENTRE, "quantity": 200})
    return stage


def whys(stage: NetSuiteStage, stream: str) -> list[str]:
    return [record.why for record in stage.records(stream).values() if record.status.value in ("held", "refused")]


def live(stage: NetSuiteStage) -> list[tuple[str, dict[str, int]]]:
    """Number and expected units of what ShipBob awaits or has."""
    return sorted(
        (
            str(each["purchase_order_number"]),
            {str(row["sku"]): int(row["expected_quantity"]) for row in each["inventory_quantities"]},
        )
        for each in stage.receiving_orders()
        if each["status"] != "Cancelled"
    )


def received(stage: NetSuiteStage) -> list[tuple[str, dict[str, Any]]]:
    return [
        (str(each.get("externalId")), {str(line["sku"]): line["quantity"] for line in each["item"]})
        for each in stage.held_transactions("itemReceipt")
    ]


def until(stage: NetSuiteStage, happened: Callable[[], object]) -> None:
    """Runs in small steps, to be there between a write and its answer's end."""
    for _ in range(200):
        if happened():
            return
        stage.run(minutes=0.2)
    raise AssertionError("it never happened")


def replay(stage: NetSuiteStage, stream: str) -> None:
    """An operator replays every record of a flow."""
    store = RecordStore(stage.process)
    for record in stage.records(stream).values():
        review.replay(stage.process, store, record, "test", "an operator")


# ---- accounts whose transforms drop external ids


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.TIMEOUT_AFTER, Fault.ERROR_500_AFTER, Fault.DROP_BEFORE])
@pytest.mark.parametrize("nth", [1, 2])
def test_a_lost_answer_of_a_partial_receipt_where_external_ids_are_dropped(
    stage: NetSuiteStage, fault: Fault, nth: int
) -> None:
    stage.netsuite.command("set", {"transform_keeps_external_id": False})
    order = stage.purchase_order(("TEE", 120))
    stage.run(minutes=3)
    for step in (1, 2, 3):
        if step == nth:
            stage.netsuite.dial.plan(fault, RECEIVE)
        stage.stow(order["tran_id"], TEE=10 * step)
        stage.run(minutes=60)
    held = whys(stage, "receipts")
    if fault is Fault.DROP_BEFORE and nth == 2:
        assert "may or may not have executed" in held[0]
        assert stage.on_hand("TEE") == 10
        return
    assert held == []
    assert [units for _, units in received(stage)] == [{"TEE": 10}, {"TEE": 20}, {"TEE": 30}]
    assert [key.rsplit("-", 1)[1] for key, _ in received(stage)] == ["1", "2", "3"]
    assert stage.violations() == []


def test_the_first_fulfilment_is_made_once_where_external_ids_are_dropped() -> None:
    stage = stocked()
    stage.netsuite.command("set", {"transform_keeps_external_id": False})
    sold = stage.sales_order(("TEE", 6))
    number = stage.order_at_shipbob(sold["tran_id"], ("TEE", 6))
    stage.netsuite.dial.plan(Fault.DROP_AFTER, FULFIL)
    packages = [{"lines": [{"sku": "TEE", "quantity": 2}]}]
    stage.shipbob.command("fulfil", {"order_id": number, "packages": packages})
    stage.run(minutes=90)
    assert len(stage.held_transactions("itemFulfillment")) == 1
    assert [each["externalId"][:6] for each in stage.ours("itemFulfillment")] == ["SB-IF-"]
    assert whys(stage, "shipments") == []


def test_a_workflow_that_rewrites_the_memo_too_leaves_it_to_a_person(stage: NetSuiteStage) -> None:
    """Nothing tells then that the receipt is ours: one without an external id may be."""
    stage.netsuite.command("set", {"transform_keeps_external_id": False})
    order = stage.purchase_order(("TEE", 120))
    stage.run(minutes=3)
    stage.netsuite.dial.plan(Fault.DROP_AFTER, RECEIVE)
    stage.stow(order["tran_id"], TEE=10)
    until(stage, lambda: stage.held_transactions("itemReceipt"))
    (made,) = stage.held_transactions("itemReceipt")
    stage.netsuite.command("change_transaction", {"id": made["id"], "values": {"memo": "rewritten"}})
    stage.run(minutes=90)
    assert stage.on_hand("TEE") == 10
    assert "may or may not have executed" in whys(stage, "receipts")[0]


# ---- numbers


def test_two_purchase_orders_of_one_number_are_two(stage: NetSuiteStage) -> None:
    first = stage.purchase_order(("TEE", 5), tran_id="PO-7")
    stage.run(minutes=3)
    second = stage.purchase_order(("TEE", 5), tran_id="PO-7")
    stage.run(minutes=3)
    assert len(live(stage)) == 2
    for number, _ in live(stage):
        stage.stow(number)
    stage.run(minutes=40)
    assert {each["source_order"] for each in _receipts_by_order(stage)} == {first["id"], second["id"]}


def _receipts_by_order(stage: NetSuiteStage) -> list[dict[str, str]]:
    world = stage.netsuite.world
    return [{"source_order": str(each.source)} for each in world.records.values() if each.type == "itemReceipt"]


@pytest.mark.parametrize("units", [4, 9])
def test_a_number_that_looks_like_a_part_of_another_order(stage: NetSuiteStage, units: int) -> None:
    lines = [{"sku": "TEE", "quantity": 4, "location": PLACE}, {"sku": "CAP", "quantity": 5, "location": OTHER_PLACE}]
    stage.purchase_order(lines=lines, tran_id="PO-8")
    stage.run(minutes=3)
    second = stage.purchase_order(("TEE", units), tran_id=f"PO-8-L{PLACE}")
    stage.run(minutes=3)
    found = live(stage)
    assert len(found) == 3
    (number,) = [number for number, _ in found if number.endswith(second["id"])]
    stage.stow(number)
    stage.run(minutes=40)
    assert [each["source_order"] for each in _receipts_by_order(stage)] == [second["id"]]


@pytest.mark.parametrize("change", ["rename", "second place"])
def test_an_order_that_changes_while_its_answer_is_lost_is_expected_once(stage: NetSuiteStage, change: str) -> None:
    order = stage.purchase_order(("TEE", 5))
    stage.shipbob.dial.plan(Fault.DROP_AFTER, r"POST .*/receiving$")
    until(stage, stage.receiving_orders)
    if change == "rename":
        stage.netsuite.command("edit_order", {"id": order["id"], "new_tran_id": "PO-RENAMED"})
    else:
        added = [{"sku": "CAP", "quantity": 3, "location": OTHER_PLACE}]
        stage.netsuite.command("edit_order", {"id": order["id"], "add": added})
    replay(stage, "purchase_orders")
    stage.run(minutes=30)
    assert [units for _, units in live(stage) if "TEE" in units] == [{"TEE": 5}]


def test_a_sales_order_that_is_renamed_while_its_answer_is_lost_ships_once() -> None:
    stage = selling()
    sold = stage.sales_order(("TEE", 2), address=ADDRESS)
    stage.shipbob.dial.plan(Fault.DROP_AFTER, r"POST .*/order$")
    until(stage, lambda: stage.shipbob.holdings()["orders"])
    stage.netsuite.command("edit_order", {"id": sold["id"], "new_tran_id": "SO-RENAMED"})
    stage.run(minutes=60)
    assert len(stage.shipbob.holdings()["orders"]) == 1


def test_two_sales_orders_of_one_number_are_not_taken_for_one() -> None:
    stage = selling()
    stage.sales_order(("TEE", 2), address=ADDRESS, tran_id="SO-1")
    stage.run(minutes=20)
    stage.sales_order(("TEE", 2), address=ADDRESS, tran_id="SO-1")
    stage.run(minutes=40)
    assert sorted(stage.states("orders").values()) == ["done", "held"]
    assert "another sales order" in whys(stage, "orders")[0]


# ---- texts


def test_a_name_with_a_control_character_is_held_in_words() -> None:
    stage = stocked()
    number = stage.order_at_shipbob("SO1\t2", ("TEE", 1))
    stage.run(minutes=2)
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=40)
    assert "no sales order whose tranid is SO1" in whys(stage, "shipments")[0]


def test_many_tracking_numbers_are_never_cut_in_the_middle() -> None:
    stage = stocked(shipments={"mode": "so_custom_fields", "tracking_field": "custbody_tracking"})
    stage.netsuite.command("seed_custom_field", {"record": "salesOrder", "name": "custbody_tracking"})
    sold = stage.sales_order(("TEE", 30))
    number = stage.order_at_shipbob(sold["tran_id"], ("TEE", 30))
    stage.run(minutes=2)
    packages = [{"lines": [{"sku": "TEE", "quantity": 1}]} for _ in range(30)]
    stage.shipbob.command("fulfil", {"order_id": number, "packages": packages})
    stage.run(minutes=40)
    (order,) = stage.held_transactions("salesOrder")
    text = str(order["custbody_tracking"])
    every = {each["tracking"]["tracking_number"] for each in stage.shipbob.holdings()["shipments"].values()}
    *shown, rest = text.split(", ")
    assert set(shown) < every
    assert rest == f"and {30 - len(shown)} more"
    assert len(text) <= 300


# ---- units of measure


CASE = {"sku": "TEE", "quantity": 10, "units": "4"}


def test_lines_in_cases_are_not_counted_as_pieces() -> None:
    stage = stocked()
    stage.purchase_order(lines=[CASE])
    sold = stage.sales_order(lines=[CASE])
    number = stage.order_at_shipbob(sold["tran_id"], ("TEE", 2))
    stage.run(minutes=3)
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=40)
    for stream in ("purchase_orders", "shipments"):
        assert "line 1 (TEE) in unit 4" in whys(stage, stream)[0]
    assert stage.receiving_orders() == stage.ours("itemFulfillment") == []
    tables = document()["tables"] | {"units_of_measure": {"4": "piece"}}
    stage.apply(document(tables=tables))
    stage.run(minutes=20)
    assert [units for _, units in live(stage)] == [{"TEE": 10}]
    assert len(stage.ours("itemFulfillment")) == 1


def test_a_receiving_order_by_hand_for_an_order_in_cases_is_held(stage: NetSuiteStage) -> None:
    order = stage.purchase_order(("TEE", 10))
    stage.run(minutes=3)
    record = stage.netsuite.world.records[int(order["id"])].copy()
    record.lists["item"][0] |= {"units": "4"}
    stage.netsuite.world.put(record)
    stage.stow(order["tran_id"], TEE=5)
    stage.run(minutes=40)
    assert "line 1 (TEE) in unit 4" in whys(stage, "receipts")[0]
    assert received(stage) == []


# ---- what one side holds twice


def test_two_shipbob_orders_of_one_sales_order_do_not_overwrite_each_others_fields() -> None:
    stage = stocked(shipments={"mode": "so_custom_fields", "tracking_field": "custbody_tracking"})
    stage.netsuite.command("seed_custom_field", {"record": "salesOrder", "name": "custbody_tracking"})
    sold = stage.sales_order(("TEE", 30))
    first = stage.order_at_shipbob(sold["tran_id"], ("TEE", 2))
    document_there = stage.shipbob.holdings()["orders"][str(first)]
    again = {
        "reference_id": "second-half", "order_number": sold["tran_id"], "type": "DTC", "shipping_method": "Standard",
        "recipient": document_there["recipient"], "location_id": CENTRE,
        "products": [{"reference_id": "TEE", "sku": "TEE", "name": "TEE", "quantity": 3}],
    }  # fmt: skip
    second = stage.shipbob.command("import_order", {"order": again})["order_id"]
    stage.run(minutes=2)
    for number in (first, second):
        stage.shipbob.command("fulfil", {"order_id": number})
        stage.run(minutes=30)
    one, two = [each["tracking"]["tracking_number"] for each in stage.shipbob.holdings()["shipments"].values()]
    (order,) = stage.held_transactions("salesOrder")
    assert order["custbody_tracking"] == one
    assert two in whys(stage, "shipments")[0]


def test_a_sku_that_shipbob_withholds_is_no_difference(stage: NetSuiteStage) -> None:
    order = stage.purchase_order(("TEE", 5))
    stage.run(minutes=3)
    stage.shipbob.command("withhold_sku", {"purchase_order_number": order["tran_id"]})
    stage.stow(order["tran_id"])
    stage.run(minutes=40)
    assert reconcile(stage)["receipts"]["agreed"] == 1


# ---- deleted by people


def test_a_replay_does_not_say_that_a_deleted_receipt_is_there(stage: NetSuiteStage) -> None:
    order = stage.purchase_order(("TEE", 5))
    stage.run(minutes=3)
    stage.stow(order["tran_id"])
    stage.run(minutes=20)
    (made,) = stage.ours("itemReceipt")
    stage.netsuite.command("delete", {"id": made["id"]})
    replay(stage, "receipts")
    stage.run(minutes=5)
    assert f"under the external id {made['externalId']}: it was deleted" in whys(stage, "receipts")[0]
    by_hand = stage.netsuite.command("receive", {"id": order["id"]})
    stage.netsuite.command("change_transaction", {"id": by_hand, "values": {"externalId": made["externalId"]}})
    replay(stage, "receipts")
    stage.run(minutes=5)
    assert (whys(stage, "receipts"), stage.on_hand("TEE")) == ([], 5)


def test_a_replay_does_not_say_that_a_deleted_fulfilment_is_there() -> None:
    stage = stocked()
    sold = stage.sales_order(("TEE", 3))
    number = stage.order_at_shipbob(sold["tran_id"], ("TEE", 3))
    stage.run(minutes=2)
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    (made,) = stage.ours("itemFulfillment")
    stage.netsuite.command("delete", {"id": made["id"]})
    replay(stage, "shipments")
    stage.run(minutes=5)
    assert f"under the external id {made['externalId']}: it was deleted" in whys(stage, "shipments")[0]


def test_the_reconciliation_names_no_command_that_does_not_exist(stage: NetSuiteStage) -> None:
    stage.shipbob.command("seed_stock", {"sku": "TEE", "location_id": CENTRE, "quantity": 4})
    (row,) = reconcile(stage, codes=(1,))["stock"]["differences"]
    assert row["command"] == "ml-connector reconcile demo --kind stock"


# ---- orders that people rename


def test_a_sales_order_that_is_renamed_after_it_was_sent_is_fulfilled() -> None:
    stage = selling()
    sold = stage.sales_order(("TEE", 2), address=ADDRESS)
    stage.run(minutes=20)
    stage.netsuite.command("edit_order", {"id": sold["id"], "new_tran_id": "SO-RENAMED"})
    other = stage.sales_order(("TEE", 2), address=ADDRESS, tran_id=sold["tran_id"], status="A")
    stage.shipbob.command("fulfil", {"reference_id": f"NS-{sold['tran_id']}"})
    stage.run(minutes=40)
    assert [each["source"] for each in stage.ours("itemFulfillment")] == [sold["id"]], f"never {other['id']}"
    assert whys(stage, "shipments") == []


def test_a_tag_that_others_wrote_leads_nowhere() -> None:
    stage = selling()
    sold, wrong = stage.sales_order(("TEE", 2), location="5"), stage.sales_order(("TEE", 2), location="5")
    product = {"reference_id": "TEE", "sku": "TEE", "name": "TEE", "quantity": 2}
    order = {
        "reference_id": f"NS-{sold['tran_id']}", "type": "DTC", "shipping_method": "Standard", "location_id": CENTRE,
        "recipient": {"name": "Dana Reed", "address": {"address1": "1 Main St", "city": "Albany", "state": "NY",
                                                       "country": "US", "zip_code": "12207"}},
        "products": [product], "tags": [{"name": "netsuite_order", "value": wrong["id"]}],
    }  # fmt: skip
    number = stage.shipbob.command("import_order", {"order": order})["order_id"]
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=40)
    assert [each["source"] for each in stage.ours("itemFulfillment")] == [sold["id"]]


@pytest.mark.parametrize("sent_before", [1, 0])
def test_an_order_of_others_that_is_renamed_in_the_middle_is_found_again(sent_before: int) -> None:
    """After its first parcel, or while it waited for approval."""
    stage = stocked()
    sold = stage.sales_order(("TEE", 2), status="B" if sent_before else "A")
    number = stage.order_at_shipbob(sold["tran_id"], ("TEE", 2))
    rest = [{"lines": [{"sku": "TEE", "quantity": 1}]}]
    stage.shipbob.command("fulfil", {"order_id": number, **({"packages": rest} if sent_before else {})})
    stage.run(minutes=20)
    stage.netsuite.command("edit_order", {"id": sold["id"], "new_tran_id": "SO-RENAMED"})
    stage.netsuite.command("set_status", {"id": sold["id"], "status": "B"})
    if sent_before:
        stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=60)
    total = sum(line["quantity"] for each in stage.ours("itemFulfillment") for line in each["item"])
    assert total == 2
    assert whys(stage, "shipments") == []


def test_a_return_of_a_renamed_order_without_our_fulfilment_is_booked() -> None:
    stage = selling()
    sold = stage.sales_order(("TEE", 2), address=ADDRESS)
    stage.run(minutes=20)
    stage.netsuite.command("fulfil", {"id": sold["id"]})
    stage.netsuite.command("edit_order", {"id": sold["id"], "new_tran_id": "SO-RENAMED"})
    stage.shipbob.command("fulfil", {"reference_id": f"NS-{sold['tran_id']}"})
    shipment = next(iter(stage.shipbob.holdings()["shipments"]))
    came = stage.shipbob.command("announce_stray_return", {"shipment_id": shipment})
    done = [{"sku": "TEE", "action": "Restock", "quantity": 1}]
    stage.shipbob.command("process_return", {"return_id": came, "step": "complete", "actions": done})
    stage.run(minutes=90)
    assert [each["source"] for each in stage.ours("returnAuthorization")] == [sold["id"]]


# ---- external ids that an account takes away


def test_an_external_id_that_cannot_be_set_afterwards_is_told_and_nothing_is_written_twice() -> None:
    stage = stocked()
    stage.netsuite.command("set", {"transform_keeps_external_id": False, "later_external_id": "dropped"})
    sold = stage.sales_order(("TEE", 4))
    number = stage.order_at_shipbob(sold["tran_id"], ("TEE", 4))
    packages = [{"lines": [{"sku": "TEE", "quantity": 1}]}, {"lines": [{"sku": "TEE", "quantity": 3}]}]
    stage.shipbob.command("fulfil", {"order_id": number, "packages": packages})
    stage.run(minutes=40)
    made = stage.held_transactions("itemFulfillment")
    assert sorted(line["quantity"] for each in made for line in each["item"]) == [1, 3]
    (text,) = whys(stage, "shipments")
    for words in (f"itemFulfillment {made[0]['id']}", "External ID", "is not written again", "replay"):
        assert words in text
    for each, shipment in zip(made, sorted(stage.shipbob.holdings()["shipments"], key=int), strict=True):
        values = {"externalId": f"SB-IF-{shipment}"}
        stage.netsuite.command("change_transaction", {"id": each["id"], "values": values})
    replay(stage, "shipments")
    stage.run(minutes=20)
    assert whys(stage, "shipments") == []
    assert len(stage.held_transactions("itemFulfillment")) == 2


def test_an_external_id_that_the_account_refuses_is_told_and_set_by_a_replay() -> None:
    stage = NetSuiteStage()
    stage.netsuite.command("set", {"transform_keeps_external_id": False, "later_external_id": "refused"})
    order = stage.purchase_order(("TEE", 5))
    stage.run(minutes=3)
    stage.stow(order["tran_id"])
    stage.run(minutes=20)
    (text,) = whys(stage, "receipts")
    assert "refused it" in text
    assert "is not written again" in text
    stage.netsuite.command("set", {"later_external_id": "kept"})
    replay(stage, "receipts")
    stage.run(minutes=5)
    (wro,) = stage.receiving_orders()
    assert received(stage) == [(f"SB-IR-WRO-{wro['id']}-1", {"TEE": 5})]
    assert whys(stage, "receipts") == []


def test_what_was_stowed_before_a_receiving_order_was_cancelled_is_reconciled() -> None:
    stage = NetSuiteStage()
    order = stage.purchase_order(("TEE", 12))
    stage.run(minutes=3)
    stage.stow(order["tran_id"], TEE=5)
    ((number, wro),) = stage.shipbob.world.receiving.items()
    stage.shipbob.world.receiving[number] = replace(wro, status="Cancelled")
    (row,) = reconcile(stage, codes=(1,))["receipts"]["differences"]
    assert row["what"] == "ShipBob holds it, NetSuite does not"
    stage.run(minutes=20)
    assert [units for _, units in received(stage)] == [{"TEE": 5}]
    assert reconcile(stage)["receipts"]["differences"] == []


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.TIMEOUT_AFTER, Fault.DROP_BEFORE])
def test_a_change_that_is_taken_back_while_the_cancellations_answer_is_lost(
    stage: NetSuiteStage, fault: Fault
) -> None:
    """ShipBob may have cancelled what the purchase order wants again by now."""
    order = stage.purchase_order(("TEE", 10))
    stage.run(minutes=3)
    stage.shipbob.dial.plan(fault, match=r"POST .*cancel")
    stage.netsuite.command("edit_order", {"id": order["id"], "quantities": {"1": 12}})
    stage.run(minutes=1)
    stage.netsuite.command("edit_order", {"id": order["id"], "quantities": {"1": 10}})
    stage.run(minutes=20)
    assert [units for _, units in live(stage)] == [{"TEE": 10}]
    (record,) = stage.records("purchase_orders").values()
    assert record.status.value == "done"
    assert stage.violations() == []
