"""What the simulators do alike: they answer under the dial, keep a log of calls, and obey commands and switches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from local.simulators.base import AnswerTimedOut, Call, Clock, ConnectionDropped, Fault, FaultDial, Reply, Request

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

World = TypeVar("World")


def act_with_faults(
    request: Request,
    dial: FaultDial,
    act: Callable[[Request], Reply],
    *,
    throttled: Callable[[], Reply],
    expired: Callable[[], Reply],
    advance: Callable[[float], None],
    special: Callable[[Fault, Request], Reply | None] | None = None,
) -> tuple[Reply, Fault | None]:
    """Runs one request under the dial. `special` answers STALE_READ and PARTIAL, which only the vendor can fake."""
    planned = dial.take(request)
    if planned is None:
        return act(request), None
    fault = planned.fault
    if fault in (Fault.DROP_BEFORE, Fault.TIMEOUT_BEFORE):
        raise (ConnectionDropped if fault is Fault.DROP_BEFORE else AnswerTimedOut)(fault.value)
    if fault is Fault.ERROR_500_BEFORE:
        return Reply(500, {"Content-Type": "text/plain"}, b"An unexpected error occurred."), fault
    if fault is Fault.THROTTLED:
        return throttled(), fault
    if fault is Fault.TOKEN_EXPIRED:
        return expired(), fault
    if fault in (Fault.STALE_READ, Fault.PARTIAL):
        answered = special(fault, request) if special else None
        return (answered if answered is not None else act(request)), fault
    if fault is Fault.SLOW:
        advance(planned.seconds)
        return act(request), fault
    reply = act(request)
    if fault in (Fault.DROP_AFTER, Fault.TIMEOUT_AFTER):
        raise (ConnectionDropped if fault is Fault.DROP_AFTER else AnswerTimedOut)(fault.value)
    if fault is Fault.GARBAGE_AFTER:
        return Reply(reply.status, {"Content-Type": "application/json"}, b'{"truncated": '), fault
    status = 503 if fault is Fault.ERROR_503_AFTER else 500
    return Reply(status, {"Content-Type": "text/plain"}, b"An unexpected error occurred."), fault


def answer_and_log(
    request: Request, calls: list[Call], now: Clock, answer: Callable[[Request], tuple[Reply, Fault | None]]
) -> tuple[Reply, Fault | None]:
    """Answers one request and writes it into the log of calls, also when no answer reaches the caller."""
    reply: Reply | None = None
    fault: Fault | None = None
    try:
        reply, fault = answer(request)
    except (ConnectionDropped, AnswerTimedOut) as error:
        fault = Fault(str(error))
        raise
    finally:
        status = None if reply is None else reply.status
        calls.append(Call(now(), request.method, request.path, request.query, status, fault))
    return reply, fault


def stand_still(seconds: float) -> None:
    """What `advance` does by default: the caller's clock is not ours to move."""


def run_command(
    name: str,
    arguments: dict[str, Any],
    own: Mapping[str, Callable[[dict[str, Any]], Any]],
    acts: Mapping[str, Callable[[World, dict[str, Any]], Any]],
    world: World,
) -> Any:
    """Runs one of the simulator's own commands, or an act upon its World. Raises ValueError for a name that is none."""
    if name in own:
        return own[name](arguments)
    if name not in acts:
        raise ValueError(f"no command {name!r}; known: {', '.join(sorted([*own, *acts]))}")
    return acts[name](world, arguments)


def set_switches(switches: DataclassInstance, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Sets switches by name and answers all of them. Raises ValueError for a name that is none."""
    known = {each.name for each in fields(switches)}
    for name, value in changes.items():
        if name not in known:
            raise ValueError(f"no switch {name!r}; known: {', '.join(sorted(known))}")
        setattr(switches, name, value)
    return {name: getattr(switches, name) for name in sorted(known)}


@contextmanager
def meanwhile(holder: object, **values: Any) -> Iterator[None]:
    """Sets attributes for as long as the block runs, and puts back what was there before."""
    before = {name: getattr(holder, name) for name in values}
    for name, value in values.items():
        setattr(holder, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(holder, name, value)
