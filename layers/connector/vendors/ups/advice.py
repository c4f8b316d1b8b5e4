"""What a person does about UPS's error codes. Source: API error codes page; the ones seen in answers come first."""

from __future__ import annotations

from collections.abc import Mapping

_SHIPPER = "correct account_number or shipper in the connection"
_SHIP_FROM = "correct the place that the shipment is sent from"
_PACKAGE = "correct packaging, weight or dimensions of the package"
_ADDRESS = "correct the ship-to address of the shipment"

ADVICE: Mapping[str, str] = {
    "120202": f"{_ADDRESS} (street line)",
    "120802": "the city does not fit the postal code; correct the ship-to address",
    "120541": "a reference stands at the shipment, this pair of countries takes it at the package only; report this",
    "120542": "a reference stands at the package, this pair of countries takes it at the shipment only; report this",
    "111285": "the postal code does not fit the state; correct the ship-to address",
    "112111": _SHIPPER,
    "111549": "the shipment lacks its total weight or value; report this",
    "121984": "the goods need a description",
    "190102": "UPS finds no such shipment within the time in which it may be voided",
    "190101": "the time in which it may be voided has passed; ask UPS for a credit",
    "190100": "the number of the shipment is not one that UPS can void",
    "190109": "the number of the package is not one that UPS can void",
    "9264028": "the option of address validation is not one that UPS knows; report this",
    "TV1002": "this is no tracking number",
    "120100": _SHIPPER,
    "120105": f"{_SHIPPER} (city)",
    "120106": f"{_SHIPPER} (state)",
    "120107": f"{_SHIPPER} (postal code)",
    "120108": f"{_SHIPPER} (country)",
    "120201": f"{_ADDRESS} (attention name)",
    "120205": f"{_ADDRESS} (city)",
    "120206": f"{_ADDRESS} (state)",
    "120207": f"{_ADDRESS} (postal code)",
    "120208": f"{_ADDRESS} (country)",
    "120302": f"{_SHIP_FROM} (street line)",
    "120305": f"{_SHIP_FROM} (city)",
    "120306": f"{_SHIP_FROM} (state)",
    "120307": f"{_SHIP_FROM} (postal code)",
    "120308": f"{_SHIP_FROM} (country)",
    "120124": "UPS does not offer the service between these places; choose another ship via",
    "111210": "UPS does not offer the service between these places; choose another ship via",
    "111538": "UPS does not accept the origin; correct the shipper in the connection",
    "120412": "the account that pays is missing or unknown; correct the payer",
    "120415": "the account that pays is not the shipper's; correct account_number in the connection",
    "120500": "the service code is unknown; correct the mapping of the ship via",
    "120501": "the value of a reference number is not valid",
    "120506": "the code of a reference number is not valid; correct the mapping",
    "120600": _PACKAGE,
    "120601": _PACKAGE,
    "120602": _PACKAGE,
    "120608": _PACKAGE,
    "120609": _PACKAGE,
    "VSS000": "the subscription is not valid; report this",
    "VSS220": "more than 100 numbers in one subscription; report this",
    "VSS300": "Track Alert takes the locale en_US only",
    "VSS310": "Track Alert takes the locale en_US only",
    "VSS500": "Track Alert v1 needs a destination; set the public address, or track_alert to v2",
    "VSS600": "the callback address is missing; set the public address",
    "VSS610": "the callback address is too long",
    "VSS700": "the credential of the subscription is missing; set the secret of the webhook",
    "VSS800": "the credential type of the subscription is missing; report this",
}

CONFIGURATION_CODES = frozenset(
    {"112111", "111538", "120100", "120105", "120106", "120107", "120108", "120302", "120305", "120306", "120307",
     "120308", "120412", "120415", "9264028", "VSS300", "VSS310", "VSS500", "VSS600", "VSS610", "VSS700", "VSS800"}
)  # fmt: skip
"""Wrong for every shipment until a person changes the connection."""
