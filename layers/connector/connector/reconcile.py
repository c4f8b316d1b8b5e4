"""Comparing what both sides hold: pure functions over entries, no vendor and no table in here.

A pair lists each side as entries with a common key (`connector.survey`). A key that stands on one side only, twice on
one side, or with other facts is a difference. What our own record says about it explains the difference, or does not.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from connector.record import Record, Status
from connector.redact import redact_text

ON_ITS_WAY = frozenset({Status.QUEUED, Status.WAITING, Status.UNKNOWN})
NOBODY: Mapping[str, str] = {}


@dataclass(frozen=True)
class Entry:
    """One thing as one side shows it. `facts` are canonical texts; only those that both sides state are compared.

    name: what people call it there. record: the id of our record of it, "" where the pair knows none.
    because: why the pair itself does not expect it on the other side (yet), "" when it does.
    """

    key: str
    facts: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    record: str = ""
    because: str = ""


@dataclass(frozen=True)
class Sides:
    """Both sides of one kind of thing. `systems` names left and right; `limits` says what the lists cannot show."""

    kind: str
    systems: tuple[str, str]
    left: Sequence[Entry]
    right: Sequence[Entry]
    limits: str = ""


class Verdict(StrEnum):
    """How two sides can disagree."""

    ONLY_LEFT = "only left"
    ONLY_RIGHT = "only right"
    TWICE = "twice"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Difference:
    """One disagreement. `explained` says why it is expected, "" when nobody knows; `command` repairs or shows it."""

    kind: str
    key: str
    name: str
    verdict: Verdict
    what: str
    record: str = ""
    explained: str = ""
    command: str = ""


@dataclass(frozen=True)
class Compared:
    """One kind, compared."""

    kind: str
    systems: tuple[str, str]
    left: int
    right: int
    agreed: int
    differences: tuple[Difference, ...]
    limits: str = ""

    @property
    def unexplained(self) -> int:
        """How many differences nobody can explain."""
        return sum(1 for difference in self.differences if not difference.explained)


@dataclass(frozen=True)
class Report:
    """One connection's reconciliation of a window. Times are instant texts."""

    connection: str
    pair: str
    since: str
    until: str
    made_at: str
    kinds: tuple[Compared, ...]

    @property
    def unexplained(self) -> int:
        """How many differences nobody can explain, of all kinds."""
        return sum(compared.unexplained for compared in self.kinds)


def compare(sides: Sides) -> Compared:
    """Every disagreement, not explained yet, ordered by key."""
    left, right = _by_key(sides.left), _by_key(sides.right)
    differences: list[Difference] = []
    agreed = 0
    for key in sorted({*left, *right}):
        found = list(_disagreements(sides, key, left.get(key, []), right.get(key, [])))
        differences += found
        agreed += not found
    return Compared(
        sides.kind, sides.systems, len(sides.left), len(sides.right), agreed, tuple(differences), sides.limits
    )


