"""Flow orders of Acumatica - ShipStation: what ShipStation holds after each story, and why an order is held."""

from __future__ import annotations

from typing import Any

import pytest

from local.simulators.acumatica import order_status
from local.simulators.acumatica.seed import line
from local.simulators.base import Fault
from tests.support.shipstation_stage import ShipStationStage, document


def stage_with_order(**changes: Any) -> tuple[ShipStationStage, str]:
    """A stage on which one order is at ShipStation."""
    stage = ShipStationStage(**changes)
    number = stage.sales_order(line("0041", 2), line("Insert Card - A", 5))
    stage.run(minutes=3)
    assert stage.order(number)["orderStatus"] == "awaiting_shipment"
    return stage, number


def held(stage: ShipStationStage, number: str) -> str:
    """Why the order's record waits for a person."""
    record = stage.record("orders", f"SO/{number}")
    assert record.status.value == "held", (record.status, record.why)
    return str(record.why)


def state(stage: ShipStationStage, number: str) -> str:
    return str(stage.record("orders", f"SO/{number}").status.value)


def set_quantity(stage: ShipStationStage, number: str, quantity: float) -> None:
    """A person changes the first line's quantity in Acumatica."""
    (row, *_) = stage.erp("SalesOrder")[number]["Details"]
    stage.edit(number, Details=[{"id": row["id"], "OrderQty": quantity}])


# ---- new orders ---------------------------------------------------------------------------------------------


def test_an_order_goes_out_with_customer_address_lines_and_store() -> None:
    stage, number = stage_with_order()
    order = stage.order(number)
    assert order["orderKey"] == f"ACU-SO-{number}"
    assert order["storeId"] == 12345
    assert order["customerUsername"] == "QUILL"
    assert (order["shipTo"]["street1"], order["shipTo"]["postalCode"]) == ("2210 Harbor View Rd", "98407")
    lines = [(item["lineItemKey"], item["sku"], item["quantity"], item["unitPrice"]) for item in order["items"]]
    assert lines == [("1", "0041", 2, 12.5), ("2", "Insert Card - A", 5, 12.5)]
    assert order["advancedOptions"]["warehouseId"] == 17977
    assert order["requestedShippingService"] == "GROUND"
    assert order["writes"] == 1
    assert state(stage, number) == "done"
    assert stage.acumatica.unknown_fields == stage.acumatica.ignored_fields == stage.violations() == []


def test_a_ship_via_with_codes_of_its_own_sends_the_pair() -> None:
    stage = ShipStationStage()
    number = stage.sales_order(line("0041", 1), ShipVia="EXPRESS")
    stage.run(minutes=3)
    order = stage.order(number)
    assert (order["carrierCode"], order["serviceCode"]) == ("ups", "ups_2nd_day_air")
    assert order["requestedShippingService"] == "Two days"


def test_five_hundred_orders_drain_in_at_most_six_calls() -> None:
    stage = ShipStationStage()
    numbers = [stage.sales_order(line("0041", 1)) for _ in range(500)]
    stage.run(minutes=25)
    assert {order["orderNumber"] for order in stage.orders()} == set(numbers)
    assert {order["writes"] for order in stage.orders()} == {1}
    assert len(stage.calls("POST /orders/")) <= 6
    assert set(stage.states("orders").values()) == {"done"}


def test_half_an_hour_of_polls_sends_nothing_again() -> None:
    stage, number = stage_with_order()
    calls = len(stage.calls("POST"))
    stage.run(minutes=30)
    assert len(stage.calls("POST")) == calls
    assert stage.order(number)["writes"] == 1


def test_orders_that_are_not_released_stay() -> None:
    stage = ShipStationStage()
    stage.sales_order(line("0041", 1), Hold=True)
    stage.sales_order(line("0041", 1), WillCall=True)
    stage.sales_order(line("0041", 1, WarehouseID="MAIN"))
    stage.run(minutes=3)
    assert stage.orders() == []


