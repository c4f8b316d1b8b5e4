"""What a person decides: edits, causes settled as a whole, and the trail that an auditor takes away."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connector.message import enqueue
from connector.outcome import Missing
from connector.record import Status
from connector.records import Origin, RecordStore, Seen
from local.simulators.acumatica.seed import line, order
from tests.flow.test_cli_records import done, put, sold, waiting
from tests.support.desk import StageDesk
from tests.support.shipstation_stage import ShipStationStage
from tests.support.stage import NAME, Stage
from tests.support.ups_stage import UpsStage, parcel

# ---- edit and replay ------------------------------------------------------------------------------------------


def without_city() -> tuple[StageDesk, str]:
    """An order that is held because its address lacks the city; answers its id."""
    stage = Stage()
    made = stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US"))
    number = str(made["key"])
    address = {"ShipToAddressOverride": True, "ShipToAddress": {"City": ""}}
    stage.acumatica.command("edit_order", {"order_nbr": number, "fields": address})
    stage.run(minutes=8)
    assert stage.states("orders") == {f"SO/{number}": "held"}
    return StageDesk(stage), f"{NAME}/orders/SO/{number}"


def test_an_edit_is_tried_then_written_and_the_source_stays_as_it_is() -> None:
    desk, identifier = without_city()
    stage = desk.stage
    words = ("records", "edit-and-replay", identifier, "--set", "ship_to.city=Springfield", "--reason", "typo")
    tried = desk.json(*words, "--dry-run")
    assert (tried["ends"], tried["effect"]) == ("write", "shipbob.order")
    assert stage.records("orders")[identifier.partition("/orders/")[2]].links.get("edits") is None
    assert desk.json(*words)["edited"] == ["ship_to.city"]
    stage.run(minutes=3)
    (held,) = stage.shipbob.holdings()["orders"].values()
    assert held["recipient"]["address"]["city"] == "Springfield"
    assert stage.erp("SalesOrder")[identifier.rpartition("/")[2]]["ShipToAddress"].get("City") in (None, "")
    record = stage.records("orders")[identifier.partition("/orders/")[2]]
    assert record.status is Status.DONE
    assert any("not as the source says, but as anna has set it (typo)" in note for note in record.notes)


def test_an_edit_is_in_the_trail_with_who_and_why_and_shown_without_personal_data() -> None:
    desk, identifier = without_city()
    edit = ("records", "edit-and-replay", identifier, "--reason", "customer called")
    personal = ("--set", "ship_to.line_1=7 Elm Street", "--set", "contact.attention=Marta Novak")
    desk.run(*edit, *personal, "--set", "ship_to.city=X")
    shown = desk.json("records", "show", identifier)
    (line_,) = [row for row in shown["trail"] if "set contact.attention" in row["text"]]
    assert line_["text"].startswith("anna set contact.attention, ship_to.city, ship_to.line_1 for this record: cust")
    assert line_["data"]["edits"]["ship_to"]["city"] == "X"
    everything = json.dumps(shown) + desk.run("explain", identifier).stdout
    assert "7 Elm Street" not in everything
    assert "Marta Novak" not in everything
    assert "set by anna since" in everything


def test_a_dropped_edit_is_gone_and_audited() -> None:
    desk, identifier = without_city()
    desk.run("records", "edit-and-replay", identifier, "--set", "ship_to.city=X", "--reason", "a")
    desk.run("records", "edit-and-replay", identifier, "--drop", "--reason", "wrong order")
    desk.stage.run(minutes=3)
    record = desk.stage.records("orders")[identifier.partition("/orders/")[2]]
    assert (record.links["edits"], record.status) == ({}, Status.HELD)
    assert desk.stage.shipbob.holdings()["orders"] == {}
    assert any("dropped the edit" in row["text"] for row in desk.json("records", "show", identifier)["trail"])


def test_an_edit_that_does_not_fit_any_more_holds_the_record() -> None:
    desk, identifier = without_city()
    desk.run("records", "edit-and-replay", identifier, "--set", "lines.9.uom=EA", "--reason", "a")
    desk.stage.run(minutes=3)
    record = desk.stage.records("orders")[identifier.partition("/orders/")[2]]
    assert record.status is Status.HELD
    assert "does not fit any more (lines.9: there is no such row" in record.why


def test_edits_that_make_no_sense_are_refused() -> None:
    desk, identifier = without_city()
    edit = ("records", "edit-and-replay", identifier, "--reason", "a")
    assert desk.run(*edit).exit_code == 2
    assert desk.run(*edit, "--set", "ship_to.town=X").exit_code == 1
    assert desk.run(*edit, "--set", "number=SO1").exit_code == 1
    put(desk.stage, "55", "charges", status=Status.HELD, why="x")
    other = ("records", "edit-and-replay", f"{NAME}/charges/55", "--reason", "a")
    assert "Flows that can: orders, items" in desk.run(*other, "--set", "amount=1").output


def test_a_label_is_bought_for_an_edited_weight() -> None:
    stage = UpsStage()
    number = stage.shipment(parcel(0))
    stage.run(minutes=4)
    assert stage.labels() == []
    desk, identifier = StageDesk(stage), f"{NAME}/labels/{number}"
    desk.run("records", "edit-and-replay", identifier, "--set", "packages.1.weight=4.5", "--reason", "scale was off")
    stage.run(minutes=4)
    assert len(stage.alive()) == 1


def test_an_edited_order_goes_to_shipstation_together_with_the_others() -> None:
    stage = ShipStationStage()
    place = {"AddressLine1": "2210 Harbor View Rd", "City": "", "State": "WA", "PostalCode": "98407", "Country": "US"}
    address = {"ShipToAddressOverride": True, "ShipToAddress": place}
    number, other = stage.sales_order(line("0041", 2), **address), stage.sales_order(line("0041", 1))
    stage.run(minutes=4)
    assert stage.states("orders") == {f"SO/{number}": "held", f"SO/{other}": "done"}
    desk, identifier = StageDesk(stage), f"{NAME}/orders/SO/{number}"
    desk.run("records", "edit-and-replay", identifier, "--set", "ship_to.city=Tacoma", "--reason", "typo")
    stage.run(minutes=4)
    assert stage.order(number)["shipTo"]["city"] == "Tacoma"


# ---- lists ----------------------------------------------------------------------------------------------------


def test_records_are_listed_by_age_and_pair() -> None:
    stage = Stage()
    put(stage, "SO/1", status=Status.HELD, why="old")
    stage.clock.advance(3 * 3600)
    put(stage, "SO/2", status=Status.HELD, why="new")
    desk = StageDesk(stage)
    assert [row["source_key"] for row in desk.json("records", "list", "--older-than", "2h")] == ["SO/1"]
    assert len(desk.json("records", "list", "--pair", "acumatica_shipbob")) == 2
    assert desk.json("records", "list", "--pair", "acumatica_ups") == []
    assert desk.run("records", "list", "--older-than", "long").exit_code == 2


# ---- causes ---------------------------------------------------------------------------------------------------


def cause(desk: StageDesk, place: int = 0) -> dict[str, Any]:
    found: list[dict[str, Any]] = desk.json("review", "list", codes=(1,))
    return found[place]


def test_setting_the_mapping_resumes_everything_behind_a_cause() -> None:
    desk, ids = waiting(count=4)
    found = cause(desk)
    assert (found["kind"], found["value"], found["count"]) == ("ship_methods", "EXPRESS", 4)
    shown = desk.json("review", "show", found["id"])
    assert sorted(member["id"] for member in shown["members"]) == sorted(ids)
    done_ = desk.json("review", "resolve", found["id"], "--map", "Standard")
    assert done_["records"] == 4
    desk.stage.run(minutes=3)
    assert set(desk.stage.states("orders").values()) == {"done"}
    assert desk.json("review", "list") == []
    assert desk.json("connections", "show", NAME)["tables"]["ship_methods"]["EXPRESS"] == "Standard"


def test_a_mapping_that_does_not_fit_changes_nothing() -> None:
    desk, _ = waiting(count=1)
    found = cause(desk)
    before = desk.json("connections", "show", NAME)["revision"]
    assert desk.run("review", "resolve", found["id"], "--map", '{"a": 1}', "--yes").exit_code == 1
    assert desk.json("connections", "show", NAME)["revision"] == before


def test_what_waits_for_no_table_cannot_be_mapped() -> None:
    stage = Stage()
    put(stage, "SO/1", status=Status.HELD, why="waits", missing=(Missing("item", "AB-9"),))
    desk = StageDesk(stage)
    result = desk.run("review", "resolve", cause(desk)["id"], "--map", "x", "--yes")
    assert (result.exit_code, "no key of a mapping table" in result.output) == (1, True)


def test_a_cause_is_replayed_skipped_or_closed_as_a_whole() -> None:
    stage = Stage()
    for number in range(3):
        put(stage, f"SO/{number}", status=Status.REFUSED, why=f"bill {number + 100} was refused: period closed")
    desk = StageDesk(stage)
    identifier = cause(desk)["id"]
    assert desk.run("review", "resolve", identifier, "--skip").exit_code == 2
    assert desk.run("review", "resolve", identifier, "--skip", "--reason", "x", "--json").exit_code == 2  # no --yes
    assert desk.json("review", "resolve", identifier, "--skip", "--reason", "done by hand", "--yes")["records"] == 3
    records = stage.records("orders").values()
    assert {record.status for record in records} == {Status.DONE}
    assert {record.why for record in records} == {"skipped by anna: done by hand"}
    heard(stage, "SO/1")
    assert stage.records("orders")["SO/1"].status is Status.QUEUED  # later news wake what was skipped
    put(stage, "SO/9", status=Status.REFUSED, why="bill 9 was refused: period closed")
    assert desk.json("review", "resolve", identifier, "--close", "--reason", "never", "--yes")["records"] == 1
    heard(stage, "SO/9")
    assert stage.records("orders")["SO/9"].status is Status.CLOSED
    put(stage, "SO/8", status=Status.REFUSED, why="bill 8 was refused: period closed")
    assert desk.json("review", "resolve", identifier[:5], "--replay")["records"] == 1
    assert stage.records("orders")["SO/8"].cause == "replay"


def heard(stage: Stage, key: str) -> None:
    store = RecordStore(stage.process)
    enqueue(stage.process, store.see(Origin(NAME, "acumatica_shipbob", "orders", "webhook", "c"), [Seen(key)]))


def test_a_cause_needs_one_way_and_a_known_id() -> None:
    desk, _ = waiting(count=1)
    assert desk.run("review", "resolve", cause(desk)["id"]).exit_code == 2
    assert desk.run("review", "resolve", cause(desk)["id"], "--replay", "--skip", "--reason", "x").exit_code == 2
    assert desk.run("review", "show", "ffffffff").exit_code == 1


# ---- the trail ------------------------------------------------------------------------------------------------


def test_the_trail_of_a_day_has_every_line_and_a_verified_chain(tmp_path: Path) -> None:
    desk, identifier = done()
    desk.stage.run(minutes=3)
    file = tmp_path / "day.csv"
    found = desk.json("audit", "export", "--day", "2026-03-02", "--out", str(file))
    stored = list(desk.stage.world.tables.items("audit"))
    assert len(found["lines"]) == len(stored)
    assert found["broken"] == {}
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8"), newline="")))
    assert len(rows) == len(stored)
    assert {row["chain"] for row in rows} == {"intact"}
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    assert all(len(row["hash"]) == 64 for row in rows)
    assert identifier in {row["record"] for row in rows}


def test_the_trail_of_a_number_is_whole_and_in_its_order() -> None:
    desk, identifier = done()
    number = identifier.rpartition("/")[2]
    found = desk.json("audit", "export", number)
    mine = [line_ for line_ in found["lines"] if line_["record"] == identifier]
    assert [line_["sequence"] for line_ in mine] == list(range(1, len(mine) + 1))
    assert [line_["previous"] for line_ in mine[1:]] == [line_["hash"] for line_ in mine[:-1]]
    assert desk.json("audit", "export", number, "--day", "2020-01-01")["lines"] == []
    half = desk.json("audit", "export", number, "SO999999", codes=(1,))
    assert (half["unknown"], len(half["lines"])) == (["SO999999"], len(found["lines"]))
    assert "No record knows SO999999" in desk.run("audit", "export", number, "SO999999").stdout
    assert desk.run("audit", "export", number, "--to", "2026-03-02").exit_code == 2, "it would count for nothing"


@pytest.mark.parametrize("harm", ["text", "remove", "cut"])
def test_a_trail_that_was_tampered_with_is_named(harm: str) -> None:
    desk, identifier = done()
    tables = desk.stage.world.tables
    items = [item for item in tables.items("audit") if item["pk"] == identifier]
    last = max(str(item["sk"]) for item in items)
    if harm == "text":
        tables.put("audit", {**items[0], "text": "something else"})
    else:
        tables.delete("audit", identifier, "00000002" if harm == "remove" else last)
    result = desk.json("audit", "export", "--day", "2026-03-02", codes=(1,))
    assert list(result["broken"]) == [identifier]
    assert "BROKEN" in desk.run("audit", "export", identifier).stdout


def test_personal_data_and_formulas_stay_out_of_the_file(tmp_path: Path) -> None:
    stage = Stage()
    record = put(stage, "SO/1", status=Status.REFUSED, why="x")
    store = RecordStore(stage.process)
    data = {"email": "marta@quill.example"}
    store.change(record, lambda now: replace(now, why="y"), "=marta@quill.example said no", data)
    file = tmp_path / "a.csv"
    StageDesk(stage).run("audit", "export", f"{NAME}/orders/SO/1", "--out", str(file))
    text = file.read_text("utf-8")
    assert "marta@" not in text
    assert "'=" in text


def test_what_to_export_must_be_said() -> None:
    desk = StageDesk(Stage())
    assert desk.run("audit", "export").exit_code == 2
    assert desk.run("audit", "export", "--day", "March").exit_code == 2
    assert desk.run("audit", "export", "--from", "2026-03-02", "--to", "2026-03-01").exit_code == 2
    assert desk.run("audit", "export", "--from", "2020-01-01", "--to", "2026-03-01").exit_code == 2
    assert desk.json("audit", "export", "nobody", codes=(1,))["lines"] == []


def test_json_into_a_file(tmp_path: Path) -> None:
    stage = Stage()
    sold(stage)
    stage.run(minutes=3)
    file = tmp_path / "a.json"
    StageDesk(stage).run("audit", "export", "--day", "2026-03-02", "--format", "json", "--out", str(file))
    assert json.loads(file.read_text("utf-8"))["broken"] == {}
