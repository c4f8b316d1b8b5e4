"""The wire between the connector and simulators in the same process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from connector.transport import AnswerLost, Reply, Request
from local.simulators import base


class SimulatorWire:
    """The wire to the simulators: same bytes, no sockets."""

    def __init__(self, simulators: Mapping[int, base.Simulator]) -> None:
        self.simulators = simulators
        self.before: Callable[[Request], None] = lambda request: None
        self.after: Callable[[Request], None] = lambda request: None

    def exchange(self, request: Request) -> Reply:
        """Hands the request to the simulator that listens on its port."""
        parts = urlsplit(request.url)
        self.before(request)
        asked = base.Request(request.method, parts.path, parts.query, dict(request.headers), request.body)
        try:
            reply = self.simulators[parts.port or 0].handle(asked)
        except (base.ConnectionDropped, base.AnswerTimedOut) as error:
            raise AnswerLost(type(error).__name__) from error
        self.after(request)
        return Reply(reply.status, {name.lower(): value for name, value in reply.headers.items()}, reply.body)
