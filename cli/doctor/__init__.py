"""The doctor: looks at everything that a connection needs and says what is wrong and what to do. It writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

from cli.doctor import budgets, common
from cli.doctor.finding import Examination, Finding, Severity
from cli.operations.accounts import Patience, opened
from cli.pairs import connection_named
from cli.wire import KEY, wire_of
from connector.services import Services

__all__ = ["Finding", "Severity", "examine"]


def examine(
    services: Services, name: str, public_base: str, sleep: Callable[[float], object], *, quick: bool = False
) -> list[Finding]:
    """Every finding about a connection, good ones included. Raises ConfigurationFault when there is no such one."""
    pair, connection = connection_named(services, name)
    wire = common.DatedWire(wire_of(services), services.clock)
    watched = replace(services, memory={**services.memory, KEY: wire})
    with opened(pair, watched, connection, "doctor") as accounts:
        examined = Examination(watched, connection, accounts, Patience(watched, sleep), public_base)
        common.check_connection(examined)
        common.check_neighbours(examined)
        common.check_secrets(examined)
        common.check_sign_ins(examined)
        _checks_of(pair.name)(examined, quick=quick)
        common.check_polls(examined, pair)
        common.check_arrivals(examined, pair)
        budgets.check_budgets(examined)
        common.check_certificates(examined, pair)
        common.check_clocks(examined, wire)
    return examined.findings


def _checks_of(pair: str) -> Any:
    """The checks of a pair: a module of its name beside this one."""
    return import_module(f"cli.doctor.{pair}").examine
