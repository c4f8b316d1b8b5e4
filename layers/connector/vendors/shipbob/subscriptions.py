"""ShipBob's webhook subscriptions: what there is, what is missing, putting it right.

Webhooks page: no update, only create and delete; one unknown topic refuses a whole request, hence the core topics in
one subscription and the newer ones in another; a disabled one stays disabled; the secret is ours and stored first.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connector.faults import FaultKind, VendorFault
from connector.services import Services
from vendors.shipbob.client import ShipBob
from vendors.shipbob.shapes import Subscription, parse_subscription

SENDER = "shipbob"
SECRET_NAME = "shipbob_webhook"  # noqa: S105 - the name of a secret, not one
KEPT_SECRETS = 3
"""The newest secret and those that deliveries under way may still be signed with."""

_SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{32}", re.ASCII)


@dataclass(frozen=True)
class Topics:
    """The topics of one subscription. `required`: the pair waits for polls where they are refused."""

    name: str
    topics: frozenset[str]
    required: bool


TOPICS: dict[str, tuple[Topics, ...]] = {
    "acumatica_shipbob": (
        Topics(
            "core",
            frozenset(
                {
                    "order.shipped",
                    "order.shipment.delivered",
                    "order.shipment.exception",
                    "order.shipment.on_hold",
                    "order.shipment.cancelled",
                }
            ),
            True,
        ),
        Topics("newer", frozenset({"order.shipment.tracking.updated", "order.delivered"}), False),
    ),
    "netsuite_shipbob": (
        Topics(
            "core",
            frozenset(
                {
                    "order.shipped",
                    "order.shipment.delivered",
                    "order.shipment.cancelled",
                    "return.created",
                    "return.updated",
                    "return.completed",
                }
            ),
            True,
        ),
        Topics("tracking", frozenset({"order.shipment.tracking.updated"}), False),
        Topics("receiving", frozenset({"wro.updated", "wro.completed", "wro.box.stowed"}), False),
    ),
    "dynamicsgp_shipbob": (
        Topics("core", frozenset({"order.shipped", "order.shipment.cancelled", "return.completed"}), True),
        Topics("newer", frozenset({"order.shipment.tracking.updated"}), False),
    ),
}
"""What each pair wants to hear of ShipBob. The newer ones are not known to every version."""


@dataclass(frozen=True)
class Listed:
    """How one group of topics stands. state: enabled, disabled, missing, created or refused."""

    group: str
    state: str
    subscription: str
    topics: tuple[str, ...]
    text: str = ""


def standing(subscriptions: Sequence[Subscription], url: str, pair: str) -> list[Listed]:
    """How each group of the pair stands at ShipBob."""
    ours = [subscription for subscription in subscriptions if _same(subscription.url, url)]
    return [_standing(ours, group) for group in TOPICS[pair]]


def _standing(ours: Sequence[Subscription], group: Topics) -> Listed:
    topics = tuple(sorted(group.topics))
    covering = [subscription for subscription in ours if group.topics <= subscription.topics]
    enabled = next((subscription for subscription in covering if subscription.enabled), None)
    if enabled is not None:
        return Listed(group.name, "enabled", enabled.subscription_id, topics)
    if covering:
        return Listed(group.name, "disabled", covering[0].subscription_id, topics, "ShipBob has given up delivering")
    optional = "" if group.required else "not needed: polls find the same changes, later"
    return Listed(group.name, "missing", "", topics, optional)


def register(
    services: Services, client: ShipBob, connection: str, pair: str, url: str, *, replace: bool = False
) -> list[Listed]:
    """Lists first, then creates what is missing or disabled. Raises VendorFault when the core topics are refused.

    replace: new subscriptions with a new secret, whatever there is. May be run again after any failure: what a lost
    answer has created is found by the list.
    """
    present = client.subscriptions()
    ours = [subscription for subscription in present if _same(subscription.url, url)]
    # The secret of a subscription cannot be read back: without ours, deliveries could never be proven.
    anew = replace or _stored(services, connection) == []
    before = standing([] if anew else ours, url, pair)
    groups = {group.name: group for group in TOPICS[pair]}
    if all(listed.state == "enabled" for listed in before):
        return before
    secret = _secret(services, connection, fresh=anew)
    after = [
        listed if listed.state == "enabled" else _create(client, url, groups[listed.group], secret) for listed in before
    ]
    _delete_superseded(client, ours, after)
    return after


def _create(client: ShipBob, url: str, group: Topics, secret: str) -> Listed:
    topics = tuple(sorted(group.topics))
    try:
        reply = client.create_subscription(url, topics, secret)
    except VendorFault as fault:
        if group.required or fault.kind not in (FaultKind.INVALID, FaultKind.FORBIDDEN):
            raise
        text = f"this version of ShipBob does not offer them ({fault.message}); polls find the same changes later"
        return Listed(group.name, "refused", "", topics, text)
    made = parse_subscription(reply.json())
    return Listed(group.name, "created", made.subscription_id, topics)


def _delete_superseded(client: ShipBob, ours: Sequence[Subscription], after: Sequence[Listed]) -> None:
    """Deletes our own old subscriptions, once every topic of theirs that is still delivered comes another way."""
    kept = {listed.subscription for listed in after}
    covered = {topic for listed in after if listed.state in ("enabled", "created") for topic in listed.topics}
    for subscription in ours:
        lost = subscription.topics - covered if subscription.enabled else frozenset()
        if subscription.subscription_id not in kept and not lost:
            client.delete_subscription(subscription.subscription_id)


def _secret(services: Services, connection: str, *, fresh: bool) -> str:
    """The signing secret, durably stored before ShipBob hears of it."""
    stored = _stored(services, connection)
    if not fresh and _SECRET.fullmatch(stored[0]):
        return stored[0]
    made = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode("ascii")
    text = json.dumps({"secrets": [made, *stored][:KEPT_SECRETS]})
    services.secrets.write(f"{connection}/{SECRET_NAME}", text)
    return made


def _stored(services: Services, connection: str) -> list[str]:
    """The stored secrets, newest first; empty when there is none that could be used."""
    return secrets_in(services, f"{connection}/{SECRET_NAME}")


def secrets_in(services: Services, name: str) -> list[str]:
    """The entries of a webhook secret's member `secrets`; empty when it does not exist or is something else."""
    found = services.secrets.read(name)
    try:
        document: Any = json.loads(found.current) if found is not None else {}
    except ValueError:  # not ours: it is replaced
        return []
    entries = document.get("secrets") if isinstance(document, dict) else None
    return [entry for entry in entries if isinstance(entry, str) and entry] if isinstance(entries, list) else []


