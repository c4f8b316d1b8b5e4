"""Flow 3: label files, ShipStation V2 -> the package in Acumatica. Apart from the shipments: no plan, no harm."""

from __future__ import annotations

from datetime import timedelta

from acumatica_shipstation.clients import Accounts, document_of
from acumatica_shipstation.mapping.parcels import Parcel
from acumatica_shipstation.settings import AcumaticaShipStation
from connector.absence import ONCE_MORE, ask_again_at
from connector.effect import Draft
from connector.faults import FaultKind, VendorFault
from connector.message import enqueue
from connector.outcome import Done, Held, Later, Outcome, Refused, Same
from connector.pair import Flow, Work
from connector.records import Origin, Seen
from vendors.acumatica.files import file_effect
from vendors.shipstation.shapes import label_id_of

STREAM = "labels"

CONTENT = {"zpl": "application/octet-stream", "png": "image/png", "pdf": "application/pdf"}

PROCESSING = timedelta(minutes=1)
"""How long until a label that is still being made is asked for again."""


def label_place(connection: str, shipment_id: int | str) -> str:
    """Where a label lies in the bucket, without its ending."""
    return f"labels/{connection}/{shipment_id}"


def tell_labels(work: Work[Accounts], document: AcumaticaShipStation, parcel: Parcel) -> None:
    """Lets the label's file follow, once its shipment is written."""
    wanted = document.systems.shipstation.labels and work.connection.enabled(STREAM)
    if not wanted or not parcel.is_label:
        return
    written = {**work.record.links, **work.links}["written"]
    record = work.record
    origin = Origin(work.connection.name, record.pair, STREAM, "shipment", record.correlation, record.lane)
    row = Seen(
        parcel.key,
        "written",
        references=(("tracking", parcel.tracking), ("order", parcel.order_number)),
        facts={"written": written, "mark": parcel.mark, "tracking": parcel.tracking},
        text=f"{parcel.what} is written; its label follows.",
    )
    enqueue(work.services, work.store.see(origin, [row]))


def work(work: Work[Accounts]) -> Outcome:
    """Fetches one label's file, keeps it in the bucket and attaches it to its package."""
    document = document_of(work.connection)
    number = work.record.source_key
    if not document.systems.shipstation.labels:
        return Same("labels are switched off for this connection")
    kept = work.record.links.get("kept")
    if not kept:
        fetched = _fetch(work, document, number)
        if not isinstance(fetched, str):
            return fetched
        kept = fetched
    if not document.settings.labels.attach:
        return Done({"file": kept}, "the label's file is kept in the bucket")
    return _attach(work, number, str(kept))


def _fetch(work: Work[Accounts], document: AcumaticaShipStation, number: str) -> str | Outcome:
    """The ending of the file that now lies in the bucket."""
    labels = work.clients.labels
    label = labels.label(int(number))
    if label is None:
        again = ask_again_at(work, f"label {label_id_of(number)}")
        if again is not None:
            return Later(again, f"V2 shows no label {label_id_of(number)} yet", planned=True)
        return Same(f"V2 has no label {label_id_of(number)}: none is attached")
    if label.voided or label.return_label:
        return Same(f"label {label.label_id} is void or a return: none is attached")
    if label.status == "processing":
        return Later(work.now + PROCESSING, f"label {label.label_id} is still being made", planned=True)
    if not label.is_ready:
        return Held(f"label {label.label_id} is {label.status} at ShipStation: print it there, then close this record")
    others = [each.tracking_number for each in label.packages if each.tracking_number != label.tracking_number]
    if others:
        work.note(f"the label has {len(label.packages)} packages; V1 tells only the first one's number. Others: "
                  f"{', '.join(str(each) for each in others)}")  # fmt: skip
        for each in others:
            work.refer("tracking", str(each))
    try:
        file = labels.file(label, document.settings.labels.form)
    except VendorFault as fault:
        again = ask_again_at(work, f"the file of label {label.label_id}") if fault.kind is FaultKind.NOT_FOUND else None
        if again is None:
            raise
        return Later(again, f"{fault}; {ONCE_MORE}", planned=True)
    if file.form != document.settings.labels.form:
        work.note(f"the label was to be {document.settings.labels.form}, ShipStation has it as {file.form}")
    work.services.bodies.put(f"{label_place(work.connection.name, number)}.{file.form}", file.content,
                             CONTENT[file.form])  # fmt: skip
    work.link(kept=file.form)
    return file.form


def _attach(work: Work[Accounts], number: str, form: str) -> Outcome:
    """To the package's row, else to the shipment. The same name overwrites, so a repetition is harmless."""
    content = work.services.bodies.get(f"{label_place(work.connection.name, number)}.{form}")
    links = work.record.links
    name = f"shipstation-{links['tracking'] or number}.{form}"
    attached = []
    for places in links["written"].values():
        for shipment_number in places.values():
            shipment = work.clients.acumatica.shipment(shipment_number)
            if shipment is None:
                work.note(f"Acumatica shipment {shipment_number} was deleted: no label is attached to it")
                continue
            mine = [row for row in shipment.packages if row.custom_reference_1 == links["mark"]]
            link = next((row.upload_link for row in mine if row.upload_link), None) or shipment.upload_link
            if link is None:
                return Held(f"the site gives no link for attaching {name}; allow files there, or unset labels.attach")
            effect = file_effect(work.clients.acumatica, link, name, content, "ShipStation label")
            draft = Draft({"file": name, "bytes": len(content)}, {"file": name})
            ended = work.once(effect, f"{shipment_number}:{number}", draft)
            if isinstance(ended, Refused):
                return Held(f"Acumatica does not take the file {name}: {ended.why}. Allow its type on form SM202550")
            if not isinstance(ended, Done):
                return ended
            attached.append(shipment_number)
    if not attached:
        return Same("no shipment is left to attach the label to")
    return Done({"file": name}, f"label {name} is attached to shipment {', '.join(attached)}")


FLOW: Flow[Accounts] = Flow(STREAM, work)
