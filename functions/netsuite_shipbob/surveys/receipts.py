"""What ShipBob stowed against what NetSuite received, by receiving order."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from connector.pair import Survey
from connector.reconcile import Entry, Sides
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.places import expected_of, owner_of_receiving
from netsuite_shipbob.surveys.sides import ERP, WAREHOUSE, by_source, day_of, units_of, units_text
from vendors.netsuite.shapes import ADJUSTMENT, RECEIPT
from vendors.shipbob.receiving import OPEN_STATUSES
from vendors.shipbob.shapes import ReceivingOrder
from vendors.shipbob.shapes.receiving import CANCELLED, COMPLETED

REACH = timedelta(days=180)


def receipts(survey: Survey[Accounts]) -> Sides:
    """What ShipBob has stowed of each receiving order against what NetSuite has received of it, by SKU."""
    listed: list[dict[str, Any]] = survey.once("receiving orders", partial(_receiving, survey))
    days = [date.fromisoformat(str(row["day"])) for row in listed]
    first = min([*days, day_of(survey, survey.window.since)])
    ours: dict[str, Any] = survey.once(
        "our receipts",
        lambda: units_of(survey, "SB-IR-WRO-", [RECEIPT], first) | units_of(survey, "SB-IA-WRO-", [ADJUSTMENT], first),
    )
    left = [
        Entry(
            str(row["id"]),
            {"units": units_text({sku: Decimal(units) for sku, units in row["units"].items()})},
            f"receiving order {row['id']} ({row['number'] or 'no number'})",
            survey.record_id("receipts", str(row["id"])),
        )
        for row in listed
    ]
    known = {entry.key for entry in left}
    right = [
        Entry(
            source,
            {"units": units_text(units)},
            f"NetSuite {', '.join(numbers)}",
            survey.record_id("receipts", source),
        )
        for source, (numbers, units) in by_source(ours).items()
        if source in known
    ]
    return Sides(
        "receipts", (WAREHOUSE, ERP), left, right,
        "Receiving orders that are open or cancelled, or were completed in the window; receipts made by people do not "
        "count.",
    )  # fmt: skip


def _receiving(survey: Survey[Accounts]) -> list[dict[str, Any]]:
    """Cancelled ones too: what was stowed of them before is on the shelf."""
    receiving, start = survey.clients.shipbob.receiving, survey.connection.document.start
    since = max(start, survey.window.since - REACH)
    rows: dict[int, dict[str, Any]] = {}
    for pages in (
        receiving.list(statuses=(*OPEN_STATUSES, CANCELLED), created_since=since),
        receiving.list(statuses=(COMPLETED,), completed_since=survey.window.since),
    ):
        for wro in (order for page in pages for order in page):
            stowed: dict[str, int] = {}
            for row in (each for each in wro.quantities if each.stowed):
                sku = row.sku or survey.clients.shipbob.inventory_sku(row.inventory_id)
                name = sku or f"inventory {row.inventory_id}"
                stowed[name] = stowed.get(name, 0) + row.stowed  # several rows may be of one SKU
            ours = stowed and (wro.created_at is None or wro.created_at >= start)
            if ours and not _of_another(survey, wro):
                day = day_of(survey, wro.created_at or survey.window.since).isoformat()
                rows[wro.receiving_id] = {
                    "id": wro.receiving_id, "number": wro.purchase_order_number, "day": day, "units": stowed,
                }  # fmt: skip
    return list(rows.values())


def _of_another(survey: Survey[Accounts], wro: ReceivingOrder) -> bool:
    """Whether a receiving order is of another connection of the same accounts."""
    document, number = document_of(survey.connection), wro.purchase_order_number
    if number and expected_of(survey.services, document, number) is not None:
        return False
    return bool(owner_of_receiving(survey.services, document, number, wro.location_id))
