"""The request body of Rating. It differs from Ship: PackagingType, PaymentDetails, longer numbers, no phones.

Members of products that no label of ours uses are not modelled, as in `ship_bodies`.
"""

from __future__ import annotations

from local.simulators.checks import Check
from local.simulators.ups.ship_bodies import PACKAGING_CODES, RATING_OPTIONS, described, money
from local.simulators.ups.validation import array, decimal_text, flags, presence, record, text, texts

SUB_VERSIONS = ("1601", "1607", "1701", "1707", "2108", "2205", "2407", "2409")
_country = text(2, 2, pattern="[A-Z]{2}")
_account = text(6, 6, pattern="[0-9A-Z]{6}")
_address: dict[str, Check] = {
    "AddressLine": array(text(1, 35), 1, 3),
    "City": text(1, 30),
    "StateProvinceCode": text(2, 2),
    "PostalCode": text(1, 9),
    "CountryCode": _country,
}
_party = texts("Name 1-35, AttentionName 1-35")
_payers: dict[str, Check] = {
    "Type": text(2, 2, choices=("01", "02")),
    "BillShipper": record({"AccountNumber": _account}, ("AccountNumber",)),
    "BillReceiver": record(
        {"AccountNumber": _account, "Address": record({"PostalCode": text(1, 9)}, ("PostalCode",))}, ("AccountNumber",)
    ),
    "BillThirdParty": record(
        {
            "AccountNumber": _account,
            "Address": record({**_address}, ("AddressLine", "City", "StateProvinceCode", "PostalCode", "CountryCode")),
        },
        ("AccountNumber", "Address"),
    ),
    "ConsigneeBilledIndicator": presence,
}


def _unit(codes: tuple[str, ...]) -> Check:
    """A unit of measurement; the description is required here, unlike in Ship."""
    return record({"Code": text(1, 3, choices=codes), "Description": text(1, 35)}, ("Code", "Description"))


_weight = record(
    {"UnitOfMeasurement": _unit(("LBS", "KGS")), "Weight": decimal_text(6)}, ("UnitOfMeasurement", "Weight")
)
_length = text(1, 9, pattern=r"\d{1,6}(\.\d{1,2})?")
PACKAGE = record(
    {
        "PackagingType": described(text(2, 2, choices=("00", *PACKAGING_CODES))),
        "Dimensions": record(
            {"UnitOfMeasurement": _unit(("IN", "CM")), "Length": _length, "Width": _length, "Height": _length},
            ("UnitOfMeasurement", "Length", "Width", "Height"),
        ),
        "PackageWeight": _weight,
        "PackageServiceOptions": record(
            {
                "DeliveryConfirmation": record({"DCISType": text(1, 1, choices=("1", "2", "3"))}, ("DCISType",)),
                "DeclaredValue": money(19),
            }
        ),
        **flags("LargePackageIndicator AdditionalHandlingIndicator OversizeIndicator"),
    }
)
SHIPMENT = record(
    {
        "Shipper": record(
            {**_party, "ShipperNumber": _account, "Address": record(_address, ("AddressLine", "CountryCode"))},
            ("Address",),
        ),
        "ShipTo": record(
            {
                **_party,
                "Address": record(
                    {**_address, "ResidentialAddressIndicator": presence}, ("AddressLine", "CountryCode")
                ),
            },
            ("Address",),
        ),
        "ShipFrom": record({**_party, "Address": record(_address, ("CountryCode",))}, ("Address",)),
        "PaymentDetails": record(
            {"ShipmentCharge": array(record(_payers, ("Type",)), 1, 2), "SplitDutyVATIndicator": presence},
            ("ShipmentCharge",),
        ),
        "Service": described(text(2, 2)),
        "NumOfPieces": text(1, 5, pattern="[0-9]+"),
        "ShipmentTotalWeight": _weight,
        "DocumentsOnlyIndicator": presence,
        "Package": array(PACKAGE, 1, 200),
        "ShipmentServiceOptions": record(
            {
                **flags("SaturdayPickupIndicator SaturdayDeliveryIndicator DirectDeliveryOnlyIndicator"),
                "DeliveryConfirmation": record({"DCISType": text(1, 1, choices=("1", "2", "3"))}, ("DCISType",)),
            }
        ),
        "ShipmentRatingOptions": RATING_OPTIONS,
        "InvoiceLineTotal": money(19),
        "DeliveryTimeInformation": record(
            {
                "PackageBillType": text(2, 2, choices=("02", "03", "04", "07")),
                "Pickup": record(
                    {"Date": text(8, 8, pattern=r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"), "Time": text(4, 6)},
                    ("Date",),
                ),
            },
            ("PackageBillType",),
        ),
        **flags("RatingMethodRequestedIndicator TaxInformationIndicator"),
    },
    ("Shipper", "ShipTo", "Package"),
)
RATE = record(
    {
        "RateRequest": record(
            {
                "Request": record(
                    {
                        "SubVersion": text(4, 4, choices=SUB_VERSIONS),
                        "RequestOption": text(1),
                        "TransactionReference": record({"CustomerContext": text(1, 512)}),
                    }
                ),
                "PickupType": described(text(2, 2, choices=("01", "03", "06", "19", "20"))),
                "CustomerClassification": described(text(2, 2, choices=("00", "01", "04", "05", "06", "53"))),
                "Shipment": SHIPMENT,
            },
            ("Request", "Shipment"),
        )
    },
    ("RateRequest",),
)
