"""The request body of Ship: members, lengths, enums. What the members mean together is judged in `ship_rules`.

As strict as the published v2409 specification for every member that is modelled. Members of products that no label
of ours uses (Trade Direct, freight, hazardous goods, returns, COD, Mail Innovations) are not modelled: the strict
option refuses them like any other unknown member.
"""

from __future__ import annotations

from local.simulators.checks import Check
from local.simulators.ups.labels import FORMATS
from local.simulators.ups.ship_forms import FORMS
from local.simulators.ups.validation import array, decimal_text, flags, presence, record, text, texts

SUB_VERSIONS = ("1601", "1607", "1701", "1707", "1801", "1807", "2108", "2205")
_REFERENCE_TYPES = "AJ AT BM 9V ON DP 3Q IK MK MJ PM PC PO RQ RZ SA SE ST TN"
REFERENCE_CODES = _REFERENCE_TYPES.split()
PACKAGING_CODES = ["01", "02", "03", "04", "21", "24", "25", "30", "2a", "2b", "2c"]

_lines = array(text(1, 35), 1, 3)
_country = text(2, 2, pattern="[A-Z]{2}")
_address: dict[str, Check] = {
    "AddressLine": _lines,
    "City": text(1, 30),
    "StateProvinceCode": text(1, 5),
    "PostalCode": text(1, 9),
    "CountryCode": _country,
}
_address_required = ("AddressLine", "City", "CountryCode")
ADDRESS = record(_address, _address_required)
SHIP_TO_ADDRESS = record(
    {**_address, **flags("ResidentialAddressIndicator POBoxIndicator")},
    _address_required,
)
PHONE = record({"Number": text(1, 15, pattern=r"\+?[\d() .-]+"), "Extension": text(1, 4)}, ("Number",))
EMAIL = text(1, 50, pattern=r"[^@\s]+@[^@\s]+")
_party: dict[str, Check] = {
    **texts("Name 1-35, AttentionName 1-35, CompanyDisplayableName 1-35, TaxIdentificationNumber 1-15"),
    "Phone": PHONE,
}
_account = text(6, 6, pattern="[0-9A-Z]{6}")
SHIPPER = record(
    {**_party, "ShipperNumber": _account, "FaxNumber": text(1, 14), "EMailAddress": EMAIL, "Address": ADDRESS},
    ("Name", "ShipperNumber", "Address"),
)
SHIP_TO = record(
    {
        **_party,
        "FaxNumber": text(1, 15),
        "EMailAddress": EMAIL,
        "Address": SHIP_TO_ADDRESS,
        "LocationID": text(3, 10),
    },
    ("Name", "Address"),
)
SHIP_FROM = record({**_party, "FaxNumber": text(1, 15), "Address": ADDRESS}, ("Name", "Address"))


def described(code: Check, description: int = 35) -> Check:
    """A code with an optional description, the shape of nearly everything that is chosen from a list."""
    return record({"Code": code, "Description": text(1, description)}, ("Code",))


_payers: dict[str, Check] = {
    "Type": text(2, 2, choices=("01", "02", "03")),
    "BillShipper": record({"AccountNumber": _account}, ("AccountNumber",)),
    "BillReceiver": record({"AccountNumber": _account, "Address": record(texts("PostalCode 1-9"))}, ("AccountNumber",)),
    "BillThirdParty": record(
        {
            "AccountNumber": _account,
            "Address": record({"PostalCode": text(1, 9), "CountryCode": _country}, ("CountryCode",)),
        },
        ("AccountNumber", "Address"),
    ),
    "ConsigneeBilledIndicator": presence,
}
PAYMENT = record(
    {"ShipmentCharge": array(record(_payers, ("Type",)), 1, 3), "SplitDutyVATIndicator": presence},
    ("ShipmentCharge",),
)


def references(shortest_code: int, most: int | None) -> Check:
    """Reference numbers; the code is optional and out of the vendor's table."""
    code = text(shortest_code, 2, choices=REFERENCE_CODES)
    members: dict[str, Check] = {"Code": code, "Value": text(1, 35), "BarCodeIndicator": presence}
    return array(record(members, ("Value",)), 1, most)


def money(longest: int) -> Check:
    """An amount above zero with its currency."""
    members = {"CurrencyCode": text(3, 3, pattern="[A-Z]{3}"), "MonetaryValue": decimal_text(longest)}
    return record(members, ("CurrencyCode", "MonetaryValue"))


