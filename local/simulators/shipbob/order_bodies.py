"""The request bodies of orders and shipments (versions 2025-07 to 2026-07).

As strict as the 2026-01 specification, stricter where the vendor facts say so: ISO country codes, units of measure,
programme data of B2B orders.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from local.simulators.checks import Check, Finding, both, null_or
from local.simulators.shipbob.validation import INT64, array, email, flag, moment, number, record, text, whole

SALES_CHANNELS = [
    "amazon",
    "bigcommerce",
    "ebay",
    "faire",
    "macy",
    "magento",
    "shein",
    "shopify",
    "squarespace",
    "targetplus",
    "temu",
    "tiktok",
    "unleashed",
    "walmart",
    "woocommerce",
]
_country = text(1, pattern="[A-Z]{2}", explain="The Country field must be an ISO 3166 alpha-2 code.")
_address_members: dict[str, Check] = {
    "address1": text(1),
    "address2": null_or(text()),
    "city": text(1),
    "company_name": null_or(text()),
    "country": _country,
    "state": null_or(text()),
    "zip_code": null_or(text()),
}
_address_required = ("address1", "city", "country")
_line_members: dict[str, Check] = {
    "quantity": whole(1),
    "external_line_id": null_or(whole()),
    "quantity_unit_of_measure_code": null_or(text(choices=("EA", "INP", "CS", "PL"))),
}
_by_reference = record(
    {
        **_line_members,
        "reference_id": text(1),
        "name": null_or(text()),
        "sku": null_or(text()),
        "unit_price": null_or(number()),
        "upc": null_or(text(longest=50)),
        "gtin": null_or(text(longest=50)),
    },
    ("reference_id", "quantity"),
)
_by_product = record({**_line_members, "id": whole(1)}, ("id", "quantity"))


def order_line(value: Any, path: str) -> Iterator[Finding]:
    """One of two forms: by SKU (`reference_id`) or by product (`id`); a mixture is neither."""
    if not isinstance(value, dict):
        yield Finding(path, "The value could not be converted to an order line.", "type")
    elif "id" in value and "reference_id" in value:
        yield Finding(path, "A line is given by id or by reference_id, not by both.", "rule")
    elif "id" in value:
        yield from _by_product(value, path)
    else:
        yield from _by_reference(value, path)
        if "name" not in value:
            # The specification wants the key (null is allowed); the running API only misses it for an unknown SKU.
            yield Finding(
                f"{path}.name", "The Name field is required; send null for a SKU that is known to exist.", "unknown"
            )


_program_address = record(
    {**_address_members, "type": text(choices=("MarkFor", "ShipFrom"))}, (*_address_required, "type")
)
_program = record(
    {
        "purchase_order_number": text(1),
        "retailer_program_type": text(1),
        "addresses": null_or(array(_program_address)),
        "customer_ticket_number": null_or(text()),
        "delivery_date": null_or(moment),
        "department": null_or(text()),
        "doNotShipBeforeDate": null_or(moment),
        "mark_for_store": null_or(text()),
        "shipByDate": null_or(moment),
    },
    ("purchase_order_number", "retailer_program_type"),
)


def _program_given(value: Any, path: str) -> Iterator[Finding]:
    if value["type"] in ("B2B", "DropShip") and not value.get("retailer_program_data"):
        yield Finding(
            "retailer_program_data", f"The RetailerProgramData field is required for {value['type']} orders.", "rule"
        )


def create_order(version: str) -> Check:
    """POST /order. `sales_channel` is free text of up to 100 characters in 2025-07, a closed list later."""
    members: dict[str, Check] = {
        "reference_id": text(1, 300),
        "order_number": null_or(text(longest=400)),
        "type": text(choices=("DTC", "DropShip", "B2B")),
        "shipping_method": text(1),
        "recipient": record(
            {
                "name": text(1, 300),
                "email": null_or(email),
                "phone_number": null_or(text(longest=50)),
                "address": record(_address_members, _address_required),
            },
            ("name", "address"),
        ),
        "products": array(order_line, 1),
        "purchase_date": null_or(moment),
        "location_id": null_or(whole(1)),
        "gift_message": null_or(text(longest=500)),
        "financials": record({"total_price": null_or(number())}),
        "tags": null_or(array(record({"name": text(1, 50), "value": text(1, 500)}, ("name", "value")))),
        "retailer_program_data": _program,
        "shipping_terms": record(
            {
                "carrier_type": text(choices=("Parcel", "Freight")),
                "payment_term": text(choices=("Collect", "ThirdParty", "Prepaid", "MerchantResponsible")),
            }
        ),
        "requested_delivery_date": null_or(moment),
        "sales_channel": text(longest=100) if version == "2025-07" else text(choices=SALES_CHANNELS),
        "origin_platform_program": null_or(text(longest=100)),
    }
    required = ("reference_id", "type", "shipping_method", "recipient", "products")
    return both(record(members, required), _program_given)


def _one_identity(value: Any, path: str) -> Iterator[Finding]:
    for index, line in enumerate(value["products"]):
        if line.get("id") is None and not line.get("reference_id"):
            yield Finding(f"products[{index}].reference_id", "The ReferenceId field is required.", "rule")


ESTIMATE = both(
    record(
        {
            "address": record(
                {**_address_members, "address1": null_or(text()), "city": null_or(text())},
                ("country",),
            ),
            "products": array(
                record(
                    {"id": null_or(whole(1)), "reference_id": null_or(text()), "quantity": whole(1, 199)},
                    ("quantity",),
                ),
                1,
            ),
            "shipping_methods": null_or(array(text())),
        },
        ("address", "products"),
    ),
    _one_identity,
)
BATCH_CANCEL = record({"shipment_ids": array(whole(1), 1)}, ("shipment_ids",))
TRACKING_UPLOAD = record(
    {"shipment_ids": array(whole(1), 1), "is_tracking_uploaded": flag}, ("shipment_ids", "is_tracking_uploaded")
)
UPDATE_ADDRESS = record(
    {
        "street_address1": text(1),
        "city": text(1),
        **{
            name: null_or(text())
            for name in [
                "recipient_name",
                "street_address2",
                "state",
                "zip_code",
                "country_code",
                "company_name",
                "email",
                "phone_number",
            ]
        },
    },
    ("street_address1", "city"),
)
UPDATE_LINE_ITEMS = record(
    {
        "items": array(
            record(
                {
                    "id": whole(0),
                    "inventory_id": whole(1),
                    "quantity": whole(0),
                    "fulfillment_center_id": whole(1),
                    "lot_number": null_or(text()),
                    "lot_date": null_or(text()),
                    "is_manually_assigned_lot": flag,
                },
                ("inventory_id", "quantity"),
            ),
            1,
        )
    },
    ("items",),
)
UPDATE_SERVICE = record(
    {"shipment_ids": array(whole(1, INT64), 1), "requested_shipping_service_id": whole(1), "reason": text(1)},
    ("shipment_ids", "requested_shipping_service_id", "reason"),
)
