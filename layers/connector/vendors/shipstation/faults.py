"""What ShipStation's refusals mean. Four shapes of V1 and one of V2 are flattened to one line without personal data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply, Request
from vendors.shipstation.limits import retry_at

VENDOR = "ShipStation"
LONGEST = 500
THROTTLE_TEXT = "too many requests"

_EMAIL = re.compile(r"[^\s@'\"<>;,]+@[^\s@'\"<>;,]+\.[^\s@'\"<>;,]+")
_VALUE = re.compile(r"(?<=value )(['\"]).*?\1|\{[^{}]*\}", re.IGNORECASE)
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)


def describe(reply: Reply) -> str:
    """ShipStation's own words in one line of at most 500 characters; "no explanation" for an empty body."""
    try:
        document = reply.json()
    except ValueError:
        document = None
    parts = list(_words(document)) if isinstance(document, Mapping) else [_TAGS.sub(" ", reply.text())]
    return plain_words("; ".join(dict.fromkeys(part for part in parts if part.strip())))


def plain_words(text: str) -> str:
    """A text of ShipStation's in one line without the values that it quotes."""
    line = _VALUE.sub("(value)", _EMAIL.sub("(e-mail)", " ".join(text.split())))
    return "".join(letter for letter in line if letter.isprintable())[:LONGEST] or "no explanation"


def _words(document: Mapping[str, Any]) -> Iterator[str]:
    """The message, then what the model binder or V2's list of errors adds. Stack traces are nobody's business."""
    for name in ("ExceptionMessage", "Message", "message"):
        if isinstance(document.get(name), str) and document[name].strip():
            yield document[name]
            break
    state = document.get("ModelState")
    for field, texts in state.items() if isinstance(state, Mapping) else ():
        for text in texts if isinstance(texts, list) else [texts]:
            yield f"{field}: {text}"
    errors = document.get("errors")
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, Mapping):
            yield ": ".join(str(error[name]) for name in ("error_code", "message") if error.get(name))


def code_of(reply: Reply) -> str:
    """V2's first error code, or ""."""
    try:
        errors = reply.json().get("errors") or [{}]
        return str(errors[0].get("error_code") or "")
    except (ValueError, AttributeError, IndexError, TypeError):
        return ""


@dataclass(frozen=True)
class Answer:
    """A refusal as the table sees it."""

    request: Request
    reply: Reply
    text: str

    def says(self, words: str) -> bool:
        """Whether ShipStation's words hold these."""
        return words in self.text.casefold()


@dataclass(frozen=True)
class Rule:
    """One row: which answers it is about, what they mean, whether ShipStation may have acted, what a person reads."""

    name: str
    statuses: Callable[[int], bool]
    kind: FaultKind
    advice: str = ""
    when: Callable[[Answer], bool] = lambda answer: True
    executed: Executed = Executed.NO
    alarm: bool = False


def _is(*statuses: int) -> Callable[[int], bool]:
    return lambda status: status in statuses


_KEY = "the API key is not accepted; was it regenerated in ShipStation? Set the new one with `ml-connector secrets set`"
_PLAN = "the account's plan or the key's rights do not allow it; ask ShipStation which plan has this API"
_PATH = "ShipStation knows no such path; check base_url of the connection"

TABLE = (
    # One client met the throttle text with another status than 429; it is never executed.
    Rule("load", lambda status: True, FaultKind.THROTTLED, when=lambda answer: answer.reply.status == 429
         or (answer.reply.status >= 400 and answer.says(THROTTLE_TEXT))),
    Rule("plan", _is(400, 401, 402, 403), FaultKind.FORBIDDEN, _PLAN,
         lambda answer: code_of(answer.reply) == "invalid_billing_plan"),
    Rule("key", _is(401), FaultKind.EXPIRED, _KEY, alarm=True),
    Rule("rights", _is(402, 403), FaultKind.FORBIDDEN, _PLAN),
    Rule("absent", _is(404, 410), FaultKind.NOT_FOUND),
    Rule("method", _is(405), FaultKind.CONFIGURATION, _PATH, alarm=True),
    Rule("taken", _is(409), FaultKind.DUPLICATE, when=lambda answer: answer.request.write),
    Rule("outage", lambda status: status == 408 or status >= 500, FaultKind.UNAVAILABLE, executed=Executed.MAYBE),
    Rule("redirect", lambda status: 300 <= status < 400, FaultKind.CONFIGURATION,
         "the address redirects, which is never followed; check base_url of the connection", alarm=True),
    Rule("content", lambda status: status >= 400, FaultKind.INVALID),
    Rule("odd status", lambda status: True, FaultKind.UNAVAILABLE, executed=Executed.MAYBE),
)  # fmt: skip
"""First match wins. `Executed.MAYBE` counts for writes only: a read has nothing to execute."""


def classify(request: Request, reply: Reply, now: datetime) -> VendorFault | None:
    """The fault table for `connector.transport`: None for any 2xx, except one whose words are the throttle's."""
    text = describe(reply) if reply.status >= 300 or len(reply.body) < 200 else ""
    if 200 <= reply.status < 300 and text.casefold() != THROTTLE_TEXT:
        return None
    answer = Answer(request, reply, text)
    if 200 <= reply.status < 300:
        rule = TABLE[0]
    else:
        rule = next(rule for rule in TABLE if rule.statuses(reply.status) and rule.when(answer))
    message = f"{request.purpose}: {text}" + (f" ({rule.advice})" if rule.advice else "")
    retry = retry_at(reply, now) if rule.kind is FaultKind.THROTTLED else None
    executed = rule.executed if request.write else Executed.NO
    return VendorFault(VENDOR, rule.kind, message, executed, reply.status, code_of(reply), retry, rule.alarm)
