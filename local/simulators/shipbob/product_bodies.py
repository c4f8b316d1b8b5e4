"""The request bodies of products and variants: `POST` and `PATCH /product` and their variant lists.

On write a weight is a bare number of ounces and a dimension holds bare inches; the read form has units.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from local.simulators.shipbob.validation import (
    INT64,
    Check,
    Finding,
    array,
    both,
    flag,
    number,
    optional,
    record,
    text,
    whole,
)

_zero = Decimal(0)
_serial_scan = record(
    {
        "is_enabled": flag,
        "prefix": optional(text()),
        "suffix": optional(text()),
        "exact_character_length": optional(whole(0)),
    }
)
_hazmat = record(
    {
        **{name: optional(number(_zero)) for name in ("charge_state_percentage", "net_volume", "net_weight")},
        **{name: optional(flag) for name in ("container_metal", "magnet")},
        **{name: optional(text()) for name in ("container_type", "lithium_battery_packaging", "lithium_battery_type")},
    }
)
_channel_metadata = record(
    {
        "channel_id": optional(whole(1)),
        "currency": optional(text()),
        "id": optional(whole(1, INT64)),
        "is_inventory_sync_enabled": flag,
        "legacy_product_id": optional(whole(1, INT64)),
        "platform": optional(text()),
        "platform_identifier": optional(text()),
        "platform_inventory_item_id": optional(text()),
        "price": number(_zero),
        "seller_sku": optional(text()),
    }
)
_variant: dict[str, Check] = {
    "sku": optional(text(1)),
    "name": optional(text(1)),
    "upc": optional(text()),
    "gtin": optional(text()),
    "weight": number(_zero),
    "dimension": record({"length": number(_zero), "width": number(_zero), "height": number(_zero)}),
    "barcodes": optional(array(record({"value": optional(text(1)), "sticker_url": optional(text())}))),
    "is_digital": flag,
    "lot_information": record({"is_lot": flag, "minimum_shelf_life_days": optional(whole(0))}),
    "customs": record(
        {
            "hs_tariff_code": optional(text()),
            "country_code_of_origin": optional(text()),
            "value": optional(whole(0)),
            "description": optional(text()),
            "is321_eligible": flag,
        }
    ),
    "packaging_requirement_id": optional(whole(1, 9)),
    "packaging_material_type_id": optional(whole(choices=(1, 2, 3, 5, 6, 7, 8, 9, 10))),
    "return_preferences": record(
        {
            "primary_action_id": whole(1, 3),
            "backup_action_id": optional(whole(1, 3)),
            "return_to_sender_primary_action_id": optional(whole(1, 3)),
            "return_to_sender_backup_action_id": optional(whole(1, 3)),
            "instructions": optional(text()),
        }
    ),
    "bundle_definition": optional(
        array(record({"variant_id": whole(1, INT64), "quantity": whole(1)}, ("variant_id", "quantity")))
    ),
    "fulfillment_settings": record(
        {
            **dict.fromkeys(("dangerous_goods", "is_bpm_parcel", "is_case_pick", "requires_prop65"), flag),
            "msds_url": optional(text()),
            "serial_scan": _serial_scan,
        }
    ),
    "additional_hazmat_attributes": _hazmat,
    "channel_metadata": optional(array(_channel_metadata)),
}
_product: dict[str, Check] = {"name": text(1), "type_id": whole(choices=(1, 2)), "taxonomy_id": optional(whole(1))}
_status = {"status_id": whole(choices=(0, 1))}
new_variant = record({**_variant, **_status, "sku": text(1)}, ("sku",))


def _skus_differ(variants: list[dict[str, Any]], path: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, variant in enumerate(variants):
        if variant["sku"] in seen:
            yield Finding(f"{path}[{index}].sku", f"Cannot insert duplicate sku: {variant['sku']}", "rule")
        seen.add(variant["sku"])


def _bundle_agrees(value: Any, path: str) -> Iterator[Finding]:
    yield from _skus_differ(value["variants"], "variants")
    for index, variant in enumerate(value["variants"]):
        if bool(variant.get("bundle_definition")) != (value.get("type_id") == 2):
            yield Finding(
                f"variants[{index}].bundle_definition",
                "A bundle (type_id 2) and only a bundle has a bundle_definition.",
                "rule",
            )


CREATE_PRODUCT = both(
    record({**_product, "is_quarantine": flag, "variants": array(new_variant, 1)}, ("name", "variants")), _bundle_agrees
)
ADD_VARIANTS = both(array(new_variant, 1), lambda value, path: _skus_differ(value, path))
UPDATE_PRODUCT = record(
    {
        **_product,
        "name": optional(text(1)),
        "id": whole(1, INT64),
        "variants": optional(array(record({**_variant, **_status, "id": whole(1, INT64)}, ("id",)))),
    }
)
UPDATE_VARIANTS = array(
    record(
        {
            **_variant,
            "id": whole(1, INT64),
            "status": whole(choices=(1, 2, 3)),
            "reviews_pending": optional(array(whole(0, 4))),
        },
        ("id",),
    ),
    1,
)
