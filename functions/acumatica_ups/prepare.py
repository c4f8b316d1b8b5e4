"""What must be known before a label is bought: service, address, payer, parcels, customs, price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from acumatica_ups.addresses import judged
from acumatica_ups.clients import Accounts
from acumatica_ups.mapping.customs import goods_of, invoice_of, total_of
from acumatica_ups.mapping.shipments import (
    Choice,
    Lane,
    Note,
    lane_of,
    parcels_of,
    payer_of,
    service_code,
    ship_draft,
    ship_to,
)
from acumatica_ups.settings import AcumaticaUps, Service
from connector.instants import local_day
from connector.outcome import Held, Missing
from connector.services import Services
from vendors.acumatica.plugins import ViaVerdict, via_verdict
from vendors.acumatica.shapes import SalesOrder, Shipment
from vendors.ups.codec.places import within_one_customs_area
from vendors.ups.drafts import Built, Lacking, Money, ShipDraft
from vendors.ups.requests import rate_request, ship_request
from vendors.ups.shapes import Rate

VALUED = frozenset({("US", "CA"), ("US", "PR")})
"""Lanes on which UPS wants the value of the goods whatever they are."""


SERVICE = "service"
"""What waits for the service of a lane: `GROUND US-GB`. The row of the Ship Via is there, so its key would not do."""


def serves(document: AcumaticaUps, value: str) -> bool:
    """Whether the service of a lane, as `SERVICE` names it, is configured by now."""
    via, _, lane = value.rpartition(" ")
    origin, _, destination = lane.partition("-")
    row = document.tables.services.get(via)
    return row is not None and service_code(row, Lane(origin, destination)) is not None


@dataclass(frozen=True)
class Case:
    """One shipment that shall have a label. `job` names the attempt at UPS, `note` takes field notes."""

    services: Services
    document: AcumaticaUps
    accounts: Accounts
    shipment: Shipment
    job: str
    note: Note


def prepared(case: Case) -> Built | Held:
    """The body that buys the label, or why the shipment is held. Nothing is bought here."""
    draft = drafted(case)
    if isinstance(draft, Held):
        return draft
    draft = priced(case, draft)
    if isinstance(draft, Held):
        return draft
    return built(case, ship_request(draft, case.document.systems.ups))


def built(case: Case, found: Built | Lacking) -> Built | Held:
    """The builder's answer with its notes told; what is lacking becomes a Held that names it."""
    for text in found.notes:
        case.note(text)
    if isinstance(found, Lacking):
        return Held(f"shipment {case.shipment.number} cannot have a label yet: {found.text}. Correct it in Acumatica.")
    return found


def drafted(case: Case, *, check_address: bool = True) -> ShipDraft | Held:
    """The shipment as UPS's builders take it, before any price was asked for."""
    shipment, document = case.shipment, case.document
    via = shipment.ship_via or ""
    row = document.tables.services[via]
    refusal = plug_in_refusal(case, via)
    if refusal:
        return Held(refusal)
    lane = lane_of(shipment, document)
    code = service_code(row, lane)
    if code is None:
        why = f"Ship Via {via} of shipment {shipment.number} has no UPS service from {lane.origin} to "
        missing = (Missing(SERVICE, f"{via} {lane.origin}-{lane.destination}"),)
        return Held(f"{why}{lane.destination or '(no country)'}; add it to its row of table services", missing)
    payer, parcels = payer_of(shipment, document), parcels_of(shipment, document, case.note)
    if isinstance(payer, Held):
        return payer
    if isinstance(parcels, Held):
        return parcels
    residential = _residential(case) if check_address else None
    if isinstance(residential, Held):
        return residential
    choice = Choice(code, row, residential, payer, parcels)
    choice_with_goods = _with_goods(case, lane, choice)
    if isinstance(choice_with_goods, Held):
        return choice_with_goods
    return ship_draft(shipment, document, choice_with_goods, case.job, case.note)


def plug_in_refusal(case: Case, via: str) -> str:
    """Why this Ship Via must not be used, or nothing."""
    named = case.document.settings.labels.plug_in_ship_vias
    verdict = via_verdict(case.services, case.document.connection, case.accounts.acumatica, via, named)
    if verdict is ViaVerdict.PLUG_IN:
        return (
            f"Ship Via {via} of shipment {case.shipment.number} is bound to a carrier plug-in: confirming the shipment "
            "would buy a second label. Use a Ship Via without plug-in and map it in table services."
        )
    if verdict is ViaVerdict.ABSENT:
        return f"Ship Via {via} does not exist (form CS207500): create it or correct the shipment, then replay"
    return ""


