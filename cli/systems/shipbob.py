"""ShipBob: a personal access token, or an app that the account's owner approves once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cli.systems.shapes import Consent, SecretShape, System
from connector.credentials import Credentials
from connector.faults import ConfigurationFault
from connector.services import Services
from connector.tokens import Token

if TYPE_CHECKING:
    from vendors.shipbob.client import ShipBob
    from vendors.shipbob.settings import ShipBobSystem

TOKEN = {"token": "ShipBob dashboard, Integrations > API tokens, made by the account's root user"}
APP = {
    "client_id": "ShipBob dashboard, Integrations > OAuth Apps",
    "client_secret": "ShipBob dashboard, Integrations > OAuth Apps",
}


def secret_shapes(settings: ShipBobSystem | None) -> Sequence[SecretShape]:
    """The secret `shipbob`, and `shipbob_billing` where billing has its own token."""
    token = SecretShape("shipbob", TOKEN, "auth = pat")
    app = SecretShape("shipbob", APP, "auth = oauth")
    billing = SecretShape("shipbob_billing", TOKEN, "billing_token = true")
    if settings is None:
        return [token, app, billing]
    return [token if settings.auth == "pat" else app, *([billing] if settings.billing_token else [])]


def consent(services: Services, connection: str, settings: Any) -> Consent:
    """The authorization code flow of ShipBob's sign-in service. Raises ConfigurationFault."""
    from cli.wire import wire_of
    from vendors.shipbob.auth import authorize_url, exchange_code
    from vendors.shipbob.channels import forget_channel
    from vendors.shipbob.open import SYSTEM as NAME
    from vendors.shipbob.open import token_cache, token_transport

    if settings.auth != "oauth":
        raise ConfigurationFault(
            connection,
            "systems.shipbob.auth is pat: nobody has to consent. Set a new token with "
            f"`ml-connector secrets set {connection} shipbob`, or set auth to oauth and apply",
        )
    credentials = Credentials(services, connection, NAME)
    client_id = credentials.read("client_id", "client_secret")["client_id"]
    wire = wire_of(services)

    def url(redirect_uri: str, state: str, challenge: str) -> str:
        return authorize_url(settings, client_id, redirect_uri, state, challenge=challenge)

    def exchange(code: str, redirect_uri: str, verifier: str) -> Token:
        return exchange_code(
            token_transport(services, wire), settings, credentials, code, redirect_uri, verifier=verifier
        )

    def store(token: Token) -> None:
        token_cache(services, connection, settings, wire).store(token)
        forget_channel(services, connection)  # a new consent may bring a new channel

    return Consent(
        url,
        exchange,
        store,
        "The ShipBob app must list this redirect URI, exactly",
        in_query=settings.response_mode == "query",
        secure=True,
    )


def ping(client: ShipBob) -> str:
    """The channels of the account. Raises VendorFault."""
    channels = ", ".join(f"{channel.channel_id} ({channel.application_name})" for channel in client.channels())
    return f"version {client.system.version}, channels {channels or 'none'}"


def ping_billing(client: ShipBob) -> str:
    """The fee types of billing, a short list. Raises VendorFault."""
    return f"billing can be read, {len(client.transaction_fees())} fee types"


SYSTEM = System("shipbob", secret_shapes, ping, consent, {"shipbob_billing": ("billing", ping_billing)})
