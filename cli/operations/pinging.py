"""Whether the systems of a connection answer: one cheap, signed-in read each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cli.codes import FINDINGS, NOT_REACHABLE, OK
from cli.failures import UNREACHABLE_KINDS
from cli.operations.accounts import Patience, opened
from cli.pairs import connection_named
from cli.systems import SYSTEMS
from cli.systems.shapes import System
from connector.faults import ConfigurationFault, VendorFault
from connector.services import Services


@dataclass(frozen=True)
class Pong:
    """What one system answered. `code` is the exit code that it stands for."""

    system: str
    code: int
    text: str
    milliseconds: int

    @property
    def reached(self) -> bool:
        """Whether it answered and let us in."""
        return self.code == OK


def ping(services: Services, name: str, sleep: Callable[[float], object]) -> list[Pong]:
    """Asks every system of the connection. Raises ConfigurationFault when there is no such connection."""
    pair, connection = connection_named(services, name)
    patience = Patience(services, sleep)
    with opened(pair, services, connection, "ping") as accounts:
        present = [system for system in SYSTEMS.values() if hasattr(accounts, system.name)]
        return [_pong(system, getattr(accounts, system.name), patience) for system in present]


def _pong(system: System, client: Any, patience: Patience) -> Pong:
    clock = patience.services.clock
    started, code = clock(), OK
    try:
        text = patience(lambda: system.ping(client))
    except VendorFault as fault:
        code, text = NOT_REACHABLE if fault.kind in UNREACHABLE_KINDS else FINDINGS, str(fault)
    except ConfigurationFault as fault:
        code, text = FINDINGS, fault.message
    return Pong(system.name, code, text, round((clock() - started).total_seconds() * 1000))
