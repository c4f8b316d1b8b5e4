"""Options that several commands share."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.failures import Misused, Refused
from cli.operations.times import parse_moment

From = Annotated[str, typer.Option("--from", help="Begin of the window: a day or a time, UTC unless it has an offset.")]
To = Annotated[str, typer.Option("--to", help="End of the window; default: now.")]


def moment(text: str, option: str) -> datetime | None:
    """The time of an option, None where it was not given. Raises Misused."""
    if not text:
        return None
    try:
        return parse_moment(text)
    except ValueError as error:
        raise Misused(f"{option}: {error}") from None


def write_file(path: Path, text: str) -> None:
    """Writes a file for a person. Raises Refused."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
    except OSError as error:
        raise Refused(f"{path} cannot be written ({error.strerror})") from error
