"""Reads a request body against a contract: names whatever their letter case, types, enums, references.

A property that the contract does not know is refused, reported in a header or dropped, as the request's own
`X-NetSuite-PropertyNameValidation` says (Warning by default: the trap that loses a misspelt field without an error).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from local.simulators.netsuite.contract import Fields, Form, Sublist
from local.simulators.netsuite.problems import invalid, user_error
from local.simulators.netsuite.records import Item, Line
from local.simulators.netsuite.world import World

EXTERNAL_ID = re.compile(r"[A-Za-z0-9_-]{1,60}")
_CUSTOM = ("custbody", "custcol", "custitem", "custentity", "custrecord")
_ADDRESS = frozenset(
    "addr1 addr2 addr3 addressee attention city state zip country addrPhone addrText override".lower().split()
)
_ASSIGNMENT: Fields = {
    "quantity": "number",
    "receiptInventoryNumber": "text",
    "issueInventoryNumber": "object_ref",
    "binNumber": "object_ref",
    "inventoryStatus": "object_ref",
    "expirationDate": "date",
}


@dataclass
class Body:
    """A request body that was understood: values and lines in the schema's own spelling, and what was dropped."""

    values: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, list[Line]] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)


def _wrong(path: str, wanted: str) -> Exception:
    name = path.rsplit(".", 1)[-1]
    return invalid(f"Invalid value for the resource or sub-resource field '{name}'. {wanted}", path)


def _text(longest: int) -> Callable[[World, Any, str], Any]:
    def read(world: World, value: Any, path: str) -> Any:
        if not isinstance(value, str):
            raise _wrong(path, "A string is wanted.")
        if len(value) > longest:
            raise _wrong(path, f"At most {longest} characters.")
        return value

    return read


def _external(world: World, value: Any, path: str) -> Any:
    if not isinstance(value, str) or not EXTERNAL_ID.fullmatch(value):
        raise _wrong(path, "1 to 60 letters, digits, _ and - are wanted.")
    return value


def _date(world: World, value: Any, path: str) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise _wrong(path, "A date YYYY-MM-DD is wanted.")
    try:
        date.fromisoformat(value)
    except ValueError as error:
        raise _wrong(path, f"There is no day {value}.") from error
    return value


