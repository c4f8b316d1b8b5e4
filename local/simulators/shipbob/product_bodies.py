"""The request bodies of products and variants: `POST` and `PATCH /product` and their variant lists.

On write a weight is a bare number of ounces and a dimension holds bare inches; the read form has units.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from local.simulators.checks import Check, Finding, both, null_or
from local.simulators.shipbob.validation import INT64, array, flag, number, record, text, whole

_zero = Decimal(0)
_serial_scan = record(
    {
        "is_enabled": flag,
        "prefix": null_or(text()),
        "suffix": null_or(text()),
        "exact_character_length": null_or(whole(0)),
    }
)
_hazmat = record(
    {
        **{name: null_or(number(_zero)) for name in ("charge_state_percentage", "net_volume", "net_weight")},
        **{name: null_or(flag) for name in ("container_metal", "magnet")},
        **{name: null_or(text()) for name in ("container_type", "lithium_battery_packaging", "lithium_battery_type")},
    }
)
_channel_metadata = record(
    {
        "channel_id": null_or(whole(1)),
        "currency": null_or(text()),
        "id": null_or(whole(1, INT64)),
        "is_inventory_sync_enabled": flag,
        "legacy_product_id": null_or(whole(1, INT64)),
        "platform": null_or(text()),
        "platform_identifier": null_or(text()),
        "platform_inventory_item_id": null_or(text()),
        "price": number(_zero),
        "seller_sku": null_or(text()),
    }
)
_variant: dict[str, Check] = {
    "sku": null_or(text(1)),
    "name": null_or(text(1)),
    "upc": null_or(text()),
    "gtin": null_or(text()),
    "weight": number(_zero),
    "dimension": record({"length": number(_zero), "width": number(_zero), "height": number(_zero)}),
    "barcodes": null_or(array(record({"value": null_or(text(1)), "sticker_url": null_or(text())}))),
    "is_digital": flag,
    "lot_information": record({"is_lot": flag, "minimum_shelf_life_days": null_or(whole(0))}),
    "customs": record(
        {
            "hs_tariff_code": null_or(text()),
            "country_code_of_origin": null_or(text()),
            "value": null_or(whole(0)),
            "description": null_or(text()),
            "is321_eligible": flag,
        }
    ),
    "packaging_requirement_id": null_or(whole(1, 9)),
    "packaging_material_type_id": null_or(whole(choices=(1, 2, 3, 5, 6, 7, 8, 9, 10))),
    "return_preferences": record(
        {
            "primary_action_id": whole(1, 3),
            "backup_action_id": null_or(whole(1, 3)),
            "return_to_sender_primary_action_id": null_or(whole(1, 3)),
            "return_to_sender_backup_action_id": null_or(whole(1, 3)),
            "instructions": null_or(text()),
        }
    ),
    "bundle_definition": null_or(
        array(record({"variant_id": whole(1, INT64), "quantity": whole(1)}, ("variant_id", "quantity")))
    ),
    "fulfillment_settings": record(
        {
            **dict.fromkeys(("dangerous_goods", "is_bpm_parcel", "is_case_pick", "requires_prop65"), flag),
            "msds_url": null_or(text()),
            "serial_scan": _serial_scan,
        }
    ),
    "additional_hazmat_attributes": _hazmat,
    "channel_metadata": null_or(array(_channel_metadata)),
}
_product: dict[str, Check] = {"name": text(1), "type_id": whole(choices=(1, 2)), "taxonomy_id": null_or(whole(1))}
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
        "name": null_or(text(1)),
        "id": whole(1, INT64),
        "variants": null_or(array(record({**_variant, **_status, "id": whole(1, INT64)}, ("id",)))),
    }
)
UPDATE_VARIANTS = array(
    record(
        {
            **_variant,
            "id": whole(1, INT64),
            "status": whole(choices=(1, 2, 3)),
            "reviews_pending": null_or(array(whole(0, 4))),
        },
        ("id",),
    ),
    1,
)
