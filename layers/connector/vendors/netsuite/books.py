"""What NetSuite holds of ours, and its stock: lists for the reconciliation, all pages of each."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from vendors.netsuite import queries
from vendors.netsuite.calls import shaped
from vendors.netsuite.client import MOST_PAGES, NetSuite
from vendors.netsuite.rows import Row

Place = tuple[int, int]


def stock_at(netsuite: NetSuite, location_id: str) -> dict[str, Decimal]:
    """On-hand by SKU at a location."""

    def shape(row: Row) -> tuple[int, str, Decimal]:
        units = row.quantity("on_hand") if row.text("on_hand") else Decimal(0)
        return int(row.needed("item_id")), row.needed("sku"), units

    found: dict[str, Decimal] = {}
    after = 0
    for _ in range(MOST_PAGES):
        rows, more = netsuite.ask(queries.stock_at(location_id, after), "list stock")
        page = shaped(rows, shape, "list stock")
        found.update({sku: units for _, sku, units in page})
        if not more:
            break
        after = page[-1][0]
    return found


def units_of_ours(netsuite: NetSuite, prefix: str, kind: str, first_day: str) -> tuple[Row, ...]:
    """Item lines of our transactions of a type since a day."""
    found: list[Row] = []
    purpose, after = f"list our {kind}", (0, 0)
    for _ in range(MOST_PAGES):
        rows, more = netsuite.ask(queries.units_of_ours(prefix, kind, first_day, after), purpose)
        places = shaped(rows, lambda row: (int(row.needed("transaction_id")), int(row.needed("line_id"))), purpose)
        found += rows
        if not more:
            break
        after = places[-1]
    return tuple(found)


def totals_of_ours(netsuite: NetSuite, prefix: str, kind: str, first_day: str) -> tuple[Row, ...]:
    """Our bills or credits since a day with their totals."""
    return _headers_of_ours(netsuite, queries.totals_of_ours, prefix, kind, first_day)


def tracking_of_ours(netsuite: NetSuite, prefix: str, kind: str, first_day: str) -> tuple[Row, ...]:
    """Our fulfilments since a day, one row for each tracking number."""
    return _headers_of_ours(netsuite, queries.tracking_of_ours, prefix, kind, first_day)


def _headers_of_ours(
    netsuite: NetSuite, build: Callable[[str, str, str, int], str], prefix: str, kind: str, first_day: str
) -> tuple[Row, ...]:
    found: list[Row] = []
    purpose, after = f"list our {kind}", 0
    for _ in range(MOST_PAGES):
        rows, more = netsuite.ask(build(prefix, kind, first_day, after), purpose)
        ids = shaped(rows, lambda row: int(row.needed("transaction_id")), purpose)
        # The rows of one transaction must not be torn apart: the last one begins the next page.
        found += [row for row, each in zip(rows, ids, strict=True) if not more or each != ids[-1]]
        if not more:
            break
        after = ids[-1] - 1
    return tuple(found)
