"""Query options: which are known, what they ask for, and the shape of the answer that follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from local.simulators.acumatica.contract import Entity
from local.simulators.acumatica.errors import bad_request
from local.simulators.base import Request

KNOWN = ("$filter", "$select", "$expand", "$top", "$skip", "$custom")


@dataclass(frozen=True)
class Query:
    """The options of one request. `select` is None when the option is absent, `custom` holds `path, view, field`."""

    filter: str | None = None
    select: tuple[str, ...] | None = None
    expand: tuple[str, ...] = ()
    top: int | None = None
    skip: int = 0
    custom: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Shape:
    """What an entity's answer holds. `fields` None means all wrapped fields; `children` are the expanded ones."""

    fields: frozenset[str] | None = None
    children: Mapping[str, Shape] = field(default_factory=dict)
    custom: frozenset[tuple[str, str]] = frozenset()
    files: bool = False


def read_options(request: Request, *, strict: bool) -> Query:
    """Reads the query string; raises a 400 Fault for unknown (strict), repeated or unreadable options."""
    given: dict[str, str] = {}
    for name, value in request.parameters():
        if name not in KNOWN:
            if strict:
                raise bad_request(f"The query option '{name}' is not known; known are {', '.join(KNOWN)}.")
            continue
        if name in given:
            raise bad_request(f"The query option '{name}' is given twice.")
        given[name] = value
    select = _names(given["$select"]) if "$select" in given else None
    return Query(
        given.get("$filter"),
        select,
        _names(given.get("$expand", "")),
        _whole(given, "$top"),
        _whole(given, "$skip") or 0,
        tuple(_custom(item) for item in _names(given.get("$custom", ""))),
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _whole(given: Mapping[str, str], name: str) -> int | None:
    if name not in given:
        return None
    if not given[name].isdigit():
        raise bad_request(f"The value of '{name}' must be a whole number, not '{given[name]}'.")
    return int(given[name])


def _custom(text: str) -> tuple[str, str, str]:
    path, _, rest = text.rpartition("/")
    view, dot, name = rest.partition(".")
    if not dot or not view or not name:
        raise bad_request(f"'{text}' in '$custom' is not View.Field.")
    return path, view, name


def check_names(query: Query, entity: Entity, contract: Mapping[str, Entity]) -> None:
    """Refuses names in `$select` and `$expand` that the contract does not know; raises a 400 Fault."""
    for path in query.expand:
        if path.rpartition("/")[2] == "files" and _walk(path.rpartition("/")[0], entity, contract) is not None:
            continue
        if _walk(path, entity, contract) is None:
            raise bad_request(f"'{path}' in '$expand' is not a linked or detail entity of '{entity.name}'.")
    for path in query.select or ():
        parent, _, name = path.rpartition("/")
        owner = _walk(parent, entity, contract)
        if owner is None or (name not in owner.fields and name not in {*owner.linked, *owner.details, "files", "note"}):
            raise bad_request(f"'{path}' in '$select' is not a field of '{entity.name}'.")


def _walk(path: str, entity: Entity, contract: Mapping[str, Entity]) -> Entity | None:
    """The entity at a path of links and collections, or None."""
    for step in path.split("/") if path else ():
        target = {**entity.linked, **entity.details}.get(step)
        if target is None:
            return None
        entity = contract.get(target) or Entity(target, {}, {}, {})
    return entity


def shape_of(query: Query, entity: Entity, contract: Mapping[str, Entity]) -> Shape:
    """The shape of an answer. Nothing is expanded unless named, level by level; with `$select` an expanded entity
    appears only when it, or something in it, is also selected."""
    return _shape(query, entity, contract, "", query.select is None)


def _shape(query: Query, entity: Entity, contract: Mapping[str, Entity], prefix: str, whole: bool) -> Shape:
    select = query.select or ()
    own = None if whole else frozenset(name for name in entity.fields if prefix + name in select)
    children = {}
    for name, target in {**entity.linked, **entity.details}.items():
        path = prefix + name
        asked = whole or path in select or any(item.startswith(path + "/") for item in select)
        if path in query.expand and asked:
            nested = contract.get(target) or Entity(target, {}, {}, {})
            children[name] = _shape(query, nested, contract, path + "/", whole or path in select)
    custom = frozenset((view, name) for path, view, name in query.custom if path == prefix.rstrip("/"))
    files = prefix + "files" in query.expand and (whole or prefix + "files" in select)
    return Shape(own, children, custom, files)
