"""A person consents at ShipBob, as `ml-connector connections authorize` has it done."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connector.credentials import Credentials
from local.simulators import base
from local.simulators.shipbob.oauth import Client
from tests.crash.theatre import Theatre
from tests.support.stage import NAME, SHIPBOB_URL, document
from vendors.shipbob.auth import authorize_url, code_challenge, exchange_code
from vendors.shipbob.open import token_cache, token_transport
from vendors.shipbob.settings import ShipBobSystem

BACK = "https://example.com/back"
APP = Client("ExternalApplication_1", "app-secret", (BACK,), frozenset(ShipBobSystem().scopes))
SYSTEM = ShipBobSystem.model_validate(
    {"base_url": SHIPBOB_URL, "auth_url": SHIPBOB_URL, "auth": "oauth", "channel": APP.id}
)


def systems() -> dict[str, Any]:
    """The systems of a connection file that signs in at ShipBob with OAuth."""
    shipbob = {"base_url": SHIPBOB_URL, "auth_url": SHIPBOB_URL, "auth": "oauth", "channel": APP.id}
    return {**document()["systems"], "shipbob": shipbob}


def connect(theatre: Theatre) -> None:
    """The first consent: application and credentials are new."""
    theatre.shipbob.oauth.clients[APP.id] = APP
    theatre.world.secrets.write(f"{NAME}/shipbob", json.dumps({"client_id": APP.id, "client_secret": APP.secret}))
    consent(theatre)


def consent(theatre: Theatre) -> None:
    """A consent, the code's exchange, and the token stored: the first time, and whenever it is asked for again."""
    services, verifier = theatre.process, "v" * 43
    url = urlsplit(authorize_url(SYSTEM, APP.id, BACK, "state", challenge=code_challenge(verifier)))
    answer = theatre.shipbob.handle(base.Request("GET", url.path, url.query))
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    transport, credentials = token_transport(services, theatre.wire), Credentials(services, NAME, "shipbob")
    token = exchange_code(transport, SYSTEM, credentials, code, BACK, verifier=verifier)
    token_cache(services, NAME, SYSTEM, theatre.wire).store(token)
