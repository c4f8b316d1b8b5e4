"""The token endpoint: client credentials in a Basic header, a form body, string values, a daily quota, a lock.

`POST /security/v1/oauth/token`; it is not below `/api`. The daily quota exists but its number is not published; that
many wrong secrets in a row lock an application is this simulator's own strictness, so that nobody loops.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections import defaultdict, deque
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from local.simulators.base import Reply, Request, json_reply
from local.simulators.ups.gateway import BLOCKED, Client, Gate
from local.simulators.ups.problems import TOO_MANY, Rejection, refuse
from local.simulators.ups.world import World

TOKEN_PATH = "/security/v1/oauth/token"
DAY = timedelta(days=1)
_ALLOWED = {"grant_type"}


class TokenServer:
    """Issues tokens for one host; another host's tokens are unknown here."""

    def __init__(self, world: World, gate: Gate, host: str) -> None:
        self._world = world
        self._gate = gate
        self._host = host
        self._issued: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self._locked: dict[str, datetime] = {}

    def handle(self, request: Request) -> Reply:
        """Answers one request to the token endpoint."""
        if request.method != "POST":
            raise refuse(405, "405", "Method not allowed")
        client = self._authenticate(request)
        self._read_form(request)
        if client.blocked:
            raise refuse(403, BLOCKED, "Blocked Merchant")
        self._spend(client)
        return self._issue(client)

    def _authenticate(self, request: Request) -> Client:
        scheme, _, given = (request.header("Authorization") or "").partition(" ")
        if scheme != "Basic":
            raise refuse(401, "10400", "Invalid/Missing Authorization Header")
        try:
            name, colon, secret = base64.b64decode(given, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise refuse(401, "10400", "Invalid/Missing Authorization Header") from error
        client = self._gate.clients.get(name)
        if client is None or not colon:
            raise refuse(401, "10401", "ClientId is Invalid")
        self._judge_secret(client, secret)
        return client

    def _judge_secret(self, client: Client, secret: str) -> None:
        now, failures = self._world.now(), self._world.counters.failed_logins
        if self._locked.get(client.id, now) > now:
            raise refuse(403, BLOCKED, "Blocked Merchant")
        if hmac.compare_digest(client.secret.encode(), secret.encode()):
            failures.pop(client.id, None)
            return
        failures[client.id] = failures.get(client.id, 0) + 1
        limit = self._world.switches.lock_after_failures
        if limit and failures[client.id] >= limit:
            self._locked[client.id] = now + timedelta(seconds=self._world.switches.lock_seconds)
            failures.pop(client.id)
        raise refuse(401, "10401", "ClientId is Invalid")

    def _read_form(self, request: Request) -> None:
        kind = (request.header("Content-Type") or "").split(";")[0].strip().lower()
        merchant = request.header("x-merchant-id")
        form = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        if kind != "application/x-www-form-urlencoded" or dict(form).get("grant_type") != "client_credentials":
            raise refuse(400, "10400", "Invalid request: a form with grant_type=client_credentials is wanted")
        if merchant is not None and not re.fullmatch(r"[0-9A-Z]{6}", merchant):
            self._violation(request, "x-merchant-id: an account number has 6 characters")
        strangers = [name for name, _ in form if name not in _ALLOWED] + [name for name, _ in request.parameters()]
        if strangers or len(form) > 1:
            self._violation(request, f"unknown or repeated members {strangers or [name for name, _ in form]}")

    def _violation(self, request: Request, text: str) -> None:
        """What UPS would ignore: written down and refused under the strict option."""
        if not self._world.switches.strict:
            return
        self._world.strict_violations.append(f"{request.method} {request.path}: {text}")
        raise refuse(400, "10400", f"Invalid request: {text}")

    def _spend(self, client: Client) -> None:
        now, issued = self._world.now(), self._issued[client.id]
        while issued and issued[0] <= now - DAY:
            issued.popleft()
        if len(issued) >= self._world.switches.tokens_per_day:
            raise Rejection(
                json_reply(429, {"response": {"errors": [{"code": TOO_MANY, "message": "Quota Limit Exceeded"}]}})
            )
        issued.append(now)

    def _issue(self, client: Client) -> Reply:
        now, tokens = self._world.now(), self._world.counters.tokens
        tokens[client.id] = tokens.get(client.id, 0) + 1
        seed = f"{self._host}/{client.id}/{self._world.number('token')}".encode()
        parts = (hashlib.sha512(seed + bytes([part])).hexdigest() for part in range(9))
        token = f"eyJraWQi.{''.join(parts)}"  # opaque, more than a kilobyte
        seconds = self._world.switches.token_seconds
        self._gate.tokens[token] = (client.id, now + timedelta(seconds=seconds))
        document = {
            "token_type": "Bearer",
            "issued_at": str(int(now.timestamp() * 1000)),
            "client_id": client.id,
            "access_token": token,
            "expires_in": str(seconds),
            "status": "approved",
        }
        return json_reply(200, document)
