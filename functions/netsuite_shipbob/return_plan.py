"""Flow 4, before the writes: what of a return is authorized anew, and what other authorizations stand for already.

ShipBob may tell of the same units in two returns, and a clerk may have authorized them before the parcel came: a second
authorization would be a second credit. What is decided is kept before the first write, so that it stays the same
whatever the first write changes; and two returns of one order are booked one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connector.absence import ONCE_MORE, ask_again_at
from connector.intent import Stage, intent_from_item, intent_key
from connector.outcome import Held, Later, Outcome
from connector.pair import Work
from connector.ports import Absent, Equals, Item, Put
from connector.record import OPEN, Record, from_json, to_json
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.mapping.returns import (
    Came,
    awaited,
    covered,
    lines_by_sku,
    room_of,
    shared_out,
)
from netsuite_shipbob.mapping.shipments import order_name
from netsuite_shipbob.places import sales_orders
from netsuite_shipbob.units import not_in_pieces
from vendors.netsuite.shapes import RETURN, SALES_ORDER, Order
from vendors.shipbob.shapes import Return

OURS, AUTHORIZE = "SB-RA-", "netsuite.return"
"""What begins the external id of an authorization of ours, and the name of the write that makes it."""

PATIENCE, AGAIN = timedelta(days=1), timedelta(minutes=30)
"""How long after its completion a return waits for its shipment's fulfilment, and how often that is looked at."""

SOON = timedelta(seconds=5)


@dataclass(frozen=True)
class Plan:
    """What is written for a return.

    `own` goes on an authorization of its own, with these lines of the order (line id -> units); `there` is received
    against other authorizations of ours (internal id).
    """

    order_id: str
    lines: Mapping[int, int]
    own: Came
    there: Mapping[str, Came]
    mark: str  # of what came back, as it was when this was decided
    claims: int = 0  # version of the order's claims that it was decided by


def listed(units: Mapping[str, int]) -> str:
    """Units by SKU, for people."""
    return ", ".join(f"{count} of {sku}" for sku, count in sorted(units.items()))


def order_of(work: Work[Accounts], found: Return) -> Order | Held | None:
    """The sales order that the parcel belonged to: by our fulfilment of it, else by its ShipBob order."""
    netsuite, shipment_id = work.clients.netsuite, found.original_shipment_id
    if shipment_id is None:
        return None
    fulfilled = netsuite.orders(SALES_ORDER, "fulfilment", [f"SB-IF-{shipment_id}"])
    if fulfilled:
        return fulfilled[0]
    shipment = work.clients.shipbob.shipment(shipment_id)
    order = work.clients.shipbob.order(shipment.order_id) if shipment is not None and shipment.order_id else None
    if order is None:
        return None
    rules = document_of(work.connection)
    name = order_name(order.reference_id, order.order_number, rules)
    if name is None:
        return None
    orders = sales_orders(work, order, name)
    if len(orders) > 1:
        why = f"return {found.return_id}: {name} names {len(orders)} sales orders"
        return Held(f"{why}; book it by hand, then close this record")
    return orders[0] if orders else None


# ---- deciding ------------------------------------------------------------------------------------------------------


