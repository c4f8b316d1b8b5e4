"""The simulator is no laxer than the vendor's own specifications, and answers what they promise.

Needs the specifications, which are not part of the repository; a clean clone skips these tests and is as strict,
because the simulator has validators of its own.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from local.simulators.base import Fault, Reply
from local.simulators.ups import EVENTS, lanes
from local.simulators.ups.lanes import SERVICES
from local.simulators.ups.numbers import check_digit, is_genuine
from local.simulators.ups.routes import Route, routes_of
from local.simulators.ups.ship_bodies import REFERENCE_CODES
from tests.simulators.test_ups_addresses import RATE, SHOP, TIMES, TRANSIT, XAV, R, a_rate, a_trip, an_address
from tests.simulators.test_ups_alerts import ACCOUNT, CIE, ENHANCED, V1, V2, v1, v2
from tests.simulators.test_ups_ship import FORMS, INVOICE, S
from tests.simulators.test_ups_void import RECOVERY, by_number, by_reference
from tests.simulators.ups_bench import BERLIN, SHIP, TOKEN_PATH, Bench, a_shipment, abroad, changed, document

FILES = (
    "shipping",
    "rating",
    "address-validation",
    "time-in-transit",
    "tracking",
    "track-alert-v1-standard",
    "track-alert-v1-enhanced",
    "track-alert-v2",
    "oauth-client-credentials",
)
ALERT_FILES = {"v1/standard": FILES[5], "v1/enhanced": FILES[6], "v2/standard": FILES[7], "v2/enhanced": FILES[7]}
# Lengths that contradict the documented values (vendor facts 5.1).
CONTRADICTIONS = (r"\$\.emsResponse\.shipDate: .* is too long", r"serviceLevel: '\w{3}' is too long")


class Specification:
    """The specification files, and which operation of which file a path belongs to."""

    def __init__(self, folder: Path) -> None:
        self.files: dict[str, dict[str, Any]] = {
            name: json.loads((folder / f"{name}.json").read_text("utf-8")) for name in FILES
        }

    def operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        """The file and the operation of a concrete path."""
        alert = re.fullmatch(r"/api/track/(v[12])/subscription/(\w+)/(\w+)", path)
        if alert:
            name = ALERT_FILES[f"{alert[1]}/{alert[2]}"]
            kind = alert[2] if alert[1] == "v1" else "{type}"
            return name, self.files[name]["paths"][f"/subscription/{kind}/{alert[3]}"][method.lower()]
        for name, file in self.files.items():
            for template, methods in file["paths"].items():
                pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
                if re.fullmatch(pattern, path.removeprefix("/api")) and method.lower() in methods:
                    return name, methods[method.lower()]
        raise LookupError(f"{method} {path}")

    def _validator(self, name: str, schema: dict[str, Any]) -> Draft202012Validator:
        return Draft202012Validator({**schema, "components": self.files[name]["components"]})

    def request(self, method: str, path: str) -> Draft202012Validator:
        """Judges the request body of an operation."""
        name, operation = self.operation(method, path)
        return self._validator(name, operation["requestBody"]["content"]["application/json"]["schema"])

    def faults(self, method: str, path: str, reply: Reply) -> list[str]:
        """What is wrong with an answer: an undocumented status, or a body that does not fit its schema."""
        name, operation = self.operation(method, path)
        answer = operation["responses"].get(str(reply.status))
        if answer is None:
            return [f"{method} {path}: status {reply.status} is not documented"]
        schema = answer["content"]["application/json"]["schema"]
        errors = self._validator(name, schema).iter_errors(json.loads(reply.body))
        found = [f"{method} {path} {reply.status} {each.json_path}: {each.message[:200]}" for each in errors]
        return [each for each in found if not any(re.search(known, each) for known in CONTRADICTIONS)]


@pytest.fixture(scope="module")
def specification(shared: Path) -> Specification:
    return Specification(shared / "specs/ups/openapi-strict")


def full_domestic() -> dict[str, Any]:
    body = a_shipment()
    shipment = body["ShipmentRequest"]["Shipment"]
    shipment["ShipFrom"] = {
        "Name": "Acme WH2",
        "AttentionName": "Dock 4",
        "CompanyDisplayableName": "Acme",
        "TaxIdentificationNumber": "12-3456789",
        "Phone": {"Number": "4105550101", "Extension": "12"},
        "FaxNumber": "4105550102",
        "Address": shipment["Shipper"]["Address"],
    }
    shipment["Shipper"]["EMailAddress"] = "ship@example.com"
    shipment["Shipper"]["FaxNumber"] = "4105550103"
    shipment["ShipTo"] |= {
        "AttentionName": "Jane",
        "Phone": {"Number": "2125550199"},
        "EMailAddress": "jane@example.com",
    }
    shipment["ShipTo"]["LocationID"] = "LOC1"
    shipment["PaymentInformation"]["ShipmentCharge"] = [
        {
            "Type": "01",
            "BillThirdParty": {
                "AccountNumber": "Z9Y8X7",
                "Address": {"PostalCode": "10118", "CountryCode": "US"},
            },
        },
        {"Type": "02", "BillReceiver": {"AccountNumber": "X1Y2Z3", "Address": {"PostalCode": "11590"}}},
    ]
    shipment["ShipmentDate"] = "20260714"
    shipment["NumOfPiecesInShipment"] = "1"
    shipment["Locale"] = "en_US"
    shipment["ShipmentServiceOptions"] = {
        "SaturdayDeliveryIndicator": "",
        "Notification": [
            {
                "NotificationCode": "6",
                "EMail": {"EMailAddress": ["jane@example.com"], "FromName": "Acme", "Memo": "On its way"},
                "Locale": {"Language": "ENG", "Dialect": "US"},
            }
        ],
    }
    shipment["Package"][0] |= {
        "Description": "Carton 1",
        "PackageServiceOptions": {
            "DeliveryConfirmation": {"DCISType": "2"},
            "DeclaredValue": {"Type": {"Code": "01"}, "CurrencyCode": "USD", "MonetaryValue": "100"},
            "ShipperReleaseIndicator": "",
        },
        "AdditionalHandlingIndicator": "",
    }
    body["ShipmentRequest"]["LabelSpecification"] |= {"HTTPUserAgent": "Mozilla/4.5", "CharacterSet": "eng"}
    return body


def full_abroad() -> dict[str, Any]:
    invoice = copy.deepcopy(INVOICE)
    invoice |= {"PurchaseOrderNumber": "PO1", "Comments": "c", "DeclarationStatement": "d"}
    invoice |= {"FreightCharges": {"MonetaryValue": "10"}, "OtherCharges": {"MonetaryValue": "1", "Description": "Fee"}}
    invoice["Product"][0] |= {
        "PartNumber": "P1",
        "NumberOfPackagesPerCommodity": "1",
        "ProductWeight": {"UnitOfMeasurement": {"Code": "LBS"}, "Weight": "2.5"},
    }
    body = changed(abroad(BERLIN), FORMS, invoice)
    return changed(body, f"{S}.ShipmentServiceOptions.DeliveryConfirmation", {"DCISType": "1"})


def full_rate() -> dict[str, Any]:
    body = changed(a_rate(), f"{R}.DeliveryTimeInformation", TIMES)
    body = changed(body, "RateRequest.PickupType", {"Code": "01", "Description": "Daily"})
    body = changed(body, "RateRequest.CustomerClassification", {"Code": "01"})
    body = changed(body, f"{R}.NumOfPieces", "1")
    total = {"UnitOfMeasurement": {"Code": "LBS", "Description": "Pounds"}, "Weight": "7.5"}
    body = changed(body, f"{R}.ShipmentTotalWeight", total)
    body = changed(body, f"{R}.InvoiceLineTotal", {"CurrencyCode": "USD", "MonetaryValue": "250"})
    return changed(
        body, f"{R}.ShipFrom", {"Name": "WH2", "Address": a_rate()["RateRequest"]["Shipment"]["Shipper"]["Address"]}
    )


BODIES: dict[str, tuple[str, Any]] = {
    "domestic": (SHIP, full_domestic()),
    "to Canada": (SHIP, abroad()),
    "to Germany": (SHIP, full_abroad()),
    "recovery by number": (RECOVERY, by_number("1ZA1B2C30300000012")),
    "recovery by reference": (RECOVERY, by_reference("000123")),
    "rate": (RATE, full_rate()),
    "address": (XAV, an_address(PostcodeExtendedLow="1234", Urbanization="URB")),
    "transit": (TRANSIT, a_trip(shipTime="10:00:00", avvFlag=True, maxList=5)),
    "alert v1": (V1, v1(CIE[0], CIE[1])),
    "alert v1 enhanced": (V1.replace("standard", "enhanced"), {**v1(CIE[0]), "eventPreferences": ["D", "X"]}),
    "alert v2": (V2, v2(CIE[0], CIE[1])),
    "alert v2 enhanced": (ENHANCED, v2(CIE[0], eventPreferences=["D", "X"])),
    "alert account": (ACCOUNT, {"locale": "en_US", "countryCode": "US", "shipperAccountNumber": "A1B2C3"}),
}
SUBSTITUTES: tuple[Any, ...] = (
    *(None, "", " ", "x", "X" * 5, "x" * 36, "x" * 51, "x" * 600, "1", "00", "99", "1.5", "-1"),
    *(0, -1, 1, 1.5, 2**40, True, False, [], {}, [None], ["x"], [{}], {"x": 1}),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every member in a document."""
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield (*path, name)
        yield from places(member, (*path, name))