def _by_key(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    grouped: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        grouped[entry.key].append(entry)
    return grouped


def _disagreements(sides: Sides, key: str, left: list[Entry], right: list[Entry]) -> Iterable[Difference]:
    one = [*left, *right][0]
    record = next((entry.record for entry in (*left, *right) if entry.record), "")
    because = next((entry.because for entry in (*left, *right) if entry.because), "")

    def difference(verdict: Verdict, what: str) -> Difference:
        return Difference(sides.kind, key, one.name or key, verdict, what, record, because)

    for system, entries in zip(sides.systems, (left, right), strict=True):
        if len(entries) > 1:
            names = ", ".join(entry.name or entry.key for entry in entries)
            yield difference(Verdict.TWICE, f"{system} holds it {len(entries)} times: {names}")
    if not right:
        yield difference(Verdict.ONLY_LEFT, f"{sides.systems[0]} holds it, {sides.systems[1]} does not")
    elif not left:
        yield difference(Verdict.ONLY_RIGHT, f"{sides.systems[1]} holds it, {sides.systems[0]} does not")
    else:
        told = _unlike(sides.systems, left[0], right[0])
        if told:
            yield difference(Verdict.DIFFERENT, "; ".join(told))


def _unlike(systems: tuple[str, str], left: Entry, right: Entry) -> list[str]:
    return [
        f"{fact}: {left.facts[fact] or '(none)'} in {systems[0]}, {right.facts[fact] or '(none)'} in {systems[1]}"
        for fact in left.facts
        if fact in right.facts and left.facts[fact] != right.facts[fact]
    ]


def explained(
    compared: Compared,
    records: Mapping[str, Record],
    written: Collection[str],
    unseen: Callable[[Difference], str],
    late: Mapping[str, str] = NOBODY,
) -> Compared:
    """The same with reasons and commands.

    written: ids of the records whose writes have ended well. unseen: the command for what no record knows. late:
    sentences about records that have been on their way for too long to explain anything, by id.
    """
    judged = [
        _judged(difference, records.get(difference.record), difference.record in written, unseen, late)
        for difference in compared.differences
    ]
    shown = tuple(replace(each, explained=redact_text(each.explained)) for each in judged)
    return replace(compared, differences=shown)


def _judged(
    difference: Difference,
    record: Record | None,
    written: bool,
    unseen: Callable[[Difference], str],
    late: Mapping[str, str],
) -> Difference:
    if record is None:
        return replace(difference, command=unseen(difference))
    shown, replay = f"ml-connector explain {quoted(record.id)}", f"ml-connector records replay {quoted(record.id)}"
    if difference.explained:
        return replace(difference, command=shown)
    if difference.verdict is Verdict.TWICE:  # no state of ours can make that right
        return replace(difference, command=shown)
    if record.id in late:
        return replace(difference, what=redact_text(f"{difference.what}; {late[record.id]}"), command=replay)
    if record.status in ON_ITS_WAY or record.seen > record.handled:
        return replace(difference, explained=f"on its way: {record.why or 'a message is queued'}", command=shown)
    if record.status is Status.HELD:
        return replace(difference, explained=f"held: {record.why}", command="ml-connector review list --connection "
                       f"{record.connection}")
    if record.status is Status.CLOSED:
        return replace(difference, explained=record.why or "closed by a person", command=shown)
    if record.status is Status.REFUSED:
        return replace(difference, explained=f"refused: {record.why}", command=replay)
    # Done without a write: the rule that let it end so is the explanation.
    alone = difference.verdict in (Verdict.ONLY_LEFT, Verdict.ONLY_RIGHT)
    return replace(difference, explained=record.why if alone and not written else "", command=replay)


def quoted(text: str) -> str:
    """A record's id as one word of a shell; source keys may hold blanks."""
    return shlex.quote(text)


# ---- as plain values ------------------------------------------------------------------------------------------


def plain_report(report: Report) -> dict[str, Any]:
    """The report as JSON values."""
    return {
        "connection": report.connection,
        "pair": report.pair,
        "since": report.since,
        "until": report.until,
        "made_at": report.made_at,
        "unexplained": report.unexplained,
        "kinds": [
            {
                "kind": compared.kind,
                "systems": list(compared.systems),
                "left": compared.left,
                "right": compared.right,
                "agreed": compared.agreed,
                "unexplained": compared.unexplained,
                "limits": compared.limits,
                "differences": [
                    {**vars(difference), "verdict": difference.verdict.value} for difference in compared.differences
                ],
            }
            for compared in report.kinds
        ],
    }


def report_from(document: Mapping[str, Any]) -> Report:
    """The inverse of `plain_report`. Raises KeyError, ValueError."""
    kinds = []
    for each in document["kinds"]:
        differences = tuple(
            Difference(**{**row, "verdict": Verdict(row["verdict"])}) for row in each["differences"]
        )
        left, right = each["systems"]
        kinds.append(
            Compared(each["kind"], (left, right), each["left"], each["right"], each["agreed"], differences,
                     each["limits"])
        )
    names = ("connection", "pair", "since", "until", "made_at")
    return Report(**{name: str(document[name]) for name in names}, kinds=tuple(kinds))
