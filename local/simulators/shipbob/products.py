"""Products and variants over the API: create, change, add, find, delete a bundle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from local.simulators.base import Reply
from local.simulators.shipbob import allocation, catalogue, pages
from local.simulators.shipbob.formats import read_moment
from local.simulators.shipbob.gateway import Asked
from local.simulators.shipbob.problems import Rejection, answer, empty, field_map, refuse, validation_problem
from local.simulators.shipbob.product_views import product_view, variant_view
from local.simulators.shipbob.records import Product, Variant
from local.simulators.shipbob.world import World


def _find(world: World, asked: Asked) -> Product:
    product = world.products.get(asked.ids["product"])
    if product is None:
        raise refuse(validation_problem, 404, "productId", f"Product {asked.ids['product']} was not found.")
    return product


def _refuse_duplicates(
    world: World, asked: Asked, variants: list[dict[str, Any]], path: str, own: frozenset[int] = frozenset()
) -> None:
    """A SKU is unique inside a channel; the status of the refusal is unverified in 2026-01, hence a switch."""
    for index, members in enumerate(variants):
        sku = members.get("sku")
        taken = [
            number
            for number in world.skus.get(sku or "", ())
            if number not in own and world.products[world.variants[number].product_id].channel_id == asked.channel_id
        ]
        if taken:
            status = world.switches.duplicate_sku_status
            family = field_map if status == 422 else validation_problem
            raise refuse(family, status, f"{path}[{index}].sku", f"Cannot insert duplicate sku: {sku}")


def _check_bundles(world: World, variants: list[dict[str, Any]], path: str) -> None:
    for index, members in enumerate(variants):
        for part in members.get("bundle_definition") or []:
            component = world.variants.get(part["variant_id"])
            if component is None or component.bundle:
                where = f"{path}[{index}].bundle_definition"
                raise refuse(
                    validation_problem, 400, where, f"Variant {part['variant_id']} does not exist or is a bundle."
                )


def create_product(world: World, asked: Asked) -> Reply:
    """POST /product -> 201."""
    body = asked.body
    _refuse_duplicates(world, asked, body["variants"], "variants")
    _check_bundles(world, body["variants"], "variants")
    made = catalogue.make_product(
        world, body["name"], body["variants"], asked.channel_id, body.get("type_id", 1), body.get("taxonomy_id")
    )
    return answer(product_view(world, made), 201)


def add_variants(world: World, asked: Asked) -> Reply:
    """POST /product/{id}/variants (an array) -> 201 with the product."""
    product = _find(world, asked)
    if product.type_id == 2:
        raise refuse(validation_problem, 400, "", "Variants can not be added to a bundle.")
    if any(members.get("bundle_definition") for members in asked.body):
        raise refuse(validation_problem, 400, "[0].bundle_definition", "Only a bundle has a bundle_definition.")
    _refuse_duplicates(world, asked, asked.body, "")
    made = tuple(catalogue.make_variant(world, product.id, members, product.name).id for members in asked.body)
    world.products[product.id] = replace(product, variant_ids=(*product.variant_ids, *made), updated=world.now())
    return answer(product_view(world, world.products[product.id]), 201)


def _dimension(
    world: World, variant: Variant, given: dict[str, Any] | None, path: str
) -> tuple[Decimal, Decimal, Decimal]:
    """The new dimension. A locked one was measured by the warehouse and stays; the strict option says so."""
    if given is None:
        return variant.dimension
    old = dict(zip(("length", "width", "height"), variant.dimension, strict=True))
    new = {**old, **{name: Decimal(value) for name, value in given.items()}}
    if not variant.is_locked:
        return new["length"], new["width"], new["height"]
    if new != old and world.switches.strict:
        message = f"the dimension of {variant.sku} is locked (measured by the warehouse) and can not be changed"
        world.strict_violations.append(message)
        raise refuse(validation_problem, 400, f"{path}.dimension", message)
    return variant.dimension


def _changed(world: World, variant: Variant, members: dict[str, Any], path: str) -> Variant:
    apart = {
        "id",
        "sku",
        "name",
        "weight",
        "dimension",
        "barcodes",
        "bundle_definition",
        "status_id",
        "status",
        "is_digital",
    }
    active = variant.is_active
    if "status_id" in members:
        active = members["status_id"] == 0
    elif "status" in members:
        active = members["status"] == 1
    return replace(
        variant,
        sku=members.get("sku") or variant.sku,
        name=members.get("name") or variant.name,
        weight=Decimal(members.get("weight", variant.weight)),
        dimension=_dimension(world, variant, members.get("dimension"), path),
        barcodes=tuple(members["barcodes"] or ()) if "barcodes" in members else variant.barcodes,
        is_active=active,
        is_digital=members.get("is_digital", variant.is_digital),
        members={**variant.members, **{key: value for key, value in members.items() if key not in apart}},
        updated=world.now(),
    )


def _change_variants(world: World, asked: Asked, product: Product, variants: list[dict[str, Any]], path: str) -> None:
    for index, members in enumerate(variants):
        if members["id"] not in product.variant_ids:
            raise refuse(
                validation_problem,
                400,
                f"{path}[{index}].id",
                f"Variant {members['id']} does not belong to product {product.id}.",
            )
        if bool(members.get("bundle_definition")) and product.type_id != 2:
            raise refuse(
                validation_problem, 400, f"{path}[{index}].bundle_definition", "Only a bundle has a bundle_definition."
            )
    _refuse_duplicates(world, asked, variants, path, frozenset(members["id"] for members in variants))
    _check_bundles(world, variants, path)
    new = [
        _changed(world, world.variants[members["id"]], members, f"{path}[{index}]")
        for index, members in enumerate(variants)
    ]
    for variant in new:
        world.put_variant(variant)
    allocation.retry_exceptions(world)


def _own_product(world: World, asked: Asked) -> Product:
    product = _find(world, asked)
    if product.channel_id != asked.channel_id and product.channel_id in world.channels:
        owner = world.channels[product.channel_id]
        if "products_write" in owner.scopes:
            raise Rejection(empty(403))
    return product


def update_product(world: World, asked: Asked) -> Reply:
    """PATCH /product/{id}: only the members that are given change; every variant names its id."""
    product, body = _own_product(world, asked), asked.body
    if body.get("id", product.id) != product.id:
        raise refuse(validation_problem, 400, "id", "The id differs from the path.")
    if body.get("type_id", product.type_id) != product.type_id:
        raise refuse(validation_problem, 400, "type_id", "The type of a product can not be changed.")
    _change_variants(world, asked, product, body.get("variants") or [], "variants")
    world.products[product.id] = replace(product, name=body.get("name") or product.name, updated=world.now())
    return answer(product_view(world, world.products[product.id]))


def update_variants(world: World, asked: Asked) -> Reply:
    """PATCH /product/{id}/variants with an array (the specification shows an object)."""
    product = _own_product(world, asked)
    _change_variants(world, asked, product, asked.body, "")
    world.products[product.id] = replace(product, updated=world.now())
    return answer([variant_view(world, world.variants[number]) for number in product.variant_ids])


def delete_product(world: World, asked: Asked) -> Reply:
    """DELETE /product/{id}: bundles only."""
    product = _own_product(world, asked)
    if product.type_id != 2:
        raise refuse(validation_problem, 400, "productId", "Only bundles can be deleted.")
    del world.products[product.id]
    for number in product.variant_ids:
        gone = world.variants[number]
        world.skus[gone.sku] = tuple(each for each in world.skus[gone.sku] if each != number)
    return empty(200)


def get_product(world: World, asked: Asked) -> Reply:
    """GET /product/{id}."""
    return answer(product_view(world, _find(world, asked)))


def get_variants(world: World, asked: Asked) -> Reply:
    """GET /product/{id}/variants."""
    return answer([variant_view(world, world.variants[number]) for number in _find(world, asked).variant_ids])


def _any_of(expression: str) -> list[str]:
    """`any:A,B` is a list, anything else one text."""
    return expression.removeprefix("any:").split(",") if expression.startswith("any:") else [expression]


def _holds(text: str | None, wanted: list[str]) -> bool:
    """Loose on purpose: part of the text, whatever the letter case. Callers must compare exactly themselves."""
    return any(part.casefold() in (text or "").casefold() for part in wanted)


_VARIANT_TESTS: dict[str, Callable[[Variant, Any], bool]] = {
    "SKU": lambda variant, value: _holds(variant.sku, _any_of(value)),
    "SellerSKU": lambda variant, value: _holds(variant.sku, _any_of(value)),
    "Barcode": lambda variant, value: any(each.get("value") == value for each in variant.barcodes),
    "Barcodes": lambda variant, value: any(each.get("value") in value for each in variant.barcodes),
    "InventoryId": lambda variant, value: variant.inventory_id == value,
    "VariantId": lambda variant, value: variant.id == value,
    "VariantStatus": lambda variant, value: variant.is_active == (value in ("Active", "0")),
    "HasDigitalVariants": lambda variant, value: variant.is_digital == (value.lower() == "true"),
}


def _searched(product: Product, variants: list[Variant], text: str) -> bool:
    numbers = [str(product.id), *(str(variant.inventory_id) for variant in variants)]
    return text in numbers or any(
        _holds(each, [text]) for each in (product.name, *(variant.sku for variant in variants))
    )


def _matches(world: World, product: Product, query: dict[str, Any]) -> bool:
    variants = [world.variants[number] for number in product.variant_ids]
    asked = [(test, query[name]) for name, test in _VARIANT_TESTS.items() if name in query]
    if not all(any(test(variant, value) for variant in variants) for test, value in asked):
        return False
    tests = [
        "ProductId" not in query or product.id == query["ProductId"],
        "Name" not in query
        or any(_holds(each, [query["Name"]]) for each in (product.name, *(one.name for one in variants))),
        "Search" not in query or _searched(product, variants, query["Search"]),
        "ChannelIds" not in query or str(product.channel_id) in query["ChannelIds"].split(","),
        "LastUpdatedTimestamp" not in query or product.updated >= query["LastUpdatedTimestamp"],
        "ProductType" not in query
        or query["ProductType"] in ("Bundle" if product.type_id == 2 else "Regular", str(product.type_id)),
    ]
    return all(tests)


def list_products(world: World, asked: Asked) -> Reply:
    """GET /product: loose filters, cursor pages."""
    query = asked.query
    where = pages.position(world, query, validation_problem)
    unread = {
        "CategoryIds",
        "HasVariants",
        "IsInventorySyncEnabled",
        "LegacyIds",
        "OnHand",
        "PlatformIds",
        "ReviewsPending",
    }
    unread |= {"SalesChannel", "TaxonomyIds"}
    if unread & query.keys():
        raise refuse(validation_problem, 400, sorted(unread & query.keys())[0], "This filter is not simulated.")
    found = [
        product
        for product in world.products.values()
        if _matches(world, product, {**query, **_typed(where.filters, query)})
    ]
    keys: dict[str, Callable[[Product], Any]] = {
        "Name": lambda product: product.name,
        "TotalOnHandQty": lambda product: _stock_of(world, product),
    }
    found.sort(key=keys.get(str(where.filters.get("SortBy", "Id")), lambda product: product.id))
    if where.filters.get("SortOrder") == "DESC":
        found.reverse()
    rows, cursor = pages.cut(found, lambda product: product.id, where, pages.page_size(world, query))
    return pages.envelope([product_view(world, product) for product in rows], pages.link(world, "Product", cursor))


def _stock_of(world: World, product: Product) -> int:
    items = {world.variants[number].inventory_id for number in product.variant_ids}
    return sum(units for (_, item), units in world.on_hand.items() if item in items)


def _typed(filters: dict[str, Any], query: dict[str, Any]) -> dict[str, Any]:
    """Filters that live only in the cursor, with a moment turned back from its text."""
    kept = {name: value for name, value in filters.items() if name not in query}
    if "LastUpdatedTimestamp" in kept:
        kept["LastUpdatedTimestamp"] = read_moment(kept["LastUpdatedTimestamp"])
    return kept
