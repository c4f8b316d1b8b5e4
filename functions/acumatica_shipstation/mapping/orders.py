"""Acumatica sales order -> ShipStation order. Source: Acumatica form SO301000; ShipStation "Create/Update Order"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from acumatica_shipstation.known_items import KnownItem
from acumatica_shipstation.settings import AcumaticaShipStation, Service
from connector.effect import Draft
from connector.instants import instant_text
from connector.outcome import Held
from vendors.acumatica import selling
from vendors.acumatica.selling import Note, place_of, plain
from vendors.acumatica.shapes import OrderLine, SalesOrder
from vendors.shipstation.client import LONGEST_KEY
from vendors.shipstation.times import day_time_text, time_text

LONGEST_NUMBER = 50
LONGEST_CUSTOM = 100
_AGAIN = re.compile(r"-R\d{1,3}\Z", re.ASCII)


# ---- keys ---------------------------------------------------------------------------------------------------


def key_of(document: AcumaticaShipStation, order_type: str, number: str, again: int = 0) -> str:
    """The orderKey: `ACU-SO-SO005432`, with `-R1` when the order was cancelled there and is wanted again.

    A number that itself ends like that gets `-R0`, or order WEB-7-R1 would be taken for WEB-7 sent again.
    """
    suffix = f"-R{again}" if again or _AGAIN.search(number) else ""
    return f"{document.settings.orders.key_prefix}-{order_type}-{number}{suffix}"


def source_key_of(document: AcumaticaShipStation, key: str | None) -> str | None:
    """The source key `SO/SO005432` of one of our keys; None for an order that is not ours."""
    parts = (key or "").split("-", 2)
    if len(parts) != 3 or parts[0] != document.settings.orders.key_prefix or not parts[2]:
        return None
    return f"{parts[1]}/{number_of(key or '')}"


def number_of(key: str) -> str:
    """The order number in one of our keys."""
    return _AGAIN.sub("", key.split("-", 2)[2])


# ---- which orders and lines ---------------------------------------------------------------------------------


def not_released(order: SalesOrder, document: AcumaticaShipStation) -> str:
    """Why the order is not (yet) for ShipStation; empty when it is."""
    reason = selling.not_released(order, document.settings.orders)
    if reason:
        return reason
    if not open_lines(order, document, selling.silent):
        return "no open line lies in a warehouse that is mapped to ShipStation"
    return ""


def not_ours(line: OrderLine, order: SalesOrder, document: AcumaticaShipStation) -> str:
    """Why ShipStation never ships this line, open or not; empty when it does."""
    return selling.not_shipped(line, order, document.tables.warehouses, "ShipStation")


def open_lines(order: SalesOrder, document: AcumaticaShipStation, note: Note) -> list[OrderLine]:
    """The lines that shall be shipped; every other one is noted with its reason."""
    return selling.lines_to_send(order, document.tables.warehouses, "ShipStation", note)


# ---- the draft ----------------------------------------------------------------------------------------------


def identity_of(order: SalesOrder, document: AcumaticaShipStation) -> dict[str, Any]:
    """What a change of has to be passed on: who receives how many of what from where, and how."""
    lines = selling.wanted_lines(order, document.tables.warehouses)
    terms = {
        "customer order": (order.customer_order or "")[:LONGEST_CUSTOM],
        "requested date": order.requested_on.isoformat() if order.requested_on is not None else "",
        "Saturday delivery": "yes" if order.shipping.saturday else "",
    }
    return {"ship_to": address_of(order), "ship_via": order.ship_via or "", "terms": terms, "lines": lines}


def order_draft(
    order: SalesOrder,
    document: AcumaticaShipStation,
    items: Mapping[str, KnownItem],
    key: str,
    quantities: Mapping[int, Decimal],
    note: Note,
) -> Draft | Held:
    """The whole order as ShipStation wants it. `quantities`: line number -> how many in the line's own unit."""
    lines = [line for line in order.lines if quantities.get(line.line_number, Decimal(0)) > 0]
    problems = [*_order_problems(order, key), *selling.address_problems(order)]
    made: list[dict[str, Any]] = []
    rows: list[list[Any]] = []
    for line in lines:
        item = _line(line, items.get(line.inventory_id), quantities[line.line_number], document, note)
        if isinstance(item, str):
            problems.append(item)
            continue
        factor = items[line.inventory_id].factor(line.uom)
        made.append(item)
        rows.append([line.line_number, line.inventory_id, item["quantity"], str(factor), place_of(line, order),
                     line.uom])  # fmt: skip
    if problems:
        return Held(f"order {order.key} cannot be sent: {'; '.join(problems)}. Correct it in Acumatica.")
    created = instant_text(order.created) if order.created is not None else ""
    identity = {**identity_of(order, document), "sent": rows, "created": created}
    return Draft(_body(order, document, key, made, rows, note), identity)


