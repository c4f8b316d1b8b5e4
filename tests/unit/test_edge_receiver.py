"""The webhook function at its boundary: what the sender hears, what the queue, the bucket and the tables then hold."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acumatica_shipbob.senders import SENDERS
from connector.edge.envelope import LARGEST_MESSAGE
from connector.edge.receiver import RETRY_AFTER, Handler, receiver
from connector.edge.request import LARGEST_BODY
from connector.ports import Item, Message
from connector.record import short_hash
from tests.support.edge import (
    CONNECTION,
    OTHER_SECRET,
    PAIR,
    PUSH_HEADER,
    PUSH_SECRET,
    SHIPBOB_SECRET,
    gateway_event,
    messages,
    quarantined,
    sign,
    signed_headers,
    with_connection,
)
from tests.support.world import World

ROOT = Path(__file__).resolve().parents[2]
BODY = b'{"id":337900008,"order_number":"SO-7781","recipient":{"name":"Ingrid Halvorsen","email":"ingrid@example.net"}}'


def handler_of(world: World) -> Handler:
    return receiver(SENDERS, world.services, pair=PAIR)


@pytest.fixture
def ready(world: World) -> World:
    return with_connection(world)


def status(answer: dict[str, Any]) -> int:
    return int(answer["statusCode"])


def said(answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer["body"])
    return found


def test_a_signed_webhook_is_one_message_that_the_worker_understands(ready: World) -> None:
    headers = {**signed_headers(ready, BODY), "Authorization": "Basic c2VjcmV0", "X-Forwarded-For": "203.0.113.9"}
    answer = handler_of(ready)(gateway_event("shipbob", headers, BODY), None)
    (stored,) = ready.queues.messages("events")
    assert (status(answer), said(answer)) == (200, {"message_id": stored.id})
    fields = json.loads(stored.body)
    correlation = fields.pop("correlation")
    assert len(bytes.fromhex(correlation)) == 8
    assert fields == {
        "kind": "event",
        "pair": PAIR,
        "connection": CONNECTION,
        "sender": "shipbob",
        "event_id": "msg_edge0001",
        "topic": "order.shipped",
        "received_at": "2026-03-02T14:05:09.250000Z",
        "headers": {
            "content-type": "application/json",
            "webhook-id": "msg_edge0001",
            "webhook-timestamp": headers["Webhook-Timestamp"],
            "x-webhook-topic": "order.shipped",
        },
        "body": BODY.decode(),
    }
    fingerprint = short_hash(CONNECTION, "shipbob", "msg_edge0001")
    assert stored.message.deduplication == fingerprint
    assert stored.message.group == f"{CONNECTION}#shipbob#{fingerprint}"


def test_a_repetition_is_answered_alike_and_stored_once(ready: World) -> None:
    handle = handler_of(ready)
    first = handle(gateway_event("shipbob", signed_headers(ready, BODY), BODY), None)
    ready.clock.advance(5)
    second = handle(gateway_event("shipbob", signed_headers(ready, BODY), BODY), None)
    assert said(first) == said(second)
    assert len(messages(ready)) == 1


def test_two_events_at_the_same_moment_are_two_messages(ready: World) -> None:
    handle = handler_of(ready)
    for identifier in ("msg_a", "msg_b"):
        handle(gateway_event("shipbob", signed_headers(ready, BODY, identifier=identifier), BODY), None)
    assert [found["event_id"] for found in messages(ready)] == ["msg_a", "msg_b"]


def test_the_raw_bytes_are_judged_not_what_json_makes_of_them(ready: World) -> None:
    spaced = b'{ "id" : 1.50, "name" : "\\u0141ucja" }\n'
    answer = handler_of(ready)(gateway_event("shipbob", signed_headers(ready, spaced), spaced), None)
    assert status(answer) == 200
    assert messages(ready)[0]["body"] == spaced.decode()


def test_text_bodies_are_judged_as_utf8(ready: World) -> None:
    text = '{"note":"Zażółć"}'
    event = gateway_event("shipbob", signed_headers(ready, text.encode()), text)
    assert event["isBase64Encoded"] is False
    assert status(handler_of(ready)(event, None)) == 200
    assert messages(ready)[0]["body"] == text


@pytest.mark.parametrize(
    ("connection", "sender", "pair", "state", "expected"),
    [
        (CONNECTION, "shipbob", PAIR, "active", 200),
        (CONNECTION, "shipbob", PAIR, "paused", 200),
        ("nobody", "shipbob", PAIR, "active", 404),
        (CONNECTION, "shipstation", PAIR, "active", 404),
        (CONNECTION, "shipbob", "netsuite_shipbob", "active", 404),
        ("../etc", "shipbob", PAIR, "active", 404),
    ],
    ids=["active", "paused", "unknown", "no such sender", "of another pair", "no name"],
)
def test_only_a_connection_of_this_pair_with_that_system_takes_webhooks(
    world: World, connection: str, sender: str, pair: str, state: str, expected: int
) -> None:
    with_connection(world, state=state, pair=pair)
    event = gateway_event(sender, signed_headers(world, BODY), BODY, connection=connection)
    answer = handler_of(world)(event, None)
    assert status(answer) == expected
    assert len(messages(world)) == (1 if expected == 200 else 0)
    if expected == 404:
        assert said(answer) == {"error": "not found"}
        assert world.metrics() == {}


def test_a_connection_without_the_system_answers_404(ready: World) -> None:
    item = ready.tables.get("connections", CONNECTION, "document")
    assert item is not None
    ready.tables.put("connections", {**item, "data": json.dumps({"systems": {"acumatica": {}}})})
    assert status(handler_of(ready)(gateway_event("shipbob", signed_headers(ready, BODY), BODY), None)) == 404


@pytest.mark.parametrize("extra", [0, 1])
def test_the_size_limit(ready: World, extra: int) -> None:
    body = b'{"pad":"' + b"x" * (LARGEST_BODY - 10 + extra) + b'"}'
    assert len(body) == LARGEST_BODY + extra
    for sent in (body, body.decode()):
        headers = signed_headers(ready, body)
        assert status(handler_of(ready)(gateway_event("shipbob", headers, sent), None)) == (413 if extra else 200)


def test_a_large_body_goes_to_the_bucket_first(ready: World) -> None:
    body = b'{"pad":"' + b"x" * LARGEST_MESSAGE + b'"}'
    assert status(handler_of(ready)(gateway_event("shipbob", signed_headers(ready, body), body), None)) == 200
    (fields,) = messages(ready)
    assert "body" not in fields
    assert fields["body_key"].startswith(f"webhooks/{CONNECTION}/shipbob/")
    assert ready.bodies.get(fields["body_key"]) == body
    assert ready.bodies.content_type(fields["body_key"]) == "application/json"


def test_text_that_grows_by_escaping_is_measured_as_it_is_sent(ready: World) -> None:
    body = ('{"pad":"' + "ż" * (LARGEST_MESSAGE // 3) + '"}').encode()
    assert len(body) < LARGEST_MESSAGE
    assert status(handler_of(ready)(gateway_event("shipbob", signed_headers(ready, body), body), None)) == 200
    (stored,) = ready.queues.messages("events")
    assert len(stored.body) < LARGEST_MESSAGE
    assert ready.bodies.get(json.loads(stored.body)["body_key"]) == body


def test_code_points_that_sqs_refuses_travel_escaped(ready: World) -> None:
    body = '{"note":"\ufffe\uffff\u0001"}'.replace("\u0001", "\\u0001").encode()
    assert status(handler_of(ready)(gateway_event("shipbob", signed_headers(ready, body), body), None)) == 200
    (stored,) = ready.queues.messages("events")
    assert stored.body.isascii()
    assert json.loads(stored.body)["body"] == body.decode()


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b'"text"', b"17", b"{", b"\xff\xfe", b'{"a":NaN}', b'{"a":1e400000}x', b"[" * 200_000,
     b'{"a":' + b"9" * 5000 + b"}", '{"ł":1}'.encode("latin2")],
    ids=["empty", "list", "null", "text", "number", "cut off", "not utf-8", "nan", "trailing", "deep", "long number",
         "latin-2"],
)
def test_a_proven_body_that_is_no_json_object_is_400(ready: World, body: bytes) -> None:
    answer = handler_of(ready)(gateway_event("shipbob", signed_headers(ready, body), body), None)
    assert status(answer) == 400
    assert messages(ready) == []
    assert ready.metrics() == {"WebhookRejected": [1]}


def test_a_body_that_is_no_base64_is_400(ready: World) -> None:
    event = {**gateway_event("shipbob", signed_headers(ready, BODY), BODY), "body": "%%%"}
    assert status(handler_of(ready)(event, None)) == 400


def test_a_forged_signature_is_401_without_details_and_kept(ready: World) -> None:
    headers = signed_headers(ready, BODY, secret=OTHER_SECRET)
    answer = handler_of(ready)(gateway_event("shipbob", headers, BODY), None)
    assert (status(answer), said(answer)) == (401, {"error": "unauthorized"})
    assert messages(ready) == []
    assert len(quarantined(ready)) == 1
    assert ready.metrics() == {"WebhookRejected": [1]}


@pytest.mark.parametrize("age", [301, -301, 86_400])
def test_a_stale_or_early_timestamp_is_401_and_not_worth_keeping(ready: World, age: int) -> None:
    answer = handler_of(ready)(gateway_event("shipbob", signed_headers(ready, BODY, age=age), BODY), None)
    assert status(answer) == 401
    assert quarantined(ready) == []


@pytest.mark.parametrize("name", ["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature", "X-Webhook-Topic"])
def test_a_doubled_header_is_wrong_even_with_equal_values(ready: World, name: str) -> None:
    headers = signed_headers(ready, BODY)
    lines = [*headers.items(), (name.lower(), headers[name])]
    assert status(handler_of(ready)(gateway_event("shipbob", lines, BODY), None)) == 401
    assert messages(ready) == []


def test_a_missing_topic_is_left_to_the_worker(ready: World) -> None:
    headers = signed_headers(ready, BODY)
    del headers["X-Webhook-Topic"]
    assert status(handler_of(ready)(gateway_event("shipbob", headers, BODY), None)) == 200
    assert messages(ready)[0]["topic"] == ""


# Acumatica's push notifications


def push(world: World, document: object, secret: str = PUSH_SECRET, name: str = PUSH_HEADER) -> dict[str, Any]:
    body = json.dumps(document).encode()
    return handler_of(world)(gateway_event("acumatica", {name: secret}, body), None)


def test_a_push_is_named_by_its_transaction_and_query(ready: World) -> None:
    one = {"Id": "7C1F4B52-66D0-4B51-9E0A-0F3C5F0B8A11", "Query": "MLC Shipments", "Inserted": []}
    assert status(push(ready, one)) == 200
    assert status(push(ready, {**one, "Query": "MLC Sales Orders"})) == 200
    assert status(push(ready, {**one, "TimeStamp": 5})) == 200
    assert [(found["event_id"], found["topic"]) for found in messages(ready)] == [
        ("7c1f4b52-66d0-4b51-9e0a-0f3c5f0b8a11#MLC Shipments", "MLC Shipments"),
        ("7c1f4b52-66d0-4b51-9e0a-0f3c5f0b8a11#MLC Sales Orders", "MLC Sales Orders"),
    ]


@pytest.mark.parametrize(
    "document",
    [{}, {"Id": 5, "Query": "Q"}, {"Id": "x#y", "Query": "Q"}, {"Id": None, "Query": ["Q"]},
     {"Id": "7c1f4b52-66d0-4b51-9e0a-0f3c5f0b8a11", "Query": "Q" * 500},
     {"Id": "7c1f4b52-66d0-4b51-9e0a-0f3c5f0b8a11", "Query": "a\ud800b\n"}],
)
def test_a_push_without_a_usable_id_is_named_by_its_bytes(ready: World, document: dict[str, Any]) -> None:
    assert status(push(ready, document)) == 200
    assert status(push(ready, document)) == 200
    (fields,) = messages(ready)
    assert fields["event_id"].startswith("sha256:")
    assert len(fields["topic"]) <= 200


@pytest.mark.parametrize(
    ("name", "secret"),
    [("X-Other", PUSH_SECRET), (PUSH_HEADER, PUSH_SECRET[:-1]), (PUSH_HEADER, ""), (PUSH_HEADER, PUSH_SECRET.upper())],
)
def test_a_push_without_the_secret_header_is_401(ready: World, name: str, secret: str) -> None:
    assert status(push(ready, {"Query": "Q"}, secret, name)) == 401
    assert messages(ready) == []


def test_a_push_with_the_header_twice_is_401(ready: World) -> None:
    lines = [(PUSH_HEADER, PUSH_SECRET), (PUSH_HEADER, PUSH_SECRET)]
    assert status(handler_of(ready)(gateway_event("acumatica", lines, b"{}"), None)) == 401


def test_a_byte_order_mark_is_dropped(ready: World) -> None:
    body = b'\xef\xbb\xbf{"Query":"Q"}'
    assert status(handler_of(ready)(gateway_event("acumatica", {PUSH_HEADER: PUSH_SECRET}, body), None)) == 200
    assert messages(ready)[0]["body"] == '{"Query":"Q"}'


# secrets


def webhook_secret(world: World, *entries: str) -> None:
    world.secrets.write(f"{CONNECTION}/shipbob_webhook", json.dumps({"secrets": list(entries)}))


def deliver(world: World, handle: Handler, secret: str = SHIPBOB_SECRET, identifier: str = "msg_1") -> int:
    headers = signed_headers(world, BODY, secret=secret, identifier=identifier)
    return status(handle(gateway_event("shipbob", headers, BODY), None))


def test_a_rotation_that_came_after_the_cache_is_seen_before_a_401(ready: World) -> None:
    handle = handler_of(ready)
    assert deliver(ready, handle) == 200
    webhook_secret(ready, OTHER_SECRET)
    assert deliver(ready, handle, OTHER_SECRET, "msg_2") == 200
    assert deliver(ready, handle, SHIPBOB_SECRET, "msg_3") == 200, "the previous version stays valid"
    assert [found["event_id"] for found in messages(ready)] == ["msg_1", "msg_2", "msg_3"]


def test_forgeries_cost_one_reading_of_the_secret_a_minute(ready: World) -> None:
    handle = handler_of(ready)
    for number in range(50):
        assert deliver(ready, handle, OTHER_SECRET, f"msg_{number}") == 401
        ready.clock.advance(1)
    assert ready.secrets.reads == 2, "the cold reading and one forced"
    ready.clock.advance(61)
    assert deliver(ready, handle, OTHER_SECRET) == 401
    assert ready.secrets.reads == 3


def test_a_secret_is_kept_for_five_minutes(ready: World) -> None:
    handle = handler_of(ready)
    for seconds, expected in ((0, 1), (299, 1), (2, 2)):
        ready.clock.advance(seconds)
        assert deliver(ready, handle, identifier=f"msg_{seconds}") == 200
        assert ready.secrets.reads == expected


@pytest.mark.parametrize("text", ["not json", "[]", "{}", '{"secrets": []}', '{"secrets": [""]}', None])
def test_a_broken_secret_is_503_said_in_the_log_and_repaired_without_loss(ready: World, text: str | None) -> None:
    name = f"{CONNECTION}/shipbob_webhook"
    ready.secrets.remove(name)
    if text is not None:
        ready.secrets.write(name, text)
    handle = handler_of(ready)
    assert deliver(ready, handle) == 503
    assert messages(ready) == []
    assert ready.metrics() == {"WebhookNotStored": [1]}
    (line,) = [line for line in ready.lines() if line.get("level") == "ERROR"]
    assert f"secret {name}: " in line["reason"]
    assert len(quarantined(ready)) == 1, "kept, for a sender that gives up before the secret is corrected"
    webhook_secret(ready, SHIPBOB_SECRET)
    ready.clock.advance(61)
    assert deliver(ready, handle) == 200


def test_a_broken_entry_beside_a_good_one_warns(ready: World) -> None:
    webhook_secret(ready, "whsec_****", SHIPBOB_SECRET)
    assert deliver(ready, handler_of(ready)) == 200
    assert [line["reason"] for line in ready.lines() if line.get("level") == "WARNING"] != []


# failures of our own side


@dataclass
class Failing:
    """A port whose every call raises."""

    error: Exception

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def fail(*arguments: Any, **named: Any) -> Any:
            raise self.error

        return fail


def test_a_queue_that_refuses_makes_503_and_the_repetition_is_stored(ready: World) -> None:
    handle = handler_of(ready)
    ready.queues.refuse("events")
    answer = handle(gateway_event("shipbob", signed_headers(ready, BODY), BODY), None)
    assert status(answer) == 503
    assert answer["headers"]["Retry-After"] == str(RETRY_AFTER)
    assert ready.metrics() == {"WebhookNotStored": [1]}
    assert deliver(ready, handle, identifier="msg_edge0001") == 200
    assert len(messages(ready)) == 1


@pytest.mark.parametrize("port", ["tables", "secrets", "queues"])
def test_an_outage_anywhere_is_503(ready: World, port: str) -> None:
    failing: dict[str, Any] = {port: Failing(ConnectionError("Ingrid Halvorsen"))}
    broken = replace(ready.services, **failing)
    answer = receiver(SENDERS, broken, pair=PAIR)(gateway_event("shipbob", signed_headers(ready, BODY), BODY), None)
    assert status(answer) == 503
    assert messages(ready) == []
    (line,) = [line for line in ready.lines() if line.get("level") == "ERROR"]
    assert line["reason"].startswith("ConnectionError at ")
    assert "Ingrid" not in json.dumps(ready.lines()), "texts of foreign exceptions may quote data"


def test_a_claim_check_that_fails_is_503_and_sends_nothing(ready: World) -> None:
    body = b'{"pad":"' + b"x" * LARGEST_MESSAGE + b'"}'
    broken = replace(ready.services, bodies=Failing(ConnectionError()))
    event = gateway_event("shipbob", signed_headers(ready, body), body)
    assert status(receiver(SENDERS, broken, pair=PAIR)(event, None)) == 503
    assert messages(ready) == []


@pytest.mark.parametrize("identifiers", [[], [""], ["a", "b"]])
def test_there_is_no_200_without_one_message_id(ready: World, identifiers: list[str]) -> None:
    class Silent:
        def send(self, queue: str, sent: Sequence[Message]) -> Sequence[str]:
            return identifiers

    event = gateway_event("shipbob", signed_headers(ready, BODY), BODY)
    assert status(receiver(SENDERS, replace(ready.services, queues=Silent()), pair=PAIR)(event, None)) == 503


def test_a_stored_document_that_cannot_be_read_is_503_not_404(ready: World) -> None:
    ready.tables.put("connections", {"pk": CONNECTION, "sk": "document", "pair": PAIR, "data": "{}"})
    assert deliver(ready, handler_of(ready)) == 503


# costs


@dataclass
class CountingTables:
    """Counts the readings."""

    world: World
    gets: int = 0

    def get(self, table: str, pk: str, sk: str) -> Item | None:
        self.gets += 1
        return self.world.tables.get(table, pk, sk)


def test_a_warm_webhook_makes_one_call(ready: World) -> None:
    tables = CountingTables(ready)
    handle = receiver(SENDERS, replace(ready.services, tables=tables), pair=PAIR)  # type: ignore[arg-type]
    for number in range(20):
        assert deliver(ready, handle, identifier=f"msg_{number}") == 200
        ready.clock.advance(2)
    assert (tables.gets, ready.secrets.reads, len(messages(ready))) == (1, 1, 20)
    ready.clock.advance(timedelta(seconds=61))
    deliver(ready, handle, identifier="msg_late")
    assert (tables.gets, ready.secrets.reads) == (2, 1)


def test_a_connection_that_is_applied_later_is_seen_at_once(world: World) -> None:
    handle = handler_of(world)
    assert deliver(world, handle) == 404
    with_connection(world)
    assert deliver(world, handle) == 200


# log lines


def test_one_line_a_request_with_the_correlation_id_and_nothing_personal(ready: World) -> None:
    handle = handler_of(ready)
    deliver(ready, handle)
    handle(gateway_event("shipbob", signed_headers(ready, BODY, secret=OTHER_SECRET), BODY), None)
    handle(gateway_event("shipbob", {}, b"x"), None)
    handle(gateway_event("shipbob", {}, b"x", connection="nobody"), None)
    lines = [line for line in ready.lines() if "_aws" not in line]
    assert [line["status"] for line in lines] == [200, 401, 401, 404]
    assert len({line["correlation"] for line in lines}) == 4
    assert lines[0]["correlation"] == messages(ready)[0]["correlation"]
    assert "connection" not in lines[3], "strangers choose no dimensions of metrics"
    written = json.dumps(ready.lines())
    for secret in ("Ingrid", "example.net", "SO-7781", SHIPBOB_SECRET, sign(OTHER_SECRET, "x", 1, BODY)):
        assert secret not in written


# garbage


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=10,
)
header_names = st.sampled_from(
    ["webhook-id", "Webhook-Timestamp", "WEBHOOK-SIGNATURE", "x-webhook-topic", PUSH_HEADER, "x-mlc-token", "Cookie"]
) | st.text(max_size=20)
headers_of_any_kind = st.dictionaries(header_names, st.text(max_size=60) | json_values, max_size=6)
paths = st.fixed_dictionaries({
    "connection": st.sampled_from([CONNECTION, "nobody"]) | json_values,
    "sender": st.sampled_from(["shipbob", "acumatica"]) | json_values,
})
lists_of_headers = st.dictionaries(header_names, st.lists(st.text(max_size=40), max_size=3))
encoded = st.binary(max_size=60).map(lambda raw: base64.b64encode(raw).decode())
events = json_values | st.fixed_dictionaries({}, optional={
    "pathParameters": paths | json_values,
    "headers": headers_of_any_kind | json_values,
    "multiValueHeaders": st.none() | lists_of_headers | json_values,
    "body": st.none() | st.text(max_size=60) | encoded | json_values,
    "isBase64Encoded": st.booleans() | json_values,
})
patient = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)


@patient
@given(event=events)
def test_no_garbage_is_stored_answered_5xx_or_raised(event: Any) -> None:
    world = with_connection(World())
    answer = handler_of(world)(event, None)
    assert status(answer) in (400, 401, 404, 413)
    assert json.loads(answer["body"])
    assert messages(world) == []
    assert world.bodies.keys() == []


@patient
@given(body=st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_whatever_a_proven_sender_sends_is_stored_or_400(body: bytes) -> None:
    world = with_connection(World())
    handle = handler_of(world)
    answers = [
        status(handle(gateway_event("shipbob", signed_headers(world, body), body), None)),
        status(handle(gateway_event("acumatica", {PUSH_HEADER: PUSH_SECRET}, body), None)),
    ]
    try:
        fine = isinstance(json.loads(body.decode("utf-8-sig"), parse_constant=int), dict)
    except ValueError:
        fine = False
    assert answers == ([200, 200] if fine else [400, 400])
    assert len(messages(world)) == (2 if fine else 0)


# the deployed function


LIGHT = """
import sys
import acumatica_shipbob.webhook
heavy = {"requests", "pydantic", "boto3", "botocore", "aws_lambda_powertools", "cryptography", "urllib3"}
vendors = {name for name in sys.modules if name.startswith("vendors.")} - {"vendors.shipbob", "vendors.shipbob.sender"}
print(sorted(heavy & {name.partition(".")[0] for name in sys.modules} | vendors))
"""


def fresh(code: str, **variables: str) -> str:
    """What a new interpreter prints, with the paths of a deployed function and only these MLC_ variables."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MLC_", "COVERAGE"))}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "layers/connector"), str(ROOT / "functions")])
    done = subprocess.run(
        [sys.executable, "-c", code], env={**environment, **variables}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_webhook_modules_import_nothing_heavy() -> None:
    assert fresh(LIGHT) == "[]"


def test_a_deployed_function_adds_botocore_and_nothing_else() -> None:
    variables = {
        "MLC_PAIR": PAIR, "MLC_CONNECTIONS_TABLE": "c", "MLC_EVENTS_TABLE": "e", "MLC_BUCKET": "b",
        "MLC_SECRETS_PREFIX": "s/", "MLC_EVENTS_QUEUE_URL": "https://queue.example/events.fifo",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    # urllib3 takes pyOpenSSL, and with it cryptography, where they happen to be installed; no layer has them.
    assert set(json.loads(fresh(LIGHT, **variables).replace("'", '"'))) - {"cryptography"} == {"botocore", "urllib3"}


@pytest.mark.parametrize("pair", ["acumatica_shipstation", "netsuite_shipbob", "dynamicsgp_shipbob", "acumatica_ups"])
def test_every_pair_has_a_webhook_entry(pair: str) -> None:
    assert fresh(f"from {pair}.webhook import handler; print(callable(handler))") == "True"


def test_a_pair_without_senders_answers_404(ready: World) -> None:
    handle = receiver({}, ready.services, pair=PAIR)
    assert status(handle(gateway_event("shipbob", signed_headers(ready, BODY), BODY), None)) == 404


def test_a_webhook_function_that_does_not_know_its_pair_fails_loudly(ready: World) -> None:
    with pytest.raises(ValueError, match="MLC_PAIR"):
        receiver(SENDERS, ready.services)
