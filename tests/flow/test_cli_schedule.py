"""Cadence, quiet hours and pauses by command: what moves, what waits, what a person reads; no deployment in between."""

from __future__ import annotations

import json

import pytest

from connector.journal import lines_of
from local.simulators.acumatica.seed import line, order
from tests.support.desk import StageDesk
from tests.support.stage import NAME, Stage, document

# The stage's clock begins on 2 March 2026, 14:05 UTC: 09:05 in New York.
MORNING = [{"begin": "09:00", "end": "12:00", "time_zone": "America/New_York"}]


def sold(stage: Stage) -> str:
    made = stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US"))
    return f"SO/{made['key']}"


def rows(desk: StageDesk) -> dict[str, dict[str, object]]:
    return {row["flow"]: row for row in desk.json("connections", "schedule", NAME)}


def apply(desk: StageDesk, **changes: object) -> dict[str, object]:
    answer: dict[str, object] = desk.json("connections", "apply", "-", given=json.dumps({**document(), **changes}))
    return answer


def test_the_schedule_shows_cadence_rest_and_pause() -> None:
    desk = StageDesk(Stage())
    apply(desk, quiet_hours=[], schedule={
        "stock": {"quiet_hours": MORNING}, "charges": {"enabled": False}, "orders": {"every_seconds": 120},
    })  # fmt: skip
    desk.json("connections", "pause", NAME, "--flow", "items")
    found = rows(desk)
    assert (found["orders"]["every_seconds"], found["orders"]["state"]) == (120, "moves")
    assert (found["items"]["state"], found["charges"]["state"]) == ("paused", "off")
    assert (found["stock"]["state"], found["stock"]["rests_until"]) == ("rests until", "2026-03-02T17:00:00.000000Z")
    assert "09:00-12:00 America/New_York" in desk.run("connections", "schedule", NAME).stdout


def test_a_cadence_counts_without_a_deployment() -> None:
    desk = StageDesk(Stage())
    desk.stage.run(minutes=2)
    before = rows(desk)["charges"]["next_at"]
    apply(desk, schedule={"charges": {"every_seconds": 60}})
    desk.stage.run(minutes=3)
    assert str(rows(desk)["charges"]["next_at"]) < str(before)


def test_one_flow_pauses_while_the_others_move_and_resume_lets_it_go_on() -> None:
    desk = StageDesk(Stage())
    answer = desk.json("connections", "pause", NAME, "--flow", "orders")
    assert answer == {"connection": NAME, "state": "paused", "flows": ["orders"], "records_resumed": 0}
    key = sold(desk.stage)
    desk.stage.run(minutes=5)
    assert desk.stage.states("orders") == {}
    assert desk.stage.states("items") != {}
    desk.json("connections", "resume", NAME, "--flow", "orders")
    desk.stage.run(minutes=5)
    assert desk.stage.states("orders") == {key: "done"}
    assert len(desk.stage.shipbob.holdings()["orders"]) == 1
    lines, broken = lines_of(desk.stage.process, "2026-03-02")
    assert broken is None
    assert [found.text for found in lines] == [
        f"anna: pauses orders of connection {NAME}", f"anna: resumes orders of connection {NAME}",
    ]


def test_what_was_due_in_a_paused_flow_is_held_and_continues_at_once() -> None:
    desk = StageDesk(Stage(tables={"ship_methods": {"": "Standard"}}))
    key = sold(desk.stage)
    desk.stage.run(minutes=5)
    assert desk.stage.states("orders") == {key: "held"}
    desk.json("connections", "pause", NAME, "--flow", "orders")
    apply(desk)
    desk.stage.settle()
    record = desk.stage.records("orders")[key]
    assert (record.status.value, record.missing[0].kind) == ("held", "flow")
    assert "is paused" in record.why
    (cause,) = desk.json("review", "list", codes=(1,))
    assert "waits for the flow orders to be switched on" in cause["text"]
    assert cause["advice"].startswith(f"ml-connector connections resume {NAME} --flow orders")
    assert "the flow orders to be switched on" in desk.run("explain", record.id).stdout
    assert desk.json("connections", "resume", NAME, "--flow", "orders")["records_resumed"] == 1
    desk.stage.settle()
    desk.stage.run(minutes=1)
    assert desk.stage.states("orders") == {key: "done"}


