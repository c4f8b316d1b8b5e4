"""Attacks on the pair Acumatica - ShipStation: what a hostile operator, a lost answer or an odd key can bring about."""

from __future__ import annotations

import pytest

from local.simulators.acumatica import order_status
from local.simulators.acumatica.seed import line
from local.simulators.base import Fault
from tests.flow.test_shipstation_orders import held, set_quantity, stage_with_order, state
from tests.support.shipstation_stage import ShipStationStage

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
