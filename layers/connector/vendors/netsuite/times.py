"""NetSuite's times. SuiteQL speaks the session's local time, REST speaks UTC, and dates are days of the company.

A change stamp of SuiteQL is never converted: it is kept as the text it came as and handed back as the same text. Which
zone a session has is not documented for sure, and a converted cursor once lost another connector's records for ever.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from connector.instants import local_day

MASK = "YYYY-MM-DD HH24:MI:SS"
_FORM = "%Y-%m-%d %H:%M:%S"

REWIND = timedelta(minutes=75)
"""How far a cursor looks back: longer than the hour that local time repeats when daylight saving ends."""


def checked_stamp(text: str) -> str:
    """A change stamp as SuiteQL writes it under `MASK`. Raises ValueError."""
    _wall(text)
    return text


def rewound(stamp: str, by: timedelta = REWIND) -> str:
    """The stamp moved back on the same wall clock; no zone is involved."""
    return (_wall(stamp) - by).strftime(_FORM)


def wall_offset(database_now: str, now: datetime) -> timedelta:
    """How far the session's wall clock is from UTC, measured. Raises ValueError."""
    return _wall(database_now) - now.astimezone(UTC).replace(tzinfo=None)


def stamp_of(moment: datetime, offset: timedelta) -> str:
    """An instant on the session's wall clock, for the first look of a connection only."""
    return (moment.astimezone(UTC).replace(tzinfo=None) + offset).strftime(_FORM)


def company_day(moment: datetime, zone: ZoneInfo) -> date:
    """The date of a transaction: the company's calendar day of an instant."""
    return local_day(moment, zone)


def _wall(text: str) -> datetime:
    return datetime.strptime(text, _FORM)  # noqa: DTZ007 - a wall clock without a zone is what it is
