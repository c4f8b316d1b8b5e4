"""Everything a piece of work may touch, handed down by parameter. Built once at cold start (`connector.aws`) or by a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
