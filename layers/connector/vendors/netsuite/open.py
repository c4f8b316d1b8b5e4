"""Puts a NetSuite client together for one connection: credentials, token, slots, transport."""

from __future__ import annotations

from dataclasses import dataclass, replace

from connector.budget import AccountGate, Limits
from connector.credentials import Credentials
from connector.instants import Clock
from connector.recent import recent_calls
from connector.services import Services
from connector.tokens import BearerAuthorizer, TokenCache
from connector.transport import Authorizer, Gate, OpenGate, Reply, Request, Transport, Wire, skew_metric
from vendors.netsuite.auth import token_fetcher
from vendors.netsuite.client import NetSuite
from vendors.netsuite.faults import ELAPSED, VENDOR, classify
from vendors.netsuite.settings import NetSuiteSystem

SYSTEM = "netsuite"
"""Names the secret `<connection>/netsuite` {"client_id", "private_key", "certificate"}, and the token secret."""


@dataclass(frozen=True)
class Stopwatch:
    """A wire that notes on every answer how long it took: an overloaded account answers 401 after a minute."""

    wire: Wire
    clock: Clock

    def exchange(self, request: Request) -> Reply:
        """Sends the request once."""
        started = self.clock()
        reply = self.wire.exchange(request)
        elapsed = (self.clock() - started).total_seconds()
        return replace(reply, headers={**reply.headers, ELAPSED: f"{elapsed:.3f}"})


def open_netsuite(
    services: Services, connection: str, system: NetSuiteSystem, *, lane: str, holder: str, wire: Wire
) -> NetSuite:
    """The client of a connection for one piece of work. Nothing is sent yet."""
    # NetSuite governs concurrency alone, for the whole account: slots are shared by all connections of an account.
    limits = Limits(per_minute=None, slots=system.concurrency)
    account = f"{system.account or system.account_id}/{SYSTEM}"
    slot_seconds = system.write_timeout_seconds + 15
    gate = AccountGate(
        services, account, limits, lane, holder, vendor=VENDOR, slot_seconds=slot_seconds, connection=connection
    )
    authorizer = BearerAuthorizer(token_cache(services, connection, system, wire))
    transport = _transport(services, connection, wire, gate, authorizer)
    absent: set[str] = services.memory.setdefault(("netsuite columns", connection), set())
    return NetSuite(transport, system, gate.release, absent)


def token_cache(services: Services, connection: str, system: NetSuiteSystem, wire: Wire) -> TokenCache:
    """The connection's token: renewed five minutes before its stated end, or at half its life when that is shorter."""
    transport = _transport(services, connection, wire, OpenGate(), None)
    fetch = token_fetcher(transport, system, Credentials(services, connection, SYSTEM))
    return TokenCache(services, connection, SYSTEM, fetch)


def _transport(
    services: Services, connection: str, wire: Wire, gate: Gate, authorizer: Authorizer | None
) -> Transport:
    log = services.log.bind(connection=connection, system=SYSTEM)

    watched = Stopwatch(wire, services.clock)
    recent = recent_calls(services, f"{connection}/{SYSTEM}")
    return Transport(VENDOR, watched, authorizer, gate, classify, services.clock, log, skew_metric(log), recent)
