"""ShipBobSimulator: a strict, stateful ShipBob for tests, the demo and the crash matrix.

API (`/{version}/...`) and OAuth server (`/connect/...`) answer on the same base URL. In process: `handle(request)`;
over HTTP: `SimulatorServer(simulator)`. Warehouse acts: `command(name, arguments)`, listed in `commands.COMMANDS`.
Webhooks: take `take_deliveries()`, post each, and `report_delivery(delivery, accepted)`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any

from local.simulators.base import Call, Clock, Fault, FaultDial, Reply, Request
from local.simulators.checks import Finding
from local.simulators.deliveries import hand_over
from local.simulators.serving import act_with_faults, answer_and_log, meanwhile, run_command, set_switches, stand_still
from local.simulators.shipbob import allocation, docks, routes, webhooks
from local.simulators.shipbob.commands import COMMANDS
from local.simulators.shipbob.formats import plain, read_json
from local.simulators.shipbob.gateway import SCOPES, VERSIONS, Asked, Credential, Gate, channel_of, throttled
from local.simulators.shipbob.holdings import holdings
from local.simulators.shipbob.oauth import Client, OAuthServer
from local.simulators.shipbob.problems import Family, Rejection, empty, not_found
from local.simulators.shipbob.queries import read_query
from local.simulators.shipbob.records import Channel, Delivery, ShippingMethod
from local.simulators.shipbob.subscriptions import new_secret
from local.simulators.shipbob.world import Switches, World

DEFAULT_PAT = "pat-local-shipbob-simulator"
PAT_CHANNEL = 433700
READ_ONLY_CHANNEL = 433100
_QUERIES = ("/transactions:query", "/inventory/history:query", "/order:estimate")


class ShipBobSimulator:
    """One merchant account. `clock` answers aware UTC; `advance` moves it (or waits) for the SLOW fault.

    `pats`: personal access token -> scopes (default: one token with every scope). `clients`: OAuth applications.
    `switches`: the traps, see `Switches`; also settable by the command `set`.
    """

    name = "shipbob"

    def __init__(
        self,
        clock: Clock,
        *,
        pats: Mapping[str, Iterable[str]] | None = None,
        clients: Iterable[Client] = (),
        switches: Switches | None = None,
        calls_per_minute: int = 150,
        advance: Callable[[float], None] = stand_still,
    ) -> None:
        self.dial = FaultDial()
        self.calls: list[Call] = []
        self.deliveries: list[Delivery] = []
        self.switches = switches or Switches()
        self.world = World(clock, self.switches)
        self.gate = Gate(calls_per_minute)
        self.oauth = OAuthServer(self.world, self.gate)
        self.oauth.clients.update({client.id: client for client in clients})
        self._advance = advance
        self._lock = threading.RLock()
        self._out: dict[str, Delivery] = {}  # taken over the control door, not reported yet
        self._seed(pats if pats is not None else {DEFAULT_PAT: SCOPES})

    def _seed(self, pats: Mapping[str, Iterable[str]]) -> None:
        world = self.world
        reading = ("orders_read", "products_read")
        world.channels[READ_ONLY_CHANNEL] = Channel(READ_ONLY_CHANNEL, "My Store", "ShopifyApp", reading)
        every = tuple(scope for scope in SCOPES if any(scope in scopes for scopes in pats.values())) or tuple(SCOPES)
        world.channels[PAT_CHANNEL] = Channel(PAT_CHANNEL, "PAT Channel", "SMA", every)
        world.number("channel")
        for index, (token, scopes) in enumerate(pats.items()):
            self.gate.admit(token, f"{world.user_id}/SMA/{index}", PAT_CHANNEL, scopes)
        world.methods["Standard"] = ShippingMethod(world.number("method"), "Standard", 1, "Standard", default=True)
        docks.seed_location(world, {"id": 8, "name": "Cicero (IL)", "abbreviation": "CHI-1"})

    @property
    def strict_violations(self) -> list[str]:
        """What the strict option refused, in words, in order. The real API would have said nothing."""
        return self.world.strict_violations

    def handle(self, request: Request) -> Reply:
        """Answers one request; raises ConnectionDropped or AnswerTimedOut when the dial says so."""
        reply, _ = answer_and_log(request, self.calls, self.world.now, self._with_faults)
        date = self.world.now() + timedelta(seconds=self.switches.clock_skew_seconds)
        return Reply(reply.status, {"Date": format_datetime(date, usegmt=True), **reply.headers}, reply.body)

    def _with_faults(self, request: Request) -> tuple[Reply, Fault | None]:
        return act_with_faults(
            request,
            self.dial,
            self._act,
            throttled=lambda: throttled(25),
            expired=lambda: empty(401),
            advance=self._advance,
            special=self._special,
        )

    def _act(self, request: Request) -> Reply:
        with self._lock:
            allocation.settle(self.world)
            return self._respond(request)

    def _respond(self, request: Request) -> Reply:
        try:
            if request.path.startswith("/connect/"):
                return self.oauth.handle(request)
            return self._serve(request)
        except Rejection as rejection:
            return rejection.reply

    def _serve(self, request: Request) -> Reply:
        version, path = _split(request.path)
        found = routes.find(request.method, path, version)
        if found is None:
            raise not_found()
        route, ids = found
        now = self.world.now()
        credential = self.gate.identify(request, now)
        self.gate.spend(credential, now)
        try:
            reply = self._answer(request, route, ids, version, credential)
        except Rejection as rejection:
            reply = rejection.reply
        if not self.switches.remaining_header:
            return reply
        left = {"x-remaining-calls": str(self.gate.remaining(credential, now))}
        return Reply(reply.status, {**reply.headers, **left}, reply.body)

    def _answer(
        self, request: Request, route: routes.Route, ids: dict[str, int], version: str, credential: Credential
    ) -> Reply:
        if route.scope not in credential.scopes:
            raise Rejection(empty(403))
        channel = channel_of(self.world, request, credential, route.channel(version), route.scope)
        query, faults = read_query(request, route.query)
        self._judge(request, faults, route.family, 400)
        body = self._body(request, route, version)
        asked = Asked(request, version, ids, query, body, credential, channel)
        if request.method != "GET" and not request.path.endswith(_QUERIES):
            self.world.remember()
        return route.handler(self.world, asked)

    def _body(self, request: Request, route: routes.Route, version: str) -> Any:
        if route.body is None:
            if request.body.strip() not in (b"", b"{}", b"null") and request.method != "GET":
                self._judge(request, [Finding("", "this call takes no body.", "unknown")], route.family, 400)
            return None
        kind = (request.header("Content-Type") or "").split(";")[0].strip().lower()
        if kind != "application/json":
            raise Rejection(
                Reply(415, {"Content-Type": "text/plain"}, b"Unsupported Media Type: send application/json")
            )
        try:
            document = read_json(request.body)
        except ValueError as error:
            raise Rejection(route.family(400, [Finding("", f"The body is not valid JSON: {error}", "type")])) from error
        self._judge(request, list(route.body(version)(document, "")), route.family, route.wrong)
        return document

    def _judge(self, request: Request, found: list[Finding], family: Family, wrong: int) -> None:
        """Refuses what is wrong; unknown members and parameters only with the strict option, and writes them down."""
        unknown = [finding for finding in found if finding.kind == "unknown"]
        if unknown and self.switches.strict:
            texts = [f"{request.method} {request.path}: {finding.path}: {finding.message}" for finding in unknown]
            self.world.strict_violations.extend(texts)
            raise Rejection(family(400, unknown))
        known = [finding for finding in found if finding.kind != "unknown"]
        if known:
            raise Rejection(family(400 if any(finding.kind == "type" for finding in known) else wrong, known))

    def _special(self, fault: Fault, request: Request) -> Reply | None:
        """STALE_READ shows a read the old World; PARTIAL cuts a cursor page short or lets the last bulk row fail."""
        with self._lock:
            allocation.settle(self.world)
            if fault is Fault.STALE_READ:
                if request.method != "GET" and not request.path.endswith(_QUERIES):
                    return None
                with self.world.as_before_last_writes():
                    return self._respond(request)  # nothing settles in the past
            with meanwhile(self.switches, largest_cursor_page=1), meanwhile(self.world, loses_last_row=True):
                return self._act(request)

    def tick(self) -> None:
        """Lets time pass: allocates waiting orders, and moves due webhook deliveries, signed now, into `deliveries`."""
        with self._lock:
            allocation.settle(self.world)
            self.deliveries.extend(webhooks.take_due(self.world))

    def take_deliveries(self) -> list[Delivery]:
        """Everything that is due now: post each body with its headers to its url, then `report_delivery`."""
        with self._lock:
            self.tick()
            taken = list(self.deliveries)
            self.deliveries.clear()
            return taken

    def report_delivery(self, delivery: Delivery, accepted: bool) -> None:
        """`accepted`: a 2xx within 15 seconds. Anything else comes back after the next step of the retry schedule."""
        with self._lock:
            webhooks.report(self.world, delivery, accepted)

    def holdings(self) -> dict[str, Any]:
        """Everything the account holds, as plain JSON."""
        with self._lock:
            allocation.settle(self.world)
            return holdings(self.world)

    def command(self, name: str, arguments: dict[str, Any]) -> Any:
        """A warehouse act (`COMMANDS`), or one of the simulator's own: `set` (switches), tokens, webhooks."""
        own: dict[str, Callable[[dict[str, Any]], Any]] = {
            "set": partial(set_switches, self.switches),
            "take_deliveries": self._take,
            "report_delivery": self._report,
            "expire_tokens": lambda given: self.oauth.expire_access_tokens(),
            "kill_refresh_tokens": lambda given: self.oauth.kill_refresh_tokens(),
            "revoke_token": lambda given: self.gate.expire([given["token"]]),
            "rotate_webhook_secret": self._rotate,
        }
        with self._lock:
            allocation.settle(self.world)
            return plain(run_command(name, arguments, own, COMMANDS, self.world))

    def _take(self, arguments: dict[str, Any]) -> list[dict[str, Any]]:
        """`take_deliveries` for a driver on the other side of HTTP; `body` is the exact text to post."""
        return hand_over(self.take_deliveries(), self._out, shown=("topic", "url", "headers"))

    def _report(self, arguments: dict[str, Any]) -> None:
        """`report_delivery` for such a driver: `delivery` as it was given, `accepted` true or false."""
        self.report_delivery(self._out[arguments["delivery"]], bool(arguments["accepted"]))

    def _rotate(self, arguments: dict[str, Any]) -> str:
        """Gives a subscription (`id`, default the only one) a new `secret`; answers the secret."""
        number = arguments.get("id") or next(iter(self.world.subscriptions))
        secret = str(arguments.get("secret") or new_secret(self.world.number("message") + 500_000))
        webhooks.rotate(self.world, str(number), secret)
        return secret


def _split(path: str) -> tuple[str, str]:
    """Version and the rest of a path; an unknown or missing version is not found."""
    version, slash, rest = path.removeprefix("/").partition("/")
    if version not in VERSIONS or not slash:
        raise not_found()
    return version, f"/{rest}"
