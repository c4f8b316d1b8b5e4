"""The World: everything the simulated GP company holds, its switches, counters and clock."""

from __future__ import annotations

import uuid
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from local.simulators.base import Clock
from local.simulators.dynamics_gp.book import Book
from local.simulators.dynamics_gp.problems import Problem
from local.simulators.dynamics_gp.records import (
    Customer,
    DocumentType,
    InventoryDocument,
    Item,
    SalesDocument,
    Site,
    Stock,
)
from local.simulators.serving import meanwhile

STALE = timedelta(seconds=60)
_GUIDS = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


@dataclass
class Switches:
    """The traps of the real GP that can be turned on or off; each name says what happens when it is true or set."""

    strict: bool = True  # SOAP headers are refused
    omissions: bool = False  # required elements may be left out, as XmlSerializer allows
    keep_history: bool = True  # false: a finished document is deleted
    history_keys_differ: bool = False  # posting gives an inventory document another key
    decreases_allocate: bool = True  # a saved stock decrease is already allocated
    readd_tracking: bool = False  # a tracking number that is there may be sent again
    validation_results_once: bool = True  # a validation result can be fetched once
    maximum_request_bytes: int = 1024 * 1024
    currency: str = "USD"
    default_site: str = "WAREHOUSE"
    binary_sort_order: bool = False  # letter case counts in keys; the usual collation ignores it
    sba_lists: int = 100  # rows an SBA list answers without ?limit


class World:
    """All records plus clock, switches and counters. Dates on the wire are naive; `now` is aware UTC."""

    def __init__(self, clock: Clock, switches: Switches, company_id: int = -1, company: str = "Fabrikam, Inc.") -> None:
        self.clock = clock
        self.switches = switches
        self.company_id = company_id
        self.company = company
        self.strict_violations: list[str] = []
        self.cut: list[str] = []  # strings that were cut in silence
        self.ignored: list[str] = []  # wishes that GP passed over in silence
        self._stale_until: datetime | None = None
        self.items: Book[str, Item] = self._book()
        self.sites: Book[str, Site] = self._book()
        self.customers: Book[str, Customer] = self._book()
        self.shipping_methods: Book[str, str] = self._book()  # id -> description
        self.document_types: Book[tuple[str, str], DocumentType] = self._book()
        self.stock: Book[tuple[str, str], Stock] = self._book()
        self.sales: Book[tuple[str, str], SalesDocument] = self._book()  # (type, number)
        self.inventory: Book[tuple[str, str], InventoryDocument] = self._book()  # (kind, number)
        self.options: dict[tuple[str, str], int] = {}  # (operation, behaviour id) -> option the administrator chose
        self.validation_results: dict[str, tuple[Problem, ...]] = {}
        self.voided_numbers: set[tuple[str, str]] = set()
        self.denied: set[str] = set()  # operations that the account's role does not allow
        self._numbers: dict[str, int] = {}

    def _book(self) -> Book:  # type: ignore[type-arg]
        return Book(self.now, lambda: self._stale_until, lambda: self.switches.binary_sort_order)

    def now(self) -> datetime:
        """The present; the one place that asks the clock."""
        return self.clock()

    def wire_now(self) -> datetime:
        """The present as GP writes it: UTC without zone."""
        return self.now().replace(tzinfo=None)

    def today(self) -> datetime:
        """The server's date, at midnight."""
        return self.wire_now().replace(hour=0, minute=0, second=0, microsecond=0)

    def as_a_minute_ago(self) -> AbstractContextManager[None]:
        """Shows reads the World of a minute ago."""
        return meanwhile(self, _stale_until=self.now() - STALE)

    def number(self, kind: str, start: int = 1) -> int:
        """The next counter of its kind."""
        self._numbers[kind] = self._numbers.get(kind, start - 1) + 1
        return self._numbers[kind]

    def guid(self, kind: str) -> str:
        """The next GUID of its kind, the same in every run."""
        return str(uuid.uuid5(_GUIDS, f"{self.company}/{kind}/{self.number(kind)}"))

    def held(self, item: str, site: str) -> Stock:
        """What the site holds of the item."""
        return self.stock.get((item, site)) or Stock()

    def move(self, item: str, site: str, **changes: Decimal) -> Stock:
        """Adds to places of a stock: `move("A", "MAIN", on_hand=Decimal(-1))`. Needs no document: the caller has it."""
        held = self.held(item, site)
        changed = replace(held, **{name: getattr(held, name) + by for name, by in changes.items()})
        self.stock.put((item, site), changed)
        return changed
