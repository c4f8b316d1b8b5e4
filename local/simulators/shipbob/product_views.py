"""Products as the API shows them: SKU and stock on the variant, weight and dimension as objects with units."""

from __future__ import annotations

from typing import Any

from local.simulators.shipbob.records import Product, Variant
from local.simulators.shipbob.world import World

_ACTIONS = {1: "Restock", 2: "Quarantine", 3: "Dispose"}
_MATERIALS = {
    1: "Box",
    2: "BubbleMailer",
    3: "PolyMailer",
    5: "FragileBox",
    6: "PosterTube",
    7: "Custom",
    8: "Bookfold",
    9: "OwnContainer",
    10: "Undefined",
}


def _zulu(moment: Any) -> str:
    return str(moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z")


def _action(number: int | None) -> dict[str, Any] | None:
    return None if number is None else {"id": number, "name": _ACTIONS[number]}


def _return_preferences(members: dict[str, Any]) -> dict[str, Any]:
    given = members.get("return_preferences") or {}
    primary = given.get("primary_action_id", 2)
    return {
        "primary_action": _action(primary),
        "backup_action": _action(given.get("backup_action_id")),
        "instructions": given.get("instructions"),
        "return_to_sender_primary_action": _action(given.get("return_to_sender_primary_action_id") or primary),
        "return_to_sender_backup_action": _action(given.get("return_to_sender_backup_action_id")),
    }


def _customs(members: dict[str, Any]) -> dict[str, Any]:
    empty = {
        "hs_tariff_code": "",
        "country_code_of_origin": "",
        "value": None,
        "description": "",
        "is321_eligible": False,
    }
    return {**empty, **(members.get("customs") or {}), "currency": "USD"}


def _settings(members: dict[str, Any]) -> dict[str, Any]:
    given = members.get("fulfillment_settings") or {}
    scan = {
        "is_enabled": False,
        "prefix": "",
        "suffix": "",
        "exact_character_length": None,
        **(given.get("serial_scan") or {}),
    }
    empty = {
        "requires_prop65": False,
        "dangerous_goods": False,
        "msds_url": "",
        "is_case_pick": False,
        "is_bpm_parcel": False,
    }
    return {**empty, **given, "serial_scan": scan}


def _bundle(world: World, variant: Variant) -> list[dict[str, Any]]:
    return [
        {
            "product_id": world.variants[part].product_id,
            "quantity": count,
            "variant_id": part,
            "variant_name": world.variants[part].name,
            "variant_sku": world.variants[part].sku,
        }
        for part, count in variant.bundle
    ]


def _metadata(members: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(entry) for entry in members.get("channel_metadata") or []]


def variant_view(world: World, variant: Variant) -> dict[str, Any]:
    """One variant; a bundle has no inventory id."""
    members = variant.members
    length, width, height = variant.dimension
    units = sum(count for (_, item), count in world.on_hand.items() if item == variant.inventory_id)
    material = members.get("packaging_material_type_id") or 1
    requirement = members.get("packaging_requirement_id") or 1
    lot = {"is_lot": False, "minimum_shelf_life_days": None, **(members.get("lot_information") or {})}
    return {
        "id": variant.id,
        "sku": variant.sku,
        "name": variant.name,
        "status": "Active" if variant.is_active else "Inactive",
        "upc": members.get("upc") or "",
        "gtin": members.get("gtin") or "",
        "barcodes": [{"value": None, "sticker_url": None, **barcode} for barcode in variant.barcodes],
        "weight": {"weight": variant.weight, "unit": "oz"},
        "dimension": {
            "length": length,
            "width": width,
            "height": height,
            "unit": "inch",
            "is_locked": variant.is_locked,
            "source": "Warehouse" if variant.is_locked else "UserEntry",
        },
        "inventory": {"inventory_id": variant.inventory_id, "on_hand_qty": units},
        "is_digital": variant.is_digital,
        "lot_information": lot,
        "customs": _customs(members),
        "packaging_material_type": {"id": material, "name": _MATERIALS[material]},
        "packaging_requirement": {
            "id": requirement,
            "name": "NoRequirements" if requirement == 1 else f"Requirement{requirement}",
        },
        "return_preferences": _return_preferences(members),
        "fulfillment_settings": _settings(members),
        "additional_hazmat_attributes": members.get("additional_hazmat_attributes"),
        "bundle_definition": _bundle(world, variant),
        "associated_bundles": [],
        "merge_children": [],
        "channel_metadata": _metadata(members),
        "reviews_pending": [],
        "is_image_uploaded": False,
        "created_on": _zulu(variant.created),
        "updated_on": _zulu(variant.updated),
    }


def product_view(world: World, product: Product) -> dict[str, Any]:
    """A product with its variants."""
    return {
        "id": product.id,
        "name": product.name,
        "type": "Bundle" if product.type_id == 2 else "Regular",
        "user_id": world.user_id,
        "created_on": _zulu(product.created),
        "updated_on": _zulu(product.updated),
        "taxonomy": None,
        "variants": [variant_view(world, world.variants[number]) for number in product.variant_ids],
    }
