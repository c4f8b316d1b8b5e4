"""The gateway in front of the business APIs: tokens, products of the application, and the call budget.

Order of refusals: unknown path (404) or method (405), token (401), product (401), budget (429), trace headers (400).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from local.simulators.base import Request
from local.simulators.ups.problems import Rejection, expired, refuse, throttled

PRODUCTS = frozenset({"Shipping", "Rating", "AddressValidation", "Tracking", "TrackAlert", "TimeInTransit"})
BLOCKED = "10403"  # the words are the specification's, the code is not published
WINDOW = timedelta(seconds=60)


@dataclass(frozen=True)
class Client:
    """A registered application: its credentials, the accounts of its UPS user, and the API products added to it."""

    id: str
    secret: str
    accounts: tuple[str, ...]
    products: frozenset[str] = PRODUCTS
    blocked: bool = False


@dataclass(frozen=True)
class Asked:
    """One request that passed the gateway: what an endpoint works with."""

    request: Request
    client: Client
    names: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = field(default=None)


class Gate:
    """Live tokens and the sliding windows of calls."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}
        self.tokens: dict[str, tuple[str, datetime]] = {}  # token -> (client id, end)
        self._calls: defaultdict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def identify(self, request: Request, product: str, now: datetime) -> Client:
        """The client of the bearer token. Unknown 401 250002, expired 401 251004, product not added 401 250002."""
        scheme, _, token = (request.header("Authorization") or "").partition(" ")
        if scheme != "Bearer" or not token:
            raise refuse(401, "250003", "Invalid Access License number")
        client_id, end = self.tokens.get(token, ("", now))
        if not client_id:
            raise refuse(401, "250002", "Invalid Authentication Information.")
        if end <= now:
            raise Rejection(expired())
        client = self.clients[client_id]
        if client.blocked:
            raise refuse(403, BLOCKED, "Blocked Merchant")
        if product not in client.products:
            raise refuse(401, "250002", "Invalid Authentication Information.")
        return client

    def spend(self, client: Client, product: str, now: datetime, limit: int) -> None:
        """Takes one call out of the minute's window of this client and API; 429 without any hint when none is left."""
        calls = self._calls[client.id, product]
        while calls and calls[0] <= now - WINDOW:
            calls.popleft()
        if len(calls) >= limit:
            raise Rejection(throttled())
        calls.append(now)

    def block(self, client_id: str, blocked: bool) -> None:
        """Blocks an application, or lets it in again."""
        self.clients[client_id] = replace(self.clients[client_id], blocked=blocked)

    def expire_all(self, now: datetime) -> int:
        """Ends every token; answers how many were alive."""
        alive = [token for token, (_, end) in self.tokens.items() if end > now]
        self.tokens.update({token: (self.tokens[token][0], now) for token in alive})
        return len(alive)
