"""What is known of parcels beside their records: which shipments an order has, and how parcels get and lose a watch."""

from __future__ import annotations

from collections.abc import Sequence

from acumatica_ups.book import Label
from acumatica_ups.clients import Accounts
from acumatica_ups.due import PARCELS, SUBSCRIPTIONS, DueList, Entry
from acumatica_ups.settings import AcumaticaUps
from connector.instants import instant_text
from connector.message import enqueue
from connector.pair import Work
from connector.ports import Item, pages
from connector.record import from_json, to_json
from connector.records import Origin, RecordStore, Seen
from connector.services import Services
from vendors.acumatica.shapes import Shipment

STREAM = "tracking"


def order_key(connection: str, order: str) -> str:
    """Where the shipments of an order are listed; `order` is `SO/SO005432`."""
    return f"parcels/{connection}/{order}"


def siblings(services: Services, connection: str, order: str) -> dict[str, tuple[str, ...]]:
    """The labelled shipments of an order with the numbers of their newest labels."""
    found = pages(lambda start: services.tables.query("state", order_key(connection, order), start=start))
    return {str(item["sk"]): tuple(from_json(str(item["data"]))) for item in found}


def shown_mark(services: Services, connection: str, target: str) -> tuple[str, str]:
    """What a text in Acumatica shows, as a hash, and since when; empty where none was written."""
    item = services.tables.get("state", f"shown/{connection}", target)
    return (str(item["mark"]), str(item["at"])) if item is not None else ("", "")


def put_shown(services: Services, connection: str, target: str, mark: str) -> None:
    """Remembers what a text shows now."""
    at = instant_text(services.clock())
    services.tables.put("state", {"pk": f"shown/{connection}", "sk": target, "mark": mark, "at": at})


def announce(work: Work[Accounts], document: AcumaticaUps, shipment: Shipment, label: Label) -> None:
    """Puts every parcel of a new label under watch: a record each, and a subscription where UPS pushes."""
    if not work.connection.enabled(STREAM):
        return
    orders = [f"{order.order_type}/{order.order_number}" for order in shipment.orders]
    for order in orders:
        key = order_key(work.connection.name, order)
        item: Item = {"pk": key, "sk": shipment.number, "data": to_json(list(label.numbers))}
        work.services.tables.put("state", item)
    facts = {
        "shipment": shipment.number,
        "orders": orders,
        "numbers": list(label.numbers),
        "labelled_at": instant_text(work.now),
    }
    rows = [
        Seen(
            number,
            f"label {label.shipment_id}",
            references=(("tracking", number), ("shipment", shipment.number)),
            facts=facts,
            text=f"UPS label {number} was bought for shipment {shipment.number}.",
        )
        for number in label.numbers
    ]
    if document.systems.ups.track_alert != "off":
        due = DueList(work.services.tables, work.connection.name, SUBSCRIPTIONS)
        known = work.others(STREAM, label.numbers)
        for number in label.numbers:
            if number not in known:
                due.put(work.now, number)
    tell(work.services, _origin(work), rows)


def announce_void(work: Work[Accounts], numbers: Sequence[str]) -> None:
    """Tells the parcels that their label is void."""
    known = work.others(STREAM, numbers)
    facts = {"voided": instant_text(work.now)}
    rows = [
        Seen(number, "void", facts=facts, text=f"UPS label {number} was voided.")
        for number in numbers
        if number in known
    ]
    tell(work.services, _origin(work), rows)


def _origin(work: Work[Accounts]) -> Origin:
    record = work.record
    return Origin(work.connection.name, record.pair, STREAM, "label", record.correlation, record.lane)


def tell(services: Services, origin: Origin, rows: Sequence[Seen]) -> None:
    """Stores sightings of parcels and enqueues what is due."""
    if rows:
        enqueue(services, RecordStore(services).see(origin, rows))


def forget(services: Services, connection: str, number: str, due: str) -> None:
    """Takes a finished parcel off the list of what is asked for."""
    DueList(services.tables, connection, PARCELS).remove(Entry(due, number))


