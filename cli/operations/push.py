"""Acumatica's push notifications: a person sets them up on form SM302000, the header's secret comes from us."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.failures import Refused
from connector.services import Services
from vendors.shipbob.subscriptions import secrets_in

SENDER = "acumatica"
SECRET_NAME = "acumatica_webhook"  # noqa: S105 - the name of a secret, not one
HEADER = "X-MLC-Token"

QUERIES: dict[str, tuple[str, ...]] = {
    "acumatica_shipbob": (
        "sales orders: a generic inquiry on SOOrder with the columns OrderType, OrderNbr and Status",
        "stock items: a generic inquiry on InventoryItem with the columns InventoryID and ItemStatus",
    ),
    "acumatica_shipstation": (
        "sales orders: a generic inquiry on SOOrder with the columns OrderType, OrderNbr and Status",
        "stock items: a generic inquiry on InventoryItem with the columns InventoryID and ItemStatus",
    ),
    "acumatica_ups": ("shipments: a generic inquiry on SOShipment with the columns ShipmentNbr and Status",),
}
"""What each pair needs of the ERP. Only keys are read; everything else is looked up again."""


@dataclass(frozen=True)
class PushSetup:
    """What has to be typed on form SM302000. The header's value lies in the secret, member `secrets`, first entry."""

    address: str
    header_name: str
    secret: str
    generated: bool
    queries: Sequence[str]


def prepare(services: Services, connection: str, pair: str, url: str) -> PushSetup:
    """Makes the header's secret where there is none. The value is never part of the answer."""
    name = f"{connection}/{SECRET_NAME}"
    present = secrets_in(services, name)
    header = HEADER
    if present:
        found = services.secrets.read(name)
        header = str(json.loads(found.current).get("header_name") or HEADER) if found is not None else HEADER
    else:
        document = {"header_name": HEADER, "secrets": [secrets.token_hex(32)]}
        services.secrets.write(name, json.dumps(document))
    return PushSetup(url, header, name, not present, QUERIES.get(pair, ()))


def save_header_value(services: Services, setup: PushSetup, path: Path) -> None:
    """Writes the header's value into a new file that only its owner may read. Raises Refused when it exists."""
    save_value(secrets_in(services, setup.secret)[0], path)


def save_value(value: str, path: Path) -> None:
    """Writes a value into a new file that only its owner may read. Raises Refused when it exists."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Refused(f"{path} cannot be made ({error.strerror}); name a file that does not exist yet") from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(value + "\n")
