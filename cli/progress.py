"""Progress on standard error, for people at a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Told = Callable[[float, float, str], None]
"""How much is done, of how much, and what to say of it."""


@contextmanager
def bar(text: str, *, shown: bool = True) -> Iterator[Told]:
    """A bar while the block runs; silent in a pipe and where `shown` is False."""
    if not shown or not sys.stderr.isatty():
        yield lambda done, of, said: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        task = progress.add_task(text, total=None)

        def tell(done: float, of: float, said: str) -> None:
            progress.update(task, completed=done, total=of, description=f"{text} {said}".strip())

        yield tell
