"""`explain`: the whole story of a business number in plain sentences, whatever stage it has reached."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cli.pairs import PAIRS, pair_named
from connector.outcome import Missing
from connector.record import Status
from local.simulators.acumatica.seed import line, order
from tests.flow.test_cli_records import done, put, sold, waiting
from tests.support.desk import StageDesk
from tests.support.stage import NAME, Stage
from tests.support.ups_stage import UpsStage, parcel


def chapters(desk: StageDesk, *words: str, codes: tuple[int, ...] = (0,)) -> dict[str, dict[str, Any]]:
    found = desk.json("explain", *words, codes=codes)
    return {chapter["id"]: chapter for chapter in found["records"]}


def shipped() -> tuple[StageDesk, str, str]:
    """An order that left ShipBob and is posted; answers its number and its tracking number."""
    stage = Stage(schedule={"shipments": {"every_seconds": 300}})
    number = sold(stage)
    stage.run(minutes=3)
    left = stage.shipbob.command("fulfil", {"reference_id": f"ACU-SO-{number}"})
    stage.run(minutes=7)
    return StageDesk(stage), number, str(left["tracking_numbers"][0])


def test_a_sent_order_is_told_from_the_first_sighting_to_its_link() -> None:
    desk, identifier = done()
    number = identifier.rpartition("/")[2]
    (chapter,) = [each for key, each in chapters(desk, number).items() if key == identifier]
    told = [moment["text"] for moment in chapter["story"]]
    assert told[0].startswith(f"Sales order SO {number} changed in Acumatica")
    sent = next(text for text in told if text.startswith(f"ShipBob order ACU-SO-{number}: written"))
    assert "sent at 2026-03-" in sent
    assert "shipbob.order" not in sent
    assert any("1 lines, 1 units" in text and "holds it" in text for text in chapter["linked"])
    assert chapter["now"].startswith("It is done")
    assert "looked at again" in chapter["next"]
    assert chapter["next_at"] > chapter["story"][-1]["at"]
    times = [moment["at"] for moment in chapter["story"]]
    assert times == sorted(times)


def test_a_tracking_number_tells_the_shipment_and_its_order() -> None:
    desk, number, tracking = shipped()
    found = chapters(desk, tracking)
    assert f"{NAME}/orders/SO/{number}" in found
    (shipment,) = [chapter for key, chapter in found.items() if "/shipments/" in key]
    assert any(tracking in text and "Acumatica shipment" in text for text in shipment["linked"])
    page = desk.run("explain", tracking).stdout
    assert "Acumatica shipment sb:" in page
    assert "Next: Nothing is left to do" in page


def test_a_held_order_says_what_it_waits_for_with_how_many_and_what_to_do() -> None:
    desk, (first, *others) = waiting(count=3)
    chapter = chapters(desk, first)[first]
    assert f"waits for ship_methods EXPRESS, with {len(others)} other records" in chapter["now"]
    assert "continues by itself" in chapter["next"]
    assert "tables.ship_methods" in chapter["commands"][0]


def test_waiting_refused_unknown_closed_each_say_what_comes_next() -> None:
    stage = Stage()
    due = "2026-03-02T15:00:00.000000Z"
    put(stage, "SO/1", status=Status.WAITING, why="ShipBob is throttled", due_at=due)
    put(stage, "SO/2", status=Status.REFUSED, why="the street of marta@quill.example is wrong")
    put(stage, "SO/3", status=Status.UNKNOWN, why="no answer", due_at=due)
    put(stage, "SO/4", status=Status.CLOSED, why="closed by anna: done by hand")
    desk = StageDesk(stage)
    waiting_one = chapters(desk, f"{NAME}/orders/SO/1")[f"{NAME}/orders/SO/1"]
    assert waiting_one["next"].startswith("It is worked on again at 2026-03-02 15:00:00 UTC (in ")
    assert waiting_one["next_at"] == due
    refused = chapters(desk, f"{NAME}/orders/SO/2")[f"{NAME}/orders/SO/2"]
    assert "marta@" not in str(refused)
    assert refused["commands"][0] == f"ml-connector records replay {NAME}/orders/SO/2"
    unclear = chapters(desk, f"{NAME}/orders/SO/3")[f"{NAME}/orders/SO/3"]
    assert "The vendor is asked at 2026-03-02 15:00:00 UTC" in unclear["next"]
    assert "Nothing happens any more" in chapters(desk, f"{NAME}/orders/SO/4")[f"{NAME}/orders/SO/4"]["next"]


def test_a_crashed_record_says_where_and_that_it_becomes_a_dead_letter() -> None:
    stage = Stage()
    why = "an error in this software: KeyError at orders.py:12. It is tried again, then kept as a dead letter"
    put(stage, "SO/1", status=Status.QUEUED, why=why)
    chapter = chapters(StageDesk(stage), f"{NAME}/orders/SO/1")[f"{NAME}/orders/SO/1"]
    assert "KeyError at orders.py:12" in chapter["now"]
    assert "dead letter" in chapter["next"]
    assert chapter["commands"][0].startswith("ml-connector dlq ")


def test_what_was_noted_while_mapping_stands_at_its_time() -> None:
    stage = Stage()
    made = stage.acumatica.command("sales_order", order("QUILL", line("0041", 1, WarehouseID="MAIN"), line("0041", 2)))
    stage.run(minutes=8)
    (chapter,) = [
        each for key, each in chapters(StageDesk(stage), str(made["key"])).items() if "/orders/" in key
    ]
    noted = [moment for moment in chapter["story"] if moment["text"].startswith("Noted: ")]
    assert any("is not sent" in moment["text"] for moment in noted), chapter["story"]
    assert not set(chapter["notes"]) & {moment["text"] for moment in noted}


def test_a_paused_connection_is_named_as_what_stands_in_the_way() -> None:
    desk, (first, *_) = waiting(count=1)
    desk.run("connections", "pause", NAME)
    assert f"`ml-connector connections resume {NAME}`" in chapters(desk, first)[first]["next"]


def test_a_sku_tells_the_item_and_an_unknown_one_tells_who_waits_for_it() -> None:
    stage = Stage()
    stage.run(minutes=8)
    item = chapters(StageDesk(stage), "0041")[f"{NAME}/items/0041"]
    assert any("is this item" in text for text in item["linked"])
    for number, sku in ((9, "AB-9"), (10, "0041")):
        put(stage, f"SO/{number}", status=Status.HELD, why="waits", missing=(Missing("item", sku),))
    assert list(chapters(StageDesk(stage), "AB-9")) == [f"{NAME}/orders/SO/9"]
    assert "1 record held for it: demo/orders/SO/10" in StageDesk(stage).run("explain", "0041").stdout


def test_a_number_that_the_source_uses_as_its_key_is_found() -> None:
    stage = Stage()
    put(stage, "337200001", "shipments", status=Status.HELD, why="waits")
    assert list(chapters(StageDesk(stage), "337200001", "--connection", NAME)) == [f"{NAME}/shipments/337200001"]


def test_an_unknown_number_says_how_far_the_sources_are_read() -> None:
    stage = Stage()
    stage.run(minutes=3)
    desk = StageDesk(stage)
    found = desk.json("explain", "SO999999", codes=[1])
    assert found["records"] == []
    assert any(text.startswith(f"{NAME}: orders read until 2026-") for text in found["reach"])
    result = desk.run("explain", "SO999999")
    assert (result.exit_code, result.stdout.splitlines()[0][:34]) == (1, "No record knows SO999999. It was n")


def test_a_number_typed_in_small_letters_is_found() -> None:
    desk, identifier = done()
    number = identifier.rpartition("/")[2]
    assert identifier in chapters(desk, number.lower())


def test_a_changed_trail_is_said_and_is_a_finding() -> None:
    desk, identifier = done()
    items = desk.stage.world.tables
    first = items.get("audit", identifier, "00000001")
    assert first is not None
    items.put("audit", {**first, "text": "something else"})
    assert chapters(desk, identifier, codes=(1,))[identifier]["trail_intact"] is False
    assert "CHAIN" in desk.run("explain", identifier).stdout


def test_a_label_and_its_parcel_are_one_story() -> None:
    stage = UpsStage()
    number = stage.shipment(parcel(4.5))
    stage.run(minutes=4)
    (tracking,) = stage.alive()
    desk = StageDesk(stage)
    found = chapters(desk, number)
    assert {f"{NAME}/labels/{number}", f"{NAME}/tracking/{tracking}"} <= set(found)
    label = found[f"{NAME}/labels/{number}"]
    assert any(moment["text"].startswith("UPS label") and tracking in moment["text"] for moment in label["story"])
    assert any(tracking in text for text in label["linked"])


@pytest.mark.parametrize("name", PAIRS)
def test_every_effect_of_every_pair_has_words(name: str) -> None:
    """An effect without words would be told by its internal name."""
    deeds = pair_named(name).deeds
    folder = Path(__file__).resolve().parents[2] / "functions" / name
    files = [path for path in folder.rglob("*.py") if path.name != "words.py"]
    source = "".join(path.read_text("utf-8") for path in files)
    effects = set(re.findall(r'"((?:acumatica|shipbob|shipstation|ups|netsuite|gp)\.[a-z_]+)"', source))
    assert effects
    assert effects <= set(deeds)
    assert {each for deed in deeds.values() for each in deed.follows} <= set(deeds)
