"""The World: everything the simulated UPS holds, its switches, its counters and its clock."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from local.simulators.base import Clock
from local.simulators.serving import meanwhile
from local.simulators.ups.geography import CITIES
from local.simulators.ups.records import Delivery, JudgedAddress, Label, Portal, Receipt, Scan, Shipment, Subscription

STALE = timedelta(seconds=60)


@dataclass
class Switches:
    """The traps of the real API that can be turned on or off; each name says what happens when it is true or set."""

    strict: bool = True
    cie: bool = False  # the sandbox: watermarks, NY and CA only, Track Alert test numbers only, nothing trackable
    cie_trackable: bool = False
    ship_version: str = "v2409"
    rating_version: str = "v2409"
    token_seconds: int = 3599
    tokens_per_day: int = 250  # the real number is not published
    lock_after_failures: int = 10  # wrong secrets in a row; 0: never (not published either)
    lock_seconds: int = 1800
    calls_per_minute: int = 600  # per client and API; not published
    single_as_object: bool = False  # one-element lists come as the element itself
    empty_as_text: bool = False  # empty containers come as ""
    reversed_packages: bool = False  # PackageResults in another order than the request
    png_labels: bool = True
    lower_case_formats: bool = False  # label recovery answers "zpl"
    tracking_lag_seconds: float = 0
    reference_lag_seconds: float = 0  # tracking by reference
    recovery_lag_seconds: float = 0
    forward_labels_recoverable: bool = True
    recovery_days: int = 30
    void_days: int = 28
    void_singular: bool = False  # PackageLevelResult instead of PackageLevelResults
    void_polluted: bool = False  # values with the literal text &#xD;
    gmt_times: bool = True
    signatures: bool = True
    sparse_tracking: bool = False  # members that may be null or absent are: inquiryNumber, location, code, signature
    unknown_addresses: str = "valid"  # valid | none: how an address is judged that nobody seeded
    saturday_twin: bool = False  # Shop lists Next Day Air twice, once with Saturday delivery
    push_retries: int = 0  # UPS documents none: an event that is not taken is lost
    push_blanks: bool = True
    push_leading_blank: bool = False  # a blank before the tracking number
    duplicate_pushes: int = 0
    reorder_pushes: bool = False
    clock_skew_seconds: float = 0  # moves the Date header, nothing else
    bare_errors: bool = False  # Track Alert's 400 without the `response` envelope
    html_errors: bool = False  # faults of status 500 and 503 answer the edge's page


@dataclass
class Counters:
    """What was counted, by client id."""

    tokens: dict[str, int] = field(default_factory=dict)
    failed_logins: dict[str, int] = field(default_factory=dict)


class World:
    """All records plus clock, switches, counters, the outbox of pushes and the list of strict violations."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self.clock = clock
        self.switches = switches
        self.counters = Counters()
        self.strict_violations: list[str] = []
        self.shipments: dict[str, Shipment] = {}
        self.labels: dict[str, Label] = {}
        self.scans: dict[str, tuple[Scan, ...]] = {}
        self.receipts: dict[str, Receipt] = {}
        self.negotiating: set[str] = set()  # accounts that have rates of their own
        self.cities: dict[tuple[str, str], str] = dict(CITIES)
        self.addresses: dict[str, JudgedAddress] = {}  # seeded verdicts of address validation
        self.subscriptions: dict[tuple[str, str], Subscription] = {}  # (client, number or account)
        self.portals: dict[str, Portal] = {}  # by client
        self.merchant_tokens: dict[str, tuple[str, datetime]] = {}  # client -> the merchant's own token, its end
        self.merchant_calls: set[str] = set()  # clients whose merchant is being asked for a token
        self.outbox: list[Delivery] = []
        self.lost: list[Delivery] = []
        self.loses_last_row = False  # an answer lacks its last package (fault PARTIAL)
        self._stale_until: datetime | None = None
        self._serial = 0
        self._numbers: dict[str, int] = {}

    def now(self) -> datetime:
        """The present; the one place that asks the clock."""
        return self.clock()

    def horizon(self) -> datetime:
        """The moment up to which a read sees: the present, or a minute ago under the fault STALE_READ."""
        return self._stale_until or self.now()

    def as_a_minute_ago(self) -> AbstractContextManager[None]:
        """Shows reads the World without what happened within the last minute."""
        return meanwhile(self, _stale_until=self.now() - STALE)

    def sees(self, moment: datetime, lag_seconds: float = 0) -> bool:
        """Whether something that happened at the moment is visible to a read, given how long it takes to arrive."""
        return moment + timedelta(seconds=lag_seconds) <= self.horizon()

    def number(self, kind: str) -> int:
        """The next counter of its kind."""
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return self._numbers[kind]

    def serial(self) -> int:
        """The next seven digits of a 1Z number."""
        self._serial += 1
        return self._serial

    def shipment_of(self, number: str) -> Shipment | None:
        """The shipment that a 1Z number belongs to."""
        found = self.labels.get(number)
        return self.shipments[found.shipment_id] if found else None

    def is_voided(self, label: Label) -> bool:
        """Whether a read sees the label as voided."""
        return label.voided is not None and self.sees(label.voided)

    def movement(self, number: str) -> bool:
        """Whether UPS has had the package in its hands."""
        return any(scan.event not in ("label_created", "voided") for scan in self.scans.get(number, ()))
