"""What can go wrong at a moment. Each fault says at which moments it makes sense and what it does there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from connector.ports import QueueRefused
from connector.transport import Request
from local.simulators import base
from local.simulators.base import Fault as Dial
from tests.crash.moments import Moment, Strike, vendor_of
from tests.crash.theatre import Theatre

SLOW_SECONDS = 25.0
"""Within the clients' patience of 30 seconds and more."""

LATE_SECONDS = 20.0
"""A request whose answer was lost reaches the vendor so much later; within every settle delay."""


class StoreFailed(Exception):
    """What botocore raises when a table does not answer, whether or not it has stored."""


@dataclass(frozen=True)
class Fault:
    """`fits`: whether it can happen at a moment. `strike`: what it does to a theatre there.

    short: part of the short matrix (the others differ only for the observer, e.g. a reset from a time-out).
    liar: the vendor answers wrongly, so that nothing can be concluded from what the cursor has passed.
    """

    name: str
    fits: Callable[[Moment], bool]
    strike: Callable[[Theatre], Strike]
    short: bool = True
    liar: bool = False


def _killed(theatre: Theatre) -> Strike:
    return lambda moment, request: theatre.watch.kill()


def _killed_beside(theatre: Theatre) -> Strike:
    """Dies while a second worker gets the same records and polls before anybody has noticed."""

    def strike(moment: Moment, request: Request | None) -> None:
        theatre.after_kill = theatre.second_worker
        theatre.watch.kill()

    return strike


def _second(theatre: Theatre) -> Strike:
    return lambda moment, request: theatre.second_worker()


def _raises(make: Callable[[], Exception]) -> Callable[[Theatre], Strike]:
    def of(theatre: Theatre) -> Strike:
        def strike(moment: Moment, request: Request | None) -> None:
            raise make()

        return strike

    return of


def _dialled(fault: Dial, times: int = 1) -> Callable[[Theatre], Strike]:
    def of(theatre: Theatre) -> Strike:
        def strike(moment: Moment, request: Request | None) -> None:
            if request is None:
                raise AssertionError(f"{moment} is no call")
            simulator = theatre.wire.simulators[vendor_of(request)]
            simulator.dial.plan(fault, times=times, seconds=SLOW_SECONDS)

        return strike

    return of


def _stale(theatre: Theatre) -> Strike:
    dialled = _dialled(Dial.STALE_READ)(theatre)

    def strike(moment: Moment, request: Request | None) -> None:
        theatre.happen()  # what is due happens now, and not in the past that is shown
        dialled(moment, request)

    return strike


def _late(theatre: Theatre) -> Strike:
    def strike(moment: Moment, request: Request | None) -> None:
        if request is None:
            raise AssertionError(f"{moment} is no call")
        parts, port = urlsplit(request.url), vendor_of(request)
        asked = base.Request(request.method, parts.path, parts.query, dict(request.headers), request.body)
        simulator = theatre.wire.simulators[port]
        theatre.late.append((theatre.clock() + timedelta(seconds=LATE_SECONDS), lambda: simulator.handle(asked)))
        simulator.dial.plan(Dial.TIMEOUT_BEFORE)

    return strike


CALLS = frozenset({"read", "write", "token"})


def _before_call(moment: Moment) -> bool:
    return moment.kind in CALLS and moment.side == "before"


def _before_write(moment: Moment) -> bool:
    return moment.kind == "write" and moment.side == "before"


def _before_read(moment: Moment) -> bool:
    return moment.kind == "read" and moment.side == "before"


def _of_documents(moment: Moment) -> bool:
    """The status of an operation is no document of which an older version could be shown."""
    return _before_read(moment) and "/status/" not in moment.label


def _authorized(moment: Moment) -> bool:
    return _before_call(moment) and moment.kind != "token"


def _store(side: str) -> Callable[[Moment], bool]:
    return lambda moment: moment.kind == "store" and moment.side == side


def _queue(side: str) -> Callable[[Moment], bool]:
    return lambda moment: moment.kind == "queue" and moment.side == side


FAULTS: tuple[Fault, ...] = (
    Fault("killed", lambda moment: True, _killed),
    Fault("killed beside a second worker", lambda moment: True, _killed_beside),
    Fault("second worker", lambda moment: True, _second),
    Fault("store refuses", _store("before"), _raises(lambda: StoreFailed("not stored (test)")), short=False),
    Fault("store answer lost", _store("after"), _raises(lambda: StoreFailed("stored, nobody knows (test)"))),
    Fault("queue refuses", _queue("before"), _raises(lambda: QueueRefused("not stored (test)"))),
    Fault("queue answer lost", _queue("after"), _raises(lambda: QueueRefused("stored, nobody knows (test)"))),
    Fault("dropped before", _before_call, _dialled(Dial.DROP_BEFORE)),
    Fault("dropped after", _before_call, _dialled(Dial.DROP_AFTER)),
    Fault("time-out before", _before_call, _dialled(Dial.TIMEOUT_BEFORE), short=False),
    Fault("time-out after", _before_call, _dialled(Dial.TIMEOUT_AFTER), short=False),
    Fault("executed late", _before_write, _late),
    Fault("429", _before_call, _dialled(Dial.THROTTLED)),
    Fault("500 before", _before_call, _dialled(Dial.ERROR_500_BEFORE)),
    Fault("500 after", _before_call, _dialled(Dial.ERROR_500_AFTER)),
    Fault("503 after", _before_call, _dialled(Dial.ERROR_503_AFTER)),
    Fault("outage of six calls", _before_call, _dialled(Dial.ERROR_503_AFTER, times=6)),
    Fault("slow", _before_call, _dialled(Dial.SLOW)),
    Fault("garbage", _before_call, _dialled(Dial.GARBAGE_AFTER)),
    Fault("expired token", _authorized, _dialled(Dial.TOKEN_EXPIRED)),
    Fault("stale read", _of_documents, _stale, liar=True),
    Fault("partial list", _before_read, _dialled(Dial.PARTIAL), liar=True),
)

BY_NAME = {fault.name: fault for fault in FAULTS}
