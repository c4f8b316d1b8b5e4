"""All cells of a matrix, run, counted, printed and written down."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.crash.cells import MODES, Cell, Ended, record_moments, run_cells
from tests.crash.faults import BY_NAME, FAULTS, Fault
from tests.crash.moments import Moment
from tests.crash.stories import STORIES, Story
from tests.crash.theatre import Theatre

PAIRS_EACH = 40
"""Cells with two faults in a row per story in the full matrix."""

SEED = 20260302


@dataclass
class Tally:
    """The totals of a matrix. `rows` counts by (story, fault)."""

    cells: int = 0
    rows: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    touched: list[str] = field(default_factory=list)
    broken: list[tuple[Cell, Ended]] = field(default_factory=list)
    moments: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def add(self, cell: Cell, ended: Ended) -> None:
        """Counts one cell."""
        self.cells += 1
        fault = "two faults in a row" if len(cell.strikes) > 1 else cell.fault
        row = self.rows.setdefault((cell.story, fault), Counter())
        row.update(runs=1, lost=ended.count("lost"), duplicated=ended.count("duplicated"), wrong=ended.count("wrong"))
        row.update({ended.outcome: 1})
        self.touched += [f"{cell}: {text}" for text in ended.touched]
        if ended.outcome == "broken":
            self.broken.append((cell, ended))

    def total(self, name: str) -> int:
        """A column's sum: runs, lost, duplicated, wrong, done, held, broken."""
        return sum(row[name] for row in self.rows.values())


def cells_of(story: Story, moments: Sequence[Moment], short: bool) -> Iterator[Cell]:
    """Every cell of a story."""
    for mode in MODES:
        if mode != "meanwhile":
            yield Cell(story.name, (), mode)
    for fault in FAULTS:
        for moment in moments:
            if fault.fits(moment) and (_in_short if short else _in_full)(fault, moment):
                yield Cell(story.name, ((moment.number, fault.name),))
    if story.meanwhile is not None:
        yield from _critical(story, moments, ("killed", "dropped after"), "meanwhile", short)
    if not short:
        for mode in ("doubled", "deletes lost", "reversed", "old indexes", "large answers"):
            yield from _critical(story, moments, ("killed",), mode, short)
        yield from _two_faults(story, moments)


OUTAGES = frozenset({"dropped before", "500 before", "500 after", "503 after", "slow", "outage of six calls"})
BESIDE = frozenset({"killed beside a second worker", "second worker"})


def _in_short(fault: Fault, moment: Moment) -> bool:
    """The moment after one store step and the moment before the next are the same to a process that dies, and a read
    cannot tell one outage from another."""
    if not fault.short or (moment.kind == "read" and fault.name in OUTAGES):
        return False
    if fault.name == "killed":
        return moment.side == "before" or moment.kind not in ("store", "queue")
    if fault.name == "store answer lost":
        return moment.number % 3 == 0
    return fault.name not in BESIDE or moment.kind == "write" or moment.number % 6 == 0


def _in_full(fault: Fault, moment: Moment) -> bool:
    if fault.name in BESIDE:
        return moment.side == "before" or moment.kind not in ("store", "queue")
    return fault.short or moment.kind != "read"


def _critical(
    story: Story, moments: Sequence[Moment], names: Iterable[str], mode: str, short: bool
) -> Iterator[Cell]:
    """Around writes, a fault in another mode."""
    for moment in moments:
        for name in names:
            near = moment.kind == "write" if short else moment.side == "before" or moment.kind == "write"
            if near and BY_NAME[name].fits(moment):
                yield Cell(story.name, ((moment.number, name),), mode)


def _two_faults(story: Story, moments: Sequence[Moment]) -> Iterator[Cell]:
    """A random sample, the same in every run: the second fault strikes while the first is being mended."""
    dice = random.Random(f"{SEED}/{story.name}")
    for _ in range(PAIRS_EACH):
        first = dice.choice(moments)
        one = dice.choice([fault for fault in FAULTS if fault.fits(first)])
        second = first.number + dice.randint(1, 40)
        yield Cell(story.name, ((first.number, one.name), (second, dice.choice(("killed", "second worker")))))


@dataclass
class Matrix:
    """Runs the cells of some stories. `sample`: at most so many cells of each story, chosen at random."""

    short: bool = False
    flows: tuple[str, ...] = ()
    sample: int | None = None
    jobs: int = 1
    tell: bool = False

    def run(self) -> Tally:
        """All of them."""
        tally, began = Tally(), time.monotonic()
        for story in STORIES:
            if story.name in self.flows or (not self.flows and (story.short or not self.short)):
                self._story(story, tally)
        tally.seconds = time.monotonic() - began
        return tally

    def _story(self, story: Story, tally: Tally) -> None:
        prepared: Theatre = story.make(False)
        moments = record_moments(story, prepared)
        tally.moments[story.name] = len(moments)
        cells = list(cells_of(story, moments, self.short))
        if self.sample is not None and len(cells) > self.sample:
            chosen = random.Random(SEED).sample(range(len(cells)), self.sample)
            cells = [cells[index] for index in sorted(chosen)]
        before = len(tally.broken)
        for cell, ended in run_cells(story, prepared, cells, self.jobs):
            tally.add(cell, ended)
        if self.tell:
            broken = len(tally.broken) - before
            print(f"{story.name}: {len(moments)} moments, {len(cells)} cells, {broken} broken", flush=True)