def _number(world: World, value: Any, path: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise _wrong(path, "A number is wanted.")
    return Decimal(value)


def _integer(world: World, value: Any, path: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(path, "An integer is wanted.")
    return value


def _boolean(world: World, value: Any, path: str) -> Any:
    if not isinstance(value, bool):
        raise _wrong(path, "true or false is wanted.")
    return value


def _address(world: World, value: Any, path: str) -> Any:
    if not isinstance(value, dict):
        raise _wrong(path, "An object is wanted.")
    for name in value:
        if name.lower() not in _ADDRESS:
            raise invalid(f"Unknown property '{name}'.", f"{path}.{name}")
    return dict(value)


def _by_external_id(world: World, table: str, wanted: str) -> int | None:
    rows: list[Any] = [*world.masters.items.values()] if table == "item" else [*world.masters.tables[table].values()]
    return next((row.id for row in rows if row.external_id and row.external_id.lower() == wanted.lower()), None)


def _reference(world: World, value: Any, path: str, table: str) -> Any:
    """`{"id"}`, `{"externalId"}` or a bare id; answers the internal id as text."""
    given = value
    if isinstance(value, dict):
        if set(value) - {"id", "externalId", "refName", "links"} or not {"id", "externalId"} & set(value):
            raise _wrong(path, 'A reference is {"id": ...} or {"externalId": ...}.')
        given = value.get("id")
        if given is None:
            if not isinstance(value["externalId"], str) or not table:
                raise _wrong(path, "An external id is a string.")
            given = _by_external_id(world, table, value["externalId"])
            if given is None:
                raise invalid_reference(value["externalId"], path)
    if isinstance(given, bool) or not isinstance(given, (str, int)):
        raise _wrong(path, "An internal id is a string or an integer.")
    text = str(given)
    if not table:
        return text
    found = world.master(table, int(text)) if re.fullmatch(r"-?\d+", text) else None
    if found is None or found.inactive:
        raise invalid_reference(text, path)
    return text


def invalid_reference(value: str, path: str) -> Exception:
    """A reference to something that does not exist, is inactive, or may not be used here."""
    name = path.rsplit(".", 1)[-1]
    return user_error(f"Invalid Field Value {value} for the following field: {name}", path)


def _enumeration(value: Any, path: str, choices: list[str]) -> Any:
    """`{"id": "C"}` or `"C"`; one of the choices."""
    given = value.get("id") if isinstance(value, dict) else value
    if given not in choices:
        raise _wrong(path, f"One of {', '.join(choices)} is wanted.")
    return given


def _detail(world: World, value: Any, path: str) -> Any:
    """Inventory detail: answers its assignments."""
    rows = value.get("inventoryAssignment") if isinstance(value, dict) else None
    items = rows.get("items") if isinstance(rows, dict) else None
    if not isinstance(items, list) or not items:
        raise _wrong(path, 'An object {"inventoryAssignment": {"items": [...]}} is wanted.')
    found = []
    for index, row in enumerate(items):
        place = f"{path}.inventoryAssignment.items[{index}]"
        if not isinstance(row, dict):
            raise _wrong(place, "An object is wanted.")
        read = {}
        for name, each in row.items():
            known = next((known for known in _ASSIGNMENT if known.lower() == name.lower()), None)
            if known is None:
                raise invalid(f"Unknown property '{name}'.", f"{place}.{name}")
            read[known] = _kind(world, _ASSIGNMENT[known], each, f"{place}.{known}")
        found.append(read)
    return found


_READERS: dict[str, Callable[[World, Any, str], Any]] = {
    "text": _text(4000),
    "text45": _text(45),
    "external": _external,
    "date": _date,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "address": _address,
    "detail": _detail,
}


def _kind(world: World, kind: str, value: Any, path: str) -> Any:
    if value is None:
        return None
    if kind == "object_ref":
        if not isinstance(value, dict):
            raise _wrong(path, 'A reference {"id": ...} is wanted; a name breaks the sublist.')
        return _reference(world, value, path, "")
    name, _, rest = kind.partition(".")
    if name == "ref":
        return _reference(world, value, path, rest)
    if name == "enum":
        return _enumeration(value, path, rest.split("/"))
    return _READERS[name](world, value, path)


class Reader:
    """Reads one body for one form; `mode` is Error, Warning or Ignore."""

    def __init__(self, world: World, form: Form, mode: str) -> None:
        self._world, self._form, self._mode = world, form, mode
        self._custom = world.masters.custom_fields.get(form.name, {})
        self.body = Body()

    def read(self, document: Any) -> Body:
        """The whole body. Raises what NetSuite answers."""
        if not isinstance(document, dict):
            raise invalid("Invalid content in the request body.")
        for name, value in document.items():
            known = self._form.property_named(name)
            if known in self._form.lists:
                self.body.lists[known] = self._rows(self._form.lists[known], value, known)
            else:
                self._member(self._form.body, self.body.values, name, value, name)
        return self.body

    def _rows(self, sublist: Sublist, value: Any, path: str) -> list[Line]:
        if not isinstance(value, dict) or not isinstance(value.get("items"), list):
            raise _wrong(path, 'A sublist is {"items": [...]}.')
        for name in set(value) - {"items"}:
            self._unknown(name, f"{path}.{name}")
        found: list[Line] = []
        for index, row in enumerate(value["items"]):
            place = f"{path}.items[{index}]"
            if not isinstance(row, dict):
                raise _wrong(place, "An object is wanted.")
            line: Line = {}
            for name, each in row.items():
                self._member(sublist.fields, line, name, each, f"{place}.{name}")
            found.append(line)
        return found

    def _member(self, fields: Fields, target: dict[str, Any], name: str, value: Any, path: str) -> None:
        known = next((each for each in fields if each.lower() == name.lower()), None)
        if known is None and name.lower().startswith(_CUSTOM):
            known = next((each for each in self._custom if each.lower() == name.lower()), None)
            if known is not None:
                target[known] = _kind(self._world, self._custom[known], value, path)
                return
        if known is None:
            self._unknown(name, path)
            return
        kind = fields[known]
        if kind.endswith("!"):
            self._read_only(known, path)
            return
        target[known] = _kind(self._world, kind, value, path)

    def _unknown(self, name: str, path: str) -> None:
        if self._mode == "Error":
            raise invalid(f"Unknown property '{name}'. Check the spelling of the property.", path)
        self.body.dropped.append(path)
        self._world.warnings.append(f"{self._form.name}: unknown property {path}")

    def _read_only(self, name: str, path: str) -> None:
        """NetSuite drops what only it may write; the strict option refuses to let that pass."""
        if self._world.switches.strict:
            self._world.violation(f"{self._form.name}.{path} is read-only")
            raise invalid(f"Property '{name}' is read-only.", path)
        self._world.warnings.append(f"{self._form.name}: read-only property {path}")


def stocked_item(world: World, number: str, path: str) -> Item:
    """The item, when quantities of it are kept; kits, services and other types are refused."""
    item = world.masters.items[int(number)]
    if not item.stocked:
        raise invalid_reference(number, path)
    return item
