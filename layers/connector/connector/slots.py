"""Session slots of one vendor account: how many pieces of work may talk to it at the same time.

State table, pk `lease/slot/<account>/<n>`, sk `-`: {holder, until, turn, extended, yields}. A slot is leased per
piece of work (the holder is the record's id), not per call, because some vendors serialise a session and fail every
other request of it while a long operation runs.

A reader of long lists (`yields`) leases it for each call instead. That alone would help nobody: whoever was refused
comes back seconds later, and the next call is under way again. So the refused one leaves its wish in
`lease/slot/<account>/wanted`, and while that stands a yielding holder is refused in its turn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.faults import Executed, FaultKind, VendorFault
from connector.instants import epoch_seconds, instant_text, parse_instant
from connector.ports import AbsentOrBelow, Condition, Equals, Item
from connector.services import Services

SLOT_SECONDS = 90.0
MARGIN = 10.0
"""Seconds that a lease outlives the patience of the call it covers (connecting, reading the rest of the answer)."""

GRACE = timedelta(seconds=2)
"""An expired lease is taken over this much later, because two machines' clocks differ a little."""

QUIET = timedelta(seconds=1)

WISH = timedelta(seconds=10)
"""How long a wish stands after the time at which the refused one comes back: a message takes some seconds."""


@dataclass
class SessionSlots:
    """The slots as one holder sees them."""

    services: Services
    account: str
    vendor: str
    count: int
    holder: str
    slot_seconds: float = SLOT_SECONDS
    yields: bool = False
    _held: Item | None = field(default=None, init=False)
    _busy: VendorFault | None = field(default=None, init=False)
    _busy_since: datetime | None = field(default=None, init=False)

    def hold(self, timeout: float) -> None:
        """Makes sure that we hold a slot for a call of at most `timeout` seconds, or raises VendorFault(BUDGET)."""
        now = self.services.clock()
        # The lease must outlast the call: a slot that expires while we wait for an answer would be shared.
        needed = timeout + MARGIN
        until = now + timedelta(seconds=max(self.slot_seconds, needed + self.slot_seconds / 2))
        if self._held is not None:
            remaining = (_until(self._held) - now).total_seconds()
            if remaining >= max(self.slot_seconds / 2, needed):
                return
            if self._renew(until):
                return
        self._take(now, until)

    def extend(self, until: datetime) -> None:
        """Keeps the slot for this holder until then, for an operation that goes on at the vendor after we have left."""
        if self._held is None:
            self._take(self.services.clock(), until)
        if self._held is None or not self._renew(until, extended=True):
            raise self._refusal(self.services.clock(), self._read())

    def release(self) -> None:
        """Gives the slot back, also one that an earlier piece of work of the same holder had extended."""
        held = self._held or next((item for item in self._read().values() if item["holder"] == self.holder), None)
        self._held = None
        if held is not None:
            # Another worker of the same holder may have joined meanwhile: its turn is higher, and the slot stays.
            mine = Equals({"holder": self.holder, "turn": held["turn"]})
            self.services.tables.delete("state", str(held["pk"]), "-", mine)

    def others(self, now: datetime) -> tuple[str, ...]:
        """Who else holds a slot now."""
        held = [str(item["holder"]) for item in self._read().values() if _until(item) > now]
        return tuple(sorted(holder for holder in held if holder != self.holder))

    def _take(self, now: datetime, until: datetime) -> None:
        if self._busy is not None and self._busy_since is not None and now < self._busy_since + QUIET:
            raise self._busy
        if self.yields:
            self._let_pass(now)
        items = self._read()
        for number in self._order(items, now):
            item = items.get(number)
            if self._put(number, item, until, self._condition(item, now)):
                self._busy = None
                return
        raise self._refusal(now, self._read())

    def _let_pass(self, now: datetime) -> None:
        """Refuses while somebody who does not yield wants the session. Raises VendorFault(BUDGET)."""
        item = self.services.tables.get("state", self._wish, "-")
        if item is not None and _until(item) > now:
            text = f"work that is waited for wants the session of {self.account}; nothing was sent"
            raise VendorFault(self.vendor, FaultKind.BUDGET, text, Executed.NO, retry_at=_until(item))

    @property
    def _wish(self) -> str:
        return f"lease/slot/{self.account}/wanted"

    def _order(self, items: dict[int, Item], now: datetime) -> list[int]:
        """Slots worth trying: the one that is ours already, then the free ones, each holder in an order of its own."""
        own = [number for number, item in items.items() if item["holder"] == self.holder]
        free = [
            number
            for number in range(self.count)
            if number not in items or (number not in own and _until(items[number]) < now - GRACE)
        ]
        turn = sum(self.holder.encode()) % len(free) if free else 0
        return own[:1] + free[turn:] + free[:turn]

    def _condition(self, item: Item | None, now: datetime) -> Condition:
        if item is not None and item["holder"] == self.holder:
            return Equals({"holder": self.holder, "turn": item["turn"]})
        return AbsentOrBelow("until", instant_text(now - GRACE))

    def _renew(self, until: datetime, extended: bool = False) -> bool:
        held = self._held
        if held is None:
            return False
        number = int(str(held["pk"]).rpartition("/")[2])
        mine = Equals({"holder": self.holder, "turn": held["turn"]})
        if self._put(number, held, until, mine, extended):
            return True
        self._held = None
        return False

    def _put(
        self, number: int, before: Item | None, until: datetime, condition: Condition, extended: bool = False
    ) -> bool:
        ours = before is not None and before["holder"] == self.holder
        if before is not None and ours and _until(before) > until:
            until, extended = _until(before), bool(before["extended"])
        item: Item = {
            "pk": f"lease/slot/{self.account}/{number}",
            "sk": "-",
            "holder": self.holder,
            "until": instant_text(until),
            "turn": int(before["turn"]) + 1 if before is not None else 1,
            "extended": extended,
            "yields": self.yields,
            "expires_at": epoch_seconds(until + timedelta(days=1)),
        }
        if not self.services.tables.put("state", item, condition):
            return False
        self._held = item
        return True

    def _read(self) -> dict[int, Item]:
        keys = {(f"lease/slot/{self.account}/{number}", "-"): number for number in range(self.count)}
        found = self.services.tables.get_many("state", list(keys))
        return {keys[key]: item for key, item in found.items()}

    def _refusal(self, now: datetime, items: dict[int, Item]) -> VendorFault:
        first = min(items.values(), key=_until, default=None)
        holder = str(first["holder"]) if first is not None else "another worker"
        # While a long operation runs there is nothing to gain from asking every few seconds.
        slow = first is not None and bool(first["extended"])
        seconds = (5 + 15 * self.services.random()) if slow else (1 + 3 * self.services.random())
        running = " (a long operation runs there)" if slow else ""
        fault = VendorFault(
            self.vendor,
            FaultKind.BUDGET,
            f"all {self.count} session slots of {self.account} are taken, one by {holder}{running}; nothing was sent",
            Executed.NO,
            retry_at=now + timedelta(seconds=seconds),
        )
        self._busy, self._busy_since = fault, now
        if not self.yields and any(item.get("yields") for item in items.values()):
            until = now + timedelta(seconds=seconds) + WISH
            wish: Item = {"pk": self._wish, "sk": "-", "until": instant_text(until)}
            self.services.tables.put("state", {**wish, "expires_at": epoch_seconds(until + timedelta(days=1))})
        return fault


def _until(item: Item) -> datetime:
    return parse_instant(str(item["until"]))
