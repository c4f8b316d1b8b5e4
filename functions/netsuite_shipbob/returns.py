"""Flow 4: completed returns -> return authorization and its receipt, by what the warehouse did with the goods.

Restocked units are received at the centre's location; quarantined ones at a location of their own where one is
configured; disposed ones are authorized and never received. Where the sales order is not known: an adjustment if
configured, or a person. A unit is never both received and adjusted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from connector.absence import gone
from connector.instants import parse_instant
from connector.outcome import Held, Missing, Outcome, Same
from connector.pair import Flow, Polling, Work
from connector.records import Seen
from netsuite_shipbob.clients import Accounts, document_of
from netsuite_shipbob.mapping.returns import came_back, revision_of
from netsuite_shipbob.neighbours import owner_of_centre
from netsuite_shipbob.reading import since_of, too_old
from netsuite_shipbob.return_booking import adjust, adjusts, authorize, changed_after
from netsuite_shipbob.return_plan import listed
from vendors.shipbob.shapes import Return, parse_return

FRESH = timedelta(minutes=2)
COMPLETED = "Completed"


# ---- hearing of returns --------------------------------------------------------------------------------------------


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Returns that were completed lately."""
    if document_of(polling.connection).settings.returns.mode == "off":
        return
    for found in polling.clients.shipbob.returns.list(completed_since=since_of(polling)):
        yield polling.news([seen(each) for each in found if each.status == COMPLETED])


def seen(found: Return) -> Seen:
    """A sighting of a return."""
    text = f"ShipBob's return {found.return_id} is {found.status}."
    names = (("return", str(found.return_id)), ("return", found.reference_id or ""))
    topics = ("return.completed",) if found.status == COMPLETED else ()
    return Seen(str(found.return_id), revision_of(found), dict(found.document), names, text=text, topics=topics)


# ---- the work ------------------------------------------------------------------------------------------------------


def work(work: Work[Accounts]) -> Outcome:
    """Books one completed return."""
    rules = document_of(work.connection).settings.returns
    if rules.mode == "off":
        return Same("returns are switched off (settings.returns.mode)")
    found = _newest(work)
    if found is None:
        return gone(work, f"ShipBob no longer holds return {work.record.source_key}")
    work.saw(revision_of(found))
    work.refer("return", found.reference_id or "")
    if found.status != COMPLETED:
        return Same(f"return {found.return_id} is {found.status}; it is booked when it is completed")
    if too_old(work, found.completed_at):
        return Same("it was completed before this connection's start")
    came = came_back(found, work.clients.shipbob.inventory_sku)
    if isinstance(came, Held):
        return came
    if work.record.links.get("booked") not in (None, "", came.mark):
        return changed_after(found, work.record.links.get("ids"))
    if not came.all:
        return Same(f"nothing was done with the goods of return {found.return_id}")
    document = document_of(work.connection)
    location = document.location_of(found.location_id)
    if location is None:
        owner = owner_of_centre(work.services, document, found.location_id)
        if owner:
            return Same(f"return {found.return_id} came to a centre of connection {owner}, which books it")
        why = f"return {found.return_id} came to fulfilment centre {found.location_id}, which is not mapped"
        missing = Missing("centres", str(found.location_id))
        return Held(f"{why} (tables.locations). It continues when it is.", (missing,))
    if came.disposed:
        work.note(f"disposed of, not received: {listed(came.disposed)}")
    return adjust(work, found, came, location) if adjusts(work, found) else authorize(work, found, came, location)


def _newest(work: Work[Accounts]) -> Return | None:
    record = work.record
    if record.cause == "poll" and record.body is not None and work.now - parse_instant(record.body_at) < FRESH:
        return parse_return(record.body)
    return work.clients.shipbob.returns.get(int(record.source_key))


FLOW: Flow[Accounts] = Flow(
    "returns", work, poll, every=timedelta(minutes=30), overlap=timedelta(days=2), open_ended=True
)
