"""Flow 1, sales orders to ShipBob: what ShipBob then holds, what the record says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connector.cursor import read_cursors
from local.simulators import base
from local.simulators.acumatica.seed import line, order, seed_orders
from local.simulators.base import Fault
from local.simulators.shipbob.simulator import DEFAULT_PAT, PAT_CHANNEL
from tests.support.stage import NAME, Stage, document


def held(stage: Stage) -> dict[str, dict[str, Any]]:
    """ShipBob's orders by reference."""
    orders = stage.shipbob.holdings()["orders"]
    return {found["reference_id"]: found for found in (orders.values() if isinstance(orders, dict) else orders)}


def put(stage: Stage, *lines: dict[str, Any], **fields: Any) -> str:
    """A new sales order; its number."""
    return str(stage.acumatica.command("sales_order", order("QUILL", *lines, **fields))["key"])


def quantities(found: dict[str, Any]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for product in found["products"]:
        totals[product["sku"]] = totals.get(product["sku"], 0) + product["quantity"]
    return totals


def why(stage: Stage, number: str) -> str:
    return stage.records("orders")[f"SO/{number}"].why


def test_only_fulfillable_orders_are_sent_each_once() -> None:
    stage = Stage()
    numbers = seed_orders(stage.acumatica)
    stage.run(minutes=5)
    sent = {"plain", "own_address", "canadian", "british", "two_warehouses", "case", "drop_ship", "charge"}
    assert set(held(stage)) == {f"ACU-SO-{numbers[kind]}" for kind in sent}
    assert stage.records("orders")[f"SO/{numbers['plug_in']}"].status.value == "held"
    assert stage.shipbob.strict_violations == []


def test_the_order_arrives_as_the_customer_placed_it() -> None:
    stage = Stage()
    number = put(stage, line("0041", 2, UnitPrice=12.5), line("Insert Card - A", 2), country="GB", CustomerOrder="PO-9")
    stage.run(minutes=3)
    found = held(stage)[f"ACU-SO-{number}"]
    assert quantities(found) == {"0041": 2, "Insert Card - A": 2}
    assert found["recipient"]["address"]["zip_code"] == "LS1 4AP"
    assert found["recipient"]["address"]["country"] == "GB"
    assert found["recipient"]["name"] == "Yard Supplies Ltd"
    assert found["shipping_method"] == "Standard"
    assert found["order_number"] == number
    assert [row["external_line_id"] for row in found["products"]] == [1, 2]


def test_a_line_in_cases_is_sent_in_single_units_with_a_note() -> None:
    stage = Stage()
    number = put(stage, line("0041", 2, UOM="CASE"))
    stage.run(minutes=3)
    assert quantities(held(stage)[f"ACU-SO-{number}"]) == {"0041": 48}
    assert any("CASE" in note for note in stage.records("orders")[f"SO/{number}"].notes)


def test_an_order_without_a_mapped_shipping_method_is_held_and_continues_when_it_is_mapped() -> None:
    stage = Stage()
    number = put(stage, line("0041", 1), ShipVia="UPSPLUGIN")
    stage.run(minutes=3)
    assert held(stage) == {}
    assert "UPSPLUGIN" in why(stage, number)
    methods = {"GROUND": "Standard", "EXPRESS": "Standard", "": "Standard", "UPSPLUGIN": "Standard"}
    stage.apply(document(tables={"ship_methods": methods}))
    stage.settle()
    assert set(held(stage)) == {f"ACU-SO-{number}"}


def test_a_shipping_method_that_shipbob_does_not_know_is_never_sent() -> None:
    stage = Stage(tables={"ship_methods": {"GROUND": "Overnight", "": "Standard"}})
    number = put(stage, line("0041", 1))
    stage.run(minutes=3)
    assert held(stage) == {}
    assert "Overnight" in why(stage, number)
    assert "Overnight" not in str(stage.shipbob.holdings()["shipping_methods"])


def test_an_order_waits_for_an_unknown_sku_and_continues_by_itself_when_the_item_is_there() -> None:
    stage = Stage(schedule={"items": {"every_seconds": 3600}})
    stage.run(minutes=2)
    stage.acumatica.command("stock_item", {
        "InventoryID": "LAMP-7", "Description": "Lamp", "ItemClass": "GOODS", "BaseUOM": "EA",
        "DefaultWarehouseID": "3PL-WEST", "DimensionWeight": 2, "WeightUOM": "LB",
    })  # fmt: skip
    stage.acumatica.command("stock", {"sku": "LAMP-7", "warehouse": "3PL-WEST", "location": "R1", "quantity": 9})
    number = put(stage, line("LAMP-7", 1))
    stage.run(minutes=3)
    assert held(stage) == {}
    assert "LAMP-7" in why(stage, number)
    stage.run(minutes=60)
    assert quantities(held(stage)[f"ACU-SO-{number}"]) == {"LAMP-7": 1}
    assert stage.records("orders")[f"SO/{number}"].status.value == "done"


def test_an_order_that_shipbob_already_holds_is_adopted() -> None:
    stage = Stage()
    number = put(stage, line("0041", 2))
    stage.run(minutes=3)
    first = held(stage)
    for table in ("records", "audit"):  # as after a lost deployment: ShipBob alone remembers
        for item in stage.world.tables.items(table):
            stage.world.tables.delete(table, str(item["pk"]), str(item["sk"]))
    stage.acumatica.command("edit_order", {"order_nbr": number, "fields": {"Description": "touched"}})
    stage.run(minutes=3)
    assert held(stage) == first
    assert "holds order" in why(stage, number)


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.TIMEOUT_AFTER, Fault.ERROR_500_AFTER, Fault.GARBAGE_AFTER])
def test_a_lost_answer_leaves_exactly_one_order(fault: Fault) -> None:
    stage = Stage()
    stage.shipbob.dial.plan(fault, r"POST .*/order$")
    number = put(stage, line("0041", 2))
    stage.run(minutes=15)
    assert set(held(stage)) == {f"ACU-SO-{number}"}
    assert len(stage.shipbob.holdings()["orders"]) == 1
    assert stage.states("orders")[f"SO/{number}"] == "done"


