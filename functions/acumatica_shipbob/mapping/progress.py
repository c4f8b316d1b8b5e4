"""How far an order's parcels are: a lattice. Late, repeated or reordered news add facts and never take one back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from connector import progress as lattice
from connector.instants import instant_text, local_day, parse_instant
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

BEGIN, END = "--- ShipBob ---", "--- end of ShipBob ---"
"""The block of an order's note that is ours; everything outside it belongs to people."""

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


def field_text(progress: Mapping[str, Progress], zone: ZoneInfo) -> str:
    """One line for a user-defined field: `USPS 9400... delivered 2026-03-06; UPS 1Z... in transit`."""
    return "; ".join(_words(facts, zone) for _, facts in sorted(progress.items()) if _worth(facts))[:255]


def block(progress: Mapping[str, Progress], zone: ZoneInfo) -> str:
    """The block for the order's note; empty when there is nothing to say."""
    lines = [f"Shipment {key}: {_words(facts, zone)}" for key, facts in sorted(progress.items()) if _worth(facts)]
    return "\n".join([BEGIN, *lines, END]) if lines else ""


def _worth(facts: Progress) -> bool:
    return bool(facts["tracking"] or facts["beside"]) or STAGES.index(facts["stage"]) >= STAGES.index("shipped")


def _words(facts: Progress, zone: ZoneInfo) -> str:
    moment = facts["delivered_at"] if facts["stage"] == "delivered" else facts["shipped_at"]
    day = local_day(parse_instant(moment), zone).isoformat() if moment else ""
    state = facts["beside"] or f"{facts['stage']} {day if facts['stage'] in ('shipped', 'delivered') else ''}".strip()
    return " ".join(word for word in (facts["carrier"], facts["tracking"], state) if word)


def with_block(note: str | None, text: str) -> str:
    """The note with our block replaced (added at its end, or taken out when it is empty); what people wrote stays."""
    return lattice.with_block(note, text, BEGIN, END)
