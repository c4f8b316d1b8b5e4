"""How a connection reaches its NetSuite account. Credentials are not here: they live in the secret store."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from connector.instants import is_zone
from vendors.addresses import Account, address_parts, require_https

TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 - a path
_ACCOUNT = re.compile(r"[A-Za-z0-9]+([_-][A-Za-z0-9]+)?", re.ASCII)


def checked_account(text: str) -> str:
    """The account id in its canonical spelling: `1234567_SB1`. Raises ValueError.

    Checked before an address is made of it: an id such as `x.evil.example/` would send the signed assertion elsewhere.
    """
    tidy = text.strip()
    if not _ACCOUNT.fullmatch(tidy):
        raise ValueError(f"{text!r} is no account id; it looks like 1234567 or 1234567_SB1 (Setup > Company)")
    return tidy.upper().replace("-", "_")


def checked_url(text: str) -> str:
    """Scheme and host without a path; https, or plain http on this machine. Raises ValueError."""
    parts = address_parts(text, "https://1234567.suitetalk.api.netsuite.com")
    if parts.query or parts.fragment or parts.path.strip("/"):
        raise ValueError(f"{text!r} must hold scheme and host alone; /services/rest is added by the connector")
    require_https(text, parts)
    return parts.geturl().rstrip("/")


def checked_zone(text: str) -> str:
    """An IANA zone name that this machine knows. Raises ValueError."""
    if not is_zone(text):
        raise ValueError(f"{text!r} is no time zone such as America/Los_Angeles")
    return text


Url = Annotated[str, AfterValidator(checked_url)]
AccountId = Annotated[str, AfterValidator(checked_account)]
Zone = Annotated[str, AfterValidator(checked_zone)]


class NetSuiteSystem(BaseModel):
    """The `netsuite` part of a connection document."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    account_id: AccountId = Field(
        description="Account id as Setup > Company > Company Information shows it, e.g. 1234567 or 1234567_SB1."
    )
    time_zone: Zone = Field(
        description="The company's time zone, an IANA name. Dates of receipts, fulfilments and bills are days there."
    )
    base_url: Url | None = Field(
        default=None,
        description="Scheme and host of the API. Empty: the account's own, https://<account>.suitetalk.api.netsuite.com.",
    )
    algorithm: Literal["PS256", "ES256"] = Field(
        default="PS256", description="How sign-in is signed: PS256 with an RSA key, ES256 with an EC key (P-256)."
    )
    concurrency: int = Field(
        default=2,
        ge=1,
        le=50,
        description="Most pieces of work that talk to the account at the same time. The account's limit (5 and more) "
        "is shared with every other integration.",
    )
    account: Account | None = Field(
        default=None,
        description="Names the shared limit. Default: the account id, so that all connections of an account share it.",
    )
    timeout_seconds: float = Field(default=45.0, gt=0, le=120, description="Patience for one answer, in seconds.")
    write_timeout_seconds: float = Field(
        default=90.0,
        gt=0,
        le=120,
        description="Patience for the answer of a write: scripts and workflows of the account run in it.",
    )

    @property
    def host(self) -> str:
        """Root of every address, without a closing slash."""
        return self.base_url or f"https://{self.host_account}.suitetalk.api.netsuite.com"

    @property
    def host_account(self) -> str:
        """The account id as host names spell it: `1234567-sb1`."""
        return self.account_id.lower().replace("_", "-")

    @property
    def token_url(self) -> str:
        """Where tokens come from; also the audience of the assertion."""
        return f"{self.host}{TOKEN_PATH}"

    @property
    def zone(self) -> ZoneInfo:
        """The company's zone."""
        return ZoneInfo(self.time_zone)
