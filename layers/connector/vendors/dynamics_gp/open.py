"""Puts a Dynamics GP client together for one connection: sign-in with its circuit, call budget, transport."""

from __future__ import annotations

from connector.budget import AccountGate, Limits
from connector.credentials import Credentials
from connector.faults import ConfigurationFault
from connector.recent import recent_calls
from connector.services import Services
from connector.transport import Transport, skew_metric
from vendors.dynamics_gp.calls import Calls
from vendors.dynamics_gp.client import DynamicsGp
from vendors.dynamics_gp.faults import VENDOR, classify
from vendors.dynamics_gp.login import GuardedGate, Login, Renewal
from vendors.dynamics_gp.policies import Policies
from vendors.dynamics_gp.settings import DynamicsGpSystem, Kind
from vendors.dynamics_gp.wire import GpWire

SYSTEM = "dynamics_gp"
"""Names the secret `<connection>/dynamics_gp` {"username", "password", "ca_bundle" if needed} and the budget."""

SBA_REFUSES = (
    "SBA has no sales order service and no list of changed inventory documents: configure the SOAP address "
    "(https://HOST:48620/DynamicsGPWebServices/DynamicsGPService.asmx) as systems.dynamics_gp.url"
)


def login_of(services: Services, connection: str) -> Login:
    """The connection's sign-in."""
    return Login(services, connection, Credentials(services, connection, SYSTEM))


def open_dynamics_gp(
    services: Services, connection: str, system: DynamicsGpSystem, *, lane: str, holder: str
) -> DynamicsGp:
    """The client of a connection for one piece of work. Nothing is sent yet.

    Raises ConfigurationFault for a connection that has an SBA address only.
    """
    if system.kind is Kind.SBA:
        raise ConfigurationFault(connection, SBA_REFUSES)
    limits = Limits(system.per_minute, slots=system.concurrency)
    account = f"{system.account or connection}/{SYSTEM}"
    gate = AccountGate(services, account, limits, lane, holder, vendor=VENDOR, connection=connection)
    login = login_of(services, connection)
    log = services.log.bind(connection=connection, system=SYSTEM)

    def release() -> None:
        login.release()
        gate.release()

    wire = GpWire(services, login, system.channel_binding)
    recent = recent_calls(services, f"{connection}/{SYSTEM}")
    guarded = GuardedGate(gate, login)
    skew, renewal = skew_metric(log), Renewal(login)
    transport = Transport(VENDOR, wire, renewal, guarded, classify, services.clock, log, skew, recent)
    return DynamicsGp(transport, system, Policies(services, connection, Calls(transport, system)), release)
