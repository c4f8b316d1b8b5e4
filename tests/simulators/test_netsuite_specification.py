"""The simulator is no laxer than the published forms of NetSuite's records, and judges the test vectors of tokens.

Needs the specifications, which are not part of the repository; a clean clone skips these tests and is as strict,
because the simulator has validators of its own.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from local.simulators.base import Fault, Reply, Request
from local.simulators.netsuite import NetSuiteSimulator, office, statuses
from local.simulators.netsuite.contract import FORMS
from tests.simulators.netsuite_bench import ASSERTION_TYPE, BASE, TOKEN_PATH, Bench, document, ref
from tests.simulators.test_netsuite_records import ADJUSTMENT, BILL

TYPES = (
    "purchaseOrder",
    "salesOrder",
    "itemFulfillment",
    "itemReceipt",
    "returnAuthorization",
    "vendorBill",
    "inventoryAdjustment",
)
WRONG: tuple[Any, ...] = (7, 1.5, "x", "2026-13-01", True, [], {}, {"id": []}, {"items": 1}, ["x"])


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "specs/netsuite"


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def schemas(folder: Path) -> dict[str, Draft202012Validator]:
    found = {name: read(folder, f"schemas/{name}.schema.json") for name in TYPES}
    return {name: Draft202012Validator(schema, format_checker=FormatChecker()) for name, schema in found.items()}


# -- tokens


def vectors(folder: Path, name: str) -> list[dict[str, Any]]:
    found = read(folder, f"jwt-test-vectors/{name}.json")["vectors"]
    assert isinstance(found, list)
    return found


def judged(folder: Path, vector: dict[str, Any]) -> Reply:
    """The answer to a vector's assertion, in an account that has the certificates of the good vectors."""
    moment = datetime.fromtimestamp(vector["now_for_test"], UTC)
    simulator = NetSuiteSimulator(lambda: moment, account="1234567_SB1")
    for good in vectors(folder, "valid"):
        pem, client = good["certificate_pem"], good["client_id"]
        assert simulator.command("upload_certificate", {"client_id": client, "pem": pem}) == good["certificate_id_kid"]
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": vector["client_assertion"],
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = vector.get("request_body", urlencode(form)).encode()
    return simulator.handle(Request("POST", TOKEN_PATH, "", headers, body))


def test_good_vectors_get_a_token(folder: Path) -> None:
    common = read(folder, "schemas/common.schema.json")
    answer = Draft202012Validator({"$ref": "#/$defs/tokenResponse", "$defs": common["$defs"]})
    for vector in vectors(folder, "valid"):
        reply = judged(folder, vector)
        assert reply.status == 200, vector["name"]
        assert not list(answer.iter_errors(document(reply)))


def test_bad_vectors_are_refused_as_they_say(folder: Path) -> None:
    found = vectors(folder, "invalid")
    assert len(found) >= 9
    for vector in found:
        reply = judged(folder, vector)
        expected = (vector["simulator_expect_http"], vector["simulator_expect_body"])
        assert (reply.status, document(reply)) == expected, vector["name"]


# -- names


def test_every_property_of_the_schemas_is_known_and_of_the_same_kind(
    schemas: dict[str, Draft202012Validator],
) -> None:
    for name, validator in schemas.items():
        form, properties = FORMS[name], validator.schema["properties"]
        assert set(properties) == {*form.body, *form.lists}, name
        for each, schema in properties.items():
            if each in form.body:
                assert form.body[each].endswith("!") == bool(schema.get("readOnly")), (name, each)
        for sublist, contract in form.lists.items():
            rows = properties[sublist]["anyOf"][0]["properties"]["items"]["items"]
            extra = {"orderLine", "orderDoc"}  # exist, though the schemas of returns and bills lack them
            assert set(contract.fields) - set(rows["properties"]) <= extra, (name, sublist)
            assert set(rows["properties"]) <= set(contract.fields), (name, sublist)


def test_status_letters_are_those_of_the_list(folder: Path) -> None:
    for found in read(folder, "transaction-status-codes.json")["types"].values():
        if not found["codes"] or found["rest"] not in statuses.WORDS:
            continue
        plain = {letter: re.sub(r" \(UNVERIFIED.*\)", "", words) for letter, words in found["codes"].items()}
        assert plain == statuses.WORDS[found["rest"]]


def test_permissions_are_those_of_the_list(folder: Path) -> None:
    listed = {each["id"] for each in read(folder, "role-permissions.json")["permissions"]}
    unused = {"TRAN_POSTPERIODS", "TRAN_RTNAUTHAPPRV"}
    assert listed - unused == office.KNOWN - {"TRAN_VENDCRED"}


# -- bodies


