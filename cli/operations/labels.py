"""Labels for an operator: which record a shipment has, its labels from the bucket or from UPS, a wish for a void."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from acumatica_ups.book import VOID, label_key
from acumatica_ups.flows import NAME
from acumatica_ups.images import label_place, recovered, store_label
from acumatica_ups.purchase import LABEL
from cli.failures import Refused
from connector.intent import Intent, Stage, intent_from_item, intent_key
from connector.record import Record
from connector.records import RecordStore
from connector.review import replay
from connector.services import Services
from vendors.ups.client import Ups
from vendors.ups.shapes import Image

STREAM = "labels"


@dataclass(frozen=True)
class Bought:
    """The newest label of a shipment that UPS surely sold."""

    record: Record
    shipment_id: str
    numbers: tuple[str, ...]
    voided: bool
    formats: Mapping[str, str]


def label_record(services: Services, shipment: str, connection: str = "") -> Record:
    """The label record of an Acumatica shipment. Raises Refused."""
    store = RecordStore(services)
    exact = store.load(shipment)
    found = [exact] if exact is not None else list(store.load_many(store.find(shipment)).values())
    fitting = [
        record
        for record in found
        if record.pair == NAME and record.stream == STREAM and connection in ("", record.connection)
    ]
    if not fitting:
        raise Refused(f"no label record of shipment {shipment!r}; look with `ml-connector records list --text ...`")
    if len(fitting) > 1:
        names = ", ".join(sorted(record.connection for record in fitting))
        raise Refused(f"shipment {shipment} exists in the connections {names}; name one with --connection")
    return fitting[0]


def bought(services: Services, record: Record) -> Bought:
    """Its newest label. Raises Refused where none was surely bought."""
    revision, found = int(record.links.get("revision", 0)), None
    while (intent := _intent(services, record, LABEL, label_key(record.source_key, revision))) is not None:
        found = intent if intent.stage is Stage.DONE else found
        revision += 1
    if found is None:
        raise Refused(f"UPS has sold no label for shipment {record.source_key} that we know of ({record.why})")
    shipment_id = str(found.reference["shipment_id"])
    void = _intent(services, record, VOID, shipment_id)
    gone = set(record.links.get("voided_packages", ()))
    numbers = tuple(str(number) for number in found.reference["numbers"] if number not in gone)
    voided = void is not None and void.stage is Stage.DONE
    return Bought(record, shipment_id, numbers, voided, record.links.get("labels") or {})


def _intent(services: Services, record: Record, effect: str, key: str) -> Intent | None:
    item = services.tables.get("records", record.id, intent_key(effect, key))
    return intent_from_item(item) if item is not None else None


def image_of(services: Services, label: Bought, number: str, ups: Any) -> Image:
    """A label as it was kept, else once more from UPS. `ups` opens the account. Raises Refused, VendorFault."""
    place = label_place(label.record.connection, label.record.source_key, number)
    form = label.formats.get(number)
    if form is not None:
        try:
            return Image(services.bodies.get(place), form)
        except KeyError:  # somebody emptied the bucket: UPS may still have it
            form = None
    client: Ups = ups()
    image = recovered(client, number)
    if image is None:
        raise Refused(f"UPS does not give the label {number} any more; print it at UPS, or void it and buy another one")
    store_label(services, place, image)
    return image


def save(image: Image, number: str, directory: Path) -> Path:
    """Writes a label into a file `ups-<1Z>.<form>`; answers its path."""
    path = directory / f"ups-{number}{image.suffix}"
    directory.mkdir(parents=True, exist_ok=True)
    path.write_bytes(image.content)
    return path


def ask_for_void(
    services: Services, record: Record, label: Bought, *, new_label: bool, who: str, reason: str, correlation: str
) -> Record:
    """Leaves the wish on the record and makes it due: the worker voids, through the Ledger."""
    wish = {"shipment_id": label.shipment_id, "new_label": new_label, "by": who, "reason": reason}
    what = "that label be voided" + (" and another one bought" if new_label else "")
    store = RecordStore(services)

    def wished(current: Record) -> Record:
        return replace(current, links={**current.links, "wish": wish})

    changed = store.change(record, wished, f"{who} asks {what}: {reason}", {"label": label.shipment_id})
    return replay(services, store, changed, correlation, who)
