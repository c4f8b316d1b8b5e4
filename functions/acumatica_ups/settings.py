"""What a connection of this pair can set: two systems, the rules of labels, voids and tracking, the mapping tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connector.connection import ConnectionDocument
from vendors.acumatica.settings import AcumaticaSystem
from vendors.ups.settings import AccountNumber, UpsSystem

ServiceCode = Annotated[str, Field(pattern=r"^[0-9A-Z]{2}$")]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]

FIELD = r"^Attribute[A-Za-z0-9_]+$"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Systems(_Part):
    """The two accounts."""

    acumatica: AcumaticaSystem
    ups: UpsSystem


class LabelSettings(_Part):
    """Which shipments get a label, and what is written back."""

    statuses: tuple[Literal["Open", "Confirmed"], ...] = Field(
        default=("Open",),
        min_length=1,
        description="Acumatica shipment statuses in which the label is bought. Confirmed shipments may refuse tracking "
        "numbers, so Open is right unless your site allows it.",
    )
    hold_minutes: int = Field(
        default=0,
        ge=0,
        le=10_080,
        description="Minutes to wait after the shipment's last change before its label is bought.",
    )
    packages_confirmed: bool = Field(
        default=False,
        description="True: wait until every package is marked Confirmed, so that nothing is bought while goods are "
        "still being packed.",
    )
    find_shipments: Literal["list", "orders"] = Field(
        default="list",
        description="list: changed shipments are listed. orders: through their sales orders, for sites that cannot "
        "list shipments; the doctor says so.",
    )
    box: str | None = Field(
        default=None,
        max_length=15,
        description="Box id (form CS207600) of the package that is written for a shipment without packages, with the "
        "shipment's weight. Empty: such a shipment is held.",
    )
    linear_unit: Literal["IN", "CM", "FT", "M", "MM"] = Field(
        default="IN", description="The company's linear unit (form CS100000), in which packages have their sides."
    )
    currency: str = Field(
        default="USD", pattern=r"^[A-Z]{3}$", description="Currency of declared values and freight costs in Acumatica."
    )
    description: str | None = Field(
        default=None,
        min_length=1,
        max_length=50,
        description="Description of goods for shipments across a border. Empty: that of the first item.",
    )
    declare_value: bool = Field(
        default=True, description="Declare the value that a package has in Acumatica. UPS charges for it."
    )
    attach_labels: bool = Field(
        default=True, description="Attach each label to its package. Allow the file type on form SM202550 (zpl, gif)."
    )
    freight_cost: bool = Field(
        default=False, description="Write what UPS charges as the shipment's freight cost, in the same save."
    )
    plug_in_ship_vias: tuple[str, ...] = Field(
        default=(),
        description="Ship Via codes bound to a carrier plug-in, which must never be used: confirming would buy a "
        "second label. Needed where the site does not show this through the API; the doctor says so.",
    )


class AddressSettings(_Part):
    """Address validation before a label is bought. UPS knows the streets of the US and Puerto Rico."""

    validate_first: bool = Field(default=True, description="Ask UPS whether the address exists and is residential.")
    ambiguous: Literal["hold", "continue"] = Field(
        default="hold", description="What to do with an address that UPS knows several of."
    )
    unknown: Literal["hold", "continue"] = Field(
        default="hold", description="What to do with an address that UPS does not know at all."
    )
    remember_days: int = Field(
        default=90, ge=1, le=365, description="How long an answer counts for the same address, in days."
    )


class CustomsSettings(_Part):
    """The commercial invoice of shipments that cross a customs border."""

    reason: str = Field(default="SALE", pattern=r"^[A-Z ]{1,20}$", description="Reason for export.")
    terms: str | None = Field(default=None, pattern=r"^[A-Z]{3}$", description="Incoterm, such as DAP.")


class VoidSettings(_Part):
    """When a label is voided."""

    when: tuple[Literal["deleted", "on_hold", "package_deleted"], ...] = Field(
        default=("deleted", "on_hold", "package_deleted"),
        description="What happens to the shipment in Acumatica that voids its label: deleted, on_hold, or "
        "package_deleted (then that package alone). An operator may void at any time.",
    )
    tracking: Literal["remove", "mark"] = Field(
        default="remove",
        description="remove: the package loses the number. mark: it keeps it, and reference 2 says that it is void.",
    )
    new_label: Literal["ask", "open"] = Field(
        default="ask",
        description="ask: after a void a new label is bought only by an operator's word. open: also by itself when "
        "the shipment is in one of the label statuses again.",
    )


class ShownFields(_Part):
    """User-defined fields that show how far the parcels are. Without any a block of the note is kept current."""

    status: str | None = Field(default=None, pattern=FIELD, description="Text: tracking numbers and how far they are.")
    delivered_on: str | None = Field(default=None, pattern=FIELD, description="Date: day of the last delivery.")
    received_by: str | None = Field(default=None, pattern=FIELD, description="Text: who received it.")

    @property
    def any(self) -> bool:
        """Whether a field is named."""
        return any((self.status, self.delivered_on, self.received_by))


Shown = Literal["labelled", "in transit", "out for delivery", "ready for pickup", "delivered", "exception", "returned"]


class TrackingSettings(_Part):
    """How the story of a parcel reaches Acumatica."""

    show: tuple[Shown, ...] = Field(
        default=("labelled", "exception", "delivered", "returned"),
        description="Stages at which the texts in Acumatica are brought up to date. Scans in between cost no save and "
        "are in the next text.",
    )
    order: bool = Field(default=True, description="Show it on the sales orders.")
    shipment: bool = Field(default=True, description="Show it on the shipment, from the first stage after labelled.")
    order_fields: ShownFields = Field(default=ShownFields(), description="Fields of the sales order (SO301000).")
    shipment_fields: ShownFields = Field(default=ShownFields(), description="Fields of the shipment (SO302000).")
    signature: bool = Field(
        default=True, description="After a delivery ask UPS once who signed, and attach the signature to the shipment."
    )
    fold_minutes: float = Field(
        default=10.0, ge=0, le=1440, description="Least time between two saves for one shipment, finals excepted."
    )
    push_credentials: Literal["credential", "bearer", "oauth"] = Field(
        default="credential",
        description="What UPS's pushes prove themselves with: credential (Track Alert v1, or v2 with a static "
        "credential in UPS's portal), bearer (v2, a static bearer token) or oauth (v2, UPS fetches a token from us).",
    )


class Settings(_Part):
    """The rules of the flows."""

    labels: LabelSettings = LabelSettings()
    addresses: AddressSettings = AddressSettings()
    customs: CustomsSettings = CustomsSettings()
    voids: VoidSettings = VoidSettings()
    tracking: TrackingSettings = TrackingSettings()


class Service(_Part):
    """The UPS service of a Ship Via, by where the parcel goes."""

    domestic: ServiceCode | None = Field(default=None, description="Within the country, and between US and PR.")
    countries: Mapping[Country, ServiceCode] = Field(
        default_factory=dict, description="To single countries: CA -> 11. Stronger than the other two."
    )
    international: ServiceCode | None = Field(default=None, description="To every other country.")
    choose_from: tuple[ServiceCode, ...] = Field(
        default=(), description="Services of which the cheapest is taken instead. Empty: the service named above."
    )
    within_days: int | None = Field(
        default=None, ge=1, le=30, description="With choose_from: only services of at most so many business days."
    )
    quote: bool = Field(default=False, description="Ask for the price first and note it on the record.")
    signature: Literal["none", "signature", "adult"] = Field(default="none", description="Delivery confirmation.")
    saturday: bool = Field(default=False, description="Saturday delivery, also where the shipment does not ask for it.")

    @model_validator(mode="after")
    def _useful(self) -> Service:
        if not (self.domestic or self.international or self.countries):
            raise ValueError("name a service: domestic, international, or one for a country")
        return self


class Warehouse(_Part):
    """The place that a warehouse ships from, where it is not the shipper's own address."""

    name: str = Field(min_length=1, max_length=35, description="Name at that place.")
    phone: str = Field(default="", description="Phone at that place.")
    address: tuple[str, ...] = Field(min_length=1, max_length=3, description="One to three lines of at most 35.")
    city: str = Field(min_length=1, max_length=30, description="City at that place.")
    state: str = Field(default="", max_length=5, description="State or province code.")
    postal_code: str = Field(default="", description="Postal code at that place.")
    country: Country = Field(description="Two letters; Puerto Rico is PR.")


