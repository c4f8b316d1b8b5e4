"""One cell of the matrix: a story told with planned faults, and how it ended."""

from __future__ import annotations

import gc
import json
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from connector import ledger
from tests.crash.expected import DONE, HELD, expected
from tests.crash.faults import BY_NAME
from tests.crash.judge import STUCK, early_cursor, findings_of, touched_by
from tests.crash.moments import Moment, Strike
from tests.crash.stories import LOST, Finding, Sighting, Story
from tests.crash.theatre import Theatre

AFTERMATH = 12.0
"""Minutes of ordinary life after everything is quiet: late duplicates must not appear."""

PATIENCE = 60
"""Seconds of real time for one cell."""

INDEX_LAG = 20.0
"""Minutes that the indexes stand still in mode "old indexes"."""

MODES: dict[str, Callable[[Theatre], None]] = {
    "": lambda theatre: None,
    "doubled": lambda theatre: setattr(theatre, "doubled", True),
    "deletes lost": lambda theatre: theatre.lose_deletes(),
    "reversed": lambda theatre: setattr(theatre, "reversed", True),
    "old indexes": lambda theatre: _freeze(theatre),
    "large answers": lambda theatre: setattr(ledger, "INLINE_ANSWER", 200),
    "meanwhile": lambda theatre: None,
}


@dataclass(frozen=True)
class Cell:
    """`strikes`: (number of the moment, name of the fault)."""

    story: str
    strikes: tuple[tuple[int, str], ...] = ()
    mode: str = ""

    @property
    def fault(self) -> str:
        """For totals: the faults, else the mode."""
        names = [name for _, name in self.strikes]
        return " + ".join([*names, *([self.mode] if self.mode else [])]) or "none"

    def __str__(self) -> str:
        return "/".join([self.story, self.mode, *(f"{number}:{name}" for number, name in self.strikes)])


def parse_cell(text: str) -> Cell:
    """The inverse of str."""
    story, mode, *strikes = text.split("/")
    pairs = [strike.split(":", 1) for strike in strikes]
    return Cell(story, tuple((int(number), name) for number, name in pairs), mode)


@dataclass
class Ended:
    """How a cell ended. `outcome`: done, held or broken."""

    outcome: str
    moments: list[str] = field(default_factory=list)
    findings: list[tuple[str, str]] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def count(self, kind: str) -> int:
        """How many things were lost, duplicated, wrong, stuck."""
        return sum(1 for found, _ in self.findings if found == kind)


def _planned(cell: Cell, theatre: Theatre) -> list[tuple[str, str, str]]:
    """Kind of boundary, its label, and the fault of every strike."""
    names = dict(cell.strikes)
    return [(moment.kind, moment.label, names[moment.number]) for moment in theatre.watch.struck]


def _freeze(theatre: Theatre) -> None:
    tables = theatre.world.tables
    tables.freeze_indexes()
    theatre.late.append((theatre.clock() + timedelta(minutes=INDEX_LAG), tables.thaw_indexes))


def tell(story: Story, theatre: Theatre, cell: Cell) -> Ended:
    """Tells a story from its cause to its end on a prepared theatre."""
    MODES[cell.mode](theatre)
    sightings: list[Sighting] = []
    early: list[Finding] = []
    _plan(story, theatre, cell)
    # What is edited meanwhile moves behind the cursor, where the next poll finds it.
    if cell.mode != "meanwhile" and not any(BY_NAME[name].liar for _, name in cell.strikes):
        theatre.watch.stored = lambda: early.extend(filter(None, [early_cursor(theatre, sightings)]))
    theatre.watch.on = True
    sightings.extend(story.act(theatre))
    theatre.go(story.minutes, lambda: _finished(story, theatre) or _called(story, theatre))
    if story.person is not None and _called(story, theatre):
        theatre.watch.aside = True
        story.person(theatre)
        theatre.watch.aside = False
        theatre.go(story.minutes, lambda: _finished(story, theatre))
    theatre.go(AFTERMATH)
    theatre.go(60.0, theatre.quiet)
    theatre.watch.on = False
    findings = [*early[:1], *findings_of(story, theatre), *_crashes(theatre, cell)]
    if cell.strikes and not theatre.watch.struck:  # a second one may come too late to strike
        findings.append(Finding(STUCK, "the planned fault did not strike: the run differs from the recorded one"))
    return _ended(story, cell, theatre, findings)


