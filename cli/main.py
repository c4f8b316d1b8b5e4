"""The entry point of `ml-connector`: global options, the groups of commands, and what failures look like."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from cli.commands import (
    accounts,
    audit,
    backfill,
    connections,
    console,
    dlq,
    doctor,
    explain,
    label,
    local_run,
    netsuite,
    plan,
    reconcile,
    records,
    review,
    secrets_set,
    webhooks,
)
from cli.desk import Desk
from cli.failures import Failure, failure_of
from cli.output import USAGE, say
from cli.place import DEFAULT_STACK, RUN_FILE, StackPlace, local_place

GLOBAL_VALUES = frozenset({"--stack", "--region", "--profile", "--run-file"})
GLOBAL_FLAGS = frozenset({"--local", "--verbose"})

EPILOG = (
    "Where it acts (--stack, --region, --profile, --local) may be said before or after the command. "
    "Exit codes: 0 done; 1 findings, or refused; 2 wrong usage; 3 AWS, the local run or a vendor cannot be reached."
)


def hoisted(arguments: Sequence[str]) -> list[str]:
    """Global options moved to the front, wherever they were typed. Nothing behind `--` is touched."""
    front: list[str] = []
    rest: list[str] = []
    left = list(arguments)
    while left:
        word = left.pop(0)
        if word == "--":
            return [*front, *rest, word, *left]
        if word in GLOBAL_FLAGS or ("=" in word and word.partition("=")[0] in GLOBAL_VALUES):
            front.append(word)
        elif word in GLOBAL_VALUES and left:
            front += [word, left.pop(0)]
        else:
            rest.append(word)
    return [*front, *rest]


def _misused(error: Exception) -> Failure | None:
    """A wrong call, for a machine. People are shown the usage instead, which the framework prints by itself."""
    if not isinstance(error, TyperException) or error.exit_code != USAGE:
        return None
    return Failure(error.format_message(), USAGE)


class Root(TyperGroup):
    """The group of everything: finds global options anywhere and turns known failures into words and exit codes."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.meta["json"] = "--json" in args
        return super().parse_args(ctx, hoisted(args))

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            failure = failure_of(error) or (_misused(error) if ctx.meta["json"] else None)
            if failure is None:
                raise
            if ctx.meta["json"]:
                document = {"error": failure.text, "problems": list(failure.problems)}
                typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
            else:
                say("\n  ".join([f"{failure.text}{':' if failure.problems else ''}", *failure.problems]))
            raise typer.Exit(failure.code) from None


app = typer.Typer(
    cls=Root, help="Connects ERPs with fulfilment and carrier systems: set up, look after, put right.", epilog=EPILOG,
    no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_show_locals=False,
)
connections.app.command("ping")(accounts.ping_command)
connections.app.command("authorize")(accounts.authorize)
app.add_typer(connections.app, name="connections")
app.add_typer(secrets_set.app, name="secrets")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(records.app, name="records")
app.add_typer(review.app, name="review")
app.add_typer(audit.app, name="audit")
app.add_typer(dlq.app, name="dlq")
app.add_typer(label.app, name="label")
app.add_typer(netsuite.app, name="netsuite")
app.command("explain")(explain.explain)
app.command("reconcile")(reconcile.reconcile)
app.command("plan")(plan.plan)
app.command("apply")(plan.apply)
app.command("backfill")(backfill.backfill)
app.command("doctor")(doctor.doctor)
app.command("console")(console.console)
app.command("up")(local_run.up)
app.command("demo")(local_run.demo)


@app.callback()
def root(
    context: typer.Context,
    stack: Annotated[str, typer.Option(help="Name of the stack.", envvar="ML_CONNECTOR_STACK")] = DEFAULT_STACK,
    region: Annotated[str | None, typer.Option(help="AWS region; default: that of the profile.")] = None,
    profile: Annotated[str | None, typer.Option(help="AWS profile with the credentials.")] = None,
    local: Annotated[bool, typer.Option("--local", help="Act on the local run (`ml-connector up`).")] = False,
    run_file: Annotated[Path, typer.Option(help="Description of the local run.", show_default=False)] = RUN_FILE,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show log lines on standard error.")] = False,
) -> None:
    """Makes the desk, unless a test has brought one."""
    if context.obj is None:
        place = local_place(run_file, os.environ, verbose) if local else StackPlace(stack, region, profile, verbose)
        context.obj = Desk(place)


def main() -> None:
    """Entry point of the installed command."""
    app()
