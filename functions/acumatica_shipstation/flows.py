"""The pair Acumatica and ShipStation. No flows yet: nothing is due, no webhook is taken."""

from __future__ import annotations

from connector.connection import Connection, ConnectionDocument
from connector.pair import Clients, Pair
from connector.services import Services


def open_accounts(services: Services, connection: Connection, holder: str, lane: str) -> Clients:
    """Nothing to open while there is no flow. Raises LookupError."""
    raise LookupError(f"{connection.name}: the pair acumatica_shipstation has no flows yet; pause the connection")


PAIR: Pair[Clients] = Pair(name="acumatica_shipstation", document=ConnectionDocument, flows=(), open=open_accounts)
