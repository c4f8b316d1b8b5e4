"""The OAuth server: `/connect/authorize`, `/connect/integrate` and `/connect/token` (authorization code only).

The person's consent is given at once. Access tokens last 3600 seconds; every refresh answers a new refresh token and
kills the old one; a refresh token that is not used for 30 days is dead. Credentials belong in the form body.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from local.simulators.base import Reply, Request, json_reply
from local.simulators.shipbob.gateway import Gate
from local.simulators.shipbob.problems import Rejection, not_found
from local.simulators.shipbob.records import Channel
from local.simulators.shipbob.world import World

ACCESS_SECONDS = 3600
CODE_LIFE = timedelta(minutes=2)
IDLE_LIFE = timedelta(days=30)
EXTRA_SCOPES = frozenset({"offline_access", "openid"})


@dataclass(frozen=True)
class Client:
    """A registered OAuth application."""

    id: str
    secret: str
    redirect_uris: tuple[str, ...]
    scopes: frozenset[str]


@dataclass(frozen=True)
class Grant:
    """One consent: a code until it is exchanged, then a chain of refresh tokens."""

    client_id: str
    redirect_uri: str
    scope: tuple[str, ...]
    channel_id: int
    challenge: str | None
    nonce: str | None
    code_until: datetime
    used: bool = False


def _refused(world: World, error: str) -> Rejection:
    return Rejection(json_reply(world.switches.oauth_error_status, {"error": error}))


def _jwt(claims: dict[str, Any]) -> str:
    """Three base64url parts like a JWT; the last is a digest, no key is involved."""
    parts = [{"alg": "RS256", "typ": "at+jwt"}, claims]
    head = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return f"{head}.{base64.urlsafe_b64encode(hashlib.sha256(head.encode()).digest()).decode().rstrip('=')}"


class OAuthServer:
    """Clients, grants and refresh tokens of the simulated authorization server."""

    def __init__(self, world: World, gate: Gate) -> None:
        self._world = world
        self._gate = gate
        self.clients: dict[str, Client] = {}
        self._grants: dict[str, Grant] = {}  # by code
        self._refresh: dict[str, tuple[str, datetime]] = {}  # live refresh token -> (code, last use)
        self._dead: dict[str, str] = {}  # used refresh token -> code
        self._tokens: dict[str, list[str]] = {}  # code -> access tokens
        self._count = 0

    def handle(self, request: Request) -> Reply:
        """Answers a request below `/connect/`."""
        if request.method == "GET" and request.path in ("/connect/authorize", "/connect/integrate"):
            return self._authorize(dict(request.parameters()))
        if request.method == "POST" and request.path == "/connect/token":
            return self._token(request)
        raise not_found()

    def _authorize(self, asked: Mapping[str, str]) -> Reply:
        client = self.clients.get(asked.get("client_id", ""))
        target = asked.get("redirect_uri", "")
        if client is None or target not in client.redirect_uris:
            return Reply(400, {"Content-Type": "text/plain"}, b"unauthorized_client: unknown client_id or redirect_uri")
        scope = tuple(asked.get("scope", "").split())
        mode = asked.get("response_mode", "fragment")
        answered = {"state": asked["state"]} if "state" in asked else {}
        if asked.get("response_type", "code") != "code" or mode not in ("query", "fragment", "form_post"):
            return _send_back(target, "query", {"error": "invalid_request", **answered})
        if not scope or set(scope) - client.scopes - EXTRA_SCOPES:
            return _send_back(target, mode, {"error": "invalid_scope", **answered})
        if asked.get("code_challenge_method", "S256") != "S256":
            return _send_back(target, mode, {"error": "invalid_request", **answered})
        name = asked.get("integration_name") or client.id
        channel = self._install(client, name, scope)
        code = self._secret("code").upper()
        until = self._world.now() + CODE_LIFE
        self._grants[code] = Grant(
            client.id, target, scope, channel.id, asked.get("code_challenge"), asked.get("nonce"), until
        )
        return _send_back(
            target, mode, {"code": code, "scope": " ".join(scope), "session_state": self._secret("state"), **answered}
        )

    def _install(self, client: Client, name: str, scope: tuple[str, ...]) -> Channel:
        """The channel of the installation: made once per application, its scopes follow the newest consent."""
        known = next(
            (channel for channel in self._world.channels.values() if channel.application_name == client.id), None
        )
        number = known.id if known else self._world.number("channel")
        channel = Channel(number, name, client.id, tuple(word for word in scope if word not in EXTRA_SCOPES))
        self._world.channels[number] = channel
        return channel

    def _secret(self, kind: str) -> str:
        self._count += 1
        return hashlib.sha256(f"shipbob/{kind}/{self._count}".encode()).hexdigest()

    def _token(self, request: Request) -> Reply:
        kind = (request.header("Content-Type") or "").split(";")[0].strip().lower()
        if kind != "application/x-www-form-urlencoded" or request.query:
            raise _refused(self._world, "invalid_request")
        if request.header("Authorization") is not None:
            raise _refused(self._world, "invalid_client")
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        client = self.clients.get(form.get("client_id", ""))
        if client is None or client.secret != form.get("client_secret"):
            raise _refused(self._world, "invalid_client")
        if form.get("grant_type") == "authorization_code":
            return self._exchange(client, form)
        if form.get("grant_type") == "refresh_token":
            return self._renew(client, form.get("refresh_token", ""))
        raise _refused(self._world, "unsupported_grant_type")

    def _exchange(self, client: Client, form: Mapping[str, str]) -> Reply:
        code = form.get("code", "")
        grant = self._grants.get(code)
        fits = grant is not None and grant.client_id == client.id and grant.redirect_uri == form.get("redirect_uri")
        if grant is None or not fits or grant.used or self._world.now() >= grant.code_until or not _proven(grant, form):
            raise _refused(self._world, "invalid_grant")
        self._grants[code] = replace(grant, used=True)
        return self._issue(code)

    def _renew(self, client: Client, token: str) -> Reply:
        if token in self._dead and self._world.switches.refresh_reuse_kills_family:
            family = self._dead[token]
            self._refresh = {key: entry for key, entry in self._refresh.items() if entry[0] != family}
        code, last_used = self._refresh.get(token, ("", None))
        alive = last_used is not None and self._world.now() - last_used < IDLE_LIFE
        if not alive or self._grants[code].client_id != client.id:
            raise _refused(self._world, "invalid_grant")
        del self._refresh[token]
        self._dead[token] = code
        return self._issue(code)

    def _issue(self, code: str) -> Reply:
        grant, now = self._grants[code], self._world.now()
        expires = now + timedelta(seconds=ACCESS_SECONDS)
        claims = {
            "client_id": grant.client_id,
            "scope": list(grant.scope),
            "exp": int(expires.timestamp()),
            "jti": self._secret("jti"),
        }
        access = _jwt(claims)
        self._gate.admit(access, f"{self._world.user_id}/{grant.client_id}", grant.channel_id, grant.scope, expires)
        self._tokens.setdefault(code, []).append(access)
        document: dict[str, Any] = {
            "access_token": access,
            "expires_in": ACCESS_SECONDS,
            "token_type": "Bearer",
            "scope": " ".join(grant.scope),
        }
        if "openid" in grant.scope:
            document["id_token"] = _jwt({"aud": grant.client_id, "nonce": grant.nonce})
        if "offline_access" in grant.scope:
            document["refresh_token"] = refresh = self._secret("refresh").upper() + "-1"
            self._refresh[refresh] = (code, now)
        return json_reply(200, document)

    def expire_access_tokens(self) -> int:
        """Kills every access token at once; refresh tokens live on."""
        return self._gate.expire([token for tokens in self._tokens.values() for token in tokens])

    def kill_refresh_tokens(self) -> int:
        """Kills every refresh token, as 30 idle days do; answers how many."""
        killed, self._refresh = len(self._refresh), {}
        return killed


def _proven(grant: Grant, form: Mapping[str, str]) -> bool:
    if grant.challenge is None:
        return True
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") == grant.challenge


def _send_back(target: str, mode: str, values: Mapping[str, str]) -> Reply:
    """Sends the browser back: in the query, in the fragment (the default), or as a form that posts itself."""
    if mode == "form_post":
        fields = "".join(
            f'<input type="hidden" name="{html.escape(k)}" value="{html.escape(v)}"/>' for k, v in values.items()
        )
        form = f'<form method="post" action="{html.escape(target)}">{fields}</form>'
        page = f'<html><body onload="document.forms[0].submit()">{form}</body></html>'
        return Reply(200, {"Content-Type": "text/html; charset=utf-8"}, page.encode())
    return Reply(302, {"Location": f"{target}{'?' if mode == 'query' else '#'}{urlencode(values)}"}, b"")
