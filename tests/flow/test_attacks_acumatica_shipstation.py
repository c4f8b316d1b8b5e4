"""Attacks on the pair Acumatica - ShipStation: what a hostile operator, a lost answer or an odd key can bring about."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from local.simulators.acumatica import order_status
from local.simulators.acumatica.seed import line
from local.simulators.base import Fault, Request
from local.simulators.shipstation.masters import MANUAL_STORE
from local.simulators.shipstation.records import Order
from local.simulators.shipstation.simulator import DEFAULT_KEY, DEFAULT_SECRET
from tests.flow.test_shipstation_orders import held, set_quantity, stage_with_order, state
from tests.support.desk import StageDesk
from tests.support.shipstation_stage import ShipStationStage, document

LOST = [Fault.DROP_BEFORE, Fault.TIMEOUT_BEFORE, Fault.ERROR_500_BEFORE]


# ---- a change whose save was lost ---------------------------------------------------------------------------


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.value)
def test_a_ship_via_whose_save_was_lost_is_saved_again(fault: Fault) -> None:
    stage, number = stage_with_order()
    stage.shipstation.dial.plan(fault, r"POST /orders/createorder")
    stage.edit(number, ShipVia="EXPRESS")
    stage.run(minutes=20)
    order = stage.order(number)
    assert (order["requestedShippingService"], order["carrierCode"]) == ("Two days", "ups")
    assert state(stage, number) == "done"


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.value)
def test_a_phone_number_whose_save_was_lost_is_saved_again(fault: Fault) -> None:
    stage, number = stage_with_order()
    stage.shipstation.dial.plan(fault, r"POST /orders/createorder")
    stage.edit(number, ShipToContactOverride=True, ShipToContact={"Phone1": "+1 555 010 9999"})
    stage.run(minutes=20)
    assert stage.order(number)["shipTo"]["phone"] == "+1 555 010 9999"


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.value)
def test_a_polish_postal_code_whose_save_was_lost_is_saved_again(fault: Fault) -> None:
    stage, number = warsaw()
    stage.shipstation.dial.plan(fault, r"POST /orders/createorder")
    stage.edit(number, ShipToAddress={"PostalCode": "00-100"})
    stage.run(minutes=20)
    assert stage.order(number)["shipTo"]["postalCode"] == "00-100"


@pytest.mark.parametrize("mode", ["unchanged", "refused"])
def test_a_ship_via_that_changes_after_the_label_is_said_and_never_called_done(mode: str) -> None:
    stage, number = stage_with_order()
    stage.shipstation.switches.locked_orders = mode
    stage.act("set_status", order=number, status="shipped")
    stage.edit(number, ShipVia="EXPRESS")
    stage.run(minutes=10)
    assert "the Ship Via is EXPRESS instead of GROUND" in held(stage, number)
    assert stage.order(number)["writes"] == 1


def warsaw() -> tuple[ShipStationStage, str]:
    """An order to a country whose postal codes have a hyphen in them."""
    stage = ShipStationStage()
    place = {"AddressLine1": "Ul. Prosta 1", "City": "Warszawa", "PostalCode": "00-950", "Country": "PL"}
    number = stage.sales_order(line("0041", 2), ShipToAddressOverride=True, ShipToAddress=place)
    stage.run(minutes=3)
    return stage, number


# ---- what the warehouse edited ------------------------------------------------------------------------------


def test_a_postal_code_that_was_corrected_there_is_not_overwritten() -> None:
    stage, number = warsaw()
    stage.act("edit_order", order=number, members={"shipTo": {"postalCode": "00-100"}})
    stage.edit(number, ShipToContactOverride=True, ShipToContact={"Phone1": "+48 22 555 01 99"})
    stage.run(minutes=10)
    assert "the ship-to postalCode is another one" in held(stage, number)
    assert stage.order(number)["shipTo"]["postalCode"] == "00-100"


def test_a_phone_number_that_was_corrected_there_is_not_overwritten() -> None:
    stage, number = stage_with_order()
    stage.act("edit_order", order=number, members={"shipTo": {"phone": "1 555 010 7777"}})
    stage.edit(number, ShipVia="EXPRESS")
    stage.run(minutes=10)
    assert "the ship-to phone is another one" in held(stage, number)
    assert stage.order(number)["shipTo"]["phone"] == "1 555 010 7777"


TWO_PLACES = {"3PL-WEST": {"warehouse_id": 17977}, "3PL-EAST": {"warehouse_id": 17978}}


def moved_to_the_east(stage: ShipStationStage, number: str) -> None:
    rows = stage.erp("SalesOrder")[number]["Details"]
    stage.edit(number, Details=[{"id": row["id"], "WarehouseID": "3PL-EAST"} for row in rows])


@pytest.mark.parametrize("fault", [None, *LOST], ids=lambda fault: fault.value if fault else "no fault")
def test_an_order_that_moves_to_another_warehouse_is_shipped_from_there(fault: Fault | None) -> None:
    stage, number = stage_with_order(tables={"warehouses": TWO_PLACES})
    assert stage.order(number)["advancedOptions"]["warehouseId"] == 17977
    if fault:
        stage.shipstation.dial.plan(fault, r"POST /orders/createorder")
    moved_to_the_east(stage, number)
    stage.run(minutes=20)
    assert stage.order(number)["advancedOptions"]["warehouseId"] == 17978
    assert state(stage, number) == "done"


def test_a_ship_from_place_that_was_chosen_there_is_not_overwritten_by_a_move() -> None:
    stage, number = stage_with_order(tables={"warehouses": TWO_PLACES})
    stage.act("edit_order", order=number, members={"advancedOptions": {"warehouseId": 20001}})
    moved_to_the_east(stage, number)
    stage.run(minutes=10)
    assert "it ships from another place there, 20001" in held(stage, number)


def test_an_order_of_which_nothing_is_left_is_never_saved_empty() -> None:
    stage = ShipStationStage()
    number = stage.sales_order(line("0041", 2))
    stage.run(minutes=3)
    set_quantity(stage, number, 0)
    stage.run(minutes=10)
    assert "nothing is left of it for ShipStation to ship: cancel it there" in held(stage, number)
    assert [item["quantity"] for item in stage.order(number)["items"]] == [2]


# ---- odd keys -----------------------------------------------------------------------------------------------


def test_a_number_that_ends_like_a_second_sending_is_an_order_of_its_own() -> None:
    stage = ShipStationStage()
    for number, quantity in (("WEB-7", 2), ("WEB-7-R1", 2), ("WEB-7-R1-R0", 2)):
        stage.sales_order(line("0041", quantity), OrderNbr=number)
    stage.run(minutes=4)
    assert {each["orderNumber"] for each in stage.orders()} == {"WEB-7", "WEB-7-R1", "WEB-7-R1-R0"}
    stage.act("buy_label", order="WEB-7-R1")
    stage.run(minutes=12)
    (shipment,) = stage.erp_shipments().values()
    assert [row["OrderNbr"] for row in shipment["Details"]] == ["WEB-7-R1"]


def test_an_order_that_is_sent_again_does_not_take_the_key_of_another_one() -> None:
    stage = ShipStationStage()
    for number in ("WEB-7", "WEB-7-R1"):
        stage.sales_order(line("0041", 2), OrderNbr=number)
    stage.run(minutes=4)
    stage.acumatica.command("cancel_order", {"order_nbr": "WEB-7"})
    stage.run(minutes=4)
    stored = stage.acumatica.world.store.find("SalesOrder", "SO", "WEB-7")
    assert stored is not None
    assert order_status.reopen(stage.acumatica.world, stored)
    stage.run(minutes=6)
    keys = {each["orderKey"]: each["orderStatus"] for each in stage.orders()}
    assert keys == {
        "ACU-SO-WEB-7": "cancelled", "ACU-SO-WEB-7-R1": "awaiting_shipment", "ACU-SO-WEB-7-R1-R0": "awaiting_shipment",
    }  # fmt: skip


# ---- goods that would leave twice, or never -------------------------------------------------------------------


def why_state(stage: ShipStationStage, number: str) -> tuple[str, str]:
    """How the record of what happened at ShipStation ended, and why."""
    record = stage.record("states", str(stage.order(number)["orderId"]))
    return record.status.value, str(record.why)


def test_an_order_that_was_shipped_by_hand_in_acumatica_is_not_left_to_be_shipped_again() -> None:
    stage, number = stage_with_order()
    made = stage.acumatica.command("create_shipment", {"order_nbr": number, "warehouse": "3PL-WEST"})
    stage.acumatica.command("confirm_shipment", {"shipment_nbr": made["key"]})
    stage.run(minutes=5)
    assert "would leave a second time" in held(stage, number)
    stage.act("set_status", order=number, status="cancelled")
    stage.run(minutes=10)
    assert why_state(stage, number)[0] == "done"
    assert "Completed in Acumatica" in why_state(stage, number)[1]


def test_an_order_that_the_customer_collects_after_all_is_said() -> None:
    stage, number = stage_with_order()
    stage.edit(number, WillCall=True)
    stage.run(minutes=5)
    assert "is collected by the customer" in held(stage, number)
    stage.edit(number, WillCall=False)
    stage.run(minutes=5)
    assert state(stage, number) == "done"


def test_an_order_that_its_parcels_have_completed_is_done() -> None:
    stage, number = stage_with_order()
    stage.act("buy_label", order=number)
    stage.run(minutes=10)
    assert stage.erp("SalesOrder")[number]["Status"] == "Completed"
    assert state(stage, number) == "done"


def test_an_order_that_a_provider_refuses_goes_to_a_person() -> None:
    stage, number = stage_with_order()
    stage.act("provider_rejects", order=number)
    stage.run(minutes=10)
    status, why = why_state(stage, number)
    assert (status, "nothing of it leaves" in why) == ("held", True)
    stage.act("set_status", order=number, status="awaiting_shipment")
    stage.run(minutes=10)
    assert why_state(stage, number)[0] == "done"


def test_a_hold_that_somebody_took_back_at_shipstation_is_said_until_the_release() -> None:
    stage, number = stage_with_order()
    stage.edit(number, Hold=True)
    stage.run(minutes=10)
    stage.act("set_status", order=number, status="awaiting_shipment")
    stage.run(minutes=30)
    status, why = why_state(stage, number)
    assert (status, "our hold on ShipStation order" in why) == ("held", True)
    stage.edit(number, Description="looked at again")
    stage.run(minutes=3)
    assert "is awaiting_shipment there by now" in str(stage.record("orders", f"SO/{number}").why)
    stage.edit(number, Hold=False)
    stage.run(minutes=10)
    assert why_state(stage, number)[0] == state(stage, number) == "done"


def test_a_release_that_is_passed_on_is_not_taken_for_somebody_elses() -> None:
    stage, number = stage_with_order()
    stage.edit(number, Hold=True)
    stage.run(minutes=10)
    stage.edit(number, Hold=False)
    stage.run(minutes=40)
    assert why_state(stage, number)[0] == state(stage, number) == "done"
    assert stage.order(number)["orderStatus"] == "awaiting_shipment"


def test_a_cancellation_there_ends_by_itself_when_acumatica_follows() -> None:
    stage, number = stage_with_order()
    stage.act("set_status", order=number, status="cancelled")
    stage.run(minutes=10)
    assert why_state(stage, number)[0] == "held"
    stage.acumatica.command("cancel_order", {"order_nbr": number})
    stage.run(minutes=10)
    assert why_state(stage, number)[0] == state(stage, number) == "done"


def test_a_mark_as_shipped_that_was_taken_back_is_withdrawn() -> None:
    stage, number = stage_with_order(voids={"reopen": True})
    mark = stage.act("mark_as_shipped", order=number, carrier="UPS", tracking_number="1ZMARK")
    stage.run(minutes=12)
    assert [row[1] for row in stage.packages()] == ["1ZMARK"]
    stage.act("void_fulfillment", fulfillment=mark)
    stage.run(minutes=12)
    assert [row[1] for row in stage.packages()] == [""]
    assert "1ZMARK void" in stage.note(number)
    stage.act("buy_label", order=number, tracking_number="1ZLABEL")
    stage.run(minutes=15)
    assert [row[1] for row in stage.packages()] == ["1ZLABEL"]
    assert set(stage.states("shipments").values()) == {"done"}


# ---- a mapping that is added later ----------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["ups|ups_ground", "ups", "*"])
def test_a_carrier_continues_with_whatever_key_names_it(key: str) -> None:
    others = {"fedex": {"ship_via": "EXPRESS"}}
    stage, number = stage_with_order(tables={"carriers": others})
    label = stage.act("buy_label", order=number)["shipmentId"]
    stage.run(minutes=8)
    record = stage.record("shipments", str(label))
    assert (record.status.value, '"ups" for all of its services' in record.why) == ("held", True)
    stage.apply(document(tables={"carriers": {**others, "ups|ups_2nd_day_air": {"ship_via": "EXPRESS"}}}))
    stage.run(minutes=8)
    assert stage.states("shipments")[str(label)] == "held"
    stage.apply(document(tables={"carriers": {**others, key: {"ship_via": "GROUND"}}}))
    stage.run(minutes=8)
    assert stage.states("shipments")[str(label)] == "done"


def test_a_mark_that_names_no_carrier_says_which_key_helps() -> None:
    stage, number = stage_with_order()
    stage.act("mark_as_shipped", order=number)
    stage.run(minutes=10)
    (record,) = stage.records("shipments").values()
    assert 'names no carrier: only the key "*"' in record.why


# ---- split and merged orders that Acumatica stops -------------------------------------------------------------


def split(stage: ShipStationStage, number: str) -> int:
    """The second line becomes an order of its own at ShipStation; its id."""
    child = stage.act("split_order", order=number, items=[{"lineItemKey": "2", "quantity": 5}])
    stage.run(minutes=8)
    return int(child)


def status_of(stage: ShipStationStage, order_id: int) -> str:
    return next(str(each["orderStatus"]) for each in stage.orders() if each["orderId"] == order_id)


@pytest.mark.parametrize("fault", [None, *Fault.__members__.values()], ids=str)
def test_what_was_split_off_a_cancelled_order_is_cancelled_too(fault: Fault | None) -> None:
    stage, number = stage_with_order()
    child = split(stage, number)
    if fault:
        stage.shipstation.dial.plan(fault, r"DELETE /orders/", skip=0)
    stage.acumatica.command("cancel_order", {"order_nbr": number})
    stage.run(minutes=40)
    assert status_of(stage, child) == stage.order(number)["orderStatus"] == "cancelled"
    assert state(stage, number) == "done"


def test_a_part_that_has_left_before_the_cancellation_is_said() -> None:
    stage, number = stage_with_order()
    child = split(stage, number)
    stage.act("set_status", order=child, status="shipped")
    stage.acumatica.command("cancel_order", {"order_nbr": number})
    stage.run(minutes=10)
    assert f"part {number}-1 of it is shipped" in held(stage, number)
    assert stage.order(number)["orderStatus"] == "cancelled"


def test_what_was_split_off_an_order_on_hold_is_said_until_it_is_held_as_well() -> None:
    stage, number = stage_with_order()
    child = split(stage, number)
    stage.edit(number, Hold=True)
    stage.run(minutes=5)
    assert f"({number}-1) is not on hold there" in held(stage, number)
    stage.act("set_status", order=child, status="on_hold")
    stage.edit(number, Description="held by hand")
    stage.run(minutes=5)
    assert state(stage, number) == "done"


def merged() -> tuple[ShipStationStage, str, str]:
    """Two orders in one at ShipStation: the first one's."""
    stage = ShipStationStage()
    first, second = stage.sales_order(line("0041", 2)), stage.sales_order(line("PEN-BLK", 3))
    stage.run(minutes=4)
    stage.act("merge_orders", order=first, others=[second])
    return stage, first, second


