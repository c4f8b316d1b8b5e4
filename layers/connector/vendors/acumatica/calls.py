"""The few kinds of calls that the contract-based API knows: read, list, inquire, write, act, attach."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply, Request, Transport
from vendors.acumatica.codec import WrongDialect, selected, wrap, wrap_action
from vendors.acumatica.contract import KEYS
from vendors.acumatica.faults import VENDOR
from vendors.acumatica.rows import Row, read_row
from vendors.acumatica.settings import AcumaticaSystem
from vendors.acumatica.urls import addressable, equals, record_url, resolve, with_options

T = TypeVar("T")


@dataclass(frozen=True)
class Ask:
    """What an answer shall contain. With `select`, an expanded entity appears only if it is selected as well."""

    expand: Sequence[str] = ()
    select: Sequence[str] = ()
    custom: Sequence[str] = ()

    def options(self) -> dict[str, str]:
        """The query options; custom fields of a detail need the detail expanded."""
        return {"$expand": selected(self.expand), "$select": selected(self.select), "$custom": selected(self.custom)}


EVERYTHING = Ask()


@dataclass(frozen=True)
class Calls:
    """Sends calls of one tenant through the transport."""

    transport: Transport
    system: AcumaticaSystem

    def read(self, entity: str, keys: Sequence[str], ask: Ask = EVERYTHING, purpose: str = "") -> Row | None:
        """One record by its keys in the form's order, None when there is none. Raises VendorFault.

        A key that cannot stand in a path costs a second call: the record's id is looked up first.
        """
        named = dict(zip(KEYS[entity], keys, strict=True))
        name = f"{entity} {'/'.join(keys)}"
        address = list(keys)
        if not addressable(named):
            found = self._find_id(entity, named)
            if found is None:
                return None
            address = [found]
        # Retrieve a Record by Key Fields / by ID: never "optimised", always complete. Missing: 500, see faults.
        url = with_options(record_url(self.system, entity, *address), ask.options())
        try:
            reply = self.transport.send(self._request("GET", url, purpose or f"read {entity}"))
        except VendorFault as fault:
            if fault.kind is FaultKind.NOT_FOUND:
                return None
            raise
        return self.understood(name, lambda: read_row(reply.json(), name, self.system.zone))

    def rows(self, entity: str, condition: str, ask: Ask, *, top: int, skip: int = 0) -> Sequence[Row]:
        """Rows of a list. Raises VendorFault(UNSUPPORTED_QUERY) when the site cannot answer this list."""
        # Retrieve Records by Conditions: no order, no count, no next link, no documented page limit; hence $top always.
        paging = {"$filter": condition, **ask.options(), "$top": str(top), "$skip": str(skip) if skip else ""}
        url = with_options(record_url(self.system, entity), paging)
        reply = self.transport.send(self._request("GET", url, f"list {entity}"))
        return self.understood(f"list of {entity}", lambda: self._rows(entity, reply.json()))

    def inquire(self, entity: str, parameters: Mapping[str, Any], expand: str) -> Row:
        """The answer of an inquiry form. It is read with PUT and changes nothing."""
        # Retrieve Data from an Inquiry Form.
        url = with_options(record_url(self.system, entity), {"$expand": expand})
        body = wrap(entity, parameters, self.system.contract)
        reply = self.transport.send(self._request("PUT", url, f"inquire {entity}", body))
        return self.understood(entity, lambda: read_row(reply.json(), entity, self.system.zone))

    def document(self, url: str, purpose: str, *, authorize: bool = True) -> Any:
        """A JSON document that is not a record: the endpoint list, the schema of custom fields."""
        reply = self.transport.send(self._request("GET", url, purpose, authorize=authorize))
        return self.understood(purpose, reply.json)

    def put(self, entity: str, body: Mapping[str, Any], ask: Ask, headers: Mapping[str, str]) -> Reply:
        """Creates or updates a record; the body is checked against the contract. Raises ValueError, VendorFault."""
        # Create / Update a Record: PUT is an upsert by id, else by all keys, else it inserts. At most ~500 detail rows.
        url = with_options(record_url(self.system, entity), ask.options())
        wrapped = wrap(entity, body, self.system.contract)
        return self.transport.send(self._request("PUT", url, f"write {entity}", wrapped, headers=headers, write=True))

    def act(self, entity: str, name: str, keys: Mapping[str, Any], parameters: Mapping[str, Any]) -> Reply:
        """Executes an action on a record. Raises ValueError, VendorFault."""
        # Execute an Action That Is Present in an Endpoint: 204 done, 202 running with a Location.
        body = wrap_action(entity, name, keys, parameters, self.system.contract)
        url = record_url(self.system, entity, name)
        return self.transport.send(self._request("POST", url, f"{entity}/{name}", body, write=True))

    def upload(self, link: str, filename: str, content: bytes, comment: str) -> Reply:
        """Attaches a file through a record's or row's upload link; the same name overwrites. Raises VendorFault."""
        if not filename or set(filename) & set('/\\<>*%&:?#+|"') or "{filename}" not in link:
            raise ValueError(f"{filename!r} cannot be attached as a file of this name")
        # Attach a File to a Record: raw bytes, 204. The link comes from _links and is not built by hand.
        url = resolve(self.system, link.replace("{filename}", quote(filename, safe="")))
        headers = {"Accept": "application/json", "Content-Type": "application/octet-stream", **self._branch()}
        if comment:
            headers["PX-CbFileComment"] = comment.encode("ascii", "replace").decode()[:500]
        return self.transport.send(
            Request("PUT", url, "attach file", headers, content, self.system.timeout_seconds, write=True)
        )

    def understood(self, name: str, read: Callable[[], T]) -> T:
        """What `read` makes of a good answer. One that cannot be understood becomes a VendorFault that says why."""
        try:
            return read()
        except WrongDialect as error:
            self._misunderstood(FaultKind.CONFIGURATION, str(error), error)
        except json.JSONDecodeError as error:
            self._misunderstood(FaultKind.UNAVAILABLE, f"the answer for {name} is not JSON", error)
        except UnicodeDecodeError as error:
            self._misunderstood(FaultKind.UNAVAILABLE, f"the answer for {name} is not UTF-8", error)
        except ValueError as error:
            self._misunderstood(FaultKind.INVALID, f"the answer cannot be used: {error}", error)

    def _misunderstood(self, kind: FaultKind, message: str, error: ValueError) -> NoReturn:
        raise VendorFault(VENDOR, kind, message, Executed.NO, alarm=kind is FaultKind.CONFIGURATION) from error

    def _rows(self, entity: str, document: Any) -> list[Row]:
        if not isinstance(document, list):
            raise WrongDialect(f"the list of {entity} is not a JSON array")
        return [read_row(row, f"{entity}[{number}]", self.system.zone) for number, row in enumerate(document, start=1)]

    def _find_id(self, entity: str, keys: Mapping[str, str]) -> str | None:
        condition = " and ".join(equals(name, value) for name, value in keys.items())
        found = self.rows(entity, condition, Ask(select=list(keys)), top=5)
        exact = [row for row in found if all(row.text(name) == value for name, value in keys.items())]
        return self.understood(entity, lambda: exact[0].id) if exact else None

    def _request(
        self, method: str, url: str, purpose: str, body: Any = None, *, headers: Mapping[str, str] | None = None,
        write: bool = False, authorize: bool = True,
    ) -> Request:
        content = b"" if body is None else json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        sent = {"Accept": "application/json", **self._branch(), **(headers or {})}
        if body is not None:
            sent["Content-Type"] = "application/json"
        return Request(
            method, url, purpose, sent, content, self.system.timeout_seconds, authorize=authorize, write=write
        )

    def _branch(self) -> dict[str, str]:
        return {"PX-CbApiBranch": self.system.branch} if self.system.branch else {}
