"""What waits for a person, by cause, and settling a cause; the audit trail and the operators' journal."""

from __future__ import annotations

from datetime import date
from typing import Any

from cli.desk import Desk
from cli.failures import Misused, Refused
from cli.operations import trails
from cli.operations.causes import Cause, plain_cause
from cli.operations.dossier import plain_record
from cli.operations.resolving import (
    ENDINGS,
    acceptable,
    all_causes,
    cause_named,
    end_all,
    members,
    replay_all,
    set_mapping,
)
from connector.instants import day_text
from connector.journal import lines_of
from operations.asked import Asked

WAYS = ("map", "replay", *ENDINGS)


def review(desk: Desk, asked: Asked) -> Any:
    """What waits for a person, by cause."""
    return [plain_cause(cause) for cause in all_causes(desk.place.services(), asked.text("connection"))]


def cause(desk: Desk, asked: Asked) -> Any:
    """One cause with every record behind it."""
    services = desk.place.services()
    found = cause_named(services, asked.needed("id"))
    return {**plain_cause(found), "members": [plain_record(record) for record in members(services, found)]}


def resolve(desk: Desk, asked: Asked) -> Any:
    """Settles a cause: sets the missing mapping, or replays, skips, accepts, closes everything behind it."""
    way = asked.needed("way")
    if way not in WAYS:
        raise Misused(f"way: one of {', '.join(WAYS)}")
    found = cause_named(desk.place.services(), asked.needed("id"))
    return {"cause": found.id, "records": _resolved(desk, asked, found, way)}


def _resolved(desk: Desk, asked: Asked, found: Cause, way: str) -> int:
    services, who, correlation = desk.connection(found.connection), desk.place.who(), desk.correlation()
    if way == "map":
        return set_mapping(services, found, asked.needed("value"), who, correlation).records
    if way == "replay":
        return replay_all(services, members(services, found), who, correlation)
    records, seen = members(services, found), sorted(asked.texts("figures"))
    if way == "accept" and seen and seen != sorted(acceptable(records)):
        raise Refused("the figures of this cause are others by now; nothing was done. Look at it again")
    return end_all(services, records, who, asked.needed("reason"), way)


def audit(desk: Desk, asked: Asked) -> Any:
    """The lines of some days, or of what people know, with the check of every chain."""
    first, last = _day(asked, "day"), _day(asked, "until")
    numbers = asked.texts("asked")
    if first is None and not numbers:
        raise Misused("day is missing, or asked")
    try:
        found = trails.export(desk.place.services(), first, last, numbers, asked.text("connection"))
    except ValueError as error:
        raise Misused(str(error)) from None
    lines = trails.rows(found)
    return {"records": found.checked, "broken": found.broken, "unknown": list(found.unknown), "lines": lines}


def _day(asked: Asked, name: str) -> date | None:
    try:
        return date.fromisoformat(asked.text(name)) if asked.text(name) else None
    except ValueError:
        raise Misused(f"{name} is no day; write it as 2026-03-01") from None


def journal(desk: Desk, asked: Asked) -> Any:
    """The operators' journal of a day, and whether its chain is whole."""
    services = desk.place.services()
    day = asked.text("day") or day_text(services.clock())
    lines, broken = lines_of(services, day)
    told = [{"sequence": line.sequence, "at": line.at, "text": line.text, "data": dict(line.data)} for line in lines]
    return {"day": day, "lines": told, "chain_intact": broken is None, "chain_broken_at": broken}
