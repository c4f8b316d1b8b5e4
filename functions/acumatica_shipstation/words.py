"""This pair in an operator's words: what each write does. Read by `explain` and `plan`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.pair import Deed
from connector.record import Record

DEEDS: Mapping[str, Deed] = {
    "shipstation.order": Deed("create", "a ShipStation order"),
    "shipstation.order_update": Deed("update", "the ShipStation order"),
    "shipstation.cancel": Deed("cancel", "the ShipStation order"),
    "shipstation.hold": Deed("hold", "the ShipStation order"),
    "shipstation.release": Deed("release", "the ShipStation order"),
    "acumatica.shipment": Deed(
        "create", "an Acumatica shipment", ("acumatica.packages", "acumatica.order_text", "acumatica.confirm")
    ),
    "acumatica.packages": Deed(
        "update", "quantities, packages and tracking of the Acumatica shipment", ("acumatica.confirm",)
    ),
    "acumatica.confirm": Deed("update", "the Acumatica shipment (confirm it)"),
    "acumatica.relabel": Deed("update", "the tracking number on the Acumatica shipment"),
    "acumatica.order_text": Deed("update", "the tracking text of the Acumatica order"),
}


def tell(record: Record) -> Sequence[str]:
    """What a record is linked to on the other side, as sentences."""
    if record.stream == "orders" and record.links.get("order_id"):
        held = ", held there" if record.links.get("holding") else ""
        return [f"ShipStation order {record.links['order_id']} holds it{held}."]
    return ()
