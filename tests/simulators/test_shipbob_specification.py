"""The simulator is no laxer than the vendor's own 2026-01 specification, and answers what it promises.

Needs the specification, which is not part of the repository; a clean clone skips these tests and is as strict, because
the simulator has validators of its own.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.simulators.base import Reply
from local.simulators.shipbob import PAT_CHANNEL, routes, sign
from tests.simulators.shipbob_bench import ADDRESS, Bench, a_product, an_order, document
from tests.simulators.shipbob_specification import Specification
from tests.simulators.test_shipbob_receiving import a_return, a_wro
from tests.simulators.test_shipbob_webhooks import a_subscription

# Paths of the specification that the simulator leaves out: nobody may automate them, or nothing of ours reads them.
LEFT_OUT = {
    ("POST", "/product:moveVariants"),
    ("POST", "/product/{productId}:moveVariants"),
    ("POST", "/variant/{variantId}:merge"),
    ("POST", "/variant/{variantId}:convertToBundle"),
    ("GET", "/taxonomy"),
    ("GET", "/taxonomy/{id}"),
    ("GET", "/taxonomy/{id}/parent"),
    ("GET", "/packaging-requirement"),
}
# Where the running API is known to answer otherwise than the specification says (vendor facts 14, 7, 4, 8).
KNOWN_DIFFERENCES = ("POST /receiving:setExternalSync 200",)


@pytest.fixture(scope="module")
def specification(shared: Path) -> Specification:
    return Specification(shared / "specs/shipbob/openapi/shipbob-2026-01.openapi.json", "2026-01")


def concrete(template: str) -> str:
    return "/".join("1" + part.partition("}")[2] if part.startswith("{") else part for part in template.split("/"))


def test_every_endpoint_of_the_specification_exists_and_no_other(specification: Specification) -> None:
    missing = {
        (method, template)
        for method, template in specification.operations
        if routes.find(method, concrete(template), "2026-01") is None
    }
    assert missing == LEFT_OUT
    for route in routes.ROUTES:
        path = route.path.pattern.replace("\\", "").replace("d{1,18}", "")
        example = "".join(
            piece if index == 0 else "1" + piece.partition(")")[2] for index, piece in enumerate(path.split("(?P<"))
        )
        assert specification.find(route.method, example) is not None, f"{route.method} {example}"


def test_the_query_parameters_are_those_of_the_specification(specification: Specification) -> None:
    for (method, template), operation in specification.operations.items():
        found = routes.find(method, concrete(template), "2026-01")
        if found is None:
            continue
        declared = {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}
        # The cursor of product and inventory lists is only seen in their own `next` links.
        assert set(found[0].query) - {"cursor"} == declared - {"cursor"}, f"{method} {template}"


def test_the_channel_header_is_wanted_where_the_specification_wants_it(specification: Specification) -> None:
    for (method, template), operation in specification.operations.items():
        found = routes.find(method, concrete(template), "2026-01")
        if found is None:
            continue
        header = next((each for each in operation.get("parameters", []) if each["in"] == "header"), None)
        rule = "ignored" if header is None else "required" if header.get("required") else "filter"
        if (method, template) == ("GET", "/order/{orderId}/shipment/{shipmentId}/logs"):
            rule = "filter"  # the specification forgets it here alone
        assert found[0].channel("2026-01") == rule, f"{method} {template}"


def valid_bodies(bench: Bench) -> dict[tuple[str, str], Any]:
    """One full request body per write."""
    bench.order("EXISTING")
    shipment = int(next(iter(bench.simulator.holdings()["shipments"])))
    item, shirt = bench.shirt["inventory_id"], bench.shirt
    service = bench.command("seed_shipping_method", name="Express")
    program = {
        "purchase_order_number": "P",
        "retailer_program_type": "T",
        "department": "D",
        "doNotShipBeforeDate": "2026-03-03T00:00:00Z",
        "shipByDate": "2026-03-04T00:00:00Z",
        "addresses": [{**ADDRESS, "type": "MarkFor"}],
    }
    order = an_order(
        type="B2B",
        location_id=8,
        gift_message="Hi",
        requested_delivery_date="2026-03-09T00:00:00Z",
        sales_channel="shopify",
        origin_platform_program="FBM",
        shipping_terms={"carrier_type": "Parcel", "payment_term": "Prepaid"},
        retailer_program_data=program,
    )
    order["products"].append(
        {"id": shirt["product_id"], "quantity": 1, "external_line_id": 2, "quantity_unit_of_measure_code": "EA"}
    )
    estimate = {
        "address": ADDRESS,
        "products": [{"reference_id": "TSHIRT-BLU-M", "quantity": 1}],
        "shipping_methods": ["Standard"],
    }
    product = a_product(
        upc="1",
        gtin="2",
        barcodes=[{"value": "3", "sticker_url": None}],
        status_id=0,
        is_digital=False,
        lot_information={"is_lot": False, "minimum_shelf_life_days": None},
        customs={
            "hs_tariff_code": "6109",
            "country_code_of_origin": "US",
            "value": 5,
            "description": "d",
            "is321_eligible": False,
        },
        packaging_requirement_id=1,
        packaging_material_type_id=1,
        return_preferences={"primary_action_id": 1, "backup_action_id": 2, "instructions": None},
        fulfillment_settings={"dangerous_goods": False, "serial_scan": {"is_enabled": False, "prefix": ""}},
        additional_hazmat_attributes={"net_weight": 1.5, "magnet": False},
        channel_metadata=[{"channel_id": 1, "price": 1.5, "seller_sku": "S", "is_inventory_sync_enabled": True}],
    )
    patch = {
        "name": "New",
        "variants": [{"id": shirt["variant_id"], "weight": 10.5, "status_id": 0, "barcodes": [{"value": "9"}]}],
    }
    address = {
        "street_address1": "1 St",
        "city": "C",
        "state": "NJ",
        "zip_code": "1",
        "country_code": "US",
        "email": "a@b.c",
    }
    lines = {"items": [{"inventory_id": item, "quantity": 1, "lot_number": None, "is_manually_assigned_lot": False}]}
    wro = a_wro(bench)
    wro["boxes"][0]["box_items"][0] |= {"lot_number": "L", "lot_date": "2027-01-01T00:00:00Z"}
    goods_back = a_return(bench, tracking_number="1Z", original_shipment_id=shipment)
    goods_back["inventory"][0] |= {"lot_number": "L", "lot_date": "2027-01-01T00:00:00Z"}
    search = {
        "from_date": "2026-03-01T00:00:00Z",
        "to_date": "2026-03-02T00:00:00Z",
        "reference_ids": ["1"],
        "reference_types": ["Shipment"],
        "invoice_ids": ["1"],
        "invoiced_status": False,
        "transaction_types": ["Charge"],
        "transaction_fees": ["Shipping"],
        "page_size": 10,
        "sort_order": "Ascending",
    }
    history = {
        "facility_id": 8,
        "inventory_ids": [item],
        "event_category": "OrderPicked",
        "start_date": "2026-03-01T00:00:00Z",
        "end_date": "2026-03-02T00:00:00Z",
        "cursor": 1,
    }
    return {
        ("POST", "/order"): order,
        ("POST", "/order:estimate"): estimate,
        ("POST", "/shipment:batchCancel"): {"shipment_ids": [shipment]},
        ("POST", "/shipment:batchUpdateTrackingUpload"): {"shipment_ids": [shipment], "is_tracking_uploaded": True},
        ("PUT", f"/shipment/{shipment}:updateAddress"): address,
        ("POST", f"/shipment/{shipment}:updateLineItems"): lines,
        ("PUT", "/shipment:bulkUpdateShippingService"): {
            "shipment_ids": [shipment],
            "requested_shipping_service_id": service,
            "reason": "r",
        },
        ("POST", "/product"): product,
        ("PATCH", f"/product/{shirt['product_id']}"): patch,
        ("POST", f"/product/{shirt['product_id']}/variants"): [{"sku": "NEW", "weight": 1.5}],
        ("POST", "/receiving"): wro,
        ("POST", "/receiving:setExternalSync"): {"ids": [901001], "is_external_sync": True},
        ("POST", "/return"): goods_back,
        ("POST", "/transactions:query"): search,
        ("POST", "/inventory/history:query"): history,
        ("POST", "/webhook"): a_subscription(),
    }


WRITES = sorted(valid_bodies(Bench()))
SUBSTITUTES: tuple[Any, ...] = (None, "", "x", "x" * 600, 0, -1, 1, 1.5, 2**40, True, [], {}, [None], ["x"], {"x": 1})


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every member in a document."""
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield (*path, name)
        yield from places(member, (*path, name))


