"""The rows that a transaction has in SuiteQL's tables: header, lines, links, tracking numbers, address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from local.simulators.netsuite import reading, rules, statuses
from local.simulators.netsuite.columns import Row, day, flag, moment, number
from local.simulators.netsuite.records import ZERO, Line, Record, as_quantity
from local.simulators.netsuite.world import World

NEGATIVE = ("salesOrder", "itemFulfillment")


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
        "units": line.get("units"),
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
