"""`ml-connector connections`: the files that say what is connected with what."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cli.desk import Desk, desk_of
from cli.operations.applying import ApplyReport, apply, compare
from cli.operations.credentials import missing_secrets
from cli.operations.documents import Change, document_from, plain_document, read_text, schema_of
from cli.operations.overview import all_connections, overview_of
from cli.operations.pausing import schedule_of, set_paused
from cli.output import Json, answer, plural, table
from cli.pairs import connection_named
from connector.connection import ConnectionDocument, InvalidConnection

app = typer.Typer(
    no_args_is_help=True, help="Connections: one file per customer and pair of systems.", rich_markup_mode=None
)

File = Annotated[str, typer.Argument(help="Connection file (JSON); - reads standard input.")]
Pair = Annotated[str, typer.Argument(help="Name of the pair, e.g. acumatica_shipbob.")]
Name = Annotated[str, typer.Argument(help="Name of the connection.")]

SHOWN_CHANGES = 40


def read_document(file: str) -> ConnectionDocument:
    """The validated content of a file. Raises InvalidConnection."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidConnection([f"{file}: cannot be read ({error})"]) from error
    return document_from(read_text(text, "standard input" if file == "-" else file))


@app.command()
def schema(pair: Pair, as_json: Json = False) -> None:
    """The JSON Schema of a pair's connection file: every key with its meaning. Editors use it to complete and check.

    Example: ml-connector connections schema acumatica_shipbob > acumatica_shipbob.schema.json
    """
    answer(True, schema_of(pair), lambda out: None)


@app.command()
def validate(file: File, as_json: Json = False) -> None:
    """Checks a connection file without touching anything. Every problem is named with its key.

    Example: ml-connector connections validate acme.json
    """
    document = read_document(file)
    facts = {"valid": True, "connection": document.connection, "pair": document.pair}
    text = f"{file} is valid: connection {document.connection}, pair {document.pair}."
    answer(as_json, facts, lambda out: out.print(text))


@app.command("apply")
def apply_command(
    context: typer.Context,
    file: File,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    as_json: Json = False,
) -> None:
    """Stores a connection file, shows what changed, and lets held records go on whose missing keys are now there.

    Example: ml-connector connections apply acme.json
    """
    desk, document = desk_of(context), read_document(file)
    services = desk.place.services(document.pair)
    who = "" if dry_run else desk.place.who()
    report = compare(services, document) if dry_run else apply(services, document, who, desk.correlation())
    missing = [] if dry_run and report.created else missing_secrets(services, document.connection)
    answer(as_json, _report(report, missing, dry_run), lambda out: _show_report(out, report, missing, dry_run))


def _report(report: ApplyReport, missing: list[str], dry_run: bool) -> dict[str, Any]:
    return {
        "connection": report.connection,
        "pair": report.pair,
        "created": report.created,
        "dry_run": dry_run,
        "revision": report.revision,
        "changes": [vars(change) for change in report.changes],
        "resumed": [{"kind": m.kind, "value": m.value, "records": count} for m, count in report.resumed],
        "records_resumed": report.records,
        "missing_secrets": missing,
    }


def _show_report(out: Console, report: ApplyReport, missing: list[str], dry_run: bool) -> None:
    name, what = report.connection, f"Connection {report.connection} ({report.pair})"
    if dry_run:
        would = "created" if report.created else "changed" if report.changes else "as it is"
        out.print(f"{what} would be {would}; nothing was stored.")
    else:
        out.print(f"{what} is {'created' if report.created else 'applied'}, revision {report.revision}.")
    if not report.created:
        _show_changes(out, list(report.changes))
    for missing_key, count in report.resumed:
        out.print(f"{plural(count, 'record')} waited for {missing_key.kind} {missing_key.value} and can go on.")
    if report.freed:
        out.print(f"{plural(report.freed, 'record')} waited for keys that another entry covers now, and can go on.")
    if report.woken:
        out.print(f"{plural(report.woken, 'record')} rested in quiet hours that are no more, and can go on.")
    for secret in missing:
        out.print(f"Next: ml-connector secrets set {name} {secret}")


def _show_changes(out: Console, found: list[Change]) -> None:
    if not found:
        out.print("Nothing differs from what was stored.")
        return
    rows = [(change.path, _was(change.before), _was(change.after)) for change in found[:SHOWN_CHANGES]]
    out.print(table("", ("key", "before", "now"), rows))
    if len(found) > SHOWN_CHANGES:
        out.print(f"... and {len(found) - SHOWN_CHANGES} more (--json shows all)")


def _was(value: Any) -> str:
    if value is None:
        return "(none)"
    return '""' if value == "" else str(value)


