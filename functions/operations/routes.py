"""What can be asked: a path, the values that it takes, and the act. No vendor is called by any of them.

Whatever asks a vendor (doctor, ping, webhooks register, plan, reconcile now) stays with the command line: it needs the
credentials of the accounts, which this function cannot read, and longer than API Gateway waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cli.desk import Desk
from operations import connections, letters, records, review
from operations.asked import Asked
from operations.letters import LETTERS
from operations.records import SELECTION


@dataclass(frozen=True)
class Route:
    """`takes`: names of the values; every other one is refused."""

    act: Callable[[Desk, Asked], Any]
    takes: tuple[str, ...] = ()


ROUTES: Mapping[tuple[str, str], Route] = {
    ("GET", "connections"): Route(connections.connections),
    ("GET", "connection"): Route(connections.connection, ("name",)),
    ("GET", "connection/schedule"): Route(connections.schedule, ("name",)),
    ("GET", "connection/arrivals"): Route(connections.arrived, ("name",)),
    ("GET", "connection/heard"): Route(connections.heard, ("name", "days")),
    ("GET", "connection/reconciled"): Route(connections.reconciled, ("name",)),
    ("POST", "connection/pause"): Route(connections.pause, ("name", "flows")),
    ("POST", "connection/resume"): Route(connections.resume, ("name", "flows")),
    ("POST", "connection/reverify"): Route(connections.judge_again, ("name", "sender")),
    ("GET", "review"): Route(review.review, ("connection",)),
    ("GET", "review/cause"): Route(review.cause, ("id",)),
    ("POST", "review/resolve"): Route(review.resolve, ("id", "way", "value", "reason", "figures")),
    ("GET", "explain"): Route(records.explain, ("asked", "connection")),
    ("GET", "records"): Route(records.records, (*SELECTION, "limit")),
    ("GET", "record"): Route(records.record, ("id",)),
    ("POST", "records/replay"): Route(records.replay_all, ("id", *SELECTION, "dry_run")),
    ("POST", "records/edit"): Route(records.edit, ("id", "set", "drop", "reason")),
    ("POST", "records/accept"): Route(records.accept, ("id", "reason")),
    ("POST", "records/close"): Route(records.close_one, ("id", "reason")),
    ("POST", "records/release"): Route(records.release, ("id", "effect", "key", "reason")),
    ("GET", "dlq"): Route(letters.queues),
    ("GET", "dlq/letters"): Route(letters.letters, (*LETTERS, "limit")),
    ("POST", "dlq/redrive"): Route(letters.redrive, (*LETTERS, "rate")),
    ("POST", "dlq/purge"): Route(letters.purge, (*LETTERS, "all", "reason")),
    ("GET", "audit"): Route(review.audit, ("day", "until", "asked", "connection")),
    ("GET", "journal"): Route(review.journal, ("day",)),
}
"""Method and path below /operations/ of everything there is."""
