"""The quarantine: what is kept, for how long and how much of it, and what comes out after a late rotation."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest

from acumatica_shipbob.senders import SENDERS
from connector.edge import quarantine
from connector.edge.quarantine import HOURLY_CEILING, KEPT, LARGEST_BODY, Reverified, reverify
from connector.edge.receiver import Handler, receiver
from connector.faults import ConfigurationFault
from connector.instants import epoch_seconds
from connector.ports import QueueRefused
from tests.support.edge import (
    CONNECTION,
    OTHER_SECRET,
    PAIR,
    PUSH_SECRET,
    SHIPBOB_SECRET,
    gateway_event,
    messages,
    quarantined,
    signed_headers,
    with_connection,
)
from tests.support.world import World

BODY = b'{"id":345900017,"order_id":337900008,"status":"Completed"}'


@pytest.fixture
def ready(world: World) -> World:
    return with_connection(world)


def handler_of(world: World) -> Handler:
    return receiver(SENDERS, world.services, pair=PAIR)


def deliver(world: World, handle: Handler, identifier: str, body: bytes = BODY, secret: str = OTHER_SECRET) -> int:
    """A webhook signed with a secret that we do not know unless told otherwise."""
    headers = signed_headers(world, body, secret=secret, identifier=identifier)
    return int(handle(gateway_event("shipbob", headers, body), None)["statusCode"])


def learn(world: World, *entries: str) -> None:
    """The late rotation: a person stores the secret that the sender has used for a while."""
    world.secrets.write(f"{CONNECTION}/shipbob_webhook", json.dumps({"secrets": list(entries)}))


def test_what_is_kept_is_enough_to_judge_again_and_expires(ready: World) -> None:
    assert deliver(ready, handler_of(ready), "msg_1") == 401
    (item,) = ready.tables.query("events", f"quarantine/{CONNECTION}/shipbob").items
    assert item["status"] == "quarantined"
    assert item["received_at"] == "2026-03-02T14:05:09.250000Z"
    assert str(item["sk"]).startswith("2026-03-02T14:05:09.250000Z#")
    assert item["expires_at"] == epoch_seconds(ready.clock() + KEPT)
    (kept,) = quarantined(ready)
    assert base64.b64decode(kept["body"]) == BODY
    assert kept["headers"]["webhook-id"] == "msg_1"


def test_a_late_rotation_loses_nothing(ready: World) -> None:
    handle = handler_of(ready)
    for number in range(3):
        assert deliver(ready, handle, f"msg_{number}") == 401
        ready.clock.advance(1800)
    ready.clock.advance(timedelta(days=2))
    learn(ready, OTHER_SECRET)
    assert reverify(ready.services, CONNECTION, "shipbob", SENDERS) == Reverified(enqueued=3)
    assert quarantined(ready) == []
    found = messages(ready)
    assert [message["event_id"] for message in found] == ["msg_0", "msg_1", "msg_2"]
    assert found[0]["received_at"] == "2026-03-02T14:05:09.250000Z", "when it came, not when it was judged"


def test_what_leaves_the_quarantine_is_what_would_have_arrived(ready: World) -> None:
    refused = World()
    with_connection(refused)
    deliver(refused, handler_of(refused), "msg_1")
    learn(refused, OTHER_SECRET)
    reverify(refused.services, CONNECTION, "shipbob", SENDERS)
    learn(ready, OTHER_SECRET)
    assert deliver(ready, handler_of(ready), "msg_1") == 200
    (late,), (direct,) = refused.queues.messages("events"), ready.queues.messages("events")
    assert (late.message.group, late.message.deduplication) == (direct.message.group, direct.message.deduplication)
    fields, expected = json.loads(late.body), json.loads(direct.body)
    assert {**fields, "correlation": ""} == {**expected, "correlation": ""}


def test_forgeries_stay_where_they_are(ready: World) -> None:
    handle = handler_of(ready)
    deliver(ready, handle, "msg_forged")
    assert reverify(ready.services, CONNECTION, "shipbob", SENDERS) == Reverified(unproven=1)
    assert len(quarantined(ready)) == 1
    assert messages(ready) == []


def test_a_replay_of_an_old_request_is_judged_by_the_clock_of_its_arrival(ready: World) -> None:
    handle = handler_of(ready)
    stale = signed_headers(ready, BODY, secret=OTHER_SECRET, age=299)
    handle(gateway_event("shipbob", stale, BODY), None)
    ready.clock.advance(2)
    assert handle(gateway_event("shipbob", stale, BODY), None)["statusCode"] == 401
    learn(ready, OTHER_SECRET)
    assert reverify(ready.services, CONNECTION, "shipbob", SENDERS) == Reverified(enqueued=1)


def test_a_push_with_a_header_we_did_not_know_yet_comes_back_too(ready: World) -> None:
    handle = handler_of(ready)
    body = b'{"Id":"7c1f4b52-66d0-4b51-9e0a-0f3c5f0b8a11","Query":"MLC Shipments"}'
    assert handle(gateway_event("acumatica", {"X-New-Name": "n" * 32}, body), None)["statusCode"] == 401
    ready.secrets.write(
        f"{CONNECTION}/acumatica_webhook", json.dumps({"header_name": "X-New-Name", "secrets": ["n" * 32]})
    )
    assert reverify(ready.services, CONNECTION, "acumatica", SENDERS) == Reverified(enqueued=1)
    assert messages(ready)[0]["topic"] == "MLC Shipments"


def test_proven_garbage_is_counted_and_stays(ready: World) -> None:
    deliver(ready, handler_of(ready), "msg_1", b"[1]")
    learn(ready, OTHER_SECRET)
    assert reverify(ready.services, CONNECTION, "shipbob", SENDERS) == Reverified(unreadable=1)
    assert len(quarantined(ready)) == 1


@pytest.mark.parametrize(("size", "whole"), [(LARGEST_BODY, True), (LARGEST_BODY + 1, False)])
def test_a_large_body_is_noted_without_its_content(ready: World, size: int, whole: bool) -> None:
    body = b'{"pad":"' + b"x" * (size - 10) + b'"}'
    deliver(ready, handler_of(ready), "msg_1", body)
    (kept,) = quarantined(ready)
    assert kept["bytes"] == size
    learn(ready, OTHER_SECRET)
    expected = Reverified(enqueued=1) if whole else Reverified(without_body=1)
    assert reverify(ready.services, CONNECTION, "shipbob", SENDERS) == expected


def test_oversized_headers_do_not_make_an_oversized_item(ready: World) -> None:
    headers = {**signed_headers(ready, BODY, secret=OTHER_SECRET), "X-Pad": "x" * 400_000}
    assert handler_of(ready)(gateway_event("shipbob", headers, BODY), None)["statusCode"] == 401
    (kept,) = quarantined(ready)
    assert (kept["body"], kept["headers"]) == (None, {})


def test_headers_of_any_text_can_be_kept(ready: World) -> None:
    headers = {**signed_headers(ready, BODY, secret=OTHER_SECRET), "X-Odd": "\ud800\x00ż"}
    assert handler_of(ready)(gateway_event("shipbob", headers, BODY), None)["statusCode"] == 401
    learn(ready, OTHER_SECRET)
    assert reverify(ready.services, CONNECTION, "shipbob", SENDERS) == Reverified(enqueued=1)


def test_a_flood_fills_an_hour_and_no_more(ready: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "HOURLY_CEILING", 5)
    calls: list[str] = []
    ready.step = calls.append
    handles = [handler_of(ready), handler_of(ready)]  # two processes share the count
    for number in range(20):
        assert deliver(ready, handles[number % 2], f"msg_{number}") == 401
    assert len(quarantined(ready)) == 5
    assert calls.count("tables.add.before") == 7, "each process asks once more and then knows that the hour is full"
    (counter,) = ready.tables.query("events", f"quarantine-count/{CONNECTION}/shipbob").items
    assert counter["expires_at"] == epoch_seconds(ready.clock() + timedelta(hours=2))
    ready.clock.advance(3600)
    assert deliver(ready, handles[0], "msg_next_hour") == 401
    assert len(quarantined(ready)) == 6


def test_a_full_quarantine_is_said_in_the_log(ready: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quarantine, "HOURLY_CEILING", 1)
    handle = handler_of(ready)
    for number in range(2):
        deliver(ready, handle, f"msg_{number}")
    assert [line["quarantined"] for line in ready.lines() if "quarantined" in line] == [True, False]


def test_the_ceiling_is_per_sender_and_bounds_storage() -> None:
    assert HOURLY_CEILING * LARGEST_BODY * 24 < 1024**3, "less than a gigabyte a day"


def test_a_queue_that_refuses_loses_nothing_and_a_second_run_repeats_nothing(ready: World) -> None:
    handle = handler_of(ready)
    for number in range(3):
        deliver(ready, handle, f"msg_{number}")
        ready.clock.advance(1)
    learn(ready, OTHER_SECRET)
    ready.queues.refuse("events")
    with pytest.raises(QueueRefused):
        reverify(ready.services, CONNECTION, "shipbob", SENDERS)
    assert len(quarantined(ready)) == 3
    assert reverify(ready.services, CONNECTION, "shipbob", SENDERS) == Reverified(enqueued=3)
    assert len(messages(ready)) == 3


class Crash(BaseException):
    """The process dies here."""


def test_a_crash_between_the_queue_and_the_quarantine_makes_no_second_event(ready: World) -> None:
    deliver(ready, handler_of(ready), "msg_1")
    learn(ready, OTHER_SECRET)

    def die(label: str) -> None:
        if label == "tables.delete.before":
            raise Crash

    ready.step = die
    with pytest.raises(Crash):
        reverify(ready.services, CONNECTION, "shipbob", SENDERS)
    ready.step = lambda label: None
    assert reverify(ready.services, CONNECTION, "shipbob", SENDERS) == Reverified(enqueued=1)
    assert len(messages(ready)) == 1
    assert quarantined(ready) == []


@pytest.mark.parametrize(
    ("connection", "sender", "said"),
    [("nobody", "shipbob", "does not exist"), (CONNECTION, "shipstation", "acumatica")],
)
def test_a_wrong_name_is_said(ready: World, connection: str, sender: str, said: str) -> None:
    with pytest.raises(ConfigurationFault, match=said):
        reverify(ready.services, connection, sender, SENDERS)


def test_a_broken_secret_is_said_with_its_name(ready: World) -> None:
    deliver(ready, handler_of(ready), "msg_1")
    learn(ready, "whsec_****")
    learn(ready, "whsec_****")
    with pytest.raises(ConfigurationFault, match=f"secret {CONNECTION}/shipbob_webhook: .*not base64"):
        reverify(ready.services, CONNECTION, "shipbob", SENDERS)
    assert len(quarantined(ready)) == 1


def test_no_log_line_shows_what_is_kept(ready: World) -> None:
    deliver(ready, handler_of(ready), "msg_1", b'{"recipient":{"name":"Ingrid Halvorsen"}}')
    learn(ready, OTHER_SECRET, SHIPBOB_SECRET)
    reverify(ready.services, CONNECTION, "shipbob", SENDERS)
    written = json.dumps(ready.lines())
    assert all(text not in written for text in ("Ingrid", OTHER_SECRET, SHIPBOB_SECRET, PUSH_SECRET))
