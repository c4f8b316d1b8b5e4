"""What ShipBob's refusals mean. The table wins over the plain HTTP status.

Every part of the API words its errors in its own way; `describe` flattens all of them to one line that keeps field
names and ShipBob's texts but no personal values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply, Request
from vendors.shipbob.limits import retry_at

VENDOR = "shipbob"
LONGEST = 500

# Members that say nothing to a person, or that may hold code paths.
_SILENT = frozenset({
    "stacktrace", "type", "$type", "instance", "traceid", "formatters", "content_types", "declared_type",
    "statuscode", "status_code", "status",
})  # fmt: skip
_UNNAMED = frozenset({
    "", "errors", "message", "title", "detail", "details", "value", "error", "error_description", "code",
})  # fmt: skip
_PERSONAL_FIELD = re.compile(
    r"recipient|address|e-?mail|phone|city|zip|postal|state|street|company|customer|gift", re.IGNORECASE
)
_EMAIL = re.compile(r"[^\s@'\"<>;,]+@[^\s@'\"<>;,]+\.[^\s@'\"<>;,]+")
_QUOTED = re.compile(r"(?<!\w)(['\"`])[^'\"`]*\1(?!\w)")
_DIGITS = re.compile(r"\+?\d[\d .()/-]{2,}\d")
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)


def describe(reply: Reply) -> str:
    """ShipBob's own words in one line of at most 500 characters; "no explanation" for an empty body."""
    try:
        document = reply.json()
    except ValueError:
        document = _TAGS.sub(" ", reply.text())
    parts = dict.fromkeys(part for part in _flatten("", document) if part)
    line = "".join(letter if letter.isprintable() else " " for letter in "; ".join(parts))
    line = " ".join(line.split())
    return line[:LONGEST] or "no explanation"


