"""Checks of JSON values, as the simulators' validations compose them; what is wrong is said in each vendor's words.

A check looks at a value and its path and yields what is wrong. What each kind of finding means for a request, the
vendor's own `validation` says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Finding:
    """One fault: where (`products[0].quantity`), a text for a person, its kind, and the vendor's code if known."""

    path: str
    message: str
    kind: Literal["unknown", "type", "rule"]
    code: str = ""


Check = Callable[[Any, str], Iterator[Finding]]


def rule(path: str, message: str, code: str = "") -> Finding:
    """A fault of kind `rule`."""
    return Finding(path, message, "rule", code)


def null_or(check: Check) -> Check:
    """The check, unless the value is null."""

    def look(value: Any, path: str) -> Iterator[Finding]:
        if value is not None:
            yield from check(value, path)

    return look


def both(first: Check, second: Check) -> Check:
    """The second check runs only where the first found no more than unknown members."""

    def look(value: Any, path: str) -> Iterator[Finding]:
        found = list(first(value, path))
        yield from found
        if all(finding.kind == "unknown" for finding in found):
            yield from second(value, path)

    return look


def within(path: str) -> str:
    """What stands before the name of a member of the object at the path."""
    return f"{path}." if path else ""


def each_item(items: list[Any], path: str, check: Check) -> Iterator[Finding]:
    """Looks at every item of a list."""
    for index, item in enumerate(items):
        yield from check(item, f"{path}[{index}]")


def each_member(
    value: Mapping[str, Any], path: str, members: Mapping[str, Check], unknown: Callable[[str, str], str]
) -> Iterator[Finding]:
    """Looks at every member of an object (letter case matters). `unknown` words one without a check: path, name."""
    for name, member in value.items():
        place = f"{within(path)}{name}"
        if name in members:
            yield from members[name](member, place)
        else:
            yield Finding(place, unknown(place, name), "unknown")
