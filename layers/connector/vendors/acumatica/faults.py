"""What Acumatica answers when something is wrong, as a table: condition, kind, what it means and what to do.

The status alone says little: a missing record, a validation error, an unusable list and a full session licence all
come as 500. So the table looks at the exception types and texts first. Source: Integration Development Guide (statuses
and error bodies), License Restrictions for API Users; the third parties named in the facts where the guide is silent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply, Request
from vendors.acumatica.problems import Problem, read_problem
from vendors.fault_rules import Rule

VENDOR = "acumatica"

BUSY_PAUSE = timedelta(seconds=5)
"""How long to leave a session alone that works on a long operation."""


@dataclass(frozen=True)
class Answer:
    """A failed answer as the table sees it."""

    request: Request
    status: int
    problem: Problem

    def says(self, *fragments: str) -> bool:
        """Whether any of these (lower case) stands in the vendor's sentences."""
        return any(fragment in self.problem.spoken for fragment in fragments)

    def traces(self, *fragments: str) -> bool:
        """Whether any of these (lower case) stands anywhere, exception types and stack trace included."""
        return any(fragment in self.problem.everything for fragment in fragments)

    def is_for(self, fragment: str) -> bool:
        """Whether the request's path contains this."""
        return fragment in urlsplit(self.request.url).path

    def asked(self, header: str) -> bool:
        """Whether the request carried this header."""
        return any(name.lower() == header for name in self.request.headers)


K = FaultKind

TABLE: tuple[Rule[Answer], ...] = (
    # --- the licence and the session: nothing was executed -----------------------------------------------------
    Rule(
        lambda a: a.traces("api login limit", "checkapiuserslimits"),
        K.THROTTLED, "all licensed API sessions are in use (form SM604000); end another one or wait",
    ),
    Rule(lambda a: a.status == 429, K.THROTTLED, "the site declined the call for load"),
    Rule(
        lambda a: a.says("previous operation has not been completed", "long-running operation", "long operation"),
        K.UNAVAILABLE, "the session is busy with a long operation; the call was not executed", pause=BUSY_PAUSE,
    ),
    # --- identity -----------------------------------------------------------------------------------------------
    Rule(
        lambda a: a.problem.oauth == "invalid_grant",
        K.FORBIDDEN, "the site refused the sign-in: user, password, code or refresh token is not valid any more. "
        "It is not tried again, because repeated attempts lock the user", alarm=True,
    ),
    Rule(
        lambda a: bool(a.problem.oauth),
        K.CONFIGURATION, "the site refused the connected application; compare client id, secret, flow and scopes with "
        "form SM303010", alarm=True,
    ),
    Rule(
        lambda a: a.status in (401, 500) and a.says("invalid credentials", "account is locked", "locked out"),
        K.FORBIDDEN, "the API user cannot sign in; correct the password or unlock the user (form SM201010)", alarm=True,
    ),
    Rule(lambda a: a.status == 401, K.EXPIRED, "the access token is not accepted"),
    Rule(
        lambda a: a.traces("pxundefinedcompanyexception"),
        K.CONFIGURATION, "the tenant is unknown at this site; correct `tenant` in the connection", alarm=True,
    ),
    Rule(
        lambda a: a.traces("pxsetupnotenteredexception"),
        K.CONFIGURATION, "the tenant is not set up for this form; finish its preferences in Acumatica", alarm=True,
    ),
    Rule(
        lambda a: a.status == 403,
        K.FORBIDDEN, "the API user lacks rights; grant them in Acumatica (an open session keeps its old rights)",
        alarm=True,
    ),
    # --- addresses ----------------------------------------------------------------------------------------------
    Rule(
        lambda a: 300 <= a.status < 400,
        K.CONFIGURATION, "the site redirects its web service; check base_url, then the tenant's web service endpoints",
        alarm=True,
    ),
    Rule(lambda a: a.traces("noentitysatisfiesthecondition"), K.NOT_FOUND, "no such record"),
    Rule(
        lambda a: a.status == 404 and (a.is_for("/status/") or a.is_for("/files/") or a.request.method == "PATCH"),
        K.NOT_FOUND, "no such record, file or operation",
    ),
    Rule(
        lambda a: a.status == 404,
        K.CONFIGURATION, "the site does not serve this endpoint, version, entity or action; compare endpoint and "
        "endpoint_version with the list that `ml-connector connections ping` shows", alarm=True,
    ),
    # --- logic --------------------------------------------------------------------------------------------------
    Rule(lambda a: a.status == 412 and a.asked("if-none-match"), K.DUPLICATE, "the record exists already"),
    Rule(lambda a: a.status == 412, K.NOT_FOUND, "the record to be updated does not exist"),
    Rule(
        lambda a: a.says("another process has") or a.traces("pxlockviolationexception"),
        K.CONFLICT, "another process changed the record at the same time",
    ),
    Rule(
        lambda a: any(path.endswith("VendorRef") and _tells_duplicate(text) for path, text in a.problem.fields),
        K.DUPLICATE, "a bill with this vendor reference exists already",
    ),
    Rule(
        lambda a: not a.request.write
        and (
            a.traces("cannotoptimizeexception", "contractbased.odata", "bql delegate")
            or a.says("optimization cannot be performed", "is not a single value", "type conversions not supported")
        ),
        K.UNSUPPORTED_QUERY, "the site cannot answer this list",
    ),
    Rule(
        lambda a: a.status in (400, 413, 422) or a.traces("entityhaserrorsexception"),
        K.INVALID, "the ERP refuses the content; correct the document, the set-up or the mapping, then replay",
    ),
    Rule(
        lambda a: a.status in (405, 406, 411, 415),
        K.CONFIGURATION, "the site does not accept this form of call; a proxy may have changed it", alarm=True,
    ),
    Rule(
        # A rule of the ERP threw inside its transaction. Database trouble is not a rule: its end is open.
        lambda a: a.status == 500 and a.problem.root_type.startswith("PX.") and "Database" not in a.problem.root_type,
        K.INVALID, "a rule of the ERP refuses this; settle it in Acumatica, then replay",
    ),
    Rule(lambda a: a.status == 408 or a.status >= 500, K.UNAVAILABLE, "the site failed to answer properly", maybe=True),
    Rule(lambda a: True, K.INVALID, "the site refused the call"),
)
"""The first row that applies decides."""


def classify(request: Request, reply: Reply, now: datetime) -> VendorFault | None:
    """The fault table as `connector.transport` wants it; None for an answer that ended well."""
    if 200 <= reply.status < 300:
        return None
    answer = Answer(request, reply.status, read_problem(reply))
    rule = next(rule for rule in TABLE if rule.when(answer))
    detail = answer.problem.line
    return VendorFault(
        vendor=VENDOR,
        kind=rule.kind,
        message=f"{rule.text} ({detail})" if detail else rule.text,
        executed=Executed.MAYBE if rule.maybe and request.write else Executed.NO,
        status=reply.status,
        code=answer.problem.code,
        retry_at=_retry_at(reply, now) or (now + rule.pause if rule.pause else None),
        alarm=rule.alarm,
    )


def _tells_duplicate(text: str) -> bool:
    lower = text.lower()
    return any(word in lower for word in ("already", "duplicate", "unique"))


def _retry_at(reply: Reply, now: datetime) -> datetime | None:
    """`Retry-After` in seconds. The vendor documents none; a proxy in front of it may send one."""
    stated = reply.headers.get("retry-after", "").strip()
    whole = stated.isascii() and stated.isdigit() and len(stated) < 6
    return now + timedelta(seconds=int(stated)) if whole else None
