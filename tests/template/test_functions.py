"""Functions, their routes and events, the environment they get, alarms: the contract with the code."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import Any, get_args

import pytest

from connector.environment import QUEUES, TABLES, Environment, environment_from
from connector.outcome import Outcome
from tests.template.translated import ROOT, of_type, resolved, translated

PAIRS = {
    "AcumaticaShipbob": "acumatica_shipbob",
    "AcumaticaShipstation": "acumatica_shipstation",
    "NetsuiteShipbob": "netsuite_shipbob",
    "DynamicsgpShipbob": "dynamicsgp_shipbob",
    "AcumaticaUps": "acumatica_ups",
}


def environment(function: str) -> Environment:
    """What the code sees of a function's variables (references count as a value)."""
    variables = translated()["Resources"][function]["Properties"]["Environment"]["Variables"]
    given = {name: value if isinstance(value, str) else "given" for name, value in variables.items()}
    return environment_from({**given, "MLC_LOG_LEVEL": "INFO"})


@pytest.mark.parametrize(("pair", "package"), PAIRS.items())
def test_each_function_runs_its_pairs_entry_module(pair: str, package: str) -> None:
    resources = translated()["Resources"]
    for entry in ("Webhook", "Poll", "Work"):
        handler = resolved(resources[f"{pair}{entry}"]["Properties"]["Handler"])
        assert handler == f"{package}.{entry.lower()}.handler"
        assert (ROOT / "functions" / package / f"{entry.lower()}.py").is_file()
        assert environment(f"{pair}{entry}").pair == package


@pytest.mark.parametrize("pair", PAIRS)
def test_pollers_and_workers_know_every_table_and_queue(pair: str) -> None:
    for entry in ("Poll", "Work"):
        given = environment(f"{pair}{entry}")
        assert set(given.tables) == set(TABLES)
        assert set(given.queues) == set(QUEUES)
        assert [field.name for field in fields(given) if not getattr(given, field.name)] == []


@pytest.mark.parametrize("pair", PAIRS)
def test_webhooks_know_only_what_they_use(pair: str) -> None:
    given = environment(f"{pair}Webhook")
    assert set(given.tables) == {"connections", "events"}
    assert set(given.queues) == {"events"}
    assert not given.alerts_topic


def test_no_variable_is_unknown_to_the_code() -> None:
    """A misspelt variable would be missing in the code and unused here."""
    known = {f"MLC_{table.upper()}_TABLE" for table in TABLES} | {f"MLC_{queue.upper()}_QUEUE_URL" for queue in QUEUES}
    source = (ROOT / "layers/connector/connector/environment.py").read_text("utf-8")
    known |= set(re.findall(r'variables\.get\("(MLC_\w+)"', source))
    for name, function in of_type(translated(), "AWS::Lambda::Function"):
        assert set(function["Environment"]["Variables"]) <= known, name


@pytest.mark.parametrize(("pair", "package"), PAIRS.items())
def test_routes_lead_to_the_pairs_own_webhook(pair: str, package: str) -> None:
    paths = translated()["Resources"]["Api"]["Properties"]["Body"]["paths"]
    for route in (f"/{package}/{{connection}}/{{sender}}", f"/{package}/{{connection}}/{{sender}}/{{token}}"):
        assert list(paths[route]) == ["post"]
        assert f"${{{pair}Webhook.Arn}}" in json.dumps(paths[route]["post"]["x-amazon-apigateway-integration"]["uri"])
    assert len([path for path in paths if not path.startswith("/operations/")]) == 2 * len(PAIRS)


def test_bodies_arrive_as_bytes_and_tokens_are_not_logged() -> None:
    resources = translated()["Resources"]
    assert resources["Api"]["Properties"]["BinaryMediaTypes"] == ["*~1*"]
    stage = resources["Apiv1Stage"]["Properties"]
    written = set(re.findall(r"\$context\.[\w.]+", stage["AccessLogSetting"]["Format"]))
    assert not written & {"$context.path", "$context.identity.sourceIp"}
    assert "$context.resourcePath" in written
    assert json.loads(stage["AccessLogSetting"]["Format"])
    assert stage["MethodSettings"][0]["DataTraceEnabled"] is False