def test_a_fraction_of_a_piece_is_held_by_name() -> None:
    stage = ShipStationStage()
    number = stage.sales_order(line("0041", 1.5))
    stage.run(minutes=3)
    assert "1.5 EA of 0041 is not a whole number of pieces" in held(stage, number)
    assert stage.orders() == []


def test_an_order_that_is_there_already_is_adopted_and_not_overwritten() -> None:
    stage, number = stage_with_order()
    for table in ("records", "audit", "state"):  # the tables are lost: a second deployment
        for item in stage.world.tables.items(table):
            stage.world.tables.delete(table, str(item["pk"]), str(item["sk"]))
    stage.act("edit_order", order=number, members={"internalNotes": "fragile, says Ann"})
    stage.edit(number, Description="again")
    stage.run(minutes=12)
    assert stage.order(number)["writes"] == 1
    assert stage.order(number)["internalNotes"] == "fragile, says Ann"
    assert state(stage, number) == "done"


def test_a_replayed_order_goes_out_by_itself() -> None:
    from connector.records import RecordStore
    from connector.review import replay

    stage = ShipStationStage()
    number = stage.sales_order(line("0041", 1.5))
    stage.run(minutes=3)
    set_quantity(stage, number, 2)
    store = RecordStore(stage.process)
    replay(stage.process, store, stage.record("orders", f"SO/{number}"), "c", "ann")
    stage.settle()
    assert stage.calls("POST") == ["POST /orders/createorder"]
    assert state(stage, number) == "done"


# ---- what can go wrong ----------------------------------------------------------------------------------------

EVERY = [fault for fault in Fault if fault not in (Fault.STALE_READ, Fault.SLOW)]


@pytest.mark.parametrize("fault", EVERY, ids=lambda fault: fault.value)
def test_whatever_happens_to_the_bulk_call_every_order_is_there_once(fault: Fault) -> None:
    stage = ShipStationStage()
    stage.shipstation.dial.plan(fault, r"POST /orders/createorders")
    numbers = [stage.sales_order(line("0041", 1)) for _ in range(3)]
    stage.run(minutes=40)
    assert sorted(order["orderNumber"] for order in stage.orders()) == numbers
    assert {order["writes"] for order in stage.orders()} == {1}, "an order that is there is not written again"
    assert set(stage.states("orders").values()) == {"done"}, [r.why for r in stage.all_records()]


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.ERROR_500_AFTER, Fault.GARBAGE_AFTER])
def test_what_the_warehouse_edits_after_an_unclear_call_is_not_overwritten(fault: Fault) -> None:
    stage = ShipStationStage()
    stage.shipstation.dial.plan(fault, r"POST /orders/createorders")
    number = stage.sales_order(line("0041", 1))
    while not stage.orders():
        stage.run(minutes=0.2)
    stage.act("edit_order", order=number, members={"serviceCode": "fedex_2day", "carrierCode": "fedex"})
    stage.run(minutes=20)
    assert stage.order(number)["serviceCode"] == "fedex_2day"
    assert stage.order(number)["writes"] == 1
    assert state(stage, number) == "done"


def test_a_wrong_key_holds_nobody_for_ever() -> None:
    stage = ShipStationStage()
    stage.act("regenerate_key", key="new", secret="new-secret")
    number = stage.sales_order(line("0041", 1))
    stage.run(minutes=4)
    assert stage.orders() == []
    assert "API key is not accepted" in stage.record("orders", f"SO/{number}").why
    stage.world.secrets.write("demo/shipstation", '{"api_key": "new", "api_secret": "new-secret"}')
    stage.run(minutes=15)
    assert stage.order(number)["writes"] == 1


