"""Connection files: reading, validating with words that name the key, the JSON Schema, what a new one changes."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ValidationError

from cli.pairs import PAIRS, UnknownPair, pair_named
from connector.connection import ConnectionDocument, InvalidConnection, load_connection, parse_document
from connector.faults import ConfigurationFault
from connector.services import Services

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def read_text(text: str, name: str) -> dict[str, Any]:
    """The content of a connection file (JSON). Raises InvalidConnection.

    A key that stands twice is refused: JSON readers would silently take the last one. Numbers stay exact.
    """
    try:
        raw = json.loads(text, object_pairs_hook=_without_doubles, parse_float=Decimal)
    except json.JSONDecodeError as error:
        place = f"{name}, line {error.lineno}, column {error.colno}"
        raise InvalidConnection([f"{place}: not JSON: {error.msg}"]) from error
    if not isinstance(raw, dict):
        raise InvalidConnection([f"{name}: a connection file is one JSON object, {{...}}"])
    raw.pop("$schema", None)  # for editors; not part of the document
    return raw


def _without_doubles(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InvalidConnection([f"{key}: stands twice in the same object; remove one of the two"])
        found[key] = value
    return found


def document_from(raw: Mapping[str, Any]) -> ConnectionDocument:
    """The validated document. Raises InvalidConnection: every problem at once, each line with its key."""
    name = raw.get("pair")
    if not isinstance(name, str):
        raise InvalidConnection([f"pair: missing; one of {', '.join(PAIRS)}"])
    try:
        pair = pair_named(name)
        model = pair.document
    except UnknownPair as error:
        raise InvalidConnection([f"pair: {error}"]) from error
    _check_flows(raw, [flow.name for flow in pair.flows])
    try:
        return parse_document(raw, model)
    except InvalidConnection as error:
        cause = error.__cause__
        if not isinstance(cause, ValidationError):
            raise
        raise InvalidConnection([_explained(model, found) for found in cause.errors()]) from error


def _check_flows(raw: Mapping[str, Any], flows: Sequence[str]) -> None:
    """A misspelt flow would silently keep its own cadence. Raises InvalidConnection."""
    schedule = raw.get("schedule")
    unknown = [str(name) for name in schedule if name not in flows] if isinstance(schedule, Mapping) else []
    if unknown:
        known = f"there is no such flow; there are {', '.join(flows)}"
        raise InvalidConnection([f"schedule.{name}: {known}" for name in unknown])


def _explained(model: type[BaseModel], found: Any) -> str:
    """One problem in words: the key, what is wrong, and what is known of the key."""
    location = [str(part) for part in found["loc"]]
    where = ".".join(location) or "(document)"
    if found["type"] == "extra_forbidden":
        return f"{where}: unknown key{_meant(model, location)}"
    if found["type"] == "missing":
        about = _description(model, location)
        return f"{where}: missing{f' ({about})' if about else ''}"
    if found["type"] in ("model_type", "dict_type"):
        names = ", ".join(_properties(model, location))
        return f"{where}: must be an object{f' with the members {names}' if names else ''}"
    return f"{where}: {str(found['msg']).removeprefix('Value error, ')}"


def _meant(model: type[BaseModel], location: Sequence[str]) -> str:
    names = list(_properties(model, location[:-1]))
    close = difflib.get_close_matches(location[-1], names, 1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known here: {', '.join(sorted(names))}" if names else ""


def _description(model: type[BaseModel], location: Sequence[str]) -> str:
    return str(_properties(model, location[:-1]).get(location[-1], {}).get("description", "")).strip()


def _properties(model: type[BaseModel], location: Sequence[str]) -> Mapping[str, Any]:
    """The keys that may stand at a place of the document, with their schemas."""
    whole = model.model_json_schema()
    node: Mapping[str, Any] = whole
    for step in location:
        node = _followed(whole, node)
        node = node.get("properties", {}).get(step) or node.get("additionalProperties") or {}
        if not isinstance(node, Mapping):
            return {}
    found: Mapping[str, Any] = _followed(whole, node).get("properties", {})
    return found


def _followed(whole: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        node = whole["$defs"][str(node["$ref"]).rpartition("/")[2]]
    return node


def schema_of(pair: str) -> dict[str, Any]:
    """The JSON Schema of a pair's connection file. Raises UnknownPair."""
    model = pair_named(pair).document
    schema = {"$schema": DIALECT, "title": f"Connection of the pair {pair}", **model.model_json_schema()}
    schema["title"] = f"Connection of the pair {pair}"
    schema["properties"] = {
        "$schema": {"type": "string", "description": "For editors: where this schema lies."}, **schema["properties"]
    }
    return schema


# ---- what changes ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One key that is new, gone or different. `before` or `after` is None where there was or will be nothing."""

    path: str
    before: Any
    after: Any


def plain_document(document: ConnectionDocument) -> dict[str, Any]:
    """The document as plain JSON values."""
    return document.model_dump(mode="json")


def stored_document(services: Services, name: str, model: type[ConnectionDocument]) -> dict[str, Any] | None:
    """What is stored under the name, None when nothing is.

    Also None for a document that this version can no longer read: applying again is how that is mended.
    """
    try:
        connection = load_connection(services.tables, name, model)
    except ConfigurationFault:
        return None
    return plain_document(connection.document) if connection is not None else None


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every difference between two documents, in the order of their keys."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    return [
        Change(path, old.get(path), new.get(path))
        for path in sorted({*old, *new})
        if old.get(path) != new.get(path)
    ]


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            named = str(key) or '""'  # the empty key of a table must be visible
            yield from _leaves(inner, f"{path}.{named}" if path else named)
    elif value is not None:
        yield path, value
