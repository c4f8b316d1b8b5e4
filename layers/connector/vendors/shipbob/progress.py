"""How far an order's parcels are: a lattice. Late, repeated or reordered news add facts and never take one back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connector import progress as lattice
from connector.instants import instant_text
from vendors.shipbob.shapes.shipments import COMPLETED, LABELED, Shipment, is_final_tracking

STAGES = ("created", "picked", "labelled", "shipped", "in transit", "out for delivery", "delivered")
_DETAILS = {
    "picked": "picked",
    "packed": "picked",
    "labeled": "labelled",
    "intransit": "in transit",
    "outfordelivery": "out for delivery",
    "delivered": "delivered",
}
_BESIDE = frozenset({"Exception", "OnHold", "Cancelled", "ImportReview"})
_CARRIER_TROUBLE = frozenset({"deliveryexception", "deliveryattemptfailed"})

Progress = lattice.Progress
"""One parcel's facts: stage, tracking, carrier, service, shipped_at, delivered_at, beside, stamp."""


def stage_of(shipment: Shipment) -> str:
    """The furthest stage that the shipment shows."""
    reached = ["created"]
    if shipment.status == LABELED or shipment.labeled_at is not None:
        reached.append("labelled")
    if shipment.status == COMPLETED:
        reached.append("shipped")
    reached += [_DETAILS[name] for name in _names(shipment) if name in _DETAILS]
    if shipment.delivery_date is not None:
        reached.append("delivered")
    return max(reached, key=STAGES.index)


def _names(shipment: Shipment) -> list[str]:
    return [detail.name.replace(" ", "").casefold() for detail in shipment.details]


def beside(shipment: Shipment) -> str:
    """What is wrong beside the way: "Exception: OutOfStock", "OnHold: InvalidAddress", "Cancelled"; else empty."""
    names = [detail.name for detail in shipment.details]
    if shipment.status in _BESIDE:
        return f"{shipment.status}: {', '.join(names)}" if names else shipment.status
    trouble = [name for name in names if name.replace(" ", "").casefold() in _CARRIER_TROUBLE]
    return ", ".join(trouble)


def facts_of(shipment: Shipment) -> dict[str, Any]:
    """A shipment's facts as they are stored."""
    tracking = shipment.tracking
    number = tracking.number if tracking is not None and is_final_tracking(tracking.number) else ""
    stamps = [shipment.created_at, shipment.last_update_at, shipment.last_tracking_update_at]
    known = [stamp for stamp in stamps if stamp is not None]
    shipped = (tracking.shipped_at if tracking else None) or shipment.labeled_at
    return {
        "stage": stage_of(shipment),
        "tracking": number or "",
        "carrier": (tracking.carrier or "") if tracking else "",
        "service": (tracking.service or "") if tracking else "",
        "shipped_at": instant_text(shipped) if shipped else "",
        "delivered_at": instant_text(shipment.delivery_date) if shipment.delivery_date else "",
        "beside": beside(shipment),
        "stamp": instant_text(max(known)) if known else "",
    }


def merge(old: Progress | None, new: Progress) -> dict[str, Any]:
    """Both together: the furthest stage, every fact that is known, and the newer of two that differ."""
    return lattice.merge(old, new, STAGES)


def merge_all(old: Mapping[str, Progress], shipments: Sequence[Shipment]) -> dict[str, dict[str, Any]]:
    """The progress of every shipment of an order, by shipment id."""
    merged = {key: dict(value) for key, value in old.items()}
    for shipment in shipments:
        key = str(shipment.shipment_id)
        merged[key] = merge(merged.get(key), facts_of(shipment))
    return merged
