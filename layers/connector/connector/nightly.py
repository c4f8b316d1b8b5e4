"""The nightly reconciliation: a schedule enqueues one job per connection, a job compares, keeps the report, counts.

The report lies in the bucket under `reports/reconcile/<connection>/`, its counts in the state table. What a run has
read is kept until the whole is done: a run that has no calls or no time left is followed by one that goes on.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connector.connection import Connection
from connector.cursor import Cursor
from connector.faults import ConfigurationFault, FaultKind, VendorFault
from connector.instants import instant_text, parse_instant
from connector.pair import Pair, Window
from connector.ports import Item, Message
from connector.reconcile import Report, plain_report
from connector.reconcile_page import html_page
from connector.record import from_json, short_hash, to_json
from connector.services import Services
from connector.survey import Memory, reconcile

RECONCILE = "chore:reconcile"
"""The job's name, beside the chores of the pair."""

REACH = timedelta(days=2)
"""How far back a night looks; what is stuck for longer is held and has its own alarm."""

LAG = timedelta(minutes=30)
"""What changed later may rightly be under way."""

EVERY = timedelta(hours=24)
OLDEST = timedelta(hours=6)
"""What was read so long ago is not compared with what is read now."""

RESERVE = 30.0
"""Seconds that must be left for another call."""


def night_job(connection: str, salt: str) -> Message:
    """The job of one connection. The same `salt` is one job."""
    body = {"kind": "poll", "connection": connection, "stream": RECONCILE, "correlation": secrets.token_hex(8)}
    return Message(
        json.dumps(body), group=short_hash(connection, RECONCILE),
        deduplication=short_hash(connection, RECONCILE, salt),
    )


def interrupted(services: Services, cursor: Cursor) -> Message | None:
    """The job that continues a reconciliation which could not finish; None when none is due."""
    now = instant_text(services.clock())
    if not cursor.failures or cursor.held_until > now or cursor.next_at > now:
        return None
    return night_job(cursor.connection, f"{cursor.version}#{cursor.next_at}")


def run(
    pair: Pair[Any], services: Services, connection: Connection, clients: Any, left: Callable[[], float]
) -> Report | None:
    """One attempt. None where the pair lists nothing. Raises VendorFault when it has to go on later."""
    if not pair.surveys:
        return None
    window, memory = _begun(services, connection)
    if window.since >= window.until:  # the connection begins later than the window ends
        return None

    def patience(call: Callable[[], Any]) -> Any:
        if left() < RESERVE:
            why = "the reconciliation takes longer than one run and goes on in the next one"
            raise VendorFault("ml-connector", FaultKind.BUDGET, why, retry_at=services.clock())
        return call()

    try:
        report = reconcile(pair, services, connection, clients, window, memory, patience=patience)
    except (VendorFault, ConfigurationFault):
        _keep(services, connection.name, window, memory)
        raise
    store_report(services, report)
    services.bodies.put(_progress_key(connection.name), b"{}", "application/json")
    return report


def _progress_key(connection: str) -> str:
    return f"reconcile/{connection}/progress"


def _begun(services: Services, connection: Connection) -> tuple[Window, Memory]:
    """The window and what was read by an attempt before this one, else a new window."""
    try:
        kept: Mapping[str, Any] = from_json(services.bodies.get(_progress_key(connection.name)).decode())
    except KeyError:
        kept = {}
    now = services.clock()
    if kept and now - parse_instant(str(kept["at"])) < OLDEST:
        return Window(parse_instant(str(kept["since"])), parse_instant(str(kept["until"]))), dict(kept["memory"])
    return night_window(connection, now), {}


def night_window(connection: Connection, now: datetime) -> Window:
    """The last two days, without the last half hour, never before the connection's start."""
    until = now - LAG
    since = max(connection.document.start, until - REACH)
    return Window(since, max(since, until))


def _keep(services: Services, connection: str, window: Window, memory: Memory) -> None:
    document = {
        "at": instant_text(services.clock()),
        "since": instant_text(window.since),
        "until": instant_text(window.until),
        "memory": memory,
    }
    services.bodies.put(_progress_key(connection), to_json(document).encode(), "application/json")


# ---- reports --------------------------------------------------------------------------------------------------


def store_report(services: Services, report: Report) -> str:
    """Keeps a report as JSON and as a page, and its counts; answers the JSON's key. Writes the metric of the alarm."""
    place = f"reports/reconcile/{report.connection}/{report.made_at[:19].replace(':', '')}"
    document = json.dumps(plain_report(report), ensure_ascii=False, indent=2).encode()
    services.bodies.put(f"{place}.json", document, "application/json")
    services.bodies.put(f"{place}.html", html_page(report).encode(), "text/html; charset=utf-8")
    item: Item = {
        "pk": f"reconcile/{report.connection}",
        "sk": report.made_at,
        "unexplained": report.unexplained,
        "key": f"{place}.json",
    }
    services.tables.put("state", item)
    log = services.log.bind(connection=report.connection)
    log.metric("ReconcileDifferences", report.unexplained)
    log.info("reconciled", window=f"{report.since}..{report.until}", count=report.unexplained)
    return f"{place}.json"


def newest_report(services: Services, connection: str) -> Report | None:
    """The last kept report, None when there is none."""
    from connector.reconcile import report_from

    page = services.tables.query("state", f"reconcile/{connection}", descending=True, limit=1)
    if not page.items:
        return None
    try:
        return report_from(json.loads(services.bodies.get(str(page.items[0]["key"]))))
    except KeyError:  # the bucket's rules have removed it
        return None
