"""A part of the matrix in every test run, and the proof that the matrix sees what it is there to see.

The whole of it: `make crash` (the full one), `make crash ARGS=--short` (every boundary, one fault of each kind).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector import poll
from connector.instants import instant_text
from tests.crash.cells import Cell, Ended, parse_cell, record_moments, run_cell
from tests.crash.expected import TABLE
from tests.crash.faults import FAULTS
from tests.crash.matrix import Matrix
from tests.crash.moments import Moment
from tests.crash.stories import STORIES, Story
from vendors.acumatica import shipping
from vendors.shipstation.client import ShipStation

pytestmark = pytest.mark.crash

EACH = 30
"""Cells of each flow in an ordinary test run."""

NAMES = [story.name for story in STORIES]


def story_named(name: str) -> Story:
    return next(story for story in STORIES if story.name == name)


def cells_at(story: Story, fault: str, where: Callable[[Moment], bool], mode: str = "") -> list[Ended]:
    """The story under one fault at every moment of a kind."""
    prepared = story.make(False)
    moments = [moment for moment in record_moments(story, prepared) if where(moment)]
    assert moments
    return [run_cell(story, prepared, Cell(story.name, ((moment.number, fault),), mode)) for moment in moments]


@pytest.mark.parametrize("flow", NAMES)
def test_a_sample_of_every_flow(flow: str) -> None:
    tally = Matrix(flows=(flow,), sample=EACH).run()
    assert tally.cells == EACH
    assert [(str(cell), ended.findings, ended.touched) for cell, ended in tally.broken] == []
    assert tally.total("lost") == tally.total("duplicated") == 0


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_two_faults_wherever_they_strike(data: st.DataObject) -> None:
    story = data.draw(st.sampled_from(STORIES))
    prepared = story.make(False)
    first = data.draw(st.sampled_from(record_moments(story, prepared)))
    one = data.draw(st.sampled_from([fault.name for fault in FAULTS if fault.fits(first)]))
    second = data.draw(st.integers(first.number + 1, first.number + 40))
    two = data.draw(st.sampled_from(["killed", "killed beside a second worker", "second worker"]))
    ended = run_cell(story, prepared, Cell(story.name, ((first.number, one), (second, two))))
    assert ended.outcome != "broken", (ended.moments, ended.findings, ended.touched, ended.errors)


@pytest.mark.parametrize("mode", ["", "meanwhile"])
def test_a_parcel_that_is_being_confirmed_is_not_adjusted_away(mode: str) -> None:
    """It was counted as in flight and as confirmed: two units too many were posted, and taken back later."""
    ended = cells_at(
        story_named("stock in flight"), "killed", lambda it: it.label.endswith("POST /Shipment/ConfirmShipment"), mode
    )
    assert [(found.moments, found.findings) for found in ended if found.outcome != "done"] == []


def test_every_fault_is_declared_for_every_kind_of_boundary_that_it_fits() -> None:
    kinds = [Moment(0, label, kind, side) for kind, label in (("store", "tables.put"), ("queue", "queues.send"),
             ("read", "acumatica GET /x"), ("write", "acumatica PUT /x"), ("token", "acumatica POST /token"))
             for side in ("before", "after")]  # fmt: skip
    fitting = {(moment.kind, fault.name) for fault in FAULTS for moment in kinds if fault.fits(moment)}
    declared = {(kind, fault) for kind, row in TABLE.items() for fault in row}
    assert fitting == declared


def test_a_cell_can_be_named_and_replayed() -> None:
    cell = Cell("shipments", ((12, "killed"), (40, "second worker")), "doubled")
    assert parse_cell(str(cell)) == cell


# ---- the matrix sees what it is there to see ---------------------------------------------------------------------


def test_a_write_that_cannot_be_found_again_shows_as_a_duplicate(monkeypatch: pytest.MonkeyPatch) -> None:
    real = shipping.create_effect
    monkeypatch.setattr(shipping, "create_effect", lambda *given: replace(real(*given), find=lambda key: None))
    ended = cells_at(story_named("shipments"), "dropped after", lambda it: it.label == "acumatica PUT /Shipment")
    assert any(found.outcome == "broken" and found.count("duplicated") for found in ended)


def test_orders_that_are_sent_again_unasked_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second createorders stores nothing twice, but takes back what the warehouse has edited."""
    monkeypatch.setattr(ShipStation, "present", lambda *given: {})
    monkeypatch.setattr(ShipStation, "order_by_key", lambda *given: None)
    ended = cells_at(
        story_named("orders by the hundred"), "dropped after", lambda it: it.label.endswith("/orders/createorders"),
        "meanwhile",
    )  # fmt: skip
    assert any(found.count("duplicated") and found.count("lost") for found in ended)


def test_a_cursor_that_moves_before_its_rows_are_stored_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    real = poll.take

    def early(tables: Any, clock: Any, *given: Any) -> Any:
        cursor = real(tables, clock, *given)
        return cursor and poll.save(tables, replace(cursor, position=instant_text(clock())))

    monkeypatch.setattr(poll, "take", early)
    ended = cells_at(story_named("orders"), "killed", lambda it: it.label.startswith("acumatica GET /SalesOrder"))
    assert all(("lost", "cursor of orders moved before SO/SO000001 was stored") in map(tuple, it.findings)
               for it in ended)  # fmt: skip


def test_a_record_that_never_ends_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    from connector import work

    monkeypatch.setattr(work, "settle", lambda work, outcome: work.record)
    story = replace(story_named("cancel"), minutes=30.0)
    ended = run_cell(story, story.make(False), Cell("cancel"))
    assert (ended.outcome, ended.count("stuck") > 0) == ("broken", True)


def test_a_handler_that_crashes_at_a_vendors_fault_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    from connector import work

    monkeypatch.setattr(work, "outcome_of_fault", lambda fault, *given: 1 / 0)
    ended = cells_at(story_named("cancel"), "500 before", lambda it: it.kind == "read" and it.side == "before")
    assert any(found.outcome == "broken" and found.count("crashed") for found in ended)
