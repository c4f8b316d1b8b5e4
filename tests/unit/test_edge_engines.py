"""The edge on every implementation of the ports: what moto's (or ministack's) queue, bucket and table then hold."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from acumatica_shipbob.senders import SENDERS
from connector.edge.envelope import LARGEST_MESSAGE
from connector.edge.quarantine import Reverified, reverify
from connector.edge.receiver import Handler, receiver
from tests.support.edge import CONNECTION, OTHER_SECRET, PAIR, SHIPBOB_SECRET, gateway_event, sign
from tests.support.engines import Engine

BODY = '{"id":337900008,"note":"Zoë ﷺ"}'.encode()


@pytest.fixture
def handle(engine: Engine) -> Handler:
    engine.services.tables.put("connections", {
        "pk": CONNECTION, "sk": "document", "pair": PAIR, "state": "active", "revision": 1,
        "data": json.dumps({"systems": {"shipbob": {}}}),
    })
    learn(engine, SHIPBOB_SECRET)
    return receiver(SENDERS, engine.services, pair=PAIR)


def learn(engine: Engine, secret: str) -> None:
    engine.services.secrets.write(f"{CONNECTION}/shipbob_webhook", json.dumps({"secrets": [secret]}))


def webhook(engine: Engine, secret: str, identifier: str, body: bytes) -> dict[str, Any]:
    stamp = int(engine.services.clock().timestamp())
    headers = {
        "webhook-id": identifier, "webhook-timestamp": str(stamp), "x-webhook-topic": "order.shipped",
        "webhook-signature": sign(secret, identifier, stamp, body),
    }
    return gateway_event("shipbob", headers, body)


def test_a_webhook_lies_in_the_queue_under_the_id_that_was_answered(engine: Engine, handle: Handler) -> None:
    answer = handle(webhook(engine, SHIPBOB_SECRET, "msg_engine1", BODY), None)
    assert answer["statusCode"] == 200
    (got,) = engine.receive("events")
    assert json.loads(answer["body"]) == {"message_id": got.id}
    assert json.loads(got.body)["body"] == BODY.decode()


def test_a_large_webhook_lies_in_the_bucket(engine: Engine, handle: Handler) -> None:
    body = b'{"pad":"' + b"x" * LARGEST_MESSAGE + b'"}'
    assert handle(webhook(engine, SHIPBOB_SECRET, "msg_engine2", body), None)["statusCode"] == 200
    (got,) = engine.receive("events")
    assert engine.services.bodies.get(json.loads(got.body)["body_key"]) == body


def test_a_forgery_lies_in_the_quarantine_and_a_late_rotation_frees_it(engine: Engine, handle: Handler) -> None:
    for number in range(3):
        forged = webhook(engine, OTHER_SECRET, f"msg_engine3_{number}", BODY)
        assert handle(forged, None)["statusCode"] == 401
    assert engine.receive("events") == []
    items = engine.services.tables.query("events", f"quarantine/{CONNECTION}/shipbob").items
    assert [base64.b64decode(json.loads(str(item["data"]))["body"]) for item in items] == [BODY] * 3
    learn(engine, OTHER_SECRET)
    assert reverify(engine.services, CONNECTION, "shipbob", SENDERS) == Reverified(enqueued=3)
    assert {json.loads(got.body)["event_id"] for got in engine.receive("events")} == {
        f"msg_engine3_{number}" for number in range(3)
    }
    assert engine.services.tables.query("events", f"quarantine/{CONNECTION}/shipbob").items == []


def test_a_missing_secret_is_503_until_it_is_there(engine: Engine, handle: Handler) -> None:
    engine.services.tables.put("connections", {
        "pk": "other", "sk": "document", "pair": PAIR, "data": json.dumps({"systems": {"shipbob": {}}}),
    })
    event = webhook(engine, SHIPBOB_SECRET, "msg_engine4", BODY)
    event["pathParameters"]["connection"] = "other"
    assert handle(event, None)["statusCode"] == 503
    engine.services.secrets.write("other/shipbob_webhook", json.dumps({"secrets": [SHIPBOB_SECRET]}))
    assert receiver(SENDERS, engine.services, pair=PAIR)(event, None)["statusCode"] == 200
