"""What Dynamics GP's refusals mean, as a table. SOAP faults come with HTTP 500, whatever they say.

Faults are read by local names and words: their exact wrapping is published nowhere. A validation exception carries the
id (a guid) of a stored list of reasons, which can be fetched once. Everything else is a "system exception" with a text
that says nothing on purpose; after a write it may or may not have happened.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply, Request
from vendors.dynamics_gp.xml import Node, parse
from vendors.fault_rules import Rule, retry_after

VENDOR = "Dynamics GP"
LONGEST = 400

SIGN_IN = "sign-in"
"""Code of the fault that opens the circuit: the account or the way of signing in was not accepted."""

NTLM_NOTE = "x-ntlm"
"""How the wire says what went wrong in the NTLM dance; no header of any server."""

_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EMAIL = re.compile(r"[^\s@'\"<>;,]+@[^\s@'\"<>;,]+\.[^\s@'\"<>;,]+")
_DUPLICATE = re.compile(r"\b\w*Key\b[^.]*\balready exists", re.IGNORECASE)
_NOT_FOUND = "business object not found"
_VALIDATION = "validation exception"
_RIGHTS = re.compile(
    r"security|not authori[sz]ed|unauthori[sz]ed|access (is )?denied|permission|have a role", re.IGNORECASE
)
_ACTION = re.compile(r"ActionNotSupported|cannot be processed at the receiver|SOAPAction", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """A refusal: HTTP status, fault text (one line, nothing that repeats a record), the guid of its reasons."""

    request: Request
    reply: Reply
    text: str
    log_id: str
    is_soap: bool

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.reply.status

    def says(self, words: str) -> bool:
        """Whether the fault's text holds these words, whatever the letter case."""
        return words in self.text.casefold()


K = FaultKind

TABLE: tuple[Rule[Answer], ...] = (
    # --- signing in: nothing was executed, and nothing is tried again (every try counts towards the account's lock-out)
    Rule(
        lambda a: a.status == 401 and a.reply.headers.get(NTLM_NOTE) == "no challenge",
        K.EXPIRED, "the server did not go on with the NTLM sign-in. Something between it and us may take connections "
        "apart (a proxy or load balancer that reads HTTP), or the domain forbids NTLM", alarm=True, code=SIGN_IN,
    ),
    Rule(
        lambda a: a.status == 401 and not _offers_ntlm(a),
        K.EXPIRED, "the server does not offer Windows sign-in (NTLM) at this address; have the service's credential "
        "type set to Windows or NTLM", alarm=True, code=SIGN_IN,
    ),
    Rule(
        lambda a: a.status == 401,
        K.EXPIRED, "the Windows account was not accepted. Wrong or expired password, locked account, NTLM blocked by "
        "the domain, or TLS ended by another device than the GP server (then channel_binding = false)",
        alarm=True, code=SIGN_IN,
    ),
    Rule(
        lambda a: a.status == 407,
        K.CONFIGURATION, "a proxy wants a sign-in of its own; GP must be reached without one", alarm=True,
    ),
    Rule(
        lambda a: a.status == 403,
        K.FORBIDDEN, "the account may not use the service; give it a role in the Dynamics Security Console",
    ),
    # --- what GP says in a fault
    Rule(lambda a: a.is_soap and a.says(_NOT_FOUND), K.NOT_FOUND, "GP holds no such thing"),
    Rule(lambda a: a.is_soap and bool(_DUPLICATE.search(a.text)), K.DUPLICATE, "GP holds it already"),
    Rule(
        lambda a: a.is_soap and (bool(a.log_id) or a.says(_VALIDATION)),
        K.INVALID, "GP refuses the content",
    ),
    Rule(
        lambda a: a.is_soap and bool(_ACTION.search(a.text)),
        K.CONFIGURATION, "the service does not know this operation; the address may belong to another service",
        alarm=True,
    ),
    Rule(
        lambda a: a.is_soap and bool(_RIGHTS.search(a.text)),
        K.FORBIDDEN, "the account lacks a right for this; see the list of operations in docs/setup-dynamics-gp.md",
    ),
    Rule(
        lambda a: a.is_soap,
        K.UNAVAILABLE, "GP had an error of its own; its exception console names it", maybe=True,
    ),
    # --- plain HTTP
    Rule(
        lambda a: 300 <= a.status < 400,
        K.CONFIGURATION, "the address redirects, which is never followed; check url of the connection", alarm=True,
    ),
    Rule(
        lambda a: a.status in (404, 405),
        K.CONFIGURATION, "there is no such service at this address; check url of the connection", alarm=True,
    ),
    Rule(
        lambda a: a.status == 415,
        K.CONFIGURATION, "the service does not take SOAP 1.1; the address is not that of the legacy endpoint",
        alarm=True,
    ),
    Rule(
        lambda a: a.status == 413,
        K.INVALID, "the request is too large for the service. Set terse, or have its bound raised "
        "(maxReceivedMessageSize)",
    ),
    Rule(lambda a: a.status == 429, K.THROTTLED, "the server declined the call for load"),
    Rule(
        lambda a: a.status == 408 or a.status >= 500,
        K.UNAVAILABLE, "the server failed to answer properly", maybe=True,
    ),
    Rule(lambda a: a.status >= 400, K.INVALID, "the server refuses the request"),
    Rule(lambda a: True, K.UNAVAILABLE, "the server gave an answer that is none", maybe=True),
)  # fmt: skip
"""The first row that applies decides."""


