"""Track Alert: the answer to a subscription, and the events that UPS pushes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from vendors.ups.codec.numbers import tidy_number
from vendors.ups.identity import push_key
from vendors.ups.problems import has_errors
from vendors.ups.shapes.fields import Document, Image, as_document, image_or_none, loose, text, texts
from vendors.ups.shapes.status import Standing, standing
from vendors.ups.times import clock_text, local_text, parse_day, scan_instant


@dataclass(frozen=True)
class Subscription:
    """What became of one batch. A number lives 14 days; there is no unsubscribing. `unanswered`: in neither list."""

    valid: tuple[str, ...]
    invalid: tuple[str, ...]
    unanswered: tuple[str, ...]


def parse_subscription(document: Any, asked: Sequence[str]) -> Subscription:
    """Partial success is a success: the lists are compared with what was asked. Raises ValueError.

    The refusal of a whole batch (VSS210, VSS215) is read too: where it lists none, none is valid.
    """
    root = as_document(document, "subscription")
    valid = {tidy_number(number) for number in texts(root, "validTrackingNumbers")}
    invalid = {tidy_number(number) for number in texts(root, "invalidTrackingNumbers")}
    if has_errors(root):
        nested = {tidy_number(number) for number in texts(loose(root, "response"), "invalidTrackingNumbers")}
        invalid = invalid | nested or set(asked) - valid
    elif not valid and not invalid and asked:
        raise ValueError("UPS subscription: the answer names no tracking number")
    return Subscription(
        tuple(number for number in asked if number in valid),
        tuple(number for number in asked if number in invalid and number not in valid),
        tuple(number for number in asked if number not in valid and number not in invalid),
    )


@dataclass(frozen=True)
class PushEvent:
    """One pushed event: a hint, sent once, in any order. Empty where UPS left it blank.

    Standard pushes name no receiver and no signature: after a delivery the parcel is tracked once.
    """

    tracking_number: str
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
    scheduled: date | None
    delivered: date | None
    delivered_time: str | None
    received_by: str | None = field(repr=False)
    photo: Image | None
    key: str


def parse_push(document: Any) -> PushEvent:
    """The event of a push. UPS's own samples break its schema, so only the number and a status are required.

    Raises ValueError.
    """
    root = as_document(document, "push")
    status = loose(root, "activityStatus")
    number = tidy_number(text(root, "trackingNumber") or "")
    if not number or not status:
        raise ValueError("UPS push: it has no tracking number or no status")
    location = loose(root, "activityLocation")
    day, time = text(root, "localActivityDate"), text(root, "localActivityTime")
    gmt_day, gmt_time = text(root, "gmtActivityDate"), text(root, "gmtActivityTime")
    delivered = parse_day(text(root, "actualDeliveryDate"))
    return PushEvent(
        tracking_number=number,
        at=scan_instant(day, time, gmt_day, gmt_time, text(root, "gmtOffset")),
        local=local_text(day, time),
        standing=_standing(status, delivered),
        type=text(status, "type") or "",
        code=text(status, "code") or "",
        status_code=text(status, "descriptionCode") or text(status, "statusCode") or "",
        description=text(status, "description") or "",
        city=text(location, "city") or "",
        state=text(location, "stateProvince") or "",
        country=text(location, "country") or text(location, "countryCode") or "",
        scheduled=parse_day(text(root, "scheduledDeliveryDate")),
        delivered=delivered,
        delivered_time=clock_text(text(root, "actualDeliveryTime")),
        received_by=text(root, "receivedBy"),
        photo=image_or_none(_photo(root)),
        key=push_key(root),
    )


def _standing(status: Document, delivered: date | None) -> Standing:
    """Type D alone may mean "loaded on the vehicle": a code of delivery or a stated day of delivery is required."""
    kind, code = text(status, "type"), text(status, "descriptionCode") or text(status, "statusCode")
    found = standing(kind, code, delivered_on_record=delivered is not None)
    return Standing.DELIVERED if found is Standing.UNKNOWN and kind == "D" and delivered is not None else found


def _photo(root: Document) -> str | None:
    """The enhanced push carries it as text or as an object."""
    return text(root, "deliveryPhoto") or text(loose(root, "deliveryPhoto"), "photo")
