"""UPS: client id and secret of an app in the developer portal; nobody has to consent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cli.systems.shapes import SecretShape, System

if TYPE_CHECKING:
    from vendors.ups.client import Ups
    from vendors.ups.settings import UpsSystem

APP = {
    "client_id": "developer.ups.com, My Apps, the app that the account number belongs to",
    "client_secret": "developer.ups.com, My Apps, the same app",
}
PROBE = "1Z999AA10123456784"
"""The number of UPS's own documentation; no parcel has it."""


def secret_shapes(settings: UpsSystem | None) -> Sequence[SecretShape]:
    """The secret `ups`."""
    return [SecretShape("ups", APP)]


def ping(client: Ups) -> str:
    """Signs in and asks for a parcel that does not exist. Raises VendorFault."""
    client.track(PROBE)
    place = "the test environment" if client.system.cie else client.system.host
    return f"account {client.system.account_number} at {place}, Shipping {client.system.ship_version}"


SYSTEM = System("ups", secret_shapes, ping)
