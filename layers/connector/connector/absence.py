"""When a source says that it no longer holds what it has just announced."""

from __future__ import annotations

from datetime import datetime, timedelta
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
    again = ask_again_at(work, text)
    return Same(text) if again is None else Later(again, f"{text}; {ONCE_MORE}")


ONCE_MORE = "it is asked once more before that is believed"


def ask_again_at(work: Work[Any], what: str) -> datetime | None:
    """When to ask again for something that ought to be there; None when its absence was told twice by now."""
    told = work.record.links.get("gone") or {}
    if told.get("what") == what and AGAIN <= work.now - parse_instant(str(told["at"])) < REMEMBERED:
        work.link(gone={})
        return None
    work.link(gone={"what": what, "at": instant_text(work.now)})
    return work.now + AGAIN
