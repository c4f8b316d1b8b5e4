"""The other connections of a pair: two of them may share accounts, and must not move the same things."""

from __future__ import annotations

from connector.connection import Connection, ConnectionDocument, list_connections, load_connection
from connector.faults import ConfigurationFault
from connector.ports import Tables


def neighbours(tables: Tables, document: ConnectionDocument) -> list[Connection]:
    """The other connections of a document's pair, paused ones included.

    One that this version cannot read does no work, and is judged when it is applied anew.
    """
    found = []
    for name in sorted(list_connections(tables, document.pair)):
        if name == document.connection:
            continue
        try:
            connection = load_connection(tables, name, type(document))
        except ConfigurationFault:
            continue
        if connection is not None:
            found.append(connection)
    return found


def check_neighbours(tables: Tables, document: ConnectionDocument) -> None:
    """Raises ConfigurationFault where another connection would move the same things: every reason, and with whom."""
    reasons = [
        f"clashes with connection {other.name}: {reason}"
        for other in neighbours(tables, document)
        for reason in document.clashes(other.document)
    ]
    if reasons:
        raise ConfigurationFault(document.connection, "; ".join(reasons))
