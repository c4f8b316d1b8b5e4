"""What ShipBob restocked of returns against what NetSuite received or adjusted for them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from connector.outcome import Held
from connector.pair import Survey
from connector.reconcile import Entry, Sides
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.mapping.returns import came_back
from netsuite_shipbob.neighbours import owner_of_centre
from netsuite_shipbob.surveys.sides import ERP, WAREHOUSE, by_source, day_of, units_of, units_text
from vendors.netsuite.shapes import ADJUSTMENT, RECEIPT


def returns(survey: Survey[Accounts]) -> Sides:
    """What ShipBob restocked of returns against what NetSuite received or adjusted for them, by SKU."""
    document = document_of(survey.connection)
    if document.settings.returns.mode == "off":
        return Sides("returns", (WAREHOUSE, ERP), (), (), "Returns are switched off for this connection.")
    listed: list[dict[str, Any]] = survey.once("returns", partial(_returned, survey))
    first = day_of(survey, survey.window.since) - timedelta(days=1)
    ours: dict[str, Any] = survey.once(
        "our return receipts",
        lambda: units_of(survey, "SB-IR-RET-", [RECEIPT], first) | units_of(survey, "SB-IA-RET-", [ADJUSTMENT], first),
    )
    left = [
        Entry(str(row["id"]), {"units": str(row["units"])}, f"return {row['id']}",
              survey.record_id("returns", str(row["id"])))
        for row in listed
    ]  # fmt: skip
    known = {entry.key for entry in left}
    right = [
        Entry(source, {"units": units_text(units)}, f"NetSuite {', '.join(numbers)}",
              survey.record_id("returns", source))
        for source, (numbers, units) in by_source(ours).items()
        if source in known
    ]  # fmt: skip
    limits = "Completed returns; what was disposed of comes back nowhere."
    return Sides("returns", (WAREHOUSE, ERP), left, right, limits)


def _returned(survey: Survey[Accounts]) -> list[dict[str, Any]]:
    rows = []
    document = document_of(survey.connection)
    quarantine = document.settings.returns.quarantine_location
    since = max(survey.window.since, survey.connection.document.start)
    for found in (each for page in survey.clients.shipbob.returns.list(completed_since=since) for each in page):
        came = came_back(found, survey.clients.shipbob.inventory_sku)
        if owner_of_centre(survey.services, document, found.location_id):
            continue
        late = found.completed_at is not None and found.completed_at > survey.window.until
        if late or isinstance(came, Held):
            continue
        units = {sku: Decimal(count) for sku, count in came.restocked.items()}
        for sku, count in came.quarantined.items() if quarantine else ():
            units[sku] = units.get(sku, Decimal(0)) + count
        if units:
            rows.append({"id": found.return_id, "units": units_text(units)})
    return rows
