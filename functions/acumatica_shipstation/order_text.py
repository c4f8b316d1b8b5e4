"""Flow shipments, what the sales order shows of its parcels."""

from __future__ import annotations

from typing import Any

from acumatica_shipstation.clients import Accounts, document_of
from acumatica_shipstation.mapping.texts import block, field_text, with_block
from acumatica_shipstation.parcels import known_parcels
from connector.outcome import Done, Outcome, Same
from connector.pair import Work
from connector.record import short_hash
from vendors.acumatica.order_text import write_order_text
from vendors.acumatica.shipping import ErpOrder

MOST_ROUNDS = 3


def show(work: Work[Accounts], order: str, erp: ErpOrder) -> Outcome:
    """One save per change. Another parcel of the order may be written at the same time: looked at again after it."""
    for _ in range(MOST_ROUNDS):
        before = _mark(work, order)
        ended = _show(work, order, erp)
        if not isinstance(ended, Done) or _mark(work, order) == before:
            return ended
    return ended


def _mark(work: Work[Accounts], order: str) -> str:
    return short_hash(block(known_parcels(work.services, work.connection.name, order)))


def _show(work: Work[Accounts], order: str, erp: ErpOrder) -> Outcome:
    field = document_of(work.connection).settings.shipments.order_field
    parcels = known_parcels(work.services, work.connection.name, order)
    text = field_text(parcels) if field else block(parcels)
    order_type, number = order.split("/", 1)
    body: dict[str, Any] = {"OrderType": order_type, "OrderNbr": number}
    found = erp.get()
    if field:
        if (found.custom.get(f"Document.{field}") or "") == text:
            return Same("the sales order shows it")
        body["custom"] = {f"Document.{field}": text}
    else:
        merged = with_block(found.note, text)
        if merged == (found.note or ""):
            return Same("the sales order shows it")
        body["note"] = merged
    # By order, because a merged parcel belongs to several.
    ended = write_order_text(work, work.clients.acumatica, body, text, prefix=f"{order}:")
    if isinstance(ended, Done):
        erp.changed()
    return ended
