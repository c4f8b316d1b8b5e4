"""`ml-connector review`: what waits for a person, by cause, and settling a cause as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console

from cli.commands.records import OfConnection
from cli.desk import Desk, desk_of
from cli.failures import Misused, Refused
from cli.operations.causes import EXAMPLES, Cause, plain_cause
from cli.operations.dossier import plain_record
from cli.operations.resolving import (
    ENDINGS,
    acceptable,
    all_causes,
    cause_named,
    end_all,
    example_entry,
    members,
    replay_all,
    set_mapping,
)
from cli.output import FINDINGS, OK, Json, answer, plural, table
from connector.record import Record

app = typer.Typer(no_args_is_help=True, help="What waits for a person: list, show, resolve.", rich_markup_mode=None)

CauseId = Annotated[str, typer.Argument(help="Id of the cause, as `review list` shows it.")]


@app.callback()
def review_group() -> None:
    """What waits for a person, by cause."""


@app.command("list")
def list_command(context: typer.Context, connection: OfConnection = "", as_json: Json = False) -> None:
    """Everything held, refused or of unknown fate, grouped by cause, with what to do. Exit code 1 when there is any.

    Example: ml-connector review list --connection acme
    """
    found = all_causes(desk_of(context).place.services(), connection)

    def show(out: Console) -> None:
        if not found:
            out.print("Nothing waits for a person.")
            return
        for cause in found:
            out.print(f"{cause.id}  {cause.connection}: {cause.text}")
            out.print(f"    since {cause.oldest}; {', '.join(cause.records[:EXAMPLES])}")
            out.print(f"    {cause.advice}")

    answer(as_json, [plain_cause(cause) for cause in found], show, FINDINGS if found else OK)


@app.command("show")
def show_command(context: typer.Context, cause: CauseId, as_json: Json = False) -> None:
    """One cause with every record behind it, the longest waiting first, and what would settle it.

    Example: ml-connector review show 3f0c2a9d
    """
    services = desk_of(context).place.services()
    found = cause_named(services, cause)
    records = [plain_record(record) for record in members(services, found)]
    columns, example = ("id", "updated_at", "why"), example_entry(services, found)

    def show(out: Console) -> None:
        out.print(f"{found.connection}: {found.text}\n{found.advice}")
        for line in _ways(found, example):
            out.print(line)
        out.print(table("", columns, [[row[column] for column in columns] for row in records]))

    answer(as_json, {**plain_cause(found), "members": records}, show)


def _ways(cause: Cause, example: str) -> list[str]:
    command = f"ml-connector review resolve {cause.id}"
    like = f"; VALUE as in another entry: {example}" if example else ""
    mapped = [f"  {command} --map VALUE            sets {cause.kind} {cause.value!r}{like}"] if cause.mappable else []
    left = [f"  {command} --accept --reason TEXT leave every variance of it at its figures; others are held again"]
    return [
        *mapped,
        f"  {command} --replay               after the cause was corrected at its source",
        f"  {command} --skip --reason TEXT   not this time; later news wake them",
        *(left if cause.acceptable else []),
        f"  {command} --close --reason TEXT  never again",
    ]


@app.command("resolve")
def resolve_command(
    context: typer.Context,
    cause: CauseId,
    value: Annotated[str | None, typer.Option("--map", help="Value of the missing key: text or JSON.")] = None,
    again: Annotated[bool, typer.Option("--replay", help="Replay all of them.")] = False,
    skip: Annotated[bool, typer.Option("--skip", help="Leave all of them out, until something new is heard.")] = False,
    accept: Annotated[bool, typer.Option("--accept", help="Accept their figures; others are held again.")] = False,
    close: Annotated[bool, typer.Option("--close", help="Close all of them for good.")] = False,
    reason: Annotated[
        str, typer.Option(help="Why; kept in the audit trail. Needed for --skip, --accept and --close.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Settles a cause: sets the missing mapping (everything that waits for it goes on), or replays or ends all.

    --accept shows the figures of every record before it asks.
    --map changes the stored connection; put the same entry into your file, or the next apply takes it away.

    Example: ml-connector review resolve 3f0c2a9d --map Standard
    """
    desk = desk_of(context)
    chosen = [way for way, on in (("replay", again), ("skip", skip), ("accept", accept), ("close", close)) if on]
    if len(chosen) + (value is not None) != 1:
        raise Misused("say how: one of --map VALUE, --replay, --skip, --accept or --close")
    way = chosen[0] if chosen else ""
    if way in ENDINGS and not reason.strip():
        raise Misused("--reason must say why")
    if way in ENDINGS and as_json and not yes:
        raise Misused(f"--{way} with --json only together with --yes")
    found = cause_named(desk.place.services(), cause)
    records = members(desk.place.services(), found)
    lines = acceptable(records) if way == "accept" else []
    for line in lines:  # a cause groups different things: each is shown before all of them are left as they are
        typer.echo(line, err=True)
    if not yes and not as_json and not typer.confirm(f"{found.text}: {_act(value, way)}?", err=True):
        raise Refused("nothing was done")
    document = _resolved(desk, found, records, value, way, reason.strip())
    answer(as_json, document, lambda out: out.print(str(document["text"])))


def _act(value: str | None, way: str) -> str:
    if value is not None:
        return f"map it to {value}"
    words = {"close": "close all for good", "accept": "accept each at the figures above"}
    return words.get(way, f"{way} all")


def _resolved(
    desk: Desk, cause: Cause, records: Sequence[Record], value: str | None, way: str, reason: str
) -> dict[str, Any]:
    services, who = desk.connection(cause.connection), desk.place.who()
    if value is not None:
        report = set_mapping(services, cause, value, who, desk.correlation())
        text = (
            f"{cause.kind} {cause.value} is set, revision {report.revision} of {cause.connection}; "
            f"{plural(report.records, 'record')} can go on. Put tables.{cause.kind} {cause.value!r} into your file too."
        )
        return {"cause": cause.id, "records": report.records, "revision": report.revision, "text": text}
    if way == "replay":
        count = replay_all(services, records, who, desk.correlation())
        return {"cause": cause.id, "records": count, "text": f"{plural(count, 'record')} replayed."}
    count = end_all(services, records, who, reason, way)
    return {"cause": cause.id, "records": count, "text": f"{plural(count, 'record')} {ENDINGS[way]}: {reason}"}
