"""ShipBob order -> GP sales order. Source: ShipBob "Orders, get one"; GP Web Service Reference, "SalesOrder"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connector.effect import Draft
from connector.outcome import Held, Missing
from dynamicsgp_shipbob.mapping.amounts import LINE_STEP, NO_DATE, fits, money, plain, quantity
from dynamicsgp_shipbob.settings import Channel, DynamicsGpShipBob, ItemRow
from vendors.dynamics_gp.keys import folded, same
from vendors.dynamics_gp.limits import LIMITS, Checked
from vendors.dynamics_gp.shapes.sales import Document
from vendors.dynamics_gp.times import company_day
from vendors.shipbob.shapes import Order
from vendors.shipbob.shapes.orders import OrderLine, Recipient

Note = Callable[[str], None]

CORRECT = "Correct it, or allow it to be shortened (settings.orders.shorten), then replay."


@dataclass(frozen=True)
class OrderNames:
    """What an order is called in GP."""

    number: str
    purchase_order: str

    @property
    def problem(self) -> str:
        """Why GP cannot hold an order of this name; empty when it can."""
        if len(self.number) > LIMITS["sales document number"]:
            return f"its number {self.number} has more than {LIMITS['sales document number']} characters"
        if len(self.purchase_order) > LIMITS["purchase order number"]:
            return f"its PO number {self.purchase_order} has more than {LIMITS['purchase order number']} characters"
        return ""


def names_of(document: DynamicsGpShipBob, order_id: object) -> OrderNames:
    """The deterministic names of a ShipBob order: SB337200001 and SB-337200001."""
    prefix = document.settings.orders.prefix
    return OrderNames(f"{prefix}{order_id}", f"{prefix}-{order_id}")


def channel_of(document: DynamicsGpShipBob, channel_id: int | None, order_type: str | None) -> Channel | Missing:
    """Who the channel sells for: the row of its order type, else of the whole channel."""
    name = str(channel_id or "")
    found = document.tables.channels.get(f"{name}|{order_type}") or document.tables.channels.get(name)
    return found if found is not None else Missing("channels", name)


def sku_of(line: OrderLine) -> str:
    """The name under which a line's product stands in table items."""
    return line.sku or line.reference_id or ""


def alike(missing: Missing, document: DynamicsGpShipBob) -> str:
    """A hint where table items has an SKU that differs in letter case or blanks alone: at ShipBob these are two."""
    if missing.kind != "items":
        return ""
    found = sorted(repr(sku) for sku in document.tables.items if same(sku, missing.value) and sku != missing.value)
    return f" (the table has {', '.join(found)}; letter case and blanks count in SKUs)" if found else ""


def order_draft(order: Order, document: DynamicsGpShipBob, note: Note) -> Draft | Held:
    """The order as GP wants it, or what is missing for it."""
    names = names_of(document, order.order_id)
    found = _found(order, document)
    if isinstance(found, Held):
        return found
    checked = Checked(note, document.settings.orders.shorten)
    lines = [_line(index, line, found, order, document, note) for index, line in enumerate(order.lines)]
    problems = [line for line in lines if isinstance(line, str)]
    address = _address(order.recipient, checked, note)
    problems += [str(problem) for problem in checked.problems] + ([names.problem] if names.problem else [])
    if problems:
        ways = [CORRECT] if checked.problems else []
        if len(checked.problems) < len(problems):
            ways.append(
                f"What is no text must be entered in GP by hand, with the PO number {names.purchase_order}, and "
                "so must its shipments; then close this record."
            )
        return Held(
            f"ShipBob order {order.order_id} cannot be entered in GP: {'; '.join(problems)}. GP would cut or refuse "
            f"it. {' '.join(ways)}"
        )
    made = [line for line in lines if not isinstance(line, str)]
    return Draft(_body(order, document, found, names, made, address, note), _identity(found, made))


@dataclass(frozen=True)
class _Found:
    """What the mapping tables say about an order."""

    channel: Channel
    items: Mapping[str, ItemRow]
    method: str
    site: str
    sites: Mapping[str, str]  # by SKU


