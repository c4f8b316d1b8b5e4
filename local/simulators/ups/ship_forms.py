"""International forms inside a Ship request, as far as a commercial invoice needs them (form type 01).

Which members an invoice wants is the specification's prose, not its schema; other forms (CN22, USMCA, EEI, Premium
Care) are not modelled.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from local.simulators.checks import Check, Finding, both, rule
from local.simulators.ups.validation import array, decimal_text, flags, record, text, texts

INVOICE = "01"
FORM_TYPES = ("01", "03", "04", "05", "06", "07", "08", "09", "10", "11")
MODELLED = ("01",)
_TERMS = "CFR CIF CIP CPT DAF DDP DDU DEQ DES EXW FAS FCA FOB DAP DAT"
TERMS = _TERMS.split()
_day = text(8, 8, pattern=r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_country = text(2, 2, pattern="[A-Z]{2}")
_currency = text(3, 3, pattern="[A-Z]{3}")
_address = record(
    {
        "AddressLine": array(text(1, 35), 1, 3),
        **texts("City 1-30, StateProvinceCode 1-5, Town 1-30, PostalCode 1-9"),
        "CountryCode": _country,
    },
    ("AddressLine", "City", "CountryCode"),
)
_phone = record(texts("Number 1-15, Extension 1-4"), ("Number",))
SOLD_TO = record(
    {
        **texts("Name 1-35, AttentionName 1-35, TaxIdentificationNumber 1-15, Option 2-2, AccountNumber 1-6"),
        "Phone": _phone,
        "EMailAddress": text(1, 50),
        "Address": _address,
    },
    ("Name", "AttentionName", "Address"),
)


def _unit(code: int, description: int) -> Check:
    return record({"Code": text(1, code), "Description": text(1, description)}, ("Code",))


PRODUCT = record(
    {
        "Description": array(text(1, 35), 1, 3),
        "Unit": record(
            {"Number": decimal_text(7), "UnitOfMeasurement": _unit(3, 3), "Value": decimal_text(19)},
            ("Number", "UnitOfMeasurement", "Value"),
        ),
        "CommodityCode": text(6, 15, pattern="[0-9.]+"),
        "PartNumber": text(1, 35),
        "OriginCountryCode": _country,
        "MarksAndNumbers": text(1, 35),
        "NumberOfPackagesPerCommodity": text(1, 3, pattern="[0-9]+"),
        "ProductWeight": record(
            {"UnitOfMeasurement": _unit(3, 20), "Weight": decimal_text(5)}, ("UnitOfMeasurement", "Weight")
        ),
    },
    ("Description",),
)
_charge = record({"MonetaryValue": decimal_text(15, "")}, ("MonetaryValue",))
_shape = record(
    {
        "FormType": array(text(2, 2, choices=FORM_TYPES), 1, 6),
        "Contacts": record({"SoldTo": SOLD_TO}),
        "Product": array(PRODUCT, 1, 50),
        "InvoiceNumber": text(1, 35),
        "InvoiceDate": _day,
        "PurchaseOrderNumber": text(1, 35),
        "TermsOfShipment": text(3, 3, choices=TERMS),
        "ReasonForExport": text(1, 20),
        "Comments": text(1, 150),
        "DeclarationStatement": text(1, 550),
        "Discount": _charge,
        "FreightCharges": _charge,
        "InsuranceCharges": _charge,
        "OtherCharges": record(
            {"MonetaryValue": decimal_text(15, ""), "Description": text(1, 10)}, ("MonetaryValue", "Description")
        ),
        "CurrencyCode": _currency,
        **flags("AdditionalDocumentIndicator OverridePaperlessIndicator"),
    },
    ("FormType", "Product"),
)


def _wanted(holder: dict[str, Any], path: str, names: str) -> Iterator[Finding]:
    for name in names.split():
        if name not in holder:
            yield rule(f"{path}.{name}", f"Missing or invalid {path}.{name}: a commercial invoice needs it")


def _invoice(value: Any, path: str) -> Iterator[Finding]:
    """A commercial invoice names its date, reason, currency, buyer, and unit, value and origin of each product."""
    for index, kind in enumerate(value["FormType"]):
        if kind not in MODELLED:
            yield Finding(f"{path}.FormType[{index}]", f"form type {kind} is not simulated", "unknown")
    if INVOICE not in value["FormType"]:
        return
    yield from _wanted(value, path, "InvoiceDate ReasonForExport CurrencyCode Contacts")
    yield from _wanted(value.get("Contacts", {"SoldTo": None}), f"{path}.Contacts", "SoldTo")
    for index, product in enumerate(value["Product"]):
        yield from _wanted(product, f"{path}.Product[{index}]", "Unit OriginCountryCode")


FORMS = both(_shape, _invoice)
