"""The images of a label: out of UPS's stored answer, else recovered, kept in the bucket."""

from __future__ import annotations

from dataclasses import dataclass, field

from acumatica_ups.book import Label
from acumatica_ups.clients import Accounts
from connector.faults import FaultKind, VendorFault
from connector.pair import Work
from connector.services import Services
from vendors.ups.client import Ups
from vendors.ups.faults import VENDOR
from vendors.ups.shapes import Image, ShipResult, read_ship

PASSING = frozenset({FaultKind.NOT_SENT, FaultKind.BUDGET, FaultKind.THROTTLED, FaultKind.UNAVAILABLE,
                     FaultKind.EXPIRED})  # fmt: skip
NOT_YET = frozenset({"9801041", "9801042"})
"""The shipment exists and is not processed yet."""

CONTENT = {"ZPL": "application/octet-stream", "GIF": "image/gif", "PNG": "image/png", "PDF": "application/pdf"}


@dataclass
class Kept:
    """Labels by 1Z with their formats, and customs papers (PDF)."""

    images: dict[str, bytes] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    papers: list[bytes] = field(default_factory=list)

    def suffix(self, number: str) -> str:
        """A file name's ending."""
        return f".{self.forms.get(number, 'bin').lower()}"


def label_place(connection: str, shipment: str, number: str) -> str:
    """Where a label lies in the bucket."""
    return f"labels/{connection}/{shipment}/{number}"


def signature_place(connection: str, shipment: str, number: str) -> str:
    """Where a signature lies in the bucket."""
    return f"signatures/{connection}/{shipment}/{number}"


def keep(work: Work[Accounts], shipment: str, label: Label) -> Kept:
    """Puts every label into the bucket, and answers them. Raises VendorFault where UPS cannot be asked now."""
    kept = Kept()
    formats: dict[str, str] = dict(work.record.links.get("labels") or {})
    for number in label.numbers:
        if number in formats:
            kept.images[number] = work.services.bodies.get(label_place(work.connection.name, shipment, number))
            kept.forms[number] = formats[number]
    result = _bought(work, label)
    if result is not None:
        _note_alerts(work, result)
        kept.papers = [form.content for form in result.forms]
    for number in label.numbers:
        if number not in kept.images and (image := _image(work, result, number)) is not None:
            store_label(work.services, label_place(work.connection.name, shipment, number), image)
            kept.images[number], kept.forms[number] = image.content, image.form
    work.link(labels={**formats, **kept.forms})
    return kept


def store_label(services: Services, place: str, image: Image) -> None:
    """Keeps a label; the same place overwrites."""
    services.bodies.put(place, image.content, CONTENT.get(image.form, "application/octet-stream"))


def _bought(work: Work[Accounts], label: Label) -> ShipResult | None:
    """UPS's answer to the purchase. None for a label that was found again: its answer never arrived."""
    reply = work.ledger.answer_of(label.intent) if label.intent is not None else None
    if reply is None:
        return None
    try:
        return read_ship(reply, len(label.numbers))
    except ValueError:
        work.note("UPS's answer to the purchase could not be read; the label was found by its reference")
        return None


def _image(work: Work[Accounts], result: ShipResult | None, number: str) -> Image | None:
    if result is not None:
        image = next((package.label for package in result.packages if package.tracking_number == number), None)
        if image is not None:
            return image
        work.note(f"the image of label {number} was missing in UPS's answer: it is recovered")
    return recovered(work.clients.ups, number)


def recovered(ups: Ups, number: str) -> Image | None:
    """The label once more from UPS, None when UPS does not give it. Raises VendorFault where it cannot be asked now."""
    try:
        recovery = ups.recover_label(number)
    except VendorFault as fault:
        if fault.kind in PASSING:
            raise
        return None
    if recovery.code in NOT_YET:
        raise VendorFault(VENDOR, FaultKind.UNAVAILABLE, f"label {number}: {recovery.text}; asked again later")
    return next((label.label for label in recovery.labels if label.tracking_number == number), None)


def _note_alerts(work: Work[Accounts], result: ShipResult) -> None:
    if result.lacks_negotiated_rates:
        work.note("UPS charges published rates: the account is not eligible for rates of its own through this app")
    for note in result.notes:
        work.note(note)
