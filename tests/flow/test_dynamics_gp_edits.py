"""An order that GP cannot take as ShipBob tells it: edited for this one record, and never after it was entered."""

from __future__ import annotations

import pytest

from local.simulators.base import Fault
from tests.support.desk import StageDesk
from tests.support.gp_stage import CORD, RECIPIENT, GpStage, line

CREATE = "#CreateSalesOrder"
LONG = {**RECIPIENT, "address": {**RECIPIENT["address"], "zip_code": "07093-12345-9"}}


def edit(desk: StageDesk, order_id: int, *words: str) -> None:
    done = desk.run("records", "edit-and-replay", f"demo/orders/{order_id}", "--reason", "as on the invoice", *words)
    assert done.exit_code == 0, done.output


def test_a_text_that_gp_would_cut_is_edited_and_the_order_is_entered() -> None:
    stage = GpStage()
    order_id = stage.order(line(CORD, 1, 9.95), recipient=LONG)
    stage.run(minutes=3)
    assert stage.state("orders", order_id)[0] == "held"
    edit(StageDesk(stage), order_id, "--set", "recipient.zip_code=07093-1234")
    stage.run(minutes=2)
    (entered,) = stage.sales().values()
    assert entered["fields"]["ShipToAddress"]["PostalCode"] == "07093-1234"
    assert stage.state("orders", order_id)[0] == "done"
    stage.replay("orders", str(order_id))
    stage.run(minutes=2)
    assert stage.state("orders", order_id)[0] == "done"
    assert len(stage.sales()) == 1


@pytest.mark.parametrize("fault", [None, Fault.DROP_AFTER])
def test_an_edit_of_an_order_that_gp_holds_is_not_passed_on_and_says_so(fault: Fault | None) -> None:
    stage = GpStage()
    if fault is not None:
        stage.gp.dial.plan(fault, CREATE)
    order_id = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=5)
    assert stage.state("orders", order_id)[0] == "done"
    before = stage.sales()
    edit(StageDesk(stage), order_id, "--set", "recipient.city=Springfield")
    stage.run(minutes=2)
    status, why = stage.state("orders", order_id)
    assert status == "held"
    assert "came after GP order" in why
    assert "--drop" in why
    assert stage.sales() == before
    edit(StageDesk(stage), order_id, "--drop")
    stage.run(minutes=2)
    assert stage.state("orders", order_id)[0] == "done"


def test_what_its_shipments_are_compared_with_cannot_be_edited() -> None:
    stage = GpStage()
    order_id = stage.order(line(CORD, 1, 9.95), recipient=LONG)
    stage.run(minutes=3)
    words = ("records", "edit-and-replay", f"demo/orders/{order_id}", "--reason", "x", "--set", "lines.1.quantity=2")
    assert StageDesk(stage).run(*words).exit_code == 1
