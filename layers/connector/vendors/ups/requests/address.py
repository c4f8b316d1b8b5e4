"""The body that asks whether an address exists, and the key under which its answer may be remembered."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Any

from vendors.ups.codec.places import country_of
from vendors.ups.codec.sheet import Sheet
from vendors.ups.codec.text import printable, wrapped
from vendors.ups.drafts import Address, Built, Lacking, Party, outcome
from vendors.ups.settings import UpsSystem

STREET_LEVEL = frozenset({"US", "PR"})
"""Where UPS validates streets; elsewhere the question is skipped."""

TEST_STATES = frozenset({"NY", "CA"})
NAME = 40
LINE = 100
DIVISION = 30


def is_covered(address: Address, system: UpsSystem) -> bool:
    """Whether UPS can say anything about this address; in the test environment only NY and CA are known."""
    code = country_of(address.country, address.state)
    if code not in STREET_LEVEL:
        return False
    return not system.cie or address.state.strip().upper() in TEST_STATES


def address_key(address: Address) -> str:
    """64 hex characters, the same for the same address however it is written: case, marks, blanks, US spelling of PR.

    A hash, because an address must not stand in a table's key.
    """
    code = country_of(address.country, address.state)
    parts = [" ".join(address.lines), address.city, address.state, re.sub(r"[\s-]", "", address.postal_code), code]
    return hashlib.sha256("\x1f".join(_normal(part) for part in parts).encode()).hexdigest()


def _normal(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^\w/#-]", " ", plain).split())


def xav_request(party: Party) -> Built | Lacking:
    """The body for `Ups.validate_address`: `AddressKeyFormat` is one object, never with `Region`, which would win."""
    sheet, address = Sheet(), party.address
    form: dict[str, Any] = {}
    name = printable(party.name, "name", Sheet())[:NAME].strip()  # only a hint for the search, printed nowhere
    form |= {"ConsigneeName": name} if name else {}
    parts = [part for line in address.lines for part in line.splitlines()]
    lines = [text for part in parts if (text := printable(part, "address", sheet))]
    fitted = wrapped(lines, LINE, 3)
    if not fitted:
        sheet.problem("address", "does not fit into 3 lines of 100 characters" if lines else "has no street line")
    form["AddressLine"] = list(fitted or ())
    city = printable(address.city, "city", sheet)
    if len(city) > DIVISION:
        sheet.problem("city", f"has {len(city)} characters, UPS takes {DIVISION}")
    form |= {"PoliticalDivision2": city} if city else {}
    form |= _state(address.state.strip().upper(), sheet)
    form |= _postcode(address.postal_code, sheet)
    form["CountryCode"] = country_of(address.country, address.state)
    return outcome({"XAVRequest": {"AddressKeyFormat": form}}, sheet.problems, sheet.notes)


def _state(state: str, sheet: Sheet) -> dict[str, str]:
    if state and not re.fullmatch(r"[A-Z]{2}", state, re.ASCII):
        sheet.problem("state", "must be the code of two letters")
        return {}
    return {"PoliticalDivision1": state} if state else {}


def _postcode(text: str, sheet: Sheet) -> dict[str, str]:
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"(\d{5}(\d{4})?)?", digits, re.ASCII):
        sheet.problem("postal code", "must have 5 or 9 digits")
        return {}
    found = {"PostcodePrimaryLow": digits[:5]} if digits else {}
    return found | ({"PostcodeExtendedLow": digits[5:]} if len(digits) == 9 else {})
