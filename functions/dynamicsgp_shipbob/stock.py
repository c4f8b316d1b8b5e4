"""Flow 3: stock, Dynamics GP -> ShipBob, honestly.

ShipBob has no call that sets, adds or takes away stock: what it counts is true for its buildings. So a difference is
never "synchronised". It is looked at twice and then held as a variance: the list of held records is the queue for a
recount, and each continues by itself to "agree" when a later look finds no difference. What nobody can mend is accepted
at its figures by a person, and is held again at others.

Two things make an item be looked at: a posted GP document that moved it (movements.py), and a full sweep, because
sales, receivings and allocations move stock without such a document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from connector.acceptance import accepted
from connector.instants import instant_text, parse_instant
from connector.outcome import Done, Held, Later, Outcome, Same
from connector.pair import Flow, Polling, Work
from connector.records import Seen
from dynamicsgp_shipbob.catalogue import inventory_ids
from dynamicsgp_shipbob.clients import Accounts, document_of
from dynamicsgp_shipbob.mapping.amounts import plain
from dynamicsgp_shipbob.mapping.stock import Counted, Difference, compared_items, counted, differences, skus_of
from dynamicsgp_shipbob.settings import ItemRow
from vendors.dynamics_gp.keys import same

FRESH = timedelta(minutes=15)
"""Counts that the sweep stored this recently need not be read again for the first look."""

PAGE = 150
"""Items of one page; ShipBob takes so many inventory ids in one call."""


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """The sweep: every mapped item, with ShipBob's counts read in bulk."""
    document, accounts = document_of(polling.connection), polling.clients
    if _swept_just_now(polling):
        return
    items, progress = compared_items(document), polling.progress
    now = instant_text(polling.services.clock())
    stamp = progress["stamp"] = str(progress.get("stamp") or now)  # a sweep that ran out of calls goes on
    while part := [item for item in items if item > str(progress.get("after") or "")][:PAGE]:
        rows = {item: skus_of(document, item) for item in part}
        ids = inventory_ids(accounts, [sku for found in rows.values() for sku in found])
        levels = accounts.shipbob.levels(inventory_ids=list(ids.values())) if ids else None
        page = []
        for item, skus in rows.items():
            body = None
            if levels is not None and all(sku in ids for sku in skus):
                mine = [row for sku in skus for row in levels.items.get(ids[sku], {}).values()]
                body = {"counts": {name: [one.sellable, one.awaiting] for name, one in counted(mine).items()}}
            text = f"Item {item} is compared in the sweep."
            page.append(Seen(item, f"sweep {stamp}", body, (("item", item),), text=text))
        yield page
        progress["after"] = part[-1]
    polling.memory["swept_at"] = now


def _swept_just_now(polling: Polling[Accounts]) -> bool:
    """Whether the last sweep is younger than half its cadence: a poll that catches up on old windows runs often."""
    swept = polling.memory.get("swept_at")
    every = polling.connection.every(FLOW.name, FLOW.every)
    return bool(swept) and polling.services.clock() - parse_instant(str(swept)) < every / 2


def work(work: Work[Accounts]) -> Outcome:
    """Compares one item at all its sites."""
    document, item = document_of(work.connection), work.record.source_key
    skus = skus_of(document, item)
    work.link(acceptable={})  # only a variance that is held now can be accepted
    if not skus:
        return Same(f"item {item} is not mapped, or not compared")
    name = next(name for name in compared_items(document) if same(name, item))
    if name != item:
        return Same(f"item {item} is spelled {name} in table items, and compared under that name")
    factor = _factor(skus)
    if factor is None:
        return Held(
            f"the SKUs of GP item {item} ({', '.join(sorted(skus))}) have different units; set compare to false for "
            "all but those in the item's base unit, then replay"
        )
    for sku in skus:
        work.refer("sku", sku)
    work.clients.dynamics_gp.ready()
    at_shipbob = _counts(work, skus)
    if isinstance(at_shipbob, Held):
        return at_shipbob
    held = work.clients.dynamics_gp.item(item)
    if held is None:
        return Held(f"GP holds no inventoried item {item}; correct table items, then replay")
    if held.sites is None:
        return Same(f"item {item} is a {held.kind} and has no stock of its own")
    for site in held.sites.values():
        if site.available < 0:
            work.note(f"GP has {plain(site.available)} available at site {site.site}: more is allocated than there is")
    return _judge(work, item, differences(held.sites, at_shipbob, factor, document))


def _factor(skus: Mapping[str, ItemRow]) -> Decimal | None:
    factors = {row.units for row in skus.values()}
    return next(iter(factors)) if len(factors) == 1 else None


def _counts(work: Work[Accounts], skus: Mapping[str, ItemRow]) -> dict[str, Counted] | Held:
    """ShipBob's counts by centre: what the sweep has just read, or read anew."""
    record = work.record
    first = not work.record.links.get("pending")
    if first and record.cause == "poll" and record.body and work.now - parse_instant(record.body_at) < FRESH:
        stored: Mapping[str, Any] = record.body["counts"]
        return {name: Counted(int(pair[0]), int(pair[1])) for name, pair in stored.items()}
    ids = inventory_ids(work.clients, skus)
    unknown = sorted(sku for sku in skus if sku not in ids)
    if unknown:
        return Held(f"ShipBob holds no product with the SKU {', '.join(unknown)}, or several; correct it, then replay")
    levels = work.clients.shipbob.levels(inventory_ids=list(ids.values()))
    return counted([row for rows in levels.items.values() for row in rows.values()])


def _judge(work: Work[Accounts], item: str, found: Sequence[Difference]) -> Outcome:
    """Two looks: figures that move are not compared."""
    before: Mapping[str, Any] = work.record.links.get("pending") or {}
    now = {difference.site: plain(difference.units) for difference in found}
    known = accepted(work, now)
    if not now:
        work.link(pending={}, variance={})
        return Done({"item": item}, f"GP and ShipBob agree on {item}")
    if known is not None:
        work.link(pending={}, variance=now)
        return Same(f"the variance of {item} is the one that {known.by} accepted on {known.at[:10]}: {known.reason}")
    if now != before:
        work.link(pending=now)
        minutes = document_of(work.connection).settings.stock.second_look_minutes
        why = f"{item} differs at {', '.join(now)}; it is looked at a second time before that is believed"
        return Later(work.now + timedelta(minutes=minutes), why, planned=True)
    work.link(pending={}, variance=now, acceptable=now)
    return Held(
        f"variance of {item}: {'; '.join(str(difference) for difference in found)}. ShipBob takes no stock figures: "
        "ask its support for a recount, or correct GP by an adjustment. It is compared again with every change and in "
        "the sweep, and ends by itself when both agree. To leave it at these figures, accept it (ml-connector records "
        "accept, with a reason); other figures open it again. To leave the item alone, set compare to false in table "
        "items, then replay; a closed record is never compared again."
    )


FLOW: Flow[Accounts] = Flow("stock", work, poll, every=timedelta(hours=24), lane="nightly")
