"""What is said at the end: a table per pair for people, one document for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

from local.demo.table import Line

SHOWN = 12
"""Differences that are listed; the JSON document has all."""


@dataclass(frozen=True)
class Closing:
    """What one act ended with."""

    title: str
    sides: tuple[str, str]
    lines: Sequence[Line]
    differences: Sequence[str]
    notes: Sequence[str]
    facts: Mapping[str, Any]


@dataclass
class Result:
    """One run."""

    seconds: Mapping[str, float]
    acts: dict[str, Closing] = field(default_factory=dict)  # by the act's name
    records: Mapping[str, int] = field(default_factory=dict)
    place: Mapping[str, str] = field(default_factory=dict)  # where it ran; nothing of it is left
    story: Sequence[str] = ()
    planted: Mapping[str, Sequence[str]] | None = None  # by act: the differences after one was planted there
    failure: str = ""

    @property
    def differences(self) -> list[str]:
        """Every difference of every act."""
        return [text for act in self.acts.values() for text in act.differences]

    @property
    def missed(self) -> list[str]:
        """The acts in which a planted difference was not found."""
        return [name for name, found in (self.planted or {}).items() if not found]

    @property
    def code(self) -> int:
        """0 when all sides agree, everything happened, and what was planted afterwards was found."""
        return 1 if self.differences or self.failure or self.missed else 0

    def document(self) -> str:
        """Everything as JSON. `differences` is empty when all sides agree."""
        facts = {"differences": self.differences, **asdict(self)}
        facts["total_seconds"] = round(sum(self.seconds.values()), 1)
        return json.dumps(facts, indent=1, ensure_ascii=False)


def _show(console: Console, act: Closing) -> None:
    table = Table(title=act.title)
    table.add_column("")
    for column in (*act.sides, "differences"):
        table.add_column(column, justify="right", no_wrap=True)
    for line in act.lines:
        table.add_row(line.title, line.erp, line.other, str(len(line.differences)))
    console.print(table)
    for note in act.notes:
        console.print(note, markup=False, highlight=False, soft_wrap=True)


def show(console: Console, result: Result) -> None:
    """The closing tables."""
    for act in result.acts.values():
        _show(console, act)
    for text in result.differences[:SHOWN]:
        console.print(f"  {text}", style="red", markup=False, highlight=False, soft_wrap=True)
    if len(result.differences) > SHOWN:
        console.print(f"  and {len(result.differences) - SHOWN} more", style="red", highlight=False)
    spent = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in result.seconds.items())
    console.print(f"Took {sum(result.seconds.values()):.0f} s: {spent}.", highlight=False)
    if result.planted:
        found = f"found in {len(result.planted) - len(result.missed)} of {len(result.planted)} acts"
        console.print(f"Afterwards a difference was planted in each act: {found}.", highlight=False)
    if result.failure:
        console.print(result.failure, style="red", markup=False, highlight=False, soft_wrap=True)
    else:
        count = len(result.differences)
        style = "bold green" if not count else "bold red"
        console.print(f"{count} difference{'' if count == 1 else 's'}", style=style, highlight=False)
