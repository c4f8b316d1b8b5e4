"""NetSuite - ShipBob: what a webhook brings within seconds, and what this pair does not do is said, never silent."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from connector import review
from connector.connection import load_connection
from connector.records import RecordStore
from netsuite_shipbob.clients import open_accounts
from netsuite_shipbob.housekeeping import watch_expected
from netsuite_shipbob.settings import NetSuiteShipBob
from tests.flow.test_attacks_netsuite_shipbob import ADDRESS, selling
from tests.flow.test_netsuite_books import returned, why
from tests.flow.test_netsuite_purchasing import _hand_made
from tests.flow.test_netsuite_tracking import sent, stocked
from tests.support.desk import StageDesk
from tests.support.netsuite_stage import ADJUSTMENTS, NetSuiteStage, document
from tests.support.stage import NAME

ADJUST: dict[str, Any] = {
    "receipts": {"without_order": "adjust"}, "adjustments": {"account": ADJUSTMENTS, "subsidiary": "1"},
}  # fmt: skip
FIELD = "custbody_delivery"
NEVER = {name: {"every_seconds": 86_400} for name in ("receipts", "shipments", "deliveries", "returns")}


def replayed(stage: NetSuiteStage, stream: str) -> None:
    store = RecordStore(stage.process)
    for record in stage.records(stream).values():
        review.replay(stage.process, store, record, "test", "an operator")
    stage.run(minutes=3)


# ---- webhooks


class Ringing:
    """A stage on which only webhooks ring: every poll has run and rests for a day."""

    def __init__(self) -> None:
        self.stage = stocked()
        self.stage.netsuite.command("seed_custom_field", {"record": "itemFulfillment", "name": FIELD, "type": "text"})
        self.stage.subscribe()
        self.purchase = self.stage.purchase_order(("CAP", 6))
        self.stage.run(minutes=3)
        self.stage.apply(document(schedule=NEVER, shipments={"status_field": FIELD}))
        self.stage.run(minutes=1)
        _, self.order = sent(self.stage, ("TEE", 2))

    def rings(self) -> None:
        """ShipBob delivers what it has to say; a few seconds pass."""
        self.stage.push_webhooks()
        self.stage.run(minutes=0.2)

    def shipped(self) -> None:
        self.stage.shipbob.command("fulfil", {"order_id": self.order})
        self.rings()

    def shipment(self) -> str:
        return str(next(iter(self.stage.shipbob.holdings()["shipments"])))

    def status(self) -> str:
        (made,) = self.stage.ours("itemFulfillment")
        return str(self.stage.netsuite.world.records[int(made["id"])].values.get(FIELD, ""))


def _ship(ringing: Ringing) -> bool:
    ringing.shipped()
    return len(ringing.stage.ours("itemFulfillment")) == 1


def _moves(status: str) -> Callable[[Ringing], bool]:
    def act(ringing: Ringing) -> bool:
        ringing.shipped()
        before = ringing.status()
        ringing.stage.shipbob.command("move", {"shipment_id": ringing.shipment(), "status": status})
        ringing.rings()
        return before != ringing.status() != ""

    return act


def _returns(ringing: Ringing) -> bool:
    ringing.shipped()
    came = ringing.stage.shipbob.command("announce_stray_return", {"shipment_id": ringing.shipment()})
    done = [{"sku": "TEE", "action": "Restock", "quantity": 1}]
    ringing.stage.shipbob.command("process_return", {"return_id": came, "step": "complete", "actions": done})
    ringing.rings()
    return len(ringing.stage.ours("itemReceipt")) == 1


def _stows(ringing: Ringing) -> bool:
    ringing.stage.stow(ringing.purchase["tran_id"])
    ringing.rings()
    return len(ringing.stage.ours("itemReceipt")) == 1


@pytest.mark.parametrize(
    "act", [_ship, _moves("InTransit"), _moves("Delivered"), _returns, _stows],
    ids=["order.shipped", "order.shipment.tracking.updated", "order.shipment.delivered", "return.*", "wro.*"],
)  # fmt: skip
def test_every_topic_is_in_netsuite_within_seconds(act: Callable[[Ringing], bool]) -> None:
    assert act(Ringing())


# ---- what is not done


def test_goods_by_lot_are_refused_in_words_and_entered_by_hand_under_the_external_id() -> None:
    stage = NetSuiteStage()
    stage.netsuite.command("seed_item", {"sku": "CREAM", "lot": True})
    stage.shipbob.command("seed_product", {"sku": "CREAM", "name": "CREAM"})
    order = stage.purchase_order(("CREAM", 3))
    stage.run(minutes=3)
    stage.stow(order["tran_id"])
    stage.run(minutes=20)
    text = why(stage, "receipts", "refused")
    assert "kept by lot, serial number or bin" in text
    assert "with its external id" in text
    (record,) = stage.records("receipts").values()
    key = f"SB-IR-WRO-{record.source_key}-1"
    assert key in StageDesk(stage).run("explain", order["tran_id"]).output


def test_a_receipt_that_a_person_entered_under_our_external_id_is_taken_for_ours() -> None:
    """The way out that a refusal names."""
    stage = NetSuiteStage()
    order = stage.purchase_order(("TEE", 8))
    stage.run(minutes=3)
    stage.netsuite.command("close_period", {"period": "2026-03"})
    stage.stow(order["tran_id"], TEE=3)
    stage.run(minutes=20)
    (record,) = stage.records("receipts").values()
    assert record.status.value == "refused"
    stage.netsuite.command("close_period", {"period": "2026-03", "open": True})
    made = stage.netsuite.command("receive", {"id": order["id"], "quantities": {1: 3}})
    values = {"externalId": f"SB-IR-WRO-{record.source_key}-1"}
    stage.netsuite.command("change_transaction", {"id": made, "values": values})
    replayed(stage, "receipts")
    stage.stow(order["tran_id"], TEE=5)
    stage.run(minutes=20)
    assert stage.on_hand("TEE") == 8
    assert [each["externalId"][-1] for each in stage.ours("itemReceipt")] == ["1", "2"]


def test_a_kit_is_not_sent_by_itself_and_says_so() -> None:
    stage = selling()
    stage.netsuite.command("seed_item", {"sku": "SET", "members": {"TEE": 1, "CAP": 2}})
    stage.shipbob.command("seed_product", {"sku": "SET", "name": "SET", "components": {"TEE": 1, "CAP": 2}})
    stage.sales_order(("SET", 1), address=ADDRESS)
    stage.run(minutes=20)
    assert "a bundle or kit does not count" in why(stage, "orders")


def test_a_part_of_a_kit_that_comes_back_is_for_a_person() -> None:
    stage = stocked()
    stage.netsuite.command("seed_item", {"sku": "SET", "members": {"TEE": 1, "CAP": 2}})
    stage.shipbob.command("seed_product", {"sku": "SET", "name": "SET", "components": {"TEE": 1, "CAP": 2}})
    _, number = sent(stage, ("SET", 1))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    came = stage.shipbob.command("announce_stray_return", {"shipment_id": next(iter(stage.shipbob.world.shipments))})
    done = [{"sku": "TEE", "action": "Restock", "quantity": 1}]
    stage.shipbob.command("process_return", {"return_id": came, "step": "complete", "actions": done})
    stage.run(minutes=40)
    assert "a part of a kit" in why(stage, "returns")
    assert stage.ours("returnAuthorization") == []


def test_goods_under_the_number_of_another_kind_of_order_are_never_adjusted() -> None:
    stage = NetSuiteStage(**ADJUST)
    order = stage.sales_order(("TEE", 5), tran_id="TO-77")
    assert order["tran_id"] == "TO-77"
    stage.wire.simulators[7002].handle(_hand_made("TO-77", 4))
    stage.stow("TO-77")
    stage.run(minutes=20)
    assert "which is a sales order in NetSuite" in why(stage, "receipts")
    assert stage.ours("inventoryAdjustment") == []


def test_a_bill_that_was_deleted_is_not_said_to_be_there() -> None:
    stage = stocked()
    stage.shipbob.command("add_charge", {"fee": "Shipping", "amount": "7.10", "invoice_type": "Shipping"})
    stage.shipbob.command("close_invoice", {"date": "2026-03-02"})
    stage.run(minutes=60 * 7)
    (bill,) = stage.ours("vendorBill")
    stage.netsuite.command("delete", {"id": bill["id"]})
    replayed(stage, "charges")
    assert f"under the external id {bill['externalId']}: it was deleted" in why(stage, "charges")
    assert stage.ours("vendorBill") == []


def test_a_receipt_of_a_return_that_was_deleted_is_not_said_to_be_there() -> None:
    stage = stocked()
    came = returned(stage, ("Restock", 2))
    (receipt,) = stage.ours("itemReceipt")
    stage.netsuite.command("delete", {"id": receipt["id"]})
    replayed(stage, "returns")
    assert f"under the external id SB-IR-RET-{came}-1: it was deleted" in why(stage, "returns")
    assert stage.on_hand("TEE") == 97


def test_a_purchase_order_that_was_deleted_is_told_while_shipbob_awaits_it() -> None:
    stage = NetSuiteStage()
    order, other = stage.purchase_order(("TEE", 12)), stage.purchase_order(("CAP", 2))
    stage.run(minutes=3)
    stage.netsuite.command("delete", {"id": order["id"]})
    connection = load_connection(stage.process.tables, NAME, NetSuiteShipBob)
    assert connection is not None
    with closing(open_accounts(stage.process, connection, "live", "test")) as accounts:
        watch_expected(stage.process, connection, accounts)
    stage.run(minutes=10)
    text = why(stage, "purchase_orders")
    for words in (order["tran_id"], "was deleted", "901001", "Cancel that at ShipBob"):
        assert words in text
    assert stage.records("purchase_orders")[other["id"]].status.value == "done"


def watched(stage: NetSuiteStage, *cancelled: int) -> None:
    """People cancel receiving orders at ShipBob; then the daily chore looks."""
    connection = load_connection(stage.process.tables, NAME, NetSuiteShipBob)
    assert connection is not None
    with closing(open_accounts(stage.process, connection, "live", "test")) as accounts:
        for receiving_id in cancelled:
            accounts.shipbob.receiving.cancel(receiving_id)
        watch_expected(stage.process, connection, accounts)
    stage.run(minutes=10)


def test_a_receiving_order_that_people_cancelled_at_shipbob_is_told_and_expected_anew_by_a_replay() -> None:
    stage = NetSuiteStage()
    order, other = stage.purchase_order(("TEE", 12)), stage.purchase_order(("CAP", 2))
    stage.run(minutes=3)
    watched(stage, 901001)
    text = why(stage, "purchase_orders")
    for words in (order["tran_id"], "901001", "was cancelled at ShipBob", "replay this record"):
        assert words in text
    assert stage.records("purchase_orders")[other["id"]].status.value == "done"
    watched(stage)  # once is enough
    assert len(stage.shipbob.holdings()["receiving"]) == 2
    replayed(stage, "purchase_orders")
    assert {record.status.value for record in stage.records("purchase_orders").values()} == {"done"}
    statuses = sorted(it["status"] for it in stage.shipbob.holdings()["receiving"].values())
    assert statuses == ["Awaiting", "Awaiting", "Cancelled"]
    watched(stage)
    assert {record.status.value for record in stage.records("purchase_orders").values()} == {"done"}
