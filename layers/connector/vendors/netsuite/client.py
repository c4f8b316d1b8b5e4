"""The client of one NetSuite account: SuiteQL reads, record reads, and writes that each carry an external id of ours.

Reads answer parsed shapes. Writes answer the raw `Reply`, because the Ledger stores it before anybody reads it; the new
record's id is in its `Location` header (`new_id`). Every call raises `VendorFault`. Above each stands Oracle's page and
the limit that matters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply, Request, Transport
from vendors.netsuite import queries
from vendors.netsuite.faults import VENDOR
from vendors.netsuite.rows import Row, rows_in
from vendors.netsuite.settings import NetSuiteSystem
from vendors.netsuite.shapes import Item, Known, Order, item_of, known_of, order_header, orders_of, with_lines

ROWS = 1000
MOST_PAGES = 1000
_EXTERNAL = re.compile(r"[A-Za-z0-9_-]{1,60}", re.ASCII)
Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class Place:
    """Where a reading of changes stands: a stamp as SuiteQL wrote it, and the last id handled at it."""

    stamp: str
    after_id: int = 0


@dataclass(frozen=True)
class NetSuite:
    """One account. `absent`: optional columns that this account has refused, remembered by the process."""

    transport: Transport
    system: NetSuiteSystem
    release: Callable[[], None] = lambda: None
    absent: set[str] = field(default_factory=set)

    def ready(self) -> None:
        """Raises VendorFault(BUDGET) if no call could go out now."""
        self.transport.ready()

    def close(self) -> None:
        """Ends the piece of work: gives back its slot."""
        self.release()

    # ---- SuiteQL

    def ask(self, query: str, purpose: str) -> tuple[tuple[Row, ...], bool]:
        """Executing SuiteQL Queries: at most 1,000 rows, and whether more follow. `Prefer: transient` is a must."""
        request = Request(
            "POST",
            f"{self.system.host}/services/rest/query/v1/suiteql?limit={ROWS}&offset=0",
            purpose,
            {"Accept": "application/json", "Content-Type": "application/json", "Prefer": "transient"},
            wire_json({"q": query}),
            timeout=self.system.timeout_seconds,
        )
        return self._readable(self.transport.send(request), purpose, lambda document: rows_in(document, purpose))

    def short(self, query: str, purpose: str) -> tuple[Row, ...]:
        """The rows of a question whose answer fits into one page. Raises VendorFault where it does not."""
        rows, more = self.ask(query, purpose)
        _complete(rows, more, purpose)
        if more:
            text = f"{purpose}: the answer has more than {ROWS} rows, which it never should; it was not used"
            raise VendorFault(VENDOR, FaultKind.INVALID, text, Executed.NO, alarm=True)
        return rows

    def _asked_with(self, build: Callable[[set[str]], str], purpose: str) -> tuple[tuple[Row, ...], bool]:
        """Asks with all columns, and again without one that this account does not have."""
        while True:
            try:
                return self.ask(build(self.absent), purpose)
            except VendorFault as fault:
                unknown = {name for name in queries.OPTIONAL_LINE_COLUMNS if name in fault.message.casefold()}
                if fault.kind is not FaultKind.UNSUPPORTED_QUERY or not unknown - self.absent:
                    raise
                self.absent.update(unknown)

    def changed(self, kind: str, letters: Sequence[str], place: Place) -> Iterator[tuple[tuple[Order, ...], Place]]:
        """Orders that changed since a place, with their lines, in pages; each page says where the next one begins.

        One call for 1,000 headers and one for every 1,000 lines of them.
        """
        for _ in range(MOST_PAGES):
            purpose = f"list changed {kind}"
            rows, more = self.ask(queries.changed_headers(kind, letters, place.stamp, place.after_id), purpose)
            headers = self._shaped(rows, order_header, purpose)
            if not headers:
                return
            place = Place(headers[-1].modified, int(headers[-1].order_id))
            yield self._with_lines(headers, kind), place
            if not more:
                return

    def _with_lines(self, headers: Sequence[Order], kind: str) -> tuple[Order, ...]:
        purpose, ids = f"list lines of {kind}", [header.order_id for header in headers]
        found: list[Row] = []
        after = (0, 0)
        for _ in range(MOST_PAGES):
            rows, more = self._asked_with(partial(queries.lines_of, ids, after), purpose)
            found += rows
            if not more:
                break
            after = (int(rows[-1].needed("transaction_id")), int(rows[-1].needed("line_id")))
        try:
            return with_lines(headers, found)
        except (ValueError, KeyError) as error:
            raise unreadable(purpose, error) from error

    def orders(self, kind: str, column: str, values: Sequence[str]) -> tuple[Order, ...]:
        """Orders by one of their keys, with their lines: one call."""
        purpose = f"read {kind}"

        def build(absent: set[str]) -> str:
            return queries.order_with_lines(kind, column, values, absent)

        rows, more = self._asked_with(build, purpose)
        _complete(rows, more, purpose)
        if more:
            text = f"{purpose}: an order of more than {ROWS} lines cannot be worked on; split it in NetSuite"
            raise VendorFault(VENDOR, FaultKind.INVALID, text, Executed.NO)
        try:
            return orders_of(rows)
        except ValueError as error:
            raise unreadable(purpose, error) from error

    def order(self, kind: str, order_id: str) -> Order | None:
        """One order by its internal id; None when it does not exist or has no item lines."""
        return next(iter(self.orders(kind, "id", [order_id])), None)

    def known(self, external_ids: Sequence[str]) -> dict[str, Known]:
        """What exists under these external ids (in capital letters: NetSuite takes no notice of the case)."""
        purpose = "look for our external ids"
        rows = self.short(queries.by_external_ids(external_ids), purpose)
        return {known.external_id: known for known in self._shaped(rows, known_of, purpose)}

    def children(self, order_id: str, kind: str) -> tuple[Known, ...]:
        """Transactions of a type that were made from an order; those of others have an empty external id."""
        found = self.short(queries.children_of(order_id, kind), f"list {kind} of order")
        return tuple(
            Known(row.needed("transaction_id"), kind, row.text("number"), row.text("external_id").upper())
            for row in found
        )

    def order_of_fulfilment(self, external_id: str) -> str | None:
        """The internal id of the sales order that a fulfilment of ours belongs to."""
        rows = self.short(queries.order_of_fulfilment(external_id), "find order of fulfilment")
        return rows[0].needed("order_id") if rows else None

    def items_by_sku(self, skus: Sequence[str]) -> dict[str, tuple[Item, ...]]:
        """Active items by SKU, exactly; several under one SKU are ambiguous."""
        found: dict[str, list[Item]] = {sku: [] for sku in skus}
        purpose = "find items"
        for start in range(0, len(skus), queries.VALUES_PER_LIST):
            rows = self.short(queries.items_by_sku(skus[start : start + queries.VALUES_PER_LIST]), purpose)
            for item in self._shaped(rows, item_of, purpose):
                if item.sku in found:
                    found[item.sku].append(item)
        return {sku: tuple(items) for sku, items in found.items()}

    def locations(self) -> dict[str, str]:
        """Names of the active locations by internal id."""
        rows = self.short(queries.locations(), "list locations")
        return {row.needed("location_id"): row.text("name") for row in rows}

    def listed(self, table: str, identifiers: Sequence[str]) -> dict[str, str]:
        """Names of active vendors, accounts, subsidiaries or ship items by internal id."""
        rows = self.short(queries.listed(table, identifiers), f"list {table}s")
        return {row.needed("record_id"): row.text("name") for row in rows}

    def database_now(self) -> str:
        """The wall clock of our session, as SuiteQL writes stamps."""
        return self.short(queries.database_now(), "read the database's clock")[0].needed("db_now")

    def stock_at(self, location_id: str) -> dict[str, Decimal]:
        """On-hand by SKU at a location, all pages."""
        found: dict[str, Decimal] = {}
        after = 0
        for _ in range(MOST_PAGES):
            rows, more = self.ask(queries.stock_at(location_id, after), "list stock")
            for row in rows:
                found[row.needed("sku")] = row.quantity("on_hand") if row.text("on_hand") else Decimal(0)
            if not more:
                break
            after = int(rows[-1].needed("item_id"))
        return found

    def units_of_ours(self, prefix: str, kind: str, first_day: str) -> tuple[Row, ...]:
        """Item lines of our transactions of a type since a day, all pages."""
        found: list[Row] = []
        after = (0, 0)
        for _ in range(MOST_PAGES):
            rows, more = self.ask(queries.units_of_ours(prefix, kind, first_day, after), f"list our {kind}")
            found += rows
            if not more:
                break
            after = (int(rows[-1].needed("transaction_id")), int(rows[-1].needed("line_id")))
        return tuple(found)

    def totals_of_ours(self, prefix: str, kind: str, first_day: str) -> tuple[Row, ...]:
        """Our bills or credits since a day with their totals, all pages."""
        return self._headers_of_ours(queries.totals_of_ours, prefix, kind, first_day)

    def tracking_of_ours(self, prefix: str, kind: str, first_day: str) -> tuple[Row, ...]:
        """Our fulfilments since a day, one row for each tracking number, all pages."""
        return self._headers_of_ours(queries.tracking_of_ours, prefix, kind, first_day)

    def _headers_of_ours(
        self, build: Callable[[str, str, str, int], str], prefix: str, kind: str, first_day: str
    ) -> tuple[Row, ...]:
        found: list[Row] = []
        after = 0
        for _ in range(MOST_PAGES):
            rows, more = self.ask(build(prefix, kind, first_day, after), f"list our {kind}")
            last = int(rows[-1].needed("transaction_id")) if rows else 0
            # The rows of one transaction must not be torn apart: the last one begins the next page.
            found += [row for row in rows if not more or int(row.needed("transaction_id")) != last]
            if not more:
                break
            after = last - 1
        return tuple(found)

    # ---- records

    def record(self, kind: str, identifier: str, *, expand: bool = True) -> Mapping[str, Any] | None:
        """Getting a Record Instance, with its sublists. None when there is none. Needs Edit: it loads in edit mode."""
        purpose = f"read {kind}"
        path = f"{kind}/{quote(identifier, safe='')}" + ("?expandSubResources=true" if expand else "")
        request = Request(
            "GET", self._record_url(path), purpose, {"Accept": "application/json"}, timeout=self.system.timeout_seconds
        )
        try:
            reply = self.transport.send(request)
        except VendorFault as fault:
            if fault.kind is FaultKind.NOT_FOUND:
                return None
            raise
        return self._readable(reply, purpose, _object)

    def create(self, kind: str, body: Mapping[str, Any]) -> Reply:
        """Creating a Record Instance: 204 and the new record's address. `externalId` in the body is the guard."""
        return self._write("POST", kind, f"create {kind}", body)

    def upsert(self, kind: str, external_id: str, body: Mapping[str, Any]) -> Reply:
        """Upsert: creates, or changes the record under this external id. Lines without a key would be added again:
        the Ledger asks first and writes once."""
        return self._write("PUT", f"{kind}/eid:{checked_external_id(external_id)}", f"write {kind}", body)

    def update(self, kind: str, identifier: str, body: Mapping[str, Any], *, replace: str = "") -> Reply:
        """Updating a Record Instance: what is left out stays. `replace` names a sublist that is given as a whole."""
        path = f"{kind}/{quote(identifier, safe='')}" + (f"?replace={replace}" if replace else "")
        return self._write("PATCH", path, f"change {kind}", body)

    def transform(self, source: str, identifier: str, target: str, body: Mapping[str, Any]) -> Reply:
        """Transforming Records. Every open line that the body does not mention is processed in full."""
        path = f"{source}/{quote(identifier, safe='')}/!transform/{target}"
        return self._write("POST", path, f"make {target} of {source}", body)

    def _write(self, method: str, path: str, purpose: str, body: Mapping[str, Any]) -> Reply:
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            # Without it a misspelt field is dropped without a word.
            "X-NetSuite-PropertyNameValidation": "Error",
            "X-NetSuite-PropertyValueValidation": "Error",
        }
        request = Request(
            method, self._record_url(path), purpose, headers, wire_json(body),
            timeout=self.system.write_timeout_seconds, write=True,
        )  # fmt: skip
        return self.transport.send(request)

    def _record_url(self, path: str) -> str:
        return f"{self.system.host}/services/rest/record/v1/{path}"

    def _readable(self, reply: Reply, purpose: str, parse: Callable[[Any], Parsed]) -> Parsed:
        try:
            return parse(reply.json())
        except ValueError as error:
            raise unreadable(purpose, error, reply.status) from error

    def _shaped(self, rows: Sequence[Row], shape: Callable[[Row], Parsed], purpose: str) -> tuple[Parsed, ...]:
        try:
            return tuple(shape(row) for row in rows)
        except ValueError as error:
            raise unreadable(purpose, error) from error


