"""The opened accounts of a connection of this pair."""

from __future__ import annotations

from dataclasses import dataclass

from acumatica_ups.settings import AcumaticaUps
from connector.accounts import open_client
from connector.connection import Connection
from connector.services import Services
from vendors.acumatica.client import Acumatica
from vendors.acumatica.open import open_acumatica
from vendors.ups.client import Ups
from vendors.ups.open import open_ups


@dataclass
class Accounts:
    """Acumatica and UPS of one connection, opened when first used and closed together."""

    services: Services
    document: AcumaticaUps
    lane: str
    holder: str
    _acumatica: Acumatica | None = None
    _ups: Ups | None = None

    @property
    def acumatica(self) -> Acumatica:
        """The ERP. Its session slot is taken with the first call and given back by `close`."""
        if self._acumatica is None:
            self._acumatica = open_client(self, open_acumatica, self.document.systems.acumatica)
        return self._acumatica

    @property
    def ups(self) -> Ups:
        """The carrier."""
        if self._ups is None:
            self._ups = open_client(self, open_ups, self.document.systems.ups)
        return self._ups

    def close(self) -> None:
        """Gives back what the accounts hold: the ERP's session slot, unused call allowances."""
        for client in (self._acumatica, self._ups):
            if client is not None:
                client.close()


def open_accounts(services: Services, connection: Connection, lane: str, holder: str) -> Accounts:
    """Opens the accounts of a connection for one holder."""
    return Accounts(services, document_of(connection), lane, holder)


def document_of(connection: Connection) -> AcumaticaUps:
    """The pair's own document."""
    if not isinstance(connection.document, AcumaticaUps):
        raise TypeError(f"connection {connection.name} is not one of acumatica_ups")
    return connection.document
