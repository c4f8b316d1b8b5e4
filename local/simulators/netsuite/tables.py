"""The tables that SuiteQL sees, filled from the World.

Every cell that BUILTIN.DF or BUILTIN.CF can be asked for has a shadow column beside it (`status__df`, `status__cf`).
Moments are wall-clock time of the session's zone: the hour that daylight saving repeats is ambiguous, as it is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from local.simulators.netsuite import reading, rules, statuses
from local.simulators.netsuite.records import ZERO, Item, Line, Record, as_quantity, plain
from local.simulators.netsuite.world import World

MARK = "\x02"
Row = dict[str, Any]
OPTIONAL = {
    "transactionline": ("isclosed", "expectedreceiptdate", "units", "uniquekey", "itemtype"),
    "item": ("itemtype", "islotitem", "isserialitem", "usebins"),
    "nexttransactionlinelink": ("previousline", "nextline"),
    "previoustransactionlinelink": ("previousline", "nextline"),
}
_LINK = "previousdoc previousline previoustype nextdoc nextline nexttype linktype"
_STOCK = "item item__df location location__df quantityonhand quantityavailable quantityonorder quantitycommitted"
COLUMNS: dict[str, str] = {
    "transaction": (
        "id type type__df tranid transactionnumber entity entity__df trandate status status__df status__cf "
        "lastmodifieddate createddate externalid otherrefnum memo foreigntotal currency posting approvalstatus "
        "recordtype shipdate duedate shippingaddress email voided location employee shipmethod shipmethod__df"
    ),
    "transactionline": (
        "transaction id linesequencenumber uniquekey item item__df mainline taxline quantity quantityshiprecv "
        "quantitybilled units location location__df isclosed expectedreceiptdate createdfrom createdfrom__df "
        "subsidiary isinventoryaffecting itemtype memo rate netamount foreignamount entity expenseaccount "
        "kitcomponent kitmemberof iscogs department class"
    ),
    "item": (
        "id itemid fullname displayname upccode externalid itemtype islotitem isserialitem usebins isinactive "
        "lastmodifieddate cost"
    ),
    "location": "id name fullname externalid subsidiary subsidiary__df isinactive",
    "subsidiary": "id name fullname externalid isinactive",
    "vendor": "id entityid companyname externalid isinactive",
    "customer": "id entityid companyname email externalid isinactive",
    "account": "id acctnumber fullname accountsearchdisplayname accttype externalid isinactive",
    "shipitem": "id itemid externalid isinactive",
    "itemmember": "parentitem item quantity",
    "nexttransactionlinelink": _LINK,
    "previoustransactionlinelink": _LINK,
    "trackingnumber": "id trackingnumber",
    "trackingnumbermap": "transaction trackingnumber",
    "aggregateitemlocation": _STOCK,
    "inventoryitemlocations": _STOCK,
    "inventorybalance": "item item__df location location__df quantityonhand quantityavailable",
    "transactionshippingaddress": "nkey addressee attention addr1 addr2 addr3 city state zip country addrphone",
    "accountingperiod": "id periodname closed",
    "dual": "dummy",
}
PERMISSIONS = {
    "transaction": "TRAN_FIND",
    "transactionline": "TRAN_FIND",
    "item": "LIST_ITEM",
    "location": "LIST_LOCATION",
    "subsidiary": "LIST_SUBSIDIARY",
    "vendor": "LIST_VENDOR",
    "customer": "LIST_CUSTJOB",
    "account": "LIST_ACCOUNT",
    "shipitem": "LIST_SHIPITEM",
}
OF_TRANSACTIONS = (
    "transaction",
    "transactionline",
    "nexttransactionlinelink",
    "previoustransactionlinelink",
    "trackingnumber",
    "trackingnumbermap",
    "transactionshippingaddress",
)
NEGATIVE = ("salesOrder", "itemFulfillment")


def flag(value: object) -> str:
    """T or F."""
    return "T" if value else "F"


def day(value: Any) -> str | None:
    """A date for the tables."""
    return f"{MARK}{value} 00:00:00" if value else None


def moment(world: World, at: datetime) -> str:
    """A moment for the tables, in the session's zone."""
    return f"{MARK}{at.astimezone(ZoneInfo(world.switches.query_zone)):%Y-%m-%d %H:%M:%S}"


def number(value: Any) -> int | float | None:
    """A number for the tables."""
    return None if value is None else plain(Decimal(str(value)))


def columns(world: World, table: str) -> list[str]:
    """The columns of a table: custom fields included, optional ones only when the account has them."""
    found = COLUMNS[table].split()
    if not world.switches.optional_columns:
        found = [name for name in found if name not in OPTIONAL.get(table, ())]
    prefix = {"transaction": "custbody", "transactionline": "custcol"}.get(table)
    custom = {name.lower() for fields in world.masters.custom_fields.values() for name in fields}
    return [*found, *sorted(name for name in custom if prefix and name.startswith(prefix))]