def _complete(rows: Sequence[Row], more: bool, purpose: str) -> None:
    """More rows are said to follow although the page is not full: what is there is not all of it."""
    if more and len(rows) < ROWS:
        raise unreadable(purpose, ValueError("it was cut short"))


def unreadable(purpose: str, error: Exception, status: int | None = None) -> VendorFault:
    """The fault of a good answer to a read that cannot be understood: asked again later, and a person is told."""
    text = f"{purpose}: the answer cannot be read ({error}). It is asked again later; if it stays so, report it"
    return VendorFault(VENDOR, FaultKind.UNAVAILABLE, text, Executed.NO, status, alarm=True)


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


def wire_json(body: Any) -> bytes:
    """The body as JSON. Decimals become numbers; one that a JSON number cannot carry exactly is a ValueError."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_number).encode()


def _number(value: object) -> int | float:
    if not isinstance(value, Decimal) or not value.is_finite():
        raise TypeError(f"{type(value).__name__} cannot be sent to NetSuite")
    if value == value.to_integral_value():
        return int(value)
    number = float(value)
    if Decimal(repr(number)) != value:
        raise ValueError(f"{value} has more digits than a JSON number carries")
    return number


def _object(document: Any) -> Mapping[str, Any]:
    if not isinstance(document, Mapping):
        raise ValueError("not an object")
    return document
