"""What the lists of this pair have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from connector.pair import Survey
from netsuite_shipbob.clients import Accounts, document_of
from vendors.netsuite.books import units_of_ours
from vendors.netsuite.times import company_day

WAREHOUSE, ERP = "ShipBob", "NetSuite"


def day_of(survey: Survey[Accounts], moment: datetime) -> date:
    """The company's calendar day of an instant."""
    return company_day(moment, document_of(survey.connection).systems.netsuite.zone)


def units_text(units: Mapping[str, Decimal]) -> str:
    """Units by SKU as one text, which both sides write the same way."""
    return ", ".join(f"{sku} {count.normalize():f}" for sku, count in sorted(units.items()) if count)


def units_of(survey: Survey[Accounts], prefix: str, kinds: Iterable[str], first: date) -> dict[str, Any]:
    """Units by SKU of our transactions: external id -> [number, {sku: units}]."""
    found: dict[str, Any] = {}
    for kind in kinds:
        for row in units_of_ours(survey.clients.netsuite, prefix, kind, first.isoformat()):
            entry = found.setdefault(row.needed("external_id").upper(), [row.text("number"), {}])
            sku = row.needed("sku")
            entry[1][sku] = str(Decimal(entry[1].get(sku, "0")) + row.quantity("quantity"))
    return found


def by_source(ours: Mapping[str, Any]) -> dict[str, tuple[list[str], dict[str, Decimal]]]:
    """The same by the number behind the prefix: SB-IR-WRO-901001-2 belongs to 901001."""
    found: dict[str, tuple[list[str], dict[str, Decimal]]] = {}
    for external, (number, units) in ours.items():
        source = external.split("-")[3]
        numbers, total = found.setdefault(source, ([], {}))
        numbers.append(str(number or external))
        for sku, count in units.items():
            total[sku] = total.get(sku, Decimal(0)) + Decimal(count)
    return found
