"""Puts ShipStation's clients together for one connection: credentials, call budget, transport."""

from __future__ import annotations

from connector.budget import AccountGate, Limits
from connector.credentials import Credentials
from connector.recent import recent_calls
from connector.services import Services
from connector.transport import Authorizer, Transport, Wire, skew_metric
from vendors.shipstation.auth import BasicKey, HeaderKey
from vendors.shipstation.client import ShipStation
from vendors.shipstation.faults import VENDOR, classify
from vendors.shipstation.labels import Labels
from vendors.shipstation.limits import remaining
from vendors.shipstation.settings import ShipStationSystem

SYSTEM = "shipstation"
"""Names the secret `<connection>/shipstation` {"api_key", "api_secret"} and the budget's account."""

SYSTEM_V2 = "shipstation_v2"
"""Names the secret `<connection>/shipstation_v2` {"api_key"} and V2's budget."""


def open_shipstation(
    services: Services, connection: str, system: ShipStationSystem, *, lane: str, holder: str, wire: Wire
) -> ShipStation:
    """The client of V1 for one piece of work. Nothing is sent yet."""
    gate = _gate(services, connection, system, SYSTEM, system.per_minute, lane, holder)
    authorizer = BasicKey(Credentials(services, connection, SYSTEM))
    transport = _transport(services, connection, SYSTEM, wire, gate, authorizer)
    return ShipStation(transport, system, transport.log, gate.release)


def open_labels(
    services: Services, connection: str, system: ShipStationSystem, *, lane: str, holder: str, wire: Wire
) -> Labels:
    """The client of V2 for one piece of work. Nothing is sent yet."""
    gate = _gate(services, connection, system, SYSTEM_V2, system.labels_per_minute, lane, holder)
    authorizer = HeaderKey(Credentials(services, connection, SYSTEM_V2))
    return Labels(_transport(services, connection, SYSTEM_V2, wire, gate, authorizer), system, gate.release)


def keys_transport(services: Services, connection: str, wire: Wire) -> Transport:
    """The way to the published keys: no credentials, hardly a call."""
    gate = AccountGate(services, f"{connection}/shipstation_keys", Limits(6, None), "nightly", connection,
                       vendor=VENDOR)  # fmt: skip
    return _transport(services, connection, "shipstation_keys", wire, gate, None)


def _gate(
    services: Services, connection: str, system: ShipStationSystem, kind: str, per_minute: int, lane: str, holder: str
) -> AccountGate:
    account = f"{system.account or connection}/{kind}"
    limits = Limits(per_minute, slots=None)
    return AccountGate(
        services, account, limits, lane, holder, vendor=VENDOR, remaining=remaining(services.clock),
        connection=connection,
    )  # fmt: skip


def _transport(
    services: Services, connection: str, kind: str, wire: Wire, gate: AccountGate, authorizer: Authorizer | None
) -> Transport:
    log = services.log.bind(connection=connection, system=kind)

    recent = recent_calls(services, f"{connection}/{kind}")
    return Transport(VENDOR, wire, authorizer, gate, classify, services.clock, log, skew_metric(log), recent)
