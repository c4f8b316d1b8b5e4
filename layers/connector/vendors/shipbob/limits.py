"""What ShipBob says about the calls that are left (rate limit page: 150 a minute, per user and application)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from connector.transport import Reply

PER_MINUTE = 150
_REMAINING = ("x-remaining-calls", "x-ratelimit-remaining")  # the first is live, the second stands on one FAQ page
_RETRY_AFTER = ("x-retry-after", "retry-after")
_RETRY_TEXT = re.compile(r"try again in (\d{1,5}) seconds?", re.IGNORECASE)
_LONGEST_WAIT = timedelta(hours=1)  # a longer hint is a mistake: the window is one minute


def remaining(reply: Reply) -> tuple[int | None, datetime | None]:
    """Calls left in the present window, and when it ends: ShipBob never says the latter."""
    for name in _REMAINING:
        value = reply.headers.get(name, "").strip()
        if value.isascii() and value.isdigit():
            return int(value), None
    return None, None


def retry_at(reply: Reply, now: datetime) -> datetime | None:
    """When ShipBob wants to be asked again: x-retry-after, Retry-After or the text of a 429; None if not said."""
    for name in _RETRY_AFTER:
        found = _from_header(reply.headers.get(name, "").strip(), now)
        if found is not None:
            return found
    match = _RETRY_TEXT.search(reply.text())
    return _bounded(now, timedelta(seconds=int(match.group(1)))) if match else None


def _from_header(value: str, now: datetime) -> datetime | None:
    if not value:
        return None
    if re.fullmatch(r"\d{1,6}(\.\d+)?", value, re.ASCII):
        return _bounded(now, timedelta(seconds=float(value)))
    try:
        return _bounded(now, parsedate_to_datetime(value) - now)
    except (TypeError, ValueError):  # neither seconds nor an HTTP date with a zone: as good as no hint
        return None


def _bounded(now: datetime, wait: timedelta) -> datetime:
    return now + min(max(wait, timedelta(0)), _LONGEST_WAIT)
