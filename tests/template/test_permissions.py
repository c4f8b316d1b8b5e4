"""Least privilege: what a function may do is what it does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.template.translated import of_type, translated

PAIRS = ["AcumaticaShipbob", "AcumaticaShipstation", "NetsuiteShipbob", "DynamicsgpShipbob", "AcumaticaUps"]


def statements(role: str) -> list[dict[str, Any]]:
    """Every statement that applies to a role, its managed policies of this template included."""
    resources = translated()["Resources"]
    properties = resources[role]["Properties"]
    found = [row for policy in properties.get("Policies", []) for row in policy["PolicyDocument"]["Statement"]]
    for attached in properties.get("ManagedPolicyArns", []):
        managed = attached["Fn::If"][1] if "Fn::If" in attached else attached
        assert "Ref" in managed, f"{role} has a managed policy of AWS: {managed}"
        if managed["Ref"] == "AWS::NoValue":  # the network, of a pair that stays outside of it
            continue
        found += resources[managed["Ref"]]["Properties"]["PolicyDocument"]["Statement"]
    return found


def listed(value: Any) -> list[Any]:
    """One or several, as a list."""
    return value if isinstance(value, list) else [value]


def allowed(role: str, resource: str) -> set[str]:
    """Actions that a role has on something whose reference contains this text."""
    return {
        action
        for row in statements(role)
        if any(resource in json.dumps(target) for target in listed(row["Resource"]))
        for action in listed(row["Action"])
    }


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("entry", ["Webhook", "Poll", "Work"])
def test_nothing_is_allowed_on_everything(pair: str, entry: str) -> None:
    for row in statements(f"{pair}{entry}Role"):
        assert row["Effect"] == "Allow"
        assert not any(action.endswith("*") for action in listed(row["Action"]))
        if "*" in listed(row["Resource"]):  # X-Ray knows no resources, nor does attaching a function to a VPC
            assert row["Sid"] == "AttachToTheVpc" or all(action.startswith("xray:") for action in listed(row["Action"]))


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("entry", ["Webhook", "Poll", "Work"])
def test_a_pair_cannot_touch_another_pairs_queues_or_logs(pair: str, entry: str) -> None:
    text = json.dumps(statements(f"{pair}{entry}Role"))
    assert not [other for other in PAIRS if other != pair and other in text]


@pytest.mark.parametrize("pair", PAIRS)
def test_the_audit_trail_can_only_grow(pair: str) -> None:
    assert allowed(f"{pair}WebhookRole", "AuditTable") == set()
    for entry in ("Poll", "Work"):
        assert allowed(f"{pair}{entry}Role", "AuditTable") == {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"}


@pytest.mark.parametrize("pair", PAIRS)
def test_a_webhook_verifies_and_stores_and_nothing_else(pair: str) -> None:
    role = f"{pair}WebhookRole"
    actions = {action for row in statements(role) for action in listed(row["Action"])}
    assert actions == {
        "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "sqs:SendMessage",
        "s3:PutObject", "secretsmanager:GetSecretValue",
        "kms:Decrypt", "kms:GenerateDataKey", "logs:CreateLogStream", "logs:PutLogEvents",
        "xray:PutTraceSegments", "xray:PutTelemetryRecords",
    }
    assert allowed(role, "EventsTable") == {"dynamodb:PutItem", "dynamodb:UpdateItem"}
    updates = [row for row in statements(role) if "dynamodb:UpdateItem" in json.dumps(row["Action"])]
    assert [row["Condition"] for row in updates] == [
        {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["quarantine-count/*"]}}
    ]
    assert allowed(role, f"{pair}EventsQueue") == {"sqs:SendMessage"}
    bodies = [row["Resource"] for row in statements(role) if row["Sid"] == "LargeBodies"]
    assert bodies == [{"Fn::Sub": "${Bucket.Arn}/webhooks/*"}]


@pytest.mark.parametrize("pair", PAIRS)
def test_each_queue_is_taken_from_by_one_function(pair: str) -> None:
    taken = {"Poll": ["Jobs"], "Work": ["Events", "Live", "Bulk", "Delay"]}
    for entry, own in taken.items():
        for queue in ("Events", "Live", "Bulk", "Jobs", "Delay"):
            actions = allowed(f"{pair}{entry}Role", f'"{pair}{queue}Queue"')
            assert "sqs:SendMessage" in actions
            assert ("sqs:ReceiveMessage" in actions) == (queue in own), (entry, queue)
        assert allowed(f"{pair}{entry}Role", f'"{pair}DeadQueue"') == set()


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("entry", ["Webhook", "Poll", "Work"])
def test_secrets_of_other_stacks_are_out_of_reach(pair: str, entry: str) -> None:
    rows = [row for row in statements(f"{pair}{entry}Role") if "secretsmanager" in json.dumps(row["Action"])]
    assert len(rows) == 1
    # A webhook function reads the senders' secrets alone, never the credentials of the accounts.
    reach = "/*_webhook*" if entry == "Webhook" else "/*"
    assert json.dumps(rows[0]["Resource"]).endswith(f':secret:${{AWS::StackName}}{reach}"}}')


def test_functions_assume_only_the_roles_of_this_template() -> None:
    for name, function in of_type(translated(), "AWS::Lambda::Function"):
        assert function["Role"] == {"Fn::GetAtt": [f"{name}Role", "Arn"]}
