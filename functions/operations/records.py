"""Acts on records: lists, one record, its story, replay, edit, accept, close, release."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cli.desk import Desk
from cli.failures import Misused, Refused
from cli.operations.dossier import dossier_of, plain_dossier, plain_record
from cli.operations.editing import edit_and_replay, overlay_of
from cli.operations.finding import Selection, find_all, record_named
from cli.operations.next_steps import never_heard
from cli.operations.resolving import accept_one
from cli.operations.story import plain_story, story_of
from connector.record import Record, Status
from connector.records import RecordStore
from connector.review import close, release_write, replay
from operations.asked import MOST, Asked

SELECTION = ("connection", "statuses", "stream", "text", "pair", "older_than_hours")


def _selection(asked: Asked) -> Selection:
    statuses = asked.texts("statuses")
    known = {status.value for status in Status}
    if unknown := sorted(set(statuses) - known):
        raise Misused(f"statuses: unknown {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    hours = asked.number("older_than_hours", 0, 0, 24 * 400)
    return Selection(
        connection=asked.text("connection"), statuses=tuple(Status(status) for status in statuses),
        stream=asked.text("stream"), text=asked.text("text"), pair=asked.text("pair"),
        older_than=timedelta(hours=hours) if hours else None,
    )


def records(desk: Desk, asked: Asked) -> Any:
    """Records of a selection, the longest waiting first."""
    limit = int(asked.number("limit", 200, 1, MOST))
    found = find_all(desk.place.services(), _selection(asked))
    return {"records": [plain_record(record) for record in found[:limit]], "found": len(found)}


def record(desk: Desk, asked: Asked) -> Any:
    """One record with its writes, answers and trail."""
    services = desk.place.services()
    return plain_dossier(services, dossier_of(services, record_named(services, asked.needed("id"))))


def explain(desk: Desk, asked: Asked) -> Any:
    """The story of what a person asks for."""
    services = desk.place.services()
    story = story_of(services, asked.needed("asked"), asked.text("connection"))
    reach = [] if story.chapters else never_heard(services, asked.text("connection"))
    return {**plain_story(story), "reach": reach}


def replay_all(desk: Desk, asked: Asked) -> Any:
    """One record, or a selection, which must name statuses."""
    services, selection = desk.place.services(), _selection(asked)
    if asked.text("id"):
        if selection != Selection():
            raise Misused("name one record by id, or choose with statuses, not both")
        chosen = [record_named(services, asked.text("id"))]
    elif selection.statuses:
        chosen = find_all(services, selection)
    else:
        raise Misused("id is missing, or statuses to choose several")
    dry_run, correlation = asked.flag("dry_run"), desk.correlation()
    done = chosen if dry_run else [_replayed(desk, record, correlation) for record in chosen]
    return {"dry_run": dry_run, "correlation": correlation, "records": [plain_record(record) for record in done]}


def _replayed(desk: Desk, record: Record, correlation: str) -> Record:
    services = desk.place.services(record.pair)
    return replay(services, RecordStore(services), record, correlation, desk.place.who())


def accept(desk: Desk, asked: Asked) -> Any:
    """A difference that cannot be mended is accepted at the figures that the held record shows."""
    services = desk.place.services()
    reason, found = asked.needed("reason"), record_named(services, asked.needed("id"))
    return plain_record(accept_one(services, found, desk.place.who(), reason))


def close_one(desk: Desk, asked: Asked) -> Any:
    """Nothing more shall happen to a record."""
    services = desk.place.services()
    reason, record = asked.needed("reason"), record_named(services, asked.needed("id"))
    return plain_record(close(RecordStore(services), record, desk.place.who(), reason))


def release(desk: Desk, asked: Asked) -> Any:
    """A write of unknown fate that did not happen may be sent again."""
    found = record_named(desk.place.services(), asked.needed("id"))
    services, who = desk.place.services(found.pair), desk.place.who()
    store, effect, key = RecordStore(services), asked.needed("effect"), asked.needed("key")
    try:
        released = release_write(services, store, found, effect, key, who, asked.needed("reason"))
    except LookupError as error:
        raise Refused(f"{error}; look at the record") from error
    return plain_record(replay(services, store, released, desk.correlation(), who))


def edit(desk: Desk, asked: Asked) -> Any:
    """Lays values over what the source says of one record, or takes them away, and makes it due."""
    found = record_named(desk.place.services(), asked.needed("id"))
    services, reason = desk.place.services(found.pair), asked.needed("reason")
    assignments, drop = asked.texts("set"), asked.flag("drop")
    if bool(assignments) == drop:
        raise Misused("say what to change with set (a list of PATH=VALUE), or drop")
    values = overlay_of(services, found, assignments, drop=drop)
    return plain_record(edit_and_replay(services, found, values, desk.place.who(), reason, desk.correlation()))
