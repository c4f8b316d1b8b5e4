"""Checks of a UPS account: sign-in, the API products of the app, rates of its own, Track Alert."""

from __future__ import annotations

import json
from decimal import Decimal

from cli.doctor.finding import Examination
from cli.failures import Refused
from cli.operations.addresses import webhook_url
from cli.systems.ups import PROBE
from connector.edge import push_tokens
from connector.faults import FaultKind
from vendors.ups.client import Ups
from vendors.ups.drafts import Built, Parcel, ShipDraft
from vendors.ups.requests import rate_request
from vendors.ups.requests.parties import shipper_party

TRACKING, RATING, ALERT = "UPS Tracking", "UPS Rating", "UPS Track Alert"
ADD_PRODUCT = "add this API product to the app in UPS's developer portal (My Apps), then run the doctor again"


def check_account(examined: Examination, client: Ups) -> bool:
    """Signs in and asks for a parcel that does not exist; False when nothing else can be asked."""
    fixes = {FaultKind.EXPIRED: ADD_PRODUCT}
    if examined.attempt(TRACKING, lambda: client.track(PROBE), fixes) is None:
        return False
    system = client.system
    examined.good(TRACKING, f"signed in; account {system.account_number} at {system.host}")
    if system.cie:
        examined.note("UPS environment", "cie: labels say Sample and are worth nothing", "set cie to false to go live")
    _check_rates(examined, client)
    return True


def _check_rates(examined: Examination, client: Ups) -> None:
    """One price from the shipper to itself: the account belongs to the app, and has rates of its own or not."""
    party, system = shipper_party(client.system), client.system
    draft = ShipDraft("doctor", party, "", (Parcel(Decimal(1), system.weight_unit),))
    asked = rate_request(draft, system)
    if not isinstance(asked, Built):
        examined.bad(RATING, asked.text, "correct systems.ups.shipper in the connection file")
        return
    fixes = {FaultKind.EXPIRED: ADD_PRODUCT, FaultKind.CONFIGURATION: "correct account_number or shipper"}
    rates = examined.attempt(RATING, lambda: client.rates(asked.body), fixes)
    if rates is None:
        return
    if system.negotiated_rates and all(offer.negotiated is None for offer in rates.offers):
        examined.warn(
            RATING, "UPS answers published prices only: the account has no rates of its own through this app",
            "link the account to the app's UPS user, or set systems.ups.negotiated_rates to false",
        )
    else:
        examined.good(RATING, f"{len(rates.offers)} services offered from the shipper's place")


def check_alert(examined: Examination, client: Ups, pair: str, credentials: str) -> None:
    """Pushes: off, or with an address and a credential that we know."""
    version = client.system.track_alert
    if version == "off":
        examined.note(ALERT, "off: parcels are polled, which costs calls and is later", "set systems.ups.track_alert")
        return
    command = f"ml-connector webhooks register {examined.name}"
    secret = examined.services.secrets.read(f"{examined.name}/ups_webhook")
    if secret is None:
        examined.bad(ALERT, "there is no credential: pushes would be refused", command)
        return
    try:
        url = webhook_url(examined.public_base, pair, examined.name, "ups")
        document = json.loads(secret.current)
        known = document if isinstance(document, dict) else {}
        kept, oauth = known.get("url"), push_tokens.MEMBER in known
    except Refused as error:
        examined.bad(ALERT, str(error), "deploy again with PublicBaseUrl set")
        return
    except ValueError:
        examined.bad(ALERT, "the secret ups_webhook is no JSON object", command)
        return
    if version == "v1" and kept != url:
        examined.bad(ALERT, "numbers are subscribed with another address than this stack's", command)
    elif oauth != (credentials == "oauth"):
        examined.bad(ALERT, "the credential is of another form than settings.tracking.push_credentials", command)
    elif version == "v2":
        examined.note(ALERT, "v2: URL and credential stand in UPS's portal, which cannot be read", f"compare: {url}")
    else:
        examined.good(ALERT, "address and credential are known")
