"""What both sides hold of a window, listed for the reconciliation: labels with their numbers, and freight.

UPS has no list of labels. Its side is what it answered when a label was bought or voided, kept by the Ledger; with
`thorough` every number is asked for at UPS as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from acumatica_ups.book import VOID, label_key
from acumatica_ups.clients import Accounts, document_of
from acumatica_ups.found import SHIPPING
from acumatica_ups.labels import CONFIRMED
from acumatica_ups.purchase import LABEL
from acumatica_ups.settings import AcumaticaUps
from connector.audit import line_from_item
from connector.instants import day_text
from connector.intent import Intent, Stage, intent_from_item, intent_key
from connector.pair import Survey, Window
from connector.parts import in_parts
from connector.ports import pages
from connector.reconcile import Entry, Sides
from connector.record import Record
from vendors.acumatica.comparing import shipments
from vendors.acumatica.shapes import ShipmentBrief
from vendors.ups.shapes import Standing

ERP, CARRIER, STREAM = "Acumatica", "UPS", "labels"

Row = Mapping[str, Any]

LIMITS = (
    "UPS has no list of labels: its side is what it answered when they were bought and voided. With --thorough every "
    "number is asked for at UPS as well."
)


def labels(survey: Survey[Accounts]) -> Sides:
    """Tracking numbers on Acumatica's shipments against labels that UPS sold and nobody voided."""
    erp, sold = _both(survey)
    voided = {number for number, label in sold.items() if not label["numbers"]}
    left = [
        _entry(survey, row, {"numbers": _numbers(row["numbers"])}, "")
        for row in erp
        if row["numbers"] or (row["expected"] and row["number"] not in voided)
    ]
    right = []
    for number, label in sold.items():
        facts = {"numbers": _numbers(label["numbers"])}
        if survey.thorough:
            facts["numbers"] = _numbers(_asked(survey, label["numbers"]))
        if label["numbers"]:
            right.append(_entry(survey, {"number": number}, facts, f"UPS label {label['shipment_id']}"))
    return Sides("labels", (ERP, CARRIER), left, right, LIMITS)


def freight(survey: Survey[Accounts]) -> Sides:
    """What UPS charged for a label against the freight cost of the shipment, where it is written."""
    rules = document_of(survey.connection).settings.labels
    if not rules.freight_cost:
        return Sides("freight", (ERP, CARRIER), (), (), "Freight cost is not written for this connection.")
    erp, sold = _both(survey)
    priced = {number: label for number, label in sold.items() if label["cost"] and label["currency"] == rules.currency}
    left = [
        _entry(survey, row, {"freight": row["freight"]}, "") for row in erp if row["number"] in priced
    ]
    right = [
        _entry(survey, {"number": number}, {"freight": _money(label["cost"])}, f"UPS label {label['shipment_id']}")
        for number, label in priced.items()
    ]
    return Sides("freight", (ERP, CARRIER), left, right, "Charged when the label was bought; adjustments come later.")


def _both(survey: Survey[Accounts]) -> tuple[list[Row], dict[str, Row]]:
    """Acumatica's shipments of the window, those whose label was bought in it included, and their labels."""
    numbers = {*in_parts(survey, "changed shipments", partial(_changed, survey)), *_bought(survey)}
    read = shipments(survey, survey.clients.acumatica, numbers, partial(_shipment, document_of(survey.connection)))
    records = survey.others(STREAM, sorted(numbers))
    sold = {number: found for number, record in records.items() if (found := _sold(survey, record)) is not None}
    # A Ship Via that was taken out of the table since does not make a bought label foreign.
    return [row for row in read.values() if row["mapped"] or row["number"] in sold], sold


