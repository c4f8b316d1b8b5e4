"""What UPS's refusals mean, as a table. UPS's error codes win over the HTTP status.

The one question that costs money: may a label have been bought? A refusal with a code and a status of 4xx is a sure
no, a 401, 403 and 429 too. Any 5xx, any 2xx that is no proven success (empty, or with errors inside), a lost or
unreadable answer is a "maybe": Shipping knows no idempotency key, every accepted request is a new billable label.
(UPS: API error codes; facts from recorded answers.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply, Request
from vendors.fault_rules import Rule, retry_after
from vendors.ups.advice import ADVICE, CONFIGURATION_CODES
from vendors.ups.problems import Problem, read_problem

VENDOR = "ups"

EXPIRED_CODES = frozenset({"250002", "250003", "UJ0001", "251004"})
"""A new token may cure these."""

CREDENTIAL_CODES = frozenset({"10400", "10401"})
TRANSIENT_CODES = frozenset(
    {"10004", "VSS100", "20001", "250050", "190001", "190002", "9800000", "9800001", "9801027"}
)
NOT_FOUND_CODES = frozenset({"190102", "9801031", "TW0001"})

QUOTA_PAUSE = timedelta(minutes=15)
"""How long to leave the token endpoint alone after its 429: a hot loop prolongs UPS's block."""


class Endpoint(StrEnum):
    """Which part of UPS's API a request goes to."""

    SIGN_IN = "sign_in"
    SHIP = "ship"
    VOID = "void"
    RECOVERY = "recovery"
    RATE = "rate"
    ADDRESS = "address"
    TRACK = "track"
    ALERT = "alert"
    TRANSIT = "transit"
    OTHER = "other"


_PLACES = (
    ("/security/v1/oauth/", Endpoint.SIGN_IN),
    ("/void/cancel/", Endpoint.VOID),
    ("/transittimes", Endpoint.TRANSIT),
    ("/shipments/", Endpoint.SHIP),
    ("/labels/", Endpoint.RECOVERY),
    ("/rating/", Endpoint.RATE),
    ("/addressvalidation/", Endpoint.ADDRESS),
    ("/subscription/", Endpoint.ALERT),
    ("/track/", Endpoint.TRACK),
)

SETTLED: Mapping[Endpoint, frozenset[str]] = {
    # Already voided: what was wanted is so.
    Endpoint.VOID: frozenset({"190117"}),
    # Not found, voided, expired, under way, not processed yet: each answers the question whether the label exists.
    Endpoint.RECOVERY: frozenset({"9801031", "9801040", "9800020", "9801028", "9801041", "9801042"}),
    # All numbers of the batch refused: the list of them is the answer.
    Endpoint.ALERT: frozenset({"VSS210", "VSS215"}),
}
"""Refusals that are answers: they are passed on to their reader and are no fault."""


@dataclass(frozen=True)
class Answer:
    """A refusal as the table sees it."""

    request: Request
    reply: Reply
    endpoint: Endpoint
    problem: Problem

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.reply.status

    def has(self, codes: frozenset[str]) -> bool:
        """Whether UPS gave one of these codes."""
        return not codes.isdisjoint(self.problem.codes)


K = FaultKind

