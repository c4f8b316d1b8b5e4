"""The two keys: V1 by HTTP Basic, V2 by a header. Neither expires; a person may replace them at any time."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from connector.credentials import Credentials
from connector.transport import Request, with_headers


@dataclass(frozen=True)
class BasicKey:
    """API key and secret of V1 (Requirements page, "Authentication"); `partner_key` raises the limit where given."""

    credentials: Credentials

    def apply(self, request: Request) -> Request:
        """The request with `Authorization: Basic`. Raises ConfigurationFault when the secret lacks a part."""
        return with_headers(request, self._headers())

    def renew(self, rejected: Request) -> bool:
        """There is nothing to renew. True only when a person has just replaced the key in the secret."""
        self.credentials.forget()
        return rejected.headers.get("Authorization") != self._headers()["Authorization"]

    def _headers(self) -> Mapping[str, str]:
        values = self.credentials.read("api_key", "api_secret")
        pair = f"{values['api_key']}:{values['api_secret']}".encode()
        headers = {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}
        return {**headers, "x-partner": values["partner_key"]} if values.get("partner_key") else headers


@dataclass(frozen=True)
class HeaderKey:
    """The V2 key in `API-Key`."""

    credentials: Credentials

    def apply(self, request: Request) -> Request:
        """The request with `API-Key`. Raises ConfigurationFault when the secret lacks it."""
        return with_headers(request, {"API-Key": self._key()})

    def renew(self, rejected: Request) -> bool:
        """There is nothing to renew. True only when a person has just replaced the key in the secret."""
        self.credentials.forget()
        return rejected.headers.get("API-Key") != self._key()

    def _key(self) -> str:
        return self.credentials.read("api_key")["api_key"]
