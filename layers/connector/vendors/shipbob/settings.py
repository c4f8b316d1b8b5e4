"""How a connection reaches its ShipBob account. Credentials are not here: they live in the secret store."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from vendors.addresses import Account, checked_address

Version = Literal["2025-07", "2026-01", "2026-07"]

DEFAULT_SCOPES = (
    "channels_read",
    "inventory_read",
    "locations_read",
    "offline_access",
    "orders_read",
    "orders_write",
    "products_read",
    "products_write",
    "receiving_read",
    "receiving_write",
    "returns_read",
    "returns_write",
    "tracking_read",
    "webhooks_read",
    "webhooks_write",
)
"""What the flows need. Without `billing_read`: an app that is not registered for a scope may lose its whole consent."""


def checked_url(text: str) -> str:
    """The URL without a closing slash; https, or plain http on this machine. Raises ValueError."""
    return checked_address(text, "https://api.shipbob.com")


Url = Annotated[str, AfterValidator(checked_url)]


class ShipBobSystem(BaseModel):
    """The `shipbob` part of a connection document."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: Url = Field(
        default="https://api.shipbob.com",
        description="Address of the API, without the version. Sandbox: https://sandbox-api.shipbob.com.",
    )
    auth_url: Url = Field(
        default="https://auth.shipbob.com",
        description="Address of the sign-in service, used with auth = oauth. Sandbox: https://authstage.shipbob.com.",
    )
    version: Version = Field(
        default="2026-01",
        description="API version, the first part of every path. 2025-07 lacks tracking and inventory history.",
    )
    auth: Literal["pat", "oauth"] = Field(
        default="pat",
        description="pat: personal access token of the account's root user. oauth: an app that a person approved once.",
    )
    scopes: tuple[str, ...] = Field(
        default=DEFAULT_SCOPES,
        min_length=1,
        description="Scopes asked for at the OAuth consent. Ask only for scopes the app is registered for.",
    )
    authorize_path: str = Field(
        default="connect/authorize",
        pattern=r"^[A-Za-z0-9/_-]+$",
        description="Path of the consent page under auth_url. Some older apps need connect/integrate.",
    )
    response_mode: Literal["query", "form_post"] = Field(
        default="query",
        description="How the consent page hands the code back. ShipBob's default, fragment, is invisible to a server.",
    )
    channel: int | str | None = Field(
        default=None,
        description="The channel that orders are written to: its id or its application_name. "
        "Needed only when the account has several channels with orders_write.",
    )
    account: Account | None = Field(
        default=None,
        description="Connections that use the same ShipBob user and app name the same account here, "
        "because they share one call limit. Default: the connection's own name.",
    )
    per_minute: int = Field(
        default=150,
        ge=10,
        le=10_000,
        description="Calls a minute that the account allows, all endpoints together (ShipBob publishes 150).",
    )
    timeout_seconds: float = Field(
        default=30.0,
        gt=0,
        le=120,
        description="Patience for one answer, in seconds.",
    )
    billing_token: bool = Field(
        default=False,
        description="true: billing is read with its own personal access token, secret <connection>/shipbob_billing. "
        "Needed where the main token has no billing_read, which is usual with OAuth.",
    )

    @property
    def api(self) -> str:
        """Base address with the version."""
        return f"{self.base_url}/{self.version}"