@pytest.mark.parametrize("heard", [True, False], ids=["the merge was heard of", "not yet"])
def test_a_cancelled_order_whose_goods_leave_with_another_one_is_said(heard: bool) -> None:
    stage, first, second = merged()
    stage.run(minutes=8 if heard else 0)
    stage.acumatica.command("cancel_order", {"order_nbr": second})
    stage.run(minutes=3)
    assert "its goods leave with that one" in held(stage, second)
    if heard:
        assert f"merged into ShipStation order {stage.order(first)['orderId']}" in held(stage, second)


def test_an_order_that_carries_another_one_is_not_cancelled_with_it() -> None:
    stage, first, _ = merged()
    stage.acumatica.command("cancel_order", {"order_nbr": first})
    stage.run(minutes=10)
    assert "holds the lines of other orders as well" in held(stage, first)
    assert stage.order(first)["orderStatus"] == "awaiting_shipment"


# ---- small changes, and looking things up -----------------------------------------------------------------------

TERMS = [
    ({"CustomerOrder": "PO-77"}, {"CustomerOrder": None}, lambda told: told["advancedOptions"].get("customField2")),
    ({"RequestedOn": "2026-04-01"}, {"RequestedOn": None}, lambda told: str(told.get("shipByDate") or "")[:10]),
    (
        {"ShippingSettings": {"SaturdayDelivery": True}}, {"ShippingSettings": {"SaturdayDelivery": False}},
        lambda told: told["advancedOptions"].get("saturdayDelivery"),
    ),
]  # fmt: skip


