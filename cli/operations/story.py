"""The whole story of an order, shipment, tracking number, SKU or record, in plain sentences with their times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.operations.dossier import Dossier, dossier_of
from cli.operations.finding import Selection, check_choice, find_all
from cli.operations.next_steps import Outlook, outlook
from cli.operations.overview import all_connections
from cli.operations.times import moment_text
from cli.pairs import UnknownPair, pair_named
from connector.audit import AuditLine
from connector.edits import EDITS, paths
from connector.intent import Intent, Stage
from connector.outcome import Missing
from connector.pair import Deed
from connector.ports import pages
from connector.record import Record, record_id
from connector.records import RecordStore
from connector.redact import redact_text
from connector.services import Services

RELATED = frozenset({
    "order", "shipment", "shipbob shipment", "tracking", "reference", "sku", "purchase order", "receiving order",
})  # fmt: skip
"""Kinds of business references that lead from one record of a story to the next one."""

GOODS = ("item", "items", "shipbob item", "netsuite item", "gp item")
"""Kinds of missing keys that are goods, by whose number people ask."""

MOST_CHAPTERS = 20


@dataclass(frozen=True)
class Moment:
    """One thing that happened. `at` is an instant text."""

    at: str
    text: str


@dataclass(frozen=True)
class Chapter:
    """One record's part. `links`: what of the other side it is connected with. `broken`: the trail was changed."""

    record: Record
    title: str
    moments: tuple[Moment, ...]
    writes: tuple[str, ...]
    links: tuple[str, ...]
    notes: tuple[str, ...]
    outlook: Outlook
    broken: bool


@dataclass(frozen=True)
class Story:
    """Every chapter, in the order in which their records were first seen.

    more: ids that were left out. waiting: ids of records that wait for what was asked for, and have no chapter.
    """

    asked: str
    chapters: tuple[Chapter, ...]
    more: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


def story_of(services: Services, asked: str, connection: str = "") -> Story:
    """Everything known under a record id or a business number; without chapters where nothing is.

    Raises ConfigurationFault where there is no such connection.
    """
    check_choice(services, connection)
    store = RecordStore(services)
    found = _found(services, store, asked, connection)
    related = _related(services, store, list(found.values()))
    records = sorted({**related, **found}.values(), key=lambda record: (record.first_seen, record.id))
    told = tuple(_chapter(services, record) for record in records[:MOST_CHAPTERS])
    waiting = sorted(_of(_waiting_for(services, store, asked), connection).keys() - {record.id for record in records})
    return Story(asked, told, tuple(record.id for record in records[MOST_CHAPTERS:]), tuple(waiting))


def _found(services: Services, store: RecordStore, asked: str, connection: str) -> dict[str, Record]:
    """By id; by business reference (as typed, then in capitals) and by the source's own key; by what is waited for; at
    last by part of an id.
    """
    exact = store.load(asked)
    if exact is not None:
        return {exact.id: exact}
    for spelling in dict.fromkeys((asked, asked.upper())):
        referred = {**store.load_many(store.find(spelling)), **_with_key(services, store, spelling)}
        found = _of(referred, connection)
        if found:
            return found
    waiting = _waiting_for(services, store, asked)
    return _of(waiting or {each.id: each for each in find_all(services, Selection(connection, text=asked))}, connection)


def _with_key(services: Services, store: RecordStore, key: str) -> dict[str, Record]:
    """Records of any flow whose source calls them so: such a number is no reference of its own."""
    identifiers = []
    for row in all_connections(services):
        try:
            flows = pair_named(str(row["pair"])).flows
        except UnknownPair:  # not run by this version: its records are found by reference alone
            continue
        identifiers += [record_id(str(row["connection"]), flow.name, key) for flow in flows]
    return store.load_many(identifiers)


def _of(found: Mapping[str, Record], connection: str) -> dict[str, Record]:
    return {key: record for key, record in found.items() if connection in ("", record.connection)}


def _waiting_for(services: Services, store: RecordStore, value: str) -> dict[str, Record]:
    """Records that wait for a SKU."""
    identifiers: list[str] = []
    for row in all_connections(services):
        for kind in GOODS:
            identifiers += store.waiting_for(Missing(kind, value), str(row["connection"]))
    return store.load_many(identifiers)


def references(services: Services, record: Record) -> list[tuple[str, str]]:
    """The business references of a record: kind and value."""
    items = pages(lambda start: services.tables.query("records", record.id, prefix="ref#", start=start))
    return [(str(item["kind"]), str(item["reference"])) for item in items]


def _related(services: Services, store: RecordStore, records: Sequence[Record]) -> dict[str, Record]:
    """Records of the same connection that share an order, a shipment, a tracking number or a SKU with these."""
    found: dict[str, Record] = {}
    for record in records[:MOST_CHAPTERS]:
        for kind, value in references(services, record):
            if kind in RELATED:
                known = store.load_many(store.find(value))
                found |= {key: each for key, each in known.items() if each.connection == record.connection}
    return found


