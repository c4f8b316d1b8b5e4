"""Differences that nobody can mend and a person accepts: what is held says which figures, and keeps quiet while they
stay so. Other figures are news and are held again.

    work.link(acceptable=figures); Held(...)     the flow says what could be accepted
    accept(..., record, who, reason)             a person does: the record is done, its trail says who and why
    accepted(work, figures)                      the flow asks, the next time it finds figures

Closing would silence a record for good, and skipping only until the next look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from connector.instants import instant_text
from connector.pair import Work
from connector.record import Record, Status
from connector.records import RecordStore
from connector.services import Services

ACCEPTABLE, ACCEPTED = "acceptable", "accepted"


@dataclass(frozen=True)
class Acceptance:
    """What a person has accepted. `figures`: plain JSON texts by name."""

    figures: Mapping[str, str]
    by: str
    at: str
    reason: str


def acceptance_of(record: Record) -> Acceptance | None:
    """What was accepted of a record, if anything is."""
    kept: Mapping[str, Any] = record.links.get(ACCEPTED) or {}
    return Acceptance(kept["figures"], kept["by"], kept["at"], kept["reason"]) if kept else None


def can_accept(record: Record) -> bool:
    """Whether a record shows figures that a person may accept."""
    return record.status is Status.HELD and bool(record.links.get(ACCEPTABLE))


def figures_of(record: Record) -> Mapping[str, str]:
    """The figures that a person may accept, by name; empty when there are none."""
    figures: Mapping[str, str] = record.links.get(ACCEPTABLE) or {}
    return figures if can_accept(record) else {}


def accepted(work: Work[Any], figures: Mapping[str, str]) -> Acceptance | None:
    """The acceptance that covers these figures, or None. Figures that have gone since are accepted no longer.

    What a person accepted at one value is open again at every other value, and when it comes back after it was gone.
    """
    known = acceptance_of(work.record)
    if known is None:
        return None
    rest = {name: value for name, value in known.figures.items() if figures.get(name) == value}
    if rest != known.figures:
        kept = {**vars(known), "figures": rest} if rest else {}
        work.link(**{ACCEPTED: kept})
    return known if figures and rest == dict(figures) else None


def accept(services: Services, store: RecordStore, record: Record, who: str, reason: str) -> Record:
    """A person accepts the figures that a held record shows. Raises LookupError where there is nothing to accept."""

    def done(current: Record) -> Record:
        figures = figures_of(current)
        if not figures or figures != record.links.get(ACCEPTABLE):
            raise LookupError(f"record {current.id} shows nothing that can be accepted (or something else by now)")
        kept = {"figures": dict(figures), "by": who, "at": instant_text(services.clock()), "reason": reason}
        return replace(
            current, status=Status.DONE, handled=current.seen, why=f"accepted by {who}: {reason}", missing=(),
            links={**current.links, ACCEPTED: kept, ACCEPTABLE: {}},
        )

    shown = dict(record.links.get(ACCEPTABLE) or {})
    return store.change(record, done, f"Accepted by {who}: {reason}", {"figures": shown, "who": who})
