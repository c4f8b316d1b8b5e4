"""What each refusal of Dynamics GP means, and whether a write may have happened."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector.faults import Executed, FaultKind
from connector.transport import Reply, Request
from tests.unit.gp_samples import sample
from vendors.dynamics_gp.faults import NTLM_NOTE, SIGN_IN, classify, tidy

NOW = datetime(2026, 3, 2, 14, 5, 9, tzinfo=UTC)
URL = "https://gp.example.com:48620/DynamicsGPWebServices/DynamicsGPService.asmx"
READ = Request("POST", URL, "read order")
WRITE = Request("POST", URL, "CreateSalesOrder", write=True)
NTLM = {"www-authenticate": "NTLM"}


def fault_body(text: str, detail: str = "") -> bytes:
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client'
        f"</faultcode><faultstring>{text}</faultstring><detail>{detail}</detail></s:Fault></s:Body></s:Envelope>"
    ).encode()


SYSTEM = "The application encountered an unhandled system exception. Contact your system administrator for details."


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind", "executed"),
    [
        (500, {}, fault_body("Business object not found."), FaultKind.NOT_FOUND, Executed.NO),
        (500, {}, fault_body("BUSINESS OBJECT NOT FOUND."), FaultKind.NOT_FOUND, Executed.NO),
        (500, {}, fault_body("SalesDocumentKey already exists."), FaultKind.DUPLICATE, Executed.NO),
        (500, {}, fault_body("A validation exception has occurred."), FaultKind.INVALID, Executed.NO),
        (500, {}, fault_body(SYSTEM), FaultKind.UNAVAILABLE, Executed.MAYBE),
        (500, {}, fault_body("Something else"), FaultKind.UNAVAILABLE, Executed.MAYBE),
        (500, {}, fault_body("Security authorization failed"), FaultKind.FORBIDDEN, Executed.NO),
        (500, {}, fault_body("ActionNotSupported: SOAPAction"), FaultKind.CONFIGURATION, Executed.NO),
        (500, {}, b"<html>oops</html>", FaultKind.UNAVAILABLE, Executed.MAYBE),
        (503, {}, b"", FaultKind.UNAVAILABLE, Executed.MAYBE),
        (200, {}, fault_body(SYSTEM), FaultKind.UNAVAILABLE, Executed.MAYBE),
        (401, NTLM, b"", FaultKind.EXPIRED, Executed.NO),
        (401, {}, b"", FaultKind.EXPIRED, Executed.NO),
        (403, {}, b"", FaultKind.FORBIDDEN, Executed.NO),
        (404, {}, b"", FaultKind.CONFIGURATION, Executed.NO),
        (413, {}, b"", FaultKind.INVALID, Executed.NO),
        (415, {}, b"", FaultKind.CONFIGURATION, Executed.NO),
        (429, {}, b"", FaultKind.THROTTLED, Executed.NO),
        (302, {"location": "/"}, b"", FaultKind.CONFIGURATION, Executed.NO),
        (400, {}, b"", FaultKind.INVALID, Executed.NO),
        (101, {}, b"", FaultKind.UNAVAILABLE, Executed.MAYBE),
    ],
)
def test_the_table(status: int, headers: dict[str, str], body: bytes, kind: FaultKind, executed: Executed) -> None:
    found = classify(WRITE, Reply(status, headers, body), NOW)
    assert found is not None
    assert (found.kind, found.executed) == (kind, executed)
    read = classify(READ, Reply(status, headers, body), NOW)
    assert read is not None
    assert read.executed is Executed.NO


def test_a_good_answer_is_none() -> None:
    assert classify(WRITE, Reply(200, {}, b"<Envelope/>"), NOW) is None
    assert classify(WRITE, Reply(200, {}, b""), NOW) is None  # unreadable: its reader's matter, so the write is unclear


def test_the_id_of_the_reasons_is_found_in_the_detail_alone() -> None:
    guid = "5f1c1d58-6a1f-4c0e-9a43-3f4a6f9b2c11"
    told = classify(WRITE, Reply(500, {}, fault_body("x", f"<Message xmlns='u'> {guid} </Message>")), NOW)
    assert told is not None
    assert (told.kind, told.code) == (FaultKind.INVALID, guid)
    prose = classify(WRITE, Reply(500, {}, fault_body("x", "<Message>No such thing</Message>")), NOW)
    assert prose is not None
    assert (prose.kind, prose.code) == (FaultKind.UNAVAILABLE, "")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("90_fault_validation.response.xml", FaultKind.INVALID),
        ("91_fault_system.response.xml", FaultKind.UNAVAILABLE),
        ("92_fault_not_found.response.xml", FaultKind.NOT_FOUND),
    ],
)
def test_the_constructed_faults(name: str, kind: FaultKind) -> None:
    found = classify(WRITE, Reply(500, {}, sample(name)), NOW)
    assert found is not None
    assert found.kind is kind


def test_a_refused_sign_in_says_which_leg_failed_and_alarms() -> None:
    refused = classify(READ, Reply(401, {**NTLM, NTLM_NOTE: "third leg refused"}, b""), NOW)
    cut = classify(READ, Reply(401, {**NTLM, NTLM_NOTE: "no challenge"}, b""), NOW)
    other = classify(READ, Reply(401, {"www-authenticate": "Basic realm=x"}, b""), NOW)
    assert refused is not None
    assert cut is not None
    assert other is not None
    assert {found.code for found in (refused, cut, other)} == {SIGN_IN}
    assert refused.alarm
    assert "account was not accepted" in refused.message
    assert "proxy" in cut.message
    assert "does not offer" in other.message


def test_texts_repeat_no_record() -> None:
    said = tidy("Error Description = bad\n\x07 <taSopHdrIvcInsert><CUSTNAME>Bob</CUSTNAME></taSopHdrIvcInsert>")
    assert said == "Error Description = bad"
    assert tidy("no mail to bob@example.com") == "no mail to (e-mail)"
