"""A request body laid onto a record: matching of the record, of its rows, and the fields one by one.

The rules of form (which account exists, what a status allows) are not here: they run afterwards, on the working copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.simulators.acumatica.contract import DETAIL_KEYS, NEWEST, READ_ONLY, Entity, Field
from local.simulators.acumatica.documents import CustomValue, Record
from local.simulators.acumatica.errors import Problems, bad_request, no_entity
from local.simulators.acumatica.wire import BadValue, coerce
from local.simulators.acumatica.world import World

SYSTEM = {"id", "rowNumber", "delete", "error", "files", "_links"}
OVERRIDES = {
    "ShipToAddress": "ShipToAddressOverride",
    "ShipToContact": "ShipToContactOverride",
    "BillToAddress": "BillToAddressOverride",
    "BillToContact": "BillToContactOverride",
    "BillingContact": "BillingContactOverride",
    "ShippingContact": "ShippingContactOverride",
}
"""Linked entities that keep their defaults unless this flag of the same body (or record) says otherwise."""


@dataclass
class Draft:
    """One write under way. `record` is the working copy, `before` the stored one (None: an insert).

    `trusted` marks the writes of people inside the ERP (commands): they may set numbers and computed fields.
    """

    world: World
    record: Record
    before: Record | None
    contract: Mapping[str, Entity] = field(default_factory=lambda: NEWEST)
    trusted: bool = False
    sent: set[str] = field(default_factory=set)
    problems: Problems = field(default_factory=Problems)

    @property
    def inserting(self) -> bool:
        """Whether the record is new."""
        return self.before is None

    def refuse(self, field_name: str | None, text: str, record: Record | None = None) -> None:
        """Notes an error on a field of the record (or of one of its rows)."""
        self.problems.add((record or self.record).id, field_name, text)


def wrapped(raw: Any, path: str) -> Any:
    """The value inside a wrapped field; raises a 400 Fault for anything that is not wrapped."""
    if not isinstance(raw, dict) or isinstance(raw.get("value"), dict | list):
        raise bad_request(f"The field '{path}' must be an object with a 'value'.")
    return raw.get("value")


def apply(draft: Draft, record: Record, body: Mapping[str, Any], path: str) -> None:
    """Lays a body onto a record, recursively. Unknown names change nothing and are noted for assertions."""
    entity = draft.contract.get(record.entity) or Entity(record.entity, {}, {}, {})
    for name, raw in body.items():
        here = f"{path}/{name}"
        if name in SYSTEM:
            continue
        if name == "note":
            record.note = str((None if raw is None else wrapped(raw, here)) or "")
        elif name == "custom":
            _custom(draft, record, raw, here)
        elif name in entity.fields:
            _field(draft, record, entity.fields[name], raw, here)
        elif name in entity.linked:
            _linked(draft, record, entity.linked[name], name, body, here)
        elif name in entity.details:
            _rows(draft, record, entity.details[name], name, raw, here)
        else:
            draft.world.unknown_fields.append(here)


def _field(draft: Draft, record: Record, field_: Field, raw: Any, here: str) -> None:
    value = wrapped(raw, here)
    if field_.name in READ_ONLY.get(record.entity, frozenset()) and not draft.trusted:
        draft.world.ignored_fields.append(here)
        return
    switches = draft.world.switches
    try:
        typed = coerce(field_, value, switches.tenant_offset_minutes)
    except BadValue as error:
        raise bad_request(f"The value of '{here}' cannot be converted: {error}.") from error
    if field_.length is not None and isinstance(typed, str) and len(typed) > field_.length:
        if not switches.truncate_long_strings:
            draft.refuse(field_.name, f"The string is longer than {field_.length} characters.", record)
            return
        typed = typed[: field_.length]
    record.values[field_.name] = typed


def _linked(draft: Draft, record: Record, target: str, name: str, body: Mapping[str, Any], here: str) -> None:
    raw = body[name]
    if not isinstance(raw, dict):
        raise bad_request(f"The linked entity '{here}' must be an object.")
    flag = OVERRIDES.get(name)
    if flag is not None and not draft.trusted:
        given = body.get(flag)
        overridden = str(wrapped(given, flag)).lower() == "true" if given is not None else record.flag(flag)
        if not overridden:
            draft.world.ignored_fields.append(here)
            return
    linked = record.linked.setdefault(name, Record(target, draft.world.new_id()))
    apply(draft, linked, raw, here)


def _rows(draft: Draft, record: Record, target: str, name: str, raw: Any, here: str) -> None:
    if name in READ_ONLY.get(record.entity, frozenset()) and not draft.trusted:
        draft.world.ignored_fields.append(here)
        return
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
        raise bad_request(f"The detail collection '{here}' must be an array of objects.")
    rows = record.rows(name)
    for item in raw:
        row = _match(draft, rows, target, item)
        if item.get("delete") is True:
            if row is None:
                draft.refuse(None, f"A row of {name} that does not exist cannot be deleted.")
            else:
                rows.remove(row)
            continue
        if row is None:
            row = Record(target, draft.world.new_id())
            rows.append(row)
        apply(draft, row, item, here)
        _number_row(rows, row, target)


def _match(draft: Draft, rows: list[Record], target: str, item: Mapping[str, Any]) -> Record | None:
    """The row that a body's row means: by `id`, else by its key; None: a new row."""
    if item.get("id") is not None:
        found = next((row for row in rows if row.id == str(item["id"]).lower()), None)
        if found is None:
            raise no_entity()
        return found
    key = DETAIL_KEYS.get(target)
    if key is None or key not in item:
        return None
    wanted = wrapped(item[key], key)
    if wanted is None:
        return None
    return next((row for row in rows if str(row.values.get(key)).rstrip() == str(wanted).rstrip()), None)


def _number_row(rows: list[Record], row: Record, target: str) -> None:
    if DETAIL_KEYS.get(target) == "LineNbr" and row.values.get("LineNbr") is None:
        taken = [int(other.number("LineNbr")) for other in rows if other is not row]
        row.values["LineNbr"] = max(taken, default=0) + 1


def _custom(draft: Draft, record: Record, raw: Any, here: str) -> None:
    """Writes user-defined fields; one that the form does not have is dropped without a word, as unknown names are."""
    if not isinstance(raw, dict):
        raise bad_request(f"'{here}' must be an object.")
    defined = draft.world.reference.attributes.get(record.entity, {})
    for view, fields in raw.items():
        for name, item in fields.items() if isinstance(fields, dict) else ():
            kind = defined.get(view, {}).get(name)
            if kind is None:
                draft.world.unknown_fields.append(f"{here}/{view}.{name}")
            elif not isinstance(item, dict) or item.get("type") != kind:
                raise bad_request(f"'{here}/{view}.{name}' must have the type {kind}.")
            else:
                record.custom.setdefault(view, {})[name] = CustomValue(kind, item.get("value"))
