"""Sales orders against ShipBob orders: there at all, cancelled or not, how many units."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from acumatica_shipbob.clients import Accounts, document_of
from acumatica_shipbob.mapping.orders import order_key_of, reference_of
from acumatica_shipbob.surveys.sides import ERP, WAREHOUSE, Row, ours
from connector.pair import Survey, Window
from connector.parts import in_parts
from connector.reconcile import Entry, Sides
from connector.record import Record
from vendors.acumatica.calls import Ask
from vendors.acumatica.selling import CANCELLED, STOPPED, plain
from vendors.shipbob.client import REFERENCES_PER_CALL
from vendors.shipbob.shapes import Order

HEADER = ("Status", "Hold", "OrderedQty", "OrderTotal")


def orders(survey: Survey[Accounts]) -> Sides:
    """Sales orders against ShipBob orders: there at all, cancelled or not, how many units.

    Both lists are of the window; what stands on one of them alone is looked for on the other side by its key.
    """
    document = document_of(survey.connection)
    erp: dict[str, Row] = {row["key"]: row for row in in_parts(survey, "changed orders", partial(_changed, survey))}
    held: list[Row] = list(survey.once("created orders", lambda: _created(survey)))
    records = survey.others("orders", [*erp, *(str(row["key"]) for row in held)])
    wanted = {key for key, row in erp.items() if _expected(row, records.get(key), document.settings.orders.statuses)}
    there = {str(row["key"]) for row in held}
    for place in range(0, len(lacking := sorted(wanted - there)), REFERENCES_PER_CALL):
        part = lacking[place : place + REFERENCES_PER_CALL]
        held += survey.once(f"orders by reference {part[0]}", partial(_by_reference, survey, part))
    for key in sorted({str(row["key"]) for row in held} - set(erp)):
        found = survey.once(f"order {key}", partial(_one_order, survey, key))
        if found is not None:
            erp[key] = found
    keys = wanted | {str(row["key"]) for row in held}
    return Sides(
        "orders", (ERP, WAREHOUSE),
        [_erp_order(survey, erp[key], records.get(key)) for key in sorted(keys & set(erp))],
        [
            Entry(str(row["key"]), {"state": row["state"], "units": str(row["units"])},
                  f"ShipBob order {row['order_id']}", survey.record_id("orders", str(row["key"])))
            for row in held
        ],
        "Units of an order are those that were sent, while Acumatica's quantity and total are what they were then.",
    )


def _changed(survey: Survey[Accounts], window: Window) -> list[Row]:
    rules = document_of(survey.connection).settings.orders
    rows = survey.clients.acumatica.list_changed("SalesOrder", window.since, window.until, HEADER)
    return [found for row in rows if (found := _header(row.row))["type"] in rules.order_types]


def _header(row: Any) -> dict[str, Any]:
    order_type, number = row.required_text("OrderType"), row.required_text("OrderNbr")
    return {
        "key": f"{order_type}/{number}",
        "type": order_type,
        "status": row.text("Status") or "",
        "hold": bool(row.flag("Hold")),
        "ordered": [plain(row.number("OrderedQty")), plain(row.number("OrderTotal"))],
    }


def _one_order(survey: Survey[Accounts], key: str) -> Row | None:
    row = survey.clients.acumatica.get("SalesOrder", key.split("/", 1), Ask(select=("OrderType", "OrderNbr", *HEADER)))
    return _header(row) if row is not None else None


def _created(survey: Survey[Accounts]) -> list[Row]:
    window, found = survey.window, []
    for orders in survey.clients.shipbob.orders_created(window.since, window.until):
        found += [order for order in orders if ours(survey, order)]
    return [_held(survey, order) for order in found]


def _by_reference(survey: Survey[Accounts], keys: Sequence[str]) -> list[Row]:
    document = document_of(survey.connection)
    references = [reference_of(document, *key.split("/", 1)) for key in keys]
    return [_held(survey, order) for order in survey.clients.shipbob.find_by_references(references)]


def _held(survey: Survey[Accounts], order: Order) -> Row:
    return {
        "key": order_key_of(document_of(survey.connection), order.reference_id),
        "order_id": order.order_id,
        "state": "cancelled" if order.is_cancelled else "live",
        "units": sum(line.quantity for line in order.lines),
    }


def _expected(row: Row, record: Record | None, statuses: Sequence[str]) -> bool:
    """Whether ShipBob should hold the order: it was sent, or it looks released."""
    if record is not None and "shipbob_order_id" in record.links:
        return True
    return row["status"] in statuses and not row["hold"]


def _erp_order(survey: Survey[Accounts], row: Row, record: Record | None) -> Entry:
    """Its units are those that were sent while the header still says what it said then."""
    facts = {"state": "cancelled" if row["status"] in CANCELLED else "live"}
    links = record.links if record is not None else {}
    if "lines" in links:
        same = list(links.get("ordered") or ()) == list(row["ordered"])
        sent = sum(int(line[2]) for line in links["lines"])
        facts["units"] = str(sent) if same else f"{sent} sent, then changed to {row['ordered'][0]} ordered"
    because = f"it is {row['status']} in Acumatica" if row["status"] in STOPPED and not links else ""
    return Entry(row["key"], facts, f"sales order {row['key']}", survey.record_id("orders", row["key"]), because)