def mutants(body: Any) -> Iterator[Any]:
    """The body with one member taken away, replaced, wrapped into a list, taken out of one, repeated, or a stranger."""
    for path in places(body):
        for change in (*SUBSTITUTES, "remove", "stranger", "wrap", "unwrap", "repeat"):
            made = copy.deepcopy(body)
            parent = made
            for name in path[:-1]:
                parent = parent[name]
            old = parent[path[-1]]
            if change == "remove":
                del parent[path[-1]]
            elif change == "stranger" and isinstance(parent, dict):
                parent["stranger"] = "1"
            elif change == "wrap":
                parent[path[-1]] = [old]
            elif change == "unwrap" and isinstance(old, list):
                parent[path[-1]] = old[0]
            elif change == "repeat" and isinstance(old, list):
                parent[path[-1]] = old * 250
            else:
                parent[path[-1]] = change
            yield made


def took(reply: Reply) -> bool:
    """Whether a request was taken as a whole; Track Alert takes a part and lists the rest as invalid."""
    if reply.status == 400 or not reply.body:
        return False
    assert reply.status in (200, 206), (reply.status, reply.body)
    return not json.loads(reply.body).get("invalidTrackingNumbers")


@pytest.mark.parametrize("case", BODIES)
def test_no_body_that_the_specification_refuses_is_taken(specification: Specification, case: str) -> None:
    path, body = BODIES[case]
    judge = specification.request("POST", path)
    assert not list(judge.iter_errors(body)), "the example itself must be valid"
    bench = Bench(calls_per_minute=10**9)
    bench.bought()
    taken = refused = 0
    for made in mutants(body):
        reply = bench.call("POST", path, made)
        if not took(reply):
            refused += 1
            continue
        taken += 1
        errors = [f"{each.json_path}: {each.message[:150]}" for each in judge.iter_errors(made)]
        assert not errors, f"taken although the specification refuses it: {errors}"
    assert took(bench.call("POST", path, body)), "the example must be taken"
    assert taken >= 1, "some changes are harmless"
    assert refused >= 20, "the corpus must hold wrong bodies"


