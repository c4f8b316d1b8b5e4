"""A mapping that is added while the workers are warm: what waits for it continues at once, in whatever process."""

from __future__ import annotations

from typing import Any

from acumatica_shipbob.settings import AcumaticaShipBob
from connector.connection import apply_document, parse_document
from connector.message import enqueue
from connector.records import RecordStore
from connector.review import resume
from local.simulators.acumatica.seed import line, order
from tests.support.stage import NAME, Stage, document


def apply_elsewhere(stage: Stage, raw: dict[str, Any], *, tell: bool = True) -> None:
    """What `connections apply` does on an operator's machine: the workers' processes go on with what they remember."""
    applied = apply_document(stage.world.tables, parse_document(raw, AcumaticaShipBob), stage.clock(), "test")
    for missing in applied.appeared if tell else ():
        resume(stage.world.services, RecordStore(stage.world.services), NAME, missing, "apply")


def held_stage() -> Stage:
    """One order whose Ship Via has no shipping method yet, held by a worker that has just read the connection."""
    stage = Stage(tables={"ship_methods": {"": "Standard"}})
    stage.acumatica.command("sales_order", order("QUILL", line("0041", 1)))
    stage.run(minutes=2)
    assert set(stage.states("orders").values()) == {"held"}
    read_a_moment_ago(stage)
    return stage


def read_a_moment_ago(stage: Stage) -> None:
    """The process believes what it knows of the connection for another minute."""
    known = ("connection", NAME)
    stage.process.memory[known] = (stage.clock(), stage.process.memory[known][1])


def test_a_held_record_continues_at_once_although_the_process_remembers_the_old_connection() -> None:
    stage = held_stage()
    apply_elsewhere(stage, document())
    stage.settle()
    assert set(stage.states("orders").values()) == {"done"}
    assert len(stage.shipbob.holdings()["orders"]) == 1


def test_a_record_that_is_held_by_an_old_copy_after_the_mapping_appeared_finds_it_by_itself() -> None:
    stage = held_stage()
    apply_elsewhere(stage, document(), tell=False)
    stage.acumatica.command("sales_order", order("QUILL", line("0041", 2)))
    (record,) = stage.records("orders").values()
    stage.clock.advance(minutes=1.1)
    read_a_moment_ago(stage)
    stage.tick()
    stage.settle()
    states = {key: state for key, state in stage.states("orders").items() if key != record.source_key}
    assert list(states.values()) == ["done"]
    assert len(stage.shipbob.holdings()["orders"]) == 1


def test_what_an_old_copy_would_hold_for_a_person_is_worked_on_again_with_the_new_one() -> None:
    """The fresh attempt after a replay met a busy session; the next one ran in a process that knew the old file."""
    stage = Stage(tables={"ship_methods": {"GROUND": "No such method"}})
    stage.acumatica.command("sales_order", order("QUILL", line("0041", 1)))
    stage.run(minutes=2)
    (record,) = stage.records("orders").values()
    assert (record.status.value, record.missing) == ("held", ())
    read_a_moment_ago(stage)
    apply_elsewhere(stage, document())
    store = RecordStore(stage.process)
    enqueue(stage.process, [store.touch(record, "webhook", "c", "Somebody rang.")])
    stage.settle()
    assert stage.states("orders") == {record.source_key: "waiting"}
    stage.run(minutes=0.1)
    assert stage.states("orders") == {record.source_key: "done"}
    assert len(stage.shipbob.holdings()["orders"]) == 1
