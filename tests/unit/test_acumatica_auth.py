"""Signing in: what is sent, what is believed, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connector.credentials import Credentials
from connector.faults import ConfigurationFault, FaultKind, VendorFault
from connector.tokens import Token
from connector.transport import Reply, Request, Transport
from tests.support.world import World
from vendors.acumatica import auth, cookies
from vendors.acumatica.faults import classify
from vendors.acumatica.settings import AcumaticaSystem

GUID = "8E0761D9-F4EC-2D4B-A60F-BCE2708C6FDD"
TOKEN = {"access_token": "a-2", "expires_in": 3600, "token_type": "Bearer", "scope": "api offline_access"}
SYSTEM = AcumaticaSystem(base_url="https://erp.example.com/Erp", tenant="Acme", time_zone="UTC", auth="password")


@dataclass
class Script:
    """Answers in order, and remembers what was asked."""

    answers: list[Reply]
    sent: list[Request] = field(default_factory=list)

    def exchange(self, request: Request) -> Reply:
        """The next answer."""
        self.sent.append(request)
        return self.answers.pop(0)

    def forms(self) -> list[dict[str, str]]:
        """The form bodies."""
        return [{k: v[0] for k, v in parse_qs(request.body.decode()).items()} for request in self.sent]


class OpenGate:
    """No budget."""

    def enter(self, request: Request) -> None:
        """Always free."""

    def ready(self) -> None:
        """Always."""

    def learn(self, reply: Reply, fault: VendorFault | None) -> None:
        """Nothing."""


def _json(document: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status, headers, json.dumps(document).encode())


@pytest.fixture
def connect(world: World) -> Callable[..., tuple[Script, auth.IdentityServer, cookies.CookieLogin]]:
    secret = {"client_id": f"{GUID}@ACME", "client_secret": "s", "username": "u", "password": "p&=ü"}
    world.secrets.write("acme/acumatica", json.dumps(secret))

    def build(*answers: Reply, **changes: Any) -> tuple[Script, auth.IdentityServer, cookies.CookieLogin]:
        script = Script(list(answers))
        transport = Transport("acumatica", script, None, OpenGate(), classify, world.clock, world.services.log)
        system, credentials = SYSTEM.model_copy(update=changes), Credentials(world.services, "acme", "acumatica")
        return script, auth.IdentityServer(transport, system, credentials), cookies.CookieLogin(
            transport, system, credentials
        )

    return build


Connect = Callable[..., tuple[Script, auth.IdentityServer, cookies.CookieLogin]]


def _token(now: datetime, refresh: str | None = "r-1") -> Token:
    return Token("a-1", now + timedelta(minutes=3), refresh, "api offline_access")


def test_a_password_grant(world: World, connect: Connect) -> None:
    script, server, _ = connect(_json({**TOKEN, "refresh_token": "r-2"}))
    token = server.fetch(None)
    assert (token.access, token.refresh, token.expires_at) == ("a-2", "r-2", world.clock() + timedelta(hours=1))
    assert script.forms() == [{
        "grant_type": "password", "client_id": f"{GUID}@ACME", "client_secret": "s", "username": "u",
        "password": "p&=ü", "scope": "api offline_access",
    }]
    request = script.sent[0]
    assert request.url == "https://erp.example.com/Erp/identity/connect/token"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert (request.write, request.slot, request.authorize) == (True, False, False)


def test_a_refresh_keeps_what_is_not_replaced(world: World, connect: Connect) -> None:
    script, server, _ = connect(_json(TOKEN))
    token = server.fetch(_token(world.clock()))
    assert token.refresh is None, "None: the stored refresh token stays"
    assert script.forms()[0]["refresh_token"] == "r-1"
    assert "password" not in script.forms()[0]


def test_a_refused_refresh_forgets_the_token_and_signs_in_once(world: World, connect: Connect) -> None:
    script, server, _ = connect(_json({"error": "invalid_grant"}, 400), _json(TOKEN))
    token = server.fetch(_token(world.clock()))
    assert token.refresh == "", "the refused refresh token must not be kept"
    assert [form["grant_type"] for form in script.forms()] == ["refresh_token", "password"]


@pytest.mark.parametrize("answer", [_json({"error": "invalid_client"}, 400), Reply(503, {}, b"")])
def test_only_a_refused_grant_leads_to_the_password(world: World, connect: Connect, answer: Reply) -> None:
    script, server, _ = connect(answer)
    with pytest.raises(VendorFault):
        server.fetch(_token(world.clock()))
    assert len(script.sent) == 1


def test_a_wrong_password_is_tried_once(connect: Connect) -> None:
    script, server, _ = connect(_json({"error": "invalid_grant"}, 400))
    with pytest.raises(VendorFault) as caught:
        server.fetch(None)
    assert (caught.value.kind, len(script.sent)) == (FaultKind.FORBIDDEN, 1)
    assert "p&=ü" not in str(caught.value)


@pytest.mark.parametrize("refresh", [None, ""])
def test_without_consent_nothing_is_sent(world: World, connect: Connect, refresh: str | None) -> None:
    script, server, _ = connect(auth="authorization_code")
    for previous in (None, _token(world.clock(), refresh)):
        with pytest.raises(VendorFault) as caught:
            server.fetch(previous)
        assert (caught.value.kind, caught.value.alarm) == (FaultKind.EXPIRED, True)
    assert script.sent == []


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>Sign in</html>", b"[]", b"{}", b'{"access_token": "a"}', b'{"access_token": "", "expires_in": 3600}',
     b'{"access_token": "a", "expires_in": 0}', b'{"access_token": "a", "expires_in": null}',
     b'{"access_token": 5, "expires_in": 3600}', b'{"access_token": "a", "expires_in": "soon"}',
     b'{"access_token": "a", "expires_in": 1e300}'],
)
def test_an_answer_that_is_no_token(connect: Connect, body: bytes) -> None:
    _, server, _ = connect(Reply(200, {}, body))
    with pytest.raises(VendorFault) as caught:
        server.fetch(None)
    assert caught.value.kind is FaultKind.UNAVAILABLE


def test_scope_api_signs_the_old_session_out_first(world: World, connect: Connect) -> None:
    script, server, _ = connect(Reply(204, {}, b""), _json(TOKEN), scope="api")
    server.fetch(_token(world.clock(), None))
    logout = script.sent[0]
    assert (logout.method, urlsplit(logout.url).path) == ("POST", "/Erp/entity/auth/logout")
    assert (logout.headers["Content-Length"], logout.headers["Authorization"]) == ("0", "Bearer a-1")


def test_a_failed_sign_out_does_not_stop_the_sign_in(world: World, connect: Connect) -> None:
    _, server, _ = connect(Reply(500, {}, b""), _json(TOKEN), scope="api")
    assert server.fetch(_token(world.clock(), None)).access == "a-2"
    assert any(line["level"] == "WARNING" for line in world.lines() if "level" in line)


@pytest.mark.parametrize(
    ("client_id", "says"),
    [(GUID, "copied whole"), (f"{GUID}@Other", "tenant Other"), ("@Acme", "copied whole"), (f"{GUID}@", "tenant")],
)
def test_the_client_id_binds_the_tenant(client_id: str, says: str) -> None:
    with pytest.raises(ConfigurationFault, match=says):
        auth.check_tenant("acme", client_id, "Acme")


def test_a_code_is_exchanged_with_its_verifier(connect: Connect) -> None:
    script, server, _ = connect(_json({**TOKEN, "refresh_token": "r"}), auth="authorization_code")
    assert server.exchange_code("c-1", "http://localhost/callback", "v" * 43).refresh == "r"
    form = script.forms()[0]
    assert (form["grant_type"], form["code"], form["redirect_uri"], form["code_verifier"]) == (
        "authorization_code", "c-1", "http://localhost/callback", "v" * 43,
    )
    assert "scope" not in form


def test_the_consent_address() -> None:
    # The verifier and challenge are those of RFC 7636, appendix B.
    challenge = auth.code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    url = auth.authorize_url(SYSTEM, f"{GUID}@Acme", "http://localhost/cb?x=1", "st&te", challenge)
    assert url.startswith("https://erp.example.com/Erp/identity/connect/authorize?response_type=code&")
    assert "scope=api%20offline_access" in url
    options = parse_qs(urlsplit(url).query)
    assert (options["state"], options["redirect_uri"]) == (["st&te"], ["http://localhost/cb?x=1"])
    assert (options["client_id"], options["code_challenge_method"]) == ([f"{GUID}@Acme"], ["S256"])


# ---- cookies ---------------------------------------------------------------------------------------------------


def test_a_cookie_login_returns_every_cookie(world: World, connect: Connect) -> None:
    header = "ASP.NET_SessionId=abc; path=/; HttpOnly\n.ASPXAUTH=D=EF==; path=/\nLocale=; path=/\nbroken"
    script, _, login = connect(Reply(204, {"set-cookie": header}, b""), branch="MAIN")
    token = login.fetch(None)
    assert token.access == "ASP.NET_SessionId=abc; .ASPXAUTH=D=EF=="
    assert token.expires_at == world.clock() + timedelta(minutes=20)
    assert json.loads(script.sent[0].body) == {"name": "u", "password": "p&=ü", "tenant": "Acme", "branch": "MAIN"}


def test_the_old_cookie_session_is_signed_out_first(world: World, connect: Connect) -> None:
    answers = Reply(204, {}, b""), Reply(204, {"set-cookie": "S=2"}, b"")
    script, _, login = connect(*answers)
    assert login.fetch(replace(_token(world.clock()), access="S=1")).access == "S=2"
    assert (script.sent[0].headers["Cookie"], script.sent[0].headers["Content-Length"]) == ("S=1", "0")


def test_a_login_without_cookies_is_no_login(connect: Connect) -> None:
    _, _, login = connect(Reply(200, {}, b"<html>"))
    with pytest.raises(VendorFault, match="without cookies"):
        login.fetch(None)
