"""The operator API: signed by somebody, noted before anything is done, the same documents as the command line."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.journal import lines_of
from local.simulators.acumatica.seed import ADDRESSES, line, order
from operations.respond import operator_api
from operations.routes import ROUTES
from tests.support.desk import StageDesk, StagePlace
from tests.support.stage import NAME, Stage, document

ROOT = Path(__file__).resolve().parents[2]
ARN = "arn:aws:sts::123456789012:assumed-role/operator/berta"
BERTA = "assumed-role/operator/berta"
DAY = "2026-03-02"
PAIR = "acumatica_shipbob"


def event(method: str, path: str, values: Mapping[str, Any] | None = None, arn: str | None = ARN) -> dict[str, Any]:
    """What API Gateway hands over for a signed call (REST, proxy; bodies are binary)."""
    get = method == "GET"
    return {
        "httpMethod": method,
        "path": f"/operations/{path}",
        "pathParameters": {"proxy": path},
        "queryStringParameters": dict(values or {}) or None if get else None,
        "body": None if get else base64.b64encode(json.dumps(values or {}).encode()).decode(),
        "isBase64Encoded": not get,
        "requestContext": {"identity": {"userArn": arn, "sourceIp": "203.0.113.7"}},
    }


class Caller:
    """Berta's program."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.handler = operator_api(StagePlace(stage))

    def raw(self, request: dict[str, Any]) -> tuple[int, Any]:
        self.stage.restart()
        answer = self.handler(request, None)
        self.stage.restart()
        return answer["statusCode"], json.loads(answer["body"])

    def get(self, path: str, **values: str) -> Any:
        status, found = self.raw(event("GET", path, values))
        assert status == 200, found
        return found

    def post(self, path: str, **values: Any) -> Any:
        status, found = self.raw(event("POST", path, values))
        assert status == 200, found
        return found

    def journal(self) -> list[str]:
        lines, broken = lines_of(self.stage.process, DAY)
        assert broken is None
        return [found.text for found in lines]


@pytest.fixture
def caller() -> Caller:
    return Caller(Stage())


def held(stage: Stage, count: int = 2) -> list[str]:
    """Orders that wait for a mapping; answers their ids."""
    keys = [
        stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US", ShipVia="EXPRESS"))["key"]
        for _ in range(count)
    ]
    stage.run(minutes=8)
    return [f"{NAME}/orders/SO/{key}" for key in keys]


def unmapped() -> Stage:
    return Stage(tables={"ship_methods": {"GROUND": "Standard", "": "Standard"}})


# ---- who ------------------------------------------------------------------------------------------------------


def test_without_a_signature_nothing_is_answered_and_nothing_is_done(caller: Caller) -> None:
    for identity in (None, ""):
        status, found = caller.raw(event("POST", "connection/pause", {"name": NAME}, identity))
        assert status == 403
        assert list(found) == ["error"]
    assert caller.raw({})[0] == 403
    assert caller.get("connections")[0]["state"] == "active"


def test_every_call_is_noted_with_who_before_it_is_done(caller: Caller) -> None:
    caller.get("connections")
    caller.post("connection/pause", name=NAME)
    assert caller.raw(event("POST", "records/close", {"id": "nothing", "reason": "x"}))[0] == 409
    assert caller.journal() == [
        f"{BERTA}: GET connections",
        f"{BERTA}: POST connection/pause",
        f"{BERTA}: pauses everything of connection {NAME}",
        f"{BERTA}: POST records/close",
    ]
    shown = caller.get("journal", day=DAY)
    assert shown["chain_intact"] is True
    assert shown["lines"][1]["data"]["asked_name"] == NAME


def test_a_call_that_is_not_understood_is_noted_too_and_quotes_nothing(caller: Caller) -> None:
    request = {"pair": PAIR, "queue": "dead", "all": True, "reson": "ada@example.com"}
    assert caller.raw(event("POST", "dlq/purge", request))[0] == 400
    assert caller.raw(event("GET", "ada@example.com", {}))[0] == 404
    assert caller.journal() == [
        f"{BERTA}: POST dlq/purge, not understood", f"{BERTA}: an unknown path, not understood",
    ]  # fmt: skip


def test_what_cannot_be_noted_is_not_done(caller: Caller) -> None:
    tables = caller.stage.world.tables
    real = tables.transact
    tables.transact = lambda writes: False  # type: ignore[method-assign]
    status, found = caller.raw(event("POST", "connection/pause", {"name": NAME}))
    tables.transact = real  # type: ignore[method-assign]
    assert status == 503
    assert "journal" in found["error"]
    assert caller.get("connections")[0]["state"] == "active"


# ---- the same as the command line ------------------------------------------------------------------------------