def _body(
    order: SalesOrder, document: AcumaticaShipStation, key: str, items: list[dict[str, Any]],
    rows: Sequence[Sequence[Any]], note: Note,
) -> dict[str, Any]:
    address = address_of(order)
    body: dict[str, Any] = {
        "orderNumber": order.number,
        "orderKey": key,
        "orderDate": _order_date(order, note),
        "orderStatus": "awaiting_shipment",
        "customerUsername": order.customer_id,
        "billTo": {"name": order.contact.business_name or address["name"], "country": address["country"]},
        "shipTo": address,
        "items": items,
        "internalNotes": f"Acumatica {order.order_type} {order.number}",
        "advancedOptions": _advanced(order, document, rows),
    }
    if order.contact.email:
        body["customerEmail"] = order.contact.email
    if order.requested_on is not None:
        body["shipByDate"] = day_time_text(order.requested_on)
    via = order.ship_via or ""
    service = document.tables.services.get(via, Service())
    if service.requested or via:
        body["requestedShippingService"] = service.requested or via
    if service.carrier_code and service.service_code:
        body |= {"carrierCode": service.carrier_code, "serviceCode": service.service_code}
        body |= {"packageCode": service.package_code} if service.package_code else {}
    return body


def _advanced(order: SalesOrder, document: AcumaticaShipStation, rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "storeId": document.systems.shipstation.store_id,
        "source": "Acumatica",
        "customField1": order.key[:LONGEST_CUSTOM],
    }
    if order.customer_order:
        found["customField2"] = order.customer_order[:LONGEST_CUSTOM]
    if order.shipping.saturday:
        found["saturdayDelivery"] = True
    places = {document.tables.warehouses[str(row[4])].warehouse_id for row in rows}
    if len(places) == 1 and None not in places:
        found["warehouseId"] = next(iter(places))
    return found


def _order_date(order: SalesOrder, note: Note) -> str:
    if order.day is not None:
        return day_time_text(order.day)
    note("the order has no date: the time of its creation is sent")
    return time_text(order.created or order.last_modified)


def address_of(order: SalesOrder) -> dict[str, Any]:
    """Who receives the order, as ShipStation wants it; personal."""
    place, contact = order.ship_to, order.contact
    return {
        "name": contact.name,
        "company": contact.business_name if contact.attention else None,
        "street1": place.line_1,
        "street2": place.line_2 or None,
        "city": place.city,
        "state": place.state or None,
        "postalCode": place.postal_code or None,
        "country": place.country,
        "phone": contact.phone or None,
        "residential": order.shipping.residential,
    }


def _line(
    line: OrderLine, item: KnownItem | None, quantity: Decimal, document: AcumaticaShipStation, note: Note
) -> dict[str, Any] | str:
    """One line in pieces, or why it cannot be sent. ShipStation's quantities are whole numbers of pieces."""
    what = f"line {line.line_number}"
    if item is None:
        return f"{what}: Acumatica shows no item {line.inventory_id}"
    factor = item.factor(line.uom)
    if factor is None:
        return f"{what}: no conversion from {line.uom} to {item.base_uom} for {item.sku}"
    pieces = quantity * factor
    if pieces != pieces.to_integral_value():
        return f"{what}: {plain(pieces)} {item.base_uom} of {item.sku} is not a whole number of pieces"
    if factor != 1:
        note(f"{what}: {plain(quantity)} {line.uom} sent as {plain(pieces)} {item.base_uom}")
    made: dict[str, Any] = {
        "lineItemKey": str(line.line_number),
        "sku": item.sku,
        "name": line.description or item.name,
        "quantity": int(pieces),
    }
    if item.weight_oz is not None:
        made["weight"] = {"value": item.weight_oz, "units": "ounces"}
    else:
        note(f"{what}: the weight of {item.sku} is not known and not sent")
    if item.upc:
        made["upc"] = item.upc
    if document.settings.orders.prices and line.unit_price is not None:
        made["unitPrice"] = (line.unit_price / factor).quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize()
        if made["unitPrice"] * factor != line.unit_price:
            note(f"{what}: unit price rounded to {plain(made['unitPrice'])}")
    return made


def _order_problems(order: SalesOrder, key: str) -> list[str]:
    problems = []
    if len(key) > LONGEST_KEY:
        problems.append(f"its key {key} is longer than {LONGEST_KEY} characters")
    if len(order.number) > LONGEST_NUMBER:
        problems.append(f"its number is longer than {LONGEST_NUMBER} characters")
    return problems
