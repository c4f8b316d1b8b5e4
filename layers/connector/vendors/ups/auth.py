"""UPS's OAuth client credentials: one token for all workers of a connection, for as long as the answer says.

Page "OAuth Client Credentials": credentials in the Basic header, never in the body; the endpoint is not below /api.
Tokens lived four hours until 2026-03-31, one hour since: only the stated lifetime counts. There is no refresh token;
the same call brings the next token. UPS has a daily quota of token calls and answers 429 beyond it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connector.credentials import Credentials
from connector.faults import Executed, FaultKind, VendorFault
from connector.tokens import Fetch, Token
from connector.transport import Request, Transport
from vendors.token_answers import access_token, lifetime
from vendors.ups.faults import VENDOR
from vendors.ups.settings import UpsSystem

PURPOSE = "sign-in"
PATIENCE = 30.0
"""Seconds for one token call: the lease on the refresh must outlive it."""


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
    scope = document.get("scope")
    expires_at = now + lifetime(document)
    return Token(access_token(document), expires_at, refresh=None, scope=scope if isinstance(scope, str) else "")