def _custom(values: dict[str, Any]) -> Row:
    found = {name.lower(): value for name, value in values.items() if name.lower().startswith("cust")}
    return {name: flag(value) if isinstance(value, bool) else value for name, value in found.items() if value != ""}


def _header(world: World, record: Record) -> Row:
    letter = statuses.letter(world, record) or None
    kind = record.form.kind
    table = "vendor" if kind in ("PurchOrd", "VendBill", "VendCred") else "customer"
    entity = record.values.get("entity")
    sign = -1 if record.type == "vendorCredit" else 1
    method = record.values.get("shipMethod")
    return {
        "id": record.id,
        "type": kind,
        "type__df": record.form.words,
        "tranid": record.text("tranId") or None,
        "transactionnumber": record.text("transactionNumber"),
        "entity": number(entity),
        "entity__df": reading.name_of(world, table, str(entity)) if entity else None,
        "trandate": day(record.text("tranDate")),
        "status": letter,
        "status__df": statuses.label(world, record) or None,
        "status__cf": f"{kind}:{letter}" if letter else None,
        "lastmodifieddate": moment(world, record.modified),
        "createddate": moment(world, record.created),
        "externalid": record.text("externalId") or None,
        "otherrefnum": record.text("otherRefNum") or None,
        "memo": record.text("memo") or None,
        "foreigntotal": number(sign * as_quantity(record.values.get("total"))) if "total" in record.values else None,
        "currency": number(record.values.get("currency")),
        "posting": flag(record.form.posting),
        "approvalstatus": number(record.values.get("approvalStatus")),
        "recordtype": record.type.lower(),
        "shipdate": day(record.values.get("shipDate")),
        "duedate": day(record.values.get("dueDate")),
        "shippingaddress": record.id if record.values.get("shippingAddress") else None,
        "email": record.text("email") or None,
        "voided": "F",
        "shipmethod": number(method),
        "shipmethod__df": reading.name_of(world, "shipitem", str(method)) if method else None,
        **_custom(record.values),
    }


def _line(world: World, record: Record, line: Line, place: int) -> Row:
    item = world.masters.items[int(line["item"])]
    sign = -1 if record.type in NEGATIVE else 1
    quantity = sign * as_quantity(line.get("quantity", line.get("adjustQtyBy")))
    done = statuses.moved(world, record, line) if record.form.order else None
    affects = item.stocked and record.form.posting and not record.form.order
    amount = as_quantity(line.get("amount")) or abs(quantity) * as_quantity(line.get("rate"))
    location = line.get("location")
    return {
        **_common(record, line["line"], place),
        "item": item.id,
        "item__df": item.sku,
        "quantity": number(quantity),
        "quantityshiprecv": number(done),
        "quantitybilled": number(line.get("billed", 0)) if record.form.order else None,
        "units": "1",
        "location": number(location),
        "location__df": reading.name_of(world, "location", str(location)) if location else None,
        "isclosed": flag(line.get("isClosed")),
        "expectedreceiptdate": day(line.get("expectedReceiptDate")),
        "isinventoryaffecting": flag(affects),
        "itemtype": item.type,
        "memo": line.get("memo") or line.get("description"),
        "rate": number(line.get("rate")),
        "netamount": number(sign * amount),
        "foreignamount": number(sign * amount),
        "kitcomponent": flag("kitMemberOf" in line),
        "kitmemberof": line.get("kitMemberOf"),
        **_custom(line),
    }


def _common(record: Record, line: int, place: int) -> Row:
    return {
        "transaction": record.id,
        "id": line,
        "linesequencenumber": place,
        "uniquekey": record.id * 100 + line,
        "mainline": "F",
        "taxline": "F",
        "createdfrom": record.source,
        "createdfrom__df": str(record.source) if record.source else None,
        "subsidiary": number(record.values.get("subsidiary")),
        "isinventoryaffecting": "F",
        "isclosed": "F",
        "kitcomponent": "F",
        "iscogs": "F",
    }


def _expense(record: Record, line: Line, place: int) -> Row:
    sign = -1 if record.type == "vendorCredit" else 1
    amount = number(sign * as_quantity(line["amount"]))
    return {
        **_common(record, line["line"], place),
        "expenseaccount": number(line.get("account")),
        "memo": line.get("memo"),
        "netamount": amount,
        "foreignamount": amount,
        "location": number(line.get("location")),
    }


