"""SuiteQL's dialect, turned into SQLite's: what NetSuite refuses is refused here, with its own words where known.

A date or moment travels through SQLite as text with a mark in front, so that one that nobody wrapped in TO_CHAR can be
recognised in a result and shown in the form of the account's preference, as NetSuite does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType

from local.simulators.netsuite.problems import search_error

_TOKEN = re.compile(
    r"(?P<blank>\s+)|(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<text>'(?:[^']|'')*')|(?P<quoted>\"[^\"]*\")"
    r"|(?P<number>\d+(?:\.\d+)?)|(?P<word>[A-Za-z_][A-Za-z0-9_$#]*)"
    r"|(?P<sign><>|!=|<=|>=|\|\||[-+*/=<>(),.?;\[\]:])",
    re.DOTALL,
)
DATES = frozenset(
    [
        "trandate",
        "lastmodifieddate",
        "createddate",
        "duedate",
        "shipdate",
        "actualshipdate",
        "closedate",
        "expectedreceiptdate",
        "startdate",
        "enddate",
    ]
)
_FUNCTIONS = frozenset(
    [
        "to_char",
        "to_date",
        "to_timestamp",
        "to_number",
        "nvl",
        "nvl2",
        "coalesce",
        "nullif",
        "abs",
        "round",
        "trunc",
        "upper",
        "lower",
        "trim",
        "ltrim",
        "rtrim",
        "length",
        "substr",
        "instr",
        "replace",
        "count",
        "sum",
        "min",
        "max",
        "avg",
        "cast",
    ]
)
_BEFORE_BRACKET = frozenset(
    [
        "in",
        "exists",
        "and",
        "or",
        "not",
        "on",
        "where",
        "then",
        "when",
        "else",
        "select",
        "from",
        "join",
        "case",
        "by",
        "having",
        "like",
        "between",
        "as",
        "union",
        "all",
        "distinct",
        "any",
        "using",
    ]
)
_AGGREGATES = frozenset(("count", "sum", "min", "max", "avg"))
_CLAUSES = frozenset(("from", "where", "group", "having", "order", "fetch", "offset", "union"))
_MOMENTS = MappingProxyType(
    {"sysdate": "NETSUITE_NOW()", "current_timestamp": "NETSUITE_NOW()", "current_date": "NETSUITE_TODAY()"}
)
_COMPARISONS = frozenset(("=", "<", ">", "<=", ">=", "<>", "!="))


@dataclass(frozen=True)
class Token:
    """One word, literal or sign of a query."""

    kind: str
    text: str

    @property
    def low(self) -> str:
        """Its text in lower case when it is a word, else as it is."""
        return self.text.lower() if self.kind == "word" else self.text


def _refuse(description: str) -> Exception:
    return search_error(f"Search error occurred: {description}")


def tokens(query: str) -> list[Token]:
    """The tokens of a query; comments are refused, their acceptance over REST is not known."""
    found: list[Token] = []
    place = 0
    while place < len(query):
        match = _TOKEN.match(query, place)
        if match is None:
            raise _refuse(f"Invalid or unsupported search near '{query[place : place + 20]}'.")
        kind = match.lastgroup or ""
        if kind == "comment":
            raise _refuse("Invalid or unsupported search: comments.")
        if kind != "blank":
            found.append(Token(kind, match.group()))
        place = match.end()
    return found


def _check_words(found: list[Token]) -> None:
    if not found or found[0].low != "select":
        raise _refuse("Invalid or unsupported search: a SELECT is wanted.")
    for index, token in enumerate(found):
        following = found[index + 1].low if index + 1 < len(found) else ""
        before = found[index - 1].low if index else ""
        if token.low in ("limit", "with", "rownum", "listagg", "pragma") and before != ".":
            raise _refuse(f"Invalid or unsupported search: {token.text}.")
        if token.text in ("[", "]", ";", ":"):
            raise _refuse(f"Invalid or unsupported search near '{token.text}'.")
        if token.kind == "quoted" and before != "as":
            raise _refuse(f"Unknown identifier {token.text}.")
        if token.kind == "word" and following == "(" and before != ".":
            known = token.low in _FUNCTIONS or token.low in _BEFORE_BRACKET or token.low in _MOMENTS
            if not known and before not in ("from", "join", ","):
                raise _refuse(f"Invalid or unsupported search: unknown function {token.text}.")
        if token.low in _MOMENTS and following in ("+", "-"):
            raise _refuse("Invalid or unsupported search: arithmetic with moments is not simulated.")
        _check_date(found, index)


def _check_date(found: list[Token], index: int) -> None:
    """A date literal is not allowed: TO_DATE or TO_TIMESTAMP with a mask is wanted."""
    trio = found[index : index + 3]
    if len(trio) < 3 or trio[1].text not in _COMPARISONS:
        return
    for column, literal in ((trio[0], trio[2]), (trio[2], trio[0])):
        if column.low in DATES and literal.kind == "text":
            raise _refuse(f"Invalid or unsupported search: date literal {literal.text}; use TO_DATE with a mask.")


def _check_lists(found: list[Token]) -> None:
    """At most 1000 values in IN."""
    for index, token in enumerate(found[:-1]):
        if token.low != "in" or found[index + 1].text != "(":
            continue
        depth, commas = 0, 0
        for each in found[index + 1 :]:
            depth += {"(": 1, ")": -1}.get(each.text, 0)
            commas += each.text == "," and depth == 1
            if depth == 0:
                break
        if commas >= 1000:
            raise _refuse("Invalid or unsupported search: more than 1000 values in IN.")


def _split(found: list[Token]) -> list[list[Token]]:
    """A list at its commas of depth zero."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in found:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _clause(found: list[Token], *names: str) -> list[Token]:
    """The tokens of one clause of the outermost query."""
    depth = 0
    started: int | None = None
    for index, token in enumerate(found):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth:
            continue
        if started is not None and token.low in _CLAUSES and index > started:
            return found[started:index]
        if started is None and [each.low for each in found[index : index + len(names)]] == list(names):
            started = index + len(names)
    return found[started:] if started is not None else []


