"""Month-end of Dynamics GP - ShipBob: both sides agree when they should, and what was planted is found."""

from __future__ import annotations

from typing import Any

from tests.support.desk import StageDesk
from tests.support.gp_stage import CORD, SHIRT, GpStage, document, line
from tests.support.stage import NAME


def settled() -> tuple[GpStage, int, int]:
    """Two orders, one of which left and came back."""
    stage = GpStage()
    first = stage.order(line(SHIRT, 2, 19.99), line(CORD, 1, 9.95))
    second = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=3)
    stage.ship(first)
    stage.run(minutes=12)
    shipment = stage.shipbob.holdings()["orders"][str(first)]["shipment_ids"][0]
    came = stage.shipbob.command("announce_stray_return", {"shipment_id": shipment})
    rows = [{"sku": CORD, "action": "Restock", "quantity": 1}]
    stage.shipbob.command("process_return", {"return_id": came, "step": "complete", "actions": rows})
    stage.run(minutes=30)
    return stage, first, second


def reconcile(stage: GpStage, *words: str, codes: tuple[int, ...] = (0,)) -> dict[str, dict[str, Any]]:
    (report,) = StageDesk(stage).json("reconcile", NAME, *words, codes=codes)
    return {kind["kind"]: kind for kind in report["kinds"]}


def unexplained(kinds: dict[str, dict[str, Any]]) -> list[tuple[str, str]]:
    return [
        (kind, row["what"]) for kind, found in kinds.items() for row in found["differences"] if not row["explained"]
    ]


def test_a_settled_day_agrees_and_writes_nothing() -> None:
    stage, _, _ = settled()
    writes = [name for name in stage.operations() if name.startswith(("Create", "Update"))]
    for words in ((), ("--thorough",)):
        kinds = reconcile(stage, *words)
        assert unexplained(kinds) == []
        assert {kind: found["agreed"] for kind, found in kinds.items()} == {"orders": 2, "shipments": 1, "returns": 1}
    assert [name for name in stage.operations() if name.startswith(("Create", "Update"))] == writes
    assert stage.violations() == []


def test_an_invoice_counts_as_its_order_and_a_deleted_order_is_found() -> None:
    stage, first, second = settled()
    stage.user("transfer", number=f"SB{first}")
    stage.gp.command("set", {"keep_history": False})
    stage.user("delete", number=f"SB{second}")
    found = unexplained(reconcile(stage, codes=(0, 1)))
    assert found == [("orders", "ShipBob holds it, Dynamics GP does not")]


def test_a_changed_price_and_a_removed_tracking_number_are_found() -> None:
    stage, first, second = settled()
    stage.user("edit", number=f"SB{second}", lines=[{"line": 16384, "unit_price": 5}])
    number = stage.sales()[f"SB{first}"]["tracking_numbers"][0]
    stage.user("edit", number=f"SB{first}", remove_tracking=[number])
    found = dict(unexplained(reconcile(stage, "--thorough", codes=(0, 1))))
    assert found["orders"] == "lines: 9.95 in ShipBob, 5.00 in Dynamics GP"
    assert found["shipments"].startswith(f"tracking: {number} in ShipBob, (none)")


def test_what_waits_or_was_cancelled_is_explained() -> None:
    stage = GpStage(tables={"methods": {}})
    stage.order(line(CORD, 1, 9.95))
    cancelled = stage.order(line(CORD, 1, 9.95))
    stage.run(minutes=45)
    stage.cancel(cancelled)
    kinds = reconcile(stage, codes=(0, 1))
    assert unexplained(kinds) == []
    assert len(kinds["orders"]["differences"]) == 2
    stage.apply(document())
    stage.run(minutes=3)
    assert reconcile(stage, codes=(0, 1))["orders"]["agreed"] == 1
