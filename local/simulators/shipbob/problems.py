"""The error bodies of ShipBob. Every part of the API speaks another dialect; each family below is one of them.

A handler raises `Rejection` with the finished reply; nothing else leaves a handler in a planned way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from local.simulators.base import Reply, json_reply
from local.simulators.checks import Finding
from local.simulators.shipbob.formats import plain


class Rejection(Exception):
    """The vendor says no: carries the reply that the caller gets."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.status} {reply.body[:200]!r}")
        self.reply = reply


Family = Callable[[int, Sequence[Finding]], Reply]
"""Makes the reply of one dialect from a status and what was found."""


def pascal(path: str) -> str:
    """`recipient.address.zip_code` as ShipBob's validators name it: `Recipient.Address.ZipCode`."""
    return ".".join("".join(word[:1].upper() + word[1:] for word in part.split("_")) for part in path.split("."))


def _by_path(findings: Sequence[Finding]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for finding in findings:
        errors.setdefault(pascal(finding.path), []).append(finding.message)
    return errors


def field_map(status: int, findings: Sequence[Finding]) -> Reply:
    """Orders and the old validators: field -> texts; the key may be empty."""
    return json_reply(status, _by_path(findings))


def validation_problem(status: int, findings: Sequence[Finding]) -> Reply:
    """Products and receiving: ASP.NET validation problem details."""
    document = {
        "type": "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        "title": "One or more validation errors occurred.",
        "status": status,
        "detail": None,
        "instance": None,
        "errors": _by_path(findings),
    }
    return json_reply(status, document)


def problem(status: int, findings: Sequence[Finding]) -> Reply:
    """Inventory and billing: problem details without a field map."""
    detail = "; ".join(
        f"{finding.path}: {finding.message}" if finding.path else finding.message for finding in findings
    )
    document = {
        "type": f"https://httpstatuses.io/{status}",
        "title": "Request refused",
        "status": status,
        "detail": detail,
        "instance": None,
    }
    return json_reply(status, document)


def returns_error(status: int, findings: Sequence[Finding]) -> Reply:
    """Returns: `{message, details, errors, stackTrace}` at 422, problem details at 400 and 404."""
    if status != 422:
        return problem(status, findings)
    errors = [f"{finding.path}: {finding.message}" if finding.path else finding.message for finding in findings]
    return json_reply(status, {"message": "Validation failed", "details": None, "errors": errors, "stackTrace": None})


def code_message(status: int, findings: Sequence[Finding]) -> Reply:
    """The newer shipment mutations: `{code, message}`."""
    text = "; ".join(f"{finding.path}: {finding.message}" if finding.path else finding.message for finding in findings)
    code = {404: "NOT_FOUND", 409: "CONFLICT"}.get(status, "VALIDATION_ERROR")
    return json_reply(status, {"code": code, "message": text})


def plain_text(status: int, findings: Sequence[Finding]) -> Reply:
    """The mark of uploaded tracking numbers: one JSON string."""
    return json_reply(status, "; ".join(f"{finding.path}: {finding.message}" for finding in findings))


def webhook_error(status: int, findings: Sequence[Finding]) -> Reply:
    """Webhook subscriptions: a serialised result object with the text in `value`."""
    text = "; ".join(f"{finding.path}: {finding.message}" if finding.path else finding.message for finding in findings)
    document: dict[str, Any] = {
        "$type": "Microsoft.AspNetCore.Mvc.UnprocessableEntityObjectResult, Microsoft.AspNetCore.Mvc.Core",
        "value": {"message": text},
        "formatters": [],
        "content_types": [],
        "declared_type": None,
        "status_code": status,
    }
    return json_reply(status, document)


def gateway_error(status: int, message: str, headers: dict[str, str] | None = None) -> Reply:
    """The gateway in front of everything: `{statusCode, message}`."""
    return json_reply(status, {"statusCode": status, "message": message}, headers)


def not_found() -> Rejection:
    """An unknown path, version, method or a plural name."""
    return Rejection(gateway_error(404, "Resource not found"))


def refuse(family: Family, status: int, path: str, message: str) -> Rejection:
    """One finding in one dialect."""
    return Rejection(family(status, [Finding(path, message, "rule")]))


def empty(status: int, headers: dict[str, str] | None = None) -> Reply:
    """An answer without a body (401, 403, 204, some 404)."""
    return Reply(status, dict(headers or {}), b"")


def answer(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """A JSON answer from a tree that may hold Decimals."""
    return json_reply(status, plain(document), headers)
