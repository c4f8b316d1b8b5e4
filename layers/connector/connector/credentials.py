"""The credentials of one connection's system, read from its secret and checked before anybody uses them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.faults import ConfigurationFault
from connector.services import Services

REMEMBER = timedelta(minutes=5)
"""How long a warm process believes its copy. A rotated secret is used at the latest after this time."""


@dataclass(frozen=True)
class _Known:
    """The process's copy of one secret: what text members it has and when to look again."""

    values: Mapping[str, str]
    version: str
    until: datetime


@dataclass(frozen=True)
class Credentials:
    """Reads the secret `<connection>/<system>`: a JSON object whose members are text."""

    services: Services
    connection: str
    system: str

    @property
    def name(self) -> str:
        """The secret's short name."""
        return f"{self.connection}/{self.system}"

    def read(self, *required: str) -> Mapping[str, str]:
        """The text members of the secret, of which `required` are present and not empty.

        Raises ConfigurationFault that names the secret, what is wrong and the command that sets it.
        """
        values = self._known().values
        missing = [key for key in required if not values.get(key, "").strip()]
        if missing:
            raise self._fault(f"lacks {', '.join(repr(key) for key in missing)}")
        # A pasted line break would end the header that the value travels in.
        broken = [key for key in required if any(ord(character) < 32 for character in values[key])]
        if broken:
            raise self._fault(f"has a line break or control character in {', '.join(repr(key) for key in broken)}")
        return values

    def version(self) -> str:
        """The stored version's id, always asked anew; empty when there is no such secret."""
        secret = self.services.secrets.read(self.name)
        return secret.version if secret is not None else ""

    def known_version(self) -> str:
        """The stored version of what `read` answers: it may be older than the newest by the time it is remembered."""
        return self._known().version

    def forget(self) -> None:
        """Makes the next `read` ask the store: for use after the vendor rejected what we have."""
        self.services.memory.pop(self._key, None)

    @property
    def _key(self) -> tuple[str, ...]:
        return ("credentials", self.connection, self.system)

    def _known(self) -> _Known:
        now = self.services.clock()
        known: _Known | None = self.services.memory.get(self._key)
        if known is None or now >= known.until:
            known = self._load(now)
            self.services.memory[self._key] = known
        return known

    def _load(self, now: datetime) -> _Known:
        secret = self.services.secrets.read(self.name)
        if secret is None:
            raise self._fault("does not exist")
        try:
            document = json.loads(secret.current)
        except ValueError:
            # The parser's own message quotes the text, which is secret.
            raise self._fault("is not JSON") from None
        if not isinstance(document, dict):
            raise self._fault("is not a JSON object")
        values = {key: value for key, value in document.items() if isinstance(value, str)}
        return _Known(values, secret.version, now + REMEMBER)

    def _fault(self, what: str) -> ConfigurationFault:
        return ConfigurationFault(
            self.connection,
            f"the secret {self.name!r} {what}. Set it with `ml-connector secrets set {self.name}`; "
            "work that waits for it continues by itself.",
            ("secret", f"{self.name}@{self.version() or 'none'}"),
        )
