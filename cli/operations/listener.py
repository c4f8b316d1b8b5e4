"""Takes the redirect of a consent on this machine's loopback, once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cli.failures import Misused, Refused

PATIENCE = 300.0
"""Seconds a person has for the consent."""

PAGE = b"<!doctype html><title>ml-connector</title><p>Received. Close this window and look at the terminal.</p>"
LARGEST_FORM = 64 * 1024


def wait_for_redirect(
    redirect_uri: str,
    ready: Callable[[], None],
    patience: float = PATIENCE,
    monotonic: Callable[[], float] = time.monotonic,
) -> Mapping[str, str]:
    """The members of the first request to the redirect URI that holds a code or an error.

    `ready` is called when the port is open. Raises Misused for an address that is not this machine's, Refused when
    nobody came in time.
    """
    parts = urlsplit(redirect_uri)
    if parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "localhost") or not parts.port:
        raise Misused("--listen needs a redirect URI such as http://localhost:8765/callback")
    came: list[Mapping[str, str]] = []
    try:
        server = HTTPServer(("127.0.0.1", parts.port), _handler(parts.path or "/", came))
    except OSError as error:
        text = f"port {parts.port} cannot be opened ({error}); choose another one with --redirect-uri"
        raise Refused(text) from error
    with server:
        server.timeout = 1.0
        ready()
        end = monotonic() + patience
        while not came and monotonic() < end:
            server.handle_request()
    if not came:
        raise Refused(f"nobody came back within {patience:.0f} seconds; run the command again")
    return came[0]


def _handler(path: str, came: list[Mapping[str, str]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # a connection that says nothing must not block the one that matters

        def do_GET(self) -> None:
            self._take(urlsplit(self.path).query)

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length") or "0"
            size = int(length) if length.isascii() and length.isdigit() else 0
            self._take(self.rfile.read(min(size, LARGEST_FORM)).decode("utf-8", "replace"))

        def _take(self, encoded: str) -> None:
            members = dict(parse_qsl(encoded))
            fits = urlsplit(self.path).path == path and ("code" in members or "error" in members)
            if fits:
                came.append(members)
            self.send_response(200 if fits else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(PAGE if fits else b"")

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the request line holds the code."""

    return Handler
