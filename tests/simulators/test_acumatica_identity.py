"""The identity server: grants, tenants, rotation, lock-out, revocation."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from local.simulators.base import Reply
from tests.simulators.acumatica_requests import ENDPOINT, Caller, body


def oauth(reply: Reply) -> tuple[int, str]:
    """Status and error code."""
    return reply.status, body(reply)["error"]


def test_a_token_lives_for_an_hour_and_offline_access_brings_a_refresh_token() -> None:
    caller = Caller()
    granted = caller.sign_in()
    assert (granted["expires_in"], granted["token_type"]) == (3600, "Bearer")
    assert granted["refresh_token"]
    assert "refresh_token" not in caller.sign_in("api")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "client_credentials", "scope": "api"}, "unsupported_grant_type"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "8E0761D9-F4EC-2D4B-A60F-BCE2708C6FDD"}, "invalid_client"),
        ({"client_id": "8E0761D9-F4EC-2D4B-A60F-BCE2708C6FDD@Other"}, "invalid_client"),
        ({"scope": "api everything"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"password": "wrong"}, "invalid_grant"),
        ({"username": "nobody"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "made up"}, "invalid_grant"),
    ],
)
def test_refused_token_requests_400(form: dict[str, str], error: str) -> None:
    caller = Caller()
    usual = {"grant_type": "password", "username": "mlc-api", "password": caller.simulator.password, "scope": "api"}
    assert oauth(caller.token(**{**usual, **form})) == (400, error)


def test_the_tenant_behind_the_at_sign_is_compared_without_letter_case() -> None:
    caller = Caller()
    usual = {"grant_type": "password", "username": "mlc-api", "password": caller.simulator.password, "scope": "api"}
    assert caller.token(**usual, client_id=caller.simulator.client_id.lower()).status == 200


def test_a_json_token_request_400() -> None:
    caller = Caller()
    reply = caller.raw("POST", "/Acme/identity/connect/token", b"{}", {"Content-Type": "application/json"})
    assert oauth(reply) == (400, "invalid_request")


def test_a_refresh_rotates_and_the_old_refresh_token_is_dead() -> None:
    caller = Caller()
    first = caller.sign_in()
    second = body(caller.token(grant_type="refresh_token", refresh_token=first["refresh_token"]))
    assert second["refresh_token"] != first["refresh_token"]
    assert oauth(caller.token(grant_type="refresh_token", refresh_token=first["refresh_token"])) == (
        400,
        "invalid_grant",
    )
    assert caller.token(grant_type="refresh_token", refresh_token=second["refresh_token"]).status == 200


def test_without_rotation_the_same_token_goes_on_and_may_not_be_repeated_in_the_answer() -> None:
    caller = Caller()
    caller.simulator.command("switch", {"rotate_refresh_tokens": False, "return_refresh_token": False})
    first = caller.sign_in()
    for _ in range(2):
        again = body(caller.token(grant_type="refresh_token", refresh_token=first["refresh_token"]))
        assert "refresh_token" not in again


def test_a_refresh_token_dies_after_thirty_days_however_often_it_was_used() -> None:
    caller = Caller()
    token = caller.sign_in()["refresh_token"]
    caller.wait(29 * 86400)
    token = body(caller.token(grant_type="refresh_token", refresh_token=token))["refresh_token"]
    caller.wait(86400)
    assert oauth(caller.token(grant_type="refresh_token", refresh_token=token)) == (400, "invalid_grant")


def test_five_wrong_passwords_lock_the_user_for_the_right_one_as_well() -> None:
    caller = Caller()
    wrong = {"grant_type": "password", "username": "mlc-api", "password": "wrong", "scope": "api"}
    for _ in range(5):
        caller.token(**wrong)
    assert oauth(caller.token(**{**wrong, "password": caller.simulator.password})) == (400, "invalid_grant")
    caller.simulator.command("unlock_user", {"name": "mlc-api"})
    assert caller.token(**{**wrong, "password": caller.simulator.password}).status == 200


def authorize(caller: Caller, **changes: str) -> Reply:
    asked = {
        "response_type": "code",
        "client_id": caller.simulator.client_id,
        "redirect_uri": "http://localhost/callback",
        "scope": "api offline_access",
        "state": "s1",
    }
    return caller.raw("GET", "/Acme/identity/connect/authorize?" + urlencode({**asked, **changes}))


def code_of(reply: Reply) -> str:
    """The code in the redirect."""
    return parse_qs(urlsplit(reply.headers["Location"]).query)["code"][0]


def test_a_code_is_good_once_with_its_redirect_and_for_five_minutes() -> None:
    caller = Caller()
    reply = authorize(caller)
    assert reply.status == 302
    assert parse_qs(urlsplit(reply.headers["Location"]).query)["state"] == ["s1"]
    form = {"grant_type": "authorization_code", "redirect_uri": "http://localhost/callback"}
    assert caller.token(**form, code=code_of(reply)).status == 200
    assert oauth(caller.token(**form, code=code_of(reply))) == (400, "invalid_grant")
    moved = {**form, "redirect_uri": "http://localhost/other"}
    assert oauth(caller.token(**moved, code=code_of(authorize(caller)))) == (400, "invalid_grant")
    late = code_of(authorize(caller))
    caller.wait(300)
    assert oauth(caller.token(**form, code=late)) == (400, "invalid_grant")


def test_an_unregistered_redirect_is_never_followed_and_a_refusal_comes_by_redirect() -> None:
    caller = Caller()
    assert authorize(caller, redirect_uri="http://evil.example/").status == 400
    assert "error=invalid_scope" in authorize(caller, scope="all").headers["Location"]
    caller.simulator.command("switch", {"consent_denied": True})
    assert "error=access_denied" in authorize(caller).headers["Location"]


def test_pkce_needs_the_verifier() -> None:
    caller = Caller()
    verifier = "a-verifier-of-some-length-0123456789-0123456789"
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    form = {"grant_type": "authorization_code", "redirect_uri": "http://localhost/callback"}
    with_challenge = {"code_challenge": challenge, "code_challenge_method": "S256"}
    code = code_of(authorize(caller, **with_challenge))
    assert oauth(caller.token(**form, code=code)) == (400, "invalid_grant")
    code = code_of(authorize(caller, **with_challenge))
    assert caller.token(**form, code=code, code_verifier=verifier).status == 200


def test_an_application_without_refresh_tokens_refuses_offline_access() -> None:
    caller = Caller()
    made = caller.simulator.command(
        "application", {"guid": "0A", "secret": "s", "refresh": "none", "flows": ["password"]}
    )
    form = {"grant_type": "password", "username": "mlc-api", "password": caller.simulator.password}
    credentials = {"client_id": made["client_id"], "client_secret": "s"}
    assert oauth(caller.token(**form, **credentials, scope="api offline_access")) == (400, "invalid_scope")
    assert caller.token(**form, **credentials, scope="api").status == 200


def test_revocation_kills_the_token_but_the_seat_lingers() -> None:
    caller = Caller(seeded=False)
    caller.get("Warehouse")
    token = caller.headers["Authorization"].split()[1]
    form = {"token": token, "client_id": caller.simulator.client_id, "client_secret": caller.simulator.client_secret}
    reply = caller.raw(
        "POST",
        "/Acme/identity/connect/revocation",
        urlencode(form).encode(),
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert reply.status == 200
    assert caller.call("GET", "Warehouse").status == 401
    assert caller.simulator.holdings()["open_sessions"] == 1


def test_the_expire_command_ends_all_tokens() -> None:
    caller = Caller(seeded=False)
    refresh = caller.sign_in()["refresh_token"]
    caller.simulator.command("expire_tokens", {})
    assert caller.raw("GET", f"{ENDPOINT}/Warehouse", headers=caller.headers).status == 401
    assert caller.token(grant_type="refresh_token", refresh_token=refresh).status == 200