@app.command("list")
def list_command(context: typer.Context, as_json: Json = False) -> None:
    """Every connection with its pair and state.

    Example: ml-connector connections list
    """
    desk = desk_of(context)
    rows = all_connections(desk.place.services())
    columns = ("connection", "pair", "state", "revision", "applied_at", "applied_by")

    def show(out: Console) -> None:
        if not rows:
            out.print(f"Nothing is connected in {desk.place.name} yet. Run: ml-connector connections apply FILE")
            return
        out.print(table("", columns, [[row[column] for column in columns] for row in rows]))

    answer(as_json, rows, show)


@app.command()
def show(
    context: typer.Context,
    name: Name,
    document: Annotated[
        bool, typer.Option("--document", help="Only the stored file, as `connections apply` takes it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """One connection: its document, where its polls stand, how many records are open, whether a sign-in is lost.

    Example: ml-connector connections show acme
    Example: ml-connector connections show acme --document > acme.json
    """
    services = desk_of(context).connection(name)
    if document:
        answer(True, plain_document(connection_named(services, name)[1].document), lambda out: None)
        return
    found = overview_of(services, name)
    answer(as_json, found, lambda out: _show_overview(out, found))


def _show_overview(out: Console, found: dict[str, Any]) -> None:
    name = found["connection"]
    applied = f"revision {found['revision']}, applied {found['applied_at']} by {found['applied_by']}"
    out.print(f"{name}: pair {found['pair']}, {found['state']}, {applied}")
    for system, why in found["reconnect_needed"].items():
        command = f"ml-connector connections authorize {name} --system {system}"
        out.print(f"! {system} must be connected again since {why}. Run: {command}")
    columns = ("flow", "enabled", "position", "next_at", "succeeded_at", "failures", "why")
    out.print(table("Flows", columns, [[poll[column] for column in columns] for poll in found["polls"]]))
    out.print(table("Open records", ("status", "records"), list(found["open_records"].items())))
    sizes = [(mapping, len(rows)) for mapping, rows in found["tables"].items()]
    out.print(table("Mapping tables", ("table", "entries"), sizes))
    out.print("Document")
    out.print_json(data=found["document"])


Flows = Annotated[list[str] | None, typer.Option("--flow", help="Only this flow; may be repeated.")]


@app.command()
def pause(context: typer.Context, name: Name, flow: Flows = None, as_json: Json = False) -> None:
    """Stops moving records, of the connection or of some flows. Webhooks are still taken; what is due is held.

    Example: ml-connector connections pause acme --flow stock
    """
    _set_paused(desk_of(context), name, tuple(flow or ()), as_json, paused=True)


@app.command()
def resume(context: typer.Context, name: Name, flow: Flows = None, as_json: Json = False) -> None:
    """Moves records again, beginning with those that were held during the pause.

    Example: ml-connector connections resume acme
    """
    _set_paused(desk_of(context), name, tuple(flow or ()), as_json, paused=False)


def _set_paused(desk: Desk, name: str, flows: tuple[str, ...], as_json: bool, *, paused: bool) -> None:
    services = desk.connection(name)
    done = set_paused(services, name, flows, desk.place.who(), desk.correlation(), paused=paused)
    state = "paused" if paused else "active"
    what = f"{', '.join(flows)} of connection {name}" if flows else f"Connection {name}"
    text = (
        f"{what}: paused. Functions that run now notice it within a minute."
        if paused
        else f"{what}: active; {plural(done.resumed, 'held record')} can go on."
    )
    text = " ".join([text, *(f"But {each}." for each in done.stays)])
    facts: dict[str, Any] = {"connection": name, "state": state, "records_resumed": done.resumed}
    facts |= {"flows": list(flows)} if flows else {}
    facts |= {} if paused else {"stays": list(done.stays)}
    answer(as_json, facts, lambda out: out.print(text))


@app.command()
def schedule(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """How often each flow is polled, its quiet hours, whether it moves now, and when it is polled next.

    Cadence and quiet hours stand in the connection file (`schedule`, `quiet_hours`); `connections apply` changes them.

    Example: ml-connector connections schedule acme
    """
    rows = schedule_of(desk_of(context).connection(name), name)
    shown = [
        (
            row["flow"], row["every_seconds"], f"{row['state']} {row['rests_until']}".strip(),
            "; ".join(map(_hours, row["quiet_hours"])), row["next_at"], row["succeeded_at"],
        )
        for row in rows
    ]  # fmt: skip
    columns = ("flow", "every (s)", "state", "quiet hours", "next_at", "succeeded_at")
    answer(as_json, rows, lambda out: out.print(table("", columns, shown)))


def _hours(hours: dict[str, Any]) -> str:
    days = "" if len(hours["days"]) == 7 else f"{' '.join(hours['days'])} "
    return f"{days}{hours['begin']}-{hours['end']} {hours['time_zone']}"
