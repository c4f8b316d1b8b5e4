"""Shipper, ship-to and ship-from in UPS's form. (Shipping, ShipTo: names and lines of 35, city 30, three lines.)"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from vendors.ups.codec.places import STATE_NEEDED, country_of, phone_form, postal_form
from vendors.ups.codec.sheet import Sheet
from vendors.ups.codec.text import LINE, LINES, printable, wrapped
from vendors.ups.drafts import Address, Party
from vendors.ups.settings import UpsSystem

CITY = 30
EMAIL = 50


@dataclass(frozen=True)
class Route:
    """The pair of countries that decides most rules. `contact`: attention name and phone are required."""

    origin: str
    destination: str
    contact: bool = False

    @property
    def crosses_a_border(self) -> bool:
        """Whether the two countries differ."""
        return self.origin != self.destination


def shipper_party(system: UpsSystem) -> Party:
    """The connection's shipper as a party."""
    shipper = system.shipper
    address = Address(shipper.address, shipper.city, shipper.state, shipper.postal_code, shipper.country)
    return Party(shipper.name, address, shipper.attention, shipper.phone, shipper.email or "")


def country(party: Party) -> str:
    """The party's country in UPS's codes."""
    return country_of(party.address.country, party.address.state)


def party_form(party: Party, name: str, route: Route, sheet: Sheet) -> dict[str, Any]:
    """A party for Shipping. `name` begins every note: "ship-to"."""
    names, lines = _names_and_lines(party, name, sheet)
    form: dict[str, Any] = {"Name": names[0]}
    attention = names[1] or (names[0] if route.contact else "")
    if attention and not names[1]:
        sheet.note(f"{name} attention name", "is missing, the name stands in for it")
    form |= {"AttentionName": attention} if attention else {}
    form |= _phone(party.phone, country(party), name, route.contact, sheet)
    form |= _email(party.email, name, sheet)
    if party.tax_number:
        form |= _fitting("TaxIdentificationNumber", party.tax_number, 15, f"{name} tax number", sheet)
    form["Address"] = address_form(party.address, lines, name, sheet)
    return form


def address_form(address: Address, lines: tuple[str, ...], name: str, sheet: Sheet) -> dict[str, Any]:
    """The address; `lines` are printable and wrapped already."""
    code = country_of(address.country, address.state)
    if not re.fullmatch(r"[A-Z]{2}", code, re.ASCII):
        sheet.problem(f"{name} country", "must be a code of two letters" if code else "is missing")
    elif code != address.country.strip().upper():
        sheet.note(f"{name} country", f"{code} is a country of its own at UPS")
    form: dict[str, Any] = {"AddressLine": list(lines)}
    form |= _needed("City", printable(address.city, f"{name} city", sheet), CITY, f"{name} city", sheet)
    form |= _state(address.state, code, name, sheet)
    postal = postal_form(address.postal_code, code, f"{name} postal code", sheet)
    form |= {"PostalCode": postal} if postal else {}
    return form | {"CountryCode": code}


def _names_and_lines(party: Party, name: str, sheet: Sheet) -> tuple[tuple[str, str], tuple[str, ...]]:
    """Name and attention of at most 35 characters, and the address lines. What overflows moves down, never away."""
    overflow: list[str] = []
    own = _pieces(printable(party.name, f"{name} name", sheet), f"{name} name", sheet)
    attention = _pieces(printable(party.attention, f"{name} attention name", sheet), f"{name} attention name", sheet)
    if not own:
        sheet.problem(f"{name} name", "is missing")
    if len(own) > 1 and not attention and len(own[1]) <= LINE and len(own) == 2:
        sheet.note(f"{name} name", "continues in the attention name, UPS takes 35 characters")
        own, attention = own[:1], own[1:]
    for pieces, what in ((own, "name"), (attention, "attention name")):
        if len(pieces) > 1:
            sheet.note(f"{name} {what}", "continues in the address lines, UPS takes 35 characters")
            overflow += pieces[1:]
    lines = _lines(party.address, overflow, name, sheet)
    return (own[0] if own else "", attention[0] if attention else ""), lines


def _pieces(text: str, name: str, sheet: Sheet) -> list[str]:
    pieces = wrapped([text], most=LINES + 1)
    if pieces is None:
        sheet.problem(name, f"holds a word of more than {LINE} characters; UPS takes {LINE} in a line")
    return list(pieces or ())


def _lines(address: Address, overflow: list[str], name: str, sheet: Sheet) -> tuple[str, ...]:
    parts = [part for line in address.lines for part in line.splitlines()]
    clean = [text for part in parts if (text := printable(part, f"{name} address", sheet))]
    if not clean:
        sheet.problem(f"{name} address", "has no street line")
        return ()
    fitted = wrapped([*overflow, *clean])
    if fitted is None:
        length = sum(len(text) for text in [*overflow, *clean])
        sheet.problem(
            f"{name} address", f"its {length} characters do not fit into {LINES} lines of {LINE}; shorten it in the ERP"
        )
        return ()
    if list(fitted) != [*overflow, *clean]:
        sheet.note(f"{name} address", f"broken anew into {len(fitted)} lines of at most {LINE} characters")
    return fitted


def _phone(text: str, code: str, name: str, required: bool, sheet: Sheet) -> dict[str, Any]:
    found = phone_form(text, code) if text.strip() else None
    if found is None:
        if required:
            what = "is no number that UPS takes" if text.strip() else "is missing; UPS requires it for this shipment"
            sheet.problem(f"{name} phone", what)
        elif text.strip():
            sheet.note(f"{name} phone", "left out, it is no number that UPS takes")
        return {}
    number, extension = found
    return {"Phone": {"Number": number, **({"Extension": extension} if extension else {})}}


def _email(text: str, name: str, sheet: Sheet) -> dict[str, Any]:
    address = text.strip()
    if not address:
        return {}
    if len(address) > EMAIL or not re.fullmatch(r"[\x21-\x7e]+@[\x21-\x7e]+", address):
        sheet.note(f"{name} e-mail", f"left out, UPS takes one plain address of at most {EMAIL} characters")
        return {}
    return {"EMailAddress": address}


def _state(state: str, code: str, name: str, sheet: Sheet) -> dict[str, Any]:
    value = state.strip().upper()
    if not value:
        if code in STATE_NEEDED:
            sheet.problem(f"{name} state", "is missing")
        return {}
    if code in ("US", "CA") and not re.fullmatch(r"[A-Z]{2}", value, re.ASCII):
        sheet.problem(f"{name} state", "must be the code of two letters")
    if len(value) > 5:
        # A name instead of a code, where no code is needed: an optional member is better left out than guessed.
        sheet.note(f"{name} state", "left out, UPS takes a code of at most 5 characters")
        return {}
    return {"StateProvinceCode": value}


def _needed(key: str, text: str, width: int, name: str, sheet: Sheet) -> dict[str, Any]:
    if not text:
        sheet.problem(name, "is missing")
    return _fitting(key, text, width, name, sheet)


def _fitting(key: str, text: str, width: int, name: str, sheet: Sheet) -> dict[str, Any]:
    if len(text) > width:
        sheet.problem(name, f"has {len(text)} characters, UPS takes {width}")
    return {key: text}
