"""Who may come in: bearer or cookies to a session, legacy login and logout, and what is open to everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local.simulators.acumatica.contract import LISTED_VERSIONS
from local.simulators.acumatica.errors import Fault, bad_request, server_error
from local.simulators.acumatica.identity import Identity
from local.simulators.acumatica.sessions import AUTH_COOKIE, SESSION_COOKIE, Session, Sessions, cookies_of
from local.simulators.acumatica.world import World
from local.simulators.base import Reply, Request, json_reply


@dataclass(frozen=True)
class Access:
    """The door of one tenant."""

    world: World
    tenant: str
    identity: Identity
    sessions: Sessions

    def authenticate(self, request: Request) -> tuple[Session, dict[str, str]]:
        """The session of a request and the cookies to set; raises 401, or the login-limit error.

        Scope `api`: one session per token. With `offline_access`: one over all refreshes. `api:concurrent_access`:
        one per cookie jar, so a client that drops its cookies opens a new session with every call.
        """
        now = self.world.clock()
        denied = frozenset(self.world.reference.denied_forms)
        scheme, _, value = (request.header("Authorization") or "").partition(" ")
        if scheme.lower() != "bearer":
            session = self.sessions.by_cookies(request)
            if session is None:
                raise Fault(401)
            session.used_at = now
            return session, {}
        token = self.identity.bearer(value.strip())
        if not token.scopes & {"api", "api:concurrent_access"}:
            raise Fault(403, {"message": "The scope 'api' is missing."})
        if "api:concurrent_access" in token.scopes:
            given = cookies_of(request).get(SESSION_COOKIE, "")
            known = given in self.sessions.open
            key = given if known else self.sessions.token()
            session = self.sessions.use(key, token.user, now, denied)
            return session, {} if known else {"Set-Cookie": f"{SESSION_COOKIE}={key}; path=/; HttpOnly"}
        if "offline_access" in token.scopes:
            return self.sessions.use(f"grant {token.grant}", token.user, now, denied), {}
        return self.sessions.use(f"token {token.value}", token.user, now, denied, ends_at=token.expires_at), {}

    def login(self, request: Request) -> Reply:
        """POST /entity/auth/login: 204 and two cookies, both of which must come back."""
        try:
            asked = request.json()
        except ValueError as error:
            raise bad_request(f"The body is not JSON: {error}") from error
        if not isinstance(asked, dict):
            raise bad_request("The body must be one JSON object.")
        tenant = str(asked.get("tenant") or asked.get("company") or self.tenant)
        if self.world.switches.multi_tenant and tenant.lower() != self.tenant.lower():
            text = "A proper company ID cannot be determined for the request."
            raise server_error(text, "PX.Data.PXUndefinedCompanyException")
        user = self.identity.check_password(str(asked.get("name", "")), str(asked.get("password", "")))
        if user is None:
            raise server_error("Invalid credentials. Please try again.")
        session = self.sessions.login(user.name, self.world.clock(), frozenset(self.world.reference.denied_forms))
        # Two cookies need two header lines; names that differ in letter case keep both in a mapping.
        cookies = {
            "Set-Cookie": f"{SESSION_COOKIE}={session.key}; path=/; HttpOnly",
            "set-cookie": f"{AUTH_COOKIE}={session.auth_cookie}; path=/; HttpOnly",
        }
        return Reply(204, cookies)

    def logout(self, request: Request) -> Reply:
        """Always 204, also for nobody. Frees the seat; a bearer stays good and opens a new session when used again."""
        session = self.sessions.by_cookies(request)
        value = (request.header("Authorization") or "").partition(" ")[2].strip()
        token = self.identity.tokens.get(value)
        keys = [session.key] if session else []
        if token is not None:
            keys += [f"token {value}", f"grant {token.grant}"]
            if "api:concurrent_access" in token.scopes:
                keys.append(cookies_of(request).get(SESSION_COOKIE, ""))
        for key in keys:
            self.sessions.close(key)
        return Reply(204)


def endpoints(base_path: str, build: str, *, as_array: bool) -> Any:
    """GET /entity, open to everybody: build and endpoints; old builds answered the bare rows."""
    names = [("Default", version) for version in LISTED_VERSIONS]
    names.insert(1, ("eCommerce", "20.200.001"))
    rows = [
        {"name": name, "version": version, "href": f"{base_path}/entity/{name}/{version}/"} for name, version in names
    ]
    if as_array:
        return rows
    return {"version": {"acumaticaBuildVersion": build, "databaseVersion": build}, "endpoints": rows}


def openid(base_path: str, request: Request) -> Reply:
    """The OpenID discovery document."""
    root = f"http://{request.header('Host') or 'localhost'}{base_path}/identity"
    return json_reply(
        200,
        {
            "issuer": root,
            "authorization_endpoint": f"{root}/connect/authorize",
            "token_endpoint": f"{root}/connect/token",
            "revocation_endpoint": f"{root}/connect/revocation",
        },
    )
