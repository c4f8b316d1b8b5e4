"""A clock that only moves when a test moves it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 14, 5, 9, 250_000, tzinfo=UTC)


class VirtualClock:
    """Call it for the present. `advance` and `set` move it; it never goes backwards by itself."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        return self._now

    def advance(
        self, by: timedelta | float = 0, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0
    ) -> datetime:
        """Moves forward by a timedelta or by seconds (or `minutes=5`) and answers the new present."""
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        step += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        with self._lock:
            self._now += step
            return self._now

    def set(self, moment: datetime) -> None:
        """Jumps to an aware moment, also backwards."""
        if moment.tzinfo is None:
            raise ValueError("a time without a zone is not an instant")
        self._now = moment.astimezone(UTC)
