"""Flow 1: changes of an order that was sent. Read before every save; what the warehouse edited is never overwritten."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from acumatica_shipstation.clients import Accounts
from acumatica_shipstation.known_items import items_of
from acumatica_shipstation.mapping.order_changes import (
    changes_since,
    differences,
    not_taken,
    ship_from,
    with_what_the_warehouse_owns,
)
from acumatica_shipstation.mapping.orders import not_ours, order_draft
from acumatica_shipstation.order_effects import UPDATE, update_effect
from acumatica_shipstation.sent import SentLine, link_sent
from acumatica_shipstation.settings import AcumaticaShipStation
from connector.asking import NOT_THERE, ask_as_sent
from connector.effect import Draft
from connector.intent import Intent, Stage, fingerprint
from connector.outcome import Done, Held, Outcome, Refused
from connector.pair import Work
from vendors.acumatica.selling import wanted_quantity
from vendors.acumatica.shapes import SalesOrder
from vendors.shipstation.shapes import Order

CLOSED_MEANS = "A closed record passes nothing on any more, not even a cancellation."


def update(work: Work[Accounts], document: AcumaticaShipStation, order: SalesOrder, sent: Intent) -> Outcome:
    """Passes changes on while the order is open and untouched; else both versions go to a person."""
    order_id = int(sent.reference["order_id"])
    number = int(work.record.links.get("updates") or 0)
    key = f"{sent.key}#{number}"
    pending = work.ledger.lookup(UPDATE, key)
    if pending is not None and pending.stage is Stage.DONE:  # the record lags behind its intent by a crash
        return _next(work, document, order, sent, pending, number)
    last = _last(work, sent, number)
    changed = changes_since(order, last.identity, document)
    if pending is not None and pending.stage not in NOT_THERE:
        draft = _draft(work, document, order, sent, last)
        if isinstance(draft, Held) or fingerprint(draft) != pending.fingerprint:
            effect = update_effect(work.clients.shipstation, order_id, pending.draft)
            asked = ask_as_sent(work, effect, pending)
            if not isinstance(asked, Intent):
                return asked
            if asked.stage is Stage.DONE:
                return _next(work, document, order, sent, asked, number)
            pending = None
    if not changed and (pending is None or pending.stage in NOT_THERE):
        return Done(sent.reference, f"ShipStation order {order_id} holds order {order.key}")
    if not document.settings.orders.updates:
        return Held(_words(order, order_id, changed, "updates are switched off for this connection"))
    return _save(work, document, order, sent, last, changed, key, pending)


def _last(work: Work[Accounts], sent: Intent, number: int) -> Intent:
    """The newest version that ShipStation has taken from us."""
    if number == 0:
        return sent
    found = work.ledger.lookup(UPDATE, f"{sent.key}#{number - 1}")
    return found if found is not None and found.stage is Stage.DONE else sent


def _next(
    work: Work[Accounts], document: AcumaticaShipStation, order: SalesOrder, sent: Intent, done: Intent, number: int
) -> Outcome:
    """An update is known to be there: what it sent is what the way back goes by."""
    link_sent(work, done.identity, done.reference)
    work.link(updates=number + 1)
    changed = changes_since(order, done.identity, document)
    if not changed:
        return Done(done.reference, f"ShipStation order {done.reference['order_id']} holds order {order.key} as it is")
    return _save(work, document, order, sent, done, changed, f"{sent.key}#{number + 1}", None)


def _save(
    work: Work[Accounts], document: AcumaticaShipStation, order: SalesOrder, sent: Intent, last: Intent,
    changed: list[str], key: str, pending: Intent | None,
) -> Outcome:
    order_id = int(sent.reference["order_id"])
    draft = _draft(work, document, order, sent, last)
    there = work.clients.shipstation.order(order_id)
    if there is None:
        return Held(_words(order, order_id, changed, "ShipStation no longer shows it"))
    saving = Draft(_whole(draft, there, last), draft.identity) if isinstance(draft, Draft) else draft
    same = isinstance(saving, Draft) and not not_taken(there, saving.body)
    if not there.is_open and not same:
        return Held(_words(order, order_id, changed, f"it is {there.status} there and can no longer be changed"))
    edited = [] if same else _edited(there, last, pending, draft)
    if edited:
        return Held(_words(order, order_id, changed, f"it was edited there meanwhile ({'; '.join(edited)})"))
    if isinstance(saving, Held):
        return saving
    if all(item.get("adjustment") for item in saving.body["items"]):
        return Held(_words(order, order_id, changed, "nothing is left of it for ShipStation to ship: cancel it there"))
    effect = update_effect(work.clients.shipstation, order_id, saving.body)
    ended = work.once(effect, key, saving, absent_at=None if same else work.now)
    if isinstance(ended, Refused):
        return Held(_words(order, order_id, changed, ended.why))
    if not isinstance(ended, Done):
        return ended
    link_sent(work, saving.identity, ended.reference)
    work.link(updates=int(key.rpartition("#")[2]) + 1)
    return Done(ended.reference, f"ShipStation order {order_id} was changed as order {order.key} was")


def _whole(draft: Draft, there: Order, last: Intent) -> dict[str, Any]:
    """The save: what Acumatica decides, and what the warehouse owns of the order that is there."""
    other_service = last.identity.get("ship_via") != draft.identity["ship_via"]
    return with_what_the_warehouse_owns(
        draft.body, there, other_service=other_service, other_place=_moved(last, draft),
        ended=_ended(last, draft),
    )


def _ended(last: Intent, draft: Draft) -> list[str]:
    """Options that we had set, and that Acumatica has taken back."""
    members = {"customer order": "customField2", "Saturday delivery": "saturdayDelivery"}
    was, now = last.identity.get("terms") or {}, draft.identity["terms"]
    return [member for name, member in members.items() if was.get(name) and not now[name]]


def _moved(last: Intent, draft: Draft) -> bool:
    """Whether all lines lie in another Acumatica warehouse than before: the ship-from place follows them."""
    was, now = ({str(row[4]) for row in each["sent"]} for each in (last.identity, draft.identity))
    return was != now and len(now) == 1


def _edited(there: Order, sent: Intent, pending: Intent | None, draft: Draft | Held) -> list[str]:
    """What people at ShipStation changed of what is ours. A save whose answer was lost may be there as well."""
    last = sent.draft
    found = differences(there, last)
    if isinstance(draft, Draft) and _moved(sent, draft) and ship_from(last) not in (None, ship_from(there.document)):
        found.append(f"it ships from another place there, {ship_from(there.document)}")
    if found and pending is not None and not differences(there, pending.draft):
        return []
    return found


def _draft(
    work: Work[Accounts], document: AcumaticaShipStation, order: SalesOrder, sent: Intent, last: Intent
) -> Draft | Held:
    """The whole order as it shall be now. What had left before it was first sent stays out."""
    before = {int(row[0]): row for row in last.identity["lines"]}
    rows = {int(row[0]): SentLine(int(row[0]), str(row[1]), int(row[2]), Decimal(str(row[3])), str(row[4]), str(row[5]))
            for row in last.identity["sent"]}  # fmt: skip
    quantities = {}
    for line in order.lines:
        if not_ours(line, order, document):
            continue
        wanted, row = Decimal(wanted_quantity(line)), rows.get(line.line_number)
        if row is None:
            quantities[line.line_number] = Decimal(0) if line.completed else line.remaining_quantity
        elif line.uom == row.unit:
            gone = Decimal(str(before[line.line_number][2])) - Decimal(row.pieces) / row.factor
            quantities[line.line_number] = max(wanted - gone, Decimal(0))
        else:
            quantities[line.line_number] = wanted
    skus = [line.inventory_id for line in order.lines if quantities.get(line.line_number)]
    return order_draft(order, document, items_of(work, document, skus), sent.key, quantities, work.note)


def _words(order: SalesOrder, order_id: int, changed: list[str], why: str) -> str:
    return (
        f"order {order.key} changed in Acumatica after it was sent as ShipStation order {order_id}: "
        f"{'; '.join(changed) or 'see both versions'}. It was not overwritten, because {why}. Correct it in "
        "ShipStation or take the change back in Acumatica; then replay, or close this record with a reason. "
        f"{CLOSED_MEANS}"
    )
