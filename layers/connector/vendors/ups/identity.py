"""What names a pushed event. Light: part of the webhook's cold start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vendors.ups.codec.numbers import tidy_number


def push_key(document: Mapping[str, Any]) -> str:
    """Names a pushed event: 1Z, gmt day and time (else the local ones), type, code. "" without a tracking number.

    Two events can share a second, and the same event can come twice. Total: for use at the edge.
    """
    number = tidy_number(_text(document, "trackingNumber"))
    if not number:
        return ""
    day = _text(document, "gmtActivityDate") or _text(document, "localActivityDate")
    time = _text(document, "gmtActivityTime") or _text(document, "localActivityTime")
    return "#".join((number, day, time, push_topic(document).replace("/", "#")))


def push_topic(document: Mapping[str, Any]) -> str:
    """UPS's words for the kind of event: `D/FS`. Empty members leave the stroke."""
    status = document.get("activityStatus")
    part = status if isinstance(status, Mapping) else {}
    return f"{_text(part, 'type')}/{_text(part, 'code')}"


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    if isinstance(value, int) and not isinstance(value, bool):  # the day as a bare number
        return str(value)
    return value.strip() if isinstance(value, str) else ""