def test_the_judge_itself_can_refuse(specification: Specification) -> None:
    judge = specification.request("POST", SHIP)
    assert not list(judge.iter_errors(a_shipment()))
    for path, value in (
        (f"{S}.ShipTo.Address.AddressLine", ["x" * 36]),
        (f"{S}.stranger", 1),
        (f"{S}.Package", {}),
        (f"{S}.Service", ...),
    ):
        assert list(judge.iter_errors(changed(a_shipment(), path, value)))
    reply = Bench().call("POST", SHIP, a_shipment())
    broken = Reply(200, {}, reply.body.replace(b'"MonetaryValue": "', b'"Value": "'))
    assert specification.faults("POST", SHIP, broken)


def test_the_examples_of_the_vendor_facts_are_taken(shared: Path) -> None:
    folder = shared / "specs/ups/examples"

    def example(name: str) -> Any:
        return json.loads((folder / name).read_text("utf-8"))

    bench = Bench()
    for name in ("minimal", "domestic-two-packages", "us-to-ca"):
        assert bench.call("POST", SHIP, example(f"ship-request.{name}.json")).status == 200
    assert bench.call("POST", SHOP, example("rate-request.shop.json")).status == 200
    assert bench.call("POST", XAV, example("xav-request.option3.json")).status == 200
    assert bench.call("POST", V1, example("track-alert-v1-subscribe.json")).status == 200
    assert bench.call("POST", V2, example("track-alert-v2-subscribe.json")).status == 200
    assert bench.call("POST", RECOVERY, example("label-recovery-request.json")).status == 200
    assert bench.simulator.strict_violations == []


