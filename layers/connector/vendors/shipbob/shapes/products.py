"""Products and variants. The SKU lives on the variant, and stock hangs on the variant's inventory id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from vendors.json_fields import Document
from vendors.shipbob.shapes.fields import amount, as_document, child, children, flag, moment, needed, text, whole

BUNDLE = "Bundle"
_OUNCES = {
    "oz": Decimal(1),
    "lb": Decimal(16),
    "g": Decimal("0.0352739619"),
    "kg": Decimal("35.2739619"),
}
_INCHES = {"in": Decimal(1), "inch": Decimal(1), "inches": Decimal(1), "cm": 1 / Decimal("2.54")}


@dataclass(frozen=True)
class Dimension:
    """Inches. `is_locked`: measured by the warehouse; never overwrite, or every comparison differs for ever."""

    length_in: Decimal | None
    width_in: Decimal | None
    height_in: Decimal | None
    is_locked: bool


@dataclass(frozen=True)
class Component:
    """A part of a bundle."""

    variant_id: int | None
    sku: str | None
    quantity: int | None


@dataclass(frozen=True)
class Variant:
    """One sellable thing with its SKU."""

    variant_id: int
    product_id: int
    product_name: str | None
    sku: str | None
    name: str | None
    status: str | None
    inventory_id: int | None
    on_hand: int | None
    weight_oz: Decimal | None  # None: not stated, or in a unit we do not know
    dimension: Dimension
    barcodes: tuple[str, ...]
    upc: str | None
    gtin: str | None
    is_bundle: bool
    is_digital: bool
    is_lot: bool
    components: tuple[Component, ...]
    updated_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Whether ShipBob fulfils it."""
        return (self.status or "").casefold() == "active"


@dataclass(frozen=True)
class Product:
    """A product and its variants."""

    product_id: int
    name: str | None
    product_type: str | None
    variants: tuple[Variant, ...]
    updated_at: datetime | None


def preferred(variants: Sequence[Variant]) -> tuple[Variant, ...]:
    """The candidates for a SKU on several variants: active before inactive, stocked single items before bundles.

    One left: use it. Several left: a person must decide (they may belong to several channels, not yet merged).
    """
    candidates = [variant for variant in variants if variant.is_active] or list(variants)
    stocked = [variant for variant in candidates if not variant.is_bundle and variant.inventory_id is not None]
    return tuple(stocked or candidates)


def parse_product(value: object) -> Product:
    """One product. Raises ValueError when it or a variant has no id."""
    document = as_document(value, "product")
    product_id = needed(whole(document, "id", "product"), "id", "product")
    what = f"product {product_id}"
    name, product_type = text(document, "name", what), text(document, "type", what)
    return Product(
        product_id=product_id,
        name=name,
        product_type=product_type,
        variants=tuple(
            _variant(item, product_id, name, product_type == BUNDLE) for item in children(document, "variants", what)
        ),
        updated_at=moment(document, "updated_on", what),
    )


def _variant(document: Document, product_id: int, product_name: str | None, in_bundle: bool) -> Variant:
    variant_id = needed(whole(document, "id", f"product {product_id}: variant"), "id", f"product {product_id}: variant")
    what = f"variant {variant_id}"
    inventory = child(document, "inventory", what)
    components = children(document, "bundle_definition", what)
    return Variant(
        variant_id=variant_id,
        product_id=product_id,
        product_name=product_name,
        sku=text(document, "sku", what),
        name=text(document, "name", what),
        status=text(document, "status", what),
        inventory_id=whole(inventory, "inventory_id", what),
        on_hand=whole(inventory, "on_hand_qty", what),
        weight_oz=_weight(child(document, "weight", what), what),
        dimension=_dimension(child(document, "dimension", what), what),
        barcodes=_barcodes(document, what),
        upc=text(document, "upc", what),
        gtin=text(document, "gtin", what),
        is_bundle=in_bundle or bool(components),
        is_digital=flag(document, "is_digital", what) or False,
        is_lot=flag(child(document, "lot_information", what), "is_lot", what) or False,
        components=tuple(
            Component(whole(item, "variant_id", what), text(item, "variant_sku", what), whole(item, "quantity", what))
            for item in components
        ),
        updated_at=moment(document, "updated_on", what),
    )


def _weight(document: Document, what: str) -> Decimal | None:
    value = amount(document, "weight", what)
    factor = _OUNCES.get((text(document, "unit", what) or "oz").casefold())
    return None if value is None or factor is None else value * factor


def _dimension(document: Document, what: str) -> Dimension:
    factor = _INCHES.get((text(document, "unit", what) or "in").casefold())

    def side(key: str) -> Decimal | None:
        value = amount(document, key, what)
        return None if value is None or factor is None else value * factor

    return Dimension(side("length"), side("width"), side("height"), flag(document, "is_locked", what) or False)


def _barcodes(document: Document, what: str) -> tuple[str, ...]:
    """The list of today, or the single text that older answers hold."""
    listed = [text(item, "value", what) for item in children(document, "barcodes", what)]
    single = text(document, "barcode", what)
    found = [value for value in listed if value is not None] or ([single] if single else [])
    return tuple(dict.fromkeys(found))