def targets(bench: Bench) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Method, path and a good body for each record type, in an account that is ready for it."""
    buys, sells = bench.purchase_order(), bench.sales_order()
    returned = bench.sales_order()
    bench.saved(bench.transform(f"salesOrder/{returned}", "itemFulfillment", {"shipStatus": "C"}))
    line = {"item": ref(328), "quantity": 3, "rate": 2, "location": ref(6), "expectedReceiptDate": "2026-08-01"}
    moved = {"orderLine": 1, "itemReceive": True, "quantity": 1, "location": ref(6)}
    package = {"packageTrackingNumber": "1Z", "packageWeight": 1.25, "packageDescr": "UPS"}
    receipt = {"externalId": "SB-IR-1", "tranDate": "2026-07-02", "memo": "x", "item": {"items": [moved]}}
    return {
        "purchaseOrder": ("POST", "purchaseOrder", {"entity": ref(1722), "item": {"items": [line]}, "memo": "x"}),
        "salesOrder": ("POST", "salesOrder", {"entity": ref(1001), "item": {"items": [line]}, "email": "a@b.c"}),
        "itemReceipt": ("POST", f"purchaseOrder/{buys}/!transform/itemReceipt", receipt),
        "itemFulfillment": (
            "POST",
            f"salesOrder/{sells}/!transform/itemFulfillment",
            {
                "externalId": "SB-IF-1",
                "shipStatus": {"id": "C"},
                "item": {"items": [moved]},
                "package": {"items": [package]},
            },
        ),
        "returnAuthorization": (
            "POST",
            f"salesOrder/{returned}/!transform/returnAuthorization",
            {"externalId": "SB-RA-1", "orderStatus": {"id": "B"}, "item": {"items": [{"orderLine": 1, "quantity": 1}]}},
        ),
        "vendorBill": ("PUT", "vendorBill/eid:SB-VB-1", {**BILL, "approvalStatus": {"id": "1"}}),
        "inventoryAdjustment": ("POST", "inventoryAdjustment", ADJUSTMENT),
    }


def mutants(validator: Draft202012Validator, good: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The good body with each property of the schema, and each of its lines' properties, set to something wrong."""
    for name, schema in validator.schema["properties"].items():
        for value in WRONG:
            yield {**good, name: value}
        rows = schema.get("anyOf", [{}])[0].get("properties", {}).get("items", {}).get("items", {}).get("properties")
        for each in rows or ():
            for value in WRONG:
                made = copy.deepcopy(good)
                lines = made.setdefault(name, {"items": [{}]})["items"]
                lines[0][each] = value
                yield made
    for name in good:
        yield {other: value for other, value in good.items() if other != name}


@pytest.mark.slow
@pytest.mark.parametrize("name", TYPES)
def test_what_the_schema_refuses_the_simulator_refuses(name: str, schemas: dict[str, Draft202012Validator]) -> None:
    bench = Bench()
    method, path, good = targets(bench)[name]
    kept, tried = len(bench.held(name)), 0
    for body in mutants(schemas[name], good):
        if schemas[name].is_valid(body):
            continue
        tried += 1
        reply = bench.call(method, path, body)
        assert 400 <= reply.status < 500, body
    assert tried > 100
    assert len(bench.held(name)) == kept


@pytest.mark.parametrize("name", TYPES)
def test_good_bodies_pass_both_and_answers_have_the_published_form(
    name: str, schemas: dict[str, Draft202012Validator]
) -> None:
    bench = Bench()
    method, path, good = targets(bench)[name]
    assert schemas[name].is_valid(good)
    number = bench.saved(bench.call(method, path, good))
    for query in ({"expandSubResources": "true"}, {}, {"simpleEnumFormat": "true"}):
        found = document(bench.call("GET", f"{name}/{number}", query=query))
        assert [each.message for each in schemas[name].iter_errors(found)] == []


def test_the_sample_requests_work(folder: Path) -> None:
    bench = Bench()
    for sample in sorted((folder / "samples").glob("*.request.json")):
        body = json.loads(sample.read_text("utf-8"))
        parts = sample.name.removesuffix(".request.json").split("-")
        if parts[0] == "transform":
            source = {"purchaseorder": "purchaseOrder", "salesorder": "salesOrder"}.get(parts[1], "returnAuthorization")
            reply = bench.transform(f"{source}/{source_of(bench, source, parts)}", parts[2], body)
        elif parts[0] == "itemfulfillment":
            (held,) = bench.held("itemFulfillment") or [{"id": ""}]
            reply = bench.call("PATCH", f"itemFulfillment/{held['id'] or shipped(bench)}", body)
        else:
            reply = bench.call("POST", parts[0], body)
        assert reply.status == 204, (sample.name, reply.body)


