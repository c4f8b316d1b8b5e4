"""Settling a cause of standstill as a whole: set the mapping, replay, skip, accept or close everything behind it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from cli.failures import Refused
from cli.operations.applying import ApplyReport, apply
from cli.operations.causes import REVIEWED, Cause, causes, mapping_tables
from cli.operations.documents import document_from, plain_document
from cli.operations.finding import Selection, find_all
from cli.pairs import connection_named
from connector.acceptance import accept, can_accept, figures_of
from connector.record import Record
from connector.records import RecordStore
from connector.review import close, replay, skip
from connector.services import Services

ENDINGS = {"skip": "skipped", "accept": "accepted", "close": "closed"}
"""Ways to end records without work, with the word for it: until something new is heard, at the figures that they show
(others are held again), for good. Each needs a reason."""


def all_causes(services: Services, connection: str = "") -> list[Cause]:
    """Everything that waits for a person, by cause."""
    return causes(find_all(services, Selection(connection, REVIEWED)), mapping_tables())


def cause_named(services: Services, identifier: str) -> Cause:
    """The cause with this id, or an unambiguous beginning of it. Raises Refused."""
    found = [cause for cause in all_causes(services) if cause.id.startswith(identifier)]
    if len(found) != 1:
        what = "no cause" if not found else f"{len(found)} causes"
        raise Refused(f"{what} with the id {identifier!r}; look with `ml-connector review list`")
    return found[0]


def members(services: Services, cause: Cause) -> list[Record]:
    """The records behind a cause, as they are now, the longest waiting first."""
    known = RecordStore(services).load_many(cause.records)
    return [known[identifier] for identifier in cause.records if identifier in known]


def set_mapping(services: Services, cause: Cause, given: str, who: str, correlation: str) -> ApplyReport:
    """Adds the missing key to the connection's table and lets everything that waits for it go on.

    given: the value, as JSON or plain text. Raises Refused, InvalidConnection for a value that does not fit.
    """
    _, connection = connection_named(services, cause.connection)
    document = plain_document(connection.document)
    tables: dict[str, Any] = document.get("tables") or {}
    if not cause.kind or cause.kind not in tables:
        raise Refused(f"cause {cause.id} waits for no key of a mapping table: {cause.text}. {cause.advice}")
    tables[cause.kind] = {**tables[cause.kind], cause.value: _value(given)}
    return apply(services, document_from({**document, "tables": tables}), who, correlation)


def example_entry(services: Services, cause: Cause) -> str:
    """Another entry of the table that lacks the key, as JSON without what is left at its default; "" without one."""
    _, connection = connection_named(services, cause.connection)
    rows = getattr(getattr(connection.document, "tables", None), cause.kind, None) if cause.mappable else None
    if not rows:
        return ""
    row = next(iter(rows.values()))
    return json.dumps(row.model_dump(mode="json", exclude_defaults=True) if isinstance(row, BaseModel) else row)


def _value(given: str) -> Any:
    """Objects, lists and quoted texts as JSON; everything else is the text itself (a code may look like a number)."""
    if given.lstrip().startswith(("{", "[", '"')):
        try:
            return json.loads(given)
        except ValueError as error:
            raise Refused(f"the value begins like JSON but is none ({error})") from error
    return given


def replay_all(services: Services, records: Sequence[Record], who: str, correlation: str) -> int:
    """Makes them all due; answers how many."""
    store = RecordStore(services)
    return len([replay(services, store, record, correlation, who) for record in records])


def end_all(services: Services, records: Sequence[Record], who: str, reason: str, way: str) -> int:
    """Ends them by one of `ENDINGS`; answers how many. Raises Refused.

    Nothing is accepted where one shows nothing to accept. One that shows other figures by now than `records`, which a
    person saw, stays as it is, and is named when the others are accepted.
    """
    store = RecordStore(services)
    if way == "accept":
        acceptable(records)
        return _accept_all(services, store, records, who, reason)
    end = close if way == "close" else skip
    return len([end(store, record, who, reason) for record in records])


def _accept_all(services: Services, store: RecordStore, records: Sequence[Record], who: str, reason: str) -> int:
    changed: list[str] = []
    for record in records:
        try:
            accept(services, store, record, who, reason)
        except LookupError:
            changed.append(record.id)
    if changed:
        raise Refused(
            f"{', '.join(changed)}: not accepted, because the figures are others by now; look at them with "
            f"`ml-connector review list`. {len(records) - len(changed)} accepted"
        )
    return len(records)


def acceptable(records: Sequence[Record]) -> list[str]:
    """What accepting them leaves as it is, a line each. Raises Refused where one of them shows no figures."""
    without = [record.id for record in records if not can_accept(record)]
    if without:
        raise Refused(
            f"{', '.join(without)} shows nothing that can be accepted; nothing was done. Accept the others one by one "
            "with `ml-connector records accept`"
        )
    return [f"{record.id}: {shown(figures_of(record))}" for record in records]


def shown(figures: Mapping[str, str]) -> str:
    """Figures in a line."""
    return ", ".join(f"{value} at {name}" for name, value in figures.items())


def accept_one(services: Services, record: Record, who: str, reason: str) -> Record:
    """Accepts the figures that a held record shows. Raises Refused where it shows none."""
    try:
        return accept(services, RecordStore(services), record, who, reason)
    except LookupError as error:
        raise Refused(f"{error}; look at it with `ml-connector records show`") from error
