"""Ship: shapes, rules across members, money, labels, quirks. Every refusal leaves no label behind."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import pytest

from local.simulators.ups.lanes import services_between
from local.simulators.ups.numbers import check_digit, is_genuine, make_number
from tests.simulators.ups_bench import (
    BERLIN,
    JANE,
    SHIP,
    SHIPPER,
    TORONTO,
    Bench,
    a_package,
    a_shipment,
    abroad,
    changed,
    codes,
    document,
)

S = "ShipmentRequest.Shipment"
P = f"{S}.Package.0"
NOTE = f"{S}.ShipmentServiceOptions.Notification"
PO_BOX = {"AddressLine": ["1 Calle Sol"], "City": "San Juan", "PostalCode": "00901", "CountryCode": "PR"}
PUERTO_RICO: dict[str, Any] = {**TORONTO, "Address": PO_BOX}
MEXICO: dict[str, Any] = {
    "Name": "Herramientas",
    "AttentionName": "Sra. Ruiz",
    "Phone": {"Number": "525555501"},
    "Address": {"AddressLine": ["Av. Juarez 1"], "City": "Mexico", "PostalCode": "06000", "CountryCode": "MX"},
}

# One wrong member each: path, value (... takes it away), and the code of the refusal.
SHAPES: list[tuple[str, Any, str]] = [
    ("ShipmentRequest", ..., "10002"),
    ("ShipmentRequest", "x", "10002"),
    ("ShipmentRequest.Request", ..., "10002"),
    ("ShipmentRequest.Request.RequestOption", ..., "10002"),
    ("ShipmentRequest.Request.RequestOption", "Validate", "10002"),
    ("ShipmentRequest.Request.RequestOption", 1, "10002"),
    ("ShipmentRequest.Request.SubVersion", "v2409", "10002"),
    ("ShipmentRequest.Request.SubVersion", "2409", "10002"),
    ("ShipmentRequest.Request.TransactionReference.CustomerContext", "x" * 513, "10002"),
    (S, ..., "10002"),
    (f"{S}.Description", "x" * 51, "10002"),
    (f"{S}.Description", "", "10002"),
    (f"{S}.DocumentsOnlyIndicator", True, "10002"),
    (f"{S}.Shipper", ..., "10002"),
    (f"{S}.Shipper.Name", ..., "10002"),
    (f"{S}.Shipper.Name", "x" * 36, "10002"),
    (f"{S}.Shipper.Name", "   ", "10002"),
    (f"{S}.Shipper.AttentionName", "x" * 36, "120101"),
    (f"{S}.Shipper.ShipperNumber", ..., "120100"),
    (f"{S}.Shipper.ShipperNumber", "A1B2C", "120100"),
    (f"{S}.Shipper.ShipperNumber", "a1b2c3", "120100"),
    (f"{S}.Shipper.ShipperNumber", 123456, "120100"),
    (f"{S}.Shipper.EMailAddress", "x" * 50 + "@a", "10002"),
    (f"{S}.Shipper.EMailAddress", "nobody", "10002"),
    (f"{S}.Shipper.Phone", "4105550100", "10002"),
    (f"{S}.Shipper.Phone.Number", "1" * 16, "10002"),
    (f"{S}.Shipper.Phone.Number", "call me", "10002"),
    (f"{S}.Shipper.Phone.Extension", "12345", "10002"),
    (f"{S}.Shipper.Address", ..., "10002"),
    (f"{S}.Shipper.Address.AddressLine", ..., "120102"),
    (f"{S}.Shipper.Address.City", ..., "120105"),
    (f"{S}.Shipper.Address.PostalCode", "1234567890", "120107"),
    (f"{S}.Shipper.Address.CountryCode", "USA", "120108"),
    (f"{S}.ShipTo", ..., "10002"),
    (f"{S}.ShipTo.Name", ..., "10002"),
    (f"{S}.ShipTo.Name", "x" * 36, "10002"),
    (f"{S}.ShipTo.AttentionName", "x" * 36, "120201"),
    (f"{S}.ShipTo.Address.AddressLine", ..., "120202"),
    (f"{S}.ShipTo.Address.AddressLine", [], "120202"),
    (f"{S}.ShipTo.Address.AddressLine", "123 Maple Ct", "120202"),
    (f"{S}.ShipTo.Address.AddressLine", ["a", "b", "c", "d"], "120202"),
    (f"{S}.ShipTo.Address.AddressLine", ["x" * 36], "120202"),
    (f"{S}.ShipTo.Address.AddressLine", ["123 Maple Ct", ""], "120202"),
    (f"{S}.ShipTo.Address.City", "x" * 31, "120205"),
    (f"{S}.ShipTo.Address.StateProvinceCode", "New York", "120206"),
    (f"{S}.ShipTo.Address.PostalCode", 11590, "120207"),
    (f"{S}.ShipTo.Address.CountryCode", ..., "120208"),
    (f"{S}.ShipTo.Address.CountryCode", "us", "120208"),
    (f"{S}.ShipTo.Address.ResidentialAddressIndicator", True, "10002"),
    (f"{S}.ShipFrom", {"Name": "WH2"}, "10002"),
    (f"{S}.ShipFrom", {"Name": "WH2", "Address": {**SHIPPER["Address"], "City": ""}}, "120305"),
    (f"{S}.ShipFrom", {"Name": "WH2", "Address": {**SHIPPER["Address"], "AddressLine": ["x" * 36]}}, "120302"),
    (f"{S}.PaymentInformation", ..., "120412"),
    (f"{S}.PaymentInformation.ShipmentCharge", {"Type": "01"}, "120412"),
    (f"{S}.PaymentInformation.ShipmentCharge", [], "120412"),
    (f"{S}.PaymentInformation.ShipmentCharge.0.Type", "04", "120412"),
    (f"{S}.PaymentInformation.ShipmentCharge.0.Type", ..., "120412"),
    (f"{S}.PaymentInformation.ShipmentCharge.0.BillShipper.AccountNumber", 123456, "120412"),
    (f"{S}.PaymentInformation.ShipmentCharge.0.BillShipper.AccountNumber", "12345", "120412"),
    (f"{S}.ShipmentRatingOptions.NegotiatedRatesIndicator", True, "10002"),
    (f"{S}.Service", ..., "120500"),
    (f"{S}.Service.Code", "3", "120500"),
    (f"{S}.Service.Code", 3, "120500"),
    (f"{S}.Service.Description", "x" * 36, "120500"),
    (f"{S}.InvoiceLineTotal", {"CurrencyCode": "USD"}, "10002"),
    (f"{S}.InvoiceLineTotal", {"CurrencyCode": "USD", "MonetaryValue": 250}, "10002"),
    (f"{S}.InvoiceLineTotal", {"CurrencyCode": "USD", "MonetaryValue": "0"}, "10002"),
    (f"{S}.InvoiceLineTotal", {"CurrencyCode": "US$", "MonetaryValue": "250"}, "10002"),
    (f"{S}.ShipmentDate", "2026-07-14", "10002"),
    (f"{S}.ShipmentServiceOptions.SaturdayDeliveryIndicator", False, "10002"),
    (NOTE, {"NotificationCode": "6"}, "10002"),
    (NOTE, [{"NotificationCode": "5", "EMail": {"EMailAddress": ["a@b.c"]}}], "10002"),
    (NOTE, [{"NotificationCode": "6", "EMail": {"EMailAddress": "a@b.c"}}], "10002"),
    (NOTE, [{"NotificationCode": "6", "EMail": {"EMailAddress": ["a@b.c"] * 6}}], "10002"),
    (NOTE, [{"NotificationCode": "6", "EMail": {"EMailAddress": ["a@b.c"]}}] * 4, "10002"),
    (f"{S}.Package", ..., "120600"),
    (f"{S}.Package", [], "120600"),
    (f"{S}.Package", a_package(), "120600"),
    (f"{S}.Package", [a_package()] * 201, "120600"),
    (f"{P}.Packaging", ..., "120600"),
    (f"{P}.Packaging.Code", "99", "120600"),
    (f"{P}.Description", "x" * 36, "10002"),
    (f"{P}.PackageWeight.Weight", 7.5, "120602"),
    (f"{P}.PackageWeight.Weight", "0", "120602"),
    (f"{P}.PackageWeight.Weight", "-1", "120602"),
    (f"{P}.PackageWeight.Weight", "7,5", "120602"),
    (f"{P}.PackageWeight.Weight", "123.456", "120602"),
    (f"{P}.PackageWeight.UnitOfMeasurement", ..., "120601"),
    (f"{P}.PackageWeight.UnitOfMeasurement.Code", "LB", "120601"),
    (f"{P}.Dimensions.Length", "7.5", "120609"),
    (f"{P}.Dimensions.Length", "1000", "120609"),
    (f"{P}.Dimensions.Length", 12, "120609"),
    (f"{P}.Dimensions.Width", ..., "120609"),
    (f"{P}.Dimensions.UnitOfMeasurement.Code", "INCH", "120608"),
    (f"{P}.ReferenceNumber", {"Value": "1"}, "120501"),
    (f"{P}.ReferenceNumber.0.Value", "x" * 36, "120501"),
    (f"{P}.ReferenceNumber.0.Value", "", "120501"),
    (f"{P}.ReferenceNumber.0.Value", ..., "120501"),
    (f"{P}.ReferenceNumber.0.Value", 123, "120501"),
    (f"{P}.ReferenceNumber.0.Code", "ZZ", "120506"),
    (f"{P}.ReferenceNumber", [{"Value": str(number)} for number in range(6)], "120501"),
    (f"{P}.PackageServiceOptions.DeclaredValue", {"CurrencyCode": "USD"}, "10002"),
    (f"{P}.PackageServiceOptions.DeliveryConfirmation", {"DCISType": "1"}, "10002"),
    ("ShipmentRequest.LabelSpecification.LabelImageFormat", ..., "10002"),
    ("ShipmentRequest.LabelSpecification.LabelImageFormat.Code", "PDF", "10002"),
    ("ShipmentRequest.LabelSpecification.LabelStockSize.Height", 6, "10002"),
    ("ShipmentRequest.LabelSpecification.LabelStockSize.Height", "10", "10002"),
    ("ShipmentRequest.LabelSpecification.LabelStockSize.Width", ..., "10002"),
    ("ShipmentRequest.LabelSpecification.CharacterSet", "en", "10002"),
]  # fmt: skip


def refused(body: dict[str, Any], query: str = "", **switches: Any) -> list[str]:
    """The codes of a refusal that bought nothing and was no strict violation."""
    bench = Bench(**switches)
    reply = bench.call("POST", SHIP, body, query=query)
    assert reply.status == 400, reply.body
    assert bench.labels() == []
    assert bench.simulator.strict_violations == []
    return codes(reply)


@pytest.mark.parametrize(("path", "value", "code"), SHAPES, ids=lambda value: str(value)[:60])
def test_a_wrong_member_is_refused(path: str, value: Any, code: str) -> None:
    assert code in refused(changed(a_shipment(), path, value))


@pytest.mark.parametrize(
    "path",
    [
        f"{S}.ShipTo.Residential",
        f"{S}.ShipTo.PhoneNumber",
        f"{S}.Shipper.PhoneNumber",
        f"{S}.Shipper.Address.ResidentialAddressIndicator",
        f"{S}.PackagingType",
        f"{P}.PackagingType",
        f"{S}.PaymentDetails",
        f"{S}.NegotiatedRatesIndicator",
        "ShipmentRequest.NegotiatedRatesIndicator",
        "LabelSpecification",
        f"{S}.service",
    ],
)
def test_members_that_ups_would_ignore_are_refused_and_written_down(path: str) -> None:
    bench = Bench()
    assert bench.call("POST", SHIP, changed(a_shipment(), path, "x")).status == 400
    assert len(bench.simulator.strict_violations) == 1
    assert bench.labels() == []


def third_party(**changes: Any) -> dict[str, Any]:
    payer = {"AccountNumber": "Z9Y8X7", "Address": {"PostalCode": "10118", "CountryCode": "US"}, **changes}
    return {key: value for key, value in payer.items() if value is not ...}


BULKY = {"UnitOfMeasurement": {"Code": "IN"}, "Length": "60", "Width": "30", "Height": "24"}
CHARGE = f"{S}.PaymentInformation.ShipmentCharge"
BILL = {"BillShipper": {"AccountNumber": "A1B2C3"}}
RULES: dict[str, tuple[dict[str, Any], str]] = {
    "account of somebody else": (changed(a_shipment(), f"{S}.Shipper.ShipperNumber", "Z9Y8X7"), "120100"),
    "payer is not the shipper": (
        changed(a_shipment(), f"{CHARGE}.0.BillShipper.AccountNumber", "Z9Y8X7"),
        "120415",
    ),
    "no payer": (changed(a_shipment(), f"{CHARGE}.0", {"Type": "01"}), "120412"),
    "two payers": (changed(a_shipment(), f"{CHARGE}.0.BillThirdParty", third_party()), "120412"),
    "duties only": (changed(a_shipment(), f"{CHARGE}.0.Type", "02"), "120412"),
    "transport twice": (changed(a_shipment(), CHARGE, [{"Type": "01", **BILL}] * 2), "120412"),
    "third party without an account": (
        changed(a_shipment(), CHARGE, [{"Type": "01", "BillThirdParty": third_party(AccountNumber=...)}]),
        "120412",
    ),
    "no state in the US": (changed(a_shipment(), f"{S}.ShipTo.Address.StateProvinceCode", ...), "120206"),
    "no postal code in the US": (changed(a_shipment(), f"{S}.ShipTo.Address.PostalCode", ...), "120207"),
    "four digits in the US": (changed(a_shipment(), f"{S}.ShipTo.Address.PostalCode", "1159"), "120207"),
    "nine digits and a dash are ten characters": (
        changed(a_shipment(), f"{S}.ShipTo.Address.PostalCode", "11590-1234"),
        "120207",
    ),
    "letters in the US": (changed(a_shipment(), f"{S}.Shipper.Address.PostalCode", "2109A"), "120107"),
    "postal code of another state": (changed(a_shipment(), f"{S}.ShipTo.Address.PostalCode", "90001"), "111285"),
    "postal code nobody has": (changed(a_shipment(), f"{S}.ShipTo.Address.PostalCode", "00000"), "111285"),
    "Puerto Rico as a state": (
        changed(a_shipment(), f"{S}.ShipTo.Address", {**JANE["Address"], "StateProvinceCode": "PR"}),
        "120206",
    ),
    "Canadian code with a blank": (changed(abroad(), f"{S}.ShipTo.Address.PostalCode", "M5J 1E6"), "120207"),
    "Canadian code in small letters": (changed(abroad(), f"{S}.ShipTo.Address.PostalCode", "m5j1e6"), "120207"),
    "Canadian code of another province": (changed(abroad(), f"{S}.ShipTo.Address.PostalCode", "V5J1E6"), "111285"),
    "no province in Canada": (changed(abroad(), f"{S}.ShipTo.Address.StateProvinceCode", ...), "120206"),
    "warehouse in another state": (
        changed(a_shipment(), f"{S}.ShipFrom", {"Name": "W", "Address": {**SHIPPER["Address"], "PostalCode": "1"}}),
        "120307",
    ),
    "another city": (changed(a_shipment(), f"{S}.ShipTo.Address.City", "Hempstead"), "120802"),
    "nine digits of a phone": (changed(a_shipment(), f"{S}.ShipTo.Phone", {"Number": "212555019"}), "10002"),
    "eleven digits of a phone": (changed(a_shipment(), f"{S}.Shipper.Phone.Number", "14105550100"), "10002"),
    "no attention abroad": (changed(abroad(), f"{S}.ShipTo.AttentionName", ...), "120201"),
    "no phone abroad": (changed(abroad(), f"{S}.ShipTo.Phone", ...), "10002"),
    "no attention of the shipper abroad": (changed(abroad(), f"{S}.Shipper.AttentionName", ...), "120101"),
    "no phone of the shipper abroad": (changed(abroad(), f"{S}.Shipper.Phone", ...), "10002"),
    "no attention for Next Day Air Early": (changed(a_shipment(), f"{S}.Service.Code", "14"), "120201"),
    "unknown service": (changed(a_shipment(), f"{S}.Service.Code", "99"), "120500"),
    "Standard inside the US": (changed(a_shipment(), f"{S}.Service.Code", "11"), "120124"),
    "Ground to Canada": (changed(abroad(), f"{S}.Service.Code", "03"), "120124"),
    "Ground to Germany": (changed(abroad(BERLIN), f"{S}.Service.Code", "03"), "120124"),
    "Standard to Germany": (changed(abroad(BERLIN), f"{S}.Service.Code", "11"), "120124"),
    "shipment reference inside the US": (
        changed(a_shipment(), f"{S}.ReferenceNumber", [{"Code": "TN", "Value": "000123"}]),
        "120541",
    ),
    "package reference to Canada": (
        changed(abroad(), f"{P}.ReferenceNumber", [{"Code": "TN", "Value": "000123"}]),
        "120542",
    ),
    "package reference to Puerto Rico": (
        changed(changed(abroad(PUERTO_RICO), f"{P}.ReferenceNumber", [{"Value": "1"}]), f"{S}.Service.Code", "03"),
        "120542",
    ),
    "two bar codes": (
        changed(a_shipment(), f"{P}.ReferenceNumber", [{"Value": "1", "BarCodeIndicator": ""}] * 2),
        "120501",
    ),
    "long bar code": (
        changed(a_shipment(), f"{P}.ReferenceNumber", [{"Value": "A" * 15, "BarCodeIndicator": ""}]),
        "120501",
    ),
    "bar code with a blank": (
        changed(a_shipment(), f"{P}.ReferenceNumber", [{"Value": "A 1", "BarCodeIndicator": ""}]),
        "120501",
    ),
    "no weight": (changed(a_shipment(), f"{P}.PackageWeight", ...), "120602"),
    "kilograms in the US": (changed(a_shipment(), f"{P}.PackageWeight.UnitOfMeasurement.Code", "KGS"), "120601"),
    "151 pounds": (changed(a_shipment(), f"{P}.PackageWeight.Weight", "151"), "120602"),
    "109 inches": (changed(a_shipment(), f"{P}.Dimensions.Length", "109"), "120609"),
    "165 inches with the girth": (changed(a_shipment(), f"{P}.Dimensions", BULKY), "120609"),
    "no unit of the dimensions": (
        changed(a_shipment(), f"{P}.Dimensions.UnitOfMeasurement", {"Description": "Inches"}),
        "120608",
    ),
    "confirmation on the shipment in the US": (
        changed(a_shipment(), f"{S}.ShipmentServiceOptions.DeliveryConfirmation", {"DCISType": "1"}),
        "10002",
    ),
    "confirmation on the package abroad": (
        changed(abroad(), f"{P}.PackageServiceOptions.DeliveryConfirmation", {"DCISType": "2"}),
        "10002",
    ),
    "goods without a description abroad": (changed(abroad(), f"{S}.Description", ...), "10002"),
    "Canada without the invoice total": (changed(abroad(), f"{S}.InvoiceLineTotal", ...), "10002"),
    "invoice total to Germany": (
        changed(abroad(BERLIN), f"{S}.InvoiceLineTotal", {"CurrencyCode": "USD", "MonetaryValue": "250"}),
        "10002",
    ),
    "Mexico without merchandise": (abroad(MEXICO), "121984"),
    "yesterday": (changed(a_shipment(), f"{S}.ShipmentDate", "20260711"), "10002"),
    "in eight days": (changed(a_shipment(), f"{S}.ShipmentDate", "20260721"), "10002"),
    "ZPL without a stock size": (
        changed(a_shipment(), "ShipmentRequest.LabelSpecification.LabelStockSize", ...),
        "10002",
    ),
}


@pytest.mark.parametrize("case", RULES)
def test_a_rule_across_members_is_kept(case: str) -> None:
    body, code = RULES[case]
    assert code in refused(body)


def test_the_city_is_only_looked_at_when_asked() -> None:
    body = changed(a_shipment(), f"{S}.ShipTo.Address.City", "Hempstead")
    loose = changed(body, "ShipmentRequest.Request.RequestOption", "nonvalidate")
    assert refused(loose, "additionaladdressvalidation=city") == ["120802"]
    Bench().ship(loose)
    bench = Bench()
    assert bench.call("POST", SHIP, a_shipment(), query="additionaladdressvalidation=street").status == 400
    bench.command("seed_city", country="US", postal_code="11590", city="Hempstead")
    bench.ship(body)


def test_png_can_be_switched_off() -> None:
    body = changed(a_shipment(), "ShipmentRequest.LabelSpecification", {"LabelImageFormat": {"Code": "PNG"}})
    assert refused(body, png_labels=False) == ["10002"]
    Bench().ship(body)


@pytest.mark.parametrize(
    "body",
    [
        a_shipment(packages=3),
        abroad(),
        abroad(BERLIN),
        changed(abroad(PUERTO_RICO), f"{S}.Service.Code", "03"),
        changed(a_shipment(), CHARGE, [{"Type": "01", "BillThirdParty": third_party()}]),
        changed(a_shipment(), CHARGE, [{"Type": "01", "BillReceiver": {"AccountNumber": "Z9Y8X7"}}]),
        changed(abroad(), CHARGE, [{"Type": "01", **BILL}, {"Type": "02", "BillThirdParty": third_party()}]),
        changed(a_shipment(), f"{S}.ShipmentDate", "20260720"),
        changed(a_shipment(), f"{P}.Packaging.Code", "01"),
        changed(a_shipment(), f"{P}.PackageServiceOptions", {"DeliveryConfirmation": {"DCISType": "2"}}),
        changed(a_shipment(), f"{P}.ReferenceNumber", [{"Value": "1234567890123456789012", "BarCodeIndicator": "N"}]),
        changed(a_shipment(), f"{S}.ShipTo.Phone", {"Number": "212-555-0199", "Extension": "12"}),
        changed(a_shipment(), f"{S}.ShipTo.Address.PostalCode", "115901234"),
    ],
)  # fmt: skip
def test_valid_variations_are_taken(body: dict[str, Any]) -> None:
    if body["ShipmentRequest"]["Shipment"]["ShipTo"]["Address"]["CountryCode"] == "PR":
        total = {"CurrencyCode": "USD", "MonetaryValue": "250"}
        body = changed(body, f"{S}.InvoiceLineTotal", total)
    bench = Bench()
    bench.ship(body)
    assert len(bench.labels()) == len(body["ShipmentRequest"]["Shipment"]["Package"])


INVOICE: dict[str, Any] = {
    "FormType": ["01"],
    "InvoiceNumber": "INV-1",
    "InvoiceDate": "20260713",
    "ReasonForExport": "SALE",
    "CurrencyCode": "USD",
    "TermsOfShipment": "DAP",
    "Contacts": {"SoldTo": {"Name": "Werkzeug GmbH", "AttentionName": "Frau Vogel", "Address": BERLIN["Address"]}},
    "Product": [
        {
            "Description": ["Steel brackets"],
            "Unit": {"Number": "4", "UnitOfMeasurement": {"Code": "PCS"}, "Value": "12.50"},
            "CommodityCode": "7326.90",
            "OriginCountryCode": "US",
        }
    ],
}
FORMS = f"{S}.ShipmentServiceOptions.InternationalForms"


def test_a_commercial_invoice_comes_back_as_a_pdf() -> None:
    results = Bench().ship(changed(abroad(BERLIN), FORMS, INVOICE))["ShipmentResults"]
    assert base64.b64decode(results["Form"]["Image"]["GraphicImage"]).startswith(b"%PDF-")
    first = results["PackageResults"][0]["ShippingLabel"]
    assert base64.b64decode(first["InternationalSignatureGraphicImage"]).startswith(b"GIF8")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("FormType", "01"),
        ("FormType", []),
        ("FormType", ["99"]),
        ("InvoiceDate", ...),
        ("InvoiceDate", "2026-07-13"),
        ("ReasonForExport", ...),
        ("ReasonForExport", "x" * 21),
        ("CurrencyCode", ...),
        ("TermsOfShipment", "XXX"),
        ("Contacts", ...),
        ("Contacts.SoldTo", ...),
        ("Contacts.SoldTo.AttentionName", ...),
        ("Contacts.SoldTo.Address.CountryCode", ...),
        ("Product", ...),
        ("Product", []),
        ("Product.0.Description", "Steel brackets"),
        ("Product.0.Description", ["x" * 36]),
        ("Product.0.Unit", ...),
        ("Product.0.Unit.Value", 12.5),
        ("Product.0.Unit.Number", "12345678"),
        ("Product.0.OriginCountryCode", ...),
        ("Product.0.CommodityCode", "7326"),
    ],
)
def test_a_commercial_invoice_must_be_complete(path: str, value: Any) -> None:
    refused(changed(changed(abroad(BERLIN), FORMS, INVOICE), f"{FORMS}.{path}", value))


def test_a_form_that_is_not_simulated_is_written_down() -> None:
    bench = Bench()
    body = changed(changed(abroad(BERLIN), FORMS, INVOICE), f"{FORMS}.FormType", ["01", "03"])
    assert bench.call("POST", SHIP, body).status == 400
    assert len(bench.simulator.strict_violations) == 1
    assert bench.labels() == []


def test_every_accepted_post_buys_new_labels() -> None:
    bench = Bench()
    first, second = bench.ship(a_shipment(packages=2)), bench.ship(a_shipment(packages=2))
    numbers = [
        each["TrackingNumber"] for answer in (first, second) for each in answer["ShipmentResults"]["PackageResults"]
    ]
    assert len(set(numbers)) == 4
    assert all(is_genuine(number) and number.startswith("1ZA1B2C303") for number in numbers)
    assert first["ShipmentResults"]["ShipmentIdentificationNumber"] == numbers[0]
    assert first["Response"]["TransactionReference"] == {"CustomerContext": "job-000123"}
    held = bench.simulator.holdings()
    assert [each["tracking_number"] for each in held["labels"]] == numbers
    assert held["labels"][0]["references"] == [
        {"code": "TN", "value": "000123", "level": "package"},
        {"code": "PO", "value": "SO004567", "level": "package"},
    ]
    assert held["billed"] == {"USD": f"{4 * float(held['labels'][0]['cost']):.2f}"}


def test_check_digits_agree_with_numbers_that_are_known_to_be_right() -> None:
    assert make_number("999AA1", "01", 2345678) == "1Z999AA10123456784"
    assert check_digit("CIETST011111111") == 4
    assert is_genuine("1ZWX0692YP40636269")
    assert not is_genuine("1Z12345E0205271688")
    assert not is_genuine("1Z999AA1012345678")


def test_money_is_written_as_strings_and_negotiated_rates_come_when_asked() -> None:
    bench = Bench()
    results = bench.ship()["ShipmentResults"]
    total = results["ShipmentCharges"]["TotalCharges"]
    own = results["NegotiatedRateCharges"]["TotalCharge"]
    assert total["CurrencyCode"] == own["CurrencyCode"] == "USD"
    assert 0 < float(own["MonetaryValue"]) < float(total["MonetaryValue"])
    assert results["ShipmentCharges"]["ItemizedCharges"][0]["Code"] == "270"
    assert results["BillingWeight"]["Weight"] == "7.5"
    [label] = bench.labels()
    assert (label["cost"], label["published"]) == (own["MonetaryValue"], total["MonetaryValue"])


def test_not_asked_no_negotiated_rates_and_no_alert() -> None:
    answer = Bench().ship(changed(a_shipment(), f"{S}.ShipmentRatingOptions", ...))
    assert "NegotiatedRateCharges" not in answer["ShipmentResults"]
    assert "Alert" not in answer["Response"]


def test_not_eligible_no_negotiated_rates_but_an_alert() -> None:
    bench = Bench(negotiated=())
    answer = bench.ship()
    assert "NegotiatedRateCharges" not in answer["ShipmentResults"]
    assert [alert["Code"] for alert in answer["Response"]["Alert"]] == ["120900"]
    assert bench.labels()[0]["negotiated"] is None
    bench.command("set_negotiated", account="A1B2C3")
    assert "NegotiatedRateCharges" in bench.ship()["ShipmentResults"]
    bench.command("set_negotiated", account="A1B2C3", eligible=False)
    assert "Alert" in bench.ship()["Response"]


def test_without_a_sub_version_no_itemized_charges() -> None:
    charges = Bench().ship(changed(a_shipment(), "ShipmentRequest.Request.SubVersion", ...))
    assert "ItemizedCharges" not in charges["ShipmentResults"]["ShipmentCharges"]


def label_bytes(body: dict[str, Any], **switches: Any) -> tuple[str, bytes, dict[str, Any]]:
    label = Bench(**switches).ship(body)["ShipmentResults"]["PackageResults"][0]["ShippingLabel"]
    return label["ImageFormat"]["Code"], base64.b64decode(label["GraphicImage"], validate=True), label


def with_format(code: str) -> dict[str, Any]:
    stock = {"LabelStockSize": {"Height": "6", "Width": "4"}} if code in ("ZPL", "EPL", "SPL") else {}
    return changed(a_shipment(), "ShipmentRequest.LabelSpecification", {"LabelImageFormat": {"Code": code}, **stock})


def test_a_zpl_label_begins_with_a_line_feed_and_names_number_and_references() -> None:
    code, image, label = label_bytes(with_format("ZPL"))
    assert code == "ZPL"
    assert image.startswith(b"\n^XA")
    assert image.rstrip().endswith(b"^XZ")
    assert b"1ZA1B2C30300000012" in image
    assert b"TN 000123" in image
    assert "HTMLImage" not in label


@pytest.mark.parametrize("code", ["EPL", "SPL"])
def test_other_printer_languages(code: str) -> None:
    returned, image, _ = label_bytes(with_format(code))
    assert returned == code
    assert b"1ZA1B2C30300000012" in image


def decoded_gif(data: bytes) -> tuple[int, int, list[int]]:
    """A small reader of GIF, written apart from the writer: screen size and the pixels of the one frame."""
    width, height, flags = struct.unpack("<HHB", data[6:11])
    position = 13 + 3 * (2 << (flags & 7))
    while data[position : position + 1] == b"!":
        position += 2
        while data[position]:
            position += 1 + data[position]
        position += 1
    assert data[position : position + 1] == b","
    columns, rows = struct.unpack("<HH", data[position + 5 : position + 9])
    minimum, packed, position = data[position + 10], b"", position + 11
    while data[position]:
        packed += data[position + 1 : position + 1 + data[position]]
        position += 1 + data[position]
    assert data[position + 1 :] == b";"
    bits, clear = int.from_bytes(packed, "little"), 1 << minimum
    size, table = minimum + 1, [[value] for value in range(clear)] + [[], []]
    pixels: list[int] = []
    previous: list[int] = []
    while True:
        code, bits = bits & ((1 << size) - 1), bits >> size
        if code == clear + 1:
            break
        if code == clear:
            size, table, previous = minimum + 1, table[: clear + 2], []
            continue
        entry = table[code] if code < len(table) else [*previous, previous[0]]
        pixels += entry
        if previous and len(table) < 4096:
            table.append([*previous, entry[0]])
        if len(table) == 1 << size and size < 12:
            size += 1
        previous = entry
    assert len(pixels) == columns * rows
    return width, height, pixels[:columns]


def test_a_gif_label_is_a_real_image_of_1400_by_800_that_shows_its_number() -> None:
    code, image, label = label_bytes(with_format("GIF"))
    width, height, row = decoded_gif(image)
    assert (code, image[:6], width, height) == ("GIF", b"GIF89a", 1400, 800)
    shown = "".join(str(1 - pixel) for pixel in row)
    assert bytes(int(shown[at : at + 8], 2) for at in range(0, len(shown), 8)) == b"1ZA1B2C30300000012"
    assert b"<img" in base64.b64decode(label["HTMLImage"])


def test_a_png_label_is_a_real_image() -> None:
    code, image, _ = label_bytes(with_format("PNG"))
    assert (code, image[:8]) == ("PNG", b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", image[16:24]) == (1400, 800)
    start = image.index(b"IDAT")
    length = struct.unpack(">I", image[start - 4 : start])[0]
    assert len(zlib.decompress(image[start + 4 : start + 4 + length])) == 800 * (1 + 175)
    assert zlib.crc32(image[start : start + 4 + length]) == struct.unpack(">I", image[start + 4 + length :][:4])[0]


def test_without_a_label_specification_a_gif_comes() -> None:
    assert label_bytes(changed(a_shipment(), "ShipmentRequest.LabelSpecification", ...))[0] == "GIF"


def test_the_sandbox_marks_its_labels_and_prices_nearly_as_listed() -> None:
    assert b"SAMPLE" in label_bytes(a_shipment(), cie=True)[1]
    assert b"SAMPLE" not in label_bytes(a_shipment())[1]
    bench = Bench(cie=True, negotiated=())
    results = bench.ship()["ShipmentResults"]
    listed = float(results["ShipmentCharges"]["TotalCharges"]["MonetaryValue"])
    assert float(results["NegotiatedRateCharges"]["TotalCharge"]["MonetaryValue"]) == pytest.approx(
        listed * 0.99, abs=0.01
    )


def test_a_control_character_gets_an_empty_200_with_error_headers_and_no_label() -> None:
    bench = Bench()
    reply = bench.call("POST", SHIP, changed(a_shipment(), f"{S}.ShipTo.Address.AddressLine.0", "12\b3 Maple Ct"))
    assert (reply.status, reply.body, reply.headers["errorcode"]) == (200, b"", "1")
    assert "not valid" in reply.headers["errordescription"]
    assert bench.labels() == []


def test_quirk_single_elements_come_as_objects() -> None:
    bench = Bench(single_as_object=True, negotiated=())
    one = bench.ship()
    assert isinstance(one["ShipmentResults"]["PackageResults"], dict)
    assert isinstance(one["Response"]["Alert"], dict)
    assert isinstance(bench.ship(a_shipment(packages=2))["ShipmentResults"]["PackageResults"], list)


def test_quirk_empty_containers_come_as_text() -> None:
    bare = changed(a_shipment(), "ShipmentRequest.Request.TransactionReference", ...)
    assert Bench(empty_as_text=True).ship(bare)["Response"]["TransactionReference"] == ""
    assert Bench().ship(bare)["Response"]["TransactionReference"] == {"CustomerContext": ""}


def test_quirk_packages_in_another_order_keep_the_identification_number() -> None:
    results = Bench(reversed_packages=True).ship(a_shipment(packages=2))["ShipmentResults"]
    numbers = [each["TrackingNumber"] for each in results["PackageResults"]]
    assert numbers == sorted(numbers, reverse=True)
    assert results["ShipmentIdentificationNumber"] == numbers[1]


def test_several_faults_come_in_one_answer() -> None:
    body = changed(a_shipment(), f"{S}.ShipTo.Address.City", "")
    body = changed(body, f"{P}.Packaging.Code", "99")
    assert refused(body) == ["120205", "120600"]


def test_standard_is_no_service_inside_the_us() -> None:
    assert "11" not in services_between("US", "US")
    assert {"11"} <= services_between("US", "CA") & services_between("DE", "FR") & services_between("CA", "CA")
    assert "03" not in services_between("US", "GB")


def test_a_shipper_in_europe_weighs_in_kilograms() -> None:
    shipper = {**SHIPPER, "Address": BERLIN["Address"]}
    body = changed(abroad(BERLIN), f"{S}.Shipper", shipper)
    body = changed(body, f"{S}.Service.Code", "11")
    assert "120601" in refused(body)
    body = changed(body, f"{P}.PackageWeight", {"UnitOfMeasurement": {"Code": "KGS"}, "Weight": "70"})
    answer = Bench().ship(body)
    assert answer["ShipmentResults"]["ShipmentCharges"]["TotalCharges"]["CurrencyCode"] == "EUR"
    assert "120602" in refused(changed(body, f"{P}.PackageWeight.Weight", "70.1"))


def test_the_answer_is_json_with_the_pascal_case_of_ship() -> None:
    bench = Bench()
    reply = bench.call("POST", SHIP, a_shipment())
    assert list(document(reply)) == ["ShipmentResponse"]
    assert reply.headers["Content-Type"].startswith("application/json")
