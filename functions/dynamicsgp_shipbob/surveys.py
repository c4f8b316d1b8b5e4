"""What both sides hold of a window, listed for the reconciliation: orders, shipments, returns.

GP's list shows totals and no lines, tracking numbers or voids. Without --thorough the side of GP is what its list says
and what we saw when we read a document last; with it every document is read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from connector.pair import Survey
from connector.reconcile import Entry, Sides
from connector.record import Record
from dynamicsgp_shipbob.clients import Accounts, document_of
from dynamicsgp_shipbob.entering import ENTITIES
from dynamicsgp_shipbob.mapping.orders import names_of
from dynamicsgp_shipbob.mapping.returns import purchase_order_of
from dynamicsgp_shipbob.mapping.shipments import has_left
from dynamicsgp_shipbob.orders import ours
from vendors.shipbob.shapes import Order

ERP, WAREHOUSE = "Dynamics GP", "ShipBob"
Row = Mapping[str, Any]


def orders(survey: Survey[Accounts]) -> Sides:
    """ShipBob's orders of the window against GP's documents with our PO numbers: there at all, and the lines' total."""
    document = document_of(survey.connection)
    held: list[Row] = list(survey.once("created orders", lambda: _created(survey)))
    prefix = f"{document.settings.orders.prefix}-"
    listed = {row["id"]: row for row in survey.once("documents", lambda: _documents(survey, prefix)) if row["orders"]}
    records = survey.others("orders", [row["id"] for row in held])
    left, right = [], []
    for row in held:
        found = listed.get(row["id"]) or survey.once(f"document {row['id']}", partial(_document, survey, row["id"]))
        because = "it was cancelled before it was entered" if row["cancelled"] and found is None else ""
        left.append(_entry(survey, "orders", row["id"], _priced(row, records.get(row["id"])), row["name"], because))
        if found is not None:
            right.append(_entry(survey, "orders", row["id"], {"lines": found["lines"]}, found["name"]))
    known = {row["id"] for row in held}
    strangers = [row for key, row in listed.items() if key not in known]
    present = survey.others("orders", [row["id"] for row in strangers])
    right += [_entry(survey, "orders", row["id"], {}, row["name"]) for row in strangers if row["id"] not in present]
    return Sides(
        "orders", (WAREHOUSE, ERP), left, right,
        "Totals are those of the lines, where ShipBob states every price; GP's list shows no lines and no voids.",
    )


def shipments(survey: Survey[Accounts]) -> Sides:
    """Tracking numbers that ShipBob shows against those on GP's orders."""
    held: list[Row] = [row for row in survey.once("created orders", lambda: _created(survey)) if row["tracking"]]
    keys = [row["id"] for row in held]
    sources, records = survey.others("orders", keys), survey.others("shipments", keys)
    left, right = [], []
    for row in held:
        key, source = row["id"], sources.get(row["id"])
        because = "" if source is not None and source.links.get("number") else "its order is not in GP"
        left.append(_entry(survey, "shipments", key, {"tracking": row["tracking"]}, row["name"], because))
        numbers = _in_gp(survey, key, source, records.get(key))
        if numbers is not None:
            right.append(_entry(survey, "shipments", key, {"tracking": numbers}, f"the GP order of {row['name']}"))
    limits = "GP's side is what was read when it was written last; --thorough reads every order again."
    return Sides("shipments", (WAREHOUSE, ERP), left, right, limits)


def returns(survey: Survey[Accounts]) -> Sides:
    """Returns that ShipBob completed against GP's returns with our PO numbers."""
    document = document_of(survey.connection)
    if document.settings.returns.document != "sales_return":
        return Sides("returns", (WAREHOUSE, ERP), (), (), "Returns are entered as adjustments, without PO numbers.")
    held: list[Row] = list(survey.once("completed returns", lambda: _completed(survey)))
    prefix = f"{document.settings.returns.return_prefix}-"
    in_gp = survey.once("returns in GP", lambda: _documents(survey, prefix))
    listed = {row["id"] for row in in_gp if not row["orders"]}
    left = [_entry(survey, "returns", row["id"], {}, row["name"]) for row in held]
    right = [
        _entry(survey, "returns", row["id"], {}, purchase_order_of(document, row["id"]))
        for row in held
        if row["id"] in listed
    ]
    return Sides("returns", (WAREHOUSE, ERP), left, right, "Units are compared when a return is entered, not here.")


