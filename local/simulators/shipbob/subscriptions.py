"""Webhook subscriptions over the API: create, list, delete. There is no update."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import urlsplit

from local.simulators.base import Reply
from local.simulators.shipbob import pages
from local.simulators.shipbob.formats import stamp
from local.simulators.shipbob.gateway import Asked
from local.simulators.shipbob.problems import Rejection, answer, empty, problem, refuse, webhook_error
from local.simulators.shipbob.records import Subscription
from local.simulators.shipbob.webhooks import topics_of
from local.simulators.shipbob.world import World

_TOPIC_SCOPES = {"order": "orders_read", "return": "returns_read", "wro": "receiving_read", "billing": "billing_read"}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def new_secret(number: int) -> str:
    """A secret as ShipBob makes them: `whsec_` and 24 bytes in base64 without padding."""
    return "whsec_" + base64.b64encode(hashlib.sha256(f"webhook/{number}".encode()).digest()[:24]).decode()


def _check_address(world: World, url: str) -> None:
    parts = urlsplit(url)
    local = parts.hostname in _LOOPBACK and world.switches.loopback_webhooks
    if parts.scheme != "https" and not local:
        raise refuse(webhook_error, 422, "url", "The URL must use HTTPS.")


def create(world: World, asked: Asked) -> Reply:
    """POST /webhook: the secret is shown only here. One unknown topic refuses the whole request."""
    body = asked.body
    _check_address(world, body["url"])
    known = topics_of(asked.version, world.switches.newer_topics)
    unknown = [topic for topic in body["topics"] if topic not in known]
    if unknown:
        raise refuse(webhook_error, 422, "topics", f"Unknown topics: {', '.join(unknown)}")
    lacking = {_TOPIC_SCOPES[topic.split(".")[0]] for topic in body["topics"]} - asked.credential.scopes
    if lacking:
        raise Rejection(empty(403))
    number = world.number("webhook")
    made = Subscription(
        id=str(number),
        url=body["url"],
        topics=tuple(dict.fromkeys(body["topics"])),
        description=body.get("description"),
        secret=body.get("secret") or new_secret(number),
        created=world.now(),
        owner=asked.credential.budget,
    )
    world.subscriptions[made.id] = made
    document = {
        "id": made.id,
        "created_at": stamp(made.created, number),
        "topics": list(made.topics),
        "url": made.url,
        "secret": made.secret,
        "description": made.description,
    }
    return answer(document, world.switches.webhook_create_status)


def list_all(world: World, asked: Asked) -> Reply:
    """GET /webhook: without the secrets."""
    own = [each for each in world.subscriptions.values() if each.owner == asked.credential.budget]
    where = pages.position(world, asked.query, problem)
    rows, cursor = pages.cut(own, lambda each: each.id, where, asked.query.get("RecordsPerPage", 50))
    items = [
        {
            "id": each.id,
            "topics": list(each.topics),
            "url": each.url,
            "enabled": each.enabled,
            "created_at": stamp(each.created, int(each.id)),
            "description": each.description,
        }
        for each in rows
    ]
    return answer({"items": items, "next": cursor, "prev": None})


def delete(world: World, asked: Asked) -> Reply:
    """DELETE /webhook/{id}."""
    found = world.subscriptions.get(str(asked.ids["webhook"]))
    if found is None or found.owner != asked.credential.budget:
        raise Rejection(empty(404))
    del world.subscriptions[found.id]
    return empty(world.switches.webhook_delete_status)
