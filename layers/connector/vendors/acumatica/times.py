"""Acumatica's dates and times (facts: Integration Development Guide, "Representation of a Record in JSON Format").

Answers carry ISO 8601 with an offset and 0-7 fraction digits; date-only fields come as a midnight in some offset;
push notifications stamp .NET ticks. Requests take plain days without offset, filters take datetimeoffset literals.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connector.instants import local_day, parse_instant

_LITERAL_MIDNIGHT = re.compile(
    r"^(\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?\s*(?:Z|z|[+-]\d{2}:?\d{2})?$", re.ASCII
)
_YEAR_ONE = datetime(1, 1, 1, tzinfo=UTC)


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """A date-time field of an answer. One without offset is read in the business zone. Raises ValueError."""
    return parse_instant(text, zone)


def stated_time(text: str) -> datetime | None:
    """A date-time field with the offset that the site wrote; None when it wrote none or what is no time."""
    try:
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.strip()))
    except ValueError:  # the reading of the field itself says what is wrong with it
        return None
    return moment if moment.tzinfo is not None else None


def read_day(text: str, zone: ZoneInfo) -> date:
    """A date-only field (Date, ShipmentDate, DueDate). Raises ValueError.

    The vendor writes such a day as midnight, in an offset that differs between builds. A midnight as written names
    its own day; anything else is an instant whose day counts in the business zone. Converting a written midnight
    would move every order of a company west of Greenwich to the day before.
    """
    match = _LITERAL_MIDNIGHT.match(text.strip())
    if match is not None:
        return date.fromisoformat(match[1])
    return local_day(parse_instant(text, zone), zone)


def write_day(day: date) -> str:
    """A date-only field in a request: no time and no offset, which could move it to the neighbouring day."""
    return date(day.year, day.month, day.day).isoformat()


def write_instant(moment: datetime) -> str:
    """A date-time field in a request."""
    return _utc(moment).isoformat(timespec="milliseconds")


def filter_literal(moment: datetime, *, up: bool = False) -> str:
    """`datetimeoffset'2026-03-01T14:05:09.250+00:00'`, rounded down (or `up`) to the millisecond.

    Lower bounds round down and upper bounds round up, so that a stamp finer than a millisecond stays inside.
    Percent-encode it (`+` as %2B) before it goes into a URL.
    """
    exact = _utc(moment)
    floor = exact.replace(microsecond=exact.microsecond // 1000 * 1000)
    if up and floor != exact:
        floor += timedelta(milliseconds=1)
    return f"datetimeoffset'{floor.isoformat(timespec='milliseconds')}'"


def read_ticks(ticks: int) -> datetime:
    """The `TimeStamp` of a push notification: 100 ns since 0001-01-01 UTC, cut to microseconds. Raises ValueError."""
    try:
        return _YEAR_ONE + timedelta(microseconds=ticks // 10)
    except OverflowError as error:
        raise ValueError(f"{ticks} is not a .NET time stamp") from error


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a business day begins."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone is not an instant")
    return moment.astimezone(UTC)
