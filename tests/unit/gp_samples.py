"""Documents for the tests of Dynamics GP, and GP's own schema where it is at hand."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from lxml import etree

from vendors.dynamics_gp.settings import DynamicsGpSystem

URL = "https://gp.example.com:48620/DynamicsGPWebServices"
FOLDER = pathlib.Path(__file__).resolve().parents[2] / ".." / "shared" / "specs" / "dynamics_gp"
GP = "{http://schemas.microsoft.com/dynamics/gp/2006/01}"
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"


def system(**changes: Any) -> DynamicsGpSystem:
    """The sample company."""
    return DynamicsGpSystem(**{"url": URL, "company_id": -1, "time_zone": "America/Chicago", **changes})


def schema() -> Any:
    """GP's schema; skips the test where it is not at hand."""
    path = FOLDER / "xsd" / "gp_2006_01.xsd"
    if not path.exists():
        pytest.skip("the schema of Dynamics GP is not at hand")
    return etree.XMLSchema(etree.parse(str(path)))


def sample(name: str) -> bytes:
    """One of the sample messages; skips the test where they are not at hand."""
    path = FOLDER / "samples" / name
    if not path.exists():
        pytest.skip("the sample messages of Dynamics GP are not at hand")
    return path.read_bytes()


def assert_valid(envelope: bytes) -> Any:
    """Asserts that the payload of a request is valid, and answers it."""
    payload = etree.fromstring(envelope).find(f"{SOAP}Body")[0]
    rules = schema()
    assert rules.validate(payload), rules.error_log
    return payload


MONEY = {"Currency": "USD", "Value": "9.95", "DecimalDigits": "2"}
TWO = {"Value": "2", "DecimalDigits": "0"}

ORDER: dict[str, Any] = {
    "Key": {"Id": "SB100012345"},
    "Date": "2026-03-02T00:00:00",
    "FreightAmount": MONEY,
    "CustomerPONumber": "SB-100012345",
    "Note": "ShipBob order 100012345",
    "DocumentTypeKey": {"Type": "Order", "Id": "STDORD"},
    "ShippingMethodKey": {"Id": "GROUND"},
    "WarehouseKey": {"Id": "WAREHOUSE"},
    "CustomerKey": {"Id": "AARONFIT0001"},
    "BatchKey": {"Id": "SHIPBOB", "CreatedDateTime": "1900-01-01T00:00:00"},
    "CurrencyKey": {"ISOCode": "USD"},
    "ShipToAddress": {
        "Line1": "11403 45 St. South", "City": "Chicago", "State": "IL", "PostalCode": "60603", "CountryRegion": "US",
        "Phone1": {"Value": "4255550101"}, "Name": "Bob Fitz", "ContactPerson": "Bob Fitz",
    },
    "UserDefined": {"Text01": "100012345"},
    "Lines": [
        {
            "Key": {"LineSequenceNumber": "16384"}, "UnitPrice": MONEY, "Quantity": TWO, "UofM": "Each",
            "WarehouseKey": {"Id": "WAREHOUSE"}, "ItemKey": {"Id": "ACCS-CRD-12WH"},
        },
    ],
}  # fmt: skip

UPDATE: dict[str, Any] = {
    "Key": {"Id": "SB100012345"},
    "ActualShipDate": "2026-03-03T00:00:00",
    "TrackingNumbers": [{"Key": {"SalesDocumentKey": {"Id": "SB100012345"}, "Id": "1Z999AA10123456784"}}],
    "Lines": [
        {
            "Key": {"SalesDocumentKey": {"Id": "SB100012345"}, "LineSequenceNumber": "16384"}, "Quantity": TWO,
            "ItemKey": {"Id": "ACCS-CRD-12WH"}, "QuantityFulfilled": TWO, "ActualShipDate": "2026-03-03T00:00:00",
        },
    ],
}  # fmt: skip

RETURN: dict[str, Any] = {
    "Key": {"Id": "SBR9000001"},
    "Date": "2026-03-04T00:00:00",
    "CustomerPONumber": "SBR-9000001",
    "DocumentTypeKey": {"Type": "Return", "Id": "RTN"},
    "WarehouseKey": {"Id": "WAREHOUSE"},
    "CustomerKey": {"Id": "AARONFIT0001"},
    "BatchKey": {"Id": "SBRETURNS", "CreatedDateTime": "1900-01-01T00:00:00"},
    "Lines": [
        {
            "Key": {"LineSequenceNumber": "16384"}, "UnitPrice": MONEY, "Quantity": TWO, "UofM": "Each",
            "WarehouseKey": {"Id": "WAREHOUSE"}, "ItemKey": {"Id": "ACCS-CRD-12WH"},
            "ReturnQuantity": {"OnHandQuantity": TWO, "DamagedQuantity": {"Value": "0", "DecimalDigits": "0"}},
        },
    ],
}  # fmt: skip

BILLED_LINE = {
    "Key": {"LineSequenceNumber": "16384"}, "UnitPrice": MONEY, "Quantity": TWO, "UofM": "Each",
    "WarehouseKey": {"Id": "WAREHOUSE"}, "ItemKey": {"Id": "ACCS-CRD-12WH"}, "QuantityFulfilled": TWO,
    "BillingQuantity": TWO, "ActualShipDate": "2026-03-03T00:00:00",
}  # fmt: skip

ADJUSTMENT: dict[str, Any] = {
    "Key": {"Id": "SBA9000001"},
    "BatchKey": {"Id": "SBRETURNS", "CreatedDateTime": "1900-01-01T00:00:00"},
    "Date": "2026-03-04T00:00:00",
    "Lines": [
        {
            "Key": {"InventoryKey": {"Id": "SBA9000001"}, "SequenceNumber": "16384"},
            "ItemKey": {"Id": "ACCS-CRD-12WH"}, "Quantity": TWO, "UofM": "Each", "WarehouseKey": {"Id": "WAREHOUSE"},
        },
    ],
}  # fmt: skip