def restore_disabled(services: Services, client: ShipBob, connection: str, pair: str) -> list[Listed]:
    """Creates anew what ShipBob has disabled, at the address it was given; answers what was created.

    ShipBob gives up after about five days of failures and replays nothing: the polls find what was missed. Several
    addresses of this connection are somebody's move in progress and are left alone.
    """
    ending = f"/{pair}/{connection}/{SENDER}"
    ours = [found for found in client.subscriptions() if found.url.rstrip("/").endswith(ending)]
    addresses = {found.url.rstrip("/").casefold() for found in ours}
    if len(addresses) != 1 or not any(listed.state == "disabled" for listed in standing(ours, ours[0].url, pair)):
        return []
    after = register(services, client, connection, pair, ours[0].url)
    return [listed for listed in after if listed.state == "created"]


def watch_subscriptions(services: Services, client: ShipBob, connection: str, pair: str) -> None:
    """Puts subscriptions right that ShipBob has disabled; nothing else tells of it, and nothing is replayed."""
    for created in restore_disabled(services, client, connection, pair):
        services.log.warning("a disabled webhook subscription was created anew", topic=created.group)
        services.log.metric("WebhookRestored", 1)


def _same(one: str, other: str) -> bool:
    return one.rstrip("/").casefold() == other.rstrip("/").casefold()
