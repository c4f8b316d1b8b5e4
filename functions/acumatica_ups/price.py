"""What the label of a shipment would cost, asked from UPS: for plans. Nothing is bought."""

from __future__ import annotations

from acumatica_ups.clients import Accounts, document_of
from acumatica_ups.prepare import Case, cheapest, drafted, money_text, offers_for
from connector.outcome import Held
from connector.pair import Work


def label_price(work: Work[Accounts]) -> str:
    """`12.34 USD`; empty where UPS quotes none. Reads the shipment once more and asks for rates: two calls or three."""
    document = document_of(work.connection)
    shipment = work.clients.acumatica.shipment(work.record.source_key)
    if shipment is None or shipment.ship_via not in document.tables.services:
        return ""
    job = f"{work.connection.name}/quote"
    case = Case(work.services, document, work.clients, work.edited(shipment), job, lambda text: None)
    draft = drafted(case, check_address=False)
    if isinstance(draft, Held):
        return ""
    row = document.tables.services[case.shipment.ship_via or ""]
    offers = offers_for(case, draft, row)
    if isinstance(offers, Held):
        return ""
    if row.choose_from:
        chosen = cheapest(offers, row, saturday=draft.saturday_delivery)
    else:
        wanted = (draft.service, draft.saturday_delivery)
        chosen = next((offer for offer in offers if (offer.service, offer.saturday) == wanted), None)
    return money_text(chosen.cost) if chosen is not None else ""
