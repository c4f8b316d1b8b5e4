"""What address validation says. (XAV: three indicators that count by presence; candidates are proposals only.)"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from vendors.ups.shapes.fields import Document, children, loose, present, response, succeeded, text, texts


class Validity(StrEnum):
    """The verdict on an address."""

    VALID = "valid"
    AMBIGUOUS = "ambiguous"
    NONE = "none"  # no such address
    UNSAID = "unsaid"  # no indicator came (classification alone was asked for)
    UNCOVERED = "uncovered"  # UPS says nothing about this country, or not in its test environment


class Classification(StrEnum):
    """What kind of address it is."""

    UNKNOWN = "unknown"
    COMMERCIAL = "commercial"
    RESIDENTIAL = "residential"


_CLASSES = {"1": Classification.COMMERCIAL, "2": Classification.RESIDENTIAL}


@dataclass(frozen=True)
class Candidate:
    """An address that UPS knows. Lines may be ranges of house numbers, suites may be missing: propose, never copy."""

    lines: tuple[str, ...] = field(repr=False)
    city: str = field(repr=False)
    state: str
    postal_code: str = field(repr=False)
    country: str
    classification: Classification

    @property
    def line(self) -> str:
        """All of it in one line, for a person."""
        place = " ".join(part for part in (self.state, self.postal_code) if part)
        return ", ".join(part for part in (*self.lines, self.city, place, self.country) if part)


@dataclass(frozen=True)
class AddressVerdict:
    """The verdict, the kind of address and UPS's candidates."""

    validity: Validity
    classification: Classification = Classification.UNKNOWN
    candidates: tuple[Candidate, ...] = ()

    @property
    def residential(self) -> bool | None:
        """Whether to say residential on the label: known only for a valid address that UPS could classify."""
        if self.validity is not Validity.VALID or self.classification is Classification.UNKNOWN:
            return None
        return self.classification is Classification.RESIDENTIAL


UNCOVERED = AddressVerdict(Validity.UNCOVERED)


def parse_address(document: Any) -> AddressVerdict:
    """The verdict of an answer. Raises ValueError when it does not report success or says two things at once."""
    what = "address validation"
    part = response(document, "XAVResponse")
    if not succeeded(part, what):
        raise ValueError(f"UPS {what}: the answer does not report success")
    said = [
        validity
        for key, validity in (
            ("ValidAddressIndicator", Validity.VALID),
            ("AmbiguousAddressIndicator", Validity.AMBIGUOUS),
            ("NoCandidatesIndicator", Validity.NONE),
        )
        if present(part, key)
    ]
    if len(said) > 1:
        raise ValueError(f"UPS {what}: the answer holds two verdicts at once")
    candidates = tuple(_candidate(item, what) for item in children(part, "Candidate", what))
    return AddressVerdict(said[0] if said else Validity.UNSAID, _classification(part), candidates)


def _classification(part: Document) -> Classification:
    return _CLASSES.get(text(loose(part, "AddressClassification"), "Code") or "", Classification.UNKNOWN)


def _candidate(item: Document, what: str) -> Candidate:
    key = loose(item, "AddressKeyFormat")
    postal, extended = text(key, "PostcodePrimaryLow") or "", text(key, "PostcodeExtendedLow")
    return Candidate(
        lines=texts(key, "AddressLine"),
        city=text(key, "PoliticalDivision2") or "",
        state=text(key, "PoliticalDivision1") or "",
        postal_code=f"{postal}-{extended}" if postal and extended else postal,
        country=text(key, "CountryCode") or "",
        classification=_classification(item),
    )