def test_a_row_that_is_refused_ends_alone_with_shipstations_words() -> None:
    stage = ShipStationStage(
        tables={"services": {"EXPRESS": {"carrier_code": "ups", "service_code": "no_such_service"}}}
    )
    bad, good = stage.sales_order(line("0041", 1), ShipVia="EXPRESS"), stage.sales_order(line("0041", 1))
    stage.run(minutes=5)
    assert [order["orderNumber"] for order in stage.orders()] == [good]
    assert state(stage, bad) == "refused"
    assert "Invalid serviceCode" in stage.record("orders", f"SO/{bad}").why


# ---- changes ------------------------------------------------------------------------------------------------


def test_a_change_of_an_open_order_is_passed_on_and_the_warehouses_choices_ride_along() -> None:
    stage, number = stage_with_order()
    members = {"carrierCode": "ups", "serviceCode": "ups_ground", "tagIds": [9180], "weight": {"value": 30, "units":
               "ounces"}}  # fmt: skip
    stage.act("edit_order", order=number, members=members)
    set_quantity(stage, number, 7)
    stage.run(minutes=3)
    order = stage.order(number)
    assert [item["quantity"] for item in order["items"]] == [7, 5]
    assert (order["carrierCode"], order["serviceCode"], order["tagIds"]) == ("ups", "ups_ground", [9180])
    assert order["weight"]["value"] == 30
    assert order["writes"] == 2
    set_quantity(stage, number, 8)
    stage.run(minutes=3)
    assert [item["quantity"] for item in stage.order(number)["items"]] == [8, 5]
    assert stage.order(number)["writes"] == 3
    assert state(stage, number) == "done"


def test_an_order_that_was_edited_there_is_not_overwritten() -> None:
    stage, number = stage_with_order()
    stage.act("edit_item", order=number, line="1", members={"quantity": 1})
    set_quantity(stage, number, 7)
    stage.run(minutes=3)
    text = held(stage, number)
    assert "line 1 (0041) is 7 instead of 2" in text
    assert "edited there meanwhile (line 1 is 1 of 0041 there, 2 of 0041 here)" in text
    assert stage.order(number)["writes"] == 1
    stage.act("edit_item", order=number, line="1", members={"quantity": 7})
    stage.edit(number, Description="settled by hand")
    stage.run(minutes=3)
    assert state(stage, number) == "done"
    assert stage.order(number)["writes"] == 1


@pytest.mark.parametrize("mode", ["unchanged", "refused"])
def test_a_shipped_order_is_locked_and_both_versions_are_said(mode: str) -> None:
    stage, number = stage_with_order()
    stage.act("set", locked_orders=mode)
    stage.act("set_status", order=number, status="shipped")
    set_quantity(stage, number, 7)
    stage.run(minutes=3)
    assert "it is shipped there and can no longer be changed" in held(stage, number)
    assert stage.order(number)["writes"] == 1


@pytest.mark.parametrize("mode", ["unchanged", "refused"])
def test_an_order_that_is_locked_between_the_look_and_the_save_is_no_success(mode: str) -> None:
    stage, number = stage_with_order()
    stage.act("set", locked_orders=mode)
    before = stage.wire.before

    def lock(request: Any) -> None:
        if request.url.endswith("/orders/createorder"):
            stage.act("set_status", order=number, status="shipped")
        before(request)

    stage.wire.before = lock
    set_quantity(stage, number, 7)
    stage.run(minutes=3)
    assert "It was not overwritten" in held(stage, number)


def test_updates_can_be_left_to_people() -> None:
    stage, number = stage_with_order(orders={"updates": False})
    set_quantity(stage, number, 7)
    stage.run(minutes=3)
    assert "updates are switched off" in held(stage, number)
    assert stage.order(number)["writes"] == 1