def _finished(story: Story, theatre: Theatre) -> bool:
    return theatre.quiet() and not story.judge(theatre)


def _called(story: Story, theatre: Theatre) -> bool:
    """Whether a person was called who can do something."""
    return story.person is not None and bool(theatre.world.alerts.sent)


def _plan(story: Story, theatre: Theatre, cell: Cell) -> None:
    for number, name in cell.strikes:
        strike = BY_NAME[name].strike(theatre)
        theatre.watch.plan[number] = _and_meanwhile(story, theatre, strike) if cell.mode == "meanwhile" else strike


def _and_meanwhile(story: Story, theatre: Theatre, strike: Strike) -> Strike:
    def both(moment: Moment, request: Any) -> None:
        act = story.meanwhile
        if act is not None:
            theatre.late.append((theatre.clock() + timedelta(minutes=1), lambda: act(theatre)))
        strike(moment, request)

    return both


def _crashes(theatre: Theatre, cell: Cell) -> list[Finding]:
    """A vendor's fault must never leave a handler as an error: that would cost receive counts."""
    own = ("store", "queue", "second", "killed beside")
    if any(name.startswith(own) for _, name in cell.strikes):
        return []
    return [Finding("crashed", error) for error in theatre.errors[:3]]


def _ended(story: Story, cell: Cell, theatre: Theatre, findings: list[Finding]) -> Ended:
    touched = touched_by(theatre)
    # What waits for a person is not lost; after the person has acted nothing may be missing any more.
    waiting = (LOST, STUCK) if touched and story.person is None else ()
    serious = [found for found in findings if found.kind not in waiting]
    outcome = "broken" if serious else HELD if touched else DONE
    if outcome == HELD and HELD not in [expected(cell.story, *row) for row in _planned(cell, theatre)]:
        outcome = "broken"
    rows = [(found.kind, found.text) for found in (findings if outcome == "broken" else serious)]
    return Ended(outcome, [str(moment) for moment in theatre.watch.struck], rows, touched, theatre.errors[:5])


@dataclass(frozen=True)
class Copy:
    """A copy of this process that does one thing; what it changes is gone with it."""

    process: int
    reading: int

    def answer(self) -> Any:
        """Waits for its end and answers its plain JSON."""
        with os.fdopen(self.reading) as pipe:
            text = pipe.read()
        os.waitpid(self.process, 0)
        return json.loads(text) if text else {"outcome": "broken", "findings": [[STUCK, f"no end in {PATIENCE} s"]]}


def in_copy(work: Callable[[], Any]) -> Copy:
    """Starts `work` in a copy of this process."""
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return Copy(process, reading)
    signal.alarm(PATIENCE)
    try:
        answer = json.dumps(work())
    except BaseException as error:  # noqa: BLE001 - the copy must never go on as if it were the program
        answer = json.dumps({"outcome": "broken", "findings": [["crashed", f"{type(error).__name__}: {error}"]]})
    with os.fdopen(writing, "w") as pipe:
        pipe.write(answer)
    os._exit(0)


def run_cells(
    story: Story, prepared: Theatre, cells: Sequence[Cell], jobs: int = 1
) -> Iterator[tuple[Cell, Ended]]:
    """Every cell on a copy of the prepared theatre, `jobs` at a time, answered in order."""
    gc.collect()
    gc.freeze()  # the copies share what is there already
    running: deque[tuple[Cell, Copy]] = deque()
    for cell in cells:
        if len(running) >= jobs:
            done, copy = running.popleft()
            yield done, Ended(**copy.answer())
        running.append((cell, in_copy(lambda cell=cell: asdict(tell(story, prepared, cell)))))  # type: ignore[misc]
    for done, copy in running:
        yield done, Ended(**copy.answer())


def run_cell(story: Story, prepared: Theatre, cell: Cell) -> Ended:
    """One cell on a copy of the prepared theatre."""
    return next(run_cells(story, prepared, [cell]))[1]


def record_moments(story: Story, prepared: Theatre) -> list[Moment]:
    """Every moment of the story without faults, until everything is quiet."""

    def clean() -> list[list[Any]]:
        prepared.watch.on = True
        story.act(prepared)
        prepared.go(story.minutes, lambda: prepared.quiet() and not story.judge(prepared))
        return [[moment.number, moment.label, moment.kind, moment.side] for moment in prepared.watch.moments]

    return [Moment(*row) for row in in_copy(clean).answer()]
