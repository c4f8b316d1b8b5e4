"""The stories of the pair Dynamics GP - ShipBob: GP tells no number back, and a refused sign-in may not be repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.crash.gp_theatre import GpTheatre
from tests.crash.stories import LOST, WRONG, Finding, Sighting, Story, expect, hours_later, same, told_on, units
from tests.crash.theatre import Theatre
from tests.support.gp_stage import CORD, HEADSET, ITEMS, SHIRT, line

SKUS = {row["item"]: sku for sku, row in ITEMS.items()}


def _of(theatre: Theatre) -> GpTheatre:
    return told_on(theatre, GpTheatre)


def theatre_for(
    *flows: str, steps: tuple[Callable[[GpTheatre], object], ...] = (), **changes: Any
) -> Callable[[bool], Theatre]:
    """A theatre with a proven sign-in, on which the steps were done some hours ago."""

    def make(verbose: bool) -> Theatre:
        theatre = GpTheatre(*flows, verbose=verbose, **changes)
        theatre.subscribe()
        theatre.order(line(HEADSET, 1, 39.95))
        theatre.go(8)
        return hours_later(theatre, steps, 8)

    return make


def _sign_in_again(theatre: Theatre) -> None:
    _of(theatre).set_password_again()


def _quantities(rows: list[dict[str, Any]], name: str = "Quantity") -> tuple[tuple[str, float], ...]:
    """Quantities of a document's lines by ShipBob's SKU."""
    plain = [{"sku": SKUS[row["ItemKey"]["Id"]], "units": float(row[name]["Value"])} for row in rows]
    return units(plain, "sku", "units")


def _silence(stage: GpTheatre) -> list[Finding]:
    """What GP would have done without a word: texts cut, wishes ignored."""
    holds = stage.gp.holdings()
    return [Finding(WRONG, text) for text in (*holds["cut"], *holds["ignored"])]


# ---- orders ------------------------------------------------------------------------------------------------------

WANTED = ({SHIRT: 2.0, CORD: 1.0}, {HEADSET: 3.0})


def _orders_act(theatre: Theatre) -> list[Sighting]:
    stage = _of(theatre)
    numbers = [stage.order(line(SHIRT, 2, 19.99), line(CORD, 1, 9.95)), stage.order(line(HEADSET, 3, 39.95))]
    return [Sighting("orders", str(number), theatre.clock()) for number in numbers]


def _orders_judge(theatre: Theatre) -> list[Finding]:
    stage = _of(theatre)
    asked = [str(number) for number in stage.shipbob.holdings()["orders"]]
    rows = stage.sales().values()
    findings = expect((row["po_number"] for row in rows), (f"SB-{number}" for number in asked), "GP order with PO")
    wanted = [{HEADSET: 1.0}, *WANTED]
    for number, quantities in zip(sorted(asked, key=int), wanted, strict=False):
        for row in (each for each in rows if each["po_number"] == f"SB-{number}"):
            findings += same(dict(_quantities(row["fields"]["Lines"])), quantities, f"what {row['number']} orders")
    held = sum((dict(_quantities(row["fields"]["Lines"])).get(CORD, 0.0) for row in rows), 0.0)
    stock = {(each["item"], each["site"]): float(each["allocated"]) for each in stage.gp.holdings()["stock"]}
    findings += same(stock[ITEMS[CORD]["item"], "WAREHOUSE"], held, "what is allocated of the cord")
    return findings + _silence(stage)


def _orders_meanwhile(theatre: Theatre) -> None:
    """A GP user prints whatever is there."""
    stage = _of(theatre)
    for number in stage.sales():
        stage.user("print", number=number)


# ---- shipments ---------------------------------------------------------------------------------------------------

PACKAGES = (
    {"lines": [{"sku": SHIRT, "quantity": 1}], "tracking_number": "9400100000000000000999"},
    {"lines": [{"sku": SHIRT, "quantity": 1}, {"sku": CORD, "quantity": 1}], "carrier": "UPS",
     "tracking_number": "1Z0000000000000999"},
)  # fmt: skip


def _second_order(theatre: GpTheatre) -> None:
    theatre.order(line(SHIRT, 2, 19.99), line(CORD, 1, 9.95))


def _second(stage: GpTheatre) -> int:
    return max(int(number) for number in stage.shipbob.holdings()["orders"])


def _ship_act(theatre: Theatre) -> list[Sighting]:
    stage = _of(theatre)
    number = _second(stage)
    stage.ship(number, packages=list(PACKAGES))
    return [Sighting("shipments", str(number), theatre.clock())]


def _ship_judge(theatre: Theatre) -> list[Finding]:
    stage = _of(theatre)
    number = f"SB{_second(stage)}"
    order = stage.sales()[number]
    findings = expect(order["tracking_numbers"], [each["tracking_number"] for each in PACKAGES], "tracking number")
    fulfilled = _quantities(order["fields"]["Lines"], "QuantityFulfilled")
    if any(count == 0 for _, count in fulfilled):
        findings.append(Finding(LOST, f"what left of {number}"))
    else:
        findings += same(dict(fulfilled), {SHIRT: 2.0, CORD: 1.0}, f"what {number} says has left")
    days = [row["ActualShipDate"] for row in order["fields"]["Lines"]]
    findings += [Finding(LOST, f"ship date of {number}") for day in days if day.startswith("1900")]
    asked = ["SB" + each for each in stage.shipbob.holdings()["orders"]]
    return findings + expect(list(stage.sales()), asked, "GP order")


def _ship_meanwhile(theatre: Theatre) -> None:
    """A GP user writes a comment on the order, the carrier scans the parcels."""
    stage = _of(theatre)
    stage.user("edit", number=f"SB{_second(stage)}", comment="call first")
    stage.shipbob.command("move", {"order_id": _second(stage), "status": "InTransit"})


def _draft_judge(theatre: Theatre) -> list[Finding]:
    """One unposted invoice for each shipment, with what that shipment holds, and the order as without drafts."""
    stage = _of(theatre)
    left = [key for key, row in stage.shipbob.holdings()["shipments"].items() if row["order_id"] == _second(stage)]
    rows = [row for row in stage.sales("Invoice").values() if row["po_number"].startswith("SBS-")]
    findings = expect((row["po_number"] for row in rows), [f"SBS-{key}" for key in left], "GP invoice with PO")
    billed: dict[str, float] = {}
    for row in rows:
        findings += same(row["state"], "Work", f"the state of {row['number']}")
        for sku, count in _quantities(row["fields"]["Lines"]):
            billed[sku] = billed.get(sku, 0.0) + count
    if len(rows) == len(left):
        findings += same(billed, {SHIRT: 2.0, CORD: 1.0}, "what the invoices hold")
    return findings + _ship_judge(theatre)


# ---- returns -----------------------------------------------------------------------------------------------------

TAKEN = ((SHIRT, "Restock", 1), (SHIRT, "Dispose", 1), (CORD, "Quarantine", 1))
PLACES = ("OnHandQuantity", "ReturnedQuantity", "DamagedQuantity")
SPLIT = {SHIRT: (1.0, 0.0, 1.0), CORD: (0.0, 1.0, 0.0)}


def _shipped(theatre: GpTheatre) -> None:
    theatre.ship(_second(theatre))


def _return_act(theatre: Theatre) -> list[Sighting]:
    stage = _of(theatre)
    shipment = stage.shipbob.holdings()["orders"][str(_second(stage))]["shipment_ids"][0]
    number = stage.shipbob.command("announce_stray_return", {"shipment_id": shipment})
    rows = [{"sku": sku, "action": action, "quantity": units} for sku, action, units in TAKEN]
    stage.shipbob.command("process_return", {"return_id": number, "step": "complete", "actions": rows})
    return [Sighting("returns", str(number), theatre.clock())]


def _return_judge(theatre: Theatre) -> list[Finding]:
    stage = _of(theatre)
    asked = list(stage.shipbob.holdings()["returns"])
    rows = stage.sales("Return").values()
    findings = expect((row["po_number"] for row in rows), [f"SBR-{number}" for number in asked], "GP return with PO")
    for row in rows:
        split = {
            SKUS[one["ItemKey"]["Id"]]: tuple(float(one["ReturnQuantity"].get(it, _NONE)["Value"]) for it in PLACES)
            for one in row["fields"]["Lines"]
        }
        findings += same(split, SPLIT, f"how {row['number']} divides the goods")
        findings += same(row["state"], "Work", f"the state of {row['number']}")
    return findings + _silence(stage)


_NONE = {"Value": "0"}


def _adjusted_judge(theatre: Theatre) -> list[Finding]:
    """What was restocked, as one unposted adjustment; nothing else of the return is GP's."""
    stage = _of(theatre)
    asked = list(stage.shipbob.holdings()["returns"])
    rows = stage.gp.holdings()["inventory"]
    findings = expect((row["number"] for row in rows), [f"SBA{number}" for number in asked], "GP adjustment")
    for row in rows:
        findings += same(_quantities(row["lines"]), ((SHIRT, 1.0),), f"what {row['number']} puts back")
    return findings + expect(list(stage.sales("Return")), [], "GP return") + _silence(stage)


