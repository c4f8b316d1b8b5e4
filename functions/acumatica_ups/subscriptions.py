"""Track Alert: numbers are subscribed in batches of a hundred, and again before their fourteen days are over."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from datetime import timedelta

from acumatica_ups.clients import Accounts
from acumatica_ups.due import SUBSCRIPTIONS, DueList, Entry
from acumatica_ups.mapping.progress import START, is_final
from acumatica_ups.parcels import STREAM, tell
from connector.connection import Connection
from connector.faults import ConfigurationFault
from connector.instants import instant_text, parse_instant
from connector.record import Record, record_id
from connector.records import Origin, RecordStore, Seen
from connector.services import Services
from vendors.ups.requests import Destination

SECRET = "ups_webhook"  # noqa: S105 - the name of a secret, not one
RENEW = timedelta(days=12)
"""A number lives fourteen days and cannot be listed."""

LATE = timedelta(hours=1)
"""A number that is subscribed so long after its label may have missed scans: its parcel is asked for once."""

MOST = 1000
"""Numbers of one run: ten calls."""


def subscribe_due(services: Services, connection: Connection, accounts: Accounts) -> None:
    """Subscribes what is due; numbers that UPS refuses are polled. Raises VendorFault, ConfigurationFault."""
    system = accounts.document.systems.ups
    if system.track_alert == "off":
        return
    due = DueList(services.tables, connection.name, SUBSCRIPTIONS)
    entries = [entry for entry, _ in zip(due.due(services.clock()), range(MOST), strict=False)]
    known = _records(services, connection.name, [entry.key for entry in entries])
    waiting: dict[str, Entry] = {}
    for entry in entries:
        record = known.get(entry.key)
        if record is None or is_final(record.links.get("progress") or START) or entry.key in waiting:
            due.remove(entry)
        else:
            waiting[entry.key] = entry
    if not waiting:
        return
    destination = destination_of(services, connection.name) if system.track_alert == "v1" else None
    for result in accounts.ups.subscribe(waiting, destination):
        now = services.clock()
        late = [number for number in result.valid if _late(known[number], services)]
        for number in result.valid:
            due.put(now + RENEW, number)
            due.remove(waiting[number])
        for number in result.invalid:
            due.remove(waiting[number])
        _tell(services, connection, list(result.valid), late, list(result.invalid))


def destination_of(services: Services, connection: str) -> Destination:
    """Where UPS shall push to, and with which credential. Raises ConfigurationFault."""
    secret = services.secrets.read(f"{connection}/{SECRET}")
    try:
        document = json.loads(secret.current) if secret is not None else {}
        url, credential = str(document["url"]), str(document["secrets"][0])
    except (ValueError, KeyError, IndexError, TypeError):
        text = f"Track Alert v1 needs our address and a credential: run `ml-connector webhooks register {connection}`"
        raise ConfigurationFault(connection, text) from None
    return Destination(url, credential)


def _records(services: Services, connection: str, numbers: list[str]) -> dict[str, Record]:
    found = RecordStore(services).load_many([record_id(connection, STREAM, number) for number in numbers])
    return {record.source_key: record for record in found.values()}


def _late(record: Record, services: Services) -> bool:
    """Whether this is the first subscription, and it comes so late that scans may have been missed."""
    first = record.links.get("alert") != "on"
    return first and services.clock() - parse_instant(str(record.links["labelled_at"])) > LATE


def _tell(services: Services, connection: Connection, valid: list[str], late: list[str], invalid: list[str]) -> None:
    """Notes on the parcels' records what UPS said. Only the late and the refused ones have to be worked on."""
    origin = Origin(connection.name, connection.pair, STREAM, "poll", secrets.token_hex(8), "bulk")
    store, day = RecordStore(services), instant_text(services.clock())
    for number in valid:
        record = store.load(record_id(connection.name, STREAM, number))
        if record is not None and number not in late and record.links.get("alert") != "on":
            store.change(record, _subscribed, "UPS pushes its scans from now on.")
    refused = "UPS does not push the scans of this number; it is asked for instead."
    rows = [
        *(Seen(number, f"subscribed {day}", facts={"alert": "on", "behind": True}, text="UPS pushes its scans, late.")
          for number in late),
        *(Seen(number, f"refused {day}", facts={"alert": "refused"}, text=refused) for number in invalid),
    ]  # fmt: skip
    tell(services, origin, rows)


def _subscribed(record: Record) -> Record:
    return replace(record, links={**record.links, "alert": "on"})
