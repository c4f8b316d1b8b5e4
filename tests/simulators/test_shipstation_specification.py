"""The simulator is no laxer than the specifications of V1 (written for this project) and V2 (the vendor's).

Needs the specifications, which are not part of the repository; a clean clone skips these tests and is as strict,
because the simulator has validators of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from local.simulators.base import Reply
from local.simulators.shipstation import pacific, routes
from tests.simulators.shipstation_bench import MANY, ONE, Bench, an_order, changed, document

# Facts, section 0: the limits and the narrower status enum of OrderWrite do not bind answers, and these calls exist
# although the file leaves them out.
EXTRA = {"/orders/addtag", "/orders/removetag", "/orders/createlabelfororder", "/accounts/listtags", "/users"}
KNOWN_QUERIES = {"includeOrderItems", "batchId"}  # stand in resource_url only


class Specification:
    """One OpenAPI document, read as JSON Schema 2020-12."""

    def __init__(self, file: Path) -> None:
        self.raw: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
        self._defined = {name: self._convert(each) for name, each in self.raw["components"]["schemas"].items()}

    def _convert(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self._convert(each) for each in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return {"$ref": node["$ref"].replace("#/components/schemas/", "#/$defs/")}
        # `nullable` in the V1 file, `x-nullable` in the V2 file. Objects that the V2 file closes are put together with
        # `allOf` and would contradict themselves: the names are compared by a test of their own.
        dropped = {"nullable", "x-nullable", "example", "default", "description", "title", "additionalProperties"}
        if "minimum" in node:
            dropped.add("exclusiveMinimum")  # a weight "more than 1" beside "at least 0" is a mistake of the V2 file
        made = {name: self._convert(each) for name, each in node.items() if name not in dropped}
        return {"anyOf": [made, {"type": "null"}]} if node.get("nullable") or node.get("x-nullable") else made

    def validator(self, schema: Any) -> Draft202012Validator:
        """A validator with every definition at hand."""
        return Draft202012Validator({**self._convert(schema), "$defs": self._defined})

    def find(self, method: str, path: str) -> dict[str, Any]:
        """The operation of a concrete path; literal paths first."""
        for template in sorted(self.raw["paths"], key=lambda each: each.count("{")):
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path) and method.lower() in self.raw["paths"][template]:
                found: dict[str, Any] = self.raw["paths"][template][method.lower()]
                return found
        raise LookupError(f"{method} {path}")

    def faults(self, method: str, path: str, reply: Reply) -> list[str]:
        """What is wrong with an answer."""
        answer = self.find(method, path)["responses"].get(str(reply.status))
        if answer is None:
            return [f"{method} {path}: status {reply.status} is not documented"]
        if "$ref" in answer:
            answer = self.raw["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
        content = answer.get("content", {}).get("application/json")
        if content is None or not reply.body:
            return []
        errors = self.validator(content["schema"]).iter_errors(document(reply))
        return [f"{method} {path} {reply.status} {each.json_path}: {each.message[:200]}" for each in errors]


@pytest.fixture(scope="module")
def first(shared: Path) -> Specification:
    return Specification(shared / "specs/shipstation/v1-openapi.yaml")


@pytest.fixture(scope="module")
def second(shared: Path) -> Specification:
    return Specification(shared / "specs/shipstation/v2-openapi.yaml")


def full_order() -> dict[str, Any]:
    """Every member that may be written."""
    body = an_order(
        paymentDate="2026-03-13T01:02:03.1234567",
        shipByDate="2026-03-20T00:00:00",
        customerNotes="Ring twice",
        gift=True,
        giftMessage="Happy birthday",
        paymentMethod="Card",
        carrierCode="ups",
        serviceCode="ups_ground",
        packageCode="package",
        confirmation="delivery",
        shipDate="2026-03-16",
        weight={"value": 52.5, "units": "ounces"},
        dimensions={"units": "inches", "length": 7, "width": 5, "height": 6.5},
        insuranceOptions={"provider": "carrier", "insureShipment": True, "insuredValue": 200},
        internationalOptions={
            "contents": "merchandise",
            "customsItems": [
                {
                    "description": "Toy",
                    "quantity": 2,
                    "value": 26.0,
                    "harmonizedTariffCode": "9503",
                    "countryOfOrigin": "DK",
                }
            ],
            "nonDelivery": "return_to_sender",
        },
        tagIds=[1234],
    )
    body["items"][0] |= {
        "options": [{"name": "Size", "value": "Large"}],
        "taxAmount": 1.5,
        "shippingAmount": 0,
        "imageUrl": None,
        "fulfillmentSku": "F1",
        "productId": None,
        "adjustment": False,
    }
    body["advancedOptions"] |= {
        "warehouseId": 17977,
        "nonMachinable": False,
        "saturdayDelivery": True,
        "containsAlcohol": False,
        "customField2": None,
        "customField3": "x",
        "billToParty": "third_party",
        "billToAccount": "A1",
        "billToPostalCode": "10118",
        "billToCountryCode": "US",
        "billToMyOtherAccount": 8412,
    }
    return body


def places(value: Any, path: str = "") -> Iterator[str]:
    """Every member of a document, as paths."""
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in items:
        place = f"{path}.{name}".lstrip(".")
        yield place
        yield from places(member, place)


def mutants(body: Any) -> Iterator[tuple[str, Any]]:
    """Copies of a body with one member taken away, or given another type, length or value."""
    for place in places(body):
        if not place.rpartition(".")[2].isdigit():
            yield f"{place} left out", changed(body, place, ...)
        for value in (None, "", "x" * 51, "x" * 101, 5, 1.5, -1, True, [], {}, ["x"], "0000"):
            yield f"{place} = {value!r:.30}", changed(body, place, value)


BODIES: dict[str, tuple[str, str, Any]] = {
    "order": ("POST", ONE, full_order()),
    "orders": ("POST", MANY, [full_order()]),
    "mark": (
        "POST",
        "/orders/markasshipped",
        {"orderId": 1, "carrierCode": "ups", "shipDate": "2026-03-16", "trackingNumber": "1", "notifyCustomer": True},
    ),
    "hold": ("POST", "/orders/holduntil", {"orderId": 1, "holdUntilDate": "2026-04-01"}),
    "restore": ("POST", "/orders/restorefromhold", {"orderId": 1}),
    "void": ("POST", "/shipments/voidlabel", {"shipmentId": 1}),
    "subscribe": (
        "POST",
        "/webhooks/subscribe",
        {"target_url": "https://example.com/x", "event": "SHIP_NOTIFY", "store_id": 12345, "friendly_name": "x"},
    ),
    "product": (
        "PUT",
        "/products/7854008",
        {"productId": 7854008, "sku": "1004", "name": "Mug", "active": True, "weightOz": 26, "noCustoms": None,
         "tags": [{"tagId": 1, "name": "x"}], "productCategory": {"categoryId": 1, "name": "x"}, "aliases": None},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_what_the_specification_refuses_is_refused(first: Specification, name: str) -> None:
    method, path, body = BODIES[name]
    judge = first.validator(first.find(method, path)["requestBody"]["content"]["application/json"]["schema"])
    assert judge.is_valid(body)
    refused, laxer = 0, []
    for about, mutant in mutants(body):
        if judge.is_valid(mutant):
            continue
        refused += 1
        bench = Bench()
        bench.command("seed_product", sku="1004", name="Mug")
        reply = bench.call(method, path, mutant)
        taken = reply.status < 300 and not (path == MANY and document(reply)["hasErrors"])
        if taken:
            laxer.append(about)
    assert laxer == []
    assert refused > 3


def test_every_endpoint_of_v1_exists_and_no_other(first: Specification) -> None:
    for template, methods in first.raw["paths"].items():
        for method in methods:
            if method == "parameters":
                continue
            found = routes.find(method.upper(), re.sub(r"\{\w+\}", "1", template))
            assert not isinstance(found, int), f"{method} {template}"
    known = {route.path for route in routes.ROUTES if not route.path.startswith("/v2/")}
    assert {re.sub(r"\{\w+\}", "{}", path) for path in known - EXTRA} == {
        re.sub(r"\{\w+\}", "{}", path) for path in first.raw["paths"]
    }


def test_the_query_parameters_are_those_of_the_specifications(first: Specification, second: Specification) -> None:
    for route in routes.ROUTES:
        if route.path in EXTRA or not route.query:
            continue
        file = second if route.path.startswith("/v2/") else first
        operation = file.raw["paths"][route.path][route.method.lower()]
        shared = file.raw["components"]["parameters"]
        listed = [
            {**shared[each["$ref"].rsplit("/", 1)[1]], **each} if "$ref" in each else each
            for each in operation.get("parameters", [])
        ]
        named = {each["name"] for each in listed if each["in"] == "query"}
        # The simulator of V2 knows fewer filters than the vendor; what it knows exists.
        unknown = set(route.query) - named - KNOWN_QUERIES
        assert unknown <= ({"external_shipment_id", "shipment_number", "store_id"} if file is second else set()), route
        if file is first:
            assert named <= set(route.query), route.path


class Witness:
    """Collects what is wrong with every answer that it passes on."""

    def __init__(self, bench: Bench, specification: Specification) -> None:
        self.bench = bench
        self.specification = specification
        self.found: list[str] = []

    def call(self, method: str, path: str, *arguments: Any, **options: Any) -> Reply:
        self.bench.wait(2)
        reply = self.bench.call(method, path, *arguments, **options)
        self.found += self.specification.faults(method, path, reply)
        return reply


def lived_in() -> Bench:
    """An account in which everything happened once."""
    bench = Bench(calls_per_minute=4000)
    bench.command("seed_product", sku="AALEGO500", name="Bricks", price=26)
    bench.post(ONE, full_order())
    for name in ("B", "C", "D", "E"):
        bench.create(name)
    bench.command("buy_label", order="SO007015")
    bench.command("buy_label", order="B", carrier="fedex", service="fedex_2day", boxes=2)
    bench.command("void_label", shipment=33974374)
    bench.command("buy_label")
    bench.command("return_label", order="SO007015")
    bench.command("mark_as_shipped", order="C", carrier="stamps_com")
    bench.command("split_order", order="D", items=[{"lineItemKey": "1", "quantity": 1}])
    bench.command("set_status", order="E", status="on_hold", until="2026-04-01")
    bench.subscribe("ITEM_SHIP_NOTIFY")
    return bench


def test_answers_of_v1_fit_the_specification(first: Specification) -> None:
    bench = lived_in()
    witness = Witness(bench, first)
    number = bench.create("X")
    calls: list[tuple[str, str, Any, str]] = [
        ("POST", ONE, full_order(), ""),
        ("POST", MANY, [an_order("Y"), an_order("Z", carrierCode="ups")], ""),
        ("GET", "/orders", None, "pageSize=500"),
        ("GET", f"/orders/{number}", None, ""),
        ("GET", "/shipments", None, "includeShipmentItems=true"),
        ("GET", "/shipments", None, ""),
        ("GET", "/fulfillments", None, ""),
        ("GET", "/products", None, ""),
        ("GET", "/products/7854008", None, ""),
        ("GET", "/customers", None, ""),
        ("GET", "/customers/1", None, ""),
        ("GET", "/stores", None, ""),
        ("GET", "/carriers", None, ""),
        ("GET", "/carriers/listservices", None, "carrierCode=ups"),
        ("GET", "/carriers/listpackages", None, "carrierCode=ups"),
        ("GET", "/warehouses", None, ""),
        ("GET", "/webhooks", None, ""),
        ("POST", "/webhooks/subscribe", BODIES["subscribe"][2], ""),
        ("POST", "/orders/holduntil", {"orderId": number, "holdUntilDate": "2026-04-01"}, ""),
        ("POST", "/orders/restorefromhold", {"orderId": number}, ""),
        ("POST", "/orders/markasshipped", {"orderId": number, "carrierCode": "ups"}, ""),
        ("POST", "/shipments/voidlabel", {"shipmentId": 33974373}, ""),
        ("DELETE", "/orders/140335323", None, ""),
    ]
    for method, path, body, query in calls:
        assert witness.call(method, path, body, query=query).status == 200, (method, path)
    assert witness.call("POST", ONE, []).status == 400
    assert witness.call("POST", ONE, {}, headers={"Authorization": None}).status == 401
    assert witness.call("GET", "/products/1").status == 404
    assert witness.found == []
    assert bench.simulator.strict_violations == []


def test_answers_of_v2_fit_the_specification(second: Specification) -> None:
    bench = lived_in()
    witness = Witness(bench, second)
    assert witness.call("GET", "/v2/labels").status == 200
    assert witness.call("GET", "/v2/labels/se-33974373").status == 200
    assert witness.call("GET", "/v2/labels/se-33974373", query="label_download_type=inline").status == 200
    assert witness.call("GET", "/v2/labels/se-1").status == 404
    assert witness.call("PUT", "/v2/labels/se-33974373/void").status == 200
    assert witness.call("PUT", "/v2/labels/se-33974373/void").status == 200
    assert witness.call("GET", "/v2/labels", query="page_size=501").status == 400
    assert witness.call("GET", "/v2/shipments", query="page_size=5").status == 200
    assert witness.call("GET", "/v2/shipments/external_shipment_id/SO007015").status == 200
    assert witness.found == []


def test_labels_of_v2_have_no_members_of_their_own(second: Specification) -> None:
    schemas = second.raw["components"]["schemas"]
    bench = lived_in()
    for label in bench.get("/v2/labels")["labels"]:
        assert set(label) <= set(schemas["label"]["properties"])
        assert set(label["label_download"]) <= set(schemas["label_download"]["properties"])
        for package in label["packages"]:
            assert set(package) <= set(schemas["label_package"]["properties"])
    for shipment in bench.get("/v2/shipments")["shipments"]:
        assert keys_of(shipment, schemas["shipment"], schemas) == set()


def keys_of(value: dict[str, Any], schema: dict[str, Any], schemas: dict[str, Any]) -> set[str]:
    """The members that a schema and what it is put together from do not name."""
    named = set(schema.get("properties", {}))
    for part in schema.get("allOf", []):
        inner = schemas[part["$ref"].rsplit("/", 1)[1]] if "$ref" in part else part
        named |= set(value) - keys_of(value, inner, schemas)
    return set(value) - named


def keys(value: Any) -> set[str]:
    """The names of all members, however deep."""
    if isinstance(value, list):
        return set().union(*(keys(each) for each in value)) if value else set()
    return set(value) | set().union(*(keys(each) for each in value.values())) if isinstance(value, dict) else set()


def test_the_answers_have_the_members_of_the_vendors_samples(shared: Path) -> None:
    folder = shared / "specs/shipstation/samples/v1"
    bench = lived_in()
    bench.post(ONE, full_order() | {"orderKey": "F", "orderNumber": "F"})

    def sample(name: str) -> set[str]:
        return keys(json.loads((folder / f"{name}.json").read_text("utf-8")))

    assert sample("createorder_200") <= keys(bench.get("/orders"))
    assert sample("list_shipments_200") <= keys(bench.get("/shipments", includeShipmentItems="true"))
    assert sample("list_fulfillments_200") <= keys(bench.get("/fulfillments"))
    assert sample("list_stores_200") <= keys(bench.get("/stores"))
    assert sample("list_webhooks_200") <= keys(bench.get("/webhooks"))
    assert sample("list_carriers_200") <= keys(bench.get("/carriers"))
    assert sample("list_warehouses_200") <= keys(bench.get("/warehouses"))
    inner = {"categoryId", "tagId"}  # the record on the bench has no category and no tag
    assert sample("list_products_200") - inner <= keys(bench.get("/products"))
    assert sample("list_customers_200") - inner <= keys(bench.get("/customers"))


def test_the_vendors_own_requests_are_taken(shared: Path) -> None:
    folder = shared / "specs/shipstation/samples/v1"
    bench = Bench()
    body = json.loads((folder / "createorder_request.json").read_text("utf-8"))
    body["advancedOptions"]["storeId"] = 12345
    assert bench.call("POST", ONE, body).status == 200
    assert bench.simulator.strict_violations == []


def test_wall_times_agree_with_every_vector(shared: Path) -> None:
    vectors = json.loads((shared / "specs/shipstation/vectors/time-zone-v1.json").read_text("utf-8"))
    for vector in vectors["to_utc"]:
        moment = datetime.fromisoformat(vector["utc"].replace("Z", "+00:00"))
        read = pacific.read_wall(vector["v1"])
        assert read is not None
        assert (pacific.from_wall(read[0]), pacific.wall(moment)) == (moment, read[0])
    for vector in vectors["utc_to_v1_filter"]:
        moment = datetime.fromisoformat(vector["utc"].replace("Z", "+00:00"))
        assert f"{pacific.wall(moment):%Y-%m-%d %H:%M:%S}" == vector["v1_filter"]
