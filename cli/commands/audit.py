"""`ml-connector audit`: the trail for auditors, with the proof that nobody changed it."""

from __future__ import annotations

import json
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cli.commands.options import write_file
from cli.commands.records import OfConnection
from cli.desk import desk_of
from cli.failures import Misused
from cli.operations import trails
from cli.operations.trails import Export, csv_text, rows
from cli.output import FINDINGS, OK, Json, answer, plural, table

app = typer.Typer(no_args_is_help=True, help="The audit trail.", rich_markup_mode=None)

SHOWN = 100


class Format(StrEnum):
    """What a file may hold."""

    CSV = "csv"
    JSON = "json"


@app.callback()
def audit_group() -> None:
    """The audit trail: append-only, one chain of hashes for each record."""


@app.command("export")
def export_command(
    context: typer.Context,
    asked: Annotated[list[str] | None, typer.Argument(help="Orders, shipments, tracking numbers, SKUs, ids.")] = None,
    day: Annotated[str, typer.Option("--day", help="One day (UTC).")] = "",
    since: Annotated[str, typer.Option("--from", help="First day (UTC).")] = "",
    until: Annotated[str, typer.Option("--to", help="Last day (UTC), included.")] = "",
    connection: OfConnection = "",
    out: Annotated[Path | None, typer.Option("--out", help="Write into this file.")] = None,
    form: Annotated[Format, typer.Option("--format", help="Of the file.")] = Format.CSV,
    as_json: Json = False,
) -> None:
    """Every line of some days, or of the records behind some numbers, redacted, with the check of every chain.

    Each record's whole chain of hashes is verified, against the head that the record itself states: a changed, removed
    or inserted line is exit code 1 and named. So is a number that no record knows.

    Example: ml-connector audit export --from 2026-03-01 --to 2026-03-31 --out march.csv
    """
    if (day and (since or until)) or (until and not since):
        raise Misused("the days are either --day, or --from (with --to)")
    first, last = _day(day or since, "--day" if day else "--from"), _day(day or until, "--to")
    if first is None and not asked:
        raise Misused("say what to export: --day, --from with --to, or numbers")
    if first is not None and last is not None and last < first:
        raise Misused("--to lies before --from")
    services = desk_of(context).place.services()
    try:
        found = trails.export(services, first, last, asked or [], connection)
    except ValueError as error:
        raise Misused(str(error)) from None
    document = {
        "records": found.checked, "broken": found.broken, "unknown": list(found.unknown), "lines": rows(found),
    }  # fmt: skip
    if out is not None:
        text = csv_text(found) if form is Format.CSV else json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        write_file(out, text)
    answer(as_json, document, lambda shown: _show(shown, found, out), FINDINGS if found.broken or found.unknown else OK)


@app.command("verify")
def verify_command(
    context: typer.Context,
    connection: OfConnection = "",
    against: Annotated[Path | None, typer.Option("--against", help="An earlier export, CSV or JSON.")] = None,
    as_json: Json = False,
) -> None:
    """Verifies the chain of every record and of every day of the journal; with --against also what an export said.

    Finds lines that were changed, moved, inserted, removed or cut off. Whoever may write all tables can rewrite a chain
    whole, together with the head that its record states: that is found only against an export that was kept elsewhere.

    Example: ml-connector audit verify --against march.csv
    """
    services = desk_of(context).place.services()
    names = list(trails.every_chain(services, connection))
    broken = trails.broken_chains(services, names)
    lost: dict[str, int] = {}
    if against is not None:
        try:
            lost = trails.lost_since(services, trails.rows_of_file(against.read_text("utf-8")))
        except (OSError, ValueError, KeyError) as error:
            raise Misused(f"{against} is no export that can be read ({type(error).__name__})") from None
    document = {"chains": len(names), "broken": broken, "not_as_exported": lost}
    answer(as_json, document, lambda out: _show_verified(out, document), FINDINGS if broken or lost else OK)


def _show_verified(out: Console, found: dict[str, Any]) -> None:
    out.print(f"{plural(found['chains'], 'chain')} verified.")
    for record, line in sorted(found["broken"].items()):
        out.print(f"THE CHAIN OF {record} IS BROKEN at line {line}: it was changed after it was written.")
    for record, line in sorted(found["not_as_exported"].items()):
        out.print(f"{record} IS NOT WHAT WAS EXPORTED from line {line} on: its chain was written anew, or is gone.")


def _day(text: str, option: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Misused(f"{option}: {text!r} is no day; write it as 2026-03-01") from None


def _show(out: Console, found: Export, file: Path | None) -> None:
    if file is None:
        shown = [(row["at"], row["record"], row["text"]) for row in rows(found)[:SHOWN]]
        out.print(table("", ("at", "record", "what"), shown))
        if len(found.lines) > SHOWN:
            out.print(f"... and {len(found.lines) - SHOWN} more (--out, --json)")
    where = f" in {file}" if file is not None else ""
    out.print(f"{plural(len(found.lines), 'line')}{where}, {plural(found.checked, 'chain')} verified.")
    for number in found.unknown:
        out.print(f"No record knows {number}: nothing of it is in this export. `ml-connector explain` says why.")
    for record, line in sorted(found.broken.items()):
        out.print(f"THE CHAIN OF {record} IS BROKEN at line {line}: it was changed after it was written.")
