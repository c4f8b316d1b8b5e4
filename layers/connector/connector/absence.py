"""When a source says that it no longer holds what it has just announced."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connector.instants import instant_text, parse_instant
from connector.outcome import Later, Outcome, Same
from connector.pair import Work

AGAIN = timedelta(minutes=2)
"""Longer than a replica or a cache stays behind."""

REMEMBERED = timedelta(hours=1)
"""How long a first answer of absence counts; then the next one is a first one again."""


def gone(work: Work[Any], text: str) -> Outcome:
    """The ending of a record whose source answers "no such thing": believed only the second time.

    The record is done afterwards and no poll wakes it again, so one wrong answer (a replica that lags, an error that
    looks like absence) would lose it without a word.
    """
    seen = str(work.record.links.get("gone_at") or "")
    if seen and AGAIN <= work.now - parse_instant(seen) < REMEMBERED:
        work.link(gone_at="")
        return Same(text)
    work.link(gone_at=instant_text(work.now))
    return Later(work.now + AGAIN, f"{text}; it is asked once more before that is believed")
