"""The Acumatica simulator: one tenant of one instance behind `handle`, with its own log, faults and commands.

Facts come from the vendor's integration guide, its published endpoint metadata and field reports; where sources
differ or none exists the behaviour is a switch (`switches.py`) set to the least comfortable choice.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, TypeVar
from urllib.parse import unquote

from local.simulators.acumatica import files
from local.simulators.acumatica.access import Access, endpoints, openid
from local.simulators.acumatica.actions import Operations
from local.simulators.acumatica.commands import run_command
from local.simulators.acumatica.contract import CONTRACTS, FORMS
from local.simulators.acumatica.documents import Change, JournalEntry
from local.simulators.acumatica.entities import EntityRequest, check_headers
from local.simulators.acumatica.errors import Fault, bad_request, server_error, too_many_requests
from local.simulators.acumatica.grants import Application, User
from local.simulators.acumatica.holdings import holdings_of
from local.simulators.acumatica.identity import Identity
from local.simulators.acumatica.push import Push, Pushes, Send
from local.simulators.acumatica.render import Renderer
from local.simulators.acumatica.sessions import Session, Sessions
from local.simulators.acumatica.switches import Switches
from local.simulators.acumatica.wire import BadValue, parse_date
from local.simulators.acumatica.world import World, utc
from local.simulators.base import Call, Clock, FaultDial, Reply, Request, json_reply
from local.simulators.base import Fault as DialFault
from local.simulators.serving import act_with_faults, answer_and_log, stand_still

T = TypeVar("T")
CLIENT_GUID = "8E0761D9-F4EC-2D4B-A60F-BCE2708C6FDD"
QUEUE_LENGTH = 20


class AcumaticaSimulator:
    """One tenant. `client_id`, `client_secret`, `username` and `password` open its first connected application."""

    name = "acumatica"

    def __init__(
        self,
        clock: Clock,
        *,
        base_path: str = "/Acme",
        tenant: str = "Company",
        username: str = "mlc-api",
        password: str = "simulated-password",
        client_secret: str = "simulated-secret",
        redirect_uris: tuple[str, ...] = ("http://localhost/callback",),
        build: str = "26.101.0225",
        seed: int = 20260302,
        advance: Callable[[float], None] = stand_still,
        switches: Switches | None = None,
    ) -> None:
        self.base_path = base_path.rstrip("/")
        self.tenant, self.build, self._advance = tenant, build, advance
        self.switches = switches or Switches()
        source = random.Random(seed)
        self.world = World(lambda: utc(clock()), self.switches, source)
        self.identity: Identity = Identity(tenant, self.switches, source, self.world.clock)
        self.sessions: Sessions = Sessions(self.switches, source)
        self.access = Access(self.world, tenant, self.identity, self.sessions)
        self.operations = Operations()
        self.push: Pushes = Pushes()
        self.dial = FaultDial()
        self.calls: list[Call] = []
        self.delays: list[float] = []  # seconds that the licence silently delayed requests
        self.client_id, self.client_secret = f"{CLIENT_GUID}@{tenant}", client_secret
        self.username, self.password = username, password
        self.identity.users[username.lower()] = User(username, password)
        self.identity.applications[self.client_id] = Application(self.client_id, client_secret, set(redirect_uris))
        self._window: deque[datetime] = deque()
        self._delayed: list[tuple[datetime, list[JournalEntry], list[Change]]] = []
        self._lock = threading.RLock()

    @property
    def unknown_fields(self) -> list[str]:
        """Names in request bodies that no contract knows: the ERP ignores them, a test should not."""
        return self.world.unknown_fields

    @property
    def ignored_fields(self) -> list[str]:
        """Known fields whose write had no effect: computed ones, and addresses without their override flag."""
        return self.world.ignored_fields

    @property
    def pushes(self) -> deque[Push]:
        """Notifications that wait for delivery."""
        return self.push.queue

    # -- the Simulator protocol

    def handle(self, request: Request) -> Reply:
        """Answers one request; raises ConnectionDropped or AnswerTimedOut when the dial says so."""
        at = self.world.clock()
        reply, _ = answer_and_log(request, self.calls, lambda: at, self._with_faults)
        date = format_datetime(self.world.clock(), usegmt=True)
        return Reply(reply.status, {"Date": date, **reply.headers}, reply.body)

    def _with_faults(self, request: Request) -> tuple[Reply, DialFault | None]:
        return act_with_faults(
            request,
            self.dial,
            self._admitted,
            throttled=lambda: too_many_requests().reply(),
            expired=lambda: Fault(401, None, {"WWW-Authenticate": 'Bearer error="invalid_token"'}).reply(),
            advance=self._advance,
            special=self._special,
        )

    def holdings(self) -> dict[str, Any]:
        """Everything that the vendor now holds, as plain JSON keyed by document number."""
        with self._lock:
            self._settle(visible=True)
            return holdings_of(self)

    def command(self, name: str, arguments: dict[str, Any]) -> Any:
        """An act of a person inside the ERP; see `commands.py`. Raises KeyError or ValueError for a wrong one."""
        with self._lock:
            self._settle(visible=True)
            return run_command(self, name, arguments)

    def deliver_pushes(self, send: Send) -> int:
        """Sends what is queued once; `send(url, headers, body)` answers the status, 0 for none."""
        return self.push.deliver(send)

    # -- transactions

    def transact(self, run: Callable[[], T], *, by_person: bool = False) -> T:
        """Runs a function as one transaction. What people do becomes visible `commit_lag_seconds` after its stamp."""
        store = self.world.store
        self._show_delayed(None)
        store.begin()
        try:
            result = run()
        except BaseException:
            store.rollback()
            raise
        lag = self.switches.commit_lag_seconds
        if by_person and lag > 0:
            self._delayed.append((self.world.clock() + timedelta(seconds=lag), *store.take_back()))
        else:
            self.push.emit(self.world, store.end())
        return result

    def _show_delayed(self, now: datetime | None) -> None:
        """Makes due changes visible; None: all of them, because a writer waits for locked rows."""
        due = [item for item in self._delayed if now is None or item[0] <= now]
        self._delayed = [item for item in self._delayed if now is not None and item[0] > now]
        for _, entries, changes in due:
            self.world.store.replay(entries)
            self.push.emit(self.world, changes)

    def _settle(self, *, visible: bool = False) -> None:
        now = self.world.clock()
        self._show_delayed(None if visible else now)
        self.operations.settle(now)
        self.sessions.expire(now)

    # -- licence

    def _admitted(self, request: Request) -> Reply:
        with self._lock:
            delay = self._admit(self.world.clock())
        if delay is None:
            return too_many_requests().reply()
        if delay > 0:
            self.delays.append(delay)
            self._advance(delay)
        with self._lock:
            return self._answer(request)

    def _admit(self, now: datetime) -> float | None:
        """The silent delay of a request in seconds; None: declined. Declined requests are not counted."""
        limit = self.switches.requests_per_minute
        while self._window and self._window[0] <= now - timedelta(seconds=60):
            self._window.popleft()
        if limit is None:
            return 0.0
        processed = len(self._window)
        if processed - limit >= QUEUE_LENGTH:
            return None
        self._window.append(now)
        if processed * 2 < limit:
            return 0.0
        left = 60.0 - (now - self._window[0]).total_seconds()
        return left / (limit - processed) if processed < limit else left

    # -- routing

    def _special(self, fault: DialFault, request: Request) -> Reply | None:
        """A stale read shows the store before the last write; a partial list loses the second half of its rows."""
        if request.method != "GET":
            return None
        if fault is DialFault.STALE_READ:
            with self._lock, self.world.store.without_last_write():
                return self._answer(request)
        reply = self._admitted(request)
        rows = Request("GET", "", body=reply.body).json() if reply.status == 200 else None
        return json_reply(200, rows[: len(rows) // 2]) if isinstance(rows, list) else reply

    def _answer(self, request: Request) -> Reply:
        self._settle()
        try:
            return self._route(request)
        except Fault as fault:
            return fault.reply()
        finally:
            self.world.business_date = None

    def _route(self, request: Request) -> Reply:
        if not request.path.startswith(self.base_path + "/"):
            raise Fault(404)
        path = request.path[len(self.base_path) :]
        check_headers(request, self.world)
        fixed: dict[tuple[str, str], Callable[[Request], Reply]] = {
            ("POST", "/identity/connect/token"): self.identity.token,
            ("GET", "/identity/connect/authorize"): self.identity.authorize,
            ("POST", "/identity/connect/revocation"): self.identity.revoke,
            ("GET", "/identity/.well-known/openid-configuration"): lambda asked: openid(self.base_path, asked),
            ("POST", "/entity/auth/login"): self.access.login,
            ("POST", "/entity/auth/logout"): self.access.logout,
            ("GET", "/entity"): lambda asked: self._endpoints(),
            ("GET", "/entity/"): lambda asked: self._endpoints(),
        }
        if (request.method, path) in fixed:
            return fixed[request.method, path](request)
        if any(path == known for _, known in fixed):
            raise Fault(405)
        if not path.startswith("/entity/"):
            raise Fault(404)
        session, headers = self.access.authenticate(request)
        reply = self._in_session(request, session, [unquote(part) for part in path.split("/")[2:]])
        return Reply(reply.status, {**headers, **reply.headers}, reply.body)

    def _in_session(self, request: Request, session: Session, parts: list[str]) -> Reply:
        """A request of an open session; while an operation runs in it only the operation's status succeeds."""
        if len(parts) < 3 or parts[0] != "Default" or parts[1] not in CONTRACTS:
            raise Fault(404)
        version, entity, rest = parts[1], parts[2], parts[3:]
        renderer = Renderer(self.world, self.base_path, version)
        if request.method == "GET" and len(rest) == 3 and rest[1] == "status":
            path = f"{renderer.root}/{entity}/{rest[0]}/status"
            status = self.operations.poll(rest[2], path, session.key)
            return Reply(status, {"Location": f"{path}/{rest[2]}"} if status == 202 else {})
        if session.key in self.operations.running:
            raise server_error("The previous operation has not been completed yet.", "PX.Data.PXException")
        self._read_business_date(request)
        if entity == "files":
            return self._files(request, renderer, rest)
        if entity not in FORMS:
            raise Fault(404)
        if FORMS[entity].screen in session.denied_forms:
            text = f"You have insufficient rights to access the {entity} ({FORMS[entity].screen}) form."
            raise Fault(403, {"message": text})
        asked = EntityRequest(self.world, renderer, request, CONTRACTS[version][entity], self.transact)
        return self._on_entity(asked, rest, session)

    def _on_entity(self, asked: EntityRequest, rest: list[str], session: Session) -> Reply:
        method = asked.request.method
        if FORMS[asked.entity.name].inquiry and (rest or method != "PUT"):
            raise Fault(405)
        if not rest:
            if method == "GET":
                return asked.list_records()
            if method == "PUT":
                return asked.inquire() if FORMS[asked.entity.name].inquiry else asked.save()
            if method == "PATCH":
                return asked.save()
            raise Fault(406 if method == "POST" else 405)
        if method == "POST" and len(rest) == 1:
            return asked.act(rest[0], self.operations, session.key)
        if method == "GET":
            return asked.schema() if rest == ["$adHocSchema"] else asked.read_record(rest)
        if method == "DELETE":
            return asked.delete(rest)
        if method == "PUT" and len(rest) == len(FORMS[asked.entity.name].keys) + 2 and rest[-2] == "files":
            record = asked.find_by_keys(rest[:-2])
            return asked.put_file(record, record.id, rest[-1])
        raise Fault(404 if method == "PUT" and "files" in rest else 405)

    def _files(self, request: Request, renderer: Renderer, rest: list[str]) -> Reply:
        if request.method == "GET" and len(rest) == 1:
            return Reply(200, {"Content-Type": "application/octet-stream"}, files.find(self.world, rest[0]).content)
        if request.method != "PUT" or len(rest) != 4:
            raise Fault(404)
        record, part_id = files.owner_of(self.world, rest[0], rest[1], rest[2])
        entity = CONTRACTS[renderer.version][record.entity]
        return EntityRequest(self.world, renderer, request, entity, self.transact).put_file(record, part_id, rest[3])

    def _read_business_date(self, request: Request) -> None:
        given = request.header("PX-CbApiBusinessDate")
        if given is None:
            return
        try:
            self.world.business_date = parse_date(given.replace("/", "-"), 0)
        except BadValue as error:
            raise bad_request(f"PX-CbApiBusinessDate: {error}.") from error

    def _endpoints(self) -> Reply:
        return json_reply(200, endpoints(self.base_path, self.build, as_array=self.switches.entity_root_as_array))
