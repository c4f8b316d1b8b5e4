"""How commands answer: tables for people, one JSON document for machines, exit codes for scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from cli.codes import FINDINGS, NOT_REACHABLE, OK, USAGE

__all__ = ["FINDINGS", "NOT_REACHABLE", "OK", "USAGE", "Json", "answer", "console", "plural", "say", "table"]

WIDE = 160
"""Columns when nobody looks at a terminal: tables in a pipe must not be folded at 80."""

Json = Annotated[bool, typer.Option("--json", help="Answer one JSON document instead of tables.")]


def console() -> Console:
    """Standard output for people. No markup: data may hold square brackets."""
    width = None if sys.stdout.isatty() else WIDE
    return Console(file=sys.stdout, markup=False, highlight=False, width=width)


def answer(as_json: bool, document: Any, show: Callable[[Console], None], code: int = OK) -> None:
    """Prints the document or shows it; a code other than 0 ends the command."""
    if as_json:
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False, default=_plain))
    else:
        show(console())
    if code:
        raise typer.Exit(code)


def say(text: str) -> None:
    """A line beside the answer, on standard error."""
    typer.echo(text, err=True)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Group:
    """A plain table under its title; cells are shown as they are. Without rows only the title."""
    made = Table(box=None, pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    # Not the table's own title, which would be folded at the table's width.
    return Group(*([Text(title)] if title else []), *([made] if made.row_count else []))


def plural(count: int, word: str) -> str:
    """`1 record`, `3 records`."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset | tuple):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
