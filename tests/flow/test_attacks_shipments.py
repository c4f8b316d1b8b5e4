"""Attacks on flow 3: parcels of strangers, broken cases, bundles, new labels, cancelled parcels, orders on hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.message import enqueue
from connector.record import Record
from connector.records import RecordStore
from local.simulators.acumatica.seed import line
from local.simulators.shipbob.simulator import READ_ONLY_CHANNEL
from tests.flow.test_orders import held
from tests.flow.test_shipments import note, of_order, packed, rows, sent, shipped, stage_with
from tests.support.stage import Stage, document

RECIPIENT = {
    "name": "A B",
    "address": {"address1": "1 X", "city": "Y", "country": "US", "state": "WA", "zip_code": "98407"},
}


def parcel(sku: str, quantity: int, **fields: Any) -> dict[str, Any]:
    return {"lines": [{"sku": sku, "quantity": quantity}], **fields}


def record_of(stage: Stage, number: str) -> Record:
    """The shipments record of a sales order."""
    order_id = held(stage)[f"ACU-SO-{number}"]["id"]
    return stage.records("shipments")[str(order_id)]


def replay(stage: Stage, record: Record) -> None:
    enqueue(stage.process, [RecordStore(stage.process).touch(record, "replay", "test", "A person replayed it.")])
    stage.settle()


def strange_order(stage: Stage, reference: str) -> int:
    body = {
        "reference_id": reference, "type": "DTC", "shipping_method": "Standard", "recipient": RECIPIENT,
        "products": [{"reference_id": "0041", "name": "0041", "quantity": 2}],
    }  # fmt: skip
    made = stage.shipbob.command("import_order", {"order": body, "channel_id": READ_ONLY_CHANNEL})
    return int(made["order_id"])


# ---- whose parcels -------------------------------------------------------------------------------------------


def test_another_channels_order_with_our_reference_is_never_written_onto_our_order() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 2))
    order_id = strange_order(stage, f"ACU-SO-{number}")
    stage.shipbob.command("fulfil", {"order_id": order_id})
    stage.run(minutes=10, webhooks=True)
    assert of_order(stage, number) == []
    assert not note(stage, number)


def test_another_channels_order_that_looks_like_ours_waits_for_nothing() -> None:
    stage = stage_with()
    stage.run(minutes=3)
    order_id = strange_order(stage, "ACU-SO-99999")
    stage.shipbob.command("fulfil", {"order_id": order_id})
    stage.run(minutes=10, webhooks=True)
    assert "held" not in stage.states("shipments").values()


# ---- which lines, how many ------------------------------------------------------------------------------------


def test_a_broken_case_is_never_written_as_a_rounded_quantity() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 1, UOM="CASE"))
    shipped(stage, number, packages=[parcel("0041", 20)])
    stage.run(minutes=5, webhooks=True)
    assert of_order(stage, number) == []
    record = record_of(stage, number)
    assert record.status.value == "held"
    assert "CASE" in record.why


def test_a_case_broken_into_exact_parts_is_written() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 1, UOM="CASE"))
    shipped(stage, number, packages=[parcel("0041", 6), parcel("0041", 18)])
    stage.run(minutes=5, webhooks=True)
    assert sorted(rows(found)["0041"] for found in of_order(stage, number)) == [0.25, 0.75]


def test_single_units_go_to_the_line_in_units_and_full_cases_to_the_line_in_cases() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 1, UOM="CASE"), line("0041", 5))
    shipped(stage, number, packages=[parcel("0041", 5), parcel("0041", 24)])
    stage.run(minutes=5, webhooks=True)
    lines = [(row["UOM"], row["ShippedQty"]) for found in of_order(stage, number) for row in found["Details"]]
    assert sorted(lines) == [("CASE", 1), ("EA", 5)]


def test_a_bundles_components_are_not_taken_for_bundles() -> None:
    stage = Stage(schedule={"shipments": {"every_seconds": 300}, "items": {"every_seconds": 86_400}})
    stage.subscribe()
    stage.acumatica.command("stock_item", {
        "InventoryID": "DUO", "Description": "Duo", "ItemClass": "GOODS", "BaseUOM": "EA",
        "DefaultWarehouseID": "3PL-WEST", "DimensionWeight": 1, "WeightUOM": "LB",
    })  # fmt: skip
    stage.acumatica.command("stock", {"sku": "DUO", "warehouse": "3PL-WEST", "location": "R1", "quantity": 9})
    bundle = {"sku": "DUO", "name": "DUO", "components": {"0041": 1, "Insert Card - A": 1}}
    stage.shipbob.command("seed_product", bundle)
    number = sent(stage, line("DUO", 4))
    first = {"lines": [{"sku": "0041", "quantity": 2}, {"sku": "Insert Card - A", "quantity": 2}]}
    shipped(stage, number, packages=[first])
    stage.run(minutes=5, webhooks=True)
    assert [rows(found) for found in of_order(stage, number)] in ([], [{"DUO": 2}])
    shipped(stage, number)
    stage.run(minutes=5, webhooks=True)
    assert sum(rows(found).get("DUO", 0) for found in of_order(stage, number)) in (0, 4)
    if not of_order(stage, number):
        assert "bundle" in record_of(stage, number).why


def test_a_parcel_is_booked_from_the_warehouse_it_left() -> None:
    tables = {"warehouses": {
        "3PL-EAST": {"location_id": 10, "location_bin": "R1"}, "3PL-WEST": {"location_id": 8, "location_bin": "R1"},
    }}  # fmt: skip
    stage = stage_with(tables=tables)
    stage.shipbob.command("seed_location", {"id": 10, "name": "Moreno Valley"})
    stage.shipbob.command("seed_stock", {"sku": "0041", "location_id": 10, "quantity": 50})
    number = sent(stage, line("0041", 2, WarehouseID="3PL-EAST"), line("0041", 2, WarehouseID="3PL-WEST"))
    shipped(stage, number, packages=[parcel("0041", 2, location_id=8), parcel("0041", 2, location_id=10)])
    stage.run(minutes=5, webhooks=True)
    found = sorted(of_order(stage, number), key=lambda shipment: str(shipment["Description"]))
    assert [shipment["WarehouseID"] for shipment in found] == ["3PL-WEST", "3PL-EAST"]


def test_one_parcel_with_lines_of_two_warehouses_becomes_one_shipment_each() -> None:
    tables = {"warehouses": {"3PL-EAST": {"location_id": 10}, "3PL-WEST": {"location_id": 8}}}
    stage = stage_with(tables=tables)
    stage.shipbob.command("seed_product", {"sku": "PEN-BLK", "name": "Pen"})
    stage.shipbob.command("seed_stock", {"sku": "PEN-BLK", "location_id": 8, "quantity": 50})
    number = sent(stage, line("0041", 2), line("PEN-BLK", 3))
    tracking = shipped(stage, number)["tracking_numbers"]
    stage.run(minutes=5, webhooks=True)
    found = of_order(stage, number)
    assert sorted((shipment["WarehouseID"], tuple(packed(shipment))) for shipment in found) == [
        ("3PL-EAST", tuple(tracking)), ("3PL-WEST", tuple(tracking)),
    ]  # fmt: skip
    assert {shipment["Status"] for shipment in found} == {"Confirmed"}


def test_another_sku_in_the_parcel_is_held_with_both_names() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 2))
    world = stage.shipbob.world
    variant = world.variants[world.skus["0041"][0]]
    world.put_variant(replace(variant, sku="0041-NEW"))
    shipped(stage, number)
    stage.run(minutes=5, webhooks=True)
    record = record_of(stage, number)
    assert record.status.value == "held"
    assert "0041-NEW" in record.why
    assert "order does not have" in record.why


# ---- new labels, cancelled parcels ----------------------------------------------------------------------------


def test_a_new_label_reaches_a_shipment_that_is_still_open() -> None:
    stage = stage_with(shipments={"confirm": False})
    number = sent(stage, line("0041", 1))
    shipped(stage, number)
    stage.run(minutes=3, webhooks=True)
    (new,) = stage.shipbob.command("relabel", {"reference_id": f"ACU-SO-{number}"})
    stage.run(minutes=10, webhooks=True)
    (shipment,) = of_order(stage, number)
    assert packed(shipment) == [new]


def test_a_tracking_number_that_comes_back_is_shown_again() -> None:
    """ShipBob may answer with the label of before for a minute; Acumatica must not keep that one."""
    stage = stage_with(shipments={"confirm": False})
    number = sent(stage, line("0041", 1))
    (first,) = shipped(stage, number)["tracking_numbers"]
    stage.run(minutes=3, webhooks=True)
    second = "9400100000000000009999"
    for label in (second, first, second):
        stage.shipbob.command("relabel", {"reference_id": f"ACU-SO-{number}", "tracking_number": label})
        stage.run(minutes=10, webhooks=True)
        (shipment,) = of_order(stage, number)
        assert packed(shipment) == [label]


def test_a_new_label_after_the_confirmation_is_said_on_the_record_and_shown_on_the_order() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 1))
    (old,) = shipped(stage, number)["tracking_numbers"]
    stage.run(minutes=3, webhooks=True)
    (new,) = stage.shipbob.command("relabel", {"reference_id": f"ACU-SO-{number}"})
    stage.run(minutes=10, webhooks=True)
    (shipment,) = of_order(stage, number)
    assert packed(shipment) == [old]
    assert new in note(stage, number)
    record = record_of(stage, number)
    assert any(new in text and old in text for text in [record.why, *record.notes])


def _cancel_at_shipbob(stage: Stage, number: str) -> None:
    """What the API cannot do any more: support takes a labelled parcel back."""
    world = stage.shipbob.world
    for shipment in list(world.shipments.values()):
        if world.orders[shipment.order_id].reference_id == f"ACU-SO-{number}":
            world.put_shipment(replace(shipment, status="Cancelled", updated=world.now()))


def test_a_parcel_taken_back_after_it_was_written_is_held_until_it_is_gone_from_acumatica() -> None:
    stage = stage_with(shipments={"ship_on": ["Completed", "LabeledCreated"]})
    number = sent(stage, line("0041", 1))
    shipped(stage, number, label_only=True)
    stage.run(minutes=5, webhooks=True)
    (shipment,) = of_order(stage, number)
    _cancel_at_shipbob(stage, number)
    stage.run(minutes=10, webhooks=True)
    record = record_of(stage, number)
    assert record.status.value == "held"
    assert shipment["ShipmentNbr"] in record.why
    stage.acumatica.command("correct_shipment", {"shipment_nbr": shipment["ShipmentNbr"]})
    stage.acumatica.command("delete", {"entity": "Shipment", "key": shipment["ShipmentNbr"]})
    replay(stage, record)
    stage.run(minutes=5)
    assert shipment["ShipmentNbr"] not in record_of(stage, number).why.replace("deleted", "")


def test_an_order_that_shipbob_cancelled_is_said_while_acumatica_still_waits_for_it() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 1))
    stage.shipbob.command("cancel_shipment", {"reference_id": f"ACU-SO-{number}"})
    stage.run(minutes=10, webhooks=True)
    record = record_of(stage, number)
    assert record.status.value == "held"
    assert "cancelled at ShipBob" in record.why


def test_an_order_that_we_cancelled_ourselves_is_no_news() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 1))
    stage.acumatica.command("cancel_order", {"order_nbr": number})
    stage.run(minutes=10, webhooks=True)
    assert held(stage)[f"ACU-SO-{number}"]["status"] == "Cancelled"
    assert record_of(stage, number).status.value == "done"


# ---- orders that Acumatica will not ship ----------------------------------------------------------------------


@pytest.mark.parametrize("command", ["credit_hold", "put_on_hold"])
def test_a_parcel_of_an_order_on_hold_waits_for_the_release_and_then_goes_on_by_itself(command: str) -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 1))
    stage.acumatica.command(command, {"order_nbr": number})
    shipped(stage, number)
    stage.run(minutes=5, webhooks=True)
    assert of_order(stage, number) == []
    record = record_of(stage, number)
    assert record.status.value == "held"
    assert "Hold" in record.why
    fields = {"CreditHold": False, "Hold": False}
    stage.acumatica.command("edit_order", {"order_nbr": number, "fields": fields})
    stage.run(minutes=15, webhooks=True)
    assert [found["Status"] for found in of_order(stage, number)] == ["Confirmed"]


def test_a_parcel_of_an_order_that_a_person_has_shipped_by_hand_says_what_to_do() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 1))
    stage.acumatica.command("create_shipment", {"order_nbr": number, "warehouse": "3PL-WEST"})
    shipped(stage, number)
    stage.run(minutes=5, webhooks=True)
    record = record_of(stage, number)
    assert record.status.value in ("held", "refused")
    assert "another shipment" in record.why
    by_hand = next(found for found in of_order(stage, number) if not found.get("Description"))
    stage.acumatica.command("delete", {"entity": "Shipment", "key": by_hand["ShipmentNbr"]})
    replay(stage, record)
    stage.run(minutes=5)
    assert [found["Status"] for found in of_order(stage, number)] == ["Confirmed"]


def test_a_parcel_of_an_order_that_was_cancelled_too_late_says_so() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 1))
    stage.shipbob.command("pick", {"reference_id": f"ACU-SO-{number}"})
    stage.acumatica.command("cancel_order", {"order_nbr": number})
    stage.run(minutes=3, webhooks=True)
    shipped(stage, number)
    stage.run(minutes=5, webhooks=True)
    record = record_of(stage, number)
    assert record.status.value == "held"
    assert "Canceled" in record.why
    assert of_order(stage, number) == []


def test_a_held_parcel_does_not_keep_the_orders_text_from_being_current() -> None:
    stage = stage_with(tables={"carriers": {"USPS": {"ship_via": "GROUND"}}})
    number = sent(stage, line("0041", 2))
    packages = [parcel("0041", 1, carrier="UniUni"), parcel("0041", 1, carrier="USPS")]
    tracking = shipped(stage, number, packages=packages)["tracking_numbers"]
    stage.run(minutes=5, webhooks=True)
    assert record_of(stage, number).status.value == "held"
    assert all(code in note(stage, number) for code in tracking)


# ---- days ----------------------------------------------------------------------------------------------------


def test_the_order_shows_days_of_the_business_zone_as_the_shipment_does() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 1))
    stage.clock.set(stage.clock().replace(hour=3, minute=30, day=stage.clock().day + 1))
    shipped(stage, number)
    stage.run(minutes=5, webhooks=True)
    (shipment,) = of_order(stage, number)
    day = str(shipment["ShipmentDate"])[:10]
    assert f"shipped {day}" in note(stage, number)


# ---- two warehouses in one building ---------------------------------------------------------------------------


def test_two_warehouses_in_one_fulfilment_centre_are_refused_by_name() -> None:
    from connector.connection import InvalidConnection

    with pytest.raises(InvalidConnection, match=r"tables\.warehouses.*3PL-EAST, 3PL-WEST.*location_id 8"):
        Stage(tables={"warehouses": {"3PL-EAST": {"location_id": 8}, "3PL-WEST": {"location_id": 8}}})
    shared = {"warehouses": {"3PL-EAST": {"location_id": 8}, "3PL-WEST": {"location_id": 8}}}
    document(tables=shared)
    Stage(tables=shared, schedule={"stock": {"every_seconds": 3600, "enabled": False}})


def test_a_text_that_comes_back_is_shown_again_and_one_that_ended_goes() -> None:
    stage = stage_with()
    number = sent(stage, line("0041", 1), note="Ring twice")
    reference = {"reference_id": f"ACU-SO-{number}"}
    for _ in range(2):
        stage.shipbob.command("hold", reference)
        stage.run(minutes=6, webhooks=True)
        assert "OnHold" in note(stage, number)
        stage.shipbob.command("release", reference)
        stage.run(minutes=6, webhooks=True)
        assert "OnHold" not in note(stage, number)
        assert note(stage, number).startswith("Ring twice")
