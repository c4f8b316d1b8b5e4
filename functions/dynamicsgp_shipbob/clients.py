"""The opened accounts of a connection of this pair."""

from __future__ import annotations

from dataclasses import dataclass

from connector.accounts import open_client
from connector.connection import Connection
from connector.services import Services
from dynamicsgp_shipbob.settings import DynamicsGpShipBob
from vendors.dynamics_gp.client import DynamicsGp
from vendors.dynamics_gp.open import open_dynamics_gp
from vendors.shipbob.client import ShipBob
from vendors.shipbob.open import open_shipbob


@dataclass
class Accounts:
    """Dynamics GP and ShipBob of one connection, opened when first used and closed together."""

    services: Services
    document: DynamicsGpShipBob
    lane: str
    holder: str
    _gp: DynamicsGp | None = None
    _shipbob: ShipBob | None = None

    @property
    def dynamics_gp(self) -> DynamicsGp:
        """The ERP. Raises ConfigurationFault for an address that offers no sales documents (SBA)."""
        if self._gp is None:
            system, name = self.document.systems.dynamics_gp, self.document.connection
            self._gp = open_dynamics_gp(self.services, name, system, lane=self.lane, holder=self.holder)
        return self._gp

    @property
    def shipbob(self) -> ShipBob:
        """The warehouse."""
        if self._shipbob is None:
            self._shipbob = open_client(self, open_shipbob, self.document.systems.shipbob)
        return self._shipbob

    def close(self) -> None:
        """Gives back what the accounts hold."""
        if self._gp is not None:
            self._gp.close()
        if self._shipbob is not None:
            self._shipbob.close()


def open_accounts(services: Services, connection: Connection, lane: str, holder: str) -> Accounts:
    """Opens the accounts of a connection for one holder."""
    return Accounts(services, document_of(connection), lane, holder)


def document_of(connection: Connection) -> DynamicsGpShipBob:
    """The pair's own document."""
    if not isinstance(connection.document, DynamicsGpShipBob):
        raise TypeError(f"connection {connection.name} is not one of dynamicsgp_shipbob")
    return connection.document
