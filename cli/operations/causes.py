"""What needs a person, grouped by cause: one fix often frees many records."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cli.operations.awaited import awaited
from cli.pairs import PAIRS, UnknownPair, pair_named
from connector.acceptance import can_accept
from connector.outcome import Missing
from connector.record import Record, Status, short_hash
from connector.redact import redact_text
from connector.sweep import PAUSED, READABLE, SWITCHED_OFF

REVIEWED = (Status.HELD, Status.REFUSED, Status.UNKNOWN)
EXAMPLES = 5
SHORT = 8  # characters of a cause's id

SPECIAL = {
    PAUSED: ("the connection to be resumed", "ml-connector connections resume {name}"),
    READABLE: ("a connection file that this version can read", "ml-connector connections apply FILE (of {name})"),
}
"""What records wait for that is no key of a table: in words, and what to do."""

_PARTICULAR = re.compile(r"[^\s,;:()'\"]*\d[^\s,;:()'\"]*")
"""Words with a digit: numbers of orders, ids, times. Without them two faults of the same kind read the same."""


@dataclass(frozen=True)
class Cause:
    """One reason why records stand still. `records` are ids, the longest waiting first.

    id: names the cause in `review show` and `resolve`; the same cause has the same id tomorrow.
    kind, value: the missing key, "" where none is missing. mappable: the key belongs into a table of the file.
    acceptable: whether all of them show figures that a person may accept.
    """

    id: str
    connection: str
    text: str
    advice: str
    status: str
    oldest: str
    records: tuple[str, ...]
    kind: str = ""
    value: str = ""
    acceptable: bool = False
    mappable: bool = False

    @property
    def count(self) -> int:
        """How many records."""
        return len(self.records)


def causes(records: Iterable[Record], tables: Sequence[str]) -> list[Cause]:
    """The causes, the one that stops most records first. `tables`: names of the pair's mapping tables.

    A record that waits for several things is part of each of their groups.
    """
    groups: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    missing: dict[tuple[str, ...], Missing] = {}
    for record in records:
        for key in record.missing if record.status is Status.HELD else ():
            group = _group_of(record, key)
            missing[group] = key
            groups[group].append(record)
        if record.status is not Status.HELD or not record.missing:
            kind = _PARTICULAR.sub("#", record.why)
            groups[(record.connection, record.stream, record.status.value, kind)].append(record)
    found = [_cause(group, members, missing.get(group), tables) for group, members in groups.items()]
    return sorted(found, key=lambda cause: (-cause.count, cause.oldest))


def _cause(
    group: tuple[str, ...], members: list[Record], missing: Missing | None, tables: Sequence[str]
) -> Cause:
    members.sort(key=lambda record: (record.updated_at, record.id))
    first = members[0]
    text = _waits(members, missing) if missing is not None else _stands(members)
    advice = key_advice(first, missing, tables) if missing is not None else _advice(first, len(members))
    kind, value = (missing.kind, missing.value) if missing is not None else ("", "")
    acceptable = missing is None and all(can_accept(record) for record in members)
    return Cause(
        _id_of(group), first.connection, text, advice, first.status.value, first.updated_at,
        tuple(record.id for record in members), kind, value, acceptable, kind in tables,
    )


def _id_of(group: tuple[str, ...]) -> str:
    return short_hash(*group)[:SHORT]


def _group_of(record: Record, missing: Missing) -> tuple[str, ...]:
    return (record.connection, record.stream, "missing", missing.kind, missing.value)


def _waits(members: Sequence[Record], missing: Missing) -> str:
    return f"{_amount(members)} {'waits' if len(members) == 1 else 'wait'} for {wanted(missing)}"


def _stands(members: Sequence[Record]) -> str:
    first = members[0]
    word = {Status.HELD: "held", Status.REFUSED: "refused", Status.UNKNOWN: "not clear whether written"}[first.status]
    same = all(record.why == first.why for record in members)
    return f"{_amount(members)} {word}: {'' if same else 'for example '}{redact_text(first.why)}"


def _amount(members: Sequence[Record]) -> str:
    count, stream = len(members), members[0].stream.replace("_", " ")
    if not stream.endswith("s"):  # stock, tracking: no word for several of them
        return f"{count} record{'' if count == 1 else 's'} of {stream}"
    one = f"{stream[:-3]}y" if stream.endswith("ies") else stream[:-1]
    return f"1 {one}" if count == 1 else f"{count} {stream}"


def wanted(missing: Missing) -> str:
    """What is missing, in words."""
    if missing in SPECIAL:
        return SPECIAL[missing][0]
    if missing.kind == SWITCHED_OFF:
        return f"the flow {missing.value} to be switched on"
    if missing.kind == "secret":
        return f"another value of the secret {missing.value.rpartition('@')[0]}"
    if (told := awaited(missing)) is not None:
        return told.words
    return f"{kind_word(missing.kind)} {missing.value}"


def kind_word(kind: str) -> str:
    """The kind of a missing key as people say it."""
    return {"item": "SKU"}.get(kind, kind)


def key_advice(record: Record, missing: Missing, tables: Sequence[str]) -> str:
    """What to do about one missing key."""
    name = record.connection
    if missing in SPECIAL:
        return SPECIAL[missing][1].format(name=name)
    if missing.kind == SWITCHED_OFF:
        resume = f"ml-connector connections resume {name} --flow {_quoted(missing.value)}"
        return f"{resume}; or, if the file says schedule.{missing.value}.enabled = false, correct and apply it"
    if missing.kind == "secret":
        return f"ml-connector secrets set {missing.value.rpartition('@')[0].replace('/', ' ', 1)}"
    if missing.kind in tables:
        cause = _id_of(_group_of(record, missing))
        return (
            f"ml-connector review resolve {cause} --map VALUE; or add {missing.value!r} to tables.{missing.kind} of "
            "the file, then: ml-connector connections apply FILE"
        )
    if (told := awaited(missing)) is not None:
        return told.advice
    known = f"{kind_word(missing.kind)} {missing.value} is known on both sides"
    return f"continues by itself once {known}; why it is not: ml-connector explain {_quoted(missing.value)}"


def _advice(record: Record, count: int) -> str:
    if record.status is Status.UNKNOWN:
        return f"the vendor is asked again at {record.due_at}; nothing is sent before that"
    command = f"ml-connector records show {_quoted(record.id)}"
    again = f"ml-connector records replay {_quoted(record.id)}" if count == 1 else (
        f"ml-connector records replay --connection {record.connection} --stream {record.stream} "
        f"--status {record.status.value}"
    )
    return f"{command}; after the fix: {again}"


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)


def plain_cause(cause: Cause) -> dict[str, Any]:
    """A cause as JSON values."""
    return {**vars(cause), "records": list(cause.records), "count": cause.count}


def mapping_tables() -> list[str]:
    """Names of the mapping tables of every pair."""
    names: set[str] = set()
    for name in PAIRS:
        try:
            tables = pair_named(name).document.model_fields.get("tables")
        except UnknownPair:  # a pair that this version does not run has no tables
            continue
        names |= set(getattr(tables.annotation, "model_fields", {})) if tables is not None else set()
    return sorted(names)
