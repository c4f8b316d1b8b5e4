"""What a piece of work collects and can look at, and how flows are found."""

from __future__ import annotations

from datetime import timedelta

from connector.message import enqueue
from connector.outcome import Done, Outcome, Same
from connector.pair import Work, absent_at, absent_fact
from connector.records import Origin, Seen
from tests.support.toy import NAME, Accounts, Toy

ORIGIN = Origin(NAME, "toy", "orders", "poll", "c0ffee")


def done(toy: Toy, key: str = "A1", revision: str = "r1") -> None:
    """One record from sight to end."""
    toy.shop.put(key)
    enqueue(toy.process, toy.store.see(ORIGIN, [Seen(key, revision)]))
    toy.settle()


def test_flows_are_found_by_name() -> None:
    toy = Toy()
    assert [flow.name for flow in toy.pair.flows if toy.pair.flow(flow.name) is flow] == ["orders", "receipts"]
    assert toy.pair.flow("nothing") is None


def test_what_work_collects_is_saved_with_its_ending() -> None:
    toy = Toy()

    def collects(work: Work[Accounts]) -> Outcome:
        work.note("rounded")
        work.note("rounded")
        work.link(total=5)
        work.refer("tracking", "1Z1")
        work.refer("tracking", "")
        work.saw("r9")
        return Done({"id": "X"})

    toy.orders = collects
    done(toy)
    record = toy.record("A1")
    assert (record.notes, record.links, record.revision) == (("rounded",), {"total": 5}, "r9")
    assert toy.store.find("1Z1") == [record.id]
    # The poll sees the revision that the work has read: nothing to wake up for.
    assert toy.store.see(ORIGIN, [Seen("A1", "r9")]) == []


def test_work_sees_other_records_of_its_connection_only() -> None:
    toy = Toy()
    done(toy, "A2")
    found: list[object] = []

    def looks(work: Work[Accounts]) -> Outcome:
        found.append(work.other("orders", "A2"))
        found.append(work.other("orders", "A3"))
        found.append(sorted(work.others("orders", ["A1", "A2", "A3"])))
        return Same()

    toy.orders = looks
    done(toy)
    assert found == [toy.record("A2"), None, ["A1", "A2"]]


def test_the_time_of_a_duplicate_check_comes_back() -> None:
    toy = Toy()
    record = toy.store.see(ORIGIN, [Seen("A1", "r1", facts=absent_fact(toy.clock()))])[0]
    assert absent_at(record) == toy.clock()
    assert absent_at(toy.store.see(ORIGIN, [Seen("A2", "r1")])[0]) is None


def test_each_piece_of_work_opens_its_accounts_for_itself_and_closes_them_once() -> None:
    toy = Toy()
    done(toy)
    done(toy, "A2")
    assert toy.depot.closings == [f"{NAME}/orders/A1", f"{NAME}/orders/A2"]


def test_a_poll_notes_the_newest_stamp_only() -> None:
    toy = Toy(source_clock=True, start="2026-03-02T14:00:00Z")
    toy.shop.put("A1")
    stamp = toy.clock()
    toy.run(minutes=3)
    from connector.cursor import read_cursors
    from connector.instants import instant_text

    assert read_cursors(toy.world.tables, NAME, ["orders"])["orders"].position == instant_text(stamp)
    assert toy.shop.lists[-1][0] == max(stamp - timedelta(minutes=15), toy.shop.lists[-1][0])