class Witness:
    """Sends requests and holds every answer against the specification."""

    def __init__(self, bench: Bench, specification: Specification) -> None:
        self.bench, self._specification = bench, specification
        self.faults: list[str] = []
        self.seen: set[tuple[str, int]] = set()

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Reply:
        reply = self.bench.call(method, path, body, **options)
        self.seen.add((re.sub(r"1Z\w+", "", path), reply.status))
        self.faults += self._specification.faults(method, path, reply)
        return reply


def test_answers_fit_the_specifications(specification: Specification) -> None:
    bench = Bench()
    witness = Witness(bench, specification)
    for body in (full_domestic(), a_shipment(packages=3), abroad(), full_abroad()):
        assert witness.call("POST", SHIP, body).status == 200
    first, second = bench.labels()[0]["tracking_number"], bench.labels()[1]["tracking_number"]
    for number in (first, "R"):
        body = by_number(number, "PDF") if number == first else by_reference("SO004567")
        assert witness.call("POST", RECOVERY, body).status == 200
    void = "/api/shipments/v2409/void/cancel"
    packages = {"trackingnumber": json.dumps([second])}
    assert witness.call("DELETE", f"{void}/{second}", query=packages).status == 200
    assert witness.call("DELETE", f"{void}/{first}").status == 200
    assert witness.call("DELETE", f"{void}/{first}").status == 400
    for path in (RATE, SHOP, "/api/rating/v2409/Shoptimeintransit"):
        assert witness.call("POST", path, full_rate()).status == 200
    for option in "123":
        for changes in ({}, {"PoliticalDivision2": "Hempstead"}, {"AddressLine": ["x"]}):
            assert witness.call("POST", XAV[:-1] + option, an_address(**changes)).status == 200
    assert witness.call("POST", TRANSIT, a_trip()).status == 200
    for path, body in ((V1, v1(*CIE)), (V2, v2(*CIE, "1Z")), (ENHANCED, v2(CIE[2]))):
        assert witness.call("POST", path, body).status == 200
    assert witness.call("POST", *BODIES["alert account"]).status == 200
    assert witness.call("DELETE", ACCOUNT, query="shipper_account_number=A1B2C3").status == 200
    third = bench.bought()
    bench.command("progress", tracking_number=third)
    track = "/api/track/v1"
    query = {"returnSignature": "true", "returnMilestones": "true", "returnPOD": "true", "locale": "en_US"}
    assert witness.call("GET", f"{track}/details/{third}", query=query).status == 200
    assert witness.call("GET", f"{track}/details/1ZA1B2C30300009993").status == 200
    assert witness.call("GET", f"{track}/shipment/details/{third}").status == 200
    assert witness.call("GET", f"{track}/reference/details/000123").status == 200
    assert witness.faults == []


def test_refusals_fit_the_specifications(specification: Specification) -> None:
    bench = Bench()
    witness = Witness(bench, specification)
    posts = (SHIP, RECOVERY, RATE, XAV, TRANSIT, V1, ENHANCED.replace("v2", "v1"))
    for path in posts:
        assert witness.call("POST", path, {}).status == 400
        assert witness.call("POST", path, {}, token="unknown").status == 401
    assert witness.call("POST", V2, v2("1Z1234567$8")).status == 400
    assert witness.call("GET", "/api/track/v1/details/1234567", headers={"transId": None}).status == 400
    for path in (SHIP, RECOVERY, RATE, XAV, TRANSIT, V1):
        bench.simulator.dial.plan(Fault.THROTTLED)
        assert witness.call("POST", path, {}).status == 429
    assert witness.faults == []


def test_token_answers_fit_the_specification(specification: Specification) -> None:
    bench = Bench(tokens_per_day=1)
    assert specification.faults("POST", TOKEN_PATH, bench.token_call()) == []
    assert specification.faults("POST", TOKEN_PATH, bench.token_call(secret="x")) == []
    assert specification.faults("POST", TOKEN_PATH, bench.token_call(form="x=y")) == []
    limited = bench.token_call()
    assert limited.status == 429
    assert specification.faults("POST", TOKEN_PATH, limited) == []


