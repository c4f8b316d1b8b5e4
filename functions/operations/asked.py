"""What a caller asks for: an API Gateway event as method, path, values and person. Garbage becomes Misused."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cli.failures import Misused

LARGEST_BODY = 64 * 1024
MOST = 1000
"""Rows of one answer."""
SHOWN = 200
"""Characters of a value that the journal keeps."""


@dataclass(frozen=True)
class Asked:
    """One call. `values` come from the query of a GET and from the JSON body of a POST."""

    method: str
    path: str
    values: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A text; "" when it is not given. Raises Misused."""
        value = self.values.get(name, "")
        if not isinstance(value, str):
            raise Misused(f"{name} must be a text")
        return value.strip()

    def needed(self, name: str) -> str:
        """A text that must be given. Raises Misused."""
        value = self.text(name)
        if not value:
            raise Misused(f"{name} is missing")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, in a query as one text with commas. Raises Misused."""
        value = self.values.get(name, ())
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
            raise Misused(f"{name} must be a list of texts")
        return tuple(value)

    def flag(self, name: str) -> bool:
        """Yes or no, no when it is not given. Raises Misused."""
        value = self.values.get(name, False)
        if value in ("true", "false"):
            return bool(value == "true")
        if not isinstance(value, bool):
            raise Misused(f"{name} must be true or false")
        return value

    def number(self, name: str, default: float, least: float, most: float) -> float:
        """A number within its bounds. Raises Misused."""
        try:
            value = float(self.values.get(name, default))
        except (TypeError, ValueError):
            raise Misused(f"{name} must be a number") from None
        if not least <= value <= most:
            raise Misused(f"{name} must be a number from {least:g} to {most:g}")
        return value

    def only(self, names: tuple[str, ...]) -> None:
        """A misspelt choice must not become "everything". Raises Misused."""
        unknown = sorted(set(self.values) - set(names))
        if unknown:
            raise Misused(f"unknown: {', '.join(unknown)}; known here: {', '.join(names) or 'nothing'}")

    def noted(self) -> dict[str, str]:
        """The values as the journal keeps them."""
        found = {name: value if isinstance(value, str) else json.dumps(value) for name, value in self.values.items()}
        return {f"asked_{name}"[:60]: text[:SHOWN] for name, text in sorted(found.items())}


def caller_of(event: Mapping[str, Any]) -> str:
    """Who called, as API Gateway found by the signature: `assumed-role/operator/anna`. "" when nobody signed."""
    identity = _mapping(_mapping(event.get("requestContext")).get("identity"))
    arn = identity.get("userArn")
    return arn.rpartition(":")[2] if isinstance(arn, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def path_of(event: Mapping[str, Any]) -> str:
    """What is called, below /operations/."""
    return str(_mapping(event.get("pathParameters")).get("proxy") or "").strip("/")


def asked_from(event: Mapping[str, Any]) -> Asked:
    """The call in an event of API Gateway (REST, proxy). Raises Misused."""
    method = str(event.get("httpMethod", ""))
    path = path_of(event)
    query = _mapping(event.get("queryStringParameters"))
    return Asked(method, path, _body(event) if method == "POST" else dict(query))


def _body(event: Mapping[str, Any]) -> dict[str, Any]:
    text = event.get("body") or ""
    try:
        raw = base64.b64decode(str(text), validate=True) if event.get("isBase64Encoded") else str(text).encode()
        found = json.loads(raw) if raw and len(raw) <= LARGEST_BODY else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Misused(f"the body must be one JSON object of at most {LARGEST_BODY} bytes")
    return found
