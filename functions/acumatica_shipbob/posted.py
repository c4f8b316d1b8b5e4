"""Flow 3 after a shipment was written: ShipBob gives it a new label, or takes it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from acumatica_shipbob.clients import Accounts
from connector.absence import ONCE_MORE, ask_again_at
from connector.effect import Draft
from connector.outcome import Done, Held, Later, Outcome
from connector.pair import Work
from vendors.acumatica.shapes import Shipment as ErpShipment
from vendors.acumatica.shipping import CONFIRMED, relabel_effect
from vendors.shipbob.shapes import Shipment

TAKEN_BACK = frozenset({"Cancelled", "CleanSweeped"})


def review_posted(work: Work[Accounts], shipment: Shipment) -> Outcome | None:
    """What is to be done for a shipment that Acumatica holds already; None when it is as it was written."""
    entry: Mapping[str, Any] = work.links["posted"][str(shipment.shipment_id)]
    if shipment.status in TAKEN_BACK:
        return _taken_back(work, shipment, entry["numbers"])
    label = shipment.tracking_number
    ended = _relabelled(work, shipment, entry, label) if label and label != entry.get("tracking") else None
    for number, old in work.links["posted"][str(shipment.shipment_id)].get("kept", {}).items():
        work.note(
            f"ShipBob shipment {shipment.shipment_id} got a new label, {label}. Acumatica shipment {number} was "
            f"confirmed with {old} and keeps it; the sales order shows the new one"
        )
    return ended


def _taken_back(work: Work[Accounts], shipment: Shipment, numbers: Sequence[str]) -> Outcome | None:
    """Nothing left after all. What was written must go before the units can be written again."""
    acumatica = work.clients.acumatica
    present = [number for number in numbers if acumatica.shipment(number) is not None]
    if present:
        return Held(
            f"ShipBob took shipment {shipment.shipment_id} back ({shipment.status}) after it was written as Acumatica "
            f"shipment {', '.join(present)}: nothing will arrive. Correct and delete it in Acumatica, then replay."
        )
    gone = ", ".join(numbers)
    text = f"Acumatica shipment {gone} was deleted, as ShipBob took shipment {shipment.shipment_id} back"
    again = ask_again_at(work, text)
    if again is not None:
        return Later(again, f"{text}; {ONCE_MORE}")
    del work.links["posted"][str(shipment.shipment_id)]
    for stamp in [stamp for stamp in work.links["parcels"] if stamp.startswith(f"sb:{shipment.shipment_id}:")]:
        del work.links["parcels"][stamp]
    work.note(text)
    return None


def _relabelled(work: Work[Accounts], shipment: Shipment, entry: Mapping[str, Any], label: str) -> Outcome | None:
    """The new number on packages that can still be edited; which ones keep the old number is remembered."""
    acumatica = work.clients.acumatica
    kept, count = dict(entry.get("kept", {})), int(entry.get("labels", 0))
    for number in entry["numbers"]:
        document = acumatica.shipment(number)
        rows = _rows(document, shipment, label) if document is not None else []
        if document is None or not rows:
            continue
        if document.status in CONFIRMED:
            kept.setdefault(number, entry.get("tracking"))
            continue
        body = {"ShipmentNbr": number, "Packages": rows}
        # Numbered, because a number may come back: ShipBob may answer with the label of before for a minute.
        ended = work.once(relabel_effect(acumatica), f"{number}:{count}:{label}", Draft(body, {"label": label}))
        if not isinstance(ended, Done):
            return ended
        work.note(f"tracking number {label} replaces {entry.get('tracking')} on Acumatica shipment {number}")
    work.links["posted"][str(shipment.shipment_id)] = {
        **entry, "tracking": label, "kept": kept, "labels": count + 1,
    }  # fmt: skip
    return None


def _rows(document: ErpShipment, shipment: Shipment, label: str) -> list[dict[str, Any]]:
    return [
        {"id": package.id, "TrackingNbr": label}
        for package in document.packages
        if (package.custom_reference_1 or "").startswith(f"sb:{shipment.shipment_id}:")
        and package.tracking_number != label
    ]
