"""The built-in identity server: connected applications, users, tokens; password, code and refresh grants."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode

from local.simulators.acumatica.errors import Fault
from local.simulators.acumatica.grants import Application, Code, RefreshToken, Token, User
from local.simulators.acumatica.switches import Switches
from local.simulators.base import Reply, Request, json_reply

TOKEN_SECONDS = 3600
CODE_SECONDS = 300
SCOPES = {"api", "offline_access", "api:concurrent_access", "openid", "profile", "email"}


def oauth_error(code: str, status: int = 400) -> Fault:
    """The OAuth error document: nothing but the code can be relied on."""
    return Fault(status, {"error": code})


class Identity:
    """State of the identity server of one tenant."""

    def __init__(self, tenant: str, switches: Switches, source: random.Random, now: Callable[[], datetime]) -> None:
        self.tenant, self._switches, self._random, self._now = tenant, switches, source, now
        self.applications: dict[str, Application] = {}
        self.users: dict[str, User] = {}
        self.tokens: dict[str, Token] = {}
        self.refresh_tokens: dict[str, RefreshToken] = {}
        self.codes: dict[str, Code] = {}

    # -- authorize

    def authorize(self, request: Request) -> Reply:
        """GET /identity/connect/authorize: the person consents at once, the code comes by redirect."""
        asked = dict(request.parameters())
        application = self.applications.get(asked.get("client_id", ""))
        redirect = asked.get("redirect_uri", "")
        if application is None or redirect not in application.redirect_uris:
            return Reply(400, {"Content-Type": "text/html"}, b"<html>The request is not valid.</html>")
        state = {"state": asked["state"]} if "state" in asked else {}
        scopes = frozenset(asked.get("scope", "").split())
        error = self._refusal(application, asked.get("response_type", ""), scopes)
        if error is None and self._switches.consent_denied:
            error = "access_denied"
        if error is not None:
            return Reply(302, {"Location": f"{redirect}?{urlencode({'error': error, **state})}"})
        code = self._random_text()
        self.codes[code] = Code(
            application.client_id, next(iter(self.users)), redirect, scopes, asked.get("code_challenge"),
            asked.get("code_challenge_method", "plain"), self._now() + timedelta(seconds=CODE_SECONDS),
        )  # fmt: skip
        return Reply(302, {"Location": f"{redirect}?{urlencode({'code': code, **state})}"})

    def _refusal(self, application: Application, response_type: str, scopes: frozenset[str]) -> str | None:
        if response_type != "code" or "authorization_code" not in application.flows:
            return "unsupported_response_type"
        return self._bad_scope(application, scopes)

    def _bad_scope(self, application: Application, scopes: frozenset[str]) -> str | None:
        wrong = not scopes or not scopes <= SCOPES
        return "invalid_scope" if wrong or ("offline_access" in scopes and application.refresh == "none") else None

    # -- token

    def token(self, request: Request) -> Reply:
        """POST /identity/connect/token; raises an OAuth Fault."""
        form = self._form(request)
        application = self._client(form)
        grant = form.get("grant_type", "")
        if grant == "password":
            return self._password(application, form)
        if grant == "authorization_code":
            return self._code(application, form)
        if grant == "refresh_token":
            return self._refresh(application, form)
        raise oauth_error("unsupported_grant_type")

    def _form(self, request: Request) -> dict[str, str]:
        if not (request.header("Content-Type") or "").startswith("application/x-www-form-urlencoded"):
            raise oauth_error("invalid_request")
        try:
            parsed = parse_qs(request.body.decode(), keep_blank_values=True)
        except ValueError as error:
            raise oauth_error("invalid_request") from error
        if any(len(values) > 1 for values in parsed.values()):
            raise oauth_error("invalid_request")
        return {name: values[0] for name, values in parsed.items()}

    def _client(self, form: dict[str, str]) -> Application:
        """The application; its id must be whole, with the tenant behind the @."""
        given = form.get("client_id", "")
        guid, _, tenant = given.rpartition("@")
        application = next(
            (
                it
                for it in self.applications.values()
                if it.client_id.rpartition("@")[0].upper() == guid.upper() and guid
            ),
            None,
        )
        if application is None or tenant.lower() != self.tenant.lower():
            raise oauth_error("invalid_client")
        if not hmac.compare_digest(form.get("client_secret", "").encode(), application.secret.encode()):
            raise oauth_error("invalid_client")
        return application

    def _password(self, application: Application, form: dict[str, str]) -> Reply:
        if "password" not in application.flows:
            raise oauth_error("unauthorized_client")
        scopes = frozenset(form.get("scope", "").split())
        error = self._bad_scope(application, scopes)
        if error:
            raise oauth_error(error)
        user = self.check_password(form.get("username", ""), form.get("password", ""))
        if user is None:
            raise oauth_error("invalid_grant")
        return self._issue(application, user.name, scopes, self._random_text(), self._now())

    def check_password(self, name: str, password: str) -> User | None:
        """The user when the password is right and the user not locked; counts failures."""
        user = self.users.get(name.lower())
        if user is None:
            return None
        if not hmac.compare_digest(password.encode(), user.password.encode()):
            user.failures += 1
            user.locked = user.locked or user.failures >= self._switches.wrong_passwords_before_lock
            return None
        if user.locked:
            return None
        user.failures = 0
        return user

    def _code(self, application: Application, form: dict[str, str]) -> Reply:
        code = self.codes.pop(form.get("code", ""), None)
        if code is None or code.expires_at <= self._now() or code.client_id != application.client_id:
            raise oauth_error("invalid_grant")
        if code.redirect_uri != form.get("redirect_uri"):
            raise oauth_error("invalid_grant")
        if code.challenge is not None and not _pkce(code, form.get("code_verifier", "")):
            raise oauth_error("invalid_grant")
        return self._issue(application, code.user, code.scopes, self._random_text(), self._now())

    def _refresh(self, application: Application, form: dict[str, str]) -> Reply:
        old = self.refresh_tokens.get(form.get("refresh_token", ""))
        if old is None or old.used or old.expires_at <= self._now() or old.client_id != application.client_id:
            raise oauth_error("invalid_grant")
        if self._switches.rotate_refresh_tokens:
            old.used = True
        elif application.refresh == "sliding":
            old.expires_at = self._refresh_end(application, old.born_at)
        return self._issue(application, old.user, old.scopes, old.grant, old.born_at, old)

    def _issue(
        self,
        application: Application,
        user: str,
        scopes: frozenset[str],
        grant: str,
        born_at: datetime,
        old: RefreshToken | None = None,
    ) -> Reply:
        token = Token(
            self._random_text(),
            application.client_id,
            user,
            scopes,
            grant,
            self._now() + timedelta(seconds=TOKEN_SECONDS),
        )
        self.tokens[token.value] = token
        answer = {
            "access_token": token.value,
            "expires_in": TOKEN_SECONDS,
            "token_type": "Bearer",
            "scope": " ".join(sorted(scopes)),
        }
        keeps = old is not None and not self._switches.rotate_refresh_tokens
        if "offline_access" in scopes and not keeps:
            ends = (
                old.expires_at if old and application.refresh == "absolute" else self._refresh_end(application, born_at)
            )
            fresh = RefreshToken(self._random_text(), application.client_id, user, scopes, grant, ends, born_at)
            self.refresh_tokens[fresh.value] = fresh
            answer["refresh_token"] = fresh.value
        elif keeps and old and self._switches.return_refresh_token:
            answer["refresh_token"] = old.value
        return json_reply(200, answer, {"Cache-Control": "no-store"})

    def _refresh_end(self, application: Application, born_at: datetime) -> datetime:
        end = self._now() + timedelta(days=application.refresh_days)
        if application.refresh == "sliding" and application.absolute_days is not None:
            return min(end, born_at + timedelta(days=application.absolute_days))
        return end

    # -- use and end of tokens

    def bearer(self, value: str) -> Token:
        """The valid token behind a bearer; raises 401."""
        token = self.tokens.get(value)
        if token is None or token.revoked or token.expires_at <= self._now():
            raise Fault(401, None, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return token

    def revoke(self, request: Request) -> Reply:
        """POST /identity/connect/revocation: ends a token, not the session behind it. Unknown tokens are fine."""
        form = self._form(request)
        application = self._client(form)
        value = form.get("token", "")
        token, refresh = self.tokens.get(value), self.refresh_tokens.get(value)
        if token is not None and token.client_id == application.client_id:
            token.revoked = True
        if refresh is not None and refresh.client_id == application.client_id:
            refresh.used = True
        return Reply(200)

    def expire_all(self, *, refresh_tokens: bool = False) -> int:
        """Ends every access token now (and the refresh tokens when asked): what 'Revoke Access' does."""
        for token in self.tokens.values():
            token.revoked = True
        if refresh_tokens:
            for refresh in self.refresh_tokens.values():
                refresh.used = True
        return len(self.tokens)

    def _random_text(self) -> str:
        return f"{self._random.getrandbits(192):048x}"


def _pkce(code: Code, verifier: str) -> bool:
    if code.method == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        verifier = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(verifier.encode(), (code.challenge or "").encode())