def test_pushes_fit_the_specification(specification: Specification) -> None:
    bench = Bench()
    number = bench.bought()
    bench.command("set_portal", app=bench.client.id, url="https://h.example.com", kind="credential", credential="c")
    assert bench.call("POST", ENHANCED, v2(number)).status == 200
    for event in EVENTS:
        bench.command("scan", tracking_number=number, event=event)
    file = specification.files["track-alert-v2"]
    schema = {**file["components"]["schemas"]["TrackingEventRequest"], "components": file["components"]}
    pushes = bench.simulator.take_deliveries()
    assert len(pushes) == len(EVENTS)
    for push in pushes:
        assert [each.message for each in Draft202012Validator(schema).iter_errors(json.loads(push.body))] == []


def parameters(specification: Specification, route: Route) -> set[str]:
    path = f"/api{route.path}".replace("{option}", "Rate" if "rating" in route.path else "3")
    path = re.sub(r"\{\w+\}", "1ZA1B2C30300000012", path)
    name, operation = specification.operation(route.method, path)
    shared = specification.files[name]["components"].get("parameters", {})
    listed = [shared[each["$ref"].rsplit("/", 1)[1]] if "$ref" in each else each for each in operation["parameters"]]
    return {each["name"] for each in listed if each["in"] == "query"}


def test_the_query_parameters_are_those_of_the_specifications(specification: Specification) -> None:
    known = [route for route in routes_of("v2409", "v2409") if "{type}" not in route.path]
    assert len(known) == 17
    for route in known:
        assert set(route.query) == parameters(specification, route), route.path


def test_check_digits_agree_with_every_vector(shared: Path) -> None:
    vectors = json.loads((shared / "specs/ups/codes/1z-check-digit-vectors.json").read_text("utf-8"))
    assert len(vectors) >= 15
    for vector in vectors:
        assert is_genuine(vector["number"]) is vector["valid"], vector
        if "computed" in vector:
            assert check_digit(vector["number"][2:17]) == vector["computed"]


def test_reference_codes_are_those_of_the_table(shared: Path) -> None:
    table = json.loads((shared / "specs/ups/codes/reference-number-codes.json").read_text("utf-8"))
    assert set(REFERENCE_CODES) == set(table["codes"])


def test_events_use_codes_of_the_tables(shared: Path) -> None:
    tables = json.loads((shared / "specs/ups/codes/tracking-codes.json").read_text("utf-8"))
    by_start = {name: {row["code"] for row in rows} for name, rows in tables.items()}

    def table(start: str) -> set[str]:
        return next(codes for name, codes in by_start.items() if name.startswith(start))

    names = {"I": "status.code when type is I", "M": "status.code when type is M", "MV": "status.code when type is M"}
    names |= {"U": "status.code when type is U", "X": "status.code when type is X", "D": "status.code delivery"}
    for name, event in EVENTS.items():
        assert event.type in table("status.type"), name
        assert event.status_code in table("status.statusCode"), name
        # FS is what delivered packages show in UPS' own samples; the table leaves it out.
        assert event.code in table(names[event.type]) | {"FS"}, (name, event.code)


def test_every_service_of_a_lane_has_a_price() -> None:
    for origin in ("US", "PR", "CA", "DE", "MX"):
        for destination in ("US", "PR", "CA", "FR", "JP"):
            assert lanes.services_between(origin, destination) <= set(SERVICES)


def test_the_answers_of_ups_have_the_members_of_the_examples(shared: Path) -> None:
    folder = shared / "specs/ups/examples"
    bench = Bench(negotiated=())
    shipped = document(bench.call("POST", SHIP, a_shipment(packages=2)))
    assert keys(json.loads((folder / "ship-response.v2409.two-packages.json").read_text("utf-8"))) <= keys(shipped)
    number = bench.labels()[0]["tracking_number"]
    bench.command("progress", tracking_number=number)
    tracked = document(bench.call("GET", f"/api/track/v1/details/{number}", query="returnSignature=true"))
    assert keys(json.loads((folder / "track-response.delivered.json").read_text("utf-8"))) <= keys(tracked)
    for name in ("delivered", "out-for-delivery"):
        sample = json.loads((folder / f"track-alert-push.{name}.json").read_text("utf-8"))
        assert bench.call("POST", V1.replace("standard", "enhanced"), v1(number)).status == 200
        bench.command("scan", tracking_number=number, event=name.replace("-", "_"))
        [push] = bench.simulator.take_deliveries()
        assert keys(sample) <= keys(json.loads(push.body))


def keys(value: Any) -> set[str]:
    """The names of all members, however deep."""
    if isinstance(value, list):
        return set().union(*(keys(each) for each in value)) if value else set()
    return set(value) | set().union(*(keys(each) for each in value.values())) if isinstance(value, dict) else set()
