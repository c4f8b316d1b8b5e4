"""What the SOAP endpoint refuses before GP's rules are asked: transport, envelope, schema, company, role, policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from local.simulators.base import Fault, Reply, Request
from local.simulators.dynamics_gp.operations import ACTION
from local.simulators.dynamics_gp.schema import DYNAMICS, GP, SOAP, XSI
from local.simulators.dynamics_gp.world import Switches
from tests.simulators.gp_bench import PATH, Bench, Faulted, line

WSA = "http://www.w3.org/2005/08/addressing"
Element = etree._Element


@pytest.fixture
def bench() -> Bench:
    return Bench()


def first(envelope: Element, *path: str) -> Element:
    """An element below the body by local names in GP's namespace."""
    found = envelope.find("/".join([f"{{{SOAP}}}Body", "*", *(f"{{{GP}}}{name}" for name in path)]))
    assert found is not None
    return found


def test_a_good_order_is_accepted_and_answers_nothing(bench: Bench) -> None:
    assert bench.ask("CreateSalesOrder", bench.order()) is None
    assert bench.held()["state"] == "Work"
    assert bench.sim.strict_violations == []


# ---- T: transport


@pytest.mark.parametrize(
    "kind", ["application/soap+xml; charset=utf-8", "application/xml", "", "text/xml; charset=latin1"]
)
def test_t1_another_content_type_is_415(bench: Bench, kind: str) -> None:
    reply = bench.post("GetSalesOrderByKey", bench.message("GetSalesOrderByKey", {"Id": "X"}), **{"Content-Type": kind})
    assert reply.status == 415


def test_t2_another_verb_is_405_and_get_is_the_help_page(bench: Bench) -> None:
    assert bench.sim.handle(Request("PUT", PATH)).status == 405
    assert bench.sim.handle(Request("GET", PATH)).headers["Content-Type"].startswith("text/html")


def test_t3_a_request_over_the_limit_is_413() -> None:
    bench = Bench(Switches(maximum_request_bytes=2_000))
    reply = bench.post("CreateSalesOrder", bench.message("CreateSalesOrder", bench.order()))
    assert reply.status == 413


