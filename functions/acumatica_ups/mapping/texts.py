"""What people read in Acumatica: one line per parcel, in a field or in a block of the note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acumatica_ups.mapping.progress import VOIDED, Progress
from acumatica_ups.settings import ShownFields
from connector.progress import with_block

BEGIN, END = "--- UPS ---", "--- end of UPS ---"
LONGEST_FIELD = 255
SCANS_SHOWN = 15


def line(number: str, facts: Progress) -> str:
    """`1Z... delivered 2026-03-06 09:50:04, received by SMITH`."""
    if facts["beside"] == VOIDED:
        return f"{number} label voided"
    if facts["stage"] == "delivered":
        when = " ".join(part for part in (facts["delivered_on"], facts["delivered_at"]) if part)
        by = f", received by {facts['received_by']}" if facts["received_by"] else ""
        return f"{number} delivered {when}{by}".strip()
    state = facts["beside"] or facts["stage"]
    promised = f", due {facts['promised']}" if facts["promised"] and not facts["beside"] else ""
    last = f" ({facts['last']})" if facts["last"] and facts["stage"] != "labelled" else ""
    return f"{number} {state}{last}{promised}"


def order_text(shipments: Mapping[str, Mapping[str, Progress]]) -> str:
    """The block of an order: its shipments with their parcels."""
    lines = [
        f"{shipment}: {line(number, facts)}"
        for shipment, parcels in sorted(shipments.items())
        for number, facts in sorted(parcels.items())
    ]
    return "\n".join([BEGIN, *lines, END])


def shipment_text(parcels: Mapping[str, Progress]) -> str:
    """The block of a shipment: its parcels, each with its newest scans."""
    lines: list[str] = []
    for number, facts in sorted(parcels.items()):
        lines.append(line(number, facts))
        scans = sorted(facts["scans"].values(), key=lambda scan: str(scan[0]), reverse=True)
        lines += [f"  {str(local).replace('T', ' ')} {words}" for local, words in scans[:SCANS_SHOWN]]
    return "\n".join([BEGIN, *lines, END])


def block_in(note: str | None, text: str) -> str:
    """The note with our block brought up to date."""
    return with_block(note, text, BEGIN, END)


def custom_fields(names: ShownFields, parcels: Mapping[str, Progress]) -> dict[str, Any]:
    """Values of the configured fields, by `Document.AttributeX`."""
    alive = {number: facts for number, facts in parcels.items() if facts["beside"] != VOIDED}
    days = [str(facts["delivered_on"]) for facts in alive.values()]
    takers = dict.fromkeys(str(facts["received_by"]) for facts in alive.values() if facts["received_by"])
    found: dict[str, Any] = {}
    if names.status:
        status = "; ".join(line(number, facts) for number, facts in sorted(alive.items()))
        found[f"Document.{names.status}"] = status[:LONGEST_FIELD]
    if names.delivered_on and days and all(days):
        found[f"Document.{names.delivered_on}"] = {"type": "CustomDateTimeField", "value": max(days)}
    if names.received_by and takers:
        found[f"Document.{names.received_by}"] = ", ".join(takers)[:LONGEST_FIELD]
    return found
