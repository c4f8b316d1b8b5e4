"""The same commands on real adapters: DynamoDB, SQS, Secrets Manager as moto answers, found through stack outputs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner, Result

from cli.desk import Desk
from cli.main import app
from cli.pairs import connection_named
from cli.place import Deployed, StackPlace
from connector.environment import QUEUES, TABLES
from connector.instants import day_text
from connector.journal import lines_of
from connector.message import pointer_body, pointer_of
from connector.outcome import Missing
from connector.record import Status, short_hash
from connector.records import Origin, RecordStore, Seen
from connector.rehearsal import rehearse
from local.simulators.acumatica.seed import line, order
from tests.support.stage import NAME, Stage, document

if TYPE_CHECKING:
    from tests.support.engines import Cloud

WHO = "assumed-role/operator/anna"


class AccountClients:
    """The engine's clients, and an identity."""

    def __init__(self, clients: Any) -> None:
        self._clients = clients

    def client(self, service: str) -> Any:
        return self if service == "sts" else self._clients.client(service)

    def get_caller_identity(self) -> dict[str, str]:
        return {"Arn": f"arn:aws:sts::123456789012:{WHO}"}


@pytest.fixture
def place(moto: Cloud) -> StackPlace:
    """A stack whose outputs name the engine's resources."""
    environment = moto.environment
    outputs = {
        **{f"{name.capitalize()}Table": environment.table(name) for name in TABLES},
        **{f"AcumaticaShipbob{name.capitalize()}QueueUrl": environment.queue(name) for name in QUEUES},
        "AcumaticaShipbobDeadQueueUrl": moto.dead["live"],
        "AcumaticaShipbobDelayDeadQueueUrl": moto.dead["delay"],
        "Bucket": environment.bucket_name(),
        "AlertsTopic": environment.topic(),
        "SecretsPrefix": environment.secret(""),
        "KeyArn": "",
        "ApiUrl": "https://abc.execute-api.us-east-1.amazonaws.com/v1",
    }
    made = StackPlace("stack")
    made.__dict__["deployed"] = Deployed(outputs, {})
    made.__dict__["clients"] = AccountClients(moto.clients)
    return made


def run(place: StackPlace, *words: str, given: str | None = None) -> Result:
    return CliRunner().invoke(app, list(words), input=given, obj=Desk(place), catch_exceptions=False)


def test_a_connection_from_nothing_to_a_replay(place: StackPlace) -> None:
    applied = run(place, "connections", "apply", "-", "--json", given=json.dumps(document()))
    assert applied.exit_code == 0, applied.output
    (row,) = json.loads(run(place, "connections", "list", "--json").stdout)
    assert (row["connection"], row["state"], row["applied_by"]) == (NAME, "active", WHO)
    assert run(place, "secrets", "set", NAME, "shipbob", given="token=abc").exit_code == 0
    assert json.loads(run(place, "connections", "apply", "-", "--json", given=json.dumps(document())).stdout)[
        "missing_secrets"
    ] == ["acumatica"]
    services = place.services("acumatica_shipbob")
    found = services.secrets.read(f"{NAME}/shipbob")
    assert found is not None
    assert json.loads(found.current) == {"token": "abc"}
    assert run(place, "connections", "pause", NAME).exit_code == 0
    assert run(place, "connections", "resume", NAME).exit_code == 0
    assert run(place, "records", "list").exit_code == 0
    assert run(place, "review", "list").exit_code == 0


def test_a_replay_reaches_the_pair_s_queue(place: StackPlace, moto: Cloud) -> None:
    assert run(place, "connections", "apply", "-", given=json.dumps(document())).exit_code == 0
    services = place.services("acumatica_shipbob")
    store = RecordStore(services)
    (record,) = store.see(Origin(NAME, "acumatica_shipbob", "orders", "poll", "c"), [Seen("SO/000001")])
    store.change(record, lambda current: replace(current, status=Status.REFUSED, why="period closed"))
    assert json.loads(run(place, "review", "list", "--json").stdout)[0]["count"] == 1
    assert run(place, "records", "replay", record.id).exit_code == 0
    url = moto.environment.queue("live")
    messages = moto.clients.client("sqs").receive_message(QueueUrl=url)["Messages"]
    body = json.loads(messages[0]["Body"])
    assert (body["record"], body["cause"], body["lane"]) == (record.id, "replay", "repair")
    shown = json.loads(run(place, "records", "show", record.id, "--json").stdout)
    assert shown["trail"][-1]["text"] == f"Replayed by {WHO}."
    assert shown["chain_intact"] is True


def test_log_lines_and_metrics_stay_out_of_the_answer(place: StackPlace, capsys: pytest.CaptureFixture[str]) -> None:
    services = place.services("acumatica_shipbob")
    services.log.info("a line")
    services.log.metric("HeldRecords", 1)
    assert capsys.readouterr() == ("", "")
    place.verbose = True
    place.services("acumatica_shipbob").log.info("a line")
    said = capsys.readouterr()
    assert said.out == ""
    assert "a line" in said.err


