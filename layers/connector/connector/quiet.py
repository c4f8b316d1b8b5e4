"""The schedule of a flow, and quiet hours: times of every week, by a business's own clock, in which it rests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connector.instants import is_zone, local_day, parse_instant

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = get_args(Day)
_TIME = r"^([01]\d|2[0-3]):[0-5]\d$"
_WEEK = 7 * 24 * 60


class QuietHours(BaseModel):
    """From `begin` on each of the days until the next `end`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: tuple[Day, ...] = Field(default=DAYS, min_length=1, description="Days on which it begins: mon, tue, ...")
    begin: str = Field(pattern=_TIME, description="Local time at which it begins: 22:00.")
    end: str = Field(
        pattern=_TIME, description="Local time at which it ends; the same as begin or earlier: on the next day."
    )
    time_zone: str = Field(description="IANA name of the time zone: America/New_York.")

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        if not is_zone(value):
            raise ValueError(f"{value!r} is not an IANA time zone; for example America/New_York")
        return value


def rest_until(hours: Sequence[QuietHours], now: datetime) -> datetime | None:
    """Until when it rests; None when it does not rest now. Times that touch or overlap count as one."""
    until: datetime | None = None
    for begin, end in sorted(_times(hours, now)):
        if begin <= (until or now) < end:
            until = end
    return until


def woke_at(hours: Sequence[QuietHours], now: datetime) -> datetime | None:
    """When the last rest ended; None when none ended within the last week."""
    return max((end for _, end in _times(hours, now) if end <= now), default=None)


def _times(hours: Sequence[QuietHours], now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Every time of the weeks around the present."""
    for each in hours:
        zone = ZoneInfo(each.time_zone)
        today = local_day(now, zone)
        for offset in range(-8, 9):
            day = today + timedelta(days=offset)
            if DAYS[day.weekday()] in each.days:
                last = day if each.end > each.begin else day + timedelta(days=1)
                yield _at(day, each.begin, zone), _at(last, each.end, zone)


def _at(day: date, clock: str, zone: ZoneInfo) -> datetime:
    return parse_instant(f"{day.isoformat()}T{clock}", zone)


def never_awake(hours: Sequence[QuietHours]) -> bool:
    """Whether the times leave no minute of the week; those of several zones are not judged."""
    asleep: set[int] = set()
    if len({each.time_zone for each in hours}) != 1:
        return False
    for each in hours:
        begin, end = _minutes(each.begin), _minutes(each.end)
        length = end - begin if end > begin else end + 1440 - begin
        for day in each.days:
            start = DAYS.index(day) * 1440 + begin
            asleep.update(minute % _WEEK for minute in range(start, start + length))
    return len(asleep) == _WEEK


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def sometimes_awake(hours: tuple[QuietHours, ...]) -> tuple[QuietHours, ...]:
    """The times as they are. Raises ValueError when they leave no minute of the week."""
    if never_awake(hours):
        raise ValueError("leaves no minute of the week; set enabled = false, or pause it, to stop it altogether")
    return hours


class Schedule(BaseModel):
    """How often one flow polls."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    every_seconds: int | None = Field(
        default=None, ge=1, le=86_400 * 7, description="Seconds between two polls of this flow. Empty: the flow's own."
    )
    enabled: bool = Field(default=True, description="False: this flow neither polls nor works.")
    quiet_hours: tuple[QuietHours, ...] = Field(
        default=(), description="Times of the week in which this flow neither polls nor works."
    )

    @field_validator("quiet_hours")
    @classmethod
    def _awake(cls, value: tuple[QuietHours, ...]) -> tuple[QuietHours, ...]:
        return sometimes_awake(value)
