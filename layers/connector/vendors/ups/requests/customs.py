"""Papers for goods that cross a customs border. (Shipping, InternationalForms: form 01, the commercial invoice.)"""

from __future__ import annotations

import re
from decimal import ROUND_UP, Decimal
from typing import Any

from vendors.ups.codec.measures import any_weight_form, plain
from vendors.ups.codec.places import within_one_customs_area
from vendors.ups.codec.sheet import Sheet
from vendors.ups.codec.text import LINE, printable, shortened, wrapped
from vendors.ups.drafts import Customs, Money, Party, Product, ShipDraft
from vendors.ups.requests.parties import Route, party_form
from vendors.ups.settings import UpsSystem
from vendors.ups.times import day_form

INVOICE = "01"
MOST_PRODUCTS = 50
_VALUED_FROM_THE_US = frozenset({("US", "CA"), ("US", "PR")})
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


def needs_papers(draft: ShipDraft, route: Route) -> bool:
    """Whether the goods need a commercial invoice."""
    return not draft.documents_only and not within_one_customs_area(route.origin, route.destination)


def goods_value(draft: ShipDraft, route: Route, sheet: Sheet) -> dict[str, Any]:
    """`InvoiceLineTotal`, required from the US to Canada and Puerto Rico and refused elsewhere; 1 to 99999999."""
    if (route.origin, route.destination) not in _VALUED_FROM_THE_US:
        return {}
    if draft.goods_value is None:
        sheet.problem("goods value", "is missing; UPS requires it from the US to Canada and Puerto Rico")
        return {}
    return value_form(draft.goods_value, sheet)


def value_form(money: Money, sheet: Sheet) -> dict[str, Any]:
    """`InvoiceLineTotal`: 1 to 99999999 in cents, rounded up and noted."""
    if not money.amount.is_finite() or not 0 <= money.amount <= 99_999_999 or not _CURRENCY.fullmatch(money.currency):
        sheet.problem("goods value", "must be an amount of 0 to 99999999 with a currency of three letters")
        return {}
    amount = max(money.amount.quantize(Decimal("0.01"), rounding=ROUND_UP), Decimal(1))
    if amount != money.amount:
        sheet.note("goods value", f"rounded up to {plain(amount)}")
    return {"InvoiceLineTotal": {"CurrencyCode": money.currency, "MonetaryValue": plain(amount)}}


def international_forms(draft: ShipDraft, system: UpsSystem, route: Route, sheet: Sheet) -> dict[str, Any]:
    """`InternationalForms` where the goods need them and the connection sends them; every missing part is named."""
    if not needs_papers(draft, route) or not system.international_forms:
        return {}
    if draft.customs is None:
        sheet.problem("customs", "the invoice data is missing: number, date, currency and the goods with their origin")
        return {}
    customs = draft.customs
    _check(customs, sheet)
    form: dict[str, Any] = {
        "FormType": [INVOICE],
        "InvoiceNumber": customs.invoice_number,
        "InvoiceDate": day_form(customs.invoice_date),
        "ReasonForExport": customs.reason,
        "CurrencyCode": customs.currency,
        "Contacts": {"SoldTo": _sold_to(customs.sold_to or draft.ship_to, route, sheet)},
        "Product": [
            _product(product, f"goods {number}", system, sheet) for number, product in enumerate(customs.products, 1)
        ],
    }
    form |= {"TermsOfShipment": customs.terms} if customs.terms else {}
    form |= {"PurchaseOrderNumber": customs.purchase_order} if customs.purchase_order else {}
    return {"InternationalForms": form}


