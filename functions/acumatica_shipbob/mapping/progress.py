"""How an order's parcels are shown on the sales order: one line for a field, or a block of its note."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from connector import progress as lattice
from connector.instants import local_day, parse_instant
from vendors.shipbob.progress import STAGES, Progress

BEGIN, END = "--- ShipBob ---", "--- end of ShipBob ---"
"""The block of an order's note that is ours; everything outside it belongs to people."""


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
