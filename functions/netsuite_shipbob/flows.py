"""The pair NetSuite and ShipBob. No flows yet: nothing is due, no webhook is taken."""

from __future__ import annotations

from connector.connection import Connection, ConnectionDocument
from connector.pair import Clients, Pair
from connector.services import Services


def open_accounts(services: Services, connection: Connection, holder: str, lane: str) -> Clients:
    """Nothing to open while there is no flow. Raises LookupError."""
    raise LookupError(f"{connection.name}: the pair netsuite_shipbob has no flows yet; pause the connection")


PAIR: Pair[Clients] = Pair(name="netsuite_shipbob", document=ConnectionDocument, flows=(), open=open_accounts)
