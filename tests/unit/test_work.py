"""Work on records and events at the kernel's boundary: what tables, queues, audit, log and metrics hold afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.connection import set_state
from connector.effect import Draft
from connector.faults import Executed, FaultKind, VendorFault
from connector.message import enqueue
from connector.outcome import Held, Outcome
from connector.pair import Work
from connector.ports import Message
from connector.records import Origin, Seen
from connector.review import replay
from connector.transport import Reply
from tests.support.toy import NAME, Accounts, Killed, Toy

ORIGIN = Origin(NAME, "toy", "orders", "poll", "c0ffee")
ORDERS = json.dumps({"keys": ["A1", "A2"]})


def events(toy: Toy) -> dict[str, str]:
    """Status by event id."""
    return {str(item["sk"]): str(item["status"]) for item in toy.world.tables.items("events")}


def test_an_order_goes_from_the_shop_to_the_depot_once() -> None:
    toy = Toy()
    toy.shop.put("A1")
    toy.run(minutes=3)
    assert toy.depot.holds() == {"orders/A1": 1}
    assert toy.states() == {"orders/A1": "done"}
    toy.check()


# ---- events -------------------------------------------------------------------------------------------------


def test_an_event_is_kept_rings_and_is_done() -> None:
    toy = Toy()
    toy.shop.put("A1")
    toy.shop.put("A2")
    toy.push("e1", ORDERS)
    toy.settle()
    assert events(toy) == {"e1": "done"}
    assert toy.depot.holds() == {"orders/A1": 1, "orders/A2": 1}
    (item,) = toy.world.tables.items("events")
    assert int(item["expires_at"]) - toy.clock().timestamp() == pytest.approx(14 * 86_400, abs=5)


@settings(max_examples=40, deadline=None)
@given(gaps=st.lists(st.integers(0, 13 * 86_400), min_size=1, max_size=5))
def test_a_repeated_event_is_dropped_however_late_it_comes(gaps: list[int]) -> None:
    toy = Toy()
    toy.shop.put("A1")
    toy.push("e1", json.dumps({"keys": ["A1"]}))
    toy.settle()
    seen = toy.record("A1").seen
    began = toy.clock()
    for gap in gaps:
        if toy.clock() - began + timedelta(seconds=gap) > timedelta(days=14):
            break
        toy.clock.advance(gap)
        toy.push("e1", json.dumps({"keys": ["A1"]}))
        toy.settle()
    assert toy.record("A1").seen == seen
    assert toy.depot.sent == 1


def test_the_same_order_in_another_event_is_looked_at_again_and_written_once() -> None:
    toy = Toy()
    toy.shop.put("A1")
    for number in range(4):
        toy.push(f"e{number}", json.dumps({"keys": ["A1"]}))
    toy.settle()
    assert toy.depot.sent == 1
    assert set(events(toy).values()) == {"done"}


@pytest.mark.parametrize(
    "body", ["[]", "null", "3", "{", "", '{"keys": 3}', '{"other": 1}', '{"keys": "\\ud800"}', "[" * 50_000]
)
def test_an_event_that_cannot_be_understood_is_kept_and_said(body: str) -> None:
    toy = Toy()
    toy.push("e1", body)
    toy.settle()
    (item,) = toy.world.tables.items("events")
    assert item["status"] == "unreadable"
    assert json.loads(str(item["data"]))["body"] == body
    assert toy.world.metrics()["EventUnreadable"] == [1]
    assert not toy.world.queues.messages("events")


def test_an_event_with_bytes_that_are_no_text_is_kept_and_said() -> None:
    toy = Toy()
    toy.world.bodies.put("webhooks/e1", b"\xff\xfe{")
    toy.push("e1", "")
    (stored,) = toy.world.queues.receive("events")
    fields = json.loads(stored.body)
    del fields["body"]
    toy.world.queues.delete("events", stored.receipt)
    text = json.dumps({**fields, "body_key": "webhooks/e1"})
    toy.world.queues.send("events", [Message(text, stored.message.group, "other")])
    toy.settle()
    assert events(toy) == {"e1": "unreadable"}


def test_an_event_with_a_large_body_is_read_from_the_bucket() -> None:
    toy = Toy()
    toy.shop.put("A1")
    toy.world.bodies.put("webhooks/e1", json.dumps({"keys": ["A1"], "padding": "x" * 900_000}).encode())
    toy.push("e1", "{}")
    (stored,) = toy.world.queues.receive("events")
    fields = json.loads(stored.body)
    del fields["body"]
    toy.world.queues.delete("events", stored.receipt)
    text = json.dumps({**fields, "body_key": "webhooks/e1"})
    toy.world.queues.send("events", [Message(text, stored.message.group, "other")])
    toy.settle()
    assert toy.depot.holds() == {"orders/A1": 1}
    assert events(toy) == {"e1": "done"}


def test_an_event_nobody_asked_for_is_kept_as_ignored() -> None:
    toy = Toy()
    toy.push("e1", '{"keys": []}')
    toy.settle()
    assert events(toy) == {"e1": "ignored"}


def test_an_event_of_a_connection_that_was_made_a_moment_ago_is_not_lost() -> None:
    """A warm worker that has just seen the connection's absence must look again."""
    toy = Toy()
    toy.shop.put("A1")
    body = json.dumps({"keys": ["A1"]})
    for name, event_id in (("later", "e1"),):
        toy.push(event_id, body)
        (stored,) = toy.world.queues.receive("events")
        toy.world.queues.delete("events", stored.receipt)
        text = json.dumps({**json.loads(stored.body), "connection": name})
        toy.world.queues.send("events", [Message(text, "g", "early")])
        toy.deliver("events")
        toy.apply(name=name, skus={"PEN": "P-1"}, restart=False)
        text = json.dumps({**json.loads(stored.body), "connection": name, "event_id": "e2"})
        toy.world.queues.send("events", [Message(text, "g", "second")])
        toy.settle()
    assert events(toy) == {"e1": "nobody", "e2": "done"}


