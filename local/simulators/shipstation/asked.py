"""One request after it was judged: what the endpoints work with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.simulators.base import Request


@dataclass(frozen=True)
class Asked:
    """`names` are the ids of the path, `query` the known parameters under their documented names and types."""

    request: Request
    names: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None

    @property
    def base(self) -> str:
        """Scheme and host that the caller used, for links in answers."""
        host = self.request.header("Host") or "api.shipstation.com"
        plain = host.split(":")[0] in ("127.0.0.1", "localhost")
        return f"{'http' if plain else 'https'}://{host}"
