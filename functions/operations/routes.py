"""What can be asked: a path, the values that it takes, and the act. No vendor is called by any of them.

Whatever asks a vendor (doctor, ping, webhooks register, plan) stays with the command line: it needs the credentials
of the accounts, which this function cannot read, and longer than API Gateway waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cli.desk import Desk
from cli.failures import Misused, Refused
from cli.operations import dead_letters as dead
from cli.operations.arrivals import arrivals
from cli.operations.causes import REVIEWED, causes, mapping_tables, plain_cause
from cli.operations.dossier import dossier_of, plain_dossier, plain_record
from cli.operations.finding import Selection, find_all, record_named
from cli.operations.heard import first_heard, plain_heard
from cli.operations.next_steps import never_heard
from cli.operations.overview import all_connections, open_records, overview_of
from cli.operations.pausing import schedule_of, set_paused
from cli.operations.story import plain_story, story_of
from cli.pairs import connection_named, senders_of
from connector.dead_letters import Choice, DeadLetters
from connector.edge.quarantine import reverify
from connector.instants import day_text
from connector.journal import lines_of
from connector.record import Record, Status
from connector.records import RecordStore
from connector.review import close, release_write, replay
from operations.asked import Asked

MOST = 1000


@dataclass(frozen=True)
class Route:
    """`takes`: names of the values; every other one is refused."""

    act: Callable[[Desk, Asked], Any]
    takes: tuple[str, ...] = ()


# ---- connections -----------------------------------------------------------------------------------------------


def _connections(desk: Desk, asked: Asked) -> Any:
    services = desk.place.services()
    return [{**row, "open_records": open_records(services, row["connection"])} for row in all_connections(services)]


def _connection(desk: Desk, asked: Asked) -> Any:
    name = asked.needed("name")
    return overview_of(desk.connection(name), name)


def _schedule(desk: Desk, asked: Asked) -> Any:
    name = asked.needed("name")
    return schedule_of(desk.connection(name), name)


def _arrivals(desk: Desk, asked: Asked) -> Any:
    name = asked.needed("name")
    services = desk.connection(name)
    pair, _ = connection_named(services, name)
    return [asdict(arrivals(services, name, sender)) for sender in senders_of(pair.name)]


def _heard(desk: Desk, asked: Asked) -> Any:
    name = asked.needed("name")
    days = int(asked.number("days", 2, 1, 14))
    return [plain_heard(each) for each in first_heard(desk.connection(name), name, days)]


def _paused(desk: Desk, asked: Asked, *, paused: bool) -> Any:
    name = asked.needed("name")
    services, flows = desk.connection(name), asked.texts("flows")
    done = set_paused(services, name, flows, desk.place.who(), desk.correlation(), paused=paused)
    return {**asdict(done), "flows": list(done.flows)}


def _reverify(desk: Desk, asked: Asked) -> Any:
    name = asked.needed("name")
    services = desk.connection(name)
    pair, _ = connection_named(services, name)
    return asdict(reverify(services, name, asked.needed("sender"), senders_of(pair.name)))


# ---- records ---------------------------------------------------------------------------------------------------


def _selection(asked: Asked) -> Selection:
    statuses = asked.texts("statuses")
    known = {status.value for status in Status}
    if unknown := sorted(set(statuses) - known):
        raise Misused(f"statuses: unknown {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return Selection(
        connection=asked.text("connection"), statuses=tuple(Status(status) for status in statuses),
        stream=asked.text("stream"), text=asked.text("text"),
    )


def _records(desk: Desk, asked: Asked) -> Any:
    limit = int(asked.number("limit", 200, 1, MOST))
    found = find_all(desk.place.services(), _selection(asked))
    return {"records": [plain_record(record) for record in found[:limit]], "found": len(found)}


def _record(desk: Desk, asked: Asked) -> Any:
    services = desk.place.services()
    return plain_dossier(services, dossier_of(services, record_named(services, asked.needed("id"))))


def _explain(desk: Desk, asked: Asked) -> Any:
    services = desk.place.services()
    story = story_of(services, asked.needed("asked"), asked.text("connection"))
    reach = [] if story.chapters else never_heard(services, asked.text("connection"))
    return {**plain_story(story), "reach": reach}


def _review(desk: Desk, asked: Asked) -> Any:
    selection = Selection(asked.text("connection"), REVIEWED)
    return [plain_cause(cause) for cause in causes(find_all(desk.place.services(), selection), mapping_tables())]


def _replay_all(desk: Desk, asked: Asked) -> Any:
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


def _close(desk: Desk, asked: Asked) -> Any:
    services = desk.place.services()
    reason, record = asked.needed("reason"), record_named(services, asked.needed("id"))
    return plain_record(close(RecordStore(services), record, desk.place.who(), reason))


def _release(desk: Desk, asked: Asked) -> Any:
    found = record_named(desk.place.services(), asked.needed("id"))
    services, who = desk.place.services(found.pair), desk.place.who()
    store, effect, key = RecordStore(services), asked.needed("effect"), asked.needed("key")
    try:
        released = release_write(services, store, found, effect, key, who, asked.needed("reason"))
    except LookupError as error:
        raise Refused(f"{error}; look at the record") from error
    return plain_record(replay(services, store, released, desk.correlation(), who))


# ---- dead letters ----------------------------------------------------------------------------------------------


def _letters(desk: Desk, asked: Asked) -> tuple[DeadLetters, str]:
    pair = asked.needed("pair")
    if pair not in desk.place.pairs():
        raise Misused(f"pair: there is no {pair!r} here; there are {', '.join(desk.place.pairs())}")
    return desk.place.dead_letters(pair), pair


def _choice(asked: Asked) -> Choice:
    return Choice(asked.text("record"), asked.text("message"), asked.text("connection"))


def _dead(desk: Desk, asked: Asked) -> Any:
    return dead.overview(desk.place, desk.place.pairs())


def _dead_shown(desk: Desk, asked: Asked) -> Any:
    letters, _ = _letters(desk, asked)
    limit = int(asked.number("limit", 50, 1, MOST))
    return dead.looked_at(letters, dead.queues_named(asked.text("queue")), _choice(asked), limit)


def _redrive(desk: Desk, asked: Asked) -> Any:
    """One queue at a time: everything by SQS's own redrive, or the chosen letters one by one."""
    letters, pair = _letters(desk, asked)
    services, (queue, *_) = desk.place.services(pair), dead.queues_named(asked.needed("queue"))
    order = dead.Order(desk.place.who(), pair, desk.correlation())
    choice, rate = _choice(asked), asked.number("rate", dead.RATE, 0.1, 500)
    if choice == Choice():
        started = dead.move_everything(services, letters, queue, order, desk.sleep, rate)
    else:
        moved = dead.move_back(services, letters, queue, choice, order, desk.sleep, rate)
        started = dead.Started(queue, moved=moved)
    count = len(started.moved.moved) if started.moved is not None else 0
    unknown = started.moved.unknown if started.moved is not None else 0
    return {"queue": queue, "native": bool(started.handle), "moved": count, "unknown_source": unknown}


