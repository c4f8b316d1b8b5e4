"""Applying files, setting secrets, pausing: what the stores and the queues hold afterwards, and what a person reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from acumatica_shipbob.settings import AcumaticaShipBob
from connector.budget import AccountGate, Limits
from connector.connection import load_connection
from connector.message import enqueue
from connector.records import Origin, RecordStore, Seen
from connector.transport import Request
from local.simulators.acumatica.seed import line, order
from local.simulators.base import Fault
from local.simulators.shipbob.simulator import DEFAULT_PAT
from tests.support.desk import StageDesk
from tests.support.stage import NAME, Stage, document


@pytest.fixture
def desk() -> StageDesk:
    return StageDesk(Stage())


def written(folder: Path, raw: dict[str, Any]) -> str:
    file = folder / "acme.json"
    file.write_text(json.dumps(raw), "utf-8")
    return str(file)


def stored(desk: StageDesk, name: str = NAME) -> Any:
    return load_connection(desk.stage.world.tables, name, AcumaticaShipBob)


# ---- apply ----------------------------------------------------------------------------------------------------


def test_a_new_connection_is_stored_with_who_applied_it(desk: StageDesk, tmp_path: Path) -> None:
    file = written(tmp_path, {**document(), "connection": "acme"})
    found = desk.json("connections", "apply", file)
    assert found["created"] is True
    assert found["revision"] == 1
    assert found["missing_secrets"] == ["acumatica", "shipbob"]
    assert stored(desk, "acme").document.settings.stock.mode == "adjust"
    item = desk.stage.world.tables.get("connections", "acme", "document")
    assert item is not None
    assert item["applied_by"] == "anna"
    assert [row["connection"] for row in desk.json("connections", "list")] == ["acme", NAME]


def test_an_apply_shows_what_changed_and_frees_what_waited(desk: StageDesk, tmp_path: Path) -> None:
    stage = desk.stage
    stage.apply(document(tables={"ship_methods": {"GROUND": "Standard", "": "Standard"}}))
    for _ in range(3):
        stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US", ShipVia="EXPRESS"))
    stage.run(minutes=8)
    assert set(stage.states("orders").values()) == {"held"}
    assert stage.shipbob.holdings()["orders"] in ({}, [])

    found = desk.json("connections", "apply", written(tmp_path, document()))
    assert found["changes"] == [{"path": "tables.ship_methods.EXPRESS", "before": None, "after": "Standard"}]
    assert found["resumed"] == [{"kind": "ship_methods", "value": "EXPRESS", "records": 3}]
    assert found["records_resumed"] == 3
    stage.settle()
    assert set(stage.states("orders").values()) == {"done"}
    assert len(stage.shipbob.holdings()["orders"]) == 3


def test_a_table_s_entry_for_everything_frees_at_once_what_waited_for_a_single_key(
    desk: StageDesk, tmp_path: Path
) -> None:
    stage = desk.stage
    stage.apply(document(tables={"carriers": {"Nobody": {"ship_via": "GROUND"}}}))
    stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US"))
    stage.run(minutes=8)
    found = stage.shipbob.holdings()["orders"]
    order_id = next(iter(found)) if isinstance(found, dict) else found[0]["id"]
    stage.shipbob.command("fulfil", {"order_id": int(order_id)})
    stage.run(minutes=25)
    assert stage.states("shipments") == {str(order_id): "held"}
    applied = desk.json("connections", "apply", written(tmp_path, document()))
    assert applied["resumed"] == []
    assert applied["records_resumed"] == 1
    stage.run(minutes=5)
    assert stage.states("shipments") == {str(order_id): "done"}


def test_a_dry_run_stores_nothing(desk: StageDesk, tmp_path: Path) -> None:
    before = desk.stage.world.tables.items("connections")
    found = desk.json("connections", "apply", written(tmp_path, document(stock={"mode": "report_only"})), "--dry-run")
    assert found["changes"] == [{"path": "settings.stock.mode", "before": "adjust", "after": "report_only"}]
    assert found["revision"] == 0
    assert desk.stage.world.tables.items("connections") == before


def test_a_wrong_file_stores_nothing_and_names_every_key(desk: StageDesk, tmp_path: Path) -> None:
    before = desk.stage.world.tables.items("connections")
    raw = document(shipments={"bx": "1"})
    raw["tables"].pop("warehouses")
    for words in (["validate"], ["apply"]):
        result = desk.run("connections", *words, written(tmp_path, raw))
        assert result.exit_code == 1
        assert "settings.shipments.bx: unknown key; did you mean box?" in result.stderr
        assert "tables.warehouses: missing" in result.stderr
    assert desk.json("connections", "apply", written(tmp_path, raw), codes=[1])["problems"]
    assert desk.stage.world.tables.items("connections") == before


def test_a_file_that_is_not_there(desk: StageDesk) -> None:
    result = desk.run("connections", "validate", "/nowhere/acme.json")
    assert result.exit_code == 1
    assert "/nowhere/acme.json: cannot be read" in result.stderr


def test_a_file_from_standard_input(desk: StageDesk) -> None:
    found = desk.json("connections", "apply", "-", given=json.dumps(document()))
    assert found["changes"] == []
    assert found["revision"] == 2


def test_what_a_person_reads_after_an_apply(desk: StageDesk, tmp_path: Path) -> None:
    result = desk.run("connections", "apply", written(tmp_path, document(stock={"mode": "report_only"})))
    assert result.exit_code == 0
    assert "Connection demo (acumatica_shipbob) is applied, revision 2." in result.stdout
    assert "settings.stock.mode  adjust  report_only" in " ".join(result.stdout.split(" " * 1))


# ---- list, show, pause, resume --------------------------------------------------------------------------------


def test_nothing_is_connected(desk: StageDesk) -> None:
    for item in desk.stage.world.tables.items("connections"):
        desk.stage.world.tables.delete("connections", str(item["pk"]), str(item["sk"]))
    assert "connections apply FILE" in desk.run("connections", "list").stdout


def test_show_tells_polls_records_and_tables(desk: StageDesk) -> None:
    desk.stage.run(minutes=3)
    found = desk.json("connections", "show", NAME)
    flows = {"orders", "items", "shipments", "deliveries", "stock", "charges"}
    assert {poll["flow"] for poll in found["polls"]} == flows
    assert all(poll["failures"] == 0 for poll in found["polls"])
    assert found["open_records"]["held"] == 0
    assert set(found["tables"]) == {"warehouses", "ship_methods", "carriers", "fees"}
    assert "tables" not in found["document"]
    shown = desk.run("connections", "show", NAME)
    assert shown.exit_code == 0
    assert "3PL-WEST" not in shown.stdout
    assert "revision 1" in shown.stdout


def test_the_stored_file_is_printed_as_an_apply_takes_it(desk: StageDesk) -> None:
    printed = desk.run("connections", "show", NAME, "--document").stdout
    assert json.loads(printed)["tables"]["warehouses"]
    assert desk.json("connections", "apply", "-", "--dry-run", given=printed)["changes"] == []
    assert "would be as it is" in desk.run("connections", "apply", "-", "--dry-run", given=printed).stdout


def test_an_unknown_connection(desk: StageDesk) -> None:
    for words in (["connections", "show"], ["connections", "pause"], ["connections", "ping"], ["doctor"]):
        result = desk.run(*words, "nobody")
        assert result.exit_code == 1
        assert "connection nobody: does not exist; see `ml-connector connections list`" in result.stderr


def heard(stage: Stage) -> str:
    """A sales order that is known and enqueued but not worked on yet; answers its source key."""
    stage.run(minutes=6)
    made = stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US"))
    number = f"SO/{made['key']}"
    origin = Origin(NAME, "acumatica_shipbob", "orders", "webhook", "c0ffee")
    enqueue(stage.process, RecordStore(stage.process).see(origin, [Seen(number)]))
    assert stage.states("orders") == {number: "queued"}
    return number


def test_pause_holds_and_resume_continues(desk: StageDesk) -> None:
    stage = desk.stage
    number = heard(stage)
    assert desk.run("connections", "pause", NAME).exit_code == 0
    stage.settle()
    assert stored(desk).state == "paused"
    assert stage.states("orders") == {number: "held"}
    answer = desk.json("connections", "resume", NAME)
    assert answer == {"connection": NAME, "state": "active", "records_resumed": 1, "stays": []}
    stage.run(minutes=3)
    assert stage.states("orders") == {number: "done"}
    assert len(stage.shipbob.holdings()["orders"]) == 1


# ---- ping -----------------------------------------------------------------------------------------------------


def test_ping_lists_the_versions_and_the_channels(desk: StageDesk) -> None:
    answers = {answer["system"]: answer for answer in desk.json("connections", "ping", NAME)}
    assert answers["acumatica"]["reached"]
    assert "24.200.001, 25.200.001" in answers["acumatica"]["text"]
    assert "433700 (SMA)" in answers["shipbob"]["text"]


def test_ping_of_a_wrong_version_is_one_sentence(desk: StageDesk) -> None:
    raw = document()
    raw["systems"]["acumatica"]["endpoint_version"] = "19.200.001"
    desk.stage.apply(raw)
    answers = {a["system"]: a for a in desk.json("connections", "ping", NAME, codes=[1])}
    assert "does not serve Default 19.200.001: it serves Default 20.200.001" in answers["acumatica"]["text"]
    assert answers["shipbob"]["reached"]


def test_ping_of_a_vendor_that_is_down_is_exit_code_3(desk: StageDesk) -> None:
    desk.stage.shipbob.dial.plan(Fault.DROP_BEFORE, times=5)
    result = desk.run("connections", "ping", NAME)
    assert result.exit_code == 3
    assert "shipbob" in result.stdout


@pytest.mark.parametrize("comes_free", [True, False])
def test_ping_waits_a_while_for_the_only_session(desk: StageDesk, comes_free: bool) -> None:
    services = desk.stage.process
    gate = AccountGate(services, f"{NAME}/acumatica", Limits(None, 1), "live", "somebody")
    gate.enter(Request("GET", "http://127.0.0.1:7001/Acme/entity", "work"))
    desk.on_sleep = gate.release if comes_free else lambda: None
    before = desk.stage.clock()
    answers = {a["system"]: a for a in desk.json("connections", "ping", NAME, codes=[0 if comes_free else 3])}
    assert 0 < (desk.stage.clock() - before).total_seconds() <= 100
    assert answers["acumatica"]["reached"] is comes_free
    assert answers["shipbob"]["reached"]


# ---- secrets --------------------------------------------------------------------------------------------------


def secret(desk: StageDesk, name: str) -> Any:
    found = desk.stage.world.secrets.read(name)
    return json.loads(found.current) if found is not None else None


@pytest.mark.parametrize("given", ['{"token": "new-token"}', "token=new-token\n"])
@pytest.mark.parametrize("words", [[NAME, "shipbob"], [f"{NAME}/shipbob"]])
def test_a_secret_is_stored_and_never_shown(desk: StageDesk, given: str, words: list[str]) -> None:
    result = desk.run("secrets", "set", *words, given=given)
    assert result.exit_code == 0
    assert secret(desk, f"{NAME}/shipbob") == {"token": "new-token"}
    assert "new-token" not in result.output


def test_a_secret_from_a_file(desk: StageDesk, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("token=from-a-file", "utf-8")
    assert desk.json("secrets", "set", NAME, "shipbob", "--file", str(file))["changed"] is True
    assert secret(desk, f"{NAME}/shipbob") == {"token": "from-a-file"}


def test_the_same_text_is_not_written_again(desk: StageDesk) -> None:
    before = desk.stage.world.secrets.read(f"{NAME}/shipbob")
    found = desk.json("secrets", "set", NAME, "shipbob", given=json.dumps({"token": DEFAULT_PAT}))
    assert found["changed"] is False
    assert desk.stage.world.secrets.read(f"{NAME}/shipbob") == before


@pytest.mark.parametrize(
    ("name", "given", "code", "words"),
    [
        ("shipbob", '{"tokn": "SEKRET"}', 1, "unknown member tokn; it holds token"),
        ("shipbob", '{"token": ""}', 1, "token must be a text that is not empty"),
        ("shipbob", '{"token": "SEKRET\\n"}', 1, "line break"),
        ("shipbob", '{"token": 5}', 1, "token must be a text"),
        ("shipbob", '{"token": "SEKRET"', 2, "begins like a JSON object but is none"),
        ("shipbob", '{"token": "SEKRET", "token": "b"}', 2, "names a member twice"),
        ("shipbob", "SEKRET", 2, "line 1 is not member=value"),
        ("shipbob", "", 2, "standard input was empty"),
        ("acumatica", '{"client_id": "SEKRET@Company"}', 1, "is not complete; it holds client_id and"),
        (
            "acumatica", '{"client_id": "A@Other", "client_secret": "SEKRET", "username": "u", "password": "p"}', 1,
            "client_id belongs to the tenant Other, the connection to Company",
        ),
        ("acumatica_webhook", '{"secrets": ["SEKRETSEKRETSEKRET"]}', 1, "no valid 'header_name'"),
        ("acumatica_webhook", '{"header_name": "X-T", "secrets": ["SEKRET"]}', 1, "16 or more printable characters"),
        ("shipbob_webhook", '{"secrets": ["SEKRET"]}', 1, "does not begin with whsec_"),
        ("shipbob_webhook", '{"secret": "SEKRET"}', 1, "non-empty list 'secrets'"),
        ("ups", '{"token": "SEKRET"}', 2, "has no secret 'ups'; it has acumatica, acumatica_webhook, shipbob"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_without_showing_it(
    desk: StageDesk, name: str, given: str, code: int, words: str
) -> None:
    before = {known: secret(desk, known) for known in desk.stage.world.secrets.names()}
    result = desk.run("secrets", "set", NAME, name, given=given)
    assert result.exit_code == code
    assert words in " ".join(result.stderr.split())
    assert "SEKRET" not in result.output
    assert {known: secret(desk, known) for known in desk.stage.world.secrets.names()} == before


def test_secrets_may_come_before_the_connection(desk: StageDesk) -> None:
    assert desk.run("secrets", "set", "later", "shipbob", given="token=x").exit_code == 0
    members = {"client_id": "A@B", "client_secret": "c", "username": "u", "password": "p"}
    assert desk.run("secrets", "set", "later", "acumatica", given=json.dumps(members)).exit_code == 0
    header = {"header_name": "X-T", "secrets": ["0123456789abcdef"]}
    assert desk.run("secrets", "set", "later", "acumatica_webhook", given=json.dumps(header)).exit_code == 0
    assert desk.run("secrets", "set", "later", "nothing", given="token=x").exit_code == 2


def test_the_webhook_secret_that_it_replaces_stays_valid(desk: StageDesk) -> None:
    old = secret(desk, f"{NAME}/acumatica_webhook")
    new = {"header_name": "X-MLC-Token", "secrets": ["1f" * 32]}
    assert desk.run("secrets", "set", NAME, "acumatica_webhook", given=json.dumps(new)).exit_code == 0
    found = desk.stage.world.secrets.read(f"{NAME}/acumatica_webhook")
    assert found is not None
    assert found.previous is not None
    assert json.loads(found.previous) == old


def test_what_was_held_for_a_secret_goes_on(desk: StageDesk) -> None:
    stage = desk.stage
    number = heard(stage)
    stage.world.secrets.remove(f"{NAME}/shipbob")
    stage.restart()
    stage.settle()
    assert stage.states("orders") == {number: "held"}
    found = desk.json("secrets", "set", NAME, "shipbob", given=json.dumps({"token": DEFAULT_PAT}))
    assert found["records_resumed"] >= 1
    stage.run(minutes=8)
    assert stage.states("orders") == {number: "done"}