def mutants(body: Any) -> Iterator[Any]:
    """The body with one member taken away, replaced by each substitute, or joined by a stranger."""
    for path in places(body):
        for substitute in (*SUBSTITUTES, "remove", "stranger"):
            changed = copy.deepcopy(body)
            parent = changed
            for name in path[:-1]:
                parent = parent[name]
            if substitute == "remove":
                del parent[path[-1]]
            elif substitute == "stranger":
                if not isinstance(parent, dict):
                    continue
                parent["stranger"] = 1
            else:
                parent[path[-1]] = substitute
            yield changed


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_no_body_that_the_specification_refuses_is_taken(specification: Specification, method: str, path: str) -> None:
    """The order with a product line of its own id is among them: the bogus `required` names are out of the way."""
    found = specification.find(method, path)
    assert found is not None
    judge = specification.request(*found)
    bench = Bench(calls_per_minute=10**6)
    body = valid_bodies(bench)[method, path]
    assert not list(judge.iter_errors(body)), "the example itself must be valid"
    snapshot = bench.simulator.world
    refused = taken = 0
    for changed in mutants(body):
        snapshot.references.clear()  # only the shape is judged here, not the uniqueness of numbers
        snapshot.skus = {sku: ids for sku, ids in snapshot.skus.items() if sku.startswith("TSHIRT")}
        reply = bench.call(method, path, changed, channel=PAT_CHANNEL)
        assert reply.status in (200, 201, 400, 422), (reply.status, reply.body, changed)
        if reply.status in (400, 422):
            refused += 1
            continue
        taken += 1
        errors = [f"{error.json_path}: {error.message[:120]}" for error in judge.iter_errors(changed)]
        assert not errors, f"taken although the specification refuses it: {errors} in {json.dumps(changed)[:600]}"
    assert refused >= 10, "the corpus must hold wrong bodies"
    example = bench.call(method, path, body, channel=PAT_CHANNEL)
    assert taken or example.status in (200, 201), (example.status, example.body)


