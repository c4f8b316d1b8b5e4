"""`ml-connector reconcile`: do both sides agree, with a number and a repair for each difference."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.commands.options import From, moment, write_file
from cli.desk import desk_of
from cli.operations.reconciling import connections_meant, kept_report, reconcile_now
from cli.operations.times import moment_text
from cli.output import FINDINGS, OK, Json, answer, plural, table
from connector.reconcile import Report, plain_report
from connector.reconcile_page import csv_text, html_page

SHOWN = 50


def reconcile(
    context: typer.Context,
    target: Annotated[str, typer.Argument(help="A pair (all its connections) or one connection.")],
    since: From = "",
    until: Annotated[
        str, typer.Option("--to", help="End of the window; default: half an hour ago, for what is newer is under way.")
    ] = "",
    kind: Annotated[list[str] | None, typer.Option("--kind", help="Only this: orders, shipments, charges, ...")] = None,
    thorough: Annotated[bool, typer.Option("--thorough", help="Ask also what costs a call for each thing.")] = False,
    latest: Annotated[bool, typer.Option("--latest", help="Show what the last night found; asks no vendor.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write the differences into this file.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with a chart into this file.")] = None,
    as_json: Json = False,
) -> None:
    """Lists both sides of a window and compares them: each difference explained or not, with what repairs it.

    Writes nothing at either side. Without --from the last two days. Exit code 1 when a difference is not explained.

    Example: ml-connector reconcile acumatica_shipbob --from 2026-03-01 --to 2026-04-01 --html march.html
    """
    desk = desk_of(context)
    first, last = moment(since, "--from"), moment(until, "--to")
    reports: list[Report] = []
    for name in connections_meant(desk.place.services(), target):
        services = desk.connection(name)
        reports.append(
            kept_report(services, name)
            if latest
            else reconcile_now(
                services, name, desk.sleep, since=first, until=last, kinds=kind or (), thorough=thorough
            )
        )
    if csv is not None:
        write_file(csv, "".join(_without_head(csv_text(report), place) for place, report in enumerate(reports)))
    if html is not None:
        write_file(html, html_page(*reports))
    code = FINDINGS if any(report.unexplained for report in reports) else OK
    answer(as_json, [plain_report(report) for report in reports], lambda out: _show(out, reports), code)


def _without_head(text: str, place: int) -> str:
    return text if place == 0 else text.partition("\r\n")[2]


def _show(out: Console, reports: list[Report]) -> None:
    for report in reports:
        out.print(f"{report.connection} ({report.pair}), {moment_text(report.since)} to {moment_text(report.until)}")
        rows = [
            (each.kind, f"{each.left} {each.systems[0]}", f"{each.right} {each.systems[1]}", each.agreed,
             len(each.differences) - each.unexplained, each.unexplained)
            for each in report.kinds
        ]
        out.print(table("", ("kind", "left", "right", "agree", "explained", "NOT EXPLAINED"), rows))
        for compared in report.kinds:
            for difference in compared.differences[:SHOWN]:
                out.print(f"{'  ' if difference.explained else '! '}{difference.kind}: {difference.name}")
                out.print(f"    {difference.what}")
                out.print(f"    {difference.explained or 'not explained'}; {difference.command}")
            if len(compared.differences) > SHOWN:
                out.print(f"... and {len(compared.differences) - SHOWN} more of {compared.kind} (--csv, --json)")
        out.print(_sum(report))


def _sum(report: Report) -> str:
    if report.unexplained:
        return f"Not explained: {plural(report.unexplained, 'difference')}."
    return "Both sides agree; what differs is explained."
