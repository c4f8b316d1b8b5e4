"""The World: everything the simulated account holds, its switches, its counters and its clock."""

from __future__ import annotations

from collections import defaultdict
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from local.simulators.base import Clock
from local.simulators.netsuite import movements
from local.simulators.netsuite.contract import FORMS
from local.simulators.netsuite.records import ZERO, Item, Job, Mapping, Master, Record, Role, Token
from local.simulators.serving import meanwhile

STALE = timedelta(seconds=60)


@dataclass
class Switches:
    """The traps of the real API that can be turned on or off; each name says what happens when it is true or set."""

    strict: bool = True
    token_seconds: int = 3600
    expires_in_as_text: bool = False
    concurrency_limit: int = 5
    overload_as_401: bool = False  # overload answers 401 after a wait instead of 429
    overload_wait_seconds: float = 60
    query_zone: str = "America/Los_Angeles"  # the session zone in which SuiteQL sees moments
    company_zone: str = "America/New_York"  # in which a missing tranDate becomes today
    date_preference: str = "M/D/YYYY"
    optional_columns: bool = True  # isclosed, expectedreceiptdate, units, uniquekey ... exist
    bound_parameters: bool = False  # `params` of a query are accepted
    one_world: bool = True
    multi_location: bool = True
    ship_status: str = "A"  # the preference for new fulfilments without shipStatus
    sticky_ship_status: bool = False  # a transform leaves shipStatus at A whatever was sent
    transform_keeps_external_id: bool = True
    later_external_id: str = "kept"  # kept | dropped | refused: what a script does to one that is set by a change
    returns_propose: str = "all"  # all | none: lines that the transform to a return proposes
    return_status: str = "A"
    bill_approval: str = "1"
    duplicate_bill_numbers: str = "allow"  # allow | block
    overage: bool = False  # receipts above the open quantity
    missing_permission: str = "not_found"  # not_found | forbidden
    conflicts: int = 0  # so many next updates answer "Record has been changed"
    bill_location_required: bool = False
    advanced_receiving: bool = True  # false: a receipt makes the vendor bill at the same time
    advanced_shipping: bool = True  # false: a fulfilment makes the invoice at the same time


@dataclass
class Counters:
    """What was counted."""

    tokens: int = 0
    refused_tokens: int = 0
    in_flight: int = 0
    occupied: int = 0  # slots that other integrations of the account hold
    highest_in_flight: int = 0


@dataclass
class Masters:
    """Items and small master records."""

    items: dict[int, Item] = field(default_factory=dict)
    tables: defaultdict[str, dict[int, Master]] = field(default_factory=lambda: defaultdict(dict))
    custom_fields: dict[str, dict[str, str]] = field(default_factory=dict)  # record type -> name -> kind
    closed_periods: set[str] = field(default_factory=set)  # YYYY-MM
    workflow_locks: set[int] = field(default_factory=set)
    integrated_carriers: dict[int, str] = field(default_factory=dict)  # ship item -> packageUps ...


