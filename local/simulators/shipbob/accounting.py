"""ShipBob's own bookkeeping: daily billing rows and the weekly invoices. Commands, not API calls. Money is Decimal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from local.simulators.shipbob import billing
from local.simulators.shipbob.formats import cents, ulid
from local.simulators.shipbob.records import Invoice, Location, Transaction
from local.simulators.shipbob.webhooks import announce
from local.simulators.shipbob.world import World

_TAX = Decimal("0.13")
_UNDOCUMENTED = {"Inbound Fee": "WarehouseInboundFee", "Return": "ReturnsFee"}
_TOPICS = {"Charge": "billing.charge.created", "Refund": "billing.refund.created", "Credit": "billing.credit.created"}
TAX_INCLUDED = "WRO Receiving Fee"


def money(value: Any) -> Decimal:
    """An amount given as text or number, exactly as it is written."""
    return Decimal(str(value))


def _taxes(location: Location | None, amount: Decimal) -> tuple[tuple[str, Decimal, Decimal], ...]:
    """Canadian sites charge HST; everybody else nothing."""
    if location is None or location.address["country"] != "CA":
        return ()
    return (("HST", _TAX, cents(amount * _TAX)),)


def charge(
    world: World,
    fee: str,
    amount: Decimal,
    invoice_type: str,
    reference: tuple[str, str],
    location: Location | None,
    day: date,
    kind: str = "Charge",
    details: dict[str, str] | None = None,
) -> Transaction:
    """One billing row, not invoiced yet; `reference` is (id, type)."""
    number = ulid(world.now(), world.number("transaction"))
    name = location.name if location else ""
    row = Transaction(
        id=number,
        amount=amount,
        charge_date=day,
        fee=fee,
        type=kind,
        reference_id=reference[0],
        reference_type=reference[1],
        location_name=name,
        invoice_type=invoice_type,
        taxes=_taxes(location, amount),
        details=details or {"Comment": ""},
    )
    world.transactions[number] = row
    if kind in _TOPICS:
        announce(world, _TOPICS[kind], billing.row_view(world, row))
    return row


def _day(world: World, arguments: dict[str, Any]) -> date:
    return date.fromisoformat(arguments["date"]) if arguments.get("date") else world.now().date()


def _bill_shipments(world: World, day: date) -> list[Transaction]:
    rows: list[Transaction] = []
    for shipment in list(world.shipments.values()):
        if shipment.status != "Completed" or shipment.billed:
            continue
        amount = cents(Decimal("5.20") + Decimal("0.07") * shipment.weight_ounces)
        number = shipment.tracking.number if shipment.tracking else ""
        place = world.locations[shipment.location_id]
        details = {"TrackingId": number, "Comment": ""}
        rows.append(
            charge(world, "Shipping", amount, "Shipping", (str(shipment.id), "Shipment"), place, day, details=details)
        )
        shown = None if world.switches.invoice_amount_absent else amount
        world.put_shipment(replace(shipment, billed=True, invoice_amount=shown))
    return rows


def _bill_storage(world: World, day: date) -> list[Transaction]:
    rows: list[Transaction] = []
    for (place, item), units in sorted(world.on_hand.items()):
        if units:
            amount = cents(Decimal("0.75") * (-(-units // 20)))
            reference = (f"{place}-{item}-Pallet00", "FC")
            rows.append(
                charge(world, "Warehousing Fee", amount, "WarehouseStorage", reference, world.locations[place], day)
            )
    return rows


def _bill_inbound(world: World, day: date) -> list[Transaction]:
    rows: list[Transaction] = []
    for wro in list(world.receiving.values()):
        if wro.status == "Completed" and not wro.billed:
            place = world.locations[wro.location_id]
            rows.append(charge(world, TAX_INCLUDED, Decimal("35.00"), "Inbound Fee", (str(wro.id), "WRO"), place, day))
            world.receiving[wro.id] = replace(wro, billed=True)
    return rows


def _bill_returns(world: World, day: date) -> list[Transaction]:
    rows: list[Transaction] = []
    for order in list(world.returns.values()):
        if order.status == "Completed" and order.fee and not order.billed:
            place = world.locations[order.location_id]
            rows.append(charge(world, "Return Fee", order.fee, "Return", (str(order.id), "Return"), place, day))
            world.returns[order.id] = replace(order, billed=True)
    return rows


def bill_day(world: World, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a day: shipments that left, storage (`storage`: true), finished WROs and returns.

    `credit`: an amount that ShipBob gives back; `unknown_fee`: a fee name that nobody documents (one row of 4.20).
    """
    day = _day(world, arguments)
    rows = [*_bill_shipments(world, day), *_bill_inbound(world, day), *_bill_returns(world, day)]
    if arguments.get("storage"):
        rows.extend(_bill_storage(world, day))
    place = next((each for each in world.locations.values() if each.access_granted), None)
    if arguments.get("credit"):
        rows.append(
            charge(world, "Credit", -abs(money(arguments["credit"])), "Credits", ("", "Default"), place, day, "Credit")
        )
    if arguments.get("unknown_fee"):
        reference = ("TCK-1001", "TicketNumber")
        rows.append(charge(world, arguments["unknown_fee"], Decimal("4.20"), "AdditionalFee", reference, place, day))
    return [billing.row_view(world, row) for row in rows]


