"""The addresses that senders call; what ShipBob knows of them is in `vendors.shipbob.subscriptions`."""

from __future__ import annotations

from urllib.parse import urlsplit

from cli.failures import Refused

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def webhook_url(public_base: str, pair: str, connection: str, sender: str) -> str:
    """The address that a sender calls. Raises Refused for what no sender should call."""
    parts = urlsplit(public_base)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise Refused(f"the public address {public_base} is not https; set the stack's parameter PublicBaseUrl")
    return f"{public_base.rstrip('/')}/{pair}/{connection}/{sender}"
