"""The request bodies of receiving, returns, billing, inventory history and webhooks (versions 2025-07 to 2026-07)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from local.simulators.checks import Check, Finding, both, null_or
from local.simulators.shipbob.validation import array, flag, label, moment, record, text, whole

SECRET_PATTERN = "whsec_[a-zA-Z0-9+/]{32}"
EXTERNAL_SYNC = record({"ids": array(whole(1), 1), "is_external_sync": flag}, ("ids", "is_external_sync"))


def create_receiving(version: str) -> Check:
    """POST /receiving. From 2026-07 a box item may name a `sku`, and freight papers are accepted."""
    newer = version >= "2026-07"
    item: dict[str, Check] = {
        "inventory_id": whole(1),
        "quantity": whole(1),
        "lot_number": null_or(text()),
        "lot_date": null_or(moment),
    }
    if newer:
        item["sku"] = null_or(text(1))
    boxes = array(
        record(
            {
                "tracking_number": null_or(text()),
                "box_items": array(record(item, ("quantity",) if newer else ("inventory_id", "quantity")), 1),
            },
            ("tracking_number", "box_items"),
        ),
        1,
    )
    members: dict[str, Check] = {
        "fulfillment_center": record({"id": whole(1)}, ("id",)),
        "package_type": text(choices=("Package", "Pallet", "FloorLoadedContainer")),
        "box_packaging_type": text(choices=("EverythingInOneBox", "OneSkuPerBox", "MultipleSkuPerBox")),
        "expected_arrival_date": moment,
        "purchase_order_number": null_or(text()),
        "boxes": boxes,
    }
    if newer:
        papers = ["carrier", "bol_number", "container_number", "vessel_name", "freight_forwarder", "notes"]
        members["freight"] = null_or(record({name: null_or(text()) for name in papers}))
        members["final_destination_fulfillment_center_id"] = null_or(whole(1))
    return record(
        members, ("fulfillment_center", "package_type", "box_packaging_type", "expected_arrival_date", "boxes")
    )


def _each_once(value: Any, path: str) -> Iterator[Finding]:
    seen: set[int] = set()
    for index, item in enumerate(value["inventory"]):
        if item["id"] in seen:
            yield Finding(f"inventory[{index}].id", f"Inventory {item['id']} may be listed only once.", "rule")
        seen.add(item["id"])


RETURN = both(
    record(
        {
            "fulfillment_center": record({"id": whole(1), "name": null_or(text())}, ("id",)),
            "reference_id": text(1, 50),
            "inventory": array(
                record(
                    {
                        "id": whole(1),
                        "quantity": whole(1),
                        "requested_action": text(choices=("Default", "Restock", "Quarantine", "Dispose")),
                        "lot_number": null_or(text()),
                        "lot_date": null_or(moment),
                    },
                    ("id", "quantity", "requested_action"),
                ),
                1,
            ),
            "original_shipment_id": null_or(whole(1)),
            "tracking_number": null_or(text(longest=500)),
        },
        ("fulfillment_center", "reference_id", "inventory"),
    ),
    _each_once,
)
TRANSACTIONS = record(
    {
        "from_date": null_or(moment),
        "to_date": null_or(moment),
        "reference_ids": null_or(array(text(1))),
        "reference_types": null_or(array(text(choices=("Shipment", "Return", "WRO", "URO")))),
        "invoice_ids": null_or(array(text(1))),
        "invoiced_status": null_or(flag),
        "transaction_types": null_or(
            array(text(choices=("Charge", "Refund", "Credit", "Payment", "BalanceAdjustment")))
        ),
        "transaction_fees": null_or(array(text(1))),
        "page_size": whole(1, 1000),
        "sort_order": text(choices=("Ascending", "Descending")),
    }
)
EVENT_CATEGORIES = [
    "OrderPicked",
    "InventoryAdjusted",
    "InventoryFacilityUpdated",
    "AttributeUpdated",
    "InventoryReceived",
    "InventoryRestocked",
    "ReceivingStow",
    "KittingStow",
]
HISTORY = record(
    {
        "facility_id": whole(1),
        "inventory_ids": null_or(array(whole(1))),
        "event_category": null_or(text(choices=EVENT_CATEGORIES)),
        "start_date": null_or(moment),
        "end_date": null_or(moment),
        "cursor": null_or(whole(0)),
        "merchant_user_id": null_or(whole(1)),
    },
    ("facility_id",),
)


def _web_address(value: Any, path: str) -> Iterator[Finding]:
    if not isinstance(value, str):
        yield Finding(path, f"The {label(path)} field must be a text.", "type")
    elif not value.startswith(("https://", "http://")) or len(value.split("/")) < 3 or not value.split("/")[2]:
        yield Finding(path, f"The {label(path)} field must be an absolute address.", "rule")


WEBHOOK = record(
    {
        "url": _web_address,
        "topics": array(text(1), 1),
        "description": null_or(text()),
        "secret": null_or(text(pattern=SECRET_PATTERN, explain="The secret must match ^whsec_[a-zA-Z0-9+/]{32}$.")),
    },
    ("url", "topics"),
)
