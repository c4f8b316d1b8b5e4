"""How a connection reaches its UPS account. Credentials are not here: they live in the secret store."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from vendors.addresses import Account, checked_address
from vendors.ups.codec.places import OWN_COUNTRIES, phone_form, postal_form
from vendors.ups.codec.sheet import Sheet
from vendors.ups.codec.text import LINE, LINES, printable

PRODUCTION = "https://onlinetools.ups.com"
TEST = "https://wwwcie.ups.com"


def checked_url(text: str) -> str:
    """Scheme and host without a closing slash or `/api`; https, or plain http on this machine. Raises ValueError."""
    # The token endpoint is not below /api: the root is what both have in common.
    return re.sub(r"/api$", "", checked_address(text, PRODUCTION))


def checked_account(value: object) -> object:
    """The account number in capital letters. A number that a file reader made of it has lost its zeros: ValueError."""
    if isinstance(value, int | float):
        raise ValueError("write the account number in quotes: 012345 and 1E2345 must not become numbers")
    if isinstance(value, str):
        tidy = value.strip().upper()
        if not re.fullmatch(r"[0-9A-Z]{6}", tidy, re.ASCII):
            raise ValueError("a UPS account number has 6 letters or digits")
        return tidy
    return value


Url = Annotated[str, AfterValidator(checked_url)]
AccountNumber = Annotated[str, BeforeValidator(checked_account)]
Version = Annotated[str, Field(pattern=r"^v\d{1,4}$")]
SubVersion = Annotated[str, Field(pattern=r"^\d{4}$")]


class Shipper(BaseModel):
    """Who ships, as it is printed on every label. The address is where the parcels are picked up, unless a shipment
    names a place of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: str = Field(min_length=1, max_length=LINE, description="Company name; the first 30 characters are printed.")
    attention: str = Field(
        min_length=1, max_length=LINE, description="Contact; UPS requires one for shipments to another country."
    )
    phone: str = Field(description="Phone; US, PR, CA and VI: ten digits, elsewhere with the country code first.")
    email: str | None = Field(default=None, min_length=3, max_length=50, description="E-mail address, if any.")
    address: tuple[str, ...] = Field(
        min_length=1, max_length=LINES, description="One to three lines of at most 35 characters; the first is printed."
    )
    city: str = Field(min_length=1, max_length=30, description="City; the first 15 characters are printed.")
    state: str = Field(default="", max_length=5, description="State or province code; needed in US, CA and VN.")
    postal_code: str = Field(default="", description="Postal code.")
    country: str = Field(pattern=r"^[A-Z]{2}$", description="Two letters. Puerto Rico is PR, not a state of the US.")

    @model_validator(mode="after")
    def _fits(self) -> Shipper:
        sheet = Sheet()
        texts = {"name": self.name, "attention": self.attention, "city": self.city}
        texts |= {f"address line {number}": line for number, line in enumerate(self.address, start=1)}
        for name, text in texts.items():
            if printable(text, name, sheet) != text:
                sheet.problem(name, "holds characters that a label cannot print; write it in plain Latin letters")
        if any(not 1 <= len(line) <= LINE for line in self.address):
            sheet.problem("address", f"every line needs 1 to {LINE} characters")
        if self.country == "US" and self.state.upper() in OWN_COUNTRIES:
            sheet.problem("country", f"must be {self.state.upper()}, which UPS treats as a country of its own")
        if self.country in ("US", "CA", "VN") and not self.state:
            sheet.problem("state", "is needed in this country")
        postal_form(self.postal_code, self.country, "postal_code", sheet)
        if phone_form(self.phone, self.country) is None:
            sheet.problem("phone", "is no number that UPS takes (US, PR, CA, VI: ten digits)")
        if sheet.problems:
            raise ValueError("; ".join(sheet.problems))
        return self