def decided(work: Work[Accounts], found: Return, came: Came, order: Order) -> Plan | Outcome:
    """What is to be written for a return of this order; its own authorization, if there is one, is left out.

    Claims are read before NetSuite is: what another return claims from then on makes `keep` fail.
    """
    document = document_of(work.connection)
    claims = _claimed(work, order.order_id)
    rivals = work.store.load_many([each for each in claims.returns if each != work.record.id])
    busy = _busy(work, order, came, {each: (rivals[each], claims.returns[each]) for each in rivals})
    if busy is not None:
        return busy
    key = f"{OURS}{found.return_id}"
    made = work.clients.netsuite.orders(RETURN, "createdfrom", [order.order_id])
    others = [each for each in made if each.external_id.upper() != key]
    for each in (order, *others):
        held = not_in_pieces(each, [line for line in each.lines if line.sku in came.all], document)
        if held is not None:
            return held
    unclaimed = work.others("returns", [each.external_id[len(OURS) :] for each in others if _is_ours(each)])
    goods = sorted(came.all)
    waits = _busy(work, order, came, {it.id: (it, goods) for it in unclaimed.values() if it.id not in rivals})
    waits = waits or _not_shown(work, order, others, rivals.values())
    if waits is not None:
        return waits
    foreign = [each for each in others if not _is_ours(each) and awaited(each).keys() & came.all.keys()]
    if foreign:
        return _awaited_by_hand(found, came, order, foreign)
    room = room_of(order, covered(others))
    skus = {line.line_id: line.sku for line in order.lines}
    free: dict[str, int] = {}
    for line_id, units in room.items():
        free[skus[line_id]] = free.get(skus[line_id], 0) + units
    ours = {each.order_id: awaited(each) for each in others if _is_ours(each) and each.is_open}
    shared = shared_out(came, free, ours)
    if (shared.there or shared.nowhere) and _may_still_leave(work, found, order, came):
        why = f"return {found.return_id} of {order.number}: its shipment may not be fulfilled in NetSuite yet"
        return Later(work.now + AGAIN, why, planned=True)
    if shared.nowhere:
        return _nowhere(found, order, others, shared.nowhere)
    lines = lines_by_sku(order, shared.own.all, lambda line: room.get(line.line_id, 0))
    if isinstance(lines, str):  # cannot be: the free units are the sum of the lines' room
        return Held(f"return {found.return_id} holds {lines}. Book it by hand in NetSuite, then close this record.")
    return Plan(order.order_id, lines, shared.own, shared.there, came.mark, claims.version)


def _is_ours(authorization: Order) -> bool:
    return authorization.external_id.upper().startswith(OURS)


def _may_still_leave(work: Work[Accounts], found: Return, order: Order, came: Came) -> bool:
    """Whether the units may be of a shipment that NetSuite does not show yet, because they came back so quickly."""
    unshipped = any(line.sku in came.all for line in order.open_goods())
    return unshipped and work.now - (found.completed_at or work.now) < PATIENCE


def _busy(
    work: Work[Accounts], order: Order, came: Came, rivals: Mapping[str, tuple[Record, Sequence[str]]]
) -> Later | None:
    """Another return of the same goods is being booked: what it will stand for is not known yet."""
    for identifier, (record, skus) in sorted(rivals.items()):
        if identifier == work.record.id or record.status not in OPEN or not came.all.keys() & set(skus):
            continue
        why = f"return {record.source_key} holds goods of {order.number} too and is {record.status.value}"
        return Later(work.now + AGAIN, f"{why}: it is settled first (record {identifier})", planned=True)
    return None


def _not_shown(work: Work[Accounts], order: Order, shown: Sequence[Order], rivals: Iterable[Record]) -> Later | None:
    """NetSuite's answer lacks what was authorized for other returns: it may be older than that (a replica that lags).

    Believed the second time: a person may have deleted it.
    """
    ids, absent = {each.order_id for each in shown}, []
    for rival in rivals:
        item = work.services.tables.get("records", rival.id, intent_key(AUTHORIZE, f"{OURS}{rival.source_key}"))
        intent = intent_from_item(item) if item is not None else None
        if intent is not None and intent.stage is Stage.DONE and str(intent.reference["id"]) not in ids:
            absent.append(f"{intent.reference['id']} (of ShipBob return {rival.source_key})")
    if not absent:
        return None
    what = f"return authorization {', '.join(sorted(absent))} of {order.number} does not show"
    again = ask_again_at(work, what)
    return Later(again, f"{what}; {ONCE_MORE}") if again is not None else None


