"""Flow 3, what the sales order shows of its parcels: in a field of its own, or in a block of its note."""

from __future__ import annotations

from typing import Any

from acumatica_shipbob.clients import Accounts
from acumatica_shipbob.mapping.progress import block, field_text, with_block
from acumatica_shipbob.shipment_case import Case
from connector.outcome import Done, Outcome, Same
from connector.pair import Work
from connector.record import short_hash
from vendors.acumatica.order_text import write_order_text
from vendors.acumatica.shipping import ErpOrder


def show(work: Work[Accounts], case: Case, erp: ErpOrder) -> Outcome:
    """One folded save per change, none when the order shows it already."""
    field, zone = case.document.settings.shipments.order_field, case.document.systems.acumatica.zone
    text = field_text(case.progress, zone) if field else block(case.progress, zone)
    links = {**work.record.links, **work.links}
    if links.get("shown", short_hash("")) == short_hash(text):
        return Same("the sales order shows it")
    order_type, number = case.erp_order
    body: dict[str, Any] = {"OrderType": order_type, "OrderNbr": number}
    if field:
        body["custom"] = {f"Document.{field}": text}
    else:
        note = erp.get().note
        merged = with_block(note, text)
        if merged == (note or ""):
            work.link(shown=short_hash(text))
            return Same("the sales order shows it")
        body["note"] = merged
    ended = write_order_text(work, work.clients.acumatica, body, text)
    if isinstance(ended, Done):
        work.link(shown=short_hash(text))
    return ended
