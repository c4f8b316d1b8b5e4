"""Everything that is kept of one record, fit for a person's eyes: redacted, with the proof of its trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connector.acceptance import figures_of
from connector.audit import AuditLine, proven_trail
from connector.intent import Intent, intent_from_item
from connector.ports import pages
from connector.record import Record
from connector.records import RecordStore
from connector.redact import redact_body, redact_text, redact_value
from connector.services import Services

IN_BUCKET = "s3:"


@dataclass(frozen=True)
class Dossier:
    """A record with its writes and its trail. `broken` is the first audit line that is not what was written."""

    record: Record
    intents: tuple[Intent, ...]
    lines: tuple[AuditLine, ...]
    broken: int | None


def dossier_of(services: Services, record: Record) -> Dossier:
    """Reads the record's own partition and its trail; the record's state is the one given."""
    found = pages(lambda start: services.tables.query("records", record.id, prefix="intent#", start=start))
    stated = [record.audit_hash]  # as the caller has read it; anew when something was written meanwhile

    def head() -> str:
        newest = None if stated else RecordStore(services).load(record.id)
        return stated.pop() if stated else newest.audit_hash if newest is not None else ""

    lines, broken = proven_trail(services.tables, record.id, head)
    return Dossier(record, tuple(map(intent_from_item, found)), tuple(lines), broken)


def plain_dossier(services: Services, dossier: Dossier) -> dict[str, Any]:
    """The dossier as JSON values, redacted."""
    record = dossier.record
    return {
        "record": plain_record(record),
        "body": redact_value(_plain(record.body)),
        "links": redact_value(_plain(record.links)),
        "writes": [_write(services, intent) for intent in dossier.intents],
        "trail": [shown_line(line) for line in dossier.lines],
        "chain_intact": dossier.broken is None,
        "chain_broken_at": dossier.broken,
    }


def shown_line(line: AuditLine) -> dict[str, Any]:
    """A line of a trail as JSON values, redacted."""
    return {
        "sequence": line.sequence,
        "at": line.at,
        "text": redact_text(line.text),
        "data": redact_value(_plain(line.data)),
    }


def plain_record(record: Record) -> dict[str, Any]:
    """Where a record stands, as JSON values."""
    return {
        "id": record.id,
        "connection": record.connection,
        "pair": record.pair,
        "stream": record.stream,
        "source_key": record.source_key,
        "status": record.status.value,
        "why": redact_text(record.why),
        "waits_for": [{"kind": missing.kind, "value": missing.value} for missing in record.missing],
        "notes": [redact_text(note) for note in record.notes],
        "acceptable": dict(figures_of(record)),
        "cause": record.cause,
        "lane": record.lane,
        "correlation": record.correlation,
        "due_at": record.due_at,
        "first_seen": record.first_seen,
        "updated_at": record.updated_at,
    }


def _write(services: Services, intent: Intent) -> dict[str, Any]:
    return {
        "effect": intent.effect,
        "key": intent.key,
        "stage": intent.stage.value,
        "attempts": intent.attempts,
        "planned_at": intent.planned_at,
        "sent_at": intent.sent_at,
        "asked_at": intent.asked_at,
        "why": redact_text(intent.why),
        "reference": redact_value(_plain(intent.reference)),
        "draft": redact_value(_plain(intent.draft)),
        "answer": _answer(services, intent.answer),
    }


def _answer(services: Services, kept: str) -> dict[str, Any] | None:
    """The stored answer: its status and its redacted text."""
    if not kept:
        return None
    if kept.startswith(IN_BUCKET):
        try:
            return {"status": None, "text": redact_body(services.bodies.get(kept.removeprefix(IN_BUCKET)))}
        except KeyError:
            return {"status": None, "text": "(no longer in the bucket)"}
    status, _, text = kept.partition("\n")
    return {"status": int(status) if status.isdigit() else None, "text": redact_body(text.encode())}


def _plain(value: Any) -> Any:
    """Decimals as text: what is shown must be exact."""
    from decimal import Decimal

    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value
