"""Long-running operations: a fault of the asking never passes for a failure of the operation."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from connector.effect import Pending
from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import AnswerLost, NotSent, Reply, Request, Transport
from tests.support.world import World
from vendors.acumatica.faults import classify
from vendors.acumatica.operations import Operations
from vendors.acumatica.settings import AcumaticaSystem

SYSTEM = AcumaticaSystem(base_url="https://erp.example.com/Acme", tenant="T", time_zone="UTC")
STATUS = "/Acme/entity/Default/25.200.001/Shipment/ConfirmShipment/status/3d0f"


@dataclass
class Line:
    """A wire and a gate in one: answers what it is told to, counts, remembers extensions."""

    answer: Reply | Exception = field(default_factory=lambda: Reply(202, {}, b""))
    sent: list[Request] = field(default_factory=list)
    kept: list[datetime | None] = field(default_factory=list)
    keep_fails: bool = False

    def exchange(self, request: Request) -> Reply:
        """One answer."""
        self.sent.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def enter(self, request: Request) -> None:
        """No budget."""

    def learn(self, reply: Reply, fault: VendorFault | None) -> None:
        """Nothing."""

    def extend(self, until: datetime | None) -> None:
        """The session slot."""
        if self.keep_fails:
            raise VendorFault("acumatica", FaultKind.BUDGET, "taken")
        self.kept.append(until)


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def operations(world: World, line: Line) -> Operations:
    transport = Transport("acumatica", line, None, line, classify, world.clock, world.services.log)
    return Operations(transport, SYSTEM, line.extend)


def _accepted(location: str) -> Reply:
    return Reply(202, {"location": location}, b"")


@pytest.mark.parametrize("location", [STATUS, f"https://erp.example.com{STATUS}"])
def test_an_accepted_operation_is_pending_and_keeps_its_session(
    world: World, operations: Operations, line: Line, location: str
) -> None:
    assert operations.begun(_accepted(location)) == Pending(STATUS, timedelta(seconds=2))
    (until,) = line.kept
    assert until is not None
    assert until >= world.clock() + timedelta(seconds=30)
    assert line.sent == []


@pytest.mark.parametrize("headers", [{}, {"location": "/Acme/entity/leads/nowhere"}, {"location": "https://x.example"}])
def test_done_at_once_ignores_a_dead_location(operations: Operations, headers: dict[str, str]) -> None:
    assert operations.begun(Reply(204, headers, b"")) is None


@pytest.mark.parametrize("location", ["", "https://evil.example.com" + STATUS, "//evil.example.com/x", "/else"])
def test_a_location_that_leads_away_makes_the_answer_unreadable(
    operations: Operations, line: Line, location: str
) -> None:
    with pytest.raises(ValueError, match="not followed"):
        operations.begun(_accepted(location))
    assert line.sent == []


def test_a_session_that_cannot_be_kept_does_not_undo_the_action(operations: Operations, line: Line) -> None:
    line.keep_fails = True
    assert operations.begun(_accepted(STATUS)) is not None
    assert operations.check(STATUS) is not None


def test_still_running_and_done(operations: Operations, line: Line) -> None:
    assert operations.check(STATUS) == Pending(STATUS, timedelta(seconds=2))
    line.answer = Reply(204, {}, b"")
    assert operations.check(STATUS) is None
    assert line.kept[-1] is None
    assert line.sent[0].url == f"https://erp.example.com{STATUS}"
    assert not line.sent[0].slot, "the status may be asked beside the session's own operation"


def _error(text: str, kind: str) -> Reply:
    return Reply(500, {}, json.dumps({"exceptionMessage": text, "exceptionType": kind}).encode())


def test_a_rule_that_refused_is_final_and_frees_the_session(operations: Operations, line: Line) -> None:
    line.answer = _error("Shipment cannot be confirmed.", "PX.Data.PXException")
    with pytest.raises(VendorFault) as caught:
        operations.check(STATUS)
    assert (caught.value.kind, caught.value.executed) == (FaultKind.INVALID, Executed.NO)
    assert line.kept == [None]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Reply(404, {}, b""), FaultKind.UNAVAILABLE),
        (Reply(403, {}, b""), FaultKind.UNAVAILABLE),
        (Reply(302, {}, b""), FaultKind.UNAVAILABLE),
        (Reply(502, {}, b""), FaultKind.UNAVAILABLE),
        (Reply(500, {}, b""), FaultKind.UNAVAILABLE),
        (Reply(429, {}, b""), FaultKind.THROTTLED),
        (Reply(401, {}, b""), FaultKind.EXPIRED),
        (NotSent("refused"), FaultKind.NOT_SENT),
        (AnswerLost("reset"), FaultKind.UNAVAILABLE),
    ],
)
def test_what_says_nothing_about_the_operation_is_asked_again(
    world: World, operations: Operations, line: Line, answer: Any, kind: FaultKind
) -> None:
    line.answer = answer
    with pytest.raises(VendorFault) as caught:
        operations.check(STATUS)
    assert caught.value.kind is kind
    assert all(until is not None and until > world.clock() for until in line.kept)
    if not (isinstance(answer, Reply) and answer.status == 404):  # then the ERP knows of no operation any more
        assert line.kept, "the session must not be given away while the operation may still run"
