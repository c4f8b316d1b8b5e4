"""ShipBob's OAuth 2.0: a person consents once, then a rotating refresh token keeps the connection alive.

Authentication page: authorization code only; form body, credentials in the body; access tokens live for an hour;
every refresh answers a new refresh token and kills the old one; 30 days without a refresh end the connection.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from connector.credentials import Credentials
from connector.faults import Executed, FaultKind, VendorFault
from connector.instants import Clock
from connector.tokens import Fetch, Token
from connector.transport import Reply, Request, Transport
from vendors.shipbob.faults import VENDOR, classify, describe
from vendors.shipbob.settings import ShipBobSystem

_PURPOSE = "sign-in"


def token_faults(request: Request, reply: Reply, now: datetime) -> VendorFault | None:
    """The fault table of the token endpoint. An `error` member counts even when HTTP reports success."""
    error = _error_of(reply)
    if error is None:
        return classify(request, reply, now)
    kind = FaultKind.EXPIRED if error == "invalid_grant" else FaultKind.CONFIGURATION
    advice = {
        "invalid_grant": "the code or refresh token is used up, expired or revoked; a person must authorize again",
        "invalid_client": "client id and client secret do not fit; correct the secret",
        "unauthorized_client": "the app is not allowed to do this; look at its settings in ShipBob",
        "invalid_scope": "the app is not registered for one of the scopes; shorten `scopes` in the connection",
    }.get(error, "ShipBob did not accept the request")
    return VendorFault(
        VENDOR, kind, f"{_PURPOSE}: {advice} ({describe(reply)})", Executed.NO, reply.status, error, alarm=True
    )


def _error_of(reply: Reply) -> str | None:
    if reply.status >= 500 or reply.status in (408, 429):
        return None
    try:
        document = reply.json()
    except ValueError:
        return None
    error = document.get("error") if isinstance(document, Mapping) else None
    return error if isinstance(error, str) and error else None


def authorize_url(
    system: ShipBobSystem,
    client_id: str,
    redirect_uri: str,
    state: str,
    *,
    nonce: str | None = None,
    integration_name: str | None = None,
    challenge: str | None = None,
) -> str:
    """The consent page to open in a browser. `redirect_uri` must equal the registered one; verify the returned `state`.

    offline_access is always asked for: without it there is no refresh token and the connection ends after an hour.
    """
    query = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "response_mode": system.response_mode,
        "scope": " ".join(dict.fromkeys([*system.scopes, "offline_access"])),
        "state": state,
    }
    if nonce is not None:
        query["nonce"] = nonce
    if integration_name is not None:
        query["integration_name"] = integration_name
    if challenge is not None:
        query |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    return f"{system.auth_url}/{system.authorize_path.strip('/')}?{urlencode(query, quote_via=quote)}"


def code_challenge(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier (RFC 7636)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).decode("ascii").rstrip("=")


def exchange_code(
    transport: Transport,
    system: ShipBobSystem,
    credentials: Credentials,
    code: str,
    redirect_uri: str,
    *,
    verifier: str | None = None,
) -> Token:
    """Turns the code of the consent (single use, about 2 minutes) into the first token. Raises VendorFault."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    if verifier is not None:
        form["code_verifier"] = verifier
    token = _ask(transport, system, credentials, form)
    if not token.refresh:
        text = f"{_PURPOSE}: the consent brought no refresh token; the app must be allowed to ask for offline_access"
        raise VendorFault(VENDOR, FaultKind.CONFIGURATION, text, Executed.NO)
    return token


def refresher(transport: Transport, system: ShipBobSystem, credentials: Credentials) -> Fetch:
    """The fetch function of `connector.tokens.TokenCache`: one refresh with the newest refresh token."""

    def fetch(previous: Token | None) -> Token:
        if previous is None or not previous.refresh:
            text = f"{_PURPOSE}: nobody has authorized this connection yet, or its refresh token is lost"
            raise VendorFault(VENDOR, FaultKind.EXPIRED, text, Executed.NO, alarm=True)
        form = {"grant_type": "refresh_token", "refresh_token": previous.refresh}
        return _ask(transport, system, credentials, form)

    return fetch


def _ask(transport: Transport, system: ShipBobSystem, credentials: Credentials, form: Mapping[str, str]) -> Token:
    secret = credentials.read("client_id", "client_secret")
    body = {"client_id": secret["client_id"], "client_secret": secret["client_secret"], **form}
    request = Request(
        "POST",
        f"{system.auth_url}/connect/token",
        _PURPOSE,
        {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
        urlencode(body).encode("ascii"),
        timeout=min(system.timeout_seconds, 30.0),  # the lease on the refresh must outlive the call
        authorize=False,
        write=True,  # a lost answer may have killed the refresh token that we hold
        slot=False,
    )
    return _parsed(transport.send(request), transport.clock)


def _parsed(reply: Reply, clock: Clock) -> Token:
    try:
        return parse_token(reply.json(), clock())
    except ValueError as error:
        text = f"{_PURPOSE}: the answer cannot be read ({error})"
        raise VendorFault(VENDOR, FaultKind.UNAVAILABLE, text, Executed.MAYBE, reply.status, alarm=True) from None


def parse_token(document: Any, now: datetime) -> Token:
    """The token of an answer. Its life is what ShipBob states: `expires_in`, else the `exp` of the access token itself.

    With neither it counts as expired after its first use: better a refresh too many than a guess, and the refresh
    token in the same answer must not be lost. Raises ValueError without an access token; texts repeat no values.
    """
    if not isinstance(document, Mapping):
        raise ValueError("not an object")
    access, refresh, scope = document.get("access_token"), document.get("refresh_token"), document.get("scope")
    if not isinstance(access, str) or not access:
        raise ValueError("no access_token")
    stated = _seconds(document.get("expires_in"))
    expires_at = now + stated if stated is not None else _expiry_of(access) or now
    return Token(
        access=access,
        expires_at=expires_at,
        refresh=refresh if isinstance(refresh, str) and refresh else None,
        scope=scope if isinstance(scope, str) else "",
    )


def _seconds(value: object) -> timedelta | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9:
        return timedelta(seconds=value)
    return None


def _expiry_of(access: str) -> datetime | None:
    """The `exp` claim of a JWT, unverified: it only says when to renew."""
    parts = access.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (ValueError, KeyError, TypeError, OverflowError, OSError):  # not a JWT after all: no statement
        return None
