"""Shipments, ShipBob -> the GP order: what it shows after each story."""

from __future__ import annotations

from typing import Any

import pytest

from dynamicsgp_shipbob.words import tell
from local.simulators.base import Fault
from tests.support.gp_stage import CORD, SHIRT, GpStage, document, line

UPDATE = "#UpdateSalesOrder"


def entered(stage: GpStage, *lines: dict[str, Any]) -> int:
    """An order that is in GP."""
    order_id = stage.order(*(lines or (line(SHIRT, 2, 19.99), line(CORD, 1, 9.95))))
    stage.run(minutes=3)
    assert stage.state("orders", order_id)[0] == "done", stage.state("orders", order_id)
    return order_id


def fulfilled(stage: GpStage, order_id: int) -> list[float]:
    return [float(row["QuantityFulfilled"]["Value"]) for row in stage.lines(f"SB{order_id}")]


def tracking(stage: GpStage, order_id: int) -> list[str]:
    return list(stage.sales()[f"SB{order_id}"]["tracking_numbers"])


def numbers_at_shipbob(stage: GpStage, order_id: int) -> list[str]:
    rows = stage.shipbob.holdings()["shipments"].values()
    mine = [row for row in rows if row["order_id"] == order_id and row["status"] != "Cancelled"]
    return [row["tracking"]["tracking_number"] for row in mine if row.get("tracking")]


def test_what_left_shows_on_the_order_and_it_is_ready_to_post() -> None:
    stage = GpStage()
    order_id = entered(stage)
    stage.ship(order_id)
    stage.run(minutes=12)
    assert tracking(stage, order_id) == numbers_at_shipbob(stage, order_id)
    assert fulfilled(stage, order_id) == [2, 1]
    held = stage.sales()[f"SB{order_id}"]["fields"]
    assert held["ActualShipDate"].startswith("2026-03-02")
    assert all(row["ActualShipDate"].startswith("2026-03-02") for row in held["Lines"])
    record = stage.record("shipments", order_id)
    assert record.links["ready_to_post"] is True
    assert record.status.value == "done"
    assert "ready to post" in record.why
    assert stage.operations("Update") == ["UpdateSalesOrder"]
    assert stage.violations() == []


def test_the_carrier_and_a_printed_label_count_where_they_are_wanted() -> None:
    stage = GpStage(shipments={"ship_on": ["LabeledCreated", "Completed"]}, tables={"carriers": {"*": "NEXT DAY"}})
    order_id = entered(stage)
    stage.ship(order_id, label_only=True)
    stage.run(minutes=12)
    assert fulfilled(stage, order_id) == [2, 1]
    assert stage.sales()[f"SB{order_id}"]["fields"]["ShippingMethodKey"]["Id"] == "NEXT DAY"


def test_fulfilment_may_be_left_to_people() -> None:
    stage = GpStage(shipments={"fulfil": False})
    order_id = entered(stage)
    stage.ship(order_id)
    stage.run(minutes=12)
    assert fulfilled(stage, order_id) == [0, 0]
    assert tracking(stage, order_id) == numbers_at_shipbob(stage, order_id)
    assert stage.state("shipments", order_id)[0] == "done"


def test_a_webhook_rings_at_once() -> None:
    stage = GpStage()
    stage.subscribe()
    order_id = entered(stage)
    stage.ship(order_id)
    stage.run(minutes=1, webhooks=True)
    assert fulfilled(stage, order_id) == [2, 1]


def test_partial_shipments_add_up() -> None:
    stage = GpStage()
    order_id = entered(stage, line(SHIRT, 3, 19.99))
    stage.ship(order_id, packages=[{"lines": [{"sku": SHIRT, "quantity": 1}]}])
    stage.run(minutes=12)
    assert fulfilled(stage, order_id) == [1]
    assert stage.record("shipments", order_id).links["ready_to_post"] is False
    stage.ship(order_id)
    stage.run(minutes=12)
    assert fulfilled(stage, order_id) == [3]
    assert len(tracking(stage, order_id)) == 2
    assert stage.record("shipments", order_id).links["ready_to_post"] is True


