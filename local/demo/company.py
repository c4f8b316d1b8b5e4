"""What the local run knows of a company: two vendors on loopback, and how an operator connects them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from local.demo.people import Operator
from local.demo.place import Place


class Company(Protocol):
    """One company whose two systems are to be connected."""

    @property
    def addresses(self) -> Mapping[str, str]:
        """Where everything of it answers, by a name that no other company uses."""
        ...

    @property
    def systems(self) -> Mapping[str, str]:
        """Base addresses by the name of the system in a connection file."""
        ...

    def document(self) -> dict[str, Any]:
        """Its sample connection file."""
        ...

    def connect(self, operator: Operator, place: Place, document: Mapping[str, Any]) -> None:
        """Everything an operator does: credentials, file, webhooks. Raises CommandFailed."""
        ...

    def open_shop(self) -> None:
        """A day's work is typed in, for a person who plays with it."""
        ...

    def deliver(self) -> None:
        """One round of the internet: every webhook and notification that is due goes out."""
        ...

    def hints(self) -> Sequence[str]:
        """Lines for a person: what can be done at this company now."""
        ...


@dataclass(frozen=True)
class Trade:
    """A kind of company: which pair connects it, and how its vendors are started on two ports (0: a free one)."""

    pair: str
    ports: tuple[int, int]  # those of `ml-connector up`
    start: Callable[[int, int], AbstractContextManager[Company]]
