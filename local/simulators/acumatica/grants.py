"""What the identity server keeps: connected applications, users, tokens, codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

FLOWS = {"password", "authorization_code"}


@dataclass
class Application:
    """A connected application. `client_id` is `<GUID>@<Tenant>`; `refresh` is absolute, sliding or none."""

    client_id: str
    secret: str
    redirect_uris: set[str] = field(default_factory=set)
    flows: set[str] = field(default_factory=lambda: set(FLOWS))
    refresh: str = "absolute"
    refresh_days: int = 30
    absolute_days: int | None = 90  # cap of a sliding chain; None: infinite


@dataclass
class User:
    """An ERP user; too many wrong passwords lock it, after which the right one fails as well."""

    name: str
    password: str
    failures: int = 0
    locked: bool = False


@dataclass
class Token:
    """An access token. `grant` names the chain of refreshes it belongs to."""

    value: str
    client_id: str
    user: str
    scopes: frozenset[str]
    grant: str
    expires_at: datetime
    revoked: bool = False


@dataclass
class RefreshToken:
    """A refresh token and the end of its life."""

    value: str
    client_id: str
    user: str
    scopes: frozenset[str]
    grant: str
    expires_at: datetime
    born_at: datetime
    used: bool = False


@dataclass(frozen=True)
class Code:
    """An authorization code, good once and for five minutes."""

    client_id: str
    user: str
    redirect_uri: str
    scopes: frozenset[str]
    challenge: str | None
    method: str
    expires_at: datetime
