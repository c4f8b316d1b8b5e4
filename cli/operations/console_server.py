"""The console on this machine: the static page, and calls that are signed and handed on to the operator API.

The page never sees AWS credentials. A random token in its address keeps other pages and other users of the machine
out; a name that is not loopback in the Host header is refused, so that no foreign page can be pointed here (DNS
rebinding).
"""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cli.failures import failure_of
from cli.place import Api

PAGE = Path(__file__).resolve().parents[2] / "console"
KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
LARGEST_BODY = 64 * 1024
TOKEN_HEADER = "X-Console-Token"  # noqa: S105 - the name of a header
SAFE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Backing:
    """What the page stands on. `where` is shown in its headline."""

    api: Api
    token: str
    where: str
    folder: Path = PAGE


class ConsoleServer(ThreadingHTTPServer):
    """Listens on loopback only."""

    daemon_threads = True

    def __init__(self, port: int, backing: Backing) -> None:
        super().__init__(("127.0.0.1", port), _Exchange)
        self.backing = backing

    @property
    def url(self) -> str:
        """The address to open; its last part never leaves the browser."""
        return f"http://127.0.0.1:{self.server_port}/#token={self.backing.token}"


class _Exchange(BaseHTTPRequestHandler):
    server: ConsoleServer
    server_version = "ml-connector"
    sys_version = ""

    def do_GET(self) -> None:
        """A file of the page, or a look through the API."""
        if not self._from_here():
            return
        parts = urlsplit(self.path)
        if parts.path.startswith("/api/"):
            self._call("GET", parts.path.removeprefix("/api/"), dict(parse_qsl(parts.query)))
        else:
            self._file(parts.path.strip("/") or "index.html")

    def do_POST(self) -> None:
        """An act through the API."""
        if not self._from_here():
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            self._json(413, {"error": f"at most {LARGEST_BODY} bytes"})
            return
        try:
            values = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            values = None
        path = urlsplit(self.path).path
        if not isinstance(values, dict) or not path.startswith("/api/"):
            self._json(400, {"error": "a JSON object for a path below /api/ is wanted"})
            return
        self._call("POST", path.removeprefix("/api/"), values)

    def _from_here(self) -> bool:
        """Whether the browser was really sent to this machine."""
        if self.headers.get("Host", "") in (f"127.0.0.1:{self.server.server_port}",):
            return True
        self._json(403, {"error": "open the console by the address that the command has printed"})
        return False

    def _file(self, name: str) -> None:
        files = {path.name: path for path in self.server.backing.folder.iterdir() if path.suffix in KINDS}
        if name not in files:
            self._json(404, {"error": "there is no such file"})
            return
        self._send(200, f"{KINDS[files[name].suffix]}; charset=utf-8", files[name].read_bytes())

    def _call(self, method: str, path: str, values: dict[str, Any]) -> None:
        given = self.headers.get(TOKEN_HEADER, "")
        if not hmac.compare_digest(given.encode(), self.server.backing.token.encode()):
            self._json(403, {"error": "open the console by the address that the command has printed"})
            return
        if path == "where":
            self._json(200, {"where": self.server.backing.where})
            return
        try:
            status, body = self.server.backing.api(method, path, values)
        except Exception as error:  # noqa: BLE001 - known failures in words, anything else as a 500 without words
            failure = failure_of(error)
            text = failure.text if failure is not None else f"the console failed: {type(error).__name__}"
            self._json(502 if failure is not None else 500, {"error": text})
            return
        self._send(status, "application/json", body)

    def _json(self, status: int, document: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(document).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        for name, value in {**SAFE, "Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing: standard output is for the answer."""
