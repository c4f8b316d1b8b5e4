"""Checks of a ShipBob account: token, channel, scopes, billing, webhooks."""

from __future__ import annotations

from datetime import timedelta

from cli.doctor.finding import Examination
from cli.failures import Refused
from cli.operations.addresses import webhook_url
from connector.faults import ConfigurationFault, FaultKind
from vendors.shipbob.channels import choose_channel
from vendors.shipbob.client import ShipBob
from vendors.shipbob.shapes import Channel
from vendors.shipbob.subscriptions import Listed, standing

CHANNEL, SCOPES, BILLING, WEBHOOKS = "ShipBob channel", "ShipBob scopes", "ShipBob billing", "webhooks"


def check_account(examined: Examination, client: ShipBob, scopes: frozenset[str]) -> bool:
    """Signs in, finds the channel to write to, compares its scopes; False when nothing else can be asked."""
    channels = examined.attempt(CHANNEL, client.channels)
    if channels is None:
        return False
    try:
        channel = choose_channel(examined.name, channels, client.system.channel)
    except ConfigurationFault as fault:
        examined.bad(CHANNEL, fault.message, "as the text says; then apply the file and run the doctor again")
        return True
    examined.good(CHANNEL, f"{channel.channel_id} ({channel.application_name}) takes the orders")
    _check_scopes(examined, channel, scopes)
    return True


def _check_scopes(examined: Examination, channel: Channel, wanted: frozenset[str]) -> None:
    missing = sorted(wanted - channel.scopes)
    fix = "make a new personal access token, or authorize the app again with these scopes"
    writes = [scope for scope in missing if scope.endswith("_write")]
    if writes:
        examined.bad(SCOPES, f"the channel lacks {', '.join(writes)}", fix)
    elif missing:
        # Channels seen live do not list every reading scope that their token has: the calls below tell for sure.
        examined.note(SCOPES, f"the channel does not list {', '.join(missing)}", f"only if another check fails: {fix}")
    else:
        examined.good(SCOPES, f"the channel has all {len(wanted)} scopes that this pair needs")


def check_billing(examined: Examination, client: ShipBob) -> bool:
    """Billing can be read with the token that is configured for it."""
    today = examined.services.clock().date()
    fix = (
        "make a personal access token with billing_read, set systems.shipbob.billing_token to true and run "
        f"ml-connector secrets set {examined.name} shipbob_billing"
    )
    fixes = {FaultKind.FORBIDDEN: fix, FaultKind.EXPIRED: fix}
    found = examined.attempt(BILLING, lambda: client.invoices(today - timedelta(days=35), today), fixes)
    if found is None:
        return False
    examined.good(BILLING, f"can be read; {len(found)} invoices in 35 days")
    return True


def check_webhooks(examined: Examination, client: ShipBob, pair: str) -> None:
    """Our subscriptions are there and enabled, and we hold their secret."""
    command = f"ml-connector webhooks register {examined.name}"
    try:
        url = webhook_url(examined.public_base, pair, examined.name, "shipbob")
    except Refused as error:
        examined.bad(WEBHOOKS, str(error), "deploy again with PublicBaseUrl set")
        return
    present = examined.attempt(WEBHOOKS, client.subscriptions)
    if present is None:
        return
    for listed in standing(present, url, pair):
        _check_group(examined, listed, command)
    if examined.services.secrets.read(f"{examined.name}/shipbob_webhook") is None:
        examined.warn(WEBHOOKS, "no signing secret is stored: every delivery would be refused", command)


def _check_group(examined: Examination, listed: Listed, command: str) -> None:
    check = f"{WEBHOOKS} ({listed.group})"
    if listed.state == "enabled":
        examined.good(check, "subscribed and enabled")
    elif listed.state == "missing" and listed.text:
        examined.note(check, f"not subscribed; {listed.text}", command)
    else:
        examined.warn(check, f"{listed.state}; changes are found by polls only, later", command)
