"""Flow 3, what GP posts: adjustments, variances and transfers, found by ModifiedDate.

Each document makes its items be compared at once. A transfer into a site at ShipBob is the one thing that ShipBob can
be told about: goods are on their way, which is a receiving order there - reported, prepared or made, as configured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.instants import instant_text
from connector.message import enqueue
from connector.outcome import Done, Held, Missing, Outcome, Same
from connector.pair import Flow, Polling, Work
from connector.records import Origin, Seen
from connector.transport import Reply
from dynamicsgp_shipbob.catalogue import inventory_ids
from dynamicsgp_shipbob.clients import Accounts, document_of
from dynamicsgp_shipbob.mapping.amounts import plain
from dynamicsgp_shipbob.mapping.stock import centres_of, compared_items, single_skus
from dynamicsgp_shipbob.settings import DynamicsGpShipBob
from vendors.dynamics_gp.keys import folded, same
from vendors.dynamics_gp.shapes.inventory import KINDS, TRANSFER, InventoryDocument, InventorySummary
from vendors.shipbob.client import ShipBob
from vendors.shipbob.shapes import parse_receiving_order

RECEIVING = "shipbob.receiving"
SETTLE = timedelta(minutes=2)
ON_HAND = "On Hand"


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Documents that were posted in the window: three lists, without lines."""
    since = max(polling.window.since, polling.connection.document.start)
    if since >= polling.window.until:
        return
    for kind in KINDS:
        rows = [_seen(row) for row in polling.clients.dynamics_gp.inventory_posted(kind, since, polling.window.until)]
        yield polling.news(rows)


def _seen(row: InventorySummary) -> Seen:
    revision = instant_text(row.modified) if row.modified is not None else row.state
    text = f"GP posted {row.kind} {row.number}."
    return Seen(f"{row.kind}/{row.number}", revision, references=(("gp document", row.number),), text=text)


def work(work: Work[Accounts]) -> Outcome:
    """Reads one posted document, makes its items be compared, and announces goods that are on their way."""
    document = document_of(work.connection)
    kind, _, number = work.record.source_key.partition("/")
    held = work.clients.dynamics_gp.inventory_document(kind, number)
    if held is None:
        return Same(f"GP no longer shows {kind} {number}; the sweep compares its items")
    moved = _compare(work, document, held)
    inbound = _inbound(held, document) if kind == TRANSFER else {}
    if not inbound:
        return Done({"document": number}, f"{len(moved)} mapped items of {kind} {number} are compared")
    return _announce(work, document, held, inbound)


def _compare(work: Work[Accounts], document: DynamicsGpShipBob, held: InventoryDocument) -> list[str]:
    """Rings for the items of a document; repeating it rings nobody a second time."""
    mapped = {folded(item): item for item in compared_items(document)}
    items = [mapped[key] for key in dict.fromkeys(folded(row.item) for row in held.movements) if key in mapped]
    stamp = instant_text(held.modified) if held.modified is not None else held.state
    text = f"GP's {held.kind} {held.number} moved it."
    # An empty body: what the last sweep has read of ShipBob does not count any more.
    rows = [Seen(item, f"{held.number}@{stamp}", {}, (("item", item),), text=text) for item in items]
    origin = Origin(work.connection.name, work.record.pair, "stock", "poll", work.record.correlation)
    enqueue(work.services, work.store.see(origin, rows))
    return items


# ---- goods on their way to ShipBob --------------------------------------------------------------------------------


def _inbound(held: InventoryDocument, document: DynamicsGpShipBob) -> dict[str, dict[str, Decimal]]:
    """Units of GP items that a transfer brings to each site at ShipBob from a site that is not there."""
    places = {folded(site): site for site in centres_of(document)}
    found: dict[str, dict[str, Decimal]] = {}
    for row in held.movements:
        target = places.get(folded(row.to_site))
        if target is None or folded(row.site) in places or row.kind_to != ON_HAND:
            continue
        units = found.setdefault(target, {})
        item = next((name for name in units if same(name, row.item)), row.item)
        units[item] = units.get(item, Decimal(0)) + row.quantity
    return found


def _announce(
    work: Work[Accounts], document: DynamicsGpShipBob, held: InventoryDocument, inbound: dict[str, dict[str, Decimal]]
) -> Outcome:
    mode = document.settings.stock.inbound
    shown = "; ".join(f"{_listed(units)} to {site}" for site, units in inbound.items())
    if mode == "report":
        work.note(f"goods are on their way to ShipBob: {shown}")
        return Done({"document": held.number}, f"transfer {held.number} brings {shown}; nothing is announced (inbound)")
    if mode == "draft" and work.record.cause != "replay" and not _begun(work):
        return Held(
            f"transfer {held.number} brings {shown}. A receiving order is prepared: replay this record to announce it "
            "to ShipBob, or close it if the goods do not travel."
        )
    made = []
    for site, units in inbound.items():
        ended = _receive(work, document, held, site, units)
        if not isinstance(ended, Done):
            return ended
        made.append(str(ended.reference["receiving_id"]))
    return Done({"receiving": ", ".join(made)}, f"ShipBob expects {shown} as receiving order {', '.join(made)}")


