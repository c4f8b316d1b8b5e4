"""Why an exchange failed, in words that may be logged: no address with a query, no header, no body."""

from __future__ import annotations

import http.client
import socket
import ssl

import requests
import urllib3.exceptions

_HINTS = {
    "WRONG_VERSION_NUMBER": "the server does not speak TLS on this port: check https and the port of the address",
    "UNSUPPORTED_PROTOCOL": "the server offers only old TLS versions: it must offer TLS 1.2 or newer",
    "TLSV1_ALERT_PROTOCOL_VERSION": "the server offers only old TLS versions: it must offer TLS 1.2 or newer",
}


def reason(error: BaseException) -> str:
    """One line about the innermost cause that means something to a person."""
    causes = _chain(error)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the server's certificate is not trusted: {cause.verify_message}"
    for cause in causes:
        text = _known(cause)
        if text is not None:
            return text
    if any(isinstance(cause, urllib3.exceptions.ProxyError) for cause in causes):
        return "the proxy refused to connect"
    return type(causes[-1]).__name__


def _known(cause: BaseException) -> str | None:
    if isinstance(cause, ssl.SSLError):
        code = cause.reason or "TLS failure"
        return _HINTS.get(code, f"TLS failed: {code}")
    if isinstance(cause, socket.gaierror | urllib3.exceptions.NameResolutionError):
        return "the host name cannot be resolved"
    if isinstance(cause, requests.ConnectTimeout | urllib3.exceptions.ConnectTimeoutError):
        # A refused connection is a subclass of this time-out in urllib3: its own cause comes later in the chain.
        return None if isinstance(cause, urllib3.exceptions.NewConnectionError) else "connecting took too long"
    if isinstance(cause, requests.ReadTimeout | urllib3.exceptions.ReadTimeoutError | TimeoutError):
        return "no answer in time"
    if isinstance(cause, http.client.RemoteDisconnected):
        return "the server closed the connection without an answer"
    if isinstance(cause, http.client.IncompleteRead | urllib3.exceptions.IncompleteRead):
        return "the answer broke off"
    if isinstance(cause, urllib3.exceptions.DecodeError):
        return "the answer's compression is damaged"
    if isinstance(cause, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return "the address is not valid"
    if isinstance(cause, requests.exceptions.InvalidHeader):
        return "a header holds characters that may not be sent"
    if isinstance(cause, OSError) and cause.errno is not None:
        return (cause.strerror or type(cause).__name__).lower()
    return None


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what is inside it: causes, contexts, arguments and urllib3's `reason`, outermost first."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        item = waiting.pop(0)
        if not isinstance(item, BaseException) or item in found:
            continue
        found.append(item)
        waiting += [getattr(item, "reason", None), item.__cause__, item.__context__, *item.args]
    return found
