"""Checks of what a connection may still use of its accounts: token calls of the day, calls a minute, sessions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cli.doctor.finding import Examination
from cli.systems import SYSTEMS
from connector.budget import AccountGate
from connector.faults import ConfigurationFault
from connector.instants import day_text, instant_text
from connector.standing import Standing, standing

MANY_TOKENS = 100
"""Token calls a day where no limit is known. A healthy connection needs about one an hour."""

NEARLY = 80
"""Percent of a budget from which on a person should look."""

OTHERS = "look in the log for HTTP 401, and for other programs that use the same credentials"


def check_budgets(examined: Examination) -> None:
    """Token calls, calls and sessions of every account of the connection."""
    systems = getattr(examined.connection.document, "systems", None)
    for system in (name for name in SYSTEMS if hasattr(systems, name)):
        _check_tokens(examined, system, getattr(getattr(systems, system), "token_daily_limit", None))
        for name, gate in _gates(examined, system, getattr(systems, system)):
            _check_account(examined, name, system, standing(gate, examined.services.clock()))


def _gates(examined: Examination, system: str, settings: Any) -> Iterator[tuple[str, AccountGate]]:
    """The guards of a system's accounts, ShipStation's second key included; of those that can be opened."""
    for name in (system, "labels") if getattr(settings, "labels", False) else (system,):
        try:
            client: Any = getattr(examined.accounts, name)
        except ConfigurationFault:  # the check of the address or the secret says what is wrong
            continue
        gate = getattr(client.transport.gate, "gate", client.transport.gate)  # Dynamics GP's stands behind its sign-in
        if isinstance(gate, AccountGate):
            yield system if name == system else f"{system} {name}", gate


def _check_tokens(examined: Examination, system: str, limit: int | None) -> None:
    check, day = f"token calls {system}", day_text(examined.services.clock())
    item = examined.services.tables.get("state", f"tokens/{examined.name}/{system}/{day}", "-")
    taken = int(item["taken"]) if item is not None else 0
    if limit is None:
        text = f"{taken} today (UTC); the vendor states no limit"
        if taken > MANY_TOKENS:
            examined.warn(check, f"{text}; a healthy connection needs about one an hour", OTHERS)
        else:
            examined.good(check, text)
        return
    text = f"{taken} of {limit} today (UTC), {max(0, limit - taken)} left"
    if taken >= limit:
        fix = f"{OTHERS}; raise systems.{system}.token_daily_limit if the vendor allows more"
        examined.bad(check, f"{text}: nothing is sent without a valid token until the next UTC day", fix)
    elif taken * 100 >= limit * NEARLY:
        examined.warn(check, text, OTHERS)
    else:
        examined.good(check, text)


def _check_account(examined: Examination, name: str, system: str, found: Standing) -> None:
    _check_calls(examined, name, system, found)
    if found.slots is None:
        return
    check, text = f"sessions {name}", f"{len(found.holders)} of {found.slots} in use"
    if len(found.holders) >= found.slots:
        fix = "nothing, if it is another one a minute later; else ml-connector explain that record"
        examined.note(check, f"{text}, by {', '.join(found.holders)}", fix)
    else:
        examined.good(check, text)


def _check_calls(examined: Examination, name: str, system: str, found: Standing) -> None:
    check, now = f"calls {name}", examined.services.clock()
    closed, limit = found.mood.closed_until, found.per_minute
    text = f"{found.used} of {limit} a minute used" if limit is not None else "no number limits them, only the sessions"
    fix = f"find other programs that use the account, or correct systems.{system}: see docs/runbook.md#account-closed"
    if closed is not None and closed > now:
        until = f"closed until {instant_text(closed)[:19]}Z"
        examined.warn(check, f"{until}, because the vendor declined calls; {text}", fix)
    elif limit is not None and found.configured is not None and limit < found.configured // 2:
        examined.warn(check, f"{text}: cut down from {found.configured}, because the vendor declined calls", fix)
    elif found.waiting:
        what = f"{text}, and {found.waiting} pieces of work wait for their turn"
        examined.note(check, what, "nothing, or pause a backfill")
    elif limit is not None and found.used * 100 >= limit * NEARLY:
        examined.note(check, f"{text}, the doctor's own calls included", "nothing, if it is less at a quiet time")
    else:
        examined.good(check, text)