TABLE: tuple[Rule[Answer], ...] = (
    # --- load -----------------------------------------------------------------------------------------------------
    Rule(
        lambda a: a.endpoint is Endpoint.SIGN_IN and (a.status == 429 or "10429" in a.problem.codes),
        K.THROTTLED, "UPS's quota of token calls is used up; no new token for a while", alarm=True,
    ),
    Rule(lambda a: a.status == 429 or "10429" in a.problem.codes, K.THROTTLED, "UPS declined the call for load"),
    Rule(lambda a: a.has(TRANSIENT_CODES), K.UNAVAILABLE, "UPS reports a passing failure", maybe=True),
    # --- identity: nothing was executed ---------------------------------------------------------------------------
    Rule(
        lambda a: a.endpoint is Endpoint.SIGN_IN and a.status in (400, 401),
        K.CONFIGURATION, "UPS refused the sign-in; compare client id and client secret with the app in UPS's portal, "
        "and whether the app belongs to this environment", alarm=True,
    ),
    Rule(
        lambda a: a.has(CREDENTIAL_CODES) and a.status < 500,
        K.CONFIGURATION, "UPS does not accept the client id; correct the secret", alarm=True,
    ),
    Rule(
        lambda a: (a.status == 401 and (not a.problem.codes or a.has(EXPIRED_CODES)))
        or (a.status in (400, 403) and a.has(EXPIRED_CODES)),
        K.EXPIRED, "the access token is not accepted. If only calls of this kind fail, add this API product to the app "
        "in UPS's portal",
    ),
    Rule(
        lambda a: a.status == 403 and a.problem.html,
        K.UNAVAILABLE, "something in front of UPS refused the call", alarm=True,
    ),
    Rule(
        lambda a: a.status in (401, 403),
        K.FORBIDDEN, "UPS blocks this account or app; ask UPS, new keys do not help", alarm=True,
    ),
    # --- good statuses that are none ------------------------------------------------------------------------------
    Rule(
        lambda a: a.status < 300 and a.problem.empty and bool(a.problem.errors),
        K.INVALID, "UPS answered success without a body and calls the request not valid; a control character in an "
        "address has caused this before", maybe=True, alarm=True,
    ),
    Rule(
        lambda a: a.status < 300 and (a.problem.empty or a.problem.html),
        K.UNAVAILABLE, "UPS answered success without content", maybe=True,
    ),
    Rule(
        lambda a: a.status == 206,
        K.UNAVAILABLE, "UPS answered only a part", maybe=True, alarm=True,
    ),
    # --- addresses ------------------------------------------------------------------------------------------------
    Rule(
        lambda a: 300 <= a.status < 400,
        K.CONFIGURATION, "the address redirects, which is never followed; check base_url of the connection", alarm=True,
    ),
    Rule(
        lambda a: a.has(NOT_FOUND_CODES) or (a.status == 404 and a.endpoint is Endpoint.TRACK),
        K.NOT_FOUND, "UPS holds no such thing",
    ),
    Rule(
        lambda a: a.status in (404, 405, 415) and not a.has(frozenset(ADVICE)),
        K.CONFIGURATION, "UPS knows no such path; check base_url and the versions of the connection", alarm=True,
    ),
    # --- content --------------------------------------------------------------------------------------------------
    Rule(
        lambda a: a.endpoint is Endpoint.ADDRESS and "9264030" in a.problem.codes,
        K.UNSUPPORTED_QUERY, "UPS's test environment validates addresses of NY and CA only",
    ),
    Rule(
        lambda a: a.status < 500 and a.has(CONFIGURATION_CODES),
        K.CONFIGURATION, "UPS refuses what the connection says", alarm=True,
    ),
    Rule(
        lambda a: a.status == 408 or a.status >= 500,
        K.UNAVAILABLE, "UPS failed to answer properly", maybe=True,
    ),
    Rule(lambda a: bool(a.problem.errors), K.INVALID, "UPS refuses the content; correct it, then replay"),
    Rule(lambda a: True, K.INVALID, "UPS refuses the call and does not say why", maybe=True, alarm=True),
)
"""The first row that applies decides."""


def endpoint_of(request: Request) -> Endpoint:
    """Which part of the API a request goes to."""
    path = urlsplit(request.url).path
    return next((endpoint for fragment, endpoint in _PLACES if fragment in path), Endpoint.OTHER)


def classify(request: Request, reply: Reply, now: datetime) -> VendorFault | None:
    """The fault table as `connector.transport` wants it; None for an answer that its reader shall see."""
    endpoint, problem = endpoint_of(request), read_problem(reply)
    if _is_answer(endpoint, reply, problem):
        return None
    answer = Answer(request, reply, endpoint, problem)
    rule = next(rule for rule in TABLE if rule.when(answer))
    code = _telling(problem)
    text = f"{rule.text}: {ADVICE[code]}" if code in ADVICE else rule.text
    return VendorFault(
        vendor=VENDOR,
        kind=rule.kind,
        message=f"{request.purpose}: {text} ({problem.line})",
        executed=Executed.MAYBE if request.write and _may_have_acted(answer, rule) else Executed.NO,
        status=reply.status,
        code=code,
        retry_at=_retry_at(rule.kind, endpoint, reply, now),
        alarm=rule.alarm,
    )


def _is_answer(endpoint: Endpoint, reply: Reply, problem: Problem) -> bool:
    """Whether the reply goes to its reader.

    A 2xx of Shipping goes there even when it is unreadable: the Ledger stores the raw body before anybody parses it,
    and a body that names a shipment must never be thrown away for an error that stands beside it.
    """
    if not SETTLED.get(endpoint, frozenset()).isdisjoint(problem.codes):
        return reply.status < 500
    if not 200 <= reply.status < 300 or problem.empty:
        return False
    if endpoint is Endpoint.SHIP:
        return not problem.errors or b"ShipmentIdentificationNumber" in reply.body
    if problem.errors or problem.html:
        return False
    return reply.status != 206 or endpoint is Endpoint.TRANSIT


def _may_have_acted(answer: Answer, rule: Rule[Answer]) -> bool:
    return rule.maybe or answer.status < 300 or answer.status == 408 or answer.status >= 500


def _telling(problem: Problem) -> str:
    """The code that says most: the first one we can advise on, else the first."""
    return next((code for code in problem.codes if code in ADVICE), problem.codes[0] if problem.codes else "")


def _retry_at(kind: FaultKind, endpoint: Endpoint, reply: Reply, now: datetime) -> datetime | None:
    """UPS sends no hint today; `Retry-After` is honoured should it ever appear."""
    pause = now + QUOTA_PAUSE if kind is K.THROTTLED and endpoint is Endpoint.SIGN_IN else None
    return retry_after(reply, now) or pause
