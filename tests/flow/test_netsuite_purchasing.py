"""Flows purchase_orders and receipts: what ShipBob then expects, what NetSuite then has received."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connector import review
from connector.records import RecordStore
from connector.transport import Request
from local.simulators import base
from local.simulators.base import Fault
from local.simulators.shipbob.simulator import DEFAULT_PAT
from tests.support.desk import StageDesk
from tests.support.netsuite_stage import ADJUSTMENTS, CENTRE, ELSEWHERE, OTHER_PLACE, PLACE, NetSuiteStage, document
from tests.support.stage import Killed

TRANSFORM = r"POST .*!transform/itemReceipt"


def expected(stage: NetSuiteStage) -> list[tuple[str, str, dict[str, int]]]:
    """Number, status and expected units of every receiving order."""
    return [
        (
            str(each["purchase_order_number"]),
            str(each["status"]),
            {str(row["sku"]): int(row["expected_quantity"]) for row in each["inventory_quantities"]},
        )
        for each in stage.receiving_orders()
    ]


def received(stage: NetSuiteStage) -> list[tuple[str, dict[str, Any]]]:
    """External id and units by SKU of every receipt of ours."""
    return [
        (str(each["externalId"]), {str(line["sku"]): line["quantity"] for line in each["item"]})
        for each in stage.ours("itemReceipt")
    ]


def why(stage: NetSuiteStage, stream: str, status: str = "held") -> str:
    found = [record for record in stage.records(stream).values() if record.status.value == status]
    assert len(found) == 1, [(record.id, record.status, record.why) for record in stage.records(stream).values()]
    return found[0].why


@pytest.fixture
def stage() -> NetSuiteStage:
    return NetSuiteStage()


# ---- purchase orders


@pytest.mark.parametrize("algorithm", ["PS256", "ES256"])
def test_a_purchase_order_is_expected_at_shipbob(algorithm: str) -> None:
    stage = NetSuiteStage(algorithm=algorithm)
    order = stage.purchase_order(("TEE", 120), ("CAP", 5), ("SETUP", 1))
    stage.run(minutes=3)
    assert expected(stage) == [(order["tran_id"], "Awaiting", {"TEE": 120, "CAP": 5})]
    record = stage.records("purchase_orders")[order["id"]]
    assert record.status.value == "done"
    assert any("SETUP" in note for note in record.notes)
    assert stage.violations() == []


def test_a_day_costs_one_call_and_one_for_each_page_and_nothing_is_written_to_netsuite(stage: NetSuiteStage) -> None:
    stage.run(minutes=2)
    before = stage.queries()
    for units in range(1, 6):
        stage.purchase_order(("TEE", units))
    stage.run(minutes=1)
    assert len(stage.receiving_orders()) == 5
    assert stage.queries() - before == 2
    assert stage.writes() == []


def test_later_readings_change_nothing(stage: NetSuiteStage) -> None:
    order = stage.purchase_order(("TEE", 12))
    stage.run(minutes=3)
    stage.netsuite.command("touch", {"id": order["id"]})
    stage.netsuite.command("edit_order", {"id": order["id"], "memo": "hello"})
    stage.run(minutes=30)
    assert len(stage.receiving_orders()) == 1
    assert stage.records("purchase_orders")[order["id"]].seen == 1


def test_what_goes_elsewhere_stays_behind(stage: NetSuiteStage) -> None:
    stage.purchase_order(("TEE", 3), location=ELSEWHERE)
    lines = [{"sku": "TEE", "quantity": 4, "location": PLACE}, {"sku": "CAP", "quantity": 5, "location": ELSEWHERE}]
    mixed = stage.purchase_order(lines=lines)
    stage.run(minutes=3)
    assert expected(stage) == [(mixed["tran_id"], "Awaiting", {"TEE": 4})]
    assert list(stage.records("purchase_orders")) == [mixed["id"]]


def test_two_centres_are_two_receiving_orders(stage: NetSuiteStage) -> None:
    lines = [{"sku": "TEE", "quantity": 4, "location": PLACE}, {"sku": "CAP", "quantity": 5, "location": OTHER_PLACE}]
    order = stage.purchase_order(lines=lines)
    stage.run(minutes=3)
    number = order["tran_id"]
    assert sorted(expected(stage)) == [
        (f"{number}-L{PLACE}", "Awaiting", {"TEE": 4}), (f"{number}-L{OTHER_PLACE}", "Awaiting", {"CAP": 5}),
    ]  # fmt: skip


def test_an_order_before_the_start_or_not_approved_is_not_sent(stage: NetSuiteStage) -> None:
    stage.purchase_order(("TEE", 3), status="A")
    stage.run(minutes=3)
    assert stage.receiving_orders() == []
    late = NetSuiteStage(start=stage.clock())
    assert late.receiving_orders() == []


def test_a_number_that_shipbob_dislikes_is_tidied(stage: NetSuiteStage) -> None:
    order = stage.purchase_order(("TEE", 3), tran_id="PO 10/7")
    stage.run(minutes=3)
    assert [number for number, _, _ in expected(stage)] == [f"PO-10-7-{order['id']}"]


def test_an_unknown_sku_waits_and_continues_by_itself(stage: NetSuiteStage) -> None:
    stage.netsuite.command("seed_item", {"sku": "NEW", "name": "NEW", "cost": 2})
    stage.purchase_order(("NEW", 7))
    stage.run(minutes=3)
    assert "NEW" in why(stage, "purchase_orders")
    stage.shipbob.command("seed_product", {"sku": "NEW", "name": "NEW"})
    stage.run(minutes=15)
    assert [units for _, _, units in expected(stage)] == [{"NEW": 7}]


def test_a_changed_quantity_replaces_what_is_still_awaited(stage: NetSuiteStage) -> None:
    order = stage.purchase_order(("TEE", 12))
    stage.run(minutes=3)
    stage.netsuite.command("edit_order", {"id": order["id"], "quantities": {"1": 20}})
    stage.run(minutes=3)
    number = order["tran_id"]
    assert sorted(expected(stage)) == [
        (number, "Cancelled", {"TEE": 12}), (f"{number}-R2", "Awaiting", {"TEE": 20}),
    ]  # fmt: skip


def test_a_changed_quantity_is_reviewed_where_configured() -> None:
    stage = NetSuiteStage(purchase_orders={"on_change": "review"})
    order = stage.purchase_order(("TEE", 12))
    stage.run(minutes=3)
    stage.netsuite.command("edit_order", {"id": order["id"], "quantities": {"1": 20}})
    stage.run(minutes=3)
    text = why(stage, "purchase_orders")
    assert "line 1 (TEE) is 20 now, it was 12" in text
    assert "Cancel it at ShipBob and replay" in text
    (made,) = expected(stage)
    assert made[1] == "Awaiting"
    number, wro = next(iter(stage.shipbob.world.receiving.items()))
    stage.shipbob.world.receiving[number] = replace(wro, status="Cancelled")
    (record,) = stage.records("purchase_orders").values()
    review.replay(stage.process, RecordStore(stage.process), record, "test", "an operator")
    stage.run(minutes=3)
    assert [(status, units) for _, status, units in expected(stage)] == [
        ("Cancelled", {"TEE": 12}), ("Awaiting", {"TEE": 20}),
    ]  # fmt: skip


def test_a_closed_order_is_cancelled_at_shipbob(stage: NetSuiteStage) -> None:
    order = stage.purchase_order(("TEE", 12))
    stage.run(minutes=3)
    stage.netsuite.command("set_status", {"id": order["id"], "status": "H"})
    stage.run(minutes=3)
    assert [status for _, status, _ in expected(stage)] == ["Cancelled"]
    assert stage.records("purchase_orders")[order["id"]].status.value == "done"


def test_what_has_arrived_is_for_a_person(stage: NetSuiteStage) -> None:
    order = stage.purchase_order(("TEE", 12))
    stage.run(minutes=3)
    stage.shipbob.command("receive", {"purchase_order_number": order["tran_id"], "step": "arrive"})
    stage.netsuite.command("set_status", {"id": order["id"], "status": "H"})
    stage.run(minutes=3)
    assert "is Arrived and cannot follow by itself" in why(stage, "purchase_orders")


def test_a_receiving_order_entered_by_hand_is_adopted_or_shown(stage: NetSuiteStage) -> None:
    for units, number in ((12, "PO77"), (9, "PO78")):
        stage.wire.simulators[7002].handle(_hand_made(number, 12))
        stage.purchase_order(("TEE", units), tran_id=number)
    stage.run(minutes=3)
    assert len(stage.receiving_orders()) == 2, "nothing was made beside them"
    assert "inventory 20350001: it expects 12, the purchase order 9" in why(stage, "purchase_orders")


def _hand_made(number: str, units: int) -> Any:
    body = {
        "fulfillment_center": {"id": CENTRE}, "package_type": "Package", "box_packaging_type": "EverythingInOneBox",
        "expected_arrival_date": "2026-04-01T00:00:00Z", "purchase_order_number": number,
        "boxes": [{"tracking_number": None, "box_items": [{"inventory_id": 20350001, "quantity": units}]}],
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {DEFAULT_PAT}", "Content-Type": "application/json"}
    return base.Request("POST", "/2026-01/receiving", "", headers, json.dumps(body).encode())


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.ERROR_500_AFTER, Fault.TIMEOUT_BEFORE])
def test_a_lost_answer_makes_one_receiving_order(stage: NetSuiteStage, fault: Fault) -> None:
    stage.shipbob.dial.plan(fault, r"POST .*/receiving$")
    order = stage.purchase_order(("TEE", 12))
    stage.run(minutes=15)
    assert expected(stage) == [(order["tran_id"], "Awaiting", {"TEE": 12})]


def test_the_hour_that_comes_twice_loses_no_order() -> None:
    # 2026-11-01, 09:00 UTC: the clocks in Los Angeles go back from 02:00 to 01:00.
    stage = NetSuiteStage(start=datetime(2026, 11, 1, 7, 30, tzinfo=UTC))
    made = []
    for _ in range(16):
        made.append(stage.purchase_order(("TEE", 3))["tran_id"])
        stage.run(minutes=12)
    assert [number for number, _, _ in expected(stage)] == made


# ---- receipts


def arrived(stage: NetSuiteStage, *lines: tuple[str, int], **fields: Any) -> dict[str, str]:
    order = stage.purchase_order(*lines, **fields)
    stage.run(minutes=3)
    return order


def test_what_is_stowed_is_received_and_nothing_else(stage: NetSuiteStage) -> None:
    order = arrived(stage, ("TEE", 120), ("CAP", 5))
    stage.stow(order["tran_id"], TEE=100)
    stage.run(minutes=20)
    assert received(stage) == [("SB-IR-WRO-901001-1", {"TEE": 100})]
    stage.stow(order["tran_id"], TEE=20, CAP=5)
    stage.complete(order["tran_id"])
    stage.run(minutes=20)
    assert received(stage)[1:] == [("SB-IR-WRO-901001-2", {"TEE": 20, "CAP": 5})]
    assert (stage.on_hand("TEE"), stage.on_hand("CAP")) == (120, 5)
    assert stage.writes() == [f"POST purchaseOrder/{order['id']}/!transform/itemReceipt"] * 2
    assert stage.receiving_orders()[0]["external_sync_timestamp"] is not None
    assert stage.ours("inventoryAdjustment") == []
    assert stage.violations() == []
    assert {record.status.value for record in stage.all_records()} == {"done"}


def test_a_receipt_costs_one_write_and_at_most_three_reads(stage: NetSuiteStage) -> None:
    first, order = arrived(stage, ("CAP", 1)), arrived(stage, ("TEE", 12))
    stage.apply(document(schedule={"purchase_orders": {"every_seconds": 86_400}}))
    stage.stow(first["tran_id"])
    stage.run(minutes=17)  # the first one of an account is looked at more closely
    before = len(stage.netsuite.calls)
    stage.stow(order["tran_id"])
    stage.run(minutes=17)
    calls = [f"{call.method} {call.path.rsplit('/', 1)[-1]}" for call in stage.netsuite.calls[before:]]
    assert calls.count("POST itemReceipt") == 1
    assert calls.count("POST suiteql") <= 3
    assert len(calls) <= 4


def test_a_webhook_is_enough(stage: NetSuiteStage) -> None:
    stage.subscribe()
    order = arrived(stage, ("TEE", 12))
    stage.apply(document(schedule={"receipts": {"every_seconds": 86_400}}))
    stage.stow(order["tran_id"])
    stage.run(minutes=2, webhooks=True)
    assert received(stage) == [("SB-IR-WRO-901001-1", {"TEE": 12})]


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.ERROR_500_AFTER, Fault.TIMEOUT_AFTER, Fault.DROP_BEFORE,
                                   Fault.GARBAGE_AFTER, Fault.THROTTLED, Fault.TOKEN_EXPIRED])  # fmt: skip
def test_a_lost_answer_makes_one_receipt_whatever_is_stowed_meanwhile(stage: NetSuiteStage, fault: Fault) -> None:
    order = arrived(stage, ("TEE", 12))
    stage.netsuite.dial.plan(fault, TRANSFORM)
    stage.stow(order["tran_id"], TEE=5)
    stage.run(minutes=16)
    stage.stow(order["tran_id"], TEE=7)
    stage.run(minutes=60)
    assert [units for _, units in received(stage)] == [{"TEE": 5}, {"TEE": 7}]
    assert stage.on_hand("TEE") == 12


def test_a_process_that_dies_anywhere_books_once() -> None:
    for step in range(12):
        stage = NetSuiteStage()
        order = arrived(stage, ("TEE", 12))
        stage.stow(order["tran_id"])
        left = [step]

        def die(request: Request, left: list[int] = left) -> None:
            if left[0] == 0:
                left[0] = -1
                raise Killed
            left[0] -= 1

        stage.wire.after = die
        stage.run(minutes=60)
        assert [units for _, units in received(stage)] == [{"TEE": 12}], step


def test_more_than_ordered_waits_until_the_order_allows_it(stage: NetSuiteStage) -> None:
    order = arrived(stage, ("TEE", 12))
    stage.stow(order["tran_id"], TEE=15)
    stage.complete(order["tran_id"])
    stage.run(minutes=20)
    assert [units for _, units in received(stage)] == [{"TEE": 12}], "the open part is received"
    assert "3 of TEE more than purchase order" in why(stage, "receipts")
    stage.netsuite.command("edit_order", {"id": order["id"], "quantities": {"1": 15}})
    stage.run(minutes=40)
    assert [units for _, units in received(stage)] == [{"TEE": 12}, {"TEE": 3}]
    assert len(stage.receiving_orders()) == 1, "nothing new is expected"
    assert {record.status.value for record in stage.all_records()} == {"done"}


def test_more_than_ordered_is_adjusted_where_configured() -> None:
    stage = NetSuiteStage(receipts={"overage": "adjust"}, adjustments={"account": ADJUSTMENTS, "subsidiary": "1"})
    order = arrived(stage, ("TEE", 12))
    stage.stow(order["tran_id"], TEE=15)
    stage.run(minutes=20)
    assert [units for _, units in received(stage)] == [{"TEE": 12}]
    (adjustment,) = stage.ours("inventoryAdjustment")
    assert adjustment["externalId"] == "SB-IA-WRO-901001-2"
    assert stage.on_hand("TEE") == 15


def test_less_than_before_is_for_a_person(stage: NetSuiteStage) -> None:
    order = arrived(stage, ("TEE", 12))
    stage.stow(order["tran_id"], TEE=10)
    stage.run(minutes=20)
    stage.stow(order["tran_id"], TEE=-4)
    stage.run(minutes=20)
    assert "took back 4" in why(stage, "receipts")
    assert stage.on_hand("TEE") == 10


def test_without_a_purchase_order_it_is_held_or_adjusted() -> None:
    stage = NetSuiteStage()
    stage.wire.simulators[7002].handle(_hand_made("SAMPLES", 4))
    stage.stow("SAMPLES")
    stage.run(minutes=20)
    assert "which no purchase order of NetSuite has" in why(stage, "receipts")
    rules = {"account": ADJUSTMENTS, "subsidiary": "1"}
    other = NetSuiteStage(receipts={"without_order": "adjust"}, adjustments=rules)
    other.wire.simulators[7002].handle(_hand_made("SAMPLES", 4))
    other.stow("SAMPLES")
    other.run(minutes=20)
    assert [each["externalId"] for each in other.ours("inventoryAdjustment")] == ["SB-IA-WRO-901001-1"]
    assert other.on_hand("TEE") == 4
    assert other.ours("itemReceipt") == []


def test_an_item_that_netsuite_does_not_know_yet_replays_itself() -> None:
    rules = {"account": ADJUSTMENTS, "subsidiary": "1"}
    stage = NetSuiteStage(receipts={"without_order": "adjust"}, adjustments=rules)
    stage.netsuite.command("change_item", {"sku": "TEE", "new_sku": "TEE-OLD"})
    stage.wire.simulators[7002].handle(_hand_made("SAMPLES", 4))
    stage.stow("SAMPLES")
    stage.run(minutes=20)
    assert "named TEE" in why(stage, "receipts")
    stage.netsuite.command("change_item", {"sku": "TEE-OLD", "new_sku": "TEE"})
    stage.run(minutes=15)
    assert stage.on_hand("TEE") == 4


def test_parts_that_shipbob_split_off_are_received_too(stage: NetSuiteStage) -> None:
    order = arrived(stage, ("TEE", 12))
    stage.stow(order["tran_id"], TEE=5)
    part = stage.shipbob.command("split_receiving", {"purchase_order_number": order["tran_id"]})
    stage.shipbob.command("receive", {"receiving_id": part, "step": "stow"})
    stage.run(minutes=20)
    assert sum(units["TEE"] for _, units in received(stage)) == 12


def test_a_sku_that_shipbob_withholds_is_asked_for(stage: NetSuiteStage) -> None:
    order = arrived(stage, ("TEE", 12))
    stage.shipbob.command("withhold_sku", {"purchase_order_number": order["tran_id"]})
    stage.stow(order["tran_id"])
    stage.run(minutes=20)
    assert [units for _, units in received(stage)] == [{"TEE": 12}]


def test_a_closed_period_is_said_in_words_and_replays(stage: NetSuiteStage) -> None:
    order = arrived(stage, ("TEE", 12))
    stage.netsuite.command("close_period", {"period": "2026-03"})
    stage.stow(order["tran_id"])
    stage.run(minutes=20)
    assert "posting period is closed" in why(stage, "receipts", "refused")


def test_received_by_hand_meanwhile_is_not_received_again(stage: NetSuiteStage) -> None:
    order = arrived(stage, ("TEE", 12))
    stage.netsuite.command("receive", {"id": order["id"]})
    stage.stow(order["tran_id"])
    stage.run(minutes=20)
    assert stage.ours("itemReceipt") == []
    assert "more than purchase order" in why(stage, "receipts")
    assert stage.on_hand("TEE") == 12


def test_overload_in_the_form_of_a_late_401_books_once(stage: NetSuiteStage) -> None:
    order = arrived(stage, ("TEE", 12))
    tokens = stage.netsuite.holdings()["tokens_issued"]
    stage.netsuite.command("set", {"overload_as_401": True})
    stage.netsuite.command("occupy", {"slots": 5})
    stage.stow(order["tran_id"])
    stage.run(minutes=20)
    assert stage.ours("itemReceipt") == []
    stage.netsuite.command("occupy", {"slots": 0})
    stage.run(minutes=25)
    assert [units for _, units in received(stage)] == [{"TEE": 12}]
    assert stage.netsuite.holdings()["tokens_issued"] == tokens
    assert all(record.status.value == "done" for record in stage.all_records())


def test_an_account_without_the_optional_columns_is_served(stage: NetSuiteStage) -> None:
    refuse = {"isclosed", "expectedreceiptdate", "kitmemberof", "kitcomponent"}
    original = stage.netsuite.handle

    def without(request: base.Request) -> base.Reply:
        """An account that lacks the columns: it names the first one that it does not know."""
        unknown = next((name for name in sorted(refuse) if f"tl.{name}".encode() in request.body), None)
        if unknown is None:
            return original(request)
        detail = f"Invalid search query. Search error occurred: Unknown identifier '{unknown}'. Available ..."
        error = {"detail": detail, "o:errorCode": "INVALID_PARAMETER", "o:errorQueryParam": "q"}
        return base.Reply(400, {}, json.dumps({"status": 400, "o:errorDetails": [error]}).encode())

    stage.netsuite.handle = without  # type: ignore[method-assign]
    order = stage.purchase_order(("TEE", 12))
    stage.run(minutes=3)
    assert expected(stage) == [(order["tran_id"], "Awaiting", {"TEE": 12})]


# ---- what lies in the past


def test_what_lies_before_the_start_moves_only_when_a_person_asks() -> None:
    stage = NetSuiteStage()
    order = stage.purchase_order(("TEE", 12))
    stage.clock.advance(86_400 * 3)
    stage.apply(document(start="2026-03-04T00:00:00Z"))
    stage.run(minutes=5)
    assert stage.receiving_orders() == []
    words = ("--flow", "purchase_orders", "--from", "2026-03-01", "--to", "2026-03-05")
    done = StageDesk(stage).run("backfill", "demo", *words)
    assert done.exit_code == 0, done.output
    stage.run(minutes=5)
    assert expected(stage) == [(order["tran_id"], "Awaiting", {"TEE": 12})]
