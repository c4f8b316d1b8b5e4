"""The SuiteQL that the flows ask, as text. Literals are checked and escaped here and nowhere else.

Rules of the dialect: dates through TO_CHAR and TO_TIMESTAMP alone (anything else follows a user's preference); status
compared through BUILTIN.CF; `createdfrom` stands on the line; quantities of sales are negative; a page is asked for by
`limit`, with a keyset in the condition, because offsets shift while people work. (Oracle: "SuiteQL Limitations and
Exceptions", "SuiteQL Performance and Best Practices".)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from vendors.netsuite.times import MASK, checked_stamp

VALUES_PER_LIST = 1000

PURCHASE_STATUSES = ("B", "D", "E", "F", "G", "H", "C")
"""Everything but unapproved: what ends must be seen too."""

OPTIONAL_LINE_COLUMNS = {
    "isclosed": "tl.isclosed AS line_closed",
    "expectedreceiptdate": "TO_CHAR(tl.expectedreceiptdate, 'YYYY-MM-DD') AS expected_date",
    "kitcomponent": "tl.kitcomponent AS kit_component",
    "kitmemberof": "tl.kitmemberof AS kit_of",
    "units": "tl.units AS unit_id",
}
"""Columns that some accounts do not have; they are left out after the account has refused them."""


def literal(text: str) -> str:
    """A text literal. Raises ValueError for control characters, which no key of ours holds."""
    if not can_be_asked(text):
        raise ValueError("a text with control characters cannot be asked for")
    return "'" + text.replace("'", "''") + "'"


def can_be_asked(text: str) -> bool:
    """Whether a text can be a key in NetSuite at all."""
    return not any(ord(character) < 32 for character in text)


def literals(texts: Iterable[str]) -> str:
    """A list of text literals."""
    return ", ".join(literal(text) for text in texts)


def number(text: str | int) -> str:
    """An internal id. Raises ValueError."""
    return str(int(text))


def numbers(values: Iterable[str | int]) -> str:
    """A list of internal ids."""
    return ", ".join(number(value) for value in values)


def _moment(stamp: str) -> str:
    return f"TO_TIMESTAMP('{checked_stamp(stamp)}', '{MASK}')"


def _statuses(kind: str, letters: Iterable[str]) -> str:
    return literals(f"{kind}:{letter}" for letter in letters)


_HEADER = (
    "t.id AS transaction_id, t.tranid AS number, BUILTIN.CF(t.status) AS status_key, "
    f"TO_CHAR(t.lastmodifieddate, '{MASK}') AS last_modified"
)


def changed_headers(kind: str, letters: Sequence[str], stamp: str, after_id: int) -> str:
    """Headers of one transaction type that changed since a stamp, oldest change first; a keyset page.

    Each row tells the session's wall clock too: a stamp is only as good as the clock that it was written with.
    """
    since = _moment(stamp)
    return (
        f"SELECT {_HEADER}, TO_CHAR(SYSDATE, '{MASK}') AS db_now FROM transaction t WHERE t.type = {literal(kind)} "
        f"AND BUILTIN.CF(t.status) IN ({_statuses(kind, letters)}) "
        f"AND (t.lastmodifieddate > {since} OR (t.lastmodifieddate = {since} AND t.id > {number(after_id)})) "
        "ORDER BY t.lastmodifieddate, t.id"
    )


def _line_columns(absent: Collection[str]) -> str:
    columns = [
        "tl.transaction AS transaction_id",
        "tl.id AS line_id",
        "tl.item AS item_id",
        "i.itemid AS sku",
        "i.itemtype AS item_type",
        "tl.quantity AS quantity",
        "NVL(tl.quantityshiprecv, 0) AS quantity_done",
        "tl.location AS location_id",
    ]
    return ", ".join([*columns, *(text for name, text in OPTIONAL_LINE_COLUMNS.items() if name not in absent)])


_LINE_JOIN = "FROM transactionline tl INNER JOIN item i ON i.id = tl.item"
_LINES_ONLY = "tl.mainline = 'F' AND tl.taxline = 'F'"


def lines_of(transactions: Sequence[str], after: tuple[int, int], absent: Collection[str] = ()) -> str:
    """Item lines of transactions, a keyset page behind (transaction, line)."""
    transaction, line = after
    return (
        f"SELECT {_line_columns(absent)} {_LINE_JOIN} WHERE tl.transaction IN ({numbers(transactions)}) "
        f"AND {_LINES_ONLY} AND (tl.transaction > {number(transaction)} "
        f"OR (tl.transaction = {number(transaction)} AND tl.id > {number(line)})) "
        "ORDER BY tl.transaction, tl.id"
    )


_FOUND_BY = {
    "id": ("", "t.id"),
    "tranid": ("", "t.tranid"),
    "externalid": ("", "t.externalid"),
    "otherrefnum": ("", "t.otherrefnum"),
    "createdfrom": ("INNER JOIN transactionline ml ON ml.transaction = t.id AND ml.mainline = 'T' ", "ml.createdfrom"),
    "fulfilment": (
        "INNER JOIN transactionline fl ON fl.createdfrom = t.id AND fl.mainline = 'T' "
        "INNER JOIN transaction f ON f.id = fl.transaction AND f.type = 'ItemShip' ",
        "f.externalid",
    ),
}
"""How orders can be found: what is joined for it, and the column that is asked for. `createdfrom`: the order that they
were made from (internal id); `fulfilment`: the external id of one fulfilment that was made from them."""


def order_with_lines(kind: str, key: str, values: Sequence[str], absent: Collection[str] = ()) -> str:
    """Orders by one key (`_FOUND_BY`) with their item lines, in one question."""
    if key not in _FOUND_BY:
        raise ValueError(f"orders cannot be found by {key}")
    join, column = _FOUND_BY[key]
    wanted = numbers(values) if key in ("id", "createdfrom") else literals(values)
    return (
        f"SELECT {_HEADER}, t.entity AS entity_id, t.externalid AS external_id, t.otherrefnum AS other_reference, "
        f"{_line_columns(absent)} "
        "FROM transaction t INNER JOIN transactionline tl ON tl.transaction = t.id INNER JOIN item i ON i.id = tl.item "
        f"{join}WHERE t.type = {literal(kind)} AND {column} IN ({wanted}) AND {_LINES_ONLY} ORDER BY t.id, tl.id"
    )


def by_external_ids(external_ids: Sequence[str]) -> str:
    """Which of these external ids exist, in any transaction type. Empty: none."""
    return (
        "SELECT t.id AS transaction_id, t.type AS type, t.tranid AS number, t.externalid AS external_id "
        f"FROM transaction t WHERE t.externalid IN ({literals(external_ids)})"
    )


def existing(transactions: Sequence[str]) -> str:
    """Which of these transactions there are (and the role may see)."""
    return f"SELECT t.id AS transaction_id FROM transaction t WHERE t.id IN ({numbers(transactions)})"


def by_number(text: str) -> str:
    """Transactions of any type that have this number."""
    return (
        "SELECT t.id AS transaction_id, t.type AS type, t.tranid AS number, t.externalid AS external_id "
        f"FROM transaction t WHERE t.tranid = {literal(text)} ORDER BY t.id"
    )


def children_of(order_id: str, kind: str) -> str:
    """Transactions of a type that were made from an order."""
    return (
        "SELECT t.id AS transaction_id, t.type AS type, t.tranid AS number, t.externalid AS external_id, "
        "t.memo AS memo FROM transactionline tl INNER JOIN transaction t ON t.id = tl.transaction "
        f"WHERE tl.createdfrom = {number(order_id)} AND tl.mainline = 'T' AND t.type = {literal(kind)} ORDER BY t.id"
    )


def items_by_sku(skus: Sequence[str]) -> str:
    """Active items by name, exactly. Two rows for a SKU: ambiguous."""
    return (
        "SELECT i.id AS item_id, i.itemid AS sku, i.itemtype AS item_type FROM item i "
        f"WHERE i.itemid IN ({literals(skus)}) AND i.isinactive = 'F' ORDER BY i.itemid, i.id"
    )


def items_by_id(identifiers: Sequence[str]) -> str:
    """Items by internal id."""
    return (
        "SELECT i.id AS item_id, i.itemid AS sku, i.itemtype AS item_type FROM item i "
        f"WHERE i.id IN ({numbers(identifiers)}) ORDER BY i.id"
    )


def locations() -> str:
    """Active locations."""
    return "SELECT l.id AS location_id, l.name AS name FROM location l WHERE l.isinactive = 'F' ORDER BY l.id"


_NAMES = {"vendor": "entityid", "account": "fullname", "subsidiary": "name", "shipitem": "itemid"}


def listed(table: str, identifiers: Sequence[str]) -> str:
    """Names of active records of a list by internal id. Raises KeyError for other lists."""
    return (
        f"SELECT x.id AS record_id, x.{_NAMES[table]} AS name FROM {table} x "
        f"WHERE x.id IN ({numbers(identifiers)}) AND x.isinactive = 'F'"
    )


def database_now() -> str:
    """The session's wall clock."""
    return f"SELECT TO_CHAR(SYSDATE, '{MASK}') AS db_now FROM dual"


