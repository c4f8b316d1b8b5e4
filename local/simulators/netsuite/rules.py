"""What must be true of a transaction before it is saved: required values, references, open periods, lines."""

from __future__ import annotations

from decimal import Decimal

from local.simulators.netsuite.problems import NO_LINES, missing_values, user_error
from local.simulators.netsuite.records import ZERO, Line, Record, as_quantity
from local.simulators.netsuite.values import invalid_reference, stocked_item
from local.simulators.netsuite.world import World

CLOSED_PERIOD = "The transaction date you specified is not within the date range of your accounting period."


def check(world: World, record: Record) -> None:
    """Raises what NetSuite says about a transaction that must not be saved."""
    _external_id(world, record)
    check_period(world, record)
    checks = {
        "vendorBill": _bill,
        "vendorCredit": _bill,
        "inventoryAdjustment": _adjustment,
        "itemReceipt": _moved,
        "itemFulfillment": _moved,
    }
    if record.form.order:
        _order(world, record)
    elif record.type in checks:
        checks[record.type](world, record)


def _external_id(world: World, record: Record) -> None:
    given = record.text("externalId")
    other = world.by_external_id(given) if given else None
    if other is not None and other.id != record.id:
        raise user_error("This transaction already exists.", "externalId")


def check_period(world: World, record: Record) -> None:
    """A posting transaction needs an open period."""
    if record.form.posting and record.text("tranDate")[:7] in world.masters.closed_periods:
        raise user_error(CLOSED_PERIOD, "tranDate")


def _need(record: Record, **names: str) -> None:
    lacking = [words for name, words in names.items() if record.values.get(name) is None]
    if lacking:
        raise missing_values(", ".join(words.replace("_", " ") for words in lacking))


def _place(world: World, line: Line, words: str = "Location") -> None:
    if line.get("location") is None:
        if world.switches.multi_location:
            raise missing_values(words)
        line["location"] = str(min(world.masters.tables["location"], default=1))


def check_subsidiary(world: World, record: Record, line: Line, path: str) -> None:
    """The subsidiary of the transaction must own the location of each line."""
    place = world.masters.tables["location"].get(int(line["location"]))
    wanted = record.text("subsidiary")
    if place is not None and world.switches.one_world and wanted and place.other("subsidiary") not in ("", wanted):
        raise invalid_reference(str(line["location"]), f"{path}.location")


def _order(world: World, record: Record) -> None:
    _need(record, entity="Vendor" if record.type == "purchaseOrder" else "Customer")
    if not record.lines() and not record.lines("expense"):
        raise user_error(NO_LINES)
    for index, line in enumerate(record.lines()):
        if as_quantity(line.get("quantity")) < ZERO:
            raise user_error("Quantity must be positive.", f"item.items[{index}].quantity")


def _bill(world: World, record: Record) -> None:
    _need(record, entity="Vendor")
    vendor = world.masters.tables["vendor"].get(int(record.values["entity"]))
    if world.switches.one_world and vendor is not None and vendor.other("subsidiary"):
        allowed = vendor.other("subsidiary").split(",")
        if record.values.setdefault("subsidiary", allowed[0]) not in allowed:
            raise invalid_reference(record.text("subsidiary"), "subsidiary")
    lines = [*record.lines("expense"), *record.lines()]
    if not lines:
        raise user_error(NO_LINES)
    for index, line in enumerate(record.lines("expense")):
        if line.get("account") is None and line.get("category") is None:
            raise missing_values("Account")
        if world.switches.bill_location_required and line.get("location") is None:
            raise missing_values("Location")
        if as_quantity(line["amount"]) != round(as_quantity(line["amount"]), 2):
            raise user_error("An amount has at most two decimal places.", f"expense.items[{index}].amount")
    record.values["total"] = total_of(record)
    if record.values["total"] < ZERO:
        raise user_error("The total of this transaction can not be negative.", "expense")
    _bill_number(world, record)


def total_of(record: Record) -> Decimal:
    """The sum of a bill's or an order's lines."""
    goods = sum(
        (
            as_quantity(line["amount"])
            if line.get("amount") is not None
            else as_quantity(line.get("quantity")) * as_quantity(line.get("rate"))
            for line in record.lines()
            if "kitMemberOf" not in line
        ),
        ZERO,
    )
    return goods + sum((as_quantity(line["amount"]) for line in record.lines("expense")), ZERO)


def _bill_number(world: World, record: Record) -> None:
    if world.switches.duplicate_bill_numbers != "block" or record.type != "vendorBill":
        return
    for other in world.records.values():
        same = (other.type, other.text("tranId"), other.text("entity")) == (
            record.type,
            record.text("tranId"),
            record.text("entity"),
        )
        if same and other.id != record.id:
            raise user_error(f"This vendor has a bill with the number {record.text('tranId')} already.", "tranId")


def _adjustment(world: World, record: Record) -> None:
    _need(record, account="Adjustment Account")
    if world.switches.one_world:
        _need(record, subsidiary="Subsidiary")
    if not record.lines("inventory"):
        raise user_error(NO_LINES)
    for index, line in enumerate(record.lines("inventory")):
        path = f"inventory.items[{index}]"
        _place(world, line)
        check_subsidiary(world, record, line, path)
        item = stocked_item(world, line["item"], f"{path}.item")
        quantity = as_quantity(line["adjustQtyBy"])
        if quantity == ZERO:
            raise missing_values("Adjust Qty. By")
        check_detail(line, item.lot or item.serial, item.serial, item.bins, abs(quantity), path)


def _moved(world: World, record: Record) -> None:
    if not record.lines():
        raise user_error(NO_LINES)
    for index, line in enumerate(record.lines()):
        path = f"item.items[{index}]"
        _place(world, line)
        item = world.masters.items[int(line["item"])]
        quantity = as_quantity(line.get("quantity"))
        if quantity <= ZERO:
            raise user_error("Quantity must be greater than zero.", f"{path}.quantity")
        check_detail(line, item.lot or item.serial, item.serial, item.bins, quantity, path)


def check_detail(line: Line, numbered: bool, serial: bool, bins: bool, quantity: Decimal, path: str) -> None:
    """Lot, serial and bin items need inventory detail whose quantities add up."""
    rows = line.get("inventoryDetail")
    if rows is None:
        if numbered or bins:
            raise user_error("Please configure the inventory detail for this line.", f"{path}.inventoryDetail")
        return
    if sum((as_quantity(row.get("quantity")) for row in rows), ZERO) != quantity:
        raise user_error(
            "The total inventory detail quantity must match the quantity of the line.", f"{path}.inventoryDetail"
        )
    for row in rows:
        if numbered and not (row.get("receiptInventoryNumber") or row.get("issueInventoryNumber")):
            raise missing_values("Serial/Lot Number")
        if bins and not row.get("binNumber"):
            raise missing_values("Bin Number")
        if serial and as_quantity(row.get("quantity")) != 1:
            raise user_error("A serial number stands for one unit.", f"{path}.inventoryDetail")
