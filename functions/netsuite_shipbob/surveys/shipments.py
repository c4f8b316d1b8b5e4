"""ShipBob's shipments against our fulfilments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial
from typing import Any

from connector.pair import Survey
from connector.reconcile import Entry, Sides
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.mapping.shipments import order_name
from netsuite_shipbob.neighbours import owner_of_shipment
from netsuite_shipbob.surveys.sides import ERP, WAREHOUSE, day_of
from vendors.netsuite.books import tracking_of_ours
from vendors.netsuite.rows import Row
from vendors.netsuite.shapes import FULFILMENT


def shipments(survey: Survey[Accounts]) -> Sides:
    """ShipBob shipments that left against NetSuite's fulfilments of ours: there at all, tracking numbers."""
    document = document_of(survey.connection)
    if document.settings.shipments.mode == "so_custom_fields":
        return Sides("shipments", (WAREHOUSE, ERP), (), (), "Nothing is fulfilled in the mode so_custom_fields.")
    left_rows: list[dict[str, Any]] = survey.once("shipments that left", partial(_left, survey))
    first = day_of(survey, survey.window.since) - timedelta(days=7)
    rows: dict[str, list[str]] = survey.once("our fulfilments", lambda: _tracked(survey, first))
    left = [
        Entry(
            str(row["id"]), {"tracking": str(row["tracking"])}, f"ShipBob shipment {row['id']} of {row['name']}",
            survey.record_id("shipments", str(row["order_id"])),
        )
        for row in left_rows
    ]  # fmt: skip
    record_of = {str(row["id"]): str(row["order_id"]) for row in left_rows}
    right = [
        Entry(key, {"tracking": ", ".join(sorted(numbers))}, f"fulfilment SB-IF-{key}",
              survey.record_id("shipments", record_of[key]))
        for key, numbers in rows.items()
        if key in record_of
    ]  # fmt: skip
    return Sides(
        "shipments", (WAREHOUSE, ERP), left, right,
        "What ShipBob shipped in the window is the list; fulfilments made by people do not count.",
    )  # fmt: skip


def _left(survey: Survey[Accounts]) -> list[dict[str, Any]]:
    document, rows = document_of(survey.connection), []
    rules = document.settings.shipments
    for orders in survey.clients.shipbob.orders_updated(survey.window.since):
        for order in orders:
            name = order_name(order.reference_id, order.order_number, document)
            if name is None or (rules.channels and order.channel_id not in rules.channels):
                continue
            for shipment in order.shipments:
                changed = shipment.last_update_at or shipment.labeled_at
                late = changed is not None and changed > survey.window.until
                left = shipment.status in rules.ship_on and shipment.tracking_number and not late
                if left and not owner_of_shipment(survey.services, document, shipment.location_id):
                    rows.append({
                        "id": shipment.shipment_id, "order_id": order.order_id, "name": name,
                        "tracking": shipment.tracking_number,
                    })  # fmt: skip
    return rows


def _tracked(survey: Survey[Accounts], first: date) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    rows: Iterable[Row] = tracking_of_ours(survey.clients.netsuite, "SB-IF-", FULFILMENT, first.isoformat())
    for row in rows:
        found.setdefault(row.needed("external_id").split("-")[2], set()).add(row.needed("tracking_number"))
    return {key: sorted(numbers) for key, numbers in found.items()}
