"""Address validation before a label is bought: asked once per address, remembered without the address itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from acumatica_ups.settings import AcumaticaUps
from connector.instants import epoch_seconds, instant_text, parse_instant
from connector.outcome import Held, Missing
from connector.ports import Item
from connector.record import from_json, to_json
from connector.services import Services
from vendors.ups.client import Ups
from vendors.ups.drafts import Address, Lacking, Party
from vendors.ups.requests import address_key, is_covered, xav_request
from vendors.ups.shapes import AddressVerdict, Candidate, Classification, Validity

ACCEPTED = "accepted_addresses"
SHOWN = 5
"""Candidates that are told to a person."""


def judged(
    services: Services, document: AcumaticaUps, ups: Ups, party: Party, number: str, note: Any
) -> bool | Held | None:
    """Whether the address is residential (None: the ERP's own flag counts), or why the shipment is held."""
    rules = document.settings.addresses
    if not rules.validate_first or not is_covered(party.address, document.systems.ups):
        return None
    key = address_key(party.address)
    verdict = _remembered(services, document, key) or _asked(services, document, ups, party, key)
    if isinstance(verdict, Held):
        return verdict
    if verdict["validity"] in (Validity.VALID, Validity.UNCOVERED):
        residential: bool | None = verdict["residential"]
        return residential
    if key in document.tables.accepted_addresses:
        note("the ship-to address is not one that UPS knows; a person has accepted it")
        return None
    told = _told(verdict)
    choice = rules.unknown if verdict["validity"] == Validity.NONE else rules.ambiguous
    if choice == "continue":
        note(f"address validation: {told}; the label is bought all the same")
        return None
    return Held(
        f"the ship-to address of shipment {number}: {told}. Correct it in Acumatica; or, if it is right, add its key "
        f"to table {ACCEPTED} with a word on who checked it: {key}",
        (Missing(ACCEPTED, key),),
    )


def _remembered(services: Services, document: AcumaticaUps, key: str) -> dict[str, Any] | None:
    item = services.tables.get("state", f"address/{document.connection}", key)
    if item is None:
        return None
    life = timedelta(days=document.settings.addresses.remember_days)
    if services.clock() - parse_instant(str(item["at"])) > life:
        return None
    found: dict[str, Any] = from_json(str(item["data"]))
    return found


def _asked(
    services: Services, document: AcumaticaUps, ups: Ups, party: Party, key: str
) -> dict[str, Any] | Held:
    built = xav_request(party)
    if isinstance(built, Lacking):
        return Held(f"the ship-to address cannot be validated: {built.text}. Correct it in Acumatica.")
    verdict = plain_verdict(ups.validate_address(built.body), party.address)
    now = services.clock()
    item: Item = {
        "pk": f"address/{document.connection}",
        "sk": key,
        "at": instant_text(now),
        "expires_at": epoch_seconds(now + timedelta(days=document.settings.addresses.remember_days)),
        "data": to_json(verdict),
    }
    services.tables.put("state", item)
    return verdict


def plain_verdict(verdict: AddressVerdict, address: Address) -> dict[str, Any]:
    """The verdict as it is stored. Of a candidate: its postal code, and which fields differ from ours."""
    return {
        "validity": verdict.validity.value,
        "residential": verdict.residential,
        "classified": verdict.classification is not Classification.UNKNOWN,
        "candidates": [
            [candidate.postal_code, _differences(candidate, address)] for candidate in verdict.candidates[:SHOWN]
        ],
    }


def _differences(candidate: Candidate, address: Address) -> list[str]:
    pairs = (
        ("street", " ".join(candidate.lines), " ".join(address.lines)),
        ("city", candidate.city, address.city),
        ("state", candidate.state, address.state),
        ("postal code", candidate.postal_code[:5], address.postal_code[:5]),
    )
    return [name for name, theirs, ours in pairs if _plain(theirs) != _plain(ours)]


def _plain(text: str) -> str:
    return " ".join(text.upper().replace(".", " ").replace(",", " ").split())


def _told(verdict: dict[str, Any]) -> str:
    """The verdict for a person. UPS's candidates are proposals, and an address does not belong into an audit line."""
    rows: Sequence[Any] = verdict["candidates"]
    head = "UPS knows no such address" if verdict["validity"] == Validity.NONE else "UPS knows several like it"
    if not rows:
        return f"{head} and proposes none"
    listed = "; ".join(
        f"{code or 'no postal code'} (differs in {', '.join(names) or 'nothing'})" for code, names in rows
    )
    return f"{head}; candidates by postal code: {listed}"
