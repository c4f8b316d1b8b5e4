"""Flow 2, one parcel of one sales order: a shipment per warehouse, or the shipment of the voided label before it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from acumatica_shipstation.clients import Accounts
from acumatica_shipstation.mapping.parcels import Parcel, Source, by_warehouse
from acumatica_shipstation.order_text import show
from acumatica_shipstation.parcels import (
    LABELS,
    Known,
    change_parcel,
    end_turn,
    known_of,
    known_parcel,
    known_parcels,
    put_parcel,
    take_turn,
)
from acumatica_shipstation.settings import AcumaticaShipStation
from connector.absence import ONCE_MORE, ask_again_at
from connector.effect import Draft
from connector.instants import local_day
from connector.outcome import Done, Held, Later, Outcome, Refused
from connector.pair import Work
from connector.record import OPEN
from vendors.acumatica.shipping import (
    CONFIRM,
    CONFIRMED,
    ErpOrder,
    Packed,
    confirm_effect,
    package_row,
    relabel_effect,
    write_shipment,
)

NEXT = timedelta(seconds=10)
"""How long until it is asked again whether the order's other parcel is written."""

VOID_STEPS = timedelta(seconds=30)
"""How long until it is asked again whether a void has been written."""

NEW_LABEL = "new label"
"""The kind of what a voided label's record waits for; its value is `<order>|<parcel>`."""


def post(
    work: Work[Accounts], document: AcumaticaShipStation, parcel: Parcel, source: Source, taken: Mapping[int, int],
    via: str, *, first: bool,
) -> Outcome:
    """Writes what of a parcel is one sales order's. Done names the `numbers` of its shipments by warehouse.

    `first`: the label's weight is written once, where its parcel is of several orders.
    """
    name = work.connection.name
    known = known_parcel(work.services, name, source.key, parcel.key)
    if known is None:
        known = known_of(parcel, taken)
        put_parcel(work.services, name, source.key, known)
    field = document.settings.shipments.order_field
    order_type, number = source.key.split("/", 1)
    erp = ErpOrder(work, work.clients.acumatica, (order_type, number), field)
    others = known_parcels(work.services, name, source.key)
    leaving = [each.key for each in others.values() if each.key != parcel.key and _leaves(work, each)]
    if leaving:
        text = (
            f"label {', '.join(leaving)} was voided and is being taken back in Acumatica; that ends first "
            f"(ml-connector explain {leaving[0]} tells how far it is)"
        )
        return Later(work.now + VOID_STEPS * work.connection.document.settle_scale, text, planned=True)
    before = _replaced(others, known)
    if before is not None:
        return _take_over(work, document, parcel, source.key, erp, before, known)
    grouped = by_warehouse(parcel, source, {int(line): pieces for line, pieces in known.lines.items()})
    if isinstance(grouped, Held):
        return grouped
    if not take_turn(work.services, name, source.key, parcel.key):
        return Later(work.now + NEXT, f"another parcel of order {source.key} is just being written", planned=True)
    ended = _write(work, document, parcel, source, known, grouped, erp, via, first=first)
    if isinstance(ended, Done | Held | Refused):
        end_turn(work.services, name, source.key, parcel.key)
    return ended


def _leaves(work: Work[Accounts], known: Known) -> bool:
    """Whether a void is being written to Acumatica. A worker that was overtaken may have noted so after its end."""
    if not known.withdrawing:
        return False
    record = work.other(LABELS, known.key)
    return record is None or record.status in OPEN


def _write(
    work: Work[Accounts], document: AcumaticaShipStation, parcel: Parcel, source: Source, known: Known,
    grouped: Mapping[str, Mapping[int, Decimal]], erp: ErpOrder, via: str, *, first: bool,
) -> Outcome:
    """One shipment per warehouse."""
    name = work.connection.name
    for place, (warehouse, lines) in enumerate(grouped.items()):
        if warehouse in known.numbers:
            continue
        weight = parcel.weight_oz if first and place == 0 else None
        packed = _packed(work, document, parcel, source, warehouse, lines, via, weight)
        made = write_shipment(
            work,
            work.clients.acumatica,
            erp,
            packed,
            others=_others(work, source.key, parcel.key),
            confirm=document.settings.shipments.confirm,
            advice=_advice(parcel, source.key),
            before_confirm=lambda: show(work, source.key, erp),
        )
        if not isinstance(made, Done):
            return made
        numbers = {**known.numbers, warehouse: str(made.reference["number"])}
        known = change_parcel(work.services, name, source.key, parcel.key, numbers=numbers)
    shown = show(work, source.key, erp)
    return shown if isinstance(shown, Later) else Done({"numbers": dict(known.numbers)})


