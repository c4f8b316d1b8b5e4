"""A source that once says "no such thing" about what it has just announced loses nothing; a deletion is believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.absence import gone
from connector.instants import instant_text
from connector.ledger import Ledger
from connector.outcome import Later, Same
from connector.pair import Work
from connector.records import Origin, RecordStore, Seen
from local.simulators.acumatica.seed import line
from local.simulators.base import Fault
from tests.flow.test_orders import held, put
from tests.support.stage import Stage
from tests.support.world import World


def test_one_wrong_answer_of_absence_loses_no_order() -> None:
    stage = Stage()
    number = put(stage, line("0041", 2))
    stage.acumatica.dial.plan(Fault.STALE_READ, rf"GET .*/SalesOrder/SO/{number}$")
    stage.run(minutes=15)
    assert set(held(stage)) == {f"ACU-SO-{number}"}
    assert stage.states("orders")[f"SO/{number}"] == "done"


def test_an_order_that_was_really_deleted_is_said_to_be_gone() -> None:
    stage = Stage(orders={"hold_minutes": 30})
    number = put(stage, line("0041", 2))
    stage.run(minutes=5)
    stage.acumatica.command("delete", {"entity": "SalesOrder", "key": number})
    stage.run(minutes=40)
    record = stage.records("orders")[f"SO/{number}"]
    assert (record.status.value, "no longer holds" in record.why) == ("done", True)
    assert held(stage) == {}


@pytest.mark.parametrize(("minutes", "believed"), [(0, False), (1, False), (2, True), (59, True), (61, False)])
def test_absence_is_believed_when_it_is_told_twice_some_minutes_apart(minutes: float, believed: bool) -> None:
    assert isinstance(gone(_work(minutes), "gone"), Same if believed else Later)
    assert isinstance(gone(_work(minutes, "something else"), "gone"), Later)


def _work(minutes: float, what: str = "gone") -> Work[Any]:
    """A piece of work on a record whose source said so long ago that it is gone."""
    world = World()
    store = RecordStore(world.services)
    (record,) = store.see(Origin("demo", "toy", "orders", "poll", "c0ffee"), [Seen("1", "r1")])
    first = instant_text(world.clock())
    world.clock.advance(timedelta(minutes=minutes))
    told = replace(record, links={"gone": {"what": what, "at": first}})
    connection: Any = None  # gone() asks for neither connection nor accounts
    return Work(world.services, connection, None, Ledger(world.services, store, told), store, world.services.log, 1)


def test_one_wrong_answer_of_absence_about_the_order_stops_no_shipment() -> None:
    stage = Stage(schedule={"shipments": {"every_seconds": 300}})
    stage.subscribe()
    number = put(stage, line("0041", 2))
    stage.run(minutes=3)
    stage.shipbob.command("fulfil", {"reference_id": f"ACU-SO-{number}"})
    stage.acumatica.dial.plan(Fault.STALE_READ, rf"GET .*/SalesOrder/SO/{number}$")
    stage.run(minutes=10, webhooks=True)
    assert [found["Status"] for found in stage.erp("Shipment").values()] == ["Confirmed"]
    assert set(stage.states("shipments").values()) == {"done"}


def test_a_shipment_of_an_order_that_was_really_deleted_says_so() -> None:
    stage = Stage(schedule={"shipments": {"every_seconds": 300}})
    stage.subscribe()
    number = put(stage, line("0041", 2))
    stage.run(minutes=3)
    stage.shipbob.command("fulfil", {"reference_id": f"ACU-SO-{number}"})
    stage.acumatica.command("delete", {"entity": "SalesOrder", "key": number})
    stage.run(minutes=10, webhooks=True)
    (record,) = stage.records("shipments").values()
    assert (record.status.value, "no longer exists" in record.why) == ("refused", True)
