"""Plan, apply, backfill: nothing is written by a plan, and `apply` writes what the plan said or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from acumatica_shipbob.flows import PAIR
from cli.operations import backfilling
from cli.operations.accounts import for_long_reading
from cli.pairs import connection_named
from connector.pair import Window
from connector.record import Status
from connector.records import Seen
from local.simulators.acumatica.seed import line, order
from local.simulators.base import Fault
from tests.flow.test_cli_records import sold, waiting
from tests.flow.test_shipments import of_order, sent, shipped
from tests.support.desk import StageDesk
from tests.support.stage import NAME, Killed, Stage, document
from tests.support.ups_stage import UpsStage, parcel
from tests.support.ups_stage import document as ups_document

WRITES = ("POST", "PUT", "PATCH", "DELETE")


def released(stage: Stage) -> str:
    """A released order, a minute ago; answers its number."""
    number = sold(stage)
    stage.clock.advance(60)
    return number


def written(stage: Stage) -> list[str]:
    """Every call to the vendors that may have changed something there."""
    calls = [*stage.acumatica.calls, *stage.shipbob.calls]
    quiet = ("/connect/token", "Inquiry", "/identity", ":query")
    return [
        f"{call.method} {call.path}" for call in calls
        if call.method in WRITES and not any(word in call.path for word in quiet)
    ]


def snapshot(stage: Stage) -> dict[str, list[Any]]:
    """Everything stored, without what belongs to the vendors' accounts."""
    guards = ("budget/", "lease/", "tokens/")
    return {
        table: [item for item in stage.world.tables.items(table) if not str(item["pk"]).startswith(guards)]
        for table in ("connections", "records", "audit", "state")
    }


def plan(stage: Stage, *words: str) -> dict[str, Any]:
    made: dict[str, Any] = StageDesk(stage).json("plan", *words)
    return made


