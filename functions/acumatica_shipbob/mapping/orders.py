"""Acumatica sales order -> ShipBob order. Source: acumatica form SO301000; ShipBob "Create Order"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from acumatica_shipbob.mapping.order_changes import order_identity, recipient_of
from acumatica_shipbob.settings import AcumaticaShipBob, Warehouse
from connector.effect import Draft, Found
from connector.outcome import Held, Missing
from vendors.acumatica import selling
from vendors.acumatica.selling import Note
from vendors.acumatica.shapes import OrderLine, SalesOrder
from vendors.shipbob.shapes.orders import Order, parse_order

PRICE_CURRENCY = "USD"
"""ShipBob's amounts on an order are US dollars ("Create Order"): other prices are left out."""


@dataclass(frozen=True)
class KnownItem:
    """What both sides call an item. `conversions`: unit -> base units per unit."""

    sku: str
    base_uom: str
    conversions: Mapping[str, Decimal]
    variant_id: int
    inventory_id: int | None
    name: str
    pieces: int = 1
    """Stock units that ShipBob ships for one: of a bundle the sum of its parts; 0 where ShipBob does not say."""
    checked_at: str = ""
    """When ShipBob was last seen to hold the SKU, as an instant."""


def reference_of(document: AcumaticaShipBob, order_type: str, number: str) -> str:
    """The deterministic reference_id: `ACU-SO-SO005432`."""
    return f"{document.settings.orders.reference_prefix}-{order_type}-{number}"


def order_key_of(document: AcumaticaShipBob, reference: str | None) -> str | None:
    """The source key `SO/SO005432` of one of our references; None for an order that is not ours."""
    parts = (reference or "").split("-", 2)
    if len(parts) != 3 or parts[0] != document.settings.orders.reference_prefix:
        return None
    return f"{parts[1]}/{parts[2]}"


def not_released(order: SalesOrder, document: AcumaticaShipBob) -> str:
    """Why the order is not (yet) for ShipBob; empty when it is. Acumatica has no "released" state: acumatica 12.1."""
    reason = selling.not_released(order, document.settings.orders)
    if reason:
        return reason
    if not lines_for_shipbob(order, document, selling.silent):
        return "no open line lies in a warehouse that is mapped to ShipBob"
    return ""


def lines_for_shipbob(order: SalesOrder, document: AcumaticaShipBob, note: Note) -> list[OrderLine]:
    """The lines that ShipBob shall ship; every other one is noted with its reason."""
    return selling.lines_to_send(order, document.tables.warehouses, "ShipBob", note)


def order_draft(
    order: SalesOrder, document: AcumaticaShipBob, items: Mapping[str, KnownItem], methods: Sequence[str], note: Note
) -> Draft | Held:
    """The order as ShipBob wants it, or what is missing for it."""
    lines = lines_for_shipbob(order, document, note)
    missing = [Missing("item", line.inventory_id) for line in lines if line.inventory_id not in items]
    via = order.ship_via or ""
    method = document.tables.ship_methods.get(via)
    if method is None:
        missing.append(Missing("ship_methods", via))
    if missing:
        return Held(_missing_text(order, missing), tuple(dict.fromkeys(missing)))
    if method is not None and method.casefold() not in {name.casefold() for name in methods}:
        return Held(
            f"order {order.key}: ShipBob has no shipping method {method!r} and would silently ship as Standard. "
            "Create it there or correct table ship_methods, then replay."
        )
    problems = _address_problems(order)
    if problems:
        return Held(f"order {order.key} cannot be shipped: {'; '.join(problems)}. Correct it in Acumatica.")
    products = [_product(line, items[line.inventory_id], order.currency, note) for line in lines]
    wrong = [product for product in products if isinstance(product, str)]
    if wrong:
        return Held(f"order {order.key}: {'; '.join(str(text) for text in wrong)}")
    if order.currency not in (None, PRICE_CURRENCY):
        note(f"prices are in {order.currency} and not sent: ShipBob takes them for {PRICE_CURRENCY}")
    forced = {
        _warehouse(line, order, document).location_id for line in lines if _warehouse(line, order, document).force
    }
    if len(forced) > 1:
        return Held(
            f"order {order.key} has lines for {len(forced)} fulfilment centres that are forced; split the order"
        )
    made = [product for product in products if not isinstance(product, str)]
    rows = _sent_rows(order, lines, made, items)
    return _draft(order, document, made, rows, str(method), forced)