def stock_at(location_id: str, after_item: int) -> str:
    """On-hand of a location by item, a keyset page."""
    return (
        "SELECT l.item AS item_id, i.itemid AS sku, l.quantityonhand AS on_hand FROM aggregateitemlocation l "
        f"INNER JOIN item i ON i.id = l.item WHERE l.location = {number(location_id)} "
        f"AND l.item > {number(after_item)} ORDER BY l.item"
    )


def units_of_ours(prefix: str, kind: str, first_day: str, after: tuple[int, int]) -> str:
    """Item lines of transactions whose external id begins with a prefix of ours, from a day on; a keyset page."""
    transaction, line = after
    return (
        "SELECT t.id AS transaction_id, tl.id AS line_id, t.externalid AS external_id, t.tranid AS number, "
        "i.itemid AS sku, tl.quantity AS quantity FROM transactionline tl "
        "INNER JOIN transaction t ON t.id = tl.transaction INNER JOIN item i ON i.id = tl.item "
        f"WHERE {_of_ours(prefix, kind, first_day)} AND {_LINES_ONLY} AND (t.id > {number(transaction)} "
        f"OR (t.id = {number(transaction)} AND tl.id > {number(line)})) ORDER BY t.id, tl.id"
    )


def totals_of_ours(prefix: str, kind: str, first_day: str, after_id: int) -> str:
    """Bills and credits of ours with their totals, from a day on; a keyset page."""
    return (
        "SELECT t.id AS transaction_id, t.externalid AS external_id, t.tranid AS number, t.foreigntotal AS total "
        f"FROM transaction t WHERE {_of_ours(prefix, kind, first_day)} AND t.id > {number(after_id)} ORDER BY t.id"
    )


def tracking_of_ours(prefix: str, kind: str, first_day: str, after_id: int) -> str:
    """Fulfilments of ours with each of their tracking numbers, from a day on; a keyset page."""
    return (
        "SELECT t.id AS transaction_id, t.externalid AS external_id, t.tranid AS number, "
        "tn.trackingnumber AS tracking_number FROM transaction t "
        "INNER JOIN trackingnumbermap tnm ON tnm.transaction = t.id "
        "INNER JOIN trackingnumber tn ON tn.id = tnm.trackingnumber "
        f"WHERE {_of_ours(prefix, kind, first_day)} AND t.id > {number(after_id)} ORDER BY t.id"
    )


def _of_ours(prefix: str, kind: str, first_day: str) -> str:
    if "%" in prefix or "_" in prefix:
        raise ValueError("a prefix with wildcards would find records that are not ours")
    return (
        f"t.type = {literal(kind)} AND t.externalid LIKE {literal(prefix + '%')} "
        f"AND t.trandate >= TO_DATE({literal(first_day)}, 'YYYY-MM-DD')"
    )
