"""What Acumatica shows of a shipment's parcels: a text on the sales order, one on the shipment, the signatures.

Scans cost no save. A text is written when the shipment (its slowest parcel) reaches a stage that shall be shown, and at
most once in a while unless it is the last one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from acumatica_ups.clients import Accounts
from acumatica_ups.images import signature_place
from acumatica_ups.mapping.progress import RETURNED, START, VOIDED, Progress, overall, signature
from acumatica_ups.mapping.texts import block_in, custom_fields, order_text, shipment_text
from acumatica_ups.parcels import STREAM, put_shown, shown_mark, siblings
from acumatica_ups.settings import AcumaticaUps, ShownFields
from acumatica_ups.writeback import attach_file
from connector.effect import Draft, Effect, Repeat
from connector.instants import parse_instant
from connector.outcome import Done, Held, Later, Outcome, Refused, Same
from connector.pair import Work
from connector.record import short_hash
from vendors.acumatica.calls import Ask
from vendors.acumatica.client import Acumatica

ORDER_TEXT, SHIPMENT_TEXT = "acumatica.order_text", "acumatica.shipment_text"
FINAL = frozenset({"delivered", RETURNED, VOIDED})
TROUBLE = "exception"


def show(work: Work[Accounts], document: AcumaticaUps, facts: Progress) -> Outcome:
    """Writes what is due to be written; Same when nothing is."""
    shipment = str(work.record.links["shipment"])
    numbers = [str(number) for number in work.record.links["numbers"]]
    parcels = _parcels(work, numbers, facts)
    stage = overall(list(parcels.values()))
    mark = f"{stage} {short_hash(signature(parcels))[:16]}"
    for order in work.record.links["orders"] if document.settings.tracking.order else ():
        ended = _show(work, document, f"order {order}#{shipment}", stage, mark,
                      lambda order=order: _order(work, document, order, facts))
        if not isinstance(ended, Done | Same):
            return ended
    if document.settings.tracking.shipment and stage != "labelled":
        ended = _show(work, document, f"shipment {shipment}", stage, mark,
                      lambda: _shipment(work, document, shipment, parcels))
        if not isinstance(ended, Done | Same):
            return ended
    return _signature(work, document, shipment)


def _parcels(work: Work[Accounts], numbers: list[str], facts: Progress) -> dict[str, Progress]:
    """Every parcel of a shipment; of the others what their records say."""
    mine = work.record.source_key
    others = work.others(STREAM, [number for number in numbers if number != mine])
    known = {number: record.links.get("progress") or START for number, record in others.items()}
    return {number: facts if number == mine else known.get(number, START) for number in numbers}


def _show(
    work: Work[Accounts], document: AcumaticaUps, target: str, stage: str, mark: str, write: Any
) -> Outcome:
    """One text, if its stage shall be shown and it shows something else. Outdated trouble is taken back as well."""
    rules = document.settings.tracking
    shown, since = shown_mark(work.services, work.connection.name, target)
    outdated = shown.startswith(TROUBLE) and stage != TROUBLE
    wanted = stage in rules.show or outdated or (stage == VOIDED and bool(shown))
    if not wanted or shown == mark:
        return Same("nothing to show")
    free = parse_instant(since) + timedelta(minutes=rules.fold_minutes) if since else work.now
    if stage not in FINAL and work.now < free:
        return Later(free, "news of one shipment are written together", planned=True)
    ended: Outcome = write()
    if isinstance(ended, Later):
        return ended
    if isinstance(ended, Refused | Held):
        work.note(f"{target.partition('#')[0]} could not be updated ({ended.why}); the parcel goes on")
    put_shown(work.services, work.connection.name, target, mark)
    return ended if isinstance(ended, Done | Same) else Same("it could not be shown")


def _order(work: Work[Accounts], document: AcumaticaUps, order: str, facts: Progress) -> Outcome:
    order_type, _, number = order.partition("/")
    shipments = {
        shipment: _parcels(work, list(numbers), facts)
        for shipment, numbers in siblings(work.services, work.connection.name, order).items()
    }
    keys = {"OrderType": order_type, "OrderNbr": number}
    every = {key: value for parcels in shipments.values() for key, value in parcels.items()}
    fields = document.settings.tracking.order_fields
    return _save(work, "SalesOrder", ORDER_TEXT, keys, fields, every, order_text(shipments))


def _shipment(
    work: Work[Accounts], document: AcumaticaUps, number: str, parcels: Mapping[str, Progress]
) -> Outcome:
    fields = document.settings.tracking.shipment_fields
    return _save(work, "Shipment", SHIPMENT_TEXT, {"ShipmentNbr": number}, fields, parcels, shipment_text(parcels))


def _save(
    work: Work[Accounts], entity: str, name: str, keys: dict[str, str], fields: ShownFields,
    parcels: Mapping[str, Progress], text: str,
) -> Outcome:
    """User-defined fields where they are named, else our block of the note. Refusals are the caller's to note."""
    acumatica = work.clients.acumatica
    body: dict[str, Any] = dict(keys)
    if fields.any:
        body["custom"] = custom_fields(fields, parcels)
        said = short_hash(str(sorted(body["custom"].items())))
    else:
        row = acumatica.get(entity, tuple(keys.values()), Ask(select=(*keys, "note")))
        if row is None:
            return Same(f"{entity} {'/'.join(keys.values())} no longer exists")
        note = row.text("note")
        body["note"], said = block_in(note, text), short_hash(text)
        if body["note"] == (note or ""):
            return Same("it shows it already")
    return work.once(text_effect(acumatica, name, entity, tuple(keys)), said[:16], Draft(body, {"text": said}))


def text_effect(acumatica: Acumatica, name: str, entity: str, keys: tuple[str, ...]) -> Effect:
    """Sets fields or note. The same text again changes nothing."""
    return Effect(
        name,
        "Acumatica",
        Repeat.UPSERT,
        timedelta(0),
        lambda key: None,
        lambda key, draft: acumatica.put(entity, draft.body, update_only=True, select=keys),
        lambda reply: {"shown": True},
    )


def _signature(work: Work[Accounts], document: AcumaticaUps, shipment: str) -> Outcome:
    """Attaches the signature of a delivery to the shipment."""
    links = {**work.record.links, **work.links}
    if not links.get("signature") or links.get("signed") or not document.settings.tracking.signature:
        return Same("no signature to attach")
    number = work.record.source_key
    row = work.clients.acumatica.get("Shipment", (shipment,), Ask(select=("ShipmentNbr",)))
    if row is None:
        return Same(f"shipment {shipment} no longer exists")
    content = work.services.bodies.get(signature_place(work.connection.name, shipment, number))
    name = f"ups-signature-{number}{links['signature']}"
    ended = attach_file(work, row.upload_link, f"signature-{number}", name, content, "UPS signature")
    if isinstance(ended, Later):
        return ended
    if isinstance(ended, Refused | Held):
        work.note(f"the signature could not be attached ({ended.why})")
    work.link(signed=True)
    return Same("signature attached")
