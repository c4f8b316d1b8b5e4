"""One ShipBob shipment -> an unposted GP invoice or fulfilment order.

Source: GP Web Service Reference, "SalesInvoice", "SalesFulfillmentOrder".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connector.effect import Draft
from dynamicsgp_shipbob.mapping.amounts import LINE_STEP, NO_DATE, money, quantity
from dynamicsgp_shipbob.mapping.shipments import SentLine, Target
from dynamicsgp_shipbob.settings import DynamicsGpShipBob


@dataclass(frozen=True)
class DraftNames:
    """What a draft is called in GP: number, PO number, type of the document, GP's id of that type."""

    number: str
    purchase_order: str
    type: str
    type_id: str


def shipment_draft(
    names: DraftNames,
    document: DynamicsGpShipBob,
    source: Mapping[str, Any],
    sent: Sequence[SentLine],
    alone: Target,
    sites: Mapping[str, str],
) -> Draft:
    """The part of the order that one shipment holds (`alone`), for the customer of the order (`source`: its links).

    `sites`: those of the order's lines, where ShipBob names no centre.
    """
    currency, number = str(source["currency"]), names.number
    lines: list[dict[str, Any]] = []
    for line in sent:
        left = alone.lines[line.sequence]
        if left.left > 0:
            site = min(left.sites, default="") or sites.get(str(line.sequence), "")
            lines.append(_line(len(lines) + 1, line, left.left, left.day, site, currency))
    body: dict[str, Any] = {
        "Key": {"Id": number},
        "Date": alone.day,
        "CustomerPONumber": names.purchase_order,
        "DocumentTypeKey": {"Type": names.type, "Id": names.type_id},
        "ActualShipDate": alone.day,
        "WarehouseKey": lines[0]["WarehouseKey"] if lines else None,
        "CustomerKey": {"Id": source["customer"]},
        "BatchKey": {"Id": document.settings.shipments.draft_batch, "CreatedDateTime": NO_DATE},
        "CurrencyKey": {"ISOCode": currency},
        "TrackingNumbers": [{"Key": {"SalesDocumentKey": {"Id": number}, "Id": name}} for name in alone.tracking],
        "Lines": lines,
    }
    rows = [[line["ItemKey"]["Id"], line["UofM"], line["Quantity"]["Value"]] for line in lines]
    return Draft(body, {"customer": source["customer"], "lines": rows})


def _line(index: int, line: SentLine, left: Decimal, day: str, site: str, currency: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Key": {"LineSequenceNumber": str(LINE_STEP * index)},
        "Quantity": quantity(left),
        "UofM": line.unit,
        "WarehouseKey": {"Id": site},
        "ItemKey": {"Id": line.item},
        "QuantityFulfilled": quantity(left),
        "BillingQuantity": quantity(left),
        "ActualShipDate": day,
    }
    return made if line.price is None else {**made, "UnitPrice": money(line.price, currency)}