def _purge(desk: Desk, asked: Asked) -> Any:
    letters, pair = _letters(desk, asked)
    services, (queue, *_) = desk.place.services(pair), dead.queues_named(asked.needed("queue"))
    order = dead.Order(desk.place.who(), pair, desk.correlation(), asked.needed("reason"))
    choice = _choice(asked)
    if asked.flag("all") == (choice != Choice()):
        raise Misused("choose with record, message or connection, or say all")
    if asked.flag("all"):
        return {"queue": queue, "deleted": dead.delete_everything(services, letters, queue, order)}
    return {"queue": queue, "deleted": len(dead.delete(services, letters, queue, choice, order).moved)}


# ---- the journal -----------------------------------------------------------------------------------------------


def _journal(desk: Desk, asked: Asked) -> Any:
    services = desk.place.services()
    day = asked.text("day") or day_text(services.clock())
    lines, broken = lines_of(services, day)
    told = [{"sequence": line.sequence, "at": line.at, "text": line.text, "data": dict(line.data)} for line in lines]
    return {"day": day, "lines": told, "chain_intact": broken is None, "chain_broken_at": broken}


SELECTION = ("connection", "statuses", "stream", "text")
LETTERS = ("pair", "queue", "record", "message", "connection")

ROUTES: Mapping[tuple[str, str], Route] = {
    ("GET", "connections"): Route(_connections),
    ("GET", "connection"): Route(_connection, ("name",)),
    ("GET", "connection/schedule"): Route(_schedule, ("name",)),
    ("GET", "connection/arrivals"): Route(_arrivals, ("name",)),
    ("GET", "connection/heard"): Route(_heard, ("name", "days")),
    ("POST", "connection/pause"): Route(lambda desk, asked: _paused(desk, asked, paused=True), ("name", "flows")),
    ("POST", "connection/resume"): Route(lambda desk, asked: _paused(desk, asked, paused=False), ("name", "flows")),
    ("POST", "connection/reverify"): Route(_reverify, ("name", "sender")),
    ("GET", "review"): Route(_review, ("connection",)),
    ("GET", "explain"): Route(_explain, ("asked", "connection")),
    ("GET", "records"): Route(_records, (*SELECTION, "limit")),
    ("GET", "record"): Route(_record, ("id",)),
    ("POST", "records/replay"): Route(_replay_all, ("id", *SELECTION, "dry_run")),
    ("POST", "records/close"): Route(_close, ("id", "reason")),
    ("POST", "records/release"): Route(_release, ("id", "effect", "key", "reason")),
    ("GET", "dlq"): Route(_dead),
    ("GET", "dlq/letters"): Route(_dead_shown, (*LETTERS, "limit")),
    ("POST", "dlq/redrive"): Route(_redrive, (*LETTERS, "rate")),
    ("POST", "dlq/purge"): Route(_purge, (*LETTERS, "all", "reason")),
    ("GET", "journal"): Route(_journal, ("day",)),
}
"""Method and path below /operations/ of everything there is."""
