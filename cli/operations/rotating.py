"""Changing a credential without a gap: the new one is tried before it counts, the old one is accepted meanwhile."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.failures import Refused
from cli.operations.accounts import Patience, opened
from cli.operations.credentials import Stored, checked_credentials, store_credentials
from cli.operations.push import save_value
from cli.operations.trial import on_trial
from cli.pairs import connection_named, system_settings
from cli.systems import SYSTEMS
from connector.edge.sender import Sender
from connector.faults import ConfigurationFault, VendorFault
from connector.journal import note
from connector.services import Services
from vendors.shipbob.subscriptions import secrets_in


@dataclass(frozen=True)
class Rotated:
    """What a rotation did. `tried`: what the system answered to the new credential, "" where it could not be tried."""

    stored: Stored
    tried: str = ""
    advice: str = ""


def rotate_credentials(
    services: Services, connection: str, name: str, given: Mapping[str, Any], who: str, sleep: Callable[[float], object]
) -> Rotated:
    """Tries the new credential at its system and stores it only when that lets us in. Raises Refused, Misused.

    Where a person has consented, a trial would spend the refresh token; the new secret is stored untried then, and the
    vendor accepts the old one until somebody deletes it there.
    """
    values = checked_credentials(services, connection, name, given)
    tried, advice = "", f"It was not tried: run ml-connector connections ping {connection}."
    if _by_consent(services, connection, name):
        advice = (
            "It was not tried, because that would spend the consent. Keep the old secret at the vendor until a token "
            f"was renewed: ml-connector doctor {connection} says so."
        )
    elif name in _trials():
        tried = _try(services, connection, name, values, sleep)
        advice = "Functions use the new one within five minutes."
        if not _one_password(name):
            advice += " Then end the old one at the vendor."
    note(services, who, f"rotates the secret {connection}/{name}", {"connection": connection})
    return Rotated(store_credentials(services, connection, name, values), tried, advice)


def _by_consent(services: Services, connection: str, name: str) -> bool:
    system = SYSTEMS.get(name)
    if system is None or system.consent is None:
        return False
    _, stored = connection_named(services, connection)
    try:
        system.consent(services, connection, system_settings(stored, name))
    except ConfigurationFault:  # this connection signs in otherwise
        return False
    return True


def _trials() -> dict[str, tuple[str, Callable[[Any], str]]]:
    """By secret: the client that uses it, and how it is tried."""
    found = {name: (name, system.ping) for name, system in SYSTEMS.items()}
    for system in SYSTEMS.values():
        found.update(system.others)
    return found


def _try(
    services: Services, connection: str, name: str, values: Mapping[str, str], sleep: Callable[[float], object]
) -> str:
    """What the system answers to the new credential. Raises Refused, with nothing stored."""
    own = on_trial(services, connection, name, values)
    pair, stored = connection_named(own, connection)
    try:
        with opened(pair, own, stored, "rotate") as accounts:
            client, ping = _trials()[name]
            return Patience(own, sleep)(lambda: ping(getattr(accounts, client)))
    except (VendorFault, ConfigurationFault) as fault:
        # A password that was changed at the vendor is over there: to call the old one good would be untrue.
        old = " and the old one goes on" if not _one_password(name) else (
            ". If the password was changed already, the stored one is refused too. Each refused try counts towards the "
            "account's lock-out"
        )
        raise Refused(f"the new credential does not work, so nothing was stored{old}: {fault}") from fault


def _one_password(name: str) -> bool:
    system = SYSTEMS.get(name)
    return system is not None and system.one_password


# ---- what deliveries are proven with -----------------------------------------------------------------------------


def rotate_webhook_secret(
    services: Services, connection: str, sender: Sender, who: str, value_file: Path | None
) -> Rotated:
    """A new value in front of the old ones; deliveries with any of them are proven. Raises Refused."""
    name = f"{connection}/{sender.secret_name}"
    present, document = secrets_in(services, name), _document(services, name)
    if not present or "header_name" not in document:
        raise Refused(
            f"the secret {name} is made together with its subscription: ml-connector webhooks register {connection} "
            "--replace makes a new one and keeps the old one accepted"
        )
    made = secrets.token_hex(32)
    if value_file is not None:
        save_value(made, value_file)
    note(services, who, f"rotates the secret {name}; the old value stays accepted", {"connection": connection})
    services.secrets.write(name, json.dumps({**document, "secrets": [made, present[0]]}))
    advice = (
        f"Type the new value at {sender.name} now; the old one stays accepted. When deliveries come with the new one: "
        f"ml-connector secrets rotate {connection} {sender.secret_name} --finish"
    )
    return Rotated(Stored(name, tuple(sorted(document)), True), "", advice)


def finish_rotation(services: Services, connection: str, sender: Sender, who: str) -> Rotated:
    """Ends the old values: the newest alone is accepted from now on. Raises Refused when there is no old one."""
    name = f"{connection}/{sender.secret_name}"
    present, document = secrets_in(services, name), _document(services, name)
    held = services.secrets.read(name)
    if held is None or not present:
        raise Refused(f"there is no secret {name}")
    text = json.dumps({**document, "secrets": present[:1]})
    if len(present) == 1 and held.previous in (None, text):
        raise Refused(f"the secret {name} has one value only; there is nothing to end")
    note(services, who, f"ends the old values of the secret {name}", {"connection": connection})
    # Twice: the version before the current one is accepted as well, and must hold nothing older.
    services.secrets.write(name, text)
    services.secrets.write(name, text)
    return Rotated(Stored(name, tuple(sorted(document)), True), "", "Deliveries with an old value go into quarantine.")


def _document(services: Services, name: str) -> dict[str, Any]:
    held = services.secrets.read(name)
    try:
        found = json.loads(held.current) if held is not None else {}
    except ValueError:  # not ours: there is nothing to rotate in it
        return {}
    return found if isinstance(found, dict) else {}
