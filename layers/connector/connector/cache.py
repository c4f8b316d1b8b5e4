"""Connections as one warm process remembers them: read again after a minute, or when asked to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connector.connection import Connection, load_connection
from connector.pair import Pair
from connector.ports import Tables
from connector.services import Services

LIFE = timedelta(seconds=60)

_known: dict[tuple[int, str], tuple[datetime, Tables, Connection | None]] = {}


def connection_of(services: Services, pair: Pair[Any], name: str) -> Connection | None:
    """The connection if it exists and belongs to the pair, at most one minute old."""
    key = (id(services.tables), name)
    now = services.clock()
    known = _known.get(key)
    if known is not None and known[1] is services.tables and timedelta(0) <= now - known[0] < LIFE:
        return known[2]
    connection = load_connection(services.tables, name, pair.document)
    if connection is not None and connection.pair != pair.name:
        connection = None
    _known[key] = (now, services.tables, connection)
    return connection


def forget() -> None:
    """Forgets everything: for tests and after an apply in the same process."""
    _known.clear()