# ---- one record -----------------------------------------------------------------------------------------------


def _chapter(services: Services, record: Record) -> Chapter:
    dossier = dossier_of(services, record)
    deeds, tell = _words(record.pair)
    return Chapter(
        record,
        f"{record.stream} {record.source_key} of connection {record.connection}",
        tuple(moment for line in dossier.lines for moment in _moments(line, deeds)),
        tuple(_under_way(dossier, deeds)),
        tuple(redact_text(text) for text in (*tell(record), *_edited(record))),
        tuple(redact_text(note) for note in record.notes if note not in _noted(dossier)),
        outlook(services, record),
        dossier.broken is not None,
    )


def _edited(record: Record) -> list[str]:
    """What a person has laid over the source, without the values: they may be personal."""
    overlay = record.links.get(EDITS) or {}
    if not overlay:
        return []
    named, since = ", ".join(paths(overlay["values"])), moment_text(str(overlay["at"]))
    return [f"{named} is not as the source says: set by {overlay['by']} since {since} ({overlay['reason']})."]


def _words(pair: str) -> tuple[Mapping[str, Deed], Any]:
    try:
        known = pair_named(pair)
    except UnknownPair:  # a record of a pair that this version does not run: told without its words
        return {}, lambda record: ()
    return known.deeds, known.tell


def _moments(line: AuditLine, deeds: Mapping[str, Deed]) -> Iterator[Moment]:
    """What was noted on the way (rounded, converted, defaulted, left out), then what happened."""
    for note in line.data.get("notes") or ():
        yield Moment(line.at, redact_text(f"Noted: {note}."))
    yield Moment(line.at, _sentence(line, deeds))


def _noted(dossier: Dossier) -> set[str]:
    return {str(note) for line in dossier.lines for note in line.data.get("notes") or ()}


def _sentence(line: AuditLine, deeds: Mapping[str, Deed]) -> str:
    """An audit line, with the write named by what it does and with its times."""
    effect, key = str(line.data.get("effect", "")), str(line.data.get("key", ""))
    text = line.text
    if effect in deeds:
        text = text.replace(f"{effect} {key}", f"{_capital(deeds[effect].what)} {key}".rstrip(), 1)
    sent = str(line.data.get("sent_at") or "")
    if sent:
        attempts = int(line.data.get("attempts") or 1)
        tries = f", attempt {attempts}" if attempts > 1 else ""
        text = f"{text.rstrip('.')}; sent at {moment_text(sent)}{tries}."
    return redact_text(text)


def _under_way(dossier: Dossier, deeds: Mapping[str, Deed]) -> Iterator[str]:
    """Writes that have not ended well, in words; the others stand in the trail."""
    for intent in dossier.intents:
        if intent.stage is not Stage.DONE:
            deed = deeds.get(intent.effect)
            what = f"To {deed.does} {deed.what}" if deed is not None else f"The write {intent.effect}"
            yield redact_text(f"{what} ({intent.key}): {_standing(intent)}")


def _standing(intent: Intent) -> str:
    why = f" ({intent.why})" if intent.why else ""
    sent = moment_text(intent.sent_at) if intent.sent_at else ""
    match intent.stage:
        case Stage.PLANNED:
            return f"planned at {moment_text(intent.planned_at)}, surely not written{why}."
        case Stage.SENT:
            return f"sent at {sent}; the answer is not here. If the worker has died, the vendor is asked."
        case Stage.PENDING:
            return f"the vendor took it at {sent} and works on it."
        case Stage.UNKNOWN:
            asked = f", asked {intent.absences} times in vain, last at {moment_text(intent.asked_at)}" if (
                intent.asked_at
            ) else ""
            return f"sent at {sent}; nobody knows yet whether it was written{why}{asked}."
        case _:
            return f"refused by the vendor{f' at {sent}' if sent else ''}{why}."


def _capital(text: str) -> str:
    plain = text.removeprefix("a ").removeprefix("an ").removeprefix("the ")
    return plain[:1].upper() + plain[1:]


def plain_story(story: Story) -> dict[str, Any]:
    """The story as JSON values."""
    return {
        "asked": story.asked,
        "more": list(story.more),
        "waiting": list(story.waiting),
        "records": [
            {
                "id": chapter.record.id,
                "status": chapter.record.status.value,
                "title": chapter.title,
                "story": [{"at": moment.at, "text": moment.text} for moment in chapter.moments],
                "writes_open": list(chapter.writes),
                "linked": list(chapter.links),
                "notes": list(chapter.notes),
                "now": chapter.outlook.now,
                "next": chapter.outlook.then,
                "next_at": chapter.outlook.at,
                "commands": list(chapter.outlook.commands),
                "trail_intact": not chapter.broken,
            }
            for chapter in story.chapters
        ],
    }
