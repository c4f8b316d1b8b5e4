"""The tracking endpoints. Two shapes are documented for the same answer; both are read into one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from vendors.json_fields import Document
from vendors.shipbob.shapes.fields import as_document, child, children, flag, moment, needed, text, texts, whole

_EARLIEST = datetime.min.replace(tzinfo=UTC)


def plain_status(status: str | None) -> str:
    """A tracking status for comparison: "Available for Pickup" and "AvailableForPickup" give "availableforpickup"."""
    return "".join((status or "").split()).casefold()


@dataclass(frozen=True)
class TrackingEvent:
    """One scan."""

    at: datetime | None
    status: str | None
    substatus: str | None
    code: str | None
    message: str | None = field(repr=False)
    city: str | None
    state: str | None
    country: str | None


@dataclass(frozen=True)
class TrackingReport:
    """Where one parcel is. `events` newest first, each once. `status` is open text: compare with `plain_status`."""

    shipment_id: int
    tracking_number: str | None
    carrier: str | None
    service: str | None
    status: str | None
    substatus: str | None
    code: str | None
    at: datetime | None
    estimated_delivery: datetime | None
    url: str | None
    signed_by: str | None = field(repr=False)
    proof_urls: tuple[str, ...]
    last_mile_carrier: str | None
    last_mile_number: str | None
    events: tuple[TrackingEvent, ...]

    @property
    def is_delivered(self) -> bool:
        """Whether the carrier reports delivery."""
        return plain_status(self.status) == "delivered"


@dataclass(frozen=True)
class UploadResult:
    """Whether the "tracking uploaded" mark of one shipment was set."""

    shipment_id: int
    succeeded: bool
    error: str | None


def parse_upload_results(value: object) -> tuple[UploadResult, ...]:
    """The answer to `shipment:batchUpdateTrackingUpload`. Raises ValueError when a result names no shipment."""
    what = "tracking upload answer"
    document = as_document(value, what)
    return tuple(
        UploadResult(
            shipment_id=needed(whole(item, "shipmentId", what), "shipmentId", what),
            succeeded=flag(item, "isSuccess", what) or False,
            error=_upload_error(item, what),
        )
        for item in children(document, "results", what)
    )


def _upload_error(item: Document, what: str) -> str | None:
    if isinstance(item.get("error"), str):
        return text(item, "error", what)
    error = child(item, "error", what)
    parts = (text(error, "code", what), text(error, "message", what))
    return ": ".join(part for part in parts if part) or None


def parse_tracking_report(value: object) -> TrackingReport:
    """One element of the answer, in either shape. Raises ValueError when it has no shipment id."""
    document = as_document(value, "tracking")
    shipment_id = needed(whole(document, "shipment_id", "tracking"), "shipment_id", "tracking")
    what = f"tracking of shipment {shipment_id}"

    def either(*keys: str) -> str | None:
        return next((found for key in keys if (found := text(document, key, what)) is not None), None)

    last_mile = child(document, "last_mile_carrier", what)
    return TrackingReport(
        shipment_id=shipment_id,
        tracking_number=either("tracking_number", "carrier_tracking_number", "tracking_id"),
        carrier=either("carrier"),
        service=either("service"),
        status=either("current_status", "status"),
        substatus=either("current_substatus", "substatus"),
        code=either("current_substatus_code"),
        at=moment(document, "current_timestamp", what) or moment(document, "last_updated", what),
        estimated_delivery=moment(document, "edd", what) or moment(document, "eta", what),
        url=either("tracking_url", "public_tracking_url"),
        signed_by=either("delivery_signed_by"),
        proof_urls=texts(document, "proof_of_delivery_urls", what),
        last_mile_carrier=text(last_mile, "carrier", what),
        last_mile_number=text(last_mile, "tracking_number", what),
        events=_events(document, what),
    )


def _events(document: Document, what: str) -> tuple[TrackingEvent, ...]:
    """Each scan once, by time and code (a scan without a code: by its substatus), newest first."""
    once: dict[tuple[datetime | None, str | None], TrackingEvent] = {}
    for item in children(document, "history", what):
        event = _event(item, what)
        once.setdefault((event.at, event.code or event.substatus), event)
    return tuple(sorted(once.values(), key=lambda event: event.at or _EARLIEST, reverse=True))


def _event(document: Document, what: str) -> TrackingEvent:
    address = child(document, "address", what)
    return TrackingEvent(
        at=moment(document, "timestamp", what),
        status=text(document, "status", what),
        substatus=text(document, "substatus", what),
        code=text(document, "substatus_code", what),
        message=text(document, "substatus_message", what) or text(document, "message", what),
        city=text(address, "city", what) or text(document, "location", what),
        state=text(address, "state", what),
        country=text(address, "country", what),
    )
