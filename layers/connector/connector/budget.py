"""The call budget of one vendor account, shared by every worker that has the account's credentials.

Three guards, cheapest last: a session slot (`connector.slots`), the account's mood (`connector.closing`: a 429 closes
it for everybody), and a sliding window of calls (`connector.windows`). A refusal is a VendorFault(BUDGET) with the
time at which asking again makes sense; nothing was sent, nothing sleeps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from connector.answers import answered, is_page
from connector.closing import Mood, close, read_mood, reserve
from connector.faults import Executed, FaultKind, VendorFault
from connector.instants import epoch_seconds, instant_text
from connector.services import Services
from connector.slots import SLOT_SECONDS, SessionSlots
from connector.transport import Reply, Request
from connector.windows import PREFERRED, SHARES, YIELDING, Buckets, buckets_for, chunk_size

UNPUBLISHED_START = 300
"""Calls a minute to begin with where a vendor publishes no number (UPS: 5 a second are a safe start)."""

UNPUBLISHED_MOST = 1200
"""How far an adaptive limit without a published number may creep."""

FEW_LEFT = 20
"""So few calls left at the vendor, and only the preferred lanes go on (a quarter of the limit where that is less)."""

LONGEST_SEARCH = 30
"""Buckets that are looked at for a free place in the line; this process remembers where it found the last one."""

READY_SECONDS = 30.0
"""For how long a slot is asked for before it is known what will be sent."""

Remaining = Callable[[Reply], tuple[int | None, datetime | None]]
"""Reads the vendor's headers: calls left in its window, and when the window ends. None where it does not say."""


@dataclass(frozen=True)
class Limits:
    """What an account allows. None means: no such limit.

    per_minute: calls in any 60 seconds, at least 2. slots: pieces of work at the same time, at least 1.
    adaptive: halve on a 429, creep back up by 10 % a minute (never above `per_minute`); with per_minute None the
    number is unpublished and found that way.
    """

    per_minute: int | None
    slots: int | None
    adaptive: bool = False

    def __post_init__(self) -> None:
        if self.per_minute is not None and self.per_minute < 2:
            raise ValueError(f"{self.per_minute} calls a minute are too few to work with; at least 2 are needed")
        if self.slots is not None and self.slots < 1:
            raise ValueError(f"{self.slots} session slots are too few; at least 1 is needed")


def _nothing_said(reply: Reply) -> tuple[int | None, datetime | None]:
    return None, None


@dataclass
class _Chunk:
    """Calls that this process has taken from the window and not used yet. They expire with their bucket."""

    index: int = -1
    left: int = 0
    lock: Lock = field(default_factory=Lock)


