"""Quiet hours: by the local clock, over midnight and over a change of that clock; nothing is lost meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connector.connection import InvalidConnection, pause_flow, set_state
from connector.instants import instant_text
from connector.quiet import DAYS, QuietHours, never_awake, rest_until, woke_at
from tests.support.toy import NAME, Toy

NEW_YORK = "America/New_York"
NIGHT = QuietHours(begin="22:00", end="06:00", time_zone=NEW_YORK)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-02T21:59:59-05:00", None),
        ("2026-03-02T22:00:00-05:00", "2026-03-03T06:00:00-05:00"),
        ("2026-03-03T05:59:59-05:00", "2026-03-03T06:00:00-05:00"),
        ("2026-03-03T06:00:00-05:00", None),
        # Clocks go forward on 8 March 2026 at two: that night has seven hours.
        ("2026-03-07T22:30:00-05:00", "2026-03-08T06:00:00-04:00"),
        ("2026-11-01T01:30:00-04:00", "2026-11-01T06:00:00-05:00"),
    ],
)
def test_a_night_by_the_local_clock(now: str, until: str | None) -> None:
    assert rest_until([NIGHT], at(now)) == (at(until) if until else None)


def test_times_that_touch_are_one_rest() -> None:
    weekend = QuietHours(days=("sat", "sun"), begin="00:00", end="00:00", time_zone=NEW_YORK)
    friday = at("2026-03-06T23:00:00-05:00")
    # Friday night, the weekend, and the night that Sunday began.
    assert rest_until([weekend, NIGHT], friday) == at("2026-03-09T06:00:00-04:00")
    assert rest_until([weekend], friday) is None
    assert woke_at([weekend], at("2026-03-09T09:00:00-04:00")) == at("2026-03-09T00:00:00-04:00")


@given(
    days=st.lists(st.sampled_from(DAYS), min_size=1, max_size=7, unique=True),
    begin=st.integers(0, 1439), end=st.integers(0, 1439), minute=st.integers(0, 60 * 24 * 365),
)  # fmt: skip
def test_a_rest_ends_later_and_then_it_is_over(days: list[str], begin: int, end: int, minute: int) -> None:
    hours = QuietHours.model_validate(
        {"days": days, "begin": clock(begin), "end": clock(end), "time_zone": "Europe/Berlin"}
    )
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    until = rest_until([hours], now)
    if never_awake([hours]):
        return
    if until is not None:
        assert now < until <= now + timedelta(days=8)
        assert rest_until([hours], until) is None
        assert woke_at([hours], until) == until
    woke = woke_at([hours], now)
    assert woke is None or woke <= now


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@pytest.mark.parametrize(
    "wrong",
    [
        {"begin": "24:00"}, {"end": "6:00"}, {"time_zone": "New York"}, {"days": []}, {"days": ["monday"]},
        {"until": "06:00"},
    ],
)
def test_wrong_times_are_refused(wrong: dict[str, object]) -> None:
    good = {"begin": "22:00", "end": "06:00", "time_zone": NEW_YORK}
    with pytest.raises(ValidationError):
        QuietHours.model_validate({**good, **wrong})


def test_a_week_without_a_minute_awake_is_refused() -> None:
    toy = Toy()
    always = [{"begin": "00:00", "end": "00:00", "time_zone": "UTC"}]
    with pytest.raises(InvalidConnection, match="no minute of the week"):
        toy.apply(skus={}, quiet_hours=always)
    with pytest.raises(InvalidConnection, match="no minute of the week"):
        toy.apply(skus={}, schedule={"orders": {"quiet_hours": always}})


# ---- in the kernel: the clock of the toy begins at 14:05 UTC ------------------------------------------------------

REST = [{"begin": "14:00", "end": "16:00", "time_zone": "UTC"}]


def test_in_quiet_hours_nothing_is_read_or_written_and_afterwards_everything_is() -> None:
    toy = Toy()
    toy.apply(skus={"PEN": "P-1"}, quiet_hours=REST)
    toy.shop.put("A1")
    toy.run(minutes=100)
    assert toy.shop.lists == []
    assert toy.depot.holds() == {}
    toy.run(minutes=30)
    assert toy.depot.holds() == {"orders/A1": 1}
    toy.check()


def test_quiet_hours_of_one_flow_are_its_own() -> None:
    toy = Toy()
    toy.apply(skus={"PEN": "P-1"}, schedule={"receipts": {"quiet_hours": REST}})
    toy.shop.put("A1")
    toy.run(minutes=5)
    assert toy.states() == {"orders/A1": "done"}


def test_what_is_under_way_when_they_begin_waits_for_their_end_and_says_so() -> None:
    toy = Toy()
    toy.shop.put("A1", sku="INK")
    toy.run(minutes=3)
    assert toy.states() == {"orders/A1": "held"}
    toy.apply(skus={"PEN": "P-1", "INK": "I-1"}, quiet_hours=REST)
    toy.run(minutes=3)
    record = toy.record("A1")
    assert (record.status.value, record.why) == ("waiting", "quiet hours of flow orders")
    assert record.due_at == "2026-03-02T16:00:00.000000Z"
    toy.run(minutes=60)
    assert toy.depot.holds() == {}
    toy.run(minutes=70)
    assert toy.states() == {"orders/A1": "done"}
    assert not toy.world.queues.dead("live")
    toy.check()


def test_a_person_s_word_counts_in_quiet_hours() -> None:
    from connector.records import RecordStore
    from connector.review import replay

    toy = Toy()
    toy.shop.put("A1", sku="INK")
    toy.run(minutes=3)
    toy.apply(skus={"INK": "I-1"}, quiet_hours=REST)
    toy.run(minutes=3)
    services = toy.world.services
    replay(services, RecordStore(services), toy.record("A1"), "c0ffee", "anna")
    toy.run(minutes=2)
    assert toy.states() == {"orders/A1": "done"}


def test_the_age_of_a_cursor_does_not_count_them() -> None:
    toy = Toy()
    toy.run(minutes=3)
    toy.apply(skus={}, quiet_hours=REST)
    toy.run(minutes=110)
    asleep = toy.world.metrics()["CursorAgeSeconds"]
    assert max(asleep) < 120
    toy.run(minutes=30)
    assert max(toy.world.metrics()["CursorAgeSeconds"]) < 120


# ---- pausing one flow -----------------------------------------------------------------------------------------


def test_a_paused_flow_neither_polls_nor_works_and_an_apply_keeps_the_pause() -> None:
    toy = Toy()
    assert pause_flow(toy.world.tables, NAME, "orders", paused=True)
    toy.restart()
    toy.shop.put("A1")
    toy.run(minutes=5)
    assert toy.shop.lists == []
    toy.apply(skus={"PEN": "P-1"})
    toy.run(minutes=5)
    assert toy.shop.lists == []
    assert pause_flow(toy.world.tables, NAME, "orders", paused=False)
    toy.restart()
    toy.run(minutes=5)
    assert toy.depot.holds() == {"orders/A1": 1}


def test_a_pause_of_everything_and_of_a_flow_do_not_undo_each_other() -> None:
    toy = Toy()
    pause_flow(toy.world.tables, NAME, "orders", paused=True)
    pause_flow(toy.world.tables, NAME, "receipts", paused=True)
    set_state(toy.world.tables, NAME, "paused")
    set_state(toy.world.tables, NAME, "active")
    pause_flow(toy.world.tables, NAME, "receipts", paused=False)
    item = toy.world.tables.get("connections", NAME, "document")
    assert item is not None
    assert item["paused_flows"] == "orders"
    assert not pause_flow(toy.world.tables, "nobody", "orders", paused=True)


def test_a_connection_of_an_older_version_has_nothing_paused() -> None:
    toy = Toy()
    item = toy.world.tables.get("connections", NAME, "document")
    assert item is not None
    toy.world.tables.put("connections", {key: value for key, value in item.items() if key != "paused_flows"})
    toy.restart()
    toy.shop.put("A1")
    toy.run(minutes=3)
    assert toy.states() == {"orders/A1": "done"}
    assert instant_text(toy.clock()) > toy.record("A1").first_seen
