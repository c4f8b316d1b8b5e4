"""Flow shipments: what NetSuite holds of what left ShipBob, and what is never touched."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.transport import Request
from local.simulators.base import Fault
from tests.support.netsuite_stage import CENTRE, ELSEWHERE, OTHER_CENTRE, PLACE, NetSuiteStage, document
from tests.support.stage import Killed

TRANSFORM = r"POST .*!transform/itemFulfillment"
STATUS = "custbody_shipbob_status"


def stocked(**changes: Any) -> NetSuiteStage:
    """A stage with goods on both shelves."""
    stage = NetSuiteStage(**changes)
    for sku in ("TEE", "CAP", "MUG"):
        for centre, place in ((CENTRE, PLACE), (OTHER_CENTRE, "7")):
            stage.shipbob.command("seed_stock", {"sku": sku, "location_id": centre, "quantity": 100})
            stage.netsuite.command("seed_stock", {"sku": sku, "location": place, "quantity": 100})
    return stage


@pytest.fixture
def stage() -> NetSuiteStage:
    return stocked()


def sent(stage: NetSuiteStage, *lines: tuple[str, int], **fields: Any) -> tuple[dict[str, str], int]:
    """A sales order that another application has sent to ShipBob."""
    order = stage.sales_order(*lines, **fields)
    return order, stage.order_at_shipbob(order["tran_id"], *lines)


def fulfilments(stage: NetSuiteStage) -> list[tuple[dict[str, Any], list[str]]]:
    """Units by SKU and tracking numbers of every fulfilment of ours."""
    return [
        ({str(line["sku"]): line["quantity"] for line in each["item"]}, list(each["tracking_numbers"]))
        for each in stage.ours("itemFulfillment")
    ]


def tracking(stage: NetSuiteStage) -> list[str]:
    shipments = stage.shipbob.holdings()["shipments"].values()
    return [str(each["tracking"]["tracking_number"]) for each in shipments if each["tracking"]]


def why(stage: NetSuiteStage, status: str = "held") -> str:
    found = [record for record in stage.records("shipments").values() if record.status.value == status]
    assert len(found) == 1, [(record.id, record.status, record.why) for record in stage.records("shipments").values()]
    return found[0].why


def test_a_shipment_is_one_fulfilment_with_its_package(stage: NetSuiteStage) -> None:
    order, number = sent(stage, ("TEE", 2), ("CAP", 1))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    assert fulfilments(stage) == [({"TEE": 2, "CAP": 1}, tracking(stage))]
    (made,) = stage.ours("itemFulfillment")
    assert made["externalId"].startswith("SB-IF-")
    assert made["status"] == "C"
    assert made["package"][0]["packageWeight"] > 0
    assert stage.writes() == [f"POST salesOrder/{order['id']}/!transform/itemFulfillment"]
    assert stage.on_hand("TEE") == 98
    assert stage.violations() == []


def test_a_shipment_costs_one_write_and_at_most_three_reads_before_it(stage: NetSuiteStage) -> None:
    stage.apply(document(schedule={"purchase_orders": {"every_seconds": 86_400}}))
    _, first = sent(stage, ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": first})
    stage.run(minutes=17)  # the first one of an account is looked at more closely
    _, number = sent(stage, ("TEE", 2))
    before = len(stage.netsuite.calls)
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=17)
    calls = [f"{call.method} {call.path.rsplit('/', 1)[-1]}" for call in stage.netsuite.calls[before:]]
    place = calls.index("POST itemFulfillment")
    assert calls[:place] == ["POST suiteql"] * 2
    assert len(calls) == 4, "and one look at what NetSuite made of it"


def test_within_seconds_by_webhook(stage: NetSuiteStage) -> None:
    stage.subscribe()
    stage.apply(document(schedule={"shipments": {"every_seconds": 86_400}, "deliveries": {"every_seconds": 86_400}}))
    stage.run(minutes=1)
    _, number = sent(stage, ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=1, webhooks=True)
    assert [units for units, _ in fulfilments(stage)] == [{"TEE": 2}]


def test_repeated_and_reordered_events_change_nothing(stage: NetSuiteStage) -> None:
    stage.subscribe()
    _, number = sent(stage, ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.shipbob.command("move", {"order_id": number, "status": "Delivered"})
    deliveries = stage.shipbob.take_deliveries()
    for delivery in [*reversed(deliveries), *deliveries]:
        stage.post("shipbob", delivery.headers, delivery.body)
    stage.run(minutes=90, webhooks=True)
    assert len(fulfilments(stage)) == 1
    assert len(stage.writes()) == 1


def test_a_partial_shipment_leaves_the_rest_open(stage: NetSuiteStage) -> None:
    order, number = sent(stage, ("TEE", 5), ("CAP", 1))
    packages = [{"lines": [{"sku": "TEE", "quantity": 2}]}]
    stage.shipbob.command("fulfil", {"order_id": number, "packages": packages})
    stage.run(minutes=20)
    assert [units for units, _ in fulfilments(stage)] == [{"TEE": 2}]
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    assert [units for units, _ in fulfilments(stage)] == [{"TEE": 2}, {"TEE": 3, "CAP": 1}]
    (held,) = [each for each in stage.held_transactions("salesOrder") if each["id"] == order["id"]]
    assert held["status"] == "F"


def test_two_parcels_at_once_are_two_fulfilments(stage: NetSuiteStage) -> None:
    _, number = sent(stage, ("TEE", 5))
    packages = [{"lines": [{"sku": "TEE", "quantity": 2}]}, {"lines": [{"sku": "TEE", "quantity": 3}]}]
    stage.shipbob.command("fulfil", {"order_id": number, "packages": packages})
    stage.run(minutes=20)
    assert sorted(units["TEE"] for units, _ in fulfilments(stage)) == [2, 3]


def test_a_new_label_replaces_the_package_of_our_fulfilment(stage: NetSuiteStage) -> None:
    _, number = sent(stage, ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    old = tracking(stage)
    stage.shipbob.command("relabel", {"order_id": number})
    stage.run(minutes=80)
    assert tracking(stage) != old
    assert [numbers for _, numbers in fulfilments(stage)] == [tracking(stage)]
    assert [write.split(" ")[0] for write in stage.writes()] == ["POST", "PATCH"]


def test_delivery_reaches_the_configured_field() -> None:
    stage = stocked(shipments={"status_field": STATUS})
    stage.netsuite.command("seed_custom_field", {"name": STATUS, "record": ["itemFulfillment"]})
    _, number = sent(stage, ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    (made,) = stage.ours("itemFulfillment")
    assert made[STATUS].startswith("shipped 2026-03-0")
    stage.shipbob.command("move", {"order_id": number, "status": "Delivered"})
    stage.run(minutes=80)
    (made,) = stage.ours("itemFulfillment")
    assert made[STATUS].startswith("delivered 2026-03-0")
    assert len(stage.writes()) == 2


def test_mode_so_custom_fields_names_an_order_that_was_deleted_and_what_to_do() -> None:
    stage = stocked(shipments={"mode": "so_custom_fields", "tracking_field": "custbody_track"})
    stage.netsuite.command("seed_custom_field", {"name": "custbody_track", "record": ["salesOrder"]})
    order, number = sent(stage, ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    stage.netsuite.command("delete", {"id": order["id"]})
    stage.shipbob.command("relabel", {"order_id": number})
    stage.run(minutes=20)
    (record,) = stage.records("shipments").values()
    assert record.status.value == "refused"
    assert f"change salesOrder {order['id']}" in record.why
    assert "settle by hand what was to be written and close this record" in record.why


def test_a_tracking_number_that_comes_back_is_shown_again(stage: NetSuiteStage) -> None:
    """ShipBob may answer with the label of before for a minute; NetSuite must not keep that one."""
    stage.subscribe()
    _, number = sent(stage, ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=5, webhooks=True)
    first, second = tracking(stage)[0], "9400100000000000009999"
    for label in (second, first, second, first):
        stage.shipbob.command("relabel", {"order_id": number, "tracking_number": label})
        stage.run(minutes=5, webhooks=True)
        assert [numbers for _, numbers in fulfilments(stage)] == [[label]]
    assert len(stage.writes()) == 5


def test_mode_so_custom_fields_fulfils_nothing() -> None:
    fields = {"tracking_field": "custbody_track", "carrier_field": "custbody_carrier", "status_field": STATUS}
    stage = stocked(shipments={"mode": "so_custom_fields", **fields})
    for name in fields.values():
        stage.netsuite.command("seed_custom_field", {"name": name, "record": ["salesOrder"]})
    order, number = sent(stage, ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    stage.shipbob.command("move", {"order_id": number, "status": "Delivered"})
    stage.run(minutes=130)
    (held,) = [each for each in stage.held_transactions("salesOrder") if each["id"] == order["id"]]
    assert held["custbody_track"] == tracking(stage)[0]
    assert held["custbody_carrier"].startswith("USPS")
    assert held[STATUS].startswith("delivered")
    assert stage.held_transactions("itemFulfillment") == []
    assert [write.split(" ")[0] for write in stage.writes()] == ["PATCH", "PATCH"]
    assert stage.on_hand("TEE") == 100


def test_an_order_that_netsuite_does_not_have_yet_continues_by_itself(stage: NetSuiteStage) -> None:
    number = stage.order_at_shipbob("SO99999", ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    assert "no sales order whose tranid is SO99999" in why(stage)
    stage.sales_order(("TEE", 2), tran_id="SO99999")
    stage.run(minutes=15)
    assert [units for units, _ in fulfilments(stage)] == [{"TEE": 2}]


def test_orders_of_others_are_left_alone_where_configured() -> None:
    stage = stocked(shipments={"unknown_order": "ignore"})
    number = stage.order_at_shipbob("SO99999", ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    assert stage.states("shipments") == {str(number): "done"}


def test_the_key_may_be_the_customers_number_which_is_not_unique() -> None:
    stage = stocked(shipments={"order_key": "otherrefnum"})
    for _ in range(2):
        stage.sales_order(("TEE", 2), other_ref="WEB-7")
    number = stage.order_at_shipbob("WEB-7", ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    assert "of 2 sales orders" in why(stage)
    assert stage.held_transactions("itemFulfillment") == []


def test_an_unapproved_order_waits(stage: NetSuiteStage) -> None:
    order, number = sent(stage, ("TEE", 2), status="A")
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    assert "not approved" in why(stage, "waiting")
    stage.netsuite.command("set_status", {"id": order["id"], "status": "B"})
    stage.run(minutes=40)
    assert [units for units, _ in fulfilments(stage)] == [{"TEE": 2}]


def test_a_fulfilment_made_by_hand_is_left_alone_and_told(stage: NetSuiteStage) -> None:
    order, number = sent(stage, ("TEE", 2))
    stage.netsuite.command("fulfil", {"id": order["id"]})
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    assert stage.ours("itemFulfillment") == []
    assert "fulfilled by others" in why(stage)
    assert stage.on_hand("TEE") == 98


def test_more_than_the_order_has_is_held(stage: NetSuiteStage) -> None:
    order = stage.sales_order(("TEE", 2))
    number = stage.order_at_shipbob(order["tran_id"], ("TEE", 3))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    assert "1 of TEE more than sales order" in why(stage)
    assert stage.held_transactions("itemFulfillment") == []


def test_a_shipment_from_a_centre_that_is_not_mapped_waits_for_the_mapping() -> None:
    stage = stocked(tables={"locations": {PLACE: {"location_id": 99}}})
    _, number = sent(stage, ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    assert "fulfilment centre 8" in why(stage)
    stage.apply(document())
    stage.run(minutes=10)
    assert [units for units, _ in fulfilments(stage)] == [{"TEE": 2}]


def test_what_is_for_another_location_is_booked_from_where_it_left(stage: NetSuiteStage) -> None:
    order = stage.sales_order(("TEE", 2), location=ELSEWHERE)
    number = stage.order_at_shipbob(order["tran_id"], ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    assert stage.on_hand("TEE") == 98
    assert any("it left from" in note for note in stage.records("shipments")[str(number)].notes)


def test_kits_are_fulfilled_by_their_own_line() -> None:
    stage = stocked()
    stage.netsuite.command("seed_item", {"sku": "SET", "members": {"TEE": 1, "CAP": 2}})
    stage.shipbob.command("seed_product", {"sku": "SET", "name": "SET", "components": {"TEE": 1, "CAP": 2}})
    _, number = sent(stage, ("SET", 2), ("MUG", 1))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    assert [units for units, _ in fulfilments(stage)] == [{"SET": 2, "MUG": 1}]
    assert (stage.on_hand("TEE"), stage.on_hand("CAP"), stage.on_hand("SET")) == (98, 96, 0)


def test_netsuite_leaves_the_status_at_picked(stage: NetSuiteStage) -> None:
    stage.netsuite.command("set", {"sticky_ship_status": True})
    _, number = sent(stage, ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    (made,) = stage.ours("itemFulfillment")
    assert made["status"] == "C"
    assert any("left fulfilment" in note for note in stage.records("shipments")[str(number)].notes)


def test_an_account_whose_transforms_drop_external_ids(stage: NetSuiteStage) -> None:
    stage.netsuite.command("set", {"transform_keeps_external_id": False})
    _, first = sent(stage, ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": first})
    stage.run(minutes=20)
    assert [each["externalId"][:6] for each in stage.ours("itemFulfillment")] == ["SB-IF-"], "it was set afterwards"
    _, second = sent(stage, ("TEE", 4))
    packages = [{"lines": [{"sku": "TEE", "quantity": 2}]}]
    stage.netsuite.dial.plan(Fault.DROP_AFTER, TRANSFORM)
    stage.shipbob.command("fulfil", {"order_id": second, "packages": packages})
    stage.run(minutes=90)
    assert len(stage.held_transactions("itemFulfillment")) == 2, "never sent a second time"
    assert len(stage.ours("itemFulfillment")) == 2, "the memo told that it is ours, and the id was set"
    assert set(stage.states("shipments").values()) == {"done"}


def test_taken_back_after_it_was_written_is_for_a_person(stage: NetSuiteStage) -> None:
    _, number = sent(stage, ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=20)
    shipment = next(iter(stage.shipbob.world.shipments.values()))
    stage.shipbob.world.put_shipment(replace(shipment, status="Cancelled", updated=stage.clock()))
    stage.run(minutes=20)
    assert "took shipment" in why(stage)


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.ERROR_500_AFTER, Fault.ERROR_503_AFTER, Fault.DROP_BEFORE,
                                   Fault.TIMEOUT_BEFORE, Fault.GARBAGE_AFTER, Fault.TOKEN_EXPIRED])  # fmt: skip
def test_a_lost_answer_makes_one_fulfilment(stage: NetSuiteStage, fault: Fault) -> None:
    stage.netsuite.dial.plan(fault, TRANSFORM)
    _, number = sent(stage, ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=60)
    assert [units for units, _ in fulfilments(stage)] == [{"TEE": 2}]
    assert stage.on_hand("TEE") == 98


def test_a_lost_answer_and_a_new_label_end_with_the_new_label(stage: NetSuiteStage) -> None:
    stage.netsuite.dial.plan(Fault.DROP_AFTER, TRANSFORM)
    _, number = sent(stage, ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number})
    stage.run(minutes=15.5)
    stage.shipbob.command("relabel", {"order_id": number})
    stage.run(minutes=90)
    assert [numbers for _, numbers in fulfilments(stage)] == [tracking(stage)]


def test_a_process_that_dies_anywhere_fulfils_once() -> None:
    for step in range(10):
        stage = stocked()
        _, number = sent(stage, ("TEE", 2))
        stage.shipbob.command("fulfil", {"order_id": number})
        left = [step]

        def die(request: Request, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] == -1:
                raise Killed

        stage.wire.after = die
        stage.run(minutes=60)
        assert [units for units, _ in fulfilments(stage)] == [{"TEE": 2}], step


@pytest.mark.parametrize("mode", ["fulfilment", "so_custom_fields"])
def test_freight_that_left_without_a_number_goes_to_a_person_after_a_day(mode: str) -> None:
    fields = {"tracking_field": "custbody_track"} if mode == "so_custom_fields" else {}
    stage = stocked(shipments={"mode": mode, **fields})
    stage.netsuite.command("seed_custom_field", {"name": "custbody_track", "record": ["salesOrder"]})
    order, number = sent(stage, ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number, "placeholder": True})
    stage.run(minutes=60)
    assert "left without a tracking number" in why(stage, "waiting")
    stage.run(minutes=60 * 25)
    assert order["tran_id"] in why(stage)
    (shipment,) = stage.shipbob.holdings()["orders"][str(number)]["shipment_ids"]
    stage.shipbob.command("relabel", {"shipment_id": shipment})
    stage.run(minutes=75)
    assert {record.status.value for record in stage.records("shipments").values()} == {"done"}
    if mode == "fulfilment":
        assert fulfilments(stage) == [({"TEE": 2}, tracking(stage))]


@pytest.mark.parametrize("mode", ["fulfilment", "so_custom_fields"])
def test_freight_of_an_order_that_netsuite_does_not_have_is_ignored_where_that_is_configured(mode: str) -> None:
    fields = {"tracking_field": "custbody_track"} if mode == "so_custom_fields" else {}
    stage = stocked(shipments={"mode": mode, "unknown_order": "ignore", **fields})
    number = stage.order_at_shipbob("WEB-77", ("TEE", 2))
    stage.shipbob.command("fulfil", {"order_id": number, "placeholder": True})
    stage.run(minutes=30)
    assert {record.status.value for record in stage.records("shipments").values()} == {"done"}
    assert stage.writes() == []