def _changed(survey: Survey[Accounts], window: Window) -> list[str]:
    """Numbers of the shipments that changed, by the list that the connection can use."""
    document, acumatica = document_of(survey.connection), survey.clients.acumatica
    if document.settings.labels.find_shipments != "orders":
        rows = acumatica.list_changed("Shipment", window.since, window.until, ("Status",))
        return [row.row.required_text("ShipmentNbr") for row in rows]
    found: list[str] = []
    for row in acumatica.list_changed("SalesOrder", window.since, window.until, ("Status",)):
        if row.row.text("Status") in SHIPPING:
            keys = row.row.required_text("OrderType"), row.row.required_text("OrderNbr")
            found += [each.shipment_number for each in acumatica.shipments_of_order(*keys) or ()]
    return list(dict.fromkeys(found))


def _bought(survey: Survey[Accounts]) -> set[str]:
    """Shipments for which the trail says that a label was bought in the window."""
    tables, found = survey.services.tables, set()
    own = survey.record_id(STREAM, "")  # lines of other connections, and of the operators' journal, stand there too
    day = survey.window.since
    while day_text(day) <= day_text(survey.window.until):
        text = day_text(day)
        lines = pages(lambda start, text=text: tables.query_index("audit", "by_day", text, start=start))  # type: ignore[misc]
        for line in map(line_from_item, lines):
            if line.record.startswith(own) and line.data.get("effect") == LABEL:
                found.add(line.record.removeprefix(own))
        day += timedelta(days=1)
    return found


def _shipment(document: AcumaticaUps, shipment: ShipmentBrief) -> Row | None:
    """What Acumatica holds of it; None for what is none of ours."""
    if shipment.type not in ("", "Shipment"):
        return None
    mapped = shipment.ship_via in document.tables.services
    created_since = shipment.created is not None and shipment.created >= document.start
    ready = shipment.status in CONFIRMED or shipment.status in document.settings.labels.statuses
    return {
        "number": shipment.number,
        "numbers": [package.tracking_number for package in shipment.packages if package.tracking_number],
        "mapped": mapped,
        "expected": mapped and created_since and ready,
        "freight": _money(str(shipment.freight_cost or 0)),
    }


def _sold(survey: Survey[Accounts], record: Record) -> Row | None:
    """The newest label that UPS surely sold, without what was voided; None when there is none."""
    revision, label = int(record.links.get("revision", 0)), None
    while (intent := _intent(survey, record, LABEL, label_key(record.source_key, revision))) is not None:
        label = intent if intent.stage is Stage.DONE else label
        revision += 1
    if label is None:
        return None
    shipment_id = str(label.reference["shipment_id"])
    void = _intent(survey, record, VOID, shipment_id)
    gone = set(record.links.get("voided_packages", ()))
    voided = void is not None and void.stage is Stage.DONE
    alive = [] if voided else [str(each) for each in label.reference["numbers"] if each not in gone]
    return {
        "shipment_id": shipment_id,
        "numbers": alive,
        "cost": "" if voided else str(label.reference.get("cost") or ""),
        "currency": str(label.reference.get("currency") or ""),
    }


def _intent(survey: Survey[Accounts], record: Record, effect: str, key: str) -> Intent | None:
    item = survey.services.tables.get("records", record.id, intent_key(effect, key))
    return intent_from_item(item) if item is not None else None


def _asked(survey: Survey[Accounts], numbers: list[str]) -> list[str]:
    """The numbers with what UPS says of those that are no good label (any more)."""
    told = []
    for number in numbers:
        state = survey.once(f"parcel {number}", partial(_state, survey, number))
        told.append(f"{number} ({state})" if state else number)
    return told


def _state(survey: Survey[Accounts], number: str) -> str:
    # Tracking, details: one call a parcel.
    found = survey.clients.ups.track(number).package(number)
    if found is None:
        return "not known to UPS"
    return "voided at UPS" if found.standing is Standing.VOIDED else ""


def _entry(survey: Survey[Accounts], row: Row, facts: Mapping[str, str], name: str) -> Entry:
    number = str(row["number"])
    return Entry(number, facts, name or f"shipment {number}", survey.record_id(STREAM, number))


def _numbers(numbers: list[str]) -> str:
    return ", ".join(sorted(numbers))


def _money(text: str) -> str:
    return f"{Decimal(text or 0):.2f}"


SURVEYS = {"labels": labels, "freight": freight}
