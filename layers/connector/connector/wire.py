"""Moves bytes with `requests`, and says truthfully whether they may have left.

The question decides about money: "surely not sent" may be repeated, "may have left" may not. The exceptions of
requests and urllib3 do not answer it (a TLS handshake that times out is a ReadTimeout, a reset during the handshake
looks like one after the request), so the connection itself notes when the first byte of a request goes out.

Three more decisions:
- A write never uses a kept-alive connection. A server that closed it, or a NAT gateway that forgot it while the
  function was frozen, would turn a harmless connection failure into an answer that is lost. A new connection costs
  one handshake; an unknown write costs a search or a person. Reads reuse connections that were idle only briefly.
- Cookies are never remembered: two tenants may live on one host, and a session cookie would mix them.
- Redirects are not followed, and certificates are always verified.
"""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from connector.services import Services
from connector.transport import AnswerLost, NotSent, Reply, Request, Wire
from connector.wire_errors import reason

LARGEST_ANSWER = 20 * 1024 * 1024
PIECE = 64 * 1024
FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError)


class _Progress(threading.local):
    """Whether the request that this thread is sending has begun to leave, and how many connections it has opened."""

    begun = False
    connections = 0


_progress = _Progress()


def connections_made() -> int:
    """How many connections this thread has opened: a sign-in that belongs to a connection must not change it."""
    return _progress.connections


class _PlainConnection(HTTPConnection):
    """Notes when bytes of a request leave. Connecting (and a proxy's CONNECT) comes before and does not count."""

    def connect(self) -> None:
        _progress.connections += 1
        try:
            super().connect()
        finally:
            _progress.begun = False

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _progress.begun = True
        super().send(data)


class _SecureConnection(HTTPSConnection):
    """The same over TLS: the handshake is part of connecting."""

    def connect(self) -> None:
        _progress.connections += 1
        try:
            super().connect()
        finally:
            _progress.begun = False

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _progress.begun = True
        super().send(data)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    """The requests adapter on connections that note their progress. It never retries."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
        return manager


def _keep_authorization(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    """Stands in for requests' own authorization, which would replace ours by an entry of a .netrc file."""
    return prepared


@dataclass
class RequestsWire:
    """Implements `connector.transport.Wire`.

    connect_timeout: seconds for name, connection and TLS. authority: path of a PEM file with the certificates to trust
    instead of the public ones (concatenate both when both are needed). authorization: signs the prepared request, for
    schemes that need the connection (NTLM). idle_seconds: how long a connection may lie before a read mistrusts it.
    """

    connect_timeout: float = 5.0
    authority: str | None = None
    authorization: Callable[[requests.PreparedRequest], requests.PreparedRequest] = _keep_authorization
    largest_answer: int = LARGEST_ANSWER
    idle_seconds: float = 15.0
    monotonic: Callable[[], float] = time.monotonic
    _session: requests.Session = field(init=False)
    _used: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._session = requests.Session()
        self._session.auth = self.authorization
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers["User-Agent"] = "ml-connector"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(max_retries=0))

    def exchange(self, request: Request) -> Reply:
        """Sends once. Raises NotSent (nothing left) or AnswerLost (it may have arrived)."""
        if request.through is not None and request.through is not self:
            return request.through.exchange(request)
        now = self.monotonic()
        if request.write or now - self._used > self.idle_seconds:
            self._session.close()  # drops idle connections; the session itself stays usable
        _progress.begun = False
        try:
            return self._exchange(request, deadline=now + self.connect_timeout + request.timeout)
        except FAILURES as error:
            if _progress.begun:
                raise AnswerLost(reason(error)) from error
            raise NotSent(reason(error)) from error
        finally:
            self._used = self.monotonic()

    def _exchange(self, request: Request, deadline: float) -> Reply:
        with self._session.request(
            request.method,
            request.url,
            data=request.body or None,
            headers=dict(request.headers),
            timeout=(self.connect_timeout, request.timeout),
            allow_redirects=False,
            verify=self.authority if self.authority is not None else True,
            stream=True,
        ) as response:
            body = self._body(response.raw, deadline)
            reply = Reply(response.status_code, _headers(response.raw.headers), body)
            if not body and request.method != "HEAD" and response.raw.version >= 11 and not _is_framed(reply):
                raise AnswerLost("the answer broke off in its headers")
            return reply

    def _body(self, raw: urllib3.HTTPResponse, deadline: float) -> bytes:
        """The whole body, decompressed. A socket's time-out starts anew with every byte, so the whole has one too."""
        pieces: list[bytes] = []
        size = 0
        while piece := raw.read1(PIECE, decode_content=True):
            size += len(piece)
            if size > self.largest_answer:
                raise AnswerLost(f"the answer is larger than {self.largest_answer} bytes")
            if self.monotonic() > deadline:
                raise AnswerLost("the answer did not end in time")
            pieces.append(piece)
        return b"".join(pieces)


def _is_framed(reply: Reply) -> bool:
    """Whether the answer says where it ends. `http.client` takes an answer cut in its headers for a whole empty one."""
    stated = "content-length" in reply.headers or "transfer-encoding" in reply.headers
    return stated or reply.headers.get("connection", "").lower() == "close" or reply.status in (204, 304)


def _headers(headers: urllib3.HTTPHeaderDict) -> Mapping[str, str]:
    """Lower-case names. Repeated headers are joined by a comma, cookies (whose dates hold commas) by a line break."""
    return {
        name.lower(): ("\n" if name.lower() == "set-cookie" else ", ").join(headers.getlist(name)) for name in headers
    }


def process_wire(services: Services) -> Wire:
    """The process's own connections, made when first needed; tests put simulators in their place."""
    key = ("wire",)
    if key not in services.memory:
        services.memory[key] = RequestsWire()
    wire: Wire = services.memory[key]
    return wire
