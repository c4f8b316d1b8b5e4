"""The stories of the pair Acumatica - ShipStation. A write there replaces a whole order, so what the warehouse edits
meanwhile must survive every fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.simulators.acumatica.seed import line
from tests.crash.shipstation_theatre import ShipStationTheatre
from tests.crash.stories import (
    CASES,
    DOUBLED,
    LOST,
    PLAIN,
    Finding,
    Sighting,
    Story,
    expect,
    put,
    same,
    shipped_judge,
    told_on,
    units,
)
from tests.crash.theatre import Theatre


def _of(theatre: Theatre) -> ShipStationTheatre:
    return told_on(theatre, ShipStationTheatre)


def theatre_for(
    *flows: str, steps: tuple[Callable[[ShipStationTheatre], object], ...] = (), **changes: Any
) -> Callable[[bool], Theatre]:
    """A theatre on which every flow has polled once, some hours ago, and what the steps have done."""

    def make(verbose: bool) -> Theatre:
        theatre = ShipStationTheatre(*flows, verbose=verbose, **changes)
        theatre.subscribe()
        theatre.go(2)
        for step in steps:
            step(theatre)
            _sent(theatre)
        theatre.clock.advance(hours=2)
        theatre.restart()
        return theatre

    return make


def _sent(theatre: ShipStationTheatre) -> None:
    """Lets the orders that were typed in just now leave, also where orders are not polled."""
    theatre.go(2)
    theatre.look("orders")
    theatre.go(8)


def _ordered(theatre: Theatre) -> dict[str, tuple[tuple[str, float], ...]]:
    """What each order at ShipStation holds, by key."""
    return {
        order["orderKey"]: units(order["items"], "sku", "quantity") for order in _of(theatre).orders()
    }


def _keys(theatre: Theatre) -> list[str]:
    return [str(order["orderKey"]) for order in _of(theatre).orders()]


# ---- orders, sent together ---------------------------------------------------------------------------------------

ONE = (line("KIT-DESK", 1),)
ORDERS = {
    "ACU-SO-SO000001": (("0041", 2), ("Insert Card - A", 2)),
    "ACU-SO-SO000002": (("0041", 48),),
    "ACU-SO-SO000003": (("KIT-DESK", 1),),
}


def _orders_act(theatre: Theatre) -> list[Sighting]:
    numbers = [put(theatre, *PLAIN), put(theatre, *CASES), put(theatre, *ONE)]
    return [Sighting("orders", f"SO/{number}", theatre.clock()) for number in numbers]


def _orders_judge(theatre: Theatre) -> list[Finding]:
    findings = expect(_keys(theatre), ORDERS, "ShipStation order")
    for key, quantities in _ordered(theatre).items():
        findings += same(quantities, ORDERS.get(key), f"what {key} orders")
    written = [order for order in _of(theatre).orders() if order["writes"] > 1]
    findings += [Finding(DOUBLED, f"{order['orderKey']}: written {order['writes']} times") for order in written]
    return findings + _edits(theatre)


def _edits(theatre: Theatre) -> list[Finding]:
    """What the warehouse wrote down is still there."""
    stage = _of(theatre)
    return [
        Finding(LOST, f"the warehouse's edit of {order['orderKey']}")
        for order in stage.orders()
        if order["orderKey"] in stage.edited and order["internalNotes"] != "packed by Pat"
    ]


def _warehouse_edits(theatre: Theatre) -> None:
    """Staff open the orders that have arrived and note something on them."""
    stage = _of(theatre)
    for key in _keys(theatre):
        stage.act("edit_order", order=key, members={"internalNotes": "packed by Pat"})
    stage.edited = stage.edited | frozenset(_keys(theatre))


# ---- a change ----------------------------------------------------------------------------------------------------


def _plain_order(theatre: ShipStationTheatre) -> None:
    put(theatre, *PLAIN)


def _change_act(theatre: Theatre) -> list[Sighting]:
    theatre.acumatica.command(
        "edit_order", {"order_nbr": "SO000001", "fields": {"Details": [{"LineNbr": 1, "OrderQty": 5}]}}
    )
    return []


def _change_judge(theatre: Theatre) -> list[Finding]:
    findings = expect(_keys(theatre), ["ACU-SO-SO000001"], "ShipStation order")
    wanted: tuple[tuple[str, float], ...] = (("0041", 5), ("Insert Card - A", 2))
    found = _ordered(theatre).get("ACU-SO-SO000001")
    return findings + ([Finding(LOST, "the change")] if found != wanted else [])


# ---- hold and cancellation ---------------------------------------------------------------------------------------


def _two_orders(theatre: ShipStationTheatre) -> None:
    put(theatre, *PLAIN)
    put(theatre, *ONE)


def _stop_act(theatre: Theatre) -> list[Sighting]:
    theatre.acumatica.command("edit_order", {"order_nbr": "SO000001", "fields": {"Hold": True}})
    theatre.acumatica.command("cancel_order", {"order_nbr": "SO000002"})
    return []


def _stop_judge(theatre: Theatre) -> list[Finding]:
    wanted = {"ACU-SO-SO000001": "on_hold", "ACU-SO-SO000002": "cancelled"}
    found = {order["orderKey"]: order["orderStatus"] for order in _of(theatre).orders()}
    findings = expect(_keys(theatre), wanted, "ShipStation order")
    return findings + [
        Finding(LOST, f"that {key} is {status}") for key, status in wanted.items() if found.get(key) != status
    ]


# ---- shipments ---------------------------------------------------------------------------------------------------


def _desk_order(theatre: ShipStationTheatre) -> None:
    put(theatre, line("0041", 5), line("KIT-DESK", 2))


LABELS = (
    {"carrier": "stamps_com", "service": "usps_priority_mail", "tracking_number": "9400100000000000000999",
     "items": [{"sku": "0041", "quantity": 4}]},
    {"carrier": "ups", "service": "ups_ground", "tracking_number": "1Z0000000000000999",
     "items": [{"sku": "0041", "quantity": 1}, {"sku": "KIT-DESK", "quantity": 2}]},
)  # fmt: skip


def _ship_act(theatre: Theatre) -> list[Sighting]:
    stage = _of(theatre)
    for label in LABELS:
        stage.act("buy_label", order="SO000001", **label)
    return []


# ---- a label with its file ---------------------------------------------------------------------------------------


def _plain_parcel(theatre: ShipStationTheatre) -> None:
    put(theatre, line("0041", 5))


def _file_act(theatre: Theatre) -> list[Sighting]:
    _of(theatre).act("buy_label", order="SO000001", tracking_number="1Z0000000000000777")
    return []


def _file_judge(theatre: Theatre) -> list[Finding]:
    findings = expect((number for _, number in _of(theatre).packages()), ["1Z0000000000000777"], "package")
    owners = [owner for it in theatre.erp("Shipment").values() for owner in (*it.get("Packages", ()), it)]
    files = [file["name"] for owner in owners for file in owner.get("files", ())]
    return findings + expect(files, ["shipstation-1Z0000000000000777.pdf"], "file")


# ---- a label taken back ------------------------------------------------------------------------------------------


def _shipped_parcel(theatre: ShipStationTheatre) -> None:
    put(theatre, line("0041", 5))
    _sent(theatre)
    theatre.act("buy_label", order="SO000001", tracking_number="1Z0000000000000777")


def _withdraw_act(theatre: Theatre) -> list[Sighting]:
    _of(theatre).act("void_label", shipment="1Z0000000000000777")
    return []


def _withdraw_judge(theatre: Theatre) -> list[Finding]:
    findings = [Finding(LOST, f"the void of {number}") for _, number in _of(theatre).packages() if number]
    findings += same([it["Status"] for it in theatre.erp("Shipment").values()], ["Open"], "the shipment's status")
    note = str(theatre.erp("SalesOrder")["SO000001"].get("note") or "")
    return findings + ([] if "1Z0000000000000777 void" in note else [Finding(LOST, "the void on the order")])


def _void_act(theatre: Theatre) -> list[Sighting]:
    stage = _of(theatre)
    stage.act("void_label", shipment="1Z0000000000000777")
    stage.act("buy_label", order="SO000001", tracking_number="1Z0000000000000888")
    return []


def _void_judge(theatre: Theatre) -> list[Finding]:
    findings = expect((number for _, number in _of(theatre).packages() if number), ["1Z0000000000000888"], "package")
    shipments = list(theatre.erp("Shipment").values())
    if len(shipments) > 1:
        findings.append(Finding(DOUBLED, f"{len(shipments)} Acumatica shipments instead of one"))
    findings += same([it["Status"] for it in shipments], ["Confirmed"], "the shipment's status")
    order = theatre.erp("SalesOrder")["SO000001"]
    note = str(order.get("note") or "")
    findings += [Finding(LOST, "the new number on the order")] if "1Z0000000000000888" not in note else []
    return findings + same(order["Status"], "Completed", "the order's status")


# ---- shipped without a label -------------------------------------------------------------------------------------


def _mark_act(theatre: Theatre) -> list[Sighting]:
    _of(theatre).act("mark_as_shipped", order="SO000001", carrier="ups", tracking_number="1Z0000000000000666")
    return []


def _mark_judge(theatre: Theatre) -> list[Finding]:
    findings = expect((number for _, number in _of(theatre).packages()), ["1Z0000000000000666"], "package")
    return findings + same(theatre.erp("SalesOrder")["SO000001"]["Status"], "Completed", "the order's status")


NO_LABELS = {"labels": False}

SHIPSTATION_STORIES: tuple[Story, ...] = (
    Story("orders by the hundred", theatre_for("orders"), _orders_act, _orders_judge, _warehouse_edits),
    Story("order change", theatre_for("orders", steps=(_plain_order,)), _change_act, _change_judge),
    Story("hold and cancel", theatre_for("orders", steps=(_two_orders,)), _stop_act, _stop_judge),
    Story("parcels", theatre_for("shipments", steps=(_desk_order,), shipstation=NO_LABELS), _ship_act, shipped_judge,
          short=False),
    Story("parcel with its label", theatre_for("shipments", steps=(_plain_parcel,)), _file_act, _file_judge),
    Story("parcel void",
          theatre_for("voids", steps=(_shipped_parcel,), shipstation=NO_LABELS, voids={"reopen": True}),
          _withdraw_act, _withdraw_judge),
    Story("parcel relabelled",
          theatre_for("shipments", "voids", steps=(_shipped_parcel,), shipstation=NO_LABELS, voids={"reopen": True}),
          _void_act, _void_judge, short=False),
    Story("marked as shipped", theatre_for("fulfillments", steps=(_plain_parcel,), shipstation=NO_LABELS), _mark_act,
          _mark_judge, short=False),
)
