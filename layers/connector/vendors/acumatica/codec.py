"""Acumatica's JSON: `{"CustomerID": {"value": "C1"}}` to plain values and back.

Source: Integration Development Guide, "Representation of a Record in JSON Format" and "Custom Fields" (contract 4).
An empty field is `{}`, whatever its type, and becomes None: it is never mixed up with 0, "" or false.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from vendors.acumatica.contract import ACTIONS, KEYS, FieldRule, kind_of, written_fields
from vendors.acumatica.times import write_day, write_instant

UNWRAPPED = frozenset({"id", "rowNumber", "delete", "error", "custom", "files"})
"""Members that carry no value object. So does every name with a leading underscore (`_links`)."""

Plain = dict[str, Any]


class WrongDialect(ValueError):
    """The answer is not contract 4: fields come without value objects, or a value is itself an object (contract 5)."""


def unwrap(document: Any, path: str) -> Plain:
    """A record, row or linked entity with plain values, strings trimmed on the right. `path` names it in errors.

    Raises WrongDialect (a ValueError) when the document is not contract 4.
    """
    if not isinstance(document, Mapping):
        raise WrongDialect(f"{path} is not a JSON object")
    return {name: _unwrap_member(name, value, f"{path}.{name}") for name, value in document.items()}


def _unwrap_member(name: str, value: Any, path: str) -> Any:
    if name in UNWRAPPED or name.startswith("_"):
        return value
    if isinstance(value, list):
        return [unwrap(row, f"{path}[{number}]") for number, row in enumerate(value, start=1)]
    if isinstance(value, Mapping):
        if "value" in value:
            return _scalar(value["value"], path)
        if not value or set(value) == {"error"}:
            return None
        return unwrap(value, path)
    if value is None:  # `"note": null` is seen in rows
        return None
    raise WrongDialect(f"{path} carries no value object; this is not the contract that the connector speaks")


def _scalar(value: Any, path: str) -> Any:
    if isinstance(value, Mapping | list):
        raise WrongDialect(f"{path} has an object as its value (contract 5); pin an endpoint version below 26.200.001")
    return value.rstrip() if isinstance(value, str) else value


def custom_values(document: Plain) -> dict[str, Any]:
    """Custom fields of an unwrapped record: `{"Document.AttributeX": value}`; text trimmed, absent ones missing."""
    views = document.get("custom") or {}
    return {
        f"{view}.{name}": _scalar(cell.get("value"), f"custom.{view}.{name}")
        for view, fields in views.items()
        for name, cell in (fields or {}).items()
        if isinstance(cell, Mapping) and cell.get("value") is not None
    }


def wrap(entity: str, fields: Mapping[str, Any], version: str) -> Plain:
    """A request body of plain JSON from plain values, every name checked against the contract.

    Values: str, bool, int, Decimal (or a float read from JSON), date, datetime (aware), None for "empty it",
    mappings for linked entities, sequences for detail rows. `id` and `delete` address rows, `note` replaces the note,
    `custom` is `{"Document.AttributeX": value}`.
    Raises ValueError for an unknown name, a wrong kind or a text that is too long: Acumatica would ignore the first
    without a word, and the others would end up as something else than what was meant.
    """
    rules = written_fields(entity)
    return {name: _wrap_member(entity, name, value, rules, version) for name, value in fields.items()}


def _wrap_member(entity: str, name: str, value: Any, rules: Mapping[str, FieldRule], version: str) -> Any:
    path = f"{entity}.{name}"
    if name == "id":
        return _kind_checked(path, value, str)
    if name == "delete":
        return _kind_checked(path, value, bool)
    if name == "note":
        return {"value": _kind_checked(path, value, str)}
    if name == "custom":
        return wrap_custom(value)
    rule = rules.get(name)
    if rule is None or version < rule.since:
        raise ValueError(f"{path} cannot be written in Default/{version}; Acumatica would ignore it silently")
    if rule.collection:
        return [wrap(rule.entity, row, version) for row in value]
    if rule.entity:
        return wrap(rule.entity, value, version)
    return {"value": plain_value(path, rule.kind, value, rule.length)}


def wrap_custom(values: Mapping[str, Any]) -> Plain:
    """`{"Document.AttributeX": "1Z..."}` as the nested form with types. Raises ValueError.

    A value may also be `{"type": "CustomDateTimeField", "value": "2026-03-02"}` where the Python type does not tell.
    """
    nested: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        view, dot, field = name.partition(".")
        if not dot or not view or not field or "/" in name:
            raise ValueError(f"custom field {name!r} must be named View.Field, such as Document.AttributeTRACKINGNBR")
        explicit = isinstance(value, Mapping) and set(value) == {"type", "value"}
        nested.setdefault(view, {})[field] = dict(value) if explicit else _custom_cell(name, value)
    return nested


def _custom_cell(name: str, value: Any) -> Plain:
    for kind, types in (
        ("Boolean", bool), ("Int", int), ("Decimal", Decimal | float), ("DateTime", date), ("String", str),
    ):
        if isinstance(value, types):
            word = {"Boolean": "boolean", "Int": "integer", "Decimal": "decimal", "String": "text"}.get(kind)
            word = word or ("instant" if isinstance(value, datetime) else "day")
            return {"type": f"Custom{kind}Field", "value": plain_value(f"custom {name}", word, value)}
    raise ValueError(f"custom field {name} cannot hold {type(value).__name__}")


def wrap_action(entity: str, name: str, keys: Mapping[str, Any], parameters: Mapping[str, Any], version: str) -> Plain:
    """The body of an action: keys (or `id`) only, and checked parameters. Raises ValueError.

    An action outside the contract takes custom parameters alone: `{"custom": {"View.Field": value}}`.
    """
    stray = set(keys) - {"id", *KEYS.get(entity, ())}
    if stray or not keys:
        wanted = ", ".join(KEYS.get(entity, ()))
        raise ValueError(f"action {entity}/{name} is addressed by {wanted} or id, not by {sorted(keys)}")
    known = ACTIONS.get(entity, {}).get(name, {})
    wrapped: Plain = {}
    for parameter, value in parameters.items():
        if parameter == "custom":
            wrapped["custom"] = wrap_custom(value)
        elif parameter in known:
            wrapped[parameter] = {"value": plain_value(f"{name}.{parameter}", kind_of(known[parameter]), value)}
        else:
            raise ValueError(f"action {entity}/{name} has no parameter {parameter}")
    body: Plain = {"entity": wrap(entity, keys, version)}
    return {**body, "parameters": wrapped} if wrapped else body


def plain_value(path: str, kind: str, value: Any, length: int | None = None) -> Any:
    """One value as JSON of the field's kind. Raises ValueError when it does not fit."""
    if value is None:
        return None
    if kind == "boolean":
        return _kind_checked(path, value, bool)
    if kind == "decimal":
        return _number(path, value)
    if kind == "integer":
        if isinstance(value, bool):
            raise ValueError(f"{path} must be a whole number, not {value!r}")
        return _kind_checked(path, value, int)
    if kind in ("day", "instant"):
        return _moment(path, kind, value)
    text = _kind_checked(path, value, str)
    if length is not None and len(text) > length:
        raise ValueError(f"{path} takes {length} characters, not {len(text)}; shorten it in the mapping, with a note")
    return text


def _moment(path: str, kind: str, value: Any) -> str:
    if isinstance(value, datetime):
        if kind == "day":
            raise ValueError(f"{path} is a day: say which day in the business zone, not an instant")
        return write_instant(value)
    if isinstance(value, date):
        return write_day(value)
    text: str = _kind_checked(path, value, str)  # a stored draft comes back from JSON as text
    if kind == "day":
        return write_day(date.fromisoformat(text))
    return write_instant(datetime.fromisoformat(text))


def _number(path: str, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"{path} must be a number, not {type(value).__name__}")
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        raise ValueError(f"{path} must be a finite number")
    if exact == exact.to_integral_value():
        return int(exact)
    if Decimal(repr(float(exact))) != exact:
        raise ValueError(f"{path} has more digits than a JSON number carries; round it in the mapping, with a note")
    return float(exact)


def _kind_checked(path: str, value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"{path} must be {kind.__name__}, not {type(value).__name__}")
    return value


def selected(names: Sequence[str]) -> str:
    """Names as an option value, each once, in order."""
    return ",".join(dict.fromkeys(names))
