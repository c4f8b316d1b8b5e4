"""Flow 3: a label that shall not be used is voided at UPS, and its number leaves Acumatica."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from acumatica_ups.book import VOID, Label
from acumatica_ups.clients import Accounts
from acumatica_ups.parcels import announce_void
from acumatica_ups.settings import AcumaticaUps
from connector.effect import Draft, Effect, Reference, Repeat
from connector.faults import Executed, FaultKind, VendorFault
from connector.instants import instant_text
from connector.intent import Stage
from connector.outcome import Done, Held, Later, Outcome, Refused, Unknown
from connector.pair import Work
from connector.transport import Reply
from vendors.acumatica.client import Acumatica
from vendors.acumatica.shapes import Shipment
from vendors.ups.client import Ups
from vendors.ups.faults import VENDOR
from vendors.ups.shapes import read_void

CLEAR = "acumatica.tracking_void"


def void_shipment(
    work: Work[Accounts], document: AcumaticaUps, shipment: Shipment | None, label: Label, reason: str
) -> Outcome:
    """Voids the whole shipment, tells its parcels, takes its numbers out of Acumatica."""
    draft = Draft({"shipment_id": label.shipment_id}, {"shipment_id": label.shipment_id})
    ended = work.once(void_effect(work.clients.ups, label.shipment_id), label.shipment_id, draft)
    if isinstance(ended, Refused):
        return _too_late(work, label.shipment_id, reason, ended.why)
    if not isinstance(ended, Done):
        return ended
    work.note(f"label {label.shipment_id} was voided: {reason}")
    followed = follow_void(work, document, shipment, label)
    if not isinstance(followed, Done):
        return followed
    return Done({"voided": label.shipment_id}, f"label {label.shipment_id} is voided: {reason}")


def follow_void(work: Work[Accounts], document: AcumaticaUps, shipment: Shipment | None, label: Label) -> Outcome:
    """What follows from a void, once and to its end, also where the process died right behind the void itself."""
    done = Done({"voided": label.shipment_id})
    if {**work.record.links, **work.links}.get("void_followed") == label.shipment_id:
        return done
    announce_void(work, label.numbers)
    wish = work.record.links.get("wish") or {}
    work.link(wish=wish if wish.get("new_label") else {}, finished="")
    cleared = _clear(work, document, shipment, label.numbers, label.shipment_id) if shipment is not None else None
    if isinstance(cleared, Later | Unknown):
        return cleared
    work.link(void_followed=label.shipment_id)
    return done


def _too_late(work: Work[Accounts], number: str, reason: str, why: str) -> Held:
    return Held(
        f"{reason}, but UPS does not void {number}: {why}. The label of shipment {work.record.source_key} will be "
        "charged unless it is never scanned; ask UPS for a credit, then close the record"
    )


def void_package(work: Work[Accounts], shipment: Shipment, label: Label, place: int) -> Outcome:
    """Voids the one package whose row was deleted in Acumatica."""
    number = label.numbers[place]
    body = {"shipment_id": label.shipment_id, "package": number}
    ended = work.once(void_effect(work.clients.ups, label.shipment_id, number), f"{label.shipment_id}/{number}",
                      Draft(body, body))
    if isinstance(ended, Refused):
        return _too_late(work, number, f"its package was deleted from shipment {shipment.number}", ended.why)
    if isinstance(ended, Done):
        gone = [*work.record.links.get("voided_packages", ()), *work.links.get("voided_packages", ())]
        if number not in gone:
            work.note(f"package {number} was voided, because it was deleted from the shipment")
            announce_void(work, (number,))
            work.link(voided_packages=[*dict.fromkeys([*gone, number])])
    return ended


def void_effect(ups: Ups, shipment_id: str, package: str = "") -> Effect:
    """Voids a shipment or one package of it. Safe to repeat: already voided is done."""

    def make(key: str, draft: Draft) -> Reply:
        return ups.void(shipment_id, [package] if package else [])

    def read(reply: Reply) -> Reference:
        result = read_void(reply)
        if not result.voided:
            text = f"UPS answered {result.description or 'not voided'}"
            raise VendorFault(VENDOR, FaultKind.INVALID, text, Executed.NO, reply.status)
        return {"voided": package or shipment_id, "already": result.already}

    return Effect(VOID, "UPS", Repeat.UPSERT, timedelta(0), lambda key: None, make, read)


# ---- Acumatica ----------------------------------------------------------------------------------------------


def _clear(
    work: Work[Accounts], document: AcumaticaUps, shipment: Shipment, numbers: tuple[str, ...], key: str
) -> Outcome | None:
    """Removes or marks the numbers of the rows that carry them. A refusal is noted: the void itself is done."""
    rows: list[dict[str, Any]] = [
        {"id": package.id, **_gone(document, package.tracking_number)}
        for package in shipment.packages
        if package.tracking_number in numbers
    ]
    body: dict[str, Any] = {"ShipmentNbr": shipment.number, "Packages": rows}
    begun = work.ledger.lookup(CLEAR, key)
    if not rows and begun is not None and begun.stage is not Stage.DONE:
        body = dict(begun.draft)  # its answer was lost after it had worked: the same again settles it
    elif not rows:
        return None
    ended = work.once(clear_effect(work.clients.acumatica), key, Draft(body, {"numbers": list(numbers)}))
    if isinstance(ended, Refused | Held):
        work.note(f"the tracking numbers could not be taken out of shipment {shipment.number}: {ended.why}")
        return None
    if isinstance(ended, Done) and ended.reference.get("modified"):
        work.saw(str(ended.reference["modified"]))
    return ended


def _gone(document: AcumaticaUps, number: str | None) -> dict[str, Any]:
    if document.settings.voids.tracking == "remove":
        return {"TrackingNbr": None}
    return {"CustomRefNbr2": f"VOID {number}"[:30]}


def clear_effect(acumatica: Acumatica) -> Effect:
    """Sets rows by id: the same again changes nothing."""

    def read(reply: Reply) -> Reference:
        row = acumatica.read_reply("Shipment", reply, lambda row: row)
        return {"modified": instant_text(row.required_instant("LastModifiedDateTime"))}

    return Effect(
        CLEAR,
        "Acumatica",
        Repeat.UPSERT,
        timedelta(0),
        lambda key: None,
        lambda key, draft: acumatica.put("Shipment", draft.body, update_only=True, expand=("Packages",)),
        read,
    )
