"""ShipStation V1's times: US Pacific wall time without an offset, 0-7 fraction digits; plain dates stay dates.

Requirements page, "Date format". V2 answers ISO 8601 in UTC, which `parse_time` reads as well.
A wall time that occurs twice is read as its first occurrence. Filters are compared as wall time by a server that
nobody can ask how it reads the doubled hour: a window's text is widened there, never narrowed.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from connector.instants import parse_instant

PACIFIC = ZoneInfo("America/Los_Angeles")
_NEVER = "0001-01-01"  # how .NET writes a date that was never set
_HOUR, _SECOND = timedelta(hours=1), timedelta(seconds=1)


def parse_time(text: str) -> datetime | None:
    """The instant; None for .NET's empty date. Raises ValueError."""
    if text.strip().startswith(_NEVER):
        return None
    return parse_instant(text, PACIFIC)


def parse_day(text: str) -> date:
    """A calendar date; a time of day behind it is cut off, never converted. Raises ValueError."""
    return date.fromisoformat(text.strip()[:10])


def wall_time(moment: datetime) -> datetime:
    """Pacific wall time, naive."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone is not an instant")
    return moment.astimezone(PACIFIC).replace(tzinfo=None)


def time_text(moment: datetime) -> str:
    """An instant in a request body: `2026-03-13T07:46:27.0000000`."""
    return wall_time(moment).isoformat(timespec="microseconds") + "0"


def day_time_text(day: date) -> str:
    """A calendar day where ShipStation wants a date-time."""
    return f"{day.isoformat()}T00:00:00.0000000"


def window_start(moment: datetime) -> str:
    """The lower end of a filter: everything at or after `moment` is inside, however its ends are compared.

    In the hours before and while the clocks go back it is an hour earlier.
    """
    wall = wall_time(moment).replace(microsecond=0) - _SECOND
    if _doubled(wall) or _doubled(wall + _HOUR):
        wall -= _HOUR
    return wall.isoformat(sep=" ")


def window_end(moment: datetime) -> str:
    """The upper end of a filter: everything at or before `moment` is inside; never within the doubled hour."""
    wall = wall_time(moment).replace(microsecond=0) + 2 * _SECOND
    if _doubled(wall):
        wall = wall.replace(hour=2, minute=0, second=0)
    return wall.isoformat(sep=" ")


def _doubled(wall: datetime) -> bool:
    """Whether this wall time occurs twice."""
    first, second = wall.replace(tzinfo=PACIFIC, fold=0), wall.replace(tzinfo=PACIFIC, fold=1)
    return first.astimezone(UTC) < second.astimezone(UTC)
