"""Where a vendor account's budget stands, for people. Reads the state table only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.budget import AccountGate
from connector.closing import Mood, read_mood
from connector.instants import instant_text
from connector.ports import pages
from connector.windows import WINDOW_SECONDS


@dataclass(frozen=True)
class Standing:
    """per_minute: what is allowed now, None where nothing limits it. used: calls taken within the last minute.

    waiting: pieces of work that have a turn in a later part of the window. slots: how many sessions there are, None
    where none are counted; holders: who has one now, others than ourselves.
    """

    account: str
    per_minute: int | None
    configured: int | None
    used: int
    waiting: int
    mood: Mood
    slots: int | None
    holders: tuple[str, ...]


def standing(gate: AccountGate, now: datetime) -> Standing:
    """The standing of the account that a gate guards."""
    mood = read_mood(gate.services, gate.account)
    first = instant_text(now - timedelta(seconds=WINDOW_SECONDS))
    used = waiting = 0
    read = gate.services.tables.query
    for item in pages(lambda start: read("state", f"budget/{gate.account}", start=start)):
        kind, _, begin = str(item["sk"]).partition("#")
        if kind == "window" and begin > first:
            used += int(item["taken"])
        elif kind == "line" and begin.partition("#")[2] > instant_text(now):
            waiting += int(item["taken"])
    limits = gate.limits
    return Standing(
        gate.account, gate.allowed(mood, now), limits.per_minute, used, waiting, mood, limits.slots,
        gate.holders(now),
    )