def _awaited_by_hand(found: Return, came: Came, order: Order, foreign: Sequence[Order]) -> Held:
    names = ", ".join(f"{each.number} ({listed(awaited(each))})" for each in foreign)
    parts = (("restocked", came.restocked), ("quarantined", came.quarantined), ("disposed of", came.disposed))
    what = "; ".join(f"{listed(units)} {name}" for name, units in parts if units)
    return Held(
        f"return {found.return_id} of {order.number}: {what}, and NetSuite awaits such units already with return "
        f"authorization {names}, which was not made here. Nothing was written, for a second one would credit them "
        "twice. If it is for these units, receive there what was restocked, then close this record. If not, cancel or "
        "close it, or wait until its own units are received, then replay."
    )


def _nowhere(found: Return, order: Order, others: Sequence[Order], nowhere: Mapping[str, int]) -> Held:
    what = f"return {found.return_id} holds {listed(nowhere)} more than {order.number} can take"
    parts = sorted({line.sku for line in order.lines if line.is_member} & nowhere.keys())
    if parts:
        return Held(
            f"{what}: {', '.join(parts)} came back as a part of a kit, and NetSuite returns whole kits alone. Book it "
            "by hand in NetSuite, then close this record."
        )
    names = ", ".join(each.number for each in others)
    if not names:
        return Held(
            f"{what} (as fulfilled by now). Book it by hand in NetSuite, or fulfil what has left, then replay."
        )
    return Held(
        f"{what}: as many as left are covered by return authorization {names} already. Nothing was written. Ask "
        "ShipBob whether the same units were returned twice; if so, close this record. If these came back too, book "
        "them by hand; if an authorization there is wrong, cancel or close it in NetSuite, then replay."
    )


# ---- keeping what was decided --------------------------------------------------------------------------------------


def _plans(work: Work[Accounts]) -> str:
    return f"return-plan/{work.connection.name}"


def _account(work: Work[Accounts]) -> str:
    return f"returns-of/{document_of(work.connection).systems.netsuite.account_id}"


@dataclass(frozen=True)
class _Claims:
    """Every return (record id -> SKUs) that was ever decided for an order, and the version of that list."""

    returns: Mapping[str, Sequence[str]]
    version: int  # 0: there is none yet


def _claimed(work: Work[Accounts], order_id: str) -> _Claims:
    item = work.services.tables.get("state", _account(work), order_id)
    return _Claims(from_json(str(item["claims"])), int(item["version"])) if item is not None else _Claims({}, 0)


def keep(work: Work[Accounts], plan: Plan) -> Later | None:
    """Keeps a plan before it is carried out; Later when another return of the order was decided since it was made."""
    skus = {sku for came in (plan.own, *plan.there.values()) for sku in came.all}
    before, version = _claimed(work, plan.order_id).returns, plan.claims
    claims = {**before, work.record.id: sorted(skus)}
    pk = _account(work)
    claimed: Item = {"pk": pk, "sk": plan.order_id, "claims": to_json(claims), "version": version + 1}
    kept: Item = {"pk": _plans(work), "sk": work.record.source_key, "plan": to_json(_document(plan))}
    condition = Equals({"version": version}) if version else Absent()
    if work.services.tables.transact([Put("state", kept), Put("state", claimed, condition)]):
        return None
    return Later(work.now + SOON, "another return of the same order is being booked at this moment")


def kept(work: Work[Accounts]) -> Plan | None:
    """The plan that was kept for this return."""
    item = work.services.tables.get("state", _plans(work), work.record.source_key)
    return _plan_of(from_json(str(item["plan"]))) if item is not None else None


def _document(plan: Plan) -> dict[str, Any]:
    return {
        "order": plan.order_id, "lines": {str(line): units for line, units in plan.lines.items()},
        "own": _parts(plan.own), "there": {key: _parts(came) for key, came in plan.there.items()}, "mark": plan.mark,
    }  # fmt: skip


def _plan_of(document: Mapping[str, Any]) -> Plan:
    lines = {int(line): int(units) for line, units in document["lines"].items()}
    there = {str(key): Came(*parts) for key, parts in document["there"].items()}
    return Plan(str(document["order"]), lines, Came(*document["own"]), there, str(document["mark"]))


def _parts(came: Came) -> list[Mapping[str, int]]:
    return [came.restocked, came.quarantined, came.disposed]
