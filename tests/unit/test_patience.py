"""The end of retrying: one record that a vendor always fails on goes to a person; an outage makes nobody stop."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.answers import answered, last_answer
from connector.budget import AccountGate, Limits
from connector.faults import Executed, FaultKind, VendorFault
from connector.outcome import Done, Outcome
from connector.pair import Work
from connector.patience import AGE, ATTEMPTS, RECENT, TROUBLE
from connector.record import Record
from connector.records import RecordStore
from connector.review import replay
from connector.transport import Reply
from tests.support.toy import NAME, Accounts, Toy


class Damaged(Toy):
    """A toy whose order A1 meets a fault each time it is worked on."""

    def __init__(self, kind: FaultKind = FaultKind.UNAVAILABLE, *, answers: bool = True) -> None:
        super().__init__()
        self.kind, self.answers, self.mended, self.tries = kind, answers, False, 0
        self.orders = self.damaged
        self.shop.put("A1")

    def damaged(self, work: Work[Accounts]) -> Outcome:
        self.tries += 1
        if self.answers:
            answered(work.services, NAME, "depot")
        if self.mended:
            return Done({"id": "A1"})
        raise VendorFault("depot", self.kind, "read document A1: it had an error of its own", Executed.NO, 500)

    @property
    def a1(self) -> Record:
        (record,) = self.records()
        return record


def test_a_record_that_always_fails_while_others_are_answered_goes_to_a_person() -> None:
    toy = Damaged()
    toy.run(minutes=int(AGE.total_seconds() / 60) - 10)
    assert toy.a1.status.value == "waiting"
    toy.run(minutes=40)
    assert toy.a1.status.value == "held", toy.a1
    assert toy.tries >= ATTEMPTS
    for words in ("depot has failed on this", "while it answers others", "document A1", "replay this record"):
        assert words in toy.a1.why
    tries = toy.tries
    toy.run(minutes=120)
    assert toy.tries == tries  # nobody asks on
    toy.mended = True
    replay(toy.process, RecordStore(toy.process), toy.a1, "c", "tester")
    toy.run(minutes=2)
    assert toy.a1.status.value == "done"
    assert not toy.a1.links[TROUBLE]


def test_in_an_outage_everything_waits_for_as_long_as_it_lasts() -> None:
    toy = Damaged(answers=False)
    toy.run(minutes=6 * 60)
    assert toy.a1.status.value == "waiting"
    assert toy.tries > ATTEMPTS
    toy.mended = True
    toy.run(minutes=20)
    assert toy.a1.status.value == "done"


@pytest.mark.parametrize("kind", [FaultKind.NOT_SENT, FaultKind.THROTTLED, FaultKind.BUDGET])
def test_what_says_nothing_about_the_record_is_no_reason(kind: FaultKind) -> None:
    toy = Damaged(kind)
    toy.run(minutes=5 * 60)
    assert toy.a1.status.value == "waiting"


def test_records_of_a_flow_that_fail_together_wait_on_and_a_person_is_told_once_a_day() -> None:
    toy = Damaged()
    toy.shop.put("A2")
    toy.run(minutes=5 * 60)
    assert {record.status.value for record in toy.records()} == {"waiting"}
    assert all("others of this flow fail there as well" in record.why for record in toy.records())
    (told,) = [alert for alert in toy.world.alerts.sent if "fails on several orders" in alert.subject]
    assert "ml-connector records list" in told.text
    toy.mended = True
    toy.run(minutes=20)
    assert {record.status.value for record in toy.records()} == {"done"}


def test_in_a_quiet_shop_the_second_that_fails_knows_of_the_one_that_was_held() -> None:
    toy = Damaged()
    toy.run(minutes=3 * 60)
    assert toy.a1.status.value == "held"
    toy.shop.put("A2")
    toy.run(minutes=3 * 60)
    assert {record.source_key: record.status.value for record in toy.records()} == {"A1": "held", "A2": "waiting"}
    toy.run(minutes=22 * 60)  # nobody minds the first one: it tells nothing any more
    assert {record.status.value for record in toy.records()} == {"held"}


def test_a_persons_word_begins_a_new_count_and_news_do_not() -> None:
    toy = Damaged()
    toy.run(minutes=3 * 60)
    assert toy.a1.status.value == "held"
    replay(toy.process, RecordStore(toy.process), toy.a1, "c", "tester")
    toy.run(minutes=10)
    assert toy.a1.status.value == "waiting"
    toy.run(minutes=3 * 60)
    assert toy.a1.status.value == "held"
    toy.shop.put("A1")
    toy.run(minutes=2)
    assert toy.a1.status.value == "held"  # one look, and the same trouble as before


def test_a_write_that_fails_each_time_is_sent_ever_more_rarely_and_goes_to_a_person() -> None:
    toy = Toy()
    toy.shop.put("A1")
    toy.depot.plan = ["lost_before"] * 1000
    toy.depot.during = lambda: answered(toy.process, NAME, "depot")
    toy.run(minutes=4 * 60)
    (record,) = toy.records()
    assert record.status.value == "held", record
    assert "Whether it was written is not clear" in record.why
    assert ATTEMPTS / 2 <= toy.depot.sent < 60
    assert toy.depot.holds() == {}


@pytest.mark.parametrize(
    ("content_type", "body", "counts"),
    [
        ("text/html; charset=utf-8", b"we are back at noon", False),
        ("text/xml", b" <!DOCTYPE HTML><html></html>", False),
        ("text/xml; charset=utf-8", b"<s:Envelope/>", True),
        ("application/json", b"[]", True),
        ("", b"", True),
    ],
)
def test_a_maintenance_page_is_no_answer_of_the_vendor(content_type: str, body: bytes, counts: bool) -> None:
    toy = Toy()
    gate = AccountGate(toy.process, "depot", Limits(60, None), "live", "one", vendor="depot", connection=NAME)
    gate.learn(Reply(200, {"content-type": content_type}, body), None)
    assert (last_answer(toy.process, NAME, "depot") is not None) is counts


def test_an_answer_is_noted_at_most_every_few_minutes() -> None:
    toy = Toy()
    assert last_answer(toy.process, NAME, "depot") is None
    first = toy.clock()
    answered(toy.process, NAME, "depot")
    toy.clock.advance(60)
    answered(toy.process, NAME, "depot")
    assert last_answer(toy.process, NAME, "depot") == first
    toy.clock.advance(RECENT.total_seconds())
    answered(toy.process, NAME, "depot")
    assert last_answer(toy.process, NAME, "depot") == first + RECENT + timedelta(seconds=60)
