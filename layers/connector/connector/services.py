"""Everything a piece of work may touch, handed down by parameter. Built once at cold start or by a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from connector.instants import Clock
from connector.log import Log
from connector.ports import Alerts, Bodies, Queues, Secrets, Tables


@dataclass(frozen=True)
class Services:
    """The ports, the clock, the dice and the log."""

    tables: Tables
    queues: Queues
    bodies: Bodies
    secrets: Secrets
    alerts: Alerts
    clock: Clock
    log: Log
    random: Callable[[], float]  # uniform in [0, 1): jitter only, never identity
    memory: dict[tuple[str, ...], Any] = field(default_factory=dict, compare=False, repr=False)
    """What a warm process remembers between pieces of work: credentials, tokens, call allowances.

    A copy of what the stores hold. It dies with the process, so a new worker (or a test's crash) starts without it.
    """
