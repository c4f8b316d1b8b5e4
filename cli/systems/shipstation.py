"""ShipStation: API key and secret of V1, and a key of its own for V2's labels; nobody has to consent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cli.systems.shapes import SecretShape, System

if TYPE_CHECKING:
    from vendors.shipstation.client import ShipStation
    from vendors.shipstation.labels import Labels
    from vendors.shipstation.settings import ShipStationSystem

V1 = {
    "api_key": "ShipStation, Settings > Account > API Settings, Legacy API (V1). Regenerating it cuts other apps off",
    "api_secret": "the same page",
}
PARTNER = {"partner_key": "from ShipStation's partner programme; it raises the call limit"}
V2 = {"api_key": "ShipStation, Settings > Account > API Settings, V2 API; another key than that of V1"}


def secret_shapes(settings: ShipStationSystem | None) -> Sequence[SecretShape]:
    """The secret `shipstation`, and `shipstation_v2` where labels are fetched."""
    labels = settings is None or settings.labels
    first = SecretShape("shipstation", V1, optional=PARTNER)
    return [first, *([SecretShape("shipstation_v2", V2, "labels = true")] if labels else [])]


def ping(client: ShipStation) -> str:
    """The stores of the account. Raises VendorFault."""
    stores = ", ".join(f"{store.store_id} ({store.name})" for store in client.stores())
    return f"stores {stores or 'none'}; orders go to {client.system.store_id}"


def ping_labels(client: Labels) -> str:
    """Asks V2 for a label that does not exist. Raises VendorFault."""
    client.label(1)
    return "the key of V2 is accepted"


SYSTEM = System("shipstation", secret_shapes, ping, others={"shipstation_v2": ("labels", ping_labels)})