def classify(request: Request, reply: Reply, now: datetime) -> VendorFault | None:
    """The fault table for `connector.transport`; None for a good answer (an unreadable one is its reader's matter)."""
    if 200 <= reply.status < 300 and not _holds_fault(reply):
        return None
    answer = _answer(request, reply)
    rule = next(rule for rule in TABLE if rule.when(answer))
    said = f" ({answer.text})" if answer.text else ""
    return VendorFault(
        VENDOR,
        rule.kind,
        f"{request.purpose}: {rule.text}{said}",
        Executed.MAYBE if rule.maybe and request.write else Executed.NO,
        reply.status,
        rule.code or answer.log_id,
        retry_after(reply, now) if rule.kind in (K.THROTTLED, K.UNAVAILABLE) else None,
        rule.alarm,
    )


def _offers_ntlm(answer: Answer) -> bool:
    offered = answer.reply.headers.get("www-authenticate", "").casefold()
    return "ntlm" in offered or "negotiate" in offered or answer.reply.headers.get(NTLM_NOTE, "") != ""


def _holds_fault(reply: Reply) -> bool:
    return b":Fault" in reply.body or b"<Fault" in reply.body


def _answer(request: Request, reply: Reply) -> Answer:
    fault = _fault(reply)
    if fault is None:
        return Answer(request, reply, "", "", False)
    text = fault.text("faultstring") or fault.text("Reason", "Text")
    return Answer(request, reply, tidy(text), _log_id(fault), True)


def _fault(reply: Reply) -> Node | None:
    try:
        return parse(reply.body).find("Body", "Fault")
    except ValueError:
        return None


def _log_id(fault: Node) -> str:
    """The guid in a `Message` element under the detail; a `Message` that is prose is another exception's."""
    detail = fault.find("detail") or fault.find("Detail")
    for element in detail.element.iter() if detail is not None else ():
        node = Node(element)
        if node.name == "Message" and _GUID.fullmatch((element.text or "").strip()):
            return (element.text or "").strip()
    return ""


def tidy(text: str) -> str:
    """GP's words in one line. What follows a `<` repeats the record that was sent, so it goes; addresses too."""
    line = _EMAIL.sub("(e-mail)", text.partition("<")[0])
    line = "".join(letter if letter.isprintable() else " " for letter in line)
    return " ".join(line.split())[:LONGEST]
