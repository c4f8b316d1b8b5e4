"""Finding and making variants: SKU look-up inside orders, product creation by warehouse and by unknown SKUs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from local.simulators.shipbob.records import Product, Variant
from local.simulators.shipbob.world import World


def by_sku(world: World, sku: str, channel_id: int) -> Variant | None:
    """The variant with exactly this SKU: the caller's channel first, active before inactive, oldest first."""
    found = [world.variants[number] for number in world.skus.get(sku, ())]
    return min(
        found,
        key=lambda variant: (
            world.products[variant.product_id].channel_id != channel_id,
            not variant.is_active,
            variant.id,
        ),
        default=None,
    )


def by_product_or_variant(world: World, number: int) -> Variant | None:
    """The only variant of a product id, or the variant of that id."""
    product = world.products.get(number)
    if product is not None:
        return world.variants[product.variant_ids[0]] if len(product.variant_ids) == 1 else None
    return world.variants.get(number)


def make_variant(world: World, product_id: int, members: dict[str, Any], name: str) -> Variant:
    """A new variant from its write form. A bundle has no inventory item of its own."""
    size = members.get("dimension") or {}
    bundle = tuple((part["variant_id"], part["quantity"]) for part in members.get("bundle_definition") or [])
    apart = {"sku", "name", "weight", "dimension", "barcodes", "bundle_definition", "status_id", "is_digital", "id"}
    now = world.now()
    variant = Variant(
        id=world.number("variant"),
        product_id=product_id,
        sku=members["sku"],
        name=members.get("name") or name,
        inventory_id=None if bundle else world.number("inventory"),
        weight=Decimal(members.get("weight", 0)),
        dimension=(Decimal(size.get("length", 0)), Decimal(size.get("width", 0)), Decimal(size.get("height", 0))),
        created=now,
        updated=now,
        is_active=members.get("status_id", 0) == 0,
        is_digital=members.get("is_digital", False),
        barcodes=tuple(members.get("barcodes") or ()),
        bundle=bundle,
        members={key: value for key, value in members.items() if key not in apart},
    )
    world.put_variant(variant)
    return variant


def make_product(
    world: World,
    name: str,
    variants: list[dict[str, Any]],
    channel_id: int,
    type_id: int = 1,
    taxonomy_id: int | None = None,
) -> Product:
    """A new product with its variants."""
    number, now = world.number("product"), world.now()
    made = tuple(make_variant(world, number, members, name).id for members in variants)
    world.products[number] = Product(number, name, type_id, taxonomy_id, channel_id, made, now, now)
    return world.products[number]


def make_stockless(world: World, sku: str, name: str, channel_id: int) -> Variant:
    """What an order with an unknown SKU and a name brings about: a product without stock, weight and size."""
    product = make_product(world, name, [{"sku": sku, "name": name}], channel_id)
    return world.variants[product.variant_ids[0]]