def _flatten(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.lower() not in _SILENT or (key.lower() == "status" and isinstance(inner, dict | list)):
                yield from _flatten(_joined(name, str(key)), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _flatten(name, inner)
    elif value not in (None, "", False, True):
        text = _without_personal(name, str(value))
        yield f"{name}: {text}" if name else text


def _joined(name: str, key: str) -> str:
    if key.lower() in _UNNAMED:
        return name
    return f"{name}.{key}" if name else key


def _without_personal(name: str, text: str) -> str:
    text = _EMAIL.sub("(e-mail)", text)
    if _PERSONAL_FIELD.search(name) or _PERSONAL_FIELD.search(text):
        text = _DIGITS.sub("(number)", _QUOTED.sub("(value)", text))
    return text


@dataclass(frozen=True)
class Answer:
    """A refusal as the table sees it."""

    request: Request
    reply: Reply
    text: str

    @property
    def path(self) -> str:
        """The path behind the version: `order/337200001:cancel`."""
        return re.sub(r"^.*?/\d{4}-\d{2}/", "", urlsplit(self.request.url).path)

    def says(self, pattern: str) -> bool:
        """Whether ShipBob's words match."""
        return re.search(pattern, self.text, re.IGNORECASE) is not None


@dataclass(frozen=True)
class Rule:
    """One row: which answers it is about, what they mean, whether ShipBob may have acted, what a person reads."""

    name: str
    statuses: Callable[[int], bool]
    kind: FaultKind
    message: Callable[[Answer], str]
    when: Callable[[Answer], bool] = lambda answer: True
    executed: Executed = Executed.NO
    alarm: bool = False


def scope_of(method: str, path: str) -> str | None:
    """The scope that a call needs, as far as it is known (authentication page)."""
    head = re.split(r"[/:?]", path, maxsplit=1)[0]
    reads = method == "GET" or path.endswith((":query", ":estimate"))
    for heads, read, write in _SCOPES:
        if head in heads:
            return read if reads else write
    return None


_SCOPES = (
    (("order", "shipment", "shipping-method"), "orders_read", "orders_write"),
    (("product", "variant"), "products_read", "products_write"),
    (("inventory", "inventory-level"), "inventory_read", "inventory_read"),
    (("receiving", "fulfillment-center"), "receiving_read", "receiving_write"),
    (("return",), "returns_read", "returns_write"),
    (("channel",), "channels_read", "channels_read"),
    (("webhook",), "webhooks_read", "webhooks_write"),
    (("location",), "locations_read", "locations_read"),
    (("invoices", "transactions", "transaction-fees"), "billing_read", "billing_read"),
    (("shipments-tracking", "tracking"), "tracking_read", "tracking_read"),
)


def _needed_scope(answer: Answer) -> str:
    return scope_of(answer.request.method, answer.path) or "for this call"


def _said(answer: Answer) -> str:
    return f"{answer.request.purpose}: {answer.text}"


def _expired(answer: Answer) -> str:
    return (
        f"{answer.request.purpose}: the token is not accepted. A personal access token keeps the scopes it was born "
        f"with: if only this call fails, make a new token with {_needed_scope(answer)}"
    )


def _forbidden(answer: Answer) -> str:
    return (
        f"{answer.request.purpose}: ShipBob forbids it. The token lacks the scope {_needed_scope(answer)}, "
        f"or the configured channel may not be used with it ({answer.text})"
    )


def _wrong_path(answer: Answer) -> str:
    return (
        f"{answer.request.purpose}: ShipBob knows no such path. Check base_url and version of the connection; "
        f"the version may have been retired"
    )


def _redirected(answer: Answer) -> str:
    return f"{answer.request.purpose}: the address redirects, which is never followed. Check base_url of the connection"


def _moved_version(answer: Answer) -> str:
    return f"{answer.request.purpose}: this API version is gone. Set a newer version in the connection ({answer.text})"


_DUPLICATE = r"existing\s+reference\s*_?id|duplicate\s+(reference|sku)|already\s+exists|already\s+in\s+use"
_GATEWAY_404 = r"^resource not found$"
_MAYBE = Executed.MAYBE
_SERVER_SIDE = r"\b(DATABASE_UPDATE_ERROR|REPROCESSING_ERROR|DEALLOCATE_ERROR)\b"


def _is(*statuses: int) -> Callable[[int], bool]:
    return lambda status: status in statuses


TABLE = (
    Rule("token", _is(401), FaultKind.EXPIRED, _expired),
    Rule("scope", _is(403), FaultKind.FORBIDDEN, _forbidden),
    Rule("load", _is(429), FaultKind.THROTTLED, _said),
    Rule("path", _is(404), FaultKind.CONFIGURATION, _wrong_path, lambda answer: answer.says(_GATEWAY_404), alarm=True),
    Rule("absent", _is(404), FaultKind.NOT_FOUND, _said),
    Rule("version gone", _is(410), FaultKind.CONFIGURATION, _moved_version, alarm=True),
    Rule(
        "duplicate",
        _is(400, 409, 422),
        FaultKind.DUPLICATE,
        _said,
        lambda answer: answer.request.write and answer.says(_DUPLICATE),
    ),
    Rule(
        "channel header",
        _is(400, 422),
        FaultKind.CONFIGURATION,
        _said,
        lambda answer: answer.says("shipbob_channel_id"),
    ),
    # A 4xx that tells of a failure inside ShipBob, half way through the work (newer shipment calls).
    Rule(
        "failed inside",
        _is(400, 409, 422),
        FaultKind.UNAVAILABLE,
        _said,
        lambda answer: answer.says(_SERVER_SIDE),
        _MAYBE,
    ),
    Rule("conflict", _is(409, 412), FaultKind.CONFLICT, _said),
    Rule("conflict code", _is(400), FaultKind.CONFLICT, _said, lambda answer: _code(answer.reply) == "CONFLICT"),
    Rule("outage", lambda status: status == 408 or status >= 500, FaultKind.UNAVAILABLE, _said, executed=_MAYBE),
    Rule("redirect", lambda status: 300 <= status < 400, FaultKind.CONFIGURATION, _redirected, alarm=True),
    Rule("content", lambda status: status >= 400, FaultKind.INVALID, _said),
    Rule("odd status", lambda status: True, FaultKind.UNAVAILABLE, _said, executed=_MAYBE),
)
"""First match wins. `Executed.MAYBE` counts for writes only: a read has nothing to execute."""


def _code(reply: Reply) -> str:
    try:
        document = reply.json()
    except ValueError:
        return ""
    return str(document.get("code", "")) if isinstance(document, dict) else ""


def classify(request: Request, reply: Reply, now: datetime) -> VendorFault | None:
    """ShipBob's fault table for `connector.transport`: None for any 2xx (an unreadable one is its reader's matter)."""
    if 200 <= reply.status < 300:
        return None
    answer = Answer(request, reply, describe(reply))
    rule = next(rule for rule in TABLE if rule.statuses(reply.status) and rule.when(answer))
    retry = reply.status in (429, 503)
    return VendorFault(
        VENDOR,
        rule.kind,
        rule.message(answer),
        rule.executed if request.write else Executed.NO,
        reply.status,
        _code(reply),
        retry_at(reply, now) if retry else None,
        rule.alarm,
    )
