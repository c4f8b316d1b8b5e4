"""Products: read, and replaced as a whole. No call creates one; people and CSV files do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from local.simulators.base import Reply, json_reply
from local.simulators.checks import null_or
from local.simulators.shipstation import pacific, pages
from local.simulators.shipstation import validation as v
from local.simulators.shipstation.asked import Asked
from local.simulators.shipstation.problems import message
from local.simulators.shipstation.records import Order, Product
from local.simulators.shipstation.world import World

_TEXTS = v.words(
    "sku name internalNotes fulfillmentSku productType warehouseLocation defaultCarrierCode defaultServiceCode "
    "defaultPackageCode defaultIntlCarrierCode defaultIntlServiceCode defaultIntlPackageCode defaultConfirmation "
    "defaultIntlConfirmation customsDescription customsTariffNo customsCountryCode"
)
_NUMBERS = ("price", "defaultCost", "length", "width", "height", "weightOz", "customsValue")
BODY = v.record(
    {
        "productId": v.whole,
        **dict.fromkeys(_TEXTS, null_or(v.text())),
        **dict.fromkeys(_NUMBERS, null_or(v.number())),
        "createDate": null_or(v.text()),
        "modifyDate": null_or(v.text()),
        "active": v.flag,
        "noCustoms": null_or(v.flag),
        "productCategory": null_or(v.record({"categoryId": v.whole, "name": v.text()})),
        "tags": null_or(v.array(v.record({"tagId": v.whole, "name": v.text()}))),
        "aliases": null_or(v.array(v.free_object)),
    },
    required=("productId",),
)
MEMBERS = ("aliases", *_TEXTS, *_NUMBERS, "active", "noCustoms", "productCategory", "tags")
_SORTS = {
    "SKU": lambda product: (product.content["sku"] or "").lower(),
    "ModifyDate": lambda product: pacific.wall(product.modified),
    "CreateDate": lambda product: pacific.wall(product.created),
}


def make(world: World, given: Mapping[str, Any]) -> Product:
    """A new record, as people make it."""
    now = world.now()
    content = {name: given.get(name) for name in MEMBERS} | {"active": given.get("active", True)}
    product = Product(world.number("product"), now, now, content)
    world.put(world.products, product.id, product)
    return product


def made_by_order(world: World, order: Order) -> None:
    """Records for the SKUs of an order that have none (whether that happens for orders by API is not verified)."""
    for item in order.items:
        if item["sku"] and not item["adjustment"] and world.product_of(item["sku"]) is None:
            make(world, {"sku": item["sku"], "name": item["name"], "price": item["unitPrice"]})


def list_products(world: World, asked: Asked) -> Reply:
    """GET /products. The SKU filter finds the text anywhere; there is no filter on the modify date."""
    query = asked.query
    rows = [
        product
        for product in world.products.values()
        if (product.content["active"] or query.get("showInactive"))
        and query.get("sku", "").lower() in (product.content["sku"] or "").lower()
        and query.get("name", "").lower() in (product.content["name"] or "").lower()
        and _filed(product, query)
        and pages.between(pacific.wall(product.created), query.get("startDate"), query.get("endDate"), (False, False))
    ]
    return pages.answer(world, asked, "products", rows, _SORTS, lambda product: product.id, _view)


def _filed(product: Product, query: Mapping[str, Any]) -> bool:
    category = (product.content["productCategory"] or {}).get("categoryId")
    tags = [each["tagId"] for each in product.content["tags"] or []]
    return (
        query.get("productCategoryId", category) == category
        and "productTypeId" not in query
        and ("tagId" not in query or query["tagId"] in tags)
    )


def product_of(world: World, asked: Asked) -> Product:
    """The product that the path names; 404 where there is none."""
    found = world.products.get(int(asked.names["productId"]))
    if found is None:
        raise message(404, f"Product {asked.names['productId']} was not found.")
    return found


def get_one(world: World, asked: Asked) -> Reply:
    """GET /products/{productId}."""
    return json_reply(200, _view(product_of(world, asked)))


def update(world: World, asked: Asked) -> Reply:
    """PUT /products/{productId}: what is left out is cleared."""
    before = product_of(world, asked)
    if asked.body["productId"] != before.id:
        raise message(400, "The productId of the body is not that of the address.")
    if not asked.body.get("sku"):
        raise message(400, "The sku field is required.")
    content = {name: asked.body.get(name) for name in MEMBERS} | {"active": asked.body.get("active", False)}
    world.put(world.products, before.id, replace(before, content=content, modified=world.now()))
    return json_reply(200, {"success": True, "message": "The requested product has been updated"})


def _view(product: Product) -> dict[str, Any]:
    dates = {"createDate": pacific.short_text(product.created), "modifyDate": pacific.short_text(product.modified)}
    return {"productId": product.id, **product.content, **dates}
