"""Serves any simulator over real HTTP on loopback, with a control door beside the vendor's own paths.

Control door (not the vendor's): `GET /_control/holdings`, `GET /_control/calls`,
`POST /_control/command {"name", "arguments"}`, `POST /_control/faults {"fault", "match", "times", "skip", "seconds"}`,
`POST /_control/faults/clear`.

A server may speak https (`tls`), and may hold a guard for each connection that judges what comes before the simulator
sees it (sign-in that belongs to a connection, not to a request); the control door is not guarded.
"""

from __future__ import annotations

import dataclasses
import json
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import urlsplit

from local.simulators.base import AnswerTimedOut, ConnectionDropped, Fault, Reply, Request, Simulator, json_reply

MAXIMUM_BODY = 20 * 1024 * 1024


class ConnectionGuard(Protocol):
    """Judges the requests of one connection."""

    def judge(self, request: Request) -> Reply | None:
        """The answer that keeps a request away from the simulator, or None when it may pass."""
        ...


def control(simulator: Simulator, request: Request) -> Reply:
    """Answers the control door."""
    door = request.path.removeprefix("/_control/")
    if request.method == "GET" and door == "holdings":
        return json_reply(200, simulator.holdings())
    if request.method == "GET" and door == "calls":
        return json_reply(
            200, [{**dataclasses.asdict(call), "at": call.at.isoformat()} for call in list(simulator.calls)]
        )
    if request.method == "POST" and door == "command":
        asked = request.json()
        try:
            return json_reply(200, {"result": simulator.command(asked["name"], asked.get("arguments", {}))})
        except (KeyError, ValueError, TypeError) as error:
            return json_reply(400, {"error": f"{type(error).__name__}: {error}"})
    if request.method == "POST" and door == "faults":
        asked = request.json()
        fault = Fault(asked.pop("fault"))
        simulator.dial.plan(fault, asked.pop("match", ".*"), **asked)
        return json_reply(200, {})
    if request.method == "POST" and door == "faults/clear":
        simulator.dial.clear()
        return json_reply(200, {})
    return json_reply(404, {"error": f"no control door {door!r}"})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    simulator: Simulator
    guard_maker: Callable[[], ConnectionGuard] | None = None

    def setup(self) -> None:
        """One handler is one connection."""
        super().setup()
        self._guard = self.guard_maker() if self.guard_maker else None

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAXIMUM_BODY:
            self.send_error(413)
            return
        body = self.rfile.read(length)
        parts = urlsplit(self.path)
        request = Request(self.command, parts.path, parts.query, dict(self.headers.items()), body)
        try:
            reply = self._answer(request)
        except (ConnectionDropped, AnswerTimedOut):
            self._reset()
            return
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def _answer(self, request: Request) -> Reply:
        if request.path.startswith("/_control/"):
            return control(self.simulator, request)
        kept_away = self._guard.judge(request) if self._guard else None
        return self.simulator.handle(request) if kept_away is None else kept_away

    def _reset(self) -> None:
        """Closes the socket with a reset, as a dying peer does."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server looks these names up

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: the simulator keeps its own log of calls."""


class _Listener(ThreadingHTTPServer):
    """With `tls`, connections are wrapped; the handshake happens in the connection's own thread."""

    tls: ssl.SSLContext | None = None

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self.tls is not None:
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that does not like our certificate or hangs up is no news; anything else is shown."""
        if not isinstance(sys.exception(), ssl.SSLError | ConnectionError):
            super().handle_error(request, client_address)


class SimulatorServer:
    """A simulator behind a loopback port. `with SimulatorServer(sim, port=0) as server: server.url`.

    With `tls` its certificate must be for `localhost`. `guard` makes the judge of one connection.
    """

    def __init__(
        self,
        simulator: Simulator,
        port: int = 0,
        *,
        tls: ssl.SSLContext | None = None,
        guard: Callable[[], ConnectionGuard] | None = None,
    ) -> None:
        maker = staticmethod(guard) if guard else None
        handler = type("Handler", (_Handler,), {"simulator": simulator, "guard_maker": maker})
        self.simulator = simulator
        self._http = _Listener(("127.0.0.1", port), handler)
        self._http.tls = tls
        self._http.daemon_threads = True
        self._thread = threading.Thread(
            target=self._http.serve_forever, name=f"simulator-{simulator.name}", daemon=True
        )

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT` (with TLS `https://localhost:PORT`), without a trailing slash."""
        place = "http://127.0.0.1" if self._http.tls is None else "https://localhost"
        return f"{place}:{self._http.server_address[1]}"

    def __enter__(self) -> SimulatorServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()


def dump(holdings: dict[str, Any]) -> str:
    """Holdings as stable text, for comparisons."""
    return json.dumps(holdings, indent=1, sort_keys=True, ensure_ascii=False)
