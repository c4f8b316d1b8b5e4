"""DynamicsGpSimulator: a strict, stateful Dynamics GP company for tests, the demo and the crash matrix.

In process: `handle(request)`; over https with real NTLM: `network.GpServer(simulator)`. What people do in the GP
client: `command(name, arguments)`, listed in `commands.COMMANDS`. Fault plans and the log of calls see the SOAP
operation behind the path: `POST /DynamicsGPWebServices/DynamicsGPService.asmx#CreateSalesOrder`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from local.simulators.base import Call, Clock, Fault, FaultDial, Reply, Request
from local.simulators.dynamics_gp import desk, problems, sba
from local.simulators.dynamics_gp.commands import COMMANDS
from local.simulators.dynamics_gp.holdings import holdings
from local.simulators.dynamics_gp.world import Switches, World
from local.simulators.serving import act_with_faults, answer_and_log, run_command, set_switches, stand_still


class DynamicsGpSimulator:
    """One GP server with one company. `clock` answers aware UTC; `advance` moves it (or waits) for the SLOW fault."""

    name = "dynamics_gp"

    def __init__(
        self,
        clock: Clock,
        *,
        switches: Switches | None = None,
        advance: Callable[[float], None] = stand_still,
    ) -> None:
        self.dial = FaultDial()
        self.calls: list[Call] = []
        self.switches = switches or Switches()
        self.world = World(clock, self.switches)
        self._advance = advance
        self._lock = threading.RLock()

    @property
    def strict_violations(self) -> list[str]:
        """What was refused because of its form, in words, in order."""
        return self.world.strict_violations

    def handle(self, request: Request) -> Reply:
        """Answers one authenticated request; raises ConnectionDropped or AnswerTimedOut when the dial says so."""
        seen = replace(request, path=desk.seen_path(request))
        reply, _ = answer_and_log(seen, self.calls, self.world.now, lambda _: self._answer(request, seen))
        return reply

    def _answer(self, request: Request, seen: Request) -> tuple[Reply, Fault | None]:
        """The dial judges the request as seen; GP answers it as it was sent."""
        return act_with_faults(
            seen,
            self.dial,
            lambda _: self._act(request),
            throttled=problems.busy,
            expired=problems.unauthorized,
            advance=self._advance,
            special=lambda fault, _: self._special(fault, request),
        )

    def _act(self, request: Request) -> Reply:
        with self._lock:
            if desk.soap_path(request.path):
                return desk.answer(self.world, request)
            if sba.is_ours(request.path):
                return sba.answer(self.world, request)
            if request.path.rstrip("/").lower() == desk.NATIVE:
                text = "Cannot process the message: the content type 'application/soap+xml' is expected."
                return problems.refuse(415, text).reply
            return problems.refuse(404, "Not Found").reply

    def _special(self, fault: Fault, request: Request) -> Reply | None:
        """STALE_READ shows reads the World of a minute ago. GP knows no partial answers: PARTIAL changes nothing."""
        if fault is not Fault.STALE_READ or not _reads(request):
            return None
        with self._lock, self.world.as_a_minute_ago():
            return self._act(request)

    def holdings(self) -> dict[str, Any]:
        """Everything GP holds, as plain JSON."""
        with self._lock:
            return holdings(self.world)

    def command(self, name: str, arguments: dict[str, Any]) -> Any:
        """An act out of `COMMANDS`, or `set` for the switches."""
        with self._lock:
            own = {"set": partial(set_switches, self.switches)}
            return run_command(name, arguments, own, COMMANDS, self.world)


def _reads(request: Request) -> bool:
    """Whether a request asks for something without changing it."""
    return "#Get" in desk.seen_path(request) or request.method == "GET"
