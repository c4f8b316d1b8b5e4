"""Flow 1: a label per Acumatica shipment, bought once.

A poll or a push notification names a shipment. The address is checked, the label bought through the Ledger, its raw
answer stored before it is read, the images kept; then tracking numbers and files go to Acumatica. Whatever Acumatica
answers there, nothing is bought a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from acumatica_ups.book import Label, current, next_revision
from acumatica_ups.clients import Accounts, document_of
from acumatica_ups.due import SHIPMENTS, DueList
from acumatica_ups.found import changed_shipments
from acumatica_ups.mapping.shipments import changes_since, label_identity, lost_packages
from acumatica_ups.prepare import Case, prepared
from acumatica_ups.purchase import Search, label_effect
from acumatica_ups.settings import AcumaticaUps
from acumatica_ups.voids import follow_void, void_package, void_shipment
from acumatica_ups.writeback import finish
from connector.absence import gone
from connector.edits import Editable
from connector.effect import Draft
from connector.instants import instant_text, parse_instant
from connector.outcome import Done, Held, Later, Outcome, Refused, Same, Unknown
from connector.pair import Flow, Polling, Work
from connector.record import short_hash, to_json
from connector.records import Seen
from vendors.acumatica.shapes import Shipment

CONFIRMED = frozenset({"Confirmed", "Invoiced", "Completed"})
ASKED_LONG_ENOUGH = timedelta(days=1)
"""After this a purchase that UPS cannot tell about goes to a person."""

LOOK_AGAIN = timedelta(hours=12)
"""Deletions are invisible to polls: a shipment with a label that is not confirmed yet is looked at this often."""


def poll(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Shipments that changed, and those with a label that have not been confirmed for half a day."""
    yield from changed_shipments(polling)
    due = DueList(polling.services.tables, polling.connection.name, SHIPMENTS)
    entries = list(due.due(polling.services.clock()))
    yield [Seen(entry.key, text=f"Shipment {entry.key} has a label and was not seen confirmed.") for entry in entries]
    for entry in entries:  # after they are stored
        due.remove(entry)


# ---- the work -----------------------------------------------------------------------------------------------


def work(work: Work[Accounts]) -> Outcome:
    """Buys, keeps, changes or voids the label of one shipment, or says why nothing is to be done."""
    document, number = document_of(work.connection), work.record.source_key
    work.clients.ups.ready()
    shipment = work.clients.acumatica.shipment(number)
    if shipment is not None:
        shipment = work.edited(shipment)
        _known(work, document, shipment)
    label = current(work)
    if label.unclear:
        asked = _ask(work, label)
        if not isinstance(asked, Done):
            return asked
        label = current(work)
    if label.voided:
        followed = follow_void(work, document, shipment, label)
        if not isinstance(followed, Done):
            return followed
    if shipment is None:
        return _deleted(work, document, label)
    ended = _alive(work, document, shipment, label) if label.alive else _without(work, document, shipment, label)
    if isinstance(ended, Done) and shipment.status not in CONFIRMED:
        DueList(work.services.tables, work.connection.name, SHIPMENTS).put(_slot(work), number)
    return ended


def _slot(work: Work[Accounts]) -> datetime:
    """The look after the next one: two works within one slot make one entry."""
    seconds = int(LOOK_AGAIN.total_seconds())
    now = int(work.now.timestamp())
    return work.now + timedelta(seconds=2 * seconds - now % seconds)


def _known(work: Work[Accounts], document: AcumaticaUps, shipment: Shipment) -> None:
    if document.settings.labels.find_shipments == "list":  # else revisions are the orders', not the shipments'
        work.saw(instant_text(shipment.last_modified))
    work.refer("shipment", shipment.number)
    for order in shipment.orders:
        work.refer("order", order.order_number)


def _ask(work: Work[Accounts], label: Label) -> Outcome:
    """Settles what became of a purchase whose answer was lost, with the draft that was sent then."""
    intent = label.intent
    if intent is None:
        raise TypeError("only a purchase that was begun can be unclear")
    search = _search(work, label, intent.draft)
    ended = work.once(
        label_effect(work.clients.ups, search, intent.draft), label.key, Draft(intent.draft, intent.identity)
    )
    return _judged(work, search, ended, intent.sent_at)