@pytest.mark.parametrize("fault", EVERY, ids=lambda fault: fault.value)
def test_whatever_happens_to_an_update_it_is_there_in_the_end(fault: Fault) -> None:
    stage, number = stage_with_order()
    stage.shipstation.dial.plan(fault, r"POST /orders/createorder$")
    set_quantity(stage, number, 7)
    stage.run(minutes=40)
    assert [item["quantity"] for item in stage.order(number)["items"]] == [7, 5]
    assert stage.order(number)["writes"] == 2
    assert state(stage, number) == "done"


# ---- cancelled and on hold ----------------------------------------------------------------------------------


def test_a_cancelled_order_is_cancelled_there() -> None:
    stage, number = stage_with_order()
    stage.acumatica.command("cancel_order", {"order_nbr": number})
    stage.run(minutes=3)
    assert stage.order(number)["orderStatus"] == "cancelled"
    assert state(stage, number) == "done"
    assert len(stage.calls("DELETE /orders")) == 1


def test_a_cancellation_that_comes_too_late_goes_to_a_person() -> None:
    stage, number = stage_with_order()
    stage.act("set_status", order=number, status="shipped")
    stage.acumatica.command("cancel_order", {"order_nbr": number})
    stage.run(minutes=3)
    assert "too late for ShipStation order" in held(stage, number)
    assert stage.calls("DELETE") == []


@pytest.mark.parametrize("fault", EVERY, ids=lambda fault: fault.value)
def test_whatever_happens_to_a_cancellation_it_is_cancelled_in_the_end(fault: Fault) -> None:
    stage, number = stage_with_order()
    stage.shipstation.dial.plan(fault, r"DELETE /orders")
    stage.acumatica.command("cancel_order", {"order_nbr": number})
    stage.run(minutes=40)
    assert stage.order(number)["orderStatus"] == "cancelled"
    assert state(stage, number) == "done"


def test_an_order_that_is_opened_again_is_sent_under_the_next_key() -> None:
    stage, number = stage_with_order()
    stage.acumatica.command("cancel_order", {"order_nbr": number})
    stage.run(minutes=3)
    world = stage.acumatica.world
    stored = world.store.find("SalesOrder", "SO", number)
    assert stored is not None
    assert order_status.reopen(world, stored)
    stage.run(minutes=3)
    keys = {order["orderKey"]: order["orderStatus"] for order in stage.orders()}
    assert keys == {f"ACU-SO-{number}": "cancelled", f"ACU-SO-{number}-R1": "awaiting_shipment"}
    stage.run(minutes=10)
    assert len(stage.orders()) == 2


def test_a_hold_is_passed_on_and_taken_back() -> None:
    stage, number = stage_with_order()
    stage.acumatica.command("put_on_hold", {"order_nbr": number})
    stage.run(minutes=3)
    assert stage.order(number)["orderStatus"] == "on_hold"
    stage.acumatica.command("release_hold", {"order_nbr": number})
    stage.run(minutes=3)
    assert stage.order(number)["orderStatus"] == "awaiting_shipment"
    stage.acumatica.command("put_on_hold", {"order_nbr": number})
    stage.run(minutes=3)
    assert stage.order(number)["orderStatus"] == "on_hold"
    assert state(stage, number) == "done"


def test_a_hold_of_the_warehouse_is_the_warehouses() -> None:
    stage, number = stage_with_order()
    stage.act("set_status", order=number, status="on_hold", until="2026-12-01")
    stage.edit(number, Description="nothing that matters")
    stage.run(minutes=3)
    assert stage.order(number)["orderStatus"] == "on_hold"


def test_a_hold_that_comes_too_late_is_said_and_ends_with_the_release() -> None:
    stage, number = stage_with_order()
    stage.act("set_status", order=number, status="shipped")
    stage.acumatica.command("put_on_hold", {"order_nbr": number})
    stage.run(minutes=3)
    assert "can no longer be stopped" in held(stage, number)
    stage.acumatica.command("release_hold", {"order_nbr": number})
    stage.run(minutes=3)
    assert state(stage, number) == "done"


