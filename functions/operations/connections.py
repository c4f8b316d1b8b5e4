"""Acts on connections: where they stand, pausing, webhooks, the last reconciliation."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cli.desk import Desk
from cli.operations.arrivals import arrivals
from cli.operations.heard import first_heard, plain_heard
from cli.operations.overview import all_connections, open_records, overview_of
from cli.operations.pausing import schedule_of, set_paused
from cli.operations.reconciling import kept_report
from cli.pairs import connection_named, senders_of
from connector.edge.quarantine import reverify
from connector.reconcile import plain_report
from operations.asked import Asked


def connections(desk: Desk, asked: Asked) -> Any:
    """Every connection with its state and the number of open records."""
    services = desk.place.services()
    return [{**row, "open_records": open_records(services, row["connection"])} for row in all_connections(services)]


def connection(desk: Desk, asked: Asked) -> Any:
    """One connection: document, polls, tables, sign-ins."""
    name = asked.needed("name")
    return overview_of(desk.connection(name), name)


def schedule(desk: Desk, asked: Asked) -> Any:
    """Cadence, quiet hours, what moves now."""
    name = asked.needed("name")
    return schedule_of(desk.connection(name), name)


def arrived(desk: Desk, asked: Asked) -> Any:
    """Webhooks that have arrived, and the quarantine."""
    name = asked.needed("name")
    services = desk.connection(name)
    pair, _ = connection_named(services, name)
    return [asdict(arrivals(services, name, sender)) for sender in senders_of(pair.name)]


def heard(desk: Desk, asked: Asked) -> Any:
    """Who told first, webhook or poll."""
    name = asked.needed("name")
    days = int(asked.number("days", 2, 1, 14))
    return [plain_heard(each) for each in first_heard(desk.connection(name), name, days)]


def pause(desk: Desk, asked: Asked) -> Any:
    """Pauses the connection, or some flows."""
    return _set_paused(desk, asked, paused=True)


def resume(desk: Desk, asked: Asked) -> Any:
    """Resumes them; what was held continues."""
    return _set_paused(desk, asked, paused=False)


def _set_paused(desk: Desk, asked: Asked, *, paused: bool) -> Any:
    name = asked.needed("name")
    services, flows = desk.connection(name), asked.texts("flows")
    done = set_paused(services, name, flows, desk.place.who(), desk.correlation(), paused=paused)
    return {**asdict(done), "flows": list(done.flows), "stays": list(done.stays)}


def judge_again(desk: Desk, asked: Asked) -> Any:
    """Judges the quarantine again by the secrets of now."""
    name = asked.needed("name")
    services = desk.connection(name)
    pair, _ = connection_named(services, name)
    return asdict(reverify(services, name, asked.needed("sender"), senders_of(pair.name)))


def reconciled(desk: Desk, asked: Asked) -> Any:
    """What the last nightly reconciliation has found. Raises Refused when there was none."""
    name = asked.needed("name")
    return plain_report(kept_report(desk.connection(name), name))
