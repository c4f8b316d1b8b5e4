"""The stories of the pair NetSuite - ShipBob: goods expected once, received once, shipped once, billed once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.crash.netsuite_theatre import NetSuiteTheatre
from tests.crash.stories import DOUBLED, LOST, Finding, Sighting, Story, expect, same
from tests.crash.theatre import Theatre
from tests.support.netsuite_stage import OTHER_CENTRE, OTHER_PLACE


def _of(theatre: Theatre) -> NetSuiteTheatre:
    if not isinstance(theatre, NetSuiteTheatre):
        raise TypeError("this story is told on the theatre of NetSuite - ShipBob")
    return theatre


def theatre_for(*flows: str, steps: tuple[Callable[[NetSuiteTheatre], object], ...] = (), **changes: Any) -> (
    Callable[[bool], Theatre]
):
    """A theatre on which every flow has polled once, some hours ago, after what the steps have done."""

    def make(verbose: bool) -> Theatre:
        theatre = NetSuiteTheatre(*flows, verbose=verbose, **changes)
        theatre.subscribe()
        theatre.go(2)
        for step in steps:
            step(theatre)
            theatre.go(12)
        theatre.clock.advance(hours=2)
        theatre.restart()
        return theatre

    return make


def _units(rows: list[dict[str, Any]]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted((str(row["sku"]), float(row["expected_quantity"])) for row in rows))


def _lines(transaction: dict[str, Any], name: str = "item") -> tuple[tuple[str, float], ...]:
    return tuple(sorted((str(line["sku"]), float(line.get("quantity", line.get("adjustQtyBy"))))
                        for line in transaction.get(name, ())))  # fmt: skip


# ---- purchase orders ---------------------------------------------------------------------------------------------


def _purchase_act(theatre: Theatre) -> list[Sighting]:
    """Two orders; the second goes to two fulfilment centres."""
    stage = _of(theatre)
    one = stage.purchase_order(("TEE", 120), ("CAP", 60))
    lines = [{"sku": "TEE", "quantity": 10}, {"sku": "MUG", "quantity": 5, "location": OTHER_PLACE}]
    two = stage.purchase_order(lines=lines)
    return [Sighting("purchase_orders", made["id"], theatre.clock()) for made in (one, two)]


EXPECTED = (
    (8, (("CAP", 60.0), ("TEE", 120.0))),
    (8, (("TEE", 10.0),)),
    (OTHER_CENTRE, (("MUG", 5.0),)),
)


def _alive(stage: NetSuiteTheatre) -> list[dict[str, Any]]:
    return [each for each in stage.receiving_orders() if each["status"] != "Cancelled"]


def _purchase_judge(theatre: Theatre) -> list[Finding]:
    found = [(each["fulfillment_center"]["id"], _units(each["inventory_quantities"])) for each in _alive(_of(theatre))]
    return expect(found, EXPECTED, "receiving order")


def _purchase_meanwhile(theatre: Theatre) -> None:
    _of(theatre).netsuite.command("touch", {"tran_id": "PO10001"})


def _ordered(theatre: NetSuiteTheatre) -> None:
    theatre.purchase_order(("TEE", 120), ("CAP", 60))


def _change_act(theatre: Theatre) -> list[Sighting]:
    _of(theatre).netsuite.command("edit_order", {"tran_id": "PO10001", "quantities": {"1": 90}, "close": [4]})
    return []


def _change_judge(theatre: Theatre) -> list[Finding]:
    found = [_units(each["inventory_quantities"]) for each in _alive(_of(theatre))]
    if found == [(("CAP", 60.0), ("TEE", 120.0))]:
        return [Finding(LOST, "the new quantity")]
    return expect(found, [(("TEE", 90.0),)], "receiving order that is still expected")


# ---- receipts ----------------------------------------------------------------------------------------------------


def _stow_act(theatre: Theatre) -> list[Sighting]:
    """A part is stowed, and the rest ten minutes later: it may be one receipt or two."""
    stage = _of(theatre)
    stage.stow("PO10001", TEE=50)
    theatre.late.append((theatre.clock() + timedelta(minutes=10), lambda: stage.stow("PO10001")))
    (order,) = stage.receiving_orders()
    return [Sighting("receipts", str(order["id"]), theatre.clock())]


def _receipts_judge(theatre: Theatre) -> list[Finding]:
    stage = _of(theatre)
    totals: dict[str, float] = {}
    for receipt in stage.ours("itemReceipt"):
        for sku, quantity in _lines(receipt):
            totals[sku] = totals.get(sku, 0) + quantity
    findings = []
    for sku, wanted in (("TEE", 120.0), ("CAP", 60.0)):
        held = totals.get(sku, 0.0)
        kind = LOST if held < wanted else DOUBLED
        findings += [Finding(kind, f"{held} {sku} received instead of {wanted}")] if held != wanted else []
        findings += same(float(stage.on_hand(sku)), held, f"NetSuite's stock of {sku}")
    names = [str(each["externalId"]) for each in stage.ours("itemReceipt")]
    findings += expect(names, dict.fromkeys(names), "external id")
    return findings + same(stage.held_transactions("inventoryAdjustment"), [], "adjustments")


def _receipts_meanwhile(theatre: Theatre) -> None:
    _of(theatre).netsuite.command("edit_order", {"tran_id": "PO10001", "memo": "call the dock first"})


NETSUITE_STORIES: tuple[Story, ...] = (
    Story("purchase orders", theatre_for("purchase_orders"), _purchase_act, _purchase_judge, _purchase_meanwhile),
    Story("purchase order changed", theatre_for("purchase_orders", steps=(_ordered,)), _change_act, _change_judge),
    Story("receipts", theatre_for("purchase_orders", "receipts", steps=(_ordered,)), _stow_act, _receipts_judge,
          _receipts_meanwhile),
)  # fmt: skip
