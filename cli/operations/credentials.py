"""Secrets of a connection: which there are, what they must hold, storing them. Values are never shown."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.failures import Misused, Refused
from cli.pairs import PAIRS, connection_named, senders_of
from cli.systems import SYSTEMS
from cli.systems.shapes import SecretShape
from connector.edge import standard_webhooks
from connector.edge.sender import Delivery, Ruling, Sender
from connector.services import Services


@dataclass(frozen=True)
class Stored:
    """What was stored. `members` are names; `changed` is False when the same text was there already."""

    name: str
    members: tuple[str, ...]
    changed: bool


def shapes_for(services: Services, connection: str) -> tuple[SecretShape, ...]:
    """The secrets that a connection's systems need; every possible one while it is not applied yet."""
    if services.tables.get("connections", connection, "document") is None:
        return tuple(shape for system in SYSTEMS.values() for shape in system.secrets(None))
    _, found = connection_named(services, connection)
    systems = getattr(found.document, "systems", None)
    return tuple(
        shape
        for name, system in SYSTEMS.items()
        if hasattr(systems, name)
        for shape in system.secrets(getattr(systems, name))
    )


def shapes_named(services: Services, connection: str, name: str) -> tuple[SecretShape, ...]:
    """The alternatives of one secret. Raises Misused with the names that there are."""
    known = shapes_for(services, connection)
    found = tuple(shape for shape in known if shape.name == name)
    if not found:
        senders = _senders(services, connection).values()
        names = sorted({shape.name for shape in known} | {sender.secret_name for sender in senders})
        raise Misused(f"connection {connection} has no secret {name!r}; it has {', '.join(names)}")
    return found


def store_credentials(services: Services, connection: str, name: str, given: Mapping[str, Any]) -> Stored:
    """Checks the members that the system needs and stores the secret. Raises Misused, Refused."""
    return _write(services, f"{connection}/{name}", checked_credentials(services, connection, name, given))


def checked_credentials(services: Services, connection: str, name: str, given: Mapping[str, Any]) -> dict[str, str]:
    """The members that the system needs, as they may be stored. Raises Misused, Refused."""
    shapes = shapes_named(services, connection, name)
    known = {member for shape in shapes for member in (*shape.members, *shape.optional)}
    if unknown := sorted(set(given) - known):
        raise Refused(f"secret {connection}/{name}: unknown member {', '.join(unknown)}; it holds {_needs(shapes)}")
    lines = {member for shape in shapes for member in (*shape.several_lines, *shape.optional)}
    values = {key: _value(f"secret {connection}/{name}", key, value, lines) for key, value in given.items()}
    fitting = [shape for shape in shapes if set(shape.members) <= set(values)]
    if not fitting:
        raise Refused(f"secret {connection}/{name} is not complete; it holds {_needs(shapes)}")
    largest = max(fitting, key=lambda shape: len(shape.members))
    try:
        largest.check(values)
    except ValueError as error:
        raise Refused(f"secret {connection}/{name}: {error}") from None
    return values


def _needs(shapes: Sequence[SecretShape]) -> str:
    return ", or ".join(
        " and ".join(shape.members) + (f" (with {shape.when})" if shape.when and len(shapes) > 1 else "")
        for shape in shapes
    )


def _value(what: str, key: str, value: Any, lines: Collection[str]) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Refused(f"{what}: {key} must be a text that is not empty")
    if key in lines:
        return value.strip()
    if any(ord(character) < 32 for character in value) or value != value.strip():
        raise Refused(f"{what}: {key} has a line break, a control character or blanks at an end; copy it again")
    return value


def store_webhook_secret(
    services: Services, connection: str, sender: Sender, given: Mapping[str, Any], now: datetime
) -> Stored:
    """Stores what a sender's deliveries are proven with, judged by the sender's own scheme. Raises Refused."""
    name = f"{connection}/{sender.secret_name}"
    verdict = sender.verify(_probe(now), [given], now)
    if verdict.ruling is Ruling.MISCONFIGURED or verdict.why.startswith("an entry"):
        raise Refused(f"secret {name}: {verdict.why}")
    return _write(services, name, dict(given))


def _probe(now: datetime) -> Delivery:
    """A well-formed delivery that no secret proves: what is wrong with the secret itself comes out."""
    headers = {
        standard_webhooks.ID: "msg_probe",
        standard_webhooks.TIMESTAMP: str(int(now.timestamp())),
        standard_webhooks.SIGNATURE: "v1," + "A" * 43 + "=",
    }
    return Delivery(headers, b"{}", token="A" * 32)


def _write(services: Services, name: str, values: Mapping[str, Any]) -> Stored:
    """A text that is there already is not written: the version before it, still accepted, would be pushed out."""
    text = json.dumps(values, sort_keys=True)
    present = services.secrets.read(name)
    changed = present is None or _parsed(present.current) != values
    if changed:
        services.secrets.write(name, text)
    return Stored(name, tuple(sorted(values)), changed)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:  # what is there is not ours: it is replaced
        return None


def missing_secrets(services: Services, connection: str) -> list[str]:
    """Names of the secrets that the connection needs and that do not exist."""
    names = dict.fromkeys(shape.name for shape in shapes_for(services, connection))
    return [name for name in names if services.secrets.read(f"{connection}/{name}") is None]


def webhook_sender(services: Services, connection: str, name: str) -> Sender | None:
    """The sender whose secret this is, or None."""
    return next((s for s in _senders(services, connection).values() if s.secret_name == name), None)


def _senders(services: Services, connection: str) -> Mapping[str, Sender]:
    """The senders of the connection's pair; those of every pair while it is not applied yet."""
    item = services.tables.get("connections", connection, "document")
    pairs = PAIRS if item is None else (str(item["pair"]),)
    return {name: sender for pair in pairs for name, sender in senders_of(pair).items()}