_length = text(1, 3, pattern="[1-9][0-9]{0,2}", explain="Invalid dimension: whole units, 1 to 999")
PACKAGE = record(
    {
        "Description": text(1, 35),
        "Packaging": described(text(2, 2, choices=PACKAGING_CODES)),
        "Dimensions": record(
            {
                "UnitOfMeasurement": described(text(2, 2, choices=("IN", "CM"))),
                "Length": _length,
                "Width": _length,
                "Height": _length,
            },
            ("UnitOfMeasurement", "Length", "Width", "Height"),
        ),
        "PackageWeight": record(
            {"UnitOfMeasurement": described(text(1, 3, choices=("LBS", "KGS"))), "Weight": decimal_text(5)},
            ("UnitOfMeasurement", "Weight"),
        ),
        "ReferenceNumber": references(1, 5),
        "PackageServiceOptions": record(
            {
                "DeclaredValue": record(
                    {
                        "Type": described(text(2, 2)),
                        "CurrencyCode": text(3, 3, pattern="[A-Z]{3}"),
                        "MonetaryValue": decimal_text(19),
                    },
                    ("CurrencyCode", "MonetaryValue"),
                ),
                "DeliveryConfirmation": record({"DCISType": text(1, 1, choices=("2", "3"))}, ("DCISType",)),
                "ShipperReleaseIndicator": presence,
            }
        ),
        **flags("AdditionalHandlingIndicator LargePackageIndicator OversizeIndicator"),
    },
    ("Packaging",),
)
_notification = record(
    {
        "NotificationCode": text(1, 1, choices=("6", "7", "8")),
        "EMail": record(
            {
                "EMailAddress": array(EMAIL, 1, 5),
                "UndeliverableEMailAddress": EMAIL,
                "FromEMailAddress": EMAIL,
                **texts("FromName 1-35, Memo 1-150"),
            },
            ("EMailAddress",),
        ),
        "Locale": record(texts("Language 3-3, Dialect 2-2"), ("Language", "Dialect")),
    },
    ("NotificationCode", "EMail"),
)
SERVICE_OPTIONS = record(
    {
        **flags("SaturdayDeliveryIndicator SaturdayPickupIndicator DeliverToAddresseeOnlyIndicator"),
        **flags("DirectDeliveryOnlyIndicator HoldForPickupIndicator UPScarbonneutralIndicator"),
        "Notification": array(_notification, 1, 3),
        "DeliveryConfirmation": record({"DCISType": text(1, 1, choices=("1", "2"))}, ("DCISType",)),
        "InternationalForms": FORMS,
    }
)
REQUEST = record(
    {
        "RequestOption": text(1, 15, choices=("validate", "nonvalidate")),
        "SubVersion": text(4, 4, choices=SUB_VERSIONS),
        "TransactionReference": record({"CustomerContext": text(0, 512)}),
    },
    ("RequestOption",),
)
RATING_OPTIONS = record(
    flags(
        "NegotiatedRatesIndicator FRSShipmentIndicator RateChartIndicator TPFCNegotiatedRatesIndicator "
        "UserLevelDiscountIndicator"
    )
)
SHIPMENT = record(
    {
        "Description": text(1, 50),
        "DocumentsOnlyIndicator": presence,
        "Shipper": SHIPPER,
        "ShipTo": SHIP_TO,
        "ShipFrom": SHIP_FROM,
        "PaymentInformation": PAYMENT,
        "ShipmentRatingOptions": RATING_OPTIONS,
        "ReferenceNumber": references(2, 5),
        "Service": described(text(2, 2)),
        "InvoiceLineTotal": money(11),
        "NumOfPiecesInShipment": text(1, 5, pattern="[0-9]+"),
        "ShipmentServiceOptions": SERVICE_OPTIONS,
        "ShipmentDate": text(8, 8, pattern="[0-9]{8}"),
        "Locale": text(5, 5, pattern="[a-z]{2}_[A-Z]{2}"),
        "Package": array(PACKAGE, 1, 200),
        **flags("RatingMethodRequestedIndicator TaxInformationIndicator"),
    },
    ("Shipper", "ShipTo", "PaymentInformation", "Service", "Package"),
)
LABEL_SPECIFICATION = record(
    {
        "LabelImageFormat": described(text(1, 4, choices=FORMATS)),
        "HTTPUserAgent": text(1, 64),
        "LabelStockSize": record(
            {"Height": text(1, 3, choices=("6", "8")), "Width": text(1, 3, choices=("4",))}, ("Height", "Width")
        ),
        "CharacterSet": text(3, 3, pattern="[a-z0-9]{3}"),
    },
    ("LabelImageFormat",),
)
SHIP = record(
    {
        "ShipmentRequest": record(
            {"Request": REQUEST, "Shipment": SHIPMENT, "LabelSpecification": LABEL_SPECIFICATION},
            ("Request", "Shipment"),
        )
    },
    ("ShipmentRequest",),
)
