"""Connections as one warm process remembers them: read again after a minute, or when asked to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connector.connection import Connection, load_connection
from connector.pair import Pair
from connector.services import Services

LIFE = timedelta(seconds=60)


def connection_of(services: Services, pair: Pair[Any], name: str, *, fresh: bool = False) -> Connection | None:
    """The connection if it exists and belongs to the pair, at most one minute old; `fresh`: read again now.

    Absence is not remembered: an event of a connection that was made a moment ago would be dropped.
    """
    key = ("connection", name)
    now = services.clock()
    known: tuple[datetime, Connection] | None = services.memory.get(key)
    if not fresh and known is not None and timedelta(0) <= now - known[0] < LIFE:
        return known[1]
    connection = load_connection(services.tables, name, pair.document)
    if connection is None or connection.pair != pair.name:
        services.memory.pop(key, None)
        return None
    services.memory[key] = (now, connection)
    return connection
