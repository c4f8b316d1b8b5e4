"""Restrictions of list operations: equal, not equal, one of, ranges, and LIKE in the database's syntax."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from local.simulators.dynamics_gp.book import collated

T = TypeVar("T")
_LIKE_PARTS = re.compile(r"%|_|\[[^\]]*\]|.", re.DOTALL)


def like(pattern: str) -> re.Pattern[str]:
    """A LIKE pattern (`%`, `_`, `[a-c]`, `[^a]`) as a regular expression."""

    def part(text: str) -> str:
        if text == "%":
            return ".*"
        if text == "_":
            return "."
        if len(text) > 1:
            return text.replace("\\", "\\\\")
        return re.escape(text)

    return re.compile("".join(part(text) for text in _LIKE_PARTS.findall(pattern)), re.IGNORECASE | re.DOTALL)


def _plain(value: Any) -> Any:
    return collated(value)


def matches(value: Any, restriction: Mapping[str, Any]) -> bool:
    """Whether a value passes. From and To include their ends, the others do not; an empty string restricts nothing."""
    value = _plain(value)
    tests: dict[str, Callable[[Any], bool]] = {
        "EqualValue": lambda wanted: bool(value == wanted),
        "NotEqualValue": lambda wanted: bool(value != wanted),
        "Items": lambda wanted: not wanted or value in [_plain(each) for each in wanted],
        "From": lambda wanted: value is not None and value >= wanted,
        "To": lambda wanted: value is not None and value <= wanted,
        "GreaterThan": lambda wanted: value is not None and value > wanted,
        "LessThan": lambda wanted: value is not None and value < wanted,
        "Like": lambda wanted: value is not None and like(wanted).fullmatch(value) is not None,
    }
    return all(tests[name](_plain(wanted)) for name, wanted in restriction.items() if _plain(wanted) != "")


def select(rows: Iterable[T], criteria: Mapping[str, Any], values: Mapping[str, Callable[[T], Any]]) -> list[T]:
    """The rows that pass every restriction; `values` says where each criterion looks. Unordered, as in GP."""
    restrictions = {name: given for name, given in criteria.items() if name != "Scope"}
    found = [
        row
        for row in rows
        if all(matches(values[name](row), restriction) for name, restriction in restrictions.items())
    ]
    return sorted(found, key=lambda row: zlib.crc32(repr(row).encode()))
