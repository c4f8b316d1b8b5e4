"""ShipBob's consent, code exchange and refresh: what is sent, and what each answer means."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from connector.credentials import Credentials
from connector.faults import ConfigurationFault, Executed, FaultKind, VendorFault
from connector.tokens import Token
from connector.transport import AnswerLost, Reply, Request, Transport
from tests.support.world import World
from vendors.shipbob.auth import authorize_url, code_challenge, exchange_code, parse_token, refresher
from vendors.shipbob.open import token_transport
from vendors.shipbob.settings import ShipBobSystem

NOW = datetime(2026, 3, 2, 14, 5, 9, 250000, UTC)
SYSTEM = ShipBobSystem(auth="oauth")
GOOD = {
    "access_token": "new-access",
    "refresh_token": "new-refresh",
    "expires_in": 3600,
    "token_type": "Bearer",
    "scope": "orders_read orders_write",
}


@dataclass
class SignIn:
    """The sign-in service, scripted."""

    status: int = 200
    body: object = field(default_factory=lambda: dict(GOOD))
    lost: bool = False
    requests: list[Request] = field(default_factory=list)

    def exchange(self, request: Request) -> Reply:
        self.requests.append(request)
        if self.lost:
            raise AnswerLost("reset")
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        return Reply(self.status, {}, body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.requests[-1].body.decode()).items()}


@pytest.fixture
def credentials(world: World) -> Credentials:
    world.secrets.write("demo/shipbob", json.dumps({"client_id": "App_1", "client_secret": "s+cr&t"}))
    return Credentials(world.services, "demo", "shipbob")


def way(world: World, wire: SignIn) -> Transport:
    return token_transport(world.services, wire)


def old() -> Token:
    return Token("old-access", NOW, "old-refresh", "")


def test_a_refresh_sends_the_credentials_in_the_form(world: World, credentials: Credentials) -> None:
    wire = SignIn()
    token = refresher(way(world, wire), SYSTEM, credentials)(old())
    request = wire.requests[0]
    assert (request.method, request.url) == ("POST", "https://auth.shipbob.com/connect/token")
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in request.headers
    assert wire.form == {
        "client_id": "App_1",
        "client_secret": "s+cr&t",
        "grant_type": "refresh_token",
        "refresh_token": "old-refresh",
    }
    assert (token.access, token.refresh, token.scope) == ("new-access", "new-refresh", "orders_read orders_write")
    assert token.expires_at == NOW + timedelta(hours=1)
    assert request.write
    assert not request.authorize
    assert not request.slot


@pytest.mark.parametrize("previous", [None, Token("a", NOW, None), Token("a", NOW, "")])
def test_without_a_refresh_token_nothing_is_sent(
    world: World, credentials: Credentials, previous: Token | None
) -> None:
    wire = SignIn()
    with pytest.raises(VendorFault, match="nobody has authorized") as caught:
        refresher(way(world, wire), SYSTEM, credentials)(previous)
    assert caught.value.kind is FaultKind.EXPIRED
    assert wire.requests == []


def test_missing_credentials_are_named(world: World) -> None:
    wire = SignIn()
    with pytest.raises(ConfigurationFault, match="secrets set demo/shipbob"):
        refresher(way(world, wire), SYSTEM, Credentials(world.services, "demo", "shipbob"))(old())
    assert wire.requests == []


@pytest.mark.parametrize(
    ("status", "body", "kind", "executed"),
    [
        (400, {"error": "invalid_grant"}, FaultKind.EXPIRED, Executed.NO),
        (200, {"error": "invalid_grant"}, FaultKind.EXPIRED, Executed.NO),
        (400, {"error": "invalid_client"}, FaultKind.CONFIGURATION, Executed.NO),
        (401, {"error": "invalid_client"}, FaultKind.CONFIGURATION, Executed.NO),
        (400, {"error": "unauthorized_client"}, FaultKind.CONFIGURATION, Executed.NO),
        (400, {"error": "invalid_scope"}, FaultKind.CONFIGURATION, Executed.NO),
        (400, {"error": "something_new"}, FaultKind.CONFIGURATION, Executed.NO),
        (400, b"Bad Request", FaultKind.INVALID, Executed.NO),
        (429, {"error": "slow_down"}, FaultKind.THROTTLED, Executed.NO),
        (500, {"error": "invalid_grant"}, FaultKind.UNAVAILABLE, Executed.MAYBE),
        (503, b"", FaultKind.UNAVAILABLE, Executed.MAYBE),
        (200, b"<html>", FaultKind.UNAVAILABLE, Executed.MAYBE),
        (200, {"expires_in": 3600}, FaultKind.UNAVAILABLE, Executed.MAYBE),
        (200, [], FaultKind.UNAVAILABLE, Executed.MAYBE),
    ],
)
def test_refusals(
    world: World, credentials: Credentials, status: int, body: object, kind: FaultKind, executed: Executed
) -> None:
    with pytest.raises(VendorFault) as caught:
        refresher(way(world, SignIn(status, body)), SYSTEM, credentials)(old())
    assert (caught.value.kind, caught.value.executed) == (kind, executed)


def test_a_lost_answer_may_have_used_up_the_refresh_token(world: World, credentials: Credentials) -> None:
    with pytest.raises(VendorFault) as caught:
        refresher(way(world, SignIn(lost=True)), SYSTEM, credentials)(old())
    assert (caught.value.kind, caught.value.executed) == (FaultKind.UNAVAILABLE, Executed.MAYBE)


def test_secrets_stay_out_of_faults_and_logs(world: World, credentials: Credentials) -> None:
    broken = {"refresh_token": "new-refresh", "access_token": 5}
    with pytest.raises(VendorFault) as caught:
        refresher(way(world, SignIn(200, broken)), SYSTEM, credentials)(old())
    shown = repr(caught.value) + str(caught.value) + json.dumps(world.lines())
    assert not any(word in shown for word in ("old-refresh", "new-refresh", "s+cr", "s%2Bcr"))


def test_the_code_exchange(world: World, credentials: Credentials) -> None:
    wire = SignIn()
    token = exchange_code(way(world, wire), SYSTEM, credentials, "CODE", "https://example.com/back", verifier="v" * 43)
    assert wire.form == {
        "client_id": "App_1",
        "client_secret": "s+cr&t",
        "grant_type": "authorization_code",
        "code": "CODE",
        "redirect_uri": "https://example.com/back",
        "code_verifier": "v" * 43,
    }
    assert token.refresh == "new-refresh"


def test_a_consent_without_refresh_token_is_a_set_up_error(world: World, credentials: Credentials) -> None:
    body = {name: value for name, value in GOOD.items() if name != "refresh_token"}
    with pytest.raises(VendorFault, match="offline_access") as caught:
        exchange_code(way(world, SignIn(200, body)), SYSTEM, credentials, "CODE", "https://example.com/back")
    assert caught.value.kind is FaultKind.CONFIGURATION


def jwt(claims: dict[str, object]) -> str:
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "x"}, claims, {})
    )


@pytest.mark.parametrize(
    ("changes", "expires_at"),
    [
        ({}, NOW + timedelta(seconds=3600)),
        ({"expires_in": 120}, NOW + timedelta(seconds=120)),
        ({"expires_in": "120"}, NOW + timedelta(seconds=120)),
        ({"expires_in": None, "access_token": jwt({"exp": 1772460000})}, datetime(2026, 3, 2, 14, 0, tzinfo=UTC)),
        ({"expires_in": None}, NOW),
        ({"expires_in": 0}, NOW),
        ({"expires_in": -5}, NOW),
        ({"expires_in": True}, NOW),
        ({"expires_in": None, "access_token": jwt({})}, NOW),
        ({"expires_in": None, "access_token": jwt({"exp": 10**20})}, NOW),
        ({"expires_in": None, "access_token": "a.!.c"}, NOW),
        ({"expires_in": None, "access_token": "a.b.c"}, NOW),
    ],
)
def test_the_life_of_a_token_is_what_shipbob_states(changes: dict[str, object], expires_at: datetime) -> None:
    assert parse_token({**GOOD, **changes}, NOW).expires_at == expires_at


def test_no_answered_refresh_token_means_the_old_one_stays() -> None:
    assert parse_token({**GOOD, "refresh_token": None}, NOW).refresh is None
    assert parse_token({**GOOD, "refresh_token": ""}, NOW).refresh is None


def test_the_consent_page() -> None:
    system = ShipBobSystem(
        auth="oauth", auth_url="https://authstage.shipbob.com", scopes=("orders_read", "orders_write")
    )
    url = authorize_url(
        system,
        "App_1",
        "https://example.com/back",
        "state&1",
        nonce="n",
        integration_name="ML connector",
        challenge=code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    )
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "authstage.shipbob.com", "/connect/authorize")
    assert parse_qs(parts.query) == {
        "client_id": ["App_1"],
        "redirect_uri": ["https://example.com/back"],
        "response_type": ["code"],
        "response_mode": ["query"],
        "scope": ["orders_read orders_write offline_access"],
        "state": ["state&1"],
        "nonce": ["n"],
        "integration_name": ["ML connector"],
        # the example of RFC 7636, appendix B
        "code_challenge": ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],
        "code_challenge_method": ["S256"],
    }
    assert "+" not in parts.query


def test_the_consent_page_can_be_the_older_one_and_answer_by_form() -> None:
    system = ShipBobSystem(authorize_path="connect/integrate", response_mode="form_post")
    url = authorize_url(system, "App_1", "https://example.com/back", "s")
    assert url.startswith("https://auth.shipbob.com/connect/integrate?")
    assert "response_mode=form_post" in url
    assert url.count("offline_access") == 1
    assert "nonce" not in url
    assert "code_challenge" not in url
