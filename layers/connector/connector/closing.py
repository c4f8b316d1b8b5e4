"""What all workers of one vendor account know about the vendor's mood: closed, short of calls, slowed down.

One item, state table, pk `budget/<account>`, sk `gate`. It is written only when a vendor declines or warns, and read
with every chunk of calls.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connector.backoff import wait_until
from connector.instants import epoch_seconds, instant_text, parse_instant
from connector.ports import Absent, Equals, Item
from connector.services import Services

FIRST_CLOSING = timedelta(seconds=60)
LONGEST_CLOSING = timedelta(minutes=10)
LONGEST_HINT = timedelta(hours=1)
"""A vendor's hint wins over ours, but a broken header must not stop an account for a year: after an hour we ask."""

FORGIVEN = timedelta(minutes=10)
"""A decline this long after the end of the last closing counts as the first one again."""

KEEP = timedelta(days=7)
CREEP = 1.10
ATTEMPTS = 8


@dataclass(frozen=True)
class Mood:
    """The shared state. `allowance`: the calls a minute that an adaptive account was cut to at `allowance_at`."""

    closed_until: datetime | None = None
    reserved_until: datetime | None = None
    strikes: int = 0
    allowance: int = 0
    allowance_at: datetime | None = None
    version: int = 0

    def per_minute(self, start: int, most: int, now: datetime) -> int:
        """The adaptive limit by now: what was left after the last cut, and 10 % more for every whole minute since."""
        if self.allowance_at is None:
            return start
        minutes = max(0, int((now - self.allowance_at).total_seconds() // 60))
        return max(1, min(most, int(self.allowance * CREEP ** min(minutes, 200))))


def read_mood(services: Services, account: str) -> Mood:
    """The present state; everything open when there is none."""
    item = services.tables.get("state", f"budget/{account}", "gate")
    if item is None:
        return Mood()
    return Mood(
        closed_until=_instant(item, "closed_until"),
        reserved_until=_instant(item, "reserved_until"),
        strikes=int(item.get("strikes", 0)),
        allowance=int(item.get("allowance", 0)),
        allowance_at=_instant(item, "allowance_at"),
        version=int(item["version"]),
    )


def close(services: Services, account: str, hint: datetime | None, allowance: tuple[int, int] | None) -> Mood:
    """Closes the account for everybody after a decline. `allowance` is (start, most) of an adaptive limit.

    Ten workers that are declined at the same moment are one episode: the first one counts it and halves the limit,
    the others only find it closed.
    """
    now = services.clock()
    if hint is not None:
        hint = min(hint, now + LONGEST_HINT)
    for _ in range(ATTEMPTS):
        mood = read_mood(services, account)
        if mood.closed_until is not None and now < mood.closed_until:
            if hint is None or hint <= mood.closed_until:
                return mood
            changed = replace(mood, closed_until=hint)
        else:
            changed = _struck(services, mood, now, hint, allowance)
        if _write(services, account, mood, changed):
            services.log.warning("account closed", account=account, until=changed.closed_until, attempt=changed.strikes)
            services.log.metric("AccountClosed", 1)
            return changed
    services.log.warning("vendor account could not be closed: too many writers", account=account)
    return read_mood(services, account)


def reserve(services: Services, account: str, until: datetime, everybody: bool) -> None:
    """Keeps the vendor's last calls for the preferred lanes until the window has passed; `everybody`: none are left."""
    for _ in range(ATTEMPTS):
        mood = read_mood(services, account)
        changed = replace(mood, reserved_until=_later(mood.reserved_until, until))
        if everybody:
            changed = replace(changed, closed_until=_later(mood.closed_until, until))
        if changed == mood or _write(services, account, mood, changed):
            return
    services.log.warning("vendor account could not be reserved: too many writers", account=account)


def _struck(
    services: Services, mood: Mood, now: datetime, hint: datetime | None, allowance: tuple[int, int] | None
) -> Mood:
    repeated = mood.closed_until is not None and now - mood.closed_until < FORGIVEN
    strikes = mood.strikes + 1 if repeated else 1
    until = wait_until(now, strikes - 1, services.random, hint, FIRST_CLOSING, LONGEST_CLOSING)
    changed = replace(mood, closed_until=until, strikes=strikes)
    if allowance is None:
        return changed
    return replace(changed, allowance=max(1, mood.per_minute(*allowance, now) // 2), allowance_at=now)


def _write(services: Services, account: str, before: Mood, after: Mood) -> bool:
    item: Item = {
        "pk": f"budget/{account}",
        "sk": "gate",
        "strikes": after.strikes,
        "allowance": after.allowance,
        "version": before.version + 1,
        "expires_at": epoch_seconds(services.clock() + KEEP),
    }
    for name in ("closed_until", "reserved_until", "allowance_at"):
        moment: datetime | None = getattr(after, name)
        if moment is not None:
            item[name] = instant_text(moment)
    condition = Equals({"version": before.version}) if before.version else Absent()
    return services.tables.put("state", item, condition)


def _instant(item: Item, name: str) -> datetime | None:
    return parse_instant(str(item[name])) if name in item else None


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)
