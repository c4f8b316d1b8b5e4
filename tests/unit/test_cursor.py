"""Cursors: closed windows that lose nothing, whatever the source's clock, its delays and our deaths do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.cursor import SHORTEST_SPAN, SPAN, Cursor, Reach, failed, finished, reach, read_cursors, save, take
from connector.faults import Executed, FaultKind, VendorFault
from connector.instants import instant_text, parse_instant
from connector.pair import Polling
from connector.records import Seen
from tests.support.toy import NAME, Accounts, Killed, Toy
from tests.support.world import World

START = datetime(2026, 3, 1, tzinfo=UTC)
OVERLAP = timedelta(minutes=15)
MINUTES = st.integers(0, 3 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


def at(hours: float) -> datetime:
    """Hours after the connection's start."""
    return START + timedelta(hours=hours)


def placed(position: datetime | None, span_seconds: int = 86_400) -> Cursor:
    """A cursor that stands at a position."""
    return Cursor(NAME, "orders", instant_text(position) if position else "", span_seconds=span_seconds)


# ---- windows --------------------------------------------------------------------------------------------------


@given(
    position=st.none() | MINUTES, now=MINUTES, start=MINUTES, overlap=MINUTES, lag=MINUTES, span=st.integers(60, 86_400)
)
def test_a_window_is_in_order_bounded_and_joins_the_one_before(
    position: timedelta | None, now: timedelta, start: timedelta, overlap: timedelta, lag: timedelta, span: int
) -> None:
    stood = START + position if position is not None else None
    window = reach(placed(stood, span_seconds=span), START + start, START + now, overlap, lag)
    assert START + start <= window.since <= window.until
    if stood is not None and stood <= START + now:
        assert window.since <= max(stood, START + start)
    assert window.until <= max(window.since, START + now - lag)
    assert window.until - window.since <= overlap + timedelta(seconds=span)


@given(
    position=st.none() | MINUTES, now=MINUTES, start=MINUTES, seen=st.none() | MINUTES, source_clock=st.booleans(),
    span=st.integers(60, 86_400),
)  # fmt: skip
def test_a_cursor_never_moves_backwards_nor_into_the_future(
    position: timedelta | None, now: timedelta, start: timedelta, seen: timedelta | None, source_clock: bool, span: int
) -> None:
    present = START + now
    stood = placed(START + position if position is not None else None, span_seconds=span)
    window = reach(stood, START + start, present, OVERLAP, timedelta(0))
    stamp = START + seen if seen is not None else None
    after = finished(stood, window, stamp, source_clock, {}, present, present)
    assert after.position >= stood.position
    assert after.position == stood.position or parse_instant(after.position) <= present


def test_a_start_in_the_future_polls_nothing_and_can_be_corrected() -> None:
    """A typing error in the year must not cost the orders until then, nor those since the right start."""
    toy = Toy(start="2027-03-01T00:00:00Z")
    toy.shop.put("A1")
    toy.run(minutes=10)
    assert toy.records() == []
    toy.clock.advance(days=2)
    toy.apply(start="2026-03-01T00:00:00Z", skus={"PEN": "P-1"})
    toy.run(minutes=10)
    assert toy.depot.holds() == {"orders/A1": 1}


def test_a_start_in_the_future_begins_by_itself_when_it_has_come() -> None:
    toy = Toy(start="2026-03-02T15:00:00Z")
    toy.shop.put("before")
    toy.run(minutes=90)
    toy.shop.put("after")
    toy.run(minutes=5)
    assert toy.depot.holds() == {"orders/after": 1}


@pytest.mark.parametrize("source_clock", [True, False])
def test_one_row_from_the_future_does_not_stop_the_poll(source_clock: bool) -> None:
    """A source whose list has no upper bound shows a row that somebody dated into the next century."""
    toy = Toy(start="2026-03-02T14:00:00Z", source_clock=source_clock)
    real = toy.poll

    def unbounded(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
        polling.reached(datetime(2126, 3, 2, tzinfo=UTC))
        return real(polling)

    toy.poll = unbounded  # type: ignore[method-assign]
    toy.run(minutes=3)
    toy.shop.put("A1")
    toy.run(minutes=3)
    assert toy.depot.holds() == {"orders/A1": 1}


def test_a_position_in_the_future_counts_as_now() -> None:
    window = reach(placed(at(100)), START, at(10), OVERLAP, timedelta(0))
    assert (window.since, window.until) == (at(10) - OVERLAP, at(10))


def test_a_window_that_was_too_long_is_halved_down_to_a_minute() -> None:
    cursor = placed(START)
    spans = []
    for _ in range(14):
        cursor = failed(cursor, "too long", START, too_long=True)
        spans.append(cursor.span_seconds)
    assert spans[0] == SPAN.total_seconds() / 2
    assert spans[-1] == SHORTEST_SPAN.total_seconds()
    assert cursor.position == placed(START).position


def test_a_shortened_window_that_succeeded_doubles_and_a_whole_one_is_a_day_again() -> None:
    cursor = placed(START, span_seconds=600)
    after = finished(cursor, Reach(START, at(0.1), True), None, False, {}, at(5), at(6))
    assert (after.span_seconds, after.next_at) == (1200, instant_text(at(5)))
    after = finished(cursor, Reach(START, at(0.1), False), None, False, {}, at(5), at(6))
    assert (after.span_seconds, after.next_at) == (86_400, instant_text(at(6)))


# ---- leases ---------------------------------------------------------------------------------------------------


def test_a_lease_belongs_to_one_poller_until_it_ends() -> None:
    world = World()
    first = take(world.tables, world.clock, NAME, "orders", timedelta(minutes=6))
    assert first is not None
    assert take(world.tables, world.clock, NAME, "orders", timedelta(minutes=6)) is None
    world.clock.advance(minutes=6, seconds=1)
    second = take(world.tables, world.clock, NAME, "orders", timedelta(minutes=6))
    assert second is not None
    assert save(world.tables, first) is None
    kept = save(world.tables, finished(second, Reach(START, at(1), False), None, False, {}, at(1), at(1)))
    assert kept is not None
    assert read_cursors(world.tables, NAME, ["orders"])["orders"] == kept


def test_memory_and_place_survive_the_store() -> None:
    world = World()
    cursor = save(world.tables, Cursor(NAME, "orders", memory={"page": 3, "etag": "x"}, failures=2, why="because"))
    assert read_cursors(world.tables, NAME, ["orders"])["orders"] == cursor


# ---- the whole poll, against a hostile source -------------------------------------------------------------------

ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 5), st.integers(0, 14 * 60)),  # key, seconds until lists show it
        st.tuples(st.just("wait"), st.integers(1, 600), st.just(0)),  # seconds
        st.tuples(st.just("away"), st.integers(1, 60), st.just(0)),  # hours without any poll
        st.tuples(st.just("poll"), st.just(0), st.just(0)),
        st.tuples(st.just("die"), st.integers(1, 12), st.just(0)),  # at which write
        st.tuples(st.just("fault"), st.just(0), st.just(0)),
        st.tuples(st.just("hurry"), st.integers(0, 60), st.just(0)),  # seconds per page
    ),
    max_size=25,
)


