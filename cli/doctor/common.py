"""Checks of every connection, whatever its pair: credentials, sign-ins, polls, counters, clocks."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from cli.doctor.finding import Examination
from cli.operations.arrivals import arrivals
from cli.operations.credentials import shapes_for
from cli.operations.overview import polls_of
from cli.pairs import senders_of
from cli.systems import SYSTEMS
from connector.certificates import SOON, endings
from connector.credentials import Credentials
from connector.faults import ConfigurationFault
from connector.instants import Clock, day_text
from connector.neighbours import neighbours
from connector.pair import Pair
from connector.tokens import reconnect_needed
from connector.transport import Reply, Request, Wire

SKEW_NOTED, SKEW_BAD = 5.0, 120.0
"""Seconds. A vendor's Date header has whole seconds, and webhooks are refused at 300."""


class DatedWire:
    """A wire that compares each answer's Date header with our clock."""

    def __init__(self, wire: Wire, clock: Clock) -> None:
        self._wire, self._clock = wire, clock
        self.skews: dict[str, float] = {}

    def exchange(self, request: Request) -> Reply:
        """Sends the request by the wire below."""
        reply = self._wire.exchange(request)
        stated = _date(reply.headers.get("date", ""))
        if stated is not None:
            host, skew = urlsplit(request.url).netloc, (stated - self._clock()).total_seconds()
            # The smallest one: everything that delays an answer makes the skew look larger.
            self.skews[host] = min(self.skews.get(host, skew), skew, key=abs)
        return reply


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (TypeError, ValueError):  # no date in it: nothing to compare
        return None


def check_connection(examined: Examination) -> None:
    """Paused connections move nothing."""
    connection = examined.connection
    for flow in sorted(connection.paused_flows):
        fix = f"ml-connector connections resume {examined.name} --flow {flow}"
        examined.warn(f"pause of {flow}", "this flow is paused: its records are held", fix)
    if connection.active:
        examined.good("connection", f"active, revision {examined.connection.revision}")
    else:
        examined.warn("connection", "paused: records are held", f"ml-connector connections resume {examined.name}")


def check_neighbours(examined: Examination) -> None:
    """No other connection of the pair moves the same things. Applying refuses that; two at one moment may slip by."""
    document = examined.connection.document
    for other in neighbours(examined.services.tables, document):
        for reason in document.clashes(other.document):
            examined.bad(f"connection {other.name}", reason, "correct one of the two files and apply it")


def check_secrets(examined: Examination) -> None:
    """Every secret exists and holds what its system needs."""
    for shape in shapes_for(examined.services, examined.name):
        check = f"secret {shape.name}"
        try:
            plain = [member for member in shape.members if member not in shape.several_lines]
            values = Credentials(examined.services, examined.name, shape.name).read(*plain)
            lacking = [member for member in shape.several_lines if not values.get(member, "").strip()]
            if lacking:
                raise ValueError(f"lacks {', '.join(sorted(lacking))}")
            shape.check(values)
        except ConfigurationFault as fault:
            examined.bad(check, fault.message, f"ml-connector secrets set {examined.name} {shape.name}")
        except ValueError as error:
            examined.bad(check, str(error), f"ml-connector secrets set {examined.name} {shape.name}")
        else:
            examined.good(check, f"holds {', '.join(shape.members)}")


def check_sign_ins(examined: Examination) -> None:
    """No vendor has refused to renew a token."""
    systems = getattr(examined.connection.document, "systems", None)
    for system in (name for name in SYSTEMS if hasattr(systems, name)):
        mark = reconnect_needed(examined.services, examined.name, system)
        if mark is not None:
            command = f"ml-connector connections authorize {examined.name} --system {system}"
            examined.bad(
                f"sign-in {system}",
                f"must be connected again since {mark.since}: {mark.why}",
                f"{command}, or ml-connector secrets set {examined.name} {system}",
            )


def check_polls(examined: Examination, pair: Pair[Any]) -> None:
    """Every poll is on and succeeds."""
    polled = {flow.name for flow in pair.flows if flow.poll is not None}
    for poll in polls_of(examined.services, pair, examined.connection):
        check = f"flow {poll['flow']}"
        if not poll["enabled"]:
            examined.note(check, "switched off in the connection file, or paused")
        elif poll["flow"] not in polled:
            continue  # other flows and webhooks bring its records: there is nothing that could fail here
        elif poll["failures"]:
            what = f"{poll['failures']} polls in a row failed: {poll['why']}"
            examined.warn(check, what, "settle the cause; it goes on by itself")
        elif poll["succeeded_at"]:
            examined.good(check, f"last poll ended well at {poll['succeeded_at']}")
        else:
            examined.note(check, "has not been polled yet")


def check_arrivals(examined: Examination, pair: Pair[Any]) -> None:
    """What each sender has delivered lately: the only sign of those whose subscriptions no API shows."""
    for sender in senders_of(pair.name):
        check = f"deliveries of {sender}"
        found = arrivals(examined.services, examined.name, sender)
        if found.quarantined:
            fix = f"ml-connector webhooks reverify {examined.name} {sender}, after its secret was stored here"
            examined.warn(check, f"{found.quarantined} could not be proven and wait in quarantine", fix)
        elif found.last:
            examined.good(check, f"the last one came at {found.last}")
        else:
            fix = f"ml-connector webhooks register {examined.name}, if changes should come sooner than by polls"
            examined.note(check, "none in two weeks", fix)


def check_certificates(examined: Examination, pair: Pair[Any]) -> None:
    """Certificates of servers, and those that a connection signs in with, have more than three weeks left.

    Where the pair watches its own (`watch_certificate`), its own check tells of those in the secrets.
    """
    stored = "watch_certificate" not in pair.chores
    for ending in endings(examined.services, examined.connection, stored=stored):
        left = ending.ends - examined.services.clock()
        text = f"{ending.what} ends on {day_text(ending.ends)} (UTC)"
        fix = "have it renewed; see docs/runbook.md#certificates"
        if left.total_seconds() <= 0:
            examined.bad(f"certificate {ending.system}", f"{text}: it is over", fix)
        elif left < SOON:
            examined.warn(f"certificate {ending.system}", f"{text}, in {left.days} days", fix)
        else:
            examined.good(f"certificate {ending.system}", text)


def check_clocks(examined: Examination, wire: DatedWire) -> None:
    """The vendors' clocks agree with ours."""
    for host, skew in wire.skews.items():
        text = f"{host} is {abs(skew):.0f} seconds {'ahead of' if skew > 0 else 'behind'} this machine"
        fix = "set this machine's clock by NTP; if it is right, tell the vendor"
        if abs(skew) >= SKEW_BAD:
            examined.bad("clock", f"{text}; webhooks are refused at 300", fix)
        elif abs(skew) >= SKEW_NOTED:
            examined.warn("clock", text, fix)
        else:
            examined.good("clock", f"{host} agrees with this machine")
