"""Track Alert subscriptions: v1 with a destination in the body, v2 without (URL and credentials live in the portal).

A number is subscribed for fourteen days; there is no list, no unsubscription and no history. Some valid and some
invalid numbers is a success: both lists come back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from local.simulators.base import Reply, json_reply
from local.simulators.checks import Check, Finding, rule
from local.simulators.ups import pushes
from local.simulators.ups.gateway import Asked
from local.simulators.ups.numbers import ALERT_NUMBER
from local.simulators.ups.problems import Rejection, error_headers, refuse
from local.simulators.ups.records import Subscription
from local.simulators.ups.validation import array, record, text
from local.simulators.ups.world import World

LIFE = timedelta(days=14)
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
MOST = 100
TYPES = ("standard", "enhanced")
LONGEST_URL = 1000  # a limit exists (VSS610), its number is not published
CIE_NUMBERS = ("1ZCIETST0111111114", "1ZCIETST0422222228", "1ZCIEPIC0111111116")
_LOOPBACK = ("127.0.0.1", "localhost")
_destination = record(
    {"url": text(1), "credentialType": text(1), "credential": text(1)}, ("url", "credentialType", "credential")
)
_common: dict[str, Check] = {"locale": text(1), "countryCode": text()}
_preferences: dict[str, Check] = {"eventPreferences": array(text(1, 1, choices=("D", "I", "M", "X")), 1, 4)}
_CODES = (
    ("locale", "VSS310"),
    ("countryCode", "VSS400"),
    ("eventPreferences", "VSS414"),
    ("destination.url", "VSS600"),
    ("destination.credentialType", "VSS800"),
    ("destination.credential", "VSS700"),
    ("destination", "VSS500"),
    ("trackingNumberList", "VSS200"),
)


def body_check(version: str, kind: str, account: bool) -> Check:
    """The members of a subscription body; codes are given by `code_of`."""
    members = dict(_common)
    if kind == "enhanced" or account:
        members |= _preferences
    if account:
        members |= {"subscriptionId": text(1), "clientSubscriptionId": text(1), "shipperAccountNumber": text(6, 6)}
        members["subAccountType"] = array(text(choices=("Outbound",)), 0, 1)
    else:
        members["trackingNumberList"] = array(text(), 0)
    if version == "v1":
        members["destination"] = _destination
    return record(members)


def code_of(finding: Finding) -> str:
    """Track Alert's own code for a fault."""
    return finding.code or next((code for start, code in _CODES if finding.path.startswith(start)), "VSS000")


def judge(asked: Asked) -> Iterator[Finding]:
    """What must be there, in the order in which Track Alert looks."""
    body, version, account = asked.body, asked.names["version"], asked.names.get("scope") == "account"
    if not body:
        yield rule("", "The request body is empty", "VSS110")
        return
    if account:
        if not body.get("shipperAccountNumber"):
            yield rule("shipperAccountNumber", "The account number is required", "VSS000")
    elif "trackingNumberList" not in body:
        yield rule("trackingNumberList", "The list of tracking numbers is required", "VSS200")
    elif len(body["trackingNumberList"]) > MOST:
        yield rule("trackingNumberList", f"More than {MOST} tracking numbers. All are rejected.", "VSS220")
    if "locale" not in body:
        yield rule("locale", "Locale is required. The Subscription request has been rejected.", "VSS300")
    elif body["locale"] != "en_US":
        yield rule("locale", "Locale is invalid. Only en_US is supported.", "VSS310")
    country = body.get("countryCode", "US")
    if len(country) != 2 or not country.isalpha() or not country.isupper():
        yield rule("countryCode", "The country code is invalid", "VSS400")
    if version == "v1":
        yield from _destination_faults(body)


