"""Flow 3, one ShipBob shipment: created in Acumatica, filled and confirmed, each exactly once."""

from __future__ import annotations

from datetime import date

from acumatica_shipbob.clients import Accounts
from acumatica_shipbob.mapping.shipments import Parcel, allocate, packages, ship_via, warehouses_of
from acumatica_shipbob.order_text import show
from acumatica_shipbob.settings import AcumaticaShipBob
from acumatica_shipbob.shipment_case import Case, earlier, numbers_of_others
from acumatica_shipbob.shipment_effects import note_written
from connector.instants import local_day
from connector.outcome import Done, Held, Missing, Outcome
from connector.pair import Work
from vendors.acumatica.plugins import via_refusal
from vendors.acumatica.shipping import ErpOrder, Packed, write_shipment
from vendors.shipbob.shapes import Shipment


def post(work: Work[Accounts], case: Case, erp: ErpOrder, shipment: Shipment) -> Outcome:
    """Writes one ShipBob shipment: one Acumatica shipment for each warehouse in it."""
    via = ship_via(shipment, case.document)
    if isinstance(via, Missing):
        carrier = shipment.tracking.carrier if shipment.tracking else ""
        return Held(f"carrier {carrier!r} of ShipBob shipment {shipment.shipment_id} has no Ship Via", (via,))
    refusal = via_refusal(work, work.clients.acumatica, via, case.document.settings.shipments.plug_in_ship_vias)
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


def _post_parcel(
    work: Work[Accounts], case: Case, erp: ErpOrder, shipment: Shipment, parcel: Parcel, via: str
) -> Outcome:
    """Create, fill, confirm: three saves, each exactly once."""
    acumatica = work.clients.acumatica
    stamp = f"sb:{shipment.shipment_id}:{parcel.warehouse}"
    packed = Packed(
        case.erp_order,
        case.customer,
        parcel.warehouse,
        parcel.lines,
        _day(work, case.document, shipment),
        via,
        stamp,
        stamp,
        "ShipBob shipment",
        f"ShipBob shipment {shipment.shipment_id}",
        packages(shipment, stamp, case.document, work.note),
    )
    made = write_shipment(
        work,
        acumatica,
        erp,
        packed,
        others=numbers_of_others(work),
        confirm=case.document.settings.shipments.confirm,
        advice=_advice(case, shipment),
        before_confirm=lambda: show(work, case, erp),
    )
    return _written(work, parcel, stamp, made) if isinstance(made, Done) else made


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