def test_documents_are_those_of_the_command_line() -> None:
    stage = unmapped()
    ids = held(stage)
    caller, desk = Caller(stage), StageDesk(stage)
    assert caller.get("review") == desk.json("review", "list", codes=(1,))
    assert caller.get("records", statuses="held")["records"] == desk.json("records", "list", "--status", "held")
    assert caller.get("record", id=ids[0]) == desk.json("records", "show", ids[0])
    assert caller.get("connection", name=NAME) == desk.json("connections", "show", NAME)
    assert caller.get("connection/schedule", name=NAME) == desk.json("connections", "schedule", NAME)
    assert caller.get("dlq") == desk.json("dlq", "list")
    told = caller.get("explain", asked=ids[0])
    assert told.pop("reach") == []
    assert told == desk.json("explain", ids[0])


def test_a_number_that_nobody_knows_says_how_far_the_sources_are_read(caller: Caller) -> None:
    assert caller.get("explain", asked="SO999999")["reach"]


def test_pause_and_resume_of_one_flow(caller: Caller) -> None:
    assert caller.post("connection/pause", name=NAME, flows=["orders"])["paused"] is True
    caller.stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US"))
    caller.stage.run(minutes=5)
    assert caller.stage.states("orders") == {}
    caller.post("connection/resume", name=NAME, flows=["orders"])
    caller.stage.run(minutes=5)
    assert set(caller.stage.states("orders").values()) == {"done"}


def test_a_selection_is_replayed_and_reaches_the_other_side_once() -> None:
    stage = unmapped()
    held(stage)
    caller = Caller(stage)
    dry = caller.post("records/replay", statuses=["held"], connection=NAME, dry_run=True)
    assert len(dry["records"]) == 2
    assert set(stage.states("orders").values()) == {"held"}
    stage.apply(document())
    done = caller.post("records/replay", statuses=["held", "queued"], connection=NAME)
    assert len(done["records"]) == 2
    stage.run(minutes=5)
    assert set(stage.states("orders").values()) == {"done"}
    assert len(stage.shipbob.holdings()["orders"]) == 2
    trail = caller.get("record", id=done["records"][0]["id"])["trail"]
    assert f"Replayed by {BERTA}." in [found["text"] for found in trail]


def test_a_cause_is_settled_by_its_mapping() -> None:
    stage = unmapped()
    held(stage)
    caller, desk = Caller(stage), StageDesk(stage)
    (found,) = caller.get("review")
    assert caller.get("review/cause", id=found["id"]) == desk.json("review", "show", found["id"])
    done = caller.post("review/resolve", id=found["id"], way="map", value="Standard")
    assert done["records"] == 2
    stage.run(minutes=5)
    assert set(stage.states("orders").values()) == {"done"}
    assert caller.get("connection", name=NAME)["applied_by"] == BERTA
    assert caller.get("review") == []


def test_a_cause_is_closed_with_a_reason_alone() -> None:
    stage = unmapped()
    held(stage)
    caller = Caller(stage)
    (found,) = caller.get("review")
    assert caller.raw(event("POST", "review/resolve", {"id": found["id"], "way": "close"}))[0] == 400
    assert caller.raw(event("POST", "review/resolve", {"id": found["id"], "way": "delete"}))[0] == 400
    assert caller.post("review/resolve", id=found["id"], way="close", reason="a test")["records"] == 2
    assert set(stage.states("orders").values()) == {"closed"}


def test_a_record_is_edited_with_who_and_why() -> None:
    stage = unmapped()
    (record,) = held(stage, 1)
    caller = Caller(stage)
    asked = {"id": record, "set": ["ship_via=GROUND"], "reason": "EXPRESS is not offered"}
    caller.post("records/edit", **asked)
    stage.run(minutes=5)
    assert set(stage.states("orders").values()) == {"done"}
    texts = " ".join(found["text"] for found in caller.get("record", id=record)["trail"])
    assert BERTA in texts
    assert "EXPRESS is not offered" in texts
    assert caller.raw(event("POST", "records/edit", {"id": record, "reason": "x"}))[0] == 400


def test_the_trail_and_the_last_reconciliation() -> None:
    stage = unmapped()
    held(stage)
    caller, desk = Caller(stage), StageDesk(stage)
    assert caller.raw(event("GET", "connection/reconciled", {"name": NAME}))[0] == 409
    shown = caller.get("audit", day=DAY, connection=NAME)
    assert shown == desk.json("audit", "export", "--day", DAY, "--connection", NAME)
    assert caller.get("audit", asked="SO000001")["broken"] == {}
    assert caller.raw(event("GET", "audit", {}))[0] == 400
    assert caller.raw(event("GET", "audit", {"day": "yesterday"}))[0] == 400
    stage._poll({"night": True}, None)
    stage.run(minutes=30)
    assert caller.get("connection/reconciled", name=NAME)["connection"] == NAME


