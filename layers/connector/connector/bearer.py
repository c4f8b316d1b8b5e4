"""Authorizers that put `Authorization: Bearer` on a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from connector.credentials import Credentials
from connector.token_store import Token
from connector.transport import Request, with_headers


class Renewable(Protocol):
    """What an authorizer needs of `connector.tokens.TokenCache`."""

    def current(self) -> Token:
        """A token that may be used now."""
        ...

    def renew(self, rejected_access: str) -> bool:
        """True when there is another token to try with."""
        ...


@dataclass(frozen=True)
class BearerAuthorizer:
    """Puts the cache's token on a request; implements `connector.transport.Authorizer`."""

    cache: Renewable

    def apply(self, request: Request) -> Request:
        """The request with `Authorization: Bearer`."""
        return with_headers(request, {"Authorization": f"Bearer {self.cache.current().access}"})

    def renew(self, rejected: Request) -> bool:
        """Renews the token that this request carried, at most once for all workers."""
        return self.cache.renew(rejected.headers["Authorization"].removeprefix("Bearer "))


@dataclass(frozen=True)
class StaticBearer:
    """A token that a person made (a personal access token): the secret's member `key`."""

    credentials: Credentials
    key: str = "token"

    def apply(self, request: Request) -> Request:
        """The request with `Authorization: Bearer`. Raises ConfigurationFault when the secret lacks the token."""
        return with_headers(request, {"Authorization": f"Bearer {self._token()}"})

    def renew(self, rejected: Request) -> bool:
        """There is nothing to renew. True only when a person has just replaced the token in the secret."""
        self.credentials.forget()
        return rejected.headers["Authorization"] != f"Bearer {self._token()}"

    def _token(self) -> str:
        return self.credentials.read(self.key)[self.key]
