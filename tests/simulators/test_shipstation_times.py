"""Pacific wall time: fractions, the skipped and the repeated hour, and filters that compare wall clocks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from local.simulators.shipstation import pacific
from tests.simulators.shipstation_bench import Bench


def at(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2016-02-16T23:16:53.707Z", "2016-02-16T15:16:53.7070000"),
        ("2015-07-16T21:00:34.823Z", "2015-07-16T14:00:34.8230000"),
        ("2025-03-09T09:59:59.999Z", "2025-03-09T01:59:59.9990000"),
        ("2025-03-09T10:00:00Z", "2025-03-09T03:00:00.0000000"),
        ("2025-11-02T08:30:00Z", "2025-11-02T01:30:00.0000000"),
        ("2025-11-02T09:30:00Z", "2025-11-02T01:30:00.0000000"),
        ("2025-11-02T10:00:00Z", "2025-11-02T02:00:00.0000000"),
        ("2026-01-01T00:30:00Z", "2025-12-31T16:30:00.0000000"),
    ],
)
def test_long_texts(moment: str, text: str) -> None:
    assert pacific.long_text(at(moment)) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2015-08-17T16:24:14.780Z", "2015-08-17T09:24:14.78"),
        ("2014-09-18T19:38:43.893Z", "2014-09-18T12:38:43.893"),
        ("2014-09-18T19:38:43Z", "2014-09-18T12:38:43"),
    ],
)
def test_short_texts(moment: str, text: str) -> None:
    assert pacific.short_text(at(moment)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-3-1",
        "2026-03-16T25:00:00",
        "2026-03-16 11:40:05 PST",
        "16/03/2026",
        "2026-03-16T11",
        "1773686405",
    ],
)
def test_what_is_no_wall_time(text: str) -> None:
    assert pacific.read_wall(text) is None


def test_a_wall_time_in_the_skipped_hour_is_read_with_the_offset_before_it() -> None:
    assert pacific.from_wall(at("2025-03-09T02:30:00")) == datetime(2025, 3, 9, 10, 30, tzinfo=UTC)
    assert pacific.from_wall(at("2025-11-02T01:30:00")) == datetime(2025, 11, 2, 8, 30, tzinfo=UTC)


def test_in_the_repeated_hour_the_order_of_texts_is_not_the_order_of_moments() -> None:
    bench = Bench(start=at("2025-11-02T08:50:00Z"))  # 01:50, still daylight time
    bench.create("FIRST")
    bench.wait(1800)  # 01:20 for the second time
    bench.create("SECOND")
    found = bench.get("/orders", sortBy="CreateDate", sortDir="ASC")["orders"]
    assert [each["orderNumber"] for each in found] == ["SECOND", "FIRST"]
    window = bench.get("/orders", createDateStart="2025-11-02 01:49:00")["orders"]
    assert [each["orderNumber"] for each in window] == ["FIRST"]  # a window since then misses what came after it
    window = bench.get("/orders", createDateStart="2025-11-02 00:49:00")["orders"]
    assert len(window) == 2


def test_in_the_skipped_hour_nothing_is_shown() -> None:
    bench = Bench(start=at("2025-03-09T09:59:59Z"))
    bench.create("A")
    bench.wait(2)
    bench.create("B")
    found = bench.get("/orders")["orders"]
    assert [each["createDate"][11:19] for each in found] == ["01:59:59", "03:00:01"]
    window = bench.get("/orders", createDateStart="2025-03-09 02:00:00")["orders"]
    assert [each["orderNumber"] for each in window] == ["B"]


def test_an_offset_in_a_filter_is_passed_over_but_written_down() -> None:
    bench = Bench()
    bench.create()
    assert bench.get("/orders", createDateStart="2026-03-16T18:00:00Z")["total"] == 0  # read as Pacific
    assert "has an offset" in bench.simulator.strict_violations[0]
