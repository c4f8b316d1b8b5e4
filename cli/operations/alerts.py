"""Track Alert: the credential that UPS's pushes carry. Made and stored here before UPS hears of it."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from connector.services import Services
from vendors.shipbob.subscriptions import secrets_in

SENDER = "ups"
SECRET_NAME = "ups_webhook"  # noqa: S105 - the name of a secret, not one
HEADERS = {"credential": "credential", "bearer": "authorization", "oauth": "authorization"}
"""Which header carries it, by `settings.tracking.push_credentials`."""


@dataclass(frozen=True)
class AlertSetup:
    """Where UPS pushes to. `by_hand`: URL and credential must be typed into UPS's portal (version 2).

    client_id, token_url: with oauth, where UPS fetches its tokens; the secret then holds the client secret.
    """

    url: str
    version: str
    header_name: str
    secret: str
    generated: bool
    by_hand: bool
    client_id: str = ""
    token_url: str = ""


def prepare(services: Services, connection: str, url: str, version: str, kind: str, *, replace: bool) -> AlertSetup:
    """Makes the credential where there is none, keeps the address with it. The value is never part of the answer."""
    name = f"{connection}/{SECRET_NAME}"
    stored = services.secrets.read(name)
    kept = _parsed(stored.current) if stored is not None else None
    known = kept if isinstance(kept, dict) else {}
    client_id = str(known.get("client_id") or connection) if kind == "oauth" else ""
    form = {"client_id": client_id} if client_id else {"header_name": HEADERS[kind]}
    # What was made for another form stays valid as the previous version of the secret.
    same = all(str(known.get(member, "")).lower() == value.lower() for member, value in form.items())
    present = secrets_in(services, name) if same else []
    fresh = replace or not present
    value = secrets.token_urlsafe(32)
    mine = f"Bearer {value}" if kind == "bearer" else value
    # The old one stays behind the new: numbers that are subscribed with it push with it until they are renewed.
    entries = [mine, *present[:1]] if fresh else list(present)
    document = {**form, "secrets": entries, "url": url}
    if kept != document:
        services.secrets.write(name, json.dumps(document))
    token_url = f"{url}/token" if kind == "oauth" else ""
    return AlertSetup(url, version, HEADERS[kind], name, fresh, version == "v2", client_id, token_url)


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:  # what is there is not ours: it is replaced
        return None