def _found(order: Order, document: DynamicsGpShipBob) -> _Found | Held:
    tables = document.tables
    channel = channel_of(document, order.channel_id, order.order_type)
    skus = [sku_of(line) for line in order.lines]
    missing = [channel] if isinstance(channel, Missing) else []
    missing += [Missing("items", sku) for sku in dict.fromkeys(skus) if sku not in tables.items]
    method = order.shipping_method or ""
    if method not in tables.methods:
        missing.append(Missing("methods", method))
    centres = _centres(order)
    missing += [Missing("sites", name) for name in dict.fromkeys(centres.values()) if name not in tables.sites]
    if missing or isinstance(channel, Missing):
        words = ", ".join(f"{key.kind} {key.value or '(empty)'!s}{alike(key, document)}" for key in missing)
        if isinstance(channel, Missing) and order.order_type:
            missing.append(Missing("channels", f"{channel.value}|{order.order_type}"))  # that row would do as well
        why = f"ShipBob order {order.order_id} waits for a mapping: {words}. Add the rows to the connection file"
        return Held(f"{why} and apply it; the order continues by itself.", tuple(dict.fromkeys(missing)))
    if not order.lines:
        return Held(f"ShipBob order {order.order_id} has no lines, so nothing is entered in GP. Close this record")
    sites = {sku: tables.sites[name] for sku, name in centres.items()}
    first = next(iter(sites.values()), document.settings.orders.default_site)
    if first is None:
        why = (
            f"ShipBob order {order.order_id} has no fulfilment centre yet and settings.orders.default_site is empty: "
            "set it and apply, or wait until ShipBob has chosen one; then replay this record"
        )
        return Held(why)
    items = {sku: tables.items[sku] for sku in skus}
    return _Found(channel, items, tables.methods[method], first, sites)


def _centres(order: Order) -> dict[str, str]:
    """Where each SKU is shipped from, as far as ShipBob has decided: the first shipment that holds it."""
    found: dict[str, str] = {}
    for shipment in sorted(order.shipments, key=lambda one: one.shipment_id):
        if shipment.location_id is None or shipment.status == "Cancelled":
            continue
        for product in shipment.products:
            found.setdefault(product.sku or product.reference_id or "", str(shipment.location_id))
    return found


def lacks_centre(order: Order) -> bool:
    """Whether ShipBob has not decided yet where the order is shipped from."""
    return not _centres(order)


def _line(
    index: int, line: OrderLine, found: _Found, order: Order, document: DynamicsGpShipBob, note: Note
) -> dict[str, Any] | str:
    """One line in GP's form, or what is wrong with it."""
    sku, rules = sku_of(line), document.settings.orders
    row = found.items[sku]
    number = Decimal(line.quantity) / row.units
    if number * row.units != line.quantity or not fits(number):
        return f"{line.quantity} units of {sku} are no exact number of {row.unit} ({plain(row.units)} units each)"
    made: dict[str, Any] = {
        "Key": {"LineSequenceNumber": str(LINE_STEP * (index + 1))},
        "Quantity": quantity(number),
        "UofM": row.unit,
        "WarehouseKey": {"Id": found.sites.get(sku, found.site)},
        "ItemKey": {"Id": row.item},
    }
    if row.units != 1:
        note(f"{line.quantity} units of {sku} are {plain(number)} {row.unit} in GP")
    if rules.prices == "gp":
        return made
    if line.unit_price is None:
        note(f"ShipBob states no price for {sku}: GP's price list decides")
        return made
    price = line.unit_price * row.units
    if not fits(price):
        return f"the price of {sku}, {plain(price)}, has more than five digits behind the point"
    return {**made, "UnitPrice": money(price, rules.currency)}


def _address(recipient: Recipient, checked: Checked, note: Note) -> dict[str, Any] | None:
    if not (recipient.address1 or "").strip():
        note("the ShipBob order has no street: GP uses the customer's own ship-to address")
        return None
    texts = {
        "Line1": ("address line", recipient.address1),
        "Line2": ("address line", recipient.address2),
        "City": ("city", recipient.city),
        "State": ("state", recipient.state),
        "PostalCode": ("postal code", recipient.zip_code),
        "CountryRegion": ("country", recipient.country),
        "Name": ("ship-to name", recipient.company or recipient.name),
        "ContactPerson": ("contact person", recipient.name),
    }
    made: dict[str, Any] = {
        name: text for name, (field, value) in texts.items() if value and (text := checked.text(field, value))
    }
    phone = re.sub(r"\D", "", recipient.phone or "", flags=re.ASCII)
    if phone:
        made["Phone1"] = {"Value": checked.text("phone", phone)}
    return made


def _body(
    order: Order,
    document: DynamicsGpShipBob,
    found: _Found,
    names: OrderNames,
    lines: list[dict[str, Any]],
    address: dict[str, Any] | None,
    note: Note,
) -> dict[str, Any]:
    rules, zone = document.settings.orders, document.systems.dynamics_gp.zone
    day = order.purchased_at or order.created_at
    body: dict[str, Any] = {
        "CustomerPONumber": names.purchase_order,
        "Note": _note_text(order),
        "DocumentTypeKey": {"Type": "Order", "Id": found.channel.document_type or rules.document_type},
        "ShippingMethodKey": {"Id": found.method},
        "WarehouseKey": {"Id": found.site},
        "CustomerKey": {"Id": found.channel.customer},
        "BatchKey": {"Id": rules.batch, "CreatedDateTime": NO_DATE},
        "CurrencyKey": {"ISOCode": rules.currency},
        "Lines": lines,
    }
    if rules.numbers == "ours":
        body["Key"] = {"Id": names.number}
    if day is not None:
        body["Date"] = company_day(day, zone)
    if found.channel.price_level:
        body["PriceLevelKey"] = {"Id": found.channel.price_level}
    if address is not None:
        body["ShipToAddress"] = address
    freight = _rest(order, note) if rules.freight == "rest" else None
    if freight is not None:
        body["FreightAmount"] = money(freight, rules.currency)
    return body


