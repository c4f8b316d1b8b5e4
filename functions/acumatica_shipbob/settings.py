"""What a connection of this pair can set: two systems, the rules of the five flows, and the mapping tables."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connector.connection import ConnectionDocument
from vendors.acumatica.selling import ORDER_TYPES, STATUSES, HoldMinutes, OrderTypes, SkipWillCall, Statuses
from vendors.acumatica.settings import AcumaticaSystem
from vendors.shipbob.settings import ShipBobSystem


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Systems(_Part):
    """The two accounts."""

    acumatica: AcumaticaSystem
    shipbob: ShipBobSystem


class OrderSettings(_Part):
    """Which sales orders go to ShipBob, and how."""

    order_types: OrderTypes = ORDER_TYPES
    statuses: Statuses = STATUSES
    hold_minutes: HoldMinutes = 0
    reference_prefix: str = Field(
        default="ACU",
        pattern=r"^[A-Za-z0-9]{1,12}$",
        description="Begins the reference_id at ShipBob: PREFIX-TYPE-NUMBER. Cannot be changed once applied.",
    )
    skip_will_call: SkipWillCall = True


class ItemSettings(_Part):
    """Which stock items go to ShipBob, and what of them."""

    item_classes: tuple[str, ...] = Field(default=(), description="Item classes that are sent; empty: all.")
    length_attribute: str | None = Field(default=None, description="Item attribute that holds the length in inches.")
    width_attribute: str | None = Field(default=None, description="Item attribute that holds the width in inches.")
    height_attribute: str | None = Field(default=None, description="Item attribute that holds the height in inches.")


class ShipmentSettings(_Part):
    """How ShipBob shipments are written to Acumatica."""

    confirm: bool = Field(
        default=True, description="Confirm the Acumatica shipment, so that the order ends as shipped."
    )
    ship_on: tuple[Literal["Completed", "LabeledCreated"], ...] = Field(
        default=("Completed",), min_length=1, description="ShipBob shipment statuses that count as shipped."
    )
    box: str = Field(description="Box id (form CS207600) of the packages that are written.")
    plug_in_ship_vias: tuple[str, ...] = Field(
        default=(),
        description="Ship Via codes bound to a carrier plug-in, which must never be used. Needed where the site does "
        "not show this through the API; the doctor says so.",
    )
    order_field: str | None = Field(
        default=None,
        pattern=r"^Attribute[A-Za-z0-9_]+$",
        description="User-defined field of the sales order that shows tracking and delivery, e.g. AttributeTRACKING. "
        "Empty: a block of the order's note is kept current instead.",
    )


class StockSettings(_Part):
    """How ShipBob's on-hand reaches Acumatica."""

    mode: Literal["adjust", "report_only"] = Field(
        default="report_only", description="adjust: post the difference. report_only: show it, post nothing."
    )
    reason_code: str = Field(default="INADJUST", description="Reason code (usage Adjustment) of the adjustment lines.")
    threshold: int = Field(default=0, ge=0, description="Differences of at most this many units are left alone.")
    second_look_minutes: float = Field(
        default=10.0,
        ge=0.01,
        le=1440,
        description="A difference is posted only if it is still the same after this many minutes.",
    )
    release: bool = Field(default=True, description="Release the adjustment, so that it changes the stock.")


class ChargeSettings(_Part):
    """How ShipBob's invoices become bills."""

    enabled: bool = Field(default=True, description="False: invoices are not read.")
    vendor: str = Field(default="SHIPBOB", description="Acumatica vendor of the bills.")
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$", description="Currency of the vendor's bills.")
    tolerance: Decimal = Field(
        default=Decimal("1.00"), ge=0, description="Largest difference between fee rows and invoice that is booked."
    )
    rounding_account: str = Field(description="Account for that difference.")
    rounding_subaccount: str | None = Field(default=None, description="Subaccount for that difference.")
    tax_account: str | None = Field(
        default=None, description="Account for taxes on fees. Empty: the fee's own account."
    )
    hold: bool = Field(default=True, description="Bills stay On Hold for review.")
    release: bool = Field(default=False, description="Release bills at once; needs hold = false.")
    days_back: int = Field(default=35, ge=1, le=365, description="How far back invoices are listed at every poll.")

    @model_validator(mode="after")
    def _consistent(self) -> ChargeSettings:
        if self.release and self.hold:
            raise ValueError("release: needs hold = false, because a bill on hold cannot be released")
        return self


class Settings(_Part):
    """The rules of the flows."""

    orders: OrderSettings = OrderSettings()
    items: ItemSettings = ItemSettings()
    shipments: ShipmentSettings
    stock: StockSettings = StockSettings()
    charges: ChargeSettings


class Warehouse(_Part):
    """Where an Acumatica warehouse is at ShipBob."""

    location_id: int = Field(description="ShipBob fulfilment centre id.")
    location_bin: str | None = Field(default=None, description="Acumatica location (bin) for adjustments.")
    force: bool = Field(default=False, description="Ask ShipBob to ship orders of this warehouse from this centre.")


class Carrier(_Part):
    """The Acumatica Ship Via of a ShipBob carrier."""

    ship_via: str = Field(description="Ship Via code (form CS207500) without a carrier plug-in.")


class Fee(_Part):
    """Where a ShipBob fee is booked."""

    account: str
    subaccount: str | None = None


class MappingTables(_Part):
    """What one side's words mean on the other. A missing key holds the record until it is added."""

    warehouses: Mapping[str, Warehouse] = Field(description="Acumatica warehouse -> ShipBob fulfilment centre.")
    ship_methods: Mapping[str, str] = Field(
        description='Acumatica Ship Via -> ShipBob shipping method. The key "" is for orders without a Ship Via.'
    )
    carriers: Mapping[str, Carrier] = Field(
        description='ShipBob carrier, or "carrier|service", -> Ship Via. The key "*" is for every other carrier.'
    )
    fees: Mapping[str, Fee] = Field(description="ShipBob fee type -> account.")


class AcumaticaShipBob(ConnectionDocument):
    """A connection of the pair acumatica_shipbob."""

    fixed: ClassVar[Mapping[str, str]] = {
        "settings.orders.reference_prefix": "orders are known at ShipBob by it, and would be sent a second time",
    }

    pair: Literal["acumatica_shipbob"]
    systems: Systems
    settings: Settings
    tables: MappingTables

    @model_validator(mode="after")
    def _one_warehouse_a_centre(self) -> AcumaticaShipBob:
        stock = self.schedule.get("stock")
        if stock is not None and not stock.enabled:
            return self
        names: dict[int, list[str]] = {}
        for name, warehouse in self.tables.warehouses.items():
            names.setdefault(warehouse.location_id, []).append(name)
        for centre, sharing in names.items():
            if len(sharing) > 1:
                raise ValueError(
                    f"tables.warehouses: {', '.join(sorted(sharing))} share location_id {centre}; the stock of one "
                    "centre cannot be compared with two warehouses. Map one of them, or set schedule.stock.enabled "
                    "to false"
                )
        return self