def _search(work: Work[Accounts], label: Label, body: Any) -> Search:
    packages = len(body["ShipmentRequest"]["Shipment"]["Package"])
    return Search(work.clients.ups, work.record.source_key, packages, label.earlier, work.now)


def _judged(work: Work[Accounts], search: Search, ended: Outcome, sent_at: str) -> Outcome:
    """What is found and cannot be adopted, and what stays unclear for a day, is a person's. Never a second purchase."""
    number = work.record.source_key
    if search.evidence and not isinstance(ended, Done):
        return Held(
            f"a label of shipment {number} may have been bought at {sent_at or 'an unknown time'}; {search.evidence}. "
            "Look at UPS; void there what should not be, then release the write or close the record "
            "(`ml-connector records release`)."
        )
    if isinstance(ended, Unknown) and sent_at and work.now - parse_instant(sent_at) > ASKED_LONG_ENOUGH:
        return Held(f"{ended.why}. UPS could not tell for a day whether shipment {number} has a label; look there")
    return ended


def _deleted(work: Work[Accounts], document: AcumaticaUps, label: Label) -> Outcome:
    """Acumatica holds the shipment no more: believed the second time, then its label is voided."""
    number = work.record.source_key
    ended = gone(work, f"Acumatica no longer holds shipment {number}")
    if not isinstance(ended, Same) or not label.alive:
        return ended
    if "deleted" in document.settings.voids.when:
        return void_shipment(work, document, None, label, "the shipment was deleted in Acumatica")
    return Held(
        f"shipment {number} was deleted in Acumatica and its label {label.shipment_id} is still good: "
        f"`ml-connector label void {number}`, or close the record"
    )


# ---- a label that is there ----------------------------------------------------------------------------------


def _alive(work: Work[Accounts], document: AcumaticaUps, shipment: Shipment, label: Label) -> Outcome:
    reason = _void_reason(work, document, shipment, label)
    if reason:
        ended = void_shipment(work, document, shipment, label, reason)
        again = isinstance(ended, Done) and _new_label_allowed(work, document, shipment)
        return _without(work, document, shipment, current(work)) if again else ended
    for place in lost_packages(label.facts, shipment):
        if "package_deleted" not in document.settings.voids.when:
            break
        ended = void_package(work, shipment, label, place)
        if not isinstance(ended, Done):
            return ended
    done = finish(work, document, shipment, label)
    changed = changes_since(label.facts, shipment)
    if isinstance(done, Done) and changed and shipment.status not in CONFIRMED:
        return Held(
            f"shipment {shipment.number} changed after its label {label.shipment_id} was bought: {'; '.join(changed)}. "
            f"Change it back, or buy another label: `ml-connector label void {shipment.number} --new-label`"
        )
    return done


def _void_reason(work: Work[Accounts], document: AcumaticaUps, shipment: Shipment, label: Label) -> str:
    wish = work.record.links.get("wish") or {}
    if wish.get("shipment_id") == label.shipment_id:
        return f"{wish.get('by')} asked for it: {wish.get('reason')}"
    if shipment.status == "On Hold" and "on_hold" in document.settings.voids.when:
        return "the shipment was put on hold in Acumatica"
    return ""


def _new_label_allowed(work: Work[Accounts], document: AcumaticaUps, shipment: Shipment) -> bool:
    """Re-shipping after a void is only by a person's word, or by setting when the shipment is ready again."""
    if shipment.status not in document.settings.labels.statuses:
        return False
    wish = work.record.links.get("wish") or {}
    return bool(wish.get("new_label")) or document.settings.voids.new_label == "open"


# ---- no label -----------------------------------------------------------------------------------------------