@settings(max_examples=60, deadline=None)
@given(deaths=st.lists(st.integers(1, 40), min_size=1, max_size=3))
def test_a_worker_that_dies_between_storing_and_enqueuing_loses_no_event(deaths: list[int]) -> None:
    toy = Toy(every=timedelta(days=7), start="2026-03-02T14:00:00Z")
    toy.run(minutes=1)
    toy.shop.put("A1")
    toy.shop.put("A2")
    toy.push("e1", ORDERS)
    remaining, count = sorted(deaths), 0

    def step(label: str) -> None:
        nonlocal count
        count += 1
        if remaining and count >= remaining[0]:
            remaining.pop(0)
            raise Killed

    toy.world.step = step
    toy.run(minutes=40)
    assert toy.depot.holds() == {"orders/A1": 1, "orders/A2": 1}
    assert events(toy) == {"e1": "done"}
    toy.check()


# ---- pause --------------------------------------------------------------------------------------------------


def test_a_paused_connection_holds_what_arrives_and_continues_by_itself() -> None:
    toy = Toy()
    set_state(toy.world.tables, NAME, "paused")
    toy.restart()
    toy.shop.put("A1")
    toy.push("e1", json.dumps({"keys": ["A1"]}))
    toy.run(minutes=5)
    assert toy.states() == {"orders/A1": "held"}
    assert "paused" in toy.record("A1").why
    assert toy.depot.sent == 0
    set_state(toy.world.tables, NAME, "active")
    toy.restart()
    toy.run(minutes=8)
    assert toy.depot.holds() == {"orders/A1": 1}
    toy.check()


def test_a_pause_in_the_middle_of_an_unclear_write_never_doubles_it() -> None:
    toy = Toy(start="2026-03-02T14:00:00Z")
    toy.shop.put("A1")
    toy.depot.plan = ["lost_after"]
    toy.clock.advance(1)
    toy.run(minutes=0.5)
    assert toy.states() == {"orders/A1": "unknown"}
    set_state(toy.world.tables, NAME, "paused")
    toy.restart()
    toy.run(minutes=30)
    assert toy.states() == {"orders/A1": "held"}
    set_state(toy.world.tables, NAME, "active")
    toy.restart()
    toy.run(minutes=10)
    assert (toy.states(), toy.depot.holds()) == ({"orders/A1": "done"}, {"orders/A1": 1})


