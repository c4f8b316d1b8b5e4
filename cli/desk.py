"""What every command finds in its context: the place, the clock's sleep, and ids for what it starts."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cli.pairs import pair_of_connection
from cli.place import Place
from connector.services import Services

if TYPE_CHECKING:  # the operator API has no terminal
    import typer


def _correlation() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True)
class Desk:
    """Made by the entry point, or by a test on a stage."""

    place: Place
    sleep: Callable[[float], object] = time.sleep
    correlation: Callable[[], str] = field(default=_correlation)

    def connection(self, name: str) -> Services:
        """The services of a stored connection's pair. Raises ConfigurationFault when there is none."""
        return self.place.services(pair_of_connection(self.place.services(), name))


def desk_of(context: typer.Context) -> Desk:
    """The desk of a command."""
    found = context.find_object(Desk)
    if found is None:
        raise AssertionError("the entry point has made no desk")
    return found
