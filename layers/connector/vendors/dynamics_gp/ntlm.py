"""NTLM as `requests_ntlm` speaks it, with everything that can go wrong between its three legs looked at.

    1  the request                      -> 401, NTLM is offered
    2  the request with a greeting      -> 401 with a challenge
    3  the request with its answer      -> the answer, or 401: the account was not accepted

The whole request travels each time, so what comes back to a leg may be its answer already: a server that does not ask
(any more) has executed it. An answer that is no 401 therefore ends the dance and counts, whichever leg it belongs to.
All legs belong to one connection; a third leg on another one says nothing about the password.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from connector.transport import AnswerLost
from connector.wire import PIECE, connections_made
from vendors.dynamics_gp.faults import NTLM_NOTE

LARGEST_REFUSAL = 1024 * 1024
"""Bytes of the page that may come with a 401; it is read so that the connection can go on, and thrown away."""

Monotonic = Callable[[], float]


class Ntlm:
    """Signs a prepared request in: the callable that `connector.wire.RequestsWire` takes as `authorization`."""

    def __init__(
        self, username: str, password: str, channel_binding: bool, monotonic: Monotonic = time.monotonic
    ) -> None:
        from requests_ntlm import HttpNtlmAuth

        self._legs = HttpNtlmAuth(username, password, send_cbt=channel_binding)
        self._monotonic = monotonic

    def __call__(self, prepared: Any) -> Any:
        """Makes the request keep its connection, and answers a challenge when one comes."""
        prepared.headers["Connection"] = "Keep-Alive"
        prepared.register_hook("response", self._answer)
        return prepared

    def _answer(self, response: Any, **options: Any) -> Any:
        if response.status_code != 401:
            return response
        bound = _Bound(self._monotonic() + _patience(options), self._monotonic)
        bound.hold(response)
        response.connection = _Legs(response.connection, bound)
        try:
            ended = self._legs.response_hook(response, **options)
        except _Answered as early:
            return early.response
        except _broken():
            # No challenge came back, or one that is none: a configuration matter, no network failure.
            response.raw.headers[NTLM_NOTE] = "no challenge"
            return response
        if ended.status_code == 401 and ended is not response:
            ended.raw.headers[NTLM_NOTE] = "third leg refused"
        return ended


class _Answered(Exception):
    """The second leg brought an answer instead of a challenge."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.response = response


@dataclass(frozen=True)
class _Bound:
    """How long and how large the refusals of one sign-in may be together with it."""

    deadline: float
    monotonic: Monotonic

    def hold(self, response: Any) -> None:
        """Makes the library read this refusal within the bound. Raises AnswerLost where it would not end."""
        response.iter_content = lambda *arguments, **options: self._pieces(response.raw)

    def _pieces(self, raw: Any) -> Iterator[bytes]:
        size = 0
        while piece := raw.read1(PIECE, decode_content=True):
            size += len(piece)
            if size > LARGEST_REFUSAL:
                raise AnswerLost(f"the refusal of the sign-in is larger than {LARGEST_REFUSAL} bytes")
            if self.monotonic() > self.deadline:
                raise AnswerLost("the refusal of the sign-in did not end in time")
            yield piece


class _Legs:
    """Stands before the connection pool while the library sends the second and the third leg."""

    def __init__(self, adapter: Any, bound: _Bound) -> None:
        self._adapter, self._bound = adapter, bound
        self._challenged = False

    def send(self, request: Any, **options: Any) -> Any:
        """Sends a leg. Raises _Answered, AnswerLost, or what the pool raises."""
        before = connections_made()
        response = self._adapter.send(request, **{**options, "stream": True})
        if self._challenged:
            if response.status_code == 401 and connections_made() != before:
                raise AnswerLost("the connection broke off in the middle of the sign-in")
            return response
        if response.status_code != 401:
            raise _Answered(response)
        self._challenged = True
        self._bound.hold(response)
        response.connection = self
        return response


def _patience(options: Any) -> float:
    """Seconds for one answer: the second of the library's time-outs, the first is for connecting."""
    return float(options["timeout"][1])


def _broken() -> tuple[type[Exception], ...]:
    """What the libraries raise when the second leg is not answered with a proper challenge: they trust its bytes."""
    from spnego.exceptions import SpnegoError

    odd = (LookupError, AttributeError, ValueError, ArithmeticError, TypeError, struct.error)
    return (PermissionError, SpnegoError, *odd)
