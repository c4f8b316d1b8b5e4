"""What left ShipBob without a number of the carrier's: a placeholder is replaced within hours, freight never gets one.

ShipBob, "Shipment": `tracking.tracking_number` may be null; freight has `pro_number` and `bol` instead.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from connector.instants import instant_text, parse_instant
from connector.outcome import Held, Later
from connector.pair import Work
from vendors.shipbob.shapes import Shipment

HOURLY = timedelta(hours=1)
NUMBER_WAIT = timedelta(hours=24)
"""For how long what left may lack a tracking number before a person is asked."""

_SINCE = "nameless_since"


def is_numberless(shipment: Shipment, ship_on: Collection[str]) -> bool:
    """Whether it left as far as its status says, and no number tells of it."""
    return shipment.status in ship_on and shipment.tracking_number is None


def wait_for_number(work: Work[Any], order_id: int, shipments: Sequence[Shipment], advice: str) -> Later | Held:
    """Looks again every hour for a day, then asks a person. `advice`: what to do in the ERP, as a sentence."""
    since = str(work.record.links.get(_SINCE) or instant_text(work.now))
    work.link(**{_SINCE: since})
    left = ", ".join(str(one.shipment_id) for one in shipments)
    text = f"shipment {left} of ShipBob order {order_id} left without a tracking number"
    if work.now - parse_instant(since) < NUMBER_WAIT:
        return Later(work.now + HOURLY, text, planned=True)
    marks = [one.tracking for one in shipments if one.tracking is not None]
    names = [name for mark in marks for name in (mark.pro_number, mark.bill_of_lading) if name]
    known = f" (freight papers: {', '.join(dict.fromkeys(names))})" if names else ""
    return Held(f"{text}{known}. {advice} It continues by itself if ShipBob names a number after all.")


def forget_waiting(work: Work[Any]) -> None:
    """Everything that left has its number: the next one that lacks it has a day of its own."""
    if work.record.links.get(_SINCE):
        work.link(**{_SINCE: ""})
