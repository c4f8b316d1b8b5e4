"""The `acumatica` part of a connection document."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from connector.instants import is_zone

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
FIRST_CONTRACT_5 = "26.200.001"
NEWEST_KNOWN = "25.200.001"

_UI_SEGMENT = re.compile(
    r"^(\(w\(\d+\)\)|main(\.aspx)?|frames|pages|scripts|ui|entity|identity|odata|soap)$", re.IGNORECASE | re.ASCII
)
_VERSION = re.compile(r"^\d{2}\.\d{3}\.\d{3}$", re.ASCII)


def instance_url(text: str) -> str:
    """The instance root of an address as people copy it from the browser. Raises ValueError.

    `https://erp.example.com/Erp/(W(10))/Main?ScreenId=SO301000` becomes `https://erp.example.com/Erp`. Plain http is
    accepted for this machine only: tokens and orders must not travel in the clear.
    """
    parts = urlsplit(text.strip())
    host = (parts.hostname or "").lower()
    if not host or parts.username is not None or parts.password is not None:
        raise ValueError("base_url must be the site's address without a user name, such as https://erp.example.com/Erp")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise ValueError("base_url must begin with https:// (http:// is accepted for 127.0.0.1 only)")
    kept: list[str] = []
    for segment in parts.path.split("/"):
        if _UI_SEGMENT.match(segment):
            break
        if segment:
            kept.append(segment)
    return "/".join([f"{parts.scheme}://{parts.netloc.lower()}", *kept])


class AcumaticaSystem(BaseModel):
    """One Acumatica tenant and how to talk to it. Credentials are in the secret `<connection>/acumatica`, not here."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    base_url: str = Field(
        description="Address of the Acumatica site, with its virtual directory if it has one: "
        "https://erp.example.com/Erp. Paths of the user interface (/Main, /(W(1))/...) are cut off."
    )
    endpoint: str = Field(
        default="Default", min_length=1, pattern=r"^[A-Za-z0-9_.-]+$",
        description="Name of the web service endpoint (form SM207060), case-sensitive: Default, or an extension of it.",
    )
    endpoint_version: str = Field(
        default=NEWEST_KNOWN, min_length=1, pattern=r"^[A-Za-z0-9_.-]+$",
        description="Version of the endpoint, pinned: one of those that GET <base_url>/entity lists. Never raised "
        "automatically, because 26.200.001 and later speak another dialect (contract 5).",
    )
    tenant: str = Field(
        min_length=1,
        description="Login name of the tenant (company). With OAuth it equals the part of the client id after the @.",
    )
    branch: str | None = Field(
        default=None, min_length=1, pattern=r"^[\x20-\x7e]+$",
        description="Branch to work in; sent as PX-CbApiBranch. Empty: the API user's default branch.",
    )
    auth: Literal["authorization_code", "password", "cookie"] = Field(
        default="authorization_code",
        description="How to sign in: authorization_code (a person consents once, the refresh token is kept; choose "
        "Sliding with an infinite absolute lifetime on form SM303010, else consent must be repeated), password (OAuth "
        "with a dedicated API user), cookie (legacy login, announced for removal by the vendor).",
    )
    scope: str = Field(
        default="api offline_access",
        description="OAuth scopes. offline_access keeps one session over all refreshes and is required with "
        "authorization_code. Refresh tokens may rotate: the newest one is stored before it is used.",
    )
    time_zone: str = Field(
        description="IANA name of the business time zone (America/New_York). Decides the day of date-only fields.",
    )
    weight_unit: Literal["LB", "OZ", "KG", "G"] = Field(
        default="LB",
        description="The company's weight unit (form CS100000), used where an item's own weight unit is not returned.",
    )
    per_minute: int | None = Field(
        default=None, ge=2,
        description="Licensed web service API requests per minute (form SM604000). Empty: unknown, the client adapts "
        "to what the site accepts. From half of this number on the site delays requests. Connections that share one "
        "site share its licence: divide the number among them.",
    )
    sessions: int = Field(
        default=1, ge=1,
        description="API sessions this connection may use at once. One token is one session, and a session answers one "
        "request after the other, so 1 is right unless the vendor told you otherwise.",
    )
    timeout_seconds: float = Field(
        default=110.0, ge=5.0, le=600.0,
        description="Patience for one answer. A loaded site keeps requests waiting; a time-out leaves a write unknown.",
    )
    cookie_idle_minutes: int = Field(
        default=20, ge=7, le=480, description="Idle time after which the site ends a cookie session (auth cookie only)."
    )

    @field_validator("base_url")
    @classmethod
    def _root(cls, value: str) -> str:
        return instance_url(value)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if not is_zone(value):
            raise ValueError(f"time_zone {value!r} is not an IANA time zone such as America/New_York")
        return value

    @model_validator(mode="after")
    def _supported(self) -> AcumaticaSystem:
        if self.endpoint == "Default":
            if not _VERSION.match(self.endpoint_version):
                raise ValueError(f"endpoint_version {self.endpoint_version!r} must look like {NEWEST_KNOWN}")
            if self.endpoint_version >= FIRST_CONTRACT_5:
                raise ValueError(
                    f"endpoint_version {self.endpoint_version} speaks contract 5, which this connector does not; "
                    f"pin {NEWEST_KNOWN} or an older one that the site still serves"
                )
        scopes = self.scope.split()
        if self.auth != "cookie" and "api" not in scopes:
            raise ValueError("scope must contain api")
        if "api:concurrent_access" in scopes:
            raise ValueError("scope api:concurrent_access opens a session with every call; use api offline_access")
        if self.auth == "authorization_code" and "offline_access" not in scopes:
            raise ValueError("scope must contain offline_access: without it a person has to consent every hour")
        return self

    @cached_property
    def zone(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def origin(self) -> str:
        """Scheme and host: what the host-relative links of the vendor's answers are resolved against."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def entity_url(self) -> str:
        """The root of every entity call: `{instance}/entity/{endpoint}/{version}`."""
        return f"{self.base_url}/entity/{self.endpoint}/{self.endpoint_version}"

    @property
    def contract(self) -> str:
        """The Default version whose fields apply; a custom endpoint counts as an extension of the newest known one."""
        return self.endpoint_version if self.endpoint == "Default" else NEWEST_KNOWN
