"""How a connection reaches its Dynamics GP company. Credentials are not here: they live in the secret store.

What an address offers is told by its path (facts from the product's documentation and real clients):

    /DynamicsGPWebServices[/DynamicsGPService.asmx]    SOAP, legacy endpoint: everything
    /Dynamics/GPService                                native endpoint: refused, it needs Windows message security
    /GPService[/Tenants(..)/Companies(..)]             SBA: a few reads; no sales documents at all
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connector.instants import is_zone
from vendors.addresses import Account


class Kind(StrEnum):
    """Which interface an address belongs to."""

    SOAP = "soap"
    SBA = "sba"


SERVICE = "/DynamicsGPService.asmx"


def kind_of(url: str) -> Kind:
    """The interface of an address, by its path whatever the letter case. Raises ValueError for the native endpoint."""
    path = urlsplit(url).path.casefold().rstrip("/")
    if "/dynamicsgpwebservices" in path:
        return Kind.SOAP
    if path.endswith("/dynamics/gpservice") or "/dynamics/gpservice/" in path:
        raise ValueError(
            "this is the native endpoint, which needs Windows message security; give the legacy one, "
            "https://HOST:PORT/DynamicsGPWebServices"
        )
    if path.endswith("/gpservice") or "/gpservice/tenants(" in path:
        return Kind.SBA
    raise ValueError(
        f"{url!r} is no address of Dynamics GP that is known: SOAP ends in /DynamicsGPWebServices "
        "(or /DynamicsGPWebServices/DynamicsGPService.asmx), SBA in /GPService/Tenants(TENANT)/Companies(COMPANY)"
    )


def checked_url(text: str) -> str:
    """The full endpoint address. Always https, also on this machine: the certificate is checked on every call.

    Raises ValueError.
    """
    parts = urlsplit(text.strip())
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError(f"{text!r} is not a web address such as https://gp.example.com:48620/DynamicsGPWebServices")
    if parts.scheme == "http":
        raise ValueError(
            f"{text!r} must use https. Dynamics GP's own default is http: have https switched on for the service "
            "(docs/setup-dynamics-gp.md)"
        )
    if parts.username or parts.password:
        raise ValueError("the address must not hold a user name or password; credentials belong into the secret store")
    if parts.query or parts.fragment:
        raise ValueError(f"{text!r} must not hold a query or a fragment")
    url = parts.geturl().rstrip("/")
    if kind_of(url) is Kind.SOAP and not parts.path.casefold().rstrip("/").endswith(".asmx"):
        return url + SERVICE
    return url


def checked_sba_url(text: str) -> str:
    """An address of SBA. Raises ValueError."""
    url = checked_url(text)
    if kind_of(url) is not Kind.SBA:
        raise ValueError("sba_url is for the address of SBA, which ends in /GPService/Tenants(..)/Companies(..)")
    return url


def checked_zone(name: str) -> str:
    """An IANA time zone name. Raises ValueError."""
    if not is_zone(name):
        raise ValueError(f"{name!r} is not a time zone such as America/Chicago")
    return name


Url = Annotated[str, AfterValidator(checked_url)]
SbaUrl = Annotated[str, AfterValidator(checked_sba_url)]
Zone = Annotated[str, AfterValidator(checked_zone)]


class DynamicsGpSystem(BaseModel):
    """The `dynamics_gp` part of a connection document."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    url: Url = Field(
        description="Full address of the endpoint, https. SOAP (everything): "
        "https://HOST:48620/DynamicsGPWebServices/DynamicsGPService.asmx. SBA (a few reads, no sales documents): "
        "https://HOST/GPService/Tenants(DefaultTenant)/Companies(NAME)."
    )
    sba_url: SbaUrl | None = Field(
        default=None, description="Address of SBA beside a SOAP url; used by the doctor alone."
    )
    sba_auth: Literal["ntlm", "basic"] = Field(
        default="ntlm",
        description="How SBA is signed in to. basic sends the password with every request; choose it knowingly.",
    )
    company_id: int = Field(
        description="Id of the GP company (the sample company has -1). `ml-connector doctor` lists what the account "
        "may see."
    )
    tenant: str | None = Field(
        default=None, max_length=100, description="Tenant name; only for installations with several tenants."
    )
    role: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Id of the security role whose policies are used. Empty: the account's only role, else GP's "
        "default.",
    )
    culture: str = Field(default="en-US", pattern=r"^[a-z]{2}-[A-Z]{2}$", description="Language of GP's texts.")
    time_zone: Zone = Field(
        description="Time zone of the company (IANA name): the day of an order or shipment is a date there."
    )
    channel_binding: bool = Field(
        default=True,
        description="Tie the sign-in to the server's certificate (Extended Protection). false only where another "
        "device than the GP server ends TLS.",
    )
    account: Account | None = Field(
        default=None,
        description="Connections to the same GP server name the same account here, because they share its strength. "
        "Default: the connection's own name.",
    )
    per_minute: int = Field(
        default=120, ge=10, le=10_000, description="Most calls a minute. GP has no limit of its own; SQL Server has."
    )
    concurrency: int = Field(
        default=2, ge=1, le=8, description="Pieces of work at the same time; 1 or 2 are kind to one Windows service."
    )
    timeout_seconds: float = Field(default=60.0, gt=0, le=110, description="Patience for one answer, in seconds.")
    list_timeout_seconds: float = Field(
        default=110.0, gt=0, le=180, description="Patience for a list, which GP reads without an index, in seconds."
    )
    largest_request: int = Field(
        default=1_000_000,
        ge=20_000,
        le=10_000_000,
        description="Most bytes of one request. A larger document is held, not sent; a Windows service has such a "
        "bound too and its answer to more is unclear.",
    )
    terse: bool = Field(
        default=False,
        description="true: leave out empty elements that the schema wants (GP takes both); for a small request bound.",
    )

    @model_validator(mode="after")
    def _one_sba(self) -> DynamicsGpSystem:
        if self.sba_url is not None and self.kind is Kind.SBA:
            raise ValueError("sba_url: url is an SBA address already; give the SOAP address as url")
        return self

    @property
    def kind(self) -> Kind:
        """What the main address offers."""
        return kind_of(self.url)

    @property
    def zone(self) -> ZoneInfo:
        """The company's time zone."""
        return ZoneInfo(self.time_zone)
