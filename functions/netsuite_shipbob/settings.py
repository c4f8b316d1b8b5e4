"""What a connection of this pair can set: two systems, the rules of the flows, and the mapping tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connector.connection import ConnectionDocument
from netsuite_shipbob.neighbours import clashes
from vendors.netsuite.settings import NetSuiteSystem
from vendors.shipbob.settings import ShipBobSystem

Id = Annotated[str, Field(pattern=r"^-?\d{1,12}$")]
CustomField = Annotated[str, Field(pattern=r"^custbody[a-z0-9_]{1,60}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Systems(_Part):
    """The two accounts."""

    netsuite: NetSuiteSystem
    shipbob: ShipBobSystem


class PurchaseOrderSettings(_Part):
    """How purchase orders become receiving orders."""

    package_type: Literal["Package", "Pallet", "FloorLoadedContainer"] = Field(
        default="Package", description="How the goods arrive, as ShipBob calls it."
    )
    arrival_days: int = Field(
        default=14, ge=1, le=365, description="Days until arrival where the order's lines state no date in the future."
    )
    on_change: Literal["replace", "review"] = Field(
        default="replace",
        description="A purchase order changed after it was sent. replace: the receiving order is cancelled and made "
        "anew while ShipBob still awaits it. review: a person decides. What has arrived is always for a person.",
    )


class ReceiptSettings(_Part):
    """How what ShipBob stowed is received in NetSuite."""

    without_order: Literal["hold", "adjust"] = Field(
        default="hold",
        description="A receiving order without a purchase order. adjust: book it as an inventory adjustment.",
    )
    overage: Literal["hold", "adjust"] = Field(
        default="hold", description="Units beyond what the purchase order has open. adjust: as an inventory adjustment."
    )


class AdjustmentSettings(_Part):
    """Where inventory adjustments are booked. Needed only where something is set to adjust."""

    account: Id | None = Field(default=None, description="Internal id of the adjustment account.")
    subsidiary: Id | None = Field(default=None, description="Internal id of the subsidiary, in OneWorld accounts.")


class CountSettings(_Part):
    """What happens when ShipBob counts again and finds more or less."""

    mode: Literal["off", "adjust"] = Field(
        default="off", description="adjust: each count difference becomes one inventory adjustment."
    )


class ShipmentSettings(_Part):
    """How ShipBob shipments are written to NetSuite."""

    mode: Literal["fulfilment", "so_custom_fields"] = Field(
        default="fulfilment",
        description="fulfilment: an item fulfilment with packages. so_custom_fields: carrier, tracking and status in "
        "fields of the sales order, for accounts that forbid posting fulfilments.",
    )
    ship_on: tuple[Literal["Completed", "LabeledCreated"], ...] = Field(
        default=("Completed",), min_length=1, description="ShipBob shipment statuses that count as shipped."
    )
    order_name: Literal["reference_id", "order_number"] = Field(
        default="reference_id", description="Which member of a ShipBob order names the sales order."
    )
    order_prefix: str = Field(
        default="", max_length=20, description="What that member begins with before the name; others are left alone."
    )
    order_key: Literal["tranid", "externalid", "otherrefnum"] = Field(
        default="tranid", description="The sales order's own field that the name is looked for in."
    )
    channels: tuple[int, ...] = Field(
        default=(), description="ShipBob channels whose orders are in NetSuite; empty: all of the account."
    )
    unknown_order: Literal["hold", "ignore"] = Field(
        default="hold", description="A shipment whose sales order is not found: hold it until it is, or leave it alone."
    )
    ship_method: Id | None = Field(
        default=None, description="Internal id of a ship item without carrier integration, set on every fulfilment."
    )
    inventory_location: bool = Field(
        default=False, description="true where Intercompany Cross-Subsidiary Fulfillment is on: names the location."
    )
    status_field: CustomField | None = Field(
        default=None, description="Field of the fulfilment (or sales order) for the delivery status."
    )
    carrier_field: CustomField | None = Field(
        default=None, description="Field of the sales order for the carrier, mode so_custom_fields."
    )
    tracking_field: CustomField | None = Field(
        default=None, description="Field of the sales order for tracking numbers, mode so_custom_fields."
    )

    @model_validator(mode="after")
    def _fields(self) -> ShipmentSettings:
        if self.mode == "so_custom_fields" and not self.tracking_field:
            raise ValueError("mode so_custom_fields needs tracking_field, a custbody_ field of the sales order")
        return self


class ReturnSettings(_Part):
    """How completed returns are written to NetSuite."""

    mode: Literal["authorization", "adjustment", "off"] = Field(
        default="authorization",
        description="authorization: return authorization and item receipt. adjustment: stock alone. off: nothing.",
    )
    not_found: Literal["hold", "adjust"] = Field(
        default="hold", description="A return whose sales order is not found. adjust: restock as an adjustment."
    )
    quarantine_location: Id | None = Field(
        default=None, description="Location for quarantined units. Empty: they are not received."
    )


class ChargeSettings(_Part):
    """How ShipBob's invoices become vendor bills."""

    enabled: bool = Field(default=True, description="False: invoices are not read.")
    vendor: Id = Field(description="Internal id of the vendor ShipBob.")
    subsidiary: Id | None = Field(default=None, description="Internal id of the subsidiary, in OneWorld accounts.")
    location: Id | None = Field(default=None, description="Location of every line, where the account demands one.")
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$", description="Currency of the vendor's bills.")
    tolerance: Decimal = Field(
        default=Decimal("1.00"), ge=0, description="Largest difference between fee rows and invoice that is booked."
    )
    rounding_account: Id = Field(description="Account for that difference.")
    tax_account: Id | None = Field(default=None, description="Account for taxes on fees. Empty: the fee's own account.")
    approved: bool = Field(default=False, description="false: bills wait for approval. true: they are approved.")
    days_back: int = Field(default=35, ge=1, le=365, description="How far back invoices are listed at every poll.")


