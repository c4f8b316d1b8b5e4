"""Flow 1: orders that people at ShipStation have split or merged after they were sent, and that Acumatica stops.

A part of a split has a key of ShipStation's own, and the goods of a merged order leave with another one: stopping the
order that was sent stops neither.
"""

from __future__ import annotations

from acumatica_shipstation.clients import Accounts
from acumatica_shipstation.order_effects import CANCEL, cancel_effect
from acumatica_shipstation.sent import survivor_of
from connector.asking import NOT_THERE
from connector.effect import Draft
from connector.outcome import Done, Held, Outcome, Refused
from connector.pair import Work
from vendors.acumatica.shapes import SalesOrder
from vendors.shipstation.shapes import CANCELLED, ON_HOLD, Order


def parts_of(work: Work[Accounts], there: Order) -> list[Order]:
    """What was split off an order; they are found by the beginning of their number."""
    if not there.divided:
        return []
    found = work.clients.shipstation.orders_numbered(there.number)
    return [each for each in found if each.parent_id == there.order_id]


def cancel_parts(work: Work[Accounts], order: SalesOrder, there: Order) -> Outcome | list[str]:
    """Cancels what was split off; what of it can no longer be stopped, in words. Held where orders were merged."""
    parts = parts_of(work, there)
    late = []
    for part in (each for each in parts if each.status != CANCELLED):
        if not part.is_open or part.merged_ids:
            late.append(f"part {part.number} of it is {part.status}{' with other orders' if part.merged_ids else ''}")
            continue
        draft = Draft({"order_id": part.order_id})
        effect = cancel_effect(work.clients.shipstation, part.order_id)
        ended = work.once(effect, str(part.order_id), draft)
        if isinstance(ended, Refused):
            late.append(f"part {part.number} of it: {ended.why}")
        elif not isinstance(ended, Done):
            return ended
    merged = _merged(work, order, there, parts)
    return merged if merged is not None else late


def _merged(work: Work[Accounts], order: SalesOrder, there: Order, parts: list[Order]) -> Held | None:
    """The ending of a cancelled order whose goods lie in one ShipStation order with others'."""
    if there.merged_ids and there.is_open:
        others = ", ".join(str(each) for each in there.merged_ids)
        return Held(
            f"order {order.key} was cancelled in Acumatica, but ShipStation order {there.order_id} holds the lines of "
            f"other orders as well ({others} were merged into it), which a cancellation would stop too. Take the lines "
            f"of {order.number} out there, then close this record."
        )
    begun = work.ledger.lookup(CANCEL, str(there.order_id))
    if there.status != CANCELLED or not there.divided or parts or (begun and begun.stage not in NOT_THERE):
        return None
    survivor = survivor_of(work, there.order_id)
    other = work.clients.shipstation.order(survivor) if survivor is not None else None
    if other is not None and other.status == CANCELLED:
        return None
    name = f"ShipStation order {other.order_id}, which is {other.status}" if other is not None else "another order"
    return Held(
        f"order {order.key} was cancelled in Acumatica, but ShipStation order {there.order_id} was merged into {name}: "
        "its goods leave with that one. Take its lines out there, or expect a return; then close this record."
    )


def parts_that_are_not_held(work: Work[Accounts], order: SalesOrder, order_id: int) -> Held | None:
    """The ending of an order on hold of which a part goes on."""
    there = work.clients.shipstation.order(order_id)
    parts = parts_of(work, there) if there is not None else []
    free = ", ".join(each.number for each in parts if each.is_open and each.status != ON_HOLD)
    if not free:
        return None
    return Held(
        f"order {order.key} is {order.status} in Acumatica, and what was split off it at ShipStation ({free}) is not "
        "on hold there and would be shipped. Put it on hold there by hand, then replay; a release in Acumatica ends "
        "this by itself."
    )