def test_an_unknown_flow_is_refused_with_the_names() -> None:
    desk = StageDesk(Stage())
    result = desk.run("connections", "pause", NAME, "--flow", "order")
    assert result.exit_code == 1
    assert "orders, items" in result.stderr
    found = desk.json("connections", "apply", "-", codes=(1,), given=json.dumps(
        {**document(), "schedule": {"order": {"every_seconds": 60}}}
    ))
    assert "schedule.order: there is no such flow" in found["problems"][0]


def test_taking_quiet_hours_away_lets_what_rests_go_on_at_once() -> None:
    desk = StageDesk(Stage(tables={"ship_methods": {"": "Standard"}}))
    key = sold(desk.stage)
    desk.stage.run(minutes=5)
    apply(desk, quiet_hours=MORNING)
    desk.stage.settle()
    assert desk.stage.records("orders")[key].why == "quiet hours of flow orders"
    answer = apply(desk)
    assert answer["records_resumed"] == 1
    desk.stage.settle()
    desk.stage.run(minutes=1)
    assert desk.stage.states("orders") == {key: "done"}


def test_a_webhook_in_quiet_hours_is_taken_and_worked_on_afterwards() -> None:
    desk = StageDesk(Stage())
    stage = desk.stage
    key = sold(stage)
    stage.run(minutes=5)
    stage.subscribe()
    apply(desk, quiet_hours=MORNING)
    stage.shipbob.command("fulfil", {"reference_id": f"ACU-{key.replace('/', '-')}"})
    assert stage.push_webhooks()
    stage.run(minutes=60, webhooks=True)
    assert set(stage.states("shipments").values()) == {"waiting"}
    stage.run(minutes=150)
    assert set(stage.states("shipments").values()) == {"done"}
    assert stage.violations() == []


def test_the_doctor_names_a_paused_flow() -> None:
    desk = StageDesk(Stage())
    desk.json("connections", "pause", NAME, "--flow", "stock")
    found = {finding["check"]: finding for finding in desk.json("doctor", NAME, "--quick", codes=(0, 1))}
    assert found["pause of stock"]["severity"] == "warning"
    assert f"connections resume {NAME} --flow stock" in found["pause of stock"]["fix"]


@pytest.mark.parametrize("words", [("pause",), ("resume",)])
def test_a_connection_that_does_not_exist(words: tuple[str, ...]) -> None:
    assert StageDesk(Stage()).run("connections", *words, "nobody").exit_code == 1


def test_the_journal_says_who_changed_a_connection_and_its_secrets() -> None:
    desk = StageDesk(Stage())
    apply(desk, schedule={"stock": {"every_seconds": 600}})
    desk.json("secrets", "set", NAME, "shipbob", given="token=another")
    desk.json("secrets", "set", NAME, "shipbob", given="token=another")  # nothing changed: no line
    lines, broken = lines_of(desk.stage.process, "2026-03-02")
    assert broken is None
    assert [found.text for found in lines] == [
        f"anna: applies connection {NAME}, revision 2", f"anna: sets the secret {NAME}/shipbob",
    ]
    assert "schedule.stock.every_seconds" in str(lines[0].data["changed"])
    assert "another" not in json.dumps([dict(found.data) for found in lines])


def test_a_connection_that_this_version_cannot_read_can_be_paused() -> None:
    desk = StageDesk(Stage())
    tables = desk.stage.world.tables
    item = tables.get("connections", NAME, "document")
    assert item is not None
    tables.put("connections", {**item, "data": json.dumps({"nonsense": True})})
    desk.stage.restart()
    assert desk.json("connections", "pause", NAME)["state"] == "paused"
    assert desk.json("connections", "resume", NAME)["state"] == "active"


def test_a_resume_says_what_keeps_it_from_moving_all_the_same() -> None:
    desk = StageDesk(Stage(schedule={"charges": {"enabled": False}}))
    desk.run("connections", "pause", NAME)
    said = desk.run("connections", "resume", NAME, "--flow", "stock").stdout
    assert f"connection {NAME} is paused as a whole (ml-connector connections resume {NAME})" in " ".join(said.split())
    desk.run("connections", "pause", NAME, "--flow", "stock")
    (kept,) = desk.json("connections", "resume", NAME)["stays"]
    assert kept.startswith("stock stays paused")
    assert desk.json("connections", "resume", NAME, "--flow", "stock")["stays"] == []
    (off,) = desk.json("connections", "resume", NAME, "--flow", "charges")["stays"]
    assert off == "charges is switched off in the file (schedule.charges.enabled)"
