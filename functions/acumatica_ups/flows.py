"""The pair Acumatica - UPS: two flows, and which webhook rings for which of them.

labels      Acumatica shipments -> UPS labels, and back: 1Z, file, freight     labels.py, purchase.py, voids.py
tracking    UPS scans -> texts on the shipment and the sales order             tracking.py, shown.py
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from acumatica_ups import labels, tracking
from acumatica_ups.clients import Accounts, document_of, open_accounts
from acumatica_ups.mapping.progress import of_push
from acumatica_ups.prepare import SERVICE, serves
from acumatica_ups.price import label_price
from acumatica_ups.purchase import LABEL
from acumatica_ups.settings import AcumaticaUps
from acumatica_ups.subscriptions import subscribe_due
from acumatica_ups.surveys import SURVEYS
from acumatica_ups.tracking import push_name
from acumatica_ups.words import DEEDS, tell
from connector.connection import Connection
from connector.outcome import Missing
from connector.pair import Chore, Doorbell, Pair, RawEvent
from connector.records import Seen
from connector.services import Services
from vendors.acumatica.pushes import column, pushed_rows
from vendors.ups.shapes import parse_push

NAME = "acumatica_ups"


def acumatica_doorbells(connection: Connection, event: RawEvent) -> Sequence[Doorbell]:
    """Push notification about shipments. Only the number is taken; the shipment is read anew. A deletion rings too."""
    bells: dict[str, Doorbell] = {}
    for row in pushed_rows(event.body):
        number = column(row, "ShipmentNbr")
        if number:
            text = f"Acumatica pushed a change of shipment {number}."
            bells[number] = Doorbell("labels", Seen(number, references=(("shipment", number),), text=text))
    return list(bells.values())


def ups_doorbells(connection: Connection, event: RawEvent) -> Sequence[Doorbell]:
    """A pushed scan brings its facts along: it was proven, and asking UPS for each scan would cost a call each."""
    scan = parse_push(event.body)
    text = f"UPS pushed {scan.type or '?'}/{scan.status_code or '?'} for {scan.tracking_number}."
    facts = {push_name(scan.key): of_push(scan)}
    return [Doorbell("tracking", Seen(scan.tracking_number, facts=facts, text=text))]


def available(services: Services, connection: Connection, missing: Missing) -> bool:
    """Whether a row of a mapping table, or the service of a lane, that a record waits for is there by now."""
    if missing.kind == SERVICE:
        return serves(document_of(connection), missing.value)
    tables: Mapping[str, Any] = document_of(connection).tables.__dict__
    return missing.kind in tables and missing.value in tables[missing.kind]


def keep_alive(services: Services, connection: Connection, accounts: Accounts) -> None:
    """Uses the ERP's account once a day, so that no refresh token dies of idleness."""
    accounts.acumatica.check_endpoint()
    accounts.acumatica.exists("ShipVia", next(iter(accounts.document.tables.services), "GROUND"))


PAIR: Pair[Accounts] = Pair(
    NAME,
    AcumaticaUps,
    (labels.FLOW, tracking.FLOW),
    open_accounts,
    {"acumatica": acumatica_doorbells, "ups": ups_doorbells},
    available,
    {
        "keep_alive": Chore(timedelta(hours=12), keep_alive),
        "subscribe": Chore(timedelta(minutes=5), subscribe_due),
    },
    deeds=DEEDS,
    tell=tell,
    surveys=SURVEYS,
    prices={LABEL: label_price},
)
