"""Signing in with the legacy cookie login. The vendor has announced its removal; use OAuth where possible.

The cookies of a login are kept like a token: one login for all workers, renewed before the session idles out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

from connector.bearer import Renewable
from connector.credentials import Credentials
from connector.faults import Executed, FaultKind, VendorFault
from connector.tokens import Token
from connector.transport import Reply, Request, Transport, with_headers
from vendors.acumatica.auth import TOKEN_PATIENCE, logout_request, release_seat
from vendors.acumatica.faults import VENDOR
from vendors.acumatica.settings import AcumaticaSystem


@dataclass(frozen=True)
class CookieLogin:
    """The login endpoint. `fetch` is what `TokenCache` calls; the token's `access` is the Cookie header."""

    transport: Transport
    system: AcumaticaSystem
    credentials: Credentials

    def fetch(self, previous: Token | None) -> Token:
        """Signs the old session out, so that it keeps no licensed seat, and a new one in. Raises VendorFault."""
        if previous is not None and previous.access:
            release_seat(self.transport, logout_request(self.system, {"Cookie": previous.access}))
        secret = self.credentials.read("username", "password")
        # The tenant is always named: without it a site with several tenants takes the default one silently.
        login = {"name": secret["username"], "password": secret["password"], "tenant": self.system.tenant}
        if self.system.branch:
            login["branch"] = self.system.branch
        # Sign In to the Service: 204 with cookies, all of which must be sent back.
        request = Request(
            "POST", f"{self.system.base_url}/entity/auth/login", "login",
            {"Accept": "application/json", "Content-Type": "application/json"}, json.dumps(login).encode(),
            TOKEN_PATIENCE, authorize=False, write=True, slot=False,
        )
        cookies = read_cookies(self.transport.send(request))
        ends = self.transport.clock() + timedelta(minutes=self.system.cookie_idle_minutes)
        return Token(cookies, ends, "")

    def sign_out(self, token: Token) -> None:
        """Ends the session and frees its seat. Raises VendorFault."""
        self.transport.send(logout_request(self.system, {"Cookie": token.access}))


@dataclass(frozen=True)
class CookieAuthorizer:
    """Puts the session's cookies on a request; implements `connector.transport.Authorizer`."""

    cache: Renewable

    def apply(self, request: Request) -> Request:
        """The request with the cookies."""
        return with_headers(request, {"Cookie": self.cache.current().access})

    def renew(self, rejected: Request) -> bool:
        """Signs in anew, at most once for all workers."""
        return self.cache.renew(rejected.headers["Cookie"])


def read_cookies(reply: Reply) -> str:
    """The Cookie header for the cookies of a login answer. Raises VendorFault when it set none.

    Several Set-Cookie headers arrive joined by line breaks. Attributes (path, expiry) do not matter for one site.
    """
    pairs: dict[str, str] = {}
    for line in reply.headers.get("set-cookie", "").splitlines():
        name, equals, value = line.partition(";")[0].partition("=")
        if equals and name.strip() and value.strip():
            pairs[name.strip()] = value.strip()
    if not pairs:
        message = "the login answered without cookies; is base_url the Acumatica site?"
        raise VendorFault(VENDOR, FaultKind.UNAVAILABLE, message, Executed.MAYBE, status=reply.status)
    return "; ".join(f"{name}={value}" for name, value in pairs.items())
