"""Attacks on the pair Dynamics GP - ShipBob: stories in which it must not lose, double, or say something untrue."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connector.instants import instant_text
from tests.flow.test_dynamics_gp_returns import announced, completed, shipped
from tests.flow.test_dynamics_gp_shipments import entered, fulfilled, numbers_at_shipbob, tracking
from tests.flow.test_dynamics_gp_stock import ITEM, receivings, transfer
from tests.support.gp_stage import CHANNEL, CORD, CUSTOMER, ITEMS, RECIPIENT, GpStage, document, line


def reopened(stage: GpStage, return_id: int) -> None:
    """The warehouse goes on with a return that it had completed."""
    returns = stage.shipbob.world.returns
    returns[return_id] = replace(returns[return_id], status="Processing")


def test_shipments_end_when_their_order_was_cancelled_before_it_was_entered() -> None:
    stage = GpStage(tables={"methods": {}})
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=30)
    stage.cancel(order_id)
    stage.run(minutes=30)
    assert stage.states("orders") == stage.states("shipments") == {str(order_id): "held"}
    stage.apply(document())
    stage.run(minutes=5)
    assert stage.state("orders", order_id)[0] == "done"
    status, why = stage.state("shipments", order_id)
    assert status == "done", why


def test_a_row_for_the_order_type_alone_frees_the_order() -> None:
    stage = GpStage(tables={"channels": {}})
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=3)
    assert stage.state("orders", order_id)[0] == "held"
    stage.apply(document(tables={"channels": {f"{CHANNEL}|DTC": {"customer": CUSTOMER}}}))
    stage.run(minutes=5)
    assert stage.state("orders", order_id)[0] == "done", stage.state("orders", order_id)


def test_an_order_that_gp_fulfils_by_itself_is_not_ready_before_everything_has_left() -> None:
    stage = GpStage()
    order_id = entered(stage, line(CORD, 3, 9.95))
    stage.user("fulfill", number=f"SB{order_id}", quantity=3)
    stage.ship(order_id, packages=[{"lines": [{"sku": CORD, "quantity": 1}]}])
    stage.run(minutes=12)
    record = stage.record("shipments", order_id)
    assert record.links["ready_to_post"] is False, record.why
    assert "more is to come" in record.why
    stage.ship(order_id)
    stage.run(minutes=12)
    assert stage.record("shipments", order_id).links["ready_to_post"] is True


def test_more_fulfilled_in_gp_than_ever_left_is_shown_when_nothing_more_comes() -> None:
    stage = GpStage()
    order_id = entered(stage, line(CORD, 3, 9.95))
    stage.user("fulfill", number=f"SB{order_id}", quantity=3)
    stage.ship(order_id, packages=[{"lines": [{"sku": CORD, "quantity": 1}]}])
    for number, row in stage.shipbob.holdings()["shipments"].items():
        if row["order_id"] == order_id and row["status"] == "Processing":
            stage.shipbob.command("cancel_shipment", {"shipment_id": int(number)})
    stage.shipbob.command("set_order_status", {"order_id": order_id, "status": "Fulfilled"})
    stage.run(minutes=15)
    status, why = stage.state("shipments", order_id)
    assert status == "held", why
    assert "3 fulfilled" in why, why


def test_a_tracking_number_that_gp_would_cut_is_not_written() -> None:
    stage = GpStage()
    order_id = entered(stage, line(CORD, 1, 9.95))
    long = "1Z" + "9" * 43
    stage.ship(order_id, tracking_number=long)
    stage.run(minutes=15)
    assert numbers_at_shipbob(stage, order_id) == [long]
    assert tracking(stage, order_id) == []
    assert stage.gp.holdings()["cut"] == []
    status, why = stage.state("shipments", order_id)
    assert status == "held"
    assert "more than 40 characters" in why, why
    assert "a closed one writes nothing any more" in why


def test_drafts_of_two_shipments_take_two_lines_of_one_product() -> None:
    stage = GpStage(shipments={"draft": "invoice", "draft_document_type": "STDINV"})
    stage.set_policy("CreateSalesInvoice", "Calculate Unit Price Behavior", 0)
    order_id = entered(stage, line(CORD, 1, 9.95), line(CORD, 1, 0.0))
    stage.ship(order_id, packages=[{"lines": [{"sku": CORD, "quantity": 1}]}])
    stage.run(minutes=12)
    stage.ship(order_id)
    stage.run(minutes=12)
    prices = [
        float(row["UnitPrice"]["Value"]) for made in stage.sales("Invoice").values() for row in made["fields"]["Lines"]
    ]
    assert sorted(prices) == [0, 9.95], stage.state("shipments", order_id)


def test_a_return_is_entered_once_though_the_kind_of_document_was_changed() -> None:
    stage = GpStage()
    return_id = announced(stage, shipped(stage), cord=1)
    completed(stage, return_id, (CORD, "Restock", 1))
    stage.run(minutes=20)
    assert stage.state("returns", return_id)[0] == "done"
    stage.apply(document(returns={"document": "adjustment"}))
    stage.replay("returns", str(return_id))
    stage.run(minutes=5)
    adjustments = [row for row in stage.gp.holdings()["inventory"] if row["number"].startswith("SBA")]
    assert adjustments == []
    assert stage.record("returns", return_id).links["number"] == f"SBR{return_id}"


def test_a_returns_price_is_that_of_its_unit_though_the_mapping_changed() -> None:
    stage = GpStage()
    shipment = shipped(stage, line(CORD, 6, 7.5))
    stage.user("change_item", number=ITEM, units={"Each": Decimal(1), "Pack": Decimal(3)})
    items = {**ITEMS, CORD: {"item": "ACCS-CRD-12WH", "unit": "Pack", "units": 3}}
    stage.apply(document(tables={"items": items}))
    return_id = announced(stage, shipment, cord=3)
    completed(stage, return_id, (CORD, "Restock", 3))
    stage.run(minutes=20)
    made = stage.sales("Return")[f"SBR{return_id}"]
    (row,) = made["fields"]["Lines"]
    assert (float(row["Quantity"]["Value"]), float(row["UnitPrice"]["Value"])) == (1, 22.5)


def test_a_return_of_a_product_that_was_sold_at_two_prices_says_which_one_was_taken() -> None:
    stage = GpStage()
    return_id = announced(stage, shipped(stage, line(CORD, 1, 7.5), line(CORD, 1, 0.0)), cord=1)
    completed(stage, return_id, (CORD, "Restock", 1))
    stage.run(minutes=20)
    assert any("several prices" in note for note in stage.record("returns", return_id).notes)


def test_a_return_that_was_processed_further_after_it_was_entered_is_shown() -> None:
    stage = GpStage()
    stage.subscribe()
    return_id = announced(stage, shipped(stage), cord=3)
    completed(stage, return_id, (CORD, "Restock", 1))
    stage.run(minutes=20)
    reopened(stage, return_id)
    completed(stage, return_id, (CORD, "Restock", 1), (CORD, "Dispose", 2))
    stage.run(minutes=60)
    status, why = stage.state("returns", return_id)
    assert status == "held", why


def test_a_case_is_not_announced_for_each_single_unit() -> None:
    case = {"item": ITEM, "unit": "Case", "compare": False}
    stage = GpStage(
        tables={"sites": {"8": "WAREHOUSE"}, "items": {**ITEMS, "A-CASE-OF-12": case}},
        stock={"inbound": "receiving_order"},
    )
    stage.shipbob.command("seed_product", {"sku": "A-CASE-OF-12", "name": "A case"})
    stage.run(minutes=5)
    transfer(stage, 24)
    stage.run(minutes=9)
    (made,) = receivings(stage)
    (row,) = made["inventory_quantities"]
    assert (row["sku"], row["expected_quantity"]) == (CORD, 24)


def test_a_line_that_is_added_at_shipbob_after_the_order_was_entered_is_shown_by_a_replay() -> None:
    stage = GpStage()
    order_id = entered(stage, line(CORD, 1, 9.95))
    orders = stage.shipbob.world.orders
    orders[order_id] = replace(orders[order_id], lines=orders[order_id].lines * 2)
    stage.replay("orders", str(order_id))
    stage.run(minutes=30)
    assert stage.state("orders", order_id)[0] == "held"


def test_a_draft_for_a_shipment_without_a_centre() -> None:
    stage = GpStage(shipments={"draft": "invoice", "draft_document_type": "STDINV"})
    stage.set_policy("CreateSalesInvoice", "Calculate Unit Price Behavior", 0)
    order_id = entered(stage, line(CORD, 1, 9.95))
    stage.ship(order_id)
    before = stage.shipbob.handle

    def without_centre(request: Any) -> Any:
        reply = before(request)
        return replace(reply, body=re.sub(rb'"location": ?\{"id": ?8,', b'"location":{"id":null,', reply.body))

    stage.shipbob.handle = without_centre  # type: ignore[method-assign]
    stage.run(minutes=60)
    assert stage.sales("Invoice")


def test_an_order_that_is_in_gp_gets_its_tracking_though_the_start_was_moved() -> None:
    stage = GpStage()
    order_id = entered(stage, line(CORD, 1, 9.95))
    stage.apply({**document(), "start": instant_text(stage.clock())})
    stage.ship(order_id)
    stage.run(minutes=15)
    assert tracking(stage, order_id) == numbers_at_shipbob(stage, order_id)


def test_an_order_from_before_the_start_that_a_person_entered_gets_its_tracking() -> None:
    stage = GpStage(tables={"methods": {}})
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=3)
    stage.apply({**document(), "start": instant_text(stage.clock())})
    stage.run(minutes=3)
    assert stage.state("orders", order_id)[0] == "done"
    assert stage.sales() == {}
    stage.replay("orders", str(order_id))
    stage.run(minutes=3)
    stage.ship(order_id)
    stage.run(minutes=15)
    assert tracking(stage, order_id) == numbers_at_shipbob(stage, order_id)


def test_a_label_that_is_taken_back_leaves_no_fulfilled_units_unsaid() -> None:
    stage = GpStage(shipments={"ship_on": ["LabeledCreated", "Completed"]})
    order_id = entered(stage, line(CORD, 2, 9.95))
    stage.ship(order_id, label_only=True)
    stage.run(minutes=12)
    (shipment,) = stage.shipbob.holdings()["orders"][str(order_id)]["shipment_ids"]
    shipments = stage.shipbob.world.shipments
    shipments[shipment] = replace(
        shipments[shipment], status="Processing", tracking=None, updated=stage.clock()
    )
    stage.run(minutes=15)
    status, why = stage.state("shipments", order_id)
    assert tracking(stage, order_id) == []
    assert status == "held", why
    assert "2 fulfilled" in why


def test_a_draft_whose_price_gp_replaced_is_shown() -> None:
    stage = GpStage(shipments={"draft": "invoice", "draft_document_type": "STDINV"})
    order_id = entered(stage, line(CORD, 2, 7.5))
    stage.ship(order_id, packages=[{"lines": [{"sku": CORD, "quantity": 1}]}])
    stage.run(minutes=15)
    status, why = stage.state("shipments", order_id)
    assert status == "held", why
    assert "sent 7.50" in why
    stage.replay("shipments", str(order_id))
    stage.run(minutes=5)
    assert stage.state("shipments", order_id)[0] == "done"
    stage.ship(order_id)
    stage.run(minutes=15)
    assert tracking(stage, order_id) == numbers_at_shipbob(stage, order_id)
    assert len(stage.sales("Invoice")) == 2


def test_thirds_of_a_unit_of_measure_add_up() -> None:
    stage = GpStage(tables={"items": {**ITEMS, CORD: {"item": ITEM, "unit": "Each", "units": 3}}})
    order_id = entered(stage, line(CORD, 6, 1.5))
    stage.ship(order_id, packages=[{"lines": [{"sku": CORD, "quantity": 4}]}])
    stage.run(minutes=12)
    assert fulfilled(stage, order_id) == [1], stage.state("shipments", order_id)
    stage.ship(order_id)
    stage.run(minutes=12)
    assert fulfilled(stage, order_id) == [2]
    assert stage.record("shipments", order_id).links["ready_to_post"] is True


def test_a_draft_of_a_third_of_a_unit_of_measure_is_a_persons() -> None:
    stage = GpStage(
        tables={"items": {**ITEMS, CORD: {"item": ITEM, "unit": "Each", "units": 3}}},
        shipments={"draft": "invoice", "draft_document_type": "STDINV"},
    )
    stage.set_policy("CreateSalesInvoice", "Calculate Unit Price Behavior", 0)
    order_id = entered(stage, line(CORD, 6, 1.5))
    stage.ship(order_id, packages=[{"lines": [{"sku": CORD, "quantity": 4}]}])
    stage.run(minutes=12)
    status, why = stage.state("shipments", order_id)
    assert (status, stage.sales("Invoice")) == ("held", {}), why
    assert "no exact number" in why
    stage.replay("shipments", str(order_id))
    stage.run(minutes=5)
    assert stage.state("shipments", order_id)[0] == "done", stage.state("shipments", order_id)
    assert stage.sales("Invoice") == {}


@pytest.mark.parametrize("keep", [True, False])
def test_an_order_that_is_cancelled_after_gp_made_an_invoice_of_it_is_shown(keep: bool) -> None:
    stage = GpStage()
    order_id = entered(stage, line(CORD, 1, 9.95))
    stage.gp.command("set", {"keep_history": keep})
    stage.user("transfer", number=f"SB{order_id}")
    stage.cancel(order_id)
    stage.run(minutes=30)
    status, why = stage.state("shipments", order_id)
    assert status == "held", why
    assert "cancelled" in why


def test_a_return_that_a_person_voided_is_not_called_unposted() -> None:
    stage = GpStage()
    return_id = announced(stage, shipped(stage), cord=1)
    completed(stage, return_id, (CORD, "Restock", 1))
    stage.run(minutes=20)
    stage.user("void", number=f"SBR{return_id}", type="Return")
    stage.replay("returns", str(return_id))
    stage.run(minutes=5)
    status, why = stage.state("returns", return_id)
    assert status == "held", why
    assert "voided" in why


def test_a_return_that_was_posted_is_not_called_unposted() -> None:
    stage = GpStage()
    return_id = announced(stage, shipped(stage), cord=1)
    completed(stage, return_id, (CORD, "Restock", 1))
    stage.run(minutes=20)
    stage.user("post", type="Return", number=f"SBR{return_id}")
    stage.replay("returns", str(return_id))
    stage.run(minutes=5)
    status, why = stage.state("returns", return_id)
    assert status == "done", why
    assert "unposted" not in why


@pytest.mark.parametrize("operation", ["CreateSalesOrder", "GetSalesDocumentList", "GetSalesOrderByKey"])
def test_a_missing_permission_says_so_and_the_order_is_entered_once_when_it_is_given(operation: str) -> None:
    stage = GpStage()
    stage.gp.command("deny", {"operations": [operation]})
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=15)
    status, why = stage.state("orders", order_id)
    assert status == "held", why
    assert operation in why or "permission" in why or "role" in why, why
    stage.gp.command("deny", {"operations": []})
    stage.replay("orders", str(order_id))
    stage.run(minutes=5)
    assert stage.state("orders", order_id)[0] == "done", stage.state("orders", order_id)
    assert len(stage.sales()) == 1


def test_the_dates_are_days_of_the_company() -> None:
    stage = GpStage()
    order_id = stage.order(line(CORD, 1, 9.95), purchase_date="2026-03-02T05:59:59.9999999Z")
    stage.run(minutes=3)
    assert stage.sales()[f"SB{order_id}"]["fields"]["Date"].startswith("2026-03-01")


def test_texts_of_any_kind_arrive_or_are_shown() -> None:
    stage = GpStage()
    name = "J\u00e4ne \u0141\u00f3d\u017a \U0001f600\x0b"
    recipient = {**RECIPIENT, "name": name, "phone_number": "+44 20 7946 0958 ext. 12"}
    order_id = stage.order(line(CORD, 1, 9.95), recipient=recipient, order_number="#\x01 \u4e2d" + "x" * 390)
    stage.run(minutes=3)
    assert stage.state("orders", order_id)[0] == "done", stage.state("orders", order_id)
    assert stage.gp.holdings()["cut"] == []


def test_more_orders_than_a_page_are_entered_once_each() -> None:
    stage = GpStage()
    orders = [stage.order(line(CORD, 1, 9.95)) for _ in range(60)]
    stage.shipbob.command("seed_stock", {"sku": CORD, "location_id": 8, "quantity": 1000})
    stage.run(minutes=15)
    assert sorted(stage.sales()) == sorted(f"SB{order_id}" for order_id in orders)
    assert len(stage.operations("Create")) == 60


def test_freight_that_left_without_a_number_goes_to_a_person_after_a_day() -> None:
    stage = GpStage()
    order_id = entered(stage, line(CORD, 1, 9.95))
    stage.ship(order_id, placeholder=True)
    stage.run(minutes=60)
    status, why = stage.state("shipments", order_id)
    assert status == "waiting", why
    stage.run(minutes=60 * 25)
    status, why = stage.state("shipments", order_id)
    assert status == "held", why
    assert "without a tracking number" in why
    (shipment,) = stage.shipbob.holdings()["orders"][str(order_id)]["shipment_ids"]
    stage.shipbob.command("relabel", {"shipment_id": shipment})
    stage.run(minutes=75)
    assert tracking(stage, order_id) == numbers_at_shipbob(stage, order_id)
    assert stage.record("shipments", order_id).links["ready_to_post"] is True


def test_an_order_that_no_setting_can_help_is_not_told_to_change_one() -> None:
    stage = GpStage()
    order_id = stage.order(line(CORD, 3, 3.333333))
    stage.run(minutes=3)
    status, why = stage.state("orders", order_id)
    assert status == "held"
    assert "shorten" not in why
    assert "by hand" in why


def test_a_line_that_is_shipped_from_two_sites_says_what_ends_the_record() -> None:
    stage = GpStage()
    stage.shipbob.command("seed_location", {"id": 10, "name": "Moreno"})
    stage.shipbob.command("seed_stock", {"sku": CORD, "location_id": 10, "quantity": 5})
    order_id = entered(stage, line(CORD, 3, 1.0))
    stage.ship(order_id, packages=[{"lines": [{"sku": CORD, "quantity": 1}], "location_id": 10}])
    stage.run(minutes=15)
    stage.ship(order_id)
    stage.run(minutes=15)
    status, why = stage.state("shipments", order_id)
    assert (status, fulfilled(stage, order_id)) == ("held", [3])
    assert tracking(stage, order_id) == numbers_at_shipbob(stage, order_id)
    assert "Close this record only when everything has left" in why


def test_a_document_of_another_kind_with_our_po_number_is_shown_before_an_order_is_entered() -> None:
    stage = GpStage(tables={"methods": {}})
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=3)
    number = stage.user(
        "new_order", customer=CUSTOMER, po_number=f"SB-{order_id}", lines=[{"item": ITEMS[CORD]["item"], "quantity": 1}]
    )
    sales = stage.gp.world.sales
    typed = sales.get(("Order", number))
    assert typed is not None
    sales.put(("Order", number), None)
    sales.put(("Return", "RTN1"), replace(typed, type="Return", number="RTN1"))
    stage.apply(document())
    stage.run(minutes=5)
    status, why = stage.state("orders", order_id)
    assert status == "held", why
    assert f"Return RTN1 carries the PO number SB-{order_id}, and no order does" in why
    assert stage.sales() == {}
    sales.put(("Return", "RTN1"), None)
    stage.replay("orders", str(order_id))
    stage.run(minutes=3)
    assert list(stage.sales()) == [f"SB{order_id}"]
