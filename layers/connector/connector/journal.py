"""The operators' journal: who did what, for acts that belong to no single record.

Lines stand in the audit table beside those of the records, one chain of hashes a day (`operations/<day>`). The head
of the chain is kept apart, in the state table, and both are written in one transaction: a line that was changed, or
cut off at the end, shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.audit import AuditLine, line_hash, line_put, proven_trail
from connector.instants import day_text, instant_text
from connector.ports import Absent, Equals, Item, Put
from connector.services import Services

ATTEMPTS = 20


class JournalBusy(Exception):
    """Many write at the same moment; the act that was to be noted has not been done yet."""


def page_of(day: str) -> str:
    """The partition of a day's lines."""
    return f"operations/{day}"


def note(services: Services, who: str, act: str, data: Mapping[str, Any] | None = None) -> AuditLine:
    """Appends a line, durable when this returns. `data` must hold no personal data. Raises JournalBusy."""
    for _ in range(ATTEMPTS):
        line = _append(services, who, act, data or {})
        if line is not None:
            return line
    raise JournalBusy("the operators' journal could not be written; run the command again")


def _append(services: Services, who: str, act: str, data: Mapping[str, Any]) -> AuditLine | None:
    """The line that follows the present head; None when somebody else was faster."""
    now = services.clock()
    page = page_of(day_text(now))
    head = services.tables.get("state", page, "-")
    sequence, previous = (int(head["sequence"]) + 1, str(head["hash"])) if head else (1, "")
    facts = {"who": who, **data}
    text, at = f"{who}: {act}", instant_text(now)
    digest = line_hash(page, sequence, at, text, facts, previous)
    line = AuditLine(page, sequence, at, text, facts, previous, digest)
    item: Item = {"pk": page, "sk": "-", "sequence": sequence, "hash": digest}
    condition = Equals({"sequence": sequence - 1}) if head else Absent()
    written = services.tables.transact([line_put(line, "", lambda: now), Put("state", item, condition)])
    return line if written else None


def lines_of(services: Services, day: str) -> tuple[list[AuditLine], int | None]:
    """A day's lines, and the first that is not what was written (None: the chain is whole)."""
    page = page_of(day)

    def head() -> str:
        stated = services.tables.get("state", page, "-")
        return str(stated["hash"]) if stated else ""

    return proven_trail(services.tables, page, head)