def test_an_order_changed_after_it_was_sent_is_held_with_the_change_in_words() -> None:
    stage = Stage()
    number = put(stage, line("0041", 2))
    stage.run(minutes=3)
    rows = [{"LineNbr": 1, "OrderQty": 5}]
    stage.acumatica.command("edit_order", {"order_nbr": number, "fields": {"Details": rows}})
    stage.run(minutes=3)
    assert quantities(held(stage)[f"ACU-SO-{number}"]) == {"0041": 2}
    assert stage.states("orders")[f"SO/{number}"] == "held"
    assert "is 5 instead of 2" in why(stage, number)


def test_a_note_or_description_changed_after_sending_disturbs_nobody() -> None:
    stage = Stage()
    number = put(stage, line("0041", 2))
    stage.run(minutes=3)
    stage.acumatica.command("edit_order", {"order_nbr": number, "fields": {"Description": "call first"}})
    stage.run(minutes=3)
    assert stage.states("orders")[f"SO/{number}"] == "done"


def test_a_cancelled_order_is_cancelled_at_shipbob() -> None:
    stage = Stage()
    number = put(stage, line("0041", 2))
    stage.run(minutes=3)
    stage.acumatica.command("cancel_order", {"order_nbr": number})
    stage.run(minutes=3)
    assert held(stage)[f"ACU-SO-{number}"]["status"] == "Cancelled"
    assert "is cancelled" in why(stage, number)


def test_a_cancellation_that_comes_too_late_is_said_on_the_record() -> None:
    stage = Stage()
    number = put(stage, line("0041", 2))
    stage.run(minutes=3)
    stage.shipbob.command("pick", {"reference_id": f"ACU-SO-{number}"})
    stage.acumatica.command("cancel_order", {"order_nbr": number})
    stage.run(minutes=3)
    assert held(stage)[f"ACU-SO-{number}"]["status"] != "Cancelled"
    assert stage.states("orders")[f"SO/{number}"] == "held"
    assert "too late" in why(stage, number)


def test_an_order_cancelled_before_it_was_sent_is_never_sent() -> None:
    stage = Stage(orders={"hold_minutes": 30})
    number = put(stage, line("0041", 2))
    stage.run(minutes=5)
    assert held(stage) == {}
    stage.acumatica.command("cancel_order", {"order_nbr": number})
    stage.run(minutes=60)
    assert held(stage) == {}
    assert "was not sent" in why(stage, number)


def test_the_hold_time_is_kept_and_then_the_order_goes() -> None:
    stage = Stage(orders={"hold_minutes": 30})
    number = put(stage, line("0041", 2))
    stage.run(minutes=29)
    assert held(stage) == {}
    stage.run(minutes=3)
    assert set(held(stage)) == {f"ACU-SO-{number}"}


def test_an_order_released_later_is_sent_then() -> None:
    stage = Stage()
    number = put(stage, line("0041", 2), Hold=True)
    stage.run(minutes=3)
    assert held(stage) == {}
    stage.acumatica.command("release_hold", {"order_nbr": number})
    stage.run(minutes=3)
    assert set(held(stage)) == {f"ACU-SO-{number}"}