class World:
    """All records plus clock, switches, counters, tokens and the list of strict violations."""

    def __init__(self, clock: Clock, switches: Switches, account: str) -> None:
        self.clock = clock
        self.switches = switches
        self.account = account
        self.counters = Counters()
        self.masters = Masters()
        self.role = Role()
        self.strict_violations: list[str] = []
        self.warnings: list[str] = []  # what was answered 2xx with a warning header, or dropped without a word
        self.mappings: list[Mapping] = []
        self.tokens: dict[str, Token] = {}
        self.records: dict[int, Record] = {}
        self.on_hand: dict[tuple[int, int], Decimal] = {}
        self.jobs: dict[int, Job] = {}
        self.revision = 0  # grows with every change that a query can see
        self.touched: set[int] = set()  # transactions that the query tables do not show yet
        self.masters_revision = 0
        self._children: defaultdict[int, set[int]] = defaultdict(set)
        self._history: defaultdict[int, list[tuple[datetime, Record | None]]] = defaultdict(list)
        self._numbers: dict[str, int] = {}
        self._stale = False
        self.cuts_pages = False  # a query's page is cut short, and says that more follow (fault PARTIAL)
        self.replica: object | None = None  # the query service's tables

    def now(self) -> datetime:
        """The present; the one place that asks the clock."""
        return self.clock()

    def today(self) -> date:
        """The day in the company's zone."""
        return self.now().astimezone(ZoneInfo(self.switches.company_zone)).date()

    def number(self, kind: str, start: int = 0) -> int:
        """The next counter of its kind."""
        self._numbers[kind] = self._numbers.get(kind, start) + 1
        return self._numbers[kind]

    # -- reads

    @property
    def stale(self) -> bool:
        """Whether reads see the account as it was a minute ago."""
        return self._stale

    def as_a_minute_ago(self) -> AbstractContextManager[None]:
        """Shows reads the account without what happened within the last minute."""
        return meanwhile(self, _stale=True)

    def transactions(self) -> list[Record]:
        """Every transaction that a read sees, in order of id."""
        if not self._stale:
            return list(self.records.values())
        horizon = self.now() - STALE
        found = []
        for versions in self._history.values():
            seen = [record for at, record in versions if at <= horizon]
            if seen and seen[-1] is not None:
                found.append(seen[-1])
        return found

    def find(self, number: int, type_name: str = "") -> Record | None:
        """The transaction with this id (of this type) as a read sees it."""
        if self._stale:
            found = next((each for each in self.transactions() if each.id == number), None)
        else:
            found = self.records.get(number)
        return found if found is not None and type_name in ("", found.type) else None

    def by_external_id(self, external_id: str) -> Record | None:
        """The transaction that has this external id; letter case does not matter, the type neither."""
        wanted = external_id.lower()
        return next((each for each in self.transactions() if each.text("externalId").lower() == wanted), None)

    def children(self, number: int, type_name: str) -> list[Record]:
        """What was made out of a transaction."""
        found = (self.records[child] for child in sorted(self._children[number]) if child in self.records)
        return [each for each in found if each.type == type_name]

    def item_by_sku(self, sku: str) -> Item:
        """The item of a SKU; KeyError when there is none."""
        found = next((item for item in self.masters.items.values() if item.sku == sku), None)
        if found is None:
            raise KeyError(f"no item {sku!r}")
        return found

    def master(self, table: str, number: int) -> Master | Item | None:
        """A master record by its table and id."""
        if table == "item":
            return self.masters.items.get(number)
        return self.masters.tables[table].get(number)

    # -- writes

    def put(self, record: Record, *, touch: bool = True) -> None:
        """Stores a transaction, moves the stock that it moves, stamps it."""
        if touch:
            record.modified = self.now()
        before = self.records.get(record.id)
        for sign, version in ((-1, before), (1, record)):
            for place, quantity in movements.of(version, self.masters.items) if version else ():
                self.on_hand[place] = self.on_hand.get(place, ZERO) + sign * quantity
        self.records[record.id] = record
        if record.source is not None:
            self._children[record.source].add(record.id)
            self.touched.add(record.source)
        self._note(record.id, record)

    def remove(self, number: int) -> None:
        """Deletes a transaction; what it moved is moved back."""
        record = self.records.pop(number)
        for place, quantity in movements.of(record, self.masters.items):
            self.on_hand[place] = self.on_hand.get(place, ZERO) - quantity
        if record.source is not None:
            self.touched.add(record.source)
        self._note(number, None)

    def _note(self, number: int, record: Record | None) -> None:
        self._history[number].append((self.now(), record))
        self.touched.add(number)
        self.revision += 1

    def master_changed(self) -> None:
        """The query tables of the master records must be filled anew."""
        self.masters_revision += 1
        self.revision += 1

    def new_record(self, type_name: str, source: int | None = None) -> Record:
        """An empty record with ids and numbers of its own; nobody sees it until `put`."""
        now, form = self.now(), FORMS[type_name]
        record = Record(type_name, self.number("transaction", 48210), now, now, source=source)
        record.values["tranId"] = f"{form.prefix}{self.number(f'tran-{type_name}', 10000)}"
        record.values["transactionNumber"] = f"{form.kind.upper()}{record.id}"
        record.values["tranDate"] = self.today().isoformat()
        return record

    def violation(self, text: str) -> None:
        """Writes down what the strict option refuses."""
        self.strict_violations.append(text)

    # -- the role

    def may(self, permission: str) -> bool:
        """Whether the role has the permission."""
        return permission not in self.role.denied
