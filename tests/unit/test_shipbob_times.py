"""ShipBob's times and time zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors.shipbob.times import (
    WINDOWS_ZONES,
    day_end_text,
    day_start_text,
    location_zone,
    parse_day,
    parse_time,
    time_text,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-02-19T03:14:23.7565958+00:00", datetime(2025, 2, 19, 3, 14, 23, 756595, UTC)),
        ("2026-03-02T15:04:10.881+00:00", datetime(2026, 3, 2, 15, 4, 10, 881000, UTC)),
        ("2026-03-02T15:04:10Z", datetime(2026, 3, 2, 15, 4, 10, tzinfo=UTC)),
        ("2026-03-02T15:04:10", datetime(2026, 3, 2, 15, 4, 10, tzinfo=UTC)),
        ("2026-03-02T09:04:10-06:00", datetime(2026, 3, 2, 15, 4, 10, tzinfo=UTC)),
        ("0001-01-01T00:00:00", None),
        ("0001-01-01T00:00:00+00:00", None),
    ],
)
def test_parse_time(text: str, expected: datetime | None) -> None:
    assert parse_time(text) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00Z", "03/02/2026"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the kinds of bad text are many
        parse_time(text)


@given(st.integers(946_684_800_000_000, 4_102_444_800_000_000).map(lambda micro: EPOCH + timedelta(microseconds=micro)))
def test_what_we_send_reads_back_never_later_and_within_a_millisecond(moment: datetime) -> None:
    back = parse_time(time_text(moment))
    assert back is not None
    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)
    assert time_text(moment).endswith("Z")


def test_other_zones_are_sent_as_utc_and_naive_ones_not_at_all() -> None:
    assert time_text(datetime(2026, 3, 2, 10, 0, tzinfo=timezone(timedelta(hours=-5)))) == "2026-03-02T15:00:00.000Z"
    with pytest.raises(ValueError, match="without a zone"):
        time_text(datetime(2026, 3, 2, 10, 0))  # noqa: DTZ001


def test_days() -> None:
    assert parse_day("2025-11-26") == date(2025, 11, 26)
    assert parse_day("2025-11-26T00:00:00") == date(2025, 11, 26)
    assert (day_start_text(date(2026, 3, 2)), day_end_text(date(2026, 3, 2))) == (
        "2026-03-02T00:00:00Z",
        "2026-03-02T23:59:59Z",
    )
    with pytest.raises(ValueError, match="isoformat"):
        parse_day("26.11.2025")


@pytest.mark.parametrize(
    ("name", "winter_offset"),
    [
        ("Central Standard Time", -6),
        ("Pacific Standard Time", -8),
        ("Eastern Standard Time", -5),
        ("GMT Standard Time", 0),
        ("Central Europe Standard Time", 1),
        ("AUS Eastern Standard Time", 11),
        ("America/Chicago", -6),
    ],
)
def test_zones_of_locations(name: str, winter_offset: int) -> None:
    offset = datetime(2026, 1, 15, 12, tzinfo=location_zone(name)).utcoffset()
    assert offset == timedelta(hours=winter_offset)


def test_every_windows_zone_leads_to_a_zone_of_this_machine() -> None:
    assert len({str(location_zone(name)) for name in WINDOWS_ZONES}) == len(WINDOWS_ZONES)


@pytest.mark.parametrize("name", ["Middle-earth Standard Time", "", "Nowhere/City"])
def test_an_unknown_zone_is_named(name: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        location_zone(name)
