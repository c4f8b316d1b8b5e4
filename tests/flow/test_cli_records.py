"""Records and review: what people see, what they set in motion, and what they must never see."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from acumatica_shipbob.settings import AcumaticaShipBob
from connector.audit import trail
from connector.connection import apply_document, parse_document
from connector.effect import Draft
from connector.intent import Intent, fingerprint, intent_item
from connector.intent import Stage as IntentStage
from connector.message import enqueue
from connector.outcome import Missing
from connector.record import Record, Status
from connector.records import Origin, RecordStore, Seen
from connector.sweep import PAUSED
from local.simulators.acumatica.seed import ADDRESSES, line, order
from tests.support.desk import StageDesk
from tests.support.stage import NAME, Stage, document

PERSON = ADDRESSES["US"]


def sold(stage: Stage, ship_via: str = "GROUND") -> str:
    """A sales order; answers its number."""
    made = stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US", ShipVia=ship_via))
    return str(made["key"])


def waiting(*, count: int = 3) -> tuple[StageDesk, list[str]]:
    """Orders that are held because their Ship Via is in no table; answers their ids."""
    stage = Stage(tables={"ship_methods": {"GROUND": "Standard", "": "Standard"}})
    numbers = [sold(stage, "EXPRESS") for _ in range(count)]
    stage.run(minutes=8)
    assert set(stage.states("orders").values()) == {"held"}
    return StageDesk(stage), [f"{NAME}/orders/SO/{number}" for number in numbers]


def done() -> tuple[StageDesk, str]:
    """One order that is at ShipBob; answers its id."""
    stage = Stage()
    number = sold(stage)
    stage.run(minutes=8)
    assert stage.states("orders") == {f"SO/{number}": "done"}
    return StageDesk(stage), f"{NAME}/orders/SO/{number}"


def put(stage: Stage, key: str, stream: str = "orders", connection: str = NAME, **changes: Any) -> Record:
    """A record in a given state."""
    store = RecordStore(stage.process)
    origin = Origin(connection, "acumatica_shipbob", stream, "poll", "c0ffee")
    (record,) = store.see(origin, [Seen(key)])
    return store.change(record, lambda current: replace(current, handled=current.seen, **changes))


# ---- list -----------------------------------------------------------------------------------------------------


def test_list_shows_what_is_open_with_its_reason() -> None:
    desk, ids = waiting()
    found = desk.json("records", "list")
    assert sorted(row["id"] for row in found) == sorted(ids)
    assert found[0]["status"] == "held"
    assert found[0]["waits_for"] == [{"kind": "ship_methods", "value": "EXPRESS"}]
    shown = desk.run("records", "list", "--limit", "2").stdout
    assert "and 1 more" in shown


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ([], 3),
        (["--status", "held"], 3),
        (["--status", "refused"], 0),
        (["--status", "held", "--status", "refused"], 3),
        (["--stream", "orders"], 3),
        (["--stream", "stock"], 0),
        (["--connection", NAME], 3),
        (["--text", "express"], 3),
        (["--text", "SO000002"], 1),
        (["--text", "nothing-like-it"], 0),
        (["--status", "done", "--stream", "orders"], 0),
    ],
)
def test_selections(words: list[str], count: int) -> None:
    desk, _ = waiting()
    assert len(desk.json("records", "list", *words)) == count


def test_finished_records_are_found_by_number_or_by_asking_for_them() -> None:
    desk, record = done()
    number = record.rpartition("/")[2]
    assert desk.json("records", "list", "--stream", "orders") == []
    assert [row["id"] for row in desk.json("records", "list", "--text", number)] == [record]
    assert [row["id"] for row in desk.json("records", "list", "--status", "done", "--stream", "orders")] == [record]
    assert desk.json("records", "list", "--text", number, "--status", "held") == []


def test_an_unknown_status_is_wrong_usage() -> None:
    assert StageDesk(Stage()).run("records", "list", "--status", "lost").exit_code == 2


# ---- show -----------------------------------------------------------------------------------------------------


def test_show_tells_the_whole_story_without_the_customer() -> None:
    desk, record = done()
    found = desk.json("records", "show", record)
    assert found["record"]["status"] == "done"
    (write,) = found["writes"]
    assert (write["effect"], write["stage"], write["attempts"]) == ("shipbob.order", "done", 1)
    assert write["draft"]["recipient"]["address"]["city"] == PERSON[0]["City"]
    assert write["answer"]["status"] == 201
    assert json.loads(write["answer"]["text"])["reference_id"] == write["key"]
    assert [entry["sequence"] for entry in found["trail"]] == [1, 2, 3]
    assert found["chain_intact"] is True
    everything = json.dumps(found) + desk.run("records", "show", record).output
    for personal in (PERSON[0]["AddressLine1"], PERSON[1]["Attention"], PERSON[1]["Email"], PERSON[1]["Phone1"]):
        assert personal not in everything
    assert PERSON[0]["PostalCode"] in everything


def test_show_takes_a_business_number() -> None:
    desk, record = done()
    assert desk.json("records", "show", record.rpartition("/")[2])["record"]["id"] == record


def test_show_of_a_number_that_several_records_carry_names_them() -> None:
    desk, record = done()
    origin = Origin(NAME, "acumatica_shipbob", "shipments", "poll", "c0ffee")
    number = record.rpartition("/")[2]
    RecordStore(desk.stage.process).see(origin, [Seen("337", references=(("order", number),))])
    result = desk.run("records", "show", number)
    assert result.exit_code == 1
    assert record in result.stderr
    assert f"{NAME}/shipments/337" in result.stderr


def test_show_of_nothing() -> None:
    result = StageDesk(Stage()).run("records", "show", "SO999999")
    assert result.exit_code == 1
    assert "there is no record 'SO999999'" in result.stderr


@pytest.mark.parametrize("tamper", ["text", "gone", "head"])
def test_a_changed_trail_is_found(tamper: str) -> None:
    desk, record = done()
    tables = desk.stage.world.tables
    item = tables.get("audit", record, "00000002")
    assert item is not None
    if tamper == "text":
        tables.put("audit", {**item, "text": "Nothing happened."})
    elif tamper == "gone":
        tables.delete("audit", record, "00000002")
    else:
        tables.delete("audit", record, "00000003")
    result = desk.run("records", "show", record)
    assert result.exit_code == 1
    assert f"THE CHAIN IS BROKEN at line {3 if tamper == 'head' else 2}" in result.stdout


def test_a_large_answer_is_read_from_the_bucket_and_may_be_gone() -> None:
    desk, record = done()
    stage = desk.stage
    items = stage.world.tables.items("records")
    item = next(i for i in items if i["pk"] == record and str(i["sk"]).startswith("intent#"))
    data = json.loads(str(item["data"]))
    stage.world.bodies.put("answers/x", json.dumps({"id": 5, "email": "marta@quill.example"}).encode())
    stage.world.tables.put("records", {**item, "data": json.dumps({**data, "answer": "s3:answers/x"})})
    shown = desk.json("records", "show", record)["writes"][0]["answer"]["text"]
    assert json.loads(shown) == {"id": 5, "email": "[email, 19 characters]"}
    stage.world.tables.put("records", {**item, "data": json.dumps({**data, "answer": "s3:answers/gone"})})
    assert "no longer" in desk.json("records", "show", record)["writes"][0]["answer"]["text"]


# ---- replay ---------------------------------------------------------------------------------------------------


def test_a_replay_is_worked_on_and_says_who() -> None:
    desk, ids = waiting(count=1)
    stage = desk.stage
    raw = document()
    apply_document(stage.world.tables, parse_document(raw, AcumaticaShipBob), stage.clock(), "test")
    stage.restart()
    found = desk.json("records", "replay", ids[0])
    assert [row["status"] for row in found["records"]] == ["queued"]
    stage.run(minutes=3)
    assert set(stage.states("orders").values()) == {"done"}
    assert any(entry.text == "Replayed by anna." for entry in trail(stage.world.tables, ids[0]))
    assert len(stage.shipbob.holdings()["orders"]) == 1


def test_a_replay_of_what_is_done_writes_nothing_twice() -> None:
    desk, record = done()
    assert desk.run("records", "replay", record).exit_code == 0
    desk.stage.run(minutes=5)
    assert set(desk.stage.states("orders").values()) == {"done"}
    assert len(desk.stage.shipbob.holdings()["orders"]) == 1


def test_a_dry_run_touches_nothing() -> None:
    desk, ids = waiting()
    before = desk.stage.world.tables.items("records")
    found = desk.json("records", "replay", "--status", "held", "--dry-run")
    assert sorted(row["id"] for row in found["records"]) == sorted(ids)
    assert desk.stage.world.tables.items("records") == before
    assert desk.stage.world.queues.messages("live") == []


@pytest.mark.parametrize(("given", "replayed"), [("y\n", 3), ("n\n", 0), (None, 0)])
def test_a_selection_is_asked_about(given: str | None, replayed: int) -> None:
    desk, _ = waiting()
    desk.run("records", "replay", "--status", "held", given=given)
    assert list(desk.stage.states("orders").values()).count("queued") == replayed
    assert len(desk.stage.world.queues.messages("live")) == replayed


def test_a_selection_without_asking() -> None:
    desk, _ = waiting()
    assert len(desk.json("records", "replay", "--status", "held", "--yes")["records"]) == 3


@pytest.mark.parametrize(
    "words",
    [[], ["--stream", "orders"], ["x", "--status", "held"], ["--status", "held", "--json"]],
)
def test_replays_that_are_not_clear(words: list[str]) -> None:
    desk, _ = waiting(count=1)
    assert desk.run("records", "replay", *words).exit_code == 2
    assert set(desk.stage.states("orders").values()) == {"held"}


# ---- close and release ----------------------------------------------------------------------------------------


def test_close_ends_it_and_says_who_and_why() -> None:
    desk, ids = waiting(count=1)
    assert desk.json("records", "close", ids[0], "--reason", "shipped by hand")["status"] == "closed"
    stage = desk.stage
    stage.apply(document())
    stage.run(minutes=20)
    assert set(stage.states("orders").values()) == {"closed"}
    assert stage.shipbob.holdings()["orders"] in ({}, [])
    assert list(trail(stage.world.tables, ids[0]))[-1].text == "Closed by anna: shipped by hand"


def test_a_reason_is_needed() -> None:
    desk, ids = waiting(count=1)
    assert desk.run("records", "close", ids[0]).exit_code == 2
    assert desk.run("records", "close", ids[0], "--reason", " ").exit_code == 2
    assert desk.run("records", "release", ids[0], "shipbob.order", "k", "--reason", "").exit_code == 2
    assert set(desk.stage.states("orders").values()) == {"held"}


def unknown_write(stage: Stage) -> tuple[str, str]:
    """A record held because nobody could find out whether its order was made; answers its id and the write's key."""
    number = sold(stage)
    record = put(stage, f"SO/{number}", status=Status.HELD, why="nobody can say whether the order was made")
    key, draft = f"ACU-SO-{number}", Draft({"reference_id": f"ACU-SO-{number}"})
    intent = Intent(record.id, "shipbob.order", key, IntentStage.UNKNOWN, fingerprint(draft), draft.body, version=3)
    stage.world.tables.put("records", intent_item(intent))
    return record.id, key


