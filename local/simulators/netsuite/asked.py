"""One request that passed the gateway, and the small things that every endpoint reads from it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from local.simulators.base import Reply, Request
from local.simulators.netsuite.problems import Rejection, error, invalid
from local.simulators.netsuite.world import World

RESOURCE = "application/vnd.oracle.resource+json; type={kind}; charset=UTF-8"


@dataclass(frozen=True)
class Asked:
    """The request, the URL root that links are written with, and its query parameters."""

    request: Request
    root: str
    query: dict[str, str] = field(default_factory=dict)

    def only(self, world: World, known: Iterable[str]) -> None:
        """Refuses query parameters that this endpoint does not have (strict option)."""
        strangers = sorted(set(self.query) - set(known))
        if strangers and world.switches.strict:
            world.violation(f"{self.request.method} {self.request.path}: unknown query parameters {strangers}")
            raise Rejection(error(400, "INVALID_PARAMETER", f"Unknown query parameter '{strangers[0]}'."))

    def flag(self, name: str) -> bool:
        """A true/false query parameter, false when absent."""
        given = self.query.get(name, "false")
        if given not in ("true", "false"):
            raise Rejection(error(400, "INVALID_PARAMETER", f"Invalid value '{given}'.", {"o:errorQueryParam": name}))
        return given == "true"

    def document(self) -> Any:
        """The JSON body; fractions as Decimal. An absent body is an empty object."""
        if not self.request.body:
            return {}
        kind = (self.request.header("Content-Type") or "").split(";")[0].strip().lower()
        if kind not in ("application/json", "application/vnd.oracle.resource+json"):
            raise Rejection(error(415, "UNSUPPORTED_MEDIA_TYPE", "The media type of the request is not supported."))
        try:
            return json.loads(self.request.body.decode("utf-8"), parse_float=Decimal)
        except ValueError as problem:
            raise invalid("Invalid content in the request body.") from problem

    def name_validation(self, world: World) -> str:
        """Error, Warning (the default) or Ignore. The header for values is judged too: only its default is known."""
        values = self.request.header("X-NetSuite-PropertyValueValidation") or "Error"
        mode = self.request.header("X-NetSuite-PropertyNameValidation") or "Warning"
        for name, given in (("Name", mode), ("Value", values)):
            header = f"X-NetSuite-Property{name}Validation"
            if given not in ("Error", "Warning", "Ignore"):
                raise Rejection(error(400, "INVALID_HEADER", f"Invalid value '{given}'.", {"o:errorHeader": header}))
        if values != "Error" and world.switches.strict:
            world.violation(f"{self.request.method} {self.request.path}: values are not validated")
            raise Rejection(error(400, "INVALID_HEADER", "This simulator validates values."))
        return mode


def resource(document: Any, kind: str = "singular") -> Reply:
    """A 200 with a document."""
    body = json.dumps(document, ensure_ascii=False).encode()
    return Reply(200, {"Content-Type": RESOURCE.format(kind=kind)}, body)


def saved(asked: Asked, type_name: str, number: int, dropped: list[str]) -> Reply:
    """The 204 of a write: no body, the place of the record, a warning for what was dropped."""
    headers = {"Location": f"{asked.root}/record/v1/{type_name}/{number}"}
    if dropped:
        headers["x-netsuite-propertyvalidation"] = ", ".join(f"Unknown property '{path}'" for path in dropped)
    return Reply(204, headers)
