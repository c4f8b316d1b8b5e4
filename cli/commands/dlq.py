"""`ml-connector dlq`: what crashed its worker five times, moved back or deleted."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console

from cli.desk import Desk, desk_of
from cli.failures import Misused, Refused
from cli.operations.dead_letters import (
    RATE,
    Order,
    Started,
    delete,
    delete_everything,
    looked_at,
    move_back,
    move_everything,
    out_of_sight,
    overview,
    queues_named,
    stop_moving,
)
from cli.output import FINDINGS, OK, Json, answer, plural, say, table
from cli.pairs import pair_named
from connector.dead_letters import Choice, DeadLetters

app = typer.Typer(no_args_is_help=True, help="Dead letters: list, show, redrive, purge.", rich_markup_mode=None)



def _known(pair: str) -> str:
    """A misspelt pair is no pair that was left out of the deployment. Raises UnknownPair."""
    return pair_named(pair).name


Pair = Annotated[str, typer.Argument(callback=_known, help="Name of the pair, e.g. acumatica_shipbob.")]
Queue = Annotated[str, typer.Option("--queue", help="dead or delay-dead; default: both.")]
OfRecord = Annotated[str, typer.Option("--record", help="Only letters of this record id.")]
TheMessage = Annotated[str, typer.Option("--message", help="Only the letter with this message id.")]
OfConnection = Annotated[str, typer.Option("--connection", help="Only letters of this connection.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command("list")
def list_command(
    context: typer.Context,
    pair: Annotated[str, typer.Option(help="Only this pair; default: every deployed one.")] = "",
    as_json: Json = False,
) -> None:
    """How many dead letters each queue holds, and whether a redrive runs. Exit code 1 when there are any.

    Example: ml-connector dlq list
    """
    place = desk_of(context).place
    if pair:
        pair_named(pair)  # a misspelt pair is no pair that was left out of the deployment
    rows = overview(place, [pair] if pair else place.pairs())
    columns = ("pair", "queue", "letters", "being_looked_at")
    shown = [[*(row[column] for column in columns), _progress(row["redrive"])] for row in rows]
    code = FINDINGS if any(row["letters"] or row["being_looked_at"] for row in rows) else OK
    answer(as_json, rows, lambda out: out.print(table("", (*columns, "last redrive"), shown)), code)


def _progress(task: dict[str, Any] | None) -> str:
    if task is None:
        return ""
    total = f" of {task['of']}" if task["of"] >= 0 else ""
    moved = f", {task['moved']}{total} moved" if task["moved"] >= 0 else ""
    return f"{task['status'].lower()}{moved}{': ' + task['why'] if task['why'] else ''}"


@app.command()
def show(
    context: typer.Context,
    pair: Pair,
    queue: Queue = "",
    record: OfRecord = "",
    message: TheMessage = "",
    connection: OfConnection = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many of each queue.")] = 50,
    as_json: Json = False,
) -> None:
    """What the letters are: which record or webhook, since when, which queue they go back to. Nothing is changed.

    Example: ml-connector dlq show acumatica_shipbob --queue dead
    """
    choice, letters = Choice(record, message, connection), desk_of(context).place.dead_letters(pair)
    found = looked_at(letters, queues_named(queue), choice, limit)
    for each in queues_named(queue) if choice == Choice() else ():
        hidden = out_of_sight(letters, each, sum(1 for row in found if row["queue"] == each), limit)
        if hidden:
            say(hidden)

    def shown(out: Console) -> None:
        rows = [
            (row["queue"], row["message"], row["sent_at"], row["back_to"] or "?", _about(row)) for row in found
        ]
        columns = ("queue", "message", "sent_at", "back to", "about")
        out.print(table(plural(len(found), "letter"), columns, rows))
        if len(found) == 1 and found[0]["body"]:
            out.print(found[0]["body"])
        for row in found:
            if not row["understood"]:
                out.print(_purging(pair, row))

    answer(as_json, found, shown)


def _about(row: dict[str, Any]) -> str:
    kind = row.get("kind", "") if row["understood"] else f"not understood: {row.get('kind', '')}"
    words = [kind, row["record"] or row["connection"]]
    return " ".join([*words, row.get("sender", ""), row.get("topic", ""), row.get("stream", "")]).strip()


def _purging(pair: str, row: dict[str, Any]) -> str:
    command = f"ml-connector dlq purge {pair} --message {row['message']} --reason TEXT"
    return f"No worker understands {row['message']}; moved back it would crash again. To delete it: {command}"


@app.command("redrive")
def redrive_command(
    context: typer.Context,
    pair: Pair,
    queue: Queue = "",
    record: OfRecord = "",
    message: TheMessage = "",
    connection: OfConnection = "",
    rate: Annotated[float, typer.Option(min=0.1, max=500, help="Messages a second.")] = RATE,
    stop: Annotated[bool, typer.Option("--stop", help="Stop the redrive that runs.")] = False,
    as_json: Json = False,
) -> None:
    """Moves letters back to the queues that they come from: all by SQS's own redrive, or chosen ones one by one.

    Safe at any time and any number of times: a letter is a pointer, and the work looks at the record as it is now.

    Example: ml-connector dlq redrive acumatica_shipbob --record acme/orders/SO/005432
    """
    desk, choice = desk_of(context), Choice(record, message, connection)
    letters, services = desk.place.dead_letters(pair), desk.place.services(pair)
    order = Order(desk.place.who(), pair, desk.correlation())
    if stop:
        _stop(desk, letters, order, queues_named(queue), as_json)
        return
    if choice == Choice():
        started = [
            move_everything(services, letters, each, order, desk.sleep, rate)
            for each in queues_named(queue)
            if letters.count(each).visible
        ]
    else:
        started = [
            Started(each, moved=move_back(services, letters, each, choice, order, desk.sleep, rate))
            for each in queues_named(queue)
        ]
    document = [_started(each) for each in started]
    missed = choice != Choice() and not any(row["moved"] or row["unknown_source"] for row in document)
    if missed:
        say(_nothing_fits(pair))
    answer(as_json, document, lambda out: _show_started(out, document), FINDINGS if missed or _left(document) else OK)


def _nothing_fits(pair: str) -> str:
    """A misspelt record or message must not look like one that was dealt with."""
    return f"No letter that SQS handed out fits this choice; look with `ml-connector dlq show {pair}`."


def _stop(desk: Desk, letters: DeadLetters, order: Order, queues: tuple[str, ...], as_json: bool) -> None:
    running = [each for each in queues if any(task.handle for task in letters.tasks(each))]
    if not running:
        raise Refused(f"no redrive of {order.pair} is running")
    services = desk.place.services(order.pair)
    found = {each: stop_moving(services, letters, each, order) for each in running}
    rows = [f"{each}: stopped, {count} were moved" for each, count in found.items()]
    answer(as_json, found, lambda out: out.print("\n".join(rows)))


def _started(started: Started) -> dict[str, Any]:
    moved = started.moved
    return {
        "queue": started.queue,
        "native": bool(started.handle),
        "moved": [letter.id for letter in moved.moved] if moved else [],
        "doubled": moved.doubled if moved else 0,
        "unknown_source": moved.unknown if moved else 0,
    }


def _left(document: list[dict[str, Any]]) -> bool:
    return any(row["unknown_source"] for row in document)


def _show_started(out: Console, document: list[dict[str, Any]]) -> None:
    if not document:
        out.print("There are no dead letters.")
    for row in document:
        if row["native"]:
            out.print(f"{row['queue']}: SQS moves everything back; see `ml-connector dlq list`, stop it with --stop.")
            continue
        out.print(f"{row['queue']}: {plural(len(row['moved']), 'letter')} moved back.")
        if row["doubled"]:
            out.print(f"  {row['doubled']} could not be deleted in time and are in both queues, which is harmless.")
        if row["unknown_source"]:
            out.print(f"  {row['unknown_source']} do not say where they come from: move the whole queue instead.")


@app.command()
def purge(
    context: typer.Context,
    pair: Pair,
    reason: Annotated[str, typer.Option(help="Why; it is kept in the audit trail with your name.")],
    queue: Queue = "",
    record: OfRecord = "",
    message: TheMessage = "",
    connection: OfConnection = "",
    everything: Annotated[bool, typer.Option("--all", help="Everything in the queue.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Deletes letters for good. Records stay as they are, and `records replay` sets one in motion; webhooks are lost.

    Example: ml-connector dlq purge acumatica_shipbob --record acme/orders/SO/005432 --reason "shipped by hand"
    """
    desk, choice = desk_of(context), Choice(record, message, connection)
    if everything == (choice != Choice()):
        raise Misused("choose with --record, --message or --connection, or say --all")
    if not reason.strip():
        raise Misused("--reason must say why")
    if everything and not yes:
        if as_json:
            raise Misused("a queue is emptied with --json only together with --yes")
        if not typer.confirm(f"Delete every dead letter of {pair}{' in ' + queue if queue else ''}?", err=True):
            raise Refused("nothing was deleted")
    letters, services = desk.place.dead_letters(pair), desk.place.services(pair)
    order = Order(desk.place.who(), pair, desk.correlation(), reason.strip())
    gone = {
        each: (
            delete_everything(services, letters, each, order)
            if everything
            else len(delete(services, letters, each, choice, order).moved)
        )
        for each in queues_named(queue)
    }
    rows = [f"{each}: {plural(count, 'letter')} deleted." for each, count in gone.items()]
    missed = not everything and not any(gone.values())
    if missed:
        say(_nothing_fits(pair))
    answer(as_json, gone, lambda out: out.print("\n".join(rows)), FINDINGS if missed else OK)