class Hostile:
    """The toy's poll under a script. `safe` is what must hold after every step."""

    def __init__(self, source_clock: bool, skew: timedelta) -> None:
        self.toy = Toy(source_clock=source_clock, overlap=OVERLAP)
        self.toy.shop.skew = skew
        self.toy.page = 2
        self.position = ""
        self.pace = 0
        real = self.toy.poll

        def paced(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
            for page in real(polling):
                yield page
                self.toy.clock.advance(self.pace)

        self.toy.poll = paced  # type: ignore[method-assign]

    def act(self, what: str, number: int, late: int) -> None:
        """One step of the script."""
        toy = self.toy
        if what == "put":
            toy.clock.advance(1)
            toy.shop.put(f"A{number}", late=timedelta(seconds=late))
            toy.shop.put(f"B{number}", late=timedelta(seconds=late))  # a tie in the same instant
        elif what == "wait":
            toy.clock.advance(number)
        elif what == "away":
            toy.clock.advance(hours=number)
        elif what == "hurry":
            self.pace = number
        else:
            if what == "fault":
                toy.shop.plan = [VendorFault("shop", FaultKind.UNAVAILABLE, "reset", Executed.NO)]
            self.poll(number if what == "die" else 0)
            toy.shop.plan = []
        self.safe()

    def poll(self, death: int = 0) -> None:
        """A tick and its jobs. `death`: the write at which the process dies."""
        left = death

        def step(label: str) -> None:
            nonlocal left
            if left and label.endswith("after"):
                left -= 1
                if not left:
                    raise Killed

        self.toy.world.step = step
        self.toy.tick()
        while self.toy.deliver("jobs", seconds=60):
            self.safe()
        self.toy.world.step = lambda label: None

    def safe(self) -> None:
        """No row that the next window would leave out is unknown, and the cursor never goes back."""
        position = read_cursors(self.toy.world.tables, NAME, ["orders"])["orders"].position
        assert position >= self.position
        self.position = position
        if not position:
            return
        edge = parse_instant(position) - OVERLAP
        for row in self.toy.shop.rows.values():
            if row.stamp < edge:
                assert self.toy.record(row.key).revision == instant_text(row.stamp)

    def finish(self) -> None:
        """Enough quiet time; then everything is known in its last state."""
        self.pace = 0
        for _ in range(300):
            self.toy.clock.advance(minutes=5)
            self.poll()
            self.safe()
            known = {record.source_key: record.revision for record in self.toy.records()}
            if known == {row.key: instant_text(row.stamp) for row in self.toy.shop.rows.values()}:
                return
        raise AssertionError(f"missed: {set(self.toy.shop.rows) - set(known)} or an old revision")


@settings(max_examples=150, deadline=None)
@given(actions=ACTIONS)
def test_no_row_is_missed_with_our_clock(actions: list[tuple[str, int, int]]) -> None:
    hostile = Hostile(False, timedelta(0))
    for action in actions:
        hostile.act(*action)
    hostile.finish()


@settings(max_examples=150, deadline=None)
@given(actions=ACTIONS, skew=st.integers(-7200, 7200))
def test_no_row_is_missed_with_the_sources_clock_however_wrong_it_is(
    actions: list[tuple[str, int, int]], skew: int
) -> None:
    hostile = Hostile(True, timedelta(seconds=skew))
    for action in actions:
        hostile.act(*action)
    hostile.finish()


def test_a_source_whose_clock_is_behind_loses_nothing_after_a_quiet_day() -> None:
    """A shortened window ends by our clock; a source two hours behind still stamps changes into it afterwards."""
    toy = Toy(source_clock=True, overlap=OVERLAP, start="2026-03-02T12:00:00Z")
    toy.shop.skew = timedelta(hours=-2)
    toy.shop.put("A1")
    toy.run(minutes=5)
    toy.clock.advance(hours=23)
    toy.run(minutes=3)
    toy.shop.put("A2")
    toy.run(minutes=10)
    assert toy.depot.holds() == {"orders/A1": 1, "orders/A2": 1}
