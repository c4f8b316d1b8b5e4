"""Member names that say what is behind them, in the spellings of JSON, XML, forms and headers of many vendors.

A name is compared in lower case without separators, so `ShipToAddressLine1`, `ship_to_address_line_1` and
`ship-to-address-line1` are one. Plain `name` is personal only around a person: products and carriers have names too.
"""

from __future__ import annotations

import re

NEUTRAL = frozenset({"true", "false", "null", "none", "n/a", "-"})
"""Texts that betray nobody, whatever they stand for."""

_SECRET = re.compile(
    r"authorization|password|passwd|secret|accesstoken|refreshtoken|idtoken|^token$|bearertoken|csrf|apikey|"
    r"assertion|^codeverifier$|credential|cookie|signature|privatekey|passphrase|aspxauth|sessionid|apitoken"
)
"""`signature` is a webhook's proof in headers and a receiver's image or name in bodies: neither is for the screen."""

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"e?mail(?:address(?:es)?|s|id)?$|^emails?")),
    ("phone", re.compile(r"phone|^fax|fax(?:number)?$|^mobile|^tel$|telephone")),
    (
        "street",
        re.compile(
            r"^(?:.*address)?lines?[1-4]$|address(?:line)?[1-4]?$|addressline|street|^addr[1-4]?$|^addrtext|"
            r"addresstext|^address[1-4]|landmark|geolocation|latitude|longitude"
        ),
    ),
    (
        "name",
        re.compile(
            r"firstname|lastname|middlename|fullname|givenname|familyname|surname|contactname|personname|"
            r"customername|^company$|companyname|businessname|addressee|attention|^attn|recipientname|receivedby|"
            r"signedby|signedfor|receivedname|username|consignee|shipto(?:name|company)|billto(?:name|company)|"
            r"shipfrom(?:name|company)|^salutation$"
        ),
    ),
    ("note", re.compile(r"giftmessage|customernotes?|buyernotes?|notesfrombuyer|(?:delivery|special)instructions?")),
    ("content", re.compile(r"graphicimage|htmlimage|labeldata|signatureimage|labelimage|^pdf$|imagedata|filecontent")),
    ("taxid", re.compile(r"taxid|taxidentification|taxregistration|vatnumber|^ssn$|eori")),
)

_HARMLESS = frozenset({
    "address", "addresses", "addressvalidated", "addressverified", "signaturerequired", "signatureoption",
    "signatureconfirmation", "requiressignature", "emailvalidated", "attentionrequired",
})
"""Names that match a rule above and yet are facts: containers are opened, flags and codes are shown."""

_PERSON = re.compile(
    r"recipient|shipto|billto|soldto|shipfrom|shipper|customer|contact|consignee|addressee|buyer|consumer|"
    r"receiver|^from$|^to$|address|deliverylocation|sender|vendorcontact|employee|^user$|^entity$"
)
_THING = re.compile(
    r"item|product|inventory|variant|line|carrier|service|package|shippingmethod|channel|warehouse|fulfillmentcenter|"
    r"facility|status|option|attribute|tag|metadata|store|^error|^links?$"
)


def kind_of(name: str, person: bool) -> str | None:
    """What a member holds: secret, email, phone, street, name, note, content or taxid; None when it says nothing."""
    plain = _plain(name)
    if plain in _HARMLESS:
        return None
    if _SECRET.search(plain):
        return "secret"
    for kind, pattern in _KINDS:
        if pattern.search(plain):
            return kind
    return "name" if person and plain in ("name", "refname", "displayname", "nickname") else None


def person_around(name: str) -> bool | None:
    """Whether the members below this one describe a person (True), a thing (False), or what was true above (None)."""
    plain = _plain(name)
    if _PERSON.search(plain):
        return True
    return False if _THING.search(plain) else None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
