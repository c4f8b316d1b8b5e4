"""`ml-connector records`: which there are, what became of one, and setting it in motion again."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.console import Console

from cli.desk import Desk, desk_of
from cli.failures import Misused, Refused
from cli.operations.dossier import dossier_of, plain_dossier, plain_record
from cli.operations.editing import edit_and_replay, overlay_of, tried
from cli.operations.finding import Selection, find_all, record_named
from cli.operations.plans import step_text
from cli.operations.resolving import accept_one, shown
from cli.operations.times import parse_span
from cli.output import FINDINGS, OK, Json, answer, plural, table
from connector.acceptance import figures_of
from connector.edits import paths
from connector.record import Record, Status
from connector.records import RecordStore
from connector.review import close, release_write, replay

app = typer.Typer(
    no_args_is_help=True, help="Records: list, show, replay, edit, accept, close, release.", rich_markup_mode=None
)

Id = Annotated[str, typer.Argument(help="Record id (connection/stream/key), or an order number, shipment or SKU.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept in the audit trail with your name.")]
OfConnection = Annotated[str, typer.Option("--connection", help="Only this connection.")]
WithStatus = Annotated[list[Status] | None, typer.Option("--status", help="Only this status; may be repeated.")]
OfStream = Annotated[str, typer.Option("--stream", help="Only this flow: orders, items, shipments, ...")]
WithText = Annotated[str, typer.Option("--text", help="Part of id or reason, or a whole order number or SKU.")]
OfPair = Annotated[str, typer.Option("--pair", help="Only this pair.")]
OlderThan = Annotated[str, typer.Option("--older-than", help="Not changed for so long: 90s, 15m, 3h, 2d.")]

COLUMNS = ("id", "status", "due_at", "updated_at", "why")


@app.command("list")
def list_command(
    context: typer.Context,
    connection: OfConnection = "",
    status: WithStatus = None,
    stream: OfStream = "",
    text: WithText = "",
    pair: OfPair = "",
    older_than: OlderThan = "",
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many.")] = 200,
    as_json: Json = False,
) -> None:
    """Records that are not finished, the longest waiting first. Finished ones by --status done, or by a whole number.

    Example: ml-connector records list --stream orders --status held --older-than 2h
    """
    selection = Selection(connection, tuple(status or ()), stream, text, pair, age(older_than))
    found = find_all(desk_of(context).place.services(), selection)
    rows = [plain_record(record) for record in found[:limit]]

    def show(out: Console) -> None:
        if not rows:
            out.print("No such record.")
            return
        out.print(table("", COLUMNS, [[row[column] for column in COLUMNS] for row in rows]))
        if len(found) > limit:
            out.print(f"... and {len(found) - limit} more (--limit)")

    answer(as_json, rows, show)


@app.command("show")
def show_command(context: typer.Context, record: Id, as_json: Json = False) -> None:
    """Everything about one record: where it stands, its writes with drafts and answers (redacted), its audit trail.

    The trail's chain of hashes is checked; a broken one is exit code 1.

    Example: ml-connector records show acme/orders/SO/005432
    """
    services = desk_of(context).place.services()
    dossier = dossier_of(services, record_named(services, record))
    document = plain_dossier(services, dossier)
    answer(as_json, document, lambda out: _show(out, document), OK if dossier.broken is None else FINDINGS)


def age(text: str) -> timedelta | None:
    """The age of an option, None where it was not given. Raises Misused."""
    try:
        return parse_span(text) if text else None
    except ValueError as error:
        raise Misused(f"--older-than: {error}") from None


def _show(out: Console, document: dict[str, Any]) -> None:
    record = document["record"]
    out.print(f"{record['id']}: {record['status']}" + (f", {record['why']}" if record["why"] else ""))
    for missing in record["waits_for"]:
        out.print(f"  waits for {missing['kind']} {missing['value']}")
    for note in record["notes"]:
        out.print(f"  note: {note}")
    times = ("first_seen", "updated_at", "due_at", "cause", "lane", "correlation")
    out.print("  " + ", ".join(f"{name} {record[name]}" for name in times))
    for name in ("body", "links"):
        if document[name]:
            out.print(f"{name}:")
            out.print_json(data=document[name])
    for write in document["writes"]:
        _show_write(out, write)
    out.print(table("Trail", ("#", "at", "what"), [(e["sequence"], e["at"], e["text"]) for e in document["trail"]]))
    if document["chain_intact"]:
        out.print("The chain of the trail is intact.")
    else:
        line = document["chain_broken_at"]
        out.print(f"THE CHAIN IS BROKEN at line {line}: the trail was changed after it was written.")


def _show_write(out: Console, write: dict[str, Any]) -> None:
    out.print(f"write {write['effect']} {write['key']}: {write['stage']}, {plural(write['attempts'], 'attempt')}")
    if write["why"]:
        out.print(f"  {write['why']}")
    times = [f"{name} {write[name]}" for name in ("planned_at", "sent_at", "asked_at") if write[name]]
    out.print("  " + ", ".join(times))
    out.print("  draft:")
    out.print_json(data=write["draft"])
    if write["answer"] is not None:
        out.print(f"  answer (HTTP {write['answer']['status'] or 'unknown'}):")
        out.print(write["answer"]["text"])


@app.command("replay")
def replay_command(
    context: typer.Context,
    record: Annotated[str, typer.Argument(help="Record id or business number; or choose with the options.")] = "",
    connection: OfConnection = "",
    status: WithStatus = None,
    stream: OfStream = "",
    text: WithText = "",
    pair: OfPair = "",
    older_than: OlderThan = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show which.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before replaying several.")] = False,
    as_json: Json = False,
) -> None:
    """Makes records due again, one or a selection. Safe at any time: a write that has happened is never made twice.

    Example: ml-connector records replay --status refused --stream orders --dry-run
    """
    desk = desk_of(context)
    selection = Selection(connection, tuple(status or ()), stream, text, pair, age(older_than))
    chosen = _chosen(desk, record, selection)
    if not dry_run and not record and not yes:
        if as_json:
            raise Misused("a selection is replayed with --json only together with --yes")
        if chosen and not typer.confirm(f"Replay {plural(len(chosen), 'record')}?", err=True):
            raise Refused("nothing was replayed")
    correlation = desk.correlation()
    done = chosen if dry_run else [_replay(desk, each, correlation) for each in chosen]
    document = {"dry_run": dry_run, "correlation": correlation, "records": [plain_record(each) for each in done]}
    rows = [(each.id, each.status.value, each.why) for each in chosen]
    title = f"{plural(len(rows), 'record')} {'would be replayed' if dry_run else 'replayed'}"
    answer(as_json, document, lambda out: out.print(table(title, ("id", "was", "why"), rows)))


def _chosen(desk: Desk, record: str, selection: Selection) -> list[Record]:
    services = desk.place.services()
    if record:
        if selection != Selection():
            raise Misused("name one record, or choose with options, not both")
        return [record_named(services, record)]
    if not selection.statuses:
        raise Misused("name a record, or choose with --status (and --connection, --stream, --text)")
    return find_all(services, selection)


def _replay(desk: Desk, record: Record, correlation: str) -> Record:
    services = desk.place.services(record.pair)
    return replay(services, RecordStore(services), record, correlation, desk.place.who())


@app.command("edit-and-replay")
def edit_command(
    context: typer.Context,
    record: Id,
    reason: Reason,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", help="PATH=VALUE, e.g. ship_to.city=Springfield; may be repeated.")
    ] = None,
    drop: Annotated[bool, typer.Option("--drop", help="Take the edit away again.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only try it: what would be written.")] = False,
    as_json: Json = False,
) -> None:
    """Lays values over what the source says of this one record, then replays it. The source is not changed.

    For what cannot be corrected in time at the source: a city, a Ship Via, a unit. The edit is kept with your name and
    reason in the audit trail, shown by `explain` and `records show`, and counts until it is dropped.

    Example: ml-connector records edit-and-replay acme/orders/SO/005432 --set ship_to.city=Springfield --reason "typo"
    """
    if bool(assignments) == drop:
        raise Misused("say what to change with --set, or --drop the edit")
    desk = desk_of(context)
    found = record_named(desk.place.services(), record)
    services, who, why = desk.place.services(found.pair), desk.place.who(), _given(reason)
    values = overlay_of(services, found, assignments or [], drop=drop)
    if dry_run:
        step = tried(services, found, values, who, why, desk.sleep)
        answer(as_json, asdict(step), lambda out: out.print(f"{found.id} would be: {step_text(step)}"))
        return
    due = edit_and_replay(services, found, values, who, why, desk.correlation())
    said = f"edited ({', '.join(paths(values))})" if values else "as the source says again"
    answer(as_json, {**plain_record(due), "edited": paths(values)}, lambda out: out.print(
        f"{due.id} is {said} and is due now."
    ))


@app.command("accept")
def accept_command(context: typer.Context, record: Id, reason: Reason, as_json: Json = False) -> None:
    """Accepts a difference that cannot be mended, at the figures that the held record shows. Others are held again.

    Example: ml-connector records accept acme/stock/PHON-ATT-53BL --reason "one unit for the showroom"
    """
    desk = desk_of(context)
    services = desk.place.services()
    found = record_named(services, record)
    done = accept_one(services, found, desk.place.who(), _given(reason))
    answer(as_json, plain_record(done), lambda out: out.print(
        f"{done.id} is accepted at {shown(figures_of(found))}: {reason}"
    ))


@app.command("close")
def close_command(context: typer.Context, record: Id, reason: Reason, as_json: Json = False) -> None:
    """Decides that nothing more shall happen to a record. Later news of it are noted and do not wake it.

    Example: ml-connector records close acme/orders/SO/005432 --reason "shipped by hand"
    """
    desk = desk_of(context)
    services = desk.place.services()
    closed = close(RecordStore(services), record_named(services, record), desk.place.who(), _given(reason))
    answer(as_json, plain_record(closed), lambda out: out.print(f"{closed.id} is closed: {reason}"))


@app.command("release")
def release_command(
    context: typer.Context,
    record: Id,
    effect: Annotated[str, typer.Argument(help="The write's effect, as `records show` names it.")],
    key: Annotated[str, typer.Argument(help="The write's key, as `records show` names it.")],
    reason: Reason,
    as_json: Json = False,
) -> None:
    """After looking at the vendor: this write did NOT happen, it may be sent again. Only for writes of unknown fate.

    Example: ml-connector records release acme/orders/SO/005432 shipbob.order ACU-SO-005432 --reason "not in ShipBob"
    """
    desk = desk_of(context)
    found = record_named(desk.place.services(), record)
    services = desk.place.services(found.pair)
    store, who = RecordStore(services), desk.place.who()
    try:
        released = release_write(services, store, found, effect, key, who, _given(reason))
    except LookupError as error:
        raise Refused(f"{error}; look with `ml-connector records show`") from error
    due = replay(services, store, released, desk.correlation(), who)
    said = f"{due.id}: {effect} {key} may be sent again and is due now."
    answer(as_json, plain_record(due), lambda out: out.print(said))


def _given(reason: str) -> str:
    if not reason.strip():
        raise Misused("--reason must say why")
    return reason.strip()