class Witness:
    """Sends requests and holds every answer against the specification."""

    def __init__(self, bench: Bench, specification: Specification) -> None:
        self.bench, self._specification = bench, specification
        self.faults: list[str] = []
        self.seen: set[tuple[str, str, int]] = set()

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Reply:
        reply = self.bench.call(method, path, body, **options)
        found = self._specification.find(method, path)
        self.seen.add((method, found[1] if found else path, reply.status))
        if f"{method} {path} {reply.status}" not in KNOWN_DIFFERENCES:
            self.faults += self._specification.faults(method, path, reply.status, reply.body)
        return reply


def a_full_account() -> Bench:
    """One of everything, in many states."""
    bench = Bench(tracking_shape="spec", calls_per_minute=10**6)
    bench.command("seed_product", sku="KIT", components={"TSHIRT-BLU-M": 1})
    kit = {**an_order()["products"][0], "reference_id": "KIT", "sku": "KIT"}
    for reference, changes in (("A", {}), ("B", {"products": [kit]}), ("C", {"shipping_method": "New"})):
        bench.order(reference, **changes)
    bench.command("fulfil", reference_id="A")
    bench.command("move", reference_id="A", status="OutForDelivery")
    bench.command("move", reference_id="A", status="Delivered")
    bench.command("hold", reference_id="B")
    bench.command("exception", reference_id="C")
    bench.call("POST", "/receiving", a_wro(bench))
    bench.command("receive", purchase_order_number="PO-77120", step="arrive")
    bench.command("receive", purchase_order_number="PO-77120", step="complete")
    shipment = int(next(iter(bench.simulator.holdings()["shipments"])))
    bench.call("POST", "/return", a_return(bench, original_shipment_id=shipment), channel=PAT_CHANNEL)
    bench.command("process_return", reference_id="RMA-000881", step="complete")
    bench.command("bill_day", storage=True, credit="1.00", unknown_fee="Odd Fee")
    bench.command("close_invoice", payment=True)
    bench.command("add_charge", fee="Pick Fee", amount="1.10", reference_type="Ticket Number")
    for transaction, row in list(bench.simulator.world.transactions.items()):
        if row.reference_type in ("Default", "TicketNumber"):  # seen live, unknown to the specification
            del bench.simulator.world.transactions[transaction]
    bench.call("POST", "/webhook", a_subscription())
    return bench