@pytest.mark.parametrize("body", [b"", b"{}", b"<a>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_t4_what_is_no_xml_or_has_a_dtd_is_400(bench: Bench, body: bytes) -> None:
    assert bench.post("GetSalesOrderByKey", body).status == 400


@pytest.mark.parametrize(("path", "status"), [("/Dynamics/GPService", 415), ("/elsewhere", 404)])
def test_other_endpoints(bench: Bench, path: str, status: int) -> None:
    assert bench.sim.handle(Request("POST", path, headers={"Content-Type": "text/xml"})).status == status


def test_letter_case_of_the_path_does_not_matter(bench: Bench) -> None:
    body = bench.message("GetWSEnabledCompanyForUserList", company=None)
    headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{ACTION}GetWSEnabledCompanyForUserList"'}
    for path in (PATH.lower(), "/DynamicsGPWebServices", "/DynamicsGPWebServices/"):
        assert bench.sim.handle(Request("POST", path, headers=headers, body=body)).status == 200


# ---- E: envelope


@pytest.mark.parametrize("action", ["", ACTION + "GetSalesOrderByKey", f'"{ACTION}GetSalesOrderList"', '"urn:x"'])
def test_e1_soapaction_must_be_quoted_and_say_what_the_body_says(bench: Bench, action: str) -> None:
    reply = bench.post("X", bench.message("GetSalesOrderByKey", {"Id": "X"}), SOAPAction=action)
    assert Faulted(reply).code == "s:ActionNotSupported"
    assert bench.sim.strict_violations != []


def test_e2_an_operation_that_gp_does_not_have_is_not_supported(bench: Bench) -> None:
    body = bench.message("GetSalesOrderByKey", {"Id": "X"}).replace(b"GetSalesOrderByKey", b"PostSalesInvoice")
    assert Faulted(bench.post("PostSalesInvoice", body)).code == "s:ActionNotSupported"


def test_e3_ws_addressing_headers_are_refused(bench: Bench) -> None:
    def with_header(envelope: Element) -> None:
        header = etree.Element(f"{{{SOAP}}}Header")
        etree.SubElement(header, f"{{{WSA}}}Action").text = "x"
        envelope.insert(0, header)

    assert bench.fault("GetSalesOrderByKey", {"Id": "X"}, edit=with_header).code == "s:MustUnderstand"


def test_e4_soap_1_2_is_refused(bench: Bench) -> None:
    body = bench.message("GetSalesOrderByKey", {"Id": "X"}).replace(
        SOAP.encode(), b"http://www.w3.org/2003/05/soap-envelope"
    )
    assert Faulted(bench.post("GetSalesOrderByKey", body)).code == "s:VersionMismatch"


def test_e5_two_bodies_or_two_operations_are_refused(bench: Bench) -> None:
    def twice(envelope: Element) -> None:
        etree.SubElement(envelope[0], f"{{{GP}}}GetSalesOrderByKey")

    def two_bodies(envelope: Element) -> None:
        etree.SubElement(envelope, f"{{{SOAP}}}Body")

    for edit in (twice, two_bodies):
        assert "one Body" in bench.fault("GetSalesOrderByKey", {"Id": "X"}, edit=edit).text


# ---- R: schema


def _append(name: str, text: str = "") -> Callable[[Element], None]:
    def edit(envelope: Element) -> None:
        etree.SubElement(first(envelope, "salesOrder"), name).text = text

    return edit


def _out_of_order(envelope: Element) -> None:
    order = first(envelope, "salesOrder")
    order.insert(0, first(envelope, "salesOrder", "BatchKey"))


def _repeat(envelope: Element) -> None:
    key = first(envelope, "salesOrder", "Key")
    key.addnext(etree.fromstring(etree.tostring(key)))


def _omit(envelope: Element) -> None:
    date = first(envelope, "salesOrder", "Date")
    first(envelope, "salesOrder").remove(date)


def _set(*path: str, text: str) -> Callable[[Element], None]:
    def edit(envelope: Element) -> None:
        first(envelope, "salesOrder", *path).text = text

    return edit


def _nil(*path: str) -> Callable[[Element], None]:
    def edit(envelope: Element) -> None:
        element = first(envelope, "salesOrder", *path)
        element.set(f"{{{XSI}}}nil", "true")
        for child in list(element):
            element.remove(child)

    return edit


def _nil_with_text(envelope: Element) -> None:
    first(envelope, "salesOrder", "Date").text = "2026-11-25T00:00:00"


def _attribute(envelope: Element) -> None:
    first(envelope, "salesOrder", "Key").set("id", "1")


def _wrong_namespace(envelope: Element) -> None:
    first(envelope, "salesOrder", "Key", "Id").tag = f"{{{DYNAMICS}}}Id"


def _without_type(envelope: Element) -> None:
    organization = first(envelope, "context").find(f"{{{DYNAMICS}}}OrganizationKey")
    assert organization is not None
    del organization.attrib[f"{{{XSI}}}type"]


def _context_in_gp_namespace(envelope: Element) -> None:
    for child in first(envelope, "context"):
        child.tag = f"{{{GP}}}{etree.QName(child).localname}"


LINE = ("Lines", "SalesOrderLine")
SPOILED: dict[str, Callable[[Element], None]] = {
    "R1 unknown element": _append(f"{{{GP}}}Colour", "red"),
    "R1 no namespace": _append("Comment", "x"),
    "R2 out of order": _out_of_order,
    "R3 repeated": _repeat,
    "R4 omitted though required": _omit,
    "R5 text between elements": _set("Key", text="SB1"),
    "R6 enumeration": _set("DocumentTypeKey", "Type", text="order"),
    "R6 decimal": _set(*LINE, "Quantity", "Value", text="1,5"),
    "R6 exponent": _set(*LINE, "Quantity", "Value", text="1E2"),
    "R6 int": _set(*LINE, "Quantity", "DecimalDigits", text="1.0"),
    "R6 int out of range": _set(*LINE, "Quantity", "DecimalDigits", text="3000000000"),
    "R6 date with zone": _set("BatchKey", "CreatedDateTime", text="2026-11-25T00:00:00Z"),
    "R6 date alone": _set("BatchKey", "CreatedDateTime", text="2026-11-25"),
    "R7 nil where a value is needed": _nil("BatchKey", "CreatedDateTime"),
    "R7 nil where the schema knows no nil": _nil("CustomerKey"),
    "R8 nil with content": _nil_with_text,
    "R9 attribute": _attribute,
    "R10 namespace": _wrong_namespace,
    "R10 context in the wrong namespace": _context_in_gp_namespace,
    "R11 abstract without xsi:type": _without_type,
    "R12 not modelled": _append(f"{{{GP}}}Payments"),
}


@pytest.mark.parametrize("spoiled", SPOILED.values(), ids=SPOILED.keys())
def test_r_what_the_schema_does_not_allow_is_not_read(bench: Bench, spoiled: Callable[[Element], None]) -> None:
    fault = bench.fault("CreateSalesOrder", bench.order(), edit=spoiled)

    assert fault.code == "s:DeserializationFailed"
    assert bench.sim.holdings()["sales"] == []
    assert bench.sim.strict_violations != []


@pytest.mark.parametrize("named", ["CompanyKey", "dyn:Context", "x:CompanyKey", "dyn:OrganizationKey"])
def test_r11_xsi_type_is_a_qualified_name_of_a_derived_type(bench: Bench, named: str) -> None:
    def edit(envelope: Element) -> None:
        organization = first(envelope, "context").find(f"{{{DYNAMICS}}}OrganizationKey")
        assert organization is not None
        organization.set(f"{{{XSI}}}type", named)

    assert bench.fault("GetSalesOrderByKey", {"Id": "X"}, edit=edit).code == "s:DeserializationFailed"


def test_r11_the_prefix_may_come_from_a_default_namespace(bench: Bench) -> None:
    body = bench.message("GetSalesOrderByKey", {"Id": "SB1"}).decode()
    start, end = body.index("<dyn:OrganizationKey"), body.index("</dyn:OrganizationKey>")
    key = f'<OrganizationKey xmlns="{DYNAMICS}" xsi:type="CompanyKey"><Id>-1</Id></OrganizationKey>'
    changed = body[:start] + key + body[end + len("</dyn:OrganizationKey>") :]
    assert Faulted(bench.post("GetSalesOrderByKey", changed.encode())).text == "Business object not found."


def test_omissions_pass_where_the_switch_says_so() -> None:
    bench = Bench(Switches(omissions=True))
    bench.ask("CreateSalesOrder", bench.order(), edit=_omit)
    assert bench.held()["number"] == "SB1"


def test_white_space_around_values_and_comments_are_ignored(bench: Bench) -> None:
    def padded(envelope: Element) -> None:
        value = first(envelope, "salesOrder", *LINE, "Quantity", "Value")
        value.text = "\n 2 "
        value.addnext(etree.Comment("two"))

    bench.ask("CreateSalesOrder", bench.order(), edit=padded)
    assert bench.held()["fields"]["Lines"][0]["Quantity"]["Value"] == "2"


# ---- D: company, role, policy


@pytest.mark.parametrize("company", [None, 7])
def test_d1_an_unknown_company_is_the_general_system_fault(bench: Bench, company: int | None) -> None:
    fault = bench.fault("GetSalesOrderByKey", {"Id": "X"}, company=company)
    assert fault.text.startswith("The application encountered an unhandled system exception")
    assert fault.guid == ""


def test_d2_an_operation_without_a_role_is_refused(bench: Bench) -> None:
    bench.sim.command("deny", {"operations": ["CreateSalesOrder"]})
    assert bench.fault("CreateSalesOrder", bench.order()).code == "s:Security"
    bench.sim.command("deny", {"operations": []})
    bench.ask("CreateSalesOrder", bench.order())


def test_d3_a_missing_subject_is_not_read(bench: Bench) -> None:
    assert bench.fault("GetSalesOrderByKey", None).code == "s:DeserializationFailed"


def test_p1_the_policy_of_another_operation_is_refused(bench: Bench) -> None:
    wrong = {"Key": {"Id": "150401c6-7467-4853-9146-236fc5fa7bf8"}}
    assert "is not a policy of" in bench.problems("CreateSalesOrder", bench.order(), policy=wrong)


def test_p2_an_option_that_a_behaviour_does_not_have_is_refused(bench: Bench) -> None:
    policy = bench.ask("GetPolicyByOperation", "CreateSalesOrder")
    policy["Behaviors"][0]["SelectedOption"]["Key"]["Id"] = 9
    assert "has no option 9" in bench.problems("CreateSalesOrder", bench.order(), policy=policy)


def test_p3_an_internal_behaviour_is_the_administrators_and_a_callers_wish_is_ignored(bench: Bench) -> None:
    policy = bench.ask("GetPolicyByOperation", "CreateSalesOrder")
    price = next(each for each in policy["Behaviors"] if each["Name"] == "Calculate Unit Price Behavior")
    assert price["Internal"] is True
    price["SelectedOption"]["Key"]["Id"] = 0
    order = bench.order(Lines=[line("ACCS-CRD-12WH", 2, UnitPrice={"Currency": "USD", "Value": 5, "DecimalDigits": 2})])
    bench.ask("CreateSalesOrder", order, policy=policy)

    assert bench.held()["fields"]["Lines"][0]["UnitPrice"]["Value"] == "9.95"
    assert any("administrator's" in each for each in bench.sim.holdings()["ignored"])


# ---- faults of the dial


def test_the_dial_finds_an_operation_behind_the_path(bench: Bench) -> None:
    bench.sim.dial.plan(Fault.ERROR_500_AFTER, "#CreateSalesOrder$")
    reply = bench.post("CreateSalesOrder", bench.message("CreateSalesOrder", bench.order()))
    assert (reply.status, bench.held()["number"]) == (500, "SB1")
    assert [(call.path, call.fault) for call in bench.sim.calls] == [
        (f"{PATH}#CreateSalesOrder", Fault.ERROR_500_AFTER)
    ]


def test_a_refused_sign_in_and_a_busy_host_do_not_act(bench: Bench) -> None:
    answers: list[Reply] = []
    for fault in (Fault.TOKEN_EXPIRED, Fault.THROTTLED):
        bench.sim.dial.plan(fault)
        answers.append(bench.post("CreateSalesOrder", bench.message("CreateSalesOrder", bench.order())))
    assert [(each.status, each.headers.get("WWW-Authenticate")) for each in answers] == [(401, "NTLM"), (503, None)]
    assert bench.sim.holdings()["sales"] == []


def test_a_stale_read_does_not_see_the_last_minute(bench: Bench) -> None:
    bench.ask("CreateSalesOrder", bench.order())
    bench.sim.dial.plan(Fault.STALE_READ, "#Get")
    assert bench.fault("GetSalesOrderByKey", {"Id": "SB1"}).text == "Business object not found."
    bench.wait(minutes=2)
    bench.sim.dial.plan(Fault.STALE_READ, "#Get")
    assert bench.ask("GetSalesOrderByKey", {"Id": "SB1"})["Key"] == {"Id": "SB1"}


def test_a_validation_result_can_be_fetched_once(bench: Bench) -> None:
    fault = bench.fault("CreateSalesOrder", bench.order(CustomerKey={"Id": "NOBODY"}))
    found: dict[str, Any] = bench.ask("GetLoggedValidationResultByKey", fault.guid)
    assert found["Errors"][0]["ObjectType"] == "SalesOrder"
    assert found["Errors"][0]["PropertyNames"] == ["CustomerKey"]
    assert bench.fault("GetLoggedValidationResultByKey", fault.guid).text == "Business object not found."
