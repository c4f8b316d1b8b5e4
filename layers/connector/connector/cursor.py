"""The cursor of one poll: a closed time window, where it stands, who is polling, and when it is due again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connector.instants import Clock, instant_text, parse_instant
from connector.ports import Absent, Equals, Item, Tables
from connector.record import from_json, to_json

SPAN = timedelta(hours=24)
"""The longest window of one poll; a long outage is caught up in several."""

SHORTEST_SPAN = timedelta(minutes=1)

DOUBT = timedelta(hours=12)
"""How far a source's clock may be behind ours (mostly a wrong time zone) without losing rows."""


@dataclass(frozen=True)
class Cursor:
    """Where a poll stands. `position` is the end of what is surely stored."""

    connection: str
    name: str
    position: str = ""
    next_at: str = ""
    holder: str = ""
    held_until: str = ""
    version: int = 0
    failures: int = 0
    why: str = ""
    succeeded_at: str = ""
    begun_at: str = ""
    span_seconds: int = int(SPAN.total_seconds())
    memory: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The item's partition key."""
        return cursor_key(self.connection, self.name)


def cursor_key(connection: str, name: str) -> str:
    """The partition key of a cursor."""
    return f"cursor/{connection}/{name}"


def _item(cursor: Cursor) -> Item:
    data = {"failures": cursor.failures, "why": cursor.why, "memory": cursor.memory, "span": cursor.span_seconds}
    return {
        "pk": cursor.key,
        "sk": "-",
        "connection": cursor.connection,
        "name": cursor.name,
        "position": cursor.position,
        "next_at": cursor.next_at,
        "holder": cursor.holder,
        "held_until": cursor.held_until,
        "version": cursor.version,
        "succeeded_at": cursor.succeeded_at,
        "begun_at": cursor.begun_at,
        "data": to_json(data),
    }


def _from_item(item: Item) -> Cursor:
    data = from_json(str(item["data"]))
    return Cursor(
        str(item["connection"]),
        str(item["name"]),
        str(item["position"]),
        str(item["next_at"]),
        str(item["holder"]),
        str(item["held_until"]),
        int(item["version"]),
        data["failures"],
        data["why"],
        str(item["succeeded_at"]),
        str(item.get("begun_at", "")),
        data["span"],
        data["memory"],
    )


def read_cursors(tables: Tables, connection: str, names: list[str]) -> dict[str, Cursor]:
    """The cursors of these names; one that was never used starts empty and due."""
    found = tables.get_many("state", [(cursor_key(connection, name), "-") for name in names])
    cursors = {str(item["name"]): _from_item(item) for item in found.values()}
    return {name: cursors.get(name, Cursor(connection, name)) for name in names}


def take(tables: Tables, clock: Clock, connection: str, name: str, lease: timedelta) -> Cursor | None:
    """Takes the poll's lease; None while somebody else polls.

    A holder whose lease ran out died, most likely of its time limit: the window is halved as if it had said so.
    """
    cursor = read_cursors(tables, connection, [name])[name]
    now = instant_text(clock())
    if cursor.held_until > now:
        return None
    if cursor.holder:
        cursor = failed(cursor, "the last poll did not come to its end", clock(), too_long=True)
    held = replace(cursor, holder=secrets.token_hex(8), held_until=instant_text(clock() + lease))
    held = replace(held, begun_at=cursor.begun_at or now)
    return save(tables, held)


def save(tables: Tables, cursor: Cursor) -> Cursor | None:
    """Writes a cursor that was read at its version; None when somebody else was faster."""
    saved = replace(cursor, version=cursor.version + 1)
    condition = Equals({"version": cursor.version}) if cursor.version else Absent()
    return saved if tables.put("state", _item(saved), condition) else None


@dataclass(frozen=True)
class Reach:
    """The window of one poll, and whether it ends before the present because of the span."""

    since: datetime
    until: datetime
    shortened: bool


def reach(cursor: Cursor, start: datetime, now: datetime, overlap: timedelta, lag: timedelta) -> Reach:
    """The closed window `[position - overlap, now - lag]`, never before `start`, never longer than the span allows.

    A position in the future (a source with a wrong clock) counts as now: it would stop the poll until then.
    """
    position = min(parse_instant(cursor.position), now) if cursor.position else start
    since = max(start, position - overlap)
    end = now - lag
    longest = position + timedelta(seconds=cursor.span_seconds)
    shortened = longest < end
    return Reach(since, max(since, min(end, longest)), shortened)


def finished(
    cursor: Cursor,
    window: Reach,
    seen: datetime | None,
    source_clock: bool,
    memory: Mapping[str, Any],
    now: datetime,
    next_at: datetime,
) -> Cursor:
    """The cursor after a complete poll. Never moves backwards.

    It stays empty while `start` lies in the future, so that a corrected `start` counts. A shortened window grows again
    by doubling: at once back to a day, every good poll would cost several that run out of time.
    """
    position = cursor.position
    if window.since <= now:
        position = max(position, instant_text(window.since))
        if not source_clock:
            position = max(position, instant_text(window.until))
        elif window.shortened:  # it ends by our clock; a source that is behind may still stamp rows into it
            position = max(position, instant_text(min(window.until, now - DOUBT)))
        if source_clock and seen is not None:
            position = max(position, instant_text(min(seen, now)))
    longest = int(SPAN.total_seconds())
    return replace(
        cursor,
        position=position,
        next_at=instant_text(now if window.shortened else next_at),
        holder="",
        held_until="",
        failures=0,
        why="",
        succeeded_at=instant_text(now),
        memory=dict(memory),
        span_seconds=min(longest, cursor.span_seconds * 2) if window.shortened else longest,
    )


def failed(cursor: Cursor, why: str, next_at: datetime, *, too_long: bool = False) -> Cursor:
    """The cursor after an incomplete poll: it has not moved; a window that was too long is halved."""
    span = max(SHORTEST_SPAN.total_seconds(), cursor.span_seconds / 2) if too_long else cursor.span_seconds
    return replace(
        cursor,
        next_at=instant_text(next_at),
        holder="",
        held_until="",
        failures=cursor.failures + 1,
        why=why,
        span_seconds=int(span),
    )


def hasten(tables: Tables, clock: Clock, connection: str, names: list[str]) -> int:
    """Makes the polls that failed last due now, because what stopped them was put right; answers how many.

    One that runs at this moment is left alone: it ends with what it finds.
    """
    now = instant_text(clock())
    stopped = [cursor for cursor in read_cursors(tables, connection, names).values() if cursor.failures]
    late = [cursor for cursor in stopped if cursor.held_until <= now < cursor.next_at]
    return sum(save(tables, replace(cursor, next_at=now)) is not None for cursor in late)
