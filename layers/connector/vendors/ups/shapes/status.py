"""What a scan means for the ERP. The three-digit code decides, the letter of the type after it, never the text.

Source: tracking appendix of the Tracking page. Type D is UPS's filing, not proof of delivery: "returned to sender",
"delivered to an access point" and "loaded on the vehicle" come under it too.
"""

from __future__ import annotations

from enum import StrEnum


class Standing(StrEnum):
    """Where a parcel stands. The comment says what ends there."""

    UNKNOWN = "unknown"  # a code that we do not know: nothing is concluded
    UPDATE = "update"  # Track Alert's type U: a new promise or a photo, no scan
    LABEL_ONLY = "label_only"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    AT_PICKUP_POINT = "at_pickup_point"  # delivered to a shop or post office, not to the consignee
    EXCEPTION = "exception"
    RETURNING = "returning"
    DELIVERED = "delivered"  # final
    RETURNED = "returned"  # final
    VOIDED = "voided"  # final
    LOST = "lost"  # final: lost, seized or destroyed


FINAL = frozenset({Standing.DELIVERED, Standing.RETURNED, Standing.VOIDED, Standing.LOST})
"""No more scans are waited for."""

DELIVERED_CODES = frozenset({"011", "026", "156"})

_CODES: dict[str, Standing] = {
    code: standing
    for standing, codes in (
        (Standing.VOIDED, "007"),
        (Standing.RETURNED, "034 067 081"),
        (Standing.RETURNING, "033 035 036 118 119"),
        (Standing.LOST, "068 147 149"),
        (Standing.AT_PICKUP_POINT, "017 040 143 144 161"),
        (Standing.OUT_FOR_DELIVERY, "006 021 037 072 089 091 146 162"),
        (Standing.LABEL_ONLY, "003 157 166"),
        (
            Standing.EXCEPTION,
            "013 022 023 024 029 030 046 048 049 050 051 052 053 058 059 060 061 062 064 066 069 076 086 090 124 "
            "125 132 139 141 145",
        ),
        (Standing.UNKNOWN, "000 148 163"),
    )
    for code in codes.split()
}

_TYPES = {
    "MV": Standing.VOIDED,
    "M": Standing.LABEL_ONLY,
    "X": Standing.EXCEPTION,
    "I": Standing.IN_TRANSIT,
    "P": Standing.IN_TRANSIT,
    "O": Standing.OUT_FOR_DELIVERY,
    "RS": Standing.RETURNING,
    "DO": Standing.IN_TRANSIT,
    "DD": Standing.IN_TRANSIT,
    "W": Standing.IN_TRANSIT,
    "U": Standing.UPDATE,
}


def standing(type_: str | None, code: str | None, *, delivered_on_record: bool = False) -> Standing:
    """Where a scan or current status leaves the parcel.

    code: `statusCode` of Track, `descriptionCode` of Track Alert. delivered_on_record: UPS also states the day of
    delivery (`deliveryDate` of type DEL, `actualDeliveryDate`); it proves a delivery of type D where there is no code.
    """
    kind, number = (type_ or "").strip().upper(), (code or "").strip()
    if kind == "U":
        return Standing.UPDATE
    if number in _CODES:
        return _CODES[number]
    if kind in ("D", ""):
        delivered = number in DELIVERED_CODES or (kind == "D" and not number and delivered_on_record)
        return Standing.DELIVERED if delivered else Standing.UNKNOWN
    if number in DELIVERED_CODES:
        return Standing.UNKNOWN
    return _TYPES.get(kind, Standing.UNKNOWN)