def test_an_address_that_cannot_be_shipped_to_names_the_field() -> None:
    stage = Stage()
    fields: dict[str, Any] = {
        "ShipToAddressOverride": True,
        "ShipToAddress": {"AddressLine1": "1 Main St", "City": "Tacoma", "Country": "US"},
    }
    number = put(stage, line("0041", 1), **fields)
    stage.run(minutes=3)
    assert held(stage) == {}
    assert "postal code" in why(stage, number)
    assert "1 Main St" not in why(stage, number)


def test_a_throttled_burst_delays_but_loses_and_doubles_nothing() -> None:
    stage = Stage()
    numbers = [put(stage, line("0041", 1)) for _ in range(12)]
    stage.shipbob.dial.plan(Fault.THROTTLED, r"POST .*/order$", times=5)
    stage.run(minutes=15)
    assert set(held(stage)) == {f"ACU-SO-{number}" for number in numbers}
    assert len(stage.shipbob.holdings()["orders"]) == 12


def test_fifty_orders_share_one_duplicate_check() -> None:
    stage = Stage()
    stage.run(minutes=2)
    before = len(stage.shipbob.calls)
    numbers = [put(stage, line("0041", 1)) for _ in range(50)]
    stage.clock.advance(1)
    stage.run(minutes=10)
    made = [call for call in stage.shipbob.calls[before:] if call.path.endswith("/order") and call.method == "POST"]
    checks = [call for call in stage.shipbob.calls[before:] if "ReferenceIds" in call.query]
    assert len(held(stage)) == len(numbers) == len(made)
    assert len(checks) == 1


def test_an_idle_poll_costs_one_call_per_stream() -> None:
    flows = ("orders", "items", "shipments", "stock", "charges")
    stage = Stage(schedule={name: {"every_seconds": 60} for name in flows})
    stage.run(minutes=40)
    acumatica, shipbob = len(stage.acumatica.calls), len(stage.shipbob.calls)
    stage.run(minutes=10)
    assert len(stage.acumatica.calls) - acumatica <= 2 * 11
    assert len(stage.shipbob.calls) - shipbob <= 3 * 11


def test_a_duplicate_that_shipbob_does_not_show_yet_is_adopted_not_refused() -> None:
    stage = Stage()
    stage.run(minutes=2)
    stage.shipbob.command("set", {"visibility_lag_seconds": 50})
    number = put(stage, line("0041", 2))
    body = {
        "reference_id": f"ACU-SO-{number}", "type": "DTC", "shipping_method": "Standard",
        "recipient": {
            "name": "Marta Quill",
            "address": {"address1": "2210 Harbor View Rd", "city": "Tacoma", "country": "US", "state": "WA",
                        "zip_code": "98407"},
        },
        "products": [{"reference_id": "0041", "name": "0041", "quantity": 2}],
    }  # fmt: skip
    headers = {
        "Authorization": f"Bearer {DEFAULT_PAT}", "Content-Type": "application/json",
        "shipbob_channel_id": str(PAT_CHANNEL),
    }  # fmt: skip
    stage.clock.advance(40)
    reply = stage.shipbob.handle(base.Request("POST", "/2026-01/order", "", headers, json.dumps(body).encode()))
    assert reply.status == 201
    stage.run(minutes=10)
    assert len(held(stage)) == 1
    assert stage.states("orders")[f"SO/{number}"] == "done"
    assert [call.status for call in stage.shipbob.calls if call.method == "POST" and call.path.endswith("/order")] == [
        201, 422,
    ]  # fmt: skip


def test_records_of_a_switched_off_flow_continue_when_it_is_switched_on() -> None:
    stage = Stage()
    number = put(stage, line("0041", 1))
    for _ in range(2):  # the first window ends a day after the start
        stage.clock.advance(1)
        stage.tick()
        while stage.world.deliver("jobs", lambda event, context: stage._poll(event, context), 1):
            pass
    stage.apply(document(schedule={"orders": {"every_seconds": 60, "enabled": False}}))
    stage.settle()
    assert (held(stage), stage.states("orders")) == ({}, {f"SO/{number}": "held"})
    stage.apply(document(schedule={"orders": {"every_seconds": 60}}))
    stage.run(minutes=8)
    assert set(held(stage)) == {f"ACU-SO-{number}"}


def test_a_shorter_cadence_counts_at_once() -> None:
    stage = Stage()
    stage.run(minutes=3)
    before = read_cursors(stage.world.tables, NAME, ["charges"])["charges"]
    stage.apply(document(schedule={"charges": {"every_seconds": 60}}))
    stage.run(minutes=3)
    after = read_cursors(stage.world.tables, NAME, ["charges"])["charges"]
    assert before.succeeded_at < after.succeeded_at
