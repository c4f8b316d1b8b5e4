"""Requests as API Gateway hands them over, signed as the senders sign, and a connection that takes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connector.instants import parse_instant
from tests.support.world import World

PAIR = "acumatica_shipbob"
CONNECTION = "acme-main"

SHIPBOB_KEY = base64.b64encode(b"edge tests: shipbob key1").decode()
SHIPBOB_SECRET = f"whsec_{SHIPBOB_KEY}"
OTHER_SECRET = f"whsec_{base64.b64encode(b'edge tests: another key2').decode()}"
PUSH_HEADER = "X-MLC-Token"
PUSH_SECRET = "9d1f0c6be4a2478fb0d35c17a6e8f94b2c7d5e60813f4a9b"

Headers = Mapping[str, str] | Sequence[tuple[str, str]]


def sign(secret: str, identifier: str, timestamp: int | str, body: bytes, *, padded: bool = True) -> str:
    """One entry of `webhook-signature` (Standard Webhooks, "Signature scheme")."""
    key = base64.b64decode(secret.removeprefix("whsec_") + "==")
    text = base64.b64encode(hmac.digest(key, f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256)).decode()
    return "v1," + (text if padded else text.rstrip("="))


def signed_headers(
    world: World, body: bytes, *, secret: str = SHIPBOB_SECRET, identifier: str = "msg_edge0001",
    topic: str = "order.shipped", age: int = 0,
) -> dict[str, str]:
    """ShipBob's headers for an attempt made `age` seconds ago."""
    timestamp = int(world.clock().timestamp()) - age
    return {
        "Content-Type": "application/json",
        "Webhook-Id": identifier,
        "Webhook-Timestamp": str(timestamp),
        "Webhook-Signature": sign(secret, identifier, timestamp, body),
        "X-Webhook-Topic": topic,
    }


def gateway_event(
    sender: str, headers: Headers, body: bytes | str | None, *, connection: str = CONNECTION, token: str | None = None,
    pair: str = PAIR,
) -> dict[str, Any]:
    """A REST proxy event. Bytes come base64-encoded (binary media types */*), text as it is."""
    lines = list(headers.items()) if isinstance(headers, Mapping) else list(headers)
    several: dict[str, list[str]] = {}
    for name, value in lines:
        several.setdefault(name, []).append(value)
    encoded = isinstance(body, bytes)
    return {
        "resource": f"/{pair}/{{connection}}/{{sender}}" + ("/{token}" if token else ""),
        "path": f"/{pair}/{connection}/{sender}" + (f"/{token}" if token else ""),
        "httpMethod": "POST",
        "headers": {name: values[-1] for name, values in several.items()},
        "multiValueHeaders": several,
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"connection": connection, "sender": sender, **({"token": token} if token else {})},
        "stageVariables": None,
        "requestContext": {"requestId": "b1a4d5e8-0000-4000-8000-000000000001", "httpMethod": "POST"},
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": encoded,
    }


def with_connection(world: World, *, state: str = "active", pair: str = PAIR, name: str = CONNECTION) -> World:
    """Adds the connection with both systems and its webhook secrets."""
    world.tables.put("connections", {
        "pk": name, "sk": "document", "pair": pair, "state": state, "revision": 1,
        "data": json.dumps({"connection": name, "pair": pair, "systems": {"acumatica": {}, "shipbob": {}}}),
    })
    world.secrets.write(f"{name}/shipbob_webhook", json.dumps({"secrets": [SHIPBOB_SECRET]}))
    world.secrets.write(
        f"{name}/acumatica_webhook", json.dumps({"header_name": PUSH_HEADER, "secrets": [PUSH_SECRET]})
    )
    return world


def messages(world: World) -> list[dict[str, Any]]:
    """What the events queue holds, parsed, oldest first."""
    return [json.loads(stored.body) for stored in world.queues.messages("events")]


def quarantined(world: World, sender: str = "shipbob", connection: str = CONNECTION) -> list[dict[str, Any]]:
    """What the quarantine holds of a sender, parsed."""
    page = world.tables.query("events", f"quarantine/{connection}/{sender}")
    return [json.loads(str(item["data"])) for item in page.items]


@dataclass(frozen=True)
class Arrival:
    """One file of events/ (the format stands in events/README.md)."""

    at: datetime
    lines: Sequence[tuple[str, str]]
    body: bytes
    event: dict[str, Any] | None
    must: Mapping[str, Any]
    token: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The headers; of doubled ones the last."""
        return dict(self.lines)


def read_arrival(path: Path | str) -> Arrival:
    """Reads one file of events/. Raises KeyError for a file that does not say what must happen."""
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    headers = found.get("headers", {})
    return Arrival(
        at=parse_instant(found["at"]),
        lines=[(name, value) for name, value in (headers.items() if isinstance(headers, dict) else headers)],
        body=_arrived_bytes(found),
        event=found.get("event"),
        must=found["must"],
        token=found.get("token"),
    )


def _arrived_bytes(found: Mapping[str, Any]) -> bytes:
    if "body_base64" in found:
        return base64.b64decode(found["body_base64"])
    if "body_pieces" in found:
        pieces = found["body_pieces"]
        return str(pieces["head"] + pieces["repeat"] * pieces["times"] + pieces["tail"]).encode()
    body = found.get("body", "")
    return (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))).encode()