def _has_aggregate(part: list[Token]) -> bool:
    return any(
        token.low in _AGGREGATES and part[index + 1].text == "("
        for index, token in enumerate(part[:-1])
        if token.kind == "word"
    )


def _plain(part: list[Token]) -> str:
    return "".join(token.low for token in part)


def _check_groups(found: list[Token]) -> None:
    """Columns beside aggregates must be grouped by; an aggregate's alias is no order; DF does not go with groups."""
    selected = _split(_clause(found, "select"))
    groups = [_plain(part) for part in _split(_clause(found, "group", "by")) if part]
    aggregated = [part for part in selected if _has_aggregate(part)]
    distinct = bool(selected[0]) and selected[0][0].low == "distinct"
    if (groups or distinct) and any(token.low == "builtin" for token in found):
        raise _refuse("Invalid or unsupported search: BUILTIN functions with DISTINCT or GROUP BY.")
    if not groups and not aggregated:
        return
    aliases = {part[-1].low for part in aggregated if len(part) > 1 and part[-1].kind in ("word", "quoted")}
    for part in _split(_clause(found, "order", "by")):
        if part and part[0].low in aliases:
            raise _refuse(f"Invalid or unsupported search: ORDER BY the alias '{part[0].text}' of an aggregate.")
    for part in selected:
        bare = part
        named = next((index for index, token in enumerate(part) if token.low == "as"), None)
        if named is not None:
            bare = part[:named]
        if not _has_aggregate(bare) and _plain(bare) not in groups and any(t.kind == "word" for t in bare):
            raise _refuse(f"Invalid or unsupported search: '{_plain(bare)}' is not a GROUP BY expression.")


def _builtin(found: list[Token], index: int) -> tuple[str, int]:
    """`BUILTIN.DF(t.status)` as the shadow column that holds it, and how many tokens it was."""
    rest = found[index + 1 : index + 8]
    text = [token.low for token in rest]
    if len(text) < 5 or text[0] != "." or text[1] not in ("df", "cf") or text[2] != "(":
        raise _refuse("Invalid or unsupported search: only BUILTIN.DF and BUILTIN.CF of a column are known.")
    end = text.index(")") if ")" in text else -1
    if end not in (4, 6):
        raise _refuse("Invalid or unsupported search: BUILTIN takes one column.")
    column = "".join(text[3:end])
    return f"{column}__{text[1]}", end + 2


def translate(query: str) -> str:
    """The query for SQLite."""
    found = tokens(query)
    _check_words(found)
    _check_lists(found)
    _check_groups(found)
    made: list[str] = []
    index = 0
    while index < len(found):
        token = found[index]
        following = [each.low for each in found[index + 1 : index + 5]]
        if token.low == "builtin":
            text, used = _builtin(found, index)
            made.append(text)
            index += used
            continue
        if token.low == "fetch" and len(following) == 4 and following[0] in ("first", "next"):
            if following[2] not in ("row", "rows") or following[3] != "only":
                raise _refuse("Invalid or unsupported search near FETCH.")
            made.append(f"LIMIT {int(following[1])}")
            index += 5
            continue
        if token.low == "offset" and len(following) >= 2 and following[1] in ("row", "rows"):
            index += 3  # NetSuite ignores it without a word
            continue
        made.append(_MOMENTS.get(token.low, '"transaction"' if token.low == "transaction" else token.text))
        index += 1
    return " ".join(made).replace(" . ", ".")


def aliases(query: str) -> dict[str, str]:
    """Alias -> table of everything after FROM and JOIN."""
    found, names = tokens(query), {}
    for index, token in enumerate(found[:-1]):
        if token.low not in ("from", "join") or found[index + 1].kind != "word":
            continue
        table = found[index + 1].low
        after = found[index + 2] if index + 2 < len(found) else None
        if after is not None and after.low == "as" and index + 3 < len(found):
            after = found[index + 3]
        plain = (
            after is not None and after.kind == "word" and after.low not in _CLAUSES | {"inner", "left", "on", "join"}
        )
        names[after.low if plain and after is not None else table] = table
    return names
