"""Dead letters by command: a poison message is found, understood, moved back; the trail says who."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connector.audit import trail
from connector.journal import lines_of
from connector.message import enqueue
from connector.ports import Message
from connector.record import short_hash
from connector.records import Origin, RecordStore, Seen
from connector.review import close
from local.simulators.acumatica.seed import line, order
from tests.support.desk import StageDesk
from tests.support.stage import NAME, Stage

PAIR = "acumatica_shipbob"
DAY = "2026-03-02"


def poisoned(count: int = 1) -> tuple[StageDesk, list[str]]:
    """Orders whose messages are dead letters, as after a defect in a deployed version; answers their ids."""
    stage = Stage()
    numbers = [
        stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US"))["key"]
        for _ in range(count)
    ]
    store = RecordStore(stage.process)
    rows = [Seen(f"SO/{number}", "r1") for number in numbers]
    records = store.see(Origin(NAME, PAIR, "orders", "poll", "c0ffee"), rows)
    enqueue(stage.process, records)
    for _ in range(stage.world.queues.maximum_receives + 1):  # nobody deletes them: the worker crashes each time
        stage.world.queues.receive("live", 10)
        stage.clock.advance(400)
    assert len(stage.world.queues.dead("live")) == count
    return StageDesk(stage), [record.id for record in records]


def texts(desk: StageDesk, record: str) -> list[str]:
    return [found.text for found in trail(desk.stage.world.tables, record)]


def journal(desk: StageDesk) -> list[str]:
    lines, broken = lines_of(desk.stage.process, DAY)
    assert broken is None
    return [found.text for found in lines]


def test_nothing_there_is_said_and_is_no_finding() -> None:
    desk = StageDesk(Stage())
    assert desk.json("dlq", "list") == [
        {"pair": PAIR, "queue": queue, "letters": 0, "being_looked_at": 0, "redrive": None}
        for queue in ("dead", "delay-dead")
    ]
    assert "no dead letters" in desk.run("dlq", "redrive", PAIR).stdout


def test_a_letter_is_counted_and_shown_with_its_record() -> None:
    desk, (record,) = poisoned()
    (dead, _) = desk.json("dlq", "list", codes=(1,))
    assert dead["letters"] == 1
    (letter,) = desk.json("dlq", "show", PAIR)
    assert (letter["record"], letter["back_to"], letter["kind"]) == (record, "live", "record")
    assert record in desk.run("dlq", "show", PAIR).stdout
    assert desk.json("dlq", "show", PAIR, "--connection", "else") == []


def dead(desk: StageDesk, *messages: Message) -> None:
    """Messages of the live queue that nobody could work on."""
    queues = desk.stage.world.queues
    queues.send("live", list(messages))
    for _ in range((queues.maximum_receives + 1) * len(messages)):
        queues.receive("live", 10)
        desk.stage.clock.advance(400)


def test_what_sqs_does_not_hand_out_is_told_of() -> None:
    desk = StageDesk(Stage())
    body = json.dumps({"kind": "record", "record": f"{NAME}/orders/SO/1", "cause": "poll", "correlation": "c"})
    dead(desk, *(Message(body, "one", f"{number}") for number in range(12)))
    assert len(desk.stage.world.queues.dead("live")) == 12
    shown = desk.run("dlq", "show", PAIR)
    assert "dead: 10 of 12 letters are shown" in shown.stderr
    assert "the first 3 of 12" in desk.run("dlq", "show", PAIR, "--limit", "3").stderr
    (redriven, _) = desk.json("dlq", "redrive", PAIR, "--record", f"{NAME}/orders/SO/1")
    assert len(redriven["moved"]) == 12


def test_a_message_that_nobody_understands_is_named_with_what_deletes_it() -> None:
    desk = StageDesk(Stage())
    dead(desk, Message(json.dumps({"kind": "nonsense", "connection": NAME}), "poison", "1"))
    shown = desk.run("dlq", "show", PAIR).stdout
    assert "not understood: nonsense" in shown
    (letter,) = desk.json("dlq", "show", PAIR)
    assert f"ml-connector dlq purge {PAIR} --message {letter['message']} --reason TEXT" in " ".join(shown.split())


def test_a_webhook_s_letter_shows_no_person() -> None:
    desk = StageDesk(Stage())
    body = {"kind": "event", "connection": NAME, "sender": "shipbob", "topic": "order.shipped", "event_id": "e",
            "body": json.dumps({"id": 7, "recipient": {"name": "Ada Lovelace", "email": "ada@example.com"}})}
    desk.stage.world.queues.send("events", [Message(json.dumps(body), "g", "d")])
    for _ in range(desk.stage.world.queues.maximum_receives + 1):
        desk.stage.world.queues.receive("events")
        desk.stage.clock.advance(400)
    said = desk.run("dlq", "show", PAIR, "--json").stdout
    assert "order.shipped" in said
    assert "Ada" not in said
    assert "ada@example.com" not in said


def test_after_the_fix_one_record_goes_on_and_reaches_the_other_side() -> None:
    desk, (first, second) = poisoned(2)
    (moved,) = [row for row in desk.json("dlq", "redrive", PAIR, "--record", first) if row["moved"]]
    assert (moved["queue"], len(moved["moved"]), moved["native"]) == ("dead", 1, False)
    desk.stage.settle()
    assert desk.stage.states("orders") == {
        first.removeprefix(f"{NAME}/orders/"): "done", second.removeprefix(f"{NAME}/orders/"): "queued",
    }
    assert "anna moved its dead letter back." in texts(desk, first)
    assert journal(desk) == [
        "anna: moves dead letters of acumatica_shipbob, dead, back one by one",
        "anna: moves dead letters of acumatica_shipbob, delay-dead, back one by one",
    ]
    assert len(desk.stage.shipbob.holdings()["orders"]) == 1


@pytest.mark.parametrize("words", [("redrive",), ("purge", "--reason", "x")])
def test_a_choice_that_nothing_fits_does_not_look_like_work_that_was_done(words: tuple[str, ...]) -> None:
    desk, (record,) = poisoned()
    act, *more = words
    missed = desk.run("dlq", act, PAIR, "--record", f"{record}9", *more)
    assert missed.exit_code == 1
    assert "No letter that SQS handed out fits this choice" in missed.stderr
    assert desk.run("dlq", act, PAIR, "--record", record, *more).exit_code == 0


def test_everything_is_moved_back_by_sqs_and_each_order_is_there_once() -> None:
    desk, records = poisoned(3)
    (row,) = desk.json("dlq", "redrive", PAIR)
    assert row == {"queue": "dead", "native": True, "moved": [], "doubled": 0, "unknown_source": 0}
    assert desk.json("dlq", "list")[0]["redrive"]["status"] == "COMPLETED"
    desk.stage.run(minutes=10)
    assert set(desk.stage.states("orders").values()) == {"done"}
    assert len(desk.stage.shipbob.holdings()["orders"]) == len(records)
    assert journal(desk) == ["anna: moves everything of acumatica_shipbob, dead, back"]


def test_a_letter_whose_record_was_swept_meanwhile_does_no_harm() -> None:
    """The sweeper gives overdue records a new message: the letter then finds nothing due."""
    desk, (record,) = poisoned()
    desk.stage.run(minutes=45)
    assert set(desk.stage.states("orders").values()) == {"done"}
    desk.json("dlq", "redrive", PAIR, "--record", record)
    desk.stage.run(minutes=5)
    assert set(desk.stage.states("orders").values()) == {"done"}
    assert len(desk.stage.shipbob.holdings()["orders"]) == 1


def test_without_a_native_redrive_everything_is_moved_one_by_one_at_a_pace() -> None:
    desk, records = poisoned(3)
    desk.stage.world.dead_letters.native = False
    before = desk.stage.clock()
    (row,) = desk.json("dlq", "redrive", PAIR, "--rate", "2")
    assert (len(row["moved"]), row["native"]) == (3, False)
    assert (desk.stage.clock() - before).total_seconds() == 1.0
    for record in records:
        assert "anna moved its dead letter back." in texts(desk, record)


def test_a_redrive_of_the_console_works_just_as_well() -> None:
    desk, records = poisoned(2)
    desk.stage.world.queues.redrive("live")  # what SQS does for the console's button
    desk.stage.run(minutes=10)
    assert set(desk.stage.states("orders").values()) == {"done"}
    assert len(desk.stage.shipbob.holdings()["orders"]) == len(records)


def test_purging_needs_a_choice_and_a_reason() -> None:
    desk, (record,) = poisoned()
    assert desk.run("dlq", "purge", PAIR, "--reason", "x").exit_code == 2
    assert desk.run("dlq", "purge", PAIR, "--reason", " ", "--record", record).exit_code == 2
    assert desk.run("dlq", "purge", PAIR, "--reason", "x", "--all", "--json").exit_code == 2
    assert desk.run("dlq", "purge", PAIR, "--reason", "x", "--all", "--record", record).exit_code == 2
    assert desk.run("dlq", "purge", PAIR, "--reason", "x", "--all", given="n\n").exit_code == 1
    assert desk.json("dlq", "list", codes=(1,))[0]["letters"] == 1
    assert journal(desk) == []


def test_a_purged_letter_leaves_its_record_and_its_reason() -> None:
    desk, (first, second) = poisoned(2)
    gone = desk.json("dlq", "purge", PAIR, "--record", first, "--reason", "shipped by hand")
    assert gone == {"dead": 1, "delay-dead": 0}
    assert "anna deleted its dead letter: shipped by hand" in texts(desk, first)
    assert desk.json("records", "show", first)["chain_intact"] is True
    assert desk.json("dlq", "purge", PAIR, "--all", "--yes", "--reason", "a test")["dead"] == 1
    assert desk.json("dlq", "list")[0]["letters"] == 0
    assert "anna: empties acumatica_shipbob, dead: a test" in journal(desk)
    assert desk.json("records", "show", second)["record"]["status"] == "queued"


def test_a_closed_record_stays_closed_when_its_letter_comes_back() -> None:
    desk, (record,) = poisoned()
    store = RecordStore(desk.stage.process)
    loaded = store.load(record)
    assert loaded is not None
    close(store, loaded, "anna", "shipped by hand")
    desk.json("dlq", "redrive", PAIR, "--record", record)
    desk.stage.settle()
    assert set(desk.stage.states("orders").values()) == {"closed"}
    assert desk.stage.shipbob.holdings()["orders"] == {}


def test_stopping_what_does_not_run_is_refused() -> None:
    desk, _ = poisoned()
    assert desk.run("dlq", "redrive", PAIR, "--stop").exit_code == 1


def test_a_misspelt_pair_is_refused_with_the_names() -> None:
    result = StageDesk(Stage()).run("dlq", "show", "acumatica_shipbop")
    assert result.exit_code == 1
    assert PAIR in result.stderr


def test_an_unknown_queue_is_refused_with_the_names() -> None:
    result = StageDesk(Stage()).run("dlq", "show", PAIR, "--queue", "live")
    assert result.exit_code == 1
    assert "dead and delay-dead" in result.stderr


def test_the_journal_s_chain_shows_what_was_changed_and_what_was_cut_off() -> None:
    desk, _ = poisoned()
    tables = desk.stage.world.tables
    for _ in range(3):
        desk.json("dlq", "redrive", PAIR, "--message", "none", codes=(1,))
    assert len(journal(desk)) == 6
    lines = [item for item in tables.items("audit") if item["pk"] == f"operations/{DAY}"]
    tables.put("audit", {**lines[2], "text": "somebody else: did it"})
    assert lines_of(desk.stage.process, DAY)[1] == 3
    tables.put("audit", lines[2])
    tables.delete("audit", f"operations/{DAY}", "00000006")
    assert lines_of(desk.stage.process, DAY)[1] == 6


@pytest.mark.parametrize("name", ["dlq list", "dlq show", "dlq redrive", "dlq purge"])
def test_the_runbook_tells_of_it(name: str) -> None:
    root = Path(__file__).resolve().parents[2]
    assert f"ml-connector {name}" in (root / "docs/runbook.md").read_text("utf-8")


def test_group_ids_are_those_of_the_record() -> None:
    desk, (record,) = poisoned()
    desk.json("dlq", "redrive", PAIR, "--record", record)
    (stored,) = desk.stage.world.queues.messages("live")
    assert stored.message.group == short_hash(record)
