"""Reads of the record service: one record, its sublists, and lists of ids."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from local.simulators.base import Reply
from local.simulators.netsuite import statuses, writing
from local.simulators.netsuite.asked import Asked, resource
from local.simulators.netsuite.contract import ITEM_TYPES, Form
from local.simulators.netsuite.problems import Rejection, error, nonexistent, user_error
from local.simulators.netsuite.records import Item, Line, Master, Record, plain
from local.simulators.netsuite.world import World

READ_QUERY = ("expandSubResources", "simpleEnumFormat", "fields")
_ENUM_WORDS = {
    "approvalStatus": {"1": "Pending Approval", "2": "Approved", "3": "Rejected", "11": "Open"},
    "shipStatus": statuses.WORDS["itemFulfillment"],
}
_TABLES = {"entity": "", "item": "item", "location": "location", "adjLocation": "location", "account": "account"}


def moment(at: datetime) -> str:
    """A date-time as the record service writes it: UTC, and the seconds always 00."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:00Z")


def name_of(world: World, table: str, number: str) -> str:
    """The display name of a master record."""
    found = world.master(table, int(number)) if table and number.lstrip("-").isdigit() else None
    return found.sku if isinstance(found, Item) else found.name if found else ""


class View:
    """Renders one record for one request."""

    def __init__(self, world: World, asked: Asked, form: Form) -> None:
        self._world, self._asked, self._form = world, asked, form
        self._simple = asked.flag("simpleEnumFormat")
        self._expand = asked.flag("expandSubResources")

    def _self(self, path: str) -> list[dict[str, str]]:
        return [{"rel": "self", "href": f"{self._asked.root}/record/v1/{path}"}]

    def _value(self, name: str, kind: str, value: Any) -> Any:
        kind, _, rest = kind.rstrip("!").partition(".")
        if isinstance(value, Decimal):
            return plain(value)
        if kind == "ref":
            table = rest or _TABLES.get(name, "")
            words = name_of(self._world, table, str(value))
            return {"links": [], "id": str(value), **({"refName": words} if words else {})}
        if kind == "enum":
            if self._simple:
                return value
            words = _ENUM_WORDS.get(name, statuses.WORDS.get(self._form.name, {})).get(value, "")
            return {"id": value, **({"refName": words} if words else {})}
        if kind == "detail":
            rows = [
                {each: plain(got) if isinstance(got, Decimal) else got for each, got in row.items()} for row in value
            ]
            return {"inventoryAssignment": {"links": [], "items": rows, "totalResults": len(rows)}}
        return value

    def line(self, record: Record, name: str, line: Line) -> dict[str, Any]:
        """One line of a sublist."""
        fields = self._form.lists[name].fields
        custom = self._world.masters.custom_fields.get(self._form.name, {})
        shown: dict[str, Any] = {"links": []}
        for each, value in line.items():
            if value is not None and each in {**fields, **custom}:
                shown[each] = self._value(each, {**custom, **fields}[each], value)
        if "kitMemberOf" in line:
            shown["kitMemberOf"] = line["kitMemberOf"]
        if name == "item" and record.form.order:
            done = plain(statuses.moved(self._world, record, line))
            shown["quantityFulfilled" if record.type == "salesOrder" else "quantityReceived"] = done
            shown["quantityBilled"] = plain(Decimal(line.get("billed", 0)))
            shown.setdefault("isClosed", False)
            shown["isOpen"] = not shown["isClosed"]
        if name == "item" and record.type in ("itemFulfillment", "itemReceipt"):
            shown["itemReceive"] = True
        return shown

    def sublist(self, record: Record, name: str) -> dict[str, Any]:
        """A sublist: links only, or its lines with `expandSubResources`."""
        path = f"{record.type}/{record.id}/{name}"
        if not self._expand:
            return {"links": self._self(path)}
        rows = [self.line(record, name, line) for line in record.lines(name)]
        return {"links": self._self(path), "items": rows, "totalResults": len(rows)}

    def record(self, record: Record) -> dict[str, Any]:
        """The whole record, or the body fields that `fields` names."""
        custom = self._world.masters.custom_fields.get(record.type, {})
        kinds = {**custom, **record.form.body}
        shown: dict[str, Any] = {"links": self._self(f"{record.type}/{record.id}"), "id": str(record.id)}
        for name, value in record.values.items():
            if value is None or name not in kinds:
                continue
            if kinds[name] == "address" and not self._expand:
                shown[name] = {"links": self._self(f"{record.type}/{record.id}/{name}")}
            else:
                shown[name] = self._value(name, kinds[name], value)
        shown |= self._derived(record)
        wanted = self._asked.query.get("fields")
        if wanted:
            asked = {"links", "id", *(self._form.property_named(each) or each for each in wanted.split(","))}
            return {name: value for name, value in shown.items() if name in asked}
        for name in record.form.lists:
            if name in record.lists or name in ("item", "inventory"):
                shown[name] = self.sublist(record, name)
        return shown

    def _derived(self, record: Record) -> dict[str, Any]:
        world = self._world
        shown: dict[str, Any] = {
            "createdDate": moment(record.created),
            "lastModifiedDate": moment(record.modified),
        }
        letter = statuses.letter(world, record)
        if letter:
            words = statuses.WORDS[record.type].get(letter, "")
            shown["status"] = letter if self._simple else {"id": letter, "refName": words}
        entity = record.text("entity")
        if entity:
            table = "vendor" if record.form.kind in ("PurchOrd", "VendBill", "VendCred") else "customer"
            if record.type == "itemReceipt" and record.source and world.find(record.source, "purchaseOrder"):
                table = "vendor"
            shown["entity"] = {"links": [], "id": entity, "refName": name_of(world, table, entity)}
        source = world.find(record.source) if record.source is not None else None
        if source is not None:
            links = self._self(f"{source.type}/{source.id}")
            words = f"{source.form.words} #{source.text('tranId')}"
            shown["createdFrom"] = {"links": links, "id": str(source.id), "refName": words}
        numbers = tracking_numbers(world, record)
        if record.type == "salesOrder" and numbers:
            shown["linkedTrackingNumbers"] = " ".join(numbers)
        return shown