@dataclass
class AccountGate:
    """The budget of `account` as one piece of work sees it; implements `connector.transport.Gate`.

    account: names the credentials, e.g. "acme/shipbob"; everything that shares them shares the budget.
    lane: "live", "repair", "nightly" or "bulk". holder: who works (the record id, or the poll's name).
    connection: whose good answers are noted, for `connector.patience`; empty: nobody's.
    """

    services: Services
    account: str
    limits: Limits
    lane: str
    holder: str
    vendor: str = ""
    remaining: Remaining = _nothing_said
    chunk: int = 5
    slot_seconds: float = SLOT_SECONDS
    connection: str = ""
    _slots: SessionSlots | None = field(default=None, init=False)
    _asked: bool = field(default=False, init=False)
    _extended: bool = field(default=False, init=False)
    _open_calls: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.lane not in SHARES:
            raise ValueError(f"{self.lane!r} is no lane; lanes are {', '.join(SHARES)}")
        self.vendor = self.vendor or self.account
        if self.limits.slots is not None:
            self._slots = SessionSlots(
                self.services, self.account, self.vendor, self.limits.slots, self.holder, self.slot_seconds,
                yields=self.lane in YIELDING,
            )

    def enter(self, request: Request) -> None:
        """Takes a session slot (unless the request may run beside one) and one call. Raises VendorFault(BUDGET)."""
        # The call that fetches a token runs inside the one that needs it, which must not lose the slot by it.
        self._open_calls = 1 if request.authorize else self._open_calls + 1
        if self._slots is not None:
            self._asked = True
            if request.slot:
                self._slots.hold(request.timeout)
        chunk = self._chunk()
        try:
            with chunk.lock:
                self._spend(chunk)
        except VendorFault:
            self._answered()
            raise

    def ready(self) -> None:
        """Takes the session slot and makes sure of one call for the next `enter`. Raises VendorFault(BUDGET)."""
        if self._slots is not None:
            self._asked = True
            self._slots.hold(READY_SECONDS)
        chunk = self._chunk()
        with chunk.lock:
            self._spend(chunk)
            chunk.left += 1

    def learn(self, reply: Reply, fault: VendorFault | None) -> None:
        """Corrects the shared budget by what the vendor said: a decline closes the account, a low count reserves it."""
        self._answered()
        if fault is None and self.connection and not is_page(reply):
            answered(self.services, self.connection, self.vendor)
        self._correct(reply, fault)

    def _answered(self) -> None:
        """Between two calls of a yielding lane somebody else may have the session (`connector.slots`)."""
        self._open_calls -= 1
        if self.lane in YIELDING and self._open_calls < 1:
            self.release()

    def _correct(self, reply: Reply, fault: VendorFault | None) -> None:
        if fault is not None and fault.kind is FaultKind.THROTTLED:
            self._drop_chunks()
            close(self.services, self.account, fault.retry_at, self._adaptive_range())
            return
        left, ends = self.remaining(reply)
        if left is None or left >= self._few_left():
            return
        if self.lane not in PREFERRED or left <= 0:
            self._drop_chunks()
        now = self.services.clock()
        known = ends is not None and ends > now
        until = ends if ends is not None and known else now + timedelta(minutes=1)
        if self._remember_reserve(until, now) or left <= 0:
            # Nothing left and the end of the window known: the next call would only be declined, whoever makes it.
            reserve(self.services, self.account, until, everybody=left <= 0 and known)

    def release(self) -> None:
        """Gives the slot back at the end of a piece of work, unless it was extended. Call it after failures too."""
        if self._slots is not None and self._asked and not self._extended:
            self._slots.release()
        self._asked = False

    def extend(self, until: datetime | None) -> None:
        """Keeps the slot for this holder until then: a long operation goes on at the vendor and nobody else may call.

        The next piece of work of the same holder finds the slot its own; it calls `extend` again while the operation
        still runs, or gives the slot back by `release`. None takes the extension back. Nothing happens without slots.
        """
        if until is not None and self._slots is not None:
            self._asked = True
            self._slots.extend(until)
        self._extended = until is not None

    def allowed(self, mood: Mood, now: datetime) -> int | None:
        """Calls a minute that are allowed in this mood; None: no number limits them."""
        span = self._adaptive_range()
        return mood.per_minute(*span, now) if span is not None else self.limits.per_minute

    def holders(self, now: datetime) -> tuple[str, ...]:
        """Who has a session slot now, others than this holder."""
        return self._slots.others(now) if self._slots is not None else ()

    def _spend(self, chunk: _Chunk) -> None:
        now = self.services.clock()
        buckets = self._buckets()
        index = buckets.index(now)
        if chunk.index != index or chunk.left < 1:
            mood = read_mood(self.services, self.account)
            self._refuse_closed(mood, now)
            chunk.index, chunk.left = index, self._take(buckets, index, mood, now)
        chunk.left -= 1

    def _take(self, buckets: Buckets, index: int, mood: Mood, now: datetime) -> int:
        """Takes calls from the bucket; answers how many."""
        per_minute = self.allowed(mood, now)
        if per_minute is None:
            return self.chunk
        ceiling = buckets.ceiling(per_minute, self.lane, index)
        size = min(chunk_size(buckets.capacity(per_minute), self.chunk), ceiling)
        for amount in (size, 1) if size > 1 else (size,):
            if amount > 0 and self._add(buckets, index, amount, ceiling):
                return amount
        turn = self._line_up(buckets, per_minute, index + 1)
        text = f"its {per_minute} calls a minute are used up for the lane {self.lane}"
        raise self._refusal(text, buckets.start(turn), spread=buckets.seconds / 2)

    def _line_up(self, buckets: Buckets, per_minute: int, following: int) -> int:
        """The bucket in which this piece of work has its turn: no more wait for a bucket than it has calls.

        Without a line, five hundred that wait would all come back for the next twenty calls, again and again. It is
        only advice: a turn reserves nothing, and whoever comes first is served first.
        """
        key = ("budget", self.account, self.lane, "line")
        first = max(following, self.services.memory.get(key, 0))
        for turn in range(first, first + LONGEST_SEARCH):
            ceiling = buckets.ceiling(per_minute, self.lane, turn)
            if ceiling > 0 and self._add(buckets, turn, 1, ceiling, f"line#{self.lane}"):
                break
        self.services.memory[key] = turn
        return turn

    def _add(self, buckets: Buckets, index: int, amount: int, ceiling: int, kind: str = "window") -> bool:
        start = buckets.start(index)
        taken = self.services.tables.add(
            "state", f"budget/{self.account}", f"{kind}#{instant_text(start)}", "taken", amount,
            ceiling=ceiling, expires_at=epoch_seconds(start + timedelta(hours=1)),
        )
        return taken is not None

    def _refuse_closed(self, mood: Mood, now: datetime) -> None:
        if mood.closed_until is not None and now < mood.closed_until:
            raise self._refusal("the vendor declined calls for load", mood.closed_until, spread=5.0)
        if self.lane not in PREFERRED and mood.reserved_until is not None and now < mood.reserved_until:
            text = f"the vendor has few calls left and the lane {self.lane} leaves them to urgent work"
            raise self._refusal(text, mood.reserved_until, spread=5.0)

    def _refusal(self, why: str, at: datetime, spread: float) -> VendorFault:
        # Urgent lanes come back first: their spread is a second, so that the others meet an already used bucket.
        jitter = self.services.random() * (min(1.0, spread) if self.lane in PREFERRED else spread)
        message = f"no call to {self.account} before {instant_text(at)}: {why}; nothing was sent"
        return VendorFault(
            self.vendor, FaultKind.BUDGET, message, Executed.NO, retry_at=at + timedelta(seconds=jitter)
        )

    def _adaptive_range(self) -> tuple[int, int] | None:
        if not self.limits.adaptive:
            return None
        if self.limits.per_minute is not None:
            return self.limits.per_minute, self.limits.per_minute
        return UNPUBLISHED_START, UNPUBLISHED_MOST

    def _buckets(self) -> Buckets:
        # Always from the configured number: all workers must count in the same buckets, whatever the mood is.
        return buckets_for(self.limits.per_minute or UNPUBLISHED_START)

    def _few_left(self) -> int:
        return min(FEW_LEFT, self.limits.per_minute // 4) if self.limits.per_minute is not None else FEW_LEFT

    def _chunk(self) -> _Chunk:
        chunk: _Chunk = self.services.memory.setdefault(("budget", self.account, self.lane), _Chunk())
        return chunk

    def _drop_chunks(self) -> None:
        """Forgets taken calls, so that the next one of whatever lane looks at the account's state again."""
        for lane in SHARES:
            chunk: _Chunk | None = self.services.memory.get(("budget", self.account, lane))
            if chunk is not None:
                chunk.left = 0

    def _remember_reserve(self, until: datetime, now: datetime) -> bool:
        """False when this process has already reserved the account for this window: one write is enough."""
        key = ("budget", self.account, "reserved")
        known: datetime | None = self.services.memory.get(key)
        if known is not None and now < known:
            return False
        self.services.memory[key] = until
        return True