def add_charge(world: World, arguments: dict[str, Any]) -> str:
    """A row by hand: `fee`, `amount`, `type`, `invoice_type`, `reference_id`, `reference_type`, `location_id`."""
    place = world.locations.get(int(arguments.get("location_id", 0)))
    reference = (str(arguments.get("reference_id", "")), arguments.get("reference_type", "Default"))
    kind, group = arguments.get("type", "Charge"), arguments.get("invoice_type", "AdditionalFee")
    return charge(
        world, arguments["fee"], money(arguments["amount"]), group, reference, place, _day(world, arguments), kind
    ).id


def _owed(row: Transaction) -> Decimal:
    """What a row adds to its invoice: the amount and its taxes, which one fee includes already (seen live)."""
    return row.amount if row.fee == TAX_INCLUDED else row.amount + sum((tax[2] for tax in row.taxes), Decimal(0))


def close_invoice(world: World, arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """The weekly job: one invoice per type over all rows that have none, dated `date` (default: the coming Monday).

    `difference` {"type": "Shipping", "amount": "0.03"}: the invoice does not equal its rows, as seen live.
    `undocumented_names`: WarehouseInboundFee and ReturnsFee. `payment`: the merchant pays it all, as a Payment invoice.
    """
    today = world.now().date()
    day = (
        date.fromisoformat(arguments["date"])
        if arguments.get("date")
        else today + timedelta(days=(7 - today.weekday()) % 7)
    )
    groups: dict[str, list[Transaction]] = {}
    for row in world.transactions.values():
        if row.invoice_id is None:
            groups.setdefault(row.invoice_type, []).append(row)
    difference = arguments.get("difference") or {}
    made: list[Invoice] = []
    for group, rows in sorted(groups.items()):
        name = _UNDOCUMENTED.get(group, group) if arguments.get("undocumented_names") else group
        extra = money(difference.get("amount", 0)) if difference.get("type") in (group, name) else Decimal(0)
        made.append(_invoice(world, name, day, sum((_owed(row) for row in rows), Decimal(0)) + extra, rows))
    if arguments.get("payment"):
        total = -sum((invoice.amount for invoice in made), Decimal(0))
        row = charge(world, "Payment", total, "Payment", ("", "Default"), None, day, "Payment")
        made.append(_invoice(world, "Payment", day, total, [row]))
    return [billing.invoice_view(invoice) for invoice in made]


def _invoice(world: World, kind: str, day: date, amount: Decimal, rows: list[Transaction]) -> Invoice:
    world.balance += amount
    invoice = Invoice(world.number("invoice"), day, kind, amount, world.balance)
    world.invoices[invoice.id] = invoice
    for row in rows:
        world.transactions[row.id] = replace(row, invoice_id=invoice.id)
    return invoice
