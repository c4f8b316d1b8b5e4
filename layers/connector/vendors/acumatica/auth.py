"""Signing in with OAuth (built-in identity server, form SM303010): consent, token grants, sign-out.

Client Credentials is not offered by the vendor. One access token lives for the time the answer states (an hour); with
offline_access all refreshes share one session. A refused refresh token ends in "connect again", never in a loop:
repeated wrong passwords lock the ERP user.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote, urlencode

from connector.credentials import Credentials
from connector.faults import ConfigurationFault, Executed, FaultKind, VendorFault
from connector.tokens import Token
from connector.transport import Reply, Request, Transport
from vendors.acumatica.faults import VENDOR
from vendors.acumatica.settings import AcumaticaSystem

TOKEN_PATIENCE = 30.0
"""Seconds for one token call; two of them fit into the lease that lets one worker alone renew."""


def check_tenant(connection: str, client_id: str, tenant: str) -> None:
    """Refuses a client id of another tenant: the token carries its tenant, nothing else would show the mistake.

    Raises ConfigurationFault.
    """
    application, at, suffix = client_id.rpartition("@")
    if not at or not application:
        raise ConfigurationFault(
            connection, "client_id must be copied whole from form SM303010, with the tenant behind the @"
        )
    if suffix.lower() != tenant.lower():
        raise ConfigurationFault(
            connection, f"client_id belongs to the tenant {suffix}, the connection to {tenant}; correct one of them"
        )


def code_challenge(verifier: str) -> str:
    """PKCE S256 (RFC 7636): the challenge of a verifier of 43 to 128 characters."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def authorize_url(system: AcumaticaSystem, client_id: str, redirect_uri: str, state: str, challenge: str) -> str:
    """Where a person consents. `state` must come back unchanged; `redirect_uri` must be registered exactly."""
    options = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": system.scope,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{system.base_url}/identity/connect/authorize?{urlencode(options, quote_via=quote)}"


@dataclass(frozen=True)
class IdentityServer:
    """The token endpoint of a connection. `transport` has no authorizer; `fetch` is what `TokenCache` calls."""

    transport: Transport
    system: AcumaticaSystem
    credentials: Credentials

    def fetch(self, previous: Token | None) -> Token:
        """A new token: by refresh token where there is one, else by password if the connection works that way.

        Raises VendorFault (FORBIDDEN, EXPIRED: a person must act) or ConfigurationFault.
        """
        refresh = previous.refresh if previous is not None else None
        if refresh:
            try:
                return self._grant({"grant_type": "refresh_token", "refresh_token": refresh})
            except VendorFault as fault:
                if self.system.auth != "password" or fault.code != "invalid_grant":
                    raise
                self.transport.log.info("refresh token refused, signing in with the password once")
        if self.system.auth != "password":
            text = "nobody has consented yet" if previous is None else "there is no refresh token any more"
            raise VendorFault(VENDOR, FaultKind.EXPIRED, text, Executed.NO, alarm=True)
        return self._sign_in(previous)

    def exchange_code(self, code: str, redirect_uri: str, verifier: str) -> Token:
        """The token for a code that a consent brought back. Raises VendorFault, ConfigurationFault."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return self._grant({**form, "code_verifier": verifier})

    def sign_out(self, token: Token) -> None:
        """Gives the seat of a token's session back at once; without it, it stays taken for up to an hour.

        The token itself stays valid and opens a new session if it is used again. Raises VendorFault.
        """
        headers = {"Authorization": f"Bearer {token.access}"}
        self.transport.send(logout_request(self.system, headers))

    def _sign_in(self, previous: Token | None) -> Token:
        if previous is not None and previous.access and "offline_access" not in self.system.scope.split():
            # Every token of scope `api` has a session of its own; the old one must not keep its licensed seat.
            release_seat(self.transport, logout_request(self.system, {"Authorization": f"Bearer {previous.access}"}))
        secret = self.credentials.read("username", "password")
        form = {"grant_type": "password", "username": secret["username"], "password": secret["password"]}
        token = self._grant({**form, "scope": self.system.scope})
        # "" and not None: a refresh token that was just refused must not be kept.
        return Token(token.access, token.expires_at, token.refresh or "", token.scope)

    def _grant(self, form: Mapping[str, str]) -> Token:
        secret = self.credentials.read("client_id", "client_secret")
        check_tenant(self.credentials.connection, secret["client_id"], self.system.tenant)
        fields = {**form, "client_id": secret["client_id"], "client_secret": secret["client_secret"]}
        # OAuth 2.0 token endpoint, form-encoded. A write: a lost answer may have spent the refresh token.
        request = Request(
            "POST", f"{self.system.base_url}/identity/connect/token", f"token ({form['grant_type']})",
            {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"},
            urlencode(fields).encode("ascii"), TOKEN_PATIENCE, authorize=False, write=True, slot=False,
        )
        return self._token(self.transport.send(request))

    def _token(self, reply: Reply) -> Token:
        try:
            answer = reply.json()
            lifetime = answer["expires_in"]
            access, refresh = answer["access_token"], answer.get("refresh_token")
            seconds = float(lifetime) if isinstance(lifetime, int | Decimal | str) else 0.0
            if not isinstance(access, str) or not access or not 0 < seconds < 10**8:
                raise ValueError("members are missing")
        except (ValueError, KeyError, TypeError, AttributeError):
            # The parser's message may quote the token; it must not travel on.
            message = "the identity server's answer is not a token; is base_url the Acumatica site?"
            raise VendorFault(VENDOR, FaultKind.UNAVAILABLE, message, Executed.MAYBE, status=reply.status) from None
        expires_at = self.transport.clock() + timedelta(seconds=seconds)
        kept = refresh if isinstance(refresh, str) and refresh else None
        return Token(access, expires_at, kept, str(answer.get("scope") or self.system.scope))


def logout_request(system: AcumaticaSystem, headers: Mapping[str, str]) -> Request:
    """Sign Out from the Service. IIS answers 411 to a POST without a body unless its length is stated."""
    return Request(
        "POST", f"{system.base_url}/entity/auth/logout", "logout",
        {"Accept": "application/json", "Content-Length": "0", **headers}, timeout=TOKEN_PATIENCE,
        authorize=False, slot=False,
    )


def release_seat(transport: Transport, request: Request) -> None:
    """Signs out; if that fails the seat frees itself later, and signing in will say whether one is left."""
    try:
        transport.send(request)
    except VendorFault as fault:
        transport.log.warning("could not sign out, the seat stays taken until it idles out", fault=fault.kind.value)