# ---- reading ------------------------------------------------------------------------------------------------------


def _created(survey: Survey[Accounts]) -> list[Row]:
    document, window = document_of(survey.connection), survey.window
    pages = survey.clients.shipbob.orders_created(window.since, window.until)
    return [_held(survey, order) for orders in pages for order in orders if ours(order, document)]


def _held(survey: Survey[Accounts], order: Order) -> Row:
    document = document_of(survey.connection)
    prices = [line.unit_price for line in order.lines]
    total = sum((Decimal(line.quantity) * (line.unit_price or 0) for line in order.lines), Decimal(0))
    numbers = {one.tracking_number for one in order.shipments if has_left(one, document)}
    return {
        "id": str(order.order_id),
        "name": f"ShipBob order {order.order_id}",
        "cancelled": order.is_cancelled,
        "lines": f"{total:.2f}" if all(price is not None for price in prices) else "",
        "tracking": ", ".join(sorted(number for number in numbers if number)),
    }


def _priced(row: Row, record: Record | None) -> dict[str, str]:
    """The total is a fact only where every price was sent: GP's price lists decide about the others."""
    sent = record is not None and all(line[5] is not None for line in record.links.get("lines") or ((None,) * 6,))
    return {"lines": str(row["lines"])} if row["lines"] and sent else {}


def _documents(survey: Survey[Accounts], prefix: str) -> list[Row]:
    """GP's documents whose PO number begins with ours. An order that was transferred shows as an invoice too."""
    found = survey.clients.dynamics_gp.documents_like(prefix, survey.window.since)
    rows: dict[str, Row] = {}
    for row in found:
        key = row.purchase_order[len(prefix) :]  # whatever the letter case of the prefix
        if key.isdigit() and (row.kind == "Order" or key not in rows):
            rows[key] = _listed(key, row)
    return list(rows.values())


def _listed(key: str, row: Any) -> Row:
    return {
        "id": key,
        "name": f"GP {row.kind.lower()} {row.number}",
        "orders": row.kind in ENTITIES,
        "lines": f"{row.line_total:.2f}" if row.line_total is not None else "",
    }


def _document(survey: Survey[Accounts], key: str) -> Row | None:
    names = names_of(document_of(survey.connection), key)
    rows = survey.clients.dynamics_gp.documents_by_purchase_order(names.purchase_order)
    mine = sorted((row for row in rows if row.kind in ENTITIES), key=lambda row: row.kind != "Order")
    return _listed(key, mine[0]) if mine else None


def _in_gp(survey: Survey[Accounts], key: str, source: Record | None, record: Record | None) -> str | None:
    if source is None or not source.links.get("number"):
        return None
    if not survey.thorough:
        return ", ".join(sorted(record.links.get("tracking") or ())) if record is not None else ""
    numbers: str | None = survey.once(f"order {key}", partial(_read, survey, source))
    return numbers


def _read(survey: Survey[Accounts], source: Record) -> str | None:
    entity = ENTITIES[str(source.links.get("kind", "Order"))]
    held = survey.clients.dynamics_gp.document(entity, str(source.links["number"]))
    return ", ".join(sorted(held.tracking)) if held is not None else None


def _completed(survey: Survey[Accounts]) -> list[Row]:
    document, window = document_of(survey.connection), survey.window
    ignored = document.settings.orders.ignore_channels
    rows: list[Row] = []
    for found in survey.clients.shipbob.returns.list(completed_since=window.since, statuses=("Completed",)):
        for one in found:
            ended = one.completed_at or one.created_at
            if one.channel_id not in ignored and (ended is None or document.start <= ended <= window.until):
                rows.append({"id": str(one.return_id), "name": f"ShipBob return {one.return_id}"})
    return rows


def _entry(
    survey: Survey[Accounts], stream: str, key: str, facts: Mapping[str, str], name: str, because: str = ""
) -> Entry:
    return Entry(key, facts, name, survey.record_id(stream, key), because)


SURVEYS = {"orders": orders, "shipments": shipments, "returns": returns}
