"""File attachments: put to the address a record or a detail row carries, read back by their own address."""

from __future__ import annotations

from collections.abc import Iterator

from local.simulators.acumatica.contract import FORMS
from local.simulators.acumatica.documents import Record, StoredFile
from local.simulators.acumatica.errors import Fault, bad_request
from local.simulators.acumatica.world import World

MAXIMUM_COMMENT = 500


def owner_of(world: World, graph: str, view: str, record_id: str) -> tuple[Record, str]:
    """The top-level record that a `files:put` address leads to, and the id of its part; raises 404."""
    for entity, form in FORMS.items():
        if form.graph != graph:
            continue
        if view == form.view and record_id in world.store.records[entity]:
            return world.store.records[entity][record_id], record_id
        record = world.store.records[entity].get(world.store.owner_of_row.get(record_id, ""))
        collections = [name for name, row_view in form.row_views.items() if row_view == view]
        if record and any(row.id == record_id for name in collections for row in record.rows(name)):
            return record, record_id
    raise Fault(404)


def attach(world: World, record: Record, part_id: str, name: str, content: bytes, comment: str) -> StoredFile:
    """Attaches a file; the same name overwrites and keeps its id. Raises a 400 Fault for an unusable request."""
    if not content or not name:
        raise bad_request("A file needs a name and content.")
    if len(comment) > MAXIMUM_COMMENT:
        raise bad_request(f"The comment is longer than {MAXIMUM_COMMENT} characters.")
    copy = world.store.working_copy(record)
    part = next(item for item in parts(copy) if item.id == part_id)
    old = next((file for file in part.files if file.name.casefold() == name.casefold()), None)
    file = StoredFile(old.id if old else world.new_id(), old.name if old else name, comment, content)
    part.files = [kept for kept in part.files if kept is not old] + [file]
    world.commit(copy, touch=False)
    return file


def parts(record: Record) -> Iterator[Record]:
    """A record and all its detail rows."""
    yield record
    for rows in record.details.values():
        for row in rows:
            yield from parts(row)


def find(world: World, file_id: str) -> StoredFile:
    """The file with this id; raises 404."""
    for records in world.store.records.values():
        for record in records.values():
            for part in parts(record):
                for file in part.files:
                    if file.id == file_id:
                        return file
    raise Fault(404)