def test_records_of_an_age() -> None:
    stage = unmapped()
    held(stage)
    caller = Caller(stage)
    assert caller.get("records", statuses="held", older_than_hours="1")["found"] == 0
    stage.clock.advance(hours=2)
    assert caller.get("records", statuses="held", older_than_hours="1", pair=PAIR)["found"] == 2


def test_closing_needs_a_reason_and_names_the_caller() -> None:
    stage = unmapped()
    (record,) = held(stage, 1)
    caller = Caller(stage)
    assert caller.raw(event("POST", "records/close", {"id": record}))[0] == 400
    closed = caller.post("records/close", id=record, reason="shipped by hand")
    assert closed["status"] == "closed"
    assert BERTA in closed["why"]


def test_a_write_that_is_not_unknown_cannot_be_released() -> None:
    stage = unmapped()
    (record,) = held(stage, 1)
    asked = {"id": record, "effect": "shipbob.order", "key": "ACU", "reason": "not there"}
    status, found = Caller(stage).raw(event("POST", "records/release", asked))
    assert status == 409
    assert "no write" in found["error"]


def test_dead_letters_are_shown_moved_and_deleted(caller: Caller) -> None:
    stage = caller.stage
    made = stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US"))
    stage.run(minutes=3)
    record = f"{NAME}/orders/SO/{made['key']}"
    for _ in range(2):
        caller.post("records/replay", id=record)
        for _ in range(stage.world.queues.maximum_receives + 1):
            stage.world.queues.receive("live")
            stage.clock.advance(400)
    assert {row["queue"]: row["letters"] for row in caller.get("dlq")} == {"dead": 2, "delay-dead": 0}
    (first, _) = caller.get("dlq/letters", pair=PAIR)
    assert first["record"] == record
    moved = caller.post("dlq/redrive", pair=PAIR, queue="dead", message=first["message"])
    assert moved == {"queue": "dead", "native": False, "moved": 1, "unknown_source": 0}
    assert caller.raw(event("POST", "dlq/purge", {"pair": PAIR, "queue": "dead", "reason": "x"}))[0] == 400
    gone = caller.post("dlq/purge", pair=PAIR, queue="dead", record=record, reason="a test")
    assert gone == {"queue": "dead", "deleted": 1}
    stage.run(minutes=5)
    assert len(stage.shipbob.holdings()["orders"]) == 1


def test_webhooks_and_the_quarantine(caller: Caller) -> None:
    caller.stage.subscribe()
    found = {row["sender"]: row for row in caller.get("connection/arrivals", name=NAME)}
    assert set(found) == {"acumatica", "shipbob"}
    assert caller.post("connection/reverify", name=NAME, sender="shipbob")["enqueued"] == 0


# ---- what must not happen --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "values", "status", "words"),
    [
        ("GET", "nothing", {}, 404, "no GET"),
        ("POST", "connections", {}, 404, "no POST"),
        ("GET", "connection", {}, 400, "name is missing"),
        ("GET", "connection", {"name": "nobody"}, 409, "does not exist"),
        ("GET", "records", {"status": "held"}, 400, "unknown: status"),
        ("GET", "records", {"statuses": "stuck"}, 400, "there are"),
        ("GET", "records", {"limit": "many"}, 400, "limit must be a number"),
        ("GET", "records", {"limit": "0"}, 400, "from 1 to 1000"),
        ("POST", "records/replay", {}, 400, "id is missing"),
        ("POST", "records/replay", {"id": "x", "statuses": ["held"]}, 400, "not both"),
        ("POST", "records/replay", {"statuses": ["held"], "dryrun": True}, 400, "unknown: dryrun"),
        ("POST", "records/replay", {"statuses": ["held"], "dry_run": 1}, 400, "true or false"),
        ("POST", "records/replay", {"id": 7}, 400, "must be a text"),
        ("POST", "connection/pause", {"name": NAME, "flows": [1]}, 400, "list of texts"),
        ("POST", "connection/pause", {"name": NAME, "flows": "order"}, 409, "has no flow"),
        ("POST", "dlq/redrive", {"pair": "acumatica_ups", "queue": "dead"}, 400, "there are acumatica_shipbob"),
        ("POST", "dlq/redrive", {"pair": PAIR}, 400, "queue is missing"),
        ("POST", "dlq/redrive", {"pair": PAIR, "queue": "live"}, 409, "dead and delay-dead"),
        ("POST", "dlq/purge", {"pair": PAIR, "queue": "dead", "all": True, "record": "x", "reason": "y"}, 400, "all"),
    ],
)
def test_wrong_calls_are_refused_in_words(
    caller: Caller, method: str, path: str, values: dict[str, Any], status: int, words: str
) -> None:
    found, answer = caller.raw(event(method, path, values))
    assert (found, words in answer["error"]) == (status, True), answer


