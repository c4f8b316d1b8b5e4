"""Values kept in memory for a while, so that a warm webhook makes one AWS call instead of three."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from connector.instants import Clock

Value = TypeVar("Value")


@dataclass
class Cache(Generic[Value]):
    """Reads through `read` and keeps what it answers for `lifetime`. None is not kept: what appears is seen at once."""

    read: Callable[[str], Value | None]
    clock: Clock
    lifetime: timedelta
    patience: timedelta = timedelta(minutes=1)  # least time between two forced readings of one name
    _kept: dict[str, tuple[datetime, Value]] = field(default_factory=dict)
    _forced: dict[str, datetime] = field(default_factory=dict)

    def get(self, name: str) -> Value | None:
        """The value, from memory while it is fresh. Raises what `read` raises."""
        kept = self._kept.get(name)
        if kept is not None and timedelta(0) <= self.clock() - kept[0] < self.lifetime:
            return kept[1]
        return self._load(name)

    def again(self, name: str) -> Value | None:
        """The value read anew, or None when that was done less than `patience` ago or nothing is there."""
        now = self.clock()
        before = self._forced.get(name)
        if before is not None and timedelta(0) <= now - before < self.patience:
            return None
        self._forced[name] = now  # before the call: an outage must not turn every forged request into a call
        return self._load(name)

    def _load(self, name: str) -> Value | None:
        self._kept.pop(name, None)
        value = self.read(name)
        if value is not None:
            self._kept[name] = (self.clock(), value)
        return value
