"""Acumatica: a connected application (form SM303010), and a dedicated API user where no person consents."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from cli.systems.shapes import Consent, SecretShape, System
from connector.credentials import Credentials
from connector.faults import ConfigurationFault
from connector.services import Services

if TYPE_CHECKING:
    from vendors.acumatica.client import Acumatica
    from vendors.acumatica.settings import AcumaticaSystem

APPLICATION = {
    "client_id": "form SM303010, copied whole with the tenant behind the @",
    "client_secret": "form SM303010, shown once when the secret is added",
}
USER = {"username": "login of the dedicated API user", "password": "its password"}


def _same_tenant(tenant: str, values: Mapping[str, str]) -> None:
    from vendors.acumatica.auth import check_tenant

    try:
        check_tenant("", values["client_id"], tenant)
    except ConfigurationFault as fault:
        raise ValueError(fault.message) from None


def secret_shapes(settings: AcumaticaSystem | None) -> Sequence[SecretShape]:
    """The secret `acumatica` by the way of signing in."""
    consent = SecretShape("acumatica", APPLICATION, "auth = authorization_code")
    password = SecretShape("acumatica", {**APPLICATION, **USER}, "auth = password")
    cookie = SecretShape("acumatica", USER, "auth = cookie")
    if settings is None:
        return [consent, password, cookie]
    if settings.auth == "cookie":
        return [cookie]
    shape = password if settings.auth == "password" else consent
    return [SecretShape(shape.name, shape.members, shape.when, partial(_same_tenant, settings.tenant))]


def consent(services: Services, connection: str, settings: Any) -> Consent:
    """The authorization code flow of the built-in identity server. Raises ConfigurationFault."""
    from cli.wire import wire_of
    from vendors.acumatica.auth import authorize_url
    from vendors.acumatica.open import SYSTEM as NAME
    from vendors.acumatica.open import identity_server, token_cache

    if settings.auth != "authorization_code":
        raise ConfigurationFault(
            connection,
            f"systems.acumatica.auth is {settings.auth}: nobody has to consent. Correct the credentials with "
            f"`ml-connector secrets set {connection} acumatica`, or set auth to authorization_code and apply",
        )
    server = identity_server(
        services, connection, settings, holder=f"authorize/{secrets.token_hex(8)}", wire=wire_of(services)
    )
    client_id = Credentials(services, connection, NAME).read("client_id", "client_secret")["client_id"]

    def url(redirect_uri: str, state: str, challenge: str) -> str:
        return authorize_url(settings, client_id, redirect_uri, state, challenge)

    return Consent(
        url,
        server.exchange_code,
        token_cache(services, connection, settings, server.transport).store,
        "Form SM303010 must list this redirect URI, and its refresh tokens should be Sliding and Infinite",
    )


def ping(client: Acumatica) -> str:
    """The build and the versions of the pinned endpoint. Raises VendorFault, also when the pinned one is not served."""
    site, system = client.check_endpoint(), client.system
    versions = ", ".join(site.versions(system.endpoint))
    return f"build {site.build or 'unknown'}, serves {system.endpoint} {versions}; {system.endpoint_version} is used"


SYSTEM = System("acumatica", secret_shapes, ping, consent)