def _without(work: Work[Accounts], document: AcumaticaUps, shipment: Shipment, label: Label) -> Outcome:
    number, via = shipment.number, shipment.ship_via
    if shipment.type not in ("", "Shipment") or (shipment.operation or "Issue") != "Issue":
        return Same(f"{number} is a {shipment.type} ({shipment.operation})")
    if via not in document.tables.services:
        return Same(f"Ship Via {via or '(none)'} of {number} is not one that table services names")
    others = [each for each in shipment.packages if _foreign(each.tracking_number, label)]
    if others and len(others) == len(shipment.packages):
        return Same(f"every package of {number} has a tracking number already")
    if shipment.status not in document.settings.labels.statuses:
        return _not_now(work, document, shipment, label)
    if others:
        return Held(f"{len(others)} of {len(shipment.packages)} packages of {number} have a tracking number already: "
                    "remove them, or label the others by hand")
    if label.voided:
        if not _new_label_allowed(work, document, shipment):
            return Held(
                f"the label {label.shipment_id} of shipment {number} was voided and the shipment is {shipment.status} "
                f"again: `ml-connector label void {number} --new-label` buys another one"
            )
        label = next_revision(number, label)
    return _not_packed(document, shipment) or _wait(work, document, shipment) or _buy(work, document, shipment, label)


def _not_packed(document: AcumaticaUps, shipment: Shipment) -> Outcome | None:
    open_packages = [package for package in shipment.packages if not package.confirmed]
    if not document.settings.labels.packages_confirmed or (shipment.packages and not open_packages):
        return None
    return Same(f"{shipment.number} waits until its packages are confirmed ({len(open_packages)} are not)")


def _wait(work: Work[Accounts], document: AcumaticaUps, shipment: Shipment) -> Outcome | None:
    until = shipment.last_modified + timedelta(minutes=document.settings.labels.hold_minutes)
    if work.now >= until:
        return None
    return Later(until, "the configured time after the shipment's last change is not over", planned=True)


def _foreign(tracking_number: str | None, label: Label) -> bool:
    return bool(tracking_number) and tracking_number not in label.earlier | set(label.numbers)


def _not_now(work: Work[Accounts], document: AcumaticaUps, shipment: Shipment, label: Label) -> Outcome:
    """A shipment that was confirmed before its label was bought must not be forgotten; old ones are not ours."""
    since = shipment.created is not None and shipment.created >= document.start
    if shipment.status in CONFIRMED and since and not label.voided:
        return Held(
            f"shipment {shipment.number} is {shipment.status} and has no label. Correct it in Acumatica (Correct "
            "Shipment), and the label is bought; or close the record if it was shipped otherwise"
        )
    return Same(f"{shipment.number} is {shipment.status}, labels are bought when it is "
                f"{' or '.join(document.settings.labels.statuses)}")


def _buy(work: Work[Accounts], document: AcumaticaUps, shipment: Shipment, label: Label) -> Outcome:
    job = f"{work.connection.name}/{label.key}"
    case = Case(work.services, document, work.clients, shipment, job, work.note)
    built = prepared(case)
    if isinstance(built, Held):
        return built
    # The body belongs to the identity: a refused purchase is tried again as soon as anything of it was corrected.
    identity = {"facts": label_identity(shipment), "body": short_hash(to_json(built.body))}
    search = _search(work, label, built.body)
    # Only this record buys for this shipment, under this key: where nothing was planned, nothing was bought.
    absent = work.now if label.intent is None else None
    effect = label_effect(work.clients.ups, search, built.body)
    work.clients.ups.armed()
    ended = work.once(effect, label.key, Draft(built.body, identity), absent_at=absent)
    if not isinstance(ended, Done):
        refused = isinstance(ended, Refused)
        return Refused(f"no label was bought for shipment {shipment.number}: {ended.why}") if refused else _judged(
            work, search, ended, label.intent.sent_at if label.intent is not None else ""
        )
    work.link(wish={}, revision=label.revision)
    return finish(work, document, shipment, current(work))


FLOW: Flow[Accounts] = Flow(
    "labels", work, poll, every=timedelta(minutes=1), overlap=timedelta(minutes=10), source_clock=True,
    editable=Editable(Shipment, ("id", "number", "last_modified", "orders", "upload_link")),
)
