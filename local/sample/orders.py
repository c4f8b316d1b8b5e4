"""Forty-seven sales orders, and what the warehouse and the carriers do with each of them.

An `Act` is a command of the ShipBob simulator; its order is filled in when it happens. Acts follow one another, each at
least `after` seconds behind the one before. Orders of wave 2 are typed in while everything runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.sample.company import EAST, PREVIEW, WEST
from local.simulators.acumatica.seed import line, order

Fields = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """One act at the warehouse or of a carrier: name and arguments of the simulator's command."""

    command: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    after: float = 0.5


@dataclass(frozen=True)
class SampleOrder:
    """One sales order. `kind` says what is special about it."""

    kind: str
    fields: Fields
    acts: tuple[Act, ...] = ()
    wave: int = 1


def parcel(place: int, contents: Mapping[str, int] | None = None, **more: Any) -> Fields:
    """One parcel of `fulfil`: where it is packed and what is in it (nothing given: everything that is left)."""
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in (contents or {}).items()]
    return {"location_id": place, **({"lines": lines} if lines else {}), **more}


def ship(carrier: str = "USPS", *parcels: Fields, after: float = 0.5, **more: Any) -> Act:
    """Packs, labels and hands over: everything in one parcel, or the given parcels."""
    packages = {"packages": list(parcels)} if parcels else {}
    return Act("fulfil", {"carrier": carrier, **packages, **more}, after)


def travel(status: str, after: float = 4.0) -> Act:
    """The carrier scans every parcel of the order."""
    return Act("move", {"status": status}, after)


DELIVERED = (travel("InTransit"), travel("Delivered"))

_EVERYDAY: tuple[tuple[str, Mapping[str, int], str, bool], ...] = (
    ("QUILL", {"0041": 2, "Insert Card - A": 2}, "USPS", True),
    ("HOLLOWAY", {"0041": 12}, "FedEx", False),
    ("ANGSTROM", {"KIT-DESK": 1, "Insert Card - A": 1}, "USPS", True),
    ("PENA", {"0041": 1}, "OSMWorldwide", False),
    ("OBRIEN", {"0041": 4, "KIT-DESK": 1}, "USPS", False),
    ("LEVESQUE", {"0041": 3}, "USPS", True),
    ("TREMBLAY", {"Insert Card - A": 50}, "Cirro", False),
    ("YARD", {"0041": 6}, "FedEx", True),
    ("WREN", {"KIT-DESK": 2}, "FedEx", False),
    ("QUILL", {"Insert Card - A": 10}, "USPS", False),
    ("HOLLOWAY", {"0041": 2}, "USPS", False),
    ("PENA", {"KIT-DESK": 1}, "USPS", True),
    ("ANGSTROM", {"0041": 5, "Insert Card - A": 5}, "OSMWorldwide", False),
    ("OBRIEN", {"Insert Card - A": 20}, "USPS", False),
)


def _everyday() -> list[SampleOrder]:
    return [
        SampleOrder(
            f"everyday {number}",
            order(buyer, *(line(sku, units) for sku, units in goods.items()), CustomerOrder=f"PO-{7700 + number}"),
            (ship(carrier), *(DELIVERED if delivered else ())),
        )
        for number, (buyer, goods, carrier, delivered) in enumerate(_EVERYDAY, start=1)
    ]


def _shapes() -> list[SampleOrder]:
    """Orders that are not one parcel from one place."""
    both = {"0041": 3, "PEN-BLK": 3}
    return [
        SampleOrder("own address", order("QUILL", line("0041", 1), country="GB", note="Leave with the neighbour"),
                    (ship("FedEx"),)),
        SampleOrder("express", order("LEVESQUE", line("KIT-DESK", 1), ShipVia="EXPRESS"), (ship("FedEx"), *DELIVERED)),
        SampleOrder("two warehouses", order("QUILL", *(line(sku, units) for sku, units in both.items())),
                    (ship("USPS", parcel(WEST, {"0041": 3}), parcel(EAST, {"PEN-BLK": 3})), *DELIVERED)),
        SampleOrder("two warehouses, one parcel", order("TREMBLAY", line("0041", 2), line("PEN-BLK", 4)),
                    (ship("USPS"),)),
        SampleOrder("east only", order("TREMBLAY", line("PEN-BLK", 24)), (ship("Cirro"), travel("OutForDelivery"))),
        SampleOrder("cases", order("HOLLOWAY", line("0041", 2, UOM="CASE")),
                    (ship("FedEx", parcel(WEST, {"0041": 24}, weight_ounces=180), parcel(WEST, {"0041": 12}),
                          parcel(WEST, {"0041": 12})),)),
        SampleOrder("same item twice", order("WREN", line("0041", 2), line("0041", 3, UnitPrice=0)), (ship("FedEx"),)),
        SampleOrder("partial", order("PENA", line("0041", 5), line("Insert Card - A", 5)),
                    (ship("USPS", parcel(WEST, {"0041": 3})), ship("OSMWorldwide", after=6), *DELIVERED)),
        SampleOrder("several parcels", order("OBRIEN", line("0041", 6), line("KIT-DESK", 2)),
                    (ship("USPS", parcel(WEST, {"0041": 4}), parcel(WEST, {"0041": 2, "KIT-DESK": 1}),
                          parcel(WEST, {"KIT-DESK": 1}, carrier="FedEx")), *DELIVERED)),
        SampleOrder("label first", order("ANGSTROM", line("0041", 2)),
                    (ship("USPS", label_only=True), Act("ship", after=6))),
        SampleOrder("number comes later", order("QUILL", line("Insert Card - A", 3)),
                    (ship("USPS", label_only=True, placeholder=True), Act("relabel", {"carrier": "USPS"}, 3),
                     Act("ship", after=2), *DELIVERED)),
    ]  # fmt: skip