def tracking_numbers(world: World, record: Record) -> list[str]:
    """The tracking numbers of a fulfilment, or of all fulfilments of an order."""
    if record.type == "salesOrder":
        return [
            number
            for child in world.children(record.id, "itemFulfillment")
            for number in tracking_numbers(world, child)
        ]
    if record.type != "itemFulfillment":
        return []
    found = []
    for name, suffix in (("package", ""), ("packageUps", "Ups"), ("packageFedex", "FedEx"), ("packageUsps", "Usps")):
        for row in record.lines(name):
            number = row.get(f"packageTrackingNumber{suffix}")
            if number and number not in found:
                found.append(number)
    return found


def get(world: World, form: Form, key: str, asked: Asked) -> Reply:
    """GET /record/v1/{type}/{id or eid}. The record is loaded as for editing: a workflow lock makes it fail."""
    asked.only(world, READ_QUERY)
    if not form.transaction:
        return resource(_master(world, form, key, asked))
    record = writing.find(world, form, key)
    if record.id in world.masters.workflow_locks:
        raise user_error("This record has been locked by a user defined workflow.")
    return resource(View(world, asked, form).record(record))


def get_sublist(world: World, form: Form, key: str, rest: list[str], asked: Asked) -> Reply:
    """GET /record/v1/{type}/{id}/{sublist} and /{sublist}/{line}."""
    name = form.property_named(rest[0])
    record = writing.find(world, form, key)
    if name not in form.lists or len(rest) > 2:
        raise nonexistent(f"The sub-resource '{rest[0]}' does not exist.")
    view = View(world, asked, form)
    if len(rest) == 2:
        line = record.line(int(rest[1]), name) if rest[1].isdigit() else None
        if line is None:
            raise nonexistent(f"The line {rest[1]} does not exist.")
        return resource(view.line(record, name, line))
    root = f"{asked.root}/record/v1/{record.type}/{record.id}/{name}"
    rows = [{"links": [{"rel": "self", "href": f"{root}/{line.get('line', 0)}"}]} for line in record.lines(name)]
    return resource({"links": [], "items": rows, "totalResults": len(rows)}, "collection")


def _master(world: World, form: Form, key: str, asked: Asked) -> dict[str, Any]:
    table = form.kind
    rows: list[Item | Master] = (
        [*world.masters.items.values()] if table == "item" else [*world.masters.tables[table].values()]
    )
    eid = key[4:].lower() if key.lower().startswith("eid:") else None
    found = next(
        (row for row in rows if (row.external_id.lower() == eid if eid is not None else str(row.id) == key)), None
    )
    if found is None or (isinstance(found, Item) and found.record != form.name):
        url = f"{asked.root}/record/v1/{form.name}/{key}"
        raise nonexistent("The record instance does not exist. Provide a valid record instance ID.", url)
    links = [{"rel": "self", "href": f"{asked.root}/record/v1/{form.name}/{found.id}"}]
    shown: dict[str, Any] = {"links": links, "id": str(found.id), "isInactive": found.inactive}
    if found.external_id:
        shown["externalId"] = found.external_id
    if isinstance(found, Item):
        shown |= {"itemId": found.sku, "displayName": found.name, "upcCode": found.upc, "itemType": {"id": found.type}}
        return {name: value for name, value in shown.items() if value != ""}
    names = {"vendor": "entityId", "customer": "entityId", "account": "acctName", "shipitem": "itemId"}
    shown[names.get(table, "name")] = found.name
    return {**shown, **{name: value for name, value in found.more if name in form.body and name != "subsidiary"}}


def list_ids(world: World, form: Form, asked: Asked) -> Reply:
    """GET /record/v1/{type}: ids and links only. Its filter `q` is date-only and left out here."""
    asked.only(world, ("limit", "offset"))
    limit, offset = (int(asked.query.get(name, default)) for name, default in (("limit", "1000"), ("offset", "0")))
    if not 1 <= limit <= 1000 or offset % limit:
        raise Rejection(error(400, "INVALID_PARAMETER", "offset must be a multiple of limit.", {}))
    if form.transaction:
        ids = [record.id for record in world.transactions() if record.type == form.name]
    elif form.name in ITEM_TYPES:
        ids = [item.id for item in world.masters.items.values() if item.record == form.name]
    else:
        ids = sorted(world.masters.tables[form.kind])
    page = ids[offset : offset + limit]
    root = f"{asked.root}/record/v1/{form.name}"
    rows = [{"links": [{"rel": "self", "href": f"{root}/{number}"}], "id": str(number)} for number in page]
    more = offset + limit < len(ids)
    document = {"links": [], "count": len(rows), "hasMore": more, "items": rows}
    return resource({**document, "offset": offset, "totalResults": len(ids)}, "collection")
