"""Track Alert pushes: one event per POST, no signature, no retry unless a switch asks for it.

v1 carries the subscriber's own `credential` header. v2 uses what the merchant typed into the portal: a static
credential, a static bearer, or OAuth, where UPS first asks the merchant's token endpoint (client_secret_basic) and
sends `x-api-key` with the client id beside the bearer.
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from local.simulators.deliveries import split_due
from local.simulators.ups import labels
from local.simulators.ups.events import EVENTS, Event
from local.simulators.ups.records import Delivery, Portal, Scan, Subscription
from local.simulators.ups.tracking_views import local, offset_text, scheduled
from local.simulators.ups.world import World

AGENT = "UPSPubSubTrackingService"
RETRY_AFTER = timedelta(seconds=60)


def announce(world: World, number: str, scan: Scan, event: Event) -> None:
    """Queues a push for every subscription that wants this event and has not run out."""
    shipment = world.shipment_of(number)
    for (_, key), subscription in world.subscriptions.items():
        if key != number and (shipment is None or key != shipment.account):
            continue
        if world.now() < subscription.expires and _wanted(subscription, event):
            _queue(world, subscription, number, body_of(world, number, scan, subscription.enhanced), world.now())


def _wanted(subscription: Subscription, event: Event) -> bool:
    """Updates (U) travel with deliveries and exceptions. A standard subscription has no preferences."""
    if not subscription.preferences:
        return True
    kind = {"MV": "M", "U": "D"}.get(event.type, event.type)
    return kind in subscription.preferences or (event.type == "U" and "X" in subscription.preferences)


def announce_sample(world: World, client_id: str, number: str) -> None:
    """The sandbox: each submission of a test number pushes several events, one second apart."""
    subscription = world.subscriptions[client_id, number]
    for step, name in enumerate(("origin_scan", "out_for_delivery", "delivered")):
        at = world.now() + timedelta(seconds=step)
        scan = Scan(name, at, at, "CHARLOTTE", "NC", "28209" if name == "delivered" else "", "US", -240)
        _queue(world, subscription, number, body_of(world, number, scan, subscription.enhanced), at)


def _queue(world: World, subscription: Subscription, number: str, body: dict[str, Any], due: datetime) -> None:
    raw = json.dumps(body, ensure_ascii=False).encode()
    for _ in range(1 + world.switches.duplicate_pushes):
        name = f"push-{world.number('push')}"
        world.outbox.append(
            Delivery(
                name,
                "event",
                subscription.client_id,
                number,
                subscription.url,
                raw,
                due,
                version=subscription.version,
                headers={"credential": subscription.credential} if subscription.version == "v1" else {},
            )
        )


def body_of(world: World, number: str, scan: Scan, enhanced: bool) -> dict[str, Any]:
    """The event as it is pushed: times without colons, an offset with a dot, blanks where nothing is known."""
    event, wall, shipment = EVENTS[scan.event], local(scan), world.shipment_of(number)
    delivered = scan.event in ("delivered", "delivered_by_post")
    place = {"city": scan.city, "stateProvince": scan.state, "postalCode": scan.postal_code, "country": scan.country}
    body: dict[str, Any] = {
        "trackingNumber": f" {number}" if world.switches.push_leading_blank else number,
        "localActivityDate": f"{wall:%Y%m%d}",
        "localActivityTime": f"{wall:%H%M%S}",
        "activityLocation": place,
        "activityStatus": {
            "type": event.type,
            "code": event.code,
            "description": event.description.strip(),
            "descriptionCode": event.status_code,
        },
        "scheduledDeliveryDate": scheduled(shipment) if shipment else "",
        "actualDeliveryDate": f"{wall:%Y%m%d}" if delivered else "",
        "actualDeliveryTime": f"{wall:%H%M%S}" if delivered else "",
        "gmtActivityDate": f"{scan.at:%Y%m%d}",
        "gmtActivityTime": f"{scan.at:%H%M%S}",
        "gmtOffset": offset_text(scan.offset_minutes, "."),
        "deliveryStartTime": "",
        "deliveryEndTime": "",
        "deliveryTimeDescription": "" if delivered else "end of day",
    }
    receipt = world.receipts.get(number)
    if enhanced and delivered:
        body["receivedBy"] = receipt.received_by if receipt else "John"
        body["deliveryPhoto"] = labels.encoded(labels.gif(f"PHOTO {number}", 400, 300))
    if world.switches.push_blanks:
        return body
    body["activityLocation"] = {name: value for name, value in place.items() if value}
    return {name: value for name, value in body.items() if value != ""}


def take_due(world: World) -> list[Delivery]:
    """Takes what is due out of the outbox, with its credentials; for OAuth a token call comes first."""
    now = world.now()
    due, world.outbox = split_due(world.outbox, now, reverse=world.switches.reorder_pushes)
    taken: list[Delivery] = []
    for each in due:
        taken.extend(_prepared(world, each, now))
    return taken


def _prepared(world: World, delivery: Delivery, now: datetime) -> list[Delivery]:
    headers = {"Content-Type": "application/json", "User-Agent": AGENT}
    if delivery.version == "v1":
        return [replace(delivery, headers={**headers, **delivery.headers})]
    portal = world.portals.get(delivery.client_id)
    if portal is None:
        world.lost.append(delivery)  # nobody told UPS where to send it
        return []
    if portal.kind != "oauth":
        static = (
            {"credential": portal.credential}
            if portal.kind == "credential"
            else {"Authorization": f"Bearer {portal.credential}"}
        )
        return [replace(delivery, url=portal.url, headers={**headers, **static})]
    token, end = world.merchant_tokens.get(delivery.client_id, ("", now))
    if end > now:
        proof = {"Authorization": f"Bearer {token}", "x-api-key": portal.client_id}
        return [replace(delivery, url=portal.url, headers={**headers, **proof})]
    world.outbox.append(delivery)
    asked = delivery.client_id in world.merchant_calls
    world.merchant_calls.add(delivery.client_id)
    return [] if asked else [_token_call(world, delivery.client_id, portal, now)]


def _token_call(world: World, client_id: str, portal: Portal, now: datetime) -> Delivery:
    """UPS' request to the merchant's own token endpoint."""
    basic = base64.b64encode(f"{portal.client_id}:{portal.client_secret}".encode()).decode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {basic}"}
    name = f"token-{world.number('push')}"
    body = b"grant_type=client_credentials"
    return Delivery(name, "token", client_id, "", portal.token_url, body, now, headers={**headers, "User-Agent": AGENT})


def report(world: World, delivery: Delivery, accepted: bool, body: bytes) -> None:
    """What became of a delivery. A refused push is lost (or comes again, by switch); so is all that wants a token."""
    if delivery.purpose == "event":
        if not accepted:
            _fail(world, delivery)
        return
    world.merchant_calls.discard(delivery.client_id)
    token = _read_token(body) if accepted else None
    if token is not None:
        world.merchant_tokens[delivery.client_id] = (token[0], world.now() + timedelta(seconds=token[1]))
        return
    waiting = [
        each
        for each in world.outbox
        if each.client_id == delivery.client_id and each.version == "v2" and each.due <= world.now()
    ]
    world.outbox = [each for each in world.outbox if each not in waiting]
    for each in waiting:
        _fail(world, each)


def _fail(world: World, delivery: Delivery) -> None:
    if delivery.attempt > world.switches.push_retries:
        world.lost.append(delivery)
        return
    again = replace(delivery, attempt=delivery.attempt + 1, due=world.now() + RETRY_AFTER)
    world.outbox.append(again)


def _read_token(body: bytes) -> tuple[str, int] | None:
    """Token and lifetime of the merchant's answer; None when there is no token in it."""
    try:
        document = json.loads(body)
        return str(document["access_token"]), int(document.get("expires_in", 3600))
    except (ValueError, KeyError, TypeError):
        return None