def _destination_faults(body: dict[str, Any]) -> Iterator[Finding]:
    if "destination" not in body:
        yield rule("destination", "The destination is required", "VSS500")
        return
    url = urlsplit(body["destination"]["url"])
    if (url.scheme != "https" and not (url.scheme == "http" and url.hostname in _LOOPBACK)) or not url.hostname:
        yield rule("destination.url", "The destination url must be an https address", "VSS600")
    if len(body["destination"]["url"]) > LONGEST_URL:
        yield rule("destination.url", "The destination url is too long", "VSS610")


def refusal(world: World, found: list[Finding]) -> Reply:
    """Track Alert's 400: with the usual envelope, or by switch without it."""
    rows = [{"code": code_of(each), "message": each.message} for each in found]
    document: dict[str, Any] = {"errors": rows}
    headers = error_headers(rows[0]["code"], rows[0]["message"])
    return json_reply(400, document if world.switches.bare_errors else {"response": document}, headers)


def _refuse_faults(world: World, asked: Asked) -> None:
    found = list(judge(asked))
    if found:
        raise Rejection(refusal(world, found))


def wrong_type(world: World, asked: Asked) -> Reply:
    """POST /track/{version}/subscription/{anything else}/{scope}."""
    text = f"The subscription type {asked.names['type']!r} is invalid"
    raise Rejection(refusal(world, [rule("type", text, "VSS930")]))


def subscribe(world: World, asked: Asked) -> Reply:
    """POST /track/{v1|v2}/subscription/{standard|enhanced}/package."""
    _refuse_faults(world, asked)
    given = list(dict.fromkeys(asked.body["trackingNumberList"]))
    valid, invalid, foreign = [], [], []
    for number in given:
        if not ALERT_NUMBER.fullmatch(number):
            invalid.append(number)
        elif world.switches.cie and number not in CIE_NUMBERS:
            foreign.append(number)
        else:
            valid.append(number)
    if world.loses_last_row and len(valid) > 1:
        invalid.append(valid.pop())
    if not valid:
        code, text = ("VSS215", "not a test number") if foreign else ("VSS210", "no valid tracking number")
        raise _with_numbers(code, f"The Subscription request has been rejected: {text}.", invalid + foreign)
    for number in valid:
        _keep(world, asked, number, world.now() + LIFE)
        if world.switches.cie:
            pushes.announce_sample(world, asked.client.id, number)
    return json_reply(200, {"validTrackingNumbers": valid, "invalidTrackingNumbers": invalid + foreign})


def _with_numbers(code: str, message: str, numbers: list[str]) -> Rejection:
    errors = {"errors": [{"code": code, "message": message}]}
    document = {"response": errors, "invalidTrackingNumbers": numbers}
    return Rejection(json_reply(400, document, error_headers(code, message)))


def _keep(world: World, asked: Asked, number: str, expires: datetime) -> None:
    destination = asked.body.get("destination", {})
    world.subscriptions[asked.client.id, number] = Subscription(
        client_id=asked.client.id,
        number=number,
        version=asked.names["version"],
        enhanced=asked.names["type"] == "enhanced",
        preferences=tuple(asked.body.get("eventPreferences", ())),
        url=destination.get("url", ""),
        credential=destination.get("credential", ""),
        created=world.now(),
        expires=expires,
    )


def subscribe_account(world: World, asked: Asked) -> Reply:
    """POST /track/v2/subscription/{type}/account: every package of an account, without end."""
    _refuse_faults(world, asked)
    number = asked.body["shipperAccountNumber"]
    if number not in asked.client.accounts:
        raise refuse(400, "VSS000", f"Account {number} does not belong to this user")
    _keep(world, asked, number, FOREVER)
    return json_reply(200, {"expiryDate": "9999-12-31"})


def unsubscribe_account(world: World, asked: Asked) -> Reply:
    """DELETE /track/v2/subscription/{type}/account?shipper_account_number=."""
    number = asked.query.get("shipper_account_number", "")
    if world.subscriptions.pop((asked.client.id, number), None) is None:
        raise refuse(400, "VSS000", f"No subscription for account {number!r}")
    return json_reply(200, {"message": "Account unsubscribed"})