# ---- goods on their way to ShipBob -------------------------------------------------------------------------------


def _goods_in_the_north(theatre: GpTheatre) -> None:
    theatre.user("move_stock", item=ITEMS[CORD]["item"], site="NORTH", on_hand=50)


def _transfer_act(theatre: Theatre) -> list[Sighting]:
    """A GP user posts a transfer into the site that ShipBob runs."""
    stage = _of(theatre)
    row = {"item": ITEMS[CORD]["item"], "quantity": 6, "site": "NORTH", "to_site": "WAREHOUSE"}
    number = stage.user("enter_inventory", kind="transfer", lines=[row])
    return [Sighting("movements", f"InventoryTransfer/{number}", theatre.clock())]


def _transfer_judge(theatre: Theatre) -> list[Finding]:
    stage = _of(theatre)
    documents = stage.gp.holdings()["inventory"]
    wanted = [(f"GP-{row['number']}-WAREHOUSE", int(float(row["lines"][0]["Quantity"]["Value"]))) for row in documents]
    found = [
        (row["purchase_order_number"], sum(each["expected_quantity"] for each in row["inventory_quantities"]))
        for row in stage.shipbob.holdings()["receiving"].values()
    ]
    return expect(found, wanted, "ShipBob receiving order")


GP_STORIES: tuple[Story, ...] = (
    Story("GP orders", theatre_for("orders"), _orders_act, _orders_judge, _orders_meanwhile, person=_sign_in_again),
    Story("GP orders, numbers by GP", theatre_for("orders", orders={"numbers": "gp"}), _orders_act, _orders_judge,
          short=False, person=_sign_in_again),
    Story("GP shipments", theatre_for("orders", "shipments", steps=(_second_order,)), _ship_act, _ship_judge,
          _ship_meanwhile, person=_sign_in_again),
    Story("GP drafts",
          theatre_for("orders", "shipments", steps=(_second_order,), orders={"prices": "gp"},
                      shipments={"draft": "invoice", "draft_document_type": "STDINV"}),
          _ship_act, _draft_judge, short=False, person=_sign_in_again),
    Story("GP returns", theatre_for("orders", "shipments", "returns", steps=(_second_order, _shipped)), _return_act,
          _return_judge, person=_sign_in_again),
    Story("GP returns, adjustments",
          theatre_for("orders", "shipments", "returns", steps=(_second_order, _shipped),
                      returns={"document": "adjustment"}),
          _return_act, _adjusted_judge, short=False),
    Story("GP transfers",
          theatre_for("movements", "stock", steps=(_goods_in_the_north,), stock={"inbound": "receiving_order"},
                      tables={"sites": {"8": "WAREHOUSE"}, "items": {CORD: ITEMS[CORD]}}),
          _transfer_act, _transfer_judge, person=_sign_in_again),
)  # fmt: skip
