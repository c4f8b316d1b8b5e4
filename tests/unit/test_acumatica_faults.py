"""The fault table of Acumatica, cell by cell: the status alone decides nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Reply, Request
from vendors.acumatica.faults import classify
from vendors.acumatica.problems import read_problem

NOW = datetime(2026, 3, 2, 14, 5, 9, tzinfo=UTC)
ENTITY = "https://erp.example.com/Erp/entity/Default/25.200.001"
K, NO, MAYBE = FaultKind, Executed.NO, Executed.MAYBE


def _envelope(text: str, kind: str = "PX.Data.PXException", trace: str = "   at PX.Secret.Place", **more: Any) -> Any:
    said = {"message": "An error has occurred.", "exceptionMessage": text}
    return {**said, "exceptionType": kind, "stackTrace": trace, **more}


def _fault(
    status: int, body: Any = None, *, method: str = "PUT", path: str = "/Bill", write: bool = True,
    headers: dict[str, str] | None = None, reply_headers: dict[str, str] | None = None,
) -> VendorFault:
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    request = Request(method, ENTITY + path, "test", headers or {}, write=write)
    fault = classify(request, Reply(status, reply_headers or {}, content), NOW)
    assert fault is not None
    return fault


NOT_FOUND = _envelope(
    "No entity satisfies the condition.", "PX.Api.ContractBased.NoEntitySatisfiesTheConditionException"
)
OPTIMIZE = _envelope(
    "Optimization cannot be performed.The following fields cause the error: Status: View Document has BQL delegate",
    "PX.Api.ContractBased.OptimizedExport.CannotOptimizeException",
)
ODATA = _envelope("whatever", "System.Exception", "at PX.Api.ContractBased.OData.Visitor")
LOGIN_LIMIT = _envelope("API Login Limit")
LOGIN_LIMIT_TRACE = _envelope("x", "System.Exception", "at PX.LicensePolicy.PXLicensePolicy.CheckApiUsersLimits()")
SETUP = _envelope("x", "PX.Data.PXSetupNotEnteredException")
COMPANY = _envelope("A proper company ID cannot be determined", "PX.Data.PXUndefinedCompanyException")
LOCK = _envelope("Error: Another process has updated the 'SOShipment' record. Your changes will be lost.")
RULE = _envelope("Operation failed", "PX.Data.PXInvalidOperationException", innerException=_envelope("Error: Closed."))
SQL = _envelope("x", innerException=_envelope("Timeout expired", "System.Data.SqlClient.SqlException"))
DATABASE = _envelope("Deadlock", "PX.Data.PXDatabaseException")
ENTITY_ERRORS = _envelope("x", "PX.Api.ContractBased.OutcomeEntityHasErrorsException")
FIELD = {"error": "Inserting raised errors.", "Details": [{"InventoryID": {"value": "A", "error": "Not found."}}]}
DUPLICATE_REF = {"VendorRef": {"value": "X", "error": "A bill with this number already exists."}}
LOCKED = _envelope("Your account is locked out.")
BUSY = _envelope("The previous operation has not been completed yet.")


@pytest.mark.parametrize(
    ("status", "body", "write", "kind", "executed"),
    [
        (500, NOT_FOUND, False, K.NOT_FOUND, NO),
        (500, NOT_FOUND, True, K.NOT_FOUND, NO),
        (500, OPTIMIZE, False, K.UNSUPPORTED_QUERY, NO),
        (500, ODATA, False, K.UNSUPPORTED_QUERY, NO),
        (500, _envelope("'x' is not a single value"), False, K.UNSUPPORTED_QUERY, NO),
        (500, LOGIN_LIMIT, True, K.THROTTLED, NO),
        (500, LOGIN_LIMIT_TRACE, True, K.THROTTLED, NO),
        (429, b"API Login Limit", True, K.THROTTLED, NO),
        (429, b"<html>Too many</html>", True, K.THROTTLED, NO),
        (500, BUSY, True, K.UNAVAILABLE, NO),
        (500, SETUP, True, K.CONFIGURATION, NO),
        (500, COMPANY, True, K.CONFIGURATION, NO),
        (500, LOCKED, True, K.FORBIDDEN, NO),
        (500, _envelope("Invalid credentials. Please try again."), True, K.FORBIDDEN, NO),
        (500, LOCK, True, K.CONFLICT, NO),
        (500, RULE, True, K.INVALID, NO),
        (500, ENTITY_ERRORS, True, K.INVALID, NO),
        (422, FIELD, True, K.INVALID, NO),
        (422, DUPLICATE_REF, True, K.DUPLICATE, NO),
        (400, {"message": "The request is invalid."}, True, K.INVALID, NO),
        (500, SQL, True, K.UNAVAILABLE, MAYBE),
        (500, SQL, False, K.UNAVAILABLE, NO),
        (500, DATABASE, True, K.UNAVAILABLE, MAYBE),
        (500, {"message": "An error has occurred."}, True, K.UNAVAILABLE, MAYBE),
        (500, b"An unexpected error occurred.", True, K.UNAVAILABLE, MAYBE),
        (500, None, True, K.UNAVAILABLE, MAYBE),
        (502, b"<html><title>Bad gateway</title></html>", True, K.UNAVAILABLE, MAYBE),
        (503, b"", True, K.UNAVAILABLE, MAYBE),
        (504, b"", True, K.UNAVAILABLE, MAYBE),
        (504, b"", False, K.UNAVAILABLE, NO),
        (408, b"", True, K.UNAVAILABLE, MAYBE),
        (401, None, True, K.EXPIRED, NO),
        (403, {"message": "You have insufficient rights to access the Bill (AP301000) form."}, True, K.FORBIDDEN, NO),
        (404, b"anything", True, K.CONFIGURATION, NO),
        (302, b"", True, K.CONFIGURATION, NO),
        (405, None, True, K.CONFIGURATION, NO),
        (406, None, True, K.CONFIGURATION, NO),
        (411, b"<html>Length Required</html>", True, K.CONFIGURATION, NO),
        (418, None, True, K.INVALID, NO),
    ],
)
def test_the_table(status: int, body: Any, write: bool, kind: FaultKind, executed: Executed) -> None:
    fault = _fault(status, body, write=write)
    assert (fault.kind, fault.executed, fault.status) == (kind, executed, status)


def test_preconditions_tell_exists_from_missing() -> None:
    assert _fault(412, headers={"If-None-Match": "*"}).kind is K.DUPLICATE
    assert _fault(412, headers={"If-Match": "*"}).kind is K.NOT_FOUND


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/Shipment/ConfirmShipment/status/1"), ("PUT", "/files/G/V/1/a.gif"), ("PATCH", "/SalesOrder")],
)
def test_a_404_that_is_about_a_thing_and_not_about_the_address(method: str, path: str) -> None:
    assert _fault(404, method=method, path=path).kind is K.NOT_FOUND


@pytest.mark.parametrize(
    ("error", "kind"),
    [("invalid_grant", K.FORBIDDEN), ("invalid_client", K.CONFIGURATION), ("invalid_scope", K.CONFIGURATION)],
)
def test_oauth_errors(error: str, kind: FaultKind) -> None:
    fault = _fault(400, {"error": error, "error_description": "because"})
    assert (fault.kind, fault.code, fault.alarm) == (kind, error, True)


def test_a_filter_word_in_a_refused_write_is_not_a_question_of_lists() -> None:
    assert _fault(500, _envelope("x is not a single value")).kind is K.INVALID


def test_messages_name_fields_and_reasons_but_no_trace_and_no_values() -> None:
    document = {
        "CustomerID": {"value": "Dana Reyes", "error": "'Customer' cannot be found in the system."},
        "Details": [{"Qty": {"value": 1}}, {"Qty": {"value": 2, "error": "Too many."}}],
    }
    message = _fault(422, document).message
    assert "CustomerID: 'Customer' cannot be found in the system.; Details[2].Qty: Too many." in message
    assert "Dana" not in message
    trace = _fault(500, RULE).message
    assert "Closed." in trace
    assert "Secret" not in trace
    assert "Error:" not in trace
    assert "\n" not in _fault(502, b"<html>\n<body>one\ntwo</body></html>").message
    assert len(_fault(400, {"message": "x" * 5000}).message) < 700


def test_samples_of_the_vendors_errors(shared: Path) -> None:
    folder = shared / "specs/acumatica/samples/constructed"
    rule = _fault(500, json.loads((folder / "error-500-envelope.json").read_text()))
    assert (rule.kind, rule.code) == (K.INVALID, "PXException")
    assert "Shipment cannot be confirmed." in rule.message
    refused = _fault(422, json.loads((folder / "error-422-salesorder-customer.json").read_text()))
    assert "CustomerID: 'Customer' cannot be found in the system." in refused.message


def test_hints_about_when_to_come_back() -> None:
    assert _fault(429, reply_headers={"retry-after": "7"}).retry_at == NOW + timedelta(seconds=7)
    for unreadable in ("soon", "²", "", "9999999"):
        assert _fault(429, reply_headers={"retry-after": unreadable}).retry_at is None
    assert _fault(500, BUSY).retry_at == NOW + timedelta(seconds=5)


@given(
    status=st.integers(300, 599),
    body=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.text(),
        lambda children: st.lists(children)
        | st.dictionaries(st.sampled_from(["error", "innerException", "message", "value", "exceptionType"]), children),
    ).map(lambda document: json.dumps(document).encode()),
)
def test_any_answer_gives_one_line(status: int, body: bytes) -> None:
    fault = classify(Request("PUT", ENTITY, "test", write=True), Reply(status, {}, body), NOW)
    assert fault is not None
    assert "\n" not in fault.message


def test_nested_nonsense_is_bounded() -> None:
    deep = b'{"innerException":' * 3000 + b"1" + b"}" * 3000
    assert read_problem(Reply(500, {}, deep)).line is not None


@pytest.mark.parametrize("status", [200, 202, 204])
def test_good_answers_are_no_faults(status: int) -> None:
    assert classify(Request("GET", ENTITY, "test"), Reply(status, {}, b""), NOW) is None
