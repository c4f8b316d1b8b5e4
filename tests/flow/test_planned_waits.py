"""Waiting on purpose is no trouble: the backoff of the next real trouble begins at its beginning."""

from __future__ import annotations

from local.simulators.acumatica.seed import line, order
from local.simulators.base import Fault
from tests.support.stage import Stage


def test_a_planned_wait_does_not_lengthen_the_wait_after_a_trouble() -> None:
    stage = Stage(stock={"second_look_minutes": 20})
    stage.run(minutes=5)
    stage.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": -3})
    stage.run(minutes=35)
    (record,) = stage.records("stock").values()
    assert record.status.value == "waiting"
    assert "second time" in record.why
    assert record.waits == 0


def test_an_order_that_is_held_back_on_purpose_counts_only_its_troubles() -> None:
    stage = Stage(orders={"hold_minutes": 5})
    stage.acumatica.command("sales_order", order("QUILL", line("0041", 1)))
    stage.run(minutes=3)
    (record,) = stage.records("orders").values()
    assert (record.status.value, record.waits) == ("waiting", 0)
    stage.shipbob.dial.plan(Fault.ERROR_500_BEFORE, r"GET .*/(shipping-method|product|order)", times=1)
    stage.run(minutes=6)
    (record,) = stage.records("orders").values()
    assert record.status.value == "done"
