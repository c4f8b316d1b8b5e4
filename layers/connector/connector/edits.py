"""Overlays: what a person wants a source to say for one record, laid over what it says. The source is not changed.

Kept among the record's links as nested texts, so that redaction knows them by the names of their members. A flow that
can be edited names the shape that its work reads (`Flow.editable`) and passes it through `Work.edited`.
"""

from __future__ import annotations

import types
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from connector.instants import parse_instant

EDITS = "edits"
"""Where the overlay stands among the record's links: {"values", "by", "at", "reason"}."""

T = TypeVar("T")

Values = Mapping[str, Any]
"""Nested: names of members (or numbers of lines) down to texts."""


@dataclass(frozen=True)
class Editable:
    """What a flow's work reads, and which members may not be overlaid because they say which document it is."""

    shape: type
    fixed: Collection[str] = ("id", "number", "last_modified")


class Unfit(ValueError):
    """An overlay that does not fit the shape; the text names the member and what there is."""


def parse_assignments(assignments: Sequence[str], editable: Editable) -> dict[str, Any]:
    """`ship_to.city=Springfield`, `lines.2.uom=EA` as nested values. Raises Unfit for what the shape does not have."""
    values: dict[str, Any] = {}
    for text in assignments:
        path, equals, value = text.partition("=")
        steps = [step.strip() for step in path.split(".")]
        if not equals or not all(steps):
            raise Unfit(f"{text!r} is not PATH=VALUE, for example ship_to.city=Springfield")
        if steps[0] in editable.fixed:
            raise Unfit(f"{steps[0]} says which document it is and cannot be overlaid")
        _checked(editable.shape, steps, value, path.strip())
        place = values
        for step in steps[:-1]:
            place = place.setdefault(step, {})
        place[steps[-1]] = value
    return values


def merged(old: Values, new: Values) -> dict[str, Any]:
    """Both overlays; the new one wins."""
    found = dict(old)
    for name, value in new.items():
        before = found.get(name)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        found[name] = merged(before, value) if both else value  # type: ignore[arg-type]
    return found


def paths(values: Values, prefix: str = "") -> list[str]:
    """The dotted paths of an overlay."""
    found: list[str] = []
    for name, value in values.items():
        path = f"{prefix}{name}"
        found += paths(value, f"{path}.") if isinstance(value, Mapping) else [path]
    return sorted(found)


def laid_over(shape: T, values: Values) -> T:
    """The shape with the overlay. Raises Unfit where the document has no such line (any more)."""
    found: T = _laid(shape, values, "")
    return found


def _laid(shape: Any, values: Values, prefix: str) -> Any:
    hints = get_type_hints(type(shape))
    changes: dict[str, Any] = {}
    for name, value in values.items():
        path = f"{prefix}{name}"
        if name not in hints:
            raise Unfit(f"{path}: there is no such member")
        present = getattr(shape, name)
        if isinstance(present, tuple):
            changes[name] = _rows(present, value, path)
        elif isinstance(value, Mapping):
            changes[name] = _laid(present, value, f"{path}.")
        else:
            changes[name] = coerced(hints[name], value, path)
    return replace(shape, **changes)


def _rows(rows: tuple[Any, ...], values: Any, path: str) -> tuple[Any, ...]:
    if not isinstance(values, Mapping):
        raise Unfit(f"{path} has rows: name one of them, for example {path}.1.quantity")
    changed = list(rows)
    for number, value in values.items():
        place = next((at for at, row in enumerate(rows) if _number(row, at) == number), None)
        if place is None:
            known = ", ".join(_number(row, at) for at, row in enumerate(rows))
            raise Unfit(f"{path}.{number}: there is no such row; there are {known or 'none'}")
        changed[place] = _laid(rows[place], value, f"{path}.{number}.")
    return tuple(changed)


def _number(row: Any, place: int) -> str:
    """The row's own number, else its place, beginning with 1."""
    own = getattr(row, "line_number", None)
    return str(own if own is not None else place + 1)


def _checked(shape: Any, steps: Sequence[str], value: str, path: str) -> None:
    """Follows the path through the types alone."""
    for step in steps[:-1]:
        shape = _inner(shape, step, path)
    if not is_dataclass(shape):
        raise Unfit(f"{path}: there is nothing below {steps[-2] if len(steps) > 1 else steps[0]}")
    hint = get_type_hints(shape).get(steps[-1])
    if hint is None:
        raise Unfit(f"{path}: there is no such member; there are {', '.join(_names(shape))}")
    if _plain(hint) not in _READERS:
        raise Unfit(f"{path} has members of its own; name one of them")
    coerced(hint, value, path)


def _inner(shape: Any, step: str, path: str) -> Any:
    if get_origin(shape) is tuple:
        if not step.isdigit():
            raise Unfit(f"{path}: {step} is no number of a row")
        return get_args(shape)[0]
    hint = get_type_hints(shape).get(step) if is_dataclass(shape) else None
    if hint is None:
        known = f"; there are {', '.join(_names(shape))}" if is_dataclass(shape) else ""
        raise Unfit(f"{path}: there is no {step}{known}")
    return hint if get_origin(hint) is tuple else _plain(hint)


def _names(shape: Any) -> list[str]:
    return [field.name for field in fields(shape)]


def _plain(hint: Any) -> Any:
    """The type without None."""
    if get_origin(hint) in (Union, types.UnionType):
        inner = [part for part in get_args(hint) if part is not type(None)]
        return inner[0] if len(inner) == 1 else hint
    return hint


_TRUTH = {"true": True, "yes": True, "false": False, "no": False}

_READERS: Mapping[Any, Any] = {
    str: str,
    int: int,
    Decimal: Decimal,
    bool: lambda text: _TRUTH[text.lower()],
    date: date.fromisoformat,
    datetime: parse_instant,
}


def coerced(hint: Any, text: str, path: str) -> Any:
    """A text as the member's type; an empty one is None where the member may be None. Raises Unfit."""
    plain = _plain(hint)
    if text == "" and plain is not hint:
        return None
    try:
        return _READERS[plain](text)
    except (ValueError, KeyError, InvalidOperation) as error:
        raise Unfit(f"{path}: {text!r} is no {plain.__name__}") from error
