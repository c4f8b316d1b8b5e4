"""`ml-connector up` and `demo`: everything on this machine. Nothing of it is imported by the other commands."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.failures import Refused
from cli.output import Json


def up(
    connections: Annotated[Path | None, typer.Option(help="Connection file to apply instead of the sample.")] = None,
    simulators: Annotated[bool, typer.Option(help="Start the vendor simulators.")] = True,
    as_json: Json = False,
) -> None:
    """Deploys onto an AWS on this machine and keeps it running, with vendor simulators, until Ctrl-C.

    With --connections FILE --no-simulators the same bundle talks to the servers that the file names.

    Example: ml-connector up
    """
    _local("local.up").run(connections=connections, simulators=simulators, **({"as_json": True} if as_json else {}))


def demo(as_json: Json = False) -> None:
    """Builds, deploys onto an AWS on this machine, moves sample records, compares both sides. Leaves nothing running.

    Example: ml-connector demo
    """
    raise typer.Exit(_local("local.demo.__main__").main(["--json"] if as_json else []) or 0)


def _local(module: str) -> Any:
    """A module of the local run. Raises Refused where it, or what it needs, is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise Refused(
            f"the local run needs {error.name}, which is not here; run it in a clone of the repository after "
            "`make environment`"
        ) from error
