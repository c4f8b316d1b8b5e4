"""What a ShipBob invoice is made of, for any ledger: fee rows grouped, taxes apart, and what does not add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from vendors.shipbob.shapes.billing import Invoice, Transaction

CENT = Decimal("0.01")
NO_FEE = "(no fee type)"


@dataclass(frozen=True)
class ChargeLine:
    """One line of a bill: a fee type at a fulfilment centre, or a tax on it. Amounts keep ShipBob's sign."""

    fee: str
    location: str
    amount: Decimal
    tax: str = ""  # the tax type; empty for the fee itself
    rows: int = 0


@dataclass(frozen=True)
class InvoiceSplit:
    """An invoice as lines. `difference` is what the invoice holds beyond the sum of its lines; it is never hidden."""

    lines: tuple[ChargeLine, ...]
    difference: Decimal
    transaction_ids: tuple[str, ...]
    other_currencies: tuple[str, ...]

    @property
    def fees(self) -> tuple[str, ...]:
        """The fee types, each once."""
        return tuple(dict.fromkeys(line.fee for line in self.lines))


def split_invoice(invoice: Invoice, rows: Iterable[Transaction]) -> InvoiceSplit:
    """Groups an invoice's rows by fee type and fulfilment centre; each transaction id counts once.

    Row amounts are before tax, the invoice includes it; WRO receiving fees were seen to include it already (then a
    difference remains and is shown). Source: ShipBob "Billing" guide and live rows.
    """
    once = {row.transaction_id: row for row in rows}
    foreign = sorted({row.currency for row in once.values()} - {invoice.currency})
    fees: dict[tuple[str, str], tuple[Decimal, int]] = {}
    taxes: dict[tuple[str, str, str], tuple[Decimal, int]] = {}
    for row in once.values():
        place = (row.fee or NO_FEE, row.location_name or "")
        total, count = fees.get(place, (Decimal(0), 0))
        fees[place] = (total + row.amount, count + 1)
        for tax in row.taxes:
            taxed = (*place, tax.tax_type or "tax")
            total, count = taxes.get(taxed, (Decimal(0), 0))
            taxes[taxed] = (total + tax.amount, count + 1)
    lines = [ChargeLine(fee, place, _cents(total), "", count) for (fee, place), (total, count) in sorted(fees.items())]
    lines += [ChargeLine(fee, place, _cents(total), tax, n) for (fee, place, tax), (total, n) in sorted(taxes.items())]
    kept = tuple(line for line in lines if line.amount != 0)
    difference = _cents(invoice.amount) - sum((line.amount for line in kept), Decimal(0))
    return InvoiceSplit(kept, difference, tuple(sorted(once)), tuple(foreign))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
