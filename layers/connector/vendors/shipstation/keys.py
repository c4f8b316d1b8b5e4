"""The keys that ShipStation signs webhooks with, read by the poller and kept in the webhook's secret for the edge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connector.edge.key_signature import usable_key, usable_number
from connector.services import Services
from connector.transport import Request, Transport
from vendors.shipstation.calls import readable

SECRET = "shipstation_webhook"  # noqa: S105 - the name of a secret, not one


def read_keys(transport: Transport, url: str) -> list[Mapping[str, str]]:
    """The published RSA keys. Raises VendorFault; what is no usable key is left out."""
    purpose = "read webhook keys"
    reply = transport.send(Request("GET", url, purpose, {"Accept": "application/json"}, authorize=False))
    return readable(reply, purpose, _keys)


def _keys(document: Any) -> list[Mapping[str, str]]:
    rows = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(rows, list):
        raise ValueError("no list of keys")
    found: list[Mapping[str, str]] = []
    for row in rows:
        if not isinstance(row, Mapping) or row.get("kty") != "RSA" or not isinstance(row.get("kid"), str):
            continue
        if usable_key(usable_number(row.get("n")), usable_number(row.get("e"))):
            found.append({"kid": row["kid"], "n": str(row["n"]), "e": str(row["e"])})
    return found


def stored(services: Services, connection: str) -> dict[str, Any]:
    """The webhook's secret; empty when there is none that could be used."""
    secret = services.secrets.read(f"{connection}/{SECRET}")
    try:
        document: Any = json.loads(secret.current) if secret is not None else {}
    except ValueError:  # not ours: it is replaced
        return {}
    return document if isinstance(document, dict) else {}


def keep_keys(services: Services, connection: str, keys: list[Mapping[str, str]]) -> bool:
    """Puts the keys into the webhook's secret; False when they are there already, or nothing could be proven anyway.

    A key that is gone from the set stays for one more version: deliveries under way may carry it.
    """
    document = stored(services, connection)
    if not document.get("tokens") or not keys or document.get("keys") == keys:
        return False
    services.secrets.write(f"{connection}/{SECRET}", json.dumps({**document, "keys": keys}))
    return True
