"""Puts a UPS client together for one connection: credentials, token, call budget, transport."""

from __future__ import annotations

from connector.budget import AccountGate, Limits
from connector.credentials import Credentials
from connector.recent import recent_calls
from connector.services import Services
from connector.tokens import BearerAuthorizer, TokenCache
from connector.transport import Authorizer, Gate, OpenGate, Transport, Wire, skew_metric
from vendors.ups.auth import token_fetcher
from vendors.ups.client import Ups
from vendors.ups.faults import VENDOR, classify
from vendors.ups.settings import UpsSystem

SYSTEM = "ups"
"""Names the secret `<connection>/ups` {"client_id", "client_secret"}, the token secret and the budget's account."""


def open_ups(services: Services, connection: str, system: UpsSystem, *, lane: str, holder: str, wire: Wire) -> Ups:
    """The client of a connection for one piece of work. Nothing is sent yet."""
    # No published number: halved on a 429, 10 % more every minute, never above what the connection says.
    limits = Limits(system.per_minute, slots=None, adaptive=True)
    account = f"{system.account or connection}/{SYSTEM}"
    gate = AccountGate(services, account, limits, lane, holder, vendor=VENDOR, connection=connection)
    authorizer = BearerAuthorizer(token_cache(services, connection, system, wire))
    return Ups(_transport(services, connection, wire, gate, authorizer), system, gate.release)


def token_cache(services: Services, connection: str, system: UpsSystem, wire: Wire) -> TokenCache:
    """The connection's token: renewed five minutes before its end, or at half its life when that is shorter."""
    transport = _transport(services, connection, wire, OpenGate(), None)
    fetch = token_fetcher(transport, system, Credentials(services, connection, SYSTEM))
    return TokenCache(services, connection, SYSTEM, fetch, daily_limit=system.token_daily_limit)


def _transport(
    services: Services, connection: str, wire: Wire, gate: Gate, authorizer: Authorizer | None
) -> Transport:
    log = services.log.bind(connection=connection, system=SYSTEM)

    recent = recent_calls(services, f"{connection}/{SYSTEM}")
    return Transport(VENDOR, wire, authorizer, gate, classify, services.clock, log, skew_metric(log), recent)
