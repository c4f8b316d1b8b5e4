"""The client of API V2: label files. Its key, its limit and its errors are its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from connector.faults import Executed, FaultKind, VendorFault
from connector.transport import Transport
from vendors.shipstation.calls import Calls, unreadable
from vendors.shipstation.faults import VENDOR
from vendors.shipstation.settings import ShipStationSystem
from vendors.shipstation.shapes import Label, form_of, inline_content, label_id_of, parse_label


@dataclass(frozen=True)
class LabelFile:
    """A label as a file. `form`: pdf, png or zpl, by its bytes."""

    content: bytes
    form: str


@dataclass(frozen=True)
class Labels:
    """The labels of one account."""

    transport: Transport
    system: ShipStationSystem
    release: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Ends the piece of work."""
        self.release()

    @property
    def calls(self) -> Calls:
        """For calls that have no method here."""
        return Calls(self.transport, f"{self.system.labels_url}/v2", self.system.timeout_seconds)

    def label(self, shipment_id: int) -> Label | None:
        """Get Label by the V1 shipment's number; the files come as addresses. None when there is none (empty 404)."""
        path, query = f"labels/{label_id_of(shipment_id)}", [("label_download_type", "url")]
        return self.calls.optional(path, "read label", parse_label, query)

    def file(self, label: Label, form: str) -> LabelFile:
        """The file in this format, else in the one that there is. Raises VendorFault.

        The key goes to the configured host only: the address in the answer is checked, and its path asked for there.
        """
        link = label.links.get(form) or label.links.get("href") or next(iter(label.links.values()), "")
        if not link:
            raise VendorFault(VENDOR, FaultKind.NOT_FOUND, f"label {label.label_id} has no file", Executed.NO)
        try:
            content = inline_content(link)
        except ValueError as error:
            raise unreadable("read label file", error) from error
        content = self._download(link) if content is None else content
        found = form_of(content)
        if found is None:
            raise unreadable("read label file", ValueError("neither PDF nor PNG nor ZPL"))
        return LabelFile(content, found)

    def _download(self, link: str) -> bytes:
        own, parts = urlsplit(self.system.labels_url), urlsplit(link)
        inside = parts.path.startswith("/v2/downloads/") and ".." not in parts.path and not parts.fragment
        hosts = ((own.scheme, own.netloc.lower()), ("https", "api.shipstation.com"))
        if (parts.scheme, parts.netloc.lower()) not in hosts or not inside:
            text = "the label's file lies at another address than labels_url; it is not fetched, the key stays here"
            raise VendorFault(VENDOR, FaultKind.CONFIGURATION, text, Executed.NO, alarm=True)
        reply = self.calls.get(parts.path.removeprefix("/v2/"), "read label file")
        return reply.body
