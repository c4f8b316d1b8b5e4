"""Checks of a ShipStation account: key, store, its own Acumatica channel, V2, webhooks."""

from __future__ import annotations

from cli.doctor.finding import Examination
from cli.failures import Refused
from cli.operations.addresses import webhook_url
from connector.faults import FaultKind
from vendors.shipstation.client import ShipStation
from vendors.shipstation.labels import Labels
from vendors.shipstation.shapes.account import MANUAL_STORE, Store
from vendors.shipstation.subscriptions import Listed, newest_token, standing

ACCOUNT, STORE, CHANNEL = "ShipStation account", "ShipStation store", "ShipStation's Acumatica channel"
LABELS, WEBHOOKS = "ShipStation V2", "webhooks"


def check_account(examined: Examination, client: ShipStation) -> bool:
    """Signs in and looks at the stores; False when nothing else can be asked."""
    fixes = {FaultKind.EXPIRED: f"ml-connector secrets set {examined.name} shipstation"}
    stores = examined.attempt(ACCOUNT, lambda: client.stores(include_inactive=True), fixes)
    if stores is None:
        return False
    examined.good(ACCOUNT, f"the key is accepted; {len(stores)} stores")
    _check_store(examined, stores, client.system.store_id)
    _check_channel(examined, stores)
    return True


def _check_store(examined: Examination, stores: tuple[Store, ...], store_id: int) -> None:
    manual = ", ".join(f"{store.store_id} ({store.name})" for store in stores if store.marketplace_id == MANUAL_STORE)
    ours = next((store for store in stores if store.store_id == store_id), None)
    fix = f"make a manual store for this connection and name it in systems.shipstation.store_id; there are {manual}"
    if ours is None:
        examined.bad(STORE, f"{store_id} does not exist: orders would land in the first manual store", fix)
    elif not ours.active:
        examined.bad(STORE, f"{store_id} ({ours.name}) is inactive", "activate it in ShipStation, or name another one")
    elif ours.marketplace_id != MANUAL_STORE:
        examined.bad(STORE, f"{store_id} ({ours.name}) is a channel of {ours.marketplace}, not a manual store", fix)
    else:
        examined.good(STORE, f"{store_id} ({ours.name}) takes the orders")


def _check_channel(examined: Examination, stores: tuple[Store, ...]) -> None:
    """ShipStation has a connection to Acumatica of its own: with it every order would be there twice."""
    active = [store for store in stores if store.is_acumatica and store.active]
    if active:
        names = ", ".join(f"{store.store_id} ({store.name})" for store in active)
        examined.bad(
            CHANNEL, f"is active as store {names}: every order arrives twice and may be shipped twice",
            "deactivate that store in ShipStation (Settings > Selling Channels), or do not use this connection",
        )
    else:
        examined.good(CHANNEL, "is not active")


def check_labels(examined: Examination, client: Labels) -> None:
    """The V2 key is accepted and the plan has V2. Asked for a label that does not exist."""
    fix = f"ml-connector secrets set {examined.name} shipstation_v2"
    plan = "ask ShipStation for a plan with V2, or set systems.shipstation.labels to false"
    fixes = {FaultKind.EXPIRED: fix, FaultKind.FORBIDDEN: plan}
    if examined.attempt(LABELS, lambda: [client.label(1)], fixes) is not None:
        examined.good(LABELS, "the key is accepted")


def check_webhooks(examined: Examination, client: ShipStation, pair: str) -> None:
    """Our subscriptions are there and enabled, and carry the newest token."""
    command = f"ml-connector webhooks register {examined.name}"
    try:
        address = webhook_url(examined.public_base, pair, examined.name, "shipstation")
    except Refused as error:
        examined.bad(WEBHOOKS, str(error), "deploy again with PublicBaseUrl set")
        return
    present = examined.attempt(WEBHOOKS, client.webhooks)
    if present is None:
        return
    for listed in standing(present, address, newest_token(examined.services, examined.name)):
        _check_event(examined, listed, command)


def _check_event(examined: Examination, listed: Listed, command: str) -> None:
    check = f"{WEBHOOKS} ({listed.group})"
    if listed.state == "enabled":
        examined.good(check, "subscribed and enabled")
    else:
        examined.warn(check, f"{listed.state}; polls find the same changes, some minutes later", command)
