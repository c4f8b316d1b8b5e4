"""What a connection of this pair can set: two systems, the rules of the flows, and the mapping tables."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from connector.connection import ConnectionDocument
from vendors.dynamics_gp.limits import LIMITS
from vendors.dynamics_gp.settings import DynamicsGpSystem
from vendors.shipbob.settings import ShipBobSystem


def _key(kind: str) -> StringConstraints:
    """A key of GP: blanks around it say nothing, GP's columns are padded with them."""
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=LIMITS[kind])


CustomerId = Annotated[str, _key("customer")]
SiteId = Annotated[str, _key("site")]
ItemId = Annotated[str, _key("item")]
BatchId = Annotated[str, _key("batch")]
DocumentTypeId = Annotated[str, _key("document type id")]
MethodId = Annotated[str, _key("shipping method")]
UnitId = Annotated[str, _key("unit of measure")]
PriceLevelId = Annotated[str, _key("price level")]
Prefix = Annotated[str, Field(pattern=r"^[A-Z]{1,5}$")]
Cut = Literal[
    "customer name", "ship-to name", "contact person", "address line", "city", "state", "postal code", "phone"
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Systems(_Part):
    """The two accounts."""

    dynamics_gp: DynamicsGpSystem
    shipbob: ShipBobSystem


class OrderSettings(_Part):
    """How ShipBob orders become GP sales orders."""

    prefix: Prefix = Field(
        default="SB",
        description="Begins the number of every order: PREFIX and ShipBob's order id, at most 17 characters. The PO "
        "number is the same with a dash. Cannot be changed once applied.",
    )
    numbers: Literal["ours", "gp"] = Field(
        default="ours",
        description="ours: the number above. gp: GP gives the next number and the order is known by its PO number "
        "alone, for document ids that do not allow other numbers. Cannot be changed once applied.",
    )
    document_type: DocumentTypeId = Field(default="STDORD", description="GP document id of the orders.")
    batch: BatchId = Field(default="SHIPBOB", description="Batch that the orders are saved in.")
    currency: str = Field(
        default="USD", pattern=r"^[A-Z]{3}$", description="Currency of the orders; ShipBob's amounts are US dollars."
    )
    prices: Literal["shipbob", "gp"] = Field(
        default="shipbob",
        description="shipbob: unit prices are sent, and compared with what GP made of them. gp: GP's price lists "
        "decide and nothing is compared.",
    )
    price_difference: Literal["review", "note"] = Field(
        default="review",
        description="What follows when GP holds another price than was sent. review: the record is held. note: it is "
        "done, with a note.",
    )
    freight: Literal["none", "rest"] = Field(
        default="none",
        description="rest: what the order's total exceeds its lines by is sent as freight. ShipBob does not tell "
        "freight from tax.",
    )
    ignore_channels: tuple[int, ...] = Field(
        default=(), description="ShipBob channels whose orders and returns do not belong into GP."
    )
    default_site: SiteId | None = Field(
        default=None,
        description="Site of an order whose fulfilment centre is not known yet. Empty: such an order waits.",
    )
    shorten: tuple[Cut, ...] = Field(
        default=(),
        description="Texts that may be shortened to what GP keeps, each time with a note. Others that are too long "
        "hold the order, because GP would cut them without a word.",
    )


class ShipmentSettings(_Part):
    """How ShipBob shipments are written to the GP order."""

    ship_on: tuple[Literal["Completed", "LabeledCreated"], ...] = Field(
        default=("Completed",), min_length=1, description="ShipBob shipment statuses that count as shipped."
    )
    fulfil: bool = Field(
        default=True, description="Write the fulfilled quantity. false: tracking numbers and ship date alone."
    )
    allocation_wait_hours: int = Field(
        default=24,
        ge=0,
        le=720,
        description="Hours to wait for GP's allocation of a shipped line before the record is held. Looked at hourly.",
    )
    draft: Literal["none", "invoice", "fulfillment_order"] = Field(
        default="none",
        description="Also save an unposted invoice or fulfilment order for each shipment. Off by default: GP may "
        "allocate the stock a second time.",
    )
    draft_document_type: DocumentTypeId | None = Field(default=None, description="GP document id of the drafts.")
    draft_batch: BatchId = Field(default="SBSHIP", description="Batch that the drafts are saved in.")

    @model_validator(mode="after")
    def _typed(self) -> ShipmentSettings:
        if self.draft != "none" and self.draft_document_type is None:
            raise ValueError("draft_document_type: needed for drafts, e.g. STDINV")
        return self


class StockSettings(_Part):
    """What is done about stock that differs."""

    tolerance: Decimal = Field(
        default=Decimal(0), ge=0, description="Differences of at most this many units are left alone."
    )
    second_look_minutes: float = Field(
        default=10.0,
        ge=0.01,
        le=1440,
        description="A difference counts only if it is still the same after this many minutes.",
    )
    inbound: Literal["report", "draft", "receiving_order"] = Field(
        default="report",
        description="What a posted GP transfer into a site at ShipBob becomes. report: nothing is announced. draft: a "
        "receiving order is prepared and made when a person replays the record. receiving_order: made at once.",
    )
    arrival_days: int = Field(
        default=7, ge=1, le=180, description="Days from now that a receiving order announces the goods for."
    )
    package: Literal["Package", "Pallet", "FloorLoadedContainer"] = Field(
        default="Package", description="How announced goods come."
    )


class ReturnSettings(_Part):
    """How ShipBob returns become GP documents."""

    document: Literal["sales_return", "adjustment"] = Field(
        default="sales_return",
        description="sales_return: a return with its quantities split by what ShipBob did. adjustment: a positive "
        "inventory adjustment of what was restocked.",
    )
    return_prefix: Prefix = Field(default="SBR", description="Begins the number of a return. Cannot be changed.")
    adjustment_prefix: Prefix = Field(default="SBA", description="Begins an adjustment's number. Cannot be changed.")
    document_type: DocumentTypeId = Field(default="RTN", description="GP document id of the returns.")
    batch: BatchId = Field(default="SBRETURNS", description="Batch that the documents are saved in.")
    dispositions: Mapping[str, Literal["on_hand", "returned", "in_use", "in_service", "damaged"]] = Field(
        default={"Restock": "on_hand", "Quarantine": "returned", "Dispose": "damaged"},
        description="ShipBob's action -> GP quantity type.",
    )


class Settings(_Part):
    """The rules of the flows."""

    orders: OrderSettings = OrderSettings()
    shipments: ShipmentSettings = ShipmentSettings()
    stock: StockSettings = StockSettings()
    returns: ReturnSettings = ReturnSettings()


class Channel(_Part):
    """Who a ShipBob channel sells for."""

    customer: CustomerId = Field(description="GP customer of the channel's orders.")
    document_type: DocumentTypeId | None = Field(default=None, description="GP document id, where it differs.")
    price_level: PriceLevelId | None = Field(
        default=None, description="GP price level, where it differs."
    )


class ItemRow(_Part):
    """A ShipBob product in GP."""

    item: ItemId = Field(description="Number of the item in GP.")
    unit: UnitId = Field(description="GP unit of measure of the lines, e.g. Each.")
    units: Decimal = Field(default=Decimal(1), gt=0, description="ShipBob units in one such unit of measure.")
    pieces: int = Field(
        default=1, ge=1, description="Inventory units that ShipBob ships for one: of a bundle the sum of its parts."
    )
    compare: bool = Field(default=True, description="False: its stock is not compared.")


class MappingTables(_Part):
    """What one side's words mean on the other. A missing key holds the record until it is added."""

    channels: Mapping[str, Channel] = Field(
        description='ShipBob channel id -> GP customer. "433700|B2B" is for one order type of the channel.'
    )
    sites: Mapping[str, SiteId] = Field(description="ShipBob fulfilment centre id -> GP site.")
    items: Mapping[str, ItemRow] = Field(
        description="ShipBob SKU, exactly as ShipBob has it -> GP item and unit of measure."
    )
    methods: Mapping[str, MethodId] = Field(
        description='Shipping method of the ShipBob order -> GP shipping method. "" is for orders without one.'
    )
    carriers: Mapping[str, MethodId] = Field(
        default={},
        description='ShipBob carrier, "carrier|service" or "*" -> GP shipping method that a shipped order gets. Empty: '
        "the order's method stays.",
    )


class DynamicsGpShipBob(ConnectionDocument):
    """A connection of the pair dynamicsgp_shipbob."""

    fixed: ClassVar[Mapping[str, str]] = {
        "settings.orders.prefix": "orders are known in GP by it, and would be entered a second time",
        "settings.orders.numbers": "orders are found in GP by it, and would be entered a second time",
        "settings.returns.return_prefix": "returns are known in GP by it, and would be entered a second time",
        "settings.returns.adjustment_prefix": "adjustments are known in GP by it, and would be entered a second time",
    }

    pair: Literal["dynamicsgp_shipbob"]
    systems: Systems
    settings: Settings = Settings()
    tables: MappingTables

    @model_validator(mode="after")
    def _prefixes_differ(self) -> DynamicsGpShipBob:
        returns = self.settings.returns
        prefixes = [self.settings.orders.prefix, returns.return_prefix, returns.adjustment_prefix]
        if len(set(prefixes)) < len(prefixes):
            raise ValueError("settings: orders.prefix, returns.return_prefix and returns.adjustment_prefix must differ")
        return self