def test_release_lets_the_write_be_sent_again_and_works_on_it_at_once() -> None:
    stage = Stage()
    stage.run(minutes=6)
    record, key = unknown_write(stage)
    desk = StageDesk(stage)
    result = desk.run("records", "release", record, "shipbob.order", key, "--reason", "not in ShipBob")
    assert result.exit_code == 0
    stage.run(minutes=5)
    held = stage.shipbob.holdings()["orders"]
    assert len(held) == 1
    assert stage.states("orders")[record.removeprefix(f"{NAME}/orders/")] == "done"
    texts = [entry.text for entry in trail(stage.world.tables, record)]
    assert any("anna has checked that shipbob.order" in text and "not in ShipBob" in text for text in texts)


def test_release_is_for_unknown_writes_only() -> None:
    desk, record = done()
    key = desk.json("records", "show", record)["writes"][0]["key"]
    result = desk.run("records", "release", record, "shipbob.order", key, "--reason", "x")
    assert result.exit_code == 1
    assert "no write shipbob.order" in result.stderr
    assert desk.json("records", "show", record)["writes"][0]["stage"] == "done"


# ---- review ---------------------------------------------------------------------------------------------------


def test_review_groups_by_what_is_missing() -> None:
    desk, ids = waiting(count=4)
    (cause,) = desk.json("review", "list", codes=[1])
    assert cause["text"] == "4 orders wait for ship_methods EXPRESS"
    assert cause["count"] == 4
    assert sorted(cause["records"]) == sorted(ids)
    assert "tables.ship_methods" in cause["advice"]
    assert f"ml-connector review resolve {cause['id']} --map VALUE" in cause["advice"]
    assert cause["mappable"] is True
    assert 'VALUE as in another entry: "Standard"' in desk.run("review", "show", cause["id"]).stdout
    assert desk.run("review", "list").exit_code == 1


