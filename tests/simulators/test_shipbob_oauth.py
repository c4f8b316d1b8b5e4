"""The OAuth server: consent, codes, form-only token calls, one-hour access tokens, rotating refresh tokens."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import urlencode

import pytest

from local.simulators.base import Request
from tests.simulators.shipbob_bench import CLIENT, REDIRECT, Bench, an_order, document


def tokens(bench: Bench) -> dict[str, Any]:
    answered: dict[str, Any] = document(bench.exchange(bench.consent()["code"]))
    return answered


def test_a_consent_gives_tokens_that_work_for_3600_seconds() -> None:
    bench = Bench()
    granted = tokens(bench)
    assert (granted["token_type"], granted["expires_in"]) == ("Bearer", 3600)
    assert granted["access_token"].count(".") == 2
    bench.wait(3599)
    assert bench.call("GET", "/order", token=granted["access_token"]).status == 200
    bench.wait(1)
    expired = bench.call("GET", "/order", token=granted["access_token"])
    assert (expired.status, expired.body) == (401, b"")


def test_the_installation_has_its_own_channel_and_only_its_scopes() -> None:
    bench = Bench()
    granted = tokens(bench)
    channel = bench.get("/channel")["items"][2]
    assert (channel["application_name"], channel["scopes"]) == (CLIENT.id, ["orders_read", "orders_write"])
    assert bench.call("POST", "/order", an_order(), token=granted["access_token"], channel=channel["id"]).status == 201
    assert bench.call("GET", "/product", token=granted["access_token"]).status == 403


def test_the_same_reference_may_exist_in_another_channel() -> None:
    bench = Bench()
    granted = tokens(bench)
    channel = bench.get("/channel")["items"][2]["id"]
    bench.order("SAME")
    assert bench.call("POST", "/order", an_order("SAME"), token=granted["access_token"], channel=channel).status == 201
    assert len(bench.simulator.holdings()["orders"]) == 2


def test_a_token_may_not_write_through_the_channel_of_another_application() -> None:
    bench = Bench()
    tokens(bench)
    channel = bench.get("/channel")["items"][2]["id"]
    assert bench.call("POST", "/order", an_order(), channel=channel).status == 403
    assert bench.simulator.holdings()["orders"] == {}


def test_an_application_may_not_touch_the_order_of_another_channel() -> None:
    bench = Bench()
    number = bench.order()["id"]
    granted = tokens(bench)
    assert bench.call("POST", f"/order/{number}:cancel", token=granted["access_token"]).status == 403
    assert bench.get(f"/order/{number}", token=granted["access_token"])["status"] == "Processing"


def test_a_refresh_rotates_and_kills_the_old_token() -> None:
    bench = Bench()
    first = tokens(bench)["refresh_token"]
    second = document(bench.refresh(first))
    assert second["refresh_token"] != first
    assert bench.call("GET", "/order", token=second["access_token"]).status == 200
    again = bench.refresh(first)
    assert (again.status, document(again)) == (400, {"error": "invalid_grant"})


def test_using_a_dead_refresh_token_also_kills_the_newest_one_unless_switched_off() -> None:
    for kills, status in ((True, 400), (False, 200)):
        bench = Bench(refresh_reuse_kills_family=kills)
        first = tokens(bench)["refresh_token"]
        second = document(bench.refresh(first))["refresh_token"]
        assert bench.refresh(first).status == 400
        assert bench.refresh(second).status == status


def test_a_refresh_token_dies_after_30_idle_days_and_lives_on_when_used() -> None:
    bench = Bench()
    token = tokens(bench)["refresh_token"]
    for _ in range(3):
        bench.wait(29 * 86400)
        token = document(bench.refresh(token))["refresh_token"]
    bench.wait(30 * 86400)
    assert bench.refresh(token).status == 400


def test_without_offline_access_there_is_no_refresh_token() -> None:
    bench = Bench()
    assert "refresh_token" not in document(bench.exchange(bench.consent("orders_read")["code"]))


def test_a_code_is_used_once_and_lives_two_minutes() -> None:
    bench = Bench()
    code = bench.consent()["code"]
    assert bench.exchange(code).status == 200
    assert document(bench.exchange(code)) == {"error": "invalid_grant"}
    late = bench.consent()["code"]
    bench.wait(120)
    assert document(bench.exchange(late)) == {"error": "invalid_grant"}


def test_the_redirect_uri_must_be_the_registered_one() -> None:
    bench = Bench()
    for target in (REDIRECT + "?x=1", "https://evil.example.com/callback"):
        asked = {"client_id": CLIENT.id, "redirect_uri": target, "response_type": "code", "scope": "orders_read"}
        assert bench.simulator.handle(Request("GET", "/connect/authorize", urlencode(asked))).status == 400
    code = bench.consent()["code"]
    assert document(bench.exchange(code, redirect_uri=REDIRECT + "/")) == {"error": "invalid_grant"}


def test_a_scope_that_is_not_registered_fails_the_whole_consent() -> None:
    assert Bench().consent("orders_read billing_read") == {"error": "invalid_scope", "state": "s-1"}


def test_the_answer_comes_as_fragment_by_default_or_as_form() -> None:
    bench = Bench()
    asked = {"client_id": CLIENT.id, "redirect_uri": REDIRECT, "response_type": "code", "scope": "orders_read"}
    for path in ("/connect/authorize", "/connect/integrate"):
        reply = bench.simulator.handle(Request("GET", path, urlencode(asked)))
        assert reply.headers["Location"].startswith(f"{REDIRECT}#code=")
    form = bench.simulator.handle(
        Request("GET", "/connect/authorize", urlencode({**asked, "response_mode": "form_post"}))
    )
    assert (form.status, b'name="code"' in form.body) == (200, True)


def test_pkce_is_checked_when_it_was_begun() -> None:
    bench = Bench()
    verifier = "v" * 43
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    code = bench.consent(code_challenge=challenge, code_challenge_method="S256")["code"]
    assert document(bench.exchange(code, code_verifier="wrong")) == {"error": "invalid_grant"}
    assert bench.exchange(code, code_verifier=verifier).status == 200


@pytest.mark.parametrize(
    ("fields", "headers", "error"),
    [
        ({}, {"Content-Type": "application/json"}, "invalid_request"),
        (
            {},
            {"Authorization": "Basic " + base64.b64encode(b"ExternalApplication_123:app-secret").decode()},
            "invalid_client",
        ),
        ({"client_secret": "wrong"}, {}, "invalid_client"),
        ({"client_id": "nobody"}, {}, "invalid_client"),
        ({"grant_type": "client_credentials"}, {}, "unsupported_grant_type"),
        ({"grant_type": "password"}, {}, "unsupported_grant_type"),
        ({"code": "made-up"}, {}, "invalid_grant"),
    ],
)
def test_token_calls_take_the_credentials_in_the_form_body_only(
    fields: dict[str, str], headers: dict[str, str], error: str
) -> None:
    bench = Bench()
    form = {
        "client_id": CLIENT.id,
        "client_secret": CLIENT.secret,
        "redirect_uri": REDIRECT,
        "grant_type": "authorization_code",
        "code": bench.consent()["code"],
    }
    reply = bench.form("/connect/token", {**form, **fields}, **headers)
    assert (reply.status, document(reply)) == (400, {"error": error})


def test_an_error_may_come_with_http_200() -> None:
    bench = Bench(oauth_error_status=200)
    reply = bench.refresh("made-up")
    assert (reply.status, document(reply)) == (200, {"error": "invalid_grant"})


def test_expire_tokens_kills_access_tokens_only() -> None:
    bench = Bench()
    granted = tokens(bench)
    assert bench.command("expire_tokens") == 1
    assert bench.call("GET", "/order", token=granted["access_token"]).status == 401
    assert bench.refresh(granted["refresh_token"]).status == 200


def test_tokens_of_one_application_share_one_budget_apart_from_the_pat() -> None:
    bench = Bench(calls_per_minute=3)
    first, second = tokens(bench)["access_token"], tokens(bench)["access_token"]
    statuses = [bench.call("GET", "/order", token=token).status for token in (first, second, first, second)]
    assert statuses == [200, 200, 200, 429]
    assert bench.call("GET", "/order").status == 200
