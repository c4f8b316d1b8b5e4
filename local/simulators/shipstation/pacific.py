"""Pacific wall time without an offset, as V1 stores, shows and compares every moment.

The server compares wall clocks, not moments: in the repeated hour of November two moments have one text, and the
skipped hour of March has none.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.(\d{0,7}))?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?", re.IGNORECASE
)


def wall(moment: datetime) -> datetime:
    """The wall clock of Los Angeles at an aware moment, as a naive datetime."""
    return moment.astimezone(PACIFIC).replace(tzinfo=None, fold=0)


def long_text(moment: datetime) -> str:
    """Seven digits of fraction: orders, shipments, fulfillments, customers."""
    return f"{wall(moment):%Y-%m-%dT%H:%M:%S.%f}0"


def short_text(moment: datetime) -> str:
    """Milliseconds without their trailing zeros, none at all on the full second: order items, products, stores."""
    local = wall(moment)
    fraction = f"{local.microsecond // 1000:03d}".rstrip("0")
    return f"{local:%Y-%m-%dT%H:%M:%S}" + (f".{fraction}" if fraction else "")


def utc_text(moment: datetime) -> str:
    """V2: ISO 8601 in UTC with a Z."""
    local = moment.astimezone(UTC)
    fraction = f".{local.microsecond // 1000:03d}".rstrip("0").rstrip(".")
    return f"{local:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def today(moment: datetime) -> date:
    """The calendar date in Los Angeles."""
    return wall(moment).date()


def read_wall(text: str) -> tuple[datetime, bool] | None:
    """A wall clock out of a request, and whether an offset stood behind it (which the server passes over).

    `yyyy-MM-dd`, or that with a time of day behind `T` or a blank and 0 to 7 digits of fraction. None: no such moment.
    """
    found = _MOMENT.fullmatch(text.strip())
    if not found:
        return None
    try:
        day, clock = date.fromisoformat(found[1]), found[2] or "00:00"
        hours = time.fromisoformat(clock.split(".")[0])
    except ValueError:
        return None
    micro = int((found[3] or "").ljust(6, "0")[:6])
    return datetime.combine(day, hours).replace(microsecond=micro), bool(found[4])


def from_wall(local: datetime) -> datetime:
    """The earliest moment at which the clock shows this time; in the skipped hour, with the offset before it."""
    return local.replace(tzinfo=PACIFIC, fold=0).astimezone(UTC)
