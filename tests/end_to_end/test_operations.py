"""Operations on the deployed stack: alarms reach a person, the API wants a signature, dead letters come back."""

from __future__ import annotations

import hashlib
import json
import os
import re
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from cli.operations.signed_api import SignedApi
from tests.end_to_end.test_stack import until
from tests.unit.test_docs import anchors, text

if TYPE_CHECKING:
    from local.demo.place import Place

pytestmark = [pytest.mark.cloud, pytest.mark.slow]


@pytest.fixture(scope="module")
def api(place: Place) -> SignedApi:
    """The operator API, signed as the account's root caller of the embedded AWS."""
    session = botocore.session.Session()
    session.set_credentials("test", "test")
    session.set_config_variable("region", "us-east-1")
    return SignedApi(place.stack.api_url, session)


def asked(api: SignedApi, method: str, path: str, **values: Any) -> Any:
    status, body = api(method, path, values)
    assert status == 200, body
    return json.loads(body)


def test_every_alarm_reaches_a_person_with_a_section_of_the_runbook(place: Place) -> None:
    """`set-alarm-state` on the deployed alarms: the one way to ring those on AWS's own metrics without an outage."""
    sqs, sns, watch = (place.cloud.client(name) for name in ("sqs", "sns", "cloudwatch"))
    inbox = sqs.create_queue(QueueName="a-person")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=inbox, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = {"Service": "sns.amazonaws.com"}
    rule = {"Effect": "Allow", "Principal": topic, "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [rule]})
    sqs.set_queue_attributes(QueueUrl=inbox, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=place.stack.outputs["AlertsTopic"], Protocol="sqs", Endpoint=arn)
    alarms = [row for page in watch.get_paginator("describe_alarms").paginate() for row in page["MetricAlarms"]]
    assert len(alarms) > 50
    for alarm in alarms:
        watch.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue="ALARM", StateReason="a rehearsal")
    heard: dict[str, str] = {}
    while batch := sqs.receive_message(QueueUrl=inbox, MaxNumberOfMessages=10).get("Messages"):
        for message in batch:
            told = json.loads(json.loads(message["Body"])["Message"])
            heard[told["AlarmName"]] = told["AlarmDescription"]
            sqs.delete_message(QueueUrl=inbox, ReceiptHandle=message["ReceiptHandle"])
    assert set(heard) == {alarm["AlarmName"] for alarm in alarms}
    sections = anchors(text("docs/runbook.md"))
    for name, description in heard.items():
        found = re.search(r"docs/runbook\.md#([\w-]+)$", description)
        assert found is not None, name
        assert found[1] in sections, name


def test_the_api_wants_a_signature_and_notes_who_asked(place: Place, api: SignedApi) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{place.stack.api_url}/operations/connections")
    assert refused.value.code == 403
    assert [row["connection"] for row in asked(api, "GET", "connections")] == ["sample"]
    shown = asked(api, "GET", "journal")
    assert shown["chain_intact"] is True
    assert shown["lines"][-1]["text"].endswith(": GET journal")


def test_everything_that_can_be_looked_at_is_within_the_function_s_rights(api: SignedApi) -> None:
    """The embedded AWS judges by the role that the template gives it."""
    looks = {
        "connection": {"name": "sample"}, "connection/schedule": {"name": "sample"}, "review": {}, "dlq": {},
        "connection/arrivals": {"name": "sample"}, "connection/heard": {"name": "sample"},
        "records": {"statuses": "done"},
        "explain": {"asked": "SO000001"}, "dlq/letters": {"pair": "acumatica_shipbob"}, "audit": {"asked": "SO000001"},
    }  # fmt: skip
    for path, values in looks.items():
        asked(api, "GET", path, **values)


def test_a_flow_is_paused_and_resumed(api: SignedApi) -> None:
    asked(api, "POST", "connection/pause", name="sample", flows=["charges"])
    rows = {row["flow"]: row["state"] for row in asked(api, "GET", "connection/schedule", name="sample")}
    assert (rows["charges"], rows["orders"]) == ("paused", "moves")
    asked(api, "POST", "connection/resume", name="sample", flows=["charges"])


def test_a_poison_message_becomes_a_letter_and_comes_back(place: Place, api: SignedApi) -> None:
    """Put where SQS would put it after five crashes: waiting for those takes longer than this test may."""
    sqs, record = place.cloud.client("sqs"), "sample/orders/SO/SO999999"
    body = {"kind": "record", "record": record, "cause": "poll", "correlation": "c0ffee", "lane": "live"}
    sqs.send_message(
        QueueUrl=place.stack.resources["AcumaticaShipbobDeadQueue"], MessageBody=json.dumps(body),
        MessageGroupId=hashlib.sha256(record.encode()).hexdigest(), MessageDeduplicationId=os.urandom(8).hex(),
    )  # fmt: skip
    (letter,) = until(lambda: asked(api, "GET", "dlq/letters", pair="acumatica_shipbob", record=record))
    assert letter["back_to"] == "live"
    moved = asked(api, "POST", "dlq/redrive", pair="acumatica_shipbob", queue="dead", record=record)
    assert moved["moved"] == 1
    assert asked(api, "GET", "dlq/letters", pair="acumatica_shipbob", record=record) == []
