"""This pair in an operator's words: what each write does, what a record's links say.."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from acumatica_ups import book, purchase, shown, voids, writeback
from connector.pair import Deed
from connector.record import Record
from vendors.acumatica.files import FILE

DEEDS: Mapping[str, Deed] = {
    purchase.LABEL: Deed("buy", "a UPS label", (writeback.TRACKING, FILE)),
    book.VOID: Deed("void", "the UPS label"),
    writeback.TRACKING: Deed("update", "tracking numbers of the Acumatica shipment", (FILE,)),
    FILE: Deed("create", "a file at the Acumatica shipment"),
    voids.CLEAR: Deed("update", "the Acumatica shipment (take voided numbers out)"),
    shown.ORDER_TEXT: Deed("update", "the tracking text of the Acumatica order"),
    shown.SHIPMENT_TEXT: Deed("update", "the tracking text of the Acumatica shipment"),
}


def tell(record: Record) -> Sequence[str]:
    """What a record is linked to on the other side, as sentences."""
    links = record.links
    if record.stream == "labels" and links.get("finished"):
        gone = links.get("voided_packages") or ()
        void = f"; voided: {', '.join(gone)}" if gone else ""
        return [f"UPS label {links['finished']} was bought for it and written to Acumatica{void}."]
    if record.stream == "tracking" and "shipment" in links:
        facts = links.get("progress") or {}
        where = f" is {facts['beside'] or facts['stage']}" if facts else ""
        last = f"; last scan: {facts['last']}" if facts.get("last") else ""
        orders = ", ".join(links.get("orders") or ()) or "no order"
        return [f"Parcel {record.source_key} of shipment {links['shipment']} ({orders}){where}{last}."]
    return ()
