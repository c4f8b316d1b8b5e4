"""Drafts of shipments while their settings change: a shipment is billed or fulfilled once, never both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connector.intent import intent_key
from connector.records import RecordStore
from connector.transport import AnswerLost, Request
from tests.flow.test_dynamics_gp_shipments import entered
from tests.support.gp_stage import CORD, GpStage, document, line

INVOICE = {"draft": "invoice", "draft_document_type": "STDINV"}
FULFILMENT = {"draft": "fulfillment_order", "draft_document_type": "FULORD"}


def drafting(settings: dict[str, Any]) -> tuple[GpStage, int]:
    """A stage with an order in GP whose shipments get drafts."""
    stage = GpStage(shipments=settings)
    for operation in ("CreateSalesInvoice", "CreateSalesFulfillmentOrder"):
        stage.set_policy(operation, "Calculate Unit Price Behavior", 0)
    return stage, entered(stage, line(CORD, 2, 9.95))


def drafts_in_gp(stage: GpStage) -> list[tuple[str, str]]:
    """Kind and number of everything that is no order."""
    return [(kind, number) for kind in ("Invoice", "Fulfillment Order") for number in stage.sales(kind)]


@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize(("before", "after"), [
    (INVOICE, FULFILMENT), (FULFILMENT, INVOICE), (INVOICE, {"draft": "none"}),
])  # fmt: skip
def test_a_draft_is_saved_once_though_the_kind_was_changed_while_its_answer_was_lost(
    before: dict[str, Any], after: dict[str, Any], arrives: bool
) -> None:
    stage, order_id = drafting(before)
    kinds = {"invoice": "Invoice", "fulfillment_order": "Fulfillment Order"}

    def lose(request: Request) -> None:
        action = request.headers.get("SOAPAction", "")
        if "/CreateSalesInvoice" in action or "/CreateSalesFulfillmentOrder" in action:
            stage.wire.before = stage.wire.after = lambda request: None
            stage.apply(document(shipments=after))
            raise AnswerLost("reset")

    if arrives:
        stage.wire.after = lose
    else:
        stage.wire.before = lose
    stage.ship(order_id)
    stage.run(minutes=20)
    assert stage.state("shipments", order_id)[0] == "done", stage.state("shipments", order_id)
    ((kind, number),) = drafts_in_gp(stage)
    assert kind == kinds[str(before["draft"])]
    assert list(stage.record("shipments", order_id).links["drafts"].values()) == [number]
    assert stage.violations() == []


def test_a_draft_of_the_other_kind_that_gp_holds_already_is_found_by_its_po_number() -> None:
    stage, order_id = drafting(INVOICE)
    stage.ship(order_id)
    stage.run(minutes=12)
    ((kind, number),) = drafts_in_gp(stage)
    record = stage.record("shipments", order_id)
    forgotten = {name: value for name, value in record.links.items() if not name.startswith("draft")}
    RecordStore(stage.process).change(record, lambda current: replace(current, links=forgotten))
    stage.world.tables.delete("records", record.id, intent_key("gp.draft_SalesInvoice", number))
    stage.apply(document(shipments=FULFILMENT))
    stage.replay("shipments", str(order_id))
    stage.run(minutes=3)
    assert stage.state("shipments", order_id)[0] == "done", stage.state("shipments", order_id)
    assert drafts_in_gp(stage) == [(kind, number)]
    assert list(stage.record("shipments", order_id).links["drafts"].values()) == [number]


def test_what_was_drafted_stays_and_later_shipments_follow_the_new_setting() -> None:
    stage, order_id = drafting(INVOICE)
    stage.ship(order_id, packages=[{"lines": [{"sku": CORD, "quantity": 1}]}])
    stage.run(minutes=12)
    stage.apply(document(shipments=FULFILMENT))
    stage.ship(order_id)
    stage.run(minutes=12)
    assert sorted(kind for kind, _ in drafts_in_gp(stage)) == ["Fulfillment Order", "Invoice"]
    for kind, number in drafts_in_gp(stage):
        assert [float(row["Quantity"]["Value"]) for row in stage.lines(number, kind)] == [1]


def test_a_draft_that_could_not_be_read_again_is_not_taken_for_a_changed_one() -> None:
    stage, order_id = drafting(INVOICE)
    lost = 0

    def fails_once(request: Request) -> None:
        nonlocal lost
        if "/GetSalesInvoiceByKey" in request.headers.get("SOAPAction", "") and drafts_in_gp(stage) and not lost:
            lost += 1
            raise AnswerLost("reset")

    stage.wire.before = fails_once
    stage.ship(order_id)
    stage.run(minutes=20)
    assert lost == 1
    assert stage.state("shipments", order_id)[0] == "done", stage.state("shipments", order_id)
    assert len(drafts_in_gp(stage)) == 1
