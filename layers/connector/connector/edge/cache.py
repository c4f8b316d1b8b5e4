"""Values kept in memory for a while, so that a warm webhook makes one AWS call instead of three."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from connector.instants import Clock

Value = TypeVar("Value")

PATIENCE = timedelta(minutes=1)  # least time between two forced readings of one name


class Cache(Generic[Value]):
    """Reads through `read` and keeps what it answers for `lifetime`. None is not kept: what appears is seen at once."""

    def __init__(self, read: Callable[[str], Value | None], clock: Clock, lifetime: timedelta) -> None:
        self._read = read
        self._clock = clock
        self._lifetime = lifetime
        self._kept: dict[str, tuple[datetime, Value]] = {}
        self._forced: dict[str, datetime] = {}

    def get(self, name: str) -> Value | None:
        """The value, from memory while it is fresh. Raises what `read` raises."""
        kept = self._kept.get(name)
        if kept is not None and timedelta(0) <= self._clock() - kept[0] < self._lifetime:
            return kept[1]
        return self._load(name)

    def again(self, name: str) -> Value | None:
        """The value read anew, or None when that was done less than a minute ago or nothing is there."""
        now = self._clock()
        before = self._forced.get(name)
        if before is not None and timedelta(0) <= now - before < PATIENCE:
            return None
        self._forced[name] = now  # before the call: an outage must not turn every forged request into a call
        return self._load(name)

    def _load(self, name: str) -> Value | None:
        self._kept.pop(name, None)
        value = self._read(name)
        if value is not None:
            self._kept[name] = (self._clock(), value)
        return value