def waiting_order(place: StackPlace) -> str:
    """An order that is held for a Ship Via; answers its id."""
    assert run(place, "connections", "apply", "-", given=json.dumps(document())).exit_code == 0
    store = RecordStore(place.services("acumatica_shipbob"))
    row = Seen("SO/000001", references=(("order", "000001"),), text="Sales order SO 000001 changed in Acumatica.")
    (record,) = store.see(Origin(NAME, "acumatica_shipbob", "orders", "poll", "c"), [row])
    missing = (Missing("ship_methods", "PIGEON"),)
    store.change(
        record, lambda now: replace(now, status=Status.HELD, handled=now.seen, why="waits", missing=missing),
        "Held: order SO/000001 waits for a shipping method",
    )
    return record.id


def test_a_held_order_is_explained_settled_and_exported_on_real_stores(place: StackPlace, moto: Cloud) -> None:
    identifier = waiting_order(place)
    story = json.loads(run(place, "explain", "000001", "--json").stdout)["records"]
    assert [chapter["id"] for chapter in story] == [identifier]
    assert "waits for ship_methods PIGEON" in story[0]["now"]
    (cause,) = json.loads(run(place, "review", "list", "--json").stdout)
    resolved = json.loads(run(place, "review", "resolve", cause["id"], "--map", "Standard", "--json").stdout)
    assert (resolved["records"], resolved["revision"]) == (1, 2)
    messages = moto.clients.client("sqs").receive_message(QueueUrl=moto.environment.queue("live"))["Messages"]
    assert json.loads(messages[0]["Body"])["record"] == identifier
    today = place.services().clock().date().isoformat()
    exported = json.loads(run(place, "audit", "export", "--day", today, "--json").stdout)
    lines = [row for row in exported["lines"] if row["record"] == identifier]
    assert [row["sequence"] for row in lines] == [1, 2, 3]
    assert (exported["broken"], lines[-1]["text"]) == ({}, "ship_methods PIGEON exists now; it continues.")


def test_a_plan_reads_real_stores_and_leaves_no_trace_in_them(place: StackPlace) -> None:
    stage = Stage()  # lends its simulators and their credentials; the stores are those of the engine
    changed = document(start="2020-01-01T00:00:00Z")
    assert run(place, "connections", "apply", "-", given=json.dumps(changed)).exit_code == 0
    for name in ("acumatica", "shipbob"):
        secret = stage.world.secrets.read(f"{NAME}/{name}")
        assert secret is not None
        assert run(place, "secrets", "set", NAME, name, given=secret.current).exit_code == 0
    made = stage.acumatica.command("sales_order", order("QUILL", line("0041", 1), country="US"))
    services = place.services("acumatica_shipbob")
    stage.clock.set(services.clock())
    services.memory[("wire",)] = stage.wire
    pair, connection = connection_named(services, NAME)
    origin = Origin(NAME, pair.name, "orders", "poll", "c")
    (record,) = RecordStore(services).see(origin, [Seen(f"SO/{made['key']}")])
    step = rehearse(pair, services, connection, record)
    assert (step.ends, step.effect, step.key) == ("write", "shipbob.order", f"ACU-SO-{made['key']}")
    assert stage.shipbob.holdings()["orders"] == {}
    assert [item["sk"] for item in services.tables.query("records", record.id).items] == ["record"]
    assert len(services.tables.query("audit", record.id).items) == 1


def test_a_dead_letter_is_found_and_moved_back_by_its_record(place: StackPlace, moto: Cloud) -> None:
    services = place.services("acumatica_shipbob")
    store = RecordStore(services)
    (record,) = store.see(Origin(NAME, "acumatica_shipbob", "orders", "poll", "c"), [Seen("SO/000001")])
    sqs = moto.clients.client("sqs")
    sqs.send_message(
        QueueUrl=moto.dead["live"], MessageBody=pointer_body(pointer_of(record)), MessageGroupId=short_hash(record.id),
        MessageDeduplicationId="d",
    )
    assert place.pairs() == ("acumatica_shipbob",)
    letters = place.dead_letters("acumatica_shipbob")
    assert letters.count("dead").visible == 1
    (shown,) = json.loads(run(place, "dlq", "show", "acumatica_shipbob", "--json").stdout)
    assert (shown["record"], shown["back_to"]) == (record.id, "live")
    assert run(place, "dlq", "redrive", "acumatica_shipbob", "--record", record.id).exit_code == 0
    (message,) = sqs.receive_message(QueueUrl=moto.environment.queue("live"))["Messages"]
    assert json.loads(message["Body"])["record"] == record.id
    trail = json.loads(run(place, "records", "show", record.id, "--json").stdout)
    assert trail["trail"][-1]["text"] == f"{WHO} moved its dead letter back."
    assert trail["chain_intact"] is True
    lines, broken = lines_of(services, day_text(services.clock()))
    assert broken is None
    assert all(found.text.startswith(WHO) for found in lines)
