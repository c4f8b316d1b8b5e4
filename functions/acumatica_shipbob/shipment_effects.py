"""The writes of flow 3 to Acumatica, and how each can be asked for after a lost answer."""

from __future__ import annotations

from datetime import timedelta

from acumatica_shipbob.shipment_case import ErpOrder
from connector.effect import Draft, Effect, Found, Reference, Repeat
from connector.ports import Item
from connector.services import Services
from connector.transport import Reply
from vendors.acumatica.client import Acumatica
from vendors.acumatica.effects import action_effect
from vendors.acumatica.shapes import parse_shipment

CREATE, FILL, CONFIRM, RELABEL, SHOW = (
    "acumatica.shipment",
    "acumatica.packages",
    "acumatica.confirm",
    "acumatica.relabel",
    "acumatica.order_text",
)
SETTLE = timedelta(seconds=60)
CONFIRMED = frozenset({"Confirmed", "Invoiced", "Completed"})
"""Statuses of Acumatica shipments that can no longer be edited."""


def create_effect(acumatica: Acumatica, erp: ErpOrder, stamp: str, others: frozenset[str]) -> Effect:
    """Creates the shipment. It carries our stamp in its description; the order lists all its shipments."""

    def find(key: str) -> Found | None:
        for number in erp.shipment_numbers():
            shipment = acumatica.shipment(number) if number not in others else None
            if shipment is not None and shipment.description.endswith(stamp):
                return Found({"number": shipment.number})
        return None

    def make(key: str, draft: Draft) -> Reply:
        erp.outdated()
        return acumatica.put("Shipment", draft.body, create_only=True, expand=("Details", "Packages", "Orders"))

    def read(reply: Reply) -> Reference:
        return {"number": acumatica.read_reply("Shipment", reply, parse_shipment).number}

    return Effect(CREATE, "Acumatica", Repeat.FINDABLE, SETTLE, find, make, read)


def fill_effect(acumatica: Acumatica, number: str, stamp: str) -> Effect:
    """Writes quantities and packages. A package row without id is inserted, so it is never sent twice unasked."""

    def find(key: str) -> Found | None:
        shipment = acumatica.shipment(number)
        packages = shipment.packages if shipment is not None else ()
        mine = [package for package in packages if (package.custom_reference_1 or "").startswith(stamp[:30])]
        return Found({"number": number, "packages": len(mine)}) if mine else None

    def make(key: str, draft: Draft) -> Reply:
        return acumatica.put("Shipment", draft.body, update_only=True, expand=("Details", "Packages"))

    def read(reply: Reply) -> Reference:
        shipment = acumatica.read_reply("Shipment", reply, parse_shipment)
        return {"number": shipment.number, "packages": len(shipment.packages)}

    return Effect(FILL, "Acumatica", Repeat.FINDABLE, SETTLE, find, make, read)


def confirm_effect(acumatica: Acumatica, number: str) -> Effect:
    """Confirms the shipment, so that the order ends as shipped."""

    def achieved() -> Reference | None:
        return {"number": number} if acumatica.read_status("Shipment", number) in CONFIRMED else None

    return action_effect(acumatica, CONFIRM, "Shipment", "ConfirmShipment", {"ShipmentNbr": number}, achieved)


def note_written(services: Services, connection: str, number: str, warehouse: str, stamp: str) -> None:
    """Remembers a shipment of ours until its stock is posted: the stock flow must count it as in flight."""
    item: Item = {"pk": f"confirmed/{connection}", "sk": number, "warehouse": warehouse, "stamp": stamp}
    services.tables.put("state", item)


def relabel_effect(acumatica: Acumatica) -> Effect:
    """Writes another tracking number onto package rows, named by their ids. The same again changes nothing."""
    return Effect(
        RELABEL,
        "Acumatica",
        Repeat.UPSERT,
        timedelta(0),
        lambda key: None,
        lambda key, draft: acumatica.put("Shipment", draft.body, update_only=True, select=("ShipmentNbr",)),
        lambda reply: {"relabelled": True},
    )


def show_effect(acumatica: Acumatica) -> Effect:
    """Sets the order's field or note. The same text again changes nothing."""
    return Effect(
        SHOW,
        "Acumatica",
        Repeat.UPSERT,
        timedelta(0),
        lambda key: None,
        lambda key, draft: acumatica.put("SalesOrder", draft.body, update_only=True, select=("OrderNbr",)),
        lambda reply: {"shown": True},
    )
