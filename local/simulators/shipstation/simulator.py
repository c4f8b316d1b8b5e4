"""ShipStationSimulator: a strict, stateful ShipStation for tests, the demo and the crash matrix.

V1 (`/orders`, ...), V2 (`/v2/...`) and the key set of webhooks (`/jwks`) answer on the same base URL, which stands for
three hosts. In process: `handle(request)`; over HTTP: `SimulatorServer(simulator)`. What people and carriers do without
an API: `command(name, arguments)`, listed in `commands.COMMANDS`. Webhooks: take `take_deliveries()`, post each, and
`report_delivery(delivery, accepted)`.

What is passed over in silence by the real API (unknown members and query keys, offsets behind a wall time) is passed
over here as well, and written down in `strict_violations`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from local.simulators.base import Call, Clock, Fault, FaultDial, Reply, Request
from local.simulators.deliveries import attempt_of, hand_over
from local.simulators.serving import act_with_faults, answer_and_log, meanwhile, run_command, set_switches, stand_still
from local.simulators.shipstation import desk, masters, notifications, problems
from local.simulators.shipstation.commands import COMMANDS
from local.simulators.shipstation.gateway import Gate
from local.simulators.shipstation.holdings import holdings
from local.simulators.shipstation.problems import Rejection
from local.simulators.shipstation.records import Delivery
from local.simulators.shipstation.world import Switches, World

DEFAULT_KEY, DEFAULT_SECRET, DEFAULT_V2_KEY = "ss-local-key", "ss-local-secret", "ss-local-v2-key"
REFUSAL_SECONDS = 6.0


class ShipStationSimulator:
    """One merchant's account. `clock` answers aware UTC; `advance` moves it (or waits) for the SLOW fault."""

    name = "shipstation"

    def __init__(
        self,
        clock: Clock,
        *,
        key: str = DEFAULT_KEY,
        secret: str = DEFAULT_SECRET,
        v2_key: str = DEFAULT_V2_KEY,
        switches: Switches | None = None,
        advance: Callable[[float], None] = stand_still,
    ) -> None:
        self.dial = FaultDial()
        self.calls: list[Call] = []
        self.switches = switches or Switches()
        self.world = World(clock, self.switches)
        self.gate = Gate(key, secret, v2_key, self.switches)
        self._advance = advance
        self._lock = threading.RLock()
        self._out: dict[str, Delivery] = {}  # taken over the control door, not reported yet
        masters.seed(self.world)

    @property
    def strict_violations(self) -> list[str]:
        """What was passed over, in words, in order. The real API would have said nothing."""
        return self.world.strict_violations

    def handle(self, request: Request) -> Reply:
        """Answers one request; raises ConnectionDropped or AnswerTimedOut when the dial says so."""
        reply, fault = answer_and_log(request, self.calls, self.world.now, self._answer)
        if desk.is_v2(request) or request.path == desk.JWKS:
            return reply
        limits = self.gate.headers(self.world.now(), exhausted=fault is Fault.THROTTLED)
        return Reply(reply.status, {**limits, **reply.headers}, reply.body)

    def _answer(self, request: Request) -> tuple[Reply, Fault | None]:
        reply, fault = act_with_faults(
            request,
            self.dial,
            self._act,
            throttled=lambda: self._throttled(request),
            expired=lambda: self._unauthorized(request),
            advance=self._advance,
            special=self._special,
        )
        return self._in_shipstation_words(reply, fault), fault

    def _throttled(self, request: Request) -> Reply:
        if desk.is_v2(request):
            return self.gate.v2_throttled(self.world.now())
        found = problems.throttled()
        return Reply(200, found.headers, found.body) if self.switches.throttle_in_200 else found

    def _unauthorized(self, request: Request) -> Reply:
        if desk.is_v2(request):
            return problems.v2(401, "unauthorized", "The API key is invalid.", "security")
        return problems.unauthorized()

    def _in_shipstation_words(self, reply: Reply, fault: Fault | None) -> Reply:
        """The general 500 and 503 of the dial as ShipStation words them."""
        if fault in (Fault.ERROR_500_BEFORE, Fault.ERROR_500_AFTER):
            return problems.exception()
        return problems.plain(503, "Service Unavailable") if fault is Fault.ERROR_503_AFTER else reply

    def _act(self, request: Request) -> Reply:
        with self._lock:
            try:
                return desk.answer(self.world, self.gate, request)
            except Rejection as rejection:
                if rejection.reply.status == 401 and self.switches.slow_refusals:
                    self._advance(REFUSAL_SECONDS)
                return rejection.reply

    def _special(self, fault: Fault, request: Request) -> Reply | None:
        """STALE_READ shows a read the World of a minute ago; PARTIAL lets a list or a bulk answer lose its last row."""
        with self._lock:
            if fault is Fault.STALE_READ:
                if request.method != "GET":
                    return None
                self.world.end_holds()
                with self.world.as_a_minute_ago():
                    return self._act(request)
            with meanwhile(self.world, loses_last_row=True):
                return self._act(request)

    def take_deliveries(self) -> list[Delivery]:
        """Every webhook that is due now: post each body with its headers, then `report_delivery`."""
        with self._lock:
            return notifications.take_due(self.world)

    def report_delivery(self, delivery: Delivery, accepted: bool) -> None:
        """`accepted`: a 2xx in time. Anything else comes again, a few times."""
        with self._lock:
            notifications.report(self.world, delivery, accepted)

    def holdings(self) -> dict[str, Any]:
        """Everything ShipStation holds, as plain JSON."""
        with self._lock:
            return holdings(self.world)

    def command(self, name: str, arguments: dict[str, Any]) -> Any:
        """An act out of `COMMANDS`, or one of the simulator's own: `set` (switches), keys, budget, deliveries."""
        own: dict[str, Callable[[dict[str, Any]], Any]] = {
            "set": partial(set_switches, self.switches),
            "regenerate_key": self._regenerate,
            "other_app_calls": lambda given: self.gate.used_by_others(int(given["calls"]), self.world.now()),
            "take_deliveries": self._take,
            "report_delivery": self._report,
        }
        with self._lock:
            return run_command(name, arguments, own, COMMANDS, self.world)

    def _regenerate(self, arguments: dict[str, Any]) -> None:
        """The merchant makes a new pair of keys (`key`, `secret`): every app with the old one is out."""
        self.gate.key, self.gate.secret = arguments["key"], arguments["secret"]

    def _take(self, arguments: dict[str, Any]) -> list[dict[str, Any]]:
        """`take_deliveries` for a driver on the other side of HTTP; `body` is the exact text to post."""

        def once(delivery: Delivery) -> str:
            """Copies of one attempt are told apart."""
            return f"{attempt_of(delivery)}/{self.world.number('taken')}"

        return hand_over(self.take_deliveries(), self._out, name=once)

    def _report(self, arguments: dict[str, Any]) -> None:
        """`report_delivery` for such a driver: `delivery` as it was given, and `accepted`."""
        self.report_delivery(self._out.pop(arguments["delivery"]), bool(arguments["accepted"]))