def _note_text(order: Order) -> str:
    parts = [f"ShipBob order {order.order_id}"]
    parts += [f"order number {order.order_number}"] if order.order_number else []
    parts += [f"reference {order.reference_id}"] if order.reference_id not in (None, order.order_number) else []
    parts += [f"customer PO {order.purchase_order_number}"] if order.purchase_order_number else []
    parts += [f"channel {order.channel_name}"] if order.channel_name else []
    return ", ".join(parts)


def _rest(order: Order, note: Note) -> Decimal | None:
    """What the total exceeds the lines by; None where one of them is not stated, or the lines cost more."""
    prices = [line.unit_price for line in order.lines]
    if order.total_price is None or any(price is None for price in prices):
        note("the order's freight cannot be told: ShipBob does not state its total, or the price of a line")
        return None
    lines = sum((Decimal(line.quantity) * (line.unit_price or 0) for line in order.lines), Decimal(0))
    rest = order.total_price - lines
    if rest < 0:
        note(f"the order's total {plain(order.total_price)} is less than its lines {plain(lines)}: no freight is sent")
        return None
    return rest if rest else None


def _identity(found: _Found, lines: list[dict[str, Any]]) -> dict[str, Any]:
    rows = [[line["ItemKey"]["Id"], line["UofM"], line["Quantity"]["Value"]] for line in lines]
    return {"customer": found.channel.customer, "lines": rows}


# ---- what GP holds against what was meant -------------------------------------------------------------------------


def other_order(held: Document, identity: Mapping[str, Any]) -> list[str]:
    """Why what GP holds under our name is not this order; empty when it is."""
    if held.is_voided:
        return [f"{held.kind} {held.number} was voided in GP, and a voided number can never be used again"]
    problems = []
    if held.customer and not same(held.customer, str(identity["customer"])):
        problems.append(f"its customer is {held.customer}, not {identity['customer']}")
    theirs = sorted([folded(line.item), plain(line.quantity)] for line in held.lines)
    ours = sorted([folded(str(row[0])), plain(Decimal(row[2]))] for row in identity["lines"])
    if theirs != ours:
        shown = ", ".join(f"{plain(line.quantity)} {line.item}" for line in held.lines) or "nothing"
        problems.append(f"it holds {shown}")
    return problems


@dataclass(frozen=True)
class Differences:
    """What GP made of a document: other prices, and everything else that is other than sent."""

    prices: tuple[str, ...]
    others: tuple[str, ...]


def changed_by_gp(held: Document, body: Mapping[str, Any]) -> Differences:
    """Compares a saved document, line by line, with what was sent."""
    prices: list[str] = []
    others: list[str] = []
    stored = {line.sequence: line for line in held.lines}
    for sent in body["Lines"]:
        number = int(sent["Key"]["LineSequenceNumber"])
        line, item = stored.pop(number, None), sent["ItemKey"]["Id"]
        if line is None:
            others.append(f"line {number} ({item}) is missing")
            continue
        wanted = Decimal(sent["Quantity"]["Value"])
        if line.quantity != wanted:
            others.append(f"line {number} ({item}) has quantity {plain(line.quantity)}, sent {plain(wanted)}")
        price = sent.get("UnitPrice")
        if price is not None and line.unit_price != Decimal(price["Value"]):
            held_price = plain(line.unit_price) if line.unit_price is not None else "no price"
            prices.append(f"line {number} ({item}) costs {held_price}, sent {price['Value']}")
        site = sent["WarehouseKey"]["Id"]
        if line.site and not same(line.site, site):
            others.append(f"line {number} ({item}) is at site {line.site}, sent {site}")
        if line.unit and not same(line.unit, sent["UofM"]):
            others.append(f"line {number} ({item}) is in {line.unit}, sent {sent['UofM']}")
    others += [f"line {number} ({line.item}) was not sent" for number, line in stored.items()]
    purchase_order = str(body["CustomerPONumber"])
    if not same(held.purchase_order, purchase_order):
        others.append(f"its PO number is {held.purchase_order or 'empty'}, sent {purchase_order}")
    return Differences(tuple(prices), tuple(others))
