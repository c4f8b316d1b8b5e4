"""NetSuiteSimulator: a strict, stateful NetSuite account for tests, the demo and the crash matrix.

Everything answers below `/services/rest`: the token endpoint (`/auth/oauth2/v1/token`), records (`/record/v1`),
queries (`/query/v1/suiteql`), jobs (`/async/v1`) and system (`/system/v1`). In process: `handle(request)`; over HTTP:
`SimulatorServer(simulator)`. What people do in NetSuite's own pages: `command(name, arguments)`, see `COMMANDS`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from functools import partial
from typing import Any

from local.simulators.base import Call, Clock, Fault, FaultDial, Reply, Request
from local.simulators.netsuite import office, people, problems, routes, seeding
from local.simulators.netsuite.holdings import holdings
from local.simulators.netsuite.oauth import TOKEN_PATH, TokenServer
from local.simulators.netsuite.problems import Rejection
from local.simulators.netsuite.world import Switches, World
from local.simulators.serving import act_with_faults, answer_and_log, meanwhile, run_command, set_switches, stand_still

DEFAULT_ACCOUNT = "1234567_SB1"
DEFAULT_CLIENT = "5d0a" * 16
COMMANDS: dict[str, Callable[[World, dict[str, Any]], Any]] = {
    **seeding.COMMANDS,
    **people.COMMANDS,
    **office.COMMANDS,
}


class NetSuiteSimulator:
    """One account. `clock` answers aware UTC; `advance` moves it (or waits) for the SLOW fault and for overload."""

    name = "netsuite"

    def __init__(
        self,
        clock: Clock,
        *,
        account: str = DEFAULT_ACCOUNT,
        switches: Switches | None = None,
        advance: Callable[[float], None] = stand_still,
    ) -> None:
        self.dial = FaultDial()
        self.calls: list[Call] = []
        self.switches = switches or Switches()
        self.world = World(clock, self.switches, account)
        self.oauth = TokenServer(self.world)
        self._advance = advance
        self._lock = threading.RLock()
        self._doors = threading.Lock()

    @property
    def strict_violations(self) -> list[str]:
        """What the strict option refused, in words, in order. The real API would have said nothing."""
        return self.world.strict_violations

    def handle(self, request: Request) -> Reply:
        """Answers one request; raises ConnectionDropped or AnswerTimedOut when the dial says so."""
        reply, _ = answer_and_log(request, self.calls, self.world.now, self._answer)
        return Reply(reply.status, {**self._common_headers(), **reply.headers}, reply.body)

    def _answer(self, request: Request) -> tuple[Reply, Fault | None]:
        with self._slot(request) as over:
            if over:
                return self._overloaded(), None
            reply, fault = act_with_faults(
                request,
                self.dial,
                self._act,
                throttled=problems.throttled,
                expired=lambda: problems.invalid_login(self.world.account),
                advance=self._advance,
                special=self._special,
            )
            return self._in_netsuite_words(reply, fault), fault

    @contextmanager
    def _slot(self, request: Request) -> Iterator[bool]:
        """One slot of the account's concurrency while the request runs; the token endpoint is not governed."""
        counters = self.world.counters
        if request.path == TOKEN_PATH:
            yield False
            return
        with self._doors:
            counters.in_flight += 1
            running = counters.in_flight + counters.occupied
            counters.highest_in_flight = max(counters.highest_in_flight, counters.in_flight)
        try:
            yield running > self.switches.concurrency_limit
        finally:
            with self._doors:
                counters.in_flight -= 1

    def _overloaded(self) -> Reply:
        """Too many at once: 429 at once, or the form that was seen too, a 401 after a minute."""
        if not self.switches.overload_as_401:
            return problems.throttled()
        self._advance(self.switches.overload_wait_seconds)
        return problems.invalid_login(self.world.account)

    def _common_headers(self) -> dict[str, str]:
        with self._lock:
            number = self.world.number("answer")
        return {
            "Date": format_datetime(self.world.now(), usegmt=True),
            "x-netsuite-jobid": f"{number:08d}",
            "x-n-operationid": f"{number:08x}-0000-4000-8000-000000000000",
        }

    def _in_netsuite_words(self, reply: Reply, fault: Fault | None) -> Reply:
        if fault in (Fault.ERROR_500_BEFORE, Fault.ERROR_500_AFTER, Fault.ERROR_503_AFTER):
            with self._lock:
                return problems.unexpected(reply.status, self.world.number("error"))
        return reply

    def _act(self, request: Request) -> Reply:
        with self._lock:
            try:
                if request.path == TOKEN_PATH:
                    return self.oauth.handle(request)
                return routes.answer(self.world, request)
            except Rejection as rejection:
                return rejection.reply

    def _special(self, fault: Fault, request: Request) -> Reply | None:
        """STALE_READ shows a read the account of a minute ago; PARTIAL cuts a query's page short: more follows."""
        reads = request.method == "GET" or request.path.endswith("/suiteql")
        if not reads:
            return None
        with self._lock:
            if fault is Fault.STALE_READ:
                with self.world.as_a_minute_ago():
                    return self._act(request)
            with meanwhile(self.world, cuts_pages=True):
                return self._act(request)

    def holdings(self) -> dict[str, Any]:
        """Everything the account holds, as plain JSON."""
        with self._lock:
            return holdings(self.world)

    def command(self, name: str, arguments: dict[str, Any]) -> Any:
        """An act out of `COMMANDS`, or `set` (switches)."""
        with self._lock:
            own = {"set": partial(set_switches, self.switches)}
            return run_command(name, arguments, own, COMMANDS, self.world)
