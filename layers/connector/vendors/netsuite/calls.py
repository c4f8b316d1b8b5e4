"""How every call to NetSuite is put together, and how answers are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from connector.faults import FaultKind, VendorFault
from connector.transport import Reply, Request, Transport
from vendors.answers import Answers, wire_json
from vendors.netsuite.faults import VENDOR
from vendors.netsuite.rows import Row, rows_in
from vendors.netsuite.settings import NetSuiteSystem

ROWS = 1000
_EXTERNAL = re.compile(r"[A-Za-z0-9_-]{1,60}", re.ASCII)
Parsed = TypeVar("Parsed")

_ANSWERS = Answers(VENDOR)
readable, unreadable = _ANSWERS.readable, _ANSWERS.unreadable


@dataclass(frozen=True)
class Records:
    """The record service of one account. Writes are validated by name: a misspelt field is refused, not dropped."""

    transport: Transport
    system: NetSuiteSystem

    def get(self, kind: str, identifier: str, *, expand: bool = True) -> Mapping[str, Any] | None:
        """Getting a Record Instance, with its sublists. None when there is none. Needs Edit: it loads in edit mode."""
        purpose = f"read {kind}"
        path = f"{kind}/{quote(identifier, safe='')}" + ("?expandSubResources=true" if expand else "")
        headers = {"Accept": "application/json"}
        request = Request("GET", self._url(path), purpose, headers, timeout=self.system.timeout_seconds)
        try:
            reply = self.transport.send(request)
        except VendorFault as fault:
            if fault.kind is FaultKind.NOT_FOUND:
                return None
            raise
        return readable(reply, purpose, _object)

    def create(self, kind: str, body: Mapping[str, Any]) -> Reply:
        """Creating a Record Instance: 204 and the new record's address. `externalId` in the body is the guard."""
        return self._write("POST", kind, f"create {kind}", body)

    def update(self, kind: str, identifier: str, body: Mapping[str, Any], *, replace: str = "") -> Reply:
        """Updating a Record Instance: what is left out stays. `replace` names a sublist that is given as a whole."""
        path = f"{kind}/{quote(identifier, safe='')}" + (f"?replace={replace}" if replace else "")
        return self._write("PATCH", path, f"change {kind} {identifier}", body)

    def transform(self, source: str, identifier: str, target: str, body: Mapping[str, Any]) -> Reply:
        """Transforming Records. Every open line that the body does not mention is processed in full."""
        path = f"{source}/{quote(identifier, safe='')}/!transform/{target}"
        return self._write("POST", path, f"make {target} of {source} {identifier}", body)

    def _write(self, method: str, path: str, purpose: str, body: Mapping[str, Any]) -> Reply:
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            # Without it a misspelt field is dropped without a word.
            "X-NetSuite-PropertyNameValidation": "Error",
            "X-NetSuite-PropertyValueValidation": "Error",
        }
        request = Request(
            method, self._url(path), purpose, headers, wire_json(body),
            timeout=self.system.write_timeout_seconds, write=True,
        )  # fmt: skip
        return self.transport.send(request)

    def _url(self, path: str) -> str:
        return f"{self.system.host}/services/rest/record/v1/{path}"


def query_request(system: NetSuiteSystem, query: str, purpose: str) -> Request:
    """Executing SuiteQL Queries: at most 1,000 rows. `Prefer: transient` is a must; the offset is always 0."""
    return Request(
        "POST",
        f"{system.host}/services/rest/query/v1/suiteql?limit={ROWS}&offset=0",
        purpose,
        {"Accept": "application/json", "Content-Type": "application/json", "Prefer": "transient"},
        wire_json({"q": query}),
        timeout=system.timeout_seconds,
    )


def rows_of(reply: Reply, purpose: str) -> tuple[tuple[Row, ...], bool]:
    """The rows of an answer, and whether more follow. Raises VendorFault(UNAVAILABLE) when it cannot be understood."""
    return readable(reply, purpose, lambda document: rows_in(document, purpose))


def shaped(rows: Sequence[Row], shape: Callable[[Row], Parsed], purpose: str) -> tuple[Parsed, ...]:
    """The rows as values. Raises VendorFault(UNAVAILABLE) with an alarm when one cannot be understood."""
    return _ANSWERS.parsed(rows, purpose, shape)


def complete(rows: Sequence[Row], more: bool, purpose: str) -> None:
    """More rows are said to follow although the page is not full: what is there is not all of it."""
    if more and len(rows) < ROWS:
        raise unreadable(purpose, ValueError("it was cut short"))


def checked_external_id(text: str) -> str:
    """An external id of ours: letters, digits, `_` and `-` alone, because it stands in addresses. Raises ValueError."""
    if not _EXTERNAL.fullmatch(text):
        raise ValueError(f"{text!r} is no external id (letters, digits, - and _, at most 60)")
    return text


def new_id(reply: Reply) -> str:
    """The internal id of a record that a write made or changed. Raises ValueError."""
    match = re.search(r"/(\d+)/?$", reply.headers.get("location", ""))
    if match is None:
        raise ValueError("the answer names no record")
    return match.group(1)


def _object(document: Any) -> Mapping[str, Any]:
    if not isinstance(document, Mapping):
        raise ValueError("not an object")
    return document
