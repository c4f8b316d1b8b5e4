"""NetSuite sales order -> ShipBob order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.effect import Draft, Found
from connector.outcome import Held, Missing
from connector.record import short_hash, to_json
from netsuite_shipbob.settings import NetSuiteShipBob
from netsuite_shipbob.units import not_in_pieces
from vendors.netsuite.shapes import Line, Order
from vendors.shipbob.shapes import parse_order

OWNER = "netsuite_order"
"""Tag of a ShipBob order with the internal id of its sales order: NetSuite lets two orders have one number."""

_STATE_NEEDED = frozenset({"US", "CA", "AU"})


def revision_of(order: Order) -> str:
    """What of a sales order matters here."""
    lines = [[line.line_id, line.sku, str(line.ordered), line.location_id, line.closed] for line in order.lines]
    return short_hash(to_json([order.number, order.letter in ("B", "D", "E"), lines]))


def lines_for_shipbob(order: Order, document: NetSuiteShipBob) -> tuple[Line, ...]:
    """The open lines of goods at mapped locations."""
    return tuple(line for line in order.open_goods() if line.location_id in document.tables.locations)


@dataclass(frozen=True)
class Recipient:
    """Where the order goes, as NetSuite's record shows it. Personal: never logged."""

    document: Mapping[str, Any]
    problems: tuple[str, ...]


def recipient_of(record: Mapping[str, Any]) -> Recipient:
    """The ship-to of a sales order, and what it lacks for ShipBob."""
    address = record.get("shippingAddress")
    given: Mapping[str, Any] = address if isinstance(address, Mapping) else {}
    country = _enum(given.get("country")).upper()
    parts = {
        "address1": _text(given, "addr1"), "address2": _text(given, "addr2"), "city": _text(given, "city"),
        "state": _text(given, "state"), "zip_code": _text(given, "zip"), "country": country,
    }  # fmt: skip
    name = _text(given, "attention") or _text(given, "addressee")
    problems = [f"the ship-to has no {what}" for what, value in (
        ("name", name), ("street", parts["address1"]), ("city", parts["city"]), ("country", country),
    ) if not value]  # fmt: skip
    if country in _STATE_NEEDED:
        problems += [f"the ship-to has no {what}" for what, key in (("state", "state"), ("postal code", "zip_code"))
                     if not parts[key]]  # fmt: skip
    company = _text(given, "addressee") if _text(given, "attention") else ""
    kept = {key: value for key, value in {**parts, "company_name": company}.items() if value}
    document: dict[str, Any] = {"name": name, "address": kept}
    for key, value in (("email", _text(record, "email")), ("phone_number", _text(given, "addrPhone"))):
        if value:
            document[key] = value
    return Recipient(document, tuple(problems))


def order_draft(
    order: Order,
    reference: str,
    record: Mapping[str, Any],
    inventory: Mapping[str, int],
    methods: Sequence[str],
    document: NetSuiteShipBob,
) -> Draft | Held:
    """The order as ShipBob wants it, or what is missing for it."""
    lines = lines_for_shipbob(order, document)
    held = not_in_pieces(order, lines, document)
    if held is not None:
        return held
    missing = [Missing("shipbob item", line.sku) for line in lines if line.sku not in inventory]
    chosen = _enum(record.get("shipMethod"))
    method = document.tables.ship_methods.get(chosen)
    if method is None:
        missing.append(Missing("ship_methods", chosen))
    if missing:
        names = ", ".join(f"{one.kind} {one.value or '(none)'}" for one in missing)
        return Held(
            f"sales order {order.number}: not known are {names}. It continues when ShipBob has one product of that SKU "
            "(a bundle or kit does not count: send that order by hand) and tables.ship_methods names the ship method.",
            tuple(dict.fromkeys(missing)),
        )
    if str(method).casefold() not in {name.casefold() for name in methods}:
        return Held(
            f"sales order {order.number}: ShipBob has no shipping method {method!r} and would silently ship as "
            "Standard. Create it there or correct table ship_methods, then replay."
        )
    broken = [line.sku for line in lines if line.open != line.open.to_integral_value()]
    recipient = recipient_of(record)
    problems = [*recipient.problems, *(f"{sku} has a broken quantity" for sku in broken)]
    if problems:
        return Held(f"sales order {order.number} cannot be shipped: {'; '.join(problems)}. Correct it, then replay.")
    products = [
        {"reference_id": line.sku, "sku": line.sku, "name": line.sku, "quantity": int(line.open),
         "external_line_id": line.line_id}
        for line in lines
    ]  # fmt: skip
    body = {
        "reference_id": reference, "order_number": order.number, "type": "DTC", "shipping_method": method,
        "recipient": recipient.document, "products": products,
        "tags": [{"name": OWNER, "value": order.order_id}],
    }  # fmt: skip
    sent = {str(line.line_id): [line.sku, int(line.open), f"{line.ordered.normalize():f}"] for line in lines}
    return Draft(body, {"reference": reference, "lines": sent})


def order_differences(found: Found, draft: Draft) -> list[str]:
    """What differs between an order that ShipBob holds under our reference and the one we would send."""
    there = parse_order(found.body)
    owner, ours = dict(there.tags).get(OWNER), draft.body["tags"][0]["value"]
    if owner not in (None, ours):
        return [f"it is of another sales order of the same number (internal id {owner}, this one is {ours})"]
    held: dict[str, int] = {}
    for line in there.lines:
        sku = line.sku or line.reference_id or ""
        held[sku] = held.get(sku, 0) + line.quantity
    wanted: dict[str, int] = {}
    for sku, units, _ in draft.identity["lines"].values():
        wanted[sku] = wanted.get(sku, 0) + int(units)
    return [
        f"{sku}: it has {held.get(sku, 0)}, the sales order {wanted.get(sku, 0)}"
        for sku in sorted({*held, *wanted})
        if held.get(sku, 0) != wanted.get(sku, 0)
    ]


def changes_of(sent: Mapping[str, Sequence[Any]], order: Order, document: NetSuiteShipBob) -> list[str]:
    """What changed in NetSuite after the order was sent, in words. Fulfilments are no change."""
    lines = {str(line.line_id): line for line in order.lines}
    changes = ["it was cancelled or closed"] if order.letter in ("C", "H") else []
    for key, (sku, _, ordered) in sent.items():
        line = lines.get(key)
        if line is None or line.sku != sku:
            changes.append(f"line {key} ({sku}) is no more")
        elif f"{line.ordered.normalize():f}" != str(ordered):
            changes.append(f"line {key} ({sku}) is {line.ordered.normalize():f}, it was {ordered}")
        elif line.closed:
            changes.append(f"line {key} ({sku}) was closed")
    new = [line for line in lines_for_shipbob(order, document) if str(line.line_id) not in sent]
    return changes + [f"line {line.line_id} ({line.sku}) is new" for line in new]


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    return value.strip() if isinstance(value, str) else ""


def _enum(value: Any) -> str:
    return str(value.get("id") or "") if isinstance(value, Mapping) else str(value or "")
