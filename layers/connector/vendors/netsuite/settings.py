"""How a connection reaches its NetSuite account. Credentials are not here: they live in the secret store."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 - a path
_ACCOUNT = re.compile(r"[A-Za-z0-9]+([_-][A-Za-z0-9]+)?", re.ASCII)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


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
    parts = urlsplit(text.strip())
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError(f"{text!r} is not a web address such as https://1234567.suitetalk.api.netsuite.com")
    if parts.username or parts.password:
        raise ValueError("the address must not hold a user name or password; credentials belong into the secret store")
    if parts.query or parts.fragment or parts.path.strip("/"):
        raise ValueError(f"{text!r} must hold scheme and host alone; /services/rest is added by the connector")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError(f"{text!r} must use https; plain http is allowed only for this machine (127.0.0.1, localhost)")
    return parts.geturl().rstrip("/")


def checked_zone(text: str) -> str:
    """An IANA zone name that this machine knows. Raises ValueError."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{text!r} is no time zone such as America/Los_Angeles") from error
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
    account: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_.-]{1,64}$",
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
