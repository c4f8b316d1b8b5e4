"""Reconciliation for an operator: which connections, which window, now or as the last night left it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from cli.failures import Refused
from cli.operations.accounts import for_long_reading, opened
from cli.pairs import PAIRS, connection_named, pair_named
from connector.connection import list_connections
from connector.nightly import newest_report, night_window
from connector.pair import Window
from connector.reconcile import Report
from connector.services import Services
from connector.survey import NoSurveys, reconcile


def connections_meant(services: Services, target: str) -> list[str]:
    """A pair's connections, or the one connection of that name. Raises Refused, UnknownPair."""
    if target not in PAIRS:
        return [target]
    pair = pair_named(target)
    names = sorted(list_connections(services.tables, pair.name))
    if not names:
        raise Refused(f"the pair {target} has no connection here; see `ml-connector connections list`")
    return names


def reconcile_now(
    services: Services,
    name: str,
    sleep: Callable[[float], object],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    kinds: Sequence[str] = (),
    thorough: bool = False,
) -> Report:
    """Asks both sides now. Without times the window of a night. Raises Refused, VendorFault, ConfigurationFault."""
    pair, connection = connection_named(services, name)
    usual = night_window(connection, services.clock())
    window = Window(since or usual.since, until or usual.until)
    if window.since >= window.until:
        raise Refused(f"nothing lies between {window.since.isoformat()} and {window.until.isoformat()}")
    patience = for_long_reading(services, sleep)
    try:
        with opened(pair, services, connection, "reconcile", lane="nightly") as accounts:
            return reconcile(
                pair, services, connection, accounts, window, {}, kinds=kinds, patience=patience, thorough=thorough
            )
    except NoSurveys as error:
        raise Refused(str(error)) from error


def kept_report(services: Services, name: str) -> Report:
    """What the last night has found. Raises Refused when no night has run."""
    report = newest_report(services, name)
    if report is None:
        raise Refused(f"no reconciliation of {name} is kept yet; the first one runs tonight, or leave --latest away")
    return report
