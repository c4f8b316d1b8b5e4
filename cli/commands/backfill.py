"""`ml-connector backfill`: a window of the past, in the bulk lane."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.commands.connections import Name
from cli.commands.options import From, To, moment
from cli.desk import Desk, desk_of
from cli.failures import Refused
from cli.operations import backfilling
from cli.operations.accounts import for_long_reading
from cli.operations.backfilling import Backfill, Settled, settled_of
from cli.operations.planning import polled_flow, window_of
from cli.operations.times import moment_text
from cli.output import Json, answer, plural
from cli.pairs import connection_named
from cli.progress import bar
from connector.services import Services

EVERY = 5.0
LONGEST_WATCH = 6 * 3600.0


def backfill(
    context: typer.Context,
    name: Name,
    flow: Annotated[str, typer.Option("--flow", help="Which flow: orders, shipments, charges, ...")],
    since: From,
    until: To = "",
    restart: Annotated[bool, typer.Option("--restart", help="Read the window from its begin again.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the records are worked on.")] = False,
    as_json: Json = False,
) -> None:
    """Reads a window of the past once more and enqueues what is new in it, in the bulk lane: live work goes first.

    It reads a day at a time. Stopped and run again with the same window, it goes on where it was. Records that are
    known in their present revision are left alone, and no write that happened is made twice. What changed before the
    connection's start is moved as well: the window is your word for it.

    Example: ml-connector backfill acme --flow orders --from 2026-02-01 --to 2026-03-01
    """
    desk = desk_of(context)
    services = desk.connection(name)
    pair, connection = connection_named(services, name)
    if not connection.active:
        raise Refused(f"connection {name} is paused; resume it first, or what is found would only be held")
    polled = polled_flow(pair, flow)
    window = window_of(services, moment(since, "--from"), moment(until, "--to"))
    patience = for_long_reading(services, desk.sleep)
    with bar("reading", shown=not as_json) as told:
        done = backfilling.backfill(
            pair, services, connection, polled, window, desk.correlation(), patience,
            lambda at: told(round(100 * at.share), 100, f"until {at.position[:10]}, {plural(at.found, 'record')}"),
            restart=restart,
        )
    now = _watched(desk, services, done, as_json) if wait else settled_of(services, done.records)
    document = {**{key: value for key, value in vars(done).items() if key != "records"}, **vars(now)}
    span = f"{moment_text(done.since)} to {moment_text(done.until)}"
    text = (
        f"{plural(done.found, 'record')} of {flow} from {span} enqueued in the bulk lane: {now.done} done by now, "
        f"{now.for_a_person} wait for a person, {now.moving} are on their way."
    )
    again = " It went on where it had stopped." if done.resumed else ""
    answer(as_json, document, lambda out: out.print(text + again))


def _watched(desk: Desk, services: Services, done: Backfill, as_json: bool) -> Settled:
    """Waits until nothing of it is on its way any more."""
    begun = services.clock()
    with bar("working", shown=not as_json) as told:
        while True:
            now = settled_of(services, done.records)
            told(len(done.records) - now.moving, len(done.records), "records")
            if not now.moving or (services.clock() - begun).total_seconds() > LONGEST_WATCH:
                return now
            desk.sleep(EVERY)
