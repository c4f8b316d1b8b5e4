"""The ShipBob client against the strict simulator: what the account holds afterwards, in virtual time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connector.credentials import Credentials
from connector.faults import ConfigurationFault, Executed, FaultKind, VendorFault
from connector.wire import RequestsWire
from local.simulators import base
from local.simulators.base import Fault
from local.simulators.server import SimulatorServer
from local.simulators.shipbob import DEFAULT_PAT, PAT_CHANNEL, Client, ShipBobSimulator
from tests.support.wire import SimulatorWire
from tests.support.world import World
from vendors.shipbob.auth import authorize_url, code_challenge, exchange_code
from vendors.shipbob.client import ShipBob
from vendors.shipbob.open import open_shipbob, open_shipbob_billing, token_cache, token_transport
from vendors.shipbob.settings import ShipBobSystem
from vendors.shipbob.shapes import (
    parse_cancellation,
    parse_order,
    parse_product,
    parse_receiving_order,
    parse_return,
    parse_subscription,
    parse_sync_results,
    parse_upload_results,
    preferred,
)

BASE = "http://127.0.0.1:7002"
APP = Client("ExternalApplication_1", "app-secret", ("https://example.com/back",), frozenset(ShipBobSystem().scopes))
SECRET = "whsec_bWwtY29ubmVjdG9yLXRlc3Qta2V5LTAx"


class Bench:
    """One account at the simulator and one connection to it."""

    def __init__(
        self, *, calls_per_minute: int = 150, pats: Mapping[str, list[str]] | None = None, **system: Any
    ) -> None:
        self.world = World()
        self.simulator = ShipBobSimulator(
            self.world.clock,
            pats=pats,
            clients=[APP],
            calls_per_minute=calls_per_minute,
            advance=self._advance,
        )
        self.wire = SimulatorWire({7002: self.simulator})
        self.system = ShipBobSystem.model_validate({"base_url": BASE, "auth_url": BASE, **system})
        token = DEFAULT_PAT if pats is None else next(iter(pats))
        self.world.secrets.write("demo/shipbob", json.dumps({"token": token}))

    def _advance(self, seconds: float) -> None:
        self.world.clock.advance(seconds)

    def open(self, lane: str = "live", opener: Callable[..., ShipBob] = open_shipbob) -> ShipBob:
        return opener(self.world.services, "demo", self.system, lane=lane, holder="demo/orders/1", wire=self.wire)

    def cold(self) -> ShipBob:
        """A new process."""
        self.world.services.memory.clear()
        return self.open()

    def command(self, act: str, /, **arguments: Any) -> Any:
        return self.simulator.command(act, arguments)

    def seed(self, *skus: str, quantity: int = 100) -> None:
        for sku in skus:
            self.command("seed_product", sku=sku, name=f"Item {sku}")
            self.command("seed_stock", sku=sku, location_id=8, quantity=quantity)

    def paths(self, start: int = 0) -> list[str]:
        return [f"{call.method} {call.path}" for call in self.simulator.calls[start:]]

    @property
    def orders(self) -> list[dict[str, Any]]:
        held: dict[str, dict[str, Any]] = self.simulator.holdings()["orders"]
        return list(held.values())


@pytest.fixture
def bench() -> Bench:
    return Bench()


def body(reference: str = "ACU-SO-000001", sku: str = "0041", quantity: int = 2, **changes: Any) -> dict[str, Any]:
    return {
        "reference_id": reference,
        "order_number": reference.removeprefix("ACU-"),
        "type": "DTC",
        "shipping_method": "Standard",
        "recipient": {
            "name": "Zoë Example",
            "email": "zoe@example.com",
            "phone_number": "555-555-5555",
            "address": {"address1": "1 Main St", "city": "Cicero", "state": "IL", "country": "US", "zip_code": "60804"},
        },
        "products": [
            {"reference_id": sku, "sku": sku, "name": "Item", "quantity": quantity, "unit_price": Decimal("19.99"),
             "external_line_id": 1}
        ],
        "tags": [{"name": "erp_order", "value": "SO/000001"}],
        **changes,
    }  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_misspelt(request: pytest.FixtureRequest) -> Any:
    """ShipBob ignores misspelt names silently; the strict simulator writes them down."""
    yield
    found = request.node.funcargs.get("bench")
    if found is not None:
        assert found.simulator.strict_violations == []


# ---- orders


def test_an_order_goes_there_and_comes_back(bench: Bench) -> None:
    bench.seed("0041")
    shipbob = bench.open()
    made = parse_order(shipbob.create_order(body()).json())
    assert [order["reference_id"] for order in bench.orders] == ["ACU-SO-000001"]
    (found,) = shipbob.find_by_references(["ACU-SO-000001", "ACU-SO-000002"])
    assert found.order_id == made.order_id
    assert (found.channel_id, found.recipient.name, found.lines[0].unit_price, found.lines[0].external_line_id) == (
        PAT_CHANNEL,
        "Zoë Example",
        Decimal("19.99"),
        1,
    )
    read = shipbob.order(made.order_id)
    assert read is not None
    assert read.tags == (("erp_order", "SO/000001"),)
    assert shipbob.order(1) is None


def test_the_channel_with_write_access_is_found_once_for_all_workers(bench: Bench) -> None:
    bench.seed("0041")
    bench.open().create_order(body("A"))
    bench.cold().create_order(body("B"))
    bench.cold().find_by_references(["A"])
    assert bench.paths() == [
        "GET /2026-01/channel", "POST /2026-01/order", "POST /2026-01/order", "GET /2026-01/order",
    ]  # fmt: skip
    assert {order["channel_id"] for order in bench.orders} == {PAT_CHANNEL}


def test_reading_needs_no_write_channel() -> None:
    bench = Bench(pats={"reader": ["orders_read", "products_read"]})
    assert list(bench.open().orders_changed(bench.world.clock() - timedelta(days=1))) == []
    assert "GET /2026-01/channel" not in bench.paths()


def test_without_write_access_nothing_is_written_and_a_person_is_told_what_to_do() -> None:
    bench = Bench(pats={"reader": ["channels_read", "orders_read"]})
    with pytest.raises(ConfigurationFault, match="no ShipBob channel has the scope orders_write"):
        bench.open().create_order(body())
    assert bench.orders == []


def test_a_missing_scope_is_named() -> None:
    bench = Bench(pats={"poor": ["orders_read"]})
    with pytest.raises(VendorFault, match="lacks the scope products_read") as caught:
        bench.open().by_skus(["0041"])
    assert caught.value.kind is FaultKind.FORBIDDEN


def test_the_same_reference_twice_is_a_duplicate_and_no_second_order(bench: Bench) -> None:
    bench.seed("0041")
    shipbob = bench.open()
    shipbob.create_order(body())
    with pytest.raises(VendorFault) as caught:
        shipbob.create_order(body())
    assert (caught.value.kind, caught.value.executed) == (FaultKind.DUPLICATE, Executed.NO)
    assert len(bench.orders) == 1


def test_invalid_content_is_told_without_personal_values(bench: Bench) -> None:
    broken = body()
    broken["recipient"]["address"]["country"] = ""
    broken["recipient"]["email"] = "zoe-at-example"
    with pytest.raises(VendorFault) as caught:
        bench.open().create_order(broken)
    assert caught.value.kind is FaultKind.INVALID
    assert "Country" in caught.value.message
    assert "zoe" not in str(caught.value).lower()
    assert bench.orders == []


@pytest.mark.parametrize(
    ("fault", "held", "executed"),
    [
        (Fault.DROP_BEFORE, 0, Executed.MAYBE),
        (Fault.DROP_AFTER, 1, Executed.MAYBE),
        (Fault.TIMEOUT_BEFORE, 0, Executed.MAYBE),
        (Fault.TIMEOUT_AFTER, 1, Executed.MAYBE),
        (Fault.ERROR_500_BEFORE, 0, Executed.MAYBE),
        (Fault.ERROR_500_AFTER, 1, Executed.MAYBE),
        (Fault.ERROR_503_AFTER, 1, Executed.MAYBE),
        (Fault.THROTTLED, 0, Executed.NO),
        (Fault.TOKEN_EXPIRED, 0, Executed.NO),
    ],
)
def test_a_write_is_sent_once_and_its_unclear_end_is_called_unclear(
    fault: Fault, held: int, executed: Executed
) -> None:
    bench = Bench()
    bench.seed("0041")
    shipbob = bench.open()
    shipbob.find_by_references(["X"])  # finds the channel
    bench.simulator.dial.plan(fault, "POST /2026-01/order")
    start = len(bench.simulator.calls)
    with pytest.raises(VendorFault) as caught:
        shipbob.create_order(body())
    assert caught.value.executed is executed
    assert len(bench.orders) == held
    assert bench.paths(start) == ["POST /2026-01/order"]
    bench.world.clock.advance(minutes=2)
    assert len(shipbob.find_by_references(["ACU-SO-000001"])) == held


def test_an_unreadable_answer_to_a_write_is_kept_raw(bench: Bench) -> None:
    bench.seed("0041")
    bench.simulator.dial.plan(Fault.GARBAGE_AFTER, "POST /2026-01/order")
    reply = bench.open().create_order(body())
    assert reply.status == 201
    with pytest.raises(ValueError, match=r"Expecting"):
        parse_order(reply.json())
    assert len(bench.orders) == 1


def test_an_unreadable_answer_to_a_read_is_a_fault(bench: Bench) -> None:
    bench.simulator.dial.plan(Fault.GARBAGE_AFTER, "GET /2026-01/location")
    with pytest.raises(VendorFault, match="cannot be read") as caught:
        bench.open().locations()
    assert caught.value.kind is FaultKind.UNAVAILABLE


def test_a_new_order_is_invisible_for_a_while(bench: Bench) -> None:
    bench.seed("0041")
    bench.command("set", visibility_lag_seconds=60)
    shipbob = bench.open()
    shipbob.create_order(body())
    assert shipbob.find_by_references(["ACU-SO-000001"]) == ()
    bench.world.clock.advance(61)
    assert len(shipbob.find_by_references(["ACU-SO-000001"])) == 1


def test_changed_orders_miss_nothing(bench: Bench) -> None:
    bench.seed("0041")
    shipbob = bench.open()
    shipbob.create_order(body("OLD"))
    bench.world.clock.advance(hours=2)
    since = bench.world.clock()
    bench.world.clock.advance(60)
    shipbob.create_order(body("NEW"))
    bench.command("fulfil", reference_id="OLD")
    found = {order.reference_id: order for page in shipbob.orders_changed(since) for order in page}
    assert set(found) == {"OLD", "NEW"}
    assert found["OLD"].shipments[0].status == "Completed"
    assert found["OLD"].shipments[0].tracking_number is not None


def test_a_delivery_is_seen_by_its_tracking_update(bench: Bench) -> None:
    bench.seed("0041")
    shipbob = bench.open()
    shipbob.create_order(body())
    bench.command("fulfil", reference_id="ACU-SO-000001")
    bench.world.clock.advance(hours=5)
    since = bench.world.clock()
    bench.world.clock.advance(60)
    bench.command("move", reference_id="ACU-SO-000001", status="Delivered")
    (order,) = [order for page in shipbob.orders_tracked(since) for order in page]
    assert order.shipments[0].is_delivered
    assert [one.is_delivered for one in shipbob.shipments(order.order_id)] == [True]


@pytest.mark.parametrize("headers", [True, False])
def test_many_orders_are_read_to_the_last(headers: bool) -> None:
    bench = Bench(calls_per_minute=10_000, per_minute=10_000)
    bench.seed("0041", quantity=5000)
    bench.command("set", order_page_headers=headers)
    shipbob = bench.open()
    for number in range(260):
        shipbob.create_order(body(f"SO-{number}", quantity=1))
    start = len(bench.simulator.calls)
    pages = list(shipbob.orders_created(bench.world.clock() - timedelta(hours=1)))
    assert [len(page) for page in pages] == [250, 10]
    assert {order.reference_id for page in pages for order in page} == {f"SO-{number}" for number in range(260)}
    # the page count saves the call for the empty page behind the last
    assert len(bench.simulator.calls) - start == (2 if headers else 3)
    wanted = [f"SO-{number}" for number in range(0, 260, 2)]
    assert len(shipbob.find_by_references(wanted)) == 130


def test_a_cancellation_tells_whether_it_happened(bench: Bench) -> None:
    bench.seed("0041")
    shipbob = bench.open()
    first = parse_order(shipbob.create_order(body("A")).json())
    second = parse_order(shipbob.create_order(body("B")).json())
    assert parse_cancellation(shipbob.cancel_order(first.order_id).json()).succeeded
    bench.command("pick", reference_id="B")
    answer = parse_cancellation(shipbob.cancel_order(second.order_id).json())
    assert not answer.succeeded
    assert answer.why_not
    cancelled = shipbob.order(first.order_id)
    assert cancelled is not None
    assert cancelled.is_cancelled


@pytest.mark.parametrize("version", ["2025-07", "2026-01", "2026-07"])
def test_every_version_takes_our_writes(version: str) -> None:
    bench = Bench(version=version)
    bench.seed("0041")
    shipbob = bench.open()
    order = parse_order(shipbob.create_order(body()).json())
    assert parse_cancellation(shipbob.cancel_order(order.order_id).json()).succeeded
    assert bench.simulator.strict_violations == []


def test_a_split_order_shows_its_parcels_and_quantities(bench: Bench) -> None:
    bench.seed("0041", "0042")
    shipbob = bench.open()
    lines = [{"reference_id": sku, "sku": sku, "name": "Item", "quantity": 2} for sku in ("0041", "0042")]
    order = parse_order(shipbob.create_order(body(products=lines)).json())
    packages = [{"lines": [{"sku": "0041", "quantity": 2}]}, {"lines": [{"sku": "0042", "quantity": 2}]}]
    bench.command("fulfil", reference_id="ACU-SO-000001", packages=packages)
    shipments = shipbob.shipments(order.order_id)
    assert sorted(str(one.quantities_by_sku()) for one in shipments) == ["{'0041': 2}", "{'0042': 2}"]
    assert len({one.tracking_number for one in shipments}) == 2
    one = shipbob.shipment(shipments[0].shipment_id)
    assert one == shipments[0]


def test_a_placeholder_is_no_tracking_number(bench: Bench) -> None:
    bench.seed("0041")
    shipbob = bench.open()
    order = parse_order(shipbob.create_order(body()).json())
    bench.command("fulfil", reference_id="ACU-SO-000001", placeholder=True)
    (shipment,) = shipbob.shipments(order.order_id)
    assert shipment.tracking is not None
    assert (shipment.tracking.number or "").startswith("SBAAA")
    assert shipment.tracking_number is None
    bench.command("relabel", reference_id="ACU-SO-000001")
    (relabelled,) = shipbob.shipments(order.order_id)
    assert relabelled.tracking_number is not None


@pytest.mark.parametrize("shape", ["live", "spec"])
def test_tracking_in_both_shapes(shape: str) -> None:
    bench = Bench()
    bench.seed("0041")
    bench.command("set", tracking_shape=shape)
    shipbob = bench.open()
    ids = []
    for number in range(27):
        order = parse_order(shipbob.create_order(body(f"SO-{number}", quantity=1)).json())
        bench.command("fulfil", order_id=order.order_id)
        ids += [shipment.shipment_id for shipment in shipbob.shipments(order.order_id)]
        bench.world.clock.advance(5)
    bench.command("move", reference_id="SO-0", status="Delivered")
    start = len(bench.simulator.calls)
    reports = {report.shipment_id: report for report in shipbob.tracking(ids)}
    assert len(bench.simulator.calls) - start == 2
    assert set(reports) == set(ids)
    assert [reports[number].is_delivered for number in ids[:2]] == [True, False]
    assert all(report.tracking_number and report.events for report in reports.values())
    assert bench.simulator.strict_violations == []


def test_marking_tracking_as_uploaded(bench: Bench) -> None:
    bench.seed("0041")
    shipbob = bench.open()
    order = parse_order(shipbob.create_order(body()).json())
    bench.command("fulfil", reference_id="ACU-SO-000001")
    (shipment,) = shipbob.shipments(order.order_id)
    results = parse_upload_results(shipbob.batch_update_tracking_upload([shipment.shipment_id]).json())
    assert [result.succeeded for result in results] == [True]
    again = shipbob.shipment(shipment.shipment_id)
    assert again is not None
    assert again.is_tracking_uploaded


# ---- products and stock


@pytest.mark.parametrize("style", ["path", "url", "token"])
def test_products_are_found_exactly_through_every_kind_of_next(style: str) -> None:
    bench = Bench()
    skus = [f"SKU-{number}" for number in range(12)]
    bench.seed(*skus, "sku-1", "SKU-1 ")
    bench.command("set", next_style=style, largest_cursor_page=5)
    found = bench.open().by_skus([*skus, "SKU-99", "Insert Card - A"])
    assert {sku: len(variants) for sku, variants in found.items()} == {
        **dict.fromkeys(skus, 1), "SKU-99": 0, "Insert Card - A": 0,
    }  # fmt: skip
    assert all(preferred(found[sku])[0].inventory_id for sku in skus)
    assert bench.simulator.strict_violations == []


def test_a_product_is_made_and_changed(bench: Bench) -> None:
    shipbob = bench.open()
    draft = {
        "name": "Insert Card - A",
        "type_id": 1,
        "variants": [
            {"sku": "Insert Card - A", "name": "Insert Card - A", "weight": Decimal("12.5"),
             "dimension": {"length": 10, "width": 8, "height": Decimal("0.25")},
             "barcodes": [{"value": "0012345678905"}]}
        ],
    }  # fmt: skip
    made = parse_product(shipbob.create_product(draft).json())
    (variant,) = shipbob.by_skus(["Insert Card - A"])["Insert Card - A"]
    assert (variant.product_id, variant.weight_oz, variant.barcodes) == (
        made.product_id,
        Decimal("12.5"),
        ("0012345678905",),
    )
    assert variant.dimension.height_in == Decimal("0.25")
    shipbob.update_product(made.product_id, {"variants": [{"id": variant.variant_id, "weight": 13}]})
    again = shipbob.product(made.product_id)
    assert again is not None
    assert again.variants[0].weight_oz == Decimal(13)
    assert shipbob.product(1) is None


@pytest.mark.parametrize("status", [422, 400])
def test_a_sku_twice_is_a_duplicate(status: int) -> None:
    bench = Bench()
    bench.command("set", duplicate_sku_status=status)
    shipbob = bench.open()
    draft = {"name": "A", "type_id": 1, "variants": [{"sku": "A", "name": "A"}]}
    shipbob.create_product(draft)
    with pytest.raises(VendorFault) as caught:
        shipbob.create_product(draft)
    assert caught.value.kind is FaultKind.DUPLICATE


def test_stock_of_the_whole_account_over_many_pages(bench: Bench) -> None:
    skus = [f"SKU-{number}" for number in range(12)]
    bench.seed(*skus, quantity=7)
    bench.command("seed_location", id=10, name="Moreno Valley (CA)")
    bench.command("seed_stock", sku="SKU-3", location_id=10, quantity=2)
    bench.command("set", largest_cursor_page=5)
    levels = bench.open().levels()
    assert levels.whole_account
    by_sku = {(row.sku, row.location_id): row.on_hand for row in levels.rows}
    assert {by_sku[sku, 8] for sku in skus} == {7}
    assert by_sku["SKU-3", 10] == 2
    item = next(row.inventory_id for row in levels.rows if row.sku == "SKU-0")
    assert (levels.on_hand(item, 8), levels.on_hand(item, 10)) == (7, 0)
    assert levels.read_at == bench.world.clock()


def test_a_broken_page_gives_no_stock_at_all(bench: Bench) -> None:
    bench.seed(*[f"SKU-{number}" for number in range(12)])
    bench.command("set", largest_cursor_page=5)
    bench.simulator.dial.plan(Fault.ERROR_500_BEFORE, "inventory-level", skip=1)
    with pytest.raises(VendorFault):
        bench.open().levels()


def test_stock_of_some_items(bench: Bench) -> None:
    bench.seed("A", "B")
    shipbob = bench.open()
    (variant,) = shipbob.by_skus(["A"])["A"]
    assert variant.inventory_id is not None
    levels = shipbob.levels(inventory_ids=[variant.inventory_id], location_id=8)
    assert [(row.sku, row.on_hand) for row in levels.rows] == [("A", 100)]


def test_stock_movements(bench: Bench) -> None:
    bench.seed("A")
    start = bench.world.clock()
    bench.world.clock.advance(60)
    bench.command("adjust_stock", sku="A", location_id=8, quantity=-3)
    bench.world.clock.advance(60)
    pages = bench.open().movements(8, start, bench.world.clock(), category="InventoryAdjusted")
    (movement,) = [one for page in pages for one in page]
    assert movement.changes == ((8, -3),)


def test_locations_and_shipping_methods(bench: Bench) -> None:
    shipbob = bench.open()
    assert [(one.location_id, one.zone_name) for one in shipbob.locations()] == [(8, "Central Standard Time")]
    assert [method.name for method in shipbob.shipping_methods()] == ["Standard"]
    assert [one.location_id for one in shipbob.receiving.fulfillment_centers()] == [8]


# ---- billing, webhooks, receiving, returns


def test_invoices_and_their_rows(bench: Bench) -> None:
    bench.seed("0041")
    shipbob = bench.open(opener=open_shipbob_billing)
    bench.open().create_order(body())
    bench.command("fulfil", reference_id="ACU-SO-000001")
    rows = bench.command("bill_day", storage=True, unknown_fee="Odd Fee")
    today = bench.world.clock().date()
    open_rows = [row for page in shipbob.transactions(today, today, invoiced=False) for row in page]
    assert {row.transaction_id for row in open_rows} == {row["transaction_id"] for row in rows}
    bench.command("close_invoice", payment=True)
    invoices = shipbob.invoices(today - timedelta(days=35), today + timedelta(days=7))
    assert {invoice.is_payment for invoice in invoices} == {True, False}
    bills = [invoice for invoice in invoices if not invoice.is_payment]
    for invoice in bills:
        owed = sum((row.amount for row in shipbob.invoice_transactions(invoice.invoice_id)), Decimal(0))
        taxes = sum(
            (tax.amount for row in shipbob.invoice_transactions(invoice.invoice_id) for tax in row.taxes), Decimal(0)
        )
        assert owed + taxes == invoice.amount
    assert "Shipping" in shipbob.transaction_fees()


def test_many_billing_rows_are_read_to_the_last() -> None:
    bench = Bench(calls_per_minute=10_000, per_minute=10_000)
    for _ in range(1005):
        bench.command("add_charge", fee="Kitting", amount="0.10")
    today = bench.world.clock().date()
    bench.command("close_invoice")
    shipbob = bench.open(opener=open_shipbob_billing)
    (invoice,) = shipbob.invoices(date(2026, 1, 1), today + timedelta(days=7))
    rows = shipbob.invoice_transactions(invoice.invoice_id)
    assert (len({row.transaction_id for row in rows}), sum(row.amount for row in rows)) == (1005, Decimal("100.50"))
    pages = list(shipbob.transactions(today, today))
    assert sum(len(page) for page in pages) == 1005
    assert len(pages) > 1
    assert bench.simulator.strict_violations == []


def test_billing_with_its_own_token() -> None:
    bench = Bench(pats={"main": ["orders_read"], "billing": ["billing_read"]}, billing_token=True)
    with pytest.raises(ConfigurationFault, match="demo/shipbob_billing"):
        bench.open(opener=open_shipbob_billing).transaction_fees()
    bench.world.secrets.write("demo/shipbob_billing", json.dumps({"token": "billing"}))
    assert bench.open(opener=open_shipbob_billing).transaction_fees()
    with pytest.raises(VendorFault, match="billing_read"):
        bench.open().transaction_fees()


def test_webhook_subscriptions(bench: Bench) -> None:
    shipbob = bench.open()
    assert shipbob.subscriptions() == ()
    url = "https://hooks.example.com/acumatica_shipbob/demo/shipbob"
    made = parse_subscription(shipbob.create_subscription(url, ["order.shipped", "return.created"], SECRET).json())
    (held,) = shipbob.subscriptions()
    assert (held.subscription_id, held.url, held.topics, held.enabled, held.secret) == (
        made.subscription_id, url, frozenset({"order.shipped", "return.created"}), True, None,
    )  # fmt: skip
    assert made.secret == SECRET
    with pytest.raises(VendorFault, match=r"order\.created") as caught:
        shipbob.create_subscription(url, ["order.created"], SECRET)
    assert caught.value.kind is FaultKind.INVALID
    shipbob.delete_subscription(made.subscription_id)
    assert shipbob.subscriptions() == ()


def test_a_receiving_order_from_announcement_to_stock(bench: Bench) -> None:
    bench.seed("A", quantity=0)
    shipbob = bench.open()
    (variant,) = shipbob.by_skus(["A"])["A"]
    draft = {
        "fulfillment_center": {"id": 8},
        "package_type": "Package",
        "box_packaging_type": "EverythingInOneBox",
        "expected_arrival_date": "2026-04-06T00:00:00Z",
        "purchase_order_number": "PO-77120",
        "boxes": [{"tracking_number": None, "box_items": [{"inventory_id": variant.inventory_id, "quantity": 12}]}],
    }
    made = parse_receiving_order(shipbob.receiving.create(draft).json())
    assert [one.receiving_id for one in shipbob.receiving.find_by_purchase_orders(["PO-77120"])] == [made.receiving_id]
    bench.command("receive", receiving_id=made.receiving_id, step="stow", quantities={"A": 5})
    again = shipbob.receiving.get(made.receiving_id)
    assert again is not None
    assert (again.quantities[0].expected, again.quantities[0].stowed) == (12, 5)
    assert shipbob.receiving.boxes(made.receiving_id)[0].items[0].stowed == 5
    bench.command("receive", receiving_id=made.receiving_id, step="complete")
    assert [one.status for page in shipbob.receiving.list(statuses=["Completed"], synced=False) for one in page] == [
        "Completed"
    ]
    results = parse_sync_results(shipbob.receiving.set_external_sync([made.receiving_id]).json())
    assert [(one.receiving_id, one.succeeded) for one in results] == [(made.receiving_id, True)]
    assert list(shipbob.receiving.list(synced=False)) == []
    with pytest.raises(VendorFault) as caught:
        shipbob.receiving.cancel(made.receiving_id)
    assert caught.value.kind is FaultKind.INVALID


def test_a_return_from_announcement_to_stock(bench: Bench) -> None:
    bench.seed("A")
    shipbob = bench.open()
    (variant,) = shipbob.by_skus(["A"])["A"]
    draft = {
        "fulfillment_center": {"id": 8},
        "reference_id": "RMA-000881",
        "inventory": [{"id": variant.inventory_id, "quantity": 3, "requested_action": "Restock"}],
    }
    made = parse_return(shipbob.returns.create(draft).json())
    assert made.status == "AwaitingArrival"
    changed = {**draft, "inventory": [{**draft["inventory"][0], "quantity": 2}]}  # type: ignore[index]
    assert parse_return(shipbob.returns.update(made.return_id, changed).json()).items[0].announced == 2
    actions = [{"sku": "A", "action": "Restock", "quantity": 1}, {"sku": "A", "action": "Dispose", "quantity": 1}]
    bench.command("process_return", return_id=made.return_id, step="complete", actions=actions)
    (found,) = shipbob.returns.find_by_references(["RMA-000881"])
    assert (found.status, found.items[0].restocked, found.items[0].processed("Dispose")) == ("Completed", 1, 1)
    since = bench.world.clock() - timedelta(hours=1)
    assert [one.return_id for page in shipbob.returns.list(completed_since=since) for one in page] == [made.return_id]
    with pytest.raises(VendorFault):
        shipbob.returns.cancel(made.return_id)


# ---- over real sockets


def test_the_same_bytes_arrive_over_http() -> None:
    bench = Bench()
    bench.seed("0041", "A/B C")
    with SimulatorServer(bench.simulator) as server:
        bench.system = ShipBobSystem(base_url=server.url, auth_url=server.url)
        shipbob = open_shipbob(
            bench.world.services, "demo", bench.system, lane="live", holder="demo/orders/1", wire=RequestsWire()
        )
        order = parse_order(shipbob.create_order(body()).json())
        (found,) = shipbob.find_by_references(["ACU-SO-000001", "SO/2 ä+%"])
        assert found.order_id == order.order_id
        assert {sku: len(variants) for sku, variants in shipbob.by_skus(["0041", "A/B C", "0+1"]).items()} == {
            "0041": 1, "A/B C": 1, "0+1": 0,
        }  # fmt: skip
        assert parse_cancellation(shipbob.cancel_order(order.order_id).json()).succeeded
        bench.simulator.dial.plan(Fault.DROP_AFTER, "POST /2026-01/order$")
        with pytest.raises(VendorFault) as caught:
            shipbob.create_order(body("ACU-SO-000002"))
        assert caught.value.executed is Executed.MAYBE
        assert len(shipbob.find_by_references(["ACU-SO-000002"])) == 1
    with pytest.raises(VendorFault) as caught:
        shipbob.create_order(body("ACU-SO-000003"))
    assert (caught.value.kind, caught.value.executed) == (FaultKind.NOT_SENT, Executed.NO)
    assert bench.simulator.strict_violations == []


# ---- the account's limits and versions


def test_the_budget_is_never_passed_and_refusals_say_when(bench: Bench) -> None:
    shipbob = bench.open()
    refusal = None
    for _ in range(200):
        try:
            shipbob.locations()
        except VendorFault as fault:
            refusal = fault
            break
    assert refusal is not None
    assert (refusal.kind, refusal.executed) == (FaultKind.BUDGET, Executed.NO)
    assert refusal.retry_at is not None
    assert refusal.retry_at > bench.world.clock()
    assert all(call.status == 200 for call in bench.simulator.calls)


def test_a_429_closes_the_account_for_every_worker_until_the_stated_time(bench: Bench) -> None:
    bench.simulator.dial.plan(Fault.THROTTLED, "location")
    now = bench.world.clock()
    with pytest.raises(VendorFault) as caught:
        bench.open().locations()
    assert (caught.value.kind, caught.value.retry_at) == (FaultKind.THROTTLED, now + timedelta(seconds=25))
    calls = len(bench.simulator.calls)
    with pytest.raises(VendorFault) as caught:
        bench.cold().locations()
    assert caught.value.kind is FaultKind.BUDGET
    assert len(bench.simulator.calls) == calls
    bench.world.clock.advance(35)
    assert bench.open().locations()


def test_bulk_work_leaves_the_last_calls_to_orders(bench: Bench) -> None:
    for _ in range(135):  # somebody else uses the account up
        headers = {"Authorization": f"Bearer {DEFAULT_PAT}"}
        bench.simulator.handle(base.Request("GET", "/2026-01/location", "", headers))
    bench.open("bulk").locations()
    with pytest.raises(VendorFault) as caught:
        bench.open("bulk").locations()
    assert caught.value.kind is FaultKind.BUDGET
    assert bench.open("live").locations()


def test_a_wrong_version_or_address_is_a_configuration_fault() -> None:
    bench = Bench(base_url=f"{BASE}/wrong")
    with pytest.raises(VendorFault, match="base_url and version") as caught:
        bench.open().locations()
    assert caught.value.kind is FaultKind.CONFIGURATION


def test_a_clock_that_is_wrong_is_measured(bench: Bench) -> None:
    bench.command("set", clock_skew_seconds=-90)
    bench.open().locations()
    (skew,) = bench.world.metrics()["ClockSkewSeconds"]
    assert skew == pytest.approx(-90, abs=1)


def test_no_personal_data_and_no_token_in_the_log(bench: Bench) -> None:
    bench.seed("0041")
    bench.open().create_order(body())
    written = json.dumps(bench.world.lines())
    assert not any(word in written for word in ("Zo", "zoe@", "Main St", DEFAULT_PAT))


# ---- OAuth


def connected(**system: Any) -> Bench:
    """A bench whose connection a person has authorized, as the command does it."""
    bench = Bench(auth="oauth", **system)
    services = bench.world.services
    bench.world.secrets.write("demo/shipbob", json.dumps({"client_id": APP.id, "client_secret": APP.secret}))
    redirect = APP.redirect_uris[0]
    url = urlsplit(authorize_url(bench.system, APP.id, redirect, "state-1", challenge=code_challenge("v" * 43)))
    answer = bench.simulator.handle(base.Request("GET", url.path, url.query))
    assert answer.status == 302
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back["state"] == ["state-1"]
    token = exchange_code(
        token_transport(services, bench.wire),
        bench.system,
        Credentials(services, "demo", "shipbob"),
        back["code"][0],
        redirect,
        verifier="v" * 43,
    )
    token_cache(services, "demo", bench.system, bench.wire).store(token)
    return bench


def test_an_authorized_connection_writes_in_its_own_channel() -> None:
    bench = connected(channel=APP.id)
    bench.seed("0041")
    bench.open().create_order(body())
    assert [order["channel_id"] for order in bench.orders] != [PAT_CHANNEL]
    assert len(bench.orders) == 1


def test_tokens_are_renewed_before_they_end_and_the_newest_refresh_token_is_kept() -> None:
    bench = connected(channel=APP.id)
    for _ in range(5):
        bench.world.clock.advance(minutes=56)
        assert bench.cold().locations()
    assert bench.paths().count("POST /connect/token") == 6
    assert all(call.status in (200, 302) for call in bench.simulator.calls)


def test_a_token_that_shipbob_forgot_is_renewed_once_and_the_write_sent_once() -> None:
    bench = connected(channel=APP.id)
    bench.seed("0041")
    shipbob = bench.open()
    shipbob.find_by_references(["X"])
    bench.world.clock.advance(60)
    bench.command("expire_tokens")
    start = len(bench.simulator.calls)
    shipbob.create_order(body())
    assert bench.paths(start) == ["POST /2026-01/order", "POST /connect/token", "POST /2026-01/order"]
    assert len(bench.orders) == 1


def test_a_dead_refresh_token_asks_for_a_person_once_and_does_not_loop() -> None:
    bench = connected(channel=APP.id)
    bench.command("kill_refresh_tokens")
    bench.world.clock.advance(hours=2)
    for _ in range(3):
        with pytest.raises(VendorFault, match="connections authorize demo --system shipbob") as caught:
            bench.cold().locations()
        assert caught.value.kind is FaultKind.EXPIRED
    assert bench.paths().count("POST /connect/token") == 2
    assert len(bench.world.alerts.sent) == 1


def test_an_error_member_in_a_200_is_a_refusal_too() -> None:
    bench = connected(channel=APP.id)
    bench.command("set", oauth_error_status=200)
    bench.command("kill_refresh_tokens")
    bench.world.clock.advance(hours=2)
    with pytest.raises(VendorFault, match="authorize"):
        bench.open().locations()


def test_a_connection_that_nobody_authorized_says_so_and_sends_nothing() -> None:
    bench = Bench(auth="oauth")
    bench.world.secrets.write("demo/shipbob", json.dumps({"client_id": APP.id, "client_secret": APP.secret}))
    with pytest.raises(VendorFault, match="connections authorize demo --system shipbob"):
        bench.open().locations()
    assert bench.simulator.calls == []
