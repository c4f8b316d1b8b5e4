"""Certificates that end: those that servers show, and those that a connection signs in with. Looked at once a day.

Nobody tells in time that a certificate of an ERP in a cellar, or one that was uploaded two years ago, is about to end;
then everything of that connection stands still at once.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from connector.alerting import alert_once
from connector.connection import Connection
from connector.instants import day_text
from connector.services import Services

EVERY = timedelta(days=1)
SOON = timedelta(days=21)
PATIENCE = 5.0  # seconds

Peek = Callable[[str, int], str]
"""The certificate that a server shows (host, port), as PEM. Raises OSError."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""A server on this very machine is a simulator."""

KEY = ("certificates",)
"""Where a test puts its own `Peek`."""

BEGIN = "-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True)
class Ending:
    """When a certificate ends. `what` names it for a person."""

    system: str
    what: str
    ends: datetime


def watch(services: Services, connection: Connection, *, stored: bool = True) -> list[Ending]:
    """Measures the days that each certificate has left, and tells a person once of one that ends soon.

    `stored` False: the pair watches those in its secrets itself, and can say how a new one is made.
    A server that cannot be reached is only noted: its polls say so loudly enough.
    """
    log = services.log.bind(connection=connection.name)
    found = endings(services, connection, stored=stored)
    for ending in found:
        left = ending.ends - services.clock()
        log.bind(system=ending.system).metric("CertificateDaysLeft", left.days)
        if left < SOON:
            key = f"certificate/{connection.name}/{ending.system}/{day_text(ending.ends)}"
            text = (
                f"Connection {connection.name}, system {ending.system}: {ending.what} ends on "
                f"{day_text(ending.ends)} (UTC). From then on nothing of this connection moves."
            )
            alert_once(services, key, f"A certificate of {connection.name} ends soon", text)
    return found


def endings(services: Services, connection: Connection, *, stored: bool = True) -> list[Ending]:
    """When each certificate ends; servers that cannot be reached are left out."""
    return [*(_stored(services, connection) if stored else ()), *_shown(services, connection)]


def _shown(services: Services, connection: Connection) -> Iterator[Ending]:
    peek: Peek = services.memory.get(KEY) or _peek
    for system, host, port in sorted(set(_servers(connection))):
        try:
            yield Ending(system, f"the certificate of the server {host}", _end_of(peek(host, port)))
        except (OSError, ValueError) as error:
            reason = type(error).__name__
            services.log.warning("a certificate could not be looked at", system=system, reason=reason)


def _servers(connection: Connection) -> Iterator[tuple[str, str, int]]:
    """System, host and port of every https address of the connection."""
    systems = getattr(connection.document, "systems", None)
    for system in type(systems).model_fields if systems is not None else ():
        for name, value in getattr(systems, system).model_dump().items():
            named = name == "url" or name.endswith("_url")
            parts = urlsplit(value) if named and isinstance(value, str) else None
            if parts is not None and parts.scheme == "https" and parts.hostname not in (None, *LOOPBACK):
                yield system, str(parts.hostname), parts.port or 443


def _stored(services: Services, connection: Connection) -> Iterator[Ending]:
    """Certificates in the secrets of the systems, whatever their member is called."""
    systems = getattr(connection.document, "systems", None)
    for system in type(systems).model_fields if systems is not None else ():
        for name, text in _members(services, f"{connection.name}/{system}").items():
            if isinstance(text, str) and text.lstrip().startswith(BEGIN):
                try:
                    yield Ending(system, f"{name} in the secret {connection.name}/{system}", _end_of(text))
                except ValueError:
                    services.log.warning("a secret holds a certificate that cannot be read", system=system)


def _members(services: Services, name: str) -> Mapping[str, Any]:
    secret = services.secrets.read(name)
    try:
        found = json.loads(secret.current) if secret is not None else {}
    except ValueError:  # not ours; the sign-in says so
        return {}
    return found if isinstance(found, dict) else {}


def _end_of(pem: str) -> datetime:
    """When it ends; of several the first to end. Raises ValueError."""
    from cryptography.x509 import load_pem_x509_certificates

    return min(each.not_valid_after_utc for each in load_pem_x509_certificates(pem.encode()))


def _peek(host: str, port: int) -> str:
    """Read without a judgement: also one that has ended, or that nobody signed, is of interest here."""
    return ssl.get_server_certificate((host, port), timeout=PATIENCE)
