"""How a connection reaches its ShipStation account. Credentials are not here: they live in the secret store."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from vendors.addresses import Account, checked_address

V1, V2 = "https://ssapi.shipstation.com", "https://api.shipstation.com"


def checked_url(text: str) -> str:
    """The address without a closing slash; https, or plain http on this machine. Raises ValueError."""
    return checked_address(text, V1)


Url = Annotated[str, AfterValidator(checked_url)]


class ShipStationSystem(BaseModel):
    """The `shipstation` part of a connection document."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: Url = Field(default=V1, description="Address of API V1, without a path.")
    store_id: int = Field(
        ge=1,
        description="The manual store that orders are created in: one of its own for this connection. Orders without "
        "one would land in the account's first manual store. `ml-connector doctor` lists the stores.",
    )
    account: Account | None = Field(
        default=None,
        description="Connections that use the same API key name the same account here, because they share one call "
        "limit. Default: the connection's own name.",
    )
    per_minute: int = Field(
        default=40,
        ge=6,
        le=10_000,
        description="Calls a minute that ShipStation allows this API key (its header X-Rate-Limit-Limit). The key is "
        "shared with every other V1 app of the account; their calls are seen in the headers and left to them.",
    )
    timeout_seconds: float = Field(
        default=40.0,
        ge=15,
        le=120,
        description="Patience for one answer, in seconds. A refused key takes six, a page of 500 rows up to thirty.",
    )
    labels: bool = Field(
        default=False,
        description="true: labels are fetched through API V2 with its own key, secret <connection>/shipstation_v2. "
        "Needs a plan with V2.",
    )
    labels_url: Url = Field(default=V2, description="Address of API V2, without /v2.")
    labels_per_minute: int = Field(
        default=200, ge=6, le=10_000, description="Calls a minute that ShipStation allows the V2 key."
    )
    keys_url: Url = Field(
        default="https://api.shipengine.com/jwks",
        description="Where ShipStation publishes the keys that it signs webhooks with.",
    )