def steps(made: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {step["record"].rpartition("/")[2]: (step["ends"], step["effect"]) for step in made["steps"]}


def test_a_window_is_planned_without_a_write_or_a_trace() -> None:
    stage = Stage()
    first, second = released(stage), released(stage)
    before, calls = snapshot(stage), written(stage)
    made = plan(stage, NAME, "--flow", "orders", "--from", "2026-03-01")
    assert steps(made) == {first: ("write", "shipbob.order"), second: ("write", "shipbob.order")}
    assert (snapshot(stage), written(stage)) == (before, calls)
    assert stage.world.queues.messages("live") == []
    step = made["steps"][0]
    assert (step["does"], step["what"]) == ("create", "a ShipBob order")
    assert (step["method"], step["address"].endswith("/order")) == ("POST", True)
    assert made["totals"]["write_calls"] == {"127.0.0.1:7002": 2}
    assert made["totals"]["read_calls"]["127.0.0.1:7001"] >= 2


def test_the_planned_request_is_the_one_that_is_sent() -> None:
    """By construction: the flow itself runs. Its write afterwards has the key and the draft of the plan."""
    stage = Stage()
    number = released(stage)
    made = plan(stage, NAME, "--flow", "orders", "--from", "2026-03-01")
    stage.run(minutes=3)
    item = stage.world.tables.get("records", f"{NAME}/orders/SO/{number}", f"intent#shipbob.order#ACU-SO-{number}")
    assert item is not None
    assert item["fingerprint"] == made["steps"][0]["fingerprint"]


def test_what_is_there_already_is_nothing_to_do() -> None:
    stage = Stage()
    number = released(stage)
    stage.run(minutes=3)
    made = plan(stage, NAME, "--record", f"{NAME}/orders/SO/{number}")
    assert steps(made) == {number: ("done", "")}
    assert made["totals"]["writes"] == {}


def test_a_mapping_that_is_to_come_plans_what_it_frees() -> None:
    desk, ids = waiting(count=3)
    stage = desk.stage
    before = snapshot(stage)
    text = json.dumps(document(tables={"ship_methods": {"GROUND": "Standard", "EXPRESS": "Standard", "": "Standard"}}))
    made = desk.json("plan", "--file", "-", given=text)
    assert {step["record"] for step in made["steps"]} == set(ids)
    assert made["totals"]["writes"] == {"create a ShipBob order": 3}
    assert snapshot(stage) == before


def test_a_shipment_plans_its_first_write_and_names_the_following_ones() -> None:
    stage = Stage(schedule={"shipments": {"every_seconds": 86_400}, "deliveries": {"every_seconds": 86_400}})
    number = sent(stage, line("0041", 2))
    shipped(stage, number)
    made = plan(stage, NAME, "--flow", "shipments", "--from", "2026-03-01")
    (step,) = made["steps"]
    assert (step["effect"], step["does"], step["what"]) == ("acumatica.shipment", "create", "an Acumatica shipment")
    assert step["follows"] == ["acumatica.packages", "acumatica.order_text", "acumatica.confirm"]
    assert of_order(stage, number) == []


def test_a_label_is_planned_and_none_is_bought() -> None:
    stage = UpsStage(schedule={"labels": {"every_seconds": 86_400}})
    stage.run(minutes=2)
    number = stage.shipment(parcel(4.5))
    stage.clock.advance(60)
    made = plan(stage, NAME, "--flow", "labels", "--from", "2026-03-01")
    (step,) = made["steps"]
    assert (step["record"], step["does"], step["what"]) == (f"{NAME}/labels/{number}", "buy", "a UPS label")
    assert (stage.labels(), step["price"], made["totals"]["money"]) == ([], "", {})
    priced = plan(stage, NAME, "--flow", "labels", "--from", "2026-03-01", "--prices")
    amount, currency = priced["steps"][0]["price"].split(" ")
    assert (float(amount) > 0, currency, priced["totals"]["money"]) == (True, "USD", {"USD": amount})
    assert stage.labels() == []
    stage.apply(ups_document())
    stage.run(minutes=4)
    assert len(stage.alive()) == 1


def test_a_plan_waits_out_a_throttled_account() -> None:
    stage = Stage()
    released(stage)
    stage.acumatica.dial.plan(Fault.THROTTLED, "GET .*/SalesOrder/SO/")
    made = plan(stage, NAME, "--flow", "orders", "--from", "2026-03-01")
    assert made["steps"][0]["ends"] == "write"


# ---- apply ----------------------------------------------------------------------------------------------------


def planned(stage: Stage, path: Path, *words: str) -> Path:
    result = StageDesk(stage).run("plan", *words, "--out", str(path))
    assert result.exit_code == 0, result.output
    return path


def paused(**changes: Any) -> tuple[Stage, str]:
    """A connection whose poll rests, with one released order."""
    stage = Stage(schedule={"orders": {"every_seconds": 86_400}}, **changes)
    stage.run(minutes=2)
    return stage, released(stage)


def test_apply_does_what_was_planned_and_nothing_twice(tmp_path: Path) -> None:
    stage, number = paused()
    file = planned(stage, tmp_path / "plan.json", NAME, "--flow", "orders", "--from", "2026-03-01")
    done = StageDesk(stage).json("apply", str(file), "--yes")
    assert done["records"] == [f"{NAME}/orders/SO/{number}"]
    (message,) = stage.world.queues.messages("bulk")
    assert json.loads(message.body)["lane"] == "bulk"
    stage.run(minutes=2)
    assert [found["reference_id"] for found in stage.shipbob.holdings()["orders"].values()] == [f"ACU-SO-{number}"]
    assert stage.states("orders") == {f"SO/{number}": "done"}
    again = StageDesk(stage).run("apply", str(file), "--yes")
    assert again.exit_code == 1
    assert len(stage.shipbob.holdings()["orders"]) == 1


def test_apply_refuses_all_when_one_source_has_changed(tmp_path: Path) -> None:
    stage, number = paused()
    other = released(stage)
    file = planned(stage, tmp_path / "plan.json", NAME, "--flow", "orders", "--from", "2026-03-01")
    stage.acumatica.command("put_on_hold", {"order_nbr": other})
    result = StageDesk(stage).run("apply", str(file), "--yes")
    assert result.exit_code == 1
    assert other in result.output
    assert number not in result.output.partition("nothing was done")[2]
    assert stage.world.queues.messages("bulk") == []
    assert stage.records("orders") == {}


def test_the_promise_holds_when_the_source_changes_after_the_check(tmp_path: Path) -> None:
    stage, number = paused()
    file = planned(stage, tmp_path / "plan.json", NAME, "--flow", "orders", "--from", "2026-03-01")
    StageDesk(stage).json("apply", str(file), "--yes")
    details = stage.erp("SalesOrder")[number]["Details"]
    changed = {"Details": [{"id": details[0]["id"], "OrderQty": 7}]}
    stage.acumatica.command("edit_order", {"order_nbr": number, "fields": changed})
    stage.run(minutes=3)
    assert stage.shipbob.holdings()["orders"] == {}
    record = stage.records("orders")[f"SO/{number}"]
    assert record.status is Status.HELD
    assert "the source has changed since the plan was made" in record.why
    # A person who wants it as it is now says so.
    StageDesk(stage).run("records", "replay", record.id)
    stage.run(minutes=3)
    (made,) = stage.shipbob.holdings()["orders"].values()
    assert made["reference_id"] == f"ACU-SO-{number}"


def test_apply_of_a_file_stores_it_and_frees_what_was_planned(tmp_path: Path) -> None:
    desk, ids = waiting(count=2)
    stage = desk.stage
    changed = document(tables={"ship_methods": {"GROUND": "Standard", "EXPRESS": "Standard", "": "Standard"}})
    (tmp_path / "acme.json").write_text(json.dumps(changed))
    file = planned(stage, tmp_path / "plan.json", "--file", str(tmp_path / "acme.json"))
    done = desk.json("apply", str(file), "--yes")
    assert set(done["records"]) == set(ids)
    stage.run(minutes=2)
    assert set(stage.states("orders").values()) == {"done"}


def test_apply_refuses_after_somebody_else_has_applied(tmp_path: Path) -> None:
    stage, _ = paused()
    file = planned(stage, tmp_path / "plan.json", NAME, "--flow", "orders", "--from", "2026-03-01")
    stage.apply(document(schedule={"orders": {"every_seconds": 80_000}}))
    result = StageDesk(stage).run("apply", str(file), "--yes")
    assert (result.exit_code, "was changed since the plan was made" in result.output) == (1, True)


def test_a_plan_survives_a_pause(tmp_path: Path) -> None:
    stage, number = paused()
    StageDesk(stage).run("connections", "pause", NAME)
    file = planned(stage, tmp_path / "plan.json", NAME, "--flow", "orders", "--from", "2026-03-01")
    StageDesk(stage).run("connections", "resume", NAME)
    assert StageDesk(stage).json("apply", str(file), "--yes")["records"] == [f"{NAME}/orders/SO/{number}"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"plan": 99}', '{"plan": 1, "steps": [{}]}'])
def test_what_is_no_plan_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.json").write_text(text)
    assert StageDesk(Stage()).run("apply", str(tmp_path / "plan.json"), "--yes").exit_code == 1


def test_what_to_plan_must_be_said_once() -> None:
    desk = StageDesk(Stage())
    assert desk.run("plan", NAME).exit_code == 2
    assert desk.run("plan", NAME, "--flow", "orders", "--status", "held").exit_code == 2
    assert desk.run("plan", NAME, "--flow", "pigeons", "--from", "2026-03-01").exit_code == 1
    assert desk.run("plan", NAME, "--flow", "orders").exit_code == 1


# ---- backfill -------------------------------------------------------------------------------------------------


def old_order(stage: Stage) -> str:
    """An order from before the connection's start."""
    return str(stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US"))["key"])


def test_a_backfill_moves_what_the_start_left_out_in_the_bulk_lane() -> None:
    stage = Stage(start="2026-03-02T14:30:00Z")
    number = old_order(stage)
    stage.run(minutes=40)
    assert stage.shipbob.holdings()["orders"] == {}
    done = StageDesk(stage).json("backfill", NAME, "--flow", "orders", "--from", "2026-02-28")
    assert done["found"] == 1
    (message,) = stage.world.queues.messages("bulk")
    assert json.loads(message.body)["record"] == f"{NAME}/orders/SO/{number}"
    stage.run(minutes=2)
    assert [found["reference_id"] for found in stage.shipbob.holdings()["orders"].values()] == [f"ACU-SO-{number}"]


def test_a_backfill_that_was_stopped_goes_on_where_it_was() -> None:
    stage = Stage(schedule={"orders": {"every_seconds": 86_400}})
    stage.run(minutes=1)
    number = released(stage)
    stage.acumatica.dial.plan(Fault.DROP_BEFORE, "GET .*/SalesOrder$", skip=2)
    desk = StageDesk(stage)
    window = ("--from", "2026-02-26T00:00:00Z", "--to", "2026-03-03T00:00:00Z")
    assert desk.run("backfill", NAME, "--flow", "orders", *window).exit_code == 3
    item = stage.world.tables.query("state", f"backfill/{NAME}/orders").items[0]
    assert str(item["position"]).startswith("2026-02-28")
    lists = len([call for call in stage.acumatica.calls if call.path.endswith("/SalesOrder")])
    done = desk.json("backfill", NAME, "--flow", "orders", *window)
    assert (done["resumed"], done["found"]) == (True, 1)
    assert len([call for call in stage.acumatica.calls if call.path.endswith("/SalesOrder")]) - lists == 3
    stage.run(minutes=2)
    assert stage.states("orders") == {f"SO/{number}": "done"}


def test_a_backfill_that_was_killed_within_a_day_has_forgotten_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor has one of more records than one item of the table holds: its numbers are what a person goes by."""
    monkeypatch.setattr(backfilling, "PART", 2)
    stage = Stage()
    pair, connection = connection_named(stage.process, NAME)
    pages, seen = [[Seen(f"SO/{page}{row}") for row in range(3)] for page in range(3)], 0

    def poll(polling: Any) -> Iterator[list[Seen]]:
        nonlocal seen
        for page in pages[seen:]:
            seen += 1
            yield page
            if seen == 2:
                raise Killed

    flow = replace(PAIR.flows[0], poll=poll)
    window = Window(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 1, 12, tzinfo=UTC))

    def run() -> backfilling.Backfill:
        patience = for_long_reading(stage.process, stage.clock.advance)
        return backfilling.backfill(
            pair, stage.process, connection, flow, window, "c0ffee", patience, lambda at: None
        )

    with pytest.raises(Killed):
        run()
    done = run()
    assert (done.resumed, done.found) == (True, 9)
    assert set(done.records) == {f"{NAME}/orders/SO/{page}{row}" for page in range(3) for row in range(3)}
    assert backfilling.settled_of(stage.process, done.records).moving == 9


def test_a_backfill_leaves_known_records_alone_and_reads_open_ended_lists_once() -> None:
    stage = Stage(schedule={"shipments": {"every_seconds": 300}})
    number = sent(stage, line("0041", 1))
    shipped(stage, number)
    stage.run(minutes=12)
    assert len(of_order(stage, number)) == 1
    desk = StageDesk(stage)
    assert desk.json("backfill", NAME, "--flow", "orders", "--from", "2026-03-01")["found"] == 0
    before = len([call for call in stage.shipbob.calls if "LastUpdateStartDate" in call.query])
    assert desk.json("backfill", NAME, "--flow", "shipments", "--from", "2026-02-01")["found"] == 0
    assert len([call for call in stage.shipbob.calls if "LastUpdateStartDate" in call.query]) == before + 1
    stage.run(minutes=5)
    assert len(of_order(stage, number)) == 1


def test_a_backfill_can_wait_for_its_records() -> None:
    stage, _ = paused()
    desk = StageDesk(stage)
    desk.on_sleep = stage.settle
    done = desk.json("backfill", NAME, "--flow", "orders", "--from", "2026-03-01", "--wait")
    assert (done["done"], done["moving"]) == (1, 0)


def test_a_paused_connection_is_not_backfilled() -> None:
    desk = StageDesk(Stage())
    desk.run("connections", "pause", NAME)
    assert desk.run("backfill", NAME, "--flow", "orders", "--from", "2026-03-01").exit_code == 1
