"""ShipStation's webhook subscriptions: what there is, what is missing, putting it right.

Subscribe page: nothing can be edited by API, only deleted and made anew; the same subscription twice is two. The token
in the address is the only proof that a call comes from ShipStation: it is stored before ShipStation hears of it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from connector.services import Services
from vendors.shipstation.calls import readable
from vendors.shipstation.client import ShipStation
from vendors.shipstation.keys import SECRET, stored
from vendors.shipstation.shapes import Webhook, parse_subscribed

SENDER = "shipstation"
NAME = "ml-connector"
KEPT_TOKENS = 3
"""The newest token and those that subscriptions under way may still carry."""

EVENTS = ("SHIP_NOTIFY", "FULFILLMENT_SHIPPED", "ORDER_NOTIFY")
"""What the pair wants to hear. The polls find the same things some minutes later."""


@dataclass(frozen=True)
class Listed:
    """How one event stands. state: enabled, disabled, missing or created."""

    group: str
    state: str
    subscription: str
    topics: tuple[str, ...]
    text: str = ""


def standing(webhooks: Sequence[Webhook], address: str, token: str) -> list[Listed]:
    """How each event stands at ShipStation. `address`: our own, without the token."""
    return [_standing(webhooks, address, token, event) for event in EVENTS]


def _standing(webhooks: Sequence[Webhook], address: str, token: str, event: str) -> Listed:
    ours = [hook for hook in webhooks if hook.event == event and _is_ours(hook, address)]
    current = [hook for hook in ours if token and hook.url == f"{address}/{token}"]
    enabled = next((hook for hook in current if hook.active), None)
    if enabled is not None:
        return Listed(event, "enabled", str(enabled.webhook_id), (event,))
    if current:
        return Listed(event, "disabled", str(current[0].webhook_id), (event,), "ShipStation has switched it off")
    return Listed(event, "missing", "", (event,), "polls find the same changes, some minutes later")


Patience = Callable[[Callable[[], Any]], Any]
"""Makes one call, and again when the budget lets it through: seven calls are more than ten seconds allow."""


def _at_once(call: Callable[[], Any]) -> Any:
    return call()


def register(
    services: Services, client: ShipStation, connection: str, address: str, *, replace: bool = False,
    patience: Patience = _at_once,
) -> list[Listed]:
    """Lists first, then creates what is missing or switched off, then deletes what of ours is superseded.

    replace: a new token and new subscriptions, whatever there is. May be run again after any failure.
    """
    webhooks: Sequence[Webhook] = patience(client.webhooks)
    token = "" if replace else newest_token(services, connection)
    before = standing(webhooks, address, token)
    if token and all(listed.state == "enabled" for listed in before):
        return before
    token = token or _new_token(services, connection)
    after = [
        listed
        if listed.state == "enabled"
        else patience(partial(_create, client, address, token, listed.group, client.system.store_id))
        for listed in before
    ]
    kept = {listed.subscription for listed in after}
    for hook in webhooks:
        if _is_ours(hook, address) and str(hook.webhook_id) not in kept:
            patience(partial(client.unsubscribe, hook.webhook_id))
    return after


def _create(client: ShipStation, address: str, token: str, event: str, store_id: int) -> Listed:
    reply = client.subscribe(f"{address}/{token}", event, store_id, NAME)
    return Listed(event, "created", str(readable(reply, "subscribe webhook", parse_subscribed)), (event,))


def restore(services: Services, client: ShipStation, connection: str, pair: str) -> list[Listed]:
    """Subscribes anew what is switched off or gone of a registration; answers what was created.

    Only where something of ours is there, which tells the address, and at one address: several are a move in progress.
    """
    ending = f"/{pair}/{connection}/{SENDER}"
    ours = [hook for hook in client.webhooks() if hook.url.rpartition("/")[0].endswith(ending)]
    addresses = {hook.url.rpartition("/")[0] for hook in ours}
    token = newest_token(services, connection)
    if len(addresses) != 1 or not token:
        return []
    (address,) = addresses
    if all(listed.state == "enabled" for listed in standing(ours, address, token)):
        return []
    after = register(services, client, connection, address)
    return [listed for listed in after if listed.state == "created"]


def _is_ours(hook: Webhook, address: str) -> bool:
    """Whether it calls this connection, with whatever token. Nobody else's is ever touched."""
    return hook.url.rpartition("/")[0].casefold() == address.casefold()


def newest_token(services: Services, connection: str) -> str:
    """The token of new subscriptions; empty when there is none yet."""
    tokens = _tokens(stored(services, connection))
    return tokens[0] if tokens else ""


def _tokens(document: dict[str, Any]) -> list[str]:
    found = document.get("tokens")
    return [token for token in found if isinstance(token, str) and token] if isinstance(found, list) else []


def _new_token(services: Services, connection: str) -> str:
    """A token of 192 random bits, durably stored before ShipStation hears of it."""
    document = stored(services, connection)
    made = secrets.token_urlsafe(24)
    tokens = [made, *_tokens(document)][:KEPT_TOKENS]
    services.secrets.write(f"{connection}/{SECRET}", json.dumps({**document, "tokens": tokens}))
    return made
