"""What ShipBob's refusals mean, and how its many error bodies become one line without personal data."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply, Request
from vendors.shipbob.faults import classify, describe, scope_of
from vendors.shipbob.limits import remaining, retry_at

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
BASE = "https://api.shipbob.com/2026-01"
WRITE = Request("POST", f"{BASE}/order", "create order", write=True)
READ = Request("GET", f"{BASE}/order?Page=1", "list orders")


def reply(status: int, body: object = b"", **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


def fault(request: Request, answer: Reply) -> VendorFault:
    found = classify(request, answer, NOW)
    assert found is not None
    return found


@pytest.mark.parametrize("status", [200, 201, 204, 207])
def test_good_answers_are_no_faults_even_when_unreadable(status: int) -> None:
    assert classify(WRITE, reply(status, b'{"trunc'), NOW) is None


@pytest.mark.parametrize(
    ("status", "body", "kind", "executed"),
    [
        (401, b"", FaultKind.EXPIRED, Executed.NO),
        (403, b"", FaultKind.FORBIDDEN, Executed.NO),
        (404, {"statusCode": 404, "message": "Resource not found"}, FaultKind.CONFIGURATION, Executed.NO),
        (404, b"", FaultKind.NOT_FOUND, Executed.NO),
        (404, {"code": "NOT_FOUND", "message": "Shipment 5 not found"}, FaultKind.NOT_FOUND, Executed.NO),
        (410, b"", FaultKind.CONFIGURATION, Executed.NO),
        (422, {"": ["Cannot insert order with existing ReferenceId"]}, FaultKind.DUPLICATE, Executed.NO),
        (400, {"": ["Cannot insert order with existing ReferenceId"]}, FaultKind.DUPLICATE, Executed.NO),
        (422, {"ReferenceId": ["Cannot insert duplicate reference id: X"]}, FaultKind.DUPLICATE, Executed.NO),
        (422, {"ReferenceId": ["Cannot insert duplicate reference ids: A"]}, FaultKind.DUPLICATE, Executed.NO),
        (400, {"errors": {"[0].Sku": ["A variant with this SKU already exists"]}}, FaultKind.DUPLICATE, Executed.NO),
        (422, {"Sku": ["The SKU does not exist"]}, FaultKind.INVALID, Executed.NO),
        (400, {"shipbob_channel_id": ["The header is required."]}, FaultKind.CONFIGURATION, Executed.NO),
        (400, {"Recipient.Address.City": ["The City field is required."]}, FaultKind.INVALID, Executed.NO),
        (415, b"Unsupported Media Type", FaultKind.INVALID, Executed.NO),
        (409, b"", FaultKind.CONFLICT, Executed.NO),
        (400, {"code": "CONFLICT", "message": "changed"}, FaultKind.CONFLICT, Executed.NO),
        (400, {"code": "DATABASE_UPDATE_ERROR", "message": "x"}, FaultKind.UNAVAILABLE, Executed.MAYBE),
        (408, b"", FaultKind.UNAVAILABLE, Executed.MAYBE),
        (500, b"An unexpected database error occurred.", FaultKind.UNAVAILABLE, Executed.MAYBE),
        (502, b"<html><title>Bad Gateway</title></html>", FaultKind.UNAVAILABLE, Executed.MAYBE),
        (503, b"", FaultKind.UNAVAILABLE, Executed.MAYBE),
        (429, {"statusCode": 429, "message": "Rate limit is exceeded."}, FaultKind.THROTTLED, Executed.NO),
        (302, b"", FaultKind.CONFIGURATION, Executed.NO),
        (100, b"", FaultKind.UNAVAILABLE, Executed.MAYBE),
    ],
)
def test_the_table(status: int, body: object, kind: FaultKind, executed: Executed) -> None:
    found = fault(WRITE, reply(status, body))
    assert (found.kind, found.executed, found.status, found.vendor) == (kind, executed, status, "shipbob")
    assert found.message.startswith("create order: ")


@pytest.mark.parametrize("status", [401, 403, 404, 408, 409, 422, 429, 500, 503])
def test_a_read_executes_nothing(status: int) -> None:
    assert fault(READ, reply(status)).executed is Executed.NO


def test_a_read_is_never_a_duplicate() -> None:
    assert fault(READ, reply(400, {"": ["filter already exists"]})).kind is FaultKind.INVALID


def test_403_names_the_scope() -> None:
    assert "orders_write" in fault(WRITE, reply(403)).message
    billing = Request("GET", f"{BASE}/invoices?PageSize=1000", "list invoices")
    assert "billing_read" in fault(billing, reply(403)).message


def test_401_tells_about_old_personal_tokens() -> None:
    tracking = Request("GET", f"{BASE}/shipments-tracking?ShipmentIds=1", "read tracking")
    assert "tracking_read" in fault(tracking, reply(401)).message


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "order/1:cancel", "orders_write"),
        ("GET", "order", "orders_read"),
        ("GET", "shipping-method", "orders_read"),
        ("POST", "shipment:batchUpdateTrackingUpload", "orders_write"),
        ("PATCH", "product/5", "products_write"),
        ("GET", "inventory-level/locations", "inventory_read"),
        ("POST", "inventory/history:query", "inventory_read"),
        ("POST", "transactions:query", "billing_read"),
        ("GET", "transaction-fees", "billing_read"),
        ("POST", "receiving:setExternalSync", "receiving_write"),
        ("DELETE", "webhook/12345", "webhooks_write"),
        ("GET", "channel", "channels_read"),
        ("GET", "location", "locations_read"),
        ("GET", "taxonomy", None),
    ],
)
def test_scopes(method: str, path: str, scope: str | None) -> None:
    assert scope_of(method, path) == scope


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (
            {"Recipient.Address.City": ["The City field is required."]},
            "Recipient.Address.City: The City field is required.",
        ),
        ({"": ["Cannot insert order with existing ReferenceId"]}, "Cannot insert order with existing ReferenceId"),
        (
            {
                "type": "https://tools.ietf.org/html/rfc9110",
                "title": "One or more validation errors occurred.",
                "status": 400,
                "detail": None,
                "instance": "/product",
                "errors": {"[0].Sku": ["The Sku field is required."], "Name": ["Too long.", "Too odd."]},
            },
            "One or more validation errors occurred.; [0].Sku: The Sku field is required.; Name: Too long.; "
            "Name: Too odd.",
        ),
        (
            {"type": "x", "title": "Request refused", "status": 422, "detail": "PageSize: 1 to 1000", "instance": "i"},
            "Request refused; PageSize: 1 to 1000",
        ),
        (
            {
                "message": "Validation failed",
                "details": None,
                "errors": ["Lot needed"],
                "stackTrace": "at A.B() in C.cs",
            },
            "Validation failed; Lot needed",
        ),
        ({"code": "VALIDATION_ERROR", "message": "No such shipment"}, "VALIDATION_ERROR; No such shipment"),
        (
            {
                "value": {"message": "unknown topic order.created"},
                "formatters": [],
                "content_types": [],
                "status_code": 422,
            },
            "unknown topic order.created",
        ),
        ({"value": "unknown topic"}, "unknown topic"),
        ({"statusCode": 404, "message": "Resource not found"}, "Resource not found"),
        ({"error": "invalid_grant", "error_description": "expired"}, "invalid_grant; expired"),
        (["one", "two"], "one; two"),
        ("just text", "just text"),
        ({"errors": ["same"], "message": "same"}, "same"),
        (b"An unexpected database\n error occurred.", "An unexpected database error occurred."),
        (b"<html><head><style>p{}</style><title>Bad</title></head><body><p>Gateway</p></body></html>", "Bad Gateway"),
        (b"", "no explanation"),
        (b"\xff\xfe\x00\x1b[2J", "\ufffd\ufffd [2J"),
        ({}, "no explanation"),
    ],
)
def test_every_error_body_becomes_one_line(body: object, line: str) -> None:
    assert describe(reply(400, body)) == line


def test_stack_traces_stay_out() -> None:
    body = {"message": "boom", "stackTrace": "at Secret.Code()", "nested": {"StackTrace": "more"}}
    assert "Secret" not in describe(reply(500, body))
    assert "more" not in describe(reply(500, body))


@pytest.mark.parametrize(
    ("body", "secrets"),
    [
        ({"Recipient.Email": ["'jane@example.com' is not an e-mail address"]}, ["jane"]),
        ({"": ["Mail jane.doe@example.com is on the block list"]}, ["jane", "doe@"]),
        ({"Recipient.Name": ["The value 'Jane Example' is too long"]}, ["Jane"]),
        ({"Recipient.PhoneNumber": ["+1 (555) 555-5555 is not valid"]}, ["555"]),
        ({"recipient.address.zip_code": ["07093 does not fit the state"]}, ["07093"]),
        ({"detail": 'address "100 Nowhere Blvd" was not found'}, ["Nowhere"]),
    ],
)
def test_personal_values_stay_out_but_the_field_is_named(body: dict[str, object], secrets: list[str]) -> None:
    line = describe(reply(422, body))
    assert not any(secret in line for secret in secrets), line
    name = next(iter(body))
    assert name in line or name in ("", "detail")


def test_business_values_stay_in() -> None:
    line = describe(reply(422, {"Products[0].Sku": ["No product with SKU 'TSHIRT-BLU-M'"]}))
    assert line == "Products[0].Sku: No product with SKU 'TSHIRT-BLU-M'"


def test_long_texts_are_cut() -> None:
    assert len(describe(reply(500, b"x" * 10_000))) == 500


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.integers(100, 599), st.binary(max_size=300) | ANY_JSON.map(lambda value: json.dumps(value).encode()))
def test_any_answer_is_judged_without_failing(status: int, body: bytes) -> None:
    found = classify(WRITE, Reply(status, {}, body), NOW)
    assert (found is None) == (200 <= status < 300)
    if found is not None:
        assert len(found.message) < 1000
        assert "\n" not in found.message


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (reply(429, b"", x_retry_after="25"), 25),
        (reply(429, b"", retry_after="7"), 7),
        (reply(429, b"", x_retry_after="3", retry_after="99"), 3),
        (reply(429, b"", retry_after="Mon, 02 Mar 2026 14:00:30 GMT"), 30),
        (reply(429, b"", retry_after="Mon, 02 Mar 2026 13:00:00 GMT"), 0),
        (reply(429, {"message": "Rate limit is exceeded. Try again in 25 seconds."}), 25),
        (reply(429, b"", x_retry_after="soon"), None),
        (reply(429, b"", x_retry_after="999999"), 3600),
        (reply(429, b""), None),
        (reply(503, b"", retry_after="10"), 10),
        (reply(500, b"", retry_after="10"), None),
    ],
)
def test_when_to_come_back(answer: Reply, seconds: int | None) -> None:
    expected = None if seconds is None else NOW + timedelta(seconds=seconds)
    assert fault(WRITE, answer).retry_at == expected


def test_a_hint_without_a_zone_is_no_hint() -> None:
    assert retry_at(reply(429, b"", retry_after="Mon, 02 Mar 2026 14:00:30"), NOW) is None


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ({"x-remaining-calls": "17"}, 17),
        ({"x-ratelimit-remaining": "4"}, 4),
        ({"x-remaining-calls": "0", "x-ratelimit-remaining": "9"}, 0),
        ({"x-remaining-calls": "many"}, None),
        ({"x-remaining-calls": "-1"}, None),
        ({}, None),
    ],
)
def test_remaining_calls(headers: dict[str, str], left: int | None) -> None:
    assert remaining(Reply(200, headers, b"")) == (left, None)
