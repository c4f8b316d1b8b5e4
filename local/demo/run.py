"""One run of the story, from opening the connection to the moment when both sides agree and nothing moves."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from local.demo import books, closing
from local.demo.books import Line
from local.demo.internet import Internet, Ticker
from local.demo.picture import Picture
from local.demo.place import Place, Vendors, clock
from local.demo.story import Story
from local.demo.watch import Sentence, View, Watch

DEADLINE = 200.0
"""Seconds that the story may take. It takes about a minute; a slow machine needs more."""

QUIET_SECONDS = 1.5
"""Both sides must agree, with nothing on its way, for this long."""

LOOK_SECONDS = 0.6
CRASHED = "Stopped by an error in this software"


class StoryStuck(Exception):
    """Not everything happened in time; the text says what did not."""


@dataclass
class Run:
    """Everything that a run needs."""

    picture: Picture
    place: Place
    both: Vendors
    story: Story
    internet: Internet
    ticker: Ticker

    def play(self) -> View:
        """Runs the story to its end. Raises StoryStuck and CommandFailed."""
        watch, view = Watch(self.place), View()
        began = time.monotonic()
        looked, calm_since = 0.0, 0.0
        while (now := time.monotonic()) - began < DEADLINE:
            self.ticker.run(now)
            self.internet.run()
            if now - looked >= LOOK_SECONDS:
                looked, view = now, watch.look()
                self.story.step(now, view)
                sentences = watch.sentences(clock())
                self.picture.show(view, sentences)
                look_for_errors(sentences)
                calm_since = (calm_since or now) if self._calm(view, watch) else 0.0
                if calm_since and now - calm_since >= QUIET_SECONDS:
                    return view
            time.sleep(0.05)
        raise StoryStuck("\n  ".join(["Not everything happened in time:", *self._reasons(view, watch)]))

    def compared(self) -> list[Line]:
        """The closing table as it would be now."""
        return compared(self.both, self.story)

    def _calm(self, view: View, watch: Watch) -> bool:
        at_rest = self.story.over() and not view.moving() and not view.all_stuck() and not watch.queued()
        return at_rest and not closing.differences(self.compared())

    def _reasons(self, view: View, watch: Watch) -> list[str]:
        return [
            *self.story.open_ends(),
            *(f"{it.stream} {it.key} is {it.status}: {it.why}" for it in view.all_stuck()),
            f"{view.moving()} records are on their way, {watch.queued()} messages are queued, "
            f"{watch.dead_letters()} crashed five times",
        ]


def look_for_errors(sentences: Sequence[Sentence]) -> None:
    """Nothing in this story may crash a worker: there is nothing to wait for then. Raises StoryStuck."""
    for sentence in sentences:
        if sentence.text.startswith(CRASHED):
            raise StoryStuck(f"{sentence.record}: {sentence.text}")


def compared(both: Vendors, story: Story) -> list[Line]:
    """The closing table, read over the control doors."""
    rules = books.rules_of(story.document)
    return closing.compare(closing.holdings(both.acumatica_url), closing.holdings(both.shipbob_url), rules)
