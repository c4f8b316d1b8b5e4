"""Shows the records while they move: a living table on a terminal, plain lines anywhere else."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from local.demo.watch import Sentence, View

STREAMS = ("orders", "items", "shipments", "stock", "charges", "labels", "tracking")
"""Rows that are always there; others follow when they have a record."""

STATUSES = ("queued", "waiting", "unknown", "held", "refused", "done")
COLOURS = {"held": "yellow", "refused": "red", "unknown": "magenta", "done": "green"}
PEOPLE, LINES = 5, 10
PLAIN_SECONDS = 5.0


class Picture(Protocol):
    """What the driver tells; entering it begins the show."""

    def phase(self, title: str) -> None:
        """A new part begins."""
        ...

    def tell(self, text: str) -> None:
        """Somebody did something."""
        ...

    def show(self, view: View, sentences: Sequence[Sentence]) -> None:
        """Where the records stand, and what was written into the audit trail since the last call."""
        ...

    def __enter__(self) -> Picture: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class LivePicture:
    """For a terminal: the table of records, what people do, what the records say."""

    def __init__(self, console: Console) -> None:
        self._began = time.monotonic()
        self._title = ""
        self._view = View()
        self._people: deque[str] = deque(maxlen=PEOPLE)
        self._sentences: deque[Sentence] = deque(maxlen=LINES)
        self._live = Live(console=console, refresh_per_second=4, get_renderable=self._render)

    def phase(self, title: str) -> None:
        """A new part begins."""
        self._title = title

    def tell(self, text: str) -> None:
        """Somebody did something."""
        self._people.append(text)

    def show(self, view: View, sentences: Sequence[Sentence]) -> None:
        """Takes the newest state; the screen follows."""
        self._view = view
        self._sentences.extend(told_once(sentences)[-LINES:])

    def _render(self) -> Group:
        table = Table(title=f"{self._title}   {time.monotonic() - self._began:.0f} s", expand=True)
        table.add_column("flow")
        for status in STATUSES:
            table.add_column(status, justify="right")
        for stream in streams_of(self._view):
            table.add_row(stream, *(self._cell(stream, status) for status in STATUSES))
        people = [_one_line(text, "cyan") for text in self._people]
        records = [_one_line(f"{it.record}  {it.text}") for it in self._sentences]
        return Group(table, Panel(Group(*people), title="people"), Panel(Group(*records), title="records"))

    def _cell(self, stream: str, status: str) -> Text:
        number = self._view.counts.get((stream, status), 0)
        return Text(str(number) if number else "·", style=COLOURS.get(status, "white") if number else "dim")

    def __enter__(self) -> Picture:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()


def streams_of(view: View) -> list[str]:
    """The rows: the well-known ones first."""
    return [*STREAMS, *sorted({stream for stream, _ in view.counts} - set(STREAMS))]


def _one_line(text: str, style: str = "") -> Text:
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")


def told_once(sentences: Sequence[Sentence]) -> list[Sentence]:
    """The sentences without those that only say of another record what the one before said."""
    kept: list[Sentence] = []
    for sentence in sentences:
        if not kept or kept[-1].text != sentence.text:
            kept.append(sentence)
    return kept


class PlainPicture:
    """For logs and pipes: what people do, and a line of numbers every few seconds."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._said = 0.0

    def phase(self, title: str) -> None:
        """A new part begins."""
        self._print(f"== {title}")

    def tell(self, text: str) -> None:
        """Somebody did something."""
        self._print(f"» {text}")

    def show(self, view: View, sentences: Sequence[Sentence]) -> None:
        """Says where the records stand, not more often than every few seconds."""
        if time.monotonic() - self._said < PLAIN_SECONDS:
            return
        self._said = time.monotonic()
        parts = []
        for stream in streams_of(view):
            known = [status for status in STATUSES if (stream, status) in view.counts]
            counts = [f"{view.counts[stream, status]} {status}" for status in known]
            parts += [f"{stream}: {', '.join(counts)}"] if counts else []
        self._print("   " + "; ".join(parts or ["nothing yet"]))
        for sentence in told_once(sentences)[-2:]:
            self._print(f"     {sentence.record}: {sentence.text}")

    def _print(self, text: str) -> None:
        self._console.print(
            f"{time.monotonic() - self._began:5.0f} s  {text}", markup=False, highlight=False, soft_wrap=True
        )

    def __enter__(self) -> Picture:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is to be put back."""


def picture_for(console: Console) -> Picture:
    """The one that suits the console."""
    return LivePicture(console) if console.is_terminal else PlainPicture(console)
