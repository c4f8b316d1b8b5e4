"""The one place that turns text into instants and back. An instant is an aware datetime in UTC.

Vendors differ in zone and precision (0-7 fraction digits, local time without offset); their own codecs
live in `vendors/<vendor>/times.py` and call these functions. Nothing else touches time zones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the webhook's cold start needs no time zone database
    from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Answers the present as an aware UTC datetime. Injected everywhere; only entry points use `system_clock`."""

_ISO = re.compile(
    r"^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(?:\.(\d{1,9}))?)?\s*(Z|z|[+-]\d{2}:?\d{2})?$",
    re.ASCII,
)


def system_clock() -> datetime:
    """The machine's clock, in UTC."""
    return datetime.now(UTC)


def is_zone(name: str) -> bool:
    """Whether this machine knows the time zone (IANA name)."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of the database is an OSError
        return False
    return True


def parse_instant(text: str, zone: ZoneInfo | None = None) -> datetime:
    """ISO 8601 text with 0-9 fraction digits as an instant, truncated to microseconds.

    Text without an offset is read in `zone`; without a `zone` that is an error, because guessing a zone
    moves orders by hours. A local time that occurs twice is read as its first occurrence. Raises ValueError.
    """
    match = _ISO.match(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not an ISO 8601 time")
    try:
        return _instant(text, match, zone)
    except OverflowError as error:
        raise ValueError(f"{text!r} lies outside the years 1 to 9999 in UTC") from error


def _instant(text: str, match: re.Match[str], zone: ZoneInfo | None) -> datetime:
    day, clock, seconds, fraction, offset = match.groups()
    micro = (fraction or "0")[:6].ljust(6, "0")
    naive = datetime.fromisoformat(f"{day}T{clock or '00:00'}{seconds or ':00'}.{micro}")
    if offset is None:
        if zone is None:
            raise ValueError(f"{text!r} has no UTC offset and no zone is configured for it")
        return naive.replace(tzinfo=zone).astimezone(UTC)
    if offset in ("Z", "z"):
        return naive.replace(tzinfo=UTC)
    sign = -1 if offset[0] == "-" else 1
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if hours > 23 or minutes > 59:
        raise ValueError(f"{text!r} has an impossible UTC offset")
    return (naive - sign * timedelta(hours=hours, minutes=minutes)).replace(tzinfo=UTC)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone is not an instant")
    return moment.astimezone(UTC)


def instant_text(moment: datetime) -> str:
    """The canonical form that we store and compare: `2026-03-02T14:05:09.250000Z`. Sorts as text.

    Not by strftime, which writes the year 1 (.NET's empty date, seen at several vendors) without its zeros.
    """
    return _utc(moment).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def day_text(moment: datetime) -> str:
    """The UTC day, `2026-03-02`."""
    return _utc(moment).date().isoformat()


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day of an instant in a business's own zone."""
    return _utc(moment).astimezone(zone).date()


def epoch_seconds(moment: datetime) -> int:
    """Whole seconds since 1970, the form of DynamoDB's time to live."""
    return int(_utc(moment).timestamp())
