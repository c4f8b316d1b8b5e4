"""Where a fault can strike: the steps of one run, numbered in the order in which they happen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from connector.transport import Request
from tests.support.stage import Killed, Stage

VENDORS = {7001: "acumatica", 7002: "shipbob", 7004: "ups", 7005: "shipstation", 7006: "netsuite", 7007: "dynamics_gp"}


@dataclass(frozen=True)
class Moment:
    """One boundary. `kind` is "store", "queue", "read", "write", "token"; `side` is "before" or "after"."""

    number: int
    label: str
    kind: str
    side: str

    def __str__(self) -> str:
        return f"#{self.number} {self.side} {self.label}"


Strike = Callable[[Moment, Request | None], None]
"""What a fault does when its moment comes: raise, or turn the dial of a simulator."""


@dataclass
class Watch:
    """Counts moments while `on`, strikes where planned. A killed process gets nothing done any more, not even in its
    `finally` blocks: everything it still tries raises `Killed` again until the stage has a new process."""

    stage: Stage
    plan: dict[int, Strike] = field(default_factory=dict)
    moments: list[Moment] = field(default_factory=list)
    struck: list[Moment] = field(default_factory=list)
    on: bool = False
    aside: bool = False  # a second worker is busy: its steps are not the run's own
    stored: Callable[[], None] = lambda: None
    _dead: object = None

    def __post_init__(self) -> None:
        self.stage.world.step = self._step
        self.stage.wire.before = lambda request: self._call(request, "before")
        self.stage.wire.after = lambda request: self._call(request, "after")

    def kill(self) -> None:
        """The process that is running dies here."""
        self._dead = self.stage.process
        raise Killed

    def _step(self, label: str) -> None:
        kind, _, side = label.rpartition(".")
        self._at(kind, "queue" if kind.startswith("queues") else "store", side, None)

    def _call(self, request: Request, side: str) -> None:
        self._at(label_of(request), kind_of(request), side, request)

    def _at(self, label: str, kind: str, side: str, request: Request | None) -> None:
        if self.aside or not self.on:
            return
        if self._dead is self.stage.process:
            raise Killed
        if label == "tables.put" and side == "after":
            self.stored()
        moment = Moment(len(self.moments), label, kind, side)
        self.moments.append(moment)
        strike = self.plan.get(moment.number)
        if strike is not None:
            self.struck.append(moment)
            strike(moment, request)


def vendor_of(request: Request) -> int:
    """The port of the simulator that a request goes to."""
    return urlsplit(request.url).port or 0


def kind_of(request: Request) -> str:
    """"token" for signing in, "write" for what changes something, "read" for the rest."""
    if not request.authorize:
        return "token"
    return "write" if request.write else "read"


def label_of(request: Request) -> str:
    """Vendor, method and path with the numbers taken out: `shipbob POST /order`. SOAP has one path: `#Operation`."""
    parts = urlsplit(request.url)
    path = re.sub(r"^(/Acme)?(/entity/Default/[\d.]+|/\d{4}-\d{2}|/services/rest)?", "", parts.path)
    path = re.sub(r"eid:[^/]+", "eid:#", path)
    path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{3,}", "#", path)
    asked = "?references" if "ReferenceIds" in parts.query else ""
    action = request.headers.get("SOAPAction", "").strip('"')
    if action:
        return f"{VENDORS[parts.port or 0]} #{action.rpartition('/')[2]}"
    return f"{VENDORS[parts.port or 0]} {request.method} {path}{asked}"
