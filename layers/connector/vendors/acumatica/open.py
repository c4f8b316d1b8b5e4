"""Puts a tenant's client together: credentials, token cache, account budget, transport."""

from __future__ import annotations

from connector.budget import AccountGate, Limits
from connector.credentials import Credentials
from connector.recent import recent_calls
from connector.services import Services
from connector.tokens import BearerAuthorizer, TokenCache
from connector.transport import Authorizer, Gate, Transport, Wire
from vendors.acumatica.auth import IdentityServer
from vendors.acumatica.client import Acumatica
from vendors.acumatica.cookies import CookieAuthorizer, CookieLogin
from vendors.acumatica.faults import VENDOR, classify
from vendors.acumatica.settings import AcumaticaSystem

SYSTEM = "acumatica"
"""Names the secret `<connection>/acumatica`, the token secret and the budget's account."""

NOTABLE_SKEW = 2.0
"""Seconds; the vendor's Date header has whole seconds and the answer takes its time."""


def open_acumatica(
    services: Services, connection: str, system: AcumaticaSystem, *, lane: str, holder: str, wire: Wire
) -> Acumatica:
    """The client of one connection for one piece of work. `holder` (the record's id) owns the session slot meanwhile.

    Nothing is sent yet. Call `close()` at the end, after failures too.
    """
    limits = Limits(system.per_minute, system.sessions, adaptive=system.per_minute is None)
    account = f"{connection}/{SYSTEM}"
    gate = AccountGate(services, account, limits, lane, holder, vendor=VENDOR, connection=connection)
    cache = token_cache(services, connection, system, identity_transport(services, connection, wire, gate))
    authorizer: Authorizer = CookieAuthorizer(cache) if system.auth == "cookie" else BearerAuthorizer(cache)
    transport = _transport(services, connection, wire, gate, authorizer)
    return Acumatica(transport, system, gate.extend, gate.release)


def token_cache(
    services: Services, connection: str, system: AcumaticaSystem, transport: Transport
) -> TokenCache:
    """The connection's token cache; the command line stores a freshly authorized token through it."""
    credentials = Credentials(services, connection, SYSTEM)
    if system.auth == "cookie":
        return TokenCache(services, connection, SYSTEM, CookieLogin(transport, system, credentials).fetch)
    return TokenCache(services, connection, SYSTEM, IdentityServer(transport, system, credentials).fetch)


def identity_server(
    services: Services, connection: str, system: AcumaticaSystem, *, holder: str, wire: Wire
) -> IdentityServer:
    """The identity server alone: for a person's consent (`connections authorize`)."""
    gate = AccountGate(services, f"{connection}/{SYSTEM}", Limits(None, None), "repair", holder, vendor=VENDOR)
    transport = identity_transport(services, connection, wire, gate)
    return IdentityServer(transport, system, Credentials(services, connection, SYSTEM))


def identity_transport(services: Services, connection: str, wire: Wire, gate: Gate) -> Transport:
    """A transport without an authorizer, for the calls that fetch one's token."""
    return _transport(services, connection, wire, gate, None)


def _transport(
    services: Services, connection: str, wire: Wire, gate: Gate, authorizer: Authorizer | None
) -> Transport:
    log = services.log.bind(connection=connection, system=SYSTEM)

    def note_skew(seconds: float) -> None:
        if abs(seconds) >= NOTABLE_SKEW:
            log.metric("ClockSkewSeconds", abs(seconds), "Seconds")

    recent = recent_calls(services, f"{connection}/{SYSTEM}")
    return Transport(VENDOR, wire, authorizer, gate, classify, services.clock, log, note_skew, recent)
