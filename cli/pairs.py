"""The pairs that this version knows, loaded when they are needed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from connector.connection import Connection, load_connection
from connector.edge.sender import Sender
from connector.faults import ConfigurationFault
from connector.pair import Pair
from connector.services import Services

PAIRS = ("acumatica_shipbob", "acumatica_shipstation", "netsuite_shipbob", "dynamicsgp_shipbob", "acumatica_ups")


class UnknownPair(LookupError):
    """There is no such pair, or this version does not run it yet."""


def pair_named(name: str) -> Pair[Any]:
    """The pair. Raises UnknownPair with the names that there are."""
    if name not in PAIRS:
        raise UnknownPair(f"there is no pair {name!r}; there are {', '.join(PAIRS)}")
    try:
        pair: Pair[Any] = import_module(f"{name}.flows").PAIR
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("", name, "connector", "vendors"):
            raise  # a defect of ours
        raise UnknownPair(f"the pair {name} needs {error.name}, which is not installed here") from error
    if not pair.flows:
        raise UnknownPair(f"the pair {name} has no flows in this version, so it cannot be connected yet")
    return pair


def senders_of(name: str) -> Mapping[str, Sender]:
    """Who may call this pair by webhook."""
    senders: Mapping[str, Sender] = import_module(f"{name}.senders").SENDERS
    return senders


def pair_of_connection(services: Services, connection: str) -> str:
    """The name of a stored connection's pair. Raises ConfigurationFault when there is no such connection."""
    item = services.tables.get("connections", connection, "document")
    if item is None:
        raise ConfigurationFault(connection, "does not exist; see `ml-connector connections list`")
    return str(item["pair"])


def connection_named(services: Services, name: str) -> tuple[Pair[Any], Connection]:
    """A stored connection with its pair. Raises ConfigurationFault, UnknownPair."""
    pair = pair_named(pair_of_connection(services, name))
    connection = load_connection(services.tables, name, pair.document)
    if connection is None:
        raise ConfigurationFault(name, "does not exist; see `ml-connector connections list`")
    return pair, connection


def system_settings(connection: Connection, system: str) -> Any:
    """A system's part of the document. Raises ConfigurationFault with the names that there are."""
    systems = getattr(connection.document, "systems", None)
    names = sorted(type(systems).model_fields) if systems is not None else []
    if system not in names:
        raise ConfigurationFault(connection.name, f"has no system {system!r}; it has {', '.join(names) or 'none'}")
    return getattr(systems, system)
