"""What shall be shipped, before it has UPS's form: plain values as the ERP holds them.

The builders in `requests/` turn these into bodies or into the list of what is missing. Free text may be as long and
as foreign as the ERP allows; weights and sides come with their unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class Money:
    """An amount in a currency (ISO code)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Address:
    """A postal address. `residential` None: not known."""

    lines: tuple[str, ...] = field(repr=False)
    city: str = field(repr=False)
    state: str = ""
    postal_code: str = field(default="", repr=False)
    country: str = ""
    residential: bool | None = None


@dataclass(frozen=True)
class Party:
    """A company or person at an address."""

    name: str = field(repr=False)
    address: Address
    attention: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    tax_number: str = field(default="", repr=False)


@dataclass(frozen=True)
class Reference:
    """A number of ours on the shipment: at most 35 characters. `code`: TN, PO, IK ... or empty."""

    value: str
    code: str = ""


class Signature(StrEnum):
    """Delivery confirmation."""

    NONE = "none"
    SIGNATURE = "signature"
    ADULT = "adult"


@dataclass(frozen=True)
class Parcel:
    """One package. `sides`: length, width, height in any order, or none."""

    weight: Decimal
    weight_unit: str = "LBS"
    sides: tuple[Decimal, ...] = ()
    side_unit: str = "IN"
    packaging: str = "02"  # customer supplied
    description: str = ""
    declared_value: Money | None = None
    additional_handling: bool = False


class PayerKind(StrEnum):
    """Who pays a charge."""

    SHIPPER = "shipper"
    RECEIVER = "receiver"
    THIRD_PARTY = "third_party"
    CONSIGNEE = "consignee"  # without an account of their own


@dataclass(frozen=True)
class Payer:
    """Who pays. Receiver and third party need their account; the postal code is the one of that account."""

    kind: PayerKind = PayerKind.SHIPPER
    account: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(frozen=True)
class Product:
    """One kind of goods on the commercial invoice. `value` is the price of one unit, `weight` that of all units."""

    description: str
    quantity: Decimal
    value: Decimal
    origin_country: str
    commodity_code: str = ""
    unit: str = "PCS"
    part_number: str = ""
    weight: Decimal | None = None
    weight_unit: str = "LBS"


@dataclass(frozen=True)
class Customs:
    """The commercial invoice. `terms`: an Incoterm of three letters, or empty. `sold_to` None: the ship-to party."""

    invoice_number: str
    invoice_date: date
    currency: str
    products: tuple[Product, ...]
    reason: str = "SALE"
    terms: str = ""
    purchase_order: str = ""
    sold_to: Party | None = None


@dataclass(frozen=True)
class ShipDraft:
    """One shipment of one or more packages.

    job: our id of the job, echoed by UPS. service: UPS's code ("03"), "" for a rate request over all services.
    ship_from: where the parcels leave, when that is not the shipper's address. documents_only: no customs papers.
    goods_value: what the contents are worth, needed from the US to Canada and Puerto Rico.
    """

    job: str
    ship_to: Party
    service: str
    parcels: tuple[Parcel, ...]
    references: tuple[Reference, ...] = ()
    description: str = ""
    ship_from: Party | None = None
    payer: Payer = Payer()
    duties: Payer | None = None
    saturday_delivery: bool = False
    signature: Signature = Signature.NONE
    ship_date: date | None = None
    documents_only: bool = False
    goods_value: Money | None = None
    customs: Customs | None = None
    check_city: bool = True  # RequestOption `validate`: city, state and postal code; else postal code and state only


@dataclass(frozen=True)
class Built:
    """A body that may be sent, and what was changed on the way."""

    body: dict[str, Any]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lacking:
    """Why nothing may be sent, one line per thing that is missing or does not fit."""

    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of it in one line, for a Held."""
        return "; ".join(self.problems)


def outcome(body: dict[str, Any], problems: Sequence[str], notes: Sequence[str]) -> Built | Lacking:
    """A body without problems, or the problems."""
    return Lacking(tuple(problems), tuple(notes)) if problems else Built(body, tuple(notes))
