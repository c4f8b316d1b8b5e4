"""The error bodies of UPS: `{"response": {"errors": [{"code", "message"}]}}` and its rarer relatives.

Only codes that the vendor's material names are used. Where a rule is documented but its code is not, the answer carries
`INVALID` (10002, "the document is not valid"): a client may decide on the listed codes and on nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from local.simulators.base import Reply, json_reply
from local.simulators.checks import Finding

MALFORMED = "10001"
INVALID = "10002"
UNAVAILABLE = "10004"
CONTENT_TYPE = "10007"
TOO_MANY = "10429"
NOT_FOUND = "404"

_PARTY = (("AttentionName", "01"), ("AddressLine", "02"), ("City", "05"), ("StateProvinceCode", "06"))
_PARTY_CODES = tuple(
    (rf"\.{party}\b.*\b{member}\b", f"{start}{digits}")
    for party, start in (("Shipper", "1201"), ("ShipTo", "1202"), ("ShipFrom", "1203"))
    for member, digits in (*_PARTY, ("PostalCode", "07"), ("CountryCode", "08"))
)
_CODES = (
    (r"\.Shipper\.ShipperNumber", "120100"),
    *_PARTY_CODES,
    (r"\.PaymentInformation", "120412"),
    (r"\.Shipment\.Service\b", "120500"),
    (r"\.ReferenceNumber\[\d+\]\.Code", "120506"),
    (r"\.ReferenceNumber", "120501"),
    (r"\.Package(\[\d+\])?(\.Packaging\b|$)", "120600"),
    (r"\.PackageWeight\.UnitOfMeasurement", "120601"),
    (r"\.PackageWeight", "120602"),
    (r"\.Dimensions\.UnitOfMeasurement", "120608"),
    (r"\.Dimensions", "120609"),
)


class Rejection(Exception):
    """The vendor says no: carries the reply that the caller gets."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.status} {reply.body[:200]!r}")
        self.reply = reply


def ship_code(finding: Finding) -> str:
    """The code that Ship answers for a fault at this place of the request."""
    if finding.code:
        return finding.code
    return next((code for pattern, code in _CODES if re.search(pattern, finding.path)), INVALID)


def error_headers(code: str, message: str) -> dict[str, str]:
    """The headers that repeat a failure."""
    plain = message.encode("latin-1", "replace").decode("latin-1").replace("\n", " ")
    return {"apierrorcode": code, "apierrormsg": plain, "errorcode": code, "errordescription": plain}


def errors(status: int, pairs: Sequence[tuple[str, str]]) -> Reply:
    """The usual error body, with the headers that repeat its first entry."""
    document = {"response": {"errors": [{"code": code, "message": message} for code, message in pairs]}}
    return json_reply(status, document, error_headers(*pairs[0]))


def refuse(status: int, code: str, message: str) -> Rejection:
    """A refusal with one entry."""
    return Rejection(errors(status, [(code, message)]))


def refusal(world: object, found: list[Finding]) -> Reply:
    """The 400 for a body of the wrong shape; the code is the general one unless the finding has its own."""
    return errors(400, [(each.code or INVALID, each.message) for each in found])


def ship_refusal(world: object, found: list[Finding]) -> Reply:
    """The same for Ship, where many places have a code of their own."""
    return errors(400, [(ship_code(each), each.message) for each in found])


def throttled() -> Reply:
    """The 429 of every API: no Retry-After, no header that says when or how much (an issue of 2024 and still so)."""
    return json_reply(429, {"response": {"errors": [{"code": TOO_MANY, "message": "Too Many Requests"}]}})


def expired() -> Reply:
    """The 401 for a token whose time is over."""
    return errors(401, [("251004", "The Bearer token is expired")])


def unavailable() -> Reply:
    """The 503 that may have acted."""
    return errors(503, [(UNAVAILABLE, "The service is temporarily unavailable")])


def edge_page(status: int) -> Reply:
    """What the edge in front of the API answers when it is unhappy itself: a page for people."""
    words = {403: "Access Denied", 503: "Service Unavailable"}.get(status, "Internal Server Error")
    page = f"<HTML><HEAD><TITLE>{words}</TITLE></HEAD><BODY><H1>{words}</H1>Reference #18.8d2f1</BODY></HTML>"
    return Reply(status, {"Content-Type": "text/html"}, page.encode())


def legacy_fault(code: str, description: str) -> Reply:
    """The SOAP-like body that old backends still let through."""
    detail = {"Errors": {"ErrorDetail": {"PrimaryErrorCode": {"Code": code, "Description": description}}}}
    return json_reply(500, {"Fault": {"faultcode": "Client", "detail": detail}})


def empty_success() -> Reply:
    """HTTP 200 without a body: how UPS refused a control character (seen in a recording)."""
    text = "The request is not valid. Review for errors before re-submitting."
    return Reply(200, {"errorcode": "1", "errordescription": text}, b"")


def errors_in_success(code: str, message: str) -> Reply:
    """HTTP 200 with an error body."""
    return json_reply(200, {"response": {"errors": [{"code": code, "message": message}]}})
