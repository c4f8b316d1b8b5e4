"""Writing what a sales order shows of its parcels, in a field of its own or in its note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.effect import Draft
from connector.outcome import Done, Later, Outcome, Same
from connector.pair import Work
from connector.record import short_hash
from vendors.acumatica.client import Acumatica
from vendors.acumatica.shipping import show_effect


def write_order_text(
    work: Work[Any], acumatica: Acumatica, body: Mapping[str, Any], text: str, *, prefix: str = ""
) -> Outcome:
    """One save of the order. A refusal is noted and kept from no parcel: the shipment itself is written.

    prefix: begins the effect's key where one record writes to several orders.
    """
    # Numbered, because a text may come back: on hold, released, on hold again.
    count = int({**work.record.links, **work.links}.get("shows") or 0)
    key = f"{prefix}{count}:{short_hash(text)[:16]}"
    ended = work.once(show_effect(acumatica), key, Draft(body, {"text": text}))
    if isinstance(ended, Done):
        work.link(shows=count + 1)
        return ended
    if isinstance(ended, Later):
        return ended
    why = getattr(ended, "why", "")
    work.note(f"the sales order could not be updated ({why}); the shipment itself is written")
    return Same(why)
