"""The count after a run: both simulators' stores against the story, and the connector's own books."""

from __future__ import annotations

from connector.audit import broken_at, trail
from connector.environment import QUEUES
from connector.instants import instant_text
from connector.record import Status, record_id
from tests.crash.stories import WRONG, Finding, Sighting, Story
from tests.crash.theatre import Theatre
from tests.support.stage import NAME

STUCK = "stuck"
CLOSED_INTENTS = frozenset({"done", "refused"})
UPSERTS = (
    "intent#shipbob.product_update#", "intent#acumatica.order_text#", "intent#acumatica.shipment_text#",
    "intent#gp.order_update#",
)
"""Writes that a newer one of the same thing replaces: nothing has to be asked about the older one."""


def findings_of(story: Story, theatre: Theatre) -> list[Finding]:
    """Everything that is not as it must be."""
    return [*story.judge(theatre), *_strict(theatre), *_books(theatre)]


def touched_by(theatre: Theatre) -> list[str]:
    """Everything that waits for a person: held and refused records, dead letters, alerts."""
    queues = theatre.world.queues
    return [
        *theatre.records_of(Status.HELD, Status.REFUSED, Status.CLOSED),
        *(f"dead letter of {queue}: {stored.body[:100]}" for queue in QUEUES for stored in queues.dead(queue)),
        *(f"alert: {alert.subject}" for alert in theatre.world.alerts.sent),
    ]


def _strict(theatre: Theatre) -> list[Finding]:
    """What the simulators would only have ignored in reality."""
    return [Finding(WRONG, text) for text in theatre.said()]


def _books(theatre: Theatre) -> list[Finding]:
    findings = []
    if not theatre.quiet():
        found = theatre.records_of(Status.QUEUED, Status.WAITING, Status.UNKNOWN)
        queues = theatre.world.queues
        waiting = [f"{queue}: {stored.body[:120]}" for queue in QUEUES for stored in queues.messages(queue)]
        findings.append(Finding(STUCK, "; ".join([*found, *waiting]) or "something is still on its way"))
    tables = theatre.world.tables
    for item in tables.items("records"):
        key = str(item["sk"])
        if key.startswith("intent#") and not key.startswith(UPSERTS) and item["stage"] not in CLOSED_INTENTS:
            findings.append(Finding(STUCK, f"write {item['sk']} of {item['pk']} is {item['stage']}"))
    for record in theatre.all_records():
        place = broken_at(trail(tables, record.id), record.audit_hash)
        if place is not None:
            findings.append(Finding(WRONG, f"the audit trail of {record.id} is broken at {place}"))
    return findings


def early_cursor(theatre: Theatre, sightings: list[Sighting]) -> Finding | None:
    """A cursor that stands later than a change whose record nobody has stored."""
    tables = theatre.world.tables
    for sighting in sightings:
        cursor = tables.get("state", f"cursor/{NAME}/{sighting.stream}", "-")
        if cursor is None or str(cursor["position"]) < instant_text(sighting.changed):
            continue
        if tables.get("records", record_id(NAME, sighting.stream, sighting.source_key), "record") is None:
            return Finding("lost", f"cursor of {sighting.stream} moved before {sighting.source_key} was stored")
    return None
