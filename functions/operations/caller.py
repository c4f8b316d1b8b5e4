"""The place of a command, with the caller's name instead of the function's own."""

from __future__ import annotations

from dataclasses import dataclass

from cli.place import Api, NotReachable, Place
from connector.dead_letters import DeadLetters
from connector.services import Services


@dataclass(frozen=True)
class CallerPlace:
    """Implements `cli.place.Place`. Every line that an act leaves behind names `caller`."""

    place: Place
    caller: str

    @property
    def name(self) -> str:
        """The place's own name."""
        return self.place.name

    def services(self, pair: str = "") -> Services:
        """The place's own services."""
        return self.place.services(pair)

    def public_base(self) -> str:
        """The place's own base."""
        return self.place.public_base()

    def who(self) -> str:
        """Who signed the call."""
        return self.caller

    def secret(self, short: str) -> str:
        """The full name of a secret."""
        return self.place.secret(short)

    def dead_letters(self, pair: str) -> DeadLetters:
        """The place's own dead letters."""
        return self.place.dead_letters(pair)

    def operator_api(self) -> Api:
        """Whoever calls the API is there already."""
        raise NotReachable("the operator API does not call itself")

    def pairs(self) -> tuple[str, ...]:
        """The pairs that are deployed."""
        return self.place.pairs()
