"""An explanation expires: what has been on its way for days is a difference, of whatever age and in whatever window."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from acumatica_shipbob.flows import PAIR
from connector.cache import connection_of
from connector.instants import instant_text
from connector.nightly import newest_report
from connector.overdue import overdue, pending_since
from connector.record import Status
from connector.records import Origin, RecordStore, Seen
from local.simulators.acumatica.seed import line
from local.simulators.base import Fault
from tests.flow.test_reconcile import night, reconcile, unexplained
from tests.flow.test_shipments import sent
from tests.support.desk import StageDesk
from tests.support.stage import NAME, Stage, document


def stuck(hours: float, **changes: Any) -> tuple[Stage, str]:
    """An order that ShipBob keeps refusing with 500, for so many hours."""
    stage = Stage(**changes)
    stage.shipbob.dial.plan(Fault.ERROR_500_BEFORE, "POST .*/order", times=100_000)
    number = sent(stage, line("0041", 1))
    stage.clock.advance(hours * 3600)
    stage.run(minutes=2)
    assert stage.records("orders")[f"SO/{number}"].status in (Status.WAITING, Status.UNKNOWN)
    return stage, f"SO/{number}"


def test_what_is_on_its_way_is_explained_for_a_day_and_then_no_longer() -> None:
    stage, key = stuck(20)
    (row,) = reconcile(stage, "--kind", "orders")["orders"]["differences"]
    assert row["explained"].startswith("on its way: ")
    stage.clock.advance(5 * 3600)
    ((_, found, what),) = unexplained(reconcile(stage, "--kind", "orders", codes=(1,)))
    assert found == key
    assert "overdue: under way since 2026-03-02T" in what
    (row,) = reconcile(stage, "--kind", "orders", codes=(1,))["orders"]["differences"]
    assert row["command"] == f"ml-connector records replay {NAME}/orders/{key}"


def test_the_bound_is_the_connections() -> None:
    stage, _ = stuck(20, overdue_hours=12)
    assert len(unexplained(reconcile(stage, "--kind", "orders", codes=(1,)))) == 1


def test_a_record_older_than_the_window_is_found_by_the_night_and_the_repair_ends_it() -> None:
    stage, key = stuck(24 * 5)
    night(stage)
    report = newest_report(stage.process, NAME)
    assert report is not None
    (late,) = [each for each in report.kinds if each.kind == "overdue"]
    (row,) = late.differences
    assert (row.record, row.explained) == (f"{NAME}/orders/{key}", "")
    assert stage.world.metrics()["ReconcileDifferences"][-1] == report.unexplained >= 1
    stage.shipbob.dial.clear()
    assert row.command.startswith("ml-connector records replay ")
    assert StageDesk(stage).run(*row.command.split()[1:]).exit_code == 0
    stage.run(minutes=10)
    assert stage.states("orders")[key] == "done"
    assert reconcile(stage, "--kind", "overdue")["overdue"]["differences"] == []


def test_a_new_sighting_of_an_old_record_is_young() -> None:
    stage = Stage()
    number = sent(stage, line("0041", 1))
    assert stage.states("orders") == {f"SO/{number}": "done"}
    stage.clock.advance(24 * 3600 * 9)
    origin = Origin(NAME, "acumatica_shipbob", "orders", "webhook", "c0ffee")
    RecordStore(stage.process).see(origin, [Seen(f"SO/{number}")])  # its message is lost with the process
    record = stage.records("orders")[f"SO/{number}"]
    assert record.status is Status.QUEUED
    assert pending_since(stage.process, record)[:10] == "2026-03-11"
    assert reconcile(stage, "--kind", "overdue")["overdue"]["left"] == 1


def test_quiet_hours_are_no_delay() -> None:
    """They were stated; a record that waits for their end is where it should be."""
    rest = {"begin": "00:00", "end": "00:00", "time_zone": "UTC", "days": ["mon", "tue", "wed"]}
    stage = Stage()
    stage.run(minutes=2)
    stage.shipbob.dial.plan(Fault.ERROR_500_BEFORE, "POST .*/order", times=2)
    number = sent(stage, line("0041", 1))
    stage.apply(document(quiet_hours=[rest]))
    stage.run(minutes=20)
    record = stage.records("orders")[f"SO/{number}"]
    assert (record.status, record.why.startswith("quiet hours")) == (Status.WAITING, True)
    stage.clock.advance(30 * 3600)
    found = reconcile(stage, "--kind", "overdue")["overdue"]
    assert (found["left"], found["differences"]) == (1, [])


def test_one_long_wait_with_a_stated_end_is_no_delay_before_it_and_a_repeated_one_is() -> None:
    stage = Stage()
    connection = connection_of(stage.process, PAIR, NAME)
    assert connection is not None
    number = sent(stage, line("0041", 1))
    stage.clock.advance(24 * 3600 * 9)
    origin = Origin(NAME, PAIR.name, "orders", "webhook", "c0ffee")
    (heard,) = RecordStore(stage.process).see(origin, [Seen(f"SO/{number}")])
    waiting = replace(heard, status=Status.WAITING, waits=0)
    stage.clock.advance(24 * 3600 * 8)
    said, soon = instant_text(stage.clock() - timedelta(days=8)), instant_text(stage.clock() + timedelta(hours=1))
    once = replace(waiting, updated_at=said, due_at=soon)
    again = replace(waiting, updated_at=instant_text(stage.clock()), due_at=soon)
    assert overdue(stage.process, connection, [once]) == {}
    assert list(overdue(stage.process, connection, [again])) == [heard.id]
