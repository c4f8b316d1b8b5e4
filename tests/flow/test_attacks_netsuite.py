"""Attempts to lose or spoil something between NetSuite and ShipBob by what people change around the connector."""

from __future__ import annotations

from typing import Any

import pytest

from connector import review
from connector.records import RecordStore
from local.simulators.base import Fault
from tests.support.netsuite_stage import CENTRE, ELSEWHERE, PLACE, NetSuiteStage


@pytest.fixture
def stage() -> NetSuiteStage:
    return NetSuiteStage()


def why(stage: NetSuiteStage, stream: str) -> str:
    (record,) = [record for record in stage.records(stream).values() if record.status.value in ("held", "refused")]
    return record.why


def live(stage: NetSuiteStage) -> list[str]:
    """Purchase order numbers of receiving orders that ShipBob awaits or has."""
    return [str(it["purchase_order_number"]) for it in stage.receiving_orders() if it["status"] != "Cancelled"]


@pytest.mark.parametrize("every", [60, 86_400])
def test_a_session_whose_time_zone_is_set_back_loses_no_order(every: int) -> None:
    """Somebody changes the time zone in the preferences of the integration's user."""
    stage = NetSuiteStage(schedule={"purchase_orders": {"every_seconds": every}})
    stage.netsuite.command("set", {"query_zone": "America/New_York"})
    before = stage.purchase_order(("TEE", 5))
    stage.run(minutes=every / 60 + 5)
    stage.netsuite.command("set", {"query_zone": "America/Los_Angeles"})
    after = stage.purchase_order(("CAP", 5))
    stage.run(minutes=2 * every / 60 + 5)
    assert live(stage) == [before["tran_id"], after["tran_id"]]


def test_a_session_whose_time_zone_is_set_forward_repeats_nothing(stage: NetSuiteStage) -> None:
    before = stage.purchase_order(("TEE", 5))
    stage.run(minutes=5)
    stage.netsuite.command("set", {"query_zone": "Asia/Tokyo"})
    after = stage.purchase_order(("CAP", 5))
    stage.run(minutes=10)
    assert live(stage) == [before["tran_id"], after["tran_id"]]


def test_own_sales_orders_survive_the_same() -> None:
    address = {"addressee": "Dana Reed", "addr1": "1 Main St", "city": "Albany", "state": "NY", "zip": "12207",
               "country": "US"}  # fmt: skip
    stage = NetSuiteStage(
        orders={"enabled": True}, shipments={"order_name": "reference_id", "order_prefix": "NS-"},
        tables={"ship_methods": {"": "Standard"}},
    )  # fmt: skip
    stage.netsuite.command("set", {"query_zone": "America/New_York"})
    stage.sales_order(("TEE", 1), address=address)
    stage.run(minutes=30)
    stage.netsuite.command("set", {"query_zone": "America/Los_Angeles"})
    stage.sales_order(("CAP", 1), address=address)
    stage.run(minutes=40)
    found = [each["reference_id"] for each in stage.shipbob.holdings()["orders"].values()]
    assert found == ["NS-SO10001", "NS-SO10002"]


def test_a_role_that_loses_a_location_cancels_nothing(stage: NetSuiteStage) -> None:
    """Restrictions of a role lose rows of queries without a word: that is no removal."""
    order = stage.purchase_order(("TEE", 5))
    stage.run(minutes=3)
    stage.netsuite.command("restrict_role", {"locations": [ELSEWHERE]})
    stage.netsuite.command("touch", {"id": order["id"]})
    stage.run(minutes=30)
    assert live(stage) == [order["tran_id"]]
    assert "the role may no longer see location 6" in why(stage, "purchase_orders")
    stage.netsuite.command("restrict_role", {"locations": []})
    replay(stage, "purchase_orders")
    stage.run(minutes=5)
    assert set(stage.states("purchase_orders").values()) == {"done"}
    assert live(stage) == [order["tran_id"]]


