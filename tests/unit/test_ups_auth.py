"""UPS's token: what is asked, how long it is believed, who fetches it, and what each refusal ends in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.faults import ConfigurationFault, FaultKind, VendorFault
from connector.tokens import TokenCache, reconnect_needed
from connector.transport import AnswerLost, NotSent
from tests.support.world import World
from tests.unit.ups_samples import Wire, errors, example, system
from vendors.token_answers import DEFAULT_LIFETIME
from vendors.ups.auth import basic, parse_token
from vendors.ups.open import open_ups, token_cache

NOW = datetime(2026, 3, 2, 14, 5, 9, 250000, UTC)


def answer(token: str = "token-1", **changes: Any) -> dict[str, Any]:
    return {
        "token_type": "Bearer", "issued_at": "1712244289410", "client_id": "CLIENTID", "access_token": token,
        "expires_in": "3599", "status": "approved", **changes,
    }  # fmt: skip


@pytest.fixture
def world() -> World:
    world = World(pair="acumatica_ups")
    world.secrets.write("demo/ups", json.dumps({"client_id": "CLIENTID", "client_secret": "CLIENTSECRET"}))
    return world


def cache(world: World, wire: Wire, **changes: Any) -> TokenCache:
    return token_cache(world.services, "demo", system(**changes), wire)


def test_the_published_vector() -> None:
    assert basic("CLIENTID", "CLIENTSECRET") == "Basic Q0xJRU5USUQ6Q0xJRU5UU0VDUkVU"


def test_the_request(world: World) -> None:
    wire = Wire([answer()])
    token = cache(world, wire).current()
    request = wire.last
    assert (request.method, request.url) == ("POST", "https://onlinetools.ups.com/security/v1/oauth/token")
    assert request.headers["Authorization"] == "Basic Q0xJRU5USUQ6Q0xJRU5UU0VDUkVU"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["x-merchant-id"] == "A1B2C3"
    assert request.body == b"grant_type=client_credentials"  # credentials never in the body
    assert not request.authorize
    assert token.access == "token-1"
    assert token.expires_at == NOW + timedelta(seconds=3599)


def test_the_stored_answer(shared: Any) -> None:
    token = parse_token(example(shared, "oauth-token-response.json"), NOW)
    assert token.expires_at == NOW + timedelta(seconds=3599)


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [("14399", 14399), (3599, 3599), (" 60 ", 60), ("soon", None), (None, None), ("-5", None), ("0", None),
     (True, None), ("999999999999", None), (3599.5, None)],
)  # fmt: skip
def test_the_lifetime_is_what_ups_states(stated: Any, seconds: int | None) -> None:
    wanted = timedelta(seconds=seconds) if seconds is not None else DEFAULT_LIFETIME
    assert parse_token(answer(expires_in=stated), NOW).expires_at == NOW + wanted


@pytest.mark.parametrize("document", [{}, [], None, answer(token=""), answer(token="a b"), answer(token="a\r\nX: y")])
def test_an_answer_without_a_usable_token(document: Any) -> None:
    with pytest.raises(ValueError, match=r"access_token|object"):
        parse_token(document, NOW)


@pytest.mark.parametrize(("expires_in", "early"), [("14399", 300), ("3599", 300), ("600", 300), ("200", 100)])
def test_it_is_renewed_five_minutes_early_or_at_half_its_life(world: World, expires_in: str, early: int) -> None:
    wire = Wire([answer("one", expires_in=expires_in), answer("two", expires_in=expires_in)])
    tokens = cache(world, wire)
    assert tokens.current().access == "one"
    world.clock.advance(seconds=int(expires_in) - early - 1)
    world.services.memory.clear()  # another process reads the store
    assert tokens.current().access == "one"
    world.clock.advance(seconds=2)
    assert tokens.current().access == "two"
    assert len(wire.sent) == 2


def test_two_hundred_cold_workers_fetch_one_token(world: World) -> None:
    wire = Wire([answer()])
    for _ in range(200):
        world.services.memory.clear()
        assert cache(world, wire).current().access == "token-1"
    assert len(wire.sent) == 1


def test_a_day_costs_one_token_per_life_plus_one(world: World) -> None:
    wire = Wire([answer(expires_in="3599")])
    tokens = cache(world, wire)
    for _ in range(24 * 60):
        tokens.current()
        world.clock.advance(minutes=1)
    assert len(wire.sent) <= 24 * 3600 / (3599 - 300) + 1


def test_the_daily_number_stops_hard_and_alarms_before(world: World) -> None:
    wire = Wire([answer(expires_in="20")])
    tokens = cache(world, wire, token_daily_limit=10)
    for _ in range(10):
        tokens.current()
        world.clock.advance(seconds=30)
    assert any("8 of 10 token calls" in alert.text for alert in world.alerts.sent)
    with pytest.raises(VendorFault) as caught:
        tokens.current()
    assert caught.value.kind is FaultKind.BUDGET
    assert len(wire.sent) == 10


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, errors("10401")),
        (401, errors("250003")),
        (400, errors("10400")),
        (400, {"error": "invalid_client"}),
        (403, errors("10403", message="Blocked Merchant")),
        (404, b""),
    ],
)
def test_a_refusal_ends_in_reconnect_and_is_not_repeated(world: World, status: int, body: Any) -> None:
    wire = Wire([(status, body, {})])
    for _ in range(5):
        world.services.memory.clear()
        with pytest.raises(VendorFault) as caught:
            cache(world, wire).current()
        assert caught.value.kind is FaultKind.EXPIRED
    assert len(wire.sent) == 1
    mark = reconnect_needed(world.services, "demo", "ups")
    assert mark is not None
    assert "CLIENTSECRET" not in mark.why
    assert len(world.alerts.sent) == 1


def test_corrected_credentials_end_the_refusal(world: World) -> None:
    wire = Wire([(401, errors("10401"), {}), answer("good")])
    with pytest.raises(VendorFault):
        cache(world, wire).current()
    world.secrets.write("demo/ups", json.dumps({"client_id": "CLIENTID", "client_secret": "RIGHT"}))
    world.services.memory.clear()
    assert cache(world, wire).current().access == "good"


@pytest.mark.parametrize(
    "failure",
    [(429, errors("10429"), {}), (503, errors("10004"), {}), (403, b"<html>denied</html>", {}), (200, b"", {}),
     (200, b"{", {}), (200, {"access_token": ""}, {}), AnswerLost("reset"), NotSent("name")],
)  # fmt: skip
def test_passing_trouble_does_not_block_the_connection(world: World, failure: Any) -> None:
    wire = Wire([failure, answer("good")])
    with pytest.raises(VendorFault) as caught:
        cache(world, wire).current()
    assert caught.value.retry_at is not None
    assert reconnect_needed(world.services, "demo", "ups") is None
    world.clock.set(caught.value.retry_at + timedelta(seconds=5))
    assert cache(world, wire).current().access == "good"


def test_a_used_up_quota_is_asked_again_after_a_quarter_of_an_hour(world: World) -> None:
    wire = Wire([(429, errors("10429"), {})])
    with pytest.raises(VendorFault) as caught:
        cache(world, wire).current()
    assert caught.value.retry_at is not None
    assert caught.value.retry_at >= NOW + timedelta(minutes=15)
    world.clock.advance(minutes=10)
    with pytest.raises(VendorFault):
        cache(world, wire).current()
    assert len(wire.sent) == 1


def test_missing_credentials_are_named(world: World) -> None:
    world.secrets.write("demo/ups", json.dumps({"client_id": "CLIENTID"}))
    wire = Wire([answer()])
    with pytest.raises(ConfigurationFault, match="client_secret"):
        cache(world, wire).current()
    assert wire.sent == []


def test_an_expired_token_is_renewed_once_and_the_call_sent_again(world: World) -> None:
    wire = Wire([answer("one"), (401, errors("251004"), {}), answer("two"), {"trackResponse": {"shipment": []}}])
    ups = open_ups(world.services, "demo", system(), lane="live", holder="demo/labels/1", wire=wire)
    token_cache(world.services, "demo", system(), wire).current()
    world.clock.advance(minutes=5)
    assert not ups.track("1ZA1B2C30300000012").found
    bearers = [request.headers["Authorization"] for request in wire.sent if request.authorize]
    assert bearers == ["Bearer one", "Bearer two"]


def test_a_second_401_is_the_end(world: World) -> None:
    wire = Wire([answer("one"), (401, errors("250002"), {}), answer("two"), (401, errors("250002"), {})])
    ups = open_ups(world.services, "demo", system(), lane="live", holder="demo/labels/1", wire=wire)
    token_cache(world.services, "demo", system(), wire).current()
    world.clock.advance(minutes=5)
    with pytest.raises(VendorFault, match="API product") as caught:
        ups.track("1ZA1B2C30300000012")
    assert caught.value.kind is FaultKind.EXPIRED
    assert len(wire.sent) == 4


def test_no_secret_reaches_the_log(world: World) -> None:
    wire = Wire([answer("token-secret"), (400, errors("TV1002"), {})])
    ups = open_ups(world.services, "demo", system(), lane="live", holder="demo/labels/1", wire=wire)
    with pytest.raises(VendorFault):
        ups.track("1ZA1B2C30300000012")
    text = json.dumps(world.lines())
    for secret in ("CLIENTSECRET", "Q0xJRU5USUQ6", "token-secret"):
        assert secret not in text
