"""The commercial invoice of a shipment that crosses a customs border: goods, values, origins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from acumatica_ups.settings import AcumaticaUps
from connector.outcome import Held, Missing
from vendors.acumatica.shapes import SalesOrder, Shipment, ShipmentLine, StockItem
from vendors.ups.drafts import Customs, Money, Product


def goods_of(
    shipment: Shipment,
    orders: Mapping[tuple[str, str], SalesOrder],
    items: Mapping[str, StockItem],
    document: AcumaticaUps,
) -> tuple[Product, ...] | Held:
    """One product per line. Origin and commodity code are the item's, the price is the order line's.

    What is missing of an item is named by the builder ("goods 2 country of origin: is missing").
    """
    lines = [line for line in shipment.lines if line.shipped_quantity > 0]
    units = {line.uom for line in lines if line.uom not in document.tables.units}
    if units:
        names = ", ".join(sorted(units))
        why = f"customs needs UPS's code for the unit {names} of shipment {shipment.number}; add it to table units"
        return Held(why, tuple(Missing("units", unit) for unit in sorted(units)))
    return tuple(_product(line, orders, items, document) for line in lines)


def _product(
    line: ShipmentLine,
    orders: Mapping[tuple[str, str], SalesOrder],
    items: Mapping[str, StockItem],
    document: AcumaticaUps,
) -> Product:
    item = items.get(line.inventory_id)
    return Product(
        line.description or (item.description if item else "") or line.inventory_id,
        line.shipped_quantity,
        unit_price(line, orders),
        (item.country_of_origin or "" if item else "").upper(),
        item.tariff_code or "" if item else "",
        document.tables.units[line.uom],
        part_number=line.inventory_id,
    )


def unit_price(line: ShipmentLine, orders: Mapping[tuple[str, str], SalesOrder]) -> Decimal:
    """What one unit was sold for after discount; zero where the order does not say, which the builder refuses."""
    order = orders.get((line.order_type or "", line.order_number or ""))
    source = next((each for each in order.lines if each.line_number == line.order_line_number), None) if order else None
    if source is None:
        return Decimal(0)
    if source.extended_price and source.order_quantity:
        paid = source.extended_price - (source.discount_amount or Decimal(0))
        return (paid / source.order_quantity).quantize(Decimal("0.01")).normalize()
    return source.unit_price or Decimal(0)


def invoice_of(
    shipment: Shipment, goods: tuple[Product, ...], currency: str, day: date, document: AcumaticaUps
) -> Customs:
    """The invoice: numbered after the shipment."""
    rules = document.settings.customs
    order = next((order.order_number for order in shipment.orders), "")
    return Customs(shipment.number, day, currency, goods, rules.reason, rules.terms or "", order)


def total_of(goods: tuple[Product, ...], currency: str) -> Money:
    """What the contents are worth."""
    return Money(sum((product.quantity * product.value for product in goods), Decimal(0)), currency)
