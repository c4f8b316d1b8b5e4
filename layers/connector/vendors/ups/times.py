"""UPS's dates and times. `YYYYMMDD`, `HHMMSS` or `HH:MM:SS`, offsets `-07:00` or (Track Alert) `-04.00`.

A scan's plain date and time are local to the place of the scan; only the gmt members or an offset make an instant.
Unreadable ones are None: a scan keeps its place in UPS's own list.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from connector.instants import parse_instant

_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})", re.ASCII)
_TIME = re.compile(r"(\d{2}):?(\d{2}):?(\d{2})?", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d{2})[:.]?(\d{2})", re.ASCII)


def parse_day(text: str | None) -> date | None:
    """`20260715` (Track, Rate) or `2026-07-15` (Time in Transit); None for anything else."""
    match = _DAY.fullmatch((text or "").strip())
    if match is None:
        return None
    try:
        return date(int(match.group(1)), int(match.group(2)), int(match.group(3)))
    except ValueError:  # a month 13: as good as no date
        return None


def day_form(day: date) -> str:
    """`20260715`."""
    return f"{day.year:04d}{day.month:02d}{day.day:02d}"


def clock_text(text: str | None) -> str | None:
    """`14:32:07` of either form; None for anything else."""
    match = _TIME.fullmatch((text or "").strip())
    if match is None:
        return None
    hour, minute, second = (int(part or 0) for part in match.groups())
    return f"{hour:02d}:{minute:02d}:{second:02d}" if hour < 24 and minute < 60 and second < 60 else None


def local_text(day: str | None, time: str | None) -> str:
    """`2026-07-15T14:32:07`, local to the place it is about; only the day where the time is missing; "" without one."""
    parsed = parse_day(day)
    if parsed is None:
        return ""
    clock = clock_text(time)
    return f"{parsed.isoformat()}T{clock}" if clock else parsed.isoformat()


def scan_instant(
    day: str | None, time: str | None, gmt_day: str | None, gmt_time: str | None, offset: str | None
) -> datetime | None:
    """The instant of a scan: by its gmt members, else by local time and offset, else unknown."""
    zulu = local_text(gmt_day, gmt_time)
    if "T" in zulu:
        return parse_instant(f"{zulu}Z")
    local, match = local_text(day, time), _OFFSET.fullmatch((offset or "").strip())
    if "T" not in local or match is None:
        return None
    sign, hours, minutes = match.groups()
    try:
        return parse_instant(f"{local}{sign}{hours}:{minutes}")
    except ValueError:  # an impossible offset: the zone stays unknown
        return None