def stored(stage: ShipStationStage, number: str) -> Order:
    """The whole order as ShipStation keeps it."""
    return next(each for each in stage.shipstation.world.orders.values() if each.number == number)


@pytest.mark.parametrize("fault", [None, *LOST], ids=lambda fault: fault.value if fault else "no fault")
@pytest.mark.parametrize(("change", "back", "look"), TERMS, ids=["customer order", "requested date", "Saturday"])
def test_a_change_of_the_terms_alone_is_passed_on_and_taken_back(
    change: dict[str, Any], back: dict[str, Any], look: Callable[[dict[str, Any]], Any], fault: Fault | None
) -> None:
    stage, number = stage_with_order()
    if fault:
        stage.shipstation.dial.plan(fault, r"POST /orders/createorder")
    stage.edit(number, **change)
    stage.run(minutes=15)
    assert look(stored(stage, number).content) in ("PO-77", "2026-04-01", True)
    stage.edit(number, **back)
    stage.run(minutes=15)
    assert not look(stored(stage, number).content)
    assert state(stage, number) == "done"


def test_what_people_set_on_a_line_rides_along() -> None:
    stage, number = stage_with_order()
    weight = {"value": 7, "units": "ounces"}
    stage.act("edit_item", order=number, line="1", members={"warehouseLocation": "R1S1", "weight": weight})
    stage.edit(number, ShipVia="EXPRESS")
    stage.run(minutes=10)
    item = stored(stage, number).items[0]
    assert (item["warehouseLocation"], item["weight"]["value"]) == ("R1S1", 7)


