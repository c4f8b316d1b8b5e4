"""Running a reconciliation: both sides listed kind by kind, compared, explained by our own records.

Used by the command (which waits where our own budget or session is taken) and by the nightly chore (which goes on in
its next run). What was read already is remembered, so that neither reads it twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connector.connection import Connection
from connector.instants import instant_text
from connector.intent import Stage
from connector.overdue import OVERDUE, compared_overdue, overdue, why_overdue
from connector.pair import Pair, Survey, Window
from connector.ports import pages
from connector.reconcile import Compared, Difference, Report, compare, explained
from connector.records import RecordStore
from connector.services import Services

Memory = dict[str, Any]
"""What was read, by the name of the call, which the kinds of a pair share. JSON values only."""

Call = Callable[[Callable[[], Any]], Any]


def directly(call: Callable[[], Any]) -> Any:
    """Makes a call without patience."""
    return call()


class NoSurveys(LookupError):
    """The pair cannot be reconciled (yet)."""


def reconcile(
    pair: Pair[Any],
    services: Services,
    connection: Connection,
    clients: Any,
    window: Window,
    memory: Memory,
    *,
    kinds: Sequence[str] = (),
    patience: Call = directly,
    thorough: bool = False,
) -> Report:
    """Lists, compares and explains. `memory` is filled on the way and may be handed in again after a fault.

    Raises NoSurveys, VendorFault, ConfigurationFault.
    """
    store = RecordStore(services)

    def once(name: str, call: Callable[[], Any]) -> Any:
        if name not in memory:
            memory[name] = patience(call)
        return memory[name]

    survey = Survey(services, connection, clients, store, window, once, thorough, memory)
    compared = []
    names = {flow.name for flow in pair.flows}
    for kind in _chosen(pair, kinds):
        survey.notes.clear()
        listed = pair.surveys[kind](survey)
        sides = replace(listed, limits=" ".join(filter(None, [listed.limits, *survey.notes])))
        compared.append(_explained(services, store, connection, window, compare(sides), kind in names))
    if not kinds or OVERDUE in kinds:
        named = [row.record for each in compared for row in each.differences if not row.explained]
        stuck = compared_overdue(services, connection, named)
        compared += [stuck] if stuck.differences or kinds else []
    times = instant_text(window.since), instant_text(window.until), instant_text(services.clock())
    return Report(connection.name, pair.name, *times, kinds=tuple(compared))


def _chosen(pair: Pair[Any], kinds: Sequence[str]) -> Sequence[str]:
    if not pair.surveys:
        raise NoSurveys(f"the pair {pair.name} has no lists to compare in this version, so it cannot be reconciled")
    unknown = [kind for kind in kinds if kind not in (*pair.surveys, OVERDUE)]
    if unknown:
        known = ", ".join((*pair.surveys, OVERDUE))
        raise NoSurveys(f"the pair {pair.name} compares {known}; it has no {', '.join(unknown)}")
    return [kind for kind in kinds if kind != OVERDUE] if kinds else tuple(pair.surveys)


def _explained(
    services: Services, store: RecordStore, connection: Connection, window: Window, compared: Compared, has_flow: bool
) -> Compared:
    identifiers = [difference.record for difference in compared.differences if difference.record]
    records = store.load_many(list(dict.fromkeys(identifiers)))
    written = {identifier for identifier in records if _has_written(services, identifier)}

    def unseen(difference: Difference) -> str:
        if not has_flow:  # no flow moves it: it can be compared again, and is put right by hand
            return f"ml-connector reconcile {connection.name} --kind {difference.kind}"
        return backfill_command(connection.name, difference.kind, window)

    late = overdue(services, connection, records.values())
    sentences = {identifier: why_overdue(records[identifier], since) for identifier, since in late.items()}
    return explained(compared, records, written, unseen, sentences)


def _has_written(services: Services, identifier: str) -> bool:
    found = pages(lambda start: services.tables.query("records", identifier, prefix="intent#", start=start))
    return any(item["stage"] == Stage.DONE.value for item in found)


def backfill_command(connection: str, kind: str, window: Window) -> str:
    """What reads the window once more and sends what is missing."""
    since, until = (instant_text(moment)[:19] + "Z" for moment in (window.since, window.until))
    return f"ml-connector backfill {connection} --flow {kind} --from {since} --to {until}"


def totals(report: Report) -> Mapping[str, int]:
    """Unexplained differences by kind."""
    return {compared.kind: compared.unexplained for compared in report.kinds}
