"""The error answers of the ERP. A Fault is raised anywhere below and becomes the answer.

    Fault       any answer that is not a success: status, body, headers
    Rejected    (in `saving.py`) a document with field errors: 422 with the document echoed back

Shapes: section 9 of the guide's error descriptions; what no source shows (401, 404 and 412 bodies) is kept bare, so
that nobody can lean on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.simulators.base import Reply

NO_ENTITY = "PX.Api.ContractBased.NoEntitySatisfiesTheConditionException"
CANNOT_OPTIMIZE = "PX.Api.ContractBased.OptimizedExport.CannotOptimizeException"
ODATA = "PX.Api.ContractBased.OData.ODataFilterException"
BUSINESS = "PX.Data.PXException"


class Fault(Exception):
    """An unsuccessful answer."""

    def __init__(self, status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}: {body}")
        self.status, self.body, self.headers = status, body, dict(headers or {})

    def reply(self) -> Reply:
        """The answer on the wire: JSON for documents, plain text for strings, nothing for None."""
        if self.body is None:
            return Reply(self.status, self.headers)
        if isinstance(self.body, str):
            return Reply(self.status, {"Content-Type": "text/plain", **self.headers}, self.body.encode())
        body = json.dumps(self.body, ensure_ascii=False).encode()
        return Reply(self.status, {"Content-Type": "application/json; charset=utf-8", **self.headers}, body)


@dataclass
class Problems:
    """The errors that a document collected: per record and field, or (field None) on the record as a whole."""

    found: dict[tuple[str, str | None], str] = field(default_factory=dict)

    def add(self, record_id: str, field_name: str | None, text: str) -> None:
        """Notes an error; the first one of a field stays."""
        self.found.setdefault((record_id, field_name), text)


def envelope(text: str, kind: str = BUSINESS, *, inner: tuple[str, str] | None = None) -> dict[str, Any]:
    """The error envelope, with a stack trace that nobody should log."""
    trace = f"   at {kind.rsplit('.', 1)[0]}.EntityService.Run(String entity)"
    body = {
        "message": "An error has occurred.",
        "exceptionMessage": text,
        "exceptionType": kind,
        "stackTrace": trace,
    }
    if inner is None:
        return body
    return {**body, "innerException": envelope(inner[0], inner[1])}


def server_error(text: str, kind: str = BUSINESS, *, inner: tuple[str, str] | None = None) -> Fault:
    """The 500 that this ERP answers for nearly everything."""
    return Fault(500, envelope(text, kind, inner=inner))


def business_error(text: str) -> Fault:
    """A business rule said no: the reason sits in the inner exception."""
    return server_error("Operation failed", "PX.Data.PXInvalidOperationException", inner=(f"Error: {text}", BUSINESS))


def no_entity() -> Fault:
    """A key that matches nothing: 500, not 404."""
    return server_error("No entity satisfies the condition.", NO_ENTITY)


def bad_request(text: str) -> Fault:
    """A body or option that cannot be read at all."""
    return Fault(400, {"message": "The request is invalid.", "exceptionMessage": text})


def bad_filter(text: str) -> Fault:
    """A filter that the server cannot read or type."""
    return server_error(text, ODATA)


def cannot_optimize(field_name: str, view: str) -> Fault:
    """A list that cannot be one SQL query."""
    fields = f"The following fields cause the error: {field_name}: View {view} has BQL delegate"
    return server_error(f"Optimization cannot be performed.{fields}", CANNOT_OPTIMIZE)


def too_many_requests() -> Fault:
    """The licence queue declined the request: plain text, no Retry-After."""
    return Fault(429, "The request has been declined: the limit of the web services API requests has been exceeded.")