@pytest.mark.parametrize(
    "fault",
    [Fault.DROP_AFTER, Fault.TIMEOUT_AFTER, Fault.ERROR_500_AFTER, Fault.GARBAGE_AFTER, Fault.DROP_BEFORE,
     Fault.ERROR_500_BEFORE],
)  # fmt: skip
def test_a_lost_answer_changes_nothing(fault: Fault) -> None:
    stage = GpStage()
    order_id = entered(stage)
    stage.gp.dial.plan(fault, UPDATE)
    stage.ship(order_id)
    stage.run(minutes=15)
    assert fulfilled(stage, order_id) == [2, 1]
    assert tracking(stage, order_id) == numbers_at_shipbob(stage, order_id)
    assert stage.state("shipments", order_id)[0] == "done"


def test_the_site_of_a_line_follows_while_nothing_is_allocated() -> None:
    stage = GpStage(orders={"default_site": "NORTH"}, tables={"sites": {"8": "WAREHOUSE"}})
    stage.user("add_document_type", type="Order", id="NOALLOC", allocates=False)
    stage.apply(document(orders={"default_site": "NORTH", "document_type": "NOALLOC"}))
    order_id = entered(stage)
    stage.user("edit", number=f"SB{order_id}", lines=[{"line": 16384, "site": "NORTH"}])
    stage.ship(order_id)
    stage.run(minutes=12)
    assert [row["WarehouseKey"]["Id"] for row in stage.lines(f"SB{order_id}")] == ["WAREHOUSE", "WAREHOUSE"]
    assert tracking(stage, order_id) == numbers_at_shipbob(stage, order_id)
    status, why = stage.state("shipments", order_id)
    assert status == "waiting"
    assert "allocated 0 of the 2" in why
    stage.user("allocate", number=f"SB{order_id}")
    stage.run(minutes=70)
    assert fulfilled(stage, order_id) == [2, 1]
    assert stage.state("shipments", order_id)[0] == "done"


def test_another_site_on_an_allocated_line_goes_to_review_and_tracking_is_written_all_the_same() -> None:
    stage = GpStage()
    order_id = entered(stage, line(CORD, 1, 9.95))
    stage.user("allocate", number=f"SB{order_id}", quantity=0)
    stage.user("edit", number=f"SB{order_id}", lines=[{"line": 16384, "site": "NORTH"}])
    stage.user("allocate", number=f"SB{order_id}")
    stage.ship(order_id)
    stage.run(minutes=12)
    status, why = stage.state("shipments", order_id)
    assert status == "held"
    assert "allocated at site NORTH and is shipped from WAREHOUSE" in why
    assert tracking(stage, order_id) == numbers_at_shipbob(stage, order_id)
    stage.user("fulfill", number=f"SB{order_id}", quantity=0)
    stage.user("allocate", number=f"SB{order_id}", quantity=0)
    stage.replay("shipments", str(order_id))
    stage.run(minutes=3)
    assert [row["WarehouseKey"]["Id"] for row in stage.lines(f"SB{order_id}")] == ["WAREHOUSE"]


@pytest.mark.parametrize("keep", [True, False])
def test_a_transferred_order_goes_to_review_and_is_never_entered_again(keep: bool) -> None:
    stage = GpStage()
    order_id = entered(stage)
    stage.gp.command("set", {"keep_history": keep})
    stage.user("transfer", number=f"SB{order_id}")
    stage.ship(order_id)
    stage.run(minutes=30)
    status, why = stage.state("shipments", order_id)
    assert status == "held"
    assert numbers_at_shipbob(stage, order_id)[0] in why
    assert "nothing is entered again" in why
    assert stage.operations("CreateSalesOrder") == ["CreateSalesOrder"]
    assert stage.operations("Update") == []


def test_what_was_posted_is_not_called_ready_to_post_any_more() -> None:
    stage = GpStage()
    order_id = entered(stage, line(CORD, 1, 9.95))
    stage.ship(order_id)
    stage.run(minutes=12)
    assert "It is ready to post." in " ".join(tell(stage.record("shipments", order_id)))
    stage.user("transfer", number=f"SB{order_id}")
    stage.replay("shipments", str(order_id))
    stage.run(minutes=1)
    assert "is finished in GP" in stage.state("shipments", order_id)[1]
    assert "ready to post" not in " ".join(tell(stage.record("shipments", order_id)))


