"""What a connection of this pair can set: two systems, the rules of the flows, the mapping tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connector.connection import ConnectionDocument
from vendors.acumatica.selling import ORDER_TYPES, STATUSES, HoldMinutes, OrderTypes, SkipWillCall, Statuses
from vendors.acumatica.settings import AcumaticaSystem
from vendors.shipstation.settings import ShipStationSystem


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Systems(_Part):
    """The two accounts."""

    acumatica: AcumaticaSystem
    shipstation: ShipStationSystem


class OrderSettings(_Part):
    """Which sales orders go to ShipStation, and how."""

    order_types: OrderTypes = ORDER_TYPES
    statuses: Statuses = STATUSES
    hold_minutes: HoldMinutes = 0
    key_prefix: str = Field(
        default="ACU",
        pattern=r"^[A-Za-z0-9]{1,8}$",
        description="Begins the orderKey at ShipStation: PREFIX-TYPE-NUMBER. Cannot be changed once applied.",
    )
    skip_will_call: SkipWillCall = True
    prices: bool = Field(default=True, description="Send unit prices with the lines.")
    updates: bool = Field(
        default=True,
        description="Send changes of an order that is still open at ShipStation and that nobody edited there. False: "
        "every change goes to a person.",
    )
    hold_days: int = Field(
        default=365,
        ge=1,
        le=3650,
        description="An order that is put on hold in Acumatica is held at ShipStation for at most so many days; "
        "ShipStation has no hold without an end.",
    )


class ItemSettings(_Part):
    """What of stock items is aligned with ShipStation's product records."""

    item_classes: tuple[str, ...] = Field(default=(), description="Item classes that are aligned; empty: all.")
    customs: bool = Field(default=True, description="Align country of origin and tariff number as well.")


class ShipmentSettings(_Part):
    """How ShipStation's shipments are written to Acumatica."""

    confirm: bool = Field(
        default=True, description="Confirm the Acumatica shipment, so that the order ends as shipped."
    )
    box: str = Field(max_length=15, description="Box id (form CS207600) of the packages that are written.")
    marked_as_shipped: bool = Field(
        default=True,
        description="Orders that were marked as shipped without a label are written as shipments too. False: such an "
        "order goes to a person.",
    )
    plug_in_ship_vias: tuple[str, ...] = Field(
        default=(),
        description="Ship Via codes bound to a carrier plug-in, which must never be used. Needed where the site does "
        "not show this through the API; the doctor says so.",
    )
    order_field: str | None = Field(
        default=None,
        pattern=r"^Attribute[A-Za-z0-9_]+$",
        description="User-defined field of the sales order that shows the tracking numbers, e.g. AttributeTRACKING. "
        "Empty: a block of the order's note is kept current instead.",
    )


class VoidSettings(_Part):
    """What a voided label does to the Acumatica shipment."""

    tracking: Literal["remove", "mark"] = Field(
        default="remove",
        description="remove: the package loses the number. mark: it keeps it, and reference 2 says that it is void.",
    )
    reopen: bool = Field(
        default=False,
        description="True: a confirmed shipment is opened again (Correct Shipment), so that the next label can be "
        "written onto it. False: it goes to a person.",
    )


class LabelSettings(_Part):
    """Label files, where systems.shipstation.labels is true."""

    form: Literal["pdf", "zpl", "png"] = Field(default="pdf", description="Format that is asked for.")
    attach: bool = Field(
        default=True,
        description="Attach each label to its package in Acumatica. Allow the file type on form SM202550.",
    )


class Settings(_Part):
    """The rules of the flows."""

    orders: OrderSettings = OrderSettings()
    items: ItemSettings = ItemSettings()
    shipments: ShipmentSettings
    voids: VoidSettings = VoidSettings()
    labels: LabelSettings = LabelSettings()


class Warehouse(_Part):
    """An Acumatica warehouse whose orders ShipStation ships."""

    warehouse_id: int | None = Field(
        default=None, description="ShipStation's ship-from location of it. Empty: the account's default location."
    )


class Service(_Part):
    """What a Ship Via asks ShipStation for."""

    requested: str | None = Field(
        default=None,
        max_length=100,
        description="Text of the requested service, which ShipStation's own rules go by. Empty: the Ship Via.",
    )
    carrier_code: str | None = Field(default=None, description="ShipStation's carrier code, together with the next.")
    service_code: str | None = Field(default=None, description="ShipStation's service code of that carrier.")
    package_code: str | None = Field(default=None, description="ShipStation's package code of that carrier.")

    @model_validator(mode="after")
    def _complete(self) -> Service:
        if bool(self.carrier_code) != bool(self.service_code):
            raise ValueError("name both carrier_code and service_code or neither: ShipStation refuses one alone")
        return self


class Carrier(_Part):
    """The Acumatica Ship Via of a ShipStation carrier."""

    ship_via: str = Field(description="Ship Via code (form CS207500) without a carrier plug-in.")


class MappingTables(_Part):
    """What one side's words mean on the other."""

    warehouses: Mapping[str, Warehouse] = Field(
        description="Acumatica warehouses that ShipStation ships from. Lines in others are not sent."
    )
    services: Mapping[str, Service] = Field(
        default_factory=dict,
        description="Acumatica Ship Via -> what ShipStation is asked for. Others go as their own name.",
    )
    carriers: Mapping[str, Carrier] = Field(
        description='ShipStation carrier code, or "carrier|service", -> Ship Via. The key "*" is for every other '
        "carrier. A missing key holds the shipment until it is added."
    )


class AcumaticaShipStation(ConnectionDocument):
    """A connection of the pair acumatica_shipstation."""

    fixed: ClassVar[Mapping[str, str]] = {
        "settings.orders.key_prefix": "orders are known at ShipStation by it, and would be sent a second time",
        "systems.shipstation.store_id": "ShipStation takes an order's store at its creation only",
    }

    pair: Literal["acumatica_shipstation"]
    systems: Systems
    settings: Settings
    tables: MappingTables
