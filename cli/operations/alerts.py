"""Track Alert: the credential that UPS's pushes carry. Made and stored here before UPS hears of it."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from connector.services import Services
from vendors.shipbob.subscriptions import secrets_in

SENDER = "ups"
SECRET_NAME = "ups_webhook"  # noqa: S105 - the name of a secret, not one
HEADERS = {"credential": "credential", "bearer": "authorization"}
"""Which header carries it, by `settings.tracking.push_credentials`."""


@dataclass(frozen=True)
class AlertSetup:
    """Where UPS pushes to. `by_hand`: URL and credential must be typed into UPS's portal (version 2)."""

    url: str
    version: str
    header_name: str
    secret: str
    generated: bool
    by_hand: bool


def prepare(services: Services, connection: str, url: str, version: str, kind: str, *, replace: bool) -> AlertSetup:
    """Makes the credential where there is none, keeps the address with it. The value is never part of the answer."""
    name = f"{connection}/{SECRET_NAME}"
    present = secrets_in(services, name)
    fresh = replace or not present
    value = secrets.token_urlsafe(32)
    mine = value if kind == "credential" else f"Bearer {value}"
    # The old one stays behind the new: numbers that are subscribed with it push with it until they are renewed.
    entries = [mine, *present[:1]] if fresh else list(present)
    document = {"header_name": HEADERS[kind], "secrets": entries, "url": url}
    stored = services.secrets.read(name)
    if stored is None or _parsed(stored.current) != document:
        services.secrets.write(name, json.dumps(document))
    return AlertSetup(url, version, HEADERS[kind], name, fresh, version == "v2")


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:  # what is there is not ours: it is replaced
        return None
