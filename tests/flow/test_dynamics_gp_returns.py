"""Returns, ShipBob -> Dynamics GP: what GP holds after each story."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.simulators import base
from local.simulators.base import Fault
from local.simulators.shipbob.simulator import DEFAULT_PAT
from tests.support.gp_stage import CORD, CUSTOMER, ITEMS, SHIRT, GpStage, document, line


def announced(stage: GpStage, shipment_id: int, **units: int) -> int:
    """A return that the store announced."""
    products = stage.shipbob.holdings()["products"].values()
    ids = {variant["sku"]: variant["inventory"]["inventory_id"] for row in products for variant in row["variants"]}
    names = {"cord": CORD, "shirt": SHIRT}
    body = {
        "fulfillment_center": {"id": 8},
        "reference_id": f"RMA-{shipment_id}",
        "original_shipment_id": shipment_id,
        "inventory": [
            {"id": ids[names[name]], "quantity": count, "requested_action": "Default"} for name, count in units.items()
        ],
    }
    headers = {
        "Authorization": f"Bearer {DEFAULT_PAT}", "Content-Type": "application/json", "shipbob_channel_id": "433700",
    }  # fmt: skip
    reply = stage.shipbob.handle(base.Request("POST", "/2026-01/return", "", headers, json.dumps(body).encode()))
    assert reply.status == 201, reply.body
    return int(json.loads(reply.body)["id"])


def shipped(stage: GpStage, *lines: dict[str, Any]) -> int:
    """An order that left; its shipment."""
    order_id = stage.order(*(lines or (line(CORD, 3, 7.5),)))
    stage.run(minutes=3)
    stage.ship(order_id)
    stage.run(minutes=12)
    return int(stage.shipbob.holdings()["orders"][str(order_id)]["shipment_ids"][0])


def completed(stage: GpStage, return_id: int, *actions: tuple[str, str, int]) -> None:
    rows = [{"sku": sku, "action": action, "quantity": count} for sku, action, count in actions]
    stage.shipbob.command("process_return", {"return_id": return_id, "step": "complete", "actions": rows})


def test_a_return_is_split_by_what_was_done_with_the_goods() -> None:
    stage = GpStage()
    shipment = shipped(stage)
    return_id = announced(stage, shipment, cord=3)
    stage.run(minutes=20)
    assert stage.sales("Return") == {}
    completed(stage, return_id, (CORD, "Restock", 1), (CORD, "Dispose", 1), (CORD, "Quarantine", 1))
    stage.run(minutes=20)
    assert stage.state("returns", return_id)[0] == "done", stage.state("returns", return_id)
    made = stage.sales("Return")[f"SBR{return_id}"]
    assert (made["customer"], made["batch"], made["state"], made["po_number"]) == (
        CUSTOMER, "SBRETURNS", "Work", f"SBR-{return_id}",
    )  # fmt: skip
    (row,) = made["fields"]["Lines"]
    assert float(row["Quantity"]["Value"]) == 3
    assert float(row["UnitPrice"]["Value"]) == 7.5
    split = {name: float(part["Value"]) for name, part in row["ReturnQuantity"].items() if float(part["Value"])}
    assert split == {"OnHandQuantity": 1, "ReturnedQuantity": 1, "DamagedQuantity": 1}
    stage.run(minutes=60)
    assert len(stage.sales("Return")) == 1
    assert stage.operations("CreateSalesReturn") == ["CreateSalesReturn"]
    assert stage.violations() == []


def test_a_webhook_rings_for_a_completed_return() -> None:
    stage = GpStage()
    stage.subscribe()
    return_id = announced(stage, shipped(stage), cord=1)
    completed(stage, return_id, (CORD, "Restock", 1))
    stage.run(minutes=1, webhooks=True)
    assert list(stage.sales("Return")) == [f"SBR{return_id}"]


@pytest.mark.parametrize("fault", [Fault.DROP_AFTER, Fault.TIMEOUT_AFTER, Fault.ERROR_500_AFTER, Fault.GARBAGE_AFTER])
def test_a_lost_answer_never_makes_two(fault: Fault) -> None:
    stage = GpStage()
    return_id = announced(stage, shipped(stage), cord=1)
    stage.gp.dial.plan(fault, "#CreateSalesReturn")
    completed(stage, return_id, (CORD, "Restock", 1))
    stage.run(minutes=25)
    assert stage.state("returns", return_id)[0] == "done"
    assert list(stage.sales("Return")) == [f"SBR{return_id}"]


def test_an_unknown_item_holds_the_return_and_its_row_frees_it() -> None:
    stage = GpStage()
    return_id = announced(stage, shipped(stage), cord=1)
    less = {sku: row for sku, row in ITEMS.items() if sku != CORD}
    stage.apply(document(tables={"items": less}))
    completed(stage, return_id, (CORD, "Restock", 1))
    stage.run(minutes=20)
    assert stage.state("returns", return_id)[0] == "held"
    assert f"items {CORD}" in stage.state("returns", return_id)[1]
    stage.apply(document())
    stage.run(minutes=3)
    assert stage.state("returns", return_id)[0] == "done"


def test_an_action_that_is_not_configured_holds_the_return() -> None:
    stage = GpStage(returns={"dispositions": {"Restock": "on_hand"}})
    return_id = announced(stage, shipped(stage), cord=1)
    completed(stage, return_id, (CORD, "Dispose", 1))
    stage.run(minutes=20)
    status, why = stage.state("returns", return_id)
    assert (status, stage.sales("Return")) == ("held", {})
    assert "Dispose" in why
    stage.apply(document())
    stage.run(minutes=8)
    assert stage.state("returns", return_id)[0] == "done"


def test_adjustments_hold_what_is_sellable() -> None:
    stage = GpStage(returns={"document": "adjustment"})
    return_id = announced(stage, shipped(stage), cord=3)
    completed(stage, return_id, (CORD, "Restock", 2), (CORD, "Dispose", 1))
    stage.run(minutes=20)
    assert stage.state("returns", return_id)[0] == "done"
    (made,) = stage.gp.holdings()["inventory"]
    assert (made["number"], made["state"]) == (f"SBA{return_id}", "Work")
    assert [float(row["Quantity"]["Value"]) for row in made["lines"]] == [2]
    assert any("not sellable" in note for note in stage.record("returns", return_id).notes)


def test_an_adjustment_whose_answer_is_lost_is_adopted_and_one_that_cannot_be_found_goes_to_a_person() -> None:
    stage = GpStage(returns={"document": "adjustment"})
    first = announced(stage, shipped(stage), cord=1)
    stage.gp.dial.plan(Fault.DROP_AFTER, "#CreateInventoryAdjustment")
    completed(stage, first, (CORD, "Restock", 1))
    stage.run(minutes=20)
    assert stage.state("returns", first)[0] == "done"
    second = announced(stage, shipped(stage), cord=1)
    stage.gp.dial.plan(Fault.DROP_BEFORE, "#CreateInventoryAdjustment")
    completed(stage, second, (CORD, "Restock", 1))
    stage.run(minutes=20)
    assert stage.state("returns", second)[0] == "held"
    assert len(stage.gp.holdings()["inventory"]) == 1


def test_a_parcel_that_came_back_to_the_sender_is_related_to_its_order() -> None:
    stage = GpStage()
    shipment = shipped(stage)
    return_id = int(stage.shipbob.command("announce_stray_return", {"shipment_id": shipment}))
    completed(stage, return_id, (CORD, "Restock", 3))
    stage.run(minutes=20)
    (row,) = stage.sales("Return")[f"SBR{return_id}"]["fields"]["Lines"]
    assert float(row["UnitPrice"]["Value"]) == 7.5
