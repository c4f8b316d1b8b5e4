"""Flow 2: stock items, Acumatica -> ShipBob products. Only changed ones; a new item frees the orders waiting for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from acumatica_shipbob.clients import Accounts, document_of, remember_item
from acumatica_shipbob.mapping.items import changes, desired
from acumatica_shipbob.settings import AcumaticaShipBob
from connector.absence import gone
from connector.edits import Editable
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.instants import instant_text
from connector.intent import Stage
from connector.outcome import Done, Held, Outcome, Same
from connector.pair import Flow, Polling, Work, absent_at, absent_fact
from connector.record import short_hash, to_json
from connector.records import Seen
from connector.transport import Reply
from vendors.acumatica.items import ACTIVE, changed_items
from vendors.acumatica.shapes import StockItem
from vendors.shipbob.client import SKUS_PER_CALL, ShipBob
from vendors.shipbob.shapes import Product, Variant, parse_product, preferred

SETTLE = timedelta(minutes=1)
CREATE, UPDATE = "shipbob.product", "shipbob.product_update"


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Items that changed, with the time at which ShipBob was asked for the new ones, forty SKUs a call."""
    news = changed_items(polling, polling.clients.acumatica)
    for start in range(0, len(news), SKUS_PER_CALL):
        yield _checked(polling, news[start : start + SKUS_PER_CALL])


def _checked(polling: Polling[Accounts], rows: Sequence[Seen]) -> list[Seen]:
    askable = [row.source_key for row in rows if "," not in row.source_key]
    held = polling.clients.shipbob.by_skus(askable) if askable else {}
    fact = absent_fact(polling.services.clock())
    return [replace(row, facts=fact) if held.get(row.source_key) == () else row for row in rows]


def work(work: Work[Accounts]) -> Outcome:
    """Creates the product, changes what differs, or finds that both are the same."""
    document = document_of(work.connection)
    sku = work.record.source_key
    work.clients.shipbob.ready()
    item = work.clients.acumatica.stock_item(sku)
    if item is None:
        return gone(work, f"Acumatica no longer holds item {sku}; ShipBob's product is left as it is")
    item = work.edited(item)
    work.saw(instant_text(item.last_modified))
    work.refer("sku", sku)
    if "," in sku:
        return Held(
            f"item {sku}: ShipBob cannot be asked for a SKU with a comma; rename it or add it at ShipBob by hand"
        )
    if document.settings.items.item_classes and item.item_class not in document.settings.items.item_classes:
        return Same(f"item class {item.item_class} is not sent")
    wanted = desired(item, document, work.note)
    asked, begun = absent_at(work.record), work.ledger.lookup(CREATE, sku)
    if begun is None and asked is not None and work.now - asked < SETTLE:
        return _create(work, item, wanted)
    if begun is not None and begun.stage not in (Stage.DONE, Stage.REFUSED):
        return _create(work, item, wanted)  # the Ledger finds out what became of it
    candidates = preferred(work.clients.shipbob.by_skus([sku])[sku])
    if not candidates:
        return _create(work, item, wanted)
    if len(candidates) > 1:
        found = ", ".join(str(variant.variant_id) for variant in candidates)
        return Held(f"SKU {sku} is on several ShipBob variants ({found}); merge them at ShipBob, then replay")
    return _update(work, document, item, wanted, candidates[0])


def _create(work: Work[Accounts], item: StockItem, wanted: dict[str, Any]) -> Outcome:
    if item.status not in ACTIVE:
        return Same(f"item {item.inventory_id} is {item.status} and unknown at ShipBob: it is not created")
    draft = Draft({"name": wanted["name"], "type_id": 1, "variants": [wanted]}, {"sku": item.inventory_id})
    ended = work.once(create_effect(work.clients.shipbob), item.inventory_id, draft, absent_at=absent_at(work.record))
    if not isinstance(ended, Done):
        return ended
    product = _variant_of(work, item.inventory_id, int(ended.reference["product_id"]))
    if product is None:
        return Held(f"ShipBob product {ended.reference['product_id']} no longer has SKU {item.inventory_id}")
    return _known(work, item, product)


def _variant_of(work: Work[Accounts], sku: str, product_id: int) -> Variant | None:
    """The variant from the stored answer of the creation, else from ShipBob: no call where none is needed."""
    intent = work.ledger.lookup(CREATE, sku)
    kept = work.ledger.answer_of(intent) if intent is not None else None
    product = None
    if kept is not None and kept.status < 300:
        try:
            product = parse_product(kept.json())
        except ValueError:
            product = None  # an unreadable answer: the product was found by asking, and is read
    if product is None or product.product_id != product_id:
        product = work.clients.shipbob.product(product_id)
    return next((variant for variant in product.variants if variant.sku == sku), None) if product else None


def _update(
    work: Work[Accounts], document: AcumaticaShipBob, item: StockItem, wanted: dict[str, Any], variant: Variant
) -> Outcome:
    changed = changes(wanted, variant)
    known = _known(work, item, variant)
    if not changed:
        return replace(known, text=f"ShipBob holds item {item.inventory_id} as it is")
    body: dict[str, Any] = {"variants": [{"id": variant.variant_id, **changed}]}
    if "name" in changed:
        body["name"] = changed["name"]
    key = f"{variant.variant_id}:{short_hash(to_json(body), instant_text(item.last_modified))[:16]}"
    ended = work.once(update_effect(work.clients.shipbob, variant.product_id), key, Draft(body))
    return known if isinstance(ended, Done) else ended


def _known(work: Work[Accounts], item: StockItem, variant: Variant) -> Done:
    remember_item(work.services, work.connection.name, item, variant)
    work.provide("item", item.inventory_id)
    names = {"product_id": variant.product_id, "variant_id": variant.variant_id, "inventory_id": variant.inventory_id}
    work.link(**names)
    return Done(names, f"ShipBob product {variant.product_id} is item {item.inventory_id}")


def create_effect(shipbob: ShipBob) -> Effect:
    """Creates a product with one variant. ShipBob can be asked for its SKU."""

    def find(key: str) -> Found | None:
        candidates = preferred(shipbob.by_skus([key])[key])
        return Found({"product_id": candidates[0].product_id}) if candidates else None

    def read(reply: Reply) -> Reference:
        product: Product = parse_product(reply.json())
        return {"product_id": product.product_id}

    return Effect(
        CREATE, "ShipBob", Repeat.FINDABLE, SETTLE, find, lambda key, draft: shipbob.create_product(draft.body), read
    )


def update_effect(shipbob: ShipBob, product_id: int) -> Effect:
    """Changes a variant; sending the same change again changes nothing."""
    return Effect(
        UPDATE,
        "ShipBob",
        Repeat.UPSERT,
        timedelta(0),
        lambda key: None,
        lambda key, draft: shipbob.update_product(product_id, draft.body),
        lambda reply: {"product_id": parse_product(reply.json()).product_id},
    )


FLOW: Flow[Accounts] = Flow(
    "items", work, poll, every=timedelta(minutes=5), source_clock=True,
    editable=Editable(StockItem, ("id", "inventory_id", "last_modified")),
)