def test_answers_fit_the_specification(specification: Specification) -> None:
    bench = a_full_account()
    held = bench.simulator.holdings()
    order, shipment = next(iter(held["orders"])), next(iter(held["shipments"]))
    wro, back, invoice = next(iter(held["receiving"])), next(iter(held["returns"])), next(iter(held["invoices"]))
    item, product = bench.shirt["inventory_id"], bench.shirt["product_id"]
    witness = Witness(bench, specification)
    for path in (
        *(
            "/order",
            f"/order/{order}",
            f"/order/{order}/shipment",
            f"/order/{order}/shipment/{shipment}",
            "/shipping-method",
        ),
        *(
            f"{stem}/{tail}"
            for stem in (f"/shipment/{shipment}", f"/order/{order}/shipment/{shipment}")
            for tail in ("timeline", "logs")
        ),
        *(f"/shipment/{shipment}", f"/shipment/{shipment}:getLineItems", f"/order/{order}/store-order-json"),
        *(
            "/product",
            f"/product/{product}",
            f"/product/{product}/variants",
            "/channel",
            "/location",
            "/fulfillment-center",
            "/webhook",
        ),
        *(
            "/inventory",
            f"/inventory/{item}",
            "/inventory-level",
            "/inventory-level/locations",
            "/inventory-level/lots",
        ),
        *(f"/inventory-level/{item}", f"/inventory-level/{item}/locations", f"/inventory-level/{item}/lots"),
        *(
            "/receiving",
            f"/receiving/{wro}",
            f"/receiving/{wro}/boxes",
            f"/receiving/{wro}/labels",
            "/return",
            f"/return/{back}",
        ),
        *("/invoices", f"/invoices/{invoice}/transactions", "/transaction-fees"),
    ):
        assert witness.call("GET", path).status in (200, 204), path
    witness.call("GET", "/shipments-tracking", query=f"ShipmentIds={shipment}")
    witness.call("GET", "/tracking", query=f"TrackingIds={held['shipments'][shipment]['tracking']['tracking_number']}")
    for path in (
        "/order/1",
        "/shipment/1",
        "/product/1",
        "/inventory/1",
        "/receiving/1",
        "/return/1",
        "/invoices/1/transactions",
    ):
        assert witness.call("GET", path).status == 404, path
    for path in (
        "/order?x=1",
        "/product?x=1",
        "/inventory?x=1",
        "/return?x=1",
        "/invoices?x=1",
        "/channel?x=1",
        "/webhook?x=1",
    ):
        assert witness.call("GET", path.split("?")[0], query="x=1").status == 400, path
    assert witness.faults == []
    assert len(witness.seen) > 45


def test_answers_of_writes_fit_the_specification(specification: Specification) -> None:
    bench = Bench(calls_per_minute=10**6)
    bodies = valid_bodies(bench)
    shipment = int(list(bench.simulator.holdings()["shipments"])[-1])
    witness = Witness(bench, specification)
    cancels = {"/shipment:batchCancel"}
    for (method, path), body in sorted(bodies.items(), key=lambda entry: entry[0][1] in cancels):
        reply = witness.call(method, path, body, channel=PAT_CHANNEL)
        assert reply.status in (200, 201), (method, path, reply.status, reply.body)
    wrong: dict[tuple[str, str], Any] = {key: {} for key in bodies if key != ("POST", "/transactions:query")}
    for (method, path), body in wrong.items():
        if path.startswith(("/product", "/inventory/history")):
            continue  # the specification names no refusal there at all
        reply = witness.call(method, path, body, channel=PAT_CHANNEL)
        assert reply.status in (400, 422), (method, path, reply.status)
    number = bench.order("LAST")["id"]
    assert document(witness.call("POST", f"/order/{number}:cancel"))["status"] == "Success"
    assert witness.call("POST", f"/shipment/{shipment}:cancel").status in (200, 422)
    wro = document(bench.call("POST", "/receiving", a_wro(bench)))["id"]
    assert [witness.call("POST", f"/receiving/{wro}:cancel").status for _ in range(2)] == [200, 422]
    back = document(bench.call("POST", "/return", a_return(bench), channel=PAT_CHANNEL))["id"]
    assert witness.call("PUT", f"/return/{back}", a_return(bench)).status == 200
    assert [witness.call("POST", f"/return/{back}:cancel").status for _ in range(2)] == [200, 400]
    assert witness.call("PUT", f"/return/{back}", a_return(bench)).status == 422
    hook = bench.get("/webhook")["items"][0]["id"]
    assert witness.call("DELETE", f"/webhook/{hook}").status == 204
    allowed = [fault for fault in witness.faults if "/receiving:setExternalSync" not in fault]
    assert [fault for fault in allowed if "is not documented" not in fault or not fault.startswith(UNDOCUMENTED)] == []


