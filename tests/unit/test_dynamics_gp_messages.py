"""What is sent to Dynamics GP is valid by GP's own schema, and what it answers is understood."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from tests.unit.gp_samples import ADJUSTMENT, BILLED_LINE, GP, ORDER, RETURN, UPDATE, assert_valid, sample, system
from vendors.dynamics_gp.client import DOCUMENTS
from vendors.dynamics_gp.envelope import action, envelope, key_part, text_part
from vendors.dynamics_gp.shapes.inventory import ADJUSTMENT as ADJUSTMENTS
from vendors.dynamics_gp.shapes.inventory import parse_inventory_document, parse_item
from vendors.dynamics_gp.shapes.masters import calculates_prices, parse_behaviours, parse_problems
from vendors.dynamics_gp.shapes.sales import parse_document, parse_summary
from vendors.dynamics_gp.templates import EVERYTHING, INVENTORY_CRITERIA, SALES_CRITERIA
from vendors.dynamics_gp.xml import XSI, build, parse, template

INVOICE = {**ORDER, "DocumentTypeKey": {"Type": "Invoice", "Id": "STDINV"}, "Lines": [BILLED_LINE]}
FULFILLMENT = {**INVOICE, "DocumentTypeKey": {"Type": "Fulfillment Order", "Id": "FULFORD"}}

WRITES = [
    ("CreateSalesOrder", "SalesOrder", ORDER),
    ("UpdateSalesOrder", "SalesOrder", UPDATE),
    ("CreateSalesReturn", "SalesReturn", RETURN),
    ("CreateSalesInvoice", "SalesInvoice", INVOICE),
    ("CreateSalesFulfillmentOrder", "SalesFulfillmentOrder", FULFILLMENT),
    ("CreateInventoryAdjustment", "InventoryAdjustment", ADJUSTMENT),
]


@pytest.mark.parametrize(("operation", "entity", "body"), WRITES)
def test_every_write_is_valid_by_gps_schema(operation: str, entity: str, body: dict[str, Any]) -> None:
    part = build(entity[0].lower() + entity[1:], body, DOCUMENTS[entity])
    policy = build("policy", {"Key": {"Id": "4d060bdc-fa1e-4ea1-9e89-e1d19a5cb2ce"}}, _POLICY)
    assert_valid(envelope(operation, [part], system(), policy))


_POLICY = template("Key", Key=template("Id"))

BETWEEN = {"From": "2026-03-02T14:00:00.000", "To": "2026-03-02T14:15:00.000"}
READS = [
    ("GetSalesOrderByKey", [key_part("SB100012345")]),
    ("GetSalesReturnByKey", [key_part("SBR1")]),
    ("GetSalesInvoiceByKey", [key_part("SBI1")]),
    ("GetSalesFulfillmentOrderByKey", [key_part("SBF1")]),
    ("GetInventoriedItemByKey", [key_part("ACCS-CRD-12WH")]),
    ("GetCustomerByKey", [key_part("AARONFIT0001")]),
    ("GetPolicyByOperation", [text_part("operation", "CreateSalesOrder")]),
    ("GetLoggedValidationResultByKey", [text_part("logId", "5f1c1d58-6a1f-4c0e-9a43-3f4a6f9b2c11")]),
    ("GetWSEnabledCompanyForUserList", []),
    ("GetWarehouseList", [build("criteria", {}, EVERYTHING)]),
    ("GetShippingMethodList", [build("criteria", {}, EVERYTHING)]),
    (
        "GetSalesDocumentList",
        [build("criteria", {"CustomerPONumber": {"EqualValue": "SB-1"}, "Scope": "Return All"}, SALES_CRITERIA)],
    ),
    *[
        (
            f"GetInventory{kind}List",
            [
                build(
                    "criteria",
                    {"ModifiedDate": BETWEEN, "TransactionState": {"EqualValue": "History"}},
                    INVENTORY_CRITERIA,
                )
            ],
        )
        for kind in ("Adjustment", "Variance", "Transfer")
    ],
    *[(f"GetInventory{kind}ByKey", [key_part("00000000000000123")]) for kind in ("Adjustment", "Variance", "Transfer")],
]


@pytest.mark.parametrize(("operation", "parts"), READS, ids=[operation for operation, _ in READS])
def test_every_read_is_valid_by_gps_schema(operation: str, parts: list[Any]) -> None:
    payload = assert_valid(envelope(operation, parts, system(tenant="T1", role="ROLE"), None))
    types = [element.get(f"{{{XSI}}}type") for element in payload.iter() if element.get(f"{{{XSI}}}type")]
    assert types == ([] if operation == "GetWSEnabledCompanyForUserList" else ["dyn:CompanyKey"])


def test_a_terse_message_leaves_out_what_is_empty() -> None:
    full = etree.tostring(build("salesOrder", ORDER, DOCUMENTS["SalesOrder"]))
    terse = etree.tostring(build("salesOrder", ORDER, DOCUMENTS["SalesOrder"], terse=True))
    assert b"nil" in full
    assert b"nil" not in terse
    assert len(terse) < len(full) * 0.6


def test_a_member_that_gp_does_not_know_is_an_error_of_ours() -> None:
    with pytest.raises(ValueError, match="salesOrder has no PoNumber"):
        build("salesOrder", {**ORDER, "PoNumber": "1"}, DOCUMENTS["SalesOrder"])


def test_characters_that_xml_forbids_are_left_out() -> None:
    made = build("salesOrder", {**ORDER, "CustomerName": "Bob\x00 \x1f& <Fitz>\ufffe"}, DOCUMENTS["SalesOrder"])
    assert made.findtext(f"{GP}CustomerName") == "Bob & <Fitz>"
    assert parse(etree.tostring(made)).text("CustomerName") == "Bob & <Fitz>"


def test_the_action_is_quoted() -> None:
    assert action("GetCompanyList") == '"http://schemas.microsoft.com/dynamics/gp/2006/01/GetCompanyList"'


def test_no_addressing_headers_are_sent() -> None:
    sent = envelope("GetSalesOrderByKey", [key_part("SB1")], system(), None)
    assert [etree.QName(child).localname for child in etree.fromstring(sent)] == ["Body"]


# ---- answers ----------------------------------------------------------------------------------------------------


def _result(name: str, operation: str) -> Any:
    found = parse(sample(name)).find("Body", f"{operation}Response", f"{operation}Result")
    assert found is not None
    return found


def test_an_order_is_read() -> None:
    order = parse_document(_result("05_GetSalesOrderByKey.response.xml", "GetSalesOrderByKey"), "Order")
    assert (order.number, order.kind, order.state, order.is_open) == ("SB100012345", "Order", "Work", True)
    assert order.modified == datetime(2027, 4, 12, 14, 3, 7, 450000, tzinfo=UTC)
    assert order.shipped_on is None  # 1900-01-01 means no date
    assert order.tracking == ()
    (line,) = order.lines
    assert (line.sequence, line.quantity, line.allocated, line.fulfilled) == (16384, 2, 2, 0)
    assert line.unit_price == Decimal("9.95")


def test_a_row_of_a_list_is_read() -> None:
    rows = _result("03_GetSalesOrderList_by_PO.response.xml", "GetSalesOrderList")
    (row,) = [parse_summary(found) for found in rows.children()]
    assert (row.number, row.kind, row.purchase_order) == ("SB100012345", "Order", "SB-100012345")


def test_stock_is_read_and_a_missing_figure_is_no_zero() -> None:
    node = _result("09_GetInventoriedItemByKey.response.xml", "GetInventoriedItemByKey")
    item = parse_item(node)
    assert item.sites is not None
    assert {site: stock.available for site, stock in item.sites.items()} == {"WAREHOUSE": 92, "NORTH": 12}
    figure = node.element.find(f".//{GP}AllocatedQuantity")
    figure.getparent().remove(figure)
    with pytest.raises(ValueError, match="no allocated quantity at site WAREHOUSE"):
        parse_item(node)


def test_an_adjustment_is_read() -> None:
    node = _result("08_GetInventoryAdjustmentByKey.response.xml", "GetInventoryAdjustmentByKey")
    found = parse_inventory_document(node, ADJUSTMENTS)
    assert [(row.item, row.quantity, row.site) for row in found.movements] == [("ACCS-CRD-12WH", -3, "WAREHOUSE")]


def test_a_policy_tells_whether_gp_calculates_prices() -> None:
    node = _result("01_GetPolicyByOperation.response.xml", "GetPolicyByOperation")
    assert calculates_prices(node) is True
    assert [row.internal for row in parse_behaviours(node)] == [True, False]


def test_the_reasons_of_a_refusal_are_read() -> None:
    node = _result("15_GetLoggedValidationResultByKey.response.xml", "GetLoggedValidationResultByKey")
    assert [str(problem) for problem in parse_problems(node)] == ["SalesOrder.CustomerKey: CustomerKey does not exist."]


def test_dates_are_dates_and_stamps_are_utc() -> None:
    node = parse(b"<A><At> 2026-03-02T23:30:00.1 </At><Day>2026-03-02T00:00:00</Day><No>0001-01-01T00:00:00</No></A>")
    assert node.stamp("At") == datetime(2026, 3, 2, 23, 30, 0, 100000, tzinfo=UTC)
    assert node.day("Day") == date(2026, 3, 2)
    assert node.stamp("No") is None


@pytest.mark.parametrize(
    "body",
    [b"", b"<", b"not xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"\xff\xfe", b"<a>" * 10_000],
    ids=["empty", "cut", "text", "entities", "bytes", "deep"],
)
def test_what_is_no_plain_xml_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="is not"):
        parse(body)
