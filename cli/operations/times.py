"""Instants as people read them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connector.instants import instant_text, parse_instant


def moment_text(instant: str) -> str:
    """`2026-03-02 14:05:09 UTC`; empty stays empty."""
    return f"{instant[:10]} {instant[11:19]} UTC" if instant else ""


def span_text(span: timedelta) -> str:
    """`40 seconds`, `12 minutes`, `3 hours`, `2 days`: rounded down to the largest unit that fits twice."""
    seconds = max(0, int(span.total_seconds()))
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{seconds // size} {word}s"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def from_now(instant: str, now: datetime) -> str:
    """`2026-03-02 14:05:09 UTC (in 12 minutes)`, `(3 hours ago)`."""
    moment = parse_instant(instant)
    if moment >= now:
        return f"{moment_text(instant_text(moment))} (in {span_text(moment - now)})"
    return f"{moment_text(instant_text(moment))} ({span_text(now - moment)} ago)"


def parse_span(text: str) -> timedelta:
    """`90s`, `15m`, `3h`, `2d`. Raises ValueError."""
    units = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
    number, unit = text[:-1], text[-1:]
    if unit not in units or not number.isascii() or not number.isdigit():
        raise ValueError(f"{text!r} is no age; write for example 90s, 15m, 3h or 2d")
    return timedelta(seconds=int(number) * units[unit])


def parse_moment(text: str) -> datetime:
    """An ISO 8601 time; a day or a time without an offset is UTC. Raises ValueError."""
    return parse_instant(text, ZoneInfo("UTC"))
