"""What a piece of work would do, without doing it: the flow itself runs, up to the first write.

Reads are real calls. Whatever is stored goes into an overlay (`connector.overlay`). The wire stops the first request
that is marked as a write, so the plan shows exactly that request: by construction, not by a second set of rules.
What comes after it depends on the vendor's answer; the pair names it (`Deed.follows`).
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from connector.connection import Connection
from connector.faults import ConfigurationFault
from connector.instants import instant_text
from connector.intent import Intent, Stage, intent_from_item
from connector.ledger import Ledger
from connector.outcome import Done, Held, Later, Outcome, Refused, Same, Unknown
from connector.overlay import OverlayTables, overlaid
from connector.pair import Pair, Work
from connector.record import Record
from connector.records import RecordStore
from connector.redact import redact_text
from connector.services import Services
from connector.transport import Reply, Request, Wire
from connector.wire import process_wire

WIRE = ("wire",)

LEASE = timedelta(minutes=3)


class WouldSend(Exception):
    """The work has come to a write. Not a fault: nothing between the wire and the rehearsal may take it for one."""

    def __init__(self, request: Request) -> None:
        super().__init__(f"{request.method} {urlsplit(request.url).path}")
        self.request = request


class ReadingWire:
    """Passes reads and sign-ins on, counts them by host, and stops at the first write."""

    def __init__(self, below: Wire) -> None:
        self._below = below
        self.calls: Counter[str] = Counter()

    def exchange(self, request: Request) -> Reply:
        """Raises WouldSend for a write."""
        if request.write and request.authorize:
            raise WouldSend(request)
        if request.authorize:
            self.calls[urlsplit(request.url).netloc] += 1
        return self._below.exchange(request)


@dataclass(frozen=True)
class Step:
    """What would become of one record.

    ends: "write", or the ending in small letters (done, same, later, held, refused, unknown). For a write: does, what,
    effect, key, fingerprint (of the draft), method and address, and the effects that follow it. calls: reads by host.
    """

    record: str
    ends: str
    why: str = ""
    does: str = ""
    what: str = ""
    effect: str = ""
    key: str = ""
    fingerprint: str = ""
    method: str = ""
    address: str = ""
    follows: tuple[str, ...] = ()
    calls: Mapping[str, int] | None = None
    notes: tuple[str, ...] = ()
    at: str = ""  # Later, Unknown: when it goes on
    price: str = ""  # what the write costs in money, where the pair can ask for it

    @property
    def same_as(self) -> tuple[str, ...]:
        """What must not have changed between a plan and its execution."""
        return (self.record, self.ends, self.effect, self.key, self.fingerprint)


def rehearse(
    pair: Pair[Any], services: Services, connection: Connection, record: Record, lane: str = "repair",
    *, prices: bool = False,
) -> Step:
    """Runs the record's flow as if a person had asked for it. Raises VendorFault, LookupError without such a flow.

    prices: also ask the vendor what the write would cost in money, where the pair knows how.
    """
    flow = pair.flow(record.stream)
    if flow is None:
        raise LookupError(f"pair {pair.name} has no flow {record.stream}")
    wire = ReadingWire(process_wire(services))
    staged, tables = overlaid(services, {**services.memory, WIRE: wire})
    # The repair lane: what a collector would send together with others is shown as the single write that it is.
    asked = replace(record, cause="replay", lane="repair", seen=record.seen + 1)
    store = RecordStore(staged)
    ledger = Ledger(
        staged, store, asked, replaying=True, lease=LEASE, settle_scale=connection.document.settle_scale
    )
    # Not the record's own id: a worker that is at this record right now must not share its session with us.
    clients = pair.open(staged, connection, lane, f"plan/{connection.name}/{secrets.token_hex(4)}")
    work: Work[Any] = Work(staged, connection, clients, ledger, store, staged.log, asked.seen)
    try:
        outcome: Outcome = flow.work(work)
    except WouldSend as stop:
        step = _write(pair, record, tables, work, wire, stop.request)
        ask = pair.prices.get(step.effect) if prices else None
        return replace(step, price=ask(work)) if ask is not None else step
    except ConfigurationFault as fault:
        outcome = Held(str(fault))
    finally:
        clients.close()
    return _ending(record, work, wire, outcome)


def _write(
    pair: Pair[Any], record: Record, tables: OverlayTables, work: Work[Any], wire: ReadingWire, request: Request
) -> Step:
    intent = _begun(tables, record)
    deed = pair.deeds.get(intent.effect) if intent is not None else None
    parts = urlsplit(request.url)
    return Step(
        record.id,
        "write",
        does=deed.does if deed is not None else _verb(request),
        what=deed.what if deed is not None else (intent.effect if intent is not None else request.purpose),
        effect=intent.effect if intent is not None else "",
        key=intent.key if intent is not None else "",
        fingerprint=intent.fingerprint if intent is not None else "",
        method=request.method,
        address=f"{parts.scheme}://{parts.netloc}{parts.path}",
        follows=deed.follows if deed is not None else (),
        calls=dict(wire.calls),
        notes=tuple(redact_text(note) for note in work.notes),
    )


def _begun(tables: OverlayTables, record: Record) -> Intent | None:
    """The intent whose write was stopped: the one that the Ledger has just marked as sent."""
    items = [item for item in tables.written("records", record.id) if str(item["sk"]).startswith("intent#")]
    sent = [intent for intent in map(intent_from_item, items) if intent.stage is Stage.SENT]
    return max(sent, key=lambda intent: intent.sent_at, default=None)


def _verb(request: Request) -> str:
    if request.method == "DELETE":
        return "delete"
    names = {name.lower() for name in request.headers}
    return "update" if request.method == "PATCH" or "if-match" in names else "create"


def _ending(record: Record, work: Work[Any], wire: ReadingWire, outcome: Outcome) -> Step:
    at = ""
    match outcome:
        case Done(_, text) | Same(text):
            why = text
        case Later(moment, why, _) | Unknown(why, moment):
            at = instant_text(moment)
        case Held(why, _) | Refused(why):
            pass
    ends = type(outcome).__name__.lower()
    notes = tuple(redact_text(note) for note in work.notes)
    return Step(record.id, ends, redact_text(why), calls=dict(wire.calls), notes=notes, at=at)