# Refusals that the specification leaves out although its own limits call for them.
UNDOCUMENTED = ("POST /shipment:batchCancel", "POST /webhook")


def test_the_specification_that_judges_can_refuse(specification: Specification) -> None:
    """The judge itself must be able to say no, also inside derived objects."""
    judge = specification.request("POST", "/order")
    assert not list(judge.iter_errors(an_order()))
    for wrong in (an_order(type="X"), an_order(products=[{"id": 1, "quantity": 0}]), an_order(stranger=1)):
        assert list(judge.iter_errors(wrong))
    answered = Bench().call("GET", "/channel").body.replace(b'"id": 433100', b'"id": "433100"')
    assert specification.faults("GET", "/channel", 200, answered)


def test_2025_07_lacks_what_its_specification_lacks(shared: Path) -> None:
    older = Specification(shared / "specs/shipbob/openapi/shipbob-2025-07.openapi.json", "2025-07")
    missing = {
        (method, template)
        for method, template in older.operations
        if routes.find(method, concrete(template), "2025-07") is None
    }
    assert missing == {*LEFT_OUT, ("POST", "/order/{orderId}/store-order-json")}
    for route in routes.ROUTES:
        if "2025-07" not in route.versions:
            path = route.path.pattern.replace("\\", "").replace("d{1,18}", "").replace("(?P<shipment>)", "1")
            assert older.find(route.method, path) is None, path


def test_our_signer_agrees_with_every_signed_sample(shared: Path) -> None:
    folder = shared / "specs/shipbob/webhook-samples"
    samples = json.loads((folder / "signed-samples.json").read_text("utf-8"))
    assert len(samples["samples"]) >= 15
    for sample in samples["samples"]:
        headers, body = sample["headers"], (folder / sample["body_file"]).read_bytes()
        made = sign(samples["secret"], headers["webhook-id"], int(headers["webhook-timestamp"]), body)
        assert made in headers["webhook-signature"].split(" "), sample["topic"]


def test_the_topics_are_those_of_the_reference(shared: Path) -> None:
    from local.simulators.shipbob.webhooks import topics_of

    known = json.loads((shared / "specs/shipbob/reference/webhook-topics.json").read_text("utf-8"))
    assert sorted(topics_of("2026-01", newer=False)) == sorted(known["2026-01_openapi"])
    assert sorted(topics_of("2026-07", newer=False)) == sorted(known["2026-01_openapi"] + known["added_in_newer_docs"])


def keys(value: Any) -> set[str]:
    """The names of all members, however deep."""
    if isinstance(value, list):
        return set().union(*(keys(each) for each in value)) if value else set()
    return (
        set(value) | set().union(*(keys(each) for each in value.values()), set()) if isinstance(value, dict) else set()
    )


def test_answers_have_the_members_of_the_live_samples(shared: Path) -> None:
    samples = shared / "specs/shipbob/live-samples"
    bench = a_full_account()
    held = bench.simulator.holdings()
    shipment = next(iter(held["shipments"]))

    def live(name: str) -> Any:
        return json.loads((samples / name).read_text("utf-8"))

    rows = document(bench.call("POST", "/transactions:query", {}))
    assert keys(live("billing-transactions-excerpt.2025-07.json")["items"][0]) <= keys(rows)
    tracking = bench.get("/shipments-tracking", query=f"ShipmentIds={shipment}", version="2026-07")
    assert keys(live("tracking-delivered.2026-07.json")) == keys(tracking)
    assert keys(live("locations-excerpt.json")) == keys(bench.get("/location"))
    assert keys(live("receiving-completed.2.0.json")) <= keys(bench.get("/receiving"))
    old_only = {"barcode", "barcode_sticker_url", "category", "sub_category"}
    assert keys(live("product-2.0-variants.json")) - old_only <= keys(bench.get("/product"))