def replay(stage: NetSuiteStage, stream: str) -> None:
    """An operator replays what is held."""
    store = RecordStore(stage.process)
    for record in stage.records(stream).values():
        review.replay(stage.process, store, record, "test", "an operator")


@pytest.mark.parametrize("form", ["not_found", "forbidden"])
def test_a_missing_permission_is_held_with_its_name_and_written_after_it_is_given(
    stage: NetSuiteStage, form: str
) -> None:
    stage.netsuite.command("set", {"missing_permission": form})
    order = stage.purchase_order(("TEE", 5))
    stage.run(minutes=3)
    permission: dict[str, Any] = {"permission": "TRAN_PURCHORDRECEIVE", "granted": False}
    stage.netsuite.command("set_permission", permission)
    stage.stow(order["tran_id"])
    stage.run(minutes=40)
    assert "itemReceipt" in why(stage, "receipts")
    stage.netsuite.command("set_permission", {**permission, "granted": True})
    replay(stage, "receipts")
    stage.run(minutes=10)
    assert stage.on_hand("TEE") == 5


def test_an_order_that_is_renamed_keeps_its_receiving_order(stage: NetSuiteStage) -> None:
    order = stage.purchase_order(("TEE", 5))
    stage.run(minutes=3)
    stage.netsuite.command("edit_order", {"id": order["id"], "new_tran_id": "PO-RENAMED"})
    stage.run(minutes=5)
    stage.stow(order["tran_id"])
    stage.run(minutes=30)
    assert (live(stage), stage.on_hand("TEE")) == ([order["tran_id"]], 5)


def test_a_workflow_that_locks_an_order_stops_the_receipt_until_it_is_replayed(stage: NetSuiteStage) -> None:
    order = stage.purchase_order(("TEE", 5))
    stage.run(minutes=3)
    stage.netsuite.command("lock_record", {"id": order["id"]})
    stage.stow(order["tran_id"])
    stage.run(minutes=30)
    assert "locked by a user defined workflow" in why(stage, "receipts")
    stage.netsuite.command("lock_record", {"id": order["id"], "locked": False})
    replay(stage, "receipts")
    stage.run(minutes=10)
    assert stage.on_hand("TEE") == 5


def test_goods_of_an_order_that_was_deleted_are_told_to_a_person(stage: NetSuiteStage) -> None:
    order = stage.purchase_order(("TEE", 5))
    stage.run(minutes=3)
    stage.netsuite.command("delete", {"id": order["id"]})
    stage.stow(order["tran_id"])
    stage.run(minutes=30)
    assert "no longer exists in NetSuite (or the role may not see it), and 5 units" in why(stage, "receipts")


def test_tokens_that_all_end_at_once_stop_nothing(stage: NetSuiteStage) -> None:
    stage.purchase_order(("TEE", 5))
    stage.run(minutes=3)
    stage.netsuite.command("expire_tokens", {})
    second = stage.purchase_order(("CAP", 5))
    stage.run(minutes=5)
    assert second["tran_id"] in live(stage)
    assert stage.world.alerts.sent == []


def test_a_tracking_number_that_an_integrated_carrier_does_not_take_is_told(stage: NetSuiteStage) -> None:
    stage.netsuite.command("seed_master", {"table": "shipitem", "id": 42, "name": "UPS", "integrated": "packageUps"})
    stage.netsuite.command("seed_stock", {"sku": "TEE", "location": PLACE, "quantity": 9})
    stage.shipbob.command("seed_stock", {"sku": "TEE", "location_id": CENTRE, "quantity": 9})
    sold = stage.sales_order(("TEE", 2), ship_method="42")
    number = stage.order_at_shipbob(sold["tran_id"], ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=30)
    (shipment,) = stage.shipbob.holdings()["shipments"].values()
    label = shipment["tracking"]["tracking_number"]
    assert f"not with tracking number {label}" in why(stage, "shipments")
    (fulfilment,) = stage.held_transactions("itemFulfillment")
    values = {"packageTrackingNumberUps": label}
    record = stage.netsuite.world.records[int(fulfilment["id"])].copy()
    record.lists["packageUps"] = [{"line": 1, **values}]
    stage.netsuite.world.put(record)  # a person enters it in NetSuite's own page
    replay(stage, "shipments")
    stage.run(minutes=5)
    assert set(stage.states("shipments").values()) == {"done"}
    assert len(stage.held_transactions("itemFulfillment")) == 1


