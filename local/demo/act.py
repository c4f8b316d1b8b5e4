"""Acts of the demo, and how several of them are played at the same time on one deployment.

An act lets people do things at its company and says when everything has happened. Whatever arrives on the other side
got there through the deployed functions alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

from local.demo.company import Company
from local.demo.internet import Ticker, logical_name
from local.demo.picture import Picture
from local.demo.place import Place, clock
from local.demo.table import Line, differences
from local.demo.watch import Sentence, View, Watch

DEADLINE = 420.0
"""Seconds that all acts together may take. They take about two minutes; a busy machine needs more."""

QUIET_SECONDS = 1.5
"""Both sides must agree, with nothing on its way, for this long."""

LOOK_SECONDS, LOOK_IN_TURN_SECONDS = 0.6, 0.3
CRASHED = "Stopped by an error in this software"

Tell = Callable[[str], None]


class StoryStuck(Exception):
    """Not everything happened in time; the text says what did not."""


class Plot(Protocol):
    """What is to happen at one company, and how much of it has happened."""

    def over(self) -> bool:
        """Whether everything has happened that was to happen."""
        ...

    def open_ends(self) -> list[str]:
        """What has not happened yet."""
        ...


@dataclass(frozen=True)
class Scene:
    """One thing that happens. `ready` is asked again and again, `act` runs once."""

    name: str
    ready: Callable[[], bool]
    act: Callable[[], None]


class Scenes:
    """A plot of scenes that are played one after the other."""

    def __init__(self, *scenes: Scene) -> None:
        self._left = list(scenes)

    def play(self) -> None:
        """Plays the next scene when its moment has come."""
        if self._left and self._left[0].ready():
            self._left.pop(0).act()

    def over(self) -> bool:
        """Whether every scene was played."""
        return not self._left

    def open_ends(self) -> list[str]:
        """The scenes that were not played yet."""
        return [f"scene {scene.name}" for scene in self._left]


class Act(Protocol):
    """One company's part of the demo."""

    name: str  # in the JSON document
    title: str  # of its closing table
    pair: str
    connection: str
    sides: tuple[str, str]  # the two systems, as the columns of the closing table

    @property
    def company(self) -> Company:
        """Where it plays."""
        ...

    @property
    def plot(self) -> Plot:
        """What is to happen."""
        ...

    def step(self, now: float, view: View) -> None:
        """Lets everybody act whose moment has come. Raises CommandFailed."""
        ...

    def compared(self) -> list[Line]:
        """The closing table as it would be now, read from the simulators' stores."""
        ...

    def notes(self) -> Sequence[str]:
        """Sentences below the closing table."""
        ...

    def facts(self) -> Mapping[str, Any]:
        """Numbers for the JSON document."""
        ...

    def plant_a_difference(self) -> None:
        """Somebody changes one side behind everybody's back."""
        ...


@dataclass
class _Playing:
    """How far one act is."""

    act: Act
    watch: Watch
    opened: Future[None]
    view: View = field(default_factory=View)
    calm_since: float = 0.0
    finished: bool = False

    def calm(self) -> bool:
        """Everything has happened, nothing is on its way, and both sides agree."""
        view = self.view
        at_rest = self.act.plot.over() and not view.moving() and not view.all_stuck() and not self.watch.queued()
        return at_rest and not differences(self.act.sides, self.act.compared())

    def reasons(self) -> list[str]:
        """Why it is not."""
        if self.finished:
            return []
        return [
            f"{' and '.join(self.act.sides)}: {self.view.moving()} records are on their way, {self.watch.queued()} "
            f"messages are queued, {self.watch.dead_letters()} crashed five times",
            *self.act.plot.open_ends(),
            *differences(self.act.sides, self.act.compared()),
            *(f"{it.stream} {it.key} is {it.status}: {it.why}" for it in self.view.all_stuck()),
        ]


class Playbill:
    """Plays the acts, all at the same time: most of each is waiting for the next poll."""

    def __init__(
        self, picture: Picture, place: Place, acts: Sequence[tuple[Act, Future[None]]], ticker: Ticker
    ) -> None:
        """acts: each with the future of its company's being connected; an act begins when that is done."""
        self._picture, self._ticker = picture, ticker
        self._playing = [
            _Playing(act, Watch(place, act.connection, logical_name(act.pair)), opened) for act, opened in acts
        ]
        self._turn = 0

    def play(self) -> None:
        """Until the last act is over. Raises StoryStuck and CommandFailed."""
        began, looked = time.monotonic(), 0.0
        while (now := time.monotonic()) - began < DEADLINE:
            self._ticker.run(now)
            for each in self._playing:
                each.act.company.deliver()
            unfinished = [each for each in self._playing if not each.finished]
            if not unfinished:
                return
            left = [each for each in unfinished if each.opened.done()]
            if not left:
                time.sleep(0.05)
                continue
            if now - looked >= (LOOK_IN_TURN_SECONDS if len(left) > 1 else LOOK_SECONDS):
                looked, self._turn = now, self._turn + 1
                self._look(left[self._turn % len(left)], now)
            time.sleep(0.05)
        reasons = [reason for each in self._playing for reason in each.reasons()]
        raise StoryStuck("\n  ".join(["Not everything happened in time:", *reasons]))

    def records(self) -> dict[str, int]:
        """Records of all acts by stream and status."""
        return {f"{stream} {status}": number for (stream, status), number in sorted(self._all().counts.items())}

    def _look(self, playing: _Playing, now: float) -> None:
        playing.opened.result()
        playing.view = playing.watch.look()
        playing.act.step(now, playing.view)
        sentences = playing.watch.sentences(clock())
        self._picture.show(self._all(), sentences)
        look_for_errors(sentences)
        playing.calm_since = (playing.calm_since or now) if playing.calm() else 0.0
        if playing.calm_since and now - playing.calm_since >= QUIET_SECONDS:
            playing.finished = True
            self._ticker.leave(playing.act.pair)

    def _all(self) -> View:
        counts: dict[tuple[str, str], int] = {}
        for playing in self._playing:
            for key, number in playing.view.counts.items():
                counts[key] = counts.get(key, 0) + number
        return View(counts=counts)


def look_for_errors(sentences: Sequence[Sentence]) -> None:
    """Nothing in these acts may crash a worker: there is nothing to wait for then. Raises StoryStuck."""
    for sentence in sentences:
        if sentence.text.startswith(CRASHED):
            raise StoryStuck(f"{sentence.record}: {sentence.text}")
