"""Labels of API V2, and the ids that connect them with V1 (migration guide): shipmentId 33974373 is se-33974373."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from vendors.json_fields import Document
from vendors.shipstation.shapes.fields import as_document, child, children, flag, needed, text

MAGIC = {b"%PDF": "pdf", b"\x89PNG": "png", b"^XA": "zpl", b"\x10": "zpl"}
COMPLETED = "completed"


@dataclass(frozen=True)
class LabelPackage:
    """One parcel of a label."""

    tracking_number: str | None
    sequence: int | None


@dataclass(frozen=True)
class Label:
    """A label. `links` by format: addresses, or the file itself as `data:` with label_download_type inline."""

    label_id: str
    status: str
    tracking_number: str | None
    return_label: bool
    voided: bool
    packages: tuple[LabelPackage, ...]
    links: dict[str, str] = field(repr=False)

    @property
    def is_ready(self) -> bool:
        """Whether its file can be had."""
        return self.status == COMPLETED and not self.voided and not self.return_label


def label_id_of(shipment_id: int | str) -> str:
    """The V2 label of a V1 shipment."""
    return f"se-{shipment_id}"


def shipment_id_of(label_id: str) -> int:
    """The V1 shipment of a V2 label. Raises ValueError."""
    number = label_id.removeprefix("se-")
    if number == label_id or not (number.isascii() and number.isdigit()):
        raise ValueError(f"{label_id!r} is no id of the form se-33974373")
    return int(number)


def parse_label(value: object) -> Label:
    """One label. Raises ValueError without an id or a status."""
    document = as_document(value, "label")
    label_id = needed(text(document, "label_id", "label"), "label_id", "label")
    what = f"label {label_id}"
    download = child(document, "label_download", what)
    links = {form: link for form in ("pdf", "png", "zpl", "href") if (link := text(download, form, what))}
    return Label(
        label_id,
        needed(text(document, "status", what), "status", what),
        text(document, "tracking_number", what),
        flag(document, "is_return_label", what) or False,
        flag(document, "voided", what) or False,
        tuple(_package(row, what) for row in children(document, "packages", what) or ()),
        links,
    )


def _package(row: Document, what: str) -> LabelPackage:
    sequence = row.get("sequence")
    return LabelPackage(text(row, "tracking_number", what), sequence if isinstance(sequence, int) else None)


def inline_content(link: str) -> bytes | None:
    """The bytes of an inline file (`data:application/pdf;base64,...`); None for an address. Raises ValueError."""
    if not link.startswith("data:"):
        return None
    head, comma, body = link.partition(",")
    if not comma or not head.endswith(";base64"):
        raise ValueError("an inline label is not base64")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise ValueError("an inline label is not base64") from error


def form_of(content: bytes) -> str | None:
    """pdf, png or zpl by the first bytes; None for anything else."""
    head = content.lstrip()[:8]
    return next((form for magic, form in MAGIC.items() if head.startswith(magic)), None)
