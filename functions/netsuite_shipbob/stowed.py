"""Flow 2, the postings: stowed units as item receipts, and as adjustments where configured, each exactly once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.effect import Draft
from connector.ledger import Written
from connector.outcome import Done, Held, Missing, Outcome, Same
from connector.pair import Work
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.items import AT_NETSUITE, netsuite_items
from netsuite_shipbob.mapping.receipts import Split, adjustment_draft, receipt_draft, split
from netsuite_shipbob.places import Expected, expected_of, owner_of_receiving
from netsuite_shipbob.units import not_in_pieces
from netsuite_shipbob.writing import Target, begun_draft, create_effect, transform_once
from vendors.netsuite.shapes import ADJUSTMENT, PURCHASE_ORDER, RECEIPT, Order
from vendors.netsuite.times import company_day
from vendors.shipbob.shapes import ReceivingOrder

RECEIVE, ADJUST = "netsuite.receipt", "netsuite.adjustment"

_KINDS = {"TrnfrOrd": "transfer order", "SalesOrd": "sales order", "RtnAuth": "return authorization"}
"""What people call types of transactions."""

ORDER_CHANGE = "purchase order change"
"""What a posting waits for that only a change of the purchase order can allow."""


def listed(units: Mapping[int, int]) -> str:
    """Units by inventory id, for people."""
    return ", ".join(f"{count} of inventory {key}" for key, count in units.items())


def _keys(work: Work[Accounts], wro: ReceivingOrder) -> tuple[str, str]:
    number = len(work.links["postings"]) + 1
    return f"SB-IR-WRO-{wro.receiving_id}-{number}", f"SB-IA-WRO-{wro.receiving_id}-{number}"


def settle_begun(work: Work[Accounts], wro: ReceivingOrder) -> Outcome | None:
    """Settles postings that NetSuite holds or may hold; None when there are none, or all are clear by now."""
    while True:
        receipt, adjustment = _keys(work, wro)
        begun = begun_draft(work, RECEIVE, receipt)
        if begun is not None:
            ended = _receive(work, wro, begun)
        else:
            begun = begun_draft(work, ADJUST, adjustment)
            if begun is None:
                return None
            ended = _adjust(work, wro, begun)
        if not isinstance(ended, Done):
            return ended


def _receive(work: Work[Accounts], wro: ReceivingOrder, draft: Draft) -> Outcome:
    key, _ = _keys(work, wro)
    target = Target("itemReceipt", RECEIPT)
    ended = transform_once(work, RECEIVE, ("purchaseOrder", str(draft.identity["order"])), target, key, draft)
    return _booked(work, ended, key, draft)


def _adjust(work: Work[Accounts], wro: ReceivingOrder, draft: Draft) -> Outcome:
    _, key = _keys(work, wro)
    effect = create_effect(work.clients.netsuite, ADJUST, "inventoryAdjustment", ADJUSTMENT)
    return _booked(work, work.once(effect, key, draft), key, draft)


def _booked(work: Work[Accounts], ended: Written, key: str, draft: Draft) -> Outcome:
    if isinstance(ended, Done):
        identifier = str(ended.reference["id"])
        work.links["postings"] = [*work.links["postings"], {"key": key, "id": identifier}]
        work.link(posted={**work.links["posted"], **draft.identity["posted"]})
        work.refer("receipt", identifier)
    return ended


def post(work: Work[Accounts], wro: ReceivingOrder, units: Mapping[int, int]) -> Outcome:
    """Posts units by inventory id: as a receipt of the purchase order, and what that cannot take as configured."""
    skus = _skus(work, wro, units)
    if isinstance(skus, Held):
        return skus
    expected = _expected(work, wro)
    if isinstance(expected, Held | Same):
        return expected
    location = expected.location if expected is not None else document_of(work.connection).location_of(wro.location_id)
    if location is None:
        return Held(
            f"receiving order {wro.receiving_id} arrived at fulfilment centre {wro.location_id}, which no location of "
            "NetSuite is mapped to (tables.locations). It continues when one is.",
            (Missing("centres", str(wro.location_id)),),
        )
    if expected is None:
        return _without_order(work, wro, units, skus, location)
    order = work.clients.netsuite.order(PURCHASE_ORDER, expected.order_id)
    if order is None:
        return Held(
            f"purchase order {expected.order_id} of receiving order {wro.receiving_id} no longer exists in NetSuite "
            f"(or the role may not see it), and {sum(units.values())} units were stowed. Let the role see it "
            "and replay; or enter the order again or adjust by hand, then close this record."
        )
    return _with_order(work, wro, units, skus, order, location)


def _skus(work: Work[Accounts], wro: ReceivingOrder, units: Mapping[int, int]) -> dict[int, str] | Held:
    known = {row.inventory_id: row.sku for row in wro.quantities if row.sku}
    for inventory_id in units:
        if inventory_id not in known:
            sku = work.clients.shipbob.inventory_sku(inventory_id)
            if not sku:
                return Held(f"ShipBob does not say which SKU inventory {inventory_id} is; ask ShipBob, then replay")
            known[inventory_id] = sku
    return {key: str(known[key]) for key in units}


def _expected(work: Work[Accounts], wro: ReceivingOrder) -> Expected | Held | Same | None:
    """The purchase order behind the number: one that we sent, else one of that name; None where there is none."""
    number, document = wro.purchase_order_number, document_of(work.connection)
    ours = expected_of(work.services, document, number) if number else None
    if ours is not None:
        return ours
    owner = owner_of_receiving(work.services, document, number, wro.location_id)
    if owner:
        return Same(f"receiving order {wro.receiving_id} ({number or 'no number'}) is of connection {owner}")
    if not number:
        return None
    found = work.clients.netsuite.orders(PURCHASE_ORDER, "tranid", [number])
    if len(found) > 1:
        return Held(f"NetSuite has {len(found)} purchase orders {number}; receive by hand, then close this record")
    if not found:
        return _of_another_kind(work, wro, number)
    location = document.location_of(wro.location_id)
    if location is None:
        why = f"fulfilment centre {wro.location_id} of receiving order {wro.receiving_id} is not mapped"
        return Held(why, (Missing("centres", str(wro.location_id)),))
    work.note(f"receiving order {wro.receiving_id} was entered by hand; it names purchase order {number}")
    return Expected(found[0].order_id, location)


def _of_another_kind(work: Work[Accounts], wro: ReceivingOrder, number: str) -> Held | None:
    """A number that something else has: the goods of a transfer order, say, which an adjustment would count twice."""
    kinds = sorted({_KINDS.get(kind, kind) for kind in work.clients.netsuite.numbered(number)})
    if not kinds:
        return None
    return Held(
        f"receiving order {wro.receiving_id} has the number {number}, which is a {' and a '.join(kinds)} in NetSuite, "
        f"and {sum(row.stowed for row in wro.quantities)} units were stowed. Only purchase orders are received here: "
        "receive it there by hand (an adjustment would count its goods twice), then close this record."
    )


def _with_order(
    work: Work[Accounts],
    wro: ReceivingOrder,
    units: Mapping[int, int],
    skus: Mapping[int, str],
    order: Order,
    location: str,
) -> Outcome:
    lines = [line for line in order.lines if line.is_stocked and line.open and line.sku in skus.values()]
    held = not_in_pieces(order, lines, document_of(work.connection)) if order.is_open else None
    if held is not None:
        return held
    parts = split(units, skus, order, location) if order.is_open else Split({}, {}, dict(units), {})
    work.refer("purchase order", order.number)
    if parts.lines:
        memo = f"ShipBob receiving order {wro.receiving_id}"
        draft = receipt_draft(order, parts.lines, location, _day(work, wro), memo, _identity(work, parts.taken))
        ended = _receive(work, wro, draft)
        if not isinstance(ended, Done):
            return ended
    if parts.strange:
        return _strange(work, wro, order, parts.strange, skus)
    return _beyond(work, wro, order, parts.beyond, skus, location) if parts.beyond else Done({})


def _identity(work: Work[Accounts], taken: Mapping[int, int]) -> dict[str, Any]:
    """What is posted altogether when this posting is booked."""
    before = work.links["posted"]
    return {"posted": {str(key): int(before.get(str(key), 0)) + units for key, units in taken.items()}}


def _day(work: Work[Accounts], wro: ReceivingOrder) -> Any:
    return company_day(wro.updated_at or work.now, document_of(work.connection).systems.netsuite.zone)


def _strange(
    work: Work[Accounts], wro: ReceivingOrder, order: Order, strange: Mapping[int, int], skus: Mapping[int, str]
) -> Held:
    """SKUs that the purchase order does not have. One that NetSuite does not know either continues when it does."""
    names = [skus[key] for key in strange]
    known = netsuite_items(work, names)
    unknown = tuple(Missing(AT_NETSUITE, sku) for sku in names if sku not in known)
    what = ", ".join(f"{units} of {skus[key]}" for key, units in strange.items())
    if unknown:
        listed = ", ".join(missing.value for missing in unknown)
        return Held(
            f"ShipBob stowed {what} with receiving order {wro.receiving_id}; NetSuite has no stocked item (or several) "
            f"named {listed}. It continues when there is one.",
            unknown,
        )
    return _until_changed(order, f"ShipBob stowed {what}, which purchase order {order.number} does not have")


def _until_changed(order: Order, what: str) -> Held:
    return Held(
        f"{what}. Change the purchase order in NetSuite: it continues by itself. Or adjust by hand and close this.",
        (Missing(ORDER_CHANGE, f"{order.order_id}@{order.modified}"),),
    )


def _beyond(
    work: Work[Accounts],
    wro: ReceivingOrder,
    order: Order,
    beyond: Mapping[int, int],
    skus: Mapping[int, str],
    location: str,
) -> Outcome:
    """More than the purchase order has open: NetSuite would refuse it."""
    if document_of(work.connection).settings.receipts.overage == "adjust":
        work.note(f"{listed(beyond)} are more than purchase order {order.number} has open: booked as an adjustment")
        return _adjusted(work, wro, beyond, skus, location, f"beyond purchase order {order.number}")
    what = ", ".join(f"{units} of {skus[key]}" for key, units in beyond.items())
    state = f"has open (status {order.letter})"
    return _until_changed(order, f"ShipBob stowed {what} more than purchase order {order.number} {state}")


def _without_order(
    work: Work[Accounts], wro: ReceivingOrder, units: Mapping[int, int], skus: Mapping[int, str], location: str
) -> Outcome:
    if document_of(work.connection).settings.receipts.without_order == "adjust":
        return _adjusted(work, wro, units, skus, location, "without purchase order")
    number = wro.purchase_order_number
    name = f"the number {number}, which no purchase order of NetSuite has" if number else "no purchase order number"
    return Held(
        f"receiving order {wro.receiving_id} has {name}, and {sum(units.values())} units were stowed. Receive or "
        "adjust them by hand and close this record; or set receipts.without_order to adjust and replay."
    )


def _adjusted(
    work: Work[Accounts],
    wro: ReceivingOrder,
    units: Mapping[int, int],
    skus: Mapping[int, str],
    location: str,
    why: str,
) -> Outcome:
    names = [skus[key] for key in units]
    items = netsuite_items(work, names)
    unknown = tuple(Missing(AT_NETSUITE, sku) for sku in names if sku not in items)
    if unknown:
        listed = ", ".join(missing.value for missing in unknown)
        why = f"NetSuite has no stocked item (or several) named {listed}. It continues when there is one."
        return Held(why, unknown)
    rows = [(items[skus[key]], count) for key, count in units.items()]
    memo = f"ShipBob receiving order {wro.receiving_id} {why}"
    draft = adjustment_draft(
        rows, location, _day(work, wro), memo, document_of(work.connection), _identity(work, units)
    )
    return _adjust(work, wro, draft)
