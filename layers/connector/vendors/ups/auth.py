"""UPS's OAuth client credentials: one token for all workers of a connection, for as long as the answer says.

Page "OAuth Client Credentials": credentials in the Basic header, never in the body; the endpoint is not below /api.
Tokens lived four hours until 2026-03-31, one hour since: only the stated lifetime counts. There is no refresh token;
the same call brings the next token. UPS has a daily quota of token calls and answers 429 beyond it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connector.credentials import Credentials
from connector.faults import Executed, FaultKind, VendorFault
from connector.tokens import Fetch, Token
from connector.transport import Reply, Request, Transport
from vendors.ups.faults import VENDOR
from vendors.ups.settings import UpsSystem

DEFAULT_LIFETIME = timedelta(hours=1)
"""Where the answer states none that can be read."""

PURPOSE = "sign-in"
PATIENCE = 30.0
"""Seconds for one token call: the lease on the refresh must outlive it."""


@dataclass(frozen=True)
class OpenGate:
    """No call budget: tokens have a quota of their own, and a worker that waits for one must not spend two budgets."""

    def enter(self, request: Request) -> None:
        """Always free."""

    def ready(self) -> None:
        """Always."""

    def learn(self, reply: Reply, fault: VendorFault | None) -> None:
        """Nothing to learn."""


def token_fetcher(transport: Transport, system: UpsSystem, credentials: Credentials) -> Fetch:
    """The fetch function of `connector.tokens.TokenCache`. It raises VendorFault or ConfigurationFault."""

    def fetch(previous: Token | None) -> Token:
        reply = transport.send(token_request(system, credentials))
        try:
            return parse_token(reply.json(), transport.clock())
        except ValueError as error:
            text = f"{PURPOSE}: the answer cannot be read ({error})"
            raise VendorFault(VENDOR, FaultKind.UNAVAILABLE, text, Executed.NO, reply.status, alarm=True) from None

    return fetch


def token_request(system: UpsSystem, credentials: Credentials) -> Request:
    """The token call. Raises ConfigurationFault when the secret lacks `client_id` or `client_secret`."""
    secret = credentials.read("client_id", "client_secret")
    return Request(
        "POST",
        f"{system.host}/security/v1/oauth/token",
        PURPOSE,
        {
            "Authorization": basic(secret["client_id"].strip(), secret["client_secret"].strip()),
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
            "x-merchant-id": system.account_number,
        },
        b"grant_type=client_credentials",
        timeout=min(system.timeout_seconds, PATIENCE),
        authorize=False,
        slot=False,
    )


def basic(client_id: str, client_secret: str) -> str:
    """The Basic header: `CLIENTID:CLIENTSECRET` gives `Basic Q0xJRU5USUQ6Q0xJRU5UU0VDUkVU`."""
    return "Basic " + base64.b64encode(f"{client_id}:{client_secret}".encode()).decode("ascii")


def parse_token(document: Any, now: datetime) -> Token:
    """The token of an answer, its end counted from now: `issued_at` is UPS's clock. Raises ValueError."""
    if not isinstance(document, Mapping):
        raise ValueError("not an object")
    access, scope = document.get("access_token"), document.get("scope")
    if not isinstance(access, str) or not re.fullmatch(r"[\x21-\x7e]+", access):
        raise ValueError("no access_token that fits into a header")
    lifetime = _seconds(document.get("expires_in")) or DEFAULT_LIFETIME
    return Token(access, now + lifetime, refresh=None, scope=scope if isinstance(scope, str) else "")


def _seconds(value: object) -> timedelta | None:
    """UPS sends every value as text: "3599"."""
    if isinstance(value, str) and re.fullmatch(r"\s*\d{1,8}\s*", value, re.ASCII):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**8:
        return timedelta(seconds=value)
    return None
