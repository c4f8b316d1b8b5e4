"""The daily number of token calls: counted, announced before it is used up, never exceeded.

State table, pk `tokens/<connection>/<system>/<day>`, sk `-`, attribute `taken`; the day is UTC.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from connector.alerting import alert_once
from connector.faults import Executed, FaultKind, VendorFault
from connector.instants import day_text, epoch_seconds, instant_text
from connector.services import Services

KEEP = timedelta(days=35)


@dataclass(frozen=True)
class TokenQuota:
    """`limit` None: counted only. `alarm_at`: the part of the limit at which a person is told."""

    services: Services
    connection: str
    system: str
    limit: int | None
    alarm_at: float

    def take(self) -> None:
        """Counts one token call. Raises VendorFault(BUDGET, retry_at = next UTC day) when the number is used up."""
        now = self.services.clock()
        day = day_text(now)
        taken = self.services.tables.add(
            "state", f"tokens/{self.connection}/{self.system}/{day}", "-", "taken", 1,
            ceiling=self.limit, expires_at=epoch_seconds(now + KEEP),
        )
        if taken is None:
            raise self._used_up(day)
        self.services.log.bind(connection=self.connection).metric("TokensToday", taken)
        if self.limit is not None and taken >= math.ceil(self.limit * self.alarm_at):
            self._tell(day, "warning", f"{taken} of {self.limit} token calls of the day are made")

    def give_back(self) -> None:
        """Takes one off again: the call that was counted was never made."""
        now = self.services.clock()
        self.services.tables.add(
            "state", f"tokens/{self.connection}/{self.system}/{day_text(now)}", "-", "taken", -1,
            expires_at=epoch_seconds(now + KEEP),
        )

    def _used_up(self, day: str) -> VendorFault:
        text = f"all {self.limit} token calls of {day} (UTC) are made"
        self._tell(day, "stop", f"{text}; nothing is sent until the next day unless the limit is raised")
        midnight = self.services.clock().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return VendorFault(
            self.system,
            FaultKind.BUDGET,
            f"{text} for {self.connection}/{self.system}; no new token before {instant_text(midnight)}; "
            "the request was not sent",
            Executed.NO,
            # The first minutes of a day would otherwise see everything that waited.
            retry_at=midnight + timedelta(seconds=300 * self.services.random()),
            alarm=True,
        )

    def _tell(self, day: str, what: str, text: str) -> None:
        alert_once(
            self.services,
            f"tokens/{self.connection}/{self.system}/{day}/{what}",
            f"Token calls of {self.connection}/{self.system}",
            f"Connection {self.connection}, system {self.system}: {text}. A healthy connection needs about one token "
            "call per lifetime of a token. Look in the log for rejected tokens (HTTP 401) and for other programs that "
            "use the same credentials.",
        )
