"""The end of retrying: a record that one vendor fails on every time goes to a person.

A fault of the vendor's own (5xx, a broken or endless answer) is worth asking again, and in an outage everything waits
for as long as it lasts. But a single thing can be broken at the vendor for good: a stored control character, a document
larger than any answer may be. Asking for it would never end, and nobody would hear of it. The two are told apart by
what else happens: the vendor answers others of the same connection, and still fails on this one record.

A vendor can also be down in part: it answers reads and fails on every write of one kind. Then the records of a flow
fail together, no one of them is damaged, and holding them would only give a person a whole flow to replay. They wait on
as in any outage, and a person is told once a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from connector.alerting import alert_once
from connector.answers import last_answer
from connector.instants import instant_text, parse_instant
from connector.outcome import Held, Later, Outcome, Unknown
from connector.pair import Work
from connector.record import Record, Status
from connector.sweep import parts_by_status

ATTEMPTS = 10
AGE = timedelta(hours=2)
"""A record is given to a person after so many failures in a row, spread over at least this long."""

RECENT = timedelta(minutes=30)
"""How young the vendor's last good answer to anybody must be: older ones say nothing about an outage that has begun."""

COMPANY = timedelta(days=1)
"""For how long a record that was held for its trouble still tells the others of its flow that they are not alone."""

STANDING = (Status.WAITING, Status.UNKNOWN, Status.HELD)

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
    if _in_company(work, vendor):
        return _waits_on(work, outcome, vendor)
    return Held(
        f"{vendor} has failed on this {trouble['count']} times since {trouble['since']}, while it answers others: "
        f"{outcome.why}. {_fate(outcome)}The thing itself is probably damaged or too large there: open it at {vendor}, "
        "mend it (a control character in a text is a known reason), then replay this record; or close it and do by "
        "hand what is missing."
    )


def _fate(outcome: Later | Unknown) -> str:
    if isinstance(outcome, Unknown):
        return (
            "Whether it was written is not clear, and nothing is sent again before that is known: look there for it "
            "before anything is entered by hand. "
        )
    return ""


def _answers_others(work: Work[Any], vendor: str) -> bool:
    at = last_answer(work.services, work.connection.name, vendor)
    return at is not None and work.now - at < RECENT


def _in_company(work: Work[Any], vendor: str) -> bool:
    """Whether the vendor fails on other records of the same flow as well: then none of them is the damaged one."""
    mine, name = work.record, work.connection.name
    # In parts, and no further than the first one: in an outage of a part thousands may ask this every few minutes.
    parts = (part for status in STANDING for part in parts_by_status(work.services, name, status))
    others = (one for part in parts for one in part if one.stream == mine.stream and one.id != mine.id)
    return any(_troubled(work, one, vendor) for one in others)


def _troubled(work: Work[Any], record: Record, vendor: str) -> bool:
    """Whether a record fails on the vendor too. One failure is none: it may get through at its next try."""
    trouble: Mapping[str, Any] = record.links.get(TROUBLE) or {}
    if trouble.get("vendor") != vendor or int(trouble["count"]) < 2:
        return False
    return record.status is not Status.HELD or work.now - parse_instant(record.updated_at) < COMPANY


def _waits_on(work: Work[Any], outcome: Later | Unknown, vendor: str) -> Outcome:
    """The wait goes on, and says why; a person is told once a day, because the vendor must be looked at."""
    name, stream = work.connection.name, work.record.stream
    alert_once(
        work.services,
        f"part-outage/{name}/{vendor}/{stream}/{instant_text(work.now)[:10]}",
        f"{name}: {vendor} answers, but fails on several {stream} records",
        f"For two hours and more {vendor} has failed on several records of flow {stream}, while it answers other "
        f"calls. Last: {work.record.id}: {outcome.why}\n\nThey are tried on by themselves, and nothing is lost or sent "
        f"twice. Ask whoever runs {vendor} why it fails on them. If it is well otherwise, these records are damaged "
        f"one by one: mend them there or close them. They are: ml-connector records list --connection {name} --stream "
        f"{stream} --status waiting --status unknown",
    )
    return replace(outcome, why=f"{outcome.why} (others of this flow fail there as well, so it waits on)")