def _residential(case: Case) -> bool | Held | None:
    party = ship_to(case.shipment, None)
    return judged(case.services, case.document, case.accounts.ups, party, case.shipment.number, case.note)


# ---- customs ------------------------------------------------------------------------------------------------


def _with_goods(case: Case, lane: Lane, choice: Choice) -> Choice | Held:
    """Adds value and invoice where the lane needs them; only then are orders and items read."""
    forms = case.document.systems.ups.international_forms
    papers = forms and not within_one_customs_area(lane.origin, lane.destination)
    valued = (lane.origin, lane.destination) in VALUED
    crosses = lane.origin != lane.destination
    if not (papers or valued or crosses):
        return choice
    first = next((line.description for line in case.shipment.lines if line.description), "")
    description = case.document.settings.labels.description or first
    if not (papers or valued):
        return replace(choice, description=description)
    orders = _orders(case)
    currencies = {order.currency for order in orders.values() if order.currency}
    if len(currencies) != 1:
        return Held(f"shipment {case.shipment.number}: its orders have {len(currencies)} currencies, customs takes one")
    items = {
        sku: item
        for sku in dict.fromkeys(line.inventory_id for line in case.shipment.lines)
        if (item := case.accounts.acumatica.stock_item(sku)) is not None
    }
    goods = goods_of(case.shipment, orders, items, case.document)
    if isinstance(goods, Held):
        return goods
    (currency,) = currencies
    today = local_day(case.services.clock(), case.document.systems.acumatica.zone)
    customs = invoice_of(case.shipment, goods, currency, today, case.document) if papers else None
    return replace(choice, description=description, customs=customs, goods_value=total_of(goods, currency))


def _orders(case: Case) -> Mapping[tuple[str, str], SalesOrder]:
    keys = dict.fromkeys((order.order_type, order.order_number) for order in case.shipment.orders)
    found = {key: case.accounts.acumatica.sales_order(*key) for key in keys}
    return {key: order for key, order in found.items() if order is not None}


# ---- prices -------------------------------------------------------------------------------------------------


def priced(case: Case, draft: ShipDraft) -> ShipDraft | Held:
    """The draft with its service chosen by price where the mapping says so; the price is noted."""
    row = case.document.tables.services[case.shipment.ship_via or ""]
    if not (row.choose_from or row.quote):
        return draft
    offers = offers_for(case, draft, row)
    if isinstance(offers, Held):
        return offers
    if row.choose_from:
        chosen = cheapest(offers, row, saturday=draft.saturday_delivery)
        if chosen is None:
            limit = f" within {row.within_days} business days" if row.within_days else ""
            return Held(
                f"UPS offers none of the services {', '.join(row.choose_from)}{limit} for shipment "
                f"{case.shipment.number}; correct table services or the shipment, then replay"
            )
    else:
        wanted = (draft.service, draft.saturday_delivery)
        chosen = next((offer for offer in offers if (offer.service, offer.saturday) == wanted), None)
    if chosen is None:
        case.note(f"UPS quotes no price for service {draft.service}")
        return draft
    case.note(f"quote: service {chosen.service} for {money_text(chosen.cost)}")
    return replace(draft, service=chosen.service)


def offers_for(case: Case, draft: ShipDraft, row: Service) -> tuple[Rate, ...] | Held:
    """UPS's offers: for the draft's service alone, or for all of them."""
    asked = replace(draft, service="" if row.choose_from else draft.service)
    today = local_day(case.services.clock(), case.document.systems.acumatica.zone) if row.within_days else None
    body = built(case, rate_request(asked, case.document.systems.ups, pickup=today))
    return body if isinstance(body, Held) else case.accounts.ups.rates(body.body).offers


def cheapest(offers: tuple[Rate, ...], row: Service, *, saturday: bool) -> Rate | None:
    """The cheapest allowed offer in time. One whose days UPS does not say is not in time. Ties: the first named."""

    def fits(offer: Rate) -> bool:
        days = offer.business_days
        in_time = row.within_days is None or (days is not None and days <= row.within_days)
        return offer.service in row.choose_from and in_time and offer.saturday == saturday

    def order(offer: Rate) -> tuple[Decimal, int]:
        return offer.cost.amount, row.choose_from.index(offer.service)

    return min((offer for offer in offers if fits(offer)), key=order, default=None)


def money_text(money: Money) -> str:
    """`12.34 USD`."""
    return f"{money.amount:f} {money.currency}"
