"""The operator API in the template: nobody gets in without a signature, and it can do no more than its routes."""

from __future__ import annotations

import json
from typing import Any

from connector.environment import environment_from
from tests.template.test_permissions import allowed, listed, statements
from tests.template.translated import ROOT, resolved, translated

ROLE = "OperationsRole"


def methods() -> dict[str, Any]:
    paths = translated()["Resources"]["Api"]["Properties"]["Body"]["paths"]
    found: dict[str, Any] = paths["/operations/{proxy+}"]
    return found


def test_every_method_wants_an_iam_signature() -> None:
    assert set(methods()) == {"get", "post"}
    for method in methods().values():
        assert method["security"] == [{"AWS_IAM": []}]
        uri = json.dumps(method["x-amazon-apigateway-integration"]["uri"])
        assert "${Operations.Arn}" in uri
    schemes = translated()["Resources"]["Api"]["Properties"]["Body"]["components"]["securitySchemes"]
    assert schemes["AWS_IAM"]["x-amazon-apigateway-authtype"] == "awsSigv4"


def test_no_other_route_wants_one() -> None:
    """Senders cannot sign for IAM: their deliveries are proven by their own secrets."""
    paths = translated()["Resources"]["Api"]["Properties"]["Body"]["paths"]
    others = {path: found for path, found in paths.items() if not path.startswith("/operations/")}
    assert others
    assert not [path for path, found in others.items() if "AWS_IAM" in json.dumps(found)]


def test_it_runs_the_entry_module_and_knows_its_stack() -> None:
    function = translated()["Resources"]["Operations"]["Properties"]
    assert function["Handler"] == "operations.api.handler"
    assert (ROOT / "functions/operations/api.py").is_file()
    assert function["Timeout"] == 29
    layers = [layer["Ref"].rstrip("0123456789abcdef") for layer in function["Layers"]]
    assert layers == ["ConnectorLayer", "DynamicsGpDependenciesLayer"]  # with what the most demanding pair needs
    variables = function["Environment"]["Variables"]
    given = {name: value if isinstance(value, str) else "given" for name, value in variables.items()}
    assert environment_from({**given, "MLC_LOG_LEVEL": "INFO"}).stack == "given"


def test_it_reads_no_credentials_and_calls_nobody() -> None:
    secrets = [row for row in statements(ROLE) if "secretsmanager" in json.dumps(row["Action"])]
    assert [row["Action"] for row in secrets] == ["secretsmanager:GetSecretValue"]
    assert json.dumps(secrets[0]["Resource"]).endswith('/*_webhook*"}')
    assert not [row for row in statements(ROLE) if "lambda:" in json.dumps(row["Action"])]


def test_nothing_is_allowed_on_everything() -> None:
    for row in statements(ROLE):
        assert row["Effect"] == "Allow"
        assert not any(action.endswith("*") for action in listed(row["Action"]))
        if "*" in listed(row["Resource"]):
            assert all(action.startswith("xray:") for action in listed(row["Action"]))


def test_the_audit_trail_can_only_grow() -> None:
    assert allowed(ROLE, "AuditTable") == {
        "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:PutItem",
    }


def test_it_takes_from_dead_letter_queues_alone() -> None:
    taking = [row for row in statements(ROLE) if "sqs:ReceiveMessage" in listed(row["Action"])]
    assert len(taking) == 1
    names = [resolved(target).rpartition(":")[2] for target in taking[0]["Resource"]]
    assert names == ["stack-*-Dead.fifo", "stack-*-DelayDead"]
    queues = translated()["Resources"]
    for pair in ("AcumaticaShipbob", "AcumaticaUps"):
        assert resolved(queues[f"{pair}DeadQueue"]["Properties"]["QueueName"]) == f"stack-{pair}-Dead.fifo"
        assert resolved(queues[f"{pair}DelayDeadQueue"]["Properties"]["QueueName"]) == f"stack-{pair}-DelayDead"


def test_webhooks_leave_the_quarantine_and_nothing_else_leaves_the_events() -> None:
    rows = [row for row in statements(ROLE) if "EventsTable" in json.dumps(row["Resource"])]
    writing = [row for row in rows if any("Item" in a and "Get" not in a for a in listed(row["Action"]))]
    assert [(row["Action"], row["Condition"]) for row in writing] == [
        ("dynamodb:DeleteItem", {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["quarantine/*"]}})
    ]
