"""What a piece of work on a ShipBob order knows: the case, and what earlier shipments took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from acumatica_shipbob.clients import Accounts
from acumatica_shipbob.mapping.shipments import SentLine
from acumatica_shipbob.settings import AcumaticaShipBob
from connector.pair import Work
from connector.record import Record
from vendors.shipbob.shapes import Order


@dataclass(frozen=True)
class Case:
    """One ShipBob order with the sales order it belongs to."""

    document: AcumaticaShipBob
    order: Order
    erp_order: tuple[str, str]
    customer: str
    sent: tuple[SentLine, ...]
    progress: Mapping[str, Any]


def earlier(work: Work[Accounts], case: Case) -> dict[int, Decimal]:
    """Base units of each line that earlier shipments took."""
    return taken_of(work.links["posted"], case.sent)


def taken_of(posted: Mapping[str, Any], sent: Sequence[SentLine]) -> dict[int, Decimal]:
    """Base units of each line that written shipments took."""
    factors = {line.line_number: line.factor for line in sent}
    taken: dict[int, Decimal] = {}
    for entry in posted.values():
        for line, quantity in entry["lines"].items():
            taken[int(line)] = taken.get(int(line), Decimal(0)) + Decimal(quantity) * factors.get(int(line), Decimal(1))
    return taken


def sent_lines(source: Record) -> tuple[SentLine, ...]:
    """The lines of a sent order, by the record of the order."""
    lines = [
        SentLine(int(row[0]), str(row[1]), int(row[2]), Decimal(str(row[3])), str(row[4]), int(row[5]), str(row[6]))
        for row in source.links["lines"]
    ]
    return tuple(sorted(lines, key=lambda line: line.line_number))


def numbers_of_others(work: Work[Accounts]) -> frozenset[str]:
    """Acumatica shipments that belong to other ShipBob shipments; they need not be looked into."""
    return frozenset(number for posted in work.links["posted"].values() for number in posted["numbers"])