def test_an_account_that_bills_at_once_receives_the_rest_all_the_same(stage: NetSuiteStage) -> None:
    stage.netsuite.command("set", {"advanced_receiving": False})
    order = stage.purchase_order(("TEE", 10))
    stage.run(minutes=3)
    for units in (4, 6):
        stage.stow(order["tran_id"], TEE=units)
        stage.run(minutes=30)
    assert stage.on_hand("TEE") == 10
    assert [each["status"] for each in stage.held_transactions("purchaseOrder")] == ["G"]


def test_a_return_that_is_known_before_its_fulfilment_waits_for_it() -> None:
    for hours in (0, 26):
        never = {"every_seconds": 86_400 * 7}
        stage = NetSuiteStage(schedule={"shipments": never, "deliveries": never})
        stage.netsuite.command("seed_stock", {"sku": "TEE", "location": PLACE, "quantity": 9})
        stage.shipbob.command("seed_stock", {"sku": "TEE", "location_id": CENTRE, "quantity": 9})
        sold = stage.sales_order(("TEE", 3))
        number = stage.order_at_shipbob(sold["tran_id"], ("TEE", 3))
        stage.run(minutes=2)
        stage.shipbob.command("fulfil", {"order_id": number})
        (shipment,) = stage.shipbob.holdings()["shipments"]
        came = stage.shipbob.command("announce_stray_return", {"shipment_id": int(shipment)})
        actions = [{"sku": "TEE", "action": "Restock", "quantity": 3}]
        stage.shipbob.command("process_return", {"return_id": came, "step": "complete", "actions": actions})
        stage.run(minutes=hours * 60 + 35)
        if hours:
            assert "more than SO10001 can take (as fulfilled by now)" in why(stage, "returns")
            continue
        assert stage.states("returns") == {str(came): "waiting"}
        stage.netsuite.command("fulfil", {"id": sold["id"]})
        stage.run(minutes=40)
        assert stage.states("returns") == {str(came): "done"}
        assert len(stage.ours("returnAuthorization")) == 1


def test_a_token_endpoint_that_answers_like_a_busy_account_stops_nothing(stage: NetSuiteStage) -> None:
    stage.purchase_order(("TEE", 5))
    stage.run(minutes=3)
    stage.netsuite.command("expire_tokens", {})
    stage.netsuite.dial.plan(Fault.TOKEN_EXPIRED, "oauth2/v1/token", times=2)
    second = stage.purchase_order(("CAP", 5))
    stage.run(minutes=30)
    assert second["tran_id"] in live(stage)


def test_a_sign_in_that_is_refused_stops_everything_until_a_person_acts(stage: NetSuiteStage) -> None:
    stage.purchase_order(("TEE", 5))
    stage.run(minutes=3)
    stage.netsuite.command("refresh_sandbox", {})
    stage.netsuite.command("expire_tokens", {})
    second = stage.purchase_order(("CAP", 5))
    stage.run(minutes=30)
    asked = stage.netsuite.holdings()["tokens_refused"]
    stage.run(minutes=120)
    assert stage.netsuite.holdings()["tokens_refused"] == asked, "a refused certificate is not tried again and again"
    assert [alert.subject for alert in stage.world.alerts.sent] == ["demo/netsuite must be connected again"]
    assert second["tran_id"] not in live(stage)
