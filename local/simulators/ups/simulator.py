"""UpsSimulator: a strict, stateful UPS for tests, the demo and the crash matrix.

Token endpoint (`/security/v1/oauth/token`) and business APIs (`/api/...`) answer on the same base URL, which stands
for one UPS host. In process: `handle(request)`; over HTTP: `SimulatorServer(simulator)`. What carriers and people do
without an API: `command(name, arguments)`, listed in `commands.COMMANDS`. Track Alert: take `take_deliveries()`, send
each, and `report_delivery(delivery, accepted, body)`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any

from local.simulators.base import Call, Clock, Fault, FaultDial, Reply, Request
from local.simulators.deliveries import hand_over
from local.simulators.serving import act_with_faults, answer_and_log, meanwhile, run_command, set_switches, stand_still
from local.simulators.ups import oddities, problems, pushes
from local.simulators.ups.commands import COMMANDS
from local.simulators.ups.desk import answer
from local.simulators.ups.gateway import Client, Gate
from local.simulators.ups.holdings import holdings
from local.simulators.ups.oauth import TOKEN_PATH, TokenServer
from local.simulators.ups.problems import Rejection
from local.simulators.ups.records import Delivery
from local.simulators.ups.world import Switches, World

DEFAULT_ACCOUNT = "A1B2C3"
DEFAULT_CLIENT = Client("ups-local-client", "ups-local-secret", (DEFAULT_ACCOUNT,))


class UpsSimulator:
    """One UPS host. `clock` answers aware UTC; `advance` moves it (or waits) for the SLOW fault.

    `host` only makes tokens differ: those of another simulator are unknown here. Accounts in `negotiated` have rates
    of their own.
    """

    name = "ups"

    def __init__(
        self,
        clock: Clock,
        *,
        clients: Iterable[Client] = (DEFAULT_CLIENT,),
        negotiated: Iterable[str] = (DEFAULT_ACCOUNT,),
        switches: Switches | None = None,
        host: str = "onlinetools.ups.com",
        advance: Callable[[float], None] = stand_still,
    ) -> None:
        self.dial = FaultDial()
        self.calls: list[Call] = []
        self.switches = switches or Switches()
        self.world = World(clock, self.switches)
        self.world.negotiating.update(negotiated)
        self.gate = Gate()
        self.gate.clients.update({client.id: client for client in clients})
        self.oauth = TokenServer(self.world, self.gate, host)
        self._oddities: list[oddities.Planned] = []
        self._advance = advance
        self._lock = threading.RLock()
        self._out: dict[str, Delivery] = {}  # taken over the control door, not reported yet

    @property
    def strict_violations(self) -> list[str]:
        """What the strict option refused, in words, in order. The real API would have said nothing."""
        return self.world.strict_violations

    def handle(self, request: Request) -> Reply:
        """Answers one request; raises ConnectionDropped or AnswerTimedOut when the dial says so."""
        reply, _ = answer_and_log(request, self.calls, self.world.now, self._answer)
        return Reply(reply.status, {**self._common_headers(), **reply.headers}, reply.body)

    def _answer(self, request: Request) -> tuple[Reply, Fault | None]:
        reply, fault = act_with_faults(
            request,
            self.dial,
            self._act,
            throttled=problems.throttled,
            expired=problems.expired,
            advance=self._advance,
            special=self._special,
        )
        return self._in_ups_words(reply, fault), fault

    def _common_headers(self) -> dict[str, str]:
        date = self.world.now() + timedelta(seconds=self.switches.clock_skew_seconds)
        with self._lock:
            number = self.world.number("answer")
        trace = {"bkndtransid": f"{number:032x}", "x-request-id": f"{number:08x}-0000-4000-8000-000000000000"}
        return {"Date": format_datetime(date, usegmt=True), **trace}

    def _in_ups_words(self, reply: Reply, fault: Fault | None) -> Reply:
        """The general 500 and 503 of the dial as UPS words them: an error body, or the edge's page."""
        if fault not in (Fault.ERROR_500_BEFORE, Fault.ERROR_500_AFTER, Fault.ERROR_503_AFTER):
            return reply
        if self.switches.html_errors:
            return problems.edge_page(reply.status)
        if fault is Fault.ERROR_503_AFTER:
            return problems.unavailable()
        return problems.errors(500, [("20001", "The service has an internal error")])

    def _act(self, request: Request) -> Reply:
        with self._lock:
            planned = oddities.take(self._oddities, request)
            if planned is None:
                return self._respond(request)
            if planned.acts:
                self._respond(request)
            return oddities.KINDS[planned.kind]()

    def _respond(self, request: Request) -> Reply:
        try:
            if request.path == TOKEN_PATH:
                return self.oauth.handle(request)
            return answer(self.world, self.gate, request)
        except Rejection as rejection:
            return rejection.reply

    def _special(self, fault: Fault, request: Request) -> Reply | None:
        """STALE_READ shows a read the World of a minute ago; PARTIAL lets an answer lose its last package."""
        with self._lock:
            if fault is Fault.STALE_READ:
                if request.method != "GET" and not request.path.endswith("/recovery"):
                    return None
                with self.world.as_a_minute_ago():
                    return self._act(request)
            with meanwhile(self.world, loses_last_row=True):
                return self._act(request)

    def take_deliveries(self) -> list[Delivery]:
        """Every request that UPS wants to make now: send each body with its headers, then `report_delivery`."""
        with self._lock:
            return pushes.take_due(self.world)

    def report_delivery(self, delivery: Delivery, accepted: bool, body: bytes = b"") -> None:
        """`accepted`: a 2xx. `body`: what the merchant's token endpoint answered (purpose `token` only)."""
        with self._lock:
            pushes.report(self.world, delivery, accepted, body)

    def holdings(self) -> dict[str, Any]:
        """Everything UPS holds, as plain JSON."""
        with self._lock:
            return holdings(self.world)

    def command(self, name: str, arguments: dict[str, Any]) -> Any:
        """An act out of `COMMANDS`, or one of the simulator's own: `set` (switches), oddities, tokens, deliveries."""
        own: dict[str, Callable[[dict[str, Any]], Any]] = {
            "set": partial(set_switches, self.switches),
            "plan_answer": lambda given: oddities.plan(self._oddities, given),
            "expire_tokens": lambda given: self.gate.expire_all(self.world.now()),
            "block": lambda given: self.gate.block(given["client"], bool(given.get("blocked", True))),
            "take_deliveries": self._take,
            "report_delivery": self._report,
        }
        with self._lock:
            return run_command(name, arguments, own, COMMANDS, self.world)

    def _take(self, arguments: dict[str, Any]) -> list[dict[str, Any]]:
        """`take_deliveries` for a driver on the other side of HTTP; `body` is the exact text to post."""
        return hand_over(self.take_deliveries(), self._out, shown=("purpose", "url", "headers"))

    def _report(self, arguments: dict[str, Any]) -> None:
        """`report_delivery` for such a driver: `delivery` as it was given, `accepted`, and `body` for token calls."""
        delivery = self._out.pop(arguments["delivery"])
        self.report_delivery(delivery, bool(arguments["accepted"]), str(arguments.get("body", "")).encode())
