"""Sessions and seats: what stands behind a bearer or a pair of cookies, and how many may be open at once."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.cookies import CookieError, SimpleCookie

from local.simulators.acumatica.errors import Fault, envelope
from local.simulators.acumatica.switches import Switches
from local.simulators.base import Request

SESSION_COOKIE, AUTH_COOKIE = "ASP.NET_SessionId", ".ASPXAUTH"


@dataclass
class Session:
    """One open session: takes a seat until logout, end of its token or idleness. Rights are those of its opening."""

    key: str
    user: str
    denied_forms: frozenset[str]
    used_at: datetime
    ends_at: datetime | None = None
    auth_cookie: str | None = None


def cookies_of(request: Request) -> dict[str, str]:
    """The cookies of a request."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(request.header("Cookie") or "")
    except CookieError as error:
        raise Fault(400, f"Unreadable cookies: {error}") from error
    return {name: morsel.value for name, morsel in jar.items()}


class Sessions:
    """All open sessions of the tenant."""

    def __init__(self, switches: Switches, source: random.Random) -> None:
        self.open: dict[str, Session] = {}
        self._switches, self._random = switches, source

    def expire(self, now: datetime) -> None:
        """Closes what is idle or whose token has ended."""
        idle = timedelta(minutes=self._switches.idle_minutes)
        for key, session in list(self.open.items()):
            if session.used_at + idle <= now or (session.ends_at is not None and session.ends_at <= now):
                del self.open[key]

    def use(
        self, key: str, user: str, now: datetime, denied: frozenset[str], *, ends_at: datetime | None = None
    ) -> Session:
        """The session of this key, opened when there is none; raises the login-limit Fault when no seat is free."""
        session = self.open.get(key)
        if session is None:
            self.take_seat()
            session = self.open[key] = Session(key, user, denied, now, ends_at)
        session.used_at = now
        return session

    def take_seat(self) -> None:
        """Raises the login-limit Fault when all seats are taken."""
        if self._switches.seats is None or len(self.open) < self._switches.seats:
            return
        text = "API Login Limit"
        body = envelope(text, "PX.Data.PXException")
        body["stackTrace"] = "   at PX.LicensePolicy.PXLicensePolicy.CheckApiUsersLimits(Int32 limit)"
        if self._switches.login_limit_status == 429:
            raise Fault(429, text)
        raise Fault(500, body)

    def login(self, user: str, now: datetime, denied: frozenset[str]) -> Session:
        """A cookie session."""
        self.take_seat()
        session = Session(self.token(), user, denied, now, None, self.token() + self.token())
        self.open[session.key] = session
        return session

    def by_cookies(self, request: Request) -> Session | None:
        """The session whose cookies the request carries, all of them."""
        cookies = cookies_of(request)
        session = self.open.get(cookies.get(SESSION_COOKIE, ""))
        if session is None or session.auth_cookie is None or cookies.get(AUTH_COOKIE) != session.auth_cookie:
            return None
        return session

    def close(self, key: str) -> None:
        """Logout: the seat is free at once."""
        self.open.pop(key, None)

    def token(self) -> str:
        """An opaque random value."""
        return f"{self._random.getrandbits(128):032x}"
