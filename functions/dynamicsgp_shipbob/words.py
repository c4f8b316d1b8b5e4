"""This pair in an operator's words: what each write does, what a record's links say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.acceptance import acceptance_of
from connector.pair import Deed
from connector.record import Record
from dynamicsgp_shipbob import drafts, entering, movements, returns, updating

DEEDS: Mapping[str, Deed] = {
    entering.ORDER: Deed("create", "a GP sales order"),
    updating.UPDATE: Deed("update", "the GP order (tracking numbers, fulfilled quantities, dates, sites)"),
    drafts.effect_name("SalesInvoice"): Deed("create", "a GP invoice, unposted"),
    drafts.effect_name("SalesFulfillmentOrder"): Deed("create", "a GP fulfilment order, unposted"),
    returns.RETURN: Deed("create", "a GP sales return, unposted"),
    returns.ADJUSTMENT: Deed("create", "a GP inventory adjustment, unposted"),
    movements.RECEIVING: Deed("create", "a ShipBob receiving order"),
}


def tell(record: Record) -> Sequence[str]:
    """What a record is linked to on the other side, as sentences."""
    links = record.links
    if record.stream == "orders" and links.get("number"):
        kind = str(links.get("kind", "Order")).lower()
        return [f"GP {kind} {links['number']} holds it, for customer {links['customer']}."]
    if record.stream == "shipments" and links.get("number"):
        numbers = ", ".join(links.get("tracking") or ()) or "none"
        ready = " It is ready to post." if links.get("ready_to_post") else ""
        return [f"GP order {links['number']} shows the tracking numbers {numbers}.{ready}", *_drafts(links)]
    if record.stream == "returns" and links.get("number"):
        return [f"GP document {links['number']} holds it, unposted when it was entered."]
    if record.stream == "stock" and links.get("variance"):
        rows = ", ".join(f"{units} at site {site}" for site, units in links["variance"].items())
        known = acceptance_of(record)
        said = [f"Accepted by {known.by} at {known.at}: {known.reason}."] if known is not None else []
        return [f"GP's stock less ShipBob's: {rows}.", *said]
    return ()


def _drafts(links: Mapping[str, object]) -> list[str]:
    found = links.get("drafts")
    if not isinstance(found, Mapping) or not found:
        return []
    return [f"Drafts in GP: {', '.join(str(number) for number in found.values())}."]
