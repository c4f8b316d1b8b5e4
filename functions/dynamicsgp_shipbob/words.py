"""This pair in an operator's words: what each write does. Read by `explain` and `plan`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.pair import Deed
from connector.record import Record

DEEDS: Mapping[str, Deed] = {
    "gp.order": Deed("create", "a GP sales document"),
    "gp.order_update": Deed("update", "the GP sales document (tracking, quantities, dates)"),
    "gp.return": Deed("create", "a GP sales return"),
    "gp.adjustment": Deed("create", "a GP inventory adjustment"),
    "shipbob.receiving": Deed("create", "a ShipBob receiving order"),
}


def tell(record: Record) -> Sequence[str]:
    """What a record is linked to on the other side, as sentences."""
    links = record.links
    if record.stream in ("orders", "returns") and links.get("number"):
        return [f"GP {links.get('kind', 'return')} {links['number']} holds it."]
    return ()