def _sent_rows(
    order: SalesOrder,
    lines: Sequence[OrderLine],
    products: Sequence[Mapping[str, Any]],
    items: Mapping[str, KnownItem],
) -> list[list[Any]]:
    """What the way back needs: line, SKU, units sent, units per unit of the line, warehouse, pieces a unit, unit."""
    rows = []
    for line, product in zip(lines, products, strict=True):
        warehouse = line.warehouse or order.preferred_warehouse or ""
        factor = _factor(line, items[line.inventory_id])
        pieces = items[line.inventory_id].pieces
        rows.append(
            [line.line_number, line.inventory_id, product["quantity"], str(factor), warehouse, pieces, line.uom]
        )
    return rows


def _draft(
    order: SalesOrder,
    document: AcumaticaShipBob,
    products: list[dict[str, Any]],
    rows: list[list[Any]],
    method: str,
    forced: set[int],
) -> Draft:
    reference = reference_of(document, order.order_type, order.number)
    recipient = recipient_of(order)
    body: dict[str, Any] = {
        "reference_id": reference,
        "order_number": order.number,
        "type": "DTC",
        "shipping_method": method,
        "recipient": recipient,
        "products": products,
        "tags": [{"name": "erp_order", "value": order.key}],
    }
    if order.created is not None:
        body["purchase_date"] = order.created.strftime("%Y-%m-%dT%H:%M:%SZ")
    if forced:
        body["location_id"] = next(iter(forced))
    return Draft(body, {**order_identity(order, document), "shipping_method": method, "sent": rows})


def _missing_text(order: SalesOrder, missing: Sequence[Missing]) -> str:
    words = {"item": "SKU {} at ShipBob", "ship_methods": "a shipping method for Ship Via {!r}"}
    wanted = ", ".join(dict.fromkeys(words[found.kind].format(found.value) for found in missing))
    return f"order {order.key} waits for {wanted}"


def _warehouse(line: OrderLine, order: SalesOrder, document: AcumaticaShipBob) -> Warehouse:
    return document.tables.warehouses[line.warehouse or order.preferred_warehouse or ""]


def _factor(line: OrderLine, item: KnownItem) -> Decimal | None:
    """Base units per unit of the line; None where nobody says."""
    return Decimal(1) if line.uom == item.base_uom else item.conversions.get(line.uom)


def _product(line: OrderLine, item: KnownItem, currency: str | None, note: Note) -> dict[str, Any] | str:
    """One product line in base units, or why it cannot be sent. ShipBob quantities are whole numbers."""
    factor = _factor(line, item)
    if factor is None:
        return f"line {line.line_number}: no conversion from {line.uom} to {item.base_uom} for {item.sku}"
    quantity = line.remaining_quantity * factor
    if quantity != quantity.to_integral_value():
        return f"line {line.line_number}: {quantity} {item.base_uom} of {item.sku} is not a whole number of units"
    if factor != 1:
        note(f"line {line.line_number}: {line.remaining_quantity} {line.uom} sent as {quantity:f} {item.base_uom}")
    product: dict[str, Any] = {
        "reference_id": item.sku,
        "sku": item.sku,
        "name": item.name,
        "quantity": int(quantity),
        "external_line_id": line.line_number,
    }
    if line.unit_price is not None and currency in (None, PRICE_CURRENCY):
        price = (line.unit_price / factor).quantize(Decimal("0.0001"))
        product["unit_price"] = price
        if price * factor != line.unit_price:
            note(f"line {line.line_number}: unit price rounded to {price}")
    return product


def _address_problems(order: SalesOrder) -> list[str]:
    """What ShipBob would refuse or put on hold. Names fields, never their contents."""
    problems = selling.address_problems(order)
    if len(order.contact.name) > 300:
        problems.append("the ship-to name is longer than ShipBob's 300 characters")
    if len(order.contact.phone) > 50:
        problems.append("the ship-to phone is longer than ShipBob's 50 characters")
    return problems


def order_differences(found: Found, draft: Draft) -> list[str]:
    """What differs between an order that ShipBob already holds and the one we would send."""
    order: Order = parse_order(found.body)
    differences = []
    if order.is_cancelled:
        differences.append("it is cancelled there")
    wanted = _quantities((str(line["sku"]), int(line["quantity"])) for line in draft.body["products"])
    held = _quantities((line.sku or line.reference_id or "?", line.quantity) for line in order.lines)
    differences += [
        f"{sku}: {held.get(sku, 0)} there, {wanted.get(sku, 0)} here"
        for sku in sorted({*wanted, *held})
        if held.get(sku, 0) != wanted.get(sku, 0)
    ]
    zip_code = draft.body["recipient"]["address"].get("zip_code")
    if (order.recipient.zip_code or "").replace(" ", "") != str(zip_code or "").replace(" ", ""):
        differences.append("the postal code is another one")
    return differences


def _quantities(rows: Any) -> dict[str, int]:
    totals: dict[str, int] = {}
    for sku, quantity in rows:
        totals[sku] = totals.get(sku, 0) + quantity
    return totals