def _lines(world: World, record: Record) -> Iterator[Row]:
    total = as_quantity(record.values.get("total")) or rules.total_of(record) if record.form.order else ZERO
    head = {**_common(record, 0, 0), "mainline": "T", "foreignamount": number(total) if total else None}
    yield {**head, "entity": number(record.values.get("entity")), "memo": record.text("memo") or None}
    place = 0
    for line in (*record.lines(), *record.lines("inventory")):
        place += 1
        yield _line(world, record, line, place)
    for line in record.lines("expense"):
        place += 1
        yield _expense(record, line, place)
    if record.type == "itemFulfillment":  # the cost of goods sold beside each line
        for line in record.lines():
            place += 1
            row = _line(world, record, line, place)
            yield {**row, **_common(record, 1000 + line["line"], place), "iscogs": "T", "quantity": None}
    if record.type == "salesOrder":
        yield {**_common(record, 999, place + 1), "taxline": "T"}


def _links(record: Record, source: Record | None) -> Iterator[Row]:
    if source is None:
        return
    kind = {"itemFulfillment": "ShipRcpt", "itemReceipt": "ShipRcpt", "vendorBill": "OrdBill"}.get(
        record.type, "OrdRet"
    )
    for line in record.lines():
        yield {
            "previousdoc": source.id,
            "previousline": line.get("orderLine"),
            "previoustype": source.form.kind,
            "nextdoc": record.id,
            "nextline": line["line"],
            "nexttype": record.form.kind,
            "linktype": kind,
        }


def of_transaction(world: World, record: Record) -> Iterator[tuple[str, Row]]:
    """Every row that one transaction has in the tables of transactions."""
    yield "transaction", _header(world, record)
    places = world.role.locations
    for row in _lines(world, record):
        if not places or row.get("location") is None or row["location"] in places:
            yield "transactionline", row
    source = world.find(record.source) if record.source is not None else None
    for row in _links(record, source):
        yield "nexttransactionlinelink", row
        yield "previoustransactionlinelink", row
    for place, text in enumerate(reading.tracking_numbers(world, record)):
        key = record.id * 100 + place
        yield "trackingnumber", {"id": key, "trackingnumber": text}
        yield "trackingnumbermap", {"transaction": record.id, "trackingnumber": key}
    address = record.values.get("shippingAddress")
    if address:
        yield "transactionshippingaddress", {"nkey": record.id, **{n.lower(): v or None for n, v in address.items()}}


def _item(world: World, item: Item) -> Row:
    return {
        "id": item.id,
        "itemid": item.sku,
        "fullname": item.sku,
        "displayname": item.name or None,
        "upccode": item.upc or None,
        "externalid": item.external_id or None,
        "itemtype": item.type,
        "islotitem": flag(item.lot),
        "isserialitem": flag(item.serial),
        "usebins": flag(item.bins),
        "isinactive": flag(item.inactive),
        "lastmodifieddate": moment(world, item.modified) if item.modified else None,
        "cost": number(item.cost),
    }


def of_masters(world: World) -> Iterator[tuple[str, Row]]:
    """Every row of the master records."""
    yield "dual", {"dummy": "X"}
    for item in world.masters.items.values():
        yield "item", _item(world, item)
        for member, count in item.members:
            yield "itemmember", {"parentitem": item.id, "item": member, "quantity": number(count)}
    names = {"vendor": "entityid", "customer": "entityid", "account": "fullname", "shipitem": "itemid"}
    for table, rows in world.masters.tables.items():
        for row in rows.values():
            shown: Row = {
                "id": row.id,
                names.get(table, "name"): row.name,
                "externalid": row.external_id or None,
                "isinactive": flag(row.inactive),
                **{name.lower(): value or None for name, value in row.more},
            }
            if row.other("subsidiary"):
                shown["subsidiary__df"] = reading.name_of(world, "subsidiary", row.other("subsidiary"))
            yield table, {name: value for name, value in shown.items() if name in COLUMNS[table].split()}
    for period in sorted(world.masters.closed_periods):
        yield "accountingperiod", {"id": int(period.replace("-", "")), "periodname": period, "closed": "T"}


def of_stock(world: World) -> Iterator[tuple[str, Row]]:
    """On-hand by item and location."""
    for (item_id, location), quantity in sorted(world.on_hand.items()):
        item = world.masters.items[item_id]
        shown = {"item": item_id, "item__df": item.sku, "location": location, "quantityonhand": number(quantity)}
        row = {**shown, "location__df": reading.name_of(world, "location", str(location))}
        row["quantityavailable"] = number(max(quantity, ZERO))
        if world.role.locations and location not in world.role.locations:
            continue
        yield "aggregateitemlocation", row
        yield "inventorybalance", row
        if item.type == "InvtPart" and not item.lot and not item.serial:
            yield "inventoryitemlocations", row
