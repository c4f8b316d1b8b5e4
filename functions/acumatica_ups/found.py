"""How the pair hears of changed shipments by poll: from their own list, or from that of the sales orders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from acumatica_ups.clients import Accounts, document_of
from acumatica_ups.settings import AcumaticaUps
from connector.instants import instant_text
from connector.pair import Polling
from connector.records import Seen

SHIPPING = frozenset({"Shipping", "Completed", "Invoiced", "Back Order", "Open"})
"""Order statuses in which an order may have shipments."""


def changed_shipments(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """Shipments that changed in the window and concern us. Raises VendorFault."""
    window = polling.window
    if window.since >= window.until:
        return
    document = document_of(polling.connection)
    if document.settings.labels.find_shipments == "orders":
        yield from _by_orders(polling)
    else:
        yield from _listed(polling, document)


def _listed(polling: Polling[Accounts], document: AcumaticaUps) -> Iterator[Sequence[Seen]]:
    """The list of shipments itself (header fields only, or a site may refuse it)."""
    fields = ("Status", "Type")
    window = polling.window
    rows = polling.clients.acumatica.list_changed("Shipment", window.since, window.until, fields)
    for row in rows:
        polling.reached(row.modified)
    sightings, statuses = [], {}
    for row in rows:
        number = row.row.required_text("ShipmentNbr")
        statuses[number] = row.row.text("Status") or ""
        sightings.append(seen(number, statuses[number], instant_text(row.modified)))
    news = polling.news(sightings)
    known = _heard(polling, news)
    yield [row for row in news if row.source_key in known or statuses[row.source_key] != "On Hold"]


def _by_orders(polling: Polling[Accounts]) -> Iterator[Sequence[Seen]]:
    """For sites that cannot list shipments: an order changes when its shipments do, and lists them."""
    window, acumatica = polling.window, polling.clients.acumatica
    rows = acumatica.list_changed("SalesOrder", window.since, window.until, ("Status",))
    for row in rows:
        polling.reached(row.modified)
    for row in rows:
        if row.row.text("Status") not in SHIPPING:
            continue
        keys = row.row.required_text("OrderType"), row.row.required_text("OrderNbr")
        shipments = acumatica.shipments_of_order(*keys) or ()
        sightings = [
            seen(shipment.shipment_number, shipment.status or "", f"{instant_text(row.modified)} {shipment.status}")
            for shipment in shipments
        ]
        yield polling.news(sightings)


def _heard(polling: Polling[Accounts], rows: Sequence[Seen]) -> set[str]:
    known = polling.store.load_many([polling.origin.record(row) for row in rows])
    return {record.source_key for record in known.values()}


def seen(number: str, status: str, revision: str | None) -> Seen:
    """A sighting of a shipment."""
    return Seen(
        number, revision, references=(("shipment", number),),
        text=f"Shipment {number} changed in Acumatica: {status}.",
    )
