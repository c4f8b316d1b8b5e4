"""The environment of a function, and the cost of importing the adapters."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from connector.aws import EDGE, WORK, Clients, services_from
from connector.aws.items import TABLE_INDEXES
from connector.environment import TABLES, Environment, VariableMissing, environment_from
from connector.ports import INDEX_KEYS

FULL = {
    "MLC_PAIR": "acumatica_shipbob",
    "MLC_STACK": "prod",
    "MLC_CONNECTIONS_TABLE": "prod-Connections",
    "MLC_RECORDS_TABLE": "prod-Records",
    "MLC_EVENTS_TABLE": "prod-Events",
    "MLC_AUDIT_TABLE": "prod-Audit",
    "MLC_STATE_TABLE": "prod-State",
    "MLC_BUCKET": "prod-bucket",
    "MLC_EVENTS_QUEUE_URL": "https://sqs/events.fifo",
    "MLC_LIVE_QUEUE_URL": "https://sqs/live.fifo",
    "MLC_BULK_QUEUE_URL": "https://sqs/bulk.fifo",
    "MLC_JOBS_QUEUE_URL": "https://sqs/jobs.fifo",
    "MLC_DELAY_QUEUE_URL": "https://sqs/delay",
    "MLC_ALERTS_TOPIC": "arn:aws:sns:us-east-1:123456789012:alerts",
    "MLC_SECRETS_PREFIX": "prod/",
    "MLC_PUBLIC_BASE_URL": "https://hooks.example.com/v1/",
    "MLC_LOG_LEVEL": "warning",
}


def test_everything_is_read() -> None:
    environment = environment_from(FULL)
    assert environment.pair == "acumatica_shipbob"
    assert environment.table("records") == "prod-Records"
    assert environment.queue("jobs") == "https://sqs/jobs.fifo"
    assert environment.bucket_name() == "prod-bucket"
    assert environment.topic().endswith(":alerts")
    assert environment.secret("shop/shipbob") == "prod/shop/shipbob"
    assert environment.public_base_url == "https://hooks.example.com/v1"
    assert environment.log_level == "WARNING"
    with pytest.raises(FrozenInstanceError):
        environment.pair = "other"  # type: ignore[misc]


@pytest.mark.parametrize("name", [name for name in FULL if name.endswith(("_TABLE", "_QUEUE_URL"))])
@pytest.mark.parametrize("absent", [True, False])
def test_what_is_missing_is_named_when_it_is_used(name: str, absent: bool) -> None:
    variables = {key: value for key, value in FULL.items() if key != name} if absent else {**FULL, name: ""}
    environment = environment_from(variables)  # a function that does not need it still loads
    short = name.removeprefix("MLC_").removesuffix("_TABLE").removesuffix("_QUEUE_URL").lower()
    ask = environment.table if name.endswith("_TABLE") else environment.queue
    with pytest.raises(VariableMissing, match=rf"{name}.*template\.yaml"):
        ask(short)


def test_nothing_at_all_still_loads() -> None:
    environment = environment_from({})
    assert environment == Environment()
    for ask, name in (
        (environment.bucket_name, "MLC_BUCKET"),
        (environment.topic, "MLC_ALERTS_TOPIC"),
        (lambda: environment.secret("shop/shipbob"), "MLC_SECRETS_PREFIX"),
    ):
        with pytest.raises(VariableMissing, match=name):
            ask()


def test_unknown_names_are_our_mistake() -> None:
    with pytest.raises(ValueError, match="there is no 'orders'"):
        environment_from(FULL).table("orders")
    with pytest.raises(ValueError, match="there is no 'slow'"):
        environment_from(FULL).queue("slow")


def test_unknown_log_level_is_refused() -> None:
    with pytest.raises(VariableMissing, match="MLC_LOG_LEVEL is 'LOUD'; set it to one of DEBUG"):
        environment_from({"MLC_LOG_LEVEL": "loud"})


def test_tables_and_indexes_agree_with_the_ports() -> None:
    assert set(TABLE_INDEXES) == set(TABLES)
    assert sorted(index for indexes in TABLE_INDEXES.values() for index in indexes) == sorted(INDEX_KEYS)


def test_services_are_built_without_a_call(capsys: pytest.CaptureFixture[str]) -> None:
    services = services_from(environment_from(FULL), patience=EDGE, warm=["sqs"])
    services.log.info("dropped")
    services.log.warning("kept")
    out = capsys.readouterr().out
    assert "dropped" not in out
    assert '"pair": "acumatica_shipbob"' in out
    assert 0 <= services.random() < 1
    assert services.clock().tzinfo is not None


@pytest.mark.parametrize("patience", [WORK, EDGE])
def test_clients_are_patient_as_told_and_made_once(patience: object) -> None:
    clients = Clients(patience)  # type: ignore[arg-type]
    config = clients.client("sqs").meta.config
    assert clients.client("sqs") is clients.client("sqs")
    assert (config.connect_timeout, config.read_timeout) == (patience.connect, patience.read)  # type: ignore[attr-defined]
    assert config.retries["mode"] == "standard"
    assert config.retries["total_max_attempts"] == patience.attempts  # type: ignore[attr-defined]


def test_the_edge_gives_up_before_its_function_does() -> None:
    """Ten seconds: what it takes at most to know that SQS does not answer, standard back-off included."""
    back_off = sum(2**retry for retry in range(EDGE.attempts - 1))
    assert EDGE.read * EDGE.attempts + back_off < 10
    assert EDGE.connect * EDGE.attempts + back_off < 10


def test_adapters_import_no_heavy_library() -> None:
    """The webhook's cold start pays for every import."""
    root = Path(__file__).resolve().parents[2]
    heavy = ("boto3", "s3transfer", "requests", "pydantic", "vendors", "aws_lambda_powertools")
    code = f"import sys, connector.aws; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(root / "layers" / "connector")}, capture_output=True, text=True, check=True, timeout=60,
    )
    assert done.stdout.strip() == "[]"