def shipped(bench: Bench) -> str:
    return bench.saved(bench.transform(f"salesOrder/{bench.sales_order()}", "itemFulfillment", {}))


def source_of(bench: Bench, source: str, parts: list[str]) -> str:
    """An order that the sample's lines fit."""
    if source == "purchaseOrder":
        return bench.purchase_order(("CREAM", 40)) if parts[-1] == "lot" else bench.purchase_order()
    order = bench.sales_order(("TEE-BLK-M", 2), ("TOTE-01", 1))
    if source == "salesOrder" and parts[2] == "itemfulfillment":
        return order
    bench.saved(bench.transform(f"salesOrder/{order}", "itemFulfillment", {"shipStatus": "C"}))
    if source == "salesOrder":
        return order
    body = {"orderStatus": {"id": "B"}, "item": {"items": [{"orderLine": 1, "quantity": 1}]}}
    return bench.saved(bench.transform(f"salesOrder/{order}", "returnAuthorization", body, query="replace=item"))


def test_the_query_templates_run(folder: Path) -> None:
    bench = Bench()
    order, sold = bench.purchase_order(), bench.sales_order(tran_id="SO20881")
    bench.saved(bench.transform(f"purchaseOrder/{order}", "itemReceipt", {"externalId": "SB-IR-1"}))
    body = {"shipStatus": "C", "package": {"items": [{"packageTrackingNumber": "1Z"}]}}
    fulfilled = bench.saved(bench.transform(f"salesOrder/{sold}", "itemFulfillment", body))
    values = {
        "cursor_ts": "2026-01-01 00:00:00",
        "cursor_id": "0",
        "po_ids": order,
        "skus": "'TOTE-01'",
        "so_number": "SO20881",
        "so_id": sold,
        "transaction_id": fulfilled,
        "external_id": "SB-IR-1",
        "po_id": order,
        "parent_id": sold,
    }
    files = sorted((folder / "suiteql").glob("*.sql"))
    assert len(files) == 12
    for file in files:
        text = "\n".join(line for line in file.read_text("utf-8").splitlines() if not line.startswith("--"))
        query = re.sub(r"(?<=[(='\s]):([a-z_]+)", lambda match: values[match[1]], text)
        expected = 0 if file.name.startswith("01") else 1  # the only order is pending billing by now
        assert len(bench.rows(query)) >= expected, file.name


# -- answers


def test_answers_of_the_services_have_the_published_form(folder: Path) -> None:
    common = read(folder, "schemas/common.schema.json")["$defs"]
    bench = Bench()
    bench.command("restrict_role", administrator=True)
    bench.purchase_order()
    order = bench.purchase_order()
    job = bench.transform(f"purchaseOrder/{order}", "itemReceipt", headers={"Prefer": "respond-async"})
    bench.simulator.dial.plan(Fault.THROTTLED, "salesOrder/2")
    bench.simulator.dial.plan(Fault.ERROR_500_AFTER, "salesOrder/3")
    answers = {
        "serverTime": [bench.call("GET", f"{BASE}/system/v1/serverTime")],
        "governanceLimits": [bench.call("GET", f"{BASE}/system/v1/governanceLimits")],
        "asyncJob": [bench.call("GET", job.headers["Location"])],
        "suiteqlResponse": [bench.query("SELECT t.id, t.memo FROM transaction t")],
        "error": [
            bench.query("SELECT x FROM y"),
            bench.call("GET", "salesOrder/1"),
            bench.call("GET", "salesOrder/2"),
            bench.call("GET", "salesOrder/3"),
            bench.call("GET", "vendor/1"),
            bench.call("POST", "vendorBill", {"memmo": 1}),
            bench.call("GET", "vendorBill/1", headers={"Authorization": "Bearer x"}),
        ],
    }
    for name, replies in answers.items():
        judge = Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": common}, format_checker=FormatChecker())
        for reply in replies:
            assert [each.message for each in judge.iter_errors(document(reply))] == [], name


def test_errors_look_like_the_samples(folder: Path) -> None:
    bench = Bench()
    body = {"subsidiary": ref(1), "inventory": ADJUSTMENT["inventory"]}
    pairs = {
        "error.400.missing-field": bench.call("POST", "inventoryAdjustment", body),
        "error.401.invalid-login": bench.call("GET", "vendor/1", headers={"Authorization": "Bearer x"}),
    }
    bench.command("occupy", slots=9)
    pairs["error.429.concurrency"] = bench.call("GET", "vendor/1")
    for name, reply in pairs.items():
        sample = read(folder, f"samples/{name}.json")
        assert reply.status == sample["status"]
        assert document(reply)["o:errorDetails"] == sample["o:errorDetails"]
