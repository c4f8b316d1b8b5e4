"""Dates and times of Acumatica: precision, offsets, business days, ticks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.acumatica import times

NEW_YORK = ZoneInfo("America/New_York")
ZONES = st.sampled_from(["UTC", "America/New_York", "Asia/Tokyo", "Pacific/Auckland", "America/Los_Angeles"])
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize("digits", range(8))
def test_zero_to_seven_fraction_digits(digits: int) -> None:
    fraction = f".{'1234567'[:digits]}" if digits else ""
    expected = int("123456"[:digits].ljust(6, "0"))
    found = times.read_instant(f"2026-02-11T08:05:09{fraction}-05:00", NEW_YORK)
    assert found == datetime(2026, 2, 11, 13, 5, 9, expected, UTC)


def test_a_time_without_offset_is_read_in_the_business_zone() -> None:
    assert times.read_instant("2026-02-11T08:05:09", NEW_YORK) == datetime(2026, 2, 11, 13, 5, 9, tzinfo=UTC)


@given(day=DAYS, minutes=st.integers(-12 * 60, 14 * 60), zone=ZONES, seconds=st.sampled_from(["", ":00", ":00.000"]))
def test_a_written_midnight_names_its_own_day(day: date, minutes: int, zone: str, seconds: str) -> None:
    offset = datetime(2026, 1, 1, tzinfo=timezone(timedelta(minutes=minutes))).isoformat()[-6:]
    text = f"{day.isoformat()}T00:00{seconds}{offset}"
    assert times.read_day(text, ZoneInfo(zone)) == day
    assert times.read_day(day.isoformat(), ZoneInfo(zone)) == day


@given(day=DAYS, zone=ZONES)
def test_the_zones_midnight_written_in_utc_is_the_zones_day(day: date, zone: str) -> None:
    start = times.start_of_day(day, ZoneInfo(zone))
    assert times.read_day(start.isoformat(), ZoneInfo(zone)) == day


def test_days_are_written_without_time_and_offset() -> None:
    assert times.write_day(date(2026, 3, 4)) == "2026-03-04"


def test_filter_literals_are_instants_with_an_offset() -> None:
    moment = datetime(2026, 3, 1, 14, 5, 9, 250_000, UTC)
    assert times.filter_literal(moment) == "datetimeoffset'2026-03-01T14:05:09.250+00:00'"
    assert times.filter_literal(moment.astimezone(NEW_YORK)) == times.filter_literal(moment)
    finer = moment + timedelta(microseconds=1)
    assert times.filter_literal(finer) == times.filter_literal(moment)
    assert times.filter_literal(finer, up=True) == "datetimeoffset'2026-03-01T14:05:09.251+00:00'"
    with pytest.raises(ValueError, match="not an instant"):
        times.filter_literal(datetime(2026, 3, 1))  # noqa: DTZ001


def test_ticks() -> None:
    assert times.read_ticks(639080131094570001) == datetime(2026, 3, 2, 1, 51, 49, 457000, UTC)
    assert times.read_ticks(636295833829493672) == datetime(2017, 5, 5, 12, 16, 22, 949367, UTC)
    with pytest.raises(ValueError, match="time stamp"):
        times.read_ticks(10**40)


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_ticks_round_trip(moment: datetime) -> None:
    ticks = (moment - datetime(1, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 10
    assert times.read_ticks(ticks) == moment