# ---- accounts -----------------------------------------------------------------------------------------------


def test_accounts_that_cannot_be_closed_do_not_lose_the_ending() -> None:
    toy = Toy()
    toy.shop.put("A1")
    enqueue(toy.process, toy.store.see(ORIGIN, [Seen("A1", "r1")]))

    class Stuck(Accounts):
        def close(self) -> None:
            raise VendorFault("depot", FaultKind.UNAVAILABLE, "the sign-out got no answer", Executed.NO)

    toy.pair = toy.with_accounts(Stuck)
    toy.restart()
    toy.deliver("live")
    assert toy.states() == {"orders/A1": "done"}
    assert not toy.world.queues.messages("live")
    assert any(line.get("text") == "an account could not be closed" for line in toy.world.lines())


# ---- sizes --------------------------------------------------------------------------------------------------


def test_a_draft_that_fits_into_no_item_is_held_and_says_so_before_anything_is_sent() -> None:
    toy = Toy(start="2026-03-02T14:00:00Z")
    toy.shop.put("A1", name="x" * 500_000)
    toy.run(minutes=3)
    record = toy.record("A1")
    assert record.status.value == "held"
    assert "orders/A1" in record.why
    assert "bytes" in record.why
    assert toy.depot.sent == 0
    assert not toy.world.queues.messages("live")


def test_a_large_draft_and_a_large_answer_together_lose_neither() -> None:
    """The answer is counted in bytes: sixty thousand letters may be three times as many."""
    toy = Toy(start="2026-03-02T14:00:00Z")
    toy.shop.put("A1", name="x" * 240_000)
    real = toy.depot.make

    def talkative(key: str, draft: Draft) -> Reply:
        real(key, draft)
        return Reply(200, {}, json.dumps({"id": key, "label": "\u20ac" * 55_000}, ensure_ascii=False).encode())

    toy.depot.make = talkative  # type: ignore[method-assign]
    toy.run(minutes=3)
    assert toy.states() == {"orders/A1": "done"}
    assert (toy.depot.sent, toy.record("A1").links) == (1, {"depot": "orders/A1"})
    assert not [line for line in toy.world.lines() if line.get("level") == "ERROR"]


# ---- replay -------------------------------------------------------------------------------------------------


def test_a_replay_that_a_poll_overtakes_is_still_a_replay() -> None:
    """The vendor refused; a person mends it there and replays; a webhook comes in before the worker does."""
    toy = Toy(start="2026-03-02T14:00:00Z")
    toy.shop.put("A1")
    toy.depot.plan = ["invalid"]
    toy.run(minutes=1)
    assert toy.states() == {"orders/A1": "refused"}
    replay(toy.process, toy.store, toy.record("A1"), "c", "ann")
    toy.push("e1", json.dumps({"keys": ["A1"]}))
    toy.deliver("events")
    toy.settle()
    assert toy.states() == {"orders/A1": "done"}
    assert toy.depot.sent == 2


def test_a_replay_that_has_been_worked_on_is_over() -> None:
    toy = Toy(start="2026-03-02T14:00:00Z")
    toy.shop.put("A1")
    toy.depot.plan = ["invalid", "invalid"]
    toy.run(minutes=1)
    replay(toy.process, toy.store, toy.record("A1"), "c", "ann")
    toy.settle()
    toy.push("e1", json.dumps({"keys": ["A1"]}))
    toy.settle()
    assert toy.states() == {"orders/A1": "refused"}
    assert toy.depot.sent == 2


# ---- what a log may say ---------------------------------------------------------------------------------------

MARKERS = {"name": "Jane-Marker", "street": "12-Marker-Street", "token": "tok-Marker", "mail": "marker@example.com"}


