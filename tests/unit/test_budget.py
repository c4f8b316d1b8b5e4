"""The call budget: no window is ever exceeded, live work is never starved, no slot is ever shared."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.budget import AccountGate, Limits
from connector.closing import read_mood
from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply, Request, Transport
from connector.windows import SHARES, buckets_for
from tests.support.world import World

ACCOUNT = "acme/vendor"
CALL = Request("GET", "https://vendor.example/orders", "orders.list", timeout=30)
FINE = Reply(200, {}, b"{}")
DECLINED = Reply(429, {}, b"")


def gate(
    world: World, lane: str = "live", holder: str = "record-1", limits: Limits | None = None, **options: object
) -> AccountGate:
    """The gate of a worker in a process of its own."""
    services = replace(world.services, memory={})
    return AccountGate(services, ACCOUNT, limits or Limits(150, None), lane, holder, "vendor", **options)  # type: ignore[arg-type]


def declined(retry_at: datetime | None = None) -> VendorFault:
    return VendorFault("vendor", FaultKind.THROTTLED, "too many requests", retry_at=retry_at, status=429)


def refusal(worker: AccountGate, request: Request = CALL) -> VendorFault:
    """The fault with which the gate refuses; the test fails when it lets the call pass."""
    with pytest.raises(VendorFault) as caught:
        worker.enter(request)
    fault = caught.value
    assert (fault.kind, fault.executed) == (FaultKind.BUDGET, Executed.NO)
    assert fault.retry_at is not None
    return fault


def enters(worker: AccountGate, request: Request = CALL) -> bool:
    return attempted(lambda: worker.enter(request))


def attempted(act: Callable[[], None]) -> bool:
    """False when the budget refuses; every other fault passes on."""
    try:
        act()
    except VendorFault as fault:
        if fault.kind is not FaultKind.BUDGET:
            raise
        return False
    return True


def drain(worker: AccountGate) -> int:
    """How many calls the gate lets pass now."""
    count = 0
    while enters(worker):
        count += 1
    return count


def fullest_window(moments: Sequence[datetime]) -> int:
    """The most calls within any 60 seconds."""
    ordered = sorted(moments)
    first, most = 0, 0
    for last, moment in enumerate(ordered):
        while moment - ordered[first] >= timedelta(seconds=60):
            first += 1
        most = max(most, last - first + 1)
    return most


# The sliding window.

LANES = st.sampled_from(sorted(SHARES))


@settings(max_examples=150, deadline=None)
@given(
    per_minute=st.integers(2, 200),
    lanes=st.lists(LANES, min_size=1, max_size=6),
    steps=st.lists(
        st.tuples(st.integers(0, 5), st.integers(1, 60), st.sampled_from([0.0, 0.001, 0.4, 1, 3, 9.999, 10, 31, 59.9])),
        max_size=60,
    ),
    offset=st.floats(0, 60),
)
def test_no_window_is_ever_exceeded(
    per_minute: int, lanes: list[str], steps: list[tuple[int, int, float]], offset: float
) -> None:
    world = World()
    world.clock.advance(offset)
    workers = [gate(world, lane, f"record-{at}", Limits(per_minute, None)) for at, lane in enumerate(lanes)]
    sent: list[datetime] = []
    for number, calls, pause in steps:
        worker = workers[number % len(workers)]
        for _ in range(calls):
            if not enters(worker):
                break
            sent.append(world.clock())
        world.clock.advance(pause)
    assert fullest_window(sent) <= per_minute


@pytest.mark.parametrize("per_minute", [2, 3, 4, 7, 14, 40, 60, 150, 1000])
def test_full_load_stays_below_the_limit_and_uses_most_of_it(per_minute: int) -> None:
    world = World()
    lanes = sorted(SHARES) * 3
    workers = [gate(world, lane, f"record-{at}", Limits(per_minute, None)) for at, lane in enumerate(lanes)]
    sent: list[datetime] = []
    for _ in range(600):
        for worker in workers:
            if enters(worker):
                sent.append(world.clock())
        world.clock.advance(0.5)
    assert fullest_window(sent) <= per_minute
    assert len(sent) / 5 >= per_minute * 0.38


def test_the_same_holds_for_threads() -> None:
    world = World()
    workers = [gate(world, "live", f"record-{at}", Limits(150, None)) for at in range(30)]
    passed = [0] * len(workers)
    barrier = threading.Barrier(len(workers))

    def work(at: int) -> None:
        barrier.wait()
        passed[at] = drain(workers[at])

    threads = [threading.Thread(target=work, args=(at,)) for at in range(len(workers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(passed) == 150 // 7


@settings(max_examples=60, deadline=None)
@given(per_minute=st.integers(2, 200), greedy=st.lists(st.sampled_from(["bulk", "nightly"]), min_size=1, max_size=8))
def test_live_is_never_starved(per_minute: int, greedy: list[str]) -> None:
    """The others always come first and take whatever they get; live still gets its part of every two buckets."""
    world = World()
    buckets = buckets_for(per_minute)
    capacity = buckets.capacity(per_minute)
    others = [gate(world, lane, f"bulk-{at}", Limits(per_minute, None)) for at, lane in enumerate(greedy)]
    live = gate(world, "live", "record-1", Limits(per_minute, None))
    world.clock.set(buckets.start(buckets.index(world.clock()) + 1))
    for _ in range(6):
        passed = []
        for _ in range(2):
            for other in others:
                drain(other)
            passed.append(drain(live))
            world.clock.advance(buckets.seconds)
        share = capacity * 70 // 100
        assert sum(passed) >= (2 * (capacity - share) if share else 1)


@pytest.mark.parametrize("per_minute", [2, 3, 5, 13, 40, 150])
@pytest.mark.parametrize("lane", sorted(SHARES))
def test_every_lane_moves_and_its_refusal_names_a_time_that_works(per_minute: int, lane: str) -> None:
    world = World()
    worker = gate(world, lane, limits=Limits(per_minute, None))
    for _ in range(10):
        drain(worker)
        fault = refusal(worker)
        assert fault.retry_at is not None
        # Two have asked by now: whoever drained the window stands before us in the line.
        assert world.clock() < fault.retry_at <= world.clock() + timedelta(seconds=301)
        assert "nothing was sent" in fault.message
        world.clock.set(fault.retry_at)
        assert enters(worker)


def test_who_waits_lines_up_and_no_bucket_is_waited_for_by_more_than_it_serves() -> None:
    world = World()
    buckets = buckets_for(150)
    drain(gate(world))
    turns = [refusal(gate(world, holder=f"record-{number}")).retry_at for number in range(100)]
    waiting = Counter(buckets.index(turn) for turn in turns if turn is not None)
    assert max(waiting.values()) <= buckets.capacity(150)
    assert sorted(waiting) == list(range(min(waiting), min(waiting) + len(waiting))), "no bucket is left out"
    world.clock.set(min(turn for turn in turns if turn is not None))
    assert enters(gate(world, holder="passer-by")), "a turn is advice: it keeps no call from anybody"


def test_lanes_have_lines_of_their_own() -> None:
    world = World()
    drain(gate(world))
    for number in range(200):
        refusal(gate(world, "bulk", holder=f"record-{number}"))
    turn = refusal(gate(world)).retry_at
    assert turn is not None
    assert turn <= world.clock() + timedelta(seconds=21)


def test_unused_calls_of_a_chunk_expire_with_the_bucket() -> None:
    world = World()
    world.clock.set(buckets_for(150).start(buckets_for(150).index(world.clock()) + 1))
    idle = gate(world)
    assert enters(idle)  # takes five
    assert drain(gate(world)) == 16
    world.clock.advance(10)
    assert drain(idle) == 21


def test_a_process_shares_what_it_has_taken_between_pieces_of_work() -> None:
    world = World()
    for number in range(5):
        AccountGate(world.services, ACCOUNT, Limits(150, None), "live", f"record-{number}").enter(CALL)
    taken = [item["taken"] for item in world.tables.items("state") if "taken" in item]
    assert taken == [5]


def test_accounts_do_not_share() -> None:
    world = World()
    drain(gate(world))
    other = AccountGate(replace(world.services, memory={}), "zeta/vendor", Limits(150, None), "live", "record-9")
    assert enters(other)


@pytest.mark.parametrize("limits", [(1, None), (0, None), (None, 0)])
def test_limits_that_cannot_work_are_refused(limits: tuple[int | None, int | None]) -> None:
    with pytest.raises(ValueError, match="at least"):
        Limits(*limits)


def test_an_unknown_lane_is_refused() -> None:
    with pytest.raises(ValueError, match="'fast' is no lane"):
        gate(World(), "fast")


# The vendor's mood.


def test_a_decline_closes_the_account_for_everybody_until_the_hint() -> None:
    world = World()
    one, other = gate(world), gate(world, "repair")
    assert enters(one)
    until = world.clock() + timedelta(seconds=25)
    one.learn(DECLINED, declined(until))
    for worker in (one, other):
        fault = refusal(worker)
        assert fault.retry_at is not None
        assert until <= fault.retry_at <= until + timedelta(seconds=3)
    world.clock.set(until + timedelta(seconds=2.1))
    assert enters(one)
    assert enters(other)


def test_repeated_declines_without_a_hint_double_up_to_ten_minutes() -> None:
    world = World()
    always = replace(world.services, random=lambda: 1.0, memory={})
    worker = AccountGate(always, ACCOUNT, Limits(150, None), "live", "record-1")
    waited = []
    for _ in range(6):
        worker.learn(DECLINED, declined())
        closed = read_mood(always, ACCOUNT).closed_until
        assert closed is not None
        waited.append((closed - world.clock()).total_seconds())
        world.clock.set(closed + timedelta(seconds=1))
    assert waited == [60, 120, 240, 480, 600, 600]
    world.clock.advance(timedelta(minutes=11))
    worker.learn(DECLINED, declined())
    closed = read_mood(always, ACCOUNT).closed_until
    assert closed == world.clock() + timedelta(seconds=60)


def test_a_broken_hint_does_not_close_the_account_for_a_year() -> None:
    world = World()
    worker = gate(world)
    worker.learn(DECLINED, declined(world.clock() + timedelta(days=365)))
    world.clock.advance(timedelta(hours=1, seconds=3))
    assert enters(worker)


def test_a_longer_hint_of_the_same_episode_wins() -> None:
    world = World()
    until = world.clock() + timedelta(seconds=200)
    gate(world).learn(DECLINED, declined(world.clock() + timedelta(seconds=5)))
    gate(world).learn(DECLINED, declined(until))
    assert refusal(gate(world)).retry_at >= until  # type: ignore[operator]


def test_twenty_workers_declined_at_once_halve_the_limit_once() -> None:
    world = World()
    workers = [gate(world, limits=Limits(140, None, adaptive=True)) for _ in range(20)]
    barrier = threading.Barrier(len(workers))

    def work(worker: AccountGate) -> None:
        barrier.wait()
        worker.learn(DECLINED, declined(world.clock() + timedelta(seconds=30)))

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    mood = read_mood(world.services, ACCOUNT)
    assert (mood.strikes, mood.allowance) == (1, 70)
    assert world.metrics()["AccountClosed"] == [1]


def test_an_adaptive_limit_creeps_back_and_never_beyond_the_published_number() -> None:
    world = World()
    limits = Limits(140, None, adaptive=True)
    assert drain(gate(world, limits=limits)) == 20
    gate(world, limits=limits).learn(DECLINED, declined(world.clock() + timedelta(seconds=1)))
    world.clock.advance(59)
    assert drain(gate(world, limits=limits)) == 10
    passed = []
    for _ in range(12):
        world.clock.advance(60)
        passed.append(drain(gate(world, limits=limits)))
    assert passed == sorted(passed)
    assert passed[0] == 11
    assert passed[-1] == 20


def test_without_a_published_number_the_limit_is_found() -> None:
    world = World()
    limits = Limits(None, None, adaptive=True)
    assert drain(gate(world, limits=limits)) == 300 // 7
    gate(world, limits=limits).learn(DECLINED, declined(world.clock() + timedelta(seconds=1)))
    world.clock.advance(20)
    assert drain(gate(world, limits=limits)) == 150 // 7


def test_without_any_limit_a_decline_still_closes() -> None:
    world = World()
    limits = Limits(None, None)
    worker = gate(world, "bulk", limits=limits)
    assert all(enters(worker) for _ in range(1000))
    gate(world, limits=limits).learn(DECLINED, declined(world.clock() + timedelta(seconds=40)))
    world.clock.advance(11)
    refusal(worker)


def remaining(reply: Reply) -> tuple[int | None, datetime | None]:
    left = reply.headers.get("x-remaining-calls")
    ends = reply.headers.get("x-ends")
    return int(left) if left else None, datetime.fromisoformat(ends) if ends else None


def test_the_vendors_last_calls_are_kept_for_live_work() -> None:
    world = World()
    live, bulk = gate(world, remaining=remaining), gate(world, "bulk", remaining=remaining)
    assert enters(live)
    assert enters(bulk)
    live.learn(Reply(200, {"x-remaining-calls": "20"}, b""), None)
    world.clock.advance(10)
    assert enters(gate(world, "bulk"))
    live.learn(Reply(200, {"x-remaining-calls": "19"}, b""), None)
    world.clock.advance(10)
    assert enters(live)
    fault = refusal(gate(world, "nightly"))
    assert "few calls left" in fault.message
    world.clock.advance(70)
    assert enters(gate(world, "bulk"))


def test_no_call_left_closes_for_everybody_until_the_window_ends() -> None:
    world = World()
    ends = world.clock() + timedelta(seconds=33)
    worker = gate(world, remaining=remaining)
    worker.learn(Reply(200, {"x-remaining-calls": "0", "x-ends": ends.isoformat()}, b""), None)
    fault = refusal(worker)
    assert fault.retry_at is not None
    assert ends <= fault.retry_at <= ends + timedelta(seconds=1)


def test_low_counts_are_written_once_a_window() -> None:
    world = World()
    worker = gate(world, remaining=remaining)
    for left in range(19, 9, -1):
        worker.learn(Reply(200, {"x-remaining-calls": str(left)}, b""), None)
    assert read_mood(world.services, ACCOUNT).version == 1


# Session slots.

ONE = Limits(None, 1)


def test_a_slot_belongs_to_one_holder_until_it_is_released() -> None:
    world = World()
    first, second = gate(world, limits=ONE), gate(world, holder="record-2", limits=ONE)
    first.enter(CALL)
    fault = refusal(second)
    assert "record-1" in fault.message
    assert fault.retry_at is not None
    assert timedelta(seconds=1) <= fault.retry_at - world.clock() <= timedelta(seconds=4)
    first.release()
    world.clock.advance(1)
    second.enter(CALL)
    refusal(first)


def test_a_busy_answer_is_believed_for_a_second() -> None:
    world = World()
    first, second = gate(world, limits=ONE), gate(world, holder="record-2", limits=ONE)
    first.enter(CALL)
    refusal(second)
    first.release()
    refusal(second)
    world.clock.advance(1)
    second.enter(CALL)


def test_a_request_without_slot_runs_beside_a_taken_one() -> None:
    world = World()
    gate(world, limits=ONE).enter(CALL)
    gate(world, holder="record-2", limits=ONE).enter(replace(CALL, slot=False))


def test_the_lease_outlasts_the_call_it_covers() -> None:
    world = World()
    first, second = gate(world, limits=ONE), gate(world, holder="record-2", limits=ONE)
    slow = replace(CALL, timeout=110)
    first.enter(slow)
    world.clock.advance(60)
    first.enter(slow)
    world.clock.advance(115)
    refusal(second)


def test_a_dead_holders_slot_is_taken_over_after_its_lease() -> None:
    world = World()
    gate(world, limits=ONE).enter(CALL)
    second = gate(world, holder="record-2", limits=ONE)
    world.clock.advance(91)
    refusal(second)
    world.clock.advance(2)
    second.enter(CALL)


def test_the_same_holder_comes_back_into_its_slot() -> None:
    world = World()
    gate(world, limits=ONE).enter(CALL)
    gate(world, limits=ONE).enter(CALL)


def test_a_late_release_of_a_dead_worker_does_not_free_its_successors_slot() -> None:
    world = World()
    zombie, successor = gate(world, limits=ONE), gate(world, limits=ONE)
    zombie.enter(CALL)
    successor.enter(CALL)
    zombie.release()
    refusal(gate(world, holder="record-2", limits=ONE))


def test_an_extended_slot_stays_for_the_holder_until_its_next_piece_of_work_releases_it() -> None:
    world = World()
    first, second = gate(world, limits=ONE), gate(world, holder="record-2", limits=ONE)
    first.enter(CALL)
    first.extend(world.clock() + timedelta(minutes=30))
    first.release()
    world.clock.advance(timedelta(minutes=20))
    fault = refusal(second)
    assert "long operation" in fault.message
    again = gate(world, limits=ONE)
    again.enter(CALL)
    world.clock.advance(timedelta(minutes=5))
    refusal(second)  # joining did not shorten the extension
    again.release()
    world.clock.advance(1)
    second.enter(CALL)


def test_a_status_poll_alone_can_end_an_extension() -> None:
    world = World()
    first = gate(world, limits=ONE)
    first.enter(CALL)
    first.extend(world.clock() + timedelta(minutes=30))
    first.release()
    again = gate(world, limits=ONE)
    again.enter(replace(CALL, slot=False))
    again.extend(world.clock() + timedelta(minutes=30))
    again.release()
    refusal(gate(world, holder="record-2", limits=ONE))
    last = gate(world, limits=ONE)
    last.enter(replace(CALL, slot=False))
    last.release()
    gate(world, holder="record-2", limits=ONE).enter(CALL)


def test_an_extension_can_be_taken_back() -> None:
    world = World()
    first = gate(world, limits=ONE)
    first.enter(CALL)
    first.extend(world.clock() + timedelta(minutes=30))
    first.extend(None)
    first.release()
    gate(world, holder="record-2", limits=ONE).enter(CALL)


def test_a_yielding_lane_holds_the_slot_for_a_call_only_and_its_token_call_does_not_lose_it() -> None:
    world = World()
    night, live = gate(world, "nightly", "night", ONE), gate(world, holder="record-2", limits=ONE)
    night.enter(CALL)
    night.enter(replace(CALL, authorize=False))  # the token, fetched inside the call that needs it
    night.learn(FINE, None)
    refusal(live)
    night.learn(FINE, None)
    world.clock.advance(1)
    live.enter(CALL)


def test_who_is_refused_by_a_yielding_lane_comes_before_its_next_call() -> None:
    world = World()
    night, live = gate(world, "nightly", "night", ONE), gate(world, holder="record-2", limits=ONE)
    night.enter(CALL)
    fault = refusal(live)
    night.learn(FINE, None)
    waits = refusal(night)
    assert "nothing was sent" in waits.message
    assert fault.retry_at is not None
    assert waits.retry_at is not None
    assert fault.retry_at < waits.retry_at <= fault.retry_at + timedelta(seconds=10)
    world.clock.set(fault.retry_at)
    live.enter(CALL)
    live.release()
    world.clock.set(waits.retry_at + timedelta(seconds=1))
    night.enter(CALL)


def test_two_that_do_not_yield_leave_no_wish() -> None:
    world = World()
    first, second = gate(world, limits=ONE), gate(world, holder="record-2", limits=ONE)
    first.enter(CALL)
    refusal(second)
    first.release()
    gate(world, "nightly", "night", ONE).enter(CALL)


def test_threads_share_exactly_as_many_slots_as_there_are() -> None:
    world = World()
    workers = [gate(world, holder=f"record-{at}", limits=Limits(None, 3)) for at in range(30)]
    barrier = threading.Barrier(len(workers))
    passed: list[bool] = []

    def work(worker: AccountGate) -> None:
        barrier.wait()
        passed.append(enters(worker))

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed.count(True) == 3


@pytest.mark.parametrize("left_by", [None, "record-0"])
def test_a_slot_that_somebody_took_between_look_and_take_is_not_shared(left_by: str | None) -> None:
    world = World()
    if left_by is not None:
        gate(world, holder=left_by, limits=ONE).enter(CALL)
        world.clock.advance(100)
    slow, fast = gate(world, limits=ONE), gate(world, holder="record-2", limits=ONE)

    def overtaken(label: str) -> None:
        if label == "tables.put.before":
            world.step = lambda label: None
            fast.enter(CALL)

    world.step = overtaken
    assert "record-2" in refusal(slow).message


STEPS = st.tuples(
    st.sampled_from(["enter", "enter", "enter", "release", "extend", "die", "poll"]),
    st.integers(0, 4),
    st.sampled_from([0.0, 0.5, 2, 20, 44, 46, 91, 130, 700]),
)


@settings(max_examples=300, deadline=None)
@given(slots=st.integers(1, 3), timeout=st.sampled_from([5.0, 30.0, 110.0]), steps=st.lists(STEPS, max_size=50))
def test_slots_are_never_shared(slots: int, timeout: float, steps: list[tuple[str, int, float]]) -> None:
    """Model: a holder uses the account from `enter` until its call's time-out, and until the end of an extension.

    At no time do more holders use the account than there are slots, whatever they release, extend or die of.
    """
    world = World()
    limits = Limits(None, slots)
    request = replace(CALL, timeout=timeout)
    workers = {at: gate(world, holder=f"record-{at}", limits=limits) for at in range(5)}
    busy: dict[int, datetime] = {}
    for action, at, pause in steps:
        now = world.clock()
        if action == "enter" and enters(workers[at], request):
            busy[at] = max(busy.get(at, now), now + timedelta(seconds=timeout))
        elif action == "poll":
            assert enters(workers[at], replace(request, slot=False))
        elif action == "extend":
            until = now + timedelta(minutes=10)
            if attempted(lambda at=at, until=until: workers[at].extend(until)):  # type: ignore[misc]
                busy[at] = until
        elif action == "release":
            # Work that releases has its answers; an extension is only kept by `release` of the worker that made it.
            kept = workers[at]._extended
            workers[at].release()
            if not kept:
                busy.pop(at, None)
        elif action == "die":
            workers[at] = gate(world, holder=f"record-{at}", limits=limits)
        assert sum(until > now for until in busy.values()) <= slots
        world.clock.advance(pause)


# Together with Transport.


def test_transport_and_gate_together() -> None:
    world = World()
    answers = [FINE, DECLINED]
    sent: list[Request] = []

    class Wire:
        def exchange(self, request: Request) -> Reply:
            sent.append(request)
            return answers.pop(0)

    def faults(request: Request, reply: Reply, now: datetime) -> VendorFault | None:
        return declined(now + timedelta(seconds=9)) if reply.status == 429 else None

    worker = gate(world, limits=Limits(150, 1))
    transport = Transport("vendor", Wire(), None, worker, faults, world.clock, world.services.log)
    transport.send(CALL)
    with pytest.raises(VendorFault, match="too many"):
        transport.send(CALL)
    with pytest.raises(VendorFault, match="declined calls for load"):
        transport.send(CALL)
    assert len(sent) == 2
