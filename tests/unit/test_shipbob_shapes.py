"""ShipBob's documents, parsed: tolerant where ShipBob is, loud where a number would be wrong."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.transport import Reply
from vendors.shipbob import shapes
from vendors.shipbob.shapes.fields import amount, flag, text, whole


def shipment(**changes: Any) -> dict[str, Any]:
    return {
        "id": 345100001,
        "order_id": 337200001,
        "reference_id": "ACU-SO-001234",
        "status": "Completed",
        "status_details": [{"id": 201, "name": "InTransit", "description": "On its way"}],
        "created_date": "2026-03-02T15:04:11.2231034+00:00",
        "last_update_at": "2026-03-03T19:40:02.117+00:00",
        "last_tracking_update_at": None,
        "actual_fulfillment_date": "2026-03-03T18:22:45+00:00",
        "delivery_date": None,
        "location": {"id": 8, "name": "Cicero (IL)"},
        "ship_option": "Standard",
        "invoice_amount": None,
        "measurements": {"total_weight_oz": 18, "length_in": 10, "width_in": 8, "depth_in": 4},
        "parent_cartons": [],
        "tracking": {"carrier": "USPS", "carrier_service": "Ground", "tracking_number": "9400100000000000000001"},
        "products": [
            {
                "id": 896990001,
                "sku": "TSHIRT-BLU-M",
                "reference_id": "TSHIRT-BLU-M",
                "name": "Tee",
                "inventory_items": [
                    {"id": 20350001, "quantity": 1, "lot": "A", "serial_numbers": ["S1"]},
                    {"id": 20350001, "quantity": 1, "lot": "B", "expiration_date": "2027-01-01T00:00:00"},
                ],
            }
        ],
        **changes,
    }


def order(**changes: Any) -> dict[str, Any]:
    return {
        "id": 337200001,
        "created_date": "2026-03-02T15:04:10.881+00:00",
        "reference_id": "ACU-SO-001234",
        "order_number": "SO-001234",
        "status": "Fulfilled",
        "type": "DTC",
        "channel": {"id": 433700, "name": "PAT Channel"},
        "shipping_method": "Standard",
        "recipient": {
            "name": "Jane Example",
            "email": "jane@example.com",
            "phone_number": "555-555-5555",
            "address": {"address1": "100 Nowhere Blvd", "city": "Gotham City", "state": "NJ", "country": "US"},
        },
        "products": [
            {
                "id": 896990001,
                "reference_id": "TSHIRT-BLU-M",
                "sku": "TSHIRT-BLU-M",
                "quantity": 2,
                "unit_price": 19.99,
                "external_line_id": 1,
            }
        ],
        "tags": [{"name": "erp_order", "value": "SO/001234"}],
        "financials": {"total_price": 39.98},
        "shipments": [shipment()],
        **changes,
    }


def parsed(document: Any) -> Any:
    """As it comes off the wire, with exact decimals."""
    return Reply(200, {}, json.dumps(document).encode()).json()


# ---- orders and shipments


def test_an_order() -> None:
    found = shapes.parse_order(parsed(order()))
    assert (found.order_id, found.reference_id, found.status, found.channel_id) == (
        337200001,
        "ACU-SO-001234",
        "Fulfilled",
        433700,
    )
    assert found.created_at == datetime(2026, 3, 2, 15, 4, 10, 881000, UTC)
    assert found.lines[0].unit_price == Decimal("19.99")
    assert (found.lines[0].quantity, found.lines[0].external_line_id) == (2, 1)
    assert found.total_price == Decimal("39.98")
    assert found.tags == (("erp_order", "SO/001234"),)
    assert found.recipient.city == "Gotham City"
    assert found.changed_at == datetime(2026, 3, 3, 19, 40, 2, 117000, UTC)
    assert found.document["order_number"] == "SO-001234"


def test_an_order_needs_little() -> None:
    found = shapes.parse_order({"id": 5})
    assert (found.lines, found.shipments, found.status, found.recipient.name) == ((), (), "", None)
    assert found.changed_at is None


def test_people_do_not_appear_in_logs_and_error_texts() -> None:
    shown = repr(shapes.parse_order(parsed(order(gift_message="Dear Jane"))))
    assert not any(word in shown for word in ("Jane", "jane@", "Nowhere", "Gotham", "555-"))


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ({}, "order has no id"),
        ({"id": None}, "order has no id"),
        ({"id": 5, "products": [{"sku": "A"}]}, "order 5 has no quantity of a line"),
        ({"id": 5, "products": [{"quantity": 1.5}]}, "order 5: quantity is not a whole number"),
        ({"id": 5, "products": {"sku": "A"}}, "order 5: products is not a list"),
        ({"id": 5, "created_date": "yesterday"}, "order 5: created_date is not a time"),
        ({"id": 5, "financials": {"total_price": "a lot"}}, "order 5: total_price is not a number"),
        ({"id": 5, "shipments": [{}]}, "shipment has no id"),
        ([], "order is not an object"),
    ],
)
def test_an_unusable_order_is_named(broken: Any, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        shapes.parse_order(broken)


def test_error_texts_hold_no_values() -> None:
    with pytest.raises(ValueError, match="purchase_date") as caught:
        shapes.parse_order({"id": 5, "purchase_date": "Jane Example"})
    assert "Jane" not in str(caught.value)


def test_a_shipment() -> None:
    found = shapes.parse_shipment(parsed(shipment()))
    assert (found.location_id, found.tracking_number) == (8, "9400100000000000000001")
    assert found.measurements == shapes.Measurements(Decimal(18), Decimal(10), Decimal(8), Decimal(4))
    assert found.products[0].quantity == 2
    assert found.quantities_by_sku() == {"TSHIRT-BLU-M": 2}
    assert found.products[0].items[0].serial_numbers == ("S1",)
    assert found.created_at == datetime(2026, 3, 2, 15, 4, 11, 223103, UTC)
    assert (found.is_shipped(), found.is_delivered) == (True, False)
    assert found.packages[0].tracking_number == "9400100000000000000001"
    assert found.packages[0].measurements.weight_oz == Decimal(18)


def test_a_shipment_needs_its_id_alone() -> None:
    found = shapes.parse_shipment({"id": "7"})
    assert (found.shipment_id, found.status, found.tracking, found.tracking_number) == (7, "", None, None)
    assert found.quantities_by_sku() == {}


def test_a_status_nobody_has_heard_of_is_kept() -> None:
    found = shapes.parse_shipment(shipment(status="Teleported", status_details=[{"name": "Beaming"}]))
    assert (found.status, found.details[0].name, found.details[0].detail_id) == ("Teleported", "Beaming", None)
    assert not found.is_shipped()


@pytest.mark.parametrize(
    ("changes", "delivered"),
    [
        ({"status_details": [{"id": 203, "name": "Delivered"}]}, True),
        ({"status_details": [{"id": 999, "name": "delivered"}]}, True),
        ({"status_details": [{"id": 203, "name": "InTransit"}]}, False),
        ({"status_details": [], "delivery_date": "2026-03-05T10:00:00Z"}, True),
        ({"status": "Processing", "status_details": [], "delivery_date": "2026-03-05T10:00:00Z"}, False),
        ({"status_details": []}, False),
        ({"status_details": None}, False),
        ({"status_details": [{"name": "DeliveryAttemptFailed"}]}, False),
    ],
)
def test_completed_is_not_delivered(changes: dict[str, Any], delivered: bool) -> None:
    assert shapes.parse_shipment(shipment(**changes)).is_delivered is delivered


def test_a_label_counts_as_shipped_only_by_choice() -> None:
    found = shapes.parse_shipment(shipment(status="LabeledCreated"))
    assert (found.is_shipped(), found.is_shipped(label_is_enough=True)) == (False, True)


@pytest.mark.parametrize(
    ("number", "final"),
    [
        ("9400100000000000000001", True),
        ("SBAAA0001", False),
        (" sbaaa0001", False),
        ("", False),
        ("  ", False),
        (None, False),
        ("1ZSBAAA", True),
    ],
)
def test_placeholder_tracking_numbers(number: str | None, final: bool) -> None:
    assert shapes.is_final_tracking(number) is final
    found = shapes.parse_shipment(shipment(tracking={"tracking_number": number}))
    assert (found.tracking_number is not None) is final


@pytest.mark.parametrize(
    "items", [[], None, [{"id": 1}], [{"id": 1, "quantity": 2}, {"id": 2}], [{"id": 1, "quantity": None}]]
)
def test_a_quantity_that_is_not_stated_is_never_0(items: Any) -> None:
    found = shapes.parse_shipment(shipment(products=[{"sku": "A", "inventory_items": items}]))
    assert found.products[0].quantity is None
    with pytest.raises(ValueError, match="shipment 345100001 has no quantity of product A"):
        found.quantities_by_sku()


def test_a_stated_0_is_0_and_equal_skus_add_up() -> None:
    products = [
        {"sku": "A", "inventory_items": [{"quantity": 0}]},
        {"sku": "B", "inventory_items": [{"quantity": 2}]},
        {"reference_id": "B", "inventory_items": [{"quantity": 3}]},
    ]
    assert shapes.parse_shipment(shipment(products=products)).quantities_by_sku() == {"A": 0, "B": 5}


def test_the_older_name_of_inventory_items() -> None:
    found = shapes.parse_shipment(shipment(products=[{"sku": "A", "inventory": [{"id": 1, "quantity": 4}]}]))
    assert found.quantities_by_sku() == {"A": 4}


def test_cartons_are_the_packages() -> None:
    cartons = [
        {
            "barcode": "PALLET-1",
            "type": "Pallet",
            "cartons": [
                {
                    "id": 11,
                    "barcode": "BOX-1",
                    "type": "Carton",
                    "measurements": {"total_weight_oz": 12.5, "length_in": 10, "width_in": 8, "depth_in": 4.25},
                    "carton_details": [{"products": [{"sku": "A", "inventory_items": [{"quantity": 3}]}]}],
                },
                {"id": 12, "barcode": "BOX-2"},
            ],
        },
        {"barcode": "BOX-3", "measurements": {"total_weight_oz": 5}},
    ]
    found = shapes.parse_shipment(parsed(shipment(parent_cartons=cartons)))
    assert [package.barcode for package in found.packages] == ["BOX-1", "BOX-2", "BOX-3"]
    assert found.packages[0].parent_barcode == "PALLET-1"
    assert found.packages[0].measurements.depth_in == Decimal("4.25")
    assert found.packages[0].products[0].quantity == 3
    assert {package.tracking_number for package in found.packages} == {"9400100000000000000001"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"invoice_amount": 6.07, "invoice_currency_code": "USD"}, (Decimal("6.07"), "USD")),
        ({"invoice_amount": 0}, (Decimal(0), None)),
        ({"invoice": {"amount": 3.1, "currency_code": "CAD"}}, (Decimal("3.1"), "CAD")),
        ({}, (None, None)),
    ],
)
def test_the_invoice_amount_in_both_forms(changes: dict[str, Any], expected: tuple[Decimal | None, str | None]) -> None:
    found = shapes.parse_shipment(parsed(shipment(**changes)))
    assert (found.invoice_amount, found.invoice_currency) == expected


def test_a_cancellation_that_failed() -> None:
    found = shapes.parse_cancellation(
        {
            "order_id": 5,
            "status": "PartialSuccess",
            "canceled_shipment_results": [
                {"shipment_id": 1, "is_success": True},
                {"shipment_id": 2, "is_success": False, "reason": "already packed"},
            ],
        }
    )
    assert not found.succeeded
    assert found.why_not == "shipment 2: already packed"
    assert shapes.parse_cancellation({"order_id": 5, "status": "Success"}).succeeded
    with pytest.raises(ValueError, match="has no status"):
        shapes.parse_cancellation({"order_id": 5})


# ---- products and stock


def product(**variant: Any) -> dict[str, Any]:
    return {
        "id": 3216263,
        "name": "Tee",
        "type": "Regular",
        "variants": [
            {
                "id": 15319517,
                "sku": "0041",
                "name": "Tee M",
                "status": "Active",
                "weight": {"weight": 12.5, "unit": "oz"},
                "dimension": {"length": 10, "width": 8, "height": 4, "unit": "inch", "is_locked": True},
                "inventory": {"inventory_id": 8598495, "on_hand_qty": 3},
                "barcodes": [{"value": "0012345678905"}],
                **variant,
            }
        ],
    }


def test_a_product() -> None:
    (variant,) = shapes.parse_product(parsed(product())).variants
    assert (variant.sku, variant.product_id, variant.inventory_id, variant.is_active) == (
        "0041",
        3216263,
        8598495,
        True,
    )
    assert variant.weight_oz == Decimal("12.5")
    assert variant.dimension == shapes.Dimension(Decimal(10), Decimal(8), Decimal(4), is_locked=True)
    assert variant.barcodes == ("0012345678905",)


@pytest.mark.parametrize(
    ("weight", "ounces"),
    [
        ({"weight": 1.5, "unit": "lb"}, Decimal(24)),
        ({"weight": 3}, Decimal(3)),
        ({"weight": 0, "unit": "oz"}, Decimal(0)),
        ({"weight": 3, "unit": "stone"}, None),
        ({"weight": None, "unit": "oz"}, None),
        (None, None),
    ],
)
def test_weights(weight: Any, ounces: Decimal | None) -> None:
    (variant,) = shapes.parse_product(parsed(product(weight=weight))).variants
    assert variant.weight_oz == ounces


def test_the_older_barcode() -> None:
    assert shapes.parse_product(product(barcodes=None, barcode="100")).variants[0].barcodes == ("100",)


def variant(number: int, status: str = "Active", inventory: int | None = 1, bundle: bool = False) -> shapes.Variant:
    parts = [{"variant_id": 1, "quantity": 2}] if bundle else []
    document = product(id=number, status=status, inventory={"inventory_id": inventory}, bundle_definition=parts)
    return shapes.parse_product(document).variants[0]


def test_the_preferred_variant() -> None:
    good = variant(1)
    assert shapes.preferred([variant(2, "Inactive"), good, variant(3, bundle=True), variant(4, inventory=None)]) == (
        good,
    )
    bundle = variant(3, inventory=None, bundle=True)
    assert shapes.preferred([bundle, variant(2, "Inactive")]) == (bundle,)
    inactive = variant(2, "Inactive")
    assert shapes.preferred([inactive]) == (inactive,)
    assert len(shapes.preferred([good, variant(5)])) == 2
    assert shapes.preferred([]) == ()


def levels(*locations: dict[str, Any]) -> dict[str, Any]:
    return {"inventory_id": 20350001, "sku": "A", "name": "Tee", "locations": list(locations)}


def test_levels_of_one_item() -> None:
    row = {"location_id": 8, "name": "Cicero (IL)", "on_hand_quantity": 10, "fulfillable_quantity": 7}
    number, found = shapes.parse_levels(levels(row))
    assert (number, found[0].location_id, found[0].on_hand, found[0].fulfillable, found[0].committed) == (
        20350001,
        8,
        10,
        7,
        None,
    )
    assert shapes.parse_levels(levels()) == (20350001, ())


@pytest.mark.parametrize(
    "broken",
    [
        levels({"location_id": 8}),
        levels({"on_hand_quantity": 1}),
        levels({"location_id": 8, "on_hand_quantity": None}),
        {},
    ],
)
def test_a_missing_stock_figure_never_becomes_0(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="inventory level"):
        shapes.parse_levels(broken)


def test_what_a_reading_can_say() -> None:
    _, rows = shapes.parse_levels(levels({"location_id": 8, "on_hand_quantity": 10}))
    whole_account = shapes.Levels(
        {20350001: {8: rows[0]}}, whole_account=True, read_at=datetime(2026, 3, 2, tzinfo=UTC)
    )
    assert whole_account.on_hand(20350001, 8) == 10
    assert whole_account.on_hand(20350001, 9) == 0
    assert whole_account.on_hand(5, 8) == 0
    assert whole_account.rows == rows
    part = shapes.Levels(whole_account.items, whole_account=False, read_at=whole_account.read_at)
    assert part.on_hand(20350001, 9) == 0
    assert part.on_hand(5, 8) is None


def test_a_movement() -> None:
    found = shapes.parse_movement(
        {
            "inventory_audit_event_id": 88000001,
            "event_category": "InventoryAdjusted",
            "event_datetime": "2026-03-02T15:04:10Z",
            "inventory_id": 20350001,
            "decrement": {"facility_id": 8, "quantity_change": -3, "sku": "A"},
            "increment": None,
            "additional_reference": [{"key": "reason", "value": "count"}],
        }
    )
    assert (found.event_id, found.changes, found.sku) == (88000001, ((8, -3),), "A")
    with pytest.raises(ValueError, match="inventory event 5 has no event_category"):
        shapes.parse_movement({"inventory_audit_event_id": 5})


# ---- billing, returns, receiving, tracking, account


def transaction(**changes: Any) -> dict[str, Any]:
    return {
        "transaction_id": "01KEXAMPLE0000000000000001",
        "amount": 6.07,
        "currency_code": "USD",
        "charge_date": "2026-03-03",
        "invoiced_status": False,
        "transaction_fee": "Shipping",
        "reference_id": "345100001",
        "reference_type": "Shipment",
        "transaction_type": "Charge",
        "fulfillment_center": "Cicero (IL)",
        "taxes": [{"tax_type": "GST", "tax_rate": 5, "tax_amount": 0.3}],
        "additional_details": {"TrackingId": "9400100000000000000001", "Comment": ""},
        **changes,
    }


def test_a_transaction() -> None:
    found = shapes.parse_transaction(parsed(transaction()))
    assert (found.amount, found.charge_date, found.is_invoiced) == (Decimal("6.07"), date(2026, 3, 3), False)
    assert found.taxes == (shapes.Tax("GST", Decimal(5), Decimal("0.3")),)
    assert (found.tracking_number, found.comment) == ("9400100000000000000001", None)


def test_an_invoice_and_a_payment() -> None:
    document = {
        "invoice_id": 7654001,
        "invoice_date": "2026-03-09",
        "invoice_type": "Shipping",
        "amount": 123.45,
        "currency_code": "USD",
        "running_balance": 0,
    }
    found = shapes.parse_invoice(parsed(document))
    assert (found.amount, found.invoice_date, found.is_payment) == (Decimal("123.45"), date(2026, 3, 9), False)
    assert shapes.parse_invoice({**document, "invoice_type": "Payment", "amount": -5}).is_payment
    assert (
        shapes.parse_invoice({**document, "invoice_type": "WarehouseInboundFee"}).invoice_type == "WarehouseInboundFee"
    )


@pytest.mark.parametrize("missing", ["invoice_id", "invoice_date", "invoice_type", "amount", "currency_code"])
def test_an_invoice_without_a_fact_is_refused(missing: str) -> None:
    document = {
        "invoice_id": 1,
        "invoice_date": "2026-03-09",
        "invoice_type": "Shipping",
        "amount": 1,
        "currency_code": "USD",
    }
    with pytest.raises(ValueError, match=missing):
        shapes.parse_invoice({**document, missing: None})


@pytest.mark.parametrize("missing", ["transaction_id", "amount", "currency_code"])
def test_a_transaction_without_a_fact_is_refused(missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        shapes.parse_transaction(transaction(**{missing: None}))


def test_only_what_was_restocked_is_stock() -> None:
    found = shapes.parse_return(
        {
            "id": 2950001,
            "status": "Awaiting Arrival",
            "channel": {"id": 433700},
            "invoice": {"amount": 3, "currency_code": "USD"},
            "inventory": [
                {
                    "id": 20350001,
                    "quantity": 3,
                    "action_requested": {"action": "Restock"},
                    "action_taken": [
                        {"action": "Restock", "quantity_processed": 1},
                        {"action": "restock", "quantity_processed": 1},
                        {"action": "Dispose", "quantity_processed": 1, "action_reason": "Damaged"},
                    ],
                }
            ],
        }
    )
    assert found.status == "AwaitingArrival"
    assert (found.items[0].announced, found.items[0].restocked, found.items[0].processed("Dispose")) == (3, 2, 1)
    assert (found.invoice_amount, found.invoice_currency) == (Decimal(3), "USD")
    assert shapes.parse_return({"id": 1, "invoice_amount": 2}).invoice_amount == Decimal(2)
    with pytest.raises(ValueError, match="return 1 has no quantity_processed"):
        shapes.parse_return({"id": 1, "inventory": [{"id": 2, "action_taken": [{"action": "Restock"}]}]})


def test_a_receiving_order() -> None:
    found = shapes.parse_receiving_order(
        {
            "id": 901001,
            "status": "Completed",
            "purchase_order_number": "PO-77120",
            "fulfillment_center": {"id": 8},
            "inventory_quantities": [{"inventory_id": 1, "expected_quantity": 120, "stowed_quantity": 119}],
        }
    )
    assert (found.is_over, found.quantities[0].stowed, found.quantities[0].received) == (True, 119, None)
    with pytest.raises(ValueError, match="receiving order 1 has no stowed_quantity"):
        shapes.parse_receiving_order({"id": 1, "inventory_quantities": [{"inventory_id": 5}]})


def test_boxes_and_sync_results() -> None:
    box = shapes.parse_box(
        {"box_id": 5, "box_status": "Stowing", "box_items": [{"inventory_id": 1, "stowed_quantity": 4}]}
    )
    assert (box.status, box.items[0].stowed, box.items[0].lot_number) == ("Stowing", 4, None)
    live = {
        "results": [
            {"id": 1, "action": "ExternalSync", "is_success": True},
            {"id": 2, "is_success": False, "reason": "no"},
        ]
    }
    assert [result.succeeded for result in shapes.parse_sync_results(live)] == [True, False]
    assert shapes.parse_sync_results({"id": 7, "status": "Completed"}) == (shapes.SyncResult(7, True, None),)


def test_both_tracking_shapes_give_the_same_report() -> None:
    live = shapes.parse_tracking_report(
        {
            "shipment_id": 1,
            "tracking_number": "T1",
            "carrier": "UPS",
            "current_status": "Delivered",
            "current_substatus": "Delivered",
            "current_substatus_code": "Delivered_001",
            "current_timestamp": "2026-03-05T10:00:00Z",
            "delivery_signed_by": "Jane",
            "tracking_url": "https://example.com",
            "history": [
                {
                    "status": "Delivered",
                    "substatus_code": "Delivered_001",
                    "timestamp": "2026-03-05T10:00:00Z",
                    "address": {"city": "Sanger", "state": "TX", "country": "US"},
                },
                {"status": "Delivered", "substatus_code": "Delivered_001", "timestamp": "2026-03-05T10:00:00Z"},
            ],
        }
    )
    spec = shapes.parse_tracking_report(
        {
            "shipment_id": 1,
            "carrier_tracking_number": "T1",
            "carrier": "UPS",
            "status": "Delivered",
            "substatus": "Delivered",
            "last_updated": "2026-03-05T10:00:00Z",
            "public_tracking_url": "https://example.com",
            "history": [
                {
                    "status": "Delivered",
                    "substatus": "Delivered",
                    "timestamp": "2026-03-05T10:00:00Z",
                    "location": "Sanger",
                }
            ],
        }
    )
    assert (live.tracking_number, live.status, live.at, live.url) == (
        spec.tracking_number,
        spec.status,
        spec.at,
        spec.url,
    )
    assert live.is_delivered
    assert spec.is_delivered
    assert len(live.events) == 1
    assert (live.events[0].city, spec.events[0].city) == ("Sanger", "Sanger")
    assert "Jane" not in repr(live)


def test_tracking_events_come_newest_first() -> None:
    history = [{"substatus_code": str(day), "timestamp": f"2026-03-0{day}T00:00:00Z"} for day in (2, 5, 1)]
    found = shapes.parse_tracking_report({"shipment_id": 1, "history": [*history, {"substatus_code": "none"}]})
    assert [event.code for event in found.events] == ["5", "2", "1", "none"]


@pytest.mark.parametrize("status", ["Available for Pickup", "AvailableForPickup", " available FOR pickup"])
def test_spellings_of_a_tracking_status(status: str) -> None:
    assert shapes.plain_status(status) == "availableforpickup"


def test_upload_results() -> None:
    found = shapes.parse_upload_results(
        {
            "results": [
                {"shipmentId": 1, "isSuccess": True, "error": None},
                {"shipmentId": 2, "isSuccess": False, "error": {"code": "E", "message": "gone"}},
                {"shipmentId": 3, "isSuccess": False, "error": "gone"},
            ]
        }
    )
    assert [(result.succeeded, result.error) for result in found] == [(True, None), (False, "E: gone"), (False, "gone")]


def test_scopes_come_as_a_list_or_as_one_text() -> None:
    expected = frozenset({"orders_read", "orders_write"})
    for scopes in (["orders_read", "orders_write"], ["orders_read orders_write"], "orders_read orders_write"):
        assert shapes.parse_channel({"id": 1, "scopes": scopes}).scopes == expected
    assert shapes.parse_channel({"id": 1}).scopes == frozenset()


def test_a_subscription_hides_its_secret() -> None:
    found = shapes.parse_subscription(
        {"id": 12345, "url": "https://x", "topics": ["order.shipped"], "secret": "whsec_hidden"}
    )
    assert (found.subscription_id, found.enabled, found.secret) == ("12345", True, "whsec_hidden")
    assert "hidden" not in repr(found)
    assert not shapes.parse_subscription({"id": "1", "enabled": False}).enabled


def test_a_shipping_method_needs_its_name() -> None:
    assert shapes.parse_shipping_method({"id": 1, "name": "Standard"}).is_active
    with pytest.raises(ValueError, match="shipping method 1 has no name"):
        shapes.parse_shipping_method({"id": 1})


# ---- single members


@pytest.mark.parametrize(
    ("value", "expected"), [(5, 5), ("5", 5), ("-5", -5), (Decimal("5.0"), 5), (5.0, 5), (None, None), ("", None)]
)
def test_whole_numbers(value: Any, expected: int | None) -> None:
    assert whole({"n": value}, "n", "thing") == expected


@pytest.mark.parametrize(
    "value",
    [
        True,
        "5.5",
        "five",
        5.5,
        Decimal("1E+999999999"),
        Decimal("NaN"),
        float("inf"),
        float("nan"),
        [],
        {},
        "٥",
        "--5",
        "-",
    ],
)
def test_what_is_no_whole_number(value: Any) -> None:
    with pytest.raises(ValueError, match="thing: n is not a whole number"):
        whole({"n": value}, "n", "thing")


@pytest.mark.parametrize("value", [True, "abc", "NaN", "Infinity", float("nan"), float("inf"), [], {}])
def test_what_is_no_amount(value: Any) -> None:
    with pytest.raises(ValueError, match="thing: n is not a number"):
        amount({"n": value}, "n", "thing")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_amounts_are_exact(value: Decimal) -> None:
    document = Reply(200, {}, f'{{"n": {value}}}'.encode()).json()
    assert amount(document, "n", "thing") == value
    assert amount({"n": str(value)}, "n", "thing") == value


def test_texts_keep_their_spaces_and_flags_are_strict() -> None:
    assert text({"s": " Insert Card - A "}, "s", "thing") == " Insert Card - A "
    with pytest.raises(ValueError, match="neither true nor false"):
        flag({"f": "true"}, "f", "thing")
    with pytest.raises(ValueError, match="s is not a text"):
        text({"s": ["a"]}, "s", "thing")


PARSERS = [getattr(shapes, name) for name in shapes.__all__ if name.startswith("parse_")]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(order() | shipment())), inner, max_size=6)
    ),
    max_leaves=20,
)


@given(JSON)
def test_garbage_is_a_value_error_and_nothing_else(value: Any) -> None:
    for parse in PARSERS:
        try:
            parse(value)
        except ValueError:
            continue


# ---- what was really seen


def test_samples(shared: Path) -> None:
    folder = shared / "specs" / "shipbob"

    def sample(name: str) -> Any:
        return Reply(200, {}, (folder / name).read_bytes()).json()

    found = shapes.parse_tracking_report(sample("live-samples/tracking-delivered.2026-07.json")[0])
    assert (found.is_delivered, len(found.events), found.events[0].code) == (True, 6, "Delivered_001")
    assert shapes.parse_product(sample("live-samples/product-2.0-variants.json")[0]).variants[0].barcodes == ("100",)
    assert shapes.parse_receiving_order(sample("live-samples/receiving-completed.2.0.json")).quantities[0].stowed == 100
    assert len([shapes.parse_location(row) for row in sample("live-samples/locations-excerpt.json")]) == 4
    rows = sample("live-samples/billing-transactions-excerpt.2025-07.json")["items"]
    assert shapes.parse_transaction(rows[0]).amount == Decimal("6.58")
    assert shapes.parse_order(sample("webhook-samples/order.delivered.body.json")).shipments[0].is_delivered
    assert shapes.parse_shipment(sample("webhook-samples/order.shipment.delivered.body.json")).is_delivered
    assert shapes.parse_shipment(sample("webhook-samples/order.shipment.on_hold.body.json")).details[0].messages
    assert shapes.parse_return(sample("webhook-samples/return.completed.body.json")).items[0].restocked == 2
    assert shapes.parse_transaction(sample("webhook-samples/billing.charge.created.body.json")).amount == Decimal(
        "6.07"
    )
