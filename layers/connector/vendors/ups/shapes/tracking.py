"""Where parcels are. (Tracking: not found is HTTP 200 with a warning; texts are translated, codes are not.)"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from vendors.ups.codec.numbers import tidy_number
from vendors.ups.shapes.fields import (
    Document,
    Image,
    as_document,
    children,
    image_or_none,
    loose,
    text,
)
from vendors.ups.shapes.rates import whole
from vendors.ups.shapes.status import FINAL, Standing, standing
from vendors.ups.times import clock_text, local_text, parse_day, scan_instant

NOT_FOUND = "TW0001"


@dataclass(frozen=True)
class Activity:
    """One scan. `at` None: UPS gives no zone, then only `local` (2026-07-15T14:32:07, at the place) is known."""

    at: datetime | None
    local: str
    standing: Standing
    type: str
    code: str
    status_code: str
    description: str
    city: str
    state: str
    country: str

    @property
    def place(self) -> str:
        """City, state, country, as far as UPS says."""
        return ", ".join(part for part in (self.city, self.state, self.country) if part)

    def key(self, tracking_number: str) -> tuple[str, ...]:
        """Names the scan: the same in every answer that holds it."""
        return (tracking_number, self.local, self.type, self.code, self.status_code, self.city)


@dataclass(frozen=True)
class Delivery:
    """The delivery, as far as UPS tells. Who received it and the signature are shown to parties of the parcel only.

    day and time are local to the destination.
    """

    day: date | None
    time: str | None
    at: datetime | None
    received_by: str | None = field(repr=False)
    location: str | None
    signature: Image | None
    photo: Image | None
    proof: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class TrackedPackage:
    """One parcel. `activities` newest first. promised: scheduled or rescheduled day, local to the destination."""

    tracking_number: str
    standing: Standing
    description: str
    activities: tuple[Activity, ...]
    delivery: Delivery | None
    promised: date | None
    rescheduled: date | None
    references: tuple[str, ...]
    packages_in_shipment: int | None
    weight: str | None

    @property
    def is_final(self) -> bool:
        """Whether nothing more will come."""
        return self.standing in FINAL

    @property
    def latest(self) -> Activity | None:
        """The newest scan."""
        return self.activities[0] if self.activities else None


@dataclass(frozen=True)
class TrackResult:
    """What UPS knows. Not found is no proof that there is no label: new ones take a while to appear."""

    packages: tuple[TrackedPackage, ...]
    warnings: tuple[tuple[str, str], ...]
    picked_up: date | None = None

    @property
    def found(self) -> bool:
        """Whether UPS holds anything."""
        return bool(self.packages)

    def package(self, tracking_number: str) -> TrackedPackage | None:
        """The parcel with this number."""
        wanted = tidy_number(tracking_number)
        return next((package for package in self.packages if package.tracking_number == wanted), None)


NOTHING = TrackResult((), ((NOT_FOUND, "Tracking Information Not Found"),))


def parse_track(document: Any) -> TrackResult:
    """The answer of any Tracking call. Raises ValueError."""
    what = "tracking"
    root = as_document(as_document(document, what).get("trackResponse"), f"{what}: trackResponse")
    shipments = children(root, "shipment", what)
    packages: dict[str, TrackedPackage] = {}
    warnings: list[tuple[str, str]] = []
    for shipment in shipments:
        inquiry = text(shipment, "inquiryNumber")
        for item in children(shipment, "package", what):
            package = _package(item, inquiry, what)
            packages.setdefault(package.tracking_number, package)
        for warning in children(shipment, "warnings", what):
            warnings.append((text(warning, "code") or "", text(warning, "message") or ""))
    picked_up = next((day for shipment in shipments if (day := parse_day(text(shipment, "pickupDate")))), None)
    return TrackResult(tuple(packages.values()), tuple(warnings), picked_up)


def _package(item: Document, inquiry: str | None, what: str) -> TrackedPackage:
    number = tidy_number(text(item, "trackingNumber") or inquiry or "")
    if not number:
        raise ValueError(f"UPS {what}: a package has no tracking number")
    days = {text(day, "type"): parse_day(text(day, "date")) for day in children(item, "deliveryDate", what)}
    on_record = days.get("DEL") is not None
    activities = _newest_first([_activity(scan, on_record) for scan in children(item, "activity", what)])
    status = loose(item, "currentStatus")
    current = standing(text(status, "type"), text(status, "statusCode"), delivered_on_record=on_record)
    if not status and activities:
        current = activities[0].standing
    return TrackedPackage(
        tracking_number=number,
        standing=current,
        description=text(status, "description") or (activities[0].description if activities else ""),
        activities=activities,
        delivery=_delivery(item, days.get("DEL"), activities) if current is Standing.DELIVERED else None,
        promised=days.get("SDD"),
        rescheduled=days.get("RDD"),
        references=tuple(
            value for reference in children(item, "referenceNumber", what) if (value := text(reference, "number"))
        ),
        packages_in_shipment=whole(text(item, "packageCount")),
        weight=text(loose(item, "weight"), "weight"),
    )


def _activity(scan: Document, delivered_on_record: bool) -> Activity:
    status = loose(scan, "status")
    address = loose(loose(scan, "location"), "address")
    day, time = text(scan, "date"), text(scan, "time")
    return Activity(
        at=scan_instant(day, time, text(scan, "gmtDate"), text(scan, "gmtTime"), text(scan, "gmtOffset")),
        local=local_text(day, time),
        standing=standing(
            text(status, "type"), text(status, "statusCode"), delivered_on_record=delivered_on_record
        ),
        type=text(status, "type") or "",
        code=text(status, "code") or "",
        status_code=text(status, "statusCode") or "",
        description=text(status, "description") or "",
        city=text(address, "city") or "",
        state=text(address, "stateProvince") or "",
        country=text(address, "countryCode") or text(address, "country") or "",
    )


def _newest_first(activities: list[Activity]) -> tuple[Activity, ...]:
    """By instant. Where one has none, UPS's own order stays, which is newest first as well."""
    known = [(activity.at, activity) for activity in activities if activity.at is not None]
    if len(known) != len(activities):
        return tuple(activities)
    return tuple(activity for _, activity in sorted(known, key=lambda pair: pair[0], reverse=True))


def _delivery(item: Document, day: date | None, activities: tuple[Activity, ...]) -> Delivery:
    scan = next((activity for activity in activities if activity.standing is Standing.DELIVERED), None)
    facts = loose(item, "deliveryInformation")
    photo = loose(facts, "deliveryPhoto")
    time = loose(item, "deliveryTime")
    stated = text(time, "endTime") if text(time, "type") == "DEL" else None
    local = scan.local if scan is not None else ""
    return Delivery(
        day=day or parse_day(local[:10]),
        time=clock_text(stated) or (local[11:] or None),
        at=scan.at if scan is not None else None,
        received_by=text(facts, "receivedBy"),
        location=text(facts, "location"),
        signature=image_or_none(text(loose(facts, "signature"), "image")),
        photo=image_or_none(text(photo, "photo")),
        proof=text(loose(facts, "pod"), "content"),
    )
