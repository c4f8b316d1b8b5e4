"""Reconciliation of Acumatica and ShipStation: it agrees when it should, and finds what was planted."""

from __future__ import annotations

from local.simulators.acumatica.seed import line
from tests.flow.test_reconcile import reconcile, unexplained
from tests.support.shipstation_stage import ShipStationStage

TRACKING = "1Z999AA10000000001"


def settled() -> tuple[ShipStationStage, str, str]:
    """One order shipped and posted, one only sent."""
    stage = ShipStationStage(shipstation={"labels": False})
    left, open_one = stage.sales_order(line("0041", 2)), stage.sales_order(line("0041", 1))
    stage.run(minutes=4)
    stage.act("buy_label", order=left, tracking_number=TRACKING)
    stage.run(minutes=45)
    return stage, left, open_one


def test_a_settled_day_agrees() -> None:
    stage, *_ = settled()
    kinds = reconcile(stage)
    assert unexplained(kinds) == []
    assert (kinds["orders"]["agreed"], kinds["shipments"]["agreed"]) == (2, 1)
    assert stage.violations() == []


def test_a_cancelled_order_and_one_that_was_never_sent_are_found() -> None:
    stage, _, open_one = settled()
    stage.act("set_status", order=open_one, status="cancelled")
    never = stage.sales_order(line("0041", 1))
    stage.clock.advance(3600)
    assert sorted(unexplained(reconcile(stage, "--kind", "orders", codes=(1,)))) == [
        ("orders", f"SO/{open_one}", "state: live in Acumatica, cancelled in ShipStation"),
        ("orders", f"SO/{never}", "Acumatica holds it, ShipStation does not"),
    ]


def test_a_wrong_tracking_number_and_a_label_that_was_not_written_are_found() -> None:
    stage, left, open_one = settled()
    (number,) = stage.erp_shipments()
    stage.acumatica.command("correct_shipment", {"shipment_nbr": number})
    package = stage.erp_shipments()[number]["Packages"][0]
    fields = {"Packages": [{"id": package["id"], "TrackingNbr": "WRONG"}]}
    stage.acumatica.command("edit", {"entity": "Shipment", "key": number, "fields": fields})
    stage.act("buy_label", order=open_one, tracking_number="1Z999AA10000000002")
    stage.clock.advance(3600)
    texts = [what for _, _, what in unexplained(reconcile(stage, "--kind", "shipments", codes=(1,)))]
    assert any(f"tracking: {TRACKING} in ShipStation, WRONG in Acumatica" in text for text in texts)
    assert "ShipStation holds it, Acumatica does not" in texts
    assert left != open_one
