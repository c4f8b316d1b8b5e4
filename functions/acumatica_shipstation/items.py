"""Flow 4: stock items, Acumatica -> ShipStation's product records, as far as ShipStation allows.

No call creates a product. What has no record yet is said so and listed; order lines carry name, weight and code whole,
and ShipStation makes records of its own from imports. What has a record is aligned: read, changed, saved.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from acumatica_shipstation.clients import Accounts, document_of
from acumatica_shipstation.known_items import remember
from acumatica_shipstation.mapping.items import changes, desired, whole
from connector.absence import gone
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.faults import Executed, FaultKind, VendorFault
from connector.instants import instant_text
from connector.outcome import Done, Held, Outcome, Same
from connector.pair import Flow, Polling, Work
from connector.ports import Item
from connector.record import short_hash, to_json
from connector.records import Seen
from connector.transport import Reply
from vendors.acumatica.items import changed_items
from vendors.shipstation.client import ShipStation
from vendors.shipstation.faults import VENDOR
from vendors.shipstation.shapes import Product

UPDATE = "shipstation.product"
SETTLE = timedelta(seconds=60)
PAGE = 100


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Items that changed."""
    news = changed_items(polling, polling.clients.acumatica)
    for start in range(0, len(news), PAGE):
        yield news[start : start + PAGE]


def work(work: Work[Accounts]) -> Outcome:
    """Aligns one product record, or says that there is none."""
    document = document_of(work.connection)
    sku = work.record.source_key
    work.clients.shipstation.ready()
    item = work.clients.acumatica.stock_item(sku)
    if item is None:
        return gone(work, f"Acumatica no longer holds item {sku}; ShipStation's record is left as it is")
    work.saw(instant_text(item.last_modified))
    work.refer("sku", sku)
    remember(work.services, document, item, work.note)
    classes = document.settings.items.item_classes
    if classes and item.item_class not in classes:
        return Same(f"item class {item.item_class} is not aligned")
    products = work.clients.shipstation.products_of(sku)
    _list_unknown(work, sku, known=bool(products))
    if not products:
        return Same(
            f"ShipStation has no product record for {sku}, and no API creates one: orders carry its name, weight and "
            "code. To have one, import it at ShipStation (CSV with the column SKU)"
        )
    if len(products) > 1:
        found = ", ".join(str(product.product_id) for product in products)
        return Held(f"SKU {sku} is on several ShipStation products ({found}); merge them there, then replay")
    (product,) = products
    changed = changes(desired(item, document, work.note), product)
    work.link(product_id=product.product_id)
    if not changed:
        return Done({"product_id": product.product_id}, f"ShipStation product {product.product_id} is item {sku}")
    key = f"{product.product_id}:{short_hash(to_json(changed), instant_text(item.last_modified))[:16]}"
    draft = Draft(whole(product, changed), changed)
    ended = work.once(product_effect(work.clients.shipstation, sku, product.product_id, changed), key, draft,
                      absent_at=work.now)  # fmt: skip
    if not isinstance(ended, Done):
        return ended
    return Done(ended.reference, f"ShipStation product {product.product_id} was aligned: {', '.join(sorted(changed))}")


def product_effect(shipstation: ShipStation, sku: str, product_id: int, changed: dict[str, Any]) -> Effect:
    """Saves a whole record. Never simply repeated: between two saves somebody may have edited it."""

    def find(_: str) -> Found | None:
        there: Sequence[Product] = shipstation.products_of(sku)
        product = next((each for each in there if each.product_id == product_id), None)
        return Found({"product_id": product_id}) if product is not None and not changes(changed, product) else None

    def read(reply: Reply) -> Reference:
        document = reply.json()
        if not isinstance(document, dict) or document.get("success") is not True:
            said = document.get("message") if isinstance(document, dict) else None
            raise VendorFault(VENDOR, FaultKind.INVALID, f"save product: {said or 'refused'}", Executed.NO)
        return {"product_id": product_id}

    def make(_: str, draft: Draft) -> Reply:
        return shipstation.save_product(product_id, draft.body)

    return Effect(UPDATE, VENDOR, Repeat.FINDABLE, SETTLE, find, make, read)


def _list_unknown(work: Work[Accounts], sku: str, *, known: bool) -> None:
    """Keeps the list of SKUs without a record, which the doctor shows."""
    place = f"unknown-sku/{work.connection.name}"
    if known:
        work.services.tables.delete("state", place, sku)
        return
    item: Item = {"pk": place, "sk": sku, "at": instant_text(work.now)}
    work.services.tables.put("state", item)


FLOW: Flow[Accounts] = Flow("items", work, poll, every=timedelta(minutes=10), source_clock=True, lane="bulk")
