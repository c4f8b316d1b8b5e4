"""Puts a ShipBob client together for one connection: credentials, token, call budget, transport."""

from __future__ import annotations

from connector.budget import AccountGate, Limits
from connector.credentials import Credentials
from connector.recent import recent_calls
from connector.services import Services
from connector.tokens import BearerAuthorizer, StaticBearer, TokenCache
from connector.transport import Authorizer, OpenGate, Transport, Wire, skew_metric
from vendors.shipbob.auth import refresher, token_faults
from vendors.shipbob.channels import remembered_channel
from vendors.shipbob.client import ShipBob
from vendors.shipbob.faults import VENDOR, classify
from vendors.shipbob.limits import remaining
from vendors.shipbob.settings import ShipBobSystem

SYSTEM = "shipbob"
BILLING = "shipbob_billing"


def open_shipbob(
    services: Services, connection: str, system: ShipBobSystem, *, lane: str, holder: str, wire: Wire
) -> ShipBob:
    """The account of a connection. Makes no call yet; the write channel is looked up when a write needs it.

    Credentials: secret `<connection>/shipbob` with {"token"} (pat) or {"client_id", "client_secret"} (oauth).
    """
    gate = _gate(services, connection, system, SYSTEM, lane, holder)
    return _client(services, connection, system, gate, _authorizer(services, connection, system, wire), wire)


def open_shipbob_billing(
    services: Services, connection: str, system: ShipBobSystem, *, lane: str, holder: str, wire: Wire
) -> ShipBob:
    """The same account for billing calls; with `billing_token` by a token of its own.

    Its secret is `<connection>/shipbob_billing`, {"token"}.
    """
    if not system.billing_token:
        return open_shipbob(services, connection, system, lane=lane, holder=holder, wire=wire)
    # Two personal tokens are one user and one application; beside an OAuth app the token has its own allowance.
    kind = SYSTEM if system.auth == "pat" else BILLING
    gate = _gate(services, connection, system, kind, lane, holder)
    return _client(services, connection, system, gate, StaticBearer(Credentials(services, connection, BILLING)), wire)


def token_transport(services: Services, wire: Wire) -> Transport:
    """The way to the sign-in service: no token, no budget, its own fault table."""
    return Transport(VENDOR, wire, None, OpenGate(), token_faults, services.clock, services.log)


def token_cache(services: Services, connection: str, system: ShipBobSystem, wire: Wire) -> TokenCache:
    """The OAuth token of a connection. `current()` once a day keeps an idle connection alive (30 days at most)."""
    credentials = Credentials(services, connection, SYSTEM)
    return TokenCache(services, connection, SYSTEM, refresher(token_transport(services, wire), system, credentials))


def _authorizer(services: Services, connection: str, system: ShipBobSystem, wire: Wire) -> Authorizer:
    if system.auth == "pat":
        return StaticBearer(Credentials(services, connection, SYSTEM))
    return BearerAuthorizer(token_cache(services, connection, system, wire))


def _gate(services: Services, connection: str, system: ShipBobSystem, kind: str, lane: str, holder: str) -> AccountGate:
    account = f"{system.account or connection}/{kind}"
    limits = Limits(system.per_minute, slots=None)
    return AccountGate(
        services, account, limits, lane, holder, vendor=VENDOR, remaining=remaining, connection=connection
    )


def _client(
    services: Services, connection: str, system: ShipBobSystem, gate: AccountGate, authorizer: Authorizer, wire: Wire
) -> ShipBob:
    recent = recent_calls(services, gate.account)
    log = services.log
    transport = Transport(VENDOR, wire, authorizer, gate, classify, services.clock, log, skew_metric(log), recent)
    channels = ShipBob(transport, system, _no_channel).channels
    channel_id = remembered_channel(services, connection, system.channel, channels)
    return ShipBob(transport, system, channel_id, gate.release)


def _no_channel() -> int:
    raise AssertionError("listing channels needs no channel")