def test_review_says_sku_and_groups_alike_reasons() -> None:
    stage = Stage()
    for number in range(41):
        put(stage, f"SO/{number:06d}", status=Status.HELD, why="waits", missing=(Missing("item", "AB-9"),))
    for number in range(3):
        put(stage, f"{number}", "charges", status=Status.REFUSED, why=f"bill {number + 100} was refused: period closed")
    put(stage, "SO/900000", status=Status.UNKNOWN, why="no answer", due_at="2026-03-02T15:00:00.000000Z")
    put(stage, "SO/900001", status=Status.HELD, why="paused", missing=(PAUSED,))
    found = desk_causes(StageDesk(stage))
    assert [cause["text"] for cause in found[:2]] == [
        "41 orders wait for SKU AB-9", "3 charges refused: for example bill 100 was refused: period closed",
    ]  # fmt: skip
    assert "records replay --connection demo --stream charges --status refused" in found[1]["advice"]
    texts = {cause["text"]: cause["advice"] for cause in found}
    assert texts["1 order waits for the connection to be resumed"] == f"ml-connector connections resume {NAME}"
    assert "asked again at 2026-03-02T15:00" in texts["1 order not clear whether written: no answer"]


def desk_causes(desk: StageDesk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.json("review", "list", codes=[1])
    return found


def test_a_record_that_waits_for_two_things_is_in_both_groups() -> None:
    stage = Stage()
    both = (Missing("item", "A"), Missing("ship_methods", "B"))
    put(stage, "SO/1", status=Status.HELD, why="waits", missing=both)
    assert {cause["text"] for cause in desk_causes(StageDesk(stage))} == {
        "1 order waits for SKU A", "1 order waits for ship_methods B",
    }  # fmt: skip


def test_nothing_to_review() -> None:
    desk = StageDesk(Stage())
    result = desk.run("review", "list")
    assert (result.exit_code, result.stdout) == (0, "Nothing waits for a person.\n")
    assert desk.json("review", "list") == []


def test_reasons_are_redacted() -> None:
    stage = Stage()
    put(stage, "SO/1", status=Status.REFUSED, why="the address of marta@quill.example is wrong")
    desk = StageDesk(stage)
    for words in (["review", "list"], ["records", "list"], ["records", "show", f"{NAME}/orders/SO/1"]):
        assert "marta@quill.example" not in desk.run(*words).output


def test_enqueue_is_what_makes_a_queue_move() -> None:
    """The helper `put` leaves no message behind: what tests find in the queue came from a command."""
    stage = Stage()
    record = put(stage, "SO/1", status=Status.HELD, why="waits")
    assert stage.world.queues.messages("live") == []
    enqueue(stage.process, [record])
    assert len(stage.world.queues.messages("live")) == 1


@pytest.mark.parametrize("words", [
    "review list --connection demmo", "records list --connection demmo", "records list --pair acumatica_shipbop",
    "records list --stream order", "records replay --status held --connection demmo --yes",
    "audit verify --connection demmo", "audit export --day 2026-03-02 --connection demmo",
    "explain 1 --connection demmo", "dlq list --pair acumatica_shipbop",
])  # fmt: skip
def test_a_misspelt_name_does_not_look_like_nothing_to_do(words: str) -> None:
    result = StageDesk(Stage()).run(*words.split())
    assert result.exit_code == 1
    assert any(text in result.stderr for text in ("does not exist", "there is no pair", "there is no flow"))
