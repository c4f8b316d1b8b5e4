"""Whose parcel it is: by key, by order, by the parent of a split, by the orders that were merged into one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from acumatica_shipstation.clients import Accounts
from acumatica_shipstation.mapping.orders import source_key_of
from acumatica_shipstation.mapping.parcels import Parcel, Source, allocate, rest_of, without_items
from acumatica_shipstation.parcels import FREED, any_freed, known_parcels, left_of
from acumatica_shipstation.sent import merged_into, order_of, sent_lines
from acumatica_shipstation.settings import AcumaticaShipStation
from connector.outcome import Held, Later, Missing, Outcome, Same
from connector.pair import Work
from vendors.shipstation.shapes import Order

VOIDS = "voids"
"""The name of the poll for voided labels."""

VOID_LAG = timedelta(minutes=2)

Belongs = tuple[Parcel, list[Source], dict[str, dict[int, int]]]
"""The parcel (with its lines), the sales orders it is of, and the pieces of each of their lines."""


def belongs(work: Work[Accounts], document: AcumaticaShipStation, parcel: Parcel) -> Belongs | Outcome:
    """What of which sales orders a parcel holds. ShipStation is asked only where its answer does not say."""
    found = _by_name(work, document, parcel)
    there: Order | None = None
    if found is None or parcel.items is None:
        there = work.clients.shipstation.order(parcel.order_id) if parcel.order_id is not None else None
        found = found or _by_parent(work, document, there)
    if found is None:
        return _nobodys(work, document, parcel, there)
    merged = there.merged_ids if there is not None else merged_into(work, parcel.order_id)
    sources = _sources(work, parcel, found, merged)
    if isinstance(sources, Held):
        return sources
    told = _told(work, parcel, there, sources)
    if isinstance(told, Held):
        return told
    taken = allocate(told, told.items or (), sources)
    if isinstance(taken, Held) and not merged:
        ended = _merged(work, told, found, there, taken)
        return _until_units_are_free(work, told, sources, ended) if isinstance(ended, Held) else ended
    if isinstance(taken, Held):
        return _until_units_are_free(work, told, sources, taken)
    return told, sources, taken


def _until_units_are_free(
    work: Work[Accounts], parcel: Parcel, sources: Sequence[Source], why: Held
) -> Outcome:
    """A parcel that finds its units taken: by a label, perhaps, that was voided for it and is not known as void yet.

    No webhook tells of a void, so the new label is mostly heard of first.
    """
    name = work.connection.name
    known = {source.key: known_parcels(work.services, name, source.key) for source in sources}
    counting = {each.key for parcels in known.values() for each in parcels.values() if each.counts} - {parcel.key}
    if not counting or why.missing:
        return why
    if parcel.order_id is not None and work.connection.enabled(VOIDS):
        labels = work.clients.shipstation.shipments_of_order(parcel.order_id)
        voided = sorted(counting & {str(label.shipment_id) for label in labels if label.voided})
        if voided:
            text = f"its units are those of label {', '.join(voided)}, which was voided; that is written first"
            return Later(work.now + VOID_LAG * work.connection.document.settle_scale, text, planned=True)
    free = [key for key, parcels in known.items() if not any_freed(parcels)]
    return Held(why.why, tuple(Missing(FREED, key) for key in free[:1]))


def _told(
    work: Work[Accounts], parcel: Parcel, there: Order | None, sources: Sequence[Source]
) -> Parcel | Held:
    """The parcel with its lines. A fulfilment has none of its own: it ships what no label of its order holds."""
    if parcel.items is not None:
        return parcel
    if there is None:
        return Held(f"{parcel.what} does not say what it holds, and its order is gone from ShipStation")
    labels = [
        label
        for label in work.clients.shipstation.shipments_of_order(there.order_id)
        if not label.voided and not label.return_label and str(label.shipment_id) != parcel.key
    ]
    if any(label.items is None for label in labels):
        return Held(
            f"neither {parcel.what} nor the labels of its order say what they hold. Write it by hand in Acumatica, "
            "then close this record."
        )
    if parcel.is_label:
        work.note("ShipStation did not tell the parcel's lines: the rest of its order is taken")
    labelled = [item for label in labels for item in label.items or ()]
    return without_items(parcel, rest_of(there.items, labelled, sources))


def _by_name(work: Work[Accounts], document: AcumaticaShipStation, parcel: Parcel) -> str | None:
    return source_key_of(document, parcel.order_key) or order_of(work, parcel.order_id)


def _by_parent(work: Work[Accounts], document: AcumaticaShipStation, there: Order | None) -> str | None:
    if there is None:
        return None
    return source_key_of(document, there.order_key) or order_of(work, there.parent_id)


def _nobodys(
    work: Work[Accounts], document: AcumaticaShipStation, parcel: Parcel, there: Order | None
) -> Outcome:
    """A parcel of another channel, or one that only a person can place."""
    ours = document.systems.shipstation.store_id
    if there is None or there.store_id != ours:
        return Same(f"{parcel.what} is of an order that this connection did not send")
    return Held(
        f"{parcel.what} is of ShipStation order {there.order_id} ({there.number}) in our store, which was not "
        "sent from Acumatica: entered by hand, or split from an order that is not known. Write it by hand in "
        "Acumatica, then close this record."
    )


def _source(work: Work[Accounts], parcel: Parcel, key: str) -> Source | Held:
    record = work.other("orders", key)
    if record is None or "lines" not in record.links:
        return Held(f"order {key} is not known as sent; it continues when it is", (Missing("sent order", key),))
    lines = sent_lines(record)
    others = known_parcels(work.services, work.connection.name, key)
    return Source(key, str(record.links.get("customer") or ""), lines, left_of(lines, others, parcel.key))


def _sources(work: Work[Accounts], parcel: Parcel, key: str, merged: Sequence[int]) -> list[Source] | Held:
    """The order, and those that were merged into it."""
    found: list[Source] = []
    for each in dict.fromkeys([key, *(order_of(work, order_id) for order_id in merged)]):
        source = _source(work, parcel, each) if each is not None else None
        if isinstance(source, Held):
            return source
        found += [source] if source is not None else []
    return found


def _merged(
    work: Work[Accounts], parcel: Parcel, key: str, there: Order | None, why: Held
) -> Belongs | Outcome:
    """A parcel that holds more than its order has: the order may have swallowed others a moment ago."""
    if there is None and parcel.order_id is not None:
        there = work.clients.shipstation.order(parcel.order_id)
    if there is None or not there.merged_ids:
        return why
    sources = _sources(work, parcel, key, there.merged_ids)
    if isinstance(sources, Held):
        return sources
    taken = allocate(parcel, parcel.items or (), sources)
    return taken if isinstance(taken, Held) else (parcel, sources, taken)
