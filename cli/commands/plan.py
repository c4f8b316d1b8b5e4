"""`ml-connector plan` and `apply`: exactly what would be written, and writing exactly that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cli.commands.connections import read_document
from cli.commands.options import From, To, moment, write_file
from cli.commands.records import OfStream, WithStatus
from cli.desk import Desk, desk_of
from cli.failures import Misused, Refused
from cli.operations.carrying import carry_out
from cli.operations.finding import Selection, find_all, record_named
from cli.operations.planning import plan_file, plan_records, plan_window, window_of
from cli.operations.plans import Plan, plain_plan, plan_from, step_text, totals
from cli.output import Json, answer, plural, table
from cli.progress import Told, bar

SHOWN = 100


def plan(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The connection; with --file it may be left out.")] = "",
    flow: Annotated[str, typer.Option("--flow", help="Plan a window: the flow to read.")] = "",
    since: From = "",
    until: To = "",
    record: Annotated[list[str] | None, typer.Option("--record", help="Plan these records.")] = None,
    status: WithStatus = None,
    stream: OfStream = "",
    file: Annotated[str, typer.Option("--file", help="Plan a changed connection file.")] = "",
    prices: Annotated[bool, typer.Option("--prices", help="Ask what it costs in money too (UPS labels).")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Keep the plan for `apply`.")] = None,
    as_json: Json = False,
) -> None:
    """Shows exactly which vendor calls a window, a selection of records or a changed connection file would make.

    The flows themselves run, up to their first write, which is not sent: create, update, nothing, held, with the calls
    that it costs. Reads are real calls; nothing is stored, no record moves.

    Example: ml-connector plan acme --flow orders --from 2026-02-01 --to 2026-03-01 --out february.json
    """
    desk = desk_of(context)
    with bar("planning", shown=not as_json) as told:
        made = _made(desk, name, flow, since, until, record or [], status or [], stream, file, told, prices)
    document = plain_plan(made)
    if out is not None:
        write_file(out, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    answer(as_json, document, lambda shown: _show(shown, made, out))


def _made(
    desk: Desk, name: str, flow: str, since: str, until: str, chosen: list[str], status: list[Any], stream: str,
    file: str, told: Told, prices: bool,
) -> Plan:
    who = desk.place.who()

    def progress(done: int, of: int) -> None:
        told(done, of, "records")

    if sum(map(bool, (flow, file, chosen or status))) != 1:
        raise Misused("say what to plan: --flow with --from, or --record or --status, or --file")
    if file:
        document = read_document(file)
        return plan_file(desk.place.services(document.pair), document, who, desk.sleep, progress)
    if not name:
        raise Misused("name the connection")
    services = desk.connection(name)
    if flow:
        window = window_of(services, moment(since, "--from"), moment(until, "--to"))
        return plan_window(services, name, flow, window, who, desk.sleep, progress, prices=prices)
    found = [record_named(services, each) for each in chosen]
    if any(each.connection != name for each in found):
        raise Refused(f"not all of these records belong to connection {name}")
    if status:
        found += find_all(services, Selection(name, tuple(status), stream))
    return plan_records(services, found, who, desk.sleep, progress, prices=prices)


def _show(out: Console, made: Plan, file: Path | None) -> None:
    counted = totals(made)
    rows = [
        (
            step.record,
            step_text(step) + (f", {step.price}" if step.price else ""),
            f"{step.method} {step.address}" if step.ends == "write" else "",
        )
        for step in made.steps[:SHOWN]
    ]
    out.print(table(f"{plural(len(made.steps), 'record')} of {made.connection}", ("record", "would be", "call"), rows))
    if made.scope == "window":
        out.print("What is known in its present revision is left out; plan those with --status or --record.")
    if len(made.steps) > SHOWN:
        out.print(f"... and {len(made.steps) - SHOWN} more (--json, --out)")
    for kind, count in sorted(counted["writes"].items()):
        out.print(f"{count} x {kind}")
    for ending, count in sorted(counted["endings"].items()):
        if ending != "write":
            out.print(f"{count} x {ending}")
    reads = ", ".join(f"{count} to {host}" for host, count in sorted(counted["read_calls"].items()))
    writes = ", ".join(f"{count} to {host}" for host, count in sorted(counted["write_calls"].items()))
    out.print(f"Calls: reads {reads or 'none'}; writes {writes or 'none'}, {counted['further_writes']} that follow.")
    for currency, amount in counted["money"].items():
        out.print(f"Price: {amount} {currency}.")
    if file is not None:
        out.print(f"Nothing was written. To do exactly this: ml-connector apply {file}")


def apply(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A plan, as `plan --out` has written it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Carries out a plan, if it is still what would happen: every step is planned anew, and one difference stops all.

    The records are enqueued with the promise of their step: should the source change in the last moment, nothing is
    written and the record says so.

    Example: ml-connector apply february.json
    """
    desk = desk_of(context)
    try:
        made = plan_from(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Misused(f"{file} cannot be read ({type(error).__name__})") from None
    if not yes:
        if as_json:
            raise Misused("a plan is carried out with --json only together with --yes")
        if not typer.confirm(f"Carry out {plural(len(made.writes), 'write')} of {made.connection}?", err=True):
            raise Refused("nothing was done")
    services = desk.place.services(made.pair)
    with bar("checking", shown=not as_json) as told:
        done = carry_out(
            services, made, desk.place.who(), desk.correlation(), desk.sleep,
            lambda count, of: told(count, of, "records"),
        )
    document = {"connection": made.connection, "revision": done.revision or None, "records": list(done.records)}
    applied = f"The file is applied, revision {done.revision} of {made.connection}; " if done.revision else ""
    text = f"{applied}{plural(len(done.records), 'record')} enqueued as planned."
    answer(as_json, document, lambda out: out.print(text))