def _rules() -> list[SampleOrder]:
    """Orders and lines that are not for the warehouse, or not yet."""
    return [
        SampleOrder("drop-ship line", order("QUILL", line("0041", 1),
                                            line("PEN-BLK", 1, MarkForPO=True, POSource="Drop-Ship")), (ship(),)),
        SampleOrder("charge line", order("QUILL", line("0041", 1), line("GIFTWRAP", 1, UnitPrice=4)), (ship(),)),
        SampleOrder("own warehouse line", order("HOLLOWAY", line("0041", 1), line("0041", 2, WarehouseID="MAIN")),
                    (ship(),)),
        SampleOrder("will call", order("QUILL", line("0041", 1), WillCall=True)),
        SampleOrder("on hold", order("YARD", line("0041", 1), Hold=True)),
        SampleOrder("released later", order("YARD", line("0041", 8), Hold=True), (ship("FedEx"),)),
        SampleOrder("quote", order("QUILL", line("0041", 10), OrderType="QT")),
        SampleOrder("cancelled before", order("PENA", line("0041", 9))),
        SampleOrder("cancelled after", order("PENA", line("KIT-DESK", 3))),
    ]  # fmt: skip


def _troubles() -> list[SampleOrder]:
    """Orders that somebody has to help along."""
    return [
        SampleOrder("new item", order("WREN", line("INK & NIB", 3)), (ship("FedEx"),)),
        SampleOrder("new items", order("QUILL", line("TOTE-NAT", 2), line("INK & NIB", 1)), (ship(), *DELIVERED)),
        SampleOrder("unknown SKU", order("HOLLOWAY", line(PREVIEW, 1), line("0041", 1)), (ship(),)),
        SampleOrder("unknown SKU again", order("LEVESQUE", line(PREVIEW, 5)), (ship(), *DELIVERED)),
        SampleOrder("carrier not mapped", order("OBRIEN", line("0041", 1)), (ship("UniUni"), *DELIVERED)),
        SampleOrder("carrier not mapped again", order("PENA", line("KIT-DESK", 1)), (ship("UniUni"),)),
        SampleOrder("plug-in trap", order("ANGSTROM", line("0041", 2), ShipVia="UPSPLUGIN"), (ship("UPS"),)),
        SampleOrder("bad address", order("YARD", line("0041", 2)),
                    (Act("hold", {"reason": "InvalidAddress"}), Act("release", after=4), ship("FedEx"))),
        SampleOrder("shelf empty", order("HOLLOWAY", line("KIT-DESK", 2)),
                    (Act("exception", {"reason": "InventoryPartiallyCommitted"}), Act("release", after=4), ship())),
    ]  # fmt: skip


def _second_wave() -> list[SampleOrder]:
    return [
        SampleOrder("typed in 1", order("HOLLOWAY", line("0041", 3)), (ship(),), wave=2),
        SampleOrder("typed in 2", order("TREMBLAY", line("PEN-BLK", 2)), (ship("Cirro"), *DELIVERED), wave=2),
        SampleOrder("typed in 3", order("ANGSTROM", line("Insert Card - A", 7)), (ship(),), wave=2),
        SampleOrder("typed in 4", order("QUILL", line("KIT-DESK", 1), country="CA"), (ship("FedEx"),), wave=2),
    ]


ORDERS: tuple[SampleOrder, ...] = (*_everyday(), *_shapes(), *_rules(), *_troubles(), *_second_wave())
"""Every order of the story, in the order in which they are typed in."""
