"""What Label Recovery says about a label: here it is, it exists, it was voided, it is not there.

Not found is no proof that no label was bought: the page does not say how soon a new label can be recovered.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from connector.transport import Reply
from vendors.ups.problems import error_codes
from vendors.ups.shapes.fields import (
    Document,
    Image,
    as_list,
    children,
    cleaned,
    image_or_none,
    loose,
    response,
    succeeded,
    text,
)


class Recovery(StrEnum):
    """The verdict."""

    FOUND = "found"  # labels are there, with or without image
    EXISTS = "exists"  # the shipment exists, its label cannot be recovered (see `code`)
    VOIDED = "voided"  # it existed and was voided
    CANDIDATES = "candidates"  # several shipments carry the reference
    NOT_FOUND = "not_found"  # no proof of anything


EXISTING_CODES = {
    "9800020": "the label has expired",
    "9801028": "the package is already on its way",
    "9801041": "the shipment is not processed yet",
    "9801042": "the shipment is not processed yet",
}
"""Refusals that prove that the shipment exists."""

VOIDED_CODE = "9801040"
NOT_FOUND_CODE = "9801031"


@dataclass(frozen=True)
class RecoveredLabel:
    """One label. With PDF only the first of a shipment has an image."""

    tracking_number: str
    label: Image | None


@dataclass(frozen=True)
class LabelRecovery:
    """The verdict and what came with it. `shipment_id` is empty where UPS does not name it."""

    verdict: Recovery
    shipment_id: str = ""
    labels: tuple[RecoveredLabel, ...] = ()
    candidates: tuple[str, ...] = ()
    code: str = ""
    text: str = ""

    @property
    def proves_a_label(self) -> bool:
        """Whether a label was surely bought under what was asked for (a voided one has been bought as well)."""
        return self.verdict is not Recovery.NOT_FOUND

    @property
    def tracking_numbers(self) -> tuple[str, ...]:
        """Every 1Z that came back."""
        return tuple(dict.fromkeys([*(label.tracking_number for label in self.labels), *self.candidates]))


def read_recovery(reply: Reply) -> LabelRecovery:
    """The verdict of a reply. Raises ValueError."""
    return parse_recovery(reply.json())


def parse_recovery(document: Any) -> LabelRecovery:
    """The verdict of a parsed body, be it labels or one of the telling refusals. Raises ValueError."""
    refused = _refused(document)
    if refused is not None:
        return refused
    what = "label recovery"
    part = response(document, "LabelRecoveryResponse")
    if not succeeded(part, what):
        raise ValueError(f"UPS {what}: the answer does not report success")
    shipment_id = text(part, "ShipmentIdentificationNumber") or ""
    labels = tuple(_label(item, shipment_id) for item in children(part, "LabelResults", what))
    labels = tuple(label for label in labels if label.tracking_number)
    candidates = _candidates(part)
    if labels:
        return LabelRecovery(Recovery.FOUND, shipment_id or labels[0].tracking_number, labels, candidates)
    if candidates:
        return LabelRecovery(Recovery.CANDIDATES, candidates=candidates)
    raise ValueError(f"UPS {what}: the answer holds neither a label nor a candidate")


def _label(item: Document, shipment_id: str) -> RecoveredLabel:
    part = loose(item, "LabelImage")
    stated = text(loose(part, "LabelImageFormat"), "Code")
    found = image_or_none(text(part, "GraphicImage"), stated)
    return RecoveredLabel(text(item, "TrackingNumber") or shipment_id, found)


def _candidates(part: Document) -> tuple[str, ...]:
    """Numbers of `TrackingCandidate`: objects with a TrackingNumber, or plain texts."""
    found = []
    for item in as_list(part.get("TrackingCandidate")):
        value = text(item, "TrackingNumber") if isinstance(item, dict) else item
        if isinstance(value, str) and cleaned(value):
            found.append(cleaned(value))
    return tuple(found)


def _refused(document: Any) -> LabelRecovery | None:
    codes = error_codes(document)
    for code in codes:
        if code in EXISTING_CODES:
            return LabelRecovery(Recovery.EXISTS, code=code, text=EXISTING_CODES[code])
    if VOIDED_CODE in codes:
        return LabelRecovery(Recovery.VOIDED, code=VOIDED_CODE, text="the label was voided")
    if NOT_FOUND_CODE in codes:
        return LabelRecovery(Recovery.NOT_FOUND, code=NOT_FOUND_CODE, text="no such label was found")
    return None
