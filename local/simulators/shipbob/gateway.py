"""The gateway in front of the API: versions and paths, tokens and scopes, the call budget, and the channel header.

The order of refusals: unknown version, path or method (404), token (401, empty), budget (429), scope (403, empty),
channel header (400, 403). Only then does an endpoint look at the query and the body.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from local.simulators.base import Reply, Request
from local.simulators.shipbob.problems import Rejection, empty, field_map, gateway_error, refuse
from local.simulators.shipbob.records import Channel
from local.simulators.shipbob.world import World

VERSIONS = ("2025-07", "2026-01", "2026-07")
WINDOW = timedelta(seconds=60)
SCOPES = [
    "channels_read",
    "channels_write",
    "inventory_read",
    "inventory_write",
    "orders_read",
    "orders_write",
    "products_read",
    "products_write",
    "receiving_read",
    "receiving_write",
    "returns_read",
    "returns_write",
    "webhooks_read",
    "webhooks_write",
    "locations_read",
    "tracking_read",
    "fulfillments_read",
    "fulfillments_write",
    "billing_read",
    "pricing_read",
]


@dataclass(frozen=True)
class Credential:
    """Who calls: one user through one application. `budget` names the call budget that its tokens share."""

    budget: str
    channel_id: int
    scopes: frozenset[str]
    expires: datetime | None = None


@dataclass(frozen=True)
class Asked:
    """One request that passed the gateway: what the endpoint works with."""

    request: Request
    version: str
    ids: dict[str, int]
    query: dict[str, Any]
    body: Any
    credential: Credential
    channel: Channel | None
    names: dict[str, str] = field(default_factory=dict)

    @property
    def channel_id(self) -> int:
        """The channel that a write belongs to: the header's, else the credential's own."""
        return self.channel.id if self.channel else self.credential.channel_id

    def sees(self, channel_id: int | None) -> bool:
        """Whether a row passes the channel filter of a read."""
        return self.channel is None or self.channel.id == channel_id


class Gate:
    """Tokens and budgets."""

    def __init__(self, calls_per_minute: int) -> None:
        self.calls_per_minute = calls_per_minute
        self.credentials: dict[str, Credential] = {}
        self._calls: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def admit(
        self, token: str, budget: str, channel_id: int, scopes: Iterable[str], expires: datetime | None = None
    ) -> None:
        """Makes a token known."""
        self.credentials[token] = Credential(budget, channel_id, frozenset(scopes), expires)

    def expire(self, tokens: Iterable[str]) -> int:
        """Forgets tokens; answers how many were known."""
        return sum(self.credentials.pop(token, None) is not None for token in tokens)

    def identify(self, request: Request, now: datetime) -> Credential:
        """The credential of the bearer token; 401 with an empty body for anything else."""
        scheme, _, token = (request.header("Authorization") or "").partition(" ")
        credential = self.credentials.get(token) if scheme == "Bearer" else None
        if credential is None or (credential.expires is not None and credential.expires <= now):
            raise Rejection(empty(401))
        return credential

    def _recent(self, budget: str, now: datetime) -> deque[datetime]:
        calls = self._calls[budget]
        while calls and calls[0] <= now - WINDOW:
            calls.popleft()
        return calls

    def spend(self, credential: Credential, now: datetime) -> None:
        """Takes one call out of the sliding window; 429 when none is left. A refused call costs nothing."""
        calls = self._recent(credential.budget, now)
        if len(calls) >= self.calls_per_minute:
            wait = math.ceil((calls[0] + WINDOW - now).total_seconds())
            raise Rejection(throttled(max(1, wait)))
        calls.append(now)

    def remaining(self, credential: Credential, now: datetime) -> int:
        """Calls that are left in the window."""
        return self.calls_per_minute - len(self._recent(credential.budget, now))


def throttled(seconds: int) -> Reply:
    """The 429 of the gateway."""
    headers = {"x-retry-after": str(seconds), "x-remaining-calls": "0"}
    return gateway_error(429, f"Rate limit is exceeded. Try again in {seconds} seconds.", headers)


def channel_of(world: World, request: Request, credential: Credential, rule: str, scope: str) -> Channel | None:
    """Judges `shipbob_channel_id`. Rules: `required` (a write), `filter` (a read), `ignored` (not declared).

    Missing where required: 400. Unknown, foreign or without the write scope: 403. Both statuses are unverified.
    """
    given = request.header("shipbob_channel_id")
    if rule == "ignored" or (given is None and rule == "filter"):
        return None
    if given is None:
        raise refuse(field_map, 400, "shipbob_channel_id", "The shipbob_channel_id header is required.")
    if not given.isascii() or not given.isdigit():
        raise refuse(field_map, 400, "shipbob_channel_id", f"The value '{given}' is not a channel id.")
    channel = world.channels.get(int(given))
    if channel is None:
        raise Rejection(empty(403))
    if rule == "required" and (scope not in channel.scopes or channel.id != credential.channel_id):
        raise Rejection(empty(403))
    return channel
