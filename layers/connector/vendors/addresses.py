"""Addresses that people write into a connection: what every vendor's settings check alike."""

from __future__ import annotations

import ipaddress
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import Field

Account = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
"""The name under which connections share one call limit."""


def checked_address(text: str, example: str) -> str:
    """The address without a closing slash; https, or plain http on this machine. Raises ValueError."""
    parts = address_parts(text, example)
    if parts.query or parts.fragment:
        raise ValueError(f"{text!r} must not hold a query or a fragment")
    require_https(text, parts)
    return parts.geturl().rstrip("/")


def address_parts(text: str, example: str) -> SplitResult:
    """The parts of an address that holds no credentials; `example` shows people what one looks like. ValueError."""
    parts = urlsplit(text.strip())
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError(f"{text!r} is not a web address such as {example}")
    if parts.username or parts.password:
        raise ValueError("the address must not hold a user name or password; credentials belong into the secret store")
    return parts


def require_https(text: str, parts: SplitResult) -> None:
    """Raises ValueError where orders and tokens would travel in the clear to another machine."""
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise ValueError(f"{text!r} must use https; plain http is allowed only for this machine (127.0.0.1, localhost)")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
