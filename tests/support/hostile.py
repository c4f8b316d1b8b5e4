"""An https server that means no good: a test writes every byte of its answers.

    with Hostile(issued.context, script) as server: server.url
    def script(heard): return answer(200, b"...")        None closes the connection without a word

`script` is called for each request; a generator's parts go out one by one.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from local.simulators.base import Reply

Answer = bytes | Iterable[bytes] | None


@dataclass(frozen=True)
class Heard:
    """One request: on which connection (from 1), which of it (from 1), and what it said."""

    connection: int
    index: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def authorization(self) -> str:
        """The header that would hold credentials."""
        return self.headers.get("authorization", "")

    @property
    def leg(self) -> int:
        """Which leg of an NTLM sign-in it is; 1 also for a request without any."""
        if not self.authorization.startswith("NTLM "):
            return 1
        return 3 if self.authorization.startswith("NTLM TlRMTVNTUAAD") else 2


class Hostile:
    """Listens on loopback. `context` answers the TLS context of the connection with this number; None: no TLS."""

    def __init__(self, context: Callable[[int], ssl.SSLContext | None], script: Callable[[Heard], Answer]) -> None:
        self._context, self._script = context, script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.heard: list[Heard] = []
        self.connections = 0
        self._closed = False

    @property
    def url(self) -> str:
        return f"https://localhost:{self._listener.getsockname()[1]}/DynamicsGPWebServices"

    def __enter__(self) -> Hostile:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed = True
        self._listener.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(plain, self.connections), daemon=True).start()

    def _talk(self, plain: socket.socket, number: int) -> None:
        try:
            context = self._context(number)
            if context is None:
                plain.sendall(answer(400, b"plain HTTP"))
                plain.close()
                return
            with context.wrap_socket(plain, server_side=True) as wrapped:
                self._answer(wrapped, number)
        except OSError:  # the caller hangs up, or does not like the certificate
            return

    def _answer(self, wrapped: socket.socket, number: int) -> None:
        stream = wrapped.makefile("rb")
        index = 0
        while (line := stream.readline()) != b"":
            index += 1
            method, path, _ = line.decode().split(" ", 2)
            headers: dict[str, str] = {}
            while (row := stream.readline()) not in (b"\r\n", b""):
                name, _, value = row.decode().partition(":")
                headers[name.strip().lower()] = value.strip()
            body = stream.read(int(headers.get("content-length", 0)))
            heard = Heard(number, index, method, path, headers, body)
            self.heard.append(heard)
            said = self._script(heard)
            if said is None:
                return
            for part in (said,) if isinstance(said, bytes) else said:
                wrapped.sendall(part)


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """A whole answer. Header names are written with underscores."""
    rows = {"content_length": str(len(body)), "content_type": "text/xml; charset=utf-8", **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in rows.items() if value)
    return f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + body


def as_bytes(reply: Reply) -> bytes:
    """A simulator's answer on the wire."""
    return answer(reply.status, reply.body, **{name.replace("-", "_"): text for name, text in reply.headers.items()})
