"""The way to a GP server: NTLM on one connection, the certificate checked on every call, a private CA if there is one.

NTLM signs a connection in, not a request: the three legs (and so the whole body, three times) travel on one connection,
and only the third is executed. The libraries for it load here and nowhere else, when the first call is made.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from connector.faults import ConfigurationFault
from connector.services import Services
from connector.transport import Reply, Request, Wire
from connector.wire import RequestsWire, process_wire
from vendors.dynamics_gp.login import Login
from vendors.dynamics_gp.ntlm import Ntlm

CONNECT_SECONDS = 10.0
PEM = "authorities.pem"
AUTHORITY = "ca_bundle"
"""Member of the secret: the certificates to trust as PEM, instead of the public ones."""


@dataclass(frozen=True)
class GpWire:
    """Implements `connector.transport.Wire` for one connection; follows a rotated secret.

    It goes by the process's wire, so that whoever stands there sees the request, and leaves by the connection's own.
    """

    services: Services
    login: Login
    channel_binding: bool = True
    basic: bool = False

    def exchange(self, request: Request) -> Reply:
        """Sends once. Raises NotSent, AnswerLost or ConfigurationFault."""
        return process_wire(self.services).exchange(replace(request, through=self._own()))

    def _own(self) -> Wire:
        """The process's connection to this server with this version of the secret."""
        secret = self.login.secret()
        key = ("wire", self.login.connection, "basic" if self.basic else "ntlm", str(self.channel_binding))
        known: tuple[str, RequestsWire, Any] | None = self.services.memory.get(key)
        if known is None or known[0] != self.login.version:
            sign = _basic(secret) if self.basic else Ntlm(secret["username"], secret["password"], self.channel_binding)
            folder = self._authority(secret)
            authority = str(Path(folder.name, PEM)) if folder is not None else None
            wire = RequestsWire(connect_timeout=CONNECT_SECONDS, authority=authority, authorization=sign)
            known = (self.login.version, wire, folder)  # the folder goes when the wire does
            self.services.memory[key] = known
        return known[1]

    def _authority(self, secret: Mapping[str, str]) -> tempfile.TemporaryDirectory[str] | None:
        """A folder of our own with the certificates to trust; None for the public ones. Raises ConfigurationFault."""
        bundle = secret.get(AUTHORITY, "").strip()
        if not bundle:
            return None
        if "-----BEGIN CERTIFICATE-----" not in bundle or "PRIVATE KEY" in bundle:
            raise ConfigurationFault(
                self.login.connection,
                f"{AUTHORITY} in the secret {self.login.credentials.name!r} must be PEM certificates "
                "(-----BEGIN CERTIFICATE-----) and nothing else; set the secret again",
                ("secret", f"{self.login.credentials.name}@{self.login.version}"),
            )
        folder = tempfile.TemporaryDirectory(prefix="ml-connector-")
        Path(folder.name, PEM).write_text(bundle + "\n", encoding="ascii", errors="ignore")
        return folder


def _basic(secret: Mapping[str, str]) -> Callable[[Any], Any]:
    """Basic sign-in, for SBA alone and only where a person chose it."""
    from requests.auth import HTTPBasicAuth

    signed: Callable[[Any], Any] = HTTPBasicAuth(secret["username"], secret["password"])
    return signed
