"""Flow 2: the story of a parcel, UPS -> Acumatica.

One record per 1Z. Pushes bring scans with them; where UPS does not push, the parcel is asked for on a schedule that
follows where it is. Scans are folded: Acumatica is written when the shipment reaches a stage that shall be shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from acumatica_ups.clients import Accounts, document_of
from acumatica_ups.due import PARCELS, SUBSCRIPTIONS, DueList
from acumatica_ups.images import signature_place
from acumatica_ups.mapping.progress import START, Progress, is_final, merge, of_track, voided
from acumatica_ups.parcels import STREAM, forget
from acumatica_ups.settings import AcumaticaUps
from acumatica_ups.shown import show
from connector.instants import instant_text, parse_instant
from connector.outcome import Done, Outcome, Same
from connector.pair import Flow, Polling, Work
from connector.record import short_hash
from connector.records import Seen
from vendors.ups.shapes import TrackedPackage

PUSH = "push#"
"""Begins the names of facts that pushes leave on a record: each event its own, so that a burst loses none."""

EVERY = {
    "labelled": timedelta(hours=24),
    "in transit": timedelta(hours=5),
    "out for delivery": timedelta(hours=1),
    "ready for pickup": timedelta(hours=24),
    "delivered": timedelta(hours=1),  # only while the signature is still asked for
}
QUIET = timedelta(days=3)
"""Where UPS pushes, a parcel that was not heard of for so long is asked for: a push that fails is never repeated."""

KEPT = timedelta(days=120)
"""UPS keeps a parcel's data so long."""

PROOFS = 3
"""How often the signature is asked for after a delivery."""

DUE_PAGE = 100


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Parcels that are due to be asked for. No vendor is called here."""
    due = DueList(polling.services.tables, polling.connection.name, PARCELS)
    entries = list(due.due(polling.services.clock()))
    for start in range(0, len(entries), DUE_PAGE):
        page = entries[start : start + DUE_PAGE]
        yield [Seen(entry.key, f"due {entry.at}", text=f"Parcel {entry.key} is asked for at UPS.") for entry in page]
        for entry in page:  # after they are stored
            due.remove(entry)


def work(work: Work[Accounts]) -> Outcome:
    """Brings one parcel up to date and shows it where it shall be shown."""
    links = work.record.links
    if "shipment" not in links:
        return Same(f"{work.record.source_key} is not a label of this connection")
    document = document_of(work.connection)
    facts = _heard(work)
    work.link(progress=facts)  # before anything can fail: what was pushed is taken off the record now
    if _must_ask(work, document, facts):
        facts = _asked(work, facts)
    work.link(progress=facts)
    _schedule(work, document, facts)
    shown = show(work, document, facts)
    if not isinstance(shown, Done | Same):
        return shown
    state = facts["beside"] or facts["stage"]
    return Done({"parcel": work.record.source_key}, f"parcel {work.record.source_key} is {state}")


def push_name(key: str) -> str:
    """The name under which a pushed event stands on the record."""
    return PUSH + short_hash(key)[:16]


def _heard(work: Work[Accounts]) -> dict[str, Any]:
    """What was known, and what pushes and labels have added. Pushed facts are taken off the record."""
    links = work.record.links
    facts: dict[str, Any] = dict(links.get("progress") or START)
    for name in sorted(links):
        if name.startswith(PUSH) and links[name]:
            facts = merge(facts, links[name])
            work.link(**{name: 0})
    if links.get("voided"):
        facts = voided(facts)
    return facts


# ---- asking -------------------------------------------------------------------------------------------------


def _must_ask(work: Work[Accounts], document: AcumaticaUps, facts: Progress) -> bool:
    links = work.record.links
    if facts["beside"] == "voided":
        return False
    if work.record.cause == "replay":
        return True
    if _lacks_proof(work, document, facts) and (not links.get("proofs") or _is_due(work)):
        return True
    return not is_final(facts) and (_is_due(work) or bool(links.get("behind")))


def _is_due(work: Work[Accounts]) -> bool:
    due = work.record.links.get("due")
    return bool(due) and str(due) <= instant_text(work.now)


def _lacks_proof(work: Work[Accounts], document: AcumaticaUps, facts: Progress) -> bool:
    """Whether UPS shall still be asked who signed: pushes carry neither signature nor, mostly, receiver."""
    links = {**work.record.links, **work.links}
    wanted = facts["stage"] == "delivered" and document.settings.tracking.signature
    return wanted and not links.get("proved") and int(links.get("proofs") or 0) < PROOFS


def _asked(work: Work[Accounts], facts: dict[str, Any]) -> dict[str, Any]:
    number = work.record.source_key
    # Tracking, details. Signature and receiver are shown to parties of the parcel only.
    found = work.clients.ups.track(number, signature=True).package(number)
    work.link(behind=False, asked_at=instant_text(work.now))
    if found is not None:
        facts = merge(facts, of_track(found))
    if facts["stage"] == "delivered":
        _proof(work, found)
    return facts


def _proof(work: Work[Accounts], found: TrackedPackage | None) -> None:
    """Keeps the signature; notes when UPS has none."""
    proofs = int(work.record.links.get("proofs") or 0) + 1
    delivery = found.delivery if found is not None else None
    work.link(proofs=proofs)
    if delivery is None:
        if proofs >= PROOFS:
            work.note("UPS does not show who received it")
        return
    work.link(proved=True)
    if delivery.signature is None:
        work.note("UPS shows no signature for this delivery")
        return
    shipment, number = str(work.record.links["shipment"]), work.record.source_key
    work.services.bodies.put(signature_place(work.connection.name, shipment, number), delivery.signature.content)
    work.link(signature=delivery.signature.suffix)


# ---- the next time ------------------------------------------------------------------------------------------


def _schedule(work: Work[Accounts], document: AcumaticaUps, facts: Progress) -> None:
    number, old = work.record.source_key, str(work.record.links.get("due") or "")
    at = _next(work, document, facts)
    if at is None:
        work.link(due="")
        forget(work.services, work.connection.name, number, old)
        return
    if old > instant_text(work.now) and old <= instant_text(at):
        return  # it is asked for sooner already
    due = DueList(work.services.tables, work.connection.name, PARCELS)
    work.link(due=due.put(at, number))
    if old and old != instant_text(at):
        forget(work.services, work.connection.name, number, old)
    _subscribe_late(work, document)


def _next(work: Work[Accounts], document: AcumaticaUps, facts: Progress) -> datetime | None:
    links = {**work.record.links, **work.links}
    if is_final(facts) and not _lacks_proof(work, document, facts):
        return None
    if work.now - parse_instant(str(links["labelled_at"])) > KEPT:
        work.note("UPS keeps no data of the parcel any longer: it is not asked for again")
        return None
    if pushed(document, links) and facts["stage"] != "delivered":
        return work.now + QUIET
    return work.now + EVERY[str(facts["stage"])]


def pushed(document: AcumaticaUps, links: Any) -> bool:
    """Whether UPS pushes this parcel's scans."""
    return document.systems.ups.track_alert != "off" and links.get("alert") != "refused"


def _subscribe_late(work: Work[Accounts], document: AcumaticaUps) -> None:
    """A parcel whose label was bought while pushes were off is subscribed when they are switched on."""
    links = work.record.links
    if pushed(document, links) and not links.get("alert"):
        due = DueList(work.services.tables, work.connection.name, SUBSCRIPTIONS)
        due.put(parse_instant(str(links["labelled_at"])), work.record.source_key)
        work.link(alert="wanted")


FLOW: Flow[Accounts] = Flow(STREAM, work, poll, every=timedelta(minutes=5), lane="bulk")
