"""The audit trail for auditors: by day, or by what people know, with the proof of every chain."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from cli.operations.dossier import shown_line
from cli.operations.finding import check_choice
from cli.operations.story import story_of
from connector.audit import AuditLine, line_from_item, proven_trail, trail
from connector.journal import lines_of, page_of
from connector.ports import pages
from connector.records import RecordStore
from connector.services import Services

JOURNAL = page_of("")

LONGEST_SPAN = 400  # days of one export

COLUMNS = ("record", "sequence", "at", "text", "correlation", "cause", "data", "previous", "hash", "chain")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Export:
    """Lines in the order of their time. `broken`: record -> first line of its trail that is not what was written.

    `checked`: how many records' whole chains were verified. `unknown`: numbers that no record knows.
    """

    lines: tuple[AuditLine, ...]
    checked: int
    broken: dict[str, int]
    unknown: tuple[str, ...] = ()


def export(
    services: Services, first: date | None, last: date | None, asked: Sequence[str], connection: str = ""
) -> Export:
    """The lines of these days, or of the records behind these numbers (whole trails), or both.

    Every record that occurs has its whole chain verified, against the head that the record itself states.
    """
    check_choice(services, connection)
    by_number = {each: _records(services, each, connection) for each in asked}
    records = {record for found in by_number.values() for record in found}
    if first is not None:
        lines = [
            line
            for line in _of_days(services, first, last or first)
            if (not asked or line.record in records) and _of(line.record, connection)
        ]
    else:
        lines = [line for record in sorted(records) for line in trail(services.tables, record)]
    lines.sort(key=lambda line: (line.at, line.record, line.sequence))
    named = sorted({line.record for line in lines} | (records if first is None else set()))
    unknown = tuple(number for number, found in by_number.items() if not found)
    return Export(tuple(lines), len(named), broken_chains(services, named), unknown)


def _of(record: str, connection: str) -> bool:
    return connection in ("", record.partition("/")[0])


def _records(services: Services, asked: str, connection: str) -> set[str]:
    return {chapter.record.id for chapter in story_of(services, asked, connection).chapters}


def _of_days(services: Services, first: date, last: date) -> Iterator[AuditLine]:
    """Raises ValueError for a span that nobody wants to wait for."""
    if (last - first).days > LONGEST_SPAN:
        raise ValueError(f"an export spans at most {LONGEST_SPAN} days")
    day, read = first, services.tables.query_index
    while day <= last:
        text = day.isoformat()
        for item in pages(lambda start, text=text: read("audit", "by_day", text, start=start)):  # type: ignore[misc]
            yield line_from_item(item)
        day += timedelta(days=1)


def broken_chains(services: Services, records: Iterable[str]) -> dict[str, int]:
    """The records whose trail was changed after it was written, with the first line that is wrong.

    The operators' own journal is among them: `operations/<day>`.
    """
    store = RecordStore(services)
    broken = {}
    for identifier in records:
        place = _broken(services, store, identifier)
        if place is not None:
            broken[identifier] = place
    return broken


def _broken(services: Services, store: RecordStore, identifier: str) -> int | None:
    if identifier.startswith(JOURNAL):
        return lines_of(services, identifier.removeprefix(JOURNAL))[1]

    def head() -> str:
        record = store.load(identifier)
        return record.audit_hash if record is not None else ""

    return proven_trail(services.tables, identifier, head)[1]


def every_chain(services: Services, connection: str = "") -> Iterator[str]:
    """The ids of all records, and the operators' journal of every day that has one. Reads both tables whole.

    Raises ConfigurationFault where there is no such connection.
    """
    check_choice(services, connection)
    for item in pages(lambda start: services.tables.scan("records", start=start)):
        if item["sk"] == "record" and _of(str(item["pk"]), connection):
            yield str(item["pk"])
    if not connection:
        for item in pages(lambda start: services.tables.scan("state", start=start)):
            if str(item["pk"]).startswith(JOURNAL):
                yield str(item["pk"])


def lost_since(services: Services, kept: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Records that do not hold what an export of theirs said, with the first such line.

    An export that lies where nobody of the tables' administrators can reach it pins every line in it for ever.
    """
    stated: dict[str, dict[int, str]] = defaultdict(dict)
    for row in kept:
        stated[str(row["record"])][int(row["sequence"])] = str(row["hash"])
    lost = {}
    for record, hashes in sorted(stated.items()):
        present = {line.sequence: line.hash for line in trail(services.tables, record)}
        gone = [number for number, digest in hashes.items() if present.get(number) != digest]
        if gone:
            lost[record] = min(gone)
    return lost


def rows_of_file(text: str) -> list[dict[str, Any]]:
    """The lines of an earlier export, CSV or JSON. Raises ValueError, KeyError for what is none."""
    if text.lstrip().startswith("{"):
        found: list[dict[str, Any]] = json.loads(text)["lines"]
        return found
    made = list(csv.DictReader(io.StringIO(text)))
    for row in made:
        row["record"] = row["record"].removeprefix("'")
    return made


def rows(found: Export) -> list[dict[str, Any]]:
    """The lines as JSON values, redacted, each with what the check of its chain said."""
    made = []
    for line in found.lines:
        shown = shown_line(line)
        data = dict(shown["data"])
        place = found.broken.get(line.record)
        made.append({
            "record": line.record, "sequence": line.sequence, "at": line.at, "text": shown["text"],
            "correlation": data.pop("correlation", ""), "cause": data.pop("cause", ""), "data": data,
            "previous": line.previous, "hash": line.hash,
            "chain": "intact" if place is None else f"broken at {place}",
        })
    return made


def csv_text(found: Export) -> str:
    """One line per audit line. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows(found):
        row["data"] = json.dumps(row["data"], ensure_ascii=False, sort_keys=True)
        writer.writerow([_cell(str(row[column])) for column in COLUMNS])
    return file.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
