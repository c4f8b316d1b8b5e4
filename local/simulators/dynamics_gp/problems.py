"""How GP says no: SOAP faults in the vendor's words, HTTP refusals, and validation results behind a GUID.

Two classes are documented: a validation exception (its fault carries a GUID in a `Message` node under `detail`) and a
system exception, whose text is general on purpose. The envelope's details are not documented; clients must read by
local name.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

from local.simulators.base import Reply

NOT_FOUND = "Business object not found."
VALIDATION = "A validation exception has occurred."
SYSTEM = "The application encountered an unhandled system exception. Contact your system administrator for details."
XML = {"Content-Type": "text/xml; charset=utf-8"}


@dataclass(frozen=True)
class Problem:
    """One row of a validation result."""

    object_type: str
    properties: tuple[str, ...]
    message: str
    id: str


class Invalid(Exception):
    """A rule on data is broken: becomes a validation exception, its rows kept behind a GUID."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


class SoapFault(Exception):
    """Any other fault. `code` is the local name of the faultcode."""

    def __init__(self, text: str, code: str = "Client") -> None:
        super().__init__(text)
        self.text = text
        self.code = code


class Refused(Exception):
    """HTTP refuses before SOAP is asked."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.status} {reply.body[:200]!r}")
        self.reply = reply


def refuse(status: int, text: str) -> Refused:
    """A plain HTTP refusal."""
    return Refused(Reply(status, {"Content-Type": "text/plain; charset=utf-8"}, text.encode()))


def not_found() -> SoapFault:
    """The key is unknown (or its document was deleted)."""
    return SoapFault(NOT_FOUND)


def already_exists(key: str) -> SoapFault:
    """A create with a key that is taken: an ordinary fault, neither not-found nor validation."""
    return SoapFault(f"{key} already exists.")


def system() -> SoapFault:
    """Anything else, said generally on purpose."""
    return SoapFault(SYSTEM, "Server")


def fault_reply(text: str, code: str = "Client", guid: str = "") -> Reply:
    """The fault as HTTP 500, as SOAP 1.1 wants it."""
    message = f'<Message xmlns="http://schemas.microsoft.com/dynamics/gp/2006/01">{guid}</Message>' if guid else ""
    detail = f"<detail>{message}</detail>" if message else "<detail/>"
    body = (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>'
        f"<faultcode>s:{code}</faultcode>"
        f'<faultstring xml:lang="en-US">{escape(text)}</faultstring>{detail}'
        "</s:Fault></s:Body></s:Envelope>"
    )
    return Reply(500, XML, body.encode())


def unauthorized() -> Reply:
    """The 401 that asks for Windows credentials; after a third leg it means that they were refused."""
    text = "401 - Unauthorized: Access is denied due to invalid credentials."
    return Reply(401, {"WWW-Authenticate": "NTLM", "Content-Type": "text/plain"}, text.encode())


def busy() -> Reply:
    """The service host has no free instance (no rate limits are documented; WCF throttles this way)."""
    return Reply(503, {"Content-Type": "text/plain"}, b"The service is unavailable.")