def _begun(work: Work[Accounts]) -> bool:
    """Whether the announcement was approved before and is only to be finished."""
    return bool(work.record.links.get("approved"))


def _listed(units: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{plain(count)} {item}" for item, count in units.items())


def _receive(
    work: Work[Accounts], document: DynamicsGpShipBob, held: InventoryDocument, site: str, units: Mapping[str, Decimal]
) -> Outcome:
    centres = centres_of(document)[site]
    if len(centres) != 1:
        names = ", ".join(sorted(centres))
        return Held(
            f"site {site} is several centres ({names}) at ShipBob: announce transfer {held.number} there by hand, then "
            "close this record"
        )
    boxed = _boxed(work, document, units)
    if isinstance(boxed, Held):
        return boxed
    reference = purchase_order_of(held.number, site)
    arrival = instant_text(work.now + timedelta(days=document.settings.stock.arrival_days))
    body = {
        "fulfillment_center": {"id": int(centres[0])},
        "package_type": document.settings.stock.package,
        "box_packaging_type": "EverythingInOneBox",
        "expected_arrival_date": arrival,
        "purchase_order_number": reference,
        "boxes": [{"tracking_number": None, "box_items": boxed}],
    }
    work.link(approved=True)
    work.refer("receiving", reference)
    identity = {"centre": centres[0], "items": sorted([row["inventory_id"], row["quantity"]] for row in boxed)}
    return work.once(receiving_effect(work.clients.shipbob), reference, Draft(body, identity))


def purchase_order_of(number: str, site: str) -> str:
    """The purchase order number of an announcement: ShipBob wants letters, digits and dashes."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", f"GP-{number}-{site}", flags=re.ASCII)


def _boxed(
    work: Work[Accounts], document: DynamicsGpShipBob, units: Mapping[str, Decimal]
) -> list[dict[str, int]] | Held:
    """What one box holds: the item's first SKU by name (of those that are compared), in ShipBob's units."""
    chosen: dict[str, int] = {}
    for item, count in units.items():
        skus = single_skus(document, item)
        if not skus:
            why = f"GP item {item} is no single product in table items; it continues when it is"
            return Held(why, (Missing("gp item", item),))
        # GP counts a transfer in the item's base unit, which is that of the SKUs whose stock is compared.
        skus = {sku: row for sku, row in skus.items() if row.compare} or skus
        if len({(row.unit, row.units) for row in skus.values()}) > 1:
            return Held(
                f"the SKUs of GP item {item} ({', '.join(sorted(skus))}) are in different units: set compare to false "
                "for those that are not in the item's base unit, then replay"
            )
        sku, row = sorted(skus.items())[0]
        number = count * row.units
        if number != int(number) or number < 1:
            return Held(
                f"{plain(count)} of {item} are no whole number of units of {sku} at ShipBob: announce the transfer "
                "there by hand, then close this record; or correct units in table items, then replay"
            )
        chosen[sku] = chosen.get(sku, 0) + int(number)
    ids = inventory_ids(work.clients, chosen)
    unknown = sorted(sku for sku in chosen if sku not in ids)
    if unknown:
        return Held(f"ShipBob holds no product with the SKU {', '.join(unknown)}, or several; correct it, then replay")
    return [{"inventory_id": ids[sku], "quantity": count} for sku, count in chosen.items()]


def receiving_effect(shipbob: ShipBob) -> Effect:
    """Announces goods. ShipBob does not refuse a number twice: it is asked for it first."""

    def find(key: str) -> Found | None:
        orders = [order for order in shipbob.receiving.find_by_purchase_orders([key]) if order.status != "Cancelled"]
        if not orders:
            return None
        rows: list[Any] = sorted([row.inventory_id, row.expected or 0] for row in orders[0].quantities)
        return Found({"receiving_id": orders[0].receiving_id}, {"items": rows, "several": len(orders)})

    def make(key: str, draft: Draft) -> Reply:
        return shipbob.receiving.create(draft.body)

    def read(reply: Reply) -> Reference:
        return {"receiving_id": parse_receiving_order(reply.json()).receiving_id}

    def different(found: Found, draft: Draft) -> Sequence[str]:
        same = [list(row) for row in found.body["items"]] == [list(row) for row in draft.identity["items"]]
        return [] if same else ["it announces other quantities"]

    return Effect(RECEIVING, "ShipBob", Repeat.FINDABLE, SETTLE, find, make, read, different)


FLOW: Flow[Accounts] = Flow(
    "movements", work, poll, every=timedelta(minutes=5), overlap=timedelta(minutes=5), lag=timedelta(minutes=1)
)
