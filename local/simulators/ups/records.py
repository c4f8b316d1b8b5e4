"""What the simulated UPS holds: frozen records; a change puts a new one in the old one's place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True)
class Address:
    """A postal address with whom it belongs to. `state` and `postal_code` may be empty."""

    name: str
    attention: str
    lines: tuple[str, ...]
    city: str
    state: str
    postal_code: str
    country: str
    residential: bool = False


@dataclass(frozen=True)
class JudgedAddress:
    """An address whose verdict is known. A candidate is (lines, city, state, five digits, four digits)."""

    verdict: str  # valid | ambiguous | none
    classification: str  # 0 unknown, 1 commercial, 2 residential
    candidates: tuple[tuple[tuple[str, ...], str, str, str, str], ...]


@dataclass(frozen=True)
class Reference:
    """A reference number as it was stamped. `level` is `package` or `shipment`; the code may be empty."""

    code: str
    value: str
    level: str


@dataclass(frozen=True)
class Label:
    """One bought label: one package, one 1Z, money. `image` is the label in `image_format`."""

    tracking_number: str
    shipment_id: str
    number: int  # place in the request, from 1
    references: tuple[Reference, ...]
    published: Decimal
    negotiated: Decimal | None
    currency: str
    image_format: str
    image: bytes
    weight: Decimal
    unit: str
    voided: datetime | None = None


@dataclass(frozen=True)
class Shipment:
    """One accepted Ship call: labels under the 1Z of the first package."""

    id: str
    account: str
    client_id: str
    service: str
    created: datetime
    ship_date: str  # YYYYMMDD, the pickup date that tracking shows
    shipper: Address
    origin: Address
    destination: Address
    references: tuple[Reference, ...]
    labels: tuple[str, ...]
    context: str
    description: str
    forms: bool


@dataclass(frozen=True)
class Scan:
    """One event in the life of a package. `at` is the moment (UTC), `recorded` when UPS' systems learnt of it."""

    event: str
    at: datetime
    recorded: datetime
    city: str
    state: str
    postal_code: str
    country: str
    offset_minutes: int


@dataclass(frozen=True)
class Receipt:
    """Who took a delivered package. `signature` is a GIF or None where nobody signed."""

    received_by: str
    location: str
    signature: bytes | None


@dataclass(frozen=True)
class Subscription:
    """Track Alert for one number (or one account), until `expires`."""

    client_id: str
    number: str
    version: str
    enhanced: bool
    preferences: tuple[str, ...]
    url: str
    credential: str
    created: datetime
    expires: datetime


@dataclass(frozen=True)
class Portal:
    """What the merchant typed into UPS' portal for Track Alert v2. `kind`: credential, bearer or oauth."""

    url: str
    kind: str
    credential: str = ""
    token_url: str = ""
    client_id: str = ""
    client_secret: str = ""


@dataclass(frozen=True)
class Delivery:
    """One request that UPS makes: a push (`event`), or a call of the merchant's token endpoint (`token`)."""

    id: str
    purpose: str
    client_id: str
    tracking_number: str
    url: str
    body: bytes
    due: datetime
    attempt: int = 1
    version: str = "v2"
    headers: dict[str, str] = field(default_factory=dict)
