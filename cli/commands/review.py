"""`ml-connector review`: what waits for a person, by cause."""

from __future__ import annotations

import typer
from rich.console import Console

from cli.commands.records import OfConnection
from cli.desk import desk_of
from cli.operations.causes import EXAMPLES, REVIEWED, causes, mapping_tables, plain_cause
from cli.operations.finding import Selection, find_all
from cli.output import FINDINGS, OK, Json, answer

app = typer.Typer(no_args_is_help=True, help="What waits for a person.", rich_markup_mode=None)


@app.callback()
def review_group() -> None:
    """What waits for a person, by cause."""


@app.command("list")
def list_command(context: typer.Context, connection: OfConnection = "", as_json: Json = False) -> None:
    """Everything held, refused or of unknown fate, grouped by cause, with what to do. Exit code 1 when there is any.

    Example: ml-connector review list --connection acme
    """
    services = desk_of(context).place.services()
    found = causes(find_all(services, Selection(connection, REVIEWED)), mapping_tables())

    def show(out: Console) -> None:
        if not found:
            out.print("Nothing waits for a person.")
            return
        for cause in found:
            out.print(f"{cause.connection}: {cause.text}")
            out.print(f"    since {cause.oldest}; {', '.join(cause.records[:EXAMPLES])}")
            out.print(f"    {cause.advice}")

    answer(as_json, [plain_cause(cause) for cause in found], show, FINDINGS if found else OK)