def _packed(
    work: Work[Accounts], document: AcumaticaShipStation, parcel: Parcel, source: Source, warehouse: str,
    lines: Mapping[int, Decimal], via: str, weight: Decimal | None,
) -> Packed:
    order_type, number = source.key.split("/", 1)
    if weight is None and parcel.is_label:
        work.note("ShipStation states no weight for a package (or it is written on another one): 0 is written")
    unit, box = document.systems.acumatica.weight_unit, document.settings.shipments.box
    package = package_row(parcel.tracking, weight, unit, parcel.mark, parcel.what, box)
    return Packed(
        (order_type, number),
        source.customer,
        warehouse,
        lines,
        _day(work, document, parcel),
        via,
        f"ss:{parcel.key}:{number}:{warehouse}",
        parcel.mark,
        "ShipStation",
        parcel.what,
        [package],
    )


def _day(work: Work[Accounts], document: AcumaticaShipStation, parcel: Parcel) -> date:
    if parcel.day is None:
        work.note(f"ShipStation states no ship date for {parcel.what}: today is used")
    return parcel.day or local_day(work.now, document.systems.acumatica.zone)


def _others(work: Work[Accounts], order: str, own: str) -> frozenset[str]:
    """Acumatica shipments of the order's other parcels; they need not be looked into."""
    known = known_parcels(work.services, work.connection.name, order)
    return frozenset(number for key, each in known.items() if key != own for number in each.numbers.values())


def _advice(parcel: Parcel, order: str) -> str:
    return (
        f"{parcel.what} of order {order} has left all the same. Are its lines on another shipment in Acumatica, made "
        "by hand or for a label that was voided, or is stock short there? Correct that, then replay."
    )


# ---- a label instead of a voided one ------------------------------------------------------------------------


def _replaced(others: Mapping[str, Known], known: Known) -> Known | None:
    """The voided parcel with the same units, whose Acumatica shipment this label goes onto."""
    if known.numbers:  # taken over before, by a process that died
        mine = (each for each in others.values() if each.replaced_by == known.key)
        return next(mine, None)
    fitting = (
        each
        for _, each in sorted(others.items())
        if each.key != known.key
        and each.voided
        and each.numbers
        and each.replaced_by in ("", known.key)
        and dict(each.lines) == dict(known.lines)
    )
    return next(fitting, None)


def _take_over(
    work: Work[Accounts], document: AcumaticaShipStation, parcel: Parcel, order: str, erp: ErpOrder, before: Known,
    known: Known,
) -> Outcome:
    """The new number onto the old label's packages where they can be edited, and the confirmation after it."""
    name, acumatica = work.connection.name, work.clients.acumatica
    change_parcel(work.services, name, order, before.key, replaced_by=parcel.key)
    change_parcel(work.services, name, order, known.key, numbers=before.numbers)
    for number in before.numbers.values():
        shipment = acumatica.shipment(number)
        if shipment is None:
            return Held(
                f"Acumatica shipment {number}, which held the voided label {before.key}, was deleted. Write "
                f"{parcel.what} by hand in Acumatica, then close this record."
            )
        marks = (f"ss:{before.key}.", parcel.mark)
        rows: list[dict[str, Any]] = [
            {"id": row.id, "TrackingNbr": parcel.tracking, "CustomRefNbr1": parcel.mark, "CustomRefNbr2": None}
            for row in shipment.packages
            if row.custom_reference_1 in marks
        ]
        begun = work.ledger.lookup(CONFIRM, f"{number}:{parcel.key}")  # a long operation: it ends after its work
        if shipment.status in CONFIRMED and begun is None and before.reopened:
            again = ask_again_at(work, f"that shipment {number} was opened again")
            if again is not None:  # an answer from before that, or a person who has confirmed it by hand
                return Later(again, f"Acumatica shipment {number} shows as {shipment.status}; {ONCE_MORE}")
        if shipment.status in CONFIRMED and begun is None:
            if any(row.tracking_number != parcel.tracking for row in shipment.packages):
                work.note(
                    f"{parcel.what} replaces the voided label {before.key}. Acumatica shipment {number} was confirmed "
                    f"with {before.tracking} and keeps it; the sales order shows {parcel.tracking}"
                )
            continue
        if rows and begun is None:
            draft = Draft({"ShipmentNbr": number, "Packages": rows}, {"label": parcel.tracking})
            ended = work.once(relabel_effect(acumatica), f"{number}:{parcel.key}", draft)
            if not isinstance(ended, Done):
                return ended
        if document.settings.shipments.confirm:
            draft = Draft({"ShipmentNbr": number})
            confirmed = work.once(confirm_effect(acumatica, number), f"{number}:{parcel.key}", draft)
            if not isinstance(confirmed, Done):
                return confirmed
    shown = show(work, order, erp)
    if isinstance(shown, Later):
        return shown
    work.provide(NEW_LABEL, f"{order}|{before.key}")
    return Done({"numbers": dict(before.numbers)})
