"""Attacks on flow 1: orders that change, stop or vanish at the worst moment, and settings that turn against them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connector.faults import ConfigurationFault
from local.simulators import base
from local.simulators.acumatica.seed import line
from local.simulators.base import Fault
from local.simulators.shipbob.simulator import DEFAULT_PAT, PAT_CHANNEL
from tests.flow.test_orders import held, put, quantities, why
from tests.support.stage import Stage, document


def status(stage: Stage, number: str) -> str:
    return stage.states("orders")[f"SO/{number}"]


def edit(stage: Stage, number: str, **fields: Any) -> None:
    stage.acumatica.command("edit_order", {"order_nbr": number, "fields": fields})


def sent(stage: Stage, *lines: dict[str, Any], **fields: Any) -> str:
    number = put(stage, *lines, **fields)
    stage.run(minutes=3)
    assert f"ACU-SO-{number}" in held(stage)
    return number


def ask_shipbob(stage: Stage, method: str, path: str, body: Any, channel: int = PAT_CHANNEL) -> Any:
    headers = {
        "Authorization": f"Bearer {DEFAULT_PAT}", "Content-Type": "application/json",
        "shipbob_channel_id": str(channel),
    }  # fmt: skip
    reply = stage.shipbob.handle(base.Request(method, path, "", headers, json.dumps(body).encode()))
    assert reply.status < 300, reply.body
    return json.loads(reply.body)


# ---- while the answer to the creation is lost -----------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.ERROR_500_BEFORE])
def test_cancelled_while_the_creation_is_unclear_and_it_had_not_arrived_nothing_is_sent(fault: Fault) -> None:
    stage = Stage()
    stage.shipbob.dial.plan(fault, r"POST .*/order$")
    number = put(stage, line("0041", 2))
    stage.run(minutes=1.5)
    assert held(stage) == {}
    stage.acumatica.command("cancel_order", {"order_nbr": number})
    stage.run(minutes=30)
    assert held(stage) == {}
    assert status(stage, number) == "done"
    assert "not sent" in why(stage, number)


def test_cancelled_while_the_creation_is_unclear_and_it_had_arrived_it_is_cancelled_there() -> None:
    stage = Stage()
    stage.shipbob.dial.plan(Fault.DROP_AFTER, r"POST .*/order$")
    number = put(stage, line("0041", 2))
    stage.run(minutes=1.5)
    stage.acumatica.command("cancel_order", {"order_nbr": number})
    stage.run(minutes=30)
    assert held(stage)[f"ACU-SO-{number}"]["status"] == "Cancelled"
    assert "is cancelled" in why(stage, number)


def test_put_on_hold_while_the_creation_is_unclear_and_it_had_not_arrived_it_waits_for_the_release() -> None:
    stage = Stage()
    stage.shipbob.dial.plan(Fault.DROP_BEFORE, r"POST .*/order$")
    number = put(stage, line("0041", 2))
    stage.run(minutes=1.5)
    stage.acumatica.command("put_on_hold", {"order_nbr": number})
    stage.run(minutes=30)
    assert held(stage) == {}
    stage.acumatica.command("release_hold", {"order_nbr": number})
    stage.run(minutes=10)
    assert set(held(stage)) == {f"ACU-SO-{number}"}
    assert status(stage, number) == "done"


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.DROP_BEFORE])
def test_another_street_while_the_creation_is_unclear_is_never_taken_for_written(fault: Fault) -> None:
    stage = Stage()
    stage.shipbob.dial.plan(fault, r"POST .*/order$")
    number = put(stage, line("0041", 2), country="US")
    stage.run(minutes=1.5)
    edit(stage, number, ShipToAddress={"AddressLine1": "9 Other Street"})
    stage.run(minutes=30)
    found = held(stage)[f"ACU-SO-{number}"]
    if found["recipient"]["address"]["address1"] == "9 Other Street":
        assert status(stage, number) == "done"
    else:
        assert status(stage, number) == "held"
        assert "ship-to address" in why(stage, number)


def test_a_line_added_while_the_creation_is_unclear_is_said_and_the_parcels_still_come_back() -> None:
    stage = Stage(schedule={"shipments": {"every_seconds": 300}})
    stage.shipbob.dial.plan(Fault.DROP_AFTER, r"POST .*/order$")
    number = put(stage, line("0041", 2))
    stage.run(minutes=1.5)
    edit(stage, number, Details=[line("KIT-DESK", 1)])
    stage.run(minutes=30)
    assert quantities(held(stage)[f"ACU-SO-{number}"]) == {"0041": 2}
    assert status(stage, number) == "held"
    assert "KIT-DESK" in why(stage, number)
    stage.shipbob.command("fulfil", {"reference_id": f"ACU-SO-{number}"})
    stage.run(minutes=15)
    (shipment,) = stage.erp("Shipment").values()
    assert [(row["InventoryID"], row["ShippedQty"]) for row in shipment["Details"]] == [("0041", 2)]
    assert shipment["Status"] == "Confirmed"


# ---- changes after sending ------------------------------------------------------------------------------------


def test_a_line_moved_to_another_warehouse_after_sending_is_said() -> None:
    stage = Stage()
    number = sent(stage, line("0041", 2))
    edit(stage, number, Details=[{"LineNbr": 1, "WarehouseID": "MAIN"}])
    stage.run(minutes=3)
    assert status(stage, number) == "held"
    assert "MAIN" in why(stage, number)


def test_another_ship_via_after_sending_is_said() -> None:
    stage = Stage()
    stage.shipbob.command("seed_shipping_method", {"name": "Overnight"})
    stage.apply(document(tables={"ship_methods": {"GROUND": "Standard", "EXPRESS": "Overnight", "": "Standard"}}))
    number = sent(stage, line("0041", 2))
    edit(stage, number, ShipVia="EXPRESS")
    stage.run(minutes=3)
    assert status(stage, number) == "held"
    assert "Overnight" in why(stage, number)


def test_another_ship_via_that_means_the_same_method_disturbs_nobody() -> None:
    stage = Stage()
    number = sent(stage, line("0041", 2))
    edit(stage, number, ShipVia="EXPRESS")
    stage.run(minutes=3)
    assert status(stage, number) == "done"


def test_a_change_of_a_line_that_shipbob_never_had_disturbs_nobody() -> None:
    stage = Stage()
    number = sent(stage, line("0041", 2), line("PEN-BLK", 3))
    edit(stage, number, Details=[{"LineNbr": 2, "OrderQty": 5}])
    stage.run(minutes=3)
    assert status(stage, number) == "done"


@pytest.mark.parametrize(("command", "word"), [("credit_hold", "Credit Hold"), ("put_on_hold", "On Hold")])
def test_a_hold_after_sending_is_said_and_ends_with_the_release(command: str, word: str) -> None:
    stage = Stage()
    number = sent(stage, line("0041", 2))
    stage.acumatica.command(command, {"order_nbr": number})
    stage.run(minutes=3)
    assert status(stage, number) == "held"
    assert word in why(stage, number)
    edit(stage, number, CreditHold=False, Hold=False)
    stage.run(minutes=3)
    assert status(stage, number) == "done"


def test_an_order_that_is_reopened_after_its_cancellation_is_not_called_shipped() -> None:
    stage = Stage()
    number = sent(stage, line("0041", 2))
    stage.acumatica.command("cancel_order", {"order_nbr": number})
    stage.run(minutes=3)
    assert held(stage)[f"ACU-SO-{number}"]["status"] == "Cancelled"
    from local.simulators.acumatica import order_status

    world = stage.acumatica.world
    order = world.store.find("SalesOrder", "SO", number)
    assert order is not None
    stage.acumatica.transact(lambda: order_status.reopen(world, order), by_person=True)
    stage.run(minutes=5)
    assert status(stage, number) == "held"
    assert "cancelled at ShipBob" in why(stage, number)
    assert len(stage.shipbob.holdings()["orders"]) == 1


def test_an_order_deleted_after_it_was_sent_is_not_nothing_to_do() -> None:
    stage = Stage()
    number = sent(stage, line("0041", 2))
    stage.acumatica.command("delete", {"entity": "SalesOrder", "key": ["SO", number]})
    record = stage.records("orders")[f"SO/{number}"]
    from connector.message import enqueue
    from connector.records import RecordStore

    enqueue(stage.process, [RecordStore(stage.process).touch(record, "webhook", "x", "Acumatica pushed a change.")])
    stage.run(minutes=10)
    assert status(stage, number) == "held"
    assert "will be shipped" in why(stage, number)


# ---- settings that change while orders are on their way -------------------------------------------------------


def test_another_reference_prefix_is_refused_once_it_is_in_use() -> None:
    stage = Stage()
    number = sent(stage, line("0041", 2))
    with pytest.raises(ConfigurationFault, match=r"settings\.orders\.reference_prefix"):
        stage.apply(document(orders={"reference_prefix": "NEW"}))
    edit(stage, number, Description="touched")
    stage.run(minutes=10)
    assert len(stage.shipbob.holdings()["orders"]) == 1


def test_before_its_start_a_connection_moves_nothing_whatever_rings() -> None:
    stage = Stage(start="2026-04-01T00:00:00Z", schedule={"stock": {"every_seconds": 600}})
    stage.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": -7})
    number = put(stage, line("0041", 2))
    from connector.message import enqueue
    from connector.records import Origin, RecordStore, Seen

    origin = Origin("demo", "acumatica_shipbob", "orders", "webhook", "x")
    enqueue(stage.process, RecordStore(stage.process).see(origin, [Seen(f"SO/{number}")]))
    stage.run(minutes=90)
    assert held(stage) == {}
    assert stage.erp("InventoryAdjustment") == {}
    assert "2026-04-01" in why(stage, number)


# ---- what orders look like -----------------------------------------------------------------------------------


def test_a_customer_without_contact_is_named_by_the_customers_name() -> None:
    stage = Stage()
    fields: dict[str, Any] = {"ShipToContactOverride": True, "ShipToContact": {"Attention": "", "BusinessName": ""}}
    number = sent(stage, line("0041", 1), **fields)
    assert held(stage)[f"ACU-SO-{number}"]["recipient"]["name"] == "Quill & Daughters"


def test_prices_in_another_currency_are_not_sent_as_dollars() -> None:
    stage = Stage()
    number = sent(stage, line("0041", 1, UnitPrice=12.5), CurrencyID="EUR")
    (product,) = held(stage)[f"ACU-SO-{number}"]["products"]
    assert product["unit_price"] is None
    assert any("EUR" in note for note in stage.records("orders")[f"SO/{number}"].notes)


@pytest.mark.parametrize("number", ["WEB 12 A", "A-B-7", "N°7&8", "10%2F"])
def test_order_numbers_of_any_shape_make_the_round_trip(number: str) -> None:
    stage = Stage(schedule={"shipments": {"every_seconds": 300}})
    assert sent(stage, line("0041", 1), OrderNbr=number) == number
    stage.shipbob.command("fulfil", {"reference_id": f"ACU-SO-{number}"})
    stage.run(minutes=12)
    assert [found["Status"] for found in stage.erp("Shipment").values()] == ["Confirmed"]


def test_an_order_with_300_lines_makes_the_round_trip() -> None:
    stage = Stage(schedule={"shipments": {"every_seconds": 300}})
    number = sent(stage, *[line("0041", 1) for _ in range(300)])
    assert quantities(held(stage)[f"ACU-SO-{number}"]) == {"0041": 300}
    stage.shipbob.command("fulfil", {"reference_id": f"ACU-SO-{number}"})
    stage.run(minutes=12)
    (shipment,) = stage.erp("Shipment").values()
    assert (len(shipment["Details"]), shipment["Status"]) == (300, "Confirmed")


def test_the_same_sku_in_cases_and_units_is_sent_line_by_line() -> None:
    stage = Stage()
    number = sent(stage, line("0041", 1, UOM="CASE"), line("0041", 5))
    assert quantities(held(stage)[f"ACU-SO-{number}"]) == {"0041": 29}


def test_half_a_unit_is_never_rounded() -> None:
    stage = Stage()
    number = put(stage, line("0041", 1.5))
    stage.run(minutes=3)
    assert held(stage) == {}
    assert "not a whole number" in why(stage, number)


def test_an_order_closed_in_acumatica_while_shipbob_still_ships_is_said() -> None:
    stage = Stage(schedule={"shipments": {"every_seconds": 300}})
    number = sent(stage, line("0041", 5, ShippingRule="Cancel Remainder"))
    stage.shipbob.command(
        "fulfil", {"reference_id": f"ACU-SO-{number}", "packages": [{"lines": [{"sku": "0041", "quantity": 2}]}]}
    )
    stage.run(minutes=10)
    assert stage.erp("SalesOrder")[number]["Status"] == "Completed"
    assert status(stage, number) == "held"
    assert "is 2 instead of 5" in why(stage, number)


def test_a_sku_that_was_renamed_at_shipbob_never_makes_a_product_without_stock() -> None:
    from dataclasses import replace

    stage = Stage()
    stage.run(minutes=60 * 26)
    world = stage.shipbob.world
    world.put_variant(replace(world.variants[world.skus["0041"][0]], sku="0041-MERGED"))
    products = len(world.products)
    number = put(stage, line("0041", 2))
    stage.run(minutes=15)
    assert held(stage) == {}
    assert len(world.products) == products
    assert (status(stage, number), "0041" in why(stage, number)) == ("held", True)
