"""The client of one NetSuite account: SuiteQL reads, record reads, and writes that each carry an external id of ours.

Reads answer parsed shapes. Writes answer the raw `Reply`, because the Ledger stores it before anybody reads it; the new
record's id is in its `Location` header (`new_id`). Every call raises `VendorFault`. Above each stands Oracle's page and
the limit that matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Transport
from vendors.netsuite import queries
from vendors.netsuite.calls import ROWS, Records, complete, query_request, rows_of, shaped, unreadable
from vendors.netsuite.faults import VENDOR
from vendors.netsuite.rows import Row
from vendors.netsuite.settings import NetSuiteSystem
from vendors.netsuite.shapes import Item, Known, Order, item_of, known_of, order_header, orders_of, with_lines

MOST_PAGES = 1000


@dataclass(frozen=True)
class Place:
    """Where a reading of changes stands: a stamp as SuiteQL wrote it, and the last id handled at it.

    clock: the session's wall clock at that reading; empty before the first.
    """

    stamp: str
    after_id: int = 0
    clock: str = ""


@dataclass(frozen=True)
class NetSuite:
    """One account. `absent`: optional columns that this account has refused, remembered by the process."""

    transport: Transport
    system: NetSuiteSystem
    release: Callable[[], None] = lambda: None
    absent: set[str] = field(default_factory=set)

    @property
    def records(self) -> Records:
        """The record service: single records, and every write."""
        return Records(self.transport, self.system)

    def ready(self) -> None:
        """Raises VendorFault(BUDGET) if no call could go out now."""
        self.transport.ready()

    def close(self) -> None:
        """Ends the piece of work: gives back its slot."""
        self.release()

    # ---- SuiteQL

    def ask(self, query: str, purpose: str) -> tuple[tuple[Row, ...], bool]:
        """Executing SuiteQL Queries: at most 1,000 rows, and whether more follow. `Prefer: transient` is a must."""
        return rows_of(self.transport.send(query_request(self.system, query, purpose)), purpose)

    def short(self, query: str, purpose: str) -> tuple[Row, ...]:
        """The rows of a question whose answer fits into one page. Raises VendorFault where it does not."""
        rows, more = self.ask(query, purpose)
        complete(rows, more, purpose)
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
            headers = shaped(rows, order_header, purpose)
            if not headers:
                return
            place = Place(headers[-1].modified, int(headers[-1].order_id), rows[-1].text("db_now"))
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

    def orders(self, kind: str, key: str, values: Sequence[str]) -> tuple[Order, ...]:
        """Orders by one of their keys (`queries.order_with_lines`), with their lines: one call.

        No order has a key with control characters.
        """
        purpose = f"read {kind}"
        values = [value for value in values if queries.can_be_asked(value)]
        if not values:
            return ()

        def build(absent: set[str]) -> str:
            return queries.order_with_lines(kind, key, values, absent)

        rows, more = self._asked_with(build, purpose)
        complete(rows, more, purpose)
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
        return {known.external_id: known for known in shaped(rows, known_of, purpose)}

    def children(self, order_id: str, kind: str) -> tuple[Known, ...]:
        """Transactions of a type that were made from an order; those of others have an empty external id."""
        found = self.short(queries.children_of(order_id, kind), f"list {kind} of order")

        def shape(row: Row) -> Known:
            external_id = row.text("external_id").upper()
            return Known(row.needed("transaction_id"), kind, row.text("number"), external_id, row.text("memo"))

        return shaped(found, shape, f"list {kind} of order")

    def existing(self, transactions: Sequence[str]) -> set[str]:
        """Those of these transactions (internal ids) that NetSuite holds and the role may see."""
        found: set[str] = set()
        purpose = "look for transactions"
        for start in range(0, len(transactions), queries.VALUES_PER_LIST):
            rows = self.short(queries.existing(transactions[start : start + queries.VALUES_PER_LIST]), purpose)
            found.update(shaped(rows, lambda row: row.needed("transaction_id"), purpose))
        return found

    def numbered(self, number: str) -> tuple[str, ...]:
        """The types of all transactions that have this number."""
        purpose = "find transactions of a number"
        if not queries.can_be_asked(number):
            return ()
        return shaped(self.short(queries.by_number(number), purpose), lambda row: row.needed("type"), purpose)

    def items_by_sku(self, skus: Sequence[str]) -> dict[str, tuple[Item, ...]]:
        """Active items by SKU, exactly; several under one SKU are ambiguous."""
        found: dict[str, list[Item]] = {sku: [] for sku in skus}
        purpose = "find items"
        askable = [sku for sku in skus if queries.can_be_asked(sku)]
        for start in range(0, len(askable), queries.VALUES_PER_LIST):
            rows = self.short(queries.items_by_sku(askable[start : start + queries.VALUES_PER_LIST]), purpose)
            for item in shaped(rows, item_of, purpose):
                if item.sku in found:
                    found[item.sku].append(item)
        return {sku: tuple(items) for sku, items in found.items()}

    def locations(self) -> dict[str, str]:
        """Names of the active locations by internal id."""
        rows = self.short(queries.locations(), "list locations")
        return dict(shaped(rows, lambda row: (row.needed("location_id"), row.text("name")), "list locations"))

    def listed(self, table: str, identifiers: Sequence[str]) -> dict[str, str]:
        """Names of active vendors, accounts, subsidiaries or ship items by internal id."""
        rows = self.short(queries.listed(table, identifiers), f"list {table}s")
        return dict(shaped(rows, lambda row: (row.needed("record_id"), row.text("name")), f"list {table}s"))

    def database_now(self) -> str:
        """The wall clock of our session, as SuiteQL writes stamps."""
        purpose = "read the database's clock"
        stamps = shaped(self.short(queries.database_now(), purpose), lambda row: row.needed("db_now"), purpose)
        if not stamps:
            raise unreadable(purpose, ValueError("no row"))
        return stamps[0]
