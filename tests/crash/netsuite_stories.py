"""The stories of the pair NetSuite - ShipBob: goods expected once, received once, shipped once, billed once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from local.simulators.base import Request
from local.simulators.shipbob.simulator import DEFAULT_PAT
from tests.crash.netsuite_theatre import NetSuiteTheatre
from tests.crash.stories import (
    DOUBLED,
    LOST,
    Finding,
    Sighting,
    Story,
    expect,
    hours_later,
    same,
    shipbob_orders,
    told_on,
    units,
)
from tests.crash.theatre import Theatre
from tests.support.netsuite_stage import ADJUSTMENTS, CENTRE, OTHER_CENTRE, OTHER_PLACE, PLACE


def _of(theatre: Theatre) -> NetSuiteTheatre:
    return told_on(theatre, NetSuiteTheatre)


def theatre_for(*flows: str, steps: tuple[Callable[[NetSuiteTheatre], object], ...] = (), **changes: Any) -> (
    Callable[[bool], Theatre]
):
    """A theatre on which every flow has polled once, some hours ago, after what the steps have done."""

    def make(verbose: bool) -> Theatre:
        theatre = NetSuiteTheatre(*flows, verbose=verbose, **changes)
        theatre.subscribe()
        theatre.go(2)
        return hours_later(theatre, steps, 12)

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
    """A part is stowed, and the rest four minutes later: it may be one receipt or two."""
    stage = _of(theatre)
    stage.stow("PO10001", TEE=50)
    theatre.late.append((theatre.clock() + timedelta(minutes=4), lambda: stage.stow("PO10001")))
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


# ---- fulfilments -------------------------------------------------------------------------------------------------

PARCELS = (
    {"lines": [{"sku": "TEE", "quantity": 4}], "tracking_number": "9400100000000000000999"},
    {"lines": [{"sku": "TEE", "quantity": 1}, {"sku": "CAP", "quantity": 2}], "carrier": "UPS",
     "tracking_number": "1Z0000000000000999"},
)  # fmt: skip
SHIPPED = {
    "9400100000000000000999": (("TEE", 4.0),),
    "1Z0000000000000999": (("CAP", 2.0), ("TEE", 1.0)),
}


def _sold(theatre: NetSuiteTheatre) -> None:
    """A sales order that another application has sent to ShipBob, which has the goods."""
    for sku in ("TEE", "CAP"):
        theatre.netsuite.command("seed_stock", {"sku": sku, "location": PLACE, "quantity": 100})
        theatre.shipbob.command("seed_stock", {"sku": sku, "location_id": CENTRE, "quantity": 100})
    made = theatre.sales_order(("TEE", 5), ("CAP", 2))
    theatre.order_at_shipbob(made["tran_id"], ("TEE", 5), ("CAP", 2))


def _ship_act(theatre: Theatre) -> list[Sighting]:
    stage = _of(theatre)
    (number,) = stage.shipbob.holdings()["orders"]
    stage.shipbob.command("fulfil", {"order_id": int(number), "packages": list(PARCELS)})
    return [Sighting("shipments", str(number), theatre.clock())]


def _ship_judge(theatre: Theatre) -> list[Finding]:
    stage = _of(theatre)
    return [*_fulfilled(stage, SHIPPED), *_stock_of(stage, TEE=95, CAP=98)]


def _fulfilled(stage: NetSuiteTheatre, wanted: dict[str, tuple[tuple[str, float], ...]]) -> list[Finding]:
    fulfilments = stage.held_transactions("itemFulfillment")
    numbers = [number for each in fulfilments for number in each["tracking_numbers"]]
    findings = expect(numbers, wanted, "tracking number")
    if len(fulfilments) > len(wanted):
        findings.append(Finding(DOUBLED, f"{len(fulfilments)} fulfilments instead of {len(wanted)}"))
    for each in fulfilments:
        holds = [wanted[number] for number in each["tracking_numbers"] if number in wanted]
        findings += same([_lines(each)], holds, f"what {each['tranId']} holds")
        findings += same(each["status"], "C", f"the status of {each['tranId']}")
    (order,) = stage.held_transactions("salesOrder")
    return findings + same(order["status"], "F", "the sales order's status")


def _stock_of(stage: NetSuiteTheatre, **wanted: float) -> list[Finding]:
    return [finding for sku, units in wanted.items()
            for finding in same(float(stage.on_hand(sku)), float(units), f"NetSuite's stock of {sku}")]  # fmt: skip


def _ship_meanwhile(theatre: Theatre) -> None:
    _of(theatre).netsuite.command("edit_order", {"tran_id": "SO10001", "memo": "gift"})


def _in_one_parcel(theatre: NetSuiteTheatre) -> None:
    (number,) = theatre.shipbob.holdings()["orders"]
    theatre.shipbob.command("fulfil", {"order_id": int(number)})


def _relabel_act(theatre: Theatre) -> list[Sighting]:
    stage = _of(theatre)
    (number,) = stage.shipbob.holdings()["shipments"]
    stage.shipbob.command("relabel", {"shipment_id": int(number), "tracking_number": "1Z0000000000000777"})
    return []


def _relabel_judge(theatre: Theatre) -> list[Finding]:
    stage = _of(theatre)
    (fulfilment,) = stage.held_transactions("itemFulfillment")
    if "1Z0000000000000777" not in fulfilment["tracking_numbers"]:
        return [Finding(LOST, "the new tracking number")]
    return _fulfilled(stage, {"1Z0000000000000777": (("CAP", 2.0), ("TEE", 5.0))})


ADJUST = {"account": ADJUSTMENTS, "subsidiary": "1"}

# ---- returns -----------------------------------------------------------------------------------------------------

DISPOSITIONS = [
    {"sku": "TEE", "action": "Restock", "quantity": 3}, {"sku": "TEE", "action": "Dispose", "quantity": 2},
    {"sku": "CAP", "action": "Restock", "quantity": 2},
]  # fmt: skip


def _return_act(theatre: Theatre) -> list[Sighting]:
    stage = _of(theatre)
    (shipment,) = stage.shipbob.holdings()["shipments"]
    number = stage.shipbob.command("announce_stray_return", {"shipment_id": int(shipment)})
    stage.shipbob.command("process_return", {"return_id": number, "step": "complete", "actions": DISPOSITIONS})
    return [Sighting("returns", str(number), theatre.clock())]


def _disposed_of(stage: NetSuiteTheatre) -> None:
    """An earlier return of the same parcel: an authorization stands for every unit, and nothing was received."""
    (shipment,) = stage.shipbob.holdings()["shipments"]
    number = stage.shipbob.command("announce_stray_return", {"shipment_id": int(shipment)})
    gone = [{"sku": sku, "action": "Dispose", "quantity": units} for sku, units in (("TEE", 5), ("CAP", 2))]
    stage.shipbob.command("process_return", {"return_id": number, "step": "complete", "actions": gone})


def _return_judge(theatre: Theatre) -> list[Finding]:
    stage = _of(theatre)
    back = [_lines(each) for each in stage.held_transactions("returnAuthorization")]
    findings = expect(back, [(("CAP", 2.0), ("TEE", 5.0))], "return authorization")
    received = [_lines(each) for each in stage.held_transactions("itemReceipt")]
    findings += expect(received, [(("CAP", 2.0), ("TEE", 3.0))], "receipt of the return")
    return findings + same(stage.held_transactions("inventoryAdjustment"), [], "adjustments")


def _adjusted_judge(theatre: Theatre) -> list[Finding]:
    """The same goods where returns are booked as adjustments: what was restocked, and nothing else."""
    stage = _of(theatre)
    found = [_lines(each, "inventory") for each in stage.held_transactions("inventoryAdjustment")]
    findings = expect(found, [(("CAP", 2.0), ("TEE", 3.0))], "adjustment")
    return findings + same(stage.held_transactions("returnAuthorization"), [], "return authorizations")


# ---- carrier, tracking and status in fields of the order ---------------------------------------------------------

FIELDS: dict[str, Any] = {
    "shipments": {"mode": "so_custom_fields", "tracking_field": "custbody_track", "status_field": "custbody_state"}
}


def _with_fields(theatre: NetSuiteTheatre) -> None:
    for name in ("custbody_track", "custbody_state"):
        theatre.netsuite.command("seed_custom_field", {"name": name, "record": "salesOrder"})


def _fields_judge(theatre: Theatre) -> list[Finding]:
    stage = _of(theatre)
    (order,) = stage.held_transactions("salesOrder")
    shown = str(order.get("custbody_track", ""))
    findings = [Finding(LOST, f"tracking number {number}") for number in SHIPPED if number not in shown]
    findings += [Finding(DOUBLED, f"tracking number {number}") for number in SHIPPED if shown.count(number) > 1]
    return findings + same(stage.held_transactions("itemFulfillment"), [], "fulfilments")


# ---- goods that nobody ordered -----------------------------------------------------------------------------------


def _unordered_act(theatre: Theatre) -> list[Sighting]:
    """A colleague announces goods at ShipBob that are on no purchase order."""
    stage = _of(theatre)
    warehouse = stage.shipbob.world
    inventory = next(number for number in warehouse.items if warehouse.sku_of(number) == "MUG")
    body = {
        "purchase_order_number": None, "expected_arrival_date": (stage.clock() + timedelta(days=3)).isoformat(),
        "fulfillment_center": {"id": CENTRE}, "package_type": "Package", "box_packaging_type": "EverythingInOneBox",
        "boxes": [{"tracking_number": "T1", "box_items": [{"inventory_id": inventory, "quantity": 8}]}],
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {DEFAULT_PAT}", "Content-Type": "application/json"}
    reply = stage.shipbob.handle(Request("POST", "/2026-07/receiving", "", headers, json.dumps(body).encode()))
    number = int(json.loads(reply.body)["id"])
    stage.shipbob.command("receive", {"receiving_id": number, "step": "stow"})
    stage.shipbob.command("receive", {"receiving_id": number, "step": "complete"})
    return [Sighting("receipts", str(number), theatre.clock())]


def _unordered_judge(theatre: Theatre) -> list[Finding]:
    stage = _of(theatre)
    found = [_lines(each, "inventory") for each in stage.held_transactions("inventoryAdjustment")]
    findings = expect(found, [(("MUG", 8.0),)], "adjustment")
    return [*findings, *_stock_of(stage, MUG=8)]


# ---- count differences -------------------------------------------------------------------------------------------


def _count_act(theatre: Theatre) -> list[Sighting]:
    stage = _of(theatre)
    stage.shipbob.command("adjust_stock", {"sku": "TEE", "location_id": CENTRE, "quantity": -7})
    stage.shipbob.command("adjust_stock", {"sku": "CAP", "location_id": CENTRE, "quantity": 5})
    return []


def _count_judge(theatre: Theatre) -> list[Finding]:
    stage = _of(theatre)
    found = [_lines(each, "inventory") for each in stage.held_transactions("inventoryAdjustment")]
    return [*expect(found, [(("TEE", -7.0),), (("CAP", 5.0),)], "adjustment"), *_stock_of(stage, TEE=93, CAP=105)]


# ---- charges -----------------------------------------------------------------------------------------------------


def _charges_act(theatre: Theatre) -> list[Sighting]:
    stage = _of(theatre)
    stage.shipbob.command("bill_day", {"storage": True})
    stage.shipbob.command("close_invoice", {"date": stage.clock().date().isoformat(), "payment": True})
    return []


def _charges_judge(theatre: Theatre) -> list[Finding]:
    stage = _of(theatre)
    invoices = stage.shipbob.holdings()["invoices"].values()
    wanted = [(f"SB-VB-{each['invoice_id']}", float(each["amount"])) for each in invoices
              if each["invoice_type"] != "Payment"]  # fmt: skip
    bills = stage.held_transactions("vendorBill")
    findings = expect(((each["externalId"], float(each["total"])) for each in bills), wanted, "bill")
    return findings + same(stage.held_transactions("vendorCredit"), [], "credits")


# ---- sales orders ------------------------------------------------------------------------------------------------

OWN_ORDERS: dict[str, Any] = {
    "orders": {"enabled": True}, "shipments": {"order_name": "reference_id", "order_prefix": "NS-"},
    "tables": {"ship_methods": {"": "Standard"}},
}  # fmt: skip
ADDRESS = {"addressee": "Dana Reed", "addr1": "1 Main St", "city": "Albany", "state": "NY", "zip": "12207",
           "country": "US"}  # fmt: skip


def _orders_act(theatre: Theatre) -> list[Sighting]:
    stage = _of(theatre)
    made = [stage.sales_order(("TEE", 2), address=ADDRESS), stage.sales_order(("CAP", 3), address=ADDRESS)]
    return [Sighting("orders", each["id"], theatre.clock()) for each in made]


def _orders_judge(theatre: Theatre) -> list[Finding]:
    found = [(each["reference_id"], units(each["products"], "sku", "quantity")) for each in shipbob_orders(theatre)]
    return expect(found, [("NS-SO10001", (("TEE", 2),)), ("NS-SO10002", (("CAP", 3),))], "ShipBob order")


NETSUITE_STORIES: tuple[Story, ...] = (
    Story("purchase orders", theatre_for("purchase_orders"), _purchase_act, _purchase_judge, _purchase_meanwhile),
    Story("purchase order changed", theatre_for("purchase_orders", steps=(_ordered,)), _change_act, _change_judge,
          short=False),
    Story("receipts", theatre_for("purchase_orders", steps=(_ordered, lambda stage: stage.only("receipts"))),
          _stow_act, _receipts_judge, _receipts_meanwhile),
    Story("fulfilments", theatre_for("shipments", steps=(_sold,)), _ship_act, _ship_judge, _ship_meanwhile),
    Story("tracking changed", theatre_for("shipments", "deliveries", steps=(_sold, _in_one_parcel)), _relabel_act,
          _relabel_judge, short=False),
    Story("goods returned",
          theatre_for("shipments", steps=(_sold, _in_one_parcel, lambda stage: stage.only("returns"))),
          _return_act, _return_judge),
    Story("goods returned twice",
          theatre_for("shipments",
                      steps=(_sold, _in_one_parcel, lambda stage: stage.only("returns"), _disposed_of,
                             lambda stage: stage.go(60))),
          _return_act, _return_judge, short=False),
    Story("goods returned, adjusted",
          theatre_for("shipments", returns={"mode": "adjustment"}, adjustments=ADJUST,
                      steps=(_sold, _in_one_parcel, lambda stage: stage.only("returns"))),
          _return_act, _adjusted_judge, short=False),
    Story("fields of the order", theatre_for("shipments", **FIELDS, steps=(_with_fields, _sold)), _ship_act,
          _fields_judge, short=False),
    Story("goods without order", theatre_for("receipts", receipts={"without_order": "adjust"}, adjustments=ADJUST),
          _unordered_act, _unordered_judge, short=False),
    Story("counts", theatre_for("counts", counts={"mode": "adjust"}, steps=(_sold,), adjustments=ADJUST),
          _count_act, _count_judge, short=False),
    Story("invoices",
          theatre_for("shipments", steps=(_sold, _in_one_parcel, lambda stage: stage.only("charges"))),
          _charges_act, _charges_judge),
    Story("own sales orders", theatre_for("orders", **OWN_ORDERS), _orders_act, _orders_judge, short=False),
)  # fmt: skip