@pytest.mark.parametrize("body", ["", "[]", "{", "null", "[" * 5000, '{"a": 1e999}x', " " * 70_000])
def test_a_body_that_is_no_object_is_wrong_usage(caller: Caller, body: str) -> None:
    request = {**event("POST", "records/close"), "body": body, "isBase64Encoded": False}
    assert caller.raw(request)[0] == 400
    assert caller.raw({**request, "body": "%%%", "isBase64Encoded": True})[0] == 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8,
)  # fmt: skip
NAMES = st.sampled_from(["id", "name", "statuses", "pair", "queue", "limit", "day", "x"])
PATHS = st.sampled_from([path for _, path in ROUTES]) | st.text(max_size=12)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "POST", "PUT", ""]), path=PATHS,
    signed=JSON | st.just({"identity": {"userArn": ARN}}), values=st.dictionaries(NAMES, JSON, max_size=3),
    body=st.none() | st.text(max_size=30), binary=st.booleans(),
)  # fmt: skip
def test_garbage_of_any_kind_is_answered_and_changes_nothing(
    empty: Caller, method: str, path: str, signed: Any, values: dict[str, Any], body: str | None, binary: bool
) -> None:
    request = {
        "httpMethod": method, "pathParameters": {"proxy": path}, "requestContext": signed, "isBase64Encoded": binary,
        "queryStringParameters": values, "body": json.dumps(values) if body is None else body,
    }  # fmt: skip
    before = {name: len(empty.stage.world.tables.items(name)) for name in ("connections", "records")}
    answer = empty.handler(request, None)
    assert answer["statusCode"] in (200, 400, 403, 404, 409), answer
    json.loads(answer["body"])
    after = {name: len(empty.stage.world.tables.items(name)) for name in ("connections", "records")}
    assert after == before


@pytest.fixture(scope="module")
def empty() -> Caller:
    """One caller for many wrong calls."""
    return Caller(Stage())


def test_a_defect_says_where_to_look_and_quotes_nothing(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: Any) -> None:
        raise KeyError("ada@example.com")

    monkeypatch.setattr("operations.connections.all_connections", broken)
    status, found = caller.raw(event("GET", "connections"))
    assert status == 500
    (logged,) = [row for row in caller.stage.world.lines() if row.get("text") == "the operator API crashed"]
    assert logged["correlation"] == found["correlation"]
    assert "test_operator_api.py" in logged["reason"]
    assert "ada@example.com" not in json.dumps([found, logged])


def test_no_answer_shows_a_person_or_a_secret() -> None:
    stage = unmapped()
    (record,) = held(stage, 1)
    stage.apply(document())
    stage.run(minutes=5)
    caller = Caller(stage)
    said = json.dumps([
        caller.get("record", id=record), caller.get("explain", asked=record), caller.get("connection", name=NAME),
        caller.get("records", text=record), caller.get("journal"),
    ])  # fmt: skip
    street = ADDRESSES["US"][0]["AddressLine1"]
    assert stage.violations() == []
    for word in (street, "simulated-password", "0f" * 32):
        assert word not in said


def test_it_needs_neither_a_terminal_nor_what_one_pair_alone_needs() -> None:
    """As in the deployed function: no Typer, no Rich, and no library of a pair that the function's layer may lack."""
    script = (
        "import sys\n"
        "class Bare:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in {'typer', 'click', 'rich', 'lxml', 'requests_ntlm', 'spnego', 'boto3'}:\n"
        "            raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Bare())\n"
        "import operations.api\n"
        "from cli.operations.causes import mapping_tables\n"
        "assert 'ship_methods' in mapping_tables()\n"
    )
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "layers/connector", ROOT / "functions")))
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, cwd=ROOT)
    assert done.returncode == 0, done.stderr


# ---- documentation ---------------------------------------------------------------------------------------------


def test_every_call_is_documented_with_its_values_and_no_other() -> None:
    text = (ROOT / "docs/operator-api.md").read_text("utf-8")
    rows = re.findall(r"^\| `(GET|POST) ([a-z/]+)` \|([^|]*)\| ([^|]+) \|$", text, re.MULTILINE)
    documented = {(method, path): set(re.findall(r"`(\w+)`", values)) for method, path, values, _ in rows}
    assert documented == {key: set(route.takes) for key, route in ROUTES.items()}
    assert all(len(meaning) > 10 for *_, meaning in rows)
