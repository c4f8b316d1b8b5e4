"""Items between Python and DynamoDB's wire form, and the service's limits checked before anything is sent.

Pure functions; the in-memory twin checks with the same ones. Limits: DynamoDB Developer Guide, "Quotas" (item 400 KB,
sort key 1,024 bytes, 38 digits) and "Secondary indexes" (a key attribute of an index must be non-empty text).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from connector.ports import INDEX_KEYS, Absent, AbsentOrBelow, Condition, Equals, Item

Wire = dict[str, dict[str, Any]]
"""DynamoDB's form of an item: {"pk": {"S": "..."}, "size": {"N": "3"}}."""

TABLE_INDEXES: Mapping[str, tuple[str, ...]] = {
    "connections": ("by_pair",),
    "records": ("by_status", "by_missing", "by_reference"),
    "events": (),
    "audit": ("by_day",),
    "state": (),
}
MAXIMUM_ITEM_BYTES = 390 * 1024  # DynamoDB's own limit is 400 KB; the rest is room for its way of counting
MAXIMUM_KEY_BYTES = 1024  # of a sort key; `pk` too, because it is the sort key of three indexes
_DIGITS = 38


class ItemTooLarge(ValueError):
    """An item does not fit into DynamoDB; its body belongs into the bucket."""


def check_item(table: str, item: Item) -> int:
    """The item's size in bytes. Raises TypeError, ValueError or ItemTooLarge, naming the attribute."""
    if table not in TABLE_INDEXES:
        raise ValueError(f"there is no {table!r}; known are {', '.join(TABLE_INDEXES)}")
    keys = {"pk", "sk"}
    for index in TABLE_INDEXES[table]:
        keys.update(name for name in INDEX_KEYS[index] if name in item)
    for key in keys:
        value = item.get(key)
        where = f"{table} item {item.get('pk')!r} / {item.get('sk')!r}"
        if not isinstance(value, str) or not value:
            raise ValueError(f"{where}: the key attribute {key!r} must be non-empty text, not {value!r}")
        if len(value.encode()) > MAXIMUM_KEY_BYTES:
            raise ValueError(f"{where}: the key attribute {key!r} is longer than {MAXIMUM_KEY_BYTES} bytes")
    size = sum(len(name.encode()) + _value_bytes(name, value) for name, value in item.items())
    if size > MAXIMUM_ITEM_BYTES:
        raise ItemTooLarge(
            f"{table} item {item['pk']!r} / {item['sk']!r} has {size} bytes, more than {MAXIMUM_ITEM_BYTES}: "
            "put its body into the bucket and keep the key"
        )
    return size


def check_key(table: str, pk: str, sk: str) -> None:
    """Raises ValueError for a key that DynamoDB refuses."""
    check_item(table, {"pk": pk, "sk": sk})


def _value_bytes(name: str, value: object) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, bool):
        return 1
    if isinstance(value, int):
        digits = len(str(abs(value)))
        if digits > _DIGITS:
            raise ValueError(f"attribute {name!r} has {digits} digits, more than DynamoDB's {_DIGITS}")
        return digits // 2 + 2
    raise TypeError(f"attribute {name!r} is {type(value).__name__}; an item holds text, whole numbers and booleans")


def marshal_value(value: object) -> dict[str, Any]:
    """One value in DynamoDB's form. Raises TypeError."""
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int):
        return {"N": str(value)}
    raise TypeError(f"{type(value).__name__} cannot be stored; an item holds text, whole numbers and booleans")


def marshal(item: Item) -> Wire:
    """A whole item in DynamoDB's form."""
    return {name: marshal_value(value) for name, value in item.items()}


def unmarshal(wire: Wire) -> Item:
    """An item from DynamoDB's form. Raises ValueError for a type that we never write."""
    item: Item = {}
    for name, typed in wire.items():
        ((kind, value),) = typed.items()
        if kind == "S":
            item[name] = str(value)
        elif kind == "N":
            item[name] = int(value)
        elif kind == "BOOL":
            item[name] = bool(value)
        else:
            raise ValueError(f"attribute {name!r} has DynamoDB type {kind!r}, which this product never writes")
    return item


def key_of(pk: str, sk: str) -> Wire:
    """A primary key in DynamoDB's form."""
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def condition_arguments(condition: Condition) -> dict[str, Any]:
    """A condition as request members; nothing for None."""
    if condition is None:
        return {}
    if isinstance(condition, Absent):
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    if isinstance(condition, Equals):
        names = {f"#c{n}": name for n, name in enumerate(condition.values)}
        values = {f":c{n}": marshal_value(value) for n, value in enumerate(condition.values.values())}
        terms = ["attribute_exists(pk)", *(f"#c{n} = :c{n}" for n in range(len(names)))]
        return _expression(" AND ".join(terms), names, values)
    if isinstance(condition, AbsentOrBelow):
        return _expression(
            "attribute_not_exists(#c0) OR #c0 < :c0",
            {"#c0": condition.attribute},
            {":c0": marshal_value(condition.value)},
        )
    raise TypeError(f"{condition!r} is not a condition")


def _expression(text: str, names: dict[str, str], values: dict[str, Any]) -> dict[str, Any]:
    arguments: dict[str, Any] = {"ConditionExpression": text}
    if names:
        arguments |= {"ExpressionAttributeNames": names, "ExpressionAttributeValues": values}
    return arguments


def place_text(key: Wire | None) -> str | None:
    """DynamoDB's last evaluated key as the opaque `Page.next`."""
    if not key:
        return None
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode()


def place_from(text: str) -> Wire:
    """The way back. Raises ValueError for what `place_text` never wrote."""
    try:
        key = json.loads(base64.urlsafe_b64decode(text.encode()))
    except ValueError as error:
        raise ValueError(f"{text!r} is not a place to go on from: use the `next` of the page before") from error
    if not isinstance(key, dict):
        raise ValueError(f"{text!r} is not a place to go on from: use the `next` of the page before")
    return key
