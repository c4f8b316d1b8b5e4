"""Flow 3, one ShipBob shipment: created in Acumatica, filled and confirmed, each exactly once."""

from __future__ import annotations

from datetime import date

from acumatica_shipbob.clients import Accounts
from acumatica_shipbob.mapping.shipments import Parcel, allocate, fill_draft, ship_via, warehouses_of
from acumatica_shipbob.order_text import show
from acumatica_shipbob.plug_ins import plug_in_refusal
from acumatica_shipbob.settings import AcumaticaShipBob
from acumatica_shipbob.shipment_case import Case, earlier, numbers_of_others
from acumatica_shipbob.shipment_effects import note_written
from connector.absence import ONCE_MORE, ask_again_at
from connector.asking import NOT_THERE
from connector.effect import Draft
from connector.instants import instant_text, local_day
from connector.outcome import Done, Held, Later, Missing, Outcome, Refused
from connector.pair import Work
from vendors.acumatica.selling import CANCELLED, STOPPED
from vendors.acumatica.shipping import (
    CONFIRMED,
    CREATE,
    FILL,
    ErpOrder,
    confirm_effect,
    create_draft,
    create_effect,
    fill_effect,
    just_made,
)
from vendors.shipbob.shapes import Shipment


def post(work: Work[Accounts], case: Case, erp: ErpOrder, shipment: Shipment) -> Outcome:
    """Writes one ShipBob shipment: one Acumatica shipment for each warehouse in it."""
    via = ship_via(shipment, case.document)
    if isinstance(via, Missing):
        carrier = shipment.tracking.carrier if shipment.tracking else ""
        return Held(f"carrier {carrier!r} of ShipBob shipment {shipment.shipment_id} has no Ship Via", (via,))
    refusal = plug_in_refusal(work, case.document, via)
    if refusal:
        return Held(refusal)
    near = warehouses_of(shipment, case.document)
    parcels = allocate(shipment, case.sent, earlier(work, case), near, work.note)
    if isinstance(parcels, Held):
        return parcels
    numbers, taken = [], {}
    for parcel in parcels:
        ended = _post_parcel(work, case, erp, shipment, parcel, via)
        if not isinstance(ended, Done):
            return ended
        numbers.append(str(ended.reference["number"]))
        taken.update({str(line): str(quantity) for line, quantity in parcel.lines.items()})
    entry = {"numbers": numbers, "lines": taken, "tracking": shipment.tracking_number}
    work.links["posted"][str(shipment.shipment_id)] = entry
    return Done({"numbers": numbers})


def _stopped(case: Case, erp: ErpOrder, shipment: Shipment) -> Held | None:
    """Why Acumatica would refuse any shipment of this order now; None when it would not."""
    order = erp.get()
    what = f"ShipBob shipment {shipment.shipment_id} of order {order.key} has left, but the order is {order.status}"
    if order.status in STOPPED:
        seen = f"{order.key}@{instant_text(order.last_modified)}"
        why = f"{what} in Acumatica, where it cannot be shipped meanwhile. It continues when the order changes."
        return Held(why, (Missing("order change", seen),))
    if order.status in CANCELLED:
        return Held(
            f"{what} in Acumatica. Reopen the order there and replay, so that the shipment is written; or expect the "
            "goods back, and close this record."
        )
    return None


def _post_parcel(
    work: Work[Accounts], case: Case, erp: ErpOrder, shipment: Shipment, parcel: Parcel, via: str
) -> Outcome:
    """Create, fill, confirm: three saves, each exactly once."""
    acumatica = work.clients.acumatica
    stamp = f"sb:{shipment.shipment_id}:{parcel.warehouse}"
    begun = work.ledger.lookup(CREATE, stamp)
    stopped = _stopped(case, erp, shipment) if begun is None or begun.stage in NOT_THERE else None
    if stopped is not None:
        return stopped
    day = _day(work, case.document, shipment)
    made = work.once(
        create_effect(acumatica, erp, stamp, numbers_of_others(work)),
        stamp,
        create_draft(
            case.erp_order, case.customer, parcel.warehouse, parcel.lines, day, f"ShipBob shipment {stamp}", via
        ),
    )
    if isinstance(made, Refused):
        return Refused(f"{made.why}. {_advice(case, shipment)}")
    if not isinstance(made, Done):
        return made
    number = str(made.reference["number"])
    work.refer("shipment", number)
    filled = _fill(work, case, shipment, parcel, stamp, number, day, via)
    if isinstance(filled, Refused):
        return Refused(f"Acumatica shipment {number} could not be filled: {filled.why}. {_advice(case, shipment)}")
    if not isinstance(filled, Done):
        return filled
    if not case.document.settings.shipments.confirm:
        return _written(work, parcel, stamp, made)
    # Before the confirmation, which may run for a while: the order was just read and need not be read again after it.
    shown = show(work, case, erp)
    if isinstance(shown, Later):
        return shown
    confirmed = work.once(confirm_effect(acumatica, number), stamp, Draft({"ShipmentNbr": number}), absent_at=work.now)
    if not isinstance(confirmed, Done):
        return confirmed
    return _written(work, parcel, stamp, made)


def _written(work: Work[Accounts], parcel: Parcel, stamp: str, made: Done) -> Done:
    """Notes for the stock flow that the parcel counts as an Acumatica shipment from now on."""
    number = str(made.reference["number"])
    note_written(work.services, work.connection.name, number, parcel.warehouse, stamp)
    work.links["parcels"][stamp] = number
    return made


def _advice(case: Case, shipment: Shipment) -> str:
    return (
        f"ShipBob shipment {shipment.shipment_id} of order {'/'.join(case.erp_order)} has left all the same. Are its "
        "lines on another shipment in Acumatica, made by hand, or is stock short there? Correct that, then replay."
    )


def _day(work: Work[Accounts], document: AcumaticaShipBob, shipment: Shipment) -> date:
    shipped = (shipment.tracking.shipped_at if shipment.tracking else None) or shipment.labeled_at
    if shipped is None:
        work.note(f"ShipBob states no ship date for shipment {shipment.shipment_id}: today is used")
    return local_day(shipped or work.now, document.systems.acumatica.zone)


def _fill(
    work: Work[Accounts], case: Case, shipment: Shipment, parcel: Parcel, stamp: str, number: str, day: date, via: str
) -> Outcome:
    acumatica = work.clients.acumatica
    known = work.ledger.lookup(FILL, stamp)
    if known is not None and known.reference:
        return Done(known.reference)
    document = just_made(work, acumatica, stamp, number) if known is None else None
    fresh = document is not None
    document = document or acumatica.shipment(number)
    if document is None:
        again = ask_again_at(work, f"shipment {number}")
        if again is not None:
            return Later(again, f"Acumatica shows no shipment {number}; {ONCE_MORE}")
        return Held(
            f"Acumatica shipment {number} was deleted after it was created; recreate it there or close the record"
        )
    if document.status in CONFIRMED and any(package.tracking_number for package in document.packages):
        work.note(f"shipment {number} was already confirmed with tracking in Acumatica")
    draft = fill_draft(document, case.erp_order, parcel, shipment, stamp, day, via, case.document, work.note)
    if isinstance(draft, Held):
        return draft
    return work.once(fill_effect(acumatica, number, stamp), stamp, draft, absent_at=work.now if fresh else None)

