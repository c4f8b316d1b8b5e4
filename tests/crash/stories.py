"""The stories that are told under every fault: what happens at one side, and what both sides must hold at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from local.simulators.acumatica.seed import line, order
from tests.crash import consent
from tests.crash.theatre import Theatre

Kind = TypeVar("Kind", bound=Theatre)
LOST, DOUBLED, WRONG = "lost", "duplicated", "wrong"
WAREHOUSE = "3PL-WEST"


@dataclass(frozen=True)
class Finding:
    """Something at a vendor that is not as it must be."""

    kind: str
    text: str


@dataclass(frozen=True)
class Sighting:
    """A cursor of `stream` that stands later than `changed` promises that the record is stored."""

    stream: str
    source_key: str
    changed: datetime


@dataclass(frozen=True)
class Story:
    """One flow from its cause to its end.

    make: a theatre up to the cause. act: the cause; answers what to look for. judge: what is wrong at the end.
    meanwhile: what else people do a minute after the fault. person: what one does who was alerted; then all must end.
    """

    name: str
    make: Callable[[bool], Theatre]
    act: Callable[[Theatre], list[Sighting]]
    judge: Callable[[Theatre], list[Finding]]
    meanwhile: Callable[[Theatre], None] | None = None
    minutes: float = 300.0
    short: bool = True  # part of the short matrix
    person: Callable[[Theatre], None] | None = None


def expect(found: Iterable[Any], wanted: Iterable[Any], what: str) -> list[Finding]:
    """Exactly these, each once."""
    have, want = Counter(found), Counter(list(wanted))
    findings = [Finding(LOST, f"{what} {key}") for key in want - have if key not in have]
    findings += [Finding(DOUBLED, f"{what} {key}: {count} instead of {want[key]}") for key, count in have.items()
                 if count > want[key] > 0]
    findings += [Finding(WRONG, f"{what} {key}, which nobody asked for") for key in have if key not in want]
    return findings + [Finding(LOST, f"{what} {key}: {have[key]} instead of {count}") for key, count in want.items()
                       if 0 < have[key] < count]


def same(found: Any, wanted: Any, what: str) -> list[Finding]:
    """Equal, or wrong."""
    return [] if found == wanted else [Finding(WRONG, f"{what} is {found}, not {wanted}")]


def shipbob_orders(theatre: Theatre) -> list[dict[str, Any]]:
    """Every order that ShipBob holds."""
    return list(theatre.shipbob.holdings()["orders"].values())


def units(rows: Iterable[dict[str, Any]], sku: str, quantity: str) -> tuple[tuple[str, float], ...]:
    """Quantities by SKU, as something that can be counted."""
    totals: dict[str, float] = {}
    for row in rows:
        totals[row[sku].strip()] = totals.get(row[sku].strip(), 0) + row[quantity]
    return tuple(sorted(totals.items()))


def put(theatre: Theatre, *lines: dict[str, Any], **fields: Any) -> str:
    """A new sales order; its number."""
    return str(theatre.acumatica.command("sales_order", order("QUILL", *lines, **fields))["key"])


def theatre_for(*flows: str, **changes: Any) -> Callable[[bool], Theatre]:
    """A theatre on which every flow has polled once, some hours ago: tokens have expired, caches are old."""

    def make(verbose: bool) -> Theatre:
        theatre = Theatre(*flows, verbose=verbose, **changes)
        theatre.subscribe()
        theatre.go(2)
        return theatre

    return make


def hours_later(
    theatre: Kind, steps: Sequence[Callable[[Kind], object]], minutes: float
) -> Kind:
    """Does the steps, each with minutes to be worked on; hours later tokens have expired and caches are old."""
    for step in steps:
        step(theatre)
        theatre.go(minutes)
    theatre.clock.advance(hours=2)
    theatre.restart()
    return theatre


def told_on(theatre: Theatre, kind: type[Kind]) -> Kind:
    """The theatre, as the kind on which a story is told. Raises TypeError for another."""
    if not isinstance(theatre, kind):
        raise TypeError(f"this story is told on a {kind.__name__}, not on a {type(theatre).__name__}")
    return theatre


def _later(make: Callable[[bool], Theatre], *steps: Callable[[Theatre], None]) -> Callable[[bool], Theatre]:
    return lambda verbose: hours_later(make(verbose), steps, 7)


# ---- orders ------------------------------------------------------------------------------------------------------


PLAIN = (line("0041", 2), line("Insert Card - A", 2, UnitPrice=0))
CASES = (line("0041", 2, UOM="CASE"),)
ORDERS = {"SO000001": (("0041", 2), ("Insert Card - A", 2)), "SO000002": (("0041", 48),)}


def _orders_act(theatre: Theatre) -> list[Sighting]:
    numbers = [put(theatre, *PLAIN), put(theatre, *CASES)]
    return [Sighting("orders", f"SO/{number}", theatre.clock()) for number in numbers]


def _orders_judge(theatre: Theatre) -> list[Finding]:
    found = [(each["reference_id"], units(each["products"], "sku", "quantity")) for each in shipbob_orders(theatre)]
    findings = expect((reference for reference, _ in found), (f"ACU-SO-{number}" for number in ORDERS), "ShipBob order")
    for reference, quantities in found:
        findings += same(quantities, ORDERS.get(reference.removeprefix("ACU-SO-")), f"what {reference} orders")
    return findings


def _orders_meanwhile(theatre: Theatre) -> None:
    theatre.acumatica.command("edit_order", {"order_nbr": "SO000001", "fields": {"Description": "call first"}})


def _push_make(verbose: bool) -> Theatre:
    theatre = _later(theatre_for("orders"))(verbose)
    theatre.listen()
    return theatre


def _oauth_make(verbose: bool) -> Theatre:
    # ShipBob lets an application change its own products only, and these were made in the dashboard.
    theatre = Theatre("orders", off=("items",), verbose=verbose, systems=consent.systems())
    theatre.subscribe()
    consent.connect(theatre)
    theatre.go(2)
    theatre.clock.advance(hours=2)
    theatre.restart()
    return theatre


# ---- cancellation ------------------------------------------------------------------------------------------------


def _one_order(theatre: Theatre) -> None:
    put(theatre, *PLAIN)


def _cancel_act(theatre: Theatre) -> list[Sighting]:
    theatre.acumatica.command("cancel_order", {"order_nbr": "SO000001"})
    return []


def _cancel_judge(theatre: Theatre) -> list[Finding]:
    found = [(each["reference_id"], each["status"]) for each in shipbob_orders(theatre)]
    if found == [("ACU-SO-SO000001", "Processing")]:
        return [Finding(LOST, "the cancellation")]
    return expect(found, [("ACU-SO-SO000001", "Cancelled")], "ShipBob order")


# ---- items -------------------------------------------------------------------------------------------------------

LAMP = {
    "InventoryID": "LAMP-7", "Description": "Lamp", "ItemClass": "GOODS", "BaseUOM": "EA",
    "DefaultWarehouseID": WAREHOUSE, "DimensionWeight": 2, "WeightUOM": "LB",
}  # fmt: skip


def _variants(theatre: Theatre) -> list[dict[str, Any]]:
    return [variant for product in theatre.shipbob.holdings()["products"].values() for variant in product["variants"]]


def _ounces(variant: dict[str, Any]) -> float:
    return float((variant.get("weight") or {}).get("weight") or 0)


def _item_act(theatre: Theatre) -> list[Sighting]:
    """A new item, and an order that needs it and is heard of first."""
    theatre.acumatica.command("stock_item", LAMP)
    changed = theatre.clock()
    theatre.acumatica.command("stock", {"sku": "LAMP-7", "warehouse": WAREHOUSE, "location": "R1", "quantity": 9})
    number = put(theatre, line("LAMP-7", 1))
    return [Sighting("items", "LAMP-7", changed), Sighting("orders", f"SO/{number}", theatre.clock())]


def _item_judge(theatre: Theatre) -> list[Finding]:
    lamps = [variant for variant in _variants(theatre) if variant["sku"] == "LAMP-7"]
    findings = expect((lamp["sku"] for lamp in lamps), ["LAMP-7"], "ShipBob product")
    findings += [finding for lamp in lamps for finding in same(_ounces(lamp), 32.0, "the lamp's weight")]
    orders = [(each["reference_id"], units(each["products"], "sku", "quantity")) for each in shipbob_orders(theatre)]
    return findings + expect(orders, [("ACU-SO-SO000001", (("LAMP-7", 1),))], "ShipBob order")


def _update_act(theatre: Theatre) -> list[Sighting]:
    theatre.acumatica.command("edit", {"entity": "StockItem", "key": "0041", "fields": {"DimensionWeight": 0.9}})
    return []


def _update_judge(theatre: Theatre) -> list[Finding]:
    found = [_ounces(variant) for variant in _variants(theatre) if variant["sku"] == "0041"]
    weight = 14.4 if theatre.acumatica.holdings()["StockItem"]["0041"]["DimensionWeight"] == 0.9 else 8.0
    if found == [7.2]:
        return [Finding(LOST, "the new weight")]
    return expect(found, [weight], "product 0041 with weight")


def _update_meanwhile(theatre: Theatre) -> None:
    theatre.acumatica.command("edit", {"entity": "StockItem", "key": "0041", "fields": {"DimensionWeight": 0.5}})


# ---- shipments ---------------------------------------------------------------------------------------------------


def _desk_order(theatre: Theatre) -> None:
    put(theatre, line("0041", 5), line("KIT-DESK", 2))


PARCELS = (
    {"lines": [{"sku": "0041", "quantity": 4}], "tracking_number": "9400100000000000000999"},
    {"lines": [{"sku": "0041", "quantity": 1}, {"sku": "KIT-DESK", "quantity": 2}], "carrier": "UPS",
     "tracking_number": "1Z0000000000000999"},
)  # fmt: skip
SHIPPED = {
    "9400100000000000000999": (("0041", 4.0),),
    "1Z0000000000000999": (("0041", 1.0), ("KIT-DESK", 2.0)),
}


def _ship_act(theatre: Theatre) -> list[Sighting]:
    theatre.shipbob.command("fulfil", {"reference_id": "ACU-SO-SO000001", "packages": list(PARCELS)})
    (number,) = theatre.shipbob.holdings()["orders"]
    return [Sighting("shipments", str(number), theatre.clock())]


def shipped_judge(theatre: Theatre) -> list[Finding]:
    """Both parcels of `SHIPPED` stand in Acumatica, once, confirmed, and on the order."""
    shipments = theatre.erp("Shipment").values()
    packages = [package["TrackingNbr"] for shipment in shipments for package in shipment.get("Packages", ())]
    findings = expect(packages, SHIPPED, "package")
    if len(shipments) > len(SHIPPED):
        findings.append(Finding(DOUBLED, f"{len(shipments)} Acumatica shipments instead of {len(SHIPPED)}"))
    for shipment in shipments:
        numbers = [package["TrackingNbr"] for package in shipment.get("Packages", ())]
        wanted = [SHIPPED[number] for number in numbers if number in SHIPPED]
        findings += same([units(shipment["Details"], "InventoryID", "ShippedQty")], wanted, f"what {numbers} holds")
        ended = shipment["Status"] in ("Confirmed", "Completed")
        findings += same(ended, True, f"that {shipment['ShipmentNbr']} is confirmed ({shipment['Status']})")
    sales_order = theatre.erp("SalesOrder")["SO000001"]
    note = str(sales_order.get("note") or "")
    findings += same(sales_order["Status"], "Completed", "the order's status")
    findings += [Finding(LOST, f"tracking {number} on the order") for number in SHIPPED if number not in note]
    findings += [Finding(DOUBLED, f"tracking {number} on the order") for number in SHIPPED if note.count(number) > 1]
    return findings


def _ship_meanwhile(theatre: Theatre) -> None:
    theatre.shipbob.command("move", {"reference_id": "ACU-SO-SO000001", "status": "InTransit"})


# ---- stock -------------------------------------------------------------------------------------------------------


def _stock_act(theatre: Theatre) -> list[Sighting]:
    theatre.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": -7})
    theatre.shipbob.command("adjust_stock", {"sku": "Insert Card - A", "location_id": 8, "quantity": 5})
    return []


def _stock_judge(theatre: Theatre) -> list[Finding]:
    shelf, books = theatre.shipbob.holdings()["stock"]["8"], theatre.erp("stock")
    confirmed = [each for each in theatre.erp("Shipment").values() if each["Status"] == "Confirmed"]
    rows = [row for each in confirmed for row in each["Details"]]
    leaving = dict(units(rows, "InventoryID", "ShippedQty"))  # Acumatica posts these by itself, within the hour
    findings = []
    for sku in ("0041", "Insert Card - A", "KIT-DESK"):
        held = books[sku][WAREHOUSE] - leaving.get(sku, 0.0)
        findings += same(held, float(shelf[sku]), f"Acumatica's stock of {sku}")
    adjustments = theatre.erp("InventoryAdjustment").values()
    references = [each["ExternalRef"] for each in adjustments]
    findings += [Finding(DOUBLED, f"adjustment {key}") for key, count in Counter(references).items() if count > 1]
    findings += [Finding(WRONG, f"adjustment {each['ReferenceNbr']} is {each['Status']}: nobody will release it")
                 for each in adjustments if each["Status"] != "Released"]
    return findings


def _stock_meanwhile(theatre: Theatre) -> None:
    theatre.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": -3})


def _flight_act(theatre: Theatre) -> list[Sighting]:
    """A parcel leaves and somebody counts at the same time: only the count may be adjusted."""
    sightings = _ship_act(theatre)
    theatre.shipbob.command("adjust_stock", {"sku": "0041", "location_id": 8, "quantity": -7})
    return sightings


def _flight_meanwhile(theatre: Theatre) -> None:
    """The hourly job posts the confirmed shipments to inventory."""
    theatre.acumatica.command("update_in", {})


def _flight_judge(theatre: Theatre) -> list[Finding]:
    findings = [*shipped_judge(theatre), *_stock_judge(theatre)]
    rows = [row for each in theatre.erp("InventoryAdjustment").values() for row in each["Details"]]
    return findings + same(units(rows, "InventoryID", "Qty"), (("0041", -7.0),), "what was adjusted in all")


# ---- charges -----------------------------------------------------------------------------------------------------


def _shipped_order(theatre: Theatre) -> None:
    theatre.shipbob.command("fulfil", {"reference_id": "ACU-SO-SO000001"})


def _charges_act(theatre: Theatre) -> list[Sighting]:
    theatre.shipbob.command("bill_day", {"storage": True})
    theatre.shipbob.command("close_invoice", {"date": theatre.clock().date().isoformat(), "payment": True})
    return []


def _charges_judge(theatre: Theatre) -> list[Finding]:
    invoices = theatre.shipbob.holdings()["invoices"].values()
    wanted = [(f"SHIPBOB-INV-{each['invoice_id']}", each["amount"]) for each in invoices
              if each["invoice_type"] != "Payment"]
    bills = theatre.erp("Bill").values()
    findings = expect(((each["VendorRef"], each["Amount"]) for each in bills), wanted, "bill")
    return findings + [finding for each in bills for finding in same(each["Status"], "Open", "the bill's status")]


# ---- all of them -------------------------------------------------------------------------------------------------

_SHIPBOB_STORIES: tuple[Story, ...] = (
    Story("orders", _later(theatre_for("orders")), _orders_act, _orders_judge, _orders_meanwhile),
    Story("orders by push", _push_make, _orders_act, _orders_judge, _orders_meanwhile, short=False),
    Story("orders by OAuth", _oauth_make, _orders_act, _orders_judge, short=False, person=consent.consent),
    Story("cancel", _later(theatre_for("orders"), _one_order), _cancel_act, _cancel_judge),
    Story("items create", _later(theatre_for("items", "orders")), _item_act, _item_judge),
    Story("items update", _later(theatre_for("items")), _update_act, _update_judge, _update_meanwhile),
    Story("shipments", _later(theatre_for("shipments", "orders"), _desk_order), _ship_act, shipped_judge,
          _ship_meanwhile),
    Story("stock", _later(theatre_for("stock", "shipments")), _stock_act, _stock_judge, _stock_meanwhile),
    Story("stock in flight", _later(theatre_for("stock", "shipments", "orders"), _desk_order), _flight_act,
          _flight_judge, _flight_meanwhile, short=False),
    Story("charges",
          _later(theatre_for("charges", "orders", charges={"hold": False, "release": True}), _desk_order,
                 _shipped_order),
          _charges_act, _charges_judge),
)  # fmt: skip

# The other pairs' stories are made of what stands above.
from tests.crash.gp_stories import GP_STORIES  # noqa: E402
from tests.crash.netsuite_stories import NETSUITE_STORIES  # noqa: E402
from tests.crash.shipstation_stories import SHIPSTATION_STORIES  # noqa: E402
from tests.crash.ups_stories import UPS_STORIES  # noqa: E402

STORIES: tuple[Story, ...] = (
    *_SHIPBOB_STORIES, *UPS_STORIES, *SHIPSTATION_STORIES, *NETSUITE_STORIES, *GP_STORIES,
)  # fmt: skip