def leaks(kind: str) -> Callable[[Work[Accounts]], Outcome]:
    """Work that fails in its own way with personal data in its hands."""

    def work(piece: Work[Accounts]) -> Outcome:
        piece.log.info("an order was read", name=MARKERS["name"], address=MARKERS["street"], token=MARKERS["token"])
        piece.note(f"the name {MARKERS['name']} was cut")
        if kind == "value":
            raise ValueError(f"cannot read {MARKERS}")
        if kind == "key":
            raise KeyError(MARKERS["mail"])
        if kind == "chained":
            try:
                raise ValueError(MARKERS["street"])
            except ValueError as error:
                raise RuntimeError(MARKERS["token"]) from error
        if kind == "held":
            return Held(f"{MARKERS['name']} has no address")
        raise AssertionError(kind)

    return work


@pytest.mark.parametrize("kind", ["value", "key", "chained", "held"])
def test_no_log_line_holds_personal_data_whatever_happens(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    toy = Toy(start="2026-03-02T14:00:00Z")
    toy.shop.put("A1", name=MARKERS["name"])
    toy.orders = leaks(kind)
    toy.run(minutes=45)
    printed = json.dumps(toy.world.lines()) + "".join(capsys.readouterr())
    assert not [marker for marker in MARKERS.values() if marker in printed]
    if kind != "held":
        assert not [text for text in toy.texts("A1") if "Marker" in text or "marker" in text]


@pytest.mark.parametrize("plan", ["invalid", "lost_after", "lost_before", "garbage", "throttled", "forbidden", "bug"])
def test_no_log_line_and_no_audit_line_holds_the_draft_whatever_the_write_meets(plan: str) -> None:
    toy = Toy(start="2026-03-02T14:00:00Z")
    toy.shop.put("A1", name=MARKERS["name"])
    toy.depot.plan = [plan]
    toy.run(minutes=45)
    assert MARKERS["name"] not in json.dumps(toy.world.lines())
    assert MARKERS["name"] not in json.dumps(toy.world.tables.items("audit"))


def test_an_unreadable_event_does_not_show_its_body_in_the_log() -> None:
    toy = Toy()
    toy.push("e1", json.dumps({"name": MARKERS["name"]}))
    toy.push("e2", f'{{"keys": ["{MARKERS["mail"]}"')
    toy.settle()
    assert not [marker for marker in MARKERS.values() if marker in json.dumps(toy.world.lines())]


# ---- one thread through everything ----------------------------------------------------------------------------


@pytest.mark.parametrize("plan", [[], ["lost_after"], ["throttled"], ["invalid"], ["bug"]])
def test_one_correlation_id_runs_from_the_webhook_to_the_last_write(plan: list[str]) -> None:
    toy = Toy(every=timedelta(days=7), start="2026-03-02T14:00:00Z")
    toy.shop.put("A1")
    toy.depot.plan = plan
    toy.push("e1", json.dumps({"keys": ["A1"]}), correlation="ab" * 8)
    for _ in range(100):
        toy.settle()
        following = toy.world.queues.next_visible()
        if following is None:
            break
        toy.clock.set(following)
    lines = toy.world.lines()
    assert len(lines) >= 2
    assert {line.get("correlation") for line in lines} == {"ab" * 8}
    audit = [json.loads(str(item["data"]))["correlation"] for item in toy.world.tables.items("audit")]
    assert set(audit) == {"ab" * 8}
    assert toy.record("A1").correlation == "ab" * 8


def test_one_correlation_id_runs_from_the_poll_to_the_last_write() -> None:
    toy = Toy(start="2026-03-02T14:00:00Z")
    toy.shop.put("A1")
    toy.clock.advance(1)
    toy.tick()
    (job,) = [m for m in toy.world.queues.messages("jobs") if '"stream": "orders"' in m.body]
    correlation = json.loads(job.body)["correlation"]
    before = len(toy.world.lines())
    toy.settle()
    about = [line for line in toy.world.lines()[before:] if "orders" in json.dumps(line)]
    assert len(about) >= 2
    assert {line.get("correlation") for line in about} == {correlation}
    assert toy.record("A1").correlation == correlation
