"""The stage with everything that may go wrong around the code: processes die, messages come twice, in any order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from connector.entry import take_message
from connector.environment import QUEUES
from connector.log import LEVELS, Log
from connector.outbox import KIND
from connector.poll import run_job
from connector.record import Status
from local.simulators.deliveries import Posted, Sender
from tests.crash.moments import Watch
from tests.support.stage import ERP, NAME, TICK, Killed, Stage

OPEN = frozenset({Status.QUEUED, Status.WAITING, Status.UNKNOWN})
SELDOM, OFTEN = 86_400 * 7, 300
FLOWS = ("orders", "items", "shipments", "stock", "charges")


class Theatre(Stage):
    """One connection. Only `flows` are polled (every five minutes), so that a run holds no steps of others."""

    names: tuple[str, ...] = FLOWS
    chores: tuple[str, ...] = ()
    """Polled by a second worker beside the flows."""

    outboxes: tuple[str, ...] = ()
    """Streams whose writes are sent together: a second worker looks into their outbox too."""

    def __init__(self, *flows: str, off: tuple[str, ...] = (), verbose: bool = False, **changes: Any) -> None:
        often = {name: OFTEN if name in flows else SELDOM for name in self.names}
        schedule = {name: {"every_seconds": often[name], "enabled": name not in off} for name in self.names}
        self._prepare(*flows)
        super().__init__(schedule=schedule, **changes)
        self.hush(verbose)
        self.watch = Watch(self)

    def _prepare(self, *flows: str) -> None:
        """Nothing has gone wrong so far."""
        self.flows = flows
        self.errors: list[str] = []
        self.doubled = self.undeleted = self.reversed = False
        self.after_kill: Callable[[], None] | None = None
        self.late: list[tuple[datetime, Callable[[], object]]] = []

    def hush(self, verbose: bool) -> None:
        """No log lines but errors, unless somebody wants to read them."""
        log = Log({"pair": self.pair.name}, self.clock, LEVELS["DEBUG" if verbose else "ERROR"], self.world._stream)
        self.world.services = replace(self.world.services, log=log)
        self.restart()

    # ---- Lambda ------------------------------------------------------------------------------------------------

    def _invoke(self, call: Callable[[], Any]) -> Any:
        """A killed process is replaced; an error that leaves the handler keeps process and messages, as in Lambda."""
        try:
            return call()
        except Killed:
            self.restart()
            after, self.after_kill = self.after_kill, None
            if after is not None:
                after()
        except Exception as error:  # noqa: BLE001 - whatever leaves a handler is a failed invocation, and is counted
            self.errors.append(f"{type(error).__name__}: {error}"[:300])
        return None

    def _handlers(self) -> list[tuple[str, Callable[[dict[str, Any], Any], Any]]]:
        noted = [(queue, self._noting(handler)) for queue, handler in super()._handlers()]
        return [(queue, self._twice(handler) if self.doubled else handler) for queue, handler in noted]

    def _noting(self, handler: Callable[[dict[str, Any], Any], Any]) -> Callable[[dict[str, Any], Any], Any]:
        """Messages that the handler gives back cost receive counts: they are counted too, with the log's reason."""

        def noting(event: dict[str, Any], context: Any) -> Any:
            answer = handler(event, context)
            for failed in (answer or {}).get("batchItemFailures", ()):
                self.errors.append(f"message {failed['itemIdentifier']} failed: {self._last_error()}"[:300])
            return answer

        return noting

    def _last_error(self) -> str:
        lines: list[dict[str, Any]] = [line for line in self.world.lines() if line.get("error")]
        line = lines[-1] if lines else {}
        return f"{line.get('error')} {line.get('reason', '')}"

    def _twice(self, handler: Callable[[dict[str, Any], Any], Any]) -> Callable[[dict[str, Any], Any], Any]:
        """SQS delivers at least once: the same messages again, to a process that knows nothing of the first time."""

        def both(event: dict[str, Any], context: Any) -> Any:
            answer = handler(event, context)
            self.restart()
            handler(event, context)
            return answer

        return both

    def deliver(self) -> int:
        """As the stage does, with the disorder that was asked for."""
        if self.reversed:
            for queue in QUEUES:
                held = self.world.queues._held[queue]
                groups = list(dict.fromkeys(stored.message.group or stored.id for stored in held))
                held.sort(key=lambda stored: -groups.index(stored.message.group or stored.id))
        return super().deliver()

    def lose_deletes(self) -> None:
        """The first deletion of every message is lost: it comes back when its visibility time-out has passed."""
        self.undeleted = True
        delete, lost = self.world.queues.delete, set[str]()

        def forgetful(queue: str, receipt: str) -> bool:
            identity = receipt.split("/", 1)[0]
            if identity in lost:
                return delete(queue, receipt)
            lost.add(identity)
            return True

        self.world.queues.delete = forgetful  # type: ignore[method-assign]

    # ---- a second worker ---------------------------------------------------------------------------------------

    def second_worker(self) -> None:
        """Another process takes the same records and polls, now, while the first stands where it stands."""
        self.watch.aside, before = True, self.watch.aside
        try:
            services = replace(self.world.services, memory={("wire",): self.wire})
            looks: list[dict[str, Any]] = [
                {"kind": "record", "record": record.id, "cause": "sweep", "lane": record.lane}
                for record in self.all_records() if record.status in OPEN
            ]  # fmt: skip
            looks += [{"kind": KIND, "connection": NAME, "stream": it, "lane": "live"} for it in self.outboxes]
            for look in looks:
                self._alone(partial(take_message, self.pair, services, {**look, "correlation": "second"}))
            for stream in (*self.flows, *self.chores):
                job = {"kind": "poll", "connection": NAME, "stream": stream, "correlation": "second"}
                self._alone(partial(run_job, self.pair, services, job, lambda: 300.0))
        finally:
            self.watch.aside = before

    def _alone(self, call: Callable[[], Any]) -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001 - its message would come again; the count at the end judges
            self.errors.append(f"second worker: {type(error).__name__}: {error}"[:300])

    # ---- the world outside -------------------------------------------------------------------------------------

    def _taken(self, vendor: Sender[Posted]) -> list[Posted]:
        deliveries = super()._taken(vendor)
        return deliveries[::-1] if self.reversed else deliveries

    def post(self, sender: str, headers: Mapping[str, str], body: bytes, token: str | None = None) -> int:
        """As the stage does, to an edge that may die (0). Unanswered webhooks come again."""
        answers = [
            self._invoke(lambda: self.call(sender, headers, body, token)) for _ in range(2 if self.doubled else 1)
        ]
        return int(answers[0]["statusCode"]) if answers[0] is not None else 0

    def act_late(self) -> None:
        """What was planned for now: a request whose sender has given up reaches the vendor, a person does something."""
        due = [entry for entry in self.late if entry[0] <= self.clock()]
        self.late = [entry for entry in self.late if entry[0] > self.clock()]
        for _, act in due:
            act()

    def happen(self) -> None:
        """What is due at the vendors happens now."""
        if ERP in self.wire.simulators:
            self.acumatica.holdings()
            return
        for simulator in self.wire.simulators.values():
            simulator.holdings()

    def said(self) -> list[str]:
        """What the strict simulators would only have ignored in reality."""
        if ERP not in self.wire.simulators:
            return self.violations()
        held = self.acumatica.holdings()
        return [
            *self.violations(),
            *(f"unknown field {name}" for name in held["unknown_fields"]),
            *(f"ignored field {name}" for name in held["ignored_fields"]),
            *(f"label bought by a plug-in: {label}" for label in held["labels_bought_by_plugin"]),
        ]

    # ---- running -----------------------------------------------------------------------------------------------

    def go(self, minutes: float, stop: Callable[[], bool] | None = None) -> bool:
        """Lets time pass until `stop` says so; False when the time was over first."""
        until = self.clock() + timedelta(minutes=minutes)
        while self.clock() < until:
            self.act_late()
            if self._ticked is None or self.clock() - self._ticked >= TICK:
                self._ticked = self.clock()
                self.tick()
            self.push_webhooks()
            self.settle()
            if stop is not None and stop():
                return True
            self._next(min([until, *(at for at, _ in self.late)]))
        self.settle()
        return stop is not None and stop()

    def quiet(self) -> bool:
        """Nothing is on its way any more. Poll jobs do not count: there is always a next one. Nor do messages where
        every one comes twice; the aftermath is longer than their way back."""
        waiting = any(self.world.queues.messages(queue) for queue in QUEUES if queue != "jobs")
        if self.late or (waiting and not self.undeleted):
            return False
        return not any(record.status in OPEN for record in self.all_records())

    def records_of(self, *statuses: Status) -> list[str]:
        """Records in these states, with their reason."""
        found = [record for record in self.all_records() if record.status in statuses]
        return [f"{record.id} {record.status.value}: {record.why}" for record in found]