@pytest.mark.parametrize("call", ["holduntil", "restorefromhold"])
@pytest.mark.parametrize("fault", EVERY, ids=lambda fault: fault.value)
def test_whatever_happens_to_a_hold_it_follows_in_the_end(fault: Fault, call: str) -> None:
    stage, number = stage_with_order()
    stage.shipstation.dial.plan(fault, rf"POST /orders/{call}")
    stage.acumatica.command("put_on_hold", {"order_nbr": number})
    stage.run(minutes=20)
    assert stage.order(number)["orderStatus"] == "on_hold"
    stage.acumatica.command("release_hold", {"order_nbr": number})
    stage.run(minutes=20)
    assert stage.order(number)["orderStatus"] == "awaiting_shipment"


def test_the_key_prefix_and_the_store_are_for_ever() -> None:
    from connector.faults import ConfigurationFault

    stage = ShipStationStage()
    for change in ({"orders": {"key_prefix": "NEW"}}, {"shipstation": {"store_id": 22766}}):
        with pytest.raises(ConfigurationFault, match="cannot become"):
            stage.apply(document(**change))


# ---- steps whose answers are lost while the wish changes ------------------------------------------------------


def until(stage: ShipStationStage, number: str, status: str) -> None:
    """Lets time pass until the first order of this number has the status there."""
    for _ in range(20):
        if next(o for o in stage.orders() if o["orderNumber"] == number)["orderStatus"] == status:
            return
        stage.run(minutes=0.2)
    raise AssertionError(f"the order never became {status}")


def test_a_release_takes_back_a_hold_whose_answer_was_lost() -> None:
    stage, number = stage_with_order()
    stage.shipstation.dial.plan(Fault.DROP_AFTER, r"POST /orders/holduntil")
    stage.acumatica.command("put_on_hold", {"order_nbr": number})
    until(stage, number, "on_hold")
    stage.acumatica.command("release_hold", {"order_nbr": number})
    stage.run(minutes=10)
    assert stage.order(number)["orderStatus"] == "awaiting_shipment"
    assert state(stage, number) == "done"


def test_a_hold_follows_a_release_whose_answer_was_lost() -> None:
    stage, number = stage_with_order()
    stage.acumatica.command("put_on_hold", {"order_nbr": number})
    stage.run(minutes=3)
    stage.shipstation.dial.plan(Fault.DROP_AFTER, r"POST /orders/restorefromhold")
    stage.acumatica.command("release_hold", {"order_nbr": number})
    until(stage, number, "awaiting_shipment")
    stage.acumatica.command("put_on_hold", {"order_nbr": number})
    stage.run(minutes=10)
    assert stage.order(number)["orderStatus"] == "on_hold"


def test_an_order_that_is_opened_again_after_a_cancellation_whose_answer_was_lost_is_sent_again() -> None:
    stage, number = stage_with_order()
    stage.shipstation.dial.plan(Fault.DROP_AFTER, r"DELETE /orders")
    stage.acumatica.command("cancel_order", {"order_nbr": number})
    until(stage, number, "cancelled")
    world = stage.acumatica.world
    stored = world.store.find("SalesOrder", "SO", number)
    assert stored is not None
    assert order_status.reopen(world, stored)
    stage.run(minutes=10)
    keys = {order["orderKey"]: order["orderStatus"] for order in stage.orders()}
    assert keys == {f"ACU-SO-{number}": "cancelled", f"ACU-SO-{number}-R1": "awaiting_shipment"}


def test_a_hold_of_the_warehouse_survives_ours() -> None:
    stage, number = stage_with_order()
    stage.act("set_status", order=number, status="on_hold", until="2026-12-01")
    stage.acumatica.command("put_on_hold", {"order_nbr": number})
    stage.run(minutes=3)
    stage.acumatica.command("release_hold", {"order_nbr": number})
    stage.run(minutes=3)
    assert stage.order(number)["orderStatus"] == "on_hold"
