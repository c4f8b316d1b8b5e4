"""Times of Dynamics GP: naive text. Change stamps are UTC, dates are days of the company; 1900-01-01 means none.

(Facts: criteria for ModifiedDate need date and time in UTC; .NET's own empty date, the year 1, occurs too.)
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from connector.instants import local_day, parse_instant

_UTC = ZoneInfo("UTC")
_EMPTY_YEARS = ("0001-", "1900-01-01", "1753-01-01")


def parse_stamp(text: str) -> datetime | None:
    """A change stamp; None for GP's empty date. White space around it occurs. Raises ValueError."""
    text = text.strip()
    if not text or text.startswith(_EMPTY_YEARS):
        return None
    return parse_instant(text, _UTC)


def parse_day(text: str) -> date | None:
    """A date; None for GP's empty date. Raises ValueError."""
    text = text.strip()
    if not text or text.startswith(_EMPTY_YEARS):
        return None
    return date.fromisoformat(text[:10])


def stamp_text(moment: datetime) -> str:
    """An instant for a criterion: UTC without a zone, milliseconds (SQL Server's datetime has no finer steps)."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone is not an instant")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")


def day_text(day: date) -> str:
    """A date as GP wants it: midnight."""
    return f"{day.isoformat()}T00:00:00"


def company_day(moment: datetime, zone: ZoneInfo) -> str:
    """The company's day of an instant, as GP wants it."""
    return day_text(local_day(moment, zone))
