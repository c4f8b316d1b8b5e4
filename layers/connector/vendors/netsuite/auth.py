"""NetSuite's OAuth 2.0 client credentials with a certificate: a signed assertion buys a token for an hour.

Page "POST Request to the Token Endpoint and the Access Token Response": form body, no Authorization header, audience
is the token address itself, `exp` less than an hour after `iat`. RS256 is not accepted any more. There is no refresh
token: the next assertion brings the next token. Secret `<connection>/netsuite`: {"client_id",
"private_key", "certificate"}.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from connector.credentials import Credentials
from connector.faults import ConfigurationFault, Executed, FaultKind, VendorFault
from connector.instants import epoch_seconds
from connector.tokens import Fetch, Token
from connector.transport import Request, Transport
from vendors.netsuite.certificates import certificate_id
from vendors.netsuite.faults import VENDOR
from vendors.netsuite.settings import NetSuiteSystem
from vendors.token_answers import access_token, lifetime

PURPOSE = "sign-in"
ASSERTION_LIFE = timedelta(minutes=5)
PATIENCE = 30.0
"""Seconds for one token call: the lease on the refresh must outlive it."""

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True)
class SignIn:
    """What an assertion is made of."""

    client_id: str
    key_id: str
    private_key: str = field(repr=False)


def sign_in(credentials: Credentials) -> SignIn:
    """The secret's members, checked. Raises ConfigurationFault."""
    secret = credentials.read("client_id")
    key, certificate = secret.get("private_key", "").strip(), secret.get("certificate", "").strip()
    stated = secret.get("certificate_id", "").strip()
    if not key:
        raise _fault(credentials, "lacks 'private_key'")
    if not certificate and not stated:
        raise _fault(credentials, "needs 'certificate' (or its id from NetSuite's list as 'certificate_id')")
    computed = _id_of(credentials, certificate) if certificate else stated
    if stated and stated != computed:
        # The most usual mistake of a set-up: another certificate was uploaded than the one whose key is here.
        why = f"has certificate_id {stated}, but its certificate has the id {computed}: which one was uploaded?"
        raise _fault(credentials, why)
    return SignIn(secret["client_id"].strip(), computed, key)


def _id_of(credentials: Credentials, certificate: str) -> str:
    try:
        return certificate_id(certificate)
    except ValueError:
        raise _fault(credentials, "has a 'certificate' that is no PEM certificate") from None


def _fault(credentials: Credentials, what: str) -> ConfigurationFault:
    return ConfigurationFault(
        credentials.connection,
        f"the secret {credentials.name!r} {what}. Make one with `ml-connector netsuite certificate "
        f"{credentials.connection}`; work that waits for it continues by itself.",
        ("secret", f"{credentials.name}@{credentials.version() or 'none'}"),
    )


def assertion(system: NetSuiteSystem, signing: SignIn, now: datetime, identifier: str) -> str:
    """The signed assertion. Raises ValueError when the key does not suit the algorithm."""
    import jwt  # imports cryptography: only the worker that renews the token pays for it

    claims = {
        "iss": signing.client_id,
        "scope": ["rest_webservices"],
        "aud": system.token_url,
        "iat": epoch_seconds(now),
        "exp": epoch_seconds(now + ASSERTION_LIFE),
        "jti": identifier,
    }
    try:
        return jwt.encode(claims, signing.private_key, system.algorithm, {"kid": signing.key_id, "typ": "JWT"})
    except (ValueError, TypeError, jwt.PyJWTError):
        # The library's words may quote the key.
        raise ValueError(f"the private key cannot sign with {system.algorithm}") from None


def token_fetcher(transport: Transport, system: NetSuiteSystem, credentials: Credentials) -> Fetch:
    """The fetch function of `connector.tokens.TokenCache`. It raises VendorFault or ConfigurationFault."""

    def fetch(previous: Token | None) -> Token:
        signing = sign_in(credentials)
        try:
            signed = assertion(system, signing, transport.clock(), str(uuid.uuid4()))
        except ValueError as error:
            raise _fault(credentials, f"cannot be used: {error}") from None
        reply = transport.send(token_request(system, signed))
        try:
            return parse_token(reply.json(), transport.clock())
        except ValueError as error:
            text = f"{PURPOSE}: the answer cannot be read ({error})"
            raise VendorFault(VENDOR, FaultKind.UNAVAILABLE, text, Executed.NO, reply.status, alarm=True) from None

    return fetch


def token_request(system: NetSuiteSystem, signed: str) -> Request:
    """The token call."""
    form = {
        "grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": signed,
    }  # fmt: skip
    return Request(
        "POST",
        system.token_url,
        PURPOSE,
        {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
        urlencode(form).encode("ascii"),
        timeout=min(system.timeout_seconds, PATIENCE),
        authorize=False,
        slot=False,
    )


def parse_token(document: Any, now: datetime) -> Token:
    """The token of an answer, its end counted from now. Raises ValueError."""
    if not isinstance(document, Mapping):
        raise ValueError("not an object")
    return Token(access_token(document), now + lifetime(document), refresh=None)
