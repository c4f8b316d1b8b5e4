"""What the simulated account holds: transactions, master records, certificates, tokens, jobs."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from local.simulators.netsuite.contract import FORMS, Form

ZERO = Decimal(0)
Line = dict[str, Any]


def as_quantity(value: Any) -> Decimal:
    """A number of a document as Decimal; nothing is zero."""
    return ZERO if value is None else Decimal(str(value))


def plain(value: Decimal) -> int | float:
    """A Decimal for JSON: whole numbers without a point."""
    return int(value) if value == value.to_integral_value() else float(value)


@dataclass
class Record:
    """One record. References are stored as the text of the internal id, numbers as Decimal, dates as YYYY-MM-DD.

    `source` is the transaction that it was transformed from. A line of a transformed record keeps `orderLine`, the
    id of the line of the source.
    """

    type: str
    id: int
    created: datetime
    modified: datetime
    values: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, list[Line]] = field(default_factory=dict)
    source: int | None = None
    by_hand: bool = False

    @property
    def form(self) -> Form:
        """Its contract."""
        return FORMS[self.type]

    def text(self, name: str) -> str:
        """A body value as text; nothing is empty."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def lines(self, name: str = "item") -> list[Line]:
        """The lines of a sublist."""
        return self.lists.get(name, [])

    def line(self, number: int, name: str = "item") -> Line | None:
        """The line with this id."""
        return next((line for line in self.lines(name) if line["line"] == number), None)

    def copy(self) -> Record:
        """A copy that can be changed without anybody seeing it."""
        return copy.deepcopy(self)


@dataclass(frozen=True)
class Item:
    """An item. `members` {item id: count} makes it a kit. `record` is the REST record type that it answers to."""

    id: int
    sku: str
    record: str
    type: str
    name: str = ""
    upc: str = ""
    external_id: str = ""
    cost: Decimal = ZERO
    inactive: bool = False
    lot: bool = False
    serial: bool = False
    bins: bool = False
    members: tuple[tuple[int, Decimal], ...] = ()
    modified: datetime | None = None
    full_name: str = ""  # `Parent : Child` of a matrix item

    @property
    def stocked(self) -> bool:
        """Whether quantities of it are kept."""
        return self.type in ("InvtPart", "Assembly")

    @property
    def moved(self) -> bool:
        """Whether it appears on fulfilments and receipts: goods and kits, no services."""
        return self.stocked or self.type == "Kit"


@dataclass(frozen=True)
class Master:
    """A small master record: vendor, customer, location, subsidiary, account, ship item. `more` holds the rest."""

    table: str
    id: int
    name: str
    external_id: str = ""
    inactive: bool = False
    more: tuple[tuple[str, str], ...] = ()

    def other(self, name: str) -> str:
        """One of the rest, or empty."""
        return dict(self.more).get(name, "")


@dataclass(frozen=True)
class Mapping:
    """One row of the M2M set-up: an integration, a role, an entity and the certificate that speaks for them."""

    client_id: str
    certificate_id: str
    pem: str
    not_before: datetime
    not_after: datetime
    role: str = "connector"
    entity: str = "-5"
    revoked: bool = False


@dataclass(frozen=True)
class Token:
    """An access token that was issued."""

    client_id: str
    certificate_id: str
    expires: datetime


@dataclass
class Job:
    """An asynchronous request: the answer that it will give, and how often it was asked for."""

    id: int
    status: int
    headers: dict[str, str]
    body: bytes
    started: datetime
    key: str = ""
    polls: int = 0


@dataclass
class Role:
    """The role of the integration user: permissions taken away, and places that it is restricted to (empty: all)."""

    denied: set[str] = field(default_factory=set)
    locations: set[int] = field(default_factory=set)
    administrator: bool = False
