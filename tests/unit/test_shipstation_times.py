"""ShipStation's times: Pacific wall time without an offset, windows that lose nothing when clocks change."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connector.instants import instant_text, parse_instant
from vendors.shipstation.times import (
    PACIFIC,
    day_time_text,
    parse_day,
    parse_time,
    time_text,
    wall_time,
    window_end,
    window_start,
)

BACK = datetime(2025, 11, 2, 8, 0, tzinfo=UTC)  # 01:00 Pacific, the first time
moments = st.datetimes(datetime(2007, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
around = st.timedeltas(timedelta(hours=-4), timedelta(hours=4)).map(lambda delta: BACK + delta)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2016-02-16T15:16:53.7070000", "2016-02-16T23:16:53.707000Z"),
        ("2015-07-16T14:00:34.8230000", "2015-07-16T21:00:34.823000Z"),
        ("2014-09-04T09:18:01.293", "2014-09-04T16:18:01.293000Z"),
        ("2015-08-17T09:24:14.78", "2015-08-17T16:24:14.780000Z"),
        ("2025-03-09T01:59:59.9990000", "2025-03-09T09:59:59.999000Z"),
        ("2025-03-09T02:30:00.0000000", "2025-03-09T10:30:00.000000Z"),
        ("2025-03-09T03:00:00", "2025-03-09T10:00:00.000000Z"),
        ("2025-11-02T01:30:00.0000000", "2025-11-02T08:30:00.000000Z"),
        ("2025-11-02T02:00:00.0000000", "2025-11-02T10:00:00.000000Z"),
        ("2025-12-31T16:30:00.0000000", "2026-01-01T00:30:00.000000Z"),
        ("2026-03-16T18:40:05.77Z", "2026-03-16T18:40:05.770000Z"),
    ],
)
def test_worked_conversions(text: str, utc: str) -> None:
    found = parse_time(text)
    assert found is not None
    assert instant_text(found) == utc


def test_the_shared_vectors(shared: Path) -> None:
    vectors = json.loads((shared / "specs" / "shipstation" / "vectors" / "time-zone-v1.json").read_text())
    for row in [*vectors["to_utc"], *vectors["gap"]]:
        assert parse_time(row["v1"]) == parse_instant(row["utc"]), row
    for row in vectors["ambiguous"]:
        assert parse_time(row["v1"]) == parse_instant(row["earliest_utc"])
    for row in vectors["date_only"]:
        assert parse_day(row["v1"]).isoformat() in row["v1"]


def test_dates_are_never_shifted_and_an_empty_date_is_none() -> None:
    assert parse_day("2016-06-07T00:00:00.0000000") == date(2016, 6, 7)
    assert parse_day("2014-10-03") == date(2014, 10, 3)
    assert parse_time("0001-01-01T00:00:00") is None
    assert day_time_text(date(2026, 3, 13)) == "2026-03-13T00:00:00.0000000"


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00", "2026-02-30T00:00:00", "2026-01-01T25:00:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|month|day|hour"):
        parse_time(text)


def test_a_time_without_a_zone_is_not_sent() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        time_text(datetime(2026, 1, 1))  # noqa: DTZ001 - this is what is refused


@given(moments, st.integers(0, 7))
def test_any_precision_is_read_to_the_digits_it_has(moment: datetime, digits: int) -> None:
    fraction = f"{moment.microsecond:06d}0"[:digits]
    text = wall_time(moment).replace(microsecond=0).isoformat() + (f".{fraction}" if digits else "")
    read = parse_time(text)
    assert read is not None
    expected = moment.replace(microsecond=int(f"{fraction[:6]:0<6}"))
    assert read in (expected, expected - timedelta(hours=1))
    if moment.astimezone(PACIFIC).fold == 0:
        assert read == expected


@given(moments)
def test_what_is_sent_is_read_back(moment: datetime) -> None:
    text = time_text(moment)
    assert len(text.rpartition(".")[2]) == 7
    read = parse_time(text)
    assert read == moment or (moment.astimezone(PACIFIC).fold == 1 and read == moment - timedelta(hours=1))


@given(st.one_of(moments, around), st.timedeltas(timedelta(0), timedelta(hours=6)), st.floats(0, 1))
@example(BACK, timedelta(hours=1), 1.0)
@example(BACK + timedelta(minutes=90), timedelta(0), 0.0)
def test_a_window_holds_every_instant_in_it_however_the_server_compares(
    since: datetime, length: timedelta, place: float
) -> None:
    until, inside = since + length, since + length * place
    start, end = window_start(since), window_end(until)
    # Compared as wall time, both ends exclusive: the narrowest reading.
    assert start < wall_time(inside).isoformat(sep=" ", timespec="microseconds") < end
    # Compared as instants, whichever of the two hours the server takes the text for: read with either fold.
    for text, wanted in ((start, -1), (end, 1)):
        for fold in (0, 1):
            read = datetime.fromisoformat(text).replace(tzinfo=PACIFIC, fold=fold).astimezone(UTC)
            assert (inside - read) * wanted <= timedelta(0)


@given(moments)
def test_a_window_is_never_widened_by_more_than_two_hours(moment: datetime) -> None:
    start = datetime.fromisoformat(window_start(moment)).replace(tzinfo=PACIFIC).astimezone(UTC)
    end = datetime.fromisoformat(window_end(moment)).replace(tzinfo=PACIFIC).astimezone(UTC)
    assert moment - start <= timedelta(hours=2, seconds=2)
    assert end - moment <= timedelta(hours=2, seconds=3)