@pytest.mark.parametrize("pair", PAIRS)
def test_queues_feed_the_right_function(pair: str) -> None:
    feeding = {}
    for _, mapping in of_type(translated(), "AWS::Lambda::EventSourceMapping"):
        queue = mapping["EventSourceArn"]["Fn::GetAtt"][0]
        if queue.startswith(pair) and mapping["FunctionName"]["Ref"].startswith(pair):
            assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
            assert mapping["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "MaximumConcurrency"}}
            function = mapping["FunctionName"]["Ref"].removeprefix(pair)
            feeding[queue.removeprefix(pair)] = (function, mapping["BatchSize"])
    assert feeding == {
        "JobsQueue": ("Poll", 1), "EventsQueue": ("Work", 10), "LiveQueue": ("Work", 10),
        "BulkQueue": ("Work", 10), "DelayQueue": ("Work", 10),
    }


@pytest.mark.parametrize("pair", PAIRS)
def test_the_tick_says_what_it_is(pair: str) -> None:
    schedule = translated()["Resources"][f"{pair}PollTick"]["Properties"]
    assert json.loads(schedule["Target"]["Input"]) == {"tick": True}
    night = translated()["Resources"][f"{pair}PollNight"]["Properties"]
    assert json.loads(night["Target"]["Input"]) == {"night": True}
    assert night["ScheduleExpression"] == {"Ref": "ReconcileExpression"}
    assert schedule["Target"]["Arn"] == {"Fn::GetAtt": [f"{pair}Poll", "Arn"]}
    assert "Name" not in schedule  # a fixed name would collide with a second stack


def test_every_alarm_reaches_a_person_and_says_what_to_read() -> None:
    alarms = dict(of_type(translated(), "AWS::CloudWatch::Alarm"))
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == [{"Ref": "Alerts"}], name
        assert re.search(r"docs/runbook\.md#[a-z-]+$", resolved(alarm["AlarmDescription"])), name
    for pair in PAIRS:
        watched = set().union(*(metrics_of(alarm) for name, alarm in alarms.items() if name.startswith(pair)))
        assert watched == {
            "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage", "Errors", "WebhookNotStored",
            "CursorAgeSeconds", "HeldRecords", "OutcomeUnknown", "ReconcileDifferences", "TokenRefreshFailed",
            "TokensToday", "SilentWebhookSeconds", "WebhookRejected", "EventUnreadable", "ConnectionUnreadable",
            "AccountClosed", "CertificateDaysLeft", "VendorErrorPercent",
        }


WATCHED = {
    "backlog age": (("OldestLiveAlarm", "OldestEventsAlarm"), "oldest-live-message"),
    "dead letters": (("DeadQueueAlarm", "DelayDeadQueueAlarm"), "dead-letters"),
    "held records": (("HeldRecordsAlarm",), "held-records"),
    "stale cursor": (("CursorAgeAlarm",), "cursor-age"),
    "webhook silent": (("WebhookSilentAlarm",), "webhooks-silent"),
    "token budget": (("TokensTodayAlarm",), "tokens-today"),
    "token refresh": (("TokenRefreshAlarm",), "token-refresh-failed"),
    "certificate": (("CertificateAlarm",), "certificates"),
    "error rate": (("VendorErrorsAlarm",), "vendor-errors"),
    "account closed": (("AccountClosedAlarm",), "account-closed"),
    "unknown writes": (("OutcomeUnknownAlarm",), "unknown-outcomes"),
    "reconcile difference": (("ReconcileAlarm",), "reconciliation-differences"),
}
"""What a person must hear of: alarms behind the pair's name, section of the runbook."""


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("what", WATCHED)
def test_every_pair_has_an_alarm_for_what_a_person_must_hear_of(pair: str, what: str) -> None:
    alarms, (names, section) = translated()["Resources"], WATCHED[what]
    for name in names:
        alarm = alarms[f"{pair}{name}"]
        assert alarm["Type"] == "AWS::CloudWatch::Alarm"
        assert resolved(alarm["Properties"]["AlarmDescription"]).endswith(f"docs/runbook.md#{section}")
        whose = json.dumps(alarm["Properties"]["Dimensions"])
        assert pair in whose or PAIRS[pair] in whose, "it must watch this pair, not another one"


def metrics_of(alarm: dict[str, Any]) -> set[str]:
    """The metrics that an alarm looks at, alone or in an expression."""
    if "MetricName" in alarm:
        return {alarm["MetricName"]}
    return {row["MetricStat"]["Metric"]["MetricName"] for row in alarm["Metrics"] if "MetricStat" in row}


def emitted() -> set[str]:
    """Names of the metrics that the code writes."""
    found: set[str] = set()
    for folder in ("layers", "functions"):
        text = "".join(path.read_text("utf-8") for path in (ROOT / folder).rglob("*.py"))
        found |= set(re.findall(r'\bmetric\(\s*"(\w+)"', text))
        for several in re.findall(r"\bmetrics\(\s*\{([^}]*)\}", text):
            found |= set(re.findall(r'"(\w+)":', several))
        for chosen in re.findall(r"^_METRICS = \{(.*?)\}", text, re.MULTILINE | re.DOTALL):
            found |= set(re.findall(r'"(\w+)"', chosen))
    return found | {f"Outcome{kind.__name__}" for kind in get_args(Outcome)}


def test_what_alarms_and_dashboard_show_is_written_and_what_is_written_is_shown() -> None:
    """A metric that nobody writes is an alarm that never rings, and one that nobody shows is money for nothing."""
    alarms = dict(of_type(translated(), "AWS::CloudWatch::Alarm"))
    ours = {
        row["MetricStat"]["Metric"]["MetricName"] if "MetricStat" in row else row["MetricName"]
        for alarm in alarms.values()
        for row in (alarm, *alarm.get("Metrics", ()))
        if row.get("Namespace") == "ml-connector"
        or row.get("MetricStat", {}).get("Metric", {}).get("Namespace") == "ml-connector"
    }
    body = resolved(translated()["Resources"]["Dashboard"]["Properties"]["DashboardBody"])
    shown = set(re.findall(r'\{ml-connector,[a-z,]+\} MetricName=\\"(\w+)\\"', body))
    assert ours <= emitted()
    assert shown == emitted()


def test_the_dashboard_is_json_and_names_the_stack() -> None:
    body = resolved(translated()["Resources"]["Dashboard"]["Properties"]["DashboardBody"])
    assert len(json.loads(body)["widgets"]) == 18
    assert '\\"stack\\"' in body


def test_every_function_writes_to_a_log_group_that_ends() -> None:
    resources = translated()["Resources"]
    for name, function in of_type(translated(), "AWS::Lambda::Function"):
        group = resources[function["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]
        assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}, name