def test_a_new_label_replaces_the_number_of_the_old_one() -> None:
    stage = GpStage()
    order_id = entered(stage, line(CORD, 1, 9.95))
    stage.ship(order_id)
    stage.run(minutes=12)
    (before,) = tracking(stage, order_id)
    shipment = stage.shipbob.holdings()["orders"][str(order_id)]["shipment_ids"][0]
    stage.shipbob.command("relabel", {"shipment_id": shipment})
    stage.run(minutes=75)
    (after,) = tracking(stage, order_id)
    assert after != before
    assert [after] == numbers_at_shipbob(stage, order_id)


def test_an_order_cancelled_at_shipbob_is_shown_until_it_is_voided() -> None:
    stage = GpStage()
    order_id = entered(stage)
    stage.cancel(order_id)
    stage.run(minutes=12)
    status, why = stage.state("shipments", order_id)
    assert status == "held"
    assert "Void it in GP" in why
    stage.user("void", number=f"SB{order_id}")
    stage.replay("shipments", str(order_id))
    stage.run(minutes=2)
    assert stage.state("shipments", order_id)[0] == "done"


def test_an_order_that_a_person_has_open_is_tried_again() -> None:
    stage = GpStage()
    order_id = entered(stage)
    stage.user("open", number=f"SB{order_id}", user="lessonuser1")
    stage.ship(order_id)
    stage.run(minutes=12)
    assert stage.state("shipments", order_id)[0] == "waiting"
    stage.user("close", number=f"SB{order_id}")
    stage.run(minutes=15)
    assert fulfilled(stage, order_id) == [2, 1]
    assert stage.state("shipments", order_id)[0] == "done"


def test_more_than_gp_has_ordered_goes_to_review() -> None:
    stage = GpStage()
    order_id = entered(stage, line(CORD, 2, 9.95))
    stage.user("edit", number=f"SB{order_id}", lines=[{"line": 16384, "quantity": 1}])
    stage.ship(order_id)
    stage.run(minutes=12)
    status, why = stage.state("shipments", order_id)
    assert (status, fulfilled(stage, order_id)) == ("held", [1])
    assert "2 left, GP's order has 1" in why


def test_shipments_wait_for_their_order() -> None:
    whole = document()["tables"]
    stage = GpStage(tables={"methods": {}})
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=3)
    stage.ship(order_id)
    stage.run(minutes=12)
    assert stage.state("shipments", order_id)[0] == "held"
    stage.apply(document(tables={"methods": whole["methods"]}))
    stage.run(minutes=5)
    assert fulfilled(stage, order_id) == [1]


@pytest.mark.parametrize(("draft", "kind", "type_id"), [
    ("invoice", "Invoice", "STDINV"), ("fulfillment_order", "Fulfillment Order", "FULORD"),
])  # fmt: skip
def test_drafts_are_saved_once_where_they_are_wanted(draft: str, kind: str, type_id: str) -> None:
    stage = GpStage(shipments={"draft": draft, "draft_document_type": type_id})
    stage.set_policy("CreateSalesInvoice" if draft == "invoice" else "CreateSalesFulfillmentOrder",
                     "Calculate Unit Price Behavior", 0)  # fmt: skip
    order_id = entered(stage)
    stage.gp.dial.plan(Fault.DROP_AFTER, "#CreateSales(Invoice|Fulfillment)")
    stage.ship(order_id)
    stage.run(minutes=15)
    assert stage.state("shipments", order_id)[0] == "done", stage.state("shipments", order_id)
    (made,) = stage.sales(kind).values()
    assert made["state"] == "Work"
    assert made["batch"] == "SBSHIP"
    assert made["tracking_numbers"] == numbers_at_shipbob(stage, order_id)
    assert [float(row["Quantity"]["Value"]) for row in made["fields"]["Lines"]] == [2, 1]


def test_deliveries_and_scans_cost_no_call_to_gp() -> None:
    stage = GpStage()
    order_id = entered(stage)
    stage.ship(order_id)
    stage.run(minutes=12)
    before = len(sales_calls(stage))
    for state in ("InTransit", "Delivered"):
        stage.shipbob.command("move", {"order_id": order_id, "status": state})
        stage.run(minutes=30)
    assert len(sales_calls(stage)) == before


def sales_calls(stage: GpStage) -> list[str]:
    """Calls to GP about sales documents; the inventory lists go on."""
    return [name for name in stage.operations() if "Sales" in name]
