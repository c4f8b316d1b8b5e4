"""The opened accounts of a connection of this pair."""

from __future__ import annotations

from dataclasses import dataclass

from connector.accounts import open_client
from connector.connection import Connection
from connector.services import Services
from netsuite_shipbob.settings import NetSuiteShipBob
from vendors.netsuite.client import NetSuite
from vendors.netsuite.open import open_netsuite
from vendors.shipbob.client import ShipBob
from vendors.shipbob.open import open_shipbob, open_shipbob_billing


@dataclass
class Accounts:
    """NetSuite and ShipBob of one connection, opened when first used and closed together."""

    services: Services
    document: NetSuiteShipBob
    lane: str
    holder: str
    _netsuite: NetSuite | None = None
    _shipbob: ShipBob | None = None
    _billing: ShipBob | None = None

    @property
    def netsuite(self) -> NetSuite:
        """The ERP. Its slot is taken with the first call and given back by `close`."""
        if self._netsuite is None:
            self._netsuite = open_client(self, open_netsuite, self.document.systems.netsuite)
        return self._netsuite

    @property
    def shipbob(self) -> ShipBob:
        """The warehouse."""
        if self._shipbob is None:
            self._shipbob = open_client(self, open_shipbob, self.document.systems.shipbob)
        return self._shipbob

    @property
    def billing(self) -> ShipBob:
        """The warehouse's billing, with its own token where one is configured."""
        if self._billing is None:
            self._billing = open_client(self, open_shipbob_billing, self.document.systems.shipbob)
        return self._billing

    def close(self) -> None:
        """Gives back what the accounts hold: the ERP's slot, unused call allowances."""
        for client in (self._netsuite, self._shipbob, self._billing):
            if client is not None:
                client.close()


def open_accounts(services: Services, connection: Connection, lane: str, holder: str) -> Accounts:
    """Opens the accounts of a connection for one holder."""
    return Accounts(services, document_of(connection), lane, holder)


def document_of(connection: Connection) -> NetSuiteShipBob:
    """The pair's own document."""
    if not isinstance(connection.document, NetSuiteShipBob):
        raise TypeError(f"connection {connection.name} is not one of netsuite_shipbob")
    return connection.document