def _check(customs: Customs, sheet: Sheet) -> None:
    if not 1 <= len(customs.invoice_number) <= LINE:
        sheet.problem("invoice number", f"needs 1 to {LINE} characters")
    if not 1 <= len(customs.reason) <= 20:
        sheet.problem("reason for export", "needs 1 to 20 characters")
    if not _CURRENCY.fullmatch(customs.currency):
        sheet.problem("invoice currency", "must be a code of three letters")
    if customs.terms and not re.fullmatch(r"[A-Z]{3}", customs.terms, re.ASCII):
        sheet.problem("terms of shipment", "must be an Incoterm of three letters")
    if len(customs.purchase_order) > LINE:
        sheet.problem("purchase order number", f"has {len(customs.purchase_order)} characters, UPS takes {LINE}")
    if not 1 <= len(customs.products) <= MOST_PRODUCTS:
        sheet.problem("goods", f"the invoice has {len(customs.products)} kinds, UPS takes 1 to {MOST_PRODUCTS}")


def _sold_to(party: Party, route: Route, sheet: Sheet) -> dict[str, Any]:
    return party_form(party, "sold-to", Route(route.origin, route.destination, contact=True), sheet)


def _product(product: Product, name: str, system: UpsSystem, sheet: Sheet) -> dict[str, Any]:
    form: dict[str, Any] = {
        "Description": _description(product.description, name, sheet),
        "Unit": {
            "Number": _quantity(product.quantity, name, sheet),
            "UnitOfMeasurement": {"Code": _unit(product.unit, name, sheet)},
            "Value": _value(product.value, name, sheet),
        },
        "OriginCountryCode": product.origin_country,
    }
    if not re.fullmatch(r"[A-Z]{2}", product.origin_country, re.ASCII):
        sheet.problem(f"{name} country of origin", "is missing" if not product.origin_country else "needs two letters")
    if product.commodity_code:
        code = re.sub(r"[\s.]", "", product.commodity_code.upper())
        if not re.fullmatch(r"[0-9A-Z]{6,15}", code, re.ASCII):
            sheet.problem(f"{name} commodity code", "needs 6 to 15 letters or digits")
        form["CommodityCode"] = code
    if product.part_number:
        part = printable(product.part_number, f"{name} part number", sheet)
        form["PartNumber"] = shortened(part, LINE, f"{name} part number", sheet)
    if product.weight is not None:
        weight = any_weight_form(product.weight, product.weight_unit, system.weight_unit, f"{name} weight", sheet)
        form["ProductWeight"] = {"UnitOfMeasurement": {"Code": system.weight_unit}, "Weight": weight}
    return form


def _description(text: str, name: str, sheet: Sheet) -> list[str]:
    clean = printable(text, f"{name} description", sheet)
    if not clean:
        sheet.problem(f"{name} description", "is missing")
        return []
    lines = wrapped([clean])
    return list(lines) if lines is not None else [shortened(clean, LINE, f"{name} description", sheet)]


def _quantity(quantity: Decimal, name: str, sheet: Sheet) -> str:
    """Whole units of 1 to 7 digits. Half a unit is not rounded: it would change what customs is told."""
    if not quantity.is_finite() or quantity <= 0 or quantity > 9_999_999:
        sheet.problem(f"{name} quantity", "must be more than zero and have at most 7 digits")
        return "0"
    if quantity != quantity.to_integral_value():
        sheet.problem(f"{name} quantity", "must be whole; sell it in a unit of measure of which there are whole ones")
    return plain(quantity)


def _value(value: Decimal, name: str, sheet: Sheet) -> str:
    """The price of one unit: more than zero, at most 6 digits behind the point."""
    if not value.is_finite() or value <= 0:
        sheet.problem(f"{name} value", "must be more than zero; customs needs a value for free goods too")
        return "0"
    exact = value.quantize(Decimal("0.000001"), rounding=ROUND_UP)
    if exact != value:
        sheet.note(f"{name} value", f"rounded up to {plain(exact)}")
    return plain(exact)


def _unit(unit: str, name: str, sheet: Sheet) -> str:
    code = unit.strip().upper()
    if not re.fullmatch(r"[0-9A-Z]{1,3}", code, re.ASCII):
        sheet.problem(f"{name} unit", "must be a UPS code of 1 to 3 letters; map the unit of measure")
    return code