class UpsSystem(BaseModel):
    """The `ups` part of a connection document."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    account_number: AccountNumber = Field(
        description="The UPS account (shipper number), six letters or digits in quotes. It decides the rates."
    )
    shipper: Shipper = Field(description="Name and address printed as the sender.")
    cie: bool = Field(
        default=False,
        description="true: UPS's test environment. Labels say Sample; address validation answers for NY and CA only.",
    )
    base_url: Url | None = Field(
        default=None,
        description=f"Address of the API without /api. Empty: {PRODUCTION}, with cie {TEST}.",
    )
    ship_version: Version = Field(default="v2409", description="Version of Shipping, part of the path.")
    void_version: Version = Field(default="v2409", description="Version of Void.")
    rate_version: Version = Field(default="v2409", description="Version of Rating.")
    recovery_version: Version = Field(default="v1", description="Version of Label Recovery.")
    address_version: Version = Field(default="v2", description="Version of Address Validation.")
    transit_version: Version = Field(default="v1", description="Version of Time in Transit.")
    ship_subversion: SubVersion = Field(default="2205", description="Sub-version in the body of Shipping (no v).")
    rate_subversion: SubVersion = Field(default="2409", description="Sub-version in the body of Rating (no v).")
    locale: str = Field(
        default="en_US", pattern=r"^[a-z]{2}_[A-Z]{2}$", description="Language of UPS's texts, for people only."
    )
    label_format: Literal["GIF", "ZPL"] = Field(
        default="ZPL", description="Label as ZPL (label printer) or GIF (image). UPS makes no PDF when it ships."
    )
    label_height: Literal["6", "8"] = Field(default="6", description="Height of the label stock in inches; 4 wide.")
    negotiated_rates: bool = Field(
        default=True, description="Ask for the account's own rates. Without it only published rates come back."
    )
    check_city: bool = Field(
        default=False, description="true: UPS also refuses a city that does not fit the postal code (error 120802)."
    )
    weight_unit: Literal["LBS", "KGS"] = Field(default="LBS", description="Must be usual in the shipper's country.")
    dimension_unit: Literal["IN", "CM"] = Field(default="IN", description="IN with LBS, CM with KGS.")
    pickup_type: str = Field(default="01", pattern=r"^\d{2}$", description="How UPS gets the parcels; for rates.")
    international_forms: bool = Field(
        default=True,
        description="true: commercial invoice data travels with the label, and a shipment that lacks it is held. "
        "false: people attach paper forms.",
    )
    track_alert: Literal["off", "v1", "v2"] = Field(
        default="off",
        description="Scans pushed by UPS. v1: with our URL and a credential in the subscription. v2: both are kept in "
        "UPS's portal. off: parcels are polled.",
    )
    track_alert_type: Literal["standard", "enhanced"] = Field(
        default="standard", description="enhanced pushes also carry who received it and the photo."
    )
    account: Account | None = Field(
        default=None,
        description="Connections that use the same UPS app (client id) name the same account here, because they share "
        "its call limits. Default: the connection's own name.",
    )
    per_minute: int = Field(
        default=300,
        ge=10,
        le=10_000,
        description="Most calls a minute. UPS publishes no number: it is halved when UPS declines, then creeps back.",
    )
    token_daily_limit: int = Field(
        default=250,
        ge=10,
        le=10_000,
        description="Token calls a day (UTC) after which no more are made; alarm at 80 %. About 25 are needed.",
    )
    timeout_seconds: float = Field(default=30.0, gt=0, le=120, description="Patience for one answer, in seconds.")
    ship_timeout_seconds: float = Field(
        default=60.0,
        gt=0,
        le=120,
        description="Patience for the answer of a label purchase. Giving up leaves it unknown, so be generous.",
    )
    transaction_source: str = Field(
        default="ml-connector", min_length=1, max_length=512, pattern=r"^[\x20-\x7e]+$",
        description="How this application names itself to UPS (transactionSrc).",
    )

    @model_validator(mode="after")
    def _units(self) -> UpsSystem:
        if (self.weight_unit, self.dimension_unit) not in (("LBS", "IN"), ("KGS", "CM")):
            raise ValueError("dimension_unit must be IN with LBS and CM with KGS")
        return self

    @property
    def host(self) -> str:
        """Root of every address; the token endpoint is below it, all others below `/api`."""
        return self.base_url or (TEST if self.cie else PRODUCTION)
