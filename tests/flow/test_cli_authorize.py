"""A person's consent against both simulators: what is stored, what is refused, and that no secret is shown."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from typer.testing import Result

from cli.failures import Misused, Refused
from cli.operations.listener import wait_for_redirect
from connector.tokens import reconnect_needed
from local.embedded import free_port
from local.simulators import base
from local.simulators.shipbob.oauth import Client
from tests.support.desk import StageDesk
from tests.support.stage import NAME, Stage, document

REDIRECT = "https://localhost:8765/callback"
SCOPES = (
    "channels_read", "inventory_read", "locations_read", "orders_read", "orders_write", "products_read",
    "products_write", "receiving_read", "receiving_write", "returns_read", "returns_write", "tracking_read",
    "webhooks_read", "webhooks_write",
)  # fmt: skip


def prepared(system: str) -> StageDesk:
    """A stage whose connection signs in by consent at one of its systems."""
    stage = Stage()
    raw = document()
    if system == "shipbob":
        raw["systems"]["shipbob"]["auth"] = "oauth"
        client = Client("ExternalApplication_1", "app-secret", (REDIRECT,), frozenset(SCOPES))
        stage.shipbob.oauth.clients[client.id] = client
        members = {"client_id": client.id, "client_secret": client.secret}
    else:
        raw["systems"]["acumatica"]["auth"] = "authorization_code"
        guid = "0F0F0F0F-1111-2222-3333-444444444444"
        arguments = {"guid": guid, "secret": "app-secret", "redirect_uris": [REDIRECT]}
        made = stage.acumatica.command("application", arguments)
        members = {"client_id": made["client_id"], "client_secret": "app-secret"}
    stage.apply(raw)
    stage.world.secrets.write(f"{NAME}/{system}", json.dumps(members))
    return StageDesk(stage)


def browse(desk: StageDesk, url: str) -> str:
    """The person consents: where the browser ends."""
    parts = urlsplit(url)
    simulator = desk.stage.wire.simulators[parts.port or 0]
    reply = simulator.handle(base.Request("GET", parts.path, parts.query))
    assert reply.status == 302, reply.body
    return reply.headers["Location"]


def authorize(desk: StageDesk, system: str, monkeypatch: pytest.MonkeyPatch, change: Any = lambda url: url) -> Result:
    """Types the command, opens the address that it prints, and pastes where the browser ended."""

    class Person:
        """Standard input: what the person pastes after having read the address."""

        def isatty(self) -> bool:
            return False

        def readline(self) -> str:
            return str(change(browse(desk, seen[-1]))) + "\n"

    seen: list[str] = []

    def said(text: str) -> None:
        seen.extend(line for line in text.splitlines() if line.startswith("http"))

    monkeypatch.setattr("cli.commands.accounts.say", said)
    monkeypatch.setattr("cli.commands.accounts.sys", SimpleNamespace(stdin=Person()))
    return desk.run("connections", "authorize", NAME, "--system", system)


def token(desk: StageDesk, system: str) -> Any:
    found = desk.stage.world.secrets.read(f"{NAME}/{system}/token")
    return json.loads(found.current) if found is not None else None


@pytest.fixture(params=["shipbob", "acumatica"])
def system(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_first_refresh_token_is_stored_and_work_goes_on(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = prepared(system)
    assert not {a["system"]: a for a in desk.json("connections", "ping", NAME, codes=[1])}[system]["reached"]
    result = authorize(desk, system, monkeypatch)
    assert result.exit_code == 0, result.output
    kept = token(desk, system)
    assert kept["refresh"]
    for hidden in (kept["refresh"], kept["access"], "app-secret"):
        assert hidden not in result.output
    assert all(answer["reached"] for answer in desk.json("connections", "ping", NAME))


def test_run_again_it_is_the_renewal(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = prepared(system)
    assert authorize(desk, system, monkeypatch).exit_code == 0
    stage = desk.stage
    if system == "shipbob":
        stage.shipbob.oauth.kill_refresh_tokens()
    else:
        stage.acumatica.command("expire_tokens", {"refresh_tokens": True})
    stage.clock.advance(hours=2)
    desk.json("connections", "ping", NAME, codes=[1])
    assert reconnect_needed(stage.process, NAME, system) is not None
    assert system in desk.json("connections", "show", NAME)["reconnect_needed"]
    before = token(desk, system)
    assert authorize(desk, system, monkeypatch).exit_code == 0
    assert token(desk, system)["refresh"] != before["refresh"]
    assert reconnect_needed(stage.process, NAME, system) is None
    assert desk.json("connections", "show", NAME)["reconnect_needed"] == {}
    assert all(answer["reached"] for answer in desk.json("connections", "ping", NAME))


def swapped(url: str, **members: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{urlencode({**dict(parse_qsl(parts.query)), **members})}"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda url: swapped(url, state="somebody-else"), "does not carry the state"),
        (lambda url: url.partition("?")[0], "does not carry the state"),
        (lambda url: swapped(url, code=""), "holds no code"),
        (lambda url: swapped(url, error="access_denied"), "the consent was not given: access_denied"),
        (lambda url: swapped(url, code="0" * 20), ""),
    ],
)
def test_nothing_is_stored_for_what_is_not_this_consent(
    system: str, change: Any, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = prepared(system)
    result = authorize(desk, system, monkeypatch, change)
    assert result.exit_code == 1
    assert words in result.stderr
    assert token(desk, system) is None


def test_a_consent_without_refresh_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = prepared("acumatica")
    for application in desk.stage.acumatica.identity.applications.values():
        application.refresh = "none"
    result = authorize(desk, "acumatica", monkeypatch)
    assert result.exit_code == 1
    assert token(desk, "acumatica") is None


def test_the_address_carries_pkce_and_no_secret(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = prepared(system)
    seen: list[str] = []

    def note(url: str) -> str:
        seen.append(url)
        return url

    assert authorize(desk, system, monkeypatch, note).exit_code == 0
    calls = desk.stage.wire.simulators[7002 if system == "shipbob" else 7001].calls
    asked = next(call for call in calls if call.path.endswith("/connect/authorize"))
    members = dict(parse_qsl(asked.query))
    assert members["code_challenge_method"] == "S256"
    assert len(members["state"]) >= 32
    assert members["redirect_uri"] == REDIRECT
    assert "app-secret" not in asked.query


def test_a_form_post_needs_listen() -> None:
    desk = prepared("shipbob")
    raw = document()
    raw["systems"]["shipbob"] |= {"auth": "oauth", "response_mode": "form_post"}
    desk.stage.apply(raw)
    result = desk.run("connections", "authorize", NAME, "--system", "shipbob", given="")
    assert result.exit_code == 2
    assert "--listen" in result.stderr


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("shipbob", "auth is pat: nobody has to consent"),
        ("acumatica", "auth is password: nobody has to consent"),
        ("ups", "has no system 'ups'; it has acumatica, shipbob"),
    ],
)
def test_where_nobody_has_to_consent(name: str, words: str) -> None:
    result = StageDesk(Stage()).run("connections", "authorize", NAME, "--system", name)
    assert result.exit_code == 1
    assert words in result.stderr


# ---- the listener ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [False, True])
def test_the_listener_takes_the_redirect_once(form: bool) -> None:
    address = f"http://127.0.0.1:{free_port()}/callback"
    encoded = urlencode({"code": "abc", "state": "xyz"})
    answers: list[bytes] = []

    def browser() -> None:
        # A browser asks for its icon first; that is no redirect.
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(address.replace("/callback", "/favicon.ico"), timeout=5)
        target = address if form else f"{address}?{encoded}"
        with urllib.request.urlopen(target, data=encoded.encode() if form else None, timeout=5) as answer:
            answers.append(answer.read())

    thread = threading.Thread(target=browser)
    members = wait_for_redirect(address, thread.start, patience=10)
    thread.join()
    assert members == {"code": "abc", "state": "xyz"}
    assert b"abc" not in answers[0]


def test_the_listener_gives_up() -> None:
    ticks = iter(range(0, 1000, 400))
    with pytest.raises(Refused, match="nobody came back"):
        wait_for_redirect(f"http://localhost:{free_port()}/cb", lambda: None, 300, lambda: float(next(ticks)))


@pytest.mark.parametrize("address", ["https://localhost:8765/cb", "http://example.com:8765/cb", "http://localhost/cb"])
def test_the_listener_opens_a_port_of_this_machine_only(address: str) -> None:
    with pytest.raises(Misused, match="--listen needs"):
        wait_for_redirect(address, lambda: None)
