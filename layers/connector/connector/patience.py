"""The end of retrying: a record that one vendor fails on every time goes to a person.

A fault of the vendor's own (5xx, a broken or endless answer) is worth asking again, and in an outage everything waits
for as long as it lasts. But a single thing can be broken at the vendor for good: a stored control character, a document
larger than any answer may be. Asking for it would never end, and nobody would hear of it. The two are told apart by
what else happens: the vendor answers others of the same connection, and still fails on this one record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from connector.answers import last_answer
from connector.instants import instant_text, parse_instant
from connector.outcome import Held, Later, Outcome, Unknown
from connector.pair import Work

ATTEMPTS = 10
AGE = timedelta(hours=2)
"""A record is given to a person after so many failures in a row, spread over at least this long."""

RECENT = timedelta(minutes=30)
"""How young the vendor's last good answer to anybody must be: older ones say nothing about an outage that has begun."""

TROUBLE = "trouble"
"""Link of a record: {vendor, since, count, seen} of its failures in a row."""


def judged(work: Work[Any], outcome: Outcome) -> Outcome:
    """The ending as it counts: a wait because of the vendor's own faults ends at a person when it has to."""
    if isinstance(outcome, Later | Unknown) and outcome.trouble:
        return _again(work, outcome, outcome.trouble)
    unclear = isinstance(outcome, Unknown) or (isinstance(outcome, Later) and not outcome.planned)
    if not unclear and work.record.links.get(TROUBLE):
        work.link(**{TROUBLE: {}})  # it got through, or waits for something else
    return outcome


def _again(work: Work[Any], outcome: Later | Unknown, vendor: str) -> Outcome:
    before: Mapping[str, Any] = work.record.links.get(TROUBLE) or {}
    replayed = work.record.cause == "replay" and before.get("seen") != work.started_seen
    if before.get("vendor") != vendor or replayed:  # a person's word begins a new count
        before = {"since": instant_text(work.now), "count": 0}
    trouble = {**before, "vendor": vendor, "count": int(before["count"]) + 1, "seen": work.started_seen}
    work.link(**{TROUBLE: trouble})
    since = parse_instant(str(trouble["since"]))
    if trouble["count"] < ATTEMPTS or work.now - since < AGE or not _answers_others(work, vendor):
        return outcome
    return Held(
        f"{vendor} has failed on this {trouble['count']} times since {trouble['since']}, while it answers others: "
        f"{outcome.why}. {_fate(outcome)}The thing itself is probably damaged or too large there: open it at {vendor}, "
        "mend it (a control character in a text is a known reason), then replay this record; or close it and do by "
        "hand what is missing."
    )


def _fate(outcome: Later | Unknown) -> str:
    if isinstance(outcome, Unknown):
        return "Whether it was written is not clear, and nothing is sent again before that is known. "
    return ""


def _answers_others(work: Work[Any], vendor: str) -> bool:
    at = last_answer(work.services, work.connection.name, vendor)
    return at is not None and work.now - at < RECENT
