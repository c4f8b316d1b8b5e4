"""NetSuite's certificates for an operator: made here, mapped by an administrator, used once NetSuite takes them.

The key never lies in a file: it goes into the secret `<connection>/netsuite_next` and from there, when NetSuite has
accepted it once, into `<connection>/netsuite`.
"""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cli.failures import Misused, Refused
from cli.wire import wire_of
from connector.faults import VendorFault
from connector.services import Services
from connector.transport import OpenGate, Transport
from vendors.netsuite.auth import SignIn, assertion, parse_token, token_request
from vendors.netsuite.certificates import make_certificate
from vendors.netsuite.faults import VENDOR, classify
from vendors.netsuite.open import SYSTEM
from vendors.netsuite.settings import NetSuiteSystem

NEXT = f"{SYSTEM}_next"


@dataclass(frozen=True)
class Made:
    """What was made; the key is in the secret alone."""

    secret: str
    certificate_file: str
    certificate_id: str
    algorithm: str
    expires_at: datetime


def make(services: Services, connection: str, algorithm: str, file: Path) -> Made:
    """Makes key and certificate, stores both, writes the certificate into a new file. Raises Misused, Refused."""
    made = make_certificate(f"ml-connector {connection}", algorithm, services.clock())
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except OSError as error:
        raise Misused(f"{file} cannot be written ({type(error).__name__}); name a new file with --file") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(made.certificate)
    secret = f"{connection}/{NEXT}"
    members = {"private_key": made.private_key, "certificate": made.certificate, "algorithm": algorithm}
    services.secrets.write(secret, json.dumps(members))
    return Made(secret, str(file), made.certificate_id, algorithm, made.expires_at)


@dataclass(frozen=True)
class Activated:
    """The secret that is used from now on."""

    secret: str
    certificate_id: str


def activate(services: Services, connection: str, system: NetSuiteSystem, client_id: str) -> Activated:
    """Signs in with the new certificate and, if NetSuite takes it, uses it from now on. Raises Refused, VendorFault."""
    from vendors.netsuite.certificates import certificate_id

    waiting = _members(services, f"{connection}/{NEXT}")
    if not waiting.get("private_key"):
        raise Refused(f"no new certificate waits; make one with `ml-connector netsuite certificate {connection}`")
    if waiting["algorithm"] != system.algorithm:
        raise Refused(
            f"the new key is for {waiting['algorithm']}, systems.netsuite.algorithm is {system.algorithm}: make "
            "another one, or change the connection file and apply it"
        )
    present = _members(services, f"{connection}/{SYSTEM}")
    client = client_id.strip() or str(present.get("client_id") or "")
    if not client:
        raise Misused("name the client id of the integration record with --client-id")
    identifier = certificate_id(waiting["certificate"])
    _try(services, system, SignIn(client, identifier, waiting["private_key"]))
    members = {"client_id": client, "private_key": waiting["private_key"], "certificate": waiting["certificate"]}
    services.secrets.write(f"{connection}/{SYSTEM}", json.dumps(members, sort_keys=True))
    services.secrets.write(f"{connection}/{NEXT}", "{}")
    return Activated(f"{connection}/{SYSTEM}", identifier)


def _try(services: Services, system: NetSuiteSystem, signing: SignIn) -> None:
    """One token call. Raises Refused with NetSuite's word."""
    transport = Transport(VENDOR, wire_of(services), None, OpenGate(), classify, services.clock, services.log)
    try:
        signed = assertion(system, signing, services.clock(), str(uuid.uuid4()))
        parse_token(transport.send(token_request(system, signed)).json(), services.clock())
    except VendorFault as fault:
        raise Refused(f"NetSuite does not take the new certificate yet, and nothing was changed: {fault}") from None
    except ValueError as error:
        raise Refused(f"the answer to the sign-in cannot be read, and nothing was changed ({error})") from None


def _members(services: Services, name: str) -> dict[str, Any]:
    secret = services.secrets.read(name)
    if secret is None:
        return {}
    try:
        document = json.loads(secret.current)
    except ValueError:  # not ours
        return {}
    return document if isinstance(document, dict) else {}
