"""Invoices and the fee rows behind them. Types are open text: live data holds more of them than the specification."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from vendors.json_fields import Document
from vendors.shipbob.shapes.fields import amount, as_document, child, children, day, flag, needed, text, whole

PAYMENT = "Payment"


@dataclass(frozen=True)
class Invoice:
    """One invoice. Amounts are in `currency`; credits and payments are negative."""

    invoice_id: int
    invoice_date: date
    invoice_type: str
    amount: Decimal
    currency: str
    document: Document = field(repr=False, compare=False)

    @property
    def is_payment(self) -> bool:
        """The merchant paid: never a bill."""
        return self.invoice_type.casefold() == PAYMENT.casefold()


@dataclass(frozen=True)
class Tax:
    """A tax on a fee row. `rate` in percent, as stated."""

    tax_type: str | None
    rate: Decimal | None
    amount: Decimal


@dataclass(frozen=True)
class Transaction:
    """One fee row. The amount is before tax ("WRO Receiving Fee" includes it, live); credits and refunds are negative.

    `location_name` is a name, not an id. The invoice members are None until the row is invoiced.
    """

    transaction_id: str
    amount: Decimal
    currency: str
    charge_date: date | None
    fee: str | None
    transaction_type: str | None
    reference_id: str | None
    reference_type: str | None
    location_name: str | None
    is_invoiced: bool
    invoice_id: int | None
    invoice_date: date | None
    invoice_type: str | None
    taxes: tuple[Tax, ...]
    tracking_number: str | None
    comment: str | None


def parse_invoice(value: object) -> Invoice:
    """One invoice. Raises ValueError when id, date, type, amount or currency is missing."""
    document = as_document(value, "invoice")
    invoice_id = needed(whole(document, "invoice_id", "invoice"), "invoice_id", "invoice")
    what = f"invoice {invoice_id}"
    return Invoice(
        invoice_id=invoice_id,
        invoice_date=needed(day(document, "invoice_date", what), "invoice_date", what),
        invoice_type=needed(text(document, "invoice_type", what), "invoice_type", what),
        amount=needed(amount(document, "amount", what), "amount", what),
        currency=needed(text(document, "currency_code", what), "currency_code", what),
        document=document,
    )


def parse_transaction(value: object) -> Transaction:
    """One fee row. Raises ValueError when id, amount, currency or a tax amount is missing."""
    document = as_document(value, "transaction")
    transaction_id = needed(text(document, "transaction_id", "transaction"), "transaction_id", "transaction")
    what = f"transaction {transaction_id}"
    details = child(document, "additional_details", what)
    return Transaction(
        transaction_id=transaction_id,
        amount=needed(amount(document, "amount", what), "amount", what),
        currency=needed(text(document, "currency_code", what), "currency_code", what),
        charge_date=day(document, "charge_date", what),
        fee=text(document, "transaction_fee", what),
        transaction_type=text(document, "transaction_type", what),
        reference_id=text(document, "reference_id", what),
        reference_type=text(document, "reference_type", what),
        location_name=text(document, "fulfillment_center", what),
        is_invoiced=flag(document, "invoiced_status", what) or False,
        invoice_id=whole(document, "invoice_id", what),
        invoice_date=day(document, "invoice_date", what),
        invoice_type=text(document, "invoice_type", what),
        taxes=tuple(_tax(item, what) for item in children(document, "taxes", what)),
        tracking_number=text(details, "TrackingId", what),
        comment=text(details, "Comment", what),
    )


def _tax(document: Document, what: str) -> Tax:
    return Tax(
        tax_type=text(document, "tax_type", what),
        rate=amount(document, "tax_rate", what),
        amount=needed(amount(document, "tax_amount", what), "tax_amount", what),
    )