class OrderSettings(_Part):
    """Sales orders to ShipBob. Off by default: most accounts have another way for them."""

    enabled: bool = Field(default=False, description="true: open sales orders of mapped locations are sent to ShipBob.")
    reference_prefix: str = Field(
        default="NS-",
        pattern=r"^[A-Za-z0-9-]{1,12}$",
        description="Begins the reference_id at ShipBob, before the order's number. Cannot be changed once applied.",
    )


class Settings(_Part):
    """The rules of the flows."""

    purchase_orders: PurchaseOrderSettings = PurchaseOrderSettings()
    receipts: ReceiptSettings = ReceiptSettings()
    adjustments: AdjustmentSettings = AdjustmentSettings()
    counts: CountSettings = CountSettings()
    shipments: ShipmentSettings = ShipmentSettings()
    returns: ReturnSettings = ReturnSettings()
    charges: ChargeSettings
    orders: OrderSettings = OrderSettings()

    @model_validator(mode="after")
    def _account_for_adjustments(self) -> Settings:
        wants = {
            "receipts.without_order": self.receipts.without_order == "adjust",
            "receipts.overage": self.receipts.overage == "adjust",
            "counts.mode": self.counts.mode == "adjust",
            "returns.mode": self.returns.mode == "adjustment",
            "returns.not_found": self.returns.not_found == "adjust",
        }
        names = ", ".join(name for name, wanted in wants.items() if wanted)
        if names and not self.adjustments.account:
            raise ValueError(f"adjustments.account is needed for {names}")
        return self

    @model_validator(mode="after")
    def _own_orders_are_recognised(self) -> Settings:
        shipments = self.shipments
        ours = (shipments.order_name, shipments.order_prefix, shipments.order_key)
        if self.orders.enabled and ours != ("reference_id", self.orders.reference_prefix, "tranid"):
            raise ValueError(
                "orders.enabled: shipments must then be found by reference_id, tranid and the same prefix: set "
                f"shipments.order_prefix to {self.orders.reference_prefix!r}"
            )
        return self


class Centre(_Part):
    """Where a NetSuite location is at ShipBob."""

    location_id: int = Field(description="ShipBob fulfilment centre id.")


class Fee(_Part):
    """Where a ShipBob fee is booked."""

    account: Id = Field(description="Internal id of the account.")


class MappingTables(_Part):
    """What one side's words mean on the other. A missing key holds the record until it is added."""

    locations: Mapping[Id, Centre] = Field(description="NetSuite location (internal id) -> ShipBob fulfilment centre.")
    fees: Mapping[str, Fee] = Field(description="ShipBob fee type -> account.")
    units_of_measure: Mapping[Id, Literal["piece"]] = Field(
        default_factory=dict,
        description='Unit of measure of order lines (internal id) -> "piece", for units that are one piece. Lines in '
        "other units are held.",
    )
    ship_methods: Mapping[str, str] = Field(
        default_factory=dict,
        description='Ship method of a sales order (internal id; "" for none) -> ShipBob shipping method. For orders.',
    )

    @model_validator(mode="after")
    def _one_location_a_centre(self) -> MappingTables:
        names: dict[int, list[str]] = {}
        for name, centre in self.locations.items():
            names.setdefault(centre.location_id, []).append(name)
        for centre_id, sharing in names.items():
            if len(sharing) > 1:
                raise ValueError(
                    f"locations {', '.join(sorted(sharing))} share location_id {centre_id}: what arrives there could "
                    "not be booked for sure. Map one of them"
                )
        return self


class NetSuiteShipBob(ConnectionDocument):
    """A connection of the pair netsuite_shipbob."""

    fixed: ClassVar[Mapping[str, str]] = {
        "systems.netsuite.account_id": "records are known by their ids in that account",
        "settings.orders.reference_prefix": "orders are known at ShipBob by it, and would be sent a second time",
    }

    pair: Literal["netsuite_shipbob"]
    systems: Systems
    settings: Settings
    tables: MappingTables

    def clashes(self, other: ConnectionDocument) -> Sequence[str]:
        """Why this connection and another one would move the same things."""
        return clashes(self, other) if isinstance(other, NetSuiteShipBob) else ()

    def location_of(self, centre_id: int | None) -> str | None:
        """The NetSuite location of a fulfilment centre; None where none is mapped."""
        places = self.tables.locations.items()
        return next((name for name, centre in places if centre.location_id == centre_id), None)
