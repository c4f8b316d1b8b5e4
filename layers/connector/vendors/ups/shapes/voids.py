"""The answer to a void. (Shipping, Void: already voided counts as voided.)"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connector.transport import Reply
from vendors.ups.problems import error_codes
from vendors.ups.shapes.fields import Document, child, children, needed, response, succeeded, text

ALREADY_VOIDED = "190117"


@dataclass(frozen=True)
class VoidResult:
    """`voided`: the whole shipment, or every package that was asked for. `packages`: per 1Z, for package voids."""

    voided: bool
    already: bool
    packages: tuple[tuple[str, bool], ...] = ()
    description: str = ""

    @property
    def refused(self) -> tuple[str, ...]:
        """The packages that are still alive."""
        return tuple(number for number, voided in self.packages if not voided)


def read_void(reply: Reply) -> VoidResult:
    """The result of a (stored) reply. A refusal "already voided" is a success. Raises ValueError."""
    return parse_void(reply.json())


def parse_void(document: Any) -> VoidResult:
    """The same for a parsed body. Raises ValueError."""
    if ALREADY_VOIDED in error_codes(document):
        return VoidResult(voided=True, already=True, description="already voided")
    what = "void"
    part = response(document, "VoidShipmentResponse")
    if not succeeded(part, what):
        raise ValueError(f"UPS {what}: the answer does not report success")
    summary = child(child(part, "SummaryResult", what), "Status", what)
    code = text(summary, "Code")
    packages = _packages(part, what)
    if code is None and not packages:
        raise ValueError(f"UPS {what}: the answer says neither voided nor not voided")
    # A package void may come back with a good summary although one package was not voided.
    voided = all(done for _, done in packages) if packages else code == "1"
    return VoidResult(voided, False, packages, text(summary, "Description") or "")


def _packages(part: Document, what: str) -> tuple[tuple[str, bool], ...]:
    """`PackageLevelResults`, in reality also `PackageLevelResult`, object or list."""
    items = [*children(part, "PackageLevelResults", what), *children(part, "PackageLevelResult", what)]
    return tuple(
        (needed(item, "TrackingNumber", what), text(child(item, "Status", what), "Code") == "1") for item in items
    )
