"""SBA (Service Based Architecture, REST): what it really offers, and a clear word for the rest.

Microsoft's own list (GP 2015, nothing newer is documented) names items, sites, customers and a few setup lists, and no
sales orders, invoices, returns or tracking numbers at all. Field names and error bodies are published nowhere, so
nothing is built on them: reads answer what came, for a person to look at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from connector.budget import AccountGate, Limits
from connector.faults import Executed, FaultKind, VendorFault
from connector.services import Services
from connector.transport import Request, Transport
from vendors.dynamics_gp.faults import VENDOR, classify
from vendors.dynamics_gp.login import GuardedGate, Renewal
from vendors.dynamics_gp.open import SBA_REFUSES, SYSTEM, login_of
from vendors.dynamics_gp.settings import DynamicsGpSystem, Kind
from vendors.dynamics_gp.wire import GpWire

READS = ("Inventory/Items", "Inventory/ItemSites", "Inventory/Sites", "Sales/Customers")
"""Resources that this client reads. The first part may need a product's name before it: see the Help page."""

SLOW = 110.0
"""Seconds; each call starts a GP runtime of its own on the server."""


@dataclass(frozen=True)
class Sba:
    """The REST services of one company."""

    transport: Transport
    base: str

    def help(self) -> str:
        """The page that lists what this deployment offers (not filtered by rights)."""
        tenant = self.base.rpartition("/Companies(")[0] or self.base
        reply = self.transport.send(Request("GET", f"{tenant}/help", "read SBA help", timeout=SLOW))
        return reply.text()

    def read(self, resource: str, key: str) -> Any:
        """One row of a resource as JSON. Raises VendorFault; UNSUPPORTED_QUERY for what SBA does not offer."""
        if resource not in READS:
            text = f"{resource}: {SBA_REFUSES}"
            raise VendorFault(VENDOR, FaultKind.UNSUPPORTED_QUERY, text, Executed.NO)
        url = f"{self.base}/{resource}({quote(key, safe=',()')}).json"
        headers = {"Accept": "application/json"}
        reply = self.transport.send(Request("GET", url, f"read {resource}", headers, timeout=SLOW))
        try:
            return reply.json()
        except ValueError as error:
            text = f"read {resource}: the answer is not JSON"
            raise VendorFault(VENDOR, FaultKind.UNAVAILABLE, text, Executed.NO, reply.status) from error


def open_sba(services: Services, connection: str, system: DynamicsGpSystem, *, lane: str, holder: str) -> Sba | None:
    """SBA of a connection; None where it has no SBA address."""
    url = system.url if system.kind is Kind.SBA else system.sba_url
    if url is None:
        return None
    limits = Limits(system.per_minute, slots=system.concurrency)
    account = f"{system.account or connection}/{SYSTEM}"
    gate = AccountGate(services, account, limits, lane, holder, vendor=VENDOR, connection=connection)
    login = login_of(services, connection)
    wire = GpWire(services, login, system.channel_binding, basic=system.sba_auth == "basic")
    log = services.log.bind(connection=connection, system="sba", host=urlsplit(url).hostname or "")
    transport = Transport(VENDOR, wire, Renewal(login), GuardedGate(gate, login), classify, services.clock, log)
    return Sba(transport, url)