class PayerRow(_Part):
    """Whose UPS account pays for a customer's shipments."""

    kind: Literal["receiver", "third_party"] = Field(
        default="receiver", description="Who that is: the receiver of the goods, or somebody else."
    )
    account: AccountNumber = Field(description="Their UPS account, six letters or digits in quotes.")
    postal_code: str = Field(min_length=1, description="Postal code of that account.")
    country: Country = Field(default="US", description="Country of that account.")


class MappingTables(_Part):
    """What one side's words mean on the other."""

    services: Mapping[str, Service] = Field(
        description="Acumatica Ship Via -> UPS service. A shipment with another Ship Via is not ours."
    )
    boxes: Mapping[str, Annotated[str, Field(pattern=r"^[0-9][0-9a-z]$")]] = Field(
        default_factory=dict, description="Acumatica box -> UPS packaging code. Others are 02, the customer's own."
    )
    units: Mapping[str, Annotated[str, Field(pattern=r"^[0-9A-Z]{1,3}$")]] = Field(
        default_factory=dict, description="Acumatica unit -> UPS unit code, for customs."
    )
    warehouses: Mapping[str, Warehouse] = Field(
        default_factory=dict, description="Acumatica warehouse -> where it ships from. Others: the shipper's address."
    )
    payers: Mapping[str, PayerRow] = Field(
        default_factory=dict, description="Acumatica customer -> the UPS account that pays instead of the shipper's."
    )
    accepted_addresses: Mapping[str, str] = Field(
        default_factory=dict, description="Keys of addresses that a person has checked -> who and when."
    )


class AcumaticaUps(ConnectionDocument):
    """A connection of the pair acumatica_ups."""

    pair: Literal["acumatica_ups"]
    systems: Systems
    settings: Settings = Settings()
    tables: MappingTables

    @model_validator(mode="after")
    def _possible(self) -> AcumaticaUps:
        if self.settings.tracking.push_credentials == "oauth" and self.systems.ups.track_alert == "v1":
            raise ValueError("settings.tracking.push_credentials: oauth needs systems.ups.track_alert v2")
        return self
