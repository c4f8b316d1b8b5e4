"""The opened accounts of a connection of this pair."""

from __future__ import annotations

from dataclasses import dataclass

from acumatica_shipstation.settings import AcumaticaShipStation
from connector.accounts import open_client
from connector.connection import Connection
from connector.services import Services
from vendors.acumatica.client import Acumatica
from vendors.acumatica.open import open_acumatica
from vendors.shipstation.client import ShipStation
from vendors.shipstation.labels import Labels
from vendors.shipstation.open import open_labels, open_shipstation


@dataclass
class Accounts:
    """Acumatica and ShipStation of one connection, opened when first used and closed together."""

    services: Services
    document: AcumaticaShipStation
    lane: str
    holder: str
    _acumatica: Acumatica | None = None
    _shipstation: ShipStation | None = None
    _labels: Labels | None = None

    @property
    def acumatica(self) -> Acumatica:
        """The ERP. Its session slot is taken with the first call and given back by `close`."""
        if self._acumatica is None:
            self._acumatica = open_client(self, open_acumatica, self.document.systems.acumatica)
        return self._acumatica

    @property
    def shipstation(self) -> ShipStation:
        """The warehouse's tool, API V1."""
        if self._shipstation is None:
            self._shipstation = open_client(self, open_shipstation, self.document.systems.shipstation)
        return self._shipstation

    @property
    def labels(self) -> Labels:
        """Its label files, API V2."""
        if self._labels is None:
            self._labels = open_client(self, open_labels, self.document.systems.shipstation)
        return self._labels

    def close(self) -> None:
        """Gives back what the accounts hold: the ERP's session slot, unused call allowances."""
        for client in (self._acumatica, self._shipstation, self._labels):
            if client is not None:
                client.close()


def open_accounts(services: Services, connection: Connection, lane: str, holder: str) -> Accounts:
    """Opens the accounts of a connection for one holder."""
    return Accounts(services, document_of(connection), lane, holder)


def document_of(connection: Connection) -> AcumaticaShipStation:
    """The pair's own document."""
    if not isinstance(connection.document, AcumaticaShipStation):
        raise TypeError(f"connection {connection.name} is not one of acumatica_shipstation")
    return connection.document
