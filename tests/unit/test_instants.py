"""Instants: what every vendor's clock is turned into."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.instants import day_text, epoch_seconds, instant_text, local_day, parse_instant, system_clock

PACIFIC = ZoneInfo("America/Los_Angeles")
TOKYO = ZoneInfo("Asia/Tokyo")
MOMENTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-03-02T14:05:09Z", "2026-03-02T14:05:09.000000Z"),
        ("2026-03-02T14:05:09.25Z", "2026-03-02T14:05:09.250000Z"),
        ("2026-03-02T14:05:09.1234567Z", "2026-03-02T14:05:09.123456Z"),
        ("2026-03-02T14:05:09.999999999Z", "2026-03-02T14:05:09.999999Z"),
        ("2026-03-02T14:05Z", "2026-03-02T14:05:00.000000Z"),
        ("2026-03-02 14:05:09z", "2026-03-02T14:05:09.000000Z"),
        ("  2026-03-02T14:05:09Z\n", "2026-03-02T14:05:09.000000Z"),
        ("2026-03-02T14:05:09+00:00", "2026-03-02T14:05:09.000000Z"),
        ("2026-03-02T14:05:09-08:00", "2026-03-02T22:05:09.000000Z"),
        ("2026-03-02T14:05:09-0800", "2026-03-02T22:05:09.000000Z"),
        ("2026-03-02T14:05:09+05:30", "2026-03-02T08:35:09.000000Z"),
        ("2026-03-02T23:59:59.9999999-12:00", "2026-03-03T11:59:59.999999Z"),
        ("2026-03-02Z", "2026-03-02T00:00:00.000000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),  # .NET's empty date
        ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_text_with_an_offset(text: str, wanted: str) -> None:
    assert instant_text(parse_instant(text)) == wanted
    assert instant_text(parse_instant(text, TOKYO)) == wanted  # the text knows better than the configuration


@pytest.mark.parametrize(
    ("text", "zone", "wanted"),
    [
        ("2026-03-02T14:05:09", PACIFIC, "2026-03-02T22:05:09.000000Z"),
        ("2026-07-02T14:05:09", PACIFIC, "2026-07-02T21:05:09.000000Z"),
        ("2026-03-02", TOKYO, "2026-03-01T15:00:00.000000Z"),
        ("2026-11-01T01:30:00", PACIFIC, "2026-11-01T08:30:00.000000Z"),  # occurs twice: the first
        ("2026-03-08T02:30:00", PACIFIC, "2026-03-08T10:30:00.000000Z"),  # never occurs: as if the clock went on
    ],
)
def test_text_without_an_offset_is_read_in_the_zone(text: str, zone: ZoneInfo, wanted: str) -> None:
    assert instant_text(parse_instant(text, zone)) == wanted
    with pytest.raises(ValueError, match="no UTC offset and no zone"):
        parse_instant(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "2026-03-02T", "2026-3-2", "02/03/2026", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-03-02T24:00:00Z", "2026-03-02T14:05:60Z", "2026-03-02T14:05:09.Z", "2026-03-02T14:05:09,5Z",
        "2026-03-02T14:05:09+8", "2026-03-02T14:05:09+24:00", "2026-03-02T14:05:09+99:99", "2026-03-02T14:05:09+01:60",
        "2026-03-02T14:05:09.0123456789Z", "2026-03-02T14:05:09ZZ", "/Date(1700000000000)/", "1772460309",
        "٢٠٢٦-03-02T14:05:09Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-05:00", "0001-01-01",
    ],
)
def test_anything_else_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_instant(text, TOKYO)


@given(st.text())
def test_garbage_is_a_value_error_or_an_aware_instant(text: str) -> None:
    try:
        moment = parse_instant(text, TOKYO)
    except ValueError:
        return
    assert moment.tzinfo is UTC


@given(MOMENTS)
def test_round_trip(moment: datetime) -> None:
    text = instant_text(moment)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", text)
    assert parse_instant(text) == moment
    assert text.startswith(day_text(moment))


@given(MOMENTS, MOMENTS)
def test_texts_sort_like_instants(one: datetime, other: datetime) -> None:
    assert (instant_text(one) < instant_text(other)) == (one < other)


@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_the_zone_of_a_value_does_not_matter(moment: datetime, minutes: int) -> None:
    elsewhere = moment.astimezone(timezone(timedelta(minutes=minutes)))
    assert instant_text(elsewhere) == instant_text(moment)
    assert day_text(elsewhere) == day_text(moment)
    assert epoch_seconds(elsewhere) == epoch_seconds(moment)


@given(MOMENTS, st.integers(-23 * 60, 23 * 60), st.sampled_from(["", ":"]))
def test_any_offset_is_taken_off(moment: datetime, minutes: int, colon: str) -> None:
    sign = "-" if minutes < 0 else "+"
    offset = f"{sign}{abs(minutes) // 60:02d}{colon}{abs(minutes) % 60:02d}"
    local = (moment + timedelta(minutes=minutes)).replace(tzinfo=None)
    assert parse_instant(local.isoformat() + offset) == moment


def test_days_of_a_business() -> None:
    moment = datetime(2026, 3, 2, 3, tzinfo=UTC)
    assert day_text(moment) == "2026-03-02"
    assert local_day(moment, PACIFIC) == date(2026, 3, 1)
    assert local_day(moment, TOKYO) == date(2026, 3, 2)


def test_epoch_seconds() -> None:
    assert epoch_seconds(datetime(2026, 3, 2, 14, 5, 9, 999_999, tzinfo=UTC)) == 1_772_460_309


def test_a_naive_time_is_refused_everywhere() -> None:
    naive = datetime(2026, 3, 2)  # noqa: DTZ001 - what must be refused
    for use in (instant_text, day_text, epoch_seconds, lambda moment: local_day(moment, TOKYO)):
        with pytest.raises(ValueError, match="without a zone"):
            use(naive)


def test_the_system_clock_is_aware() -> None:
    assert system_clock().tzinfo is UTC
