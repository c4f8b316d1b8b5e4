"""What is done alike with every sales order that is to be sent: hearing of it, its recipient, when it is too early."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from connector.absence import gone
from connector.asking import NOT_THERE
from connector.instants import instant_text
from connector.intent import Intent, Stage
from connector.outcome import Later, Outcome, Same
from connector.pair import Work
from connector.records import Seen
from vendors.acumatica.changes import Changed
from vendors.acumatica.client import Acumatica
from vendors.acumatica.shapes import SalesOrder

ASKED_FOR = frozenset({"replay", "backfill"})
"""Causes that are a person's word: what is older than the connection's start moves as well."""


def order_sighting(row: Changed) -> Seen:
    """A sighting of an order that changed, under its source key `SO/SO005432`. Raises ValueError without its keys."""
    order_type, number = row.row.required_text("OrderType"), row.row.required_text("OrderNbr")
    return Seen(
        f"{order_type}/{number}",
        instant_text(row.modified),
        references=(("order", number),),
        text=f"Sales order {order_type} {number} changed in Acumatica: {row.row.text('Status')}.",
    )


def with_recipient(work: Work[Any], acumatica: Acumatica, order: SalesOrder) -> SalesOrder:
    """The order with a recipient: the contact's person or business, else the customer (facts: acumatica 12.1)."""
    if order.contact.name:
        return order
    customer = acumatica.customer(order.customer_id)
    if customer is None or not customer.name:
        return order
    work.note(f"the ship-to contact has no name: customer {order.customer_id} is the recipient")
    return replace(order, contact=replace(order.contact, business_name=customer.name))


def vanished(
    work: Work[Any],
    sent: Intent | None,
    ask: Callable[[Intent], Intent | Outcome],
    deleted: Callable[[Intent], Outcome | None],
) -> Outcome:
    """The ending of an order that Acumatica no longer shows. What of it is at the warehouse will leave all the same.

    ask: what became of an unclear creation. deleted: the ending where the warehouse holds it; None: nothing will leave.
    """
    ended = gone(work, f"Acumatica no longer holds order {work.record.source_key}")
    if not isinstance(ended, Same) or sent is None or sent.stage in NOT_THERE:
        return ended
    if sent.stage is not Stage.DONE:
        asked = ask(sent)
        if not isinstance(asked, Intent):
            return asked
        if asked.stage in NOT_THERE:
            return ended
        sent = asked
    return deleted(sent) or ended


def too_early(
    work: Work[Any], order: SalesOrder, sent: Intent | None, start: datetime, hold_minutes: int
) -> Outcome | None:
    """Before the connection's start nothing moves, and after it nothing that is older, whoever rang; then the wait."""
    if sent is None and work.now < start:
        return Later(start, f"the connection starts at {instant_text(start)}", planned=True)
    if sent is None and order.last_modified < start and work.record.cause not in ASKED_FOR:
        return Same(f"it last changed before the connection's start, {instant_text(start)}; a replay sends it")
    wait = timedelta(minutes=hold_minutes)
    if work.now < order.last_modified + wait:
        why = "the configured time after the order's last change is not over"
        return Later(order.last_modified + wait, why, planned=True)
    return None