def test_a_shipment_is_found_by_its_number() -> None:
    stage, number = stage_with_order()
    label = stage.act("buy_label", order=number)["shipmentId"]
    stage.run(minutes=10)
    assert "holds ShipStation shipment" in StageDesk(stage).run("explain", str(label)).output


def test_a_line_that_was_taken_out_before_the_label_is_told_with_the_order_that_left() -> None:
    stage, number = stage_with_order()
    stage.act("edit_item", order=number, line="2", members={"quantity": 0})
    stage.act("buy_label", order=number)
    stage.run(minutes=10)
    status, why = why_state(stage, number)
    assert (status, "is shipped" in why) == ("done", True)
    assert "line 2 (Insert Card - A) is not there" in StageDesk(stage).run("explain", number).output.replace("\n", "")


# ---- somebody else's order with our key -------------------------------------------------------------------------


def test_an_order_in_another_store_is_not_taken_for_ours_although_it_has_our_key() -> None:
    twin, number = stage_with_order()
    body = dict(stored(twin, number).content)
    stage = ShipStationStage()
    options = {**body["advancedOptions"], "storeId": MANUAL_STORE}
    items = [{"lineItemKey": "1", "sku": "0041", "quantity": 2}]
    key = f"ACU-SO-{number}"
    foreign = {**body, "orderNumber": number, "orderKey": key, "orderStatus": "awaiting_shipment", "items": items}
    save(stage, {**foreign, "advancedOptions": options})
    assert stage.sales_order(line("0041", 2)) == number
    stage.run(minutes=5)
    assert f"it lies in store {MANUAL_STORE} there" in str(stage.record("orders", f"SO/{number}").why)
    stage.act("buy_label", order=key)
    stage.run(minutes=10)
    assert stage.records("shipments") == {}
    assert stage.erp_shipments() == {}


def save(stage: ShipStationStage, body: dict[str, Any]) -> None:
    """Somebody else's software saves an order."""
    secret = base64.b64encode(f"{DEFAULT_KEY}:{DEFAULT_SECRET}".encode()).decode()
    headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/json"}
    asked = Request("POST", "/orders/createorder", "", headers, json.dumps(body, default=str).encode())
    reply = stage.shipstation.handle(asked)
    assert reply.status == 200, reply.body
