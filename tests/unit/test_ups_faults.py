"""What each answer of UPS means, and above all: whether a label may have been bought."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Request
from tests.unit.ups_samples import ONE, bought, errors, reply
from vendors.ups.faults import QUOTA_PAUSE, Endpoint, classify, endpoint_of

NOW = datetime(2026, 3, 2, 14, 5, 9, tzinfo=UTC)
HOST = "https://onlinetools.ups.com"
SHIP = Request("POST", f"{HOST}/api/shipments/v2409/ship", "buy label", write=True)
VOID = Request("DELETE", f"{HOST}/api/shipments/v2409/void/cancel/{ONE}", "void shipment", write=True)
RECOVERY = Request("POST", f"{HOST}/api/labels/v1/recovery", "recover label")
TRACK = Request("GET", f"{HOST}/api/track/v1/details/{ONE}?locale=en_US", "track parcel")
ALERT = Request("POST", f"{HOST}/api/track/v1/subscription/standard/package", "subscribe to scans", write=True)
ADDRESS = Request("POST", f"{HOST}/api/addressvalidation/v2/3", "validate address")
RATE = Request("POST", f"{HOST}/api/rating/v2409/Shop", "ask rates")
TRANSIT = Request("POST", f"{HOST}/api/shipments/v1/transittimes", "ask time in transit")
TOKEN = Request("POST", f"{HOST}/security/v1/oauth/token", "sign-in", authorize=False)
HTML = b"<html><head><title>Access Denied</title></head><body>Reference #18.2f</body></html>"
NOT_VALID = {"errorcode": "1", "errordescription": "The request is not valid. Review for errors before re-submitting."}


def fault(request: Request, status: int, body: Any = b"", headers: dict[str, str] | None = None) -> VendorFault:
    found = classify(request, reply(body, status, headers), NOW)
    assert found is not None
    return found


def passes(request: Request, status: int, body: Any) -> bool:
    return classify(request, reply(body, status), NOW) is None


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        (SHIP, Endpoint.SHIP), (VOID, Endpoint.VOID), (RECOVERY, Endpoint.RECOVERY), (TRACK, Endpoint.TRACK),
        (ALERT, Endpoint.ALERT), (ADDRESS, Endpoint.ADDRESS), (RATE, Endpoint.RATE), (TRANSIT, Endpoint.TRANSIT),
        (TOKEN, Endpoint.SIGN_IN), (Request("GET", f"{HOST}/api/locations/v3", "x"), Endpoint.OTHER),
    ],
)  # fmt: skip
def test_where_a_request_goes(request_: Request, wanted: Endpoint) -> None:
    assert endpoint_of(request_) is wanted


K = FaultKind


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "executed"),
    [
        # A refusal with a code and 4xx is a sure no.
        (400, errors("120202"), None, K.INVALID, Executed.NO),
        (400, errors("120802"), None, K.INVALID, Executed.NO),
        (400, errors("999999"), None, K.INVALID, Executed.NO),
        (400, errors("120415"), None, K.CONFIGURATION, Executed.NO),
        (400, errors("120100"), None, K.CONFIGURATION, Executed.NO),
        (400, {"Fault": {"detail": {"Errors": {"ErrorDetail": {"PrimaryErrorCode": {"Code": "120500",
         "Description": "x"}}}}}}, None, K.INVALID, Executed.NO),
        (400, {"errors": [{"code": "120500", "message": "x"}]}, None, K.INVALID, Executed.NO),
        (400, {"response": {"errors": {"code": 120500, "message": "x"}}}, None, K.INVALID, Executed.NO),
        (400, b"", {"apierrorcode": "120202", "apierrormsg": "x"}, K.INVALID, Executed.NO),
        (422, errors("120500"), None, K.INVALID, Executed.NO),
        # So are sign-in, rights and load.
        (401, errors("250002"), None, K.EXPIRED, Executed.NO),
        (401, errors("250003"), None, K.EXPIRED, Executed.NO),
        (401, errors("251004"), None, K.EXPIRED, Executed.NO),
        (401, errors("UJ0001"), None, K.EXPIRED, Executed.NO),
        (401, b"", None, K.EXPIRED, Executed.NO),
        (401, HTML, None, K.EXPIRED, Executed.NO),
        (401, errors("10401"), None, K.CONFIGURATION, Executed.NO),
        (401, errors("10400"), None, K.CONFIGURATION, Executed.NO),
        (401, errors("555555"), None, K.FORBIDDEN, Executed.NO),
        (403, errors("250002"), None, K.EXPIRED, Executed.NO),
        (403, errors("10403", message="Blocked Merchant"), None, K.FORBIDDEN, Executed.NO),
        (403, b"", None, K.FORBIDDEN, Executed.NO),
        (403, HTML, None, K.UNAVAILABLE, Executed.NO),
        (429, errors("10429"), None, K.THROTTLED, Executed.NO),
        (429, b"", None, K.THROTTLED, Executed.NO),
        (429, HTML, None, K.THROTTLED, Executed.NO),
        (302, b"", None, K.CONFIGURATION, Executed.NO),
        (404, b"", None, K.CONFIGURATION, Executed.NO),
        (404, HTML, None, K.CONFIGURATION, Executed.NO),
        (405, errors("10405"), None, K.CONFIGURATION, Executed.NO),
        # Everything else may have bought a label.
        (500, errors("10004"), None, K.UNAVAILABLE, Executed.MAYBE),
        (500, errors("120202"), None, K.UNAVAILABLE, Executed.MAYBE),
        (500, b"", None, K.UNAVAILABLE, Executed.MAYBE),
        (502, HTML, None, K.UNAVAILABLE, Executed.MAYBE),
        (503, errors("10004"), None, K.UNAVAILABLE, Executed.MAYBE),
        (504, b"", None, K.UNAVAILABLE, Executed.MAYBE),
        (503, errors("10429"), None, K.THROTTLED, Executed.MAYBE),
        (500, errors("250002"), None, K.UNAVAILABLE, Executed.MAYBE),
        (400, errors("10004"), None, K.UNAVAILABLE, Executed.MAYBE),
        (408, b"", None, K.UNAVAILABLE, Executed.MAYBE),
        (400, b"", None, K.INVALID, Executed.MAYBE),
        (400, HTML, None, K.INVALID, Executed.MAYBE),
        (400, b'{"truncated": ', None, K.INVALID, Executed.MAYBE),
        (200, b"", NOT_VALID, K.INVALID, Executed.MAYBE),
        (200, b"", None, K.UNAVAILABLE, Executed.MAYBE),
        (204, b"", None, K.UNAVAILABLE, Executed.MAYBE),
        (200, errors("10004"), None, K.UNAVAILABLE, Executed.MAYBE),
        (200, errors("120202"), None, K.INVALID, Executed.MAYBE),
    ],
)  # fmt: skip
def test_what_an_answer_to_a_purchase_means(
    status: int, body: Any, headers: dict[str, str] | None, kind: FaultKind, executed: Executed
) -> None:
    found = fault(SHIP, status, body, headers)
    assert (found.kind, found.executed) == (kind, executed)
    assert found.status == status
    assert found.message.startswith("buy label: ")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, bought(ONE)),
        (200, {**bought(ONE), **errors("120202")}),
        (200, b'{"ShipmentResponse": {"truncated": '),
        (200, HTML),
        (200, {"ShipmentResponse": {"Response": {"ResponseStatus": {"Code": "0"}}}}),
        (206, bought(ONE)),
        (201, bought(ONE)),
    ],
)
def test_a_purchase_that_ended_in_2xx_with_a_body_goes_to_its_reader(status: int, body: Any) -> None:
    """The Ledger keeps the raw body before it is parsed; a fault would throw it away."""
    assert passes(SHIP, status, body)


@given(st.integers(200, 599), st.binary(max_size=60))
def test_the_table_is_total_and_never_calls_a_doubtful_purchase_safe(status: int, body: bytes) -> None:
    found = classify(SHIP, reply(body, status), NOW)
    if status >= 500:
        assert found is not None
        assert found.executed is Executed.MAYBE
    if found is not None and found.executed is Executed.NO:
        assert 300 <= status < 500


@given(st.integers(100, 599), st.recursive(st.none() | st.booleans() | st.text(max_size=5) | st.integers(),
       lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
           ["response", "errors", "error", "code", "message", "Fault", "detail", "Errors", "ErrorDetail",
            "PrimaryErrorCode", "Code"]), inner, max_size=4), max_leaves=12))  # fmt: skip
def test_no_shape_of_error_breaks_the_table(status: int, document: Any) -> None:
    for request in (SHIP, VOID, TRACK, ALERT, TOKEN, RECOVERY):
        classify(request, reply(document, status), NOW)


def test_a_read_has_nothing_to_execute() -> None:
    for status, body in ((500, b""), (200, b""), (400, HTML)):
        assert fault(TRACK, status, body).executed is Executed.NO


@pytest.mark.parametrize("request_", [TRACK, RATE, ADDRESS, RECOVERY, ALERT])
def test_a_good_status_with_errors_inside_is_an_error(request_: Request) -> None:
    assert fault(request_, 200, errors("120500")).kind is FaultKind.INVALID
    assert fault(request_, 200, b"").kind is FaultKind.UNAVAILABLE
    assert fault(request_, 200, HTML).kind is FaultKind.UNAVAILABLE
    assert fault(request_, 206, {"x": 1}).kind is FaultKind.UNAVAILABLE
    assert passes(request_, 200, {"x": 1})


def test_206_is_an_answer_of_time_in_transit_alone() -> None:
    assert passes(TRANSIT, 206, {"validationList": {}})


# --- refusals that are answers


def test_already_voided_is_an_answer() -> None:
    assert passes(VOID, 400, errors("190117"))
    assert fault(VOID, 400, errors("190102")).kind is FaultKind.NOT_FOUND
    assert fault(VOID, 400, errors("190101")).kind is FaultKind.INVALID
    assert fault(SHIP, 400, errors("190117")).kind is FaultKind.INVALID
    assert fault(VOID, 503, errors("190117")).executed is Executed.MAYBE


@pytest.mark.parametrize("code", ["9801031", "9801040", "9800020", "9801028", "9801041", "9801042"])
def test_what_recovery_says_about_existence_is_an_answer(code: str) -> None:
    assert passes(RECOVERY, 400, errors(code))


def test_a_batch_without_a_valid_number_is_an_answer() -> None:
    assert passes(ALERT, 400, {**errors("VSS210"), "invalidTrackingNumbers": [ONE]})
    assert passes(ALERT, 400, errors("VSS215"))
    assert fault(ALERT, 400, errors("VSS220")).kind is FaultKind.INVALID
    assert fault(ALERT, 400, {"errors": [{"code": "VSS500"}]}).kind is FaultKind.CONFIGURATION
    assert fault(ALERT, 500, errors("VSS100")).kind is FaultKind.UNAVAILABLE


def test_tracking_and_addresses() -> None:
    assert fault(TRACK, 404, errors("TW0001")).kind is FaultKind.NOT_FOUND
    assert fault(TRACK, 404, b"").kind is FaultKind.NOT_FOUND
    assert fault(TRACK, 400, errors("TV1002")).kind is FaultKind.INVALID
    assert fault(ADDRESS, 400, errors("9264030")).kind is FaultKind.UNSUPPORTED_QUERY
    assert fault(ADDRESS, 400, errors("9264028")).kind is FaultKind.CONFIGURATION


# --- the token endpoint


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, errors("10401"), K.CONFIGURATION),
        (401, errors("250002"), K.CONFIGURATION),
        (400, errors("10400"), K.CONFIGURATION),
        (400, {"error": "invalid_client", "error_description": "x"}, K.CONFIGURATION),
        (403, errors("10403", message="Blocked Merchant"), K.FORBIDDEN),
        (403, HTML, K.UNAVAILABLE),
        (404, b"", K.CONFIGURATION),
        (429, errors("10429", message="Quota Limit Exceeded"), K.THROTTLED),
        (429, b"", K.THROTTLED),
        (500, errors("10004"), K.UNAVAILABLE),
        (502, HTML, K.UNAVAILABLE),
        (200, b"", K.UNAVAILABLE),
        (200, errors("10401"), K.CONFIGURATION),
    ],
)
def test_the_token_endpoint(status: int, body: Any, kind: FaultKind) -> None:
    assert fault(TOKEN, status, body).kind is kind


def test_a_used_up_token_quota_is_left_alone_for_a_while() -> None:
    found = fault(TOKEN, 429, errors("10429"))
    assert found.retry_at == NOW + QUOTA_PAUSE
    assert found.alarm


# --- what a person reads


def test_a_429_has_no_hint_unless_one_appears() -> None:
    assert fault(SHIP, 429).retry_at is None
    assert fault(SHIP, 429, b"", {"retry-after": "120"}).retry_at == NOW + timedelta(minutes=2)
    assert fault(SHIP, 429, b"", {"retry-after": "999999"}).retry_at == NOW + timedelta(hours=1)
    assert fault(SHIP, 429, b"", {"retry-after": "soon"}).retry_at is None


def test_the_message_holds_codes_advice_and_the_trace() -> None:
    found = fault(SHIP, 400, errors("999999", "120802"), {"bkndtransid": "3f9a-77"})
    assert found.code == "120802"
    assert "the city does not fit the postal code" in found.message
    assert "999999" in found.message
    assert "UPS trace 3f9a-77" in found.message


def test_messages_repeat_no_values() -> None:
    text = "The postal code 21093 is invalid for 'Jane Smith', 4105550100, jane@example.com near 1ZA1B2C30300000012"
    message = fault(SHIP, 400, errors("120500", message=text)).message
    for value in ("21093", "Jane", "4105550100", "jane@example.com", "1ZA1B2C30300000012"):
        assert value not in message
    assert "Timonium" not in fault(SHIP, 400, errors("111285", message="21093 is invalid for Timonium MD")).message


def test_an_endless_page_makes_a_short_message() -> None:
    assert len(fault(SHIP, 400, errors("1", message="word " * 5000)).message) < 800
    assert json.dumps(fault(SHIP, 502, b"<html>" + b"x" * 100_000).message)
