"""What a piece of work on a ShipBob order knows: the case, and the sales order read at most once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from acumatica_shipbob.clients import Accounts
from acumatica_shipbob.mapping.shipments import SentLine
from acumatica_shipbob.settings import AcumaticaShipBob
from connector.absence import ONCE_MORE, ask_again_at
from connector.faults import FaultKind, VendorFault
from connector.pair import Work
from connector.record import Record
from vendors.acumatica.shapes import SalesOrder
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


class ErpOrder:
    """The sales order, read when first needed and at most once."""

    def __init__(self, work: Work[Accounts], erp_order: tuple[str, str], field: str | None) -> None:
        self._work, self._erp_order, self._field = work, erp_order, field
        self._order: SalesOrder | None = None
        self._listed: list[str] | None = None

    def get(self) -> SalesOrder:
        """The order as it was when first read. Raises VendorFault(NOT_FOUND)."""
        if self._order is None:
            custom = (f"Document.{self._field}",) if self._field else ()
            self._order = self._work.clients.acumatica.sales_order(*self._erp_order, custom=custom)
            self._listed = [shipment.shipment_number for shipment in self._order.shipments] if self._order else None
        if self._order is None:
            text = f"sales order {'/'.join(self._erp_order)} no longer exists"
            again = ask_again_at(self._work, text)
            if again is not None:
                raise VendorFault("Acumatica", FaultKind.UNAVAILABLE, f"{text}; {ONCE_MORE}", retry_at=again)
            raise VendorFault("Acumatica", FaultKind.NOT_FOUND, text)
        return self._order

    def outdated(self) -> None:
        """Says that a shipment is being written: what was read before cannot show it."""
        self._listed = None

    def shipment_numbers(self) -> list[str]:
        """Numbers of the order's shipments, read again after one was written."""
        if self._order is None:
            self.get()
        if self._listed is None:
            listed = self._work.clients.acumatica.shipments_of_order(*self._erp_order) or ()
            self._listed = [shipment.shipment_number for shipment in listed]
        return self._listed
